"""The pictures that greet a reader: scikit-image's photographs in grey, coloured by us, and true.

Run it to make ``book/_static/photographs.jpg``, which the README shows, again when the network has changed.
The first page of the book has them as a slider, which the build makes (``book/_ext/front.py``).
"""

from pathlib import Path

import numpy as np
import torch
from photo_panel import CAPTIONS
from PIL import Image

from colorize_lib import Colorizer, photograph, rgb_to_lab
from colorize_lib.colour.lab import to_rgb
from colorize_lib.data.examples import PHOTOGRAPHS
from colorize_lib.pages.before_after import before_after

BOOK = Path(__file__).resolve().parent.parent / "book"
SIDE, GAP = 240, 6


def versions(name: str, colorizer: Colorizer) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A photograph in grey, coloured, and true, each ``(3, H, W)`` uint8."""
    truth = photograph(name)
    grey = to_rgb(rgb_to_lab(truth[None])[:, :1])[0]
    coloured = colorizer.colorize(truth)
    return grey, torch.from_numpy(np.array(coloured)).permute(2, 0, 1), truth


def tile(rgb: torch.Tensor) -> np.ndarray:
    """The middle square, ``(SIDE, SIDE, 3)`` uint8, with a white rim."""
    picture = Image.fromarray(rgb.permute(1, 2, 0).numpy())
    side = min(picture.size)
    left, top = ((edge - side) // 2 for edge in picture.size)
    square = picture.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.pad(np.array(square), ((GAP, GAP), (GAP, GAP), (0, 0)), constant_values=255)


def all_versions() -> dict[str, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Name of every photograph to its :func:`versions`."""
    colorizer = Colorizer.load("photo", "cpu")
    return {name: versions(name, colorizer) for name in PHOTOGRAPHS}


def slider() -> str:
    """Grey to coloured, as HTML; the sky first, as the cautious network paints it most."""
    photographs = all_versions()
    names = sorted(photographs, key=lambda name: name != "rocket")
    return before_after({CAPTIONS[name]: photographs[name][:2] for name in names})._repr_html_()


def main() -> None:
    sheet = np.hstack([np.vstack([tile(rgb) for rgb in column]) for column in all_versions().values()])
    Image.fromarray(sheet).save(BOOK / "_static" / "photographs.jpg", quality=88)


if __name__ == "__main__":
    main()
