"""Make ``book/_static/card.jpg``, shown where somebody shares a link to the book: photographs from grey to coloured."""

from pathlib import Path

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont, ImageOps

from colorize_lib import Colorizer, photograph
from colorize_lib.data.examples import PHOTOGRAPHS

SIZE = (1200, 630)  # what the networks that show it ask for
TILE = (300, 400)
PAPER, INK, FAINT = "#121212", "#ffffff", "#c8c8c8"
TEXT = (
    (435, 76, "bold", INK, "Colour from grey"),
    (545, 34, "normal", FAINT, "Build the network that colours photographs, and measure it"),
)


def tile(picture: Image.Image, coloured: Image.Image) -> Image.Image:
    """The middle of a picture, grey at its upper left and coloured at its lower right."""
    grey, coloured = (ImageOps.fit(p.convert("RGB"), TILE, Image.Resampling.LANCZOS) for p in (picture, coloured))
    mask = Image.new("L", TILE)
    width, height = TILE
    ImageDraw.Draw(mask).polygon([(width, height // 6), (width, height), (0, height), (0, 5 * height // 6)], fill=255)
    return Image.composite(coloured, grey, mask)


def main() -> None:
    card = Image.new("RGB", SIZE, PAPER)
    colorizer = Colorizer.load("photo")
    for column, name in enumerate(PHOTOGRAPHS):
        truth = photograph(name)
        coloured = colorizer.colorize(truth)
        grey = Image.fromarray(truth.permute(1, 2, 0).numpy()).convert("L")
        card.paste(tile(grey, coloured), (column * TILE[0], 0))
    draw = ImageDraw.Draw(card)
    for top, size, weight, colour, text in TEXT:
        font = font_manager.findfont(font_manager.FontProperties(family="DejaVu Sans", weight=weight))
        draw.text((SIZE[0] / 2, top), text, colour, ImageFont.truetype(font, size), anchor="ma")
    path = Path(__file__).parent.parent / "book" / "_static" / "card.jpg"
    card.save(path, quality=88)
    print(path)


if __name__ == "__main__":
    main()
