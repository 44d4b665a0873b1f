"""Interactive parts of a published page: one piece of HTML that needs no kernel, no server and no library.

The scripts and style sheets are in ``web/``. What is made here is put into a page as it is: a place with
a still picture in it, which stays where no script runs, the style, and one module with its data.
"""

import base64
import hashlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

import torch
from PIL import Image

_WEB = resources.files(__package__) / "web"
_IMPORT = re.compile(r'^(?:import \{[^}]*\} from|@import) "\./([\w.]+)";$', re.MULTILINE)
#: What a browser does not read: comments that have lines of their own, empty lines, and what a line begins with.
_ASIDE = re.compile(r"^\s*(?:/\*.*?\*/\s*\n|//[^\n]*\n)|^\s+", re.MULTILINE | re.DOTALL)


def script(name: str) -> str:
    """A module of ``web/`` in one piece: what it imports stands in the place of the first line that imports it."""
    return _ASIDE.sub("", _whole(name, set()))


def style(name: str) -> str:
    """A style sheet of ``web/`` in one piece, after the one that all share."""
    seen: set[str] = set()
    return _ASIDE.sub("", _whole("page.css", seen) + _whole(name, seen))


def _whole(name: str, seen: set[str]) -> str:
    """A file with all that it imports, but for what was ``seen``, each once."""
    if name in seen:
        return ""
    seen.add(name)
    return _IMPORT.sub(lambda found: _whole(found[1], seen), (_WEB / name).read_text("utf-8"))


@dataclass(frozen=True)
class Part:
    """A part of a page, moving or still, which shows itself as the last thing of a cell.

    Attributes
    ----------
    html : str
        All of it, to put into a page.
    """

    html: str

    def _repr_html_(self) -> str:
        return self.html


def island(name: str, call: str, arguments: Sequence[object], still: bytes, caption: str) -> str:
    """Everything that one interactive part needs, as HTML for the middle of a page.

    Parameters
    ----------
    name
        Of the script and the style sheet in ``web/``.
    call
        Function of the script that is called with the place's id, and finds the arguments by it.
    arguments
        What JSON can hold, and ``bytes``, which go as base64.
    still
        A PNG file to show where no script runs.
    caption
        What the still picture shows, also for those who cannot see it.
    """
    caption = escape(caption)
    inside = (
        f'<div class="page-still"><img src="data:image/png;base64,{base64_text(still)}" alt="{caption}">'
        f"<div>{caption} With JavaScript there is more to do here.</div></div>"
    )
    return place(name, call, arguments, inside)


def place(name: str, call: str, arguments: Sequence[object], inside: str) -> str:
    """:func:`island` around any HTML, which the script takes over or replaces."""
    # No "<" in the data, so nothing in it ends the script.
    sent = json.dumps(arguments, default=base64_text).replace("<", "\\u003c")
    identity = hashlib.sha256((inside + sent).encode()).hexdigest()[:12]  # the same part twice is the same text
    # The style comes first, so nothing is ever shown without it; the data is a script of its own, so that a page may
    # keep it in a file; and "async", or the module would wait for every script that the page defers.
    return (
        f"<style>\n{style(f'{name}.css')}</style>"
        f'<div class="colour-page" data-colour-page="{identity}">{inside}</div>'
        f'<script>\n(globalThis.colourPage ??= {{}})["{identity}"] = {sent};\n</script>'
        f'<script type="module" async>\n{script(f"{name}.mjs")}\n{call}("{identity}");\n</script>'
    )


@dataclass(frozen=True)
class Later:
    """Data for a part of a page that come only when the reader asks for them.

    Attributes
    ----------
    id : str
        What ``comeLater`` of ``web/page.mjs`` is called with.
    size : int
        How many bytes then travel.
    html : str
        To put into the page.
    """

    id: str
    size: int
    html: str


def later(header: dict, data: bytes) -> Later:
    """Data that wait: inside the page, and in the built book in a file of their own (_ext/lean.py).

    Parameters
    ----------
    header
        What JSON can hold.
    data
        Bytes, which come as base64 under the name ``bytes``.
    """
    sent = json.dumps(header | {"bytes": data}, default=base64_text).replace("<", "\\u003c")
    identity = hashlib.sha256(sent.encode()).hexdigest()[:12]
    body = f'(globalThis.colourPage ??= {{}})["{identity}"] = {sent};'
    return Later(identity, len(body), f'<script type="text/plain" data-later="{identity}">\n{body}\n</script>')


def sheet(rows: Sequence[Sequence[torch.Tensor]], side: int = 64, gap: int = 4) -> bytes:
    """A PNG file with rows of pictures, each ``(3, H, W)`` uint8, their longer side made ``side`` pixels."""
    paper = Image.new("RGBA", (max(map(len, rows)) * (side + gap) - gap, len(rows) * (side + gap) - gap))
    for i, row in enumerate(rows):
        for k, rgb in enumerate(row):
            picture = Image.fromarray(rgb.permute(1, 2, 0).cpu().numpy())
            size = [max(1, round(edge * side / max(picture.size))) for edge in picture.size]
            paper.paste(picture.resize(size, Image.Resampling.NEAREST), (k * (side + gap), i * (side + gap)))
    file = io.BytesIO()
    paper.save(file, "PNG", optimize=True)
    return file.getvalue()


def pixels(rgb: torch.Tensor) -> bytes:
    """``(3, H, W)`` uint8 as bytes, the three channels of a pixel side by side."""
    return rgb.permute(1, 2, 0).contiguous().cpu().numpy().tobytes()


def image_address(picture: Image.Image, kind: str) -> str:
    """A picture as a ``data:`` address, ``"png"`` or ``"jpeg"``."""
    file = io.BytesIO()
    picture.save(file, kind, optimize=True, **({} if kind == "png" else {"quality": 85}))
    return f"data:image/{kind};base64,{base64_text(file.getvalue())}"


def base64_text(data: bytes) -> str:
    """Bytes as the text that JSON and ``data:`` addresses can hold."""
    return base64.b64encode(data).decode()
