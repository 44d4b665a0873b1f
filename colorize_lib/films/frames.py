"""Frames coloured one after another, each with what is known from those before."""

from collections.abc import Iterable, Iterator

import torch

from ..colour.bilateral import faded, lightness_of
from ..colour.lab import to_uint8
from ..colour.resolution import by_area
from ..errors import InputError
from ..inference.colorizer import Colorizer
from ..inference.dials import LAM, TEMPERATURE
from ..pictures.reading import Picture, read_rgb
from .carrying import MOST, Memory, carry

#: What can be carried from frame to frame: nothing, the colours that were decided, or the distributions over colours,
#: from which they are decided after the past has been heard.
CARRIED = ("nothing", "colours", "distributions")
#: What is, if nobody says.
STEADY = "distributions"


class FramePainter:
    """Colours the frames of a film in order. Call it with each; it remembers.

    Parameters
    ----------
    colorizer
        The network.
    temperature, lam, size
        As in :meth:`~colorize_lib.inference.colorizer.Colorizer.colorize`.
    carried
        One of :data:`CARRIED`.
    most
        How many frames the past may count for.

    Attributes
    ----------
    memory : Memory or None
        What is known of the frames so far; None before the first.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        temperature: float = TEMPERATURE,
        lam: float = LAM,
        size: int | None = None,
        carried: str = STEADY,
        most: float = MOST,
    ):
        if carried not in CARRIED:
            raise InputError(f"What is carried is one of {', '.join(CARRIED)}, not {carried!r}.")
        self.colorizer, self.temperature, self.lam = colorizer, temperature, lam
        self.size, self.carried = size or colorizer.size, carried
        self.most = 0.0 if carried == "nothing" else most
        self.memory: Memory | None = None

    @torch.inference_mode()
    def __call__(self, rgb: torch.Tensor) -> torch.Tensor:
        """The next frame: ``(3, H, W)`` RGB, uint8 or float in [0, 1], to the same."""
        view = by_area(lightness_of(rgb)[None].to(self.colorizer.device), self.size)
        values, guide = self.colorizer.look(view)  # (1, Q, h, w), (1, 1, h, w)
        if self.carried == "colours":
            values = self._decided(values)
        self.memory = carry(self.memory, values, view, self.most)
        ab = self.memory.values if self.carried == "colours" else self._decided(self.memory.values)
        return self.colorizer.spread(rgb, faded(ab, guide), guide)

    def _decided(self, values: torch.Tensor) -> torch.Tensor:
        return self.colorizer.decode(values, self.temperature, self.lam)


def colorize_frames(
    frames: Iterable[Picture],
    colorizer: Colorizer | None = None,
    temperature: float = TEMPERATURE,
    lam: float = LAM,
    size: int | None = None,
    carried: str = STEADY,
) -> Iterator[torch.Tensor]:
    """Colour the frames of a film as they come, with less flicker; no more than one is ever held.

    Parameters
    ----------
    frames
        Pictures in order, each as :meth:`~colorize_lib.inference.colorizer.Colorizer.colorize` takes it. Their own
        colours, if they have any, are not looked at.
    colorizer
        The network; None for the one that photographs are coloured with.
    temperature, lam, size
        As there; None for the usual size.
    carried
        ``"nothing"`` colours each frame by itself, ``"colours"`` averages ab along the motion, ``"distributions"``
        what the network says before a colour is decided: see :mod:`~colorize_lib.films.carrying`.

    Yields
    ------
    torch.Tensor
        ``(3, H, W)`` uint8 RGB, one for each frame.

    Raises
    ------
    InputError
        If a frame cannot be read, or OpenCV is not installed.

    Examples
    --------
    >>> from colorize_lib import photograph
    >>> grey = photograph("coffee").float().mean(0, keepdim=True).expand(3, -1, -1).byte()
    >>> pan = (grey[:, :96, left : left + 128] for left in (0, 4, 8))
    >>> [tuple(frame.shape) for frame in colorize_frames(pan)]
    [(3, 96, 128), (3, 96, 128), (3, 96, 128)]
    """
    painter = FramePainter(colorizer or Colorizer.load(), temperature, lam, size, carried)
    for frame in frames:
        yield to_uint8(painter(read_rgb(frame)))
