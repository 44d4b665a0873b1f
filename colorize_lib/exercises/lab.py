"""Exercises of chapter 1."""

from functools import lru_cache

import torch

from ..colour.lab import rgb_to_lab, to_rgb
from ..data.examples import embedded_cifar10, gallery
from .verdict import NotYet, as_tensor, number, result_of, tensor


def exercise_1(blue: object, yellow: object) -> str:
    """L of pure blue and of pure yellow, each within 1."""
    answer = {"blue": number(blue, "Your L of blue"), "yellow": number(yellow, "Your L of yellow")}
    for name, value in answer.items():
        if not 0 <= value <= 100:
            raise NotYet(f"L goes from 0 to 100, and your L of {name} is {value:g}.")
    if answer["blue"] >= answer["yellow"]:
        raise NotYet("You have blue at least as light as yellow. Look at the row of Y in the matrix M again.")
    corners = torch.tensor([[0, 0, 255], [255, 255, 0]], dtype=torch.uint8)[..., None, None]  # (2, 3, 1, 1)
    for (name, value), right in zip(answer.items(), rgb_to_lab(corners)[:, 0].flatten().tolist(), strict=True):
        if abs(value - right) > 1:
            raise NotYet(f"Your L of {name} is too {'high' if value > right else 'low'}. Let rgb_to_lab work it out.")
    return "Blue is dark and yellow nearly white. The row of Y says why: blue adds next to nothing to the light."


def exercise_2(swapped: object) -> str:
    """The horse with the colours of the frog: ``(1, 3, 32, 32)`` uint8."""
    frog, horse = rgb_to_lab(gallery().rgb)[4:6]  # (3, 32, 32) each
    answer = tensor(swapped, (1, 3, 32, 32), "Your picture")
    if (kind := as_tensor(swapped).dtype) != torch.uint8:
        raise NotYet(f"A picture is uint8, and yours is {kind}. Let to_rgb make it.")
    for light, colour, wrong in (
        (horse, horse, "That is the horse as it was. Its a and b must come from the frog."),
        (frog, horse, "That is the frog with the horse's colours. It is the other way round."),
        (frog, frog, "That is the frog as it was. Only its a and b are wanted, on the L of the horse."),
    ):
        if torch.equal(answer, to_rgb(light[None, :1], colour[None, 1:]).float()):
            raise NotYet(wrong)
    right = to_rgb(horse[None, :1], frog[None, 1:]).float()
    if 0 < (answer - right).abs().max() <= 1:
        raise NotYet("Right but for the last step: round to whole numbers instead of cutting off. to_rgb does that.")
    if not torch.equal(answer, right):
        raise NotYet("Take L from picture 5, the horse, and a and b from picture 4, the frog, and no others.")
    return "You still see a horse at once. The outlines are in L, and you look at outlines."


def exercise_3(average: object) -> str:
    """A function from RGB ``(N, 3, H, W)`` uint8 to the mean of the channels, ``(N, 1, H, W)``, scaled to 0 to 100."""
    corners = torch.tensor([[0, 0, 0], [255, 255, 255], [0, 0, 255], [0, 255, 0], [60, 120, 240]], dtype=torch.uint8)
    rgb = corners[..., None, None]  # (5, 3, 1, 1)
    answer = tensor(result_of(average, rgb), (5, 1, 1, 1), "What your function gives").flatten()
    wanted = rgb.float().mean(1).flatten() / 2.55
    if torch.allclose(answer, wanted * 2.55, atol=0.5):
        raise NotYet("It goes from 0 to 255. To stand beside L it has to go from 0 to 100.")
    if torch.allclose(answer, wanted / 100, atol=0.005):
        raise NotYet("It goes from 0 to 1. To stand beside L it has to go from 0 to 100.")
    if torch.equal(answer, answer.round()) and torch.allclose(answer, wanted, atol=1.01):
        raise NotYet("Right but for the fractions, which were cut off or rounded. Give floats back.")
    if (answer[1] - 100).abs() > 0.5:
        raise NotYet(f"White should give 100, and gives {answer[1]:.1f}. Did 8-bit numbers overflow? Use floats.")
    if not torch.allclose(answer, wanted, atol=0.5):
        raise NotYet("Red, green and blue should count the same, a third each.")
    return "The average gives pure blue and pure green the same grey. Your eye does not, and neither does L."


@lru_cache(1)
def _ab_of_the_twenty() -> torch.Tensor:
    """a and b of the twenty pictures, (20, 2, 32, 32), worked out once: the page is asked about many numbers."""
    return rgb_to_lab(embedded_cifar10().rgb)[:, 1:]


def exercise_4(share: object) -> str:
    """The share of the pixels of the twenty pictures whose chroma is below 10, within 0.01."""
    ab = _ab_of_the_twenty()
    near_grey = (ab.square().sum(1).sqrt() < 10).float()  # (20, 32, 32)
    value, right = number(share), near_grey.mean().item()
    if abs(value - right) <= 0.01:
        return (
            f"{right:.0%} of these pixels are nearly grey, and no picture is without some. "
            "Remember it when a mean over pixels says how good a colour is."
        )
    wrong = {
        100 * right: "That is in per cent. A share is between 0 and 1.",
        1 - right: "Those are the pixels with more colour than that.",
        (ab.abs() < 10).float().mean().item(): "You took a and b for two pixels. Chroma is one number for the two.",
        (ab.abs() < 10).all(1).float().mean().item(): "That is a square in the ab plane. A distance is a circle.",
        (ab.square().sum(1) < 10).float().mean().item(): "The root is missing: a² + b² is the square of the chroma.",
        (ab.sum(1) < 10).float().mean().item(): "A sum of a and b is no distance: green and red would cancel out.",
    }  # fmt: skip
    for answer, why in wrong.items():
        if abs(value - answer) <= 0.005 * max(1, answer):
            raise NotYet(why)
    raise NotYet(f"Too {'large' if value > right else 'small'}. Take all pixels of the twenty pictures together.")
