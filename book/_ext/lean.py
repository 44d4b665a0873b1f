"""Make the pages light once they are written: a phone on a slow line shall not wait for what a page does not need.

- Pictures become WebP files, without loss, or nearly so where that is much smaller, as it is for photographs. They come
  when the reader gets near them, and have their place before. Pictures inside a page become files too.
- The data of an interactive part becomes a file, so that the page is there before it, and the search can read the page.
- Scripts wait until the page is there, or are left out where nothing needs them. All icons come as a font, so the
  theme's second set of them, a large script, is never looked at.
- A reader who wants it dark gets it dark at once, not when the last script has run.

All of it works on the text of finished pages, because much of it is written into the theme's own templates.
"""

import base64
import hashlib
import io
import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

#: Nearly without loss: on the book's photographs a colour is off by 1.5 of 255 levels in the mean.
QUALITY = 92
#: Pictures at the beginning of a page, which are in sight when it opens.
FIRST = 2
#: Pictures of so many pixels across have words that cannot be read at the width of a phone.
WIDE = 600
#: Data of an interactive part beyond this many characters goes into a file.
LONG = 8_000

#: Parts of the theme that nothing in the book uses: a kernel behind the page, and icons as a script.
UNUSED = re.compile(r"thebe|kernelName|scripts/fontawesome\.js", re.IGNORECASE)
#: What only the page of the search needs.
SEARCH = re.compile(r"\b(searchtools|language_data|searchindex)\.js")
WAITS = re.compile(r"\b(async|defer)\b")
FORMULA = re.compile(r'class="[^"]*\bmath\b')

_SCRIPT = re.compile(r"[ \t]*<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>\n?", re.DOTALL)
_LINK = re.compile(r"[ \t]*<link\b[^>]*>\n?")
_IMG = re.compile(r"<img\b(?P<attributes>[^>]*?)\s*/?>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_DATA = re.compile(r"data:image/(?P<kind>\w+);base64,(?P<data>.+)")
_PART = re.compile(
    r'<script(?P<later> type="text/plain" data-later="\w+")?>\n'
    r'(?P<body>\(globalThis\.colourPage [^[]+\["(?P<id>\w+)"\].*?)\n</script>',
    re.DOTALL,
)
#: The theme decides between light and dark in its last script. This is the same decision, before anything is drawn.
_MODE = "document.documentElement.dataset.theme = localStorage.getItem"
_DARK = """
    if (document.documentElement.dataset.theme === "auto")
      document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";"""


def lean(page: str, name: str, folder: Path, kept: Path) -> str:
    """A page of the built book, with less to wait for.

    Parameters
    ----------
    page
        Its HTML.
    name
        Its path in ``folder``, with slashes.
    folder
        Of all pages. Files are added to ``_images`` and ``_static/parts`` in it.
    kept
        Where WebP files are kept from build to build.
    """
    if _DARK in page:
        return page  # it is: it was not written again since the last build
    up = "../" * name.count("/")
    head, end, body = page.partition("</head>")
    body = pictures(parts(body, up, folder), up, folder, kept)
    return scripts(head, name, bool(FORMULA.search(body))) + end + scripts(body, name, True)


def scripts(html: str, name: str, formulas: bool) -> str:
    """Leave out scripts and links that the page does not need, or has twice; have the others wait for the page."""
    seen = set()

    def script(found: re.Match) -> str:
        attributes, whole = found["attributes"], found[0]
        if "module" in attributes or "colourPage" in whole or "data-later" in attributes:
            return whole
        unused = UNUSED.search(whole) or (SEARCH.search(whole) and name != "search.html")
        if unused or whole in seen or ("mathjax" in whole.lower() and not formulas):
            return ""
        seen.add(whole)
        # The scripts between the tags speak of the options, and they cannot wait.
        stays = "src=" not in attributes or "documentation_options" in attributes or WAITS.search(attributes)
        return whole if stays else whole.replace("<script", "<script defer", 1)

    def link(found: re.Match) -> str:
        early = 'rel="preload"' in found[0] and 'as="script"' in found[0]
        return "" if early or "thebe" in found[0] else found[0]

    html = _LINK.sub(link, _SCRIPT.sub(script, html))
    return re.sub(rf"({re.escape(_MODE)}[^\n]*;)", lambda found: found[1] + _DARK, html)


def parts(html: str, up: str, folder: Path) -> str:
    """Data of interactive parts goes into files. They are no modules, so a page from the disk can read them too.

    Those that wait until a reader asks for them (colorize_lib.pages.page.later) leave their address behind.
    """

    def moved(found: re.Match) -> str:
        if len(found["body"]) < LONG:
            return found[0]
        write(folder / "_static" / "parts" / f"{found['id']}.js", found["body"].encode())
        address = f"{up}_static/parts/{found['id']}.js"
        if found["later"]:
            return f'<script{found["later"]} data-file="{address}"></script>'
        return f'<script async src="{address}"></script>'

    return _PART.sub(moved, html)


def pictures(html: str, up: str, folder: Path, kept: Path) -> str:
    """Pictures become files that are small, have a place, and come when they are needed."""
    count = 0

    def image(found: re.Match) -> str:
        nonlocal count
        count += 1
        attributes = dict(_ATTRIBUTE.findall(found["attributes"]))
        path = file_of(attributes.get("src", ""), up, folder)
        if path is None or path.suffix == ".svg":
            return found[0]
        path, more = smaller(path, kept), []
        if not {"width", "height", "style"} & set(attributes):
            with Image.open(path) as picture:
                more += [f'width="{picture.width}"', f'height="{picture.height}"']
                if picture.width >= WIDE:
                    more.append("data-wide")  # on a phone it scrolls sideways: see book.css
        if count > FIRST:
            more.append('loading="lazy"')
        written = found["attributes"].replace(attributes["src"], up + path.relative_to(folder).as_posix())
        return " ".join((f"<img{written}", *more, "/>"))

    html = _IMG.sub(image, html)
    # A picture may be a link to itself.
    return re.sub(rf'(href="{up}_images/\w+)\.png"', lambda found: found[1] + '.webp"', html)


def file_of(source: str, up: str, folder: Path) -> Path | None:
    """The file behind the address of a picture; one that is inside the page becomes a file first."""
    inside = _DATA.fullmatch(source)
    if not inside:
        path = folder / unescape(urlsplit(source).path).removeprefix(up)
        return path if path.is_file() else None
    data = base64.b64decode(inside["data"])
    path = folder / "_images" / f"{hashlib.sha256(data).hexdigest()}.{inside['kind']}"
    write(path, data)
    return path


def smaller(path: Path, kept: Path) -> Path:
    """A PNG file of ``_images`` as WebP, beside it; any other picture as it is."""
    if path.suffix != ".png" or path.parent.name != "_images":
        return path
    made = kept / f"{hashlib.sha256(path.read_bytes()).hexdigest()}-{QUALITY}.webp"
    if not made.is_file():
        with Image.open(path) as picture:
            write(made, webp(picture))
    small = path.with_suffix(".webp")
    write(small, made.read_bytes())
    return small


def webp(picture: Image.Image) -> bytes:
    """Without loss, unless :data:`QUALITY` takes less than half of that: then the picture is a photograph."""
    lossless, lossy = io.BytesIO(), io.BytesIO()
    picture.save(lossless, "webp", lossless=True)
    picture.save(lossy, "webp", quality=QUALITY, method=6)
    return min(lossless, lossy, key=lambda file: len(file.getvalue()) * (1 if file is lossless else 2)).getvalue()


def write(path: Path, data: bytes) -> None:
    """Write a file in one step, and its folder where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.half")
    half.write_bytes(data)
    half.replace(path)


def finish(app, exception) -> None:
    """Do it for all pages, and leave no picture and no data behind that no page shows."""
    if exception or app.builder.name != "html":
        return
    folder, shown = Path(app.outdir), ""
    for path in sorted(folder.rglob("*.html")):
        if "_static" not in path.parts:
            written = path.read_text("utf-8")
            page = lean(written, path.relative_to(folder).as_posix(), folder, folder.parent / "webp")
            if page != written:
                path.write_text(page, "utf-8")
            shown += page
    for path in (*(folder / "_images").glob("*"), *(folder / "_static" / "parts").glob("*")):
        if path.name not in shown:
            path.unlink()


def setup(app) -> dict:
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
