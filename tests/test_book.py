"""The book as text: chapters, citations, and tables that are made, not typed."""

import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "book").glob("[0-9]*.py"))
PAGES = [*CHAPTERS, ROOT / "book" / "index.md"]


def test_every_chapter_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = {chapter["file"] for part in toc["parts"] for chapter in part["chapters"]}
    assert {path.stem for path in CHAPTERS} <= listed
    for name in (*listed, toc["root"]):
        assert any((ROOT / "book" / f"{name}{suffix}").is_file() for suffix in (".py", ".md", ".rst")), name


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_its_parts(path):
    notebook = jupytext.read(path)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1, "one title"
    for part in ("**What you will see**", "**What you need:**", "## Summary", "## Exercises", "**Where to go next.**"):
        assert part in text, part
    opening = text.split("**What you will see**")[1].split("**What you need:**")[0]
    summary = text.split("## Summary")[1].split("## Exercises")[0]
    count = [len(re.findall(r"^\d+\. ", part, re.MULTILINE)) for part in (opening, summary)]
    assert count[0] == count[1] >= 3, "the summary mirrors the opening list"
    assert text.count(":class: dropdown") >= 2, "exercises with solutions"
    assert any("assert " in cell.source for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_citation_is_in_the_bibliography(path):
    known = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(), re.MULTILINE))
    cited = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", path.read_text())
    assert set(cited) <= known


def test_tables_and_model_cards_are_what_the_results_say():
    command = [sys.executable, ROOT / "tools" / "readme_tables.py", "--check"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_the_reference_has_every_module_of_the_library_but_the_plumbing():
    pages = [*(ROOT / "book" / "api").iterdir(), ROOT / "book" / "api.md"]
    listed = re.findall(
        r"^\.\. automodule:: colorize_lib\.(\w+)", "\n".join(p.read_text() for p in pages), re.MULTILINE
    )
    plumbing = {"__init__", "cli", "device", "files", "page"}
    assert sorted(listed) == sorted({path.stem for path in (ROOT / "colorize_lib").glob("*.py")} - plumbing)
