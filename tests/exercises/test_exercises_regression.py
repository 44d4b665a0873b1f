"""Exercises of chapter 2: a wrong answer is told what is wrong with it."""

import pytest
import torch

from colorize_lib.exercises import check


def median(values: torch.Tensor) -> torch.Tensor:
    return values.median()


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("2.1", (lambda colours, shares: colours.mean(0),), "twice as likely should count twice"),
    ("2.1", (lambda colours, shares: colours[shares.argmax()],), "the most likely colour"),
    ("2.1", (lambda colours, shares: (colours * shares[:, None]).mean(0),), "Too near to grey"),
    ("2.1", (lambda colours, shares: colours.median(0).values,), "Some guess is cheaper"),
    ("2.1", (lambda colours, shares: colours @ shares,), "RuntimeError"),
    ("2.1", (lambda colours, shares: (colours * shares[:, None]).sum(1),), "has the shape (4,)"),
    ("2.2", (0, 0.5, 1), "right_angle is too low"),
    ("2.2", (0.5, 0.71, 1), "opposite is too high"),
    ("2.2", (0, 0.71, 0.67), "one_hue is too low"),
    ("2.2", (0, 28.3, 40), "Your right_angle is 28.3"),
    ("2.3", (lambda values, guess: (values - guess).sign().mean(),), "the wrong way round"),
    ("2.3", (lambda values, guess: 2 * (guess - values).mean(),), "slope of the squared distance"),
    ("2.3", (lambda values, guess: (guess - values).sign().sum(),), "slope of the sum"),
    ("2.3", (lambda values, guess: (values < guess).float().mean(),), "too high"),
    ("2.3", (lambda values, guess: (guess - values).sign(),), "a single number"),
    ("2.4", (torch.mean, "greyer"), "cheapest for squares"),
    ("2.4", (lambda values: (values.min() + values.max()) / 2, "greyer"), "between the extremes"),
    ("2.4", (lambda values: values[len(values) // 2], "greyer"), "Sort it first"),
    ("2.4", (torch.max, "greyer"), "4 values below and 0 above"),
    ("2.4", (median, "more colourful"), "your prediction is not"),
    ("2.4", (median, "redder"), "should be one of"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


@pytest.mark.parametrize(
    "cheapest", [median, lambda values: values.quantile(0.5), lambda values: sorted(values)[len(values) // 2]]
)
def test_every_guess_between_the_two_middle_values_is_as_cheap(cheapest):
    assert check("2.4", cheapest, "greyer")


def cost(values, guess):
    return (values - guess).abs().mean()


@pytest.mark.parametrize(("number", "answer"), [
    ("2.1", (lambda colours, shares: (colours * shares[:, None]).sum(0).numpy(),)),
    ("2.3", (lambda values, guess: (cost(values, guess + 1e-4) - cost(values, guess)) / 1e-4,)),
    ("2.3", (lambda values, guess: (cost(values, guess + 1e-2) - cost(values, guess - 1e-2)) / 2e-2,)),
])  # fmt: skip
def test_a_right_answer_may_be_written_in_another_way(number, answer):
    assert check(number, *answer)
