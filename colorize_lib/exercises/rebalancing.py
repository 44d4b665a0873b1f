"""Exercises of chapter 5."""

from functools import lru_cache

import torch

from ..colour.gamut import Gamut
from ..inference.colorizer import Colorizer
from ..measuring.results import read_result
from .verdict import NotYet, number, result_of, tensor


def exercise_1(ratio: object) -> str:
    """A function of λ: the weight of an empty bin over that of a bin with the share 1/Q."""
    for lam in (1.0, 0.5, 0.1):
        answer, right = number(result_of(ratio, lam), f"What your function gives for λ = {lam:g}"), _empty_to_fair(lam)
        if abs(answer - right) < 0.01 * right:
            continue
        if lam == 1:
            raise NotYet(f"At λ = 1 all bins weigh alike, so the ratio is 1. Yours is {answer:g}.")
        if abs(answer * right - 1) < 0.01:
            raise NotYet("The other way round: the empty bin weighs more, so the ratio is above 1.")
        raise NotYet(f"At λ = {lam:g} your ratio of {answer:g} is too {'large' if answer > right else 'small'}.")
    return "Half of the uniform distribution caps the gain of rare colours at 2, a tenth at 10."


def _empty_to_fair(lam: float) -> float:
    """What the library gives an empty bin and a bin with its fair share, as a ratio."""
    bins = Gamut(neighbours=1, centres=[(0, 0), (10, 0), (0, 10), (10, 10)])
    empty, fair, *_ = bins.rebalance(torch.tensor([0, 0.25, 0.5, 0.25]), lam).tolist()
    return empty / fair


def exercise_2(turned_back: object) -> str:
    """A function from rebalanced logits ``(N, Q, h, w)`` and weights ``(Q,)`` to plain logits."""
    plain = torch.linspace(-2, 2, 120).sin().mul(3).view(2, 4, 3, 5)
    weights = torch.tensor([0.2, 1.0, 3.0, 8.0]).double()
    shift = weights.log().float()[:, None, None]
    logits = plain + shift
    answer = tensor(result_of(turned_back, logits.clone(), weights.clone()), logits.shape, "What your function gives")
    w = weights.float()[:, None, None]
    for wrong, why in (
        (logits, "Nothing was turned back: the logits are as they were."),
        (logits + shift, "That rebalances once more. Turning back has the other sign."),
        (
            logits - w,
            "You subtract the weights themselves. Logits are logarithms: take the logarithm of the weights too.",
        ),
        (logits / w, "You divide the logits. Probabilities are divided, and logits are their logarithms."),
    ):
        if torch.allclose(answer.softmax(1), wrong.softmax(1), atol=1e-4):
            raise NotYet(why)
    if torch.allclose(answer, plain.softmax(1), atol=1e-4) or torch.allclose(answer, logits.softmax(1) / w, atol=1e-4):
        raise NotYet("You give probabilities. Logits are asked for: their logarithms.")
    if not torch.allclose(answer.softmax(1), plain.softmax(1), atol=1e-4):
        raise NotYet("A softmax of your logits is not the plain distribution. Is each weight on the axis of the bins?")
    return "Exact on paper. Of the real networks one comes nearer to the other, and does not get there."


def exercise_3(lam: object) -> str:
    """The λ at which rarest : commonest is the square of that at 0.5, to within 5 %."""
    answer = number(lam, "Your λ")
    if not 0 < answer <= 1:
        raise NotYet(f"λ must be above 0 and at most 1, and yours is {answer:g}.")
    got, wanted = _rarest_to_commonest(answer), _rarest_to_commonest(0.5) ** 2
    if abs(got - wanted) > 0.05 * wanted:
        squared = "It is the weights that are squared, not λ. " if abs(answer - 0.25) < 0.01 else ""
        direction = "smaller" if got < wanted else "larger"
        size = "large" if got > wanted else "small"
        raise NotYet(f"{squared}The ratio at your λ is too {size}: {wanted:,.0f} is asked for. Take a {direction} λ.")
    return "If you turn the dial on a network that was trained with it, know how far you turn in all."


@lru_cache(8)
def _rarest_to_commonest(lam: float) -> float:
    """The largest weight over the smallest, for the colours that the shipped network was trained on."""
    gamut, prior = _colours()
    weights = gamut.rebalance(prior, lam)  # (Q,)
    return (weights.max() / weights.min()).item()


@lru_cache(1)
def _colours() -> tuple[Gamut, torch.Tensor]:
    """Bins and prior of the shipped network, read once: the page is asked about many numbers."""
    network = Colorizer.load("classification", "cpu")
    return network.gamut, network.prior


def exercise_4(lam: object, temperature: object, reported: object) -> str:
    """λ and T of the best balanced AuC on dev, and what that setting has on the test pictures, within 0.05."""
    swept = read_result("transfer")
    of = {
        split: {(row["lam"], row["temperature"]): row["auc_balanced"] for row in swept[split]}
        for split in ("dev", "test")
    }
    setting = (number(lam, "Your λ"), number(temperature, "Your T"))
    value = number(reported, "The number that you report")
    if setting not in of["dev"]:
        raise NotYet(f"λ = {setting[0]:g} and T = {setting[1]:g} are not among the settings that were swept.")
    best, flattering = (max(of[split], key=of[split].__getitem__) for split in ("dev", "test"))
    if setting == flattering != best:
        more = of["test"][flattering] - of["test"][best]
        raise NotYet(
            f"That setting is best on the test pictures, and was chosen by looking at them: {more:.1f} too flattering. "
            "Choose on dev."
        )
    if setting != best:
        raise NotYet("Another setting has a higher balanced AuC on dev.")
    if abs(value - of["dev"][best]) < 0.05 < abs(value - of["test"][best]):
        raise NotYet("The setting is right. But you report the number that it was chosen by, which owes some to luck.")
    if abs(value - of["test"][best]) > 0.05:
        raise NotYet("The setting is right. Report its balanced AuC on the test pictures.")
    return (
        f"On the test pictures another setting has {of['test'][flattering]:.1f}, and whoever reports that has chosen "
        "on them. What they would get on new pictures is nearer to yours."
    )
