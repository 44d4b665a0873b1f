"""Exercises of chapter 4."""

import math

import torch

from ..colour.gamut import Gamut
from ..colour.lab import rgb_to_lab, to_rgb
from ..data.examples import gallery
from ..inference.colorizer import Colorizer
from ..measuring.metrics import ab_rmse, colourfulness_ratio
from .verdict import NotYet, choice, number, tensor

#: Exercise 4.1: a and b of three bins, and three pixels, one row each.
CENTRES = ((0.0, 0.0), (60.0, 40.0), (40.0, 60.0))
PIXELS = ((0.5, 0.3, 0.2), (0.3, 0.5, 0.2), (0.4, 0.3, 0.3))
#: Exercise 4.5: a and b of red, green and yellow, their probabilities, a click and the width s.
APPLE, BEFORE, CLICK, WIDTH = ((60.0, 40.0), (-40.0, 40.0), (5.0, 60.0)), (0.3, 0.5, 0.2), (50.0, 35.0), 40.0
#: Exercise 4.7: the clicked pixel and another one.
CLICKED, OTHER = (0.2, 0.5, 0.3), (0.8, 0.1, 0.1)


def exercise_1(predictions: object, chroma: object) -> str:
    """Whether each of :data:`PIXELS` gets greyer or stronger when it is cooled, and its chroma at T = 0.38."""
    if isinstance(predictions, str) or not hasattr(predictions, "__len__") or len(predictions) != len(PIXELS):
        raise NotYet(f"Your predictions should be a list of {len(PIXELS)} words, one for each pixel.")
    words = [choice(word, ("greyer", "stronger"), "A prediction") for word in predictions]
    answer = tensor(chroma, (len(PIXELS),), "Your chroma")
    warm, cold = _chroma(1.0), _chroma(0.38)
    for values, wrong in _slips_of_chroma(warm, cold):
        if torch.allclose(answer, values, atol=0.1):
            raise NotYet(wrong)
    for i, (value, right) in enumerate(zip(answer.tolist(), cold.tolist(), strict=True), 1):
        if abs(value - right) > 0.5:
            direction = "large" if value > right else "small"
            raise NotYet(
                f"Your chroma of pixel {i} is too {direction}. Take the logarithms, divide by T, softmax over the "
                "three bins, the mean of a and b, and last its distance from grey."
            )
    for i, (word, change) in enumerate(zip(words, (cold - warm).tolist(), strict=True), 1):
        if (word == "greyer") != (change < 0):
            raise NotYet(f"Your chroma is right, and it contradicts your prediction for pixel {i}. Compare with T = 1.")
    return "Cooling goes to the likeliest bin. If that is grey, a majority for colour does not help: it is split."


def _slips_of_chroma(warm: torch.Tensor, cold: torch.Tensor) -> list[tuple[torch.Tensor, str]]:
    """What a slip gives for the three chromas, and what to say to it."""
    p, centres = torch.tensor(PIXELS), torch.tensor(CENTRES)
    lengths, cooled = centres.norm(dim=1), (p.log() / 0.38).softmax(1)
    mean_of_chromas = "That is the mean of the chromas. Take the mean colour first, and then its chroma."
    return [
        (warm, "Your chroma is that at T = 1. Sharpen the distributions before you take the mean."),
        (_chroma(1 / 0.38), "Your chroma is that of pixels made hotter. Divide the logarithms by T, not multiply."),
        (cold**2, "Your chroma is squared. Take the square root."),
        (p @ lengths, mean_of_chromas),
        (cooled @ lengths, mean_of_chromas),
        (
            ((p / 0.38).softmax(1) @ centres).norm(dim=1),
            "You divide the probabilities by T. Take their logarithms first, and divide those.",
        ),
        (
            ((p.log() / 0.38).softmax(0) @ centres).norm(dim=1),
            "Your softmax runs over the pixels. It should run over the three bins of each: the other axis.",
        ),
        (
            (p ** (1 / 0.38) @ centres).norm(dim=1),
            "Your chroma of pixel 1 is too small: the three votes do not sum to 1 any more. Divide them by their sum.",
        ),
    ]


def _chroma(temperature: float) -> torch.Tensor:
    """``(3,)``: the chroma of :data:`PIXELS` at a temperature."""
    logits = torch.tensor(PIXELS).log().T[None, :, None]  # (1, Q, 1, 3)
    return Gamut(neighbours=1, centres=CENTRES).decode(logits, temperature)[0, :, 0].norm(dim=0)


def exercise_2(temperature: object) -> str:
    """The T at which 0.4 against 0.6 has 5 % of the vote."""
    answer = number(temperature, "Your T")
    if answer <= 0:
        raise NotYet("T must be above 0. Have both logarithms the same sign?")
    green = 100 * (torch.tensor([0.6, 0.4]).double().log() / answer).softmax(0)[1].item()
    if abs(green - 5) > 0.5:
        raise NotYet(f"At your T green has {green:.1f} % of the vote. Go {'colder' if green > 5 else 'warmer'}.")
    return "Colder than anything the paper or the poster would take, and still not the mode."


def exercise_3(colour: object) -> str:
    """The colour of every pixel as T grows without end: ``(2,)``."""
    network = Colorizer.load("classification", "cpu")
    centres, prior = network.gamut.centres, network.prior.float()
    answer = tensor(colour, (2,), "Your colour")
    for point, wrong in (
        (torch.zeros(2), "Not grey. The bins do not lie evenly around (0, 0): think of the shape of the gamut."),
        (prior @ centres, "That is the mean of the training pixels. At such heat common bins have no more votes."),
        (centres.median(0).values, "That is the median of the centres. The colour is their mean."),
        (centres.sum(0), "That is the sum of the centres. The votes have to sum to 1."),
    ):
        if torch.allclose(answer, point, atol=0.5):
            raise NotYet(wrong)
    if not torch.allclose(answer, centres.mean(0), atol=0.5):
        raise NotYet(
            "As T grows, 1/T goes to 0, and every probability to the power 0 is the same. Who has how many votes?"
        )
    return "Whatever the picture, the network is no longer asked. All bins vote alike."


def exercise_4(temperature: object, lam: object) -> str:
    """A setting of both dials that makes the eight pictures as colourful as the truth, to within 2 %."""
    t, lam = number(temperature, "Your T"), number(lam, "Your λ")
    if t <= 0:
        raise NotYet(f"T must be above 0, and yours is {t:g}.")
    if not 0 < lam <= 1:
        raise NotYet(f"λ must be above 0 and at most 1, and yours is {lam:g}.")
    network, truth = Colorizer.load("classification"), gallery().rgb
    lightness, true_ab = rgb_to_lab(truth).split((1, 2), dim=1)
    plain, ab = (network.colour_lightness(lightness, *dials).cpu() for dials in ((1.0, 1.0), (t, lam)))
    ratio = colourfulness_ratio(to_rgb(lightness, ab), truth)
    if abs(ratio - 1) > 0.02:
        advice = "Let rare colours count for more." if ratio < 1 else "Let rare colours count for less."
        raise NotYet(f"Your pictures are {ratio:.2f} times as colourful as the true ones. {advice}")
    errors = (ab_rmse(one, true_ab) for one in (plain, ab))
    return "As colourful as life. The ab RMSE went from {:.1f} to {:.1f}: the price of courage.".format(*errors)


def exercise_5(after: object) -> str:
    """The probabilities of red, green and yellow after the click, with k = 1: ``(3,)``."""
    answer = tensor(after, (3,), "Your answer")
    p, squared = torch.tensor(BEFORE), (torch.tensor(APPLE) - torch.tensor(CLICK)).square().sum(1)
    factor = torch.exp(-squared / (2 * WIDTH**2))

    def normal(weights: torch.Tensor) -> torch.Tensor:
        return weights / weights.sum()

    for values, wrong in (
        (p * factor, "Your three do not sum to 1 any more. Divide them by their sum."),
        (normal(factor), "That is the click alone. What the network said before counts, too: multiply."),
        (normal(p * torch.exp(-squared / WIDTH**2)), "The variance is halved: divide by 2 s^2, not by s^2."),
        (normal(p * torch.exp(-squared.sqrt() / (2 * WIDTH**2))), "The distance is to be squared."),
        (normal(p + factor), "Two sources of evidence multiply. You have added them."),
    ):
        if torch.allclose(answer, values, atol=2e-3):
            raise NotYet(wrong)
    right = normal(p * factor)
    if not torch.allclose(answer, right, atol=5e-3):
        raise NotYet("For each bin: its probability times exp(-distance^2 / (2 s^2)), and then divide by the sum.")
    return (
        f"Green was the likeliest, and now it has {100 * right[1].item():.0f} %. The yellow is nearer, and keeps more."
    )


def exercise_6(distance: object) -> str:
    """The distance at which k is one half where only it differs, with rho = 1/2."""
    answer = number(distance, "Your distance")
    right = 0.5 * math.log(2)
    for value, wrong in (
        (math.log(2), "That is in units of rho. As a share of the side it is half of that."),
        (-right, "A distance is not negative: the minus is in the exponent already."),
        (0.5 * math.log(2) ** 0.5, "There is a root in the exponent: of d^2 / rho^2 it leaves d / rho."),
        (
            0.5 * (2 * math.log(2)) ** 0.5,
            "That is the half-width of a Gaussian. Here the exponent has a root, and no square.",
        ),
    ):
        if abs(answer - value) < 0.004:
            raise NotYet(wrong)
    if abs(answer - right) > 0.005:
        raise NotYet(f"There k is {math.exp(-abs(answer) / 0.5):.2f}. Go {'further' if answer < right else 'nearer'}.")
    return "About a third of the side: a click reaches far, as long as light and network say that it is the same thing."


def exercise_7(overlap: object, k: object) -> str:
    """The overlap of :data:`CLICKED` and :data:`OTHER`, and its eighth power."""
    one, power = number(overlap, "Your overlap"), number(k, "Your k")
    p, q = torch.tensor(CLICKED).double(), torch.tensor(OTHER).double()
    right = (p * q).sqrt().sum().item()
    for value, wrong in (
        ((p * q).sum().item(), "That is the sum of the products. Take the root of each product first."),
        ((p * q).sum().sqrt().item(), "Take the root of each product, and then the sum: not the root of the sum."),
        (
            torch.minimum(p, q).sum().item(),
            "That is the common area, another overlap. Here it is the roots of the products.",
        ),
    ):
        if abs(one - value) < 2e-3:
            raise NotYet(wrong)
    if abs(one - right) > 5e-3:
        raise NotYet("Your overlap is not that: three products, the root of each, and their sum.")
    if abs(power - 8 * right) < 5e-3:
        raise NotYet("Your overlap is right. For k it is to the power 8, not times 8.")
    if abs(power - right**8) > 5e-3:
        raise NotYet("Your overlap is right. k is its eighth power.")
    return "Same light, same place, and still hardly the same thing: the network tells them apart."
