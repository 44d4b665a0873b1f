"""A film's frames, one after the other, upright and with their times."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..errors import InputError
from ..files import user_path
from .extra import needed

#: What is taken for the rate of a film that does not say it, in frames a second.
USUAL_RATE = Fraction(25)


@dataclass(frozen=True)
class FilmFrame:
    """One frame.

    Attributes
    ----------
    rgb : torch.Tensor
        ``(3, H, W)`` uint8.
    time : int
        When it is shown, in units of the film's ``time_base``; larger than that of the frame before.
    """

    rgb: torch.Tensor
    time: int


class SourceFilm:
    """A film that has been opened: iterate over it for its frames. Use :func:`open_film`.

    Attributes
    ----------
    name : str
        Where it is from, for messages.
    width, height : int
        Of its frames, upright.
    time_base : fractions.Fraction
        The unit of its times, in seconds.
    rate : fractions.Fraction
        Frames a second, on average.
    aspect : fractions.Fraction
        Width of a pixel over its height, upright.
    count : int
        About how many frames it has; 0 where that is not known.
    sound : list of str
        The codecs of its sound tracks.
    damaged : int
        How many packets could not be decoded so far.
    """

    def __init__(self, name: str, container: Any, stream: Any):
        self.name, self._container, self._stream = name, container, stream
        self.damaged = 0
        self._frames = self._decoded()
        first = next(self._frames, None)
        if first is None:
            raise InputError(f"{name} holds no frame that can be read: it is empty or damaged.")
        self._first, self._turns = first, round(first.rotation / 90) % 4
        sides = (first.width, first.height)
        self.width, self.height = sides[::-1] if self._turns % 2 else sides
        aspect = stream.codec_context.sample_aspect_ratio or Fraction(1)
        self.aspect = 1 / aspect if self._turns % 2 and aspect else aspect or Fraction(1)
        self.time_base = stream.time_base or 1 / USUAL_RATE
        self.rate = stream.average_rate or stream.guessed_rate or USUAL_RATE
        self.count = stream.frames or self._counted()
        self.sound = [track.codec_context.name for track in container.streams.audio]

    def _counted(self) -> int:
        """From the length and the rate."""
        if self._stream.duration:
            return round(self._stream.duration * self.time_base * self.rate)
        return round(Fraction(self._container.duration or 0, 1_000_000) * self.rate)

    def _decoded(self) -> Iterator[Any]:
        """Frames of PyAV. What is damaged is passed over, as players do."""
        av = needed("av")
        for packet in self._container.demux(self._stream):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                self.damaged += 1

    def __iter__(self) -> Iterator[FilmFrame]:
        """All frames, once: they are read as they are asked for, and not held."""
        step = max(1, round(1 / self.rate / self.time_base))
        sides = {"width": self._first.width, "height": self._first.height}
        frame, last = self._first, None
        while frame is not None:
            time = frame.pts
            if time is None:
                time = 0 if last is None else last + step
            last = time if last is None else max(time, last + 1)
            pixels = frame.to_ndarray(format="rgb24", **sides)  # (h, w, 3)
            yield FilmFrame(torch.from_numpy(np.rot90(pixels, self._turns).copy()).permute(2, 0, 1), last)
            del pixels
            frame = next(self._frames, None)


@contextmanager
def open_film(path: str | Path) -> Iterator[SourceFilm]:
    """Open a film. Everything wrong with it becomes an :class:`~colorize_lib.errors.InputError` of one sentence."""
    av = needed("av")
    with said(str(path)), av.open(str(user_path(path)), metadata_errors="replace") as container:
        streams = [stream for stream in container.streams.video if not _is_cover(stream)]
        if not streams or _is_still(container):
            kind = "a still picture" if container.streams.video else "no pictures, only sound"
            raise InputError(f"{path} is no film: it holds {kind}. A picture of its own is coloured as PNG or JPEG.")
        stream = streams[0]
        if stream.codec_context is None:
            raise InputError(f"{path} is of a codec that is not known here: convert it first (ffmpeg -i FILM NEW.mp4).")
        stream.thread_type = "AUTO"
        yield SourceFilm(str(path), container, stream)


def _is_cover(stream: Any) -> bool:
    """Whether it is but the cover of a record."""
    av = needed("av")
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _is_still(container: Any) -> bool:
    """Whether what looks like a film by its name is a PNG or a JPEG."""
    return container.format.name.endswith("_pipe") or container.format.name == "image2"


@contextmanager
def said(name: str) -> Iterator[None]:
    """What PyAV says is wrong with a film that is read, in a sentence."""
    av = needed("av")
    try:
        yield
    except av.error.DecoderNotFoundError as error:
        raise InputError(
            f"{name} is of a codec that is not known here: convert it first (ffmpeg -i FILM NEW.mp4)."
        ) from error
    except (av.error.InvalidDataError, av.error.EOFError) as error:
        raise InputError(
            f"{name} is not a film that can be read: it is damaged, empty or of an unknown kind."
        ) from error
    except av.FFmpegError as error:
        raise InputError(f"{name} cannot be read ({error.strerror or error}).") from error
