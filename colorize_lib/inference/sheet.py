"""Nine settings of the two dials in one picture, to choose from before a folder is coloured."""

import torch
from PIL import Image, ImageDraw, ImageFont
from torch.nn import functional as F

from ..colour.bilateral import faded, joint_bilateral_upsample
from ..colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from ..colour.resolution import upsample
from .colorizer import Colorizer
from .dials import TEMPERATURE, VIVIDNESS, vividness_to_lambda

#: From left to right and from top to bottom; the setting that nobody has to ask for is one of them.
VIVIDNESSES, TEMPERATURES = (VIVIDNESS, 20, 50), (1.0, TEMPERATURE, 0.38)
#: The longer side of each of the nine, and the height of the line of text below it, in pixels.
SIDE, LINE = 480, 26


@torch.inference_mode()
def sheet(colorizer: Colorizer, rgb: torch.Tensor, size: int | None = None) -> Image.Image:
    """A picture in nine settings, reduced, with the settings written below each.

    Parameters
    ----------
    colorizer
        The network looks once.
    rgb
        ``(3, H, W)``, uint8 or floating point in [0, 1]: see :func:`~colorize_lib.pictures.reading.read_rgb`.
    size
        About how many pixels wide and high the network sees it; as it was trained if None.
    """
    small = _reduced(rgb)
    lightness = rgb_to_lab(small)[None, :1]  # (1, 1, h, w)
    prediction, guide = colorizer.ask(rgb_to_lab(rgb)[None, :1], size or colorizer.size)
    height, width = small.shape[1:]
    page = Image.new("RGB", (3 * width, 3 * (height + LINE)), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(LINE // 2)
    for row, temperature in enumerate(TEMPERATURES):
        for column, vividness in enumerate(VIVIDNESSES):
            ab = colorizer.decode(prediction, temperature, vividness_to_lambda(vividness))
            if guide is None:
                ab = upsample(ab, (height, width))
            else:
                ab = joint_bilateral_upsample(faded(ab, guide), guide, lightness.to(ab.device))
            painted = to_uint8(lab_to_rgb(torch.cat((lightness, ab.cpu()), 1)))[0]
            left, top = column * width, row * (height + LINE)
            page.paste(Image.fromarray(painted.permute(1, 2, 0).numpy()), (left, top))
            usual = "   as it is set" if (temperature, vividness) == (TEMPERATURE, VIVIDNESS) else ""
            text = f"-T {temperature:g} -v {vividness:g}{usual}"
            draw.text((left + 8, top + height + LINE // 4), text, fill="black", font=font)
    return page


def _reduced(rgb: torch.Tensor) -> torch.Tensor:
    """``(3, H, W)`` with its longer side reduced to :data:`SIDE`, if it is longer: uint8."""
    scale = min(1.0, SIDE / max(rgb.shape[1:]))
    unit = rgb if rgb.is_floating_point() else rgb.float() / 255
    if scale == 1:
        return to_uint8(unit)
    sides = [max(1, round(edge * scale)) for edge in rgb.shape[1:]]
    return to_uint8(F.interpolate(unit[None], sides, mode="bicubic", antialias=True))[0]
