"""Exercises answered in the page, without a kernel: what :func:`~colorize_lib.exercises.check` says of a number.

When the page is built, ``check`` is asked about many numbers, and the page gets where its words change, packed. So
there is one source of what is right and of what a slip is told, and the page knows no rule. Between two changes it
says what ``check`` says; a change itself is known to a millionth of the range.
"""

import gzip
import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..errors import InputError
from ..pages.page import Part, place
from .verdict import check

#: How many numbers are tried to find where the words change: so many evenly, and a quarter as many by equal factors. A
#: slip that is recognised in less than a thousandth of the range may be told what all others are told.
TRIED = 1200


@dataclass(frozen=True)
class Table:
    """What is said of every number of a range.

    Attributes
    ----------
    changes : tuple of float
        Where the words change, in order.
    which : tuple of int
        Of the stretches between them: which of ``words`` is said, one more than ``changes``.
    words : tuple of str
        What ``check`` says, with ``{}`` in the place of the reader's own number.
    """

    changes: tuple[float, ...]
    which: tuple[int, ...]
    words: tuple[str, ...]

    def at(self, value: float) -> str:
        """What the page says of a number."""
        return self.words[self.which[bisect_right(self.changes, value)]].replace("{}", f"{value:g}")


def table(exercise: str, low: float, high: float) -> Table:
    """Ask ``check`` about the numbers from ``low`` to ``high``; those beyond are told what the ends are told."""
    words: dict[str, int] = {}

    def ask(value: float) -> int:
        own = re.escape(f"{value:g}")
        text = re.sub(rf"(\byours is |\bis ){own}(?![\d.]*\d)", r"\1{}", repr(check(exercise, value)))
        return words.setdefault(text, len(words))

    tried = {*np.linspace(low, high, TRIED).tolist(), *np.geomspace(max(low, high / 1e4), high, TRIED // 4).tolist()}
    points = sorted(tried)
    said = [ask(value) for value in points]
    changes, which = [], [said[0]]
    for (left, before), (right, after) in zip(
        zip(points, said, strict=True), zip(points[1:], said[1:], strict=True), strict=False
    ):
        while which[-1] != after:
            left, before = _change(ask, left, right, before, (high - low) / 1e6)
            changes.append(left)
            which.append(before)
    return Table(tuple(changes), tuple(which), tuple(words))


def _change(ask, left: float, right: float, before: int, fine: float) -> tuple[float, int]:
    """The first place after ``left`` where something else is said than ``before``, and what."""
    while right - left > fine:
        middle = (left + right) / 2
        left, right = (middle, right) if ask(middle) == before else (left, middle)
    return right, ask(right)


def answer_here(exercise: str, low: float = 0.0, high: float = 1.0, choices: Sequence[str] = ()) -> Part:
    """A field for the answer to an exercise, which says what ``check`` says. It needs no kernel.

    Parameters
    ----------
    exercise
        As for ``check``: one whose answer is one number, or one of a few words.
    low, high
        The numbers that ``check`` is asked about: the right one, and those that a slip may lead to.
    choices
        The words, where it is one of these.

    Raises
    ------
    InputError
        If no answer of these is right.
    """
    if choices:
        sent = {"choices": list(choices), "which": list(range(len(choices)))}
        words = [repr(check(exercise, one)) for one in choices]
    else:
        found = table(exercise, low, high)
        sent, words = {"changes": found.changes, "which": found.which}, list(found.words)
    if not any(text.startswith("✓") for text in words):
        raise InputError(f"None of these answers to exercise {exercise} is right, so the page could not say so.")
    packed = gzip.compress(json.dumps(sent | {"words": words}).encode(), mtime=0)
    inside = f"<p>Exercise {escape(exercise)} answers here where scripts run.</p>"
    return Part(place("answer", "answerAt", (exercise, list(choices), packed), inside))
