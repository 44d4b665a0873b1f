"""Exercises of chapter 4: a wrong answer is told what is wrong with it."""

import math

import pytest
import torch

from colorize_lib.exercises import check
from colorize_lib.exercises.annealed_mean import APPLE, BEFORE, CENTRES, CLICK, CLICKED, OTHER, PIXELS, WIDTH
from colorize_lib.inference.colorizer import Colorizer

RIGHT = ["greyer", "stronger", "greyer"]
CENTRES, PIXELS = torch.tensor(CENTRES), torch.tensor(PIXELS)
FACTOR = torch.exp(-(torch.tensor(APPLE) - torch.tensor(CLICK)).square().sum(1) / (2 * WIDTH**2))
OVERLAP = sum((p * q) ** 0.5 for p, q in zip(CLICKED, OTHER, strict=True))


def chroma(temperature: float) -> torch.Tensor:
    return ((PIXELS.log() / temperature).softmax(1) @ CENTRES).norm(dim=1)


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("4.1", (["greyer", "stronger", "stronger"], chroma(0.38)), "contradicts your prediction for pixel 3"),
    ("4.1", (["stronger"] * 3, chroma(0.38)), "contradicts your prediction for pixel 1"),
    ("4.1", ("greyer", chroma(0.38)), "a list of 3 words"),
    ("4.1", (RIGHT[:2], chroma(0.38)), "a list of 3 words"),
    ("4.1", (["more", "less", "less"], chroma(0.38)), "one of 'greyer', 'stronger'"),
    ("4.1", (RIGHT, chroma(1.0)), "that at T = 1"),
    ("4.1", (RIGHT, chroma(1 / 0.38)), "made hotter"),
    ("4.1", (RIGHT, chroma(0.38) ** 2), "square root"),
    ("4.1", (RIGHT, ((PIXELS ** (1 / 0.38)) @ CENTRES).norm(dim=1)), "do not sum to 1"),
    ("4.1", (RIGHT, "grey"), "a tensor, not a str"),
    ("4.1", (RIGHT, ((PIXELS / 0.38).softmax(1) @ CENTRES).norm(dim=1)), "Take their logarithms first"),
    ("4.1", (RIGHT, ((PIXELS.log() / 0.38).softmax(0) @ CENTRES).norm(dim=1)), "the other axis"),
    ("4.1", (RIGHT, (PIXELS.log() / 0.38).softmax(1) @ CENTRES.norm(dim=1)), "the mean of the chromas"),
    ("4.1", (RIGHT, PIXELS @ CENTRES.norm(dim=1)), "the mean of the chromas"),
    ("4.1", (RIGHT, torch.tensor([1.0, 40.0, 20.0])), "pixel 1 is too small. Take the logarithms"),
    ("4.2", (0.1,), "Go warmer"),
    ("4.2", (0.38,), "Go colder"),
    ("4.2", (-0.14,), "above 0"),
    ("4.2", ("cold",), "a single number, not a str"),
    ("4.3", (torch.zeros(2),), "Not grey"),
    ("4.3", (torch.tensor([40.0, 5.0]),), "1/T goes to 0"),
    ("4.3", (torch.zeros(1, 2),), "has the shape (1, 2)"),
    ("4.4", (0.38, 1.0), "Let rare colours count for more"),
    ("4.4", (0.38, 0.1), "Let rare colours count for less"),
    ("4.4", (0.38, 0.0), "at most 1"),
    ("4.4", (0.0, 0.5), "T must be above 0"),
    ("4.5", (torch.tensor(BEFORE) * FACTOR,), "do not sum to 1"),
    ("4.5", (FACTOR / FACTOR.sum(),), "the click alone"),
    ("4.5", (torch.tensor([0.0, 1.0, 0.0]),), "divide by the sum"),
    ("4.6", (math.log(2),), "in units of rho"),
    ("4.6", (0.5 * math.log(2) ** 0.5,), "a root in the exponent"),
    ("4.6", (0.1,), "Go further"),
    ("4.6", (2.0,), "Go nearer"),
    ("4.7", (0.24, 0.1), "root of each product first"),
    ("4.7", (0.24**0.5, 0.1), "not the root of the sum"),
    ("4.7", (OVERLAP, 8 * OVERLAP), "not times 8"),
    ("4.7", (OVERLAP, OVERLAP), "eighth power"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


def test_other_means_of_the_centres_are_told_apart():
    network = Colorizer.load("classification", "cpu")
    centres = network.gamut.centres
    for colour, says in (
        (network.prior.float() @ centres, "common bins"),
        (centres.median(0).values, "the median"),
        (centres.sum(0), "the sum"),
    ):
        assert says in check("4.3", colour).message


@pytest.mark.parametrize(("number", "answer"), [
    ("4.1", (RIGHT, chroma(0.38).tolist())),
    ("4.1", (tuple(RIGHT), chroma(0.38).numpy())),
])  # fmt: skip
def test_a_right_answer_may_be_written_in_another_way(number, answer):
    assert check(number, *answer)
