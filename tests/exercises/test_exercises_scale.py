"""Exercises of chapter 9: a wrong answer is told what is wrong with it."""

import pytest
import torch

from colorize_lib.exercises import check


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("9.1", (0.5,), "not half of the pixels"),
    ("9.1", (4,), "between 0 and 1"),
    ("9.1", (0.125,), "too little"),
    ("9.1", (0.3,), "too much"),
    ("9.2", (lambda k, m, n, side: 2 * k * k * m * n * side**2,), "forwards alone. The way back"),
    ("9.2", (lambda k, m, n, side: 3 * k * k * m * n * side**2,), "counts as two"),
    ("9.2", (lambda k, m, n, side: 4 * k * k * m * n * side**2,), "two gradients"),
    ("9.2", (lambda k, m, n, side: k * k * m * n * side**2,), "forwards alone, and"),
    ("9.2", (lambda k, m, n, side: 6 * k * m * n * side**2,), "k by k"),
    ("9.2", (lambda k, m, n, side: 6 * k * k * m * n * side,), "square too"),
    ("9.2", (lambda k, m, n, side: 6 * k * k * m * n,), "one pixel"),
    ("9.2", (lambda k, m, n, side: 6 * k * k * (m + n) * side**2,), "PyTorch counts 1,951,950, and you 456,300"),
    ("9.3", (0.2,), "costs 1.50 times"),
    ("9.3", (0.6,), "costs 0.50 times"),
    ("9.3", (1.5,), "a share of the peak"),
    ("9.4", (lambda means, variances: means.mean(),), "two things"),
    ("9.4", (lambda means, variances: (means.sum(), variances.mean()),), "all count alike"),
    ("9.4", (lambda means, variances: (means.mean(), variances.mean()),), "the shares' means differ"),
    ("9.4", (lambda means, variances: (means.mean(), means.var(correction=0)),), "within a share"),
    ("9.4", (lambda means, variances: (means.mean(), variances.mean() + means.var()),), "correction=0"),
    ("9.4", (lambda means, variances: (means.mean(), variances.sum() + means.var()),), "too "),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


def test_a_right_answer_may_be_written_in_another_way():
    assert check("9.1", "1/4")
    assert check(
        "9.4", lambda means, variances: torch.stack((means.mean(), (variances + means**2).mean() - means.mean() ** 2))
    )
