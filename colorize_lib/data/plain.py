"""What has no colour: cards, pages, drawings and frames, to learn that paper stays paper.

Pictures of things are coloured nearly everywhere, so a network that has seen nothing else paints an
empty wall blue and a page of text yellow. These pictures are made, not found: whoever trains needs no other files.
Each takes and gives ``(H, W, 3)`` uint8 and draws what is random from ``rng`` alone.
"""

import random
import string

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont


def card(pixels: np.ndarray, rng: random.Random) -> np.ndarray:
    """One grey, or a slow change from one to another, with a little grain."""
    height, width = pixels.shape[:2]
    here, there = rng.uniform(0, 255), rng.uniform(0, 255)
    if rng.random() < 0.5:
        there = here
    ramp = np.linspace(here, there, width if rng.random() < 0.5 else height)
    light = ramp[None] if len(ramp) == width else ramp[:, None]
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(0, 6), (height, width))
    return _grey(light + grain)


def page(pixels: np.ndarray, rng: random.Random) -> np.ndarray:
    """Lines of letters, dark on light or the other way round."""
    height, width = pixels.shape[:2]
    paper, ink = rng.randint(190, 255), rng.randint(0, 90)
    image = Image.new("L", (width, height), paper)
    draw, size = ImageDraw.Draw(image), rng.randint(2, 20)
    font, left = ImageFont.load_default(size), rng.randint(0, width // 6)
    for top in range(rng.randint(0, height // 4), height, round(size * rng.uniform(1.2, 1.8))):
        line = "".join(rng.choices(string.ascii_letters + "      .,", k=200))
        draw.text((left, top), line[: max(1, int(width / size * rng.uniform(0.6, 2.2)))], fill=ink, font=font)
    light = np.asarray(image, np.float32)
    return _grey(255 - light if rng.random() < 0.2 else light)


def drawing(pixels: np.ndarray, rng: random.Random) -> np.ndarray:
    """The outlines of the picture in ink on paper."""
    image = Image.fromarray(pixels).convert("L").filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.5)))
    edges = np.asarray(image.filter(ImageFilter.FIND_EDGES), np.float32)
    edges[[0, -1]], edges[:, [0, -1]] = 0, 0  # the filter leaves the rim as it was
    return _grey(rng.randint(200, 255) - edges * rng.uniform(1, 8))


def framed(pixels: np.ndarray, rng: random.Random) -> np.ndarray:
    """The picture, smaller, on white, black or grey paper: of the frame nothing is coloured."""
    height, width = pixels.shape[:2]
    paper = rng.choice((rng.randint(235, 255), rng.randint(0, 20), rng.randint(0, 255)))
    canvas = Image.new("RGB", (width, height), (paper, paper, paper))
    left, right = (round(width * rng.uniform(0, 0.2)) for _ in range(2))
    top, bottom = (round(height * rng.uniform(0, 0.2)) for _ in range(2))
    inside = Image.fromarray(pixels).resize((width - left - right, height - top - bottom), Image.Resampling.BILINEAR)
    canvas.paste(inside, (left, top))
    return np.asarray(canvas)


def sometimes_plain(pixels: np.ndarray, rng: random.Random, share: float) -> np.ndarray:
    """The picture as it is, but with probability ``share`` one of the above: two in three of them framed."""
    if rng.random() >= share:
        return pixels
    return rng.choice((framed, framed, framed, framed, card, rng.choice((page, drawing))))(pixels, rng)


def _grey(light: np.ndarray) -> np.ndarray:
    """``(H, W)``, or what broadcasts to it, to ``(H, W, 3)`` uint8."""
    return np.repeat(np.clip(light + 0.5, 0, 255).astype(np.uint8)[..., None], 3, axis=-1)
