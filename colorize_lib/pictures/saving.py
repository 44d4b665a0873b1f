"""Coloured pictures into a file: all frames that it can hold, and what the original said of itself."""

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..colour.lab import to_uint8
from ..errors import InputError
from ..files import write_bytes
from .metadata import Metadata, as_comment, packed
from .pixels import Frame
from .pngs import deepened
from .source import SourcePicture
from .tiffs import write_tiff

#: What Pillow calls the kind of a file with that suffix.
KINDS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
    ".gif": "GIF", ".bmp": "BMP",
}  # fmt: skip
#: Kinds that keep transparency, more than 8 bits, several frames, each kind of metadata (of :meth:`Metadata.kinds`).
_ALPHA, _DEEP, _ANIMATED = ("PNG", "WEBP", "TIFF", "GIF"), ("PNG", "TIFF"), ("PNG", "WEBP", "GIF")
_KEPT = {
    "PNG": ("EXIF", "XMP", "dpi", "comments"), "JPEG": ("EXIF", "XMP", "IPTC", "dpi", "comments"),
    "WEBP": ("EXIF", "XMP", "dpi", "comments"), "TIFF": ("EXIF", "XMP", "IPTC", "dpi", "comments"),
    "GIF": ("comments",), "BMP": ("dpi",),
}  # fmt: skip
#: The longest side that a file of that kind can have, in pixels.
_SIDES = {"JPEG": 65_500, "WEBP": 16_383, "GIF": 65_535}
#: The most that fits into one segment of a JPEG, and the name of each that is written here.
_SEGMENT = 65_533
_XMP_SEGMENT, _PHOTOSHOP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0", b"Photoshop 3.0\0"


def save_picture(frames: Iterable[Frame], target: str | Path, source: SourcePicture) -> list[str]:
    """Write coloured frames into a file, whole or not at all. The suffix says of what kind.

    A TIFF gets all pages, one at a time; PNG, WebP and GIF all frames of an animation with their times, all from
    memory and of 8 bits; everything else is the first. EXIF, XMP, resolution and comments go along, with a word
    that the colours were added, and so do transparency and 16 bits where they can.

    Parameters
    ----------
    frames
        Those of ``source``, coloured: only as many are asked for as the file can hold.
    target
        Where to write. Folders are made.
    source
        What the frames were before.

    Returns
    -------
    list of str
        Sentences for the user on what the file could not hold.

    Raises
    ------
    InputError
        If it cannot be written, or ``frames`` raises it.
    """
    target = Path(target)
    kind = KINDS.get(target.suffix.lower())
    if not kind:
        raise InputError(f"{target} does not end in one of {', '.join(KINDS)}.")
    frames = iter(frames)
    first = next(frames)
    notes = _Notes(target, kind)
    notes.of_source(source)
    _check_sides(first, target, kind)
    file = io.BytesIO()
    if kind == "TIFF":
        write_tiff(file, (_page(frame, notes) for frame in chain([first], frames)), str(target))
    elif source.animated and kind in _ANIMATED:
        _save_animation(chain([first], frames), file, kind, source, notes)
    else:
        _save(_image(first, notes), file, kind, target, **_settings(first, kind, notes))
        if kind == "PNG" and first.rgb.is_floating_point():
            file = io.BytesIO(deepened(file.getvalue(), _pixels(first)))
    write_bytes(target, file.getbuffer())
    return notes.sentences


class _Notes:
    """Sentences on what a file of this kind cannot hold."""

    def __init__(self, target: Path, kind: str):
        self.target, self.kind = target, kind
        self.sentences: list[str] = []

    def add(self, sentence: str) -> None:
        note = f"{self.target} {sentence}."
        if note not in self.sentences:
            self.sentences.append(note)

    def of_source(self, source: SourcePicture) -> None:
        if source.count == 1 or (source.animated and self.kind in _ANIMATED):
            return
        if self.kind != "TIFF":
            what, better = ("frames", ".png or .webp") if source.animated else ("pages", ".tif")
            self.add(
                f"holds only the first of {source.count} {what} of {source.name}: a name in {better} keeps them all"
            )
        elif source.animated:
            self.add(f"has the frames of {source.name} as pages, without their times: a name in .png keeps those")

    def of_frame(self, frame: Frame) -> None:
        if frame.alpha is not None and self.kind not in _ALPHA:
            self.add("cannot be transparent, so the picture is laid on white: a name in .png keeps it")
        if frame.rgb.is_floating_point() and self.kind not in _DEEP:
            self.add("has 8 bits a channel, fewer than the picture had: a name in .png or .tif keeps 16")
        if self.kind == "GIF":
            self.add("has 256 colours, as a GIF can have no more: a name in .png or .webp keeps them all")
        if lost := [name for name in frame.metadata.kinds() if name not in _KEPT[self.kind]]:
            self.add(f"cannot hold the {_listed(lost)} of the picture: a name in .tif or .jpg keeps it")


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:])


def _check_sides(frame: Frame, target: Path, kind: str) -> None:
    height, width = frame.rgb.shape[1:]
    if max(height, width) > _SIDES.get(kind, max(height, width)):
        raise InputError(
            f"{target} cannot be written, as {width}x{height} pixels are more than its kind can have: try .png."
        )


def _image(frame: Frame, notes: _Notes) -> Image.Image:
    """8 bits, transparent if the kind of file can be."""
    notes.of_frame(frame)
    if frame.alpha is None or notes.kind not in _ALPHA:
        return Image.fromarray(to_uint8(frame.on_white()).permute(1, 2, 0).contiguous().numpy())
    image = Image.fromarray(to_uint8(frame.rgb).permute(1, 2, 0).contiguous().numpy())
    image.putalpha(Image.fromarray(to_uint8(frame.alpha).numpy()))
    return image


def _save(image: Image.Image, file: io.BytesIO, kind: str, target: Path, **settings) -> None:
    try:
        image.save(file, kind, **settings)
    except MemoryError as error:
        raise InputError(f"{target} needs more memory than there is: try a smaller picture.") from error
    except (ValueError, OSError) as error:
        raise InputError(f"{target} cannot be written as {kind} ({error}): try .png.") from error


def _settings(frame: Frame, kind: str, notes: _Notes) -> dict:
    """What Pillow is to save with: the quality, and the metadata."""
    metadata, (height, width) = frame.metadata, frame.rgb.shape[1:]
    exif = packed(metadata.exif((width, height), comments=kind == "WEBP"))
    if kind == "JPEG":
        return {"quality": 95, "subsampling": 0, **_dpi(metadata), **_segments(metadata, exif, (width, height), notes)}
    if kind == "PNG":
        return {"exif": exif, "pnginfo": _chunks(metadata), **_dpi(metadata)}
    if kind == "WEBP":
        return {"quality": 95, "exif": exif, "xmp": metadata.xmp or b""}
    if kind == "GIF":
        return {"comment": as_comment(metadata.comments()).encode()}
    return _dpi(metadata)


def _dpi(metadata: Metadata) -> dict:
    return {"dpi": metadata.dpi} if metadata.dpi else {}


def _chunks(metadata: Metadata) -> PngInfo:
    chunks = PngInfo()
    for keyword, text in metadata.comments().items():
        chunks.add_text(keyword[:79], text)
    if metadata.xmp:
        chunks.add_itxt("XML:com.adobe.xmp", metadata.xmp.decode("utf-8", "replace"))
    return chunks


def _segments(metadata: Metadata, exif: bytes, size: tuple[int, int], notes: _Notes) -> dict:
    """EXIF, XMP, captions and comment of a JPEG, each if it fits."""
    found = {"exif": exif, "comment": as_comment(metadata.texts).encode()}
    extra = {}
    if metadata.xmp:
        extra["XMP"] = (b"\xff\xe1", _XMP_SEGMENT + metadata.xmp)
    if metadata.iptc:
        length = len(metadata.iptc)
        block = b"8BIM\x04\x04\0\0" + length.to_bytes(4, "big") + metadata.iptc + b"\0" * (length % 2)
        extra["captions"] = (b"\xff\xed", _PHOTOSHOP_SEGMENT + block)
    too_long = [name for name, (_, content) in extra.items() if len(content) > _SEGMENT]
    too_long += [name for name, content in found.items() if len(content) > _SEGMENT]
    if "exif" in too_long:
        found["exif"] = packed(Metadata(metadata.tags, place=metadata.place, dpi=metadata.dpi).exif(size, False))
    if "comment" in too_long:
        del found["comment"]
    if too_long:
        notes.add(f"cannot hold so much {_listed(too_long)}: a name in .tif keeps it")
    segments = (
        marker + (len(content) + 2).to_bytes(2, "big") + content
        for name, (marker, content) in extra.items()
        if name not in too_long
    )
    return {**{name: content for name, content in found.items() if content}, "extra": b"".join(segments)}


def _page(frame: Frame, notes: _Notes) -> tuple[np.ndarray, dict]:
    """A page of a TIFF: ``(H, W, 3 | 4)`` uint8 or uint16, and its tags."""
    notes.of_frame(frame)
    metadata, (height, width) = frame.metadata, frame.rgb.shape[1:]
    tags = metadata.exif((width, height))
    tags |= {number: value for number, value in ((700, metadata.xmp), (33723, metadata.iptc)) if value}
    return _pixels(frame), tags


def _pixels(frame: Frame) -> np.ndarray:
    """``(H, W, 3 | 4)`` uint8 or uint16."""
    channels = [*frame.rgb, *([] if frame.alpha is None else [frame.alpha])]
    return np.stack([_whole(channel) for channel in channels], -1)


def _whole(channel: torch.Tensor) -> np.ndarray:
    """uint8 as it is, and floating point in [0, 1] as uint16."""
    if not channel.is_floating_point():
        return channel.numpy()
    return (channel.clamp(0, 1) * 65535).round().numpy().astype(np.uint16)


def _save_animation(frames: Iterator[Frame], file: io.BytesIO, kind: str, source: SourcePicture, notes: _Notes) -> None:
    durations: list[int] = []  # grows as the frames are asked for: it is known only then

    def images() -> Iterator[Image.Image]:
        for frame in frames:
            durations.append(round(frame.duration or 0))
            yield _image(frame, notes)

    first = next(frames)
    durations.append(round(first.duration or 0))
    image = _image(first, notes)
    settings = _settings(first, kind, notes)
    if kind != "GIF":
        settings["loop"] = source.plays
    elif source.plays != 1:  # it counts the repetitions, and is shown once without a word
        settings["loop"] = max(source.plays - 1, 0)
    if kind == "GIF" and image.mode == "RGBA":
        settings["disposal"] = 2
    _save(image, file, kind, notes.target, save_all=True, append_images=list(images()), duration=durations, **settings)
