"""Pictures as they are found: out of focus, grainy, made larger, packed hard.

A network that has only seen sharp photographs and thumbnails meets, in a film or an album, pictures with less detail
than any of those, and paints them far too vividly. So some of what it learns from is made worse first, colours and all.
Each takes and gives an RGB image of the same size, and draws what is random from ``rng`` alone.
"""

import io
import math
import random

import numpy as np
from PIL import Image, ImageFilter

#: What a picture may be made larger or smaller with.
FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


def blurred(image: Image.Image, rng: random.Random) -> Image.Image:
    """Out of focus: a Gaussian of 0.4 to 4 pixels at 192, as many more or less as the picture is larger or smaller."""
    return image.filter(ImageFilter.GaussianBlur(_between(0.4, 4.0, rng) * max(image.size) / 192))


def enlarged(image: Image.Image, rng: random.Random) -> Image.Image:
    """From as little as a fifth of its width and height."""
    width, height = image.size
    scale = _between(0.2, 0.9, rng)
    small = image.resize((max(1, round(width * scale)), max(1, round(height * scale))), rng.choice(FILTERS))
    return small.resize((width, height), rng.choice(FILTERS))


def grained(image: Image.Image, rng: random.Random) -> Image.Image:
    """Noise with a standard deviation of 0.5 to 12 of 255 levels, alike in all channels."""
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, _between(0.5, 12, rng), image.size[::-1])
    return Image.fromarray((np.asarray(image) + noise[..., None] + 0.5).clip(0, 255).astype(np.uint8))


def packed(image: Image.Image, rng: random.Random) -> Image.Image:
    """As a JPEG of a quality from 15 to 90."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=rng.randint(15, 90))
    return Image.open(buffer).convert("RGB")


def sometimes_worn(pixels: np.ndarray, rng: random.Random, share: float) -> np.ndarray:
    """``(H, W, 3)`` uint8 as it is, but with probability ``share`` softer, and half of those grainy or packed then."""
    if rng.random() >= share:
        return pixels
    worn = rng.choice((blurred, enlarged))(Image.fromarray(pixels), rng)
    if rng.random() < 0.5:
        worn = rng.choice((grained, packed))(worn, rng)
    return np.asarray(worn)


def _between(least: float, most: float, rng: random.Random) -> float:
    """As often below as above their geometric mean."""
    return math.exp(rng.uniform(math.log(least), math.log(most)))
