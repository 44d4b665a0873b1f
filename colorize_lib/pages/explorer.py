"""The temperature explorer: the two dials of chapter 4 under your hand, with a kernel or without one.

``explore(pictures, colorizer)`` returns a widget. Where a kernel runs, its ``temperature``, ``lam``,
``image`` and ``pixel`` are traits that Python can read, set and observe. Where none does, on a
published page, the same object has left HTML behind that carries the same JavaScript
(``web/explorer.mjs``) and its data, and asks no server for anything. And where no script runs, a
still picture stays.

With ``beside`` other networks paint the same pictures at the same setting. Each comes when the reader asks for it.
"""

import base64
from collections.abc import Sequence

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
from ..inference.hints import Guided, Hint, checked_hints, hex_to_rgb
from ..measuring.metrics import ab_rmse, colourfulness_ratio
from ..pictures.reading import Picture, read_rgb
from .packed import Subject, pack, pack_painter
from .page import island, later, script, sheet, style

#: The dials: from, to.
TEMPERATURE_RANGE = (0.01, 1.0)
LAMBDA_RANGE = (0.1, 1.0)
#: Pictures are shown with at most this many pixels a side.
MAX_SIDE = 192
#: More pictures than this make the page too heavy.
MAX_PICTURES = 32
#: What the still picture shows: name, T, lambda.
STILL = (("T = 1", 1.0, 1.0), ("T = 0.38", 0.38, 1.0), ("T = 0.38, λ = 0.5", 0.38, 0.5))


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
    painter : int
        Which network paints: 0 for the first, 1 for the first of those beside it.
    hints : list
        Colours that are known of the picture that is shown, ``[((x, y), "#rrggbb"), ...]``, x and y in its pixels: see
        :mod:`~colorize_lib.colour.hints`. Another picture has none.
    """

    _esm = script("explorer.mjs")
    _css = style("explorer.css")
    temperature = traitlets.Float(1.0).tag(sync=True)
    lam = traitlets.Float(1.0).tag(sync=True)
    image = traitlets.Int(0).tag(sync=True)
    pixel = traitlets.Tuple(traitlets.Int(), traitlets.Int()).tag(sync=True)
    painter = traitlets.Int(0).tag(sync=True)
    hints = traitlets.List().tag(sync=True)

    def __init__(self, painters: Sequence[tuple[Colorizer, Sequence[Subject]]]):
        self.painters = tuple((colorizer, tuple(subjects)) for colorizer, subjects in painters)
        self.colorizer, self.subjects = self.painters[0]
        rows, columns = self.subjects[0].logits.shape[1:]
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

    @traitlets.validate("painter")
    def _one_of_the_painters(self, proposal: dict) -> int:
        if not 0 <= proposal["value"] < len(self.painters):
            most = len(self.painters) - 1
            raise InputError(f"painter counts the networks from 0 to {most}, not {proposal['value']}.")
        return proposal["value"]

    @traitlets.validate("pixel")
    def _inside_some_picture(self, proposal: dict) -> tuple[int, int]:
        rows, columns = (max(s.logits.shape[axis] for s in self.subjects) for axis in (1, 2))
        row, column = proposal["value"]
        if not (0 <= row < rows and 0 <= column < columns):
            raise InputError(f"pixel is a row below {rows} and a column below {columns}, not {(row, column)}.")
        return row, column

    @traitlets.validate("hints")
    def _in_the_picture(self, proposal: dict) -> list[tuple[tuple[int, int], str]]:
        hints = list(proposal["value"])
        checked_hints(hints, *self.subjects[self.image].rgb.shape[1:])
        if not all(isinstance(colour, str) for _, colour in hints):
            raise InputError('A hint of the explorer is a place and a colour of the screen, ((12, 8), "#c03020").')
        return [((int(x), int(y)), "#{:02x}{:02x}{:02x}".format(*hex_to_rgb(colour))) for (x, y), colour in hints]

    @traitlets.observe("image")
    def _another_picture(self, _change: dict) -> None:
        self.hints = []

    @property
    def coloured(self) -> torch.Tensor:
        """The picture as it is shown: ``(3, H, W)`` uint8."""
        return _paint(*self._now())

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers as they are shown: ``colourfulness_ratio`` and ``ab_rmse`` of this one picture."""
        subject, ab = self._now()
        return {
            "colourfulness_ratio": colourfulness_ratio(_paint(subject, ab)[None], subject.rgb[None]),
            "ab_rmse": ab_rmse(ab, rgb_to_lab(subject.rgb[None])[:, 1:]),
        }

    def _now(self) -> tuple[Subject, torch.Tensor]:
        """The picture that is shown, and its ab ``(1, 2, H, W)``."""
        colorizer, subjects = self.painters[self.painter]
        subject = subjects[self.image]
        return subject, _colour(subject, colorizer, self.temperature, self.lam, self.hints)

    def static_html(self) -> str:
        """The explorer for a page without a kernel, at the present setting: one self-contained piece of HTML."""
        header, data = pack(self.subjects, self.colorizer)
        others = [later(*pack_painter(subjects, colorizer)) for colorizer, subjects in self.painters[1:]]
        beside = [
            {"name": colorizer.name, "bytes": other.size, "id": other.id}
            for (colorizer, _), other in zip(self.painters[1:], others, strict=True)
        ]
        state = {name: getattr(self, name) for name in ("temperature", "lam", "image", "pixel", "painter", "hints")}
        rows = ", ".join(name for name, *_ in STILL)
        caption = f"The same pictures in rows, from top to bottom: grey, {rows}, and the truth."
        sent = header | {"beside": beside, "bytes": data}, state
        return island("explorer", "explorerAt", sent, self.still_png(), caption) + "".join(o.html for o in others)

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
        """A view has opened and asks for its pictures, or its reader for another painter."""
        if message.get("kind") == "data":
            header, data = pack(self.subjects, self.colorizer)
            others = [pack_painter(subjects, colorizer)[1] for colorizer, subjects in self.painters[1:]]
            beside = [
                {"name": colorizer.name, "bytes": len(other)}
                for (colorizer, _), other in zip(self.painters[1:], others, strict=True)
            ]
            self.send({"kind": "data", **header, "beside": beside}, buffers=[data])
        number = message.get("number") if message.get("kind") == "painter" else None
        if isinstance(number, int) and 0 < number < len(self.painters):
            colorizer, subjects = self.painters[number]
            header, data = pack_painter(subjects, colorizer)
            self.send({"kind": "painter", "number": number, **header}, buffers=[data])


def explore(
    images: torch.Tensor | Images | Sequence[Picture] | None = None,
    colorizer: Colorizer | None = None,
    size: int | str | None = "usual",
    beside: Sequence[Colorizer | str] = (),
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
    beside
        Other networks, loaded or by name, that paint the same pictures for comparison. Here one that predicts one
        colour, as ``regression`` does, is welcome: the dials do not move it.

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
    others = [other if isinstance(other, Colorizer) else Colorizer.load(other) for other in beside]
    shown = [_shown(image) for image in images]
    return Explorer([(one, _subjects(names, shown, one, size)) for one in (colorizer, *others)])


def _shown(image: Picture) -> torch.Tensor:
    """Read a picture and reduce it to what is shown: ``(3, H, W)`` uint8."""
    rgb = to_uint8(_unit(read_rgb(image)))  # (3, H, W)
    longer = max(rgb.shape[1:])
    if longer <= MAX_SIDE:
        return rgb
    sides = [max(1, round(edge * MAX_SIDE / longer)) for edge in rgb.shape[1:]]
    return to_uint8(F.interpolate(_unit(rgb)[None], sides, mode="bicubic", antialias=True))[0]


def _subjects(
    names: Sequence[str], pictures: Sequence[torch.Tensor], colorizer: Colorizer, size: int | str | None
) -> list[Subject]:
    """What a network says of each picture ``(3, H, W)``."""
    seen = colorizer.size if size == "usual" else size
    answers = [colorizer.ask(rgb_to_lab(rgb[None])[:, :1], seen)[0][0] for rgb in pictures]  # (Q, h, w) each
    parts = zip(names, pictures, answers, strict=True)
    return [Subject(name, rgb, answer.float().cpu()) for name, rgb, answer in parts]


def _unit(rgb: torch.Tensor) -> torch.Tensor:
    """uint8 in [0, 255] or floating point in [0, 1] to floating point in [0, 1]."""
    return rgb if rgb.is_floating_point() else rgb.float() / 255


def _colour(
    subject: Subject, colorizer: Colorizer, temperature: float, lam: float, hints: Sequence[Hint] = ()
) -> torch.Tensor:
    """ab ``(1, 2, H, W)`` of a picture at one setting."""
    height, width = subject.rgb.shape[1:]
    logits, checked = subject.logits[None], checked_hints(list(hints), height, width)  # (1, Q, h, w)
    if checked is None:
        return upsample(colorizer.decode(logits, temperature, lam), (height, width))
    lightness = rgb_to_lab(subject.rgb[None])[:, :1]
    log_p = None if colorizer.gamut is None else logits.log_softmax(1)
    light = F.adaptive_avg_pool2d(lightness, logits.shape[-2:])  # (1, 1, h, w): the mean L of each cell
    guided = Guided(checked.places(height, width), checked.ab[None], lightness, light, log_p)
    told = logits if log_p is None else guided.condition(log_p, colorizer.gamut.centres)
    return upsample(guided.correct(colorizer.decode(told, temperature, lam), plain=True), (height, width))


def _paint(subject: Subject, ab: torch.Tensor | None) -> torch.Tensor:
    """A picture's own L with this ab ``(1, 2, H, W)``, or with none, as uint8 RGB ``(3, H, W)``."""
    return with_colour(subject.rgb[None], ab, strength=0 if ab is None else 1)[0]
