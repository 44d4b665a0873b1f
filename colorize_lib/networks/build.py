"""A network from the plain description that lies in its weights file."""

from collections.abc import Callable

from torch import nn

from .eccv16 import ECCV16
from .unet import UNet, UNetConfig
from .vgg import VGG, VGGConfig


def build_network(config: dict, pretrained: bool = False) -> nn.Module:
    """The network of a configuration, as its ``to_dict()`` gives it.

    Parameters
    ----------
    config
        ``network`` is a key of :data:`NETWORKS`, and the rest what that network takes.
    pretrained
        Start the encoder from ImageNet's weights; networks without one do not mind.

    Examples
    --------
    >>> type(build_network({"network": "unet", "out_channels": 2, "widths": (8, 16)})).__name__
    'UNet'
    """
    rest = dict(config)
    name = rest.pop("network", None) or _unnamed(rest)
    return NETWORKS[name](rest, pretrained)


def _unnamed(config: dict) -> str:
    """Which network a configuration is of that was written before networks had names, as of most that ship.

    Those that colour have output channels; of those and of classifiers one has an encoder, and the other has none.
    """
    if "out_channels" in config:
        return "transfer" if "encoder" in config else "unet"
    return "finetuned" if "encoder" in config else "vgg"


def _unet(config: dict, pretrained: bool) -> nn.Module:
    return UNet(UNetConfig(**config))


def _transfer(config: dict, pretrained: bool) -> nn.Module:
    from .transfer import TransferConfig, TransferUNet  # timm is needed for networks with an encoder alone

    return TransferUNet(TransferConfig(**config), pretrained)


def _eccv16(config: dict, pretrained: bool) -> nn.Module:
    return ECCV16(config["out_channels"])


def _vgg(config: dict, pretrained: bool) -> nn.Module:
    return VGG(VGGConfig(**config))


def _finetuned(config: dict, pretrained: bool) -> nn.Module:
    from .finetuned import Finetuned, FinetunedConfig

    return Finetuned(FinetunedConfig(**config), pretrained)


#: Networks by name: each takes the rest of the configuration, and whether to start from ImageNet's weights.
NETWORKS: dict[str, Callable[[dict, bool], nn.Module]] = {
    "unet": _unet,
    "transfer": _transfer,
    "eccv16": _eccv16,
    "vgg": _vgg,
    "finetuned": _finetuned,
}
