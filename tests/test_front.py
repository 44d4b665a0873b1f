"""The first page: its slider is what the network and the library make today, and a screen is enough."""

import base64
import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from colorize_lib.data.examples import PHOTOGRAPHS

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "tools"))
import front_picture  # noqa: E402

needs_book = pytest.mark.skipif(not (BOOK / "index.html").exists(), reason="the book is not built: make book")


def parts(html: str) -> tuple[list[str], list[str], list[np.ndarray]]:
    """Of the slider in a page: scripts and style, words, and pictures, which the page keeps in files."""
    page = BeautifulSoup(html, "html.parser")
    place = page.find(class_="colour-page")
    texts = [tag.text for tag in (place.find_previous("style"), *place.find_next_siblings("script", limit=2))]
    images = place("img")
    return (
        [re.sub(r'"[0-9a-f]{12}"', "", text) for text in texts],  # the name of the place, which its pictures give it
        [image["alt"] for image in images],
        [np.asarray(Image.open(picture(image["src"])).convert("RGB")).astype(int) for image in images],
    )


def picture(address: str) -> io.BytesIO:
    inside = re.fullmatch(r"data:image/\w+;base64,(.+)", address)
    return io.BytesIO(base64.b64decode(inside[1]) if inside else (BOOK / address).read_bytes())


@needs_book
def test_the_slider_is_what_the_tool_makes_of_the_shipped_network():
    kept, made = parts((BOOK / "index.html").read_text("utf-8")), parts(front_picture.slider())
    assert kept[:2] == made[:2]
    assert len(kept[2]) == len(made[2]) == 2 * len(PHOTOGRAPHS)
    for old, new in zip(kept[2], made[2], strict=True):
        assert np.abs(old - new).mean() < 1


@needs_book
@pytest.mark.parametrize("size", [(1400, 900), (390, 844)])
def test_colour_and_three_ways_in_within_one_screen(open_page, serve, size):
    page = open_page(serve(BOOK), viewport=dict(zip(("width", "height"), size, strict=True)))
    page.wait_for_selector(".ba-range")
    bottoms = [box["y"] + box["height"] for box in (way.bounding_box() for way in page.locator(".ways-in a").all())]
    assert len(bottoms) == 3
    assert max(bottoms) <= size[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    shot = Image.open(io.BytesIO(page.screenshot())).convert("HSV")
    assert (np.asarray(shot)[..., 1] > 80).mean() > 0.08, "colour"
