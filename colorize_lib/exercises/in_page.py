"""Exercises answered in the page, without a kernel: what :func:`~colorize_lib.exercises.check` says of a number.

When the page is built, ``check`` is asked about many numbers, and the page gets where its words change, packed. So
there is one source of what is right and of what a slip is told, and the page knows no rule. Between two changes it
says what ``check`` says; a change itself is known to a millionth of the range.
"""

import gzip
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
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


def table(exercise: str, low: float, high: float, whole: Callable[[float], tuple] = lambda value: (value,)) -> Table:
    """Ask ``check`` about the numbers from ``low`` to ``high``; those beyond are told what the ends are told.

    ``whole`` makes of a number what ``check`` takes, where that is more than the number alone.
    """
    words: dict[str, int] = {}

    def ask(value: float) -> int:
        own = re.escape(f"{value:g}")
        text = re.sub(rf"(\byours is |\bis ){own}(?![\d.]*\d)", r"\1{}", repr(check(exercise, *whole(value))))
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


def answer_here(
    exercise: str, low: float = 0.0, high: float = 1.0, choices: Sequence[str] | Mapping[str, object] = ()
) -> Part:
    """A field for the answer to an exercise, which says what ``check`` says. It needs no kernel.

    Parameters
    ----------
    exercise
        As for ``check``: one whose answer is one number, or one of a few words.
    low, high
        The numbers that ``check`` is asked about: the right one, and those that a slip may lead to.
    choices
        The words, where it is one of these; or for what the page shows, what ``check`` takes.

    Raises
    ------
    InputError
        If no answer of these is right.
    """
    if choices:
        sent = {"choices": list(choices), "which": list(range(len(choices)))}
        answers = choices.values() if isinstance(choices, Mapping) else choices
        words = [repr(check(exercise, one)) for one in answers]
        return _part(exercise, {"choices": list(choices)}, [sent | {"words": words}])
    return _part(exercise, {"names": [""]}, [_sent(table(exercise, low, high))])


def answers_here(exercise: str, numbers: Mapping[str, tuple[float, float, float]]) -> Part:
    """Fields for an answer of several numbers, which say what ``check`` says. They need no kernel.

    A number is judged beside the right ones in the place of the others, and the first that is wrong is spoken of.

    Parameters
    ----------
    exercise
        As for ``check``.
    numbers
        By name, in the order of ``check``: the range that it is asked about, as for :func:`answer_here`, and the right
        number. It goes into the page packed only, as what is said does.

    Raises
    ------
    InputError
        If what is called right is not.
    """
    right = [value for *_, value in numbers.values()]

    def beside(i: int) -> Callable[[float], tuple]:
        return lambda value: (*right[:i], value, *right[i + 1 :])

    if not check(exercise, *right):
        raise InputError(f"{right} is no right answer to exercise {exercise}, so the page could not say so.")
    tables = [table(exercise, low, high, beside(i)) for i, (low, high, _) in enumerate(numbers.values())]
    return _part(exercise, {"names": list(numbers)}, [_sent(found) for found in tables])


def _sent(found: Table) -> dict:
    """A table as the page gets it."""
    return {"changes": found.changes, "which": found.which, "words": found.words}


def _part(exercise: str, asked: dict, tables: list[dict]) -> Part:
    """The part of the page that asks, and knows what is said."""
    if not all(any(text.startswith("✓") for text in one["words"]) for one in tables):
        raise InputError(f"None of these answers to exercise {exercise} is right, so the page could not say so.")
    packed = gzip.compress(json.dumps(tables).encode(), mtime=0)
    inside = f"<p>Exercise {escape(exercise)} answers here where scripts run.</p>"
    return Part(place("answer", "answerAt", (exercise, asked, packed), inside))
