"""Folders of pictures: plain ones, odd ones, bad ones, and a recipe to learn from them in seconds."""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from colorize_lib.data.crops import Reader, whole
from colorize_lib.data.examples import PHOTOGRAPHS, photograph
from colorize_lib.training.recipes import Recipe

TINY = Recipe("tiny", "bins", widths=(8, 16), epochs=2, batch=8, seed=1)
PLAIN = [f"{photo}/{i}.jpg" for photo in sorted(PHOTOGRAPHS) for i in range(6)]
ODD = ["odd/cmyk.jpg", "odd/deep/er/lzw.tiff", "odd/huge.JPEG", "odd/palette.gif", "odd/rgba.png", "odd/turned.jpg"]
ODD += ["odd/ünï 日本.webp", "odd/slightly.png", "odd/16bit.png"]
BAD = {
    "bad/cut.jpg": "unreadable",
    "bad/empty.png": "unreadable",
    "bad/gone.jpg": "unreadable",
    "bad/grey.jpg": "grey",
    "bad/grey-rgb.png": "grey",
    "bad/text.jpg": "unreadable",
    "bad/tiny.png": "too small",
}


def picture(name: str = "coffee", width: int = 150, height: int = 100, left: int = 0) -> Image.Image:
    image = Image.fromarray(photograph(name).permute(1, 2, 0).numpy()).crop((left, 0, left + 360, 300))
    return image.resize((width, height))


def png_of_16_bits(rgb: np.ndarray) -> bytes:
    """``(H, W, 3)`` uint8 as a PNG of a kind that Pillow reads but cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    h, w, _ = rgb.shape
    rows = (rgb.astype(np.uint16) * 257).astype(">u2").reshape(h, -1)
    pixels = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    header = struct.pack(">IIBBBBB", w, h, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def save_plain(place: Path) -> None:
    for name in PLAIN:
        photo, number = name.removesuffix(".jpg").split("/")
        (place / photo).mkdir(parents=True, exist_ok=True)
        picture(photo, left=10 * int(number)).save(place / name, quality=90)


def save_odd(place: Path) -> None:
    (place / "odd" / "deep" / "er").mkdir(parents=True)
    picture().convert("CMYK").save(place / "odd/cmyk.jpg")
    picture().save(place / "odd/deep/er/lzw.tiff", compression="tiff_lzw")
    (place / "odd/16bit.png").write_bytes(png_of_16_bits(np.asarray(picture())))
    picture("chelsea", 6000, 4000).save(place / "odd/huge.JPEG", quality=80)
    picture().convert("P").save(place / "odd/palette.gif")
    rgba = picture().convert("RGBA")
    rgba.putalpha(200)
    rgba.save(place / "odd/rgba.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture().transpose(Image.Transpose.ROTATE_90).save(place / "odd/turned.jpg", exif=exif, quality=95)
    picture().save(place / "odd/ünï 日本.webp")
    slightly = np.full((40, 40, 3), 128, np.uint8)
    slightly[:20] = 150, 120, 120
    Image.fromarray(slightly).save(place / "odd/slightly.png")


def save_bad(place: Path) -> None:
    (place / "bad").mkdir()
    (place / "bad/cut.jpg").write_bytes((place / PLAIN[0]).read_bytes()[:1500])
    (place / "bad/empty.png").touch()
    (place / "bad/gone.jpg").symlink_to("nowhere.jpg")
    picture().convert("L").save(place / "bad/grey.jpg")
    picture().convert("L").convert("RGB").save(place / "bad/grey-rgb.png")
    (place / "bad/text.jpg").write_text("no picture")
    picture("coffee", 5, 5).save(place / "bad/tiny.png")


def rgb_of(path: Path, name: str, view=whole, size: int = 64, key: str = "") -> np.ndarray:
    pixels = Reader(path, size, view)[name, key]
    assert not isinstance(pixels, str), pixels
    return pixels
