"""What all exercises share: calling the right check, and the ways in which an answer can be no answer."""

import importlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import torch

#: The module of each chapter, from the first.
CHAPTERS = (
    "lab",
    "regression",
    "classification",
    "annealed_mean",
    "rebalancing",
    "transfer",
    "classify",
    "photos",
    "scale",
)


class NotYet(Exception):
    """An answer is wrong; the message says in what."""


@dataclass(frozen=True)
class Verdict:
    """What :func:`check` says of an answer. True if it is right; shows itself as the last thing of a cell."""

    right: bool
    message: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return f"{'✓ Right.' if self.right else '✗ Not yet.'} {self.message}"

    def _repr_html_(self) -> str:
        return f'<p class="verdict verdict-{"right" if self.right else "not-yet"}">{escape(repr(self))}</p>'


def check(exercise: str, *answer: object) -> Verdict:
    """Check the answer to an exercise.

    Parameters
    ----------
    exercise
        Chapter and number, such as ``"4.2"``.
    answer
        What the exercise asks for, in its order.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    chapter, _, number = exercise.partition(".")
    if not (chapter.isdecimal() and 1 <= int(chapter) <= len(CHAPTERS)):
        raise ValueError(f"There is no exercise {exercise!r}: they are called chapter.number, such as '4.2'.")
    module = importlib.import_module(f".{CHAPTERS[int(chapter) - 1]}", __package__)
    judge = getattr(module, f"exercise_{number}", None)
    if judge is None:
        raise ValueError(f"Chapter {chapter} has no exercise {number!r}.")
    if any(part is ... for part in answer):
        return Verdict(False, "It is still blank. Put your answer in the place of the three dots.")
    try:
        return Verdict(True, judge(*answer))
    except NotYet as wrong:
        return Verdict(False, str(wrong))


def number(answer: object, name: str = "Your answer") -> float:
    """The answer as a finite float, from a number or from anything with one element."""
    try:
        value = float(answer)
    except (TypeError, ValueError, RuntimeError):
        raise NotYet(f"{name} should be a single number, not {_kind(answer)}.") from None
    if not math.isfinite(value):
        raise NotYet(f"{name} is {value}. Something was divided by zero, or grew without end.")
    return value


def tensor(answer: object, shape: Sequence[int], name: str = "Your answer") -> torch.Tensor:
    """The answer as a float tensor of this shape, with nothing in it that is not finite."""
    if not isinstance(answer, torch.Tensor):
        raise NotYet(f"{name} should be a tensor, not {_kind(answer)}.")
    if tuple(answer.shape) != tuple(shape):
        raise NotYet(f"{name} has the shape {tuple(answer.shape)}, where {tuple(shape)} is asked for.")
    if not answer.isfinite().all():
        raise NotYet(f"{name} has entries that are no finite numbers. Was something divided by zero?")
    return answer.detach().cpu().float()


def result_of(function: object, *arguments: object) -> object:
    """What the reader's function gives for these arguments."""
    if not isinstance(function, Callable):
        raise NotYet(f"Hand over the function itself, without calling it: this is {_kind(function)}.")
    try:
        result = function(*arguments)
    except Exception as error:
        raise NotYet(f"Your function stops with {type(error).__name__}: {error}") from error
    if result is None or result is ...:
        raise NotYet("Your function gives nothing back. Put your code in the place of the three dots, and return it.")
    return result


def choice(answer: object, options: Sequence[object], name: str = "Your answer") -> object:
    """The answer, if it is one of these."""
    if answer not in options:
        raise NotYet(f"{name} should be one of {', '.join(map(repr, options))}, not {answer!r}.")
    return answer


def _kind(thing: object) -> str:
    return f"a {type(thing).__name__}"
