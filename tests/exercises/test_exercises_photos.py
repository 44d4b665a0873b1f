"""Exercises of chapter 8: a wrong answer is told what is wrong with it."""

import numpy as np
import pytest
import torch

from colorize_lib.exercises import check


def unrest(ab: torch.Tensor) -> torch.Tensor:
    return (ab[..., 1:] - ab[..., :-1]).abs().mean()


APART = [[0.8, 0.199999, 0.000001], [0.000001, 0.299999, 0.7]]


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("8.1", (192,), "two numbers"),
    ("8.1", ([192, 192, 192],), "two numbers"),
    ("8.1", ((64, 576),), "The height comes first"),
    ("8.1", ((1728, 192),), "not the shorter side"),
    ("8.1", ((192, 21),), "not the longer side"),
    ("8.1", ((900, 100),), "90000 pixels"),
    ("8.1", ((576, 63),), "multiples of 8"),
    ("8.1", ((256, 144),), "not the shape"),
    ("8.2", (None, lambda ab: (ab[..., 1:, :] - ab[..., :-1, :]).abs().mean()), "top to bottom"),
    ("8.2", (None, lambda ab: (ab[..., 1:] - ab[..., :-1]).square().mean()), "squares"),
    ("8.2", (None, lambda ab: 2 * unrest(ab)), "over a and b"),
    ("8.2", (None, lambda ab: (ab[..., 1:] - ab[..., :-1]).mean()), "must not cancel"),
    ("8.2", (64, unrest), "one of 16, None"),
    ("8.2", (16, unrest), "colour Chelsea at both"),
    ("8.3", ([[0.5, 0.5, 0], [0.2, 0.3, 0.5]],), "above 0"),
    ("8.3", ([[0.5, 0.4, 0.2], [0.2, 0.3, 0.5]],), "sum to 1"),
    ("8.3", ([[0.6, 0.3, 0.1], [0.5, 0.3, 0.2]],), "Both means like bin 0 best"),
    ("8.3", (torch.full((3, 2), 0.5),), "has the shape (3, 2)"),
    ("8.4", (lambda step: 8.1,), "the same with a step"),
    ("8.4", (lambda step: 8.1 - step / 20,), "spill(0) is too low"),
    ("8.4", (lambda step: 20.0 - step,), "spill(0) is too high"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


@pytest.mark.parametrize("answer", [(576, 64), [576, 64], np.array([576, 64]), torch.tensor([576, 64])])
def test_sides_may_come_in_any_clothes(answer):
    assert check("8.1", answer)


def test_distributions_may_be_lists():
    assert check("8.3", APART)
    assert check("8.3", torch.tensor(APART))
