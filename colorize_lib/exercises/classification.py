"""Exercises of chapter 3."""

from functools import lru_cache
from math import log, sqrt

import torch

from ..colour.gamut import Gamut
from ..colour.lab import rgb_to_lab
from ..data.examples import gallery
from ..networks.losses import soft_cross_entropy
from .verdict import NotYet, number, result_of


def exercise_1(coarse: object, fine: object) -> str:
    """ab RMSE of naming the nearest bin, on grids of 20 and of 5: as measured or as derived."""
    answer = {20: number(coarse, "Your error for 20"), 5: number(fine, "Your error for 5")}
    if answer[20] <= answer[5]:
        raise NotYet("You have the coarse grid at least as good as the fine one. Wide cells have far corners.")
    ab = rgb_to_lab(gallery().rgb)[:, 1:]
    for grid, value in answer.items():
        gamut = Gamut(grid=grid)
        squared = (gamut.centres[gamut.nearest(ab)].movedim(-1, 1) - ab).square().sum(1)
        derived, measured = grid / sqrt(6), squared.mean().sqrt().item()
        if abs(value - grid / sqrt(12)) < 0.02 * value:
            raise NotYet("That is the error in a, or in b. A colour is off in both: add the two squares.")
        if abs(value - squared.mean()) < 0.02 * value:
            raise NotYet("That is the mean of the squares. The root is missing.")
        if abs(value - squared.sqrt().mean()) < 0.02 * value:
            raise NotYet("That is the mean distance. Square the distances, take their mean, and then the root.")
        if min(abs(value / derived - 1), abs(value / measured - 1)) > 0.02:
            way = "high" if value > derived else "low"
            raise NotYet(f"Your error for the grid {grid} is too {way}. Let nearest name the bins and measure.")
    return (
        "Half the width, half the error: w / √6, if colours lie anywhere in a cell. But finer cells are many more bins."
    )


def exercise_2(narrow: object, wide: object) -> str:
    """The largest share of a pixel in the middle of a bin, for sigma = 1 and for sigma = 100."""
    answer = {1: number(narrow, "Your narrow"), 100: number(wide, "Your wide")}
    for value in answer.values():
        if not 0 <= value <= 1:
            raise NotYet(f"A share lies between 0 and 1, and one of yours is {value:g}.")
    if answer[1] < answer[100]:
        raise NotYet("It is the other way round: a narrow Gaussian leaves less to the neighbours, a wide one more.")
    for (sigma, value), name in zip(answer.items(), ("narrow", "wide"), strict=True):
        share, bins = _largest_share(sigma)
        if name == "wide" and abs(value - 1 / bins) < 1e-3:
            raise NotYet(f"That would share it among all {bins} bins. Only the K nearest get anything.")
        if abs(value - share) > 0.01:
            raise NotYet(f"Your {name} is too {'high' if value > share else 'low'}. What becomes of each exponent?")
    return "σ goes from one class a pixel to five that count alike. At 5, half a bin, the neighbours get what is near."


@lru_cache(2)
def _largest_share(sigma: float) -> tuple[float, int]:
    """Of a pixel in the middle of a bin, what that bin gets, and how many bins there are."""
    gamut = Gamut(sigma=sigma)
    middle = torch.tensor([20.0, 20.0])[None, :, None, None]  # (1, 2, 1, 1)
    return gamut.encode(middle)[1].max().item(), len(gamut)


def exercise_3(hard_loss: object) -> str:
    """A function from logits ``(N, Q, h, w)`` and the nearest bin ``(N, h, w)`` to the loss without sharing."""
    rng = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(2, 7, 3, 4, generator=rng)
    nearest = torch.randint(7, (2, 3, 4), generator=rng)
    answer = torch.tensor(number(result_of(hard_loss, logits, nearest), "The loss of all pixels"))
    each = soft_cross_entropy(logits, nearest[:, None], torch.ones(2, 1, 3, 4))  # (2, 3, 4)
    own = logits.gather(1, nearest[:, None])[:, 0]  # (2, 3, 4)
    twice = soft_cross_entropy(logits.softmax(1), nearest[:, None], torch.ones(2, 1, 3, 4))
    for wrong, says in (
        (-each.mean(), "The sign is the wrong way round: a loss is small where the network is right."),
        (each.sum(), "That is the sum over all pixels. Take the mean."),
        (twice.mean(), "A softmax too many: cross_entropy takes logits, and does it itself."),
        (-own.mean(), "The softmax is missing: nll_loss wants log-probabilities, not logits."),
        (-logits.softmax(1).gather(1, nearest[:, None]).mean(), "The logarithm is missing: take log_softmax."),
        (each.mean() / log(2), "That is in bits. Take the natural logarithm."),
    ):
        if torch.isclose(answer, wrong, rtol=1e-4):
            raise NotYet(says)
    if not torch.isclose(answer, each.mean(), rtol=1e-4):
        raise NotYet("With K = 1 one term of the sum is left: minus log p of the nearest bin, averaged over pixels.")
    return "It is the cross-entropy that every classifier is trained with. Sharing changes the target, not the loss."


def exercise_4(smallest_loss: object) -> str:
    """A function from shares ``(K,)``, summing to 1, to the smallest loss that any p can reach."""
    for parts in ([0.5, 0.3, 0.1, 0.1], [0.2] * 5, [1.0, 0.0, 0.0]):
        share = torch.tensor(parts)
        result = result_of(smallest_loss, share)
        if isinstance(result, torch.Tensor) and result.isnan().any():
            raise NotYet(
                "A share of 0 gives 0 · log 0, which is no number. Its limit is 0, as torch.special.xlogy knows."
            )
        answer, entropy = number(result, f"Your loss for {parts}"), torch.special.entr(share).sum().item()
        if abs(answer - entropy) < 1e-3:
            continue
        if abs(answer) < 1e-3:
            raise NotYet("It cannot reach 0. That asks for p = 1 in every bin with a share, and p sums to 1.")
        if abs(answer + entropy) < 1e-3:
            raise NotYet("A loss below 0? Every log p is at most 0, and there is a minus before the sum.")
        if abs(answer - entropy / log(2)) < 1e-3:
            raise NotYet("That is in bits. The loss is in nats: take the natural logarithm.")
        if abs(answer + share.max().log().item()) < 1e-3:
            raise NotYet("That is minus log of the largest share. The other shares are part of the sum too.")
        if answer < entropy:
            raise NotYet(f"For shares of {parts} no p gets as low as {answer:.2f}. What does the loss cost at p = z?")
        raise NotYet(f"For shares of {parts} some p gets below {answer:.2f}. Which p would you like to see?")
    return "It is smallest at p = z: the entropy of the shares. Only a pixel that is not shared gets to 0."
