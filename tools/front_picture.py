"""Make ``book/_static/photographs.jpg``: scikit-image's photographs in grey, coloured by us, and true."""

from pathlib import Path

import numpy as np
from PIL import Image

from colorize_lib import Colorizer, photograph, rgb_to_lab
from colorize_lib.data import PHOTOGRAPHS
from colorize_lib.plots import to_rgb

SIDE, GAP = 240, 6


def tile(picture: Image.Image) -> np.ndarray:
    """The middle square, ``(SIDE, SIDE, 3)`` uint8, with a white rim."""
    side = min(picture.size)
    left, top = ((edge - side) // 2 for edge in picture.size)
    square = picture.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.pad(np.array(square), ((GAP, GAP), (GAP, GAP), (0, 0)), constant_values=255)


def main() -> None:
    colorizer = Colorizer.load("photo")
    columns = []
    for name in PHOTOGRAPHS:
        truth = photograph(name)
        grey = to_rgb(rgb_to_lab(truth[None])[:, :1])[0]
        coloured = colorizer.colorize(truth, temperature=0.38, lam=0.55)  # the defaults of the command line
        pictures = (Image.fromarray(grey.permute(1, 2, 0).numpy()), coloured)
        columns.append(np.vstack([tile(p) for p in (*pictures, Image.fromarray(truth.permute(1, 2, 0).numpy()))]))
    path = Path(__file__).parent.parent / "book" / "_static" / "photographs.jpg"
    Image.fromarray(np.hstack(columns)).save(path, quality=88)
    print(path)


if __name__ == "__main__":
    main()
