"""What a training costs before it is started: FLOPs, hours, money. The arithmetic of the last chapter.

Sources
-------
.. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, and the training code
   released with it: the layers, 450,000 steps, batches of 40, random crops of 176 pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

#: Training pictures of ImageNet (ILSVRC 2012).
IMAGENET = 1_281_167


@dataclass(frozen=True)
class Training:
    """How much is to be computed.

    Attributes
    ----------
    flops
        Floating-point operations for one picture, forwards and backwards; a multiplication and an addition are two.
    pictures
        How many pictures go through the network, each as often as it does.
    """

    flops: float
    pictures: float

    @property
    def total(self) -> float:
        """All the floating-point operations."""
        return self.flops * self.pictures

    def hours(self, peak: float, utilisation: float, gpus: int = 1) -> float:
        """From start to end, on ``gpus`` of ``peak`` FLOP/s each, of which a share is used."""
        if not peak > 0 or not 0 < utilisation <= 1 or gpus < 1:
            raise ValueError(f"Hours need a peak above 0, a utilisation in (0, 1] and a GPU: {peak, utilisation, gpus}")
        return self.total / (peak * utilisation * gpus) / 3600


def training_flops(build: Callable[[], nn.Module], size: int) -> float:
    """FLOPs of a training step for one picture of ``size`` x ``size`` pixels, counted by PyTorch.

    ``build()`` makes a network of L, ``(N, 1, H, W)``. It is never run: PyTorch follows the shapes alone.
    Convolutions count; normalising, activations and the loss do not.
    """
    with torch.device("meta"):
        network, lightness = build().train(), torch.zeros(1, 1, size, size)
        with FlopCounterMode(display=False) as counter:
            network(lightness).sum().backward()
    return float(counter.get_total_flops())


def parameters(build: Callable[[], nn.Module]) -> int:
    """How many numbers the network that ``build()`` makes has learned, or will."""
    with torch.device("meta"):
        return sum(p.numel() for p in build().parameters())


def gradient_seconds(count: int, gpus: int, bytes_per_second: float) -> float:
    """How long ``gpus`` take to average ``count`` float32 numbers in a ring, each sending at that rate.

    Each sends and receives ``2 (gpus - 1) / gpus`` times all of them. What overlaps with computing costs nothing.
    """
    return 4 * count * 2 * (gpus - 1) / gpus / bytes_per_second
