"""Exercises of chapter 7."""

import numpy as np
import torch

from ..colour.recolour import turned
from ..data.examples import embedded_cifar10
from ..experiments.versions import VERSIONS, make_variants
from ..inference.classifier import Classifier
from ..measuring.statistics import mcnemar
from .verdict import NotYet, choice, items, number, result_of


def exercise_1(p: object) -> str:
    """McNemar's p for 3 against 9, within 0.001 or rounded to two digits."""
    from scipy.stats import chi2

    one = np.arange(12) < 3
    value, right = number(p, "Your p"), mcnemar(one, ~one)[2]
    if not 0 <= value <= 1:
        raise NotYet(f"A probability is between 0 and 1, and yours is {value:g}.")
    if abs(value - right / 2) < 0.001:
        raise NotYet("That counts splits uneven in one direction. 9 against 3 would have surprised you as much.")
    if abs(value - 2 * 220 / 4096) < 0.001 or abs(value - 220 / 4096) < 0.001:
        raise NotYet("That is the chance of exactly 3 against 9. Splits even more uneven belong to it: 0, 1 and 2 too.")
    for approximate in (chi2.sf((9 - 3) ** 2 / 12, 1), chi2.sf((abs(9 - 3) - 1) ** 2 / 12, 1)):
        if abs(value - approximate) < 0.001:
            raise NotYet("That is the test's approximation by chi squared, for many pictures. Here count exactly.")
    if abs(value - right) >= 0.001 and value != round(right, 2):
        raise NotYet(f"Too {'large' if value > right else 'small'}. Add up the binomials for k from 0 to 3.")
    return "A fair coin does that in one series out of seven. Do not bet yet."


def exercise_2(pictures_needed: object) -> str:
    """A function from an accuracy and half the width of a 95 % interval to a number of pictures, within 1 %."""
    accuracy, half = np.array([0.75, 0.5, 0.9]), np.array([0.005, 0.02, 0.01])
    cases = zip(accuracy.tolist(), half.tolist(), strict=True)
    values = np.array([number(result_of(pictures_needed, *case), "What your function gives") for case in cases])
    spread = accuracy * (1 - accuracy)
    right = 1.96**2 * spread / half**2
    for wrong, why in (
        (spread / half**2, "The interval reaches 1.96 times as far as the mean is off on average. Put that in."),
        (1.96 * spread / half**2, "The 1.96 stands outside the root, so it is squared as well."),
        (1.96**2 * spread / half, "Square the half width too: half as wide takes four times as many pictures."),
        (1.96 * spread**0.5 / half, "That is the root of it. Square both sides before you solve for N."),
        (4 * right, "That makes the whole interval so narrow. It should reach half_width to each side."),
        (right / 4, "That lets the interval reach twice as far. It should reach half_width to each side."),
    ):
        if np.allclose(values, wrong, rtol=0.01):
            raise NotYet(why)
    for value, n, a, h in zip(values, right, accuracy, half, strict=True):
        if abs(value / n - 1) >= 0.01:
            many = "many" if value > n else "few"
            raise NotYet(f"For an accuracy of {a:g} and {h:g} to a side it gives {value:,.0f}, which is too {many}.")
    return "About 29,000 for half a point at 0.75. CIFAR-10 has 10,000 test pictures, and the poster took 1,000."


def exercise_3(five: object) -> str:
    """Five of the twenty pictures, by index, which the network is less sure of when they are coloured."""
    five = items(five)
    if five is None or not all(isinstance(i, int) and 0 <= i < 20 for i in five):
        raise NotYet("A list of five numbers of pictures is asked for, each from 0 to 19.")
    if len(five) != 5 or len(set(five)) != 5:
        raise NotYet(f"Five different pictures are asked for, and yours are {len(set(five))}.")
    images, classifier = embedded_cifar10(), Classifier.load("vgg-colour")
    versions = make_variants(images.rgb, {name: VERSIONS[name] for name in ("grey", "mean")})
    grey, coloured = (_p_true(classifier, rgb, images.label) for rgb in versions.values())
    gaining = [i for i in five if coloured[i] >= grey[i]]
    if len(gaining) == 5:
        raise NotYet("Colouring helps with all five. You took the other end.")
    if gaining:
        raise NotYet(f"Colouring helps with {len(gaining)} of your five, such as picture {gaining[0]}.")
    hurt = int((coloured < grey).sum())
    return (
        f"Picked pictures prove what you like. There was plenty to pick from: colouring makes the network less sure of "
        f"the truth on {hurt} of the twenty."
    )


def exercise_4(p: object, tells_apart: object) -> str:
    """McNemar's p of two networks on the twenty grey pictures, and whether it tells them apart."""
    images = embedded_cifar10()
    grey = make_variants(images.rgb, {"grey": VERSIONS["grey"]})["grey"]
    by_colour, by_grey = (_right(f"vgg-{kind}", grey, images.label) for kind in ("colour", "grey"))
    value, right = number(p, "Your p"), mcnemar(by_colour, by_grey)[2]
    if not 0 <= value <= 1:
        raise NotYet(f"A p-value is between 0 and 1, and yours is {value:g}. It is the third that mcnemar gives.")
    if abs(value - right) >= 1e-3:
        raise NotYet(
            "That is another p. Show both networks the same twenty grey pictures, and compare where each is right."
        )
    if bool(choice(tells_apart, (True, False), "tells_apart")) != (right < 0.05):
        raise NotYet("Your p is right. Would a toss of a coin give such a split rarely, or all the time?")
    return "Nothing contradicts the chapter. A difference of a few pictures in twenty is what tosses of a coin give."


def exercise_5(information: object) -> str:
    """A function from a joint table ``(classes, pictures)`` to the mutual information in bits."""
    rng = np.random.default_rng(0)
    table = rng.random((3, 5))
    table /= table.sum()
    half = np.full((2, 2), 0.25)
    value = number(result_of(information, half), "The information of a table of four quarters")
    if abs(value) > 1e-6:
        raise NotYet(f"If picture and class have nothing to do with each other it is 0 bits, and yours is {value:.3g}.")
    value, right = number(result_of(information, table), "What your function gives"), _information(table)
    if abs(value - right * np.log(2)) < 1e-6:
        raise NotYet("Those are nats. Bits take the logarithm to the base 2.")
    if abs(value + right) < 1e-6:
        raise NotYet("The sign is wrong: p(y, g) is above, and p(y) p(g) below.")
    if abs(value - right) > 1e-6:
        raise NotYet(f"On a table of 3 classes and 5 pictures it is too {'large' if value > right else 'small'}.")
    try:
        value = number(result_of(information, np.eye(2) / 2))
    except NotYet:
        raise NotYet("With a 0 in the table it is no number any more. Leave entries of 0 out of the sum.") from None
    if abs(value - 1) > 1e-6:
        raise NotYet(f"If the picture gives one of two classes away it is 1 bit, and yours is {value:.3g}.")
    return (
        "Whatever you merge, it never rises, however much the colorizer has learned elsewhere. What that can do is to "
        "make the information easier to use."
    )


def exercise_6(turn: object) -> str:
    """A function from ab ``(N, 2, H, W)`` and an angle in degrees to ab with every hue turned by it."""
    rng = torch.Generator().manual_seed(0)
    ab, angle = 40 * torch.randn((3, 2, 4, 5), generator=rng), 50.0

    def of(degrees: float) -> torch.Tensor:
        result = result_of(turn, ab.clone(), degrees)
        if not isinstance(result, torch.Tensor) or result.shape != ab.shape:
            shape = tuple(result.shape) if isinstance(result, torch.Tensor) else type(result).__name__
            raise NotYet(f"From a tensor {tuple(ab.shape)} comes one of the same shape, and yours gives {shape}.")
        return result.float()

    result, right = of(angle), turned(ab, angle)
    for wrong, why in (
        (turned(ab, np.degrees(angle)), "The angle comes in degrees, and cos and sin take radians: see math.radians."),
        (turned(ab, -angle), "That is turned the other way round: from yellow to red."),
        (right.flip(1), "a and b have changed places: a stands before b."),
        (turned(ab, -angle) * torch.tensor([1.0, -1.0])[:, None, None], "Some hues are turned, and mirrored as well."),
    ):
        if torch.allclose(result, wrong, atol=1e-2):
            raise NotYet(why)
    if torch.allclose(result, right, atol=1e-2):
        return "Light, outlines and chroma are as before, as far as a screen has such colours. Only the hue is wrong."
    if torch.allclose(result.norm(dim=1), ab.norm(dim=1), atol=1e-2):
        raise NotYet("Chroma is kept, but the hue is not where it should be. Red, (1, 0), by 90 degrees is (0, 1).")
    raise NotYet("A turn keeps chroma, and yours changes it. Does the new b come from the old a, or from the new one?")


def _information(joint: np.ndarray) -> float:
    apart = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    return float((joint * np.log2(joint / apart)).sum())


def _p_true(classifier: Classifier, rgb: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """The probability of the true class: ``(N,)``."""
    return classifier.probabilities(rgb)[torch.arange(len(rgb)), label]


def _right(name: str, rgb: torch.Tensor, label: torch.Tensor) -> np.ndarray:
    """Which pictures a network is right about: ``(N,)`` bool."""
    return (Classifier.load(name).probabilities(rgb).argmax(1) == label).numpy()
