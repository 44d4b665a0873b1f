"""``make pdf``: the book as one file."""

import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, ROOT / "tools" / "make_pdf.py"]


def test_without_chromium_it_says_so(tmp_path):
    run = subprocess.run(COMMAND, capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert run.returncode == 1
    assert "There is no Chromium" in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def pdf(chromium) -> PdfReader:
    """Made anew; chapters run where the book was not built."""
    made = ROOT / "_build" / "colour-from-grey.pdf"
    made.unlink(missing_ok=True)
    run = subprocess.run(COMMAND, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return PdfReader(made)


def starts(pdf: PdfReader, outline: list | None = None) -> dict[str, int]:
    """The page that each entry of the outline leads to."""
    found = {}
    for entry in pdf.outline if outline is None else outline:
        if isinstance(entry, list):
            found |= starts(pdf, entry)
        else:
            found[entry.title] = pdf.get_destination_page_number(entry)
    return found


@pytest.mark.slow
def test_every_chapter_is_in_the_pdf(pdf):
    pages = starts(pdf)
    chapters = []
    for number, path in enumerate(sorted((ROOT / "book").glob("[0-9]*.py")), start=1):
        first = next(cell.source for cell in jupytext.read(path).cells if cell.cell_type == "markdown")
        chapters.append(f"{number}. " + re.match(r"# (.+)", first)[1])
    assert [title for title in pages if title in chapters] == chapters
    begins = [pages[title] for title in chapters]
    assert begins == sorted(set(begins))
    assert pages["Bibliography"] > begins[-1]


@pytest.mark.slow
def test_the_pdf_is_made_for_paper(pdf):
    texts = [page.extract_text() for page in pdf.pages]
    assert "Contents" in texts[1]
    assert [text.strip().split()[-1] for text in texts] == [str(number + 1) for number in range(len(texts))]
    everything = "\n".join(texts)
    assert everything.count("Solution") >= 20  # open
    for other in ("Click to", "Show code cell", "colorize_lib.colour.gamut.Gamut(", "\\frac", "Open in Colab"):
        assert other not in everything
