"""What all exercises share: calling the right check, and the ways in which an answer can be no answer."""

import importlib
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

import numpy as np
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
    "films",
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
    if not isinstance(exercise, str):
        return Verdict(False, f'Put the number of the exercise between quotes: check("{exercise}", ...).')
    chapter, _, number = exercise.partition(".")
    if not (chapter.isdecimal() and 1 <= int(chapter) <= len(CHAPTERS)):
        raise ValueError(f"There is no exercise {exercise!r}: they are called chapter.number, such as '4.2'.")
    module = importlib.import_module(f".{CHAPTERS[int(chapter) - 1]}", __package__)
    judge = getattr(module, f"exercise_{number}", None)
    if judge is None:
        raise ValueError(f"Chapter {chapter} has no exercise {number!r}.")
    asked = list(inspect.signature(judge).parameters)
    if len(answer) != len(asked):
        return Verdict(False, _count(exercise, asked, len(answer)))
    if any(part is ... for part in answer):
        return Verdict(False, "It is still blank. Put your answer in the place of the three dots.")
    try:
        return Verdict(True, judge(*answer))
    except NotYet as wrong:
        return Verdict(False, str(wrong))


def _count(exercise: str, asked: list[str], given: int) -> str:
    """What to say to a reader who forgot a part of an answer, or gave one too many."""
    parts = "one answer" if len(asked) == 1 else f"{len(asked)} answers, in this order"
    return f'Exercise {exercise} asks for {parts}: check("{exercise}", {", ".join(asked)}). You gave {given or "none"}.'


def number(answer: object, name: str = "Your answer") -> float:
    """The answer as a finite float, from a number, a fraction such as "1/4", or anything with one element."""
    try:
        if isinstance(answer, str):
            answer = Fraction(answer)
        value = float(answer.item() if isinstance(answer, np.ndarray) else answer)
    except (TypeError, ValueError, RuntimeError, ZeroDivisionError):
        raise NotYet(f"{name} should be a single number, not {_kind(answer)}.") from None
    if not math.isfinite(value):
        raise NotYet(f"{name} is {value}. Something was divided by zero, or grew without end.")
    return value


def as_tensor(answer: object, name: str = "Your answer") -> torch.Tensor:
    """The answer as a tensor, from one or from anything that lists numbers: an array, a list, a tuple, a table."""
    if isinstance(answer, torch.Tensor):
        return answer.detach().cpu()
    try:
        if isinstance(answer, str) or not hasattr(answer, "__len__"):
            raise TypeError  # what numpy would make an array of one object of
        return torch.as_tensor(np.array(answer))
    except (TypeError, ValueError, RuntimeError):
        raise NotYet(f"{name} should be a tensor, not {_kind(answer)}.") from None


def tensor(answer: object, shape: Sequence[int], name: str = "Your answer") -> torch.Tensor:
    """The answer as a float tensor of this shape, with nothing in it that is not finite."""
    answer = as_tensor(answer, name)
    if tuple(answer.shape) != tuple(shape):
        raise NotYet(f"{name} has the shape {tuple(answer.shape)}, where {tuple(shape)} is asked for.")
    if not answer.isfinite().all():
        raise NotYet(f"{name} has entries that are no finite numbers. Was something divided by zero?")
    return answer.float()


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


def items(answer: object) -> list | None:
    """The answer's numbers, from whatever lists them: a list, a tuple, a set, an array, a tensor; None if it does not.

    Numbers of numpy and torch become Python's own, whatever they lie in.
    """
    if isinstance(answer, str) or not isinstance(answer, list | tuple | set | frozenset | np.ndarray | torch.Tensor):
        return None
    if isinstance(answer, np.ndarray | torch.Tensor):
        listed = answer.tolist()
        return listed if isinstance(listed, list) else None
    return [_plain(one) for one in answer]


def _plain(thing: object) -> object:
    """A number of numpy or torch as Python's own; anything else as it is."""
    try:
        return thing.item() if isinstance(thing, np.generic | np.ndarray | torch.Tensor) else thing
    except (ValueError, RuntimeError):  # more than one number
        return thing


def _kind(thing: object) -> str:
    return f"a {type(thing).__name__}"
