"""Exercises of chapter 1: a wrong answer is told what is wrong with it."""

import numpy as np
import pytest
import torch

from colorize_lib.colour.lab import lab_to_rgb, rgb_to_lab, to_rgb
from colorize_lib.data.examples import embedded_cifar10, gallery
from colorize_lib.exercises import check


def swapped(light: int, colour: int) -> torch.Tensor:
    lab = rgb_to_lab(gallery().rgb)
    return to_rgb(lab[light : light + 1, :1], lab[colour : colour + 1, 1:])


def cut_off() -> torch.Tensor:
    """The right picture, made with the fractions of its 8-bit numbers cut off."""
    frog, horse = rgb_to_lab(gallery().rgb)[4:6]
    return (255 * lab_to_rgb(torch.cat((horse[:1], frog[1:])))[None]).byte()


def near_grey(rule) -> float:
    """The share of what a rule on ab says of the twenty pictures."""
    return rule(rgb_to_lab(embedded_cifar10().rgb)[:, 1:]).float().mean().item()


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("1.1", (97, 32), "Look at the row of Y"),
    ("1.1", (32, 250), "L goes from 0 to 100"),
    ("1.1", (50, 97.1), "too high"),
    ("1.1", (32.3, "light"), "a single number, not a str"),
    ("1.1", (float("nan"), 97), "nan"),
    ("1.2", (swapped(5, 5),), "the horse as it was"),
    ("1.2", (swapped(4, 5),), "the other way round"),
    ("1.2", (swapped(4, 4),), "the frog as it was"),
    ("1.2", (swapped(5, 3),), "no others"),
    ("1.2", (swapped(5, 4)[0],), "has the shape (3, 32, 32)"),
    ("1.2", (swapped(5, 4) / 255,), "uint8"),
    ("1.2", (cut_off(),), "round to whole numbers"),
    ("1.3", (lambda rgb: rgb.float().mean(1, keepdim=True),), "from 0 to 255"),
    ("1.3", (lambda rgb: (rgb.sum(1, keepdim=True, dtype=torch.uint8) // 3) / 2.55,), "overflow"),
    ("1.3", (lambda rgb: rgb.float().mean(1, keepdim=True) / 255,), "from 0 to 1."),
    ("1.3", (lambda rgb: (rgb.float().mean(1, keepdim=True) / 2.55).byte(),), "cut off or rounded"),
    ("1.3", (lambda rgb: rgb_to_lab(rgb)[:, :1],), "a third each"),
    ("1.3", (lambda rgb: rgb.mean(1),), "RuntimeError"),
    ("1.3", (4,), "without calling it"),
    ("1.4", (100 * near_grey(lambda ab: ab.square().sum(1).sqrt() < 10),), "in per cent"),
    ("1.4", (1 - near_grey(lambda ab: ab.square().sum(1).sqrt() < 10),), "more colour than that"),
    ("1.4", (near_grey(lambda ab: ab.abs() < 10),), "one number for the two"),
    ("1.4", (near_grey(lambda ab: (ab.abs() < 10).all(1)),), "is a circle"),
    ("1.4", (near_grey(lambda ab: ab.square().sum(1) < 10),), "The root is missing"),
    ("1.4", (near_grey(lambda ab: ab.sum(1) < 10),), "would cancel out"),
    ("1.4", (0.25,), "Too small"),
    ("1.4", (0.99,), "Too large"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


@pytest.mark.parametrize(("number", "answer"), [
    ("1.1", (np.array([32.3]), torch.tensor([97.1]))),
    ("1.1", ("323/10", np.float32(97.1))),
    ("1.2", (swapped(5, 4).numpy(),)),
    ("1.3", (lambda rgb: rgb.numpy().mean(1, keepdims=True) / 2.55,)),
    ("1.4", (near_grey(lambda ab: ab.norm(dim=1) <= 10),)),
])  # fmt: skip
def test_a_right_answer_may_be_written_in_another_way(number, answer):
    assert check(number, *answer)
