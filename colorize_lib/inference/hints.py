"""Hints as people write them, ``((120, 80), "#c03020")``, and what they do to a picture."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real

import torch

from ..colour.bilateral import joint_bilateral_at
from ..colour.hints import REACH, Reach, closeness, condition, spread, weights
from ..colour.lab import rgb_to_lab
from ..colour.resolution import upsample
from ..errors import InputError

#: A place, x from the left and y from the top in pixels, and its colour: (a, b) in Lab units, or "#rrggbb".
Hint = tuple[Sequence[float], Sequence[float] | str]
#: More than anyone clicks: they are worked through together.
MOST = 200
#: Beyond these no sRGB colour lies: see chapter 1.
_LARGEST_AB = 128.0
_HOW = 'A hint is a place and a colour, ((120, 80), "#c03020") or ((120, 80), (50, 30))'


@dataclass(frozen=True)
class Hints:
    """The hints of one picture, checked.

    Attributes
    ----------
    pixels : torch.Tensor
        ``(n, 2)`` int64: x and y.
    ab : torch.Tensor
        ``(n, 2)``: their colours, Lab units. Of a colour of the screen its L is not used: the picture has its own.
    """

    pixels: torch.Tensor
    ab: torch.Tensor

    def __len__(self) -> int:
        return len(self.pixels)

    def places(self, height: int, width: int) -> torch.Tensor:
        """``(1, n, 2)``: x and y of the pixels' centres as shares of the picture's sides."""
        return ((self.pixels + 0.5) / torch.tensor([width, height]))[None]


def checked_hints(hints: Sequence[Hint] | None, height: int, width: int) -> Hints | None:
    """Hints for a picture of this size; None where there are none. Of two at one pixel the later holds.

    Raises
    ------
    InputError
        If a place is not in the picture, a colour is none, or there are more than :data:`MOST`.

    Examples
    --------
    >>> checked_hints([((3, 4), (50, 30))], 10, 10).ab.tolist()
    [[50.0, 30.0]]
    """
    if hints is None or (isinstance(hints, (list, tuple)) and not hints):
        return None
    if isinstance(hints, (str, bytes, dict)) or not isinstance(hints, Sequence):
        raise InputError(f"{_HOW}, in a list, not {_shown(hints)}.")
    not_too_many(hints)
    found = {}
    for hint in hints:
        if isinstance(hint, (str, bytes)) or not isinstance(hint, Sequence) or len(hint) != 2:
            raise InputError(f"{_HOW}, not {_shown(hint)}.")
        found[_pixel(hint[0], height, width)] = _colour(hint[1])
    return Hints(torch.tensor(list(found)), torch.tensor(list(found.values())))


def hints_of_each(hints: Sequence[Sequence[Hint]] | None, pictures: Sequence) -> Iterator[tuple]:
    """Each of several pictures with its hints.

    Raises
    ------
    InputError
        If they are not as many lists as pictures.
    """
    if hints is None:
        hints = [None] * len(pictures)
    if not isinstance(hints, (list, tuple)) or len(hints) != len(pictures):
        raise InputError(f"For {len(pictures)} pictures hints are {len(pictures)} lists, one for each picture.")
    return zip(pictures, hints, strict=True)


def _shown(thing: object) -> str:
    text = repr(thing)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _pixel(place: object, height: int, width: int) -> tuple[int, int]:
    x, y = _two_numbers(place, "The place of a hint is two numbers, x and y in pixels")
    if not (0 <= x < width and 0 <= y < height):
        raise InputError(
            f"The hint at {x:g},{y:g} is outside the picture, whose pixels go from 0,0 to {width - 1},{height - 1}."
        )
    return int(x), int(y)


def _colour(colour: object) -> tuple[float, float]:
    if isinstance(colour, str):
        rgb = hex_to_rgb(colour)
        a, b = rgb_to_lab(torch.tensor(rgb, dtype=torch.uint8).view(1, 3, 1, 1))[0, 1:, 0, 0].tolist()
        return a, b
    a, b = _two_numbers(colour, 'The colour of a hint is "#rrggbb", or two numbers, a and b in Lab units')
    if max(abs(a), abs(b)) > _LARGEST_AB:
        raise InputError(
            f"No colour has a = {a:g} and b = {b:g}: both lie between -{_LARGEST_AB:g} and {_LARGEST_AB:g}."
        )
    return a, b


def hex_to_rgb(colour: str) -> tuple[int, int, int]:
    """``"#c03020"`` or ``"#c32"`` to (192, 48, 32).

    Raises
    ------
    InputError
        If it is no such colour.
    """
    digits = colour.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if not re.fullmatch(r"[0-9a-fA-F]{6}", digits):
        raise InputError(f"{_shown(colour)} is no colour: write it as #rrggbb, such as #c03020.")
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _two_numbers(pair: object, what: str) -> tuple[float, float]:
    if isinstance(pair, torch.Tensor) or hasattr(pair, "tolist"):
        pair = pair.tolist()
    if isinstance(pair, (str, bytes)) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise InputError(f"{what}, not {_shown(pair)}.")
    if not all(isinstance(one, Real) and math.isfinite(one) for one in pair):
        raise InputError(f"{what}, not {_shown(pair)}.")
    return float(pair[0]), float(pair[1])


def not_too_many(hints: Sequence) -> None:
    """Raise an :class:`~colorize_lib.errors.InputError` if there are more than :data:`MOST`."""
    if len(hints) > MOST:
        raise InputError(f"At most {MOST} hints can be given, not {len(hints)}: leave out those that change little.")


def parse_hint(text: str) -> Hint:
    """``120,80=#c03020``, as the command takes it, to a hint.

    Raises
    ------
    InputError
        If it is not written so.

    Examples
    --------
    >>> parse_hint("120,80=#c03020")
    ((120.0, 80.0), '#c03020')
    """
    place, equals, colour = text.partition("=")
    try:
        x, y = map(float, place.split(","))
    except ValueError:
        equals = ""
    if not equals or not (math.isfinite(x) and math.isfinite(y)):
        raise InputError(f"{_shown(text)} is no hint: write x and y in pixels and a colour, such as 120,80=#c03020.")
    hex_to_rgb(colour)
    return (x, y), colour


class Guided:
    """What the hints of a batch have to say: first to the distributions, then to the colours made of them.

    Parameters
    ----------
    places, ab
        ``(N, n, 2)`` each: see :mod:`~colorize_lib.colour.hints`.
    lightness
        ``(N, 1, H, W)``: L of the pictures.
    light
        ``(N, 1, h, w)``: L of the network's cells.
    log_p
        ``(N, Q, h, w)``: log-probabilities, or None for a network that has none.
    """

    def __init__(
        self, places: torch.Tensor, ab: torch.Tensor, lightness: torch.Tensor, light: torch.Tensor,
        log_p: torch.Tensor | None, reach: Reach = REACH,
    ):  # fmt: skip
        device, (height, width) = light.device, lightness.shape[-2:]
        self.ab, self.reach, self.lightness, self.light = ab.to(device), reach, lightness, light
        pixel = (places * torch.tensor([width, height])).long()
        self.x, self.y = pixel[..., 0].clamp(max=width - 1), pixel[..., 1].clamp(max=height - 1)  # (N, n) each
        each = torch.arange(len(places))[:, None]
        self.own = lightness[each, 0, self.y, self.x].to(device)  # (N, n)
        self.say = weights(*closeness(places.to(device), self.own, light, log_p, reach), reach.noise)

    def condition(self, log_p: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
        """:func:`~colorize_lib.colour.hints.condition` with these hints."""
        return condition(log_p, centres.to(log_p), self.say, self.ab, self.reach.width)

    def correct(self, ab: torch.Tensor, plain: bool) -> torch.Tensor:
        """ab ``(N, 2, h, w)`` with what it still misses at the hints spread over it.

        What it misses is seen at the picture's own size, twice: the first time leaves a little, since a pixel mixes
        cells that are not quite its own. ``plain`` says that the colours will be stretched and not led by L.
        """
        for _ in range(2):
            ab = ab + spread(self.say, self.ab - self._at_hints(ab, plain))
        return ab

    def _at_hints(self, ab: torch.Tensor, plain: bool) -> torch.Tensor:
        """``(N, n, 2)``: what the pixels of the hints would be painted with."""
        height, width = self.lightness.shape[-2:]
        if plain:
            large = upsample(ab, (height, width))  # (N, 2, H, W)
            return large[torch.arange(len(ab))[:, None], :, self.y, self.x]
        return joint_bilateral_at(ab, self.light, self.own, self.y, self.x, (height, width))
