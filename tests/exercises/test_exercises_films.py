"""Exercises of chapter 10: a wrong answer is told what is wrong with it."""

import pytest
import torch

from colorize_lib.exercises import check


def carried(values, past, count, trust, most):
    weight = (trust * count).clamp(max=most)
    return (values + weight * past) / (1 + weight), 1 + weight


def summed(values, past, count, trust, most):
    weight = (trust * count).clamp(max=most)
    return values + weight * past, 1 + weight


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("10.1", (10,), "between 0 and 1"),
    ("10.1", (1 / 8,), "eight, and the frame itself"),
    ("10.1", (0.2,), "frames ahead count as well"),
    ("10.1", (8 / 9,), "share of the others"),
    ("10.1", (0.5,), "For how many frames"),
    ("10.2", (lambda *a: carried(*a)[0],), "two things back"),
    ("10.2", (lambda *a: (carried(*a)[0], carried(*a)[1] - 1),), "lacks the new frame"),
    ("10.2", (lambda v, p, c, t, m: (carried(v, p, c, t, m)[0], 1 + t * c),), "clamp it"),
    ("10.2", (lambda v, p, c, t, m: (carried(v, p, c, t, m)[0], 1 + t * c.clamp(max=m)),), "not the count alone"),
    ("10.2", (lambda v, p, c, t, m: (carried(v, p, c, t, m)[0], c),), "not 1 + m"),
    ("10.2", (summed,), "Divide it"),
    ("10.2", (lambda v, p, c, t, m: (v, carried(v, p, c, t, m)[1]),), "the new frame's"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


@pytest.mark.parametrize("share", [1 / 9, torch.tensor(1 / 9).double(), 0.11, "1/9"])
def test_a_share_may_come_in_any_clothes(share):
    assert check("10.1", share) or isinstance(share, str)


def test_the_right_function_is_taken():
    assert check("10.2", carried)


def test_a_near_miss_is_none():
    assert not check("10.1", 0.114) and check("10.1", 0.1111)
    assert not check("10.2", lambda *a: (carried(*a)[0] + 1e-3, carried(*a)[1]))
