"""Drawings in SVG that take ink and paper from the page around them: readable on a phone and in the dark.

A tensor is drawn as a block: as high and as deep as it has rows and columns, and as wide as it has channels.
"""

import math
from collections.abc import Sequence
from html import escape

from .page import Part

#: What a block is: outline and filling, in the colours of the book's diagrams.
KINDS = {
    "data": "#888888",
    "learned": "#0072B2",
    "given": "#009E73",
    "back": "#D55E00",
    "answer": "#CC79A7",
}
#: Size of letters, in the units of a drawing, which are about pixels on a phone.
LETTERS = 12.5

_DIGITS = "font-variant-numeric:tabular-nums"


def drawing(parts: Sequence[str], width: float, height: float, said: str, widest: float = 1.1) -> Part:
    """An SVG of these parts.

    Parameters
    ----------
    parts
        What the other functions here return; later ones lie over earlier ones.
    width, height
        In units. A page shows them as wide as it can, and at most ``widest`` times as large.
    said
        What is on it, for those who cannot see it.
    """
    heads = "".join(
        f'<marker id="{_head(colour)}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
        for colour in ("currentColor", *KINDS.values())
    )
    return Part(
        f'<svg class="drawing" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(said)}" '
        f'font-family="system-ui, sans-serif" font-size="{LETTERS}" fill="currentColor" '
        f'style="display:block;width:100%;max-width:{widest * width:.0f}px;height:auto;margin:0.5rem auto">'
        f"<defs>{heads}</defs>{''.join(parts)}</svg>"
    )


def shape_text(shape: Sequence[int]) -> str:
    """A shape without its batch, as one writes it: ``(1, 64, 16, 16)`` to ``64 × 16 × 16``."""
    return " × ".join(f"{size:,}" for size in shape[1:])


def block_size(shape: Sequence[int], scale: float = 14.0, thickness: float = 2.2) -> tuple[float, float, float]:
    """Width, height and depth of the block of a tensor ``(N, C, H, W)`` or ``(N, C)``.

    They grow with the roots of channels and rows: so what is eight times as much can stand beside it.
    """
    channels, rows = shape[1], shape[2] if len(shape) > 2 else 1
    side = scale * math.sqrt(rows)
    return 3 + thickness * math.sqrt(channels), side, 0.32 * side


def block(x: float, y: float, size: tuple[float, float, float], kind: str = "learned") -> str:
    """A block whose front has its middle at (x, y)."""
    (width, height, deep), colour = size, KINDS[kind]
    left, top = x - width / 2, y - height / 2
    right, bottom = left + width, top + height
    front = f"M{left:.1f} {top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}z"
    lid = f"M{left:.1f} {top:.1f}l{deep:.1f} {-deep:.1f}h{width:.1f}L{right:.1f} {top:.1f}z"
    side = f"M{right:.1f} {top:.1f}l{deep:.1f} {-deep:.1f}v{height:.1f}L{right:.1f} {bottom:.1f}z"
    return (
        f'<g stroke="{colour}" stroke-width="1.2" stroke-linejoin="round" fill="{colour}">'
        f'<path d="{lid}" fill-opacity="0.18"/><path d="{side}" fill-opacity="0.55"/>'
        f'<path d="{front}" fill-opacity="0.34"/></g>'
    )


def text(x: float, y: float, words: str, anchor: str = "middle", *, bold: bool = False, small: bool = False) -> str:
    """One line of text, on the line y."""
    looks = (' font-weight="600"' if bold else "") + (f' font-size="{LETTERS - 1}"' if small else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{looks} style="{_DIGITS}">{escape(words)}</text>'


def lines(x: float, y: float, words: Sequence[str], anchor: str = "middle") -> str:
    """Small text of several lines, with the middle of all at the height y."""
    step = LETTERS + 1.5
    top = y - step * (len(words) - 1) / 2 + 0.33 * LETTERS
    return "".join(text(x, top + step * i, line, anchor, small=True) for i, line in enumerate(words))


def arrow(
    start: tuple[float, float], end: tuple[float, float], kind: str | None = None, *, dashed: bool = False
) -> str:
    """A line from one point to the other, with a head."""
    colour = KINDS[kind] if kind else "currentColor"
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" stroke="{colour}" '
        f'stroke-width="1.6"{dash} marker-end="url(#{_head(colour)})"/>'
    )


def picture(x: float, y: float, width: float, height: float, address: str) -> str:
    """A picture from a ``data:`` address, its left upper corner at (x, y)."""
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" href="{address}" '
        'preserveAspectRatio="none"/>'
    )


def _head(colour: str) -> str:
    """All drawings of a page have the same heads, so it does not matter that they share their names."""
    return f"drawing-arrow-{colour.lstrip('#')}"
