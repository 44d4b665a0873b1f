"""What a file is that is no picture to be coloured, in a sentence that says a way out."""

from collections.abc import Callable
from pathlib import PurePath

from ..files import user_path

#: Suffixes of what cameras write before it is developed.
RAW = (
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef", ".mos", ".mrw",
    ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
)  # fmt: skip
#: Suffixes of films.
FILMS = (
    ".3g2", ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m2v", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts",
    ".ogv", ".vob", ".webm", ".wmv",
)  # fmt: skip
#: Brands of the ISO base media file format ("ftyp" boxes) that hold still pictures coded with HEVC.
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif")
_AVIF = (b"avif", b"avis")
#: TIFF tags: a DNG says so; a first picture that is a small copy (254), of one that Pillow does not see (330).
_DNG, _SUBFILE, _SUBIFDS = 50706, 254, 330
_DEVELOP = "export it as TIFF or JPEG from a raw developer (darktable, RawTherapee) and colour that"
_EXPORT = "open it where it was made, export it as PNG or JPEG, and colour that"


def is_raw(name: str, tags: dict) -> bool:
    """Whether a file is a camera's raw one, by its name or the tags of the TIFF that it looks like."""
    small = tags.get(_SUBFILE, 0) == 1 and _SUBIFDS in tags
    return PurePath(name).suffix.lower() in RAW or _DNG in tags or small


def raw_sentence(name: str) -> str:
    """What to do with a raw file. What Pillow shows of it, if anything, is a small preview."""
    return f"{name} is a camera's raw file, which has to be developed first: {_DEVELOP}."


def is_heif(head: bytes) -> bool:
    """Whether a file that begins like this is HEIC, the format of iPhones."""
    return head[4:8] == b"ftyp" and head[8:12] in _HEIF


def refusal(name: str, head: bytes) -> str:
    """Why a file that Pillow does not know cannot be coloured, and what to do.

    Parameters
    ----------
    name
        Of the file, for the sentence and its suffix.
    head
        Its first 64 bytes or more.
    """
    suffix = PurePath(name).suffix.lower()
    if not head:
        return f"{name} is not a picture that can be read: it is empty."
    for matches, sentence in _KNOWN:
        if matches(head, suffix):
            return sentence.format(name=name)
    return f"{name} is not a picture that can be read: it is damaged or of an unknown kind."


def _begins(*magic: bytes) -> Callable[[bytes, str], bool]:
    return lambda head, suffix: head.startswith(magic)


def is_film(head: bytes, suffix: str) -> bool:
    """Whether a file is a film, by its first 64 bytes and its suffix, in small letters and with the dot."""
    riff = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    iso = head[4:8] in (b"moov", b"mdat", b"wide") or (head[4:8] == b"ftyp" and head[8:12] not in (*_HEIF, *_AVIF))
    magic = (b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"\0\0\1\xb3", b"FLV\1", b"0&\xb2u\x8ef\xcf\x11")
    return riff or iso or head.startswith(magic) or suffix in FILMS


def looks_like_film(name: str) -> bool:
    """Whether a file on this disk is a film, by how it begins or its suffix."""
    if "://" in name or not name:
        return False
    path = user_path(name)
    try:
        if not path.is_file():
            return path.suffix.lower() in FILMS and not path.is_dir()
        with path.open("rb") as file:
            return is_film(file.read(64), path.suffix.lower())
    except OSError:
        return path.suffix.lower() in FILMS


#: (whether it is this, the sentence), the first that fits.
_KNOWN = [
    (
        lambda head, suffix: suffix == ".jxl" or head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")),
        "{name} is a JPEG XL picture, which is not read here: export it as PNG or JPEG, and colour that.",
    ),
    (
        lambda head, suffix: is_heif(head) or suffix in (".heic", ".heif"),
        "{name} is a HEIC picture, which is not read here: pip install 'colorize_lib[heif]', or export it as JPEG.",
    ),
    (
        lambda head, suffix: head[4:12] in (b"ftypavif", b"ftypavis"),
        "{name} is an AVIF picture, which this Pillow does not read: pip install --upgrade pillow.",
    ),
    (
        lambda head, suffix: suffix in RAW or head.startswith((b"FUJIFILMCCD-RAW", b"FOVb", b"\0MRM")),
        f"{{name}} is a camera's raw file, which has to be developed first: {_DEVELOP}.",
    ),
    (
        is_film,
        "{name} is a film, and a picture is wanted here: 'colorize FILM' colours a film that is a file on this disk.",
    ),
    (_begins(b"%PDF"), "{name} is a PDF: take its pictures out (pdfimages -png FILE page), and colour those."),
    (
        lambda head, suffix: suffix in (".svg", ".svgz") or b"<svg" in head[:1024],
        "{name} is an SVG drawing, which has no pixels: export it as PNG, and colour that.",
    ),
    (
        lambda head, suffix: head[:1024].lstrip().lower().startswith((b"<!doctype html", b"<html")),
        "{name} is a web page, not a picture: use the address of the picture itself.",
    ),
    (_begins(b"gimp xcf"), "{name} is a drawing of GIMP: " + _EXPORT + "."),
    (_begins(b"PK\3\4"), "{name} is a zip archive or a document, not a picture: unpack it first."),
    (_begins(b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!"), "{name} is an archive, not a picture: unpack it first."),
]
