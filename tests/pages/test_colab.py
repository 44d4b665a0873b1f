"""Chapters as notebooks for Colab: cells, numbers, captions, and the buttons that lead there."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import colab
import nbformat
import pytest
import repository
from chapters import BOOK, CHAPTERS, ROOT, TOC
from plain_markdown import Book, MystError

GITHUB = repository.find("https://github.com/owner/name", environ={})


@pytest.fixture(scope="module")
def book() -> Book:
    return colab.read_book(BOOK, TOC, GITHUB)


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_is_a_clean_notebook(page, book):
    notebook = colab.to_notebook(page, BOOK, book, GITHUB)
    text = nbformat.writes(notebook)
    assert not re.findall(r"\{[a-z:]+\}`|`{3}\{|:{3}\{|:label:|:class:|\)=\\n", text)
    words, setup, title = notebook.cells[:3]
    assert "first" in words.source and f"https://owner.github.io/name/{page}.html" in words.source
    assert '"https://github.com/owner/name", "main"' in setup.source
    assert setup.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}, (
        "folded on Colab and in JupyterLab"
    )
    assert title.source.startswith("# ")
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.accelerator == "GPU" and "jupytext" not in notebook.metadata
    assert nbformat.writes(colab.to_notebook(page, BOOK, book, GITHUB)) == text, "the same every time"
    for cell in notebook.cells:
        if colab.FOLDED & set(cell.metadata.get("tags", ())):
            assert cell.source.startswith("#@title ") and cell.metadata.cellView == "form"


def test_equations_have_the_numbers_of_the_pages(book):
    assert book.numbers["eq-anneal"] == "4.1" and book.numbers["eq-rates"] == "6.2"
    fourth = colab.to_notebook("04_annealed_mean", BOOK, book, GITHUB)
    tags = re.findall(r"\\tag\{(.+?)\}", "".join(cell.source for cell in fourth.cells))
    assert len(tags) >= 2 and tags == [f"4.{n}" for n in range(1, len(tags) + 1)]


def test_the_pages_of_a_chapter_share_its_numbers(book):
    last_of_the_chapter = max(
        int(n.split(".")[1])
        for label, n in book.numbers.items()
        if book.pages[label] == "05_rebalancing" and label.startswith("fig")
    )
    assert book.numbers["fig-experiment"] == f"5.{last_of_the_chapter + 1}"
    assert book.numbers["fig-equal"] == f"5.{last_of_the_chapter + 2}"
    text = nbformat.writes(colab.to_notebook("dial_or_training", BOOK, book, GITHUB))
    assert f"*Figure {book.numbers['fig-equal']}: Three metrics" in text


CHAPTER = """\
# %% [markdown]
# # A title
#
# See {numref}`fig-two`.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-one", "caption": "One, *as it is*."}}
1 + 1

# %% tags=["keep"] mystnb={"figure": {"name": "fig-two", "caption": "Two:\\na {term}`bin`."}, "image": {"alt": "Two"}}
2 + 2

# %% tags=["solution"]
3 + 3
"""


@pytest.fixture
def small_book(tmp_path):
    """A book of one chapter, with the settings that concern notebooks."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "one.py").write_text(CHAPTER)
    (tmp_path / "book" / "index.md").write_text("# Front\n")
    (tmp_path / "book" / "references.bib").write_text("@book{a, title={A}, author={B, C}}\n")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n- numbered: true\n  caption: Chapters\n  chapters:\n  - file: one\n"
    )
    (tmp_path / "_config.yml").write_text(
        textwrap.dedent(
            f"""
            title: Small
            only_build_toc_files: true
            repository: {{url: "https://github.com/owner/name"}}
            bibtex_bibfiles: [references.bib]
            execute: {{execute_notebooks: "off"}}
            sphinx:
              local_extensions: {{colab: {ROOT / "book" / "_ext"}}}
              config:
                nb_custom_formats: {{.py: [chapter.read, {{}}]}}
                suppress_warnings: [myst-nb.lexer]  # nothing is run, so nobody says that cells are Python
            """
        )
    )
    return tmp_path


def test_captions_and_folded_cells(small_book):
    book = colab.read_book(small_book / "book", small_book / "_toc.yml", GITHUB)
    cells = colab.to_notebook("one", small_book / "book", book, GITHUB).cells[2:]
    assert [cell.source for cell in cells] == [
        "# A title\n\nSee Figure 1.2.",
        "#@title Figure 1.1 (double-click to see the code)\n1 + 1",
        "*Figure 1.1: One, *as it is*.*",
        "2 + 2",
        "*Figure 1.2: Two: a bin.*",
        "<details>\n<summary>Show the solution</summary>\n\n```python\n3 + 3\n```\n\n"
        "To run it, copy it into the exercise's cell.\n\n</details>",
    ]
    assert [cell.cell_type for cell in cells].count("code") == 2, "a solution is not run"
    assert cells[1].metadata == {"tags": ["hide-input"], "cellView": "form", "jupyter": {"source_hidden": True}}
    assert cells[3].metadata == {"tags": ["keep"]}
    assert len({cell.id for cell in cells}) == len(cells)


def test_a_label_is_taken_once(small_book):
    (small_book / "book" / "index.md").write_text("# Front\n\n(fig-one)=\n## One\n")
    with pytest.raises(MystError, match="'fig-one' is taken, in index"):
        colab.read_book(small_book / "book", small_book / "_toc.yml", GITHUB)


def build(folder: Path, **environment) -> subprocess.CompletedProcess:
    command = [Path(sys.executable).parent / "jupyter-book", "build", folder / "book", "--path-output", folder, "-W"]
    command += ["--keep-going", "--config", folder / "_config.yml", "--toc", folder / "_toc.yml"]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)


@pytest.mark.slow
def test_a_page_has_its_buttons(small_book):
    chapter = small_book / "book" / "one.py"
    chapter.write_text(CHAPTER.replace(' mystnb={"figure"', ' nothing={"figure"').replace("{numref}`fig-two`", "it"))
    run = build(small_book, COLORIZE_REPOSITORY="https://github.com/Fork/name.git", COLORIZE_REVISION="abc")
    assert run.returncode == 0, run.stderr
    html = small_book / "_build" / "html"
    page, front = (html / "one.html").read_text(), (html / "index.html").read_text()
    address = "https://colab.research.google.com/github/Fork/name/blob/gh-pages/_sources/one.ipynb"
    assert f'href="{address}"' in page and 'href="_sources/one.ipynb"' in page
    assert 'href="_sources/one.py"' not in page, "it opens nowhere, and shows the solutions"
    assert '<link rel="canonical" href="https://fork.github.io/name/one.html"' in page
    assert "colab" not in re.sub(r"<link[^>]*>", "", front)
    setup = nbformat.read(html / "_sources" / "one.ipynb", 4).cells[1].source
    assert 'source, revision = "https://github.com/Fork/name", "abc"' in setup


@pytest.mark.slow
def test_unknown_myst_stops_the_build(small_book):
    chapter = small_book / "book" / "one.py"
    chapter.write_text("# %% [markdown]\n# # A title\n#\n# Press {kbd}`Enter`.\n")
    run = build(small_book)
    assert run.returncode and "no notebook for Colab: one: the role {kbd} is not known here" in run.stderr
