"""From one resolution to another: of the truth, of what a network says, and of what it is shown."""

import torch
from torch.nn import functional as F


def halve(ab: torch.Tensor) -> torch.Tensor:
    """Mean of every 2x2 block: ``(N, 2, H, W)`` to ``(N, 2, H/2, W/2)``."""
    return F.avg_pool2d(ab, 2)


def reduce_to(ab: torch.Tensor, prediction: torch.Tensor) -> torch.Tensor:
    """Means of blocks of ab ``(N, 2, H, W)``, one for each pixel of ``(N, C, h, w)``: ``(N, 2, h, w)``."""
    step = ab.shape[-1] // prediction.shape[-1]
    return F.avg_pool2d(ab, step) if step > 1 else ab


def upsample(ab: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Bilinear, to ``size`` (height, width): ``(N, 2, h, w)`` to ``(N, 2, *size)``."""
    return F.interpolate(ab, size=size, mode="bilinear", align_corners=False)


#: What the network is shown is padded to sides that are multiples of this.
MULTIPLE = 8


def view_sides(height: int, width: int, size: int) -> tuple[int, int]:
    """(height, width) of what the network sees of a picture: about ``size`` x ``size`` pixels in the picture's shape.

    By area and not by the shorter side, so that of a narrow picture it sees as much as of a square one. Multiples of
    :data:`MULTIPLE`, which is what networks work in, and never more than eight times ``size``.
    """
    scale = size / (height * width) ** 0.5
    return tuple(min(max(MULTIPLE, MULTIPLE * round(edge * scale / MULTIPLE)), 8 * size) for edge in (height, width))


def by_area(lightness: torch.Tensor, size: int | None) -> torch.Tensor:
    """L ``(N, 1, H, W)`` reduced or enlarged to :func:`view_sides`; as it is for None."""
    height, width = lightness.shape[-2:]
    sides = view_sides(height, width, size) if size else (height, width)
    if sides == (height, width):
        return lightness
    return F.interpolate(lightness, size=sides, mode="bicubic", antialias=True).clamp(0, 100)


def resized(lightness: torch.Tensor, side: int) -> torch.Tensor:
    """L ``(N, 1, H, W)`` as ``(N, 1, side, side)``, in [0, 100]."""
    if lightness.shape[-2:] == (side, side):
        return lightness
    return F.interpolate(lightness, (side, side), mode="bicubic", antialias=True).clamp(0, 100)
