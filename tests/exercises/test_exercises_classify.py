"""Exercises of chapter 7: a wrong answer is told what is wrong with it."""

import numpy as np
import pytest
import torch

from colorize_lib.colour.recolour import turned
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.exercises import check
from colorize_lib.experiments.versions import VERSIONS, make_variants
from colorize_lib.inference.classifier import Classifier
from colorize_lib.measuring.statistics import mcnemar


def in_nats(joint):
    apart = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    some = joint > 0
    return (joint[some] * np.log(joint[some] / apart[some])).sum()


def in_bits_without_care(joint):
    apart = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    with np.errstate(all="ignore"):
        return (joint * np.log2(joint / apart)).sum()


def from_the_new_a(ab, degrees):
    c, s = np.cos(np.radians(degrees)).item(), np.sin(np.radians(degrees)).item()
    ab[:, 0] = c * ab[:, 0] - s * ab[:, 1]
    ab[:, 1] = s * ab[:, 0] + c * ab[:, 1]
    return ab


@pytest.mark.parametrize(("number", "answer", "says"), [
    ("7.1", (0.073,), "uneven in one direction"),
    ("7.1", (0.0537,), "exactly 3 against 9"),
    ("7.1", (0.107,), "exactly 3 against 9"),
    ("7.1", (14.6,), "between 0 and 1"),
    ("7.1", (0.0833,), "approximation by chi squared"),
    ("7.1", (0.149,), "approximation by chi squared"),
    ("7.1", (0.14,), "Too small"),
    ("7.1", (0.5,), "Too large"),
    ("7.1", (0.01,), "Too small"),
    ("7.2", (lambda a, h: a * (1 - a) / h**2,), "Put that in"),
    ("7.2", (lambda a, h: 1.96 * a * (1 - a) / h**2,), "squared as well"),
    ("7.2", (lambda a, h: 1.96**2 * a * (1 - a) / h,), "Square the half width"),
    ("7.2", (lambda a, h: 1.96 * (a * (1 - a)) ** 0.5 / h,), "Square both sides"),
    ("7.2", (lambda a, h: 1.96**2 * a * (1 - a) / (h / 2) ** 2,), "the whole interval so narrow"),
    ("7.2", (lambda a, h: 1.96**2 * a * (1 - a) / (2 * h) ** 2,), "reach twice as far"),
    ("7.2", (lambda a, h: 1.96**2 * a / h**2,), "too many"),
    ("7.2", (lambda a, h: 100,), "too few"),
    ("7.3", (5,), "A list of five numbers"),
    ("7.3", ([1, 2, 3, 4, 20],), "from 0 to 19"),
    ("7.3", ([1, 1, 2, 3, 4],), "yours are 4"),
    ("7.4", (3, False), "the third that mcnemar gives"),
    ("7.4", (0.01, True), "That is another p"),
    ("7.5", (lambda joint: -(joint * np.log2(joint)).sum(),), "it is 0 bits"),
    ("7.5", (in_nats,), "Those are nats"),
    ("7.5", (lambda joint: -in_nats(joint) / np.log(2),), "The sign is wrong"),
    ("7.5", (in_bits_without_care,), "Leave entries of 0 out"),
    ("7.5", (lambda joint: 0.0,), "too small"),
    ("7.6", (lambda ab, degrees: 3,), "one of the same shape, and yours gives int"),
    ("7.6", (lambda ab, degrees: ab[:, :1],), "yours gives (3, 1, 4, 5)"),
    ("7.6", (lambda ab, degrees: ab[3],), "stops with IndexError"),
    ("7.6", (lambda ab, degrees: turned(ab, np.degrees(degrees)),), "in degrees, and cos and sin take radians"),
    ("7.6", (lambda ab, degrees: turned(ab, -degrees),), "the other way round"),
    ("7.6", (lambda ab, degrees: turned(ab, degrees).flip(1),), "changed places"),
    ("7.6", (lambda ab, degrees: turned(ab * torch.tensor([1.0, -1])[:, None, None], degrees),), "mirrored"),
    ("7.6", (from_the_new_a,), "the old a, or from the new one"),
    ("7.6", (lambda ab, degrees: ab,), "the hue is not where it should be"),
])  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_with_it(number, answer, says):
    verdict = check(number, *answer)
    assert not verdict
    assert says in verdict.message


@pytest.fixture(scope="module")
def twenty():
    images = embedded_cifar10()
    return images, make_variants(images.rgb, {name: VERSIONS[name] for name in ("grey", "mean")})


def test_pictures_that_gain_are_not_said_to_be_hurt(twenty):
    images, versions = twenty
    every = torch.arange(len(images))
    coloured, grey = (Classifier.load().probabilities(versions[v])[every, images.label] for v in ("mean", "grey"))
    order = (coloured - grey).argsort().tolist()
    assert check("7.3", order[:5])
    assert "You took the other end" in check("7.3", order[-5:]).message
    assert f"1 of your five, such as picture {order[-1]}" in check("7.3", [*order[:4], order[-1]]).message


def test_a_large_p_tells_nothing_apart(twenty):
    images, versions = twenty
    networks = (Classifier.load(f"vgg-{kind}") for kind in ("colour", "grey"))
    right = [(n.probabilities(versions["grey"]).argmax(1) == images.label).numpy() for n in networks]
    *_, p = mcnemar(*right)
    assert check("7.4", p, False)
    assert "a toss of a coin" in check("7.4", p, True).message
    assert "should be one of" in check("7.4", p, "no").message


@pytest.mark.parametrize("p", [0.15, 0.146, 598 / 4096])
def test_a_p_value_may_be_rounded(p):
    assert check("7.1", p)


def test_picked_pictures_may_come_in_anything_that_lists_them(twenty):
    images, versions = twenty
    every = torch.arange(len(images))
    coloured, grey = (Classifier.load().probabilities(versions[v])[every, images.label] for v in ("mean", "grey"))
    five = (coloured - grey).argsort()[:5]
    listed = five.tolist()
    for given in (five, five.numpy(), set(listed), tuple(listed), [np.int64(i) for i in listed], list(five)):
        assert check("7.3", given)
    assert f"on {int((coloured < grey).sum())} of the twenty" in check("7.3", five).message


def test_a_turn_is_right_in_any_float():
    for kind in (torch.float32, torch.float64):
        assert check("7.6", lambda ab, degrees: turned(ab.to(kind), degrees))  # noqa: B023


def test_nothing_learned_elsewhere_is_said_to_add_information():
    def information(joint):
        apart = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
        some = joint > 0
        return (joint[some] * np.log2(joint[some] / apart[some])).sum()

    verdict = check("7.5", information)
    assert verdict
    assert "however much the colorizer has learned" in verdict.message
