"""The page "Colour your own photo" as a small site, and pictures for it: for the tests in both browsers."""

import fcntl
import io
import re
import shutil
import sys
import warnings
from pathlib import Path

import pytest
from bare_page import PAGE
from PIL import Image

from colorize_lib import Colorizer
from colorize_lib.data.examples import photograph
from colorize_lib.inference.dials import TEMPERATURE, VIVIDNESS, vividness_to_lambda

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import photo_panel  # noqa: E402

STATIC = ROOT / "book" / "_static" / "photo"


def write_site(folder: Path) -> Path:
    """The page's own HTML, and its modules; without what is made."""
    html = re.search(r"```\{raw\} html\n(.*?)```", (ROOT / "book" / "your_photo.md").read_text("utf-8"), re.DOTALL)[1]
    shutil.copytree(STATIC, folder / "_static" / "photo")
    (folder / "index.html").write_text(PAGE.format(html), "utf-8")
    return folder / "_static" / "photo"


def built_site(serve, folder: Path) -> str:
    """The site with what is made, served; the test is skipped, and says so, where npm could not fetch it."""
    photo_panel.CACHE.parent.mkdir(exist_ok=True)
    with open(photo_panel.CACHE.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several workers one makes it, and the others copy
        made = photo_panel.make(write_site(folder))
    if not made:
        reason = "NOT TESTED in a browser: npm could not fetch what the page 'Colour your own photo' runs on."
        warnings.warn(reason, stacklevel=2)
        pytest.skip(reason)
    return serve(folder)


def packed(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    """A picture file."""
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def picture(name: str, size: tuple[int, int] | None = None) -> Image.Image:
    image = Image.fromarray(photograph(name).permute(1, 2, 0).numpy())
    return image.resize(size, Image.Resampling.LANCZOS) if size else image


def as_it_starts(colorizer: Colorizer, image: Image.Image | bytes) -> Image.Image:
    """Python's picture where nobody turns a dial."""
    return colorizer.colorize(image, TEMPERATURE, vividness_to_lambda(VIVIDNESS))
