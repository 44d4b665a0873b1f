"""A classifier of ImageNet's thousand classes, asked about the classes of a smaller set.

Sources
-------
.. [1] timm's ``ImageNetInfo``: the 1,000 WordNet names in the order of the classifiers' outputs.
"""

from collections.abc import Sequence

import torch
from torch.nn import functional as F

from ..device import pick_device
from ..errors import InputError
from ..networks.pretrained import OFFLINE, pretrained_classifier

#: Pictures at a time: what a layer makes of so few stays in the processor's cache.
BATCH = 8


class ImageNetClassifier:
    """A network that learned ImageNet's 1,000 classes, asked about some of them.

    Parameters
    ----------
    classes
        WordNet names such as ``n02123045``, all of them among the 1,000.
    size
        Side that pictures are enlarged to before the network sees them.
    network
        As :func:`~colorize_lib.networks.pretrained.pretrained_classifier` knows it. Of others than EfficientNet-Lite0
        check the ``mean`` and ``std``: here they are 0.5.
    device
        A GPU if there is one, else the CPU.

    Raises
    ------
    InputError
        If a class is none of ImageNet's, or the network or timm is missing.
    """

    def __init__(
        self,
        classes: Sequence[str],
        size: int = 128,
        network: str = OFFLINE,
        device: torch.device | str | None = None,
    ):
        self.size = size
        self.device = pick_device(device)
        self.index = imagenet_index(classes).to(self.device)
        self.network = pretrained_classifier(network).to(self.device, memory_format=torch.channels_last)

    @torch.inference_mode()
    def probabilities(self, rgb: torch.Tensor) -> torch.Tensor:
        """``(N, 3, H, W)`` uint8 sRGB to ``(N, classes)`` on the CPU: the softmax over the classes asked about."""
        parts = [self.network(prepare(part.to(self.device), self.size))[:, self.index] for part in rgb.split(BATCH)]
        return torch.cat(parts).softmax(1).cpu()


def imagenet_index(classes: Sequence[str]) -> torch.Tensor:
    """Where WordNet names are among a classifier's 1,000 outputs ([1]_): ``(classes,)`` int64.

    Raises :class:`~colorize_lib.errors.InputError` if one is not among them, or timm is missing.
    """
    try:
        from timm.data import ImageNetInfo
    except ImportError as error:
        raise InputError("ImageNet's classes come with timm: pip install timm.") from error
    position = {name: i for i, name in enumerate(ImageNetInfo().label_names())}
    strangers = [name for name in classes if name not in position]
    if strangers:
        raise InputError(f"{', '.join(strangers[:5])}: not among ImageNet's 1,000 classes.")
    return torch.tensor([position[name] for name in classes])


def prepare(rgb: torch.Tensor, size: int) -> torch.Tensor:
    """``(N, 3, H, W)`` uint8 to what the network learned from: ``(N, 3, size, size)`` in [-1, 1], bicubic."""
    x = rgb.float() / 255
    if rgb.shape[-2:] != (size, size):
        x = F.interpolate(x, (size, size), mode="bicubic", antialias=True).clamp(0, 1)
    return ((x - 0.5) / 0.5).contiguous(memory_format=torch.channels_last)
