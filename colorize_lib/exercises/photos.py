"""Exercises of chapter 8."""

import torch
from torch.nn import functional as F

from ..colour.bilateral import joint_bilateral_upsample
from ..colour.lab import rgb_to_lab
from ..colour.resolution import view_sides
from ..data.examples import photograph
from ..inference.colorizer import Colorizer
from ..inference.dials import VIEWS
from ..measuring.metrics import ab_rmse
from .verdict import NotYet, choice, items, number, result_of, tensor


def exercise_1(sides: object) -> str:
    """(height, width) of what ``photo`` sees of a picture 900 pixels high and 100 wide."""
    if (listed := items(sides)) is None or len(listed) != 2:
        raise NotYet("Give two numbers, height and width, such as (192, 192).")
    height, width = (number(side, "A side") for side in listed)
    side = VIEWS["photo"]
    right = view_sides(900, 100, side)
    if (height, width) == right:
        return (
            "As many pixels as of a square picture, in the shape of yours. By the shorter side it were nine times more."
        )
    if (width, height) == right:
        raise NotYet("The height comes first.")
    if width == side:
        raise NotYet(f"{side} is not the shorter side. It is the side of a square with as many pixels as the view.")
    if max(height, width) == side:
        raise NotYet(f"{side} is not the longer side either: the view has about {side} x {side} pixels in all.")
    if abs(height * width - side**2) > 0.35 * side**2:
        raise NotYet(f"Yours has {height * width:g} pixels, and the network looks at about {side} x {side}.")
    if height % 8 or width % 8:
        raise NotYet("Nearly: both sides are rounded to multiples of 8.")
    raise NotYet("The number of pixels is right, but not the shape: height over width is 9, before it is rounded.")


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


def exercise_3(pair: object) -> str:
    """Two distributions over three bins ``(2, 3)`` whose two means, of p and of log p, have different favourites."""
    pair = tensor(pair, (2, 3), "Your pair")
    if (pair <= 0).any():
        raise NotYet("Each probability must be above 0: the logarithm of 0 is not a number. A millionth is enough.")
    if (pair.sum(1) - 1).abs().max() > 1e-3:
        raise NotYet("Each row must sum to 1.")
    of_p, of_log = pair.mean(0), pair.log().mean(0)
    if of_p.argmax() == of_log.argmax():
        raise NotYet(
            f"Both means like bin {of_p.argmax().item()} best. Let one neighbour be nearly sure of a bin that the "
            "other rules out, and let both think a third one possible."
        )
    return "The mean of p takes who shouts loudest, that of log p what nobody rules out: so regions agree."


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
