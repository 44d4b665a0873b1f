"""Small pictures of every kind that Pillow and tifffile can write, each with what must be read from it.

No picture is kept in the repository: they are made when they are asked for, from one photograph.
"""

import functools
import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import tifffile
import torch
from icc_profiles import icc, icc_of_ink
from PIL import Image

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import photograph

W, H = 60, 44
#: What is stored for each EXIF orientation, so that the picture is upright.
STORED = {
    1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, 1), 7: lambda a: np.rot90(np.swapaxes(a, 0, 1), 2), 8: lambda a: np.rot90(a, -1),
}  # fmt: skip
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" dc:title="Harbour"/></x:xmpmeta>'


@dataclass
class Case:
    """A picture file.

    Attributes
    ----------
    name
        With its suffix.
    content
        The bytes of the file.
    lightness
        ``(H, W)``: L that must be read, within ``tolerance`` on average; of the first frame.
    frames
        How many pictures it holds.
    alpha, deep, described
        Whether it is transparent, has more than 8 bits, has metadata.
    """

    name: str
    content: bytes
    lightness: np.ndarray
    tolerance: float = 0.6
    frames: int = 1
    animated: bool = False
    alpha: bool = False
    deep: bool = False
    described: bool = False

    @property
    def special(self) -> bool:
        """Whether it has something that not every file can hold."""
        return self.frames > 1 or self.alpha or self.deep or self.described


@functools.cache
def photo() -> np.ndarray:
    """``(H, W, 3)`` uint8: coffee, small."""
    return np.asarray(Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((W, H)))


@functools.cache
def grey() -> np.ndarray:
    """``(H, W)`` uint8."""
    return np.asarray(Image.fromarray(photo()).convert("L"))


def lightness(pixels: np.ndarray) -> np.ndarray:
    """L ``(H, W)`` of an array: uint8, or floats in [0, 1]; grey or RGB."""
    rgb = torch.from_numpy(np.array(pixels, order="C"))
    rgb = rgb.expand(3, -1, -1) if rgb.ndim == 2 else rgb.permute(2, 0, 1)
    return rgb_to_lab(rgb.contiguous())[0].numpy()


def saved(image: Image.Image, kind: str = "PNG", **settings) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def written(pixels: np.ndarray, **settings) -> bytes:
    """A TIFF by tifffile."""
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **{"metadata": None, **settings})
    return file.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """Camera, date, place, author and description."""
    found = Image.Exif()
    found[270], found[271], found[306] = b"M\xc3\xbcller in the harbour", "Zeiss", "1931:05:17 10:00:00"
    found[315], found[33432], found[305] = "Anna", "Public domain", "VueScan 9"
    found.get_ifd(0x8769)[36867], found.get_ifd(0x8769)[33434] = "1931:05:17 10:00:00", 0.02
    found.get_ifd(0x8825)[1], found.get_ifd(0x8825)[2] = "N", (53.0, 32.0, 30.0)
    found[274] = orientation
    return found


def with_gamma(png: bytes, exponent: float) -> bytes:
    """A PNG that says that its numbers are this power of light (gAMA, which follows the header)."""
    chunk = b"gAMA" + struct.pack(">I", round(100_000 * exponent))
    return png[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[33:]


def corpus() -> Iterator[Case]:
    """All of them."""
    yield from _modes_and_kinds()
    yield from _orientations()
    yield from _depths()
    yield from _profiles()
    yield from _transparency()
    yield from _frames()
    yield from _described()


#: Suffix, Pillow's name and settings of what it can write and read again; and how far a lossy one may be off.
KINDS = [
    ("png", "PNG", {}, 0), ("jpg", "JPEG", {"quality": 95}, 2), ("webp", "WEBP", {"lossless": True}, 0),
    ("webp", "WEBP", {"quality": 95}, 2), ("gif", "GIF", {}, 3), ("bmp", "BMP", {}, 0), ("dib", "DIB", {}, 0),
    ("ppm", "PPM", {}, 0), ("tga", "TGA", {}, 0), ("tga", "TGA", {"compression": "tga_rle"}, 0), ("sgi", "SGI", {}, 0),
    ("pcx", "PCX", {}, 0), ("jp2", "JPEG2000", {}, 1), ("ico", "ICO", {"sizes": [(W, H)]}, 0),
    ("dds", "DDS", {}, 0), ("msp", "MSP", {}, 0), ("xbm", "XBM", {}, 0), ("spi", "SPIDER", {}, 0),
    ("jpg", "JPEG", {"quality": 95, "progressive": True}, 2),
    *(("tif", "TIFF", {"compression": how}, 0) for how in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")),
    ("tif", "TIFF", {"compression": "jpeg", "quality": 95}, 2), ("tif", "TIFF", {"compression": "group4"}, 0),
    ("tif", "TIFF", {"big_tiff": True}, 0),
]  # fmt: skip


def _modes_and_kinds() -> Iterator[Case]:
    colour = Image.fromarray(photo())
    for mode in ("1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB"):
        if mode == "LAB":
            from PIL import ImageCms

            profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
            image = ImageCms.profileToProfile(colour, *profiles, outputMode="LAB")
        else:
            image = colour.convert(mode)
        shown = image if mode == "L" else image.convert("RGB") if mode in ("1", "P") else colour
        for number, (suffix, kind, settings, off) in enumerate(KINDS):
            if kind == "SPIDER" and mode != "L":  # it makes its own grey of them
                continue
            try:
                content = saved(image, kind, **settings)
                Image.open(io.BytesIO(content)).load()
            except Exception:  # it cannot be of this mode, or older releases of Pillow write nonsense
                continue
            if mode == "YCbCr" and kind not in ("JPEG", "TIFF"):
                continue
            tolerance = {"LAB": 1.5, "P": 3}.get(mode, 0.6) + off
            yield Case(
                f"{mode}-{number}.{suffix}", content, lightness(np.asarray(shown)), tolerance, deep=kind == "SPIDER"
            )


def _orientations() -> Iterator[Case]:
    for way, stored in STORED.items():
        pixels = np.ascontiguousarray(stored(grey()))
        image, deep = Image.fromarray(pixels), Image.fromarray(pixels.astype(np.uint16) * 257)
        for suffix, kind, settings in (
            ("png", "PNG", {}), ("jpg", "JPEG", {"quality": 95}), ("webp", "WEBP", {"lossless": True}),
        ):  # fmt: skip
            content = saved(image, kind, exif=exif(way), **settings)
            yield Case(f"turned-{way}.{suffix}", content, lightness(grey()), 2, described=True)
        for mode in ("L", "P", "RGB", "CMYK", "RGBA", "1"):
            for how in ("raw", "tiff_lzw"):
                content = saved(image.convert(mode), "TIFF", compression=how, tiffinfo={274: way})
                shown = (
                    np.asarray(Image.fromarray(np.asarray(image.convert("1").convert("L")))) if mode == "1" else pixels
                )
                shown = _upright(shown, way)
                yield Case(f"turned-{way}-{mode}-{how}.tif", content, lightness(shown))
        yield Case(
            f"turned-{way}-16.tif", saved(deep, "TIFF", tiffinfo={274: way}), lightness(grey()), deep=True
        )  # fmt: skip
        colours = np.ascontiguousarray(stored(photo())).astype(np.uint16) * 257
        content = written(colours, photometric="rgb", extratags=[(274, 3, 1, way, True)])
        yield Case(f"turned-{way}-48.tif", content, lightness(photo()), deep=True)


def _upright(pixels: np.ndarray, way: int) -> np.ndarray:
    back = {6: 8, 8: 6}.get(way, way)
    return np.ascontiguousarray(STORED[back](pixels))


def _depths() -> Iterator[Case]:
    g = grey()
    wide, light = g.astype(np.int64), lightness(g)
    cases = {
        "u16": (wide * 257).astype("u2"), "u16be": (wide * 257).astype(">u2"), "u12in16": (wide * 16).astype("u2"),
        "u10in16": (wide * 4).astype("u2"), "u8in16": wide.astype("u2"), "i8": (wide - 128).astype("i1"),
        "i8positive": (wide // 2).astype("i1"), "i16": (wide * 257 - 32768).astype("i2"),
        "i16positive": (wide * 128).astype("i2"), "i32": (wide * 257).astype("i4"),
        "u32": (wide * 16843009).astype("u4"),
        "f16": (g / 255).astype("f2"), "f32": (g / 255).astype("f4"), "f64": g / 255, "f255": g.astype("f4"),
        "f65535": (wide * 257).astype("f4"), "bright": (g / g.max() * 1.5).astype("f4"),
    }  # fmt: skip
    for name, pixels in cases.items():
        expected = lightness(g / g.max()) if name == "bright" else light
        yield Case(f"{name}.tif", written(pixels), expected, 1, deep=True)
    yield Case("negative.tif", written(65535 - cases["u16"], photometric="miniswhite"), light, deep=True)
    yield Case("negative8.tif", written(255 - g, photometric="miniswhite"), light)
    said = written((wide * 64).astype("u2"), extratags=[(281, 3, 1, 16383, True)])
    yield Case("u14in16-said.tif", said, light, 1, deep=True)
    holes = (g / 255).astype("f4")
    holes[0, :2] = np.nan, np.inf
    yield Case("holes.tif", written(holes), light, 1, deep=True)
    for name in ("u16", "f32"):
        three = np.stack([cases[name]] * 3, -1)
        yield Case(f"{name}-rgb.tif", written(three, photometric="rgb"), light, deep=True)
        planes = written(np.moveaxis(three, -1, 0), photometric="rgb", planarconfig="separate")
        yield Case(f"{name}-planes.tif", planes, light, deep=True)
    deep = Image.fromarray(cases["u16"])
    for suffix, kind in (("png", "PNG"), ("jp2", "JPEG2000"), ("pgm", "PPM")):
        with suppress(OSError):  # older releases of Pillow do not write all of them
            yield Case(f"deep.{suffix}", saved(deep, kind), light, deep=True)


def _profiles() -> Iterator[Case]:
    g, colour = Image.fromarray(grey()), Image.fromarray(photo())
    for gamma in (1.0, 1.8, 2.2):
        power = lightness(_srgb((grey() / 255) ** gamma))
        for space, image in (("GRAY", g), ("RGB ", g), ("RGB ", g.convert("RGB"))):
            for suffix, kind in (("png", "PNG"), ("tif", "TIFF")):
                content = saved(image, kind, icc_profile=icc(space, gamma))
                yield Case(f"gamma-{gamma}-{space.strip()}-{image.mode}.{suffix}", content, power, 1)
        deep = Image.fromarray(grey().astype(np.uint16) * 257)
        content = saved(deep, "TIFF", icc_profile=icc("GRAY", gamma))
        yield Case(f"gamma-{gamma}-16.tif", content, power, 1, deep=True)
        light = lightness(_srgb((photo() / 255) ** gamma))
        colours = photo().astype(np.uint16) * 257
        profile = icc("RGB ", gamma)
        content = written(colours, photometric="rgb", extratags=[(34675, 7, len(profile), profile, True)])
        yield Case(f"gamma-{gamma}-48.tif", content, light, deep=True)
        for image in (g, colour, deep):
            shown = light if image is colour else power
            if gamma == 2.2:  # nearly every PNG says so, and is in sRGB
                shown = lightness(photo() if image is colour else grey())
            content = with_gamma(saved(image, "PNG"), 1 / gamma)
            yield Case(f"said-{gamma}-{image.mode.replace(';', '-')}.png", content, shown, deep=image is deep)
    ink = Image.merge("CMYK", [Image.new("L", (W, H), 0)] * 3 + [Image.fromarray(255 - grey())])
    light = 100 * (1 - (1 - grey() / 255) ** 2)
    for suffix, kind, settings in (("tif", "TIFF", {}), ("jpg", "JPEG", {"quality": 100})):
        content = saved(ink, kind, icc_profile=icc_of_ink(), **settings)
        yield Case(f"ink.{suffix}", content, light, 1.5)
    from PIL import ImageCms

    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield Case("srgb.png", saved(colour, "PNG", icc_profile=plain), lightness(photo()), 0.01)
    for name, profile in (("broken", b"no profile"), ("cut", plain[:200]), ("foreign", icc("GRAY"))):
        yield Case(f"profile-{name}.png", saved(colour, "PNG", icc_profile=profile), lightness(photo()), 0.01)


def _srgb(linear: np.ndarray) -> np.ndarray:
    """Light to sRGB, in [0, 1]."""
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, linear * 12.92).astype(np.float32)


def _transparency() -> Iterator[Case]:
    alpha = np.full((H, W), 255, np.uint8)
    alpha[:, : W // 3], alpha[:, W // 3 : W // 2] = 0, 128
    shown = np.where(alpha[..., None] == 0, 255, photo())  # nothing is to be seen of the first third
    shown_grey = np.where(alpha == 0, 255, grey())
    colour = Image.fromarray(np.dstack((photo(), alpha)))
    both = Image.merge("LA", (Image.fromarray(grey()), Image.fromarray(alpha)))
    for suffix, kind, settings in (
        ("png", "PNG", {}), ("webp", "WEBP", {"lossless": True, "exact": True}), ("tif", "TIFF", {}),
        ("tga", "TGA", {}),
    ):  # fmt: skip
        yield Case(f"RGBA.{suffix}", saved(colour, kind, **settings), lightness(shown), alpha=True)
        yield Case(f"LA.{suffix}", saved(both, kind, **settings), lightness(shown_grey), alpha=True)
    sixteen = np.dstack((photo(), alpha)).astype(np.uint16) * 257
    content = written(sixteen, photometric="rgb", extrasamples=["unassalpha"])
    yield Case("RGBA-16.tif", content, lightness(shown), alpha=True, deep=True)
    palette = Image.fromarray(photo()).quantize(64)
    index = int(np.asarray(palette)[0, 0])
    clear = np.where(np.asarray(palette)[..., None] == index, 255, np.asarray(palette.convert("RGB")))
    for suffix, kind in (("png", "PNG"), ("gif", "GIF")):
        content = saved(palette, kind, transparency=index)
        yield Case(f"palette.{suffix}", content, lightness(clear.astype(np.uint8)), 1, alpha=True)


def _frames() -> Iterator[Case]:
    images = [Image.fromarray(np.roll(grey(), 10 * n, 1)) for n in range(3)]
    light = lightness(grey())
    for suffix, kind, loop in (("gif", "GIF", {"loop": 4}), ("png", "PNG", {"loop": 5}), ("webp", "WEBP", {"loop": 5})):
        settings = {"save_all": True, "append_images": images[1:], "duration": [100, 250, 400], **loop}
        extra = {"lossless": True} if kind == "WEBP" else {}
        content = saved(images[0], kind, **settings, **extra)
        yield Case(f"animated.{suffix}", content, light, frames=3, animated=True)
    pages = {"save_all": True, "append_images": images[1:]}
    yield Case("pages.tif", saved(images[0], "TIFF", **pages), light, frames=3)
    small = [images[0], images[1].resize((20, 30)), Image.fromarray(photo())]
    yield Case("sizes.tif", saved(small[0], "TIFF", save_all=True, append_images=small[1:]), light, frames=3)
    deep = [Image.fromarray(np.asarray(one).astype(np.uint16) * 257) for one in images]
    yield Case(
        "pages-16.tif", saved(deep[0], "TIFF", save_all=True, append_images=deep[1:]), light, frames=3, deep=True
    )  # fmt: skip
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as pyramid:
        pyramid.write(grey(), photometric="minisblack", metadata=None)
        pyramid.write(grey()[::2, ::2], photometric="minisblack", subfiletype=1, metadata=None)
    yield Case("pyramid.tif", file.getvalue(), light)
    colours = [one.convert("RGB") for one in images]
    content = saved(colours[0], "MPO", quality=95, save_all=True, append_images=colours[1:])
    if Image.open(io.BytesIO(content)).format == "MPO":  # older releases of Pillow do not take it for one
        yield Case("stereo.mpo", content, light, 2)


def _described() -> Iterator[Case]:
    image, light = Image.fromarray(grey()), lightness(grey())
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Title", "Ein Café am Hafen")
    texts.add_text("Description", "日本の港")
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    common = {"exif": exif(), "dpi": (600, 300)}
    yield Case("told.png", saved(image, "PNG", pnginfo=texts, **common), light, described=True)
    yield Case(
        "told.jpg", saved(image, "JPEG", quality=95, comment="Café", xmp=XMP, **common), light, 2, described=True
    )
    yield Case("told.webp", saved(image, "WEBP", lossless=True, exif=exif(), xmp=XMP), light, described=True)
    tags = {274: 1, 270: "A harbour", 271: "Zeiss", 306: "1931:05:17 10:00:00", 315: "Anna", 700: XMP}
    yield Case("told.tif", saved(image, "TIFF", tiffinfo=tags, dpi=(600, 300)), light, described=True)
    yield Case("told.gif", saved(image, "GIF", comment="Café".encode()), light, 1, described=True)
