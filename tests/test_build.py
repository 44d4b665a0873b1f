"""The author's loop: what a build does again and what it keeps, on a book of two chapters; pages that load again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from docutils import nodes
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import build_book  # noqa: E402
import kept  # noqa: E402
import live  # noqa: E402

#: A chapter imports a module of its own, where there is one, and leaves a trace of having run.
CHAPTER = """# %% [markdown]
# # Chapter {name}
#
# Text.

# %%
try:
    from colorize_lib.{name} import something
except ImportError:
    pass
with open("../ran.txt", "a") as trace:
    _ = trace.write("{name} ")
"""
CONFIG = """title: Small
only_build_toc_files: true
execute: {execute_notebooks: cache}
sphinx:
  local_extensions: {kept: tools, none: book/_ext}
  config: {nb_custom_formats: {.py: [kept.read, {}]}}
"""


@pytest.fixture
def book(tmp_path) -> Path:
    """A folder with a book of two chapters, and the tools that build ours."""
    for name in ("tools/build_book.py", "tools/reach.py", "tools/sources.py", "tools/kept.py", "book/_ext/chapter.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "book" / "_ext" / "none.py").write_text("def setup(app): pass")
    (tmp_path / "tools" / "photo_panel.py").write_text("def make(folder): return True")
    (tmp_path / "tools" / "photo_panel").mkdir()
    (tmp_path / "colorize_lib").mkdir()
    for name in ("one", "two"):
        (tmp_path / "colorize_lib" / f"{name}.py").write_text("something = 1\n")
        (tmp_path / "book" / f"{name}.py").write_text(CHAPTER.format(name=name))
    (tmp_path / "book" / "index.md").write_text("# Small\n")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: one\n- file: two\n")
    (tmp_path / "_config.yml").write_text(CONFIG)
    return tmp_path


def build(book: Path, *options: str) -> tuple[int, str, set[str]]:
    """Exit status, what was said, and which chapters ran."""
    trace = book / "ran.txt"
    trace.unlink(missing_ok=True)
    command = [sys.executable, book / "tools" / "build_book.py", *options]
    run = subprocess.run(command, cwd=book, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr, set(trace.read_text().split() if trace.exists() else ())


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.slow
def test_a_build_does_again_what_changed_and_loses_no_warning(book):
    status, said, ran = build(book)
    assert (status, ran) == (0, {"one", "two"}), said
    page = book / "_build" / "html" / "two.html"

    status, said, ran = build(book)
    assert (status, ran) == (0, set()) and "Nothing has changed" in said

    replace(book / "book" / "two.py", "# Text.", "# Words.")
    assert build(book)[::2] == (0, set()), "no code of it changed"
    assert "Words." in page.read_text()

    replace(book / "colorize_lib" / "one.py", "1", "2")
    assert build(book)[::2] == (0, {"one"}), "the other chapter does not import it"

    replace(book / "book" / "two.py", "# Words.", "# [Words](nowhere.md).")
    for _ in range(2):
        status, said, ran = build(book)
        assert (status, ran) == (1, set())
        assert "nowhere" in said
        assert not page.exists() and (book / "_build" / "html-failed" / "two.html").exists()
        replace(book / "book" / "one.py", "# Text", "# Text, again")  # the second time the page itself did not change

    replace(book / "book" / "two.py", "[Words](nowhere.md)", "[Words](one.py)")
    assert build(book)[::2] == (0, set())
    replace(book / "_toc.yml", "- file: one\n", "")  # a page that another one leads to
    status, said, ran = build(book)
    assert status == 1 and "one" in said


REFERENCES = """@misc{first, author={Ann First}, title={One}, year={2001}}
@misc{second, author={Bo Second}, title={Two}, year={2002}}
"""
#: Of what a page may show of others: a picture, a name, a citation, a number, a term, words to search for.
PAGES = {
    "index.md": "# Small\n\nSee {ref}`two-label`, {term}`bin` and {numref}`blocks`.\n",
    "one.md": "# One\n\n{cite}`first` counts unicorns.\n\n```{figure} drawn.png\n:name: blocks\nBlocks\n```\n",
    "two.md": "(two-label)=\n# Two\n\n$x$ of griffins\n\n```{index} single: lions\n```\n",
    "terms.md": "# Terms\n\n```{glossary}\nbin\n  A cell.\n```\n",
    "bibliography.md": "# Works\n\n```{bibliography}\n```\n",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_build_that_keeps_pages_makes_what_a_build_of_everything_makes(book):
    shutil.copy(ROOT / "book" / "_ext" / "lean.py", book / "book" / "_ext")
    for chapter in (book / "book").glob("*.py"):
        chapter.unlink()
    for name, text in PAGES.items():
        (book / "book" / name).write_text(text)
    Image.new("RGB", (9, 9), "red").save(book / "book" / "drawn.png")
    (book / "book" / "references.bib").write_text(REFERENCES)
    chapters = "".join(f"- file: {name[:-3]}\n" for name in PAGES if name != "index.md")
    (book / "_toc.yml").write_text(f"format: jb-book\nroot: index\noptions: {{numbered: true}}\nchapters:\n{chapters}")
    config = CONFIG.replace("none: book/_ext", "lean: book/_ext").replace("config: {", "config: {numfig: true, ")
    (book / "_config.yml").write_text(f"{config}bibtex_bibfiles: [references.bib]\n")
    html = book / "_build" / "html"

    def written() -> set[str]:
        """Pages that a build wrote."""
        before = {path: path.stat().st_mtime_ns for path in html.glob("*.html")}
        status, said, _ = build(book)
        assert status == 0, said
        return {path.stem for path in html.glob("*.html") if before.get(path) != path.stat().st_mtime_ns} & names

    names = {name[:-3] for name in PAGES}
    assert written() == names
    # Words: one page, and the first one, which Sphinx always writes.
    replace(book / "book" / "one.md", "counts unicorns", "counts dragons")
    assert written() == {"one", "index"}
    found = (html / "searchindex.js").read_text()
    assert "dragon" in found and "griffin" in found and "lions" in found and "unicorn" not in found
    # A picture that no page shows any more.
    Image.new("RGB", (9, 9), "blue").save(book / "book" / "other.png")
    replace(book / "book" / "one.md", "drawn.png", "other.png")
    assert written() == {"one", "index"}
    assert [path.name for path in (html / "_images").iterdir()] == ["other.webp"]
    # What others show: a title, in their tables of contents; and a citation, in the list of works.
    replace(book / "book" / "two.md", "# Two", "# Three")
    replace(book / "book" / "two.md", "griffins", "griffins {cite}`second`")
    assert written() == names
    assert "Three" in (html / "one.html").read_text() and "Second" in (html / "bibliography.html").read_text()

    made = contents(html)
    shutil.rmtree(book / "_build" / ".kept")
    (book / "_build" / ".built").unlink()
    assert written() == names, "now it is made from nothing"
    new = contents(html)
    assert made.keys() == new.keys()
    assert not [name for name in made if made[name] != new[name]]


def test_a_fingerprint_of_the_book_is_of_files_and_of_what_was_told(monkeypatch):
    before = build_book.fingerprint("_toc.yml")
    assert build_book.fingerprint("_toc.yml") == before != build_book.fingerprint("_toc.yml", "_config.yml")
    monkeypatch.setenv("COLORIZE_REPOSITORY", "https://example.org/a/b")
    assert build_book.fingerprint("_toc.yml") != before


def test_what_pages_show_of_each_other_is_told_whatever_the_order_and_the_process():
    class Place(type(Path())):
        pass

    class Citation:  # without words of its own
        def __init__(self):
            self.pages = {"two", "one"}

    first = {"works": [Citation(), 1], "place": Place("a"), "title": nodes.title("", "Colour")}
    second = {"title": nodes.title("", "Colour"), "place": Path("a"), "works": [1, Citation()]}
    assert kept.in_words(first) == kept.in_words(second)
    assert kept.in_words(first) != kept.in_words(second | {"title": nodes.title("", "Grey")})
    assert kept.in_words({"section": (1, 2)}) != kept.in_words({"section": (2, 1)})  # parts of a number


def test_what_a_build_looks_at_is_there():
    assert all((ROOT / place).exists() for place in (*build_book.MAKING, *build_book.SOURCES))


def test_pages_ask_whether_there_is_another_build(tmp_path):
    (tmp_path / "index.html").write_text("<body>Words</body>")
    (tmp_path / "more.mjs").write_text("1")
    server = live.serve(tmp_path, 0)
    try:

        def get(path: str) -> str:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{path}") as answer:
                return answer.read().decode()

        assert get("/") == get("/index.html") == f"<body>Words{live.RELOAD}</body>"
        assert get("/more.mjs") == "1"
        assert get(live.ASK) == "0"
        server.build += 1
        assert get(live.ASK) == "1"
    finally:
        server.shutdown()
        server.server_close()


def test_only_a_build_without_a_warning_is_shown(tmp_path, monkeypatch):
    built, shown, status = tmp_path / "built", tmp_path / "shown", 1
    built.mkdir()
    (built / "index.html").write_text("new")
    monkeypatch.setattr(live, "HTML", built)
    monkeypatch.setattr(live.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], status))
    server = type("Server", (), {"build": 0})()
    live.build(server, shown)
    assert server.build == 0 and not shown.exists()
    status = 0
    live.build(server, shown)
    assert server.build == 1 and (shown / "index.html").read_text() == "new"


@pytest.mark.parametrize("change", ["written", "added", "removed"])
def test_what_is_saved_is_noticed(tmp_path, change):
    path = tmp_path / "folder" / "chapter.py"
    path.parent.mkdir()
    path.write_text("1")
    before = live.saved([tmp_path])
    waiting = threading.Thread(target=live.wait_for_change, args=([tmp_path], before, 0.01))
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive(), "nothing was saved"
    if change == "written":
        path.write_text("12")
    elif change == "added":
        path.with_name("other.py").write_text("")
    else:
        os.unlink(path)
    waiting.join(600)
    assert not waiting.is_alive()


@pytest.mark.slow
def test_saving_a_chapter_shows_it_in_the_browser(book, chromium):
    """``make live``: the page in an open browser is replaced once the book is built again, and a warning shows none."""
    shutil.copy(ROOT / "tools" / "live.py", book / "tools")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", book / "tools" / "live.py", "--port", str(port)]
    with (book / "said.txt").open("w") as log:
        process = subprocess.Popen(command, cwd=book, stdout=log, stderr=log)
    page = chromium.new_page()
    page.set_default_timeout(180_000)  # a busy machine is slow, not wrong

    def shown() -> str:
        return page.locator("article").inner_text()

    def wait_for_said(text: str, times: int) -> None:
        for _ in range(1800):
            if (book / "said.txt").read_text().count(text) >= times:
                return
            assert process.poll() is None, (book / "said.txt").read_text()
            time.sleep(0.1)
        raise AssertionError((book / "said.txt").read_text())

    try:
        wait_for_said("shows the book", 1)
        page.goto(f"http://127.0.0.1:{port}/two.html")
        assert "Text." in shown()
        page.evaluate("window.mine = true")
        replace(book / "book" / "two.py", "# Text.", "# Words.")
        page.get_by_text("Words.").wait_for()
        assert page.evaluate("window.mine") is None, "the browser loaded the page again"

        replace(book / "book" / "two.py", "# Words.", "# [Lost](nowhere.md).")
        wait_for_said("shows the book", 3)
        assert "Words." in shown(), "the last build without a warning stays"
        replace(book / "book" / "two.py", "[Lost](nowhere.md)", "Found")
        page.get_by_text("Found.").wait_for()
    finally:
        page.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(600) == 0  # a busy machine is slow, not wrong
