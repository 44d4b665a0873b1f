"""A slice of the gamut under your hand: slide L, choose a and b, and see whether a screen has the colour."""

import torch

from ..colour.lab import lab_to_rgb
from ..errors import InputError
from .page import Part, island, sheet

#: Settings to try: what they are called, L, a, b.
MARKS = (
    ("a dark, strong yellow", 30, 5, 75),
    ("a light yellow", 93, -15, 80),
    ("a blue, far too strong", 50, -30, -80),
)
#: The plane goes from minus this to this.
REACH = 110
#: What the still picture shows.
STILL = (30, 60, 90)


def gamut_slice(lightness: int = 60, ab: tuple[int, int] = (30, 40)) -> Part:
    """The :math:`ab` plane at one lightness, and the colours that a screen can show of it.

    It needs no kernel. It shows itself as the last thing of a cell.

    Raises
    ------
    InputError
        If L is not in [0, 100], or a or b not in the plane.
    """
    if not 0 <= lightness <= 100 or max(map(abs, ab)) > REACH:
        raise InputError(f"A slice needs an L from 0 to 100 and an a and b up to {REACH}, not {(lightness, *ab)}.")
    names = ", ".join(map(str, STILL))
    caption = f"The ab plane at L of {names}: what a screen can show of it. White: no screen can."
    still = sheet([[_plane(value) for value in STILL]], side=2 * REACH + 1)
    return Part(island("gamut_slice", "gamutSliceAt", ((lightness, *ab), MARKS), still, caption))


def _plane(lightness: int) -> torch.Tensor:
    """``(3, H, W)`` uint8, a to the right and b upwards, a pixel a unit."""
    reach = torch.arange(-REACH, REACH + 1, dtype=torch.float32)
    b, a = torch.meshgrid(reach.flip(0), reach, indexing="ij")  # each (H, W)
    rgb = lab_to_rgb(torch.stack((torch.full_like(a, lightness), a, b)), clip=False)  # (3, H, W)
    exists = ((rgb > -1e-4) & (rgb < 1 + 1e-4)).all(0)
    return (255 * torch.where(exists, rgb.clamp(0, 1), 1)).round().byte()
