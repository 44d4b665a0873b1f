"""Any picture file, array or web address to RGB: what is done before a picture can be coloured.

:func:`open_picture` opens it for all its pages or frames, one after another, with what else the file says of it;
:func:`read_rgb` is the short way to the pixels of the first.
"""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from PIL import Image, ImageOps

from .errors import InputError
from .fetching import fetch, is_address
from .files import user_path
from .pixels import Frame, frame_of_array, frame_of_image

#: What can be coloured.
Picture = str | Path | bytes | bytearray | BinaryIO | Image.Image | np.ndarray | torch.Tensor
#: Pictures with more pixels than this are refused, as they would fill the memory. Pillow refuses them too.
MAX_PIXELS = 178_000_000
#: Formats whose several frames are shown one after another.
ANIMATIONS = ("GIF", "PNG", "WEBP", "AVIF", "FLI")


class SourcePicture:
    """A picture that has been opened. Iterate over it for its :class:`~colorize_lib.pixels.Frame` objects.

    Use :func:`open_picture`, as a context: it holds a file open.

    Attributes
    ----------
    name : str
        Where it is from, for messages.
    count : int
        How many pages or frames it has.
    animated : bool
        Whether they are shown one after another, each for its time, and are not pages.
    plays : int
        How often an animation is shown: 0 for ever.
    notes : list of str
        Sentences for the user on what was found in the file and could not be taken over. Reading a frame may
        add more.
    """

    def __init__(self, name: str, image: Image.Image | None = None, only: Frame | None = None, file=None):
        self.name, self.notes = name, []
        self._image, self._only, self._file = image, only, file
        self.count = _count(image) if file else 1
        self.animated = self.count > 1 and image.format in ANIMATIONS
        self.plays = _plays(image) if self.animated else 1

    def __iter__(self) -> Iterator[Frame]:
        if self._only is not None:
            yield self._only
            return
        for number in range(self.count):
            with _readable(self.name):
                if self.count > 1:
                    self._image.seek(number)
                frame = self._frame()
            yield frame

    def _frame(self) -> Frame:
        image = self._image
        if 0 in image.size:
            raise InputError(f"{self.name} has no pixels.")
        if image.width * image.height > MAX_PIXELS:
            raise InputError(
                f"{self.name} has {image.width}x{image.height} pixels: reduce it to {MAX_PIXELS // 10**6} megapixels."
            )
        frame = frame_of_image(ImageOps.exif_transpose(image))
        return Frame(frame.rgb, frame.alpha, image.info.get("duration") if self.animated else None)

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._image.close()
            self._file.close()

    def __enter__(self) -> "SourcePicture":
        return self

    def __exit__(self, *_) -> None:
        self.close()


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
    name = str(source) if isinstance(source, (str, Path)) else "The picture"
    with _readable(name):
        file = _file(source)
        try:
            return SourcePicture(name, Image.open(file), file=file)
        except BaseException:
            file.close()
            raise


def read_rgb(image: Picture) -> torch.Tensor:
    """Any picture to sRGB ``(3, H, W)``: uint8, or float in [0, 1] where it had more than 8 bits.

    Turns it upright (EXIF), lays transparency on white, and converts palette, CMYK, 16-bit and grey.
    Of several pages or frames it is the first.

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
        if source == "":
            raise InputError("The name of the picture is empty.")
        return open(user_path(source), "rb")
    if hasattr(source, "read"):
        return io.BytesIO(source.read())
    raise InputError(f"A {type(source).__name__} is no picture: use a path, bytes, a PIL image, an array or a tensor.")


def _count(image: Image.Image) -> int:
    return getattr(image, "n_frames", 1)


def _plays(image: Image.Image) -> int:
    """How often an animation is shown. A GIF counts the repetitions, and is shown once if it does not say."""
    loop = image.info.get("loop")
    if image.format != "GIF":
        return loop or 0
    return 1 if loop is None else loop + 1 if loop else 0


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Whatever goes wrong in it is one sentence on the picture of that name, and nothing is printed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, on large pictures and damaged EXIF
            yield
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"There is no file {name}.") from error
    except IsADirectoryError as error:
        raise InputError(f"{name} is a folder, not a picture.") from error
    except PermissionError as error:
        raise InputError(f"{name} may not be read by you.") from error
    except Exception as error:  # Pillow raises OSError, SyntaxError, struct.error, ... on damaged files
        raise InputError(f"{name} is not a picture that can be read: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    return "it is damaged or of an unknown kind" if "cannot identify" in str(error) else str(error).rstrip(".")
