"""Short films that play in the page, side by side and in step, round and round."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import torch
from PIL import Image

from ..errors import InputError
from .page import image_address, place, sheet

#: Of WebP, 0 to 100: a frame is seen for a moment.
QUALITY = 40
#: So many frames of each film are on paper.
ON_PAPER = 5


@dataclass(frozen=True)
class Looping:
    """Shows itself as the last thing of a cell; see :func:`looping`.

    Attributes
    ----------
    films : dict
        Name of a film to its frames, ``(N, 3, H, W)`` uint8.
    alt : str
        What is seen, for those who cannot see it.
    rate : float
        Frames a second.
    """

    films: dict[str, torch.Tensor]
    alt: str
    rate: float

    def _repr_html_(self) -> str:
        count, _, height, width = next(iter(self.films.values())).shape
        stills = "".join(self._still(name) for name in self.films)
        inside = f'<div class="looping" role="group" aria-label="{escape(self.alt)}">{stills}</div>'
        strips = [_strip(frames) for frames in self.films.values()]
        return place("looping", "loopingAt", (strips, [count, height, width], self.rate), inside)

    def _repr_png_(self) -> bytes:
        """For paper: a film a row, some of its frames from left to right."""
        step = max(1, len(next(iter(self.films.values()))) // ON_PAPER)
        return sheet([list(frames[::step][:ON_PAPER]) for frames in self.films.values()], side=160)

    def _still(self, name: str) -> str:
        """The first frame of a film, over which the others are drawn."""
        address = image_address(_picture(self.films[name][0]), "jpeg")
        return f'<figure><img src="{address}" alt=""><figcaption>{escape(name)}</figcaption></figure>'


def looping(films: Mapping[str, Sequence[torch.Tensor]], alt: str, rate: float = 12.0) -> Looping:
    """Play films side by side, one frame of each at a time. It needs no kernel.

    A button stops and starts them, and a slider goes to any frame. Where the reader has asked for less motion, nothing
    moves before the button is pressed.

    Parameters
    ----------
    films
        Name of each film to its frames, ``(3, H, W)`` uint8, all of one shape and as many in each.
    alt
        What is seen, for those who cannot see it.
    rate
        Frames a second.

    Raises
    ------
    InputError
        If there is no film, or films differ in length or shape.
    """
    if not films or not all(len(frames) for frames in films.values()):
        raise InputError("There is nothing to play: give at least one film, of at least one frame.")
    shapes = {(len(frames), *frame.shape, frame.dtype) for frames in films.values() for frame in frames}
    if len(shapes) > 1 or (found := shapes.pop())[1] != 3 or len(found) != 5 or found[-1] != torch.uint8:
        raise InputError("All films must have as many frames, each (3, H, W) of uint8 and of one shape.")
    return Looping({name: torch.stack(list(frames)) for name, frames in films.items()}, alt, rate)


def _strip(frames: torch.Tensor) -> bytes:
    """A WebP file with all frames ``(N, 3, H, W)`` of a film, one below the other."""
    whole = frames.transpose(0, 1).flatten(1, 2)  # (3, N * H, W)
    file = io.BytesIO()
    _picture(whole).save(file, "webp", quality=QUALITY, method=6)
    return file.getvalue()


def _picture(rgb: torch.Tensor) -> Image.Image:
    return Image.fromarray(rgb.permute(1, 2, 0).contiguous().cpu().numpy())
