"""Frames coloured one after another, each with what is known from those before and the next few."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch

from ..colour.bilateral import faded, lightness_of
from ..colour.lab import to_uint8
from ..colour.resolution import by_area
from ..errors import InputError
from ..inference.colorizer import Colorizer
from ..inference.dials import LAM, TEMPERATURE
from ..pictures.reading import Picture, read_rgb
from .carrying import AHEAD, MOST, Glance, Memory, carry, glance, look_ahead

#: What can be carried from frame to frame: nothing, the colours that were decided, or the distributions over colours,
#: from which they are decided after other frames have been heard.
CARRIED = ("nothing", "colours", "distributions")
#: What is, if nobody says.
STEADY = "distributions"


class FramePainter:
    """Colours the frames of a film in order, and remembers.

    Parameters
    ----------
    colorizer
        The network.
    temperature, lam, size
        As in :meth:`~colorize_lib.inference.colorizer.Colorizer.colorize`.
    carried
        One of :data:`CARRIED`.
    most, ahead
        How many frames the past may count for, and how many of those that follow are looked at.

    Attributes
    ----------
    memory : Memory or None
        What was known from the past when the last frame was painted; None before the first. Whoever sets it goes on
        with the frame after that.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        temperature: float = TEMPERATURE,
        lam: float = LAM,
        size: int | None = None,
        carried: str = STEADY,
        most: float = MOST,
        ahead: int = AHEAD,
    ):
        if carried not in CARRIED:
            raise InputError(f"What is carried is one of {', '.join(CARRIED)}, not {carried!r}.")
        self.colorizer, self.temperature, self.lam = colorizer, temperature, lam
        self.size, self.carried = size or colorizer.size, carried
        self.most, self.ahead = (0.0, 0) if carried == "nothing" else (most, ahead)
        self.memory: Memory | None = None

    def paint(self, frames: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
        """Frames as they come, each once those ahead have been read: ``(3, H, W)`` RGB, uint8 or float in [0, 1], to
        the same."""
        waiting: deque[_Waiting] = deque()
        for rgb in frames:
            waiting.append(self._looked_at(rgb, waiting[-1].frame.alone if waiting else self.memory))
            if len(waiting) > self.ahead:
                yield self._painted(waiting)
        while waiting:
            yield self._painted(waiting)

    @torch.inference_mode()
    def _looked_at(self, rgb: torch.Tensor, before: Memory | None) -> "_Waiting":
        view = by_area(lightness_of(rgb)[None].to(self.colorizer.device), self.size)
        values, guide = self.colorizer.look(view)  # (1, Q, h, w), (1, 1, h, w)
        if self.carried == "colours":
            values = self._decided(values)
        return _Waiting(rgb, guide, glance(values, view, before.light if before and self.most > 0 else None))

    @torch.inference_mode()
    def _painted(self, waiting: "deque[_Waiting]") -> torch.Tensor:
        """The first of those that wait; it waits no more."""
        first = waiting.popleft()
        self.memory = carry(self.memory, first.frame, self.most)
        known = look_ahead(self.memory, [other.frame for other in waiting]).values
        ab = known if self.carried == "colours" else self._decided(known)
        return self.colorizer.spread(first.rgb, faded(ab, first.guide), first.guide)

    def _decided(self, values: torch.Tensor) -> torch.Tensor:
        return self.colorizer.decode(values, self.temperature, self.lam)


@dataclass(frozen=True)
class _Waiting:
    """A frame that waits for those ahead to be read: its pixels, L as coarse as what the network says, and that."""

    rgb: torch.Tensor
    guide: torch.Tensor
    frame: Glance


def colorize_frames(
    frames: Iterable[Picture],
    colorizer: Colorizer | None = None,
    temperature: float = TEMPERATURE,
    lam: float = LAM,
    size: int | None = None,
    carried: str = STEADY,
) -> Iterator[torch.Tensor]:
    """Colour the frames of a film as they come, with less flicker.

    A frame comes back once the next :data:`~colorize_lib.films.carrying.AHEAD` have been read, and no more are held.

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
    yield from map(to_uint8, painter.paint(map(read_rgb, frames)))
