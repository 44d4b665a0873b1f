"""What a picture file says of its picture: date, camera, place, author, description, resolution."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from .. import __version__

#: What is added to the name of the software that made the picture, so that nobody takes the colours for true.
CREDIT = f"colours added by colorize {__version__}"
#: Tags of EXIF's first directory, and of TIFFs, that say something of the picture and not of how it is stored.
TAGS = (
    269, 270, 271, 272, 285, 305, 306, 315, 316, 18246, 18249, 33432, 33550, 33922, 34735, 34736, 34737,
    40091, 40092, 40093, 40094, 40095,
)  # fmt: skip
_DESCRIPTION, _SOFTWARE, _ARTIST, _COPYRIGHT = 270, 305, 315, 33432
_X, _Y, _UNIT, _XMP, _IPTC = 282, 283, 296, 700, 33723
#: Pointers to directories of their own: the camera's settings, and the place.
_CAMERA, _PLACE = 0x8769, 0x8825
#: Of the camera's settings: comment, colour space, width and height as they were, and a directory that is dropped.
_COMMENT, _SPACE, _WIDTH, _HEIGHT, _INTEROP = 37510, 40961, 40962, 40963, 40965
#: Resolutions that programs write where none is known.
_USUAL = (72, 96)
#: Number of IPTC's captions among the blocks that Photoshop adds to a JPEG.
_CAPTIONS = 0x0404


@dataclass(frozen=True)
class Metadata:
    """What one frame's file says of it. All of it may be missing.

    Attributes
    ----------
    tags
        Of EXIF's first directory, or a TIFF's own: number to value, those of :data:`TAGS`.
    camera, place
        EXIF's and GPS's directories.
    xmp
        The packet of XMP.
    iptc
        The captions and keywords of news agencies.
    dpi
        Pixels per inch, across and down.
    texts
        What PNGs and comments say: a keyword, such as ``Description`` or ``Comment``, to a text.
    """

    tags: dict = field(default_factory=dict)
    camera: dict = field(default_factory=dict)
    place: dict = field(default_factory=dict)
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    texts: dict[str, str] = field(default_factory=dict)

    def exif(self, size: tuple[int, int], comments: bool = True) -> dict:
        """As EXIF's first directory, and TIFF's tags, for the coloured picture of that width and height.

        With ``comments`` all texts have to be in it, as the file has no other place for them.
        """
        texts = dict(self.texts)
        tags = {**self.tags, _SOFTWARE: credited(_text(self.tags.get(_SOFTWARE, texts.pop("Software", ""))))}
        for keyword, tag in (("Description", _DESCRIPTION), ("Author", _ARTIST), ("Copyright", _COPYRIGHT)):
            if text := texts.pop(keyword, ""):
                tags.setdefault(tag, text)
        camera = {tag: value for tag, value in self.camera.items() if tag != _INTEROP}
        if (rest := as_comment(texts)) and comments:
            camera.setdefault(_COMMENT, _user_comment(rest))
        for tag, value in ((_SPACE, 1), (_WIDTH, size[0]), (_HEIGHT, size[1])):
            if tag in camera:
                camera[tag] = value
        if self.dpi:
            tags |= {_X: self.dpi[0], _Y: self.dpi[1], _UNIT: 2}
        tags |= {_CAMERA: camera} if camera else {}
        tags |= {_PLACE: self.place} if self.place else {}
        return {tag: _stored(value) for tag, value in tags.items()}

    def comments(self) -> dict[str, str]:
        """As texts of a PNG: those it had, and the description and the software of EXIF where there were none."""
        texts = dict(self.texts)
        if description := _text(self.tags.get(_DESCRIPTION, "")):
            texts.setdefault("Description", description)
        return texts | {"Software": credited(texts.get("Software") or _text(self.tags.get(_SOFTWARE, "")))}

    def kinds(self) -> list[str]:
        """Names of what there is, for messages."""
        found = {
            "EXIF": self.tags or self.camera or self.place, "XMP": self.xmp, "IPTC": self.iptc,
            "dpi": self.dpi and self.dpi[0] not in _USUAL,
            "comments": self.texts,
        }  # fmt: skip
        return [name for name, there in found.items() if there]


def read_metadata(image: Image.Image) -> tuple[Metadata, str]:
    """All that an opened image's file says of it, once its pixels are read. Sizes and directions are left out.

    Also the end of a sentence, if something of it is damaged.
    """
    damaged = False

    def tried(read: Callable, otherwise: Any = None) -> Any:
        nonlocal damaged
        try:
            return read()
        except Exception:  # Pillow raises what it meets
            damaged = True
            return otherwise

    exif = tried(image.getexif, {})
    tags, lost = _writable({tag: tried(lambda tag=tag: exif[tag]) for tag in TAGS if tag in exif})
    if str(tags.get(_DESCRIPTION, "")).startswith('{"shape":'):  # tifffile's, on how its array lay
        del tags[_DESCRIPTION]
    camera, lost_too = _writable(tried(lambda: dict(exif.get_ifd(_CAMERA)), {}) if exif else {}, _CAMERA)
    place, lost_three = _writable(tried(lambda: dict(exif.get_ifd(_PLACE)), {}) if exif else {}, _PLACE)
    damaged = damaged or lost or lost_too or lost_three
    metadata = Metadata(
        tags, camera, place, tried(lambda: _xmp(image)), tried(lambda: _iptc(image)), tried(lambda: _dpi(image)),
        tried(lambda: _texts(image), {}),
    )  # fmt: skip
    return metadata, "has damaged metadata: what can be read of it is kept" if damaged else ""


def credited(software: str) -> str:
    """The software that a picture was made with, and that its colours were added."""
    if CREDIT in software:
        return software
    return f"{software}; {CREDIT}" if software else CREDIT


def as_comment(texts: dict[str, str]) -> str:
    """All texts in one: ``Title: ...`` and so on, a line each."""
    others = (f"{key}: {text}" for key, text in texts.items() if key != "Comment")
    return "\n".join([*([texts["Comment"]] if texts.get("Comment") else []), *others])


def packed(tags: dict) -> bytes:
    """Tags as the EXIF of a JPEG, PNG or WebP."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    head = b"II*\0\x08\0\0\0"
    directory = ImageFileDirectory_v2(head)
    for tag, value in tags.items():
        directory[tag] = value
    return b"Exif\0\0" + head + directory.tobytes(8)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _stored(value: object) -> object:
    """Text as bytes: Pillow writes question marks for what is not ASCII, and reads all as Latin-1."""
    if isinstance(value, dict):
        return {tag: _stored(one) for tag, one in value.items()}
    if isinstance(value, str) and not value.isascii():
        return value.encode()
    return value


def _utf8(value: object) -> object:
    """What Pillow reads as Latin-1 is UTF-8 as often as not."""
    if not isinstance(value, str) or value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _writable(tags: dict, group: int | None = None) -> tuple[dict, bool]:
    """Those tags that can be written again, and whether others had to be left out."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    good = {}
    for tag, value in tags.items():
        directory = ImageFileDirectory_v2(b"II*\0\x08\0\0\0", group=group)
        try:
            value = _utf8(value)
            directory[tag] = _stored(value)
            directory.tobytes(8)
        except Exception:  # of many kinds, on values that no camera writes
            continue
        good[tag] = value
    return good, len(good) < len(tags)


def _user_comment(text: str) -> bytes:
    return b"ASCII\0\0\0" + text.encode() if text.isascii() else b"UNICODE\0" + text.encode("utf-16-le")


def _xmp(image: Image.Image) -> bytes | None:
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if not xmp:
        return None
    xmp = xmp.encode() if isinstance(xmp, str) else bytes(xmp)
    return re.sub(rb"(tiff:Orientation(?:=[\"']|>))[2-8]", rb"\g<1>1", xmp)


def _iptc(image: Image.Image) -> bytes | None:
    blocks = image.info.get("photoshop")
    if isinstance(blocks, dict) and _CAPTIONS in blocks:
        return bytes(blocks[_CAPTIONS])
    captions = getattr(image, "tag_v2", {}).get(_IPTC)
    return captions if isinstance(captions, bytes) else None


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    dpi = image.info.get("dpi")
    if not dpi:
        return None
    across, down = (float(one) for one in dpi)
    good = all(math.isfinite(one) and 1 < one < 1e6 for one in (across, down))
    return (round(across, 3), round(down, 3)) if good else None


def _texts(image: Image.Image) -> dict[str, str]:
    texts = {key: str(text) for key, text in getattr(image, "text", {}).items() if text}
    known = ("XML:com.adobe.xmp", "Raw profile type")
    texts = {key: text for key, text in texts.items() if not key.startswith(known)}
    comment = image.info.get("comment")
    if comment:
        try:
            text = comment.decode() if isinstance(comment, bytes) else str(comment)
        except UnicodeDecodeError:
            text = comment.decode("latin-1")
        texts.setdefault("Comment", text.rstrip("\0"))
    return texts
