"""The temperature explorer: the two dials of chapter 4 under your hand, with a kernel or without one.

``explore(pictures, colorizer)`` returns a widget. Where a kernel runs, its ``temperature``, ``lam``,
``image`` and ``pixel`` are traits that Python can read, set and observe. Where none does, on a
published page, the same object has left HTML behind that carries the same JavaScript
(``web/explorer.mjs``) and its data, and asks no server for anything. And where no script runs, a
still picture stays.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import anywidget
import torch
import traitlets
from torch.nn import functional as F

from ..colour.lab import rgb_to_lab, to_uint8
from ..colour.recolour import with_colour
from ..colour.resolution import upsample
from ..data.examples import gallery
from ..data.images import Images
from ..errors import InputError
from ..inference.colorizer import DEFAULT, Colorizer
from ..measuring.metrics import ab_rmse, colourfulness_ratio
from ..pictures.reading import Picture, read_rgb
from .page import island, pixels, script, sheet, style

#: The dials: from, to.
TEMPERATURE_RANGE = (0.01, 1.0)
LAMBDA_RANGE = (0.1, 1.0)
#: Pictures are shown with at most this many pixels a side.
MAX_SIDE = 192
#: More pictures than this make the page too heavy.
MAX_PICTURES = 32
#: The lambda at which logits are quantised: from here log w moves no two bins more than 5 nats apart
#: on the way to either end of its dial. From one end to the other it is 6.
MIDDLE_LAMBDA = 0.3
#: How far below the largest, in nats, a logit is still told from nothing: those 5, and 7 more, where a
#: probability is a thousandth of the largest. tests/test_explorer.py measures what is lost.
DEPTH = 12.0
#: What the still picture shows: name, T, lambda.
STILL = (("T = 1", 1.0, 1.0), ("T = 0.38", 0.38, 1.0), ("T = 0.38, λ = 0.5", 0.38, 0.5))


@dataclass(frozen=True)
class Subject:
    """One picture of the explorer.

    Attributes
    ----------
    name : str
        What to call it.
    rgb : torch.Tensor
        ``(3, H, W)`` uint8: the true picture.
    logits : torch.Tensor
        ``(Q, h, w)`` float32 on the CPU: what the network says when shown its L.
    """

    name: str
    rgb: torch.Tensor
    logits: torch.Tensor


class Explorer(anywidget.AnyWidget):
    """The widget. Use :func:`explore`.

    Attributes
    ----------
    temperature : float
        T of the annealed mean, in [0.01, 1].
    lam : float
        Rebalancing after training, in [0.1, 1]; 1 is the network as trained.
    image : int
        Which of the pictures is shown.
    pixel : tuple of int
        Row and column of the predicted pixel whose distribution is shown.
    """

    _esm = script("explorer.mjs")
    _css = style("explorer.css")
    temperature = traitlets.Float(1.0).tag(sync=True)
    lam = traitlets.Float(1.0).tag(sync=True)
    image = traitlets.Int(0).tag(sync=True)
    pixel = traitlets.Tuple(traitlets.Int(), traitlets.Int()).tag(sync=True)

    def __init__(self, subjects: Sequence[Subject], colorizer: Colorizer):
        self.subjects, self.colorizer = tuple(subjects), colorizer
        rows, columns = subjects[0].logits.shape[1:]
        super().__init__(pixel=(rows // 3, columns // 3))
        self.on_msg(self._answer)

    @traitlets.validate("temperature", "lam")
    def _within_the_dial(self, proposal: dict) -> float:
        name, value = proposal["trait"].name, proposal["value"]
        low, high = {"temperature": TEMPERATURE_RANGE, "lam": LAMBDA_RANGE}[name]
        if not low <= value <= high:
            raise InputError(f"The explorer's {name} goes from {low:g} to {high:g}, not {value:g}.")
        return value

    @traitlets.validate("image")
    def _one_of_the_pictures(self, proposal: dict) -> int:
        if not 0 <= proposal["value"] < len(self.subjects):
            raise InputError(f"image counts the pictures from 0 to {len(self.subjects) - 1}, not {proposal['value']}.")
        return proposal["value"]

    @traitlets.validate("pixel")
    def _inside_some_picture(self, proposal: dict) -> tuple[int, int]:
        rows, columns = (max(s.logits.shape[axis] for s in self.subjects) for axis in (1, 2))
        row, column = proposal["value"]
        if not (0 <= row < rows and 0 <= column < columns):
            raise InputError(f"pixel is a row below {rows} and a column below {columns}, not {(row, column)}.")
        return row, column

    @property
    def coloured(self) -> torch.Tensor:
        """The picture as it is shown: ``(3, H, W)`` uint8."""
        subject = self.subjects[self.image]
        return _paint(subject, self._ab(subject))

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers as they are shown: ``colourfulness_ratio`` and ``ab_rmse`` of this one picture."""
        subject = self.subjects[self.image]
        ab = self._ab(subject)
        return {
            "colourfulness_ratio": colourfulness_ratio(_paint(subject, ab)[None], subject.rgb[None]),
            "ab_rmse": ab_rmse(ab, rgb_to_lab(subject.rgb[None])[:, 1:]),
        }

    def _ab(self, subject: Subject) -> torch.Tensor:
        return _colour(subject, self.colorizer, self.temperature, self.lam)

    def static_html(self) -> str:
        """The explorer for a page without a kernel, at the present setting: one self-contained piece of HTML."""
        header, data = pack(self.subjects, self.colorizer)
        state = {name: getattr(self, name) for name in ("temperature", "lam", "image", "pixel")}
        rows = ", ".join(name for name, *_ in STILL)
        caption = f"The same pictures in rows, from top to bottom: grey, {rows}, and the truth."
        return island("explorer", "explorerAt", (header | {"bytes": data}, state), self.still_png(), caption)

    def still_png(self) -> bytes:
        """A PNG file for where no script runs: the pictures grey, at three settings, and true, in rows."""
        rows = [[_paint(s, _colour(s, self.colorizer, t, lam)) for s in self.subjects] for _, t, lam in STILL]
        return sheet([[_paint(s, None) for s in self.subjects], *rows, [s.rgb for s in self.subjects]])

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The live widget first, and beside it what stays when the kernel has gone."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data["text/html"] = self.static_html()
        data["image/png"] = base64.b64encode(self.still_png()).decode()
        return data, metadata

    def _answer(self, _widget: object, message: dict, _buffers: list) -> None:
        """A view has opened and asks for its pictures."""
        if message.get("kind") == "data":
            header, data = pack(self.subjects, self.colorizer)
            self.send({"kind": "data", **header}, buffers=[data])


def explore(
    images: torch.Tensor | Images | Sequence[Picture] | None = None,
    colorizer: Colorizer | None = None,
    size: int | str | None = "usual",
) -> Explorer:
    """Turn temperature and rebalancing by hand, and watch pictures, distributions and numbers.

    Parameters
    ----------
    images
        Your pictures: ``(N, 3, H, W)``, :class:`~colorize_lib.data.images.Images`, or a list of whatever
        :meth:`~colorize_lib.inference.colorizer.Colorizer.colorize` takes. Without it the eight pictures of the book.
        Sides longer than :data:`MAX_SIDE` are reduced to it.
    colorizer
        One that predicts a distribution. Without it ``classification`` for CIFAR-10 and its like, which
        come as a tensor or as Images, and the network that is made for photographs for a list of pictures.
        One without a prior, ``eccv16``, is not rebalanced: the lambda dial then does nothing.
    size
        About how many pixels wide and high, by area, the network sees a picture, ``"usual"`` being as many
        as it was trained on: as :meth:`~colorize_lib.inference.colorizer.Colorizer.colorize` does.

    Returns
    -------
    Explorer
        Shows itself as the last thing of a cell. ``explorer.temperature = 0.38`` turns the dial;
        ``explorer.observe(function, "temperature")`` is told when the reader does.

    Raises
    ------
    InputError
        If there are no pictures or too many, one cannot be read, or the network predicts no distribution.

    Examples
    --------
    >>> explorer = explore()
    >>> explorer.temperature, explorer.lam = 0.38, 0.5
    >>> explorer.coloured.shape
    torch.Size([3, 32, 32])
    """
    colorizer = colorizer or Colorizer.load(DEFAULT if isinstance(images, (list, tuple)) else "classification")
    if colorizer.gamut is None:
        raise InputError(
            f"{colorizer.name} predicts one colour and no distribution, so there is nothing to anneal: "
            "load classification, transfer or photo."
        )
    if images is None:
        images = gallery()
    if isinstance(images, Images):
        names, images = [images.classes[i] for i in images.label], images.rgb
    elif isinstance(images, (str, bytes)) or not hasattr(images, "__len__") or getattr(images, "ndim", 4) == 3:
        raise InputError("explore takes several pictures: put one alone into a list.")
    else:
        names = [f"picture {i + 1}" for i in range(len(images))]
    if not 1 <= len(images) <= MAX_PICTURES:
        raise InputError(f"The explorer shows 1 to {MAX_PICTURES} pictures, not {len(images)}.")
    size = colorizer.size if size == "usual" else size
    return Explorer([_subject(*pair, colorizer, size) for pair in zip(names, images, strict=True)], colorizer)


def quantise(logits: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    """Logits to one byte each, finest where they are largest: they go into the page.

    The byte is 255 minus 255 times the root of the distance below the pixel's largest, in units of
    :data:`DEPTH`. The largest is sought after ``shift``, log w for a lambda in the middle of the dial:
    so what is likely at either end is not far below it.

    Parameters
    ----------
    logits
        ``(Q, h, w)``.
    shift
        ``(Q,)``, in nats.

    Returns
    -------
    torch.Tensor
        ``(h, w, Q)`` uint8; :func:`levels` of it, minus ``shift``, are logits again.
    """
    z = logits.permute(1, 2, 0).double() + shift.double()  # (h, w, Q)
    below = (z.amax(-1, keepdim=True) - z).clamp(max=DEPTH) / DEPTH  # in [0, 1]
    return (255 * (1 - below.sqrt())).round().byte()


def levels() -> torch.Tensor:
    """``(256,)`` float64: what each byte of :func:`quantise` stands for, in nats below the largest."""
    return -DEPTH * (1 - torch.arange(256, dtype=torch.float64) / 255).square()


def pack(subjects: Sequence[Subject], colorizer: Colorizer) -> tuple[dict, bytes]:
    """Everything that the JavaScript needs: a header for JSON, and for each picture its RGB and its logits in bytes."""
    shift = _shift(colorizer)
    parts = [pixels(s.rgb) + quantise(s.logits, shift).numpy().tobytes() for s in subjects]
    header = {
        "centres": colorizer.gamut.centres.flatten().tolist(),
        "grid": colorizer.gamut.grid,
        "prior": _prior(colorizer).tolist(),
        "shift": shift.tolist(),
        "levels": levels().tolist(),
        "pictures": [
            {"name": s.name, "size": list(s.rgb.shape[1:]), "cells": list(s.logits.shape[1:])} for s in subjects
        ],
    }
    return header, b"".join(parts)


def _shift(colorizer: Colorizer) -> torch.Tensor:
    """``(Q,)``: log w in the middle of the dial."""
    return colorizer.gamut.rebalance(_prior(colorizer), MIDDLE_LAMBDA).log()


def _prior(colorizer: Colorizer) -> torch.Tensor:
    """``(Q,)``: the prior. Without one all bins are as frequent, and rebalancing that changes nothing."""
    bins = len(colorizer.gamut)
    return torch.full((bins,), 1 / bins).double() if colorizer.prior is None else colorizer.prior.double()


def _subject(name: str, image: Picture, colorizer: Colorizer, size: int | None) -> Subject:
    """Read a picture, reduce it to what is shown, and ask the network."""
    rgb = to_uint8(_unit(read_rgb(image)))  # (3, H, W)
    longer = max(rgb.shape[1:])
    if longer > MAX_SIDE:
        shown = [max(1, round(edge * MAX_SIDE / longer)) for edge in rgb.shape[1:]]
        rgb = to_uint8(F.interpolate(_unit(rgb)[None], shown, mode="bicubic", antialias=True))[0]
    lightness = rgb_to_lab(rgb[None])[:, :1]  # (1, 1, H, W)
    return Subject(name, rgb, colorizer.ask(lightness, size)[0][0].float().cpu())


def _unit(rgb: torch.Tensor) -> torch.Tensor:
    """uint8 in [0, 255] or floating point in [0, 1] to floating point in [0, 1]."""
    return rgb if rgb.is_floating_point() else rgb.float() / 255


def _colour(subject: Subject, colorizer: Colorizer, temperature: float, lam: float) -> torch.Tensor:
    """ab ``(1, 2, H, W)`` of a picture at one setting."""
    ab = colorizer.decode(subject.logits[None], temperature, lam)
    return upsample(ab, tuple(subject.rgb.shape[1:]))


def _paint(subject: Subject, ab: torch.Tensor | None) -> torch.Tensor:
    """A picture's own L with this ab ``(1, 2, H, W)``, or with none, as uint8 RGB ``(3, H, W)``."""
    return with_colour(subject.rgb[None], ab, strength=0 if ab is None else 1)[0]
