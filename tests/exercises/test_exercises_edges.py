"""Every check that allows for rounding: a near hit is taken, a near miss is not.

Without these a tolerance could become ten times as wide, and a wrong answer right, and no other test would see it.
"""

import functools
from math import log, sqrt

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from colorize_lib.colour.bilateral import joint_bilateral_upsample
from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab, to_rgb
from colorize_lib.colour.recolour import turned, with_colour
from colorize_lib.data.examples import embedded_cifar10, gallery
from colorize_lib.exercises import check
from colorize_lib.exercises.annealed_mean import CENTRES, PIXELS
from colorize_lib.inference.classifier import Classifier
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.measuring.metrics import ab_rmse, colourfulness_ratio
from colorize_lib.measuring.results import read_result
from colorize_lib.measuring.statistics import mcnemar
from colorize_lib.networks.transfer import TransferConfig, TransferUNet, parameter_groups

network = functools.cache(lambda: Colorizer.load("classification", "cpu"))

# Each gives the answer to a check that is off by so much: a distance, a share where the name begins with
# share_, or what the docstring says.


def blue(off):
    return rgb_to_lab(torch.tensor([0, 0, 1.0])[:, None, None])[0].item() + off, 97.1


def yellow(off):
    return 32.3, rgb_to_lab(torch.tensor([1.0, 1, 0])[:, None, None])[0].item() + off


def average(off):
    return (lambda rgb: rgb.float().mean(1, keepdim=True) / 2.55 + off,)


def cheapest(off):
    return (lambda colours, shares: shares @ colours + off,)


def opposite(off):
    return off, sqrt(0.5), 1


def right_angle(off):
    return 0, sqrt(0.5) + off, 1


def one_hue(off):
    return 0, sqrt(0.5), 1 + off


def slope(off):
    return (lambda values, guess: (guess - values).sign().mean() + off,)


def median(off):
    return lambda values: values.median() + off, "greyer"


def share_of_derived(off):
    return 20 / sqrt(6) * (1 + off), 5 / sqrt(6)


def share_of_derived_fine(off):
    return 20 / sqrt(6), 5 / sqrt(6) * (1 + off)


def share_of_measured(off):
    ab, errors = rgb_to_lab(gallery().rgb)[:, 1:], []
    for grid in (20, 5):
        gamut = Gamut(grid)
        errors.append(ab_rmse(gamut.centres[gamut.nearest(ab)].movedim(-1, 1), ab))
    return errors[0] * (1 + off), errors[1] * (1 + off)


def narrow(off):
    return 1 + off, 0.2


def wide(off):
    return 1, 0.2 + off


def share_of_hard_loss(off):
    return (lambda logits, nearest: F.cross_entropy(logits, nearest) * (1 + off),)


def entropy(off):
    return (lambda share: torch.special.entr(share).sum() + off,)


def cooled(off):
    chroma = ((torch.tensor(PIXELS).log() / 0.38).softmax(1) @ torch.tensor(CENTRES)).norm(dim=1)
    return ["greyer", "stronger", "greyer"], chroma + off


def vote(off):
    """Green has 5 % of it, and ``off`` more."""
    share = (5 + off) / 100
    return (log(0.6 / 0.4) / log((1 - share) / share),)


def heated(off):
    return (network().gamut.centres.mean(0) + off,)


def share_of_colourfulness(off):
    """The lambda at which pictures are 1 + ``off`` times as colourful as the truth, at the T of the paper."""
    truth = gallery().rgb
    lightness = rgb_to_lab(truth)[:, :1]
    few, many = 0.02, 1.0  # the smaller lambda, the more colourful
    for _ in range(14):
        lam = sqrt(few * many)
        ratio = colourfulness_ratio(to_rgb(lightness, network().colour_lightness(lightness, 0.38, lam)), truth)
        few, many = (lam, many) if ratio > 1 + off else (few, lam)
    return 0.38, lam


def share_of_weight(off):
    return (lambda lam: (1 + off) / lam,)


def turned_back(off):
    return (lambda logits, w: logits - w.log()[:, None, None] + off * torch.tensor([1.0, 0, 0, 0])[:, None, None],)


def share_of_squared_ratio(off):
    """The lambda at which rarest : commonest is 1 + ``off`` times the square of that at 0.5."""
    low, high = network().prior.double().aminmax()
    q = len(network().prior)
    wanted = (1 + off) * ((high + 1 / q) / (low + 1 / q)) ** 2
    return (((high - wanted * low) / (high - wanted * low + (wanted - 1) / q)).item(),)


def folded(off):
    return (lambda weight: weight.sum(1, keepdim=True) + off,)


def share_of_rate(off):
    def two_speeds(network, lr, rho):
        encoder, rest = parameter_groups(network)
        return [{"params": encoder, "lr": rho * lr * (1 + off)}, {"params": rest, "lr": lr}]

    return (two_speeds,)


def unfrozen(off):
    encoder, rest = (sum(p.numel() for p in group) for group in parameter_groups(TransferUNet(TransferConfig(261))))
    return (rest / (encoder + rest) + off,)


def share_of_pictures(off):
    curves = read_result("transfer-curves")["curves"]

    def error(arm, images):
        return np.mean([c["test"]["ab_rmse"] for c in curves if (c["arm"], c["images"]) == (arm, images)])

    start, end = error("scratch", 5000), error("scratch", 50_000)
    return (5000 * 10 ** ((start - error("pretrained", 5000)) / (start - end)) * (1 + off),)


def coin(off):
    return (2 * sum((1, 12, 66, 220)) / 4096 + off,)


def share_of_needed(off):
    return (lambda accuracy, half: 1.96**2 * accuracy * (1 - accuracy) / half**2 * (1 + off),)


def told_apart(off):
    images = embedded_cifar10()
    grey = with_colour(images.rgb, strength=0)
    both = (
        Classifier.load(name, "cpu").probabilities(grey).argmax(1) == images.label
        for name in ("vgg-colour", "vgg-grey")
    )
    return mcnemar(*(right.numpy() for right in both))[2] + off, False


def information(off):
    def bits(joint):
        apart = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
        some = joint > 0
        return (joint[some] * np.log2(joint[some] / apart[some])).sum() + off

    return (bits,)


def turning(off):
    return (lambda ab, degrees: turned(ab, degrees) + off,)


def unrest(off):
    return None, lambda ab: (ab[..., 1:] - ab[..., :-1]).abs().mean() + off


def sum_of_probabilities(off):
    """Two distributions, the first of which sums to 1 + off."""
    return ([[0.8 + off, 0.199999, 0.000001], [0.000001, 0.299999, 0.7]],)


def share_of_spill(off):
    def spill(step):
        light, ab = torch.full((1, 1, 64, 64), 50.0), torch.zeros(1, 2, 64, 64)
        light[..., 32:] += step
        ab[:, 0, :, :32], ab[:, 0, :, 32:] = 40, -40
        coarse, guide = F.avg_pool2d(ab, 8), F.avg_pool2d(light, 8)
        return ab_rmse(joint_bilateral_upsample(coarse, guide, light), ab) * (1 + off)

    return (spill,)


def quarter(off):
    return (0.25 + off,)


def share_of_flops(off):
    return (lambda kernel, wide, out, side: 6 * kernel**2 * wide * out * side**2 * (1 + off),)


def share_of_price(off):
    return (0.3 / (1 + off),)


def mean_of_all(off):
    return (lambda m, v: (m.mean() + off, (v + m**2).mean() - m.mean() ** 2),)


def variance_of_all(off):
    return (lambda m, v: (m.mean(), (v + m**2).mean() - m.mean() ** 2 + off),)


def layers(off):
    return 5 + off, 3


def enlarged_layers(off):
    return 5, 3 + off


#: Exercise, its answer, off by how much it is taken, and refused.
EDGES = [
    ("1.1", blue, (-0.9, 0.9), (-1.1, 1.1)),
    ("1.1", yellow, (-0.9, 0.9), (-1.1, 1.1)),
    ("1.3", average, (-0.45, 0.45), (-0.55, 0.55)),
    ("2.1", cheapest, (-8e-4, 8e-4), (-2e-3, 2e-3)),
    ("2.2", opposite, (0, 0.018), (0.023,)),
    ("2.2", right_angle, (-0.018, 0.018), (-0.023, 0.023)),
    ("2.2", one_hue, (-0.018, 0), (-0.023,)),
    ("2.3", slope, (-0.09, 0.09), (-0.11, 0.11)),
    ("2.4", median, (-9e-4, 9e-4), (-1.2e-3, 1.2e-3)),
    ("3.1", share_of_derived, (-0.018, 0.018), (-0.03, 0.03)),
    ("3.1", share_of_derived_fine, (-0.018, 0.018), (0.03,)),
    ("3.1", share_of_measured, (-0.018, 0.018), (-0.03,)),
    ("3.2", narrow, (-9e-3, 0), (-0.011,)),
    ("3.2", wide, (-9e-3, 9e-3), (-0.011, 0.011)),
    ("3.3", share_of_hard_loss, (-8e-5, 8e-5), (-1.3e-4, 1.3e-4)),
    ("3.4", entropy, (-9e-4, 9e-4), (-1.1e-3, 1.1e-3)),
    ("4.1", cooled, (-0.45, 0.45), (-0.55, 0.55)),
    ("4.2", vote, (-0.45, 0.45), (-0.55, 0.55)),
    ("4.3", heated, (-0.45, 0.45), (-0.55, 0.55)),
    ("4.4", share_of_colourfulness, (-0.018, 0.018), (-0.022, 0.022)),
    ("5.1", share_of_weight, (-9e-3, 9e-3), (-0.011, 0.011)),
    ("5.2", turned_back, (-3e-4, 3e-4), (-1e-3, 1e-3)),
    ("5.3", share_of_squared_ratio, (-0.045, 0.045), (-0.055, 0.055)),
    ("6.1", layers, (0,), (-1, 1)),
    ("6.1", enlarged_layers, (0,), (-1, 1)),
    ("6.2", folded, (-8e-5, 8e-5), (-2e-4, 2e-4)),
    ("6.3", share_of_rate, (-8e-7, 8e-7), (-1.2e-6, 1.2e-6)),
    ("6.4", unfrozen, (-9e-3, 6e-3), (-0.011, 0.011)),
    ("6.5", share_of_pictures, (-0.045, 0.045), (-0.055, 0.055)),
    ("7.1", coin, (-9e-4, 9e-4), (-1.1e-3, 1.1e-3)),
    ("7.2", share_of_needed, (-9e-3, 9e-3), (-0.011, 0.011)),
    ("7.4", told_apart, (-9e-4, 9e-4), (-1.1e-3, 1.1e-3)),
    ("7.5", information, (-9e-7, 9e-7), (-1.1e-6, 1.1e-6)),
    ("7.6", turning, (-9e-3, 9e-3), (-0.013, 0.013)),
    ("8.2", unrest, (-8e-5, 8e-5), (-1.2e-4, 1.2e-4)),
    ("8.3", sum_of_probabilities, (-8e-4, 8e-4), (-1.2e-3, 1.2e-3)),
    ("8.4", share_of_spill, (-0.018, 0.018), (-0.022, 0.022)),
    ("9.1", quarter, (-9e-3, 9e-3), (-0.011, 0.011)),
    ("9.2", share_of_flops, (-9e-7, 9e-7), (-1.1e-6, 1.1e-6)),
    ("9.3", share_of_price, (-9e-3, 9e-3), (-0.011, 0.011)),
    ("9.4", mean_of_all, (-9e-4, 9e-4), (-1.1e-3, 1.1e-3)),
    ("9.4", variance_of_all, (-9e-4, 9e-4), (-1.1e-3, 1.1e-3)),
]


@pytest.mark.parametrize(("number", "answer", "near", "far"), EDGES, ids=[f"{n}-{a.__name__}" for n, a, *_ in EDGES])
def test_a_near_hit_is_taken_and_a_near_miss_is_not(number, answer, near, far):
    for off in near:
        verdict = check(number, *answer(off))
        assert verdict, (off, verdict.message)
    for off in far:
        verdict = check(number, *answer(off))
        assert not verdict, (off, verdict.message)
