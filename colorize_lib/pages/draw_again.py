"""Chance under your hand: draw pictures with replacement, and toss a coin for each on which two versions disagree."""

import numpy as np

from ..errors import InputError
from ..measuring.statistics import mcnemar, wilson
from .page import Part, place


def draw_again(right: np.ndarray, other: np.ndarray, names: tuple[str, str]) -> Part:
    """The bootstrap of an accuracy, and McNemar's test of two versions, one draw at a time or a thousand.

    It needs no kernel. It shows itself as the last thing of a cell.

    Parameters
    ----------
    right, other
        ``(N,)`` bool: which pictures a classifier gets right in one version, and in the other. The pictures that are
        drawn are those of ``other``.
    names
        What the two versions are called.

    Raises
    ------
    InputError
        If there are no pictures, the two differ in number, or they never disagree.
    """
    if right.shape != other.shape or right.ndim != 1 or not len(right):
        raise InputError(f"Give two lists of as many answers, not {right.shape} and {other.shape}.")
    b, c, p = mcnemar(right, other)
    if not b + c:
        raise InputError(f"{names[0]} and {names[1]} never disagree, so there is no coin to toss.")
    hits, count = int(other.sum()), len(other)
    low, high = wilson(hits, count)
    still = (
        f"<p>{hits} of {count} right: {100 * low:.0f} to {100 * high:.0f} % by Wilson's interval. "
        f"{b} to {c} where only one is right: p = {p:.2f}.</p>"
    )
    return Part(place("draw_again", "drawAgainAt", ((hits, count), (b, c), names), still))
