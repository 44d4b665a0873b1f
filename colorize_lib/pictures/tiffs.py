"""TIFFs beyond what Pillow does: reading more than 8 bits with what their tags say, and writing 16 bits in colour."""

import logging
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from ..errors import InputError
from .pixels import levels

_BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _EXTRA, _FORMAT = 258, 259, 262, 277, 338, 339
_MAXIMUM, _SUBFILE, _PREDICTOR = 281, 254, 317
#: Values of SampleFormat.
_UNSIGNED, _SIGNED = 1, 2
_DEFLATE, _RGB = 8, 2
#: Bytes of a strip before it is compressed, about.
_STRIP = 1 << 20


@contextmanager
def quiet_logger(name: str) -> Iterator[None]:
    """Within it what this logger finds odd in a file goes nowhere: it is of no use to who has the picture."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def quiet_libtiff(image: Image.Image) -> Iterator[None]:
    """Within it libtiff, if it is to read that image, does not write its warnings to the terminal.

    It writes them past Python, and there is no other way to keep it from that.
    """
    if image.format != "TIFF" or not any(tile[0] == "libtiff" for tile in getattr(image, "tile", ())):
        yield
        return
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def is_deep(image: Image.Image) -> bool:
    """Whether an opened TIFF's pixels are not what Pillow's 8-bit modes make of them."""
    bits, kind = image.tag_v2.get(_BITS, (1,)), image.tag_v2.get(_FORMAT, (_UNSIGNED,))
    return max(bits) > 8 or any(one not in (_UNSIGNED, 4) for one in kind)


def is_small_copy(image: Image.Image) -> bool:
    """Whether the page is a reduced copy of another, or its mask, and not a picture of its own."""
    return bool(image.tag_v2.get(_SUBFILE, 0) & 5)


def deep_pixels(image: Image.Image, file: BinaryIO, number: int) -> tuple[np.ndarray | None, str]:
    """The pixels of a page of more than 8 bits, float32 in [0, 1], as they lie: ``(H, W)`` or ``(H, W, 3 | 4)``.

    None where they can be had with 8 bits only. Also what :func:`~colorize_lib.pictures.pixels.levels` notes.
    """
    tags = image.tag_v2
    white = max(np.atleast_1d(tags.get(_MAXIMUM, 0)))
    if image.mode in ("I", "F", "L") or image.mode.startswith("I;16"):
        pixels = np.asarray(image)
        signed, bits = _SIGNED in tags.get(_FORMAT, ()), max(tags.get(_BITS, (1,)))
        if pixels.dtype.kind in "iu" and bits in (8, 16, 32):
            pixels = pixels.astype(f"{'i' if signed else 'u'}{bits // 8}")
        elif bits == 12:  # Pillow reads these, and leaves them as they are
            white = 4095
        result, note = levels(pixels, white)
        return (1 - result if tags.get(_PHOTOMETRIC) == 0 and bits > 8 else result), note
    if tags.get(_PHOTOMETRIC) != _RGB:
        return None, "has more than 8 bits, of which 8 were read"
    pixels = read_page(file, number)
    if pixels is None or pixels.ndim == 2:
        return None, "has more than 8 bits, of which 8 were read"
    return levels(pixels, white)


def read_page(file: BinaryIO, number: int) -> np.ndarray | None:
    """A page's numbers as they lie, ``(H, W)`` or ``(H, W, 3 | 4)``, whatever their type.

    None where they are no picture, or stored in a way that takes a further package to read.
    """
    import tifffile

    file.seek(0)
    try:
        with quiet_logger("tifffile"), tifffile.TiffFile(file) as opened:
            page = opened.pages[number]
            pixels = page.asarray()
            pixels = np.moveaxis(pixels, 0, -1) if page.axes == "SYX" else pixels
    except Exception:  # of many kinds: a missing codec is a ValueError
        return None
    known = pixels.dtype.kind in "iuf" and (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[-1] in (3, 4)))
    return pixels if known else None


def write_tiff(file: BinaryIO, pages: Iterable[tuple[np.ndarray, dict]], name: str) -> None:
    """Write pages one after another, compressed without loss, each with its tags.

    Pillow writes 16 bits in grey only, and all pages of a file from memory.

    Parameters
    ----------
    pages
        Pixels ``(H, W, 3 | 4)``, uint8 or uint16, and tags beyond those that the pixels need. A directory of its own,
        as EXIF is, is a dict.
    name
        For messages.

    Raises
    ------
    InputError
        If it would have more than 4 GB, which a TIFF cannot.
    """
    file.write(b"II*\0\0\0\0\0")
    pointer = 4  # where the place of the next directory is to be written
    for pixels, tags in pages:
        strips, rows = _strips(pixels)
        directory = ImageFileDirectory_v2(b"II*\0\x08\0\0\0")
        for tag, value in tags.items():
            directory[tag] = value
        height, width, samples = pixels.shape
        directory[256], directory[257], directory[_SAMPLES] = width, height, samples
        directory[_BITS] = (8 * pixels.itemsize,) * samples
        directory[_COMPRESSION], directory[_PHOTOMETRIC], directory[_PREDICTOR] = _DEFLATE, _RGB, 2
        if samples == 4:
            directory[_EXTRA] = 2  # transparency that the colours are not multiplied with
        sizes = [len(strip) for strip in strips]
        directory[278] = rows
        directory[273] = tuple(sum(sizes[:i]) for i in range(len(sizes)))  # Pillow adds where the directory ends
        directory[279] = tuple(sizes)
        place = file.seek(0, 2)
        content = directory.tobytes(place)
        if place + len(content) + sum(sizes) >= 1 << 32:
            raise InputError(f"{name} cannot be written, as a TIFF has at most 4 GB: try .png.")
        file.write(content)
        file.writelines(strips)
        file.write(b"\0" * (file.tell() % 2))
        file.seek(pointer)
        file.write(place.to_bytes(4, "little"))
        pointer = place + 2 + 12 * len(directory)


def _strips(pixels: np.ndarray) -> tuple[list[bytes], int]:
    """Pixels as differences to their left neighbours (predictor 2), compressed; and how many rows a strip has."""
    rows = max(1, _STRIP // pixels[0].nbytes)
    strips = []
    for start in range(0, len(pixels), rows):
        part = pixels[start : start + rows]
        change = np.concatenate((part[:, :1], part[:, 1:] - part[:, :-1]), axis=1)  # modulo 2**bits, as it should
        strips.append(zlib.compress(change.astype(f"<u{pixels.itemsize}").tobytes()))
    return strips, rows
