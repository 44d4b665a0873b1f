"""Exercises of chapter 5: a wrong answer is told what is wrong with it."""

import pytest

from colorize_lib.exercises import check
from colorize_lib.measuring.results import read_result


def balanced(split: str, lam: float, temperature: float) -> float:
    rows = read_result("transfer")[split]
    return next(row["auc_balanced"] for row in rows if (row["lam"], row["temperature"]) == (lam, temperature))


def best(split: str) -> tuple[float, float]:
    row = max(read_result("transfer")[split], key=lambda row: row["auc_balanced"])
    return row["lam"], row["temperature"]


def test_choosing_on_dev_and_on_test_is_not_the_same():
    """Else exercise 5.4 has no point."""
    assert best("dev") != best("test")
    assert check("5.4", *best("dev"), balanced("test", *best("dev")))


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("5.1", (lambda lam: 261 / lam,), "At λ = 1 all bins weigh alike"),
    ("5.1", (lambda lam: 1 / (1 - lam),), "ZeroDivisionError"),
    ("5.1", (lambda lam: lam,), "The other way round"),
    ("5.1", (lambda lam: 1 / lam**2,), "too large"),
    ("5.1", (lambda lam: 2 - lam,), "At λ = 0.5 your ratio of 1.5 is too small"),
    ("5.1", (lambda lam: "1 / lam",), "a single number, not a str"),
    ("5.1", (2.0,), "without calling it"),
    ("5.2", (lambda logits, w: logits,), "as they were"),
    ("5.2", (lambda logits, w: logits + w.log()[:, None, None],), "the other sign"),
    ("5.2", (lambda logits, w: logits - w[:, None, None],), "the logarithm of the weights"),
    ("5.2", (lambda logits, w: logits / w[:, None, None],), "You divide the logits"),
    ("5.2", (lambda logits, w: logits.softmax(1) / w[:, None, None],), "probabilities"),
    ("5.2", (lambda logits, w: (logits - w.log()[:, None, None]).softmax(1),), "probabilities"),
    ("5.2", (lambda logits, w: logits - w.flip(0).log()[:, None, None],), "on the axis of the bins"),
    ("5.2", (lambda logits, w: logits - w.log(),), "RuntimeError"),
    ("5.2", (lambda logits, w: logits[0] - w.log()[:, None, None],), "has the shape (4, 3, 5)"),
    ("5.3", (0.25,), "the weights that are squared, not λ"),
    ("5.3", (0.5,), "Take a smaller λ"),
    ("5.3", (0.005,), "Take a larger λ"),
    ("5.3", (0,), "above 0"),
    ("5.4", (*best("test"), balanced("test", *best("test"))), "chosen by looking at them"),
    ("5.4", (*best("dev"), balanced("dev", *best("dev"))), "the number that it was chosen by"),
    ("5.4", (*best("dev"), 50), "Report its balanced AuC on the test pictures"),
    ("5.4", (1, 1, balanced("test", 1, 1)), "Another setting"),
    ("5.4", (0.123, 1, 70), "not among the settings"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message
