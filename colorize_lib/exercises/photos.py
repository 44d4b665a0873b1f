"""Exercises of chapter 8."""

import torch
from torch.nn import functional as F

from ..bilateral import joint_bilateral_upsample
from ..colorizer import SCALES, Colorizer
from ..data import photograph
from ..lab import rgb_to_lab
from ..metrics import ab_rmse
from ..weights import load_weights
from .verdict import NotYet, choice, items, number, result_of, tensor


def exercise_1(sides: object) -> str:
    """The shorter sides at which ``photo`` looks at a picture of 150 by 100 pixels, in any order."""
    if (listed := items(sides)) is None:
        raise NotYet("Give a list of numbers, such as [10, 20].")
    answer = {number(side, "A side") for side in listed}
    trained = min(load_weights("photo").meta["data"]["size"])
    shown = {int(trained * scale + 0.5) for scale in SCALES}
    if 150 in answer:
        raise NotYet("It is the shorter side that is reduced. The longer one follows.")
    if larger := [side for side in answer if side >= 100]:
        raise NotYet(f"Your picture is 100 pixels high. It is only ever reduced, and never to {larger[0]:g}.")
    if strange := answer - shown:
        raise NotYet(f"{min(strange):g} is none of SCALES times the {trained} pixels that photo was trained at.")
    if missing := {side for side in shown if side < 100} - answer:
        more = "is 1" if len(missing) == 1 else f"are {len(missing)}"
        raise NotYet(f"There {more} more below 100. SCALES says how many times {trained} each side is.")
    return "What would be larger than the picture is left out: enlarging adds pixels, and nothing to see."


def exercise_2(rougher: object, unrest: object) -> str:
    """Which size gives colours that change more from pixel to pixel, 16 or None, and the function that measures it."""
    x = torch.arange(6.0)  # from pixel to pixel a changes by 3, and b by 1
    zigzag = torch.stack((3 * (x % 2), x)).expand(1, 5, 2, 6).transpose(1, 2)  # (1, 2, 5, 6)
    across = number(result_of(unrest, zigzag), "What your function gives")
    down = number(result_of(unrest, zigzag.transpose(2, 3)), "What your function gives")
    if down > 1e-4:
        raise NotYet("Colours that change only from top to bottom should give 0: compare pixels side by side alone.")
    if abs(across - 5) < 1e-4:
        raise NotYet("That is the mean of the squares. Take the distance itself, without its sign.")
    if abs(across - 4) < 1e-4:
        raise NotYet("Take the mean over a and b too, not their sum.")
    if abs(across - 2) > 1e-4:
        raise NotYet(
            f"Where a goes up and down by 3, and b up by 1, the mean is 2, and yours is {across:.3g}. Ups and downs "
            "must not cancel, and there is one neighbour fewer than there are pixels."
        )
    choice(rougher, (16, None), "The size with more unrest")
    light = rgb_to_lab(photograph("chelsea"))[None, :1]
    photo = Colorizer.load("photo", device="cpu")
    coarse, full = (number(unrest(photo.colour_lightness(light, size=size))) for size in (16, None))
    if rougher != (16 if coarse > full else None):
        raise NotYet(f"You expected size={rougher}. Let your function say: colour Chelsea at both sizes and compare.")
    return "At 16 pixels there are only clouds of colour. At full size the network sees texture, and gives patches."


def exercise_3(equal: object, perfect: object) -> str:
    """Errors of two sizes, ``(2, 2)`` each: one where their mean gains nothing, one where it gains everything."""
    equal, perfect = tensor(equal, (2, 2), "equal"), tensor(perfect, (2, 2), "perfect")
    for name, rows in (("equal", equal), ("perfect", perfect)):
        if torch.allclose(rows[0], rows[1]):
            raise NotYet(f"In {name} both sizes err in the same way. Let them disagree.")
    if (equal.norm(dim=1) < 1e-6).any():
        raise NotYet("In equal one size makes no error at all. Let both err, and still disagree.")
    left, right = equal.mean(0).norm(), equal.norm(dim=1).mean()
    if left < right * (1 - 1e-4):
        raise NotYet(
            f"equal: the mean errs by less, {left:.3g}, than the sizes on average, {right:.3g}. Draw two arrows, "
            "one after the other. When is the way as long as both together?"
        )
    if perfect.mean(0).norm() > 1e-4 * perfect.norm():
        a, b = perfect.mean(0).tolist()
        raise NotYet(f"perfect: the mean still errs, by a = {a:.3g} and b = {b:.3g}.")
    return "The mean removes what the sizes disagree about, and nothing of what they all get wrong."


def exercise_4(spill: object) -> str:
    """A function of the step in L between a red and a green square: ab RMSE of the joint bilateral upsampling."""
    answer = {step: number(result_of(spill, step), f"spill({step})") for step in (0, 20)}
    right = {step: _spill(step) for step in answer}
    if abs(answer[0] - answer[20]) < 1e-3:
        raise NotYet(
            "Yours is the same with a step in L and without. Stretch with joint_bilateral_upsample, and let L "
            "have the step, both coarse and fine."
        )
    for step, value in answer.items():
        if abs(value - right[step]) > 0.02 * right[step]:
            raise NotYet(
                f"spill({step}) is too {'high' if value > right[step] else 'low'}. L is 50 at the left and "
                f"{50 + step} at the right, a is 40 and -40, b is 0, and coarse is the mean of 8 by 8 pixels."
            )
    return "Without an edge of light the colours run. A step of 20 units of L all but stops them."


def _spill(step: float) -> float:
    """What :func:`exercise_4` asks for."""
    light, ab = torch.full((1, 1, 64, 64), 50.0), torch.zeros(1, 2, 64, 64)
    light[..., 32:] += step
    ab[:, 0, :, :32], ab[:, 0, :, 32:] = 40, -40
    return ab_rmse(joint_bilateral_upsample(F.avg_pool2d(ab, 8), F.avg_pool2d(light, 8), light), ab)
