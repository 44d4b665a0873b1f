"""Exercises of chapter 6: a wrong answer is told what is wrong with it."""

import pytest

from colorize_lib.exercises import check
from colorize_lib.networks.transfer import parameter_groups


def groups(encoder, rest):
    """A reader's function that gives the encoder and the rest these rates, from (lr, rho)."""

    def two_speeds(network, lr, rho):
        first, second = parameter_groups(network)
        return [{"params": first, "lr": encoder(lr, rho)}, {"params": second, "lr": rest(lr, rho)}]

    return two_speeds


def overlapping(network, lr, rho):
    first = parameter_groups(network)[0]
    return [{"params": first, "lr": rho * lr}, {"params": list(network.parameters()), "lr": lr}]


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("6.1", (4, 3), "at its own size is too small. Every map"),
    ("6.1", (5, 5), "enlarged four times is too large. Maps finer"),
    ("6.1", (5, 2), "enlarged four times is too small"),
    ("6.1", ((64, 96), 3), "a single number, not a tuple"),
    ("6.2", (lambda w: w.mean(1, keepdim=True),), "a third of what it was"),
    ("6.2", (lambda w: w[:, 1:2],), "kept one channel"),
    ("6.2", (lambda w: w.sum(1),), "has the shape (8, 5, 5)"),
    ("6.2", (lambda w: w.abs().sum(1, keepdim=True),), "The output is another one"),
    ("6.3", (lambda network, lr, rho: [network],), '"params" and "lr"'),
    ("6.3", (lambda network, lr, rho: parameter_groups(network),), '"params" and "lr"'),
    ("6.3", (lambda network, lr, rho: [{"params": network.parameters(), "lr": lr}],), "not. It should be rho times lr"),
    ("6.3", (lambda network, lr, rho: [{"params": parameter_groups(network)[1], "lr": lr}],), "encoder never learn"),
    ("6.3", (lambda network, lr, rho: [{"params": parameter_groups(network)[0], "lr": lr}],), "head never learn"),
    ("6.3", (groups(lambda lr, rho: lr, lambda lr, rho: rho * lr),), "should learn at the rate lr"),
    ("6.3", (groups(lambda lr, rho: lr / rho, lambda lr, rho: lr),), "faster than the decoder"),
    ("6.3", (groups(lambda lr, rho: rho, lambda lr, rho: lr),), "rho times lr"),
    ("6.3", (overlapping,), "in two groups"),
    ("6.4", (11.4,), "between 0 and 1"),
    ("6.4", (0.886,), "which is frozen"),
    ("6.4", (0.128,), "as a share of the encoder"),
    ("6.4", (0.5,), "Too much"),
    ("6.4", (0.02,), "Too little"),
    ("6.5", (32_300,), "one of their logarithm"),
    ("6.5", (4.06,), "How many pictures"),
    ("6.5", (60_000,), "between the marks"),
    ("6.5", (10_000,), "Too few"),
    ("6.5", (40_000,), "Too many"),
    ("6.6", ("a",), "the recipe, not the pretraining"),
    ("6.6", ("b",), "not in the figure"),
    ("6.6", ("D",), "Read both marks"),
    ("6.6", ("e",), "should be one of"),
    ("6.6", (3,), "should be one of"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


def test_a_share_may_be_rounded():
    assert check("6.4", 0.11)
    assert check("6.4", 0.12)
