"""The two dials: what they are called where, and how they stand if nobody turns them. Imports nothing heavy."""

import math
from numbers import Real

from ..errors import InputError

#: What a vividness of 0 and of 100 mean as the lambda of :meth:`~colorize_lib.colour.gamut.Gamut.rebalance`.
LAMBDA_RANGE = (1.0, 0.1)
#: The dials that pictures are painted with in Python, by the command and in the page alike. They were chosen on dev
#: photographs, by the rule of :func:`~colorize_lib.experiments.photographs.choose`.
TEMPERATURE, VIVIDNESS = 0.7, 0
#: About how many pixels wide and high, by area, these networks are best shown a picture, chosen on dev photographs too;
#: the others as many as the pictures had that they were trained on.
VIEWS = {"photo": 192}
#: So many other colourings of a picture are looked for at most.
MOST_ALTERNATIVES = 9


def vividness_to_lambda(vividness: float) -> float:
    """0 to 100, as people turn it, to the lambda of rebalancing after training, 1 to 0.1."""
    if not 0 <= vividness <= 100:
        raise InputError(f"The vividness goes from 0 to 100, not {vividness:g}.")
    most, least = LAMBDA_RANGE
    return most + (least - most) * vividness / 100


def checked_dials(temperature: float, lam: float) -> None:
    """Raise an :class:`~colorize_lib.errors.InputError` unless T is above 0 and finite, and lambda in (0, 1]."""
    if not (isinstance(temperature, Real) and 0 < temperature < math.inf):
        raise InputError(f"The temperature must be above 0 and finite, not {temperature!r}.")
    if not (isinstance(lam, Real) and 0 < lam <= 1):
        raise InputError(f"lam must be above 0 and at most 1, not {lam!r}.")


def checked_size(size: int | None) -> int | None:
    """The size of a view, or an :class:`~colorize_lib.errors.InputError`."""
    if size is None or (isinstance(size, Real) and 8 <= size < math.inf):
        return size
    raise InputError(f'The size must be at least 8 pixels, "usual" or None, not {size!r}.')


def lambda_to_vividness(lam: float) -> float:
    """The inverse of :func:`vividness_to_lambda`."""
    most, least = LAMBDA_RANGE
    return 100 * (most - lam) / (most - least)


#: The lambda of :data:`VIVIDNESS`.
LAM = vividness_to_lambda(VIVIDNESS)
