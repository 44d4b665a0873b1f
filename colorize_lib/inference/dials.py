"""The two dials: what they are called where, and how they stand if nobody turns them. Imports nothing heavy."""

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


def lambda_to_vividness(lam: float) -> float:
    """The inverse of :func:`vividness_to_lambda`."""
    most, least = LAMBDA_RANGE
    return 100 * (most - lam) / (most - least)


#: The lambda of :data:`VIVIDNESS`.
LAM = vividness_to_lambda(VIVIDNESS)
