"""Any picture file, array or web address to RGB: what is done before a picture can be coloured.

:func:`open_picture` opens it for all its pages or frames, one after another, with what else the file says of it;
:func:`read_rgb` is the short way to the pixels of the first.
"""

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from ..errors import InputError
from ..files import user_path
from .fetching import MAX_BYTES, fetch, is_address
from .kinds import is_heif, is_raw, raw_sentence, refusal
from .pixels import frame_of_array, levels
from .source import SourcePicture, readable
from .tiffs import read_page

#: What can be coloured.
Picture = str | Path | bytes | bytearray | BinaryIO | Image.Image | np.ndarray | torch.Tensor


def open_picture(source: Picture) -> SourcePicture:
    """Open any picture: a path, a web address, the bytes of a file, an open file, a PIL image, an array or a tensor.

    Of a PIL image that has several frames it is the one it stands at.

    Raises
    ------
    InputError
        If it is missing, empty, damaged, too large or no picture at all. Iterating over it raises this too,
        as the pixels are read then.
    """
    if isinstance(source, torch.Tensor):
        source = source.detach().cpu()
        source = (source.float() if source.is_floating_point() else source).numpy()
        source = np.moveaxis(source, 0, -1) if source.ndim == 3 else source
    if isinstance(source, np.ndarray):
        return SourcePicture("The picture", only=frame_of_array(source))
    if isinstance(source, Image.Image):
        return SourcePicture("The picture", source)
    name = str(source) if isinstance(source, (str, os.PathLike)) else "The picture"
    with readable(name):
        file = _file(source)
        try:
            image = _opened(file, name)
            if isinstance(image, np.ndarray):
                pixels, note = levels(image)
                picture = SourcePicture(name, only=frame_of_array(pixels))
                picture.notes += [f"{name} {note}."] if note else []
                return picture
            return SourcePicture(name, image, file=file)
        except BaseException:
            file.close()
            raise


def read_rgb(image: Picture) -> torch.Tensor:
    """Any picture to sRGB ``(3, H, W)``: uint8, or float in [0, 1] where it had more than 8 bits.

    Turns it upright (EXIF), lays transparency on white, converts palette, CMYK, 16-bit and grey, and what has a
    colour profile to sRGB. Of several pages or frames it is the first.

    Raises
    ------
    InputError
        If it is missing, empty, damaged, too large or no picture at all.
    """
    with open_picture(image) as picture:
        return next(iter(picture)).on_white()


def _file(source: str | Path | bytes | bytearray | BinaryIO) -> BinaryIO:
    """What Pillow is to read. Never a path: some of its releases map that into memory, and turn such TIFFs wrongly."""
    if is_address(source):
        return io.BytesIO(fetch(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return io.BytesIO(source)
    if isinstance(source, (str, os.PathLike)):
        return _opened_path(source)
    if hasattr(source, "read"):
        content = source.read()
        if isinstance(content, bytes):
            return io.BytesIO(content)
    raise InputError(f"A {type(source).__name__} is no picture: use a path, bytes, a PIL image, an array or a tensor.")


def _opened_path(path: str | os.PathLike[str]) -> BinaryIO:
    if not str(path):
        raise InputError("The name of the picture is empty.")
    if "\0" in str(path):
        raise InputError(f"{path!r} is no name that a file can have.")
    file = open(user_path(Path(path)), "rb")  # noqa: SIM115
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    with file:  # a pipe cannot be sought in
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise InputError(f"{path} is no file, and has more than {MAX_BYTES // 10**6} MB: save it as a file first.")
    return io.BytesIO(content)


def _opened(file: BinaryIO, name: str) -> Image.Image | np.ndarray:
    """What Pillow makes of a file, unless it is known to be something else than it takes it for.

    Of a TIFF whose numbers are of a type that Pillow does not know, those of its first page.
    """
    try:
        image = Image.open(file)
    except UnidentifiedImageError:
        file.seek(0)
        head = file.read(1024)
        if head.startswith((b"II*\0", b"MM\0*")) and (pixels := read_page(file, 0)) is not None:
            return pixels
        if not (is_heif(head) and _reads_heif()):
            raise InputError(refusal(name, head)) from None
        image = Image.open(file)
    if is_raw(name, getattr(image, "tag_v2", {})):
        raise InputError(raw_sentence(name))
    return image


def _reads_heif() -> bool:
    """Have Pillow read HEIC, if the package for it is installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True
