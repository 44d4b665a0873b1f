"""Exercises of chapter 3: a wrong answer is told what is wrong with it."""

from math import log2

import pytest
import torch
from torch.nn import functional as F

from colorize_lib.exercises import check


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("3.1", (2, 8), "at least as good as the fine one"),
    ("3.1", (20 / 12**0.5, 5 / 12**0.5), "add the two squares"),
    ("3.1", (7.38**2, 2), "The root is missing"),
    ("3.1", (6.743, 1.87), "the mean distance"),
    ("3.1", (7.4, 1.87), "the mean distance"),
    ("3.1", (10, 2.5), "the grid 20 is too high"),
    ("3.1", (7.7, 2), "the grid 20 is too low"),
    ("3.1", (8.5, 2), "the grid 20 is too high"),
    ("3.1", (8.16, 1), "the grid 5 is too low"),
    ("3.2", (0.2, 1), "the other way round"),
    ("3.2", (100, 20), "between 0 and 1"),
    ("3.2", (1, 1 / 261), "all 261 bins"),
    ("3.2", (0.9, 0.2), "narrow is too low"),
    ("3.2", (1, 0.3), "wide is too high"),
    ("3.3", (lambda logits, nearest: F.cross_entropy(logits.softmax(1), nearest),), "A softmax too many"),
    ("3.3", (lambda logits, nearest: F.nll_loss(logits, nearest),), "The softmax is missing"),
    ("3.3", (lambda logits, nearest: F.nll_loss(logits.softmax(1), nearest),), "The logarithm is missing"),
    ("3.3", (lambda logits, nearest: -F.cross_entropy(logits, nearest),), "wrong way round"),
    ("3.3", (lambda logits, nearest: F.cross_entropy(logits, nearest, reduction="sum"),), "Take the mean"),
    ("3.3", (lambda logits, nearest: F.cross_entropy(logits, nearest, reduction="none"),), "a single number"),
    ("3.3", (lambda logits, nearest: F.cross_entropy(logits, nearest) / torch.tensor(2.0).log(),), "in bits"),
    ("3.3", (lambda logits, nearest: (logits.argmax(1) != nearest).float().mean(),), "one term of the sum"),
    ("3.4", (lambda share: 0,), "cannot reach 0"),
    ("3.4", (lambda share: (share * share.log()).sum(),), "A loss below 0"),
    ("3.4", (lambda share: -(share * share.log()).sum(),), "0 · log 0"),
    ("3.4", (lambda share: -sum(z * log2(z) for z in share.tolist() if z),), "in bits"),
    ("3.4", (lambda share: -share.max().log(),), "largest share"),
    ("3.4", (lambda share: 0.5,), "no p gets as low"),
    ("3.4", (lambda share: 5.56,), "some p gets below"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


@pytest.mark.parametrize("answer", [(7.38, 2.01), (20 / 6**0.5, 5 / 6**0.5)])
def test_an_error_may_be_measured_or_derived(answer):
    assert check("3.1", *answer)
