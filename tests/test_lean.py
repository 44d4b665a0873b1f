"""What the build leaves out of a page, and what becomes of its pictures: on small pages, and on the built book."""

import base64
import io
import re
import subprocess
import sys
from pathlib import Path

import lean
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from colorize_lib.pages.page import later

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "_build" / "html"
PAGES = [path for path in sorted(BOOK.rglob("*.html")) if "_static" not in path.parts]
needs_book = pytest.mark.skipif(not PAGES, reason="the book is not built: make book")


def saved(picture: Image.Image, kind: str = "png") -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def noise(side: int = 96) -> Image.Image:
    """As much grain as a photograph has, and more."""
    values = np.random.default_rng(0).normal(128, 12, (side, side, 3)).clip(0, 255)
    return Image.fromarray(values.astype(np.uint8))


def blocks(side: int = 96) -> Image.Image:
    """A small picture, enlarged pixel by pixel, as the figures of the book are."""
    small = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((side, side), Image.Resampling.NEAREST)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "html" / "_images").mkdir(parents=True)
    return tmp_path / "html"


def made(page: str, folder: Path, name: str = "page.html") -> BeautifulSoup:
    return BeautifulSoup(lean.lean(page, name, folder, folder.parent / "kept"), "html.parser")


def test_drawn_pictures_lose_nothing_and_photographs_little():
    for picture, exact in ((blocks(), True), (noise(), False)):
        small = Image.open(io.BytesIO(lean.webp(picture))).convert("RGB")
        off = np.abs(np.asarray(small).astype(int) - np.asarray(picture)).mean()
        assert off == 0 if exact else 0 < off < 8
        assert len(lean.webp(picture)) < len(saved(picture))


def test_pictures_of_a_page(folder):
    (folder / "_images" / "drawn.png").write_bytes(saved(blocks(64)))
    inside = base64.b64encode(saved(noise(20), "jpeg")).decode()
    images = [
        f'<img alt="inside" src="data:image/jpeg;base64,{inside}">',
        '<img alt="styled" style="width: 9px" src="_images/drawn.png" />',
        '<a href="_images/drawn.png"><img alt="drawn &quot;so&quot;" class="plot" src="_images/drawn.png" /></a>',
        '<img alt="elsewhere" src="https://elsewhere.org/a.png">',
    ]
    page = made("<head></head>" + "".join(images), folder)
    assert [image["alt"] for image in page("img")] == ["inside", "styled", 'drawn "so"', "elsewhere"]
    first, styled, drawn, elsewhere = page("img")
    assert (folder / first["src"]).read_bytes() == base64.b64decode(inside)
    assert (first["width"], first["height"], first.get("loading")) == ("20", "20", None)
    assert "width" not in styled.attrs and styled["src"] == drawn["src"] == page.a["href"] == "_images/drawn.webp"
    assert (drawn["width"], drawn["height"], drawn["loading"], drawn["class"]) == ("64", "64", "lazy", ["plot"])
    assert elsewhere.attrs == {"alt": "elsewhere", "src": "https://elsewhere.org/a.png"}
    with Image.open(folder / "_images" / "drawn.webp") as picture:
        assert np.array_equal(np.asarray(picture.convert("RGB")), np.asarray(blocks(64)))


def test_a_page_in_a_folder_finds_its_pictures(folder):
    (folder / "_images" / "drawn.png").write_bytes(saved(blocks(64)))
    page = made('<head></head><img alt="" src="../_images/drawn.png">', folder, "api/page.html")
    assert page.img["src"] == "../_images/drawn.webp"


HEAD = """<head>
  <script data-cfasync="false">
    document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";
  </script>
  <link rel="stylesheet" href="_static/book.css" />
  <link rel="stylesheet" href="_static/sphinx-thebe.css" />
  <script defer src="_static/scripts/fontawesome.js?digest=1"></script>
  <link rel="preload" as="script" href="_static/scripts/bootstrap.js" />
  <script src="_static/documentation_options.js"></script>
  <script src="_static/doctools.js"></script>
  <script>const THEBE_JS_URL = "https://unpkg.com"</script>
  <script>var selector = '.toggle';</script>
  <script>var selector = '.toggle';</script>
  <script async="async" src="_static/sphinx-thebe.js"></script>
  <script>window.MathJax = {"options": {}}</script>
  <script defer="defer" src="_static/mathjax/tex-chtml.js"></script>
  <script src="_static/searchtools.js"></script>
  <script src="searchindex.js"></script>
</head>"""


def scripts(page: BeautifulSoup) -> list[str]:
    return [script.get("src", script.text.strip()).partition("?")[0] for script in page.head("script")]


@pytest.mark.parametrize(("body", "formulas"), [("words", False), ('<div class="math notranslate">x</div>', True)])
def test_scripts_of_a_page(folder, body, formulas):
    page = made(f"{HEAD}<body>{body}<script>kernelName = 'python3'</script></body>", folder)
    theme, *others = scripts(page)
    assert "matchMedia" in theme
    kept = ["_static/documentation_options.js", "_static/doctools.js", "var selector = '.toggle';"]
    mathjax = ['window.MathJax = {"options": {}}', "_static/mathjax/tex-chtml.js"]
    assert others == kept + formulas * mathjax
    waiting = {script["src"] for script in page("script", src=True) if "defer" in script.attrs}
    assert waiting == {"_static/doctools.js", *(formulas * mathjax[1:])}
    assert [link["href"] for link in page("link")] == ["_static/book.css"]
    assert not page.body.script


def test_the_page_of_the_search_keeps_its_tools(folder):
    page = made(f"{HEAD}<body></body>", folder, "search.html")
    assert scripts(page)[-2:] == ["_static/searchtools.js", "searchindex.js"]


def test_the_data_of_a_part_moves_out_and_the_part_stays(folder):
    long, short = (f'(globalThis.colourPage ??= {{}})["{c}"] = ["{c * n}"];' for c, n in (("a", 9999), ("b", 9)))
    module = '<script type="module" async>\nexplorerAt("a"); // kernelName\n</script>'
    end = f"{module}<script>\n{short}\n</script>"
    html = lean.lean(f"<head></head><script>\n{long}\n</script>{end}", "page.html", folder, folder)
    assert html == f'<head></head><script async src="_static/parts/a.js"></script>{end}'
    assert (folder / "_static" / "parts" / "a.js").read_text() == long


def test_data_that_wait_leave_their_address(folder):
    data = later({"name": "transfer"}, bytes(9000))
    html = lean.lean(f"<head></head>{data.html}", "api/page.html", folder, folder)
    address = f"../_static/parts/{data.id}.js"
    assert html == f'<head></head><script type="text/plain" data-later="{data.id}" data-file="{address}"></script>'
    assert len((folder / "_static" / "parts" / f"{data.id}.js").read_bytes()) == data.size > 12_000


@pytest.mark.slow
def test_a_build_does_all_of_it(tmp_path):
    """A book of two pages, built as ours is."""
    (tmp_path / "book").mkdir()
    blocks().save(tmp_path / "book" / "drawn.png")
    (tmp_path / "book" / "index.md").write_text("# Front\n\n![Blocks](drawn.png)\n")
    (tmp_path / "book" / "formula.md").write_text("# Formula\n\n$x$\n")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: formula\n")
    extension = f"sphinx: {{local_extensions: {{lean: {ROOT / 'book' / '_ext'}}}}}"
    (tmp_path / "_config.yml").write_text(f"title: Small\nonly_build_toc_files: true\n{extension}\n")
    command = [
        Path(sys.executable).parent / "jupyter-book",
        "build",
        tmp_path / "book",
        "--path-output",
        tmp_path,
        "-W",
    ]
    run = subprocess.run([*command, "--config", tmp_path / "_config.yml", "--toc", tmp_path / "_toc.yml"])
    assert run.returncode == 0
    html = tmp_path / "_build" / "html"
    front, formula = ((html / f"{name}.html").read_text() for name in ("index", "formula"))
    assert [path.name for path in (html / "_images").iterdir()] == ["drawn.webp"]
    assert 'src="_images/drawn.webp" width="96" height="96"' in front
    for page in (front, formula):
        assert "matchMedia" in page
        assert not re.search(r"fontawesome\.js|thebe|searchindex", page, re.IGNORECASE)
        assert "<script defer src" in page
    assert "window.MathJax" in formula and "window.MathJax" not in front


# The built book


def sizes(page: Path) -> dict[str, int]:
    """What a page loads, and how large it is."""
    html = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    addresses = {tag["src"] for tag in html(["img", "script"], src=True)}
    return {address: (page.parent / address.partition("?")[0]).stat().st_size for address in addresses}


@needs_book
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(BOOK).as_posix())
def test_no_page_is_heavy(page):
    loaded = sizes(page)
    pictures = {name: size for name, size in loaded.items() if "script" not in name and not name.endswith("js")}
    assert sum(pictures.values()) < 1_000_000
    assert not [name for name in pictures if "_images/" in name and name.endswith(".png")]
    # The reference of a room is text alone, and grows with the room.
    assert page.stat().st_size < (500_000 if "api" in page.parts else 400_000), "what is large is in files of its own"
    assert not re.search(r"fontawesome\.js|thebe", page.read_text("utf-8"))
    html = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    assert ("mathjax" in " ".join(loaded)) == bool(html.select(".math"))
    images = html.select("article img:not([style])")
    assert all(image.get("width") and image.get("height") for image in images if not image["src"].endswith(".svg"))
    assert all(image.get("loading") == "lazy" for image in images[lean.FIRST :])


@needs_book
def test_a_reader_in_the_dark_sees_no_white_page(open_page, serve):
    """Before any script of the theme has run."""
    page = open_page(serve(BOOK), color_scheme="dark")
    page.route("**/scripts/*.js*", lambda route: None)
    page.goto(page.url, wait_until="commit")
    page.wait_for_selector(".ba-range")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", paper)[:3])) < 64


@needs_book
def test_names_of_the_library_come_after_what_the_pages_say(open_page, serve):
    page = open_page(f"{serve(BOOK)}/search.html?q=colour")
    page.wait_for_function("document.querySelectorAll('#search-results li a').length > 5")
    found = page.locator("#search-results li a").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    assert not [address for address in found[:5] if "#colorize_lib" in address]
