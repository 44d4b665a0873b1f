"""The whole way from a grey picture to a coloured one, drawn by going it: every part of the drawing was computed."""

import torch
from PIL import Image

from ..colour.gamut import Gamut
from ..colour.lab import rgb_to_lab, to_rgb
from ..colour.resolution import upsample
from ..errors import InputError
from ..inference.colorizer import Colorizer
from ..inference.dials import TEMPERATURE
from .drawing import LETTERS, arrow, block, block_size, drawing, lines, picture, shape_text, text
from .machines import shapes
from .page import Part, image_address

#: In units of the drawing: a picture's side, the middles of the three columns, where the two rows begin.
_SIDE, _COLUMNS, _ROWS = 92.0, (52.0, 190.0, 328.0), (26.0, 204.0)
#: The lightness at which colours without a light are shown.
_LIGHT = 68.0


def pipeline(rgb: torch.Tensor, colorizer: Colorizer, temperature: float = TEMPERATURE, lam: float = 1.0) -> Part:
    """Image, L, network, distribution, ab, image: two rows of three.

    Parameters
    ----------
    rgb
        ``(3, S, S)`` uint8, S a multiple of 8.
    colorizer
        One that predicts a distribution.
    temperature, lam
        The dials of :meth:`~colorize_lib.inference.colorizer.Colorizer.decode`.

    Raises
    ------
    InputError
        If the colorizer predicts no distribution.
    """
    if colorizer.gamut is None:
        raise InputError(f"{colorizer.name} predicts no distribution to draw: load classification, transfer or photo.")
    lab = rgb_to_lab(rgb[None])  # (1, 3, S, S)
    lightness = lab[:, :1]
    logits = colorizer.predict(lightness).cpu()  # (1, Q, h, w)
    ab = colorizer.decode(logits.to(colorizer.device), temperature, lam).cpu()  # (1, 2, h, w)
    painted = to_rgb(lightness, upsample(ab, lab.shape[-2:]))
    flat = to_rgb(torch.full_like(ab[:, :1], _LIGHT), ab)
    chances = logits[0].softmax(0)  # (Q, h, w)
    row, column = _doubtful(chances)
    chance = chances[:, row, column]

    top, bottom = _ROWS
    parts = [
        *_shown((0, top), "image", rgb[None]),
        *_shown((1, top), "L", to_rgb(lightness), shape_text(lightness.shape)),
        *_network((2, top), colorizer, lightness),
        *_bins((0, bottom), colorizer.gamut, chance, shape_text(logits.shape)),
        *_shown((1, bottom), "ab", flat, shape_text(ab.shape)),
        *_shown((2, bottom), "image", painted),
    ]
    share = (column + 0.5) / ab.shape[-1], (row + 0.5) / ab.shape[-2]
    for place in ((1, top), (1, bottom)):
        parts.append(_ring(_COLUMNS[place[0]] - _SIDE / 2 + share[0] * _SIDE, place[1] + share[1] * _SIDE))
    parts += _arrows()
    said = (
        f"Six steps. A colour image; its lightness L, {shape_text(lightness.shape)}, which is a grey image; the "
        f"network {colorizer.name}; the distribution over colours that it predicts for each pixel, "
        f"{shape_text(logits.shape)}; one ab for each pixel, {shape_text(ab.shape)}, the annealed mean; and L with "
        "this ab, a coloured image."
    )
    return drawing(parts, 380, bottom + _SIDE + 2 * LETTERS + 10, said, widest=1.7)


def _doubtful(chances: torch.Tensor) -> tuple[int, int]:
    """Row and column of the pixel, not too near to an edge, whose distribution ``(Q, h, w)`` is broadest."""
    doubt = torch.special.entr(chances).sum(0)  # (h, w)
    top, left = (edge // 5 for edge in doubt.shape)
    inside = doubt[top : len(doubt) - top, left : doubt.shape[1] - left]
    row, column = divmod(int(inside.argmax()), inside.shape[1])
    return top + row, left + column


def _shown(place: tuple[int, float], name: str, rgb: torch.Tensor, under: str | None = None) -> list[str]:
    """A picture ``(1, 3, H, W)`` uint8 with its name over it and its shape under it."""
    x, y = _COLUMNS[place[0]], place[1]
    address = image_address(Image.fromarray(rgb[0].permute(1, 2, 0).cpu().numpy()), "png")
    return [picture(x - _SIDE / 2, y, _SIDE, _SIDE, address), *_named(x, y, name, under or shape_text(rgb.shape))]


def _named(x: float, y: float, name: str, under: str) -> list[str]:
    return [text(x, y - 8, name, bold=True), text(x, y + _SIDE + LETTERS + 3, under)]


def _network(place: tuple[int, float], colorizer: Colorizer, lightness: torch.Tensor) -> list[str]:
    """The network as a row of blocks, as large as what goes through it."""
    x, y = _COLUMNS[place[0]], place[1]
    seen = shapes(colorizer.network, lightness.to(colorizer.device))
    back = [seen[f"decoder.{i}"][1][0] for i in range(len(colorizer.network.decoder))]
    down = [(shape, "learned") for shape in back[::-1]] + [(shape, "back") for shape in back]
    sizes = [block_size(shape, 7.6, 0.62) for shape, _ in down]
    room = (_SIDE + 2 - sum(size[0] for size in sizes) - sizes[-1][2]) / (len(sizes) - 1)
    parts, left = [], x - _SIDE / 2 - 2
    for size, (_, kind) in zip(sizes, down, strict=True):
        parts.append(block(left + size[0] / 2, y + _SIDE / 2, size, kind))
        left += size[0] + room
    return [*parts, *_named(x, y, "network", f"“{colorizer.name}”")]


def _bins(place: tuple[int, float], gamut: Gamut, chance: torch.Tensor, under: str) -> list[str]:
    """The ab plane of one pixel: a square a bin, as large as the bin is likely."""
    x, y = _COLUMNS[place[0]], place[1]
    reach = 0.85 * gamut.centres.abs().max().item() + gamut.grid
    scale = _SIDE / (2 * reach)
    lab = torch.cat((torch.full((len(gamut), 1), _LIGHT), gamut.centres), 1)[..., None, None]  # (Q, 3, 1, 1)
    colours = to_rgb(lab[:, :1], lab[:, 1:])[..., 0, 0].tolist()
    edges = (gamut.grid * scale * (chance / chance.max()).sqrt()).clamp(min=1.1).tolist()
    parts = [
        f'<rect x="{x - _SIDE / 2:.1f}" y="{y:.1f}" width="{_SIDE}" height="{_SIDE}" rx="4" fill="#1b1d21" '
        'stroke="#888" stroke-opacity="0.6"/>'
    ]
    for (a, b), (red, green, blue), edge in zip(gamut.centres.tolist(), colours, edges, strict=True):
        if max(abs(a), abs(b)) + gamut.grid / 2 > reach:
            continue  # a few blues that nothing natural has
        left, top = x + a * scale - edge / 2, y + _SIDE / 2 - b * scale - edge / 2
        fill = f"rgb({red},{green},{blue})" if edge > 1.1 else "#4a4e55"
        parts.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{edge:.1f}" height="{edge:.1f}" fill="{fill}"/>')
    return [*parts, *_named(x, y, "distribution", under)]


def _ring(x: float, y: float) -> str:
    """Around one pixel, seen on every colour."""
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none"'
    return f'{circle} stroke="#000" stroke-width="3.4"/>{circle} stroke="#fff" stroke-width="1.6"/>'


def _arrows() -> list[str]:
    """Between the six, with what happens on the way."""
    (first, second, third), (top, bottom) = _COLUMNS, _ROWS
    edge, middle = _SIDE / 2 + 4, top + _SIDE / 2
    under, over = top + _SIDE + LETTERS + 10, bottom - LETTERS - 10
    low, turn = bottom + _SIDE / 2, (under + over) / 2
    return [
        arrow((first + edge, middle), (second - edge, middle)),
        arrow((second + edge, middle), (third - edge - 4, middle)),
        f'<path d="M{third:.1f} {under:.1f}V{turn:.1f}H{first:.1f}" fill="none" stroke="currentColor" '
        'stroke-width="1.6"/>',
        arrow((first, turn), (first, over)),
        arrow((first + edge, low), (second - edge, low)),
        arrow((second + edge, low), (third - edge, low)),
        lines((first + second) / 2, low + 16, ["mean"]),
        lines((second + third) / 2, low + 16, ["+ L"]),
    ]
