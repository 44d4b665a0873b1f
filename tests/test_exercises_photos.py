"""Exercises of chapter 8: a wrong answer is told what is wrong with it."""

import numpy as np
import pytest
import torch

from colorize_lib.exercises import check


def unrest(ab: torch.Tensor) -> torch.Tensor:
    return (ab[..., 1:] - ab[..., :-1]).abs().mean()


SAME = torch.ones(2, 2)
ALONG = torch.tensor([[3.0, 4.0], [6.0, 8.0]])
AGAINST = torch.tensor([[3.0, 4.0], [-3.0, -4.0]])
ACROSS = torch.tensor([[3.0, 0.0], [0.0, 4.0]])


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("8.1", (64,), "a list"),
    ("8.1", ([64],), "There are 2 more below 100"),
    ("8.1", ([48, 64],), "There is 1 more below 100"),
    ("8.1", ([48, 64, 96, 128],), "never to 128"),
    ("8.1", ([48, 64, 96, 100],), "never to 100"),
    ("8.1", ([48, 64, 150],), "the shorter side"),
    ("8.1", ([32, 48, 64, 96],), "32 is none of SCALES"),
    ("8.2", (None, lambda ab: (ab[..., 1:, :] - ab[..., :-1, :]).abs().mean()), "top to bottom"),
    ("8.2", (None, lambda ab: (ab[..., 1:] - ab[..., :-1]).square().mean()), "squares"),
    ("8.2", (None, lambda ab: 2 * unrest(ab)), "over a and b"),
    ("8.2", (None, lambda ab: (ab[..., 1:] - ab[..., :-1]).mean()), "must not cancel"),
    ("8.2", (64, unrest), "one of 16, None"),
    ("8.2", (16, unrest), "colour Chelsea at both"),
    ("8.3", (SAME, AGAINST), "In equal both sizes err"),
    ("8.3", (ALONG, SAME), "In perfect both sizes err"),
    ("8.3", ([[0, 0], [3, 4]], AGAINST), "no error at all"),
    ("8.3", (ACROSS, AGAINST), "2.5, than the sizes on average, 3.5"),
    ("8.3", (ALONG, ALONG), "a = 4.5 and b = 6"),
    ("8.3", (ALONG[0], AGAINST), "has the shape (2,)"),
    ("8.4", (lambda step: 8.1,), "the same with a step"),
    ("8.4", (lambda step: 8.1 - step / 20,), "spill(0) is too low"),
    ("8.4", (lambda step: 20.0 - step,), "spill(0) is too high"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


def test_sizes_may_come_in_any_order():
    assert check("8.1", (96, 48, 64))
    assert check("8.1", np.array([48, 64, 96]))
    assert check("8.1", torch.tensor([48, 64, 96]))


def test_errors_may_be_lists():
    assert check("8.3", [[3, 4], [6, 8]], ((3, 4), (-3, -4)))
