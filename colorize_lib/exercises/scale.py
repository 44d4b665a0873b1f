"""Exercises of chapter 9."""

from functools import lru_cache

import numpy as np
import torch
from torch import nn

from ..networks.eccv16 import ECCV16
from ..training.cost import Training, training_flops
from .verdict import NotYet, number, result_of


def exercise_1(share: object) -> str:
    """What the paper's training costs with crops of 88 pixels, as a share of what it costs with 176."""
    answer = number(share, "The share")
    right = _share_of_half_the_side()
    if not 0 < answer < 1:
        raise NotYet(f"A share of the whole cost lies between 0 and 1, and yours is {answer:g}.")
    if abs(answer - 0.5) < 0.01:
        raise NotYet("Half the side is not half of the pixels.")
    if abs(answer - right) > 0.01:
        raise NotYet(f"That is too {'much' if answer > right else 'little'}. Let training_flops count both.")
    return "Every layer is a convolution, so the cost goes with the pixels. You would pay in what the network can see."


@lru_cache(1)
def _share_of_half_the_side() -> float:
    """Counted once: the page is asked about many numbers."""
    return training_flops(ECCV16, 88) / training_flops(ECCV16, 176)


def exercise_2(layer_flops: object) -> str:
    """A function of kernel, channels in, channels out and side: FLOPs of a convolution, forwards and backwards."""
    kernel, wide, out, side = 5, 7, 11, 13  # primes: each slip has a ratio of its own

    def first() -> nn.Module:
        return nn.Conv2d(1, wide, 1)

    def both() -> nn.Module:
        return nn.Sequential(first(), nn.Conv2d(wide, out, kernel, padding=kernel // 2))

    answer = number(result_of(layer_flops, kernel, wide, out, side), "What your function gives")
    right = training_flops(both, side) - training_flops(first, side)
    slips = {
        3: "That is the way forwards alone. The way back costs twice more.",
        2: "A multiplication followed by an addition counts as two.",
        3 / 2: "The way back has two gradients: that of the weights, and that of what came in.",
        6: "That is forwards alone, and a multiplication followed by an addition counts as two.",
        kernel: "The kernel is square: k by k.",
        side: "The output is square too: side by side pixels.",
        side**2: "That is for one pixel of the output. There are side by side of them.",
    }
    for factor, message in slips.items():
        if abs(answer * factor / right - 1) < 1e-6:
            raise NotYet(message)
    if abs(answer / right - 1) > 1e-6:
        raise NotYet(
            f"For a kernel of {kernel}, {wide} channels in, {out} out and a side of {side}, PyTorch counts "
            f"{right:,.0f}, and you {answer:,.0f}."
        )
    return "It is what PyTorch counts: six times kernel squared, channels in, channels out and pixels."


def exercise_3(utilisation: object) -> str:
    """The utilisation at which twice the peak for three times the price costs the same as the first GPU at 0.2."""
    answer = number(utilisation, "The utilisation")
    if not 0 < answer <= 1:
        raise NotYet(f"A utilisation is a share of the peak, above 0 and at most 1, and yours is {answer:g}.")
    work = Training(flops=1.0, pictures=1.0)
    ratio = 3 * work.hours(2.0, answer) / work.hours(1.0, 0.2)
    if abs(ratio - 1) > 0.01:
        raise NotYet(f"At {answer:g} the training costs {ratio:.2f} times what it costs on the first GPU.")
    return "What counts is the price over u times the peak. Faster GPUs are harder to keep busy, not easier."


def exercise_4(common: object) -> str:
    """A function from means and variances of shares, ``(G,)`` each, to mean and variance of the whole batch."""
    shift = torch.tensor([-2.0, 0.0, 1.0, 5.0])[:, None]
    shares = torch.randn(4, 16, generator=torch.Generator().manual_seed(0)) + shift
    means, variances = shares.mean(1), shares.var(1, correction=0)
    answer = result_of(common, means, variances)
    if not (isinstance(answer, tuple | list | np.ndarray | torch.Tensor) and np.shape(answer)[:1] == (2,)):
        raise NotYet("Give two things back: the mean, and the variance.")
    mean, variance = number(answer[0], "The mean"), number(answer[1], "The variance")
    if abs(mean - shares.mean().item()) > 1e-3:
        raise NotYet("The mean is not that of the batch. All shares are of one size, so all count alike.")
    right = shares.var(correction=0).item()
    slips = {
        variances.mean().item(): "That is the mean of the variances. It forgets that the shares' means differ.",
        means.var(correction=0).item(): "That is the variance of the means. It forgets the spread within a share.",
        (variances.mean() + means.var()).item(): "Nearly. torch.var divides by G - 1 unless you say correction=0.",
    }
    for slip, message in slips.items():
        if abs(variance - slip) < 1e-3:
            raise NotYet(message)
    if abs(variance - right) > 1e-3:
        raise NotYet(f"The variance is too {'large' if variance > right else 'small'}. Begin with the mean of squares.")
    return "The spread within the shares, plus the spread between them: two numbers a channel are all that must travel."
