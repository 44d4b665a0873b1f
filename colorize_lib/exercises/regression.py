"""Exercises of chapter 2."""

from math import hypot

import torch

from ..inference.colorizer import Colorizer
from .verdict import NotYet, choice, number, result_of, tensor


def exercise_1(cheapest: object) -> str:
    """A function from colours ``(N, 2)`` and their shares ``(N,)`` to the cheapest guess ``(2,)`` for squared cost."""
    colours = torch.tensor([[60.0, 40.0], [-40.0, 44.0], [8.0, -60.0], [0.0, 10.0]])
    shares = torch.tensor([0.4, 0.1, 0.2, 0.3])
    answer = tensor(result_of(cheapest, colours, shares), (2,), "What your function gives")
    if torch.allclose(answer, colours.mean(0), atol=1e-3):
        raise NotYet("It counts every colour the same. One that is twice as likely should count twice.")
    if torch.allclose(answer, colours[shares.argmax()]):
        raise NotYet("That is the most likely colour. You would be right more often, and pay more when you are not.")
    wanted = shares @ colours
    if torch.allclose(answer, wanted / len(colours), atol=1e-3):
        raise NotYet("Too near to grey: the shares sum to 1 already, so do not divide by the number of colours.")
    if not torch.allclose(answer, wanted, atol=1e-3):
        raise NotYet("Some guess is cheaper. Multiply each colour by its share, and add up over the colours.")
    return "It is the mean again, each colour counted by its share. The cross moves towards whatever is more likely."


def exercise_2(opposite: object, right_angle: object, one_hue: object) -> str:
    """The share of the mean chroma that the mean colour keeps, of three pairs of colours, each within 0.02."""
    pairs = {
        "opposite": (opposite, [[40.0, 0.0], [-40.0, 0.0]]),
        "right_angle": (right_angle, [[40.0, 0.0], [0.0, 40.0]]),
        "one_hue": (one_hue, [[0.0, 20.0], [0.0, 60.0]]),
    }
    answers = {name: number(answer, f"Your {name}") for name, (answer, _) in pairs.items()}
    for name, value in answers.items():
        if not 0 <= value <= 1:
            raise NotYet(f"A mean keeps between nothing, 0, and all, 1, of the chroma. Your {name} is {value:g}.")
    for name, (_, pair) in pairs.items():
        colours = torch.tensor(pair)
        kept = (colours.mean(0).norm() / colours.norm(dim=1).mean()).item()
        if abs(answers[name] - kept) > 0.02:
            way = "high" if answers[name] > kept else "low"
            raise NotYet(f"Your {name} is too {way}. Where is the mean of that pair, and how far is that from grey?")
    return "The more the hues disagree, the less is left. Doubt about chroma alone costs no chroma at all."


def exercise_3(slope: object) -> str:
    """A function from values ``(N,)`` and a guess to the derivative of the mean absolute distance by the guess."""
    values = torch.tensor([-40.0, 3.0, 5.0, 8.0, 60.0])
    for guess in (-50.0, 0.0, 4.0, 30.0, 70.0):
        answer = number(result_of(slope, values, guess), f"Your slope at the guess {guess:g}")
        moving = torch.tensor(guess, requires_grad=True)
        (values - moving).abs().mean().backward()
        wanted = moving.grad.item()
        if abs(answer - wanted) < 0.1:  # two difference quotients in float32 are as far off; slopes lie 0.4 apart
            continue
        if abs(answer + wanted) < 0.1:
            raise NotYet(f"The sign is the wrong way round. At the guess {guess:g}, does a step up cost or save?")
        if abs(answer - 2 * (guess - values.mean().item())) < 0.1:
            raise NotYet("That is the slope of the squared distance. |x| has the slope -1 or 1, however far you are.")
        if abs(answer - len(values) * wanted) < 0.1:
            raise NotYet("That is the slope of the sum. The cost is the mean, so the slope lies between -1 and 1.")
        raise NotYet(
            f"At the guess {guess:g} your slope is too {'high' if answer > wanted else 'low'}. Which share of the "
            "values lies below the guess, and which above?"
        )
    return "Share below minus share above. How far away a value lies does not matter, only on which side."


def exercise_4(cheapest: object, pictures: object) -> str:
    """A function from values ``(N,)`` to the cheapest guess for absolute cost; and what that does to colours."""
    for values in ([-40.0, 3.0, 5.0, 8.0, 60.0], [70.0, -3.0, 1.0, 80.0, 2.0], [50.0, 0.0, 10.0, 20.0], [7.0]):
        _cheapest_l1(torch.tensor(values), cheapest)
    mean, median = _colour_of_everything()
    right = "greyer" if median < mean else "more colourful"
    if choice(pictures, ("greyer", "more colourful"), "What you say of pictures") != right:
        raise NotYet(
            "Your function is right, your prediction is not. Near which colour do most pixels of pictures lie?"
        )
    return (
        "The median is where as many values lie below as above, so that the slope is 0. Most pixels are nearly grey: "
        f"over the training images the mean lies {mean:.1f} Lab units from grey, the median bin {median:.1f}."
    )


def _cheapest_l1(values: torch.Tensor, cheapest: object) -> None:
    """Raise unless the function's guess for these values is as cheap as any."""
    given = values.tolist()
    guess = number(result_of(cheapest, values), f"Your guess for {given}")
    cost = [(values - candidate).abs().mean().item() for candidate in (guess, *given)]  # the best is one of them
    if cost[0] <= min(cost[1:]) + 1e-3:
        return
    if abs(guess - values.mean().item()) < 1e-3:
        raise NotYet("That is the mean, which is cheapest for squares. Here the slope of exercise 2.3 has to be 0.")
    if abs(guess - (min(given) + max(given)) / 2) < 1e-3:
        raise NotYet("That is half way between the extremes. Count values on either side; their distance is no matter.")
    if abs(guess - given[len(given) // 2]) < 1e-3:
        raise NotYet("You took the middle of the list as it came. Sort it first.")
    below, above = sum(v < guess for v in given), sum(v > guess for v in given)
    raise NotYet(f"For {given} your guess {guess:g} has {below} values below and {above} above. Where is the balance?")


def _colour_of_everything() -> tuple[float, float]:
    """How far from grey the mean and the median of a and b lie, over the training images, by their bins."""
    colorizer = Colorizer.load("classification")
    prior, centres = colorizer.prior.double(), colorizer.gamut.centres.double()  # (Q,), (Q, 2)
    medians = []
    for channel in centres.T:
        value, order = channel.sort()
        medians.append(value[prior[order].cumsum(0) >= 0.5][0].item())
    return (prior @ centres).norm().item(), hypot(*medians)
