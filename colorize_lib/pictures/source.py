"""A picture file, opened: its pages or frames, one after the other."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from PIL import Image

from ..errors import InputError
from .metadata import read_metadata
from .pixels import Frame, frame_of_array, frame_of_image, levels
from .profiles import Power, Profile, power_of
from .tiffs import deep_pixels, is_deep, is_small_copy, quiet_libtiff, quiet_logger

#: Pictures with more pixels than this are refused, as they would fill the memory. Pillow refuses them too.
MAX_PIXELS = 178_000_000
#: Formats whose several frames are shown one after another.
ANIMATIONS = ("GIF", "PNG", "WEBP", "AVIF", "FLI")
#: Formats whose further frames are no pictures of their own, and what they are.
_PARTS = {"MPO": "further pictures", "PSD": "layers"}
_TOO_DEEP = "has more than 8 bits, of which 8 were read"
#: EXIF's number for how a picture lies, and what sets it upright.
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: lambda x: x.flip(-1),
    3: lambda x: x.flip(-1, -2),
    4: lambda x: x.flip(-2),
    5: lambda x: x.mT,
    6: lambda x: x.rot90(-1, (-2, -1)),
    7: lambda x: x.mT.flip(-1, -2),
    8: lambda x: x.rot90(1, (-2, -1)),
}


class SourcePicture:
    """A picture that has been opened. Iterate over it for its :class:`~colorize_lib.pictures.pixels.Frame` objects.

    Use :func:`~colorize_lib.pictures.reading.open_picture`, as a context: it holds a file open.

    Attributes
    ----------
    name : str
        Where it is from, for messages.
    count : int
        How many pages or frames it has that are pictures of their own.
    animated : bool
        Whether they are shown one after another, each for its time, and are not pages.
    plays : int
        How often an animation is shown: 0 for ever.
    notes : list of str
        Sentences for the user on what was found in the file and could not be taken over. Reading a frame may
        add more.
    """

    def __init__(
        self, name: str, image: Image.Image | None = None, only: Frame | None = None, file: BinaryIO | None = None
    ):
        self.name = name
        self.notes: list[str] = []
        self._only, self._file = only, file
        self._image = None if file else image  # of a file it is opened anew for every reading, and not held
        self._numbers = self._frames(image) if file else [0]
        self.count = len(self._numbers)
        self.animated = self.count > 1 and image.format in ANIMATIONS
        self.plays = _plays(image) if self.animated else 1

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Frame]:
        if self._only is not None:
            yield self._only
            return
        image = self._image
        for place, number in enumerate(self._numbers):
            with readable(self.name):
                image = image or Image.open(self._file)
                try:
                    frame = self._frame(image, number)
                except Exception:
                    if not place:
                        raise
                    self._note(f"is damaged: only the first {place} of its {self.count} {self._what} can be read")
                    return
            image = None if place == self.count - 1 else image  # so that its memory is free while it is coloured
            yield frame

    def _note(self, sentence: str) -> None:
        """Add what begins with the picture's name, once."""
        note = f"{self.name} {sentence}."
        if sentence and note not in self.notes:
            self.notes.append(note)

    @property
    def _what(self) -> str:
        return "frames" if self.animated else "pages"

    def _frames(self, image: Image.Image) -> list[int]:
        """Numbers of the frames that are pictures of their own."""
        try:
            count = getattr(image, "n_frames", 1)
        except Exception:  # Pillow raises what it meets on its way through a damaged file
            count = 1
            self._note("is damaged: of its pages or frames only the first can be read")
        if image.format in _PARTS and count > 1:
            self._note(f"has {_PARTS[image.format]} beside the picture itself, which are not coloured")
            return [0]
        if image.info.get("default_image") and count > 1:
            self._note("has a still picture beside its frames, which is not coloured")
            return list(range(1, count))
        if image.format != "TIFF" or count == 1:
            return list(range(count))
        return self._pages(image, count) or [0]

    def _pages(self, image: Image.Image, count: int) -> list[int]:
        """Numbers of a TIFF's pages but the reduced copies of others."""
        own = []
        for number in range(count):
            try:
                image.seek(number)
            except Exception:  # as above; what can be read is told when it is read
                own.append(number)
            else:
                own += [] if is_small_copy(image) else [number]
        image.seek(0)
        return own

    def _frame(self, image: Image.Image, number: int) -> Frame:
        if self._file and number != image.tell():
            image.seek(number)
        self._check_size(image)
        with quiet_libtiff(image):
            frame = self._deep(image, number)
            if frame is None:
                image.load()
                frame = frame_of_image(image, self._profile(image))
        # Only now: Pillow turns a TIFF, and forgets how it lay, as it loads it; and a PNG may say it at its end.
        frame = _upright(frame, image.getexif().get(_ORIENTATION, 1))
        metadata, damage = read_metadata(image) if self._file else (frame.metadata, "")
        self._note(damage)
        return replace(frame, metadata=metadata, duration=image.info.get("duration", 0) if self.animated else None)

    def _check_size(self, image: Image.Image) -> None:
        if 0 in image.size:
            raise InputError(f"{self.name} has no pixels.")
        if image.width * image.height > MAX_PIXELS:
            raise InputError(
                f"{self.name} has {image.width}x{image.height} pixels: reduce it to {MAX_PIXELS // 10**6} megapixels."
            )

    def _deep(self, image: Image.Image, number: int) -> Frame | None:
        """The frame, as it lies, if it has more than 8 bits and they can be had."""
        if image.format == "TIFF" and self._file:
            if not is_deep(image):
                return None
            pixels, note = deep_pixels(image, self._file, number)
        elif image.mode in ("I", "F") or image.mode.startswith("I;16"):
            # Numbers of 16 bits are what they are; modes I and F hold anything, but in a PNG I has 16 bits, too.
            known = image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM", "JPEG2000"))
            white = 65535 if known else None
            pixels, note = levels(np.asarray(image), white)
        else:
            pixels, note = None, _TOO_DEEP if _is_reduced(image) else ""
        self._note(note)
        if pixels is None:
            return None
        profile, grey = self._profile(image), pixels.ndim == 2
        if profile and profile.fits("L" if grey else "RGB"):
            colours = pixels if grey else pixels[..., :3]  # what is transparent stays
            colours[:] = profile.convert_levels(colours)
        return frame_of_array(pixels)

    def _profile(self, image: Image.Image) -> Profile | Power | None:
        icc = image.info.get("icc_profile")
        if not icc:
            return power_of(image.info)
        try:
            return Profile(icc)
        except Exception:  # PyCMSError, OSError, ...: damaged in one of many ways
            self._note("has a colour profile that cannot be read: it is taken for sRGB")
            return None

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def __enter__(self) -> "SourcePicture":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _plays(image: Image.Image) -> int:
    """How often an animation is shown. A GIF counts the repetitions, and is shown once if it does not say."""
    loop = image.info.get("loop")
    if image.format != "GIF":
        return loop or 0
    return 1 if loop is None else loop + 1 if loop else 0


def _is_reduced(image: Image.Image) -> bool:
    """Whether Pillow reads a half of 16 bits in colour: the name of how they are stored says so."""
    return any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def _upright(frame: Frame, orientation: int) -> Frame:
    """Turned or mirrored as EXIF's number says."""
    turn = _UPRIGHT.get(orientation)
    if not turn:
        return frame
    grey = frame.rgb.stride(0) == 0
    rgb = turn(frame.rgb[:1] if grey else frame.rgb).contiguous().expand(3, -1, -1)
    return replace(frame, rgb=rgb, alpha=None if frame.alpha is None else turn(frame.alpha).contiguous())


#: What Pillow says when something is not installed, and not the picture's fault.
_NO_READER = re.compile("not available|cannot find loader|Ghostscript|not installed")


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Whatever goes wrong in it is one sentence on the picture of that name, and nothing is printed."""
    try:
        with warnings.catch_warnings(), quiet_logger("PIL"):
            warnings.simplefilter("ignore")  # Pillow's, on large pictures and damaged EXIF
            yield
    except InputError as error:
        if name in str(error):
            raise
        raise InputError(f"{name} is not a picture that can be read: {error}") from error
    except FileNotFoundError as error:
        raise InputError(f"There is no file {name}.") from error
    except IsADirectoryError as error:
        raise InputError(f"{name} is a folder, not a picture.") from error
    except PermissionError as error:
        raise InputError(f"{name} may not be read by you.") from error
    except MemoryError as error:
        raise InputError(f"{name} needs more memory than there is: reduce it.") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{name} has too many pixels: reduce it to {MAX_PIXELS // 10**6} megapixels.") from error
    except Exception as error:  # Pillow raises OSError, SyntaxError, struct.error, ... on damaged files
        raise InputError(f"{name} {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """Pillow's words are for programmers: these are for who has the file."""
    if isinstance(error, OSError) and error.errno:
        return f"cannot be read ({error.strerror})"
    if _NO_READER.search(str(error)):
        return "is of a kind that nothing installed here reads: export it as PNG or JPEG, and colour that"
    return "is not a picture that can be read: it is damaged or cut short"
