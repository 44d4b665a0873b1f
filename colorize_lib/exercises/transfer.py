"""Exercises of chapter 6."""

import math
from collections.abc import Mapping
from statistics import mean

import torch
from torch import nn

from ..measuring.results import read_result
from ..networks.pretrained import build_encoder
from ..networks.transfer import TransferConfig, TransferUNet, parameter_groups
from .verdict import NotYet, choice, number, result_of, tensor


def exercise_1(as_it_is: object, enlarged: object) -> str:
    """How many decoder widths ResNet-18 needs at scale 1, and at scale 4."""
    reductions = build_encoder("resnet18").feature_info.reduction()
    for answer, scale in ((as_it_is, 1), (enlarged, 4)):
        name = f"Your answer for the picture {'at its own size' if scale == 1 else 'enlarged four times'}"
        value, right = number(answer, name), sum(reduction >= 2 * scale for reduction in reductions)
        if value > right:
            raise NotYet(f"{name} is too large. Maps finer than half of the picture's resolution are not used.")
        if value < right:
            raise NotYet(f"{name} is too small. Every map from half of the picture's resolution down has its step.")
    return "The larger the encoder sees the picture, the more of its fine maps are finer than the answer has to be."


def exercise_2(fold: object) -> str:
    """A function from weights ``(O, 3, k, k)`` to those for one channel, ``(O, 1, k, k)``, with the same output."""
    weight = torch.randn(8, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    answer = tensor(result_of(fold, weight), (8, 1, 5, 5), "What your function gives")
    wanted = weight.sum(1, keepdim=True)
    if torch.allclose(answer, wanted / 3, atol=1e-4):
        raise NotYet("The output is a third of what it was. A convolution adds up over its channels, and has no mean.")
    if any(torch.allclose(answer[:, 0], weight[:, channel], atol=1e-4) for channel in range(3)):
        raise NotYet("You kept one channel's weights, and threw away what the other two knew.")
    if not torch.allclose(answer, wanted, atol=1e-4):
        raise NotYet("The output is another one. Write the sum over the three channels out, with all three x the same.")
    return "Three equal inputs share one factor, so their weights add up. Only the two spare channels are gone."


def exercise_3(two_speeds: object) -> str:
    """A function from a network, a rate and rho to an optimiser's parameter groups."""
    network = nn.ModuleDict({"encoder": nn.Linear(3, 2), "decoder": nn.Linear(2, 2), "head": nn.Linear(2, 1)})
    rate, rho = 0.5, 0.1
    groups = result_of(two_speeds, network, rate, rho)
    if not isinstance(groups, list | tuple) or not all(
        isinstance(group, Mapping) and {"params", "lr"} <= group.keys() for group in groups
    ):
        raise NotYet('A list of dictionaries is asked for, each with "params" and "lr".')
    rates = _rates(groups)
    encoder, rest = (
        {rates.get(id(parameter)) for parameter in group} for group in parameter_groups(network)
    )  # the rates within each
    if None in encoder | rest:
        raise NotYet(f"Some parameters of the {'encoder' if None in encoder else 'decoder or the head'} never learn.")
    if not _all_near(rest, rate):
        raise NotYet("The decoder and the head should learn at the rate lr itself.")
    if _all_near(encoder, rate / rho):
        raise NotYet("Your encoder learns faster than the decoder. Multiply by rho, which is below 1.")
    if not _all_near(encoder, rate * rho):
        raise NotYet("The decoder's rate is right, the encoder's is not. It should be rho times lr.")
    return "That is all that slice(low, high) is: one rate a group."


def exercise_4(share: object) -> str:
    """The share of the parameters that learns while the encoder is frozen, within 0.01."""
    network = TransferUNet(TransferConfig(261))
    encoder, rest = (sum(parameter.numel() for parameter in group) for group in parameter_groups(network))
    value, right = number(share), rest / (encoder + rest)
    if not 0 <= value <= 1:
        raise NotYet(f"A share is between 0 and 1, and yours is {value:g}.")
    if abs(value - (1 - right)) < 0.01:
        raise NotYet("That is the share which is frozen.")
    if abs(value - rest / encoder) < min(0.01, abs(value - right)):
        raise NotYet("That is the decoder as a share of the encoder. Divide by the whole network.")
    if abs(value - right) >= 0.01:
        raise NotYet(
            f"Too {'much' if value > right else 'little'}. Count the numbers in all parameters but the encoder's."
        )
    return "The encoder is most of the network, and all of that stays as ImageNet left it."


def exercise_5(pictures: object) -> str:
    """How many pictures the scratch network needs to be as good as the pretrained one with 5,000, within 5 %."""
    few, many = 5000, 50_000
    target, (start, end) = _error("pretrained", few), (_error("scratch", count) for count in (few, many))
    along = (start - target) / (start - end)
    value, right = number(pictures), few * (many / few) ** along
    if abs(value / right - 1) <= 0.05:
        return (
            f"About {right / few:.0f} times as many. Mind that more pictures had fewer passes each, "
            "and that each mark is one network: this is a reading of a figure and no law."
        )
    if abs(value - (few + along * (many - few))) < 0.02 * right:
        raise NotYet("That is straight on an axis of pictures. The axis of the figure is one of their logarithm.")
    if value <= many / few:
        raise NotYet(
            f"How many pictures, not how many times as many, nor a logarithm: {value:g} is too few to learn from."
        )
    if not few < value < many:
        raise NotYet(f"The error to reach lies between the marks at {few:,} and {many:,}, and so must your answer.")
    raise NotYet(f"Too {'many' if value > right else 'few'}. How far from one mark to the next is the error to reach?")


def exercise_6(letter: object) -> str:
    """Which of four sentences the figure of the learning curves carries: a letter."""
    answer = choice(letter.strip().lower() if isinstance(letter, str) else letter, ("a", "b", "c", "d"))
    wrong = {
        "a": "With few pictures the pretrained network has overfitted, so this shows the recipe, not the pretraining: "
        "the figure after it says so.",
        "b": "The lines stop at 50,000. What they would do beyond is not in the figure.",
        "d": "Read both marks: from scratch with 50,000 the error is smaller than pretrained with 5,000.",
    }
    if answer in wrong:
        raise NotYet(wrong[answer])
    return "It says no more than was measured: this recipe, these three numbers of pictures, one to two networks each."


def _rates(groups: list) -> dict[int, float]:
    """The rate of each parameter, by its id."""
    rates = {}
    for group in groups:
        for parameter in group["params"]:
            if id(parameter) in rates:
                raise NotYet(
                    "A parameter is in two groups. Those of the decoder are what is left without the encoder's."
                )
            rates[id(parameter)] = number(group["lr"], "A rate")
    return rates


def _all_near(rates: set[float], wanted: float) -> bool:
    return all(math.isclose(rate, wanted, rel_tol=1e-6) for rate in rates)


def _error(arm: str, images: int) -> float:
    """The ab RMSE of an arm of the learning curves, mean over seeds."""
    curves = read_result("transfer-curves")["curves"]
    return mean(c["test"]["ab_rmse"] for c in curves if (c["arm"], c["images"]) == (arm, images))
