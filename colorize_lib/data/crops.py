"""A part of a picture, at the size that a network learns from."""

import math
import random
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch.utils.data import Dataset

from ..colour.lab import to_uint8
from ..pictures.reading import read_rgb
from ..pictures.tiffs import quiet_libtiff
from .plain import sometimes_plain
from .worn import FILTERS, sometimes_worn

#: Pictures with a shorter side than this, in pixels, are skipped.
LEAST_SIDE = 32
#: A picture that decodes to more pixels than this is skipped, as every worker may hold one. JPEGs are reduced before.
MAX_PIXELS = 60_000_000
#: A crop's share of the picture's area, and its width over its height: from, to.
AREA, RATIO = (0.25, 1.0), (3 / 4, 4 / 3)


#: Of a picture's (width, height), the left, upper, right and lower end of the part to show.
Box = tuple[float, float, float, float]
#: (name of the file below the folder, what the crop is drawn from).
Job = tuple[str, str]


def whole(width: int, height: int, rng: random.Random) -> Box:
    """The whole picture, squeezed into a square."""
    return 0, 0, width, height


def centre(width: int, height: int, rng: random.Random) -> Box:
    """The largest square, in the middle."""
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side


def random_crop(width: int, height: int, rng: random.Random) -> Box:
    """A rectangle somewhere, of a random :data:`AREA` and :data:`RATIO`, made smaller where it would not fit."""
    area = width * height * rng.uniform(*AREA)
    ratio = math.exp(rng.uniform(*map(math.log, RATIO)))
    w, h = math.sqrt(area * ratio), math.sqrt(area / ratio)
    shrink = min(1, width / w, height / h)
    w, h = w * shrink, h * shrink
    left, top = rng.random() * (width - w), rng.random() * (height - h)
    return left, top, min(left + w, width), min(top + h, height)


def generator_of(key: str) -> random.Random:
    """What ``random.Random(key)`` is, also for a key with the name of a file that is no text."""
    return random.Random(key.encode(errors="surrogatepass"))


def shorter_side(path: Path) -> int:
    """Of the picture in a file, in pixels, from its first bytes; 0 if they cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, on large pictures and damaged EXIF
            with Image.open(path) as image:
                return min(image.size)
    except Exception:  # Pillow raises OSError, SyntaxError, struct.error, ... on damaged files
        return 0


class Reader(Dataset):
    """Decodes one file at a time, in a worker process. It holds no list of files: the names are sent to it.

    Parameters
    ----------
    folder
        The names are below it.
    size
        Side of what is returned, in pixels.
    view
        :func:`whole`, :func:`centre` or :func:`random_crop`; with the last, half of the pictures are flipped.
    plain
        With the last view, this share of the pictures is framed or replaced: see
        :func:`~colorize_lib.data.plain.sometimes_plain`.
    worn
        With the last view, this share of the pictures is made worse: see
        :func:`~colorize_lib.data.worn.sometimes_worn`; and the filters that make them smaller change.
    small
        Side of what is returned of a picture whose shorter side is less than half of ``size``; 0 for ``size``.
    """

    def __init__(
        self,
        folder: Path,
        size: int,
        view: Callable[[int, int, random.Random], Box],
        plain: float = 0.0,
        worn: float = 0.0,
        small: int = 0,
    ):
        self.folder, self.size, self.view = folder, size, view
        self.plain, self.worn, self.small = plain, worn, small

    def side(self, shorter: int) -> int:
        """Of what is returned of a picture with that shorter side, in pixels."""
        return self.small if self.small and shorter < self.size / 2 else self.size

    def __getitem__(self, job: Job) -> np.ndarray | str:
        """``(3, side, side)`` uint8, sRGB; or in a word why not: ``"unreadable"``, ``"too small"`` or ``"too large"``.

        What is drawn depends on ``job[1]`` alone.
        """
        name, key = job
        rng = generator_of(key)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow's, on large pictures and damaged EXIF
                # Not by its path: some releases of Pillow map that into memory, and turn such TIFFs wrongly.
                with open(self.folder / name, "rb") as file, Image.open(file) as image, quiet_libtiff(image):
                    pixels = self._cut(image, rng)
        except Image.DecompressionBombError:
            return "too large"
        except Exception:  # Pillow raises OSError, SyntaxError, struct.error, ... on damaged files
            return "unreadable"
        if isinstance(pixels, str):
            return pixels
        if self.view is random_crop:
            pixels = self._varied(pixels, rng)
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def _varied(self, pixels: np.ndarray, rng: random.Random) -> np.ndarray:
        """A picture to learn from, ``(side, side, 3)`` uint8: flipped, worn or without colour, as chance has it."""
        if rng.random() < 0.5:
            pixels = pixels[:, ::-1]
        if self.worn:
            pixels = sometimes_worn(pixels, rng, self.worn)
        return sometimes_plain(pixels, rng, self.plain) if self.plain else pixels

    def _cut(self, image: Image.Image, rng: random.Random) -> np.ndarray | str:
        """The view of an opened file, ``(side, side, 3)`` uint8, or why there is none."""
        if min(image.size) < LEAST_SIDE:
            return "too small"
        if image.format == "TIFF":  # Pillow turns it as it loads it, whatever its size has been until then
            if image.width * image.height > MAX_PIXELS:
                return "too large"
            image.load()
        turned = image.getexif().get(0x0112, 1)
        width, height = image.size if turned < 5 else image.size[::-1]
        side, box = self.side(min(width, height)), self.view(width, height, rng)
        scale = side / min(box[2] - box[0], box[3] - box[1])
        if scale < 1:  # a JPEG is decoded at a half, a quarter or an eighth, if that still is enough
            image.draft(None, tuple(math.ceil(edge * scale) for edge in image.size))
        if image.width * image.height > MAX_PIXELS:
            return "too large"
        if image.mode != "RGB" or "transparency" in image.info:
            rgb = read_rgb(image)  # (3, H, W), upright
            image = Image.fromarray((rgb if rgb.dtype == torch.uint8 else to_uint8(rgb)).permute(1, 2, 0).numpy())
        elif turned != 1:
            image = ImageOps.exif_transpose(image)
        across, down = image.width / width, image.height / height
        box = (box[0] * across, box[1] * down, min(box[2] * across, image.width), min(box[3] * down, image.height))
        resampling = rng.choice(FILTERS) if self.view is random_crop and self.worn else Image.Resampling.BILINEAR
        return np.asarray(image.resize((side, side), resampling, box, reducing_gap=2.0))
