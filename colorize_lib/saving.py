"""Coloured pictures into a file: all frames that it can hold, and what the original said of itself."""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from .errors import InputError
from .files import atomic_path
from .lab import to_uint8
from .pictures import SourcePicture
from .pixels import Frame

#: What Pillow calls the kind of a file with that suffix.
KINDS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP",
}  # fmt: skip


def save_picture(frames: Iterable[Frame], target: str | Path, source: SourcePicture) -> list[str]:
    """Write coloured frames into a file, whole or not at all. The suffix says of what kind.

    Parameters
    ----------
    frames
        Those of ``source``, coloured: only as many are asked for as the file can hold.
    target
        Where to write. Folders are made.
    source
        What the frames were before: its metadata is kept.

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
    kind = KINDS[target.suffix.lower()]
    first = next(iter(frames))
    file, notes = io.BytesIO(), []
    try:
        _image(first, kind, notes).save(file, kind, quality=95)
    except (ValueError, OSError) as error:  # WebP and JPEG have a largest size
        raise InputError(f"{target} cannot be written as {kind} ({error}): try .png.") from error
    with atomic_path(target) as temporary:
        temporary.write_bytes(file.getbuffer())
    return notes


def _image(frame: Frame, kind: str, notes: list[str]) -> Image.Image:
    rgb = frame.on_white()
    rgb = to_uint8(rgb) if rgb.is_floating_point() else rgb
    return Image.fromarray(np.ascontiguousarray(rgb.permute(1, 2, 0).numpy()))
