"""The first page: its slider is what the network and the library make today, and a screen is enough."""

import base64
import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorize_lib.data import PHOTOGRAPHS

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "tools"))
import front_picture  # noqa: E402

needs_book = pytest.mark.skipif(not (BOOK / "index.html").exists(), reason="the book is not built: make book")
DATA = re.compile(r"data:image/\w+;base64,([^\"]+)")


def without_pictures(html: str) -> str:
    """What does not depend on how a machine rounds."""
    return re.sub(r'data-colour-page="\w+"|At\("\w+"', "", DATA.sub("", html))


@needs_book
def test_the_slider_is_what_the_tool_makes_of_the_shipped_network():
    page, made = (BOOK / "index.html").read_text("utf-8"), front_picture.slider()
    start = page.index('<div class="colour-page"')
    kept = page[start : page.index("</script>", start)] + "</script>"
    assert without_pictures(kept) == without_pictures(made)
    pairs = list(zip(*map(DATA.findall, (kept, made)), strict=True))
    assert len(pairs) == 2 * len(PHOTOGRAPHS)
    for pair in pairs:
        old, new = (np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))).astype(int) for data in pair)
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
