"""Films written: parts that can be taken up again after a stop, and the whole with the sound of the original."""

import heapq
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..errors import InputError
from ..files import atomic_path, read_arrays
from ..pictures.metadata import CREDIT
from .carrying import Memory
from .extra import needed
from .reading import FilmFrame, SourceFilm

#: What can be written, by suffix: FFmpeg's names of the kinds of file.
KINDS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
#: H.264 by x264. Every frame of crf 16 looks like the one it was made of. Without frames that look ahead (bf 0), parts
#: that were written one by one can be put behind each other as they are.
CODEC, OPTIONS = "libx264", {"crf": "16", "preset": "fast", "bf": "0"}
#: ITU-R BT.709, as the light is coded and as the file says that it is.
_BT709 = 1
_LIMITED = 1


def begun(target: Path, key: Mapping[str, Any]) -> Path:
    """The hidden folder beside ``target`` for what is whole of it so far: emptied, if that is of another key."""
    folder, said = target.with_name(f".{target.name}.parts"), json.dumps(key, sort_keys=True, default=str)
    place = folder / "key.json"
    with writable(target):
        if not place.is_file() or place.read_text() != said:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            with atomic_path(place) as temporary:
                temporary.write_text(said)
    return folder


class Parts:
    """The finished parts of a film, in a hidden folder beside its target, which is removed when the film is whole.

    A part is a file of frames, and with it lies what is known of the frames so far: whoever takes the work up goes on
    as if it had never stopped.

    Parameters
    ----------
    target
        What the film will be.
    key
        What makes it: parts of another key are thrown away.

    Attributes
    ----------
    files : list of pathlib.Path
        The finished parts, in order.
    frames : int
        How many frames they hold.
    """

    def __init__(self, target: Path, key: Mapping[str, Any]):
        self.folder, self.frames = begun(target, key), 0
        self.files: list[Path] = []
        self._find()

    def _find(self) -> None:
        while (number := len(self.files)) < 1_000_000 and self._part(number).is_file():
            self.files.append(self._part(number))
        if not self.files:
            return
        if state := kept_state(self._state(len(self.files) - 1)):
            self.frames = int(state["frames"])
            return
        for file in self.files:  # without it nothing can go on from them
            file.unlink()
        self.files = []

    def _part(self, number: int) -> Path:
        return self.folder / f"{number:06d}.nut"

    def _state(self, number: int) -> Path:
        return self.folder / f"{number:06d}.npz"

    def memory(self, device: torch.device | str = "cpu") -> Memory | None:
        """What was known at the end of the last part; None if there is none."""
        if not self.files:
            return None
        state = kept_state(self._state(len(self.files) - 1)) or {}
        return Memory.of_arrays(state, device) if "values" in state else None

    @contextmanager
    def next(self, film: SourceFilm) -> Iterator["PartWriter"]:
        """Where the next frames go: a part that counts once it is whole."""
        number = len(self.files)
        av = needed("av")
        with writable(self.folder), atomic_path(self._part(number)) as temporary:
            with av.open(str(temporary), "w", format="nut") as container:
                writer = PartWriter(film, container)
                yield writer
                writer.end()
            with atomic_path(self._state(number)) as state, state.open("wb") as file:
                memory = writer.memory.arrays() if writer.memory else dict[str, Any]()
                np.savez(file, frames=self.frames + writer.frames, **memory)
        self.files.append(self._part(number))
        self.frames += writer.frames
        with suppress(OSError):
            self._state(number - 1).unlink(missing_ok=True)

    def remove(self) -> None:
        """When the film is whole."""
        shutil.rmtree(self.folder, ignore_errors=True)


def kept_state(path: Path) -> dict[str, np.ndarray] | None:
    """What was known at a frame, as it was written; None if it is not there or damaged: then all begins anew."""
    state = read_arrays(path)
    return state if state and "frames" in state else None


class PartWriter:
    """A part that is being written: takes frames of ``(3, H, W)`` uint8 RGB.

    Set ``memory`` to what is known after the last of them.
    """

    def __init__(self, film: SourceFilm, container: Any):
        self._av, self._container = needed("av"), container
        self._stream = video_stream(container, film)
        self.frames = 0
        self.memory: Memory | None = None

    def write(self, frame: FilmFrame) -> None:
        """Encode one frame."""
        pixels = frame.rgb.permute(1, 2, 0).contiguous().cpu().numpy()  # (H, W, 3)
        made = self._av.VideoFrame.from_ndarray(pixels, format="rgb24")
        made = made.reformat(format=self._stream.pix_fmt, dst_colorspace="ITU709", dst_color_range=_LIMITED)
        made.pts, made.time_base = frame.time, self._stream.codec_context.time_base
        self._container.mux(self._stream.encode(made))
        self.frames += 1

    def end(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode())


def video_stream(container: Any, film: SourceFilm) -> Any:
    """A stream of H.264 in a container, for frames of a film's size, in its time base and with its pixels' aspect."""
    av = needed("av")
    if CODEC not in av.codecs_available:
        raise InputError(f"This PyAV cannot write films, as {CODEC} is missing: pip install --force-reinstall av.")
    stream = container.add_stream(CODEC, rate=film.rate, options=dict(OPTIONS))
    stream.width, stream.height = film.width, film.height
    # Half as much colour across and down, as players want it; of odd sides there is no half.
    stream.pix_fmt = "yuv444p" if film.width % 2 or film.height % 2 else "yuv420p"
    context = stream.codec_context
    context.time_base, context.sample_aspect_ratio = film.time_base, film.aspect
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.color_range = _LIMITED
    return stream


def check_kind(target: Path, film: SourceFilm) -> None:
    """Whether such a file can hold the film and its sound, before hours are spent on it."""
    av = needed("av")
    suffix = target.suffix.lower()
    if suffix not in KINDS:
        raise InputError(f"{target} does not end in one of {', '.join(KINDS)}, which films are written as.")
    with av.open(os.devnull, "w", format=KINDS[suffix]) as container:
        missing = [codec for codec in film.sound if codec not in container.supported_codecs]
    if missing:
        way = "convert the sound first" if suffix == ".mkv" else f"write to {target.with_suffix('.mkv').name} with -o"
        raise InputError(
            f"The sound of {film.name} ({', '.join(missing)}) does not fit into a file that ends in {suffix}: {way}."
        )


def assemble(parts: Parts, source: Path, target: Path) -> list[str]:
    """Put the parts behind each other, with the original's sound and titles as they are; returns what was left out."""
    av = needed("av")
    kind = KINDS[target.suffix.lower()]
    options = {} if kind == "matroska" else {"movflags": "+faststart"}
    with (
        writable(target),
        atomic_path(target) as temporary,
        av.open(str(source), metadata_errors="replace") as old,
        av.open(str(temporary), "w", format=kind, options=options) as new,
    ):
        new.metadata.update(old.metadata)
        said = new.metadata.get("comment")
        new.metadata["comment"] = f"{said}; {CREDIT}" if said else CREDIT
        with av.open(str(parts.files[0])) as first:
            picture = new.add_stream_from_template(first.streams.video[0])
        tracks = {track.index: new.add_stream_from_template(track) for track in old.streams.audio}
        texts = len(old.streams.subtitles)
        for packet in heapq.merge(_packets(parts.files), _sound(old, tracks), key=_when):
            packet.stream = tracks[packet.stream.index] if packet.stream.container is old else picture
            new.mux_one(packet)
    return [f"The subtitles of {source} are left out."] if texts else []


def _when(packet: Any) -> float:
    return float(packet.dts * packet.time_base)


def _packets(files: Iterable[Path]) -> Iterator[Any]:
    """Of the parts, in order; they do not overlap."""
    av = needed("av")
    for file in files:
        with av.open(str(file)) as container:
            yield from (packet for packet in container.demux(video=0) if packet.dts is not None)


def _sound(container: Any, tracks: Mapping[int, Any]) -> Iterator[Any]:
    """Packets of the sound as they are. What is damaged ends it, and the picture goes on."""
    av = needed("av")
    if not tracks:
        return
    with suppress(av.error.InvalidDataError):
        packets = container.demux([container.streams[index] for index in tracks])
        yield from (packet for packet in packets if packet.dts is not None)


@contextmanager
def writable(target: Path) -> Iterator[None]:
    """A disk that is full, or refuses, in a sentence: finished parts stay, and the same command goes on."""
    av = needed("av")
    try:
        yield
    except av.FFmpegError as error:
        raise _refused(target, error.strerror or str(error)) from error
    except OSError as error:
        raise _refused(target, error.strerror or str(error)) from error


def _refused(target: Path, reason: str) -> InputError:
    return InputError(f"{target} cannot be written ({reason}): free some space, then run the same again to go on.")
