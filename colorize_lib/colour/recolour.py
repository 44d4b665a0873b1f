"""A picture's own light with other colours: another's, stronger or weaker ones, or its own turned round."""

import math

import torch

from .lab import lab_to_rgb, rgb_to_lab, to_uint8


def turned(ab: torch.Tensor, degrees: float) -> torch.Tensor:
    """Every hue turned by an angle: L and chroma stay, and with them the outlines.

    Parameters
    ----------
    ab
        ``(N, 2, H, W)``, Lab units.
    degrees
        From a towards b, from red to yellow: 180 is the opposite colour, -ab.

    Returns
    -------
    torch.Tensor
        ``(N, 2, H, W)``. Not every colour is one that a screen has.

    Examples
    --------
    >>> red = torch.tensor([40.0, 0.0]).view(1, 2, 1, 1)
    >>> [turned(red, degrees).round().flatten().tolist() for degrees in (0, 90, 180)]
    [[40.0, 0.0], [0.0, 40.0], [-40.0, 0.0]]
    """
    (a, b), angle = ab.unbind(1), math.radians(degrees)  # each (N, H, W)
    return torch.stack((math.cos(angle) * a - math.sin(angle) * b, math.sin(angle) * a + math.cos(angle) * b), 1)


def lab_with_colour(
    rgb: torch.Tensor, ab: torch.Tensor | None = None, strength: float = 1.0, hue: float = 0.0
) -> torch.Tensor:
    """What :func:`with_colour` shows before it is clipped to what a screen has: ``(N, 3, H, W)`` Lab."""
    lab = rgb_to_lab(rgb)
    ab = lab[:, 1:] if ab is None else ab.to(lab)
    return torch.cat((lab[:, :1], strength * turned(ab, hue)), 1)


def with_colour(
    rgb: torch.Tensor, ab: torch.Tensor | None = None, strength: float = 1.0, hue: float = 0.0
) -> torch.Tensor:
    """The pictures with their own L and these ab: to Lab, exchange ab, back, round.

    Parameters
    ----------
    rgb
        ``(N, 3, H, W)`` uint8 sRGB.
    ab
        ``(N, 2, H, W)``, Lab units; None keeps their own, and returns exactly ``rgb`` at strength 1 and hue 0.
    strength
        Factor on ab.
    hue
        By how many degrees ab is turned.

    Returns
    -------
    torch.Tensor
        ``(N, 3, H, W)`` uint8 sRGB.
    """
    return to_uint8(lab_to_rgb(lab_with_colour(rgb, ab, strength, hue)))
