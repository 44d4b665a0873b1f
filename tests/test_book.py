"""The book as text: chapters, citations, and tables that are made, not typed."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "book").glob("[0-9]*.py"))
PAGES = sorted([*(ROOT / "book").glob("*.py"), *(ROOT / "book").glob("*.md")])


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
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    seen = [cell for cell in code if not {"remove-input", "remove-cell"} & set(cell.metadata.get("tags", []))]
    claims = [cell for cell in code if "assert " in cell.source]
    assert claims, "a chapter asserts what it claims"
    assert all(cell in seen for cell in claims), "where a reader can see it"
    assert any({"prints", "shows"} & set(cell.metadata) for cell in code), "and its stable facts are stored"


#: What a page does not show of a cell's code, or only when asked.
FOLDED = {"hide-input", "remove-input", "hide-cell", "remove-cell", "solution", "exercise"}


def visible(cell) -> list[str]:
    """The lines of code that a reader of the page has before them."""
    shown = cell.cell_type == "code" and not FOLDED & set(cell.metadata.get("tags", []))
    return [] if not shown else [line for line in cell.source.splitlines() if line.strip()]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_begins_with_a_picture(path):
    """Within the first screen, and within ten lines of code."""
    cells = jupytext.read(path).cells
    first = next(i for i, cell in enumerate(cells) if "figure" in cell.metadata)
    assert sum(len(visible(cell)) for cell in cells[: first + 1]) <= 10
    assert sum(len(cell.source.split()) for cell in cells[:first] if cell.cell_type == "markdown") <= 120


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_what_nobody_must_read_is_folded(path):
    """Imports, and assertions that merely guard; those that compare a formula with the library are for reading."""
    for cell in jupytext.read(path).cells if path.suffix == ".py" else ():
        lines = visible(cell)
        assert not any(re.match(r"(import|from) ", line) for line in lines), cell.source
        if any(line.startswith("assert ") for line in lines):
            assert re.search(r"allclose|isclose|torch\.equal|by_hand|== 261", cell.source), cell.source


@pytest.mark.parametrize("path", [path for path in PAGES if path.suffix == ".py"], ids=lambda path: path.stem)
def test_what_a_cell_reports_is_seen(path):
    """A notebook shows the last value of a cell, and no other."""
    for cell in jupytext.read(path).cells:
        if cell.cell_type == "code" and not cell.source.startswith(("%", "!")):
            not_last = ast.parse(cell.source).body[:-1]
            assert not [ast.unparse(one) for one in not_last if isinstance(one, ast.Expr) and _shows(one.value)]


def _shows(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") in ("report", "remember", "before_after")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_asks_five_questions_and_folds_the_answers(path):
    text = "\n".join(cell.source for cell in jupytext.read(path).cells)
    asked = text.split("## Five questions")[1].split("**Where to go next.**")[0]
    questions = re.findall(r"^\*\*(\d)\.\*\* (.+?)\n\n```\{admonition\} Answer\n:class: dropdown\n", asked, re.M | re.S)
    assert [number for number, _ in questions] == list("12345")
    assert all("?" in question for _, question in questions)


@pytest.mark.parametrize("path", [*CHAPTERS, ROOT / "book" / "field.py"], ids=lambda path: path.stem)
def test_a_chapter_ends_with_two_projects_and_where_their_code_would_go(path):
    last = jupytext.read(path).cells[-1].source
    assert "**Where to go next.**" in last
    projects = last.split("**Two projects**")[1].split("\n- *")[1:]
    assert len(projects) == 2
    for project in projects:
        named = re.findall(r"`(colorize_lib/[\w/.]+)`", project)
        assert named, "where its code would go"
        for file in named:
            assert (ROOT / file).is_file(), file


#: Numbers that are no results: settings of the dials, sizes that were chosen, constants of definitions.
NO_RESULTS = {"0.38", "0.89", "0.1", "0.3", "0.5", "0.7", "0.8", "0.01", "100 %", "95 %"}
QUIET = r"```.*?```|:::.*?:::|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)|\{[\w:]+\}`[^`]*`|<[^>]*>"
RESULT = r"(?<![\w.])\d[\d,.]* ?%|(?<![\w.])\d+\.\d+|\d[\d.]* (?:times|points|nats|Lab units|dB|kB|MB)\b"


def typed_results(text: str) -> list[str]:
    """Numbers in a text that look like measurements, and so belong into results/ and not there."""
    text = re.sub(QUIET, " ", text, flags=re.DOTALL)
    return [number for number in re.findall(RESULT, text) if number not in NO_RESULTS]


def sentences(path: Path) -> list[str]:
    """What a page says: its Markdown up to the exercises, and what is written into ``report`` and ``Markdown``."""
    if path.suffix == ".md":
        return [path.read_text()]
    cells = jupytext.read(path).cells
    end = next((i for i, cell in enumerate(cells) if "## Exercises" in cell.source), len(cells))
    said = [cell.source.split("## Exercises")[0] for cell in cells[: end + 1] if cell.cell_type == "markdown"]
    for cell in cells[:end]:
        if cell.cell_type == "code":
            for call in ast.walk(ast.parse(cell.source)):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("report", "Markdown"):
                    texts = [part for part in ast.walk(call.args[0]) if isinstance(part, ast.Constant)]
                    said += [part.value for part in texts if isinstance(part.value, str) and " " in part.value]
    return said


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_result_is_typed(path):
    assert [number for text in sentences(path) for number in typed_results(text)] == []


def test_a_typed_result_is_found():
    assert typed_results("It is right about 75.6 % of them, an error of 15.3.") == ["75.6 %", "15.3"]
    assert typed_results("3 points better at $T = 0.42$, `0.42` and 0.89") == ["3 points"]


#: The bibliography, by key.
KNOWN = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text("utf-8"), re.MULTILINE))


def cited(path: Path) -> set[str]:
    """The keys that a page cites: one or several, with commas, in one pair of backquotes."""
    found = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", path.read_text("utf-8"))
    return {key.strip() for keys in found for key in keys.split(",")}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_citation_is_in_the_bibliography(path):
    assert cited(path) <= KNOWN


def test_every_entry_of_the_bibliography_is_cited():
    assert KNOWN - set().union(*map(cited, PAGES)) == set()


#: What the field calls it: a reader who learned a thing here can search for more.
STANDARD = [
    "overfitting", "augmentation", "fine-tuning", "ablation", "baseline", "skip connection", "receptive field",
    "confounding", "multiple comparisons", "null hypothesis", "perceptual metric", "GAN", "diffusion",
]  # fmt: skip


def glossary() -> list[str]:
    """The words of the glossary, each as often as it stands there."""
    lines = (ROOT / "book" / "glossary.md").read_text("utf-8").split(":sorted:\n")[1].split("\n")
    return [line for line in lines if line and not line.startswith((" ", ":"))]


def test_the_glossary_has_every_word_once_and_the_standard_ones():
    words = glossary()
    assert sorted(set(words)) == sorted(words)
    assert set(STANDARD) <= set(words)


@pytest.mark.parametrize("word", STANDARD)
def test_a_standard_term_stands_out_where_it_is_explained(word):
    """In bold, or as a link to the glossary, in at least one page."""
    shown = rf"\*\*{re.escape(word[:7])}[\w -]*\*\*|\{{term\}}`[^`]*{re.escape(word)}[^`]*`"
    assert any(re.search(shown, path.read_text("utf-8"), re.IGNORECASE) for path in PAGES if path.stem != "glossary")


def test_tables_and_model_cards_are_what_the_results_say():
    command = [sys.executable, ROOT / "tools" / "readme_tables.py", "--check"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_the_reference_has_every_module_of_the_library_but_the_plumbing():
    pages = [*(ROOT / "book" / "api").iterdir(), ROOT / "book" / "api.md"]
    listed = re.findall(
        r"^\.\. automodule:: colorize_lib\.([\w.]+)", "\n".join(p.read_text() for p in pages), re.MULTILINE
    )
    folder, plumbing = ROOT / "colorize_lib", {"cli", "device", "files", "pages.page", "quiet"}
    paths = [path.relative_to(folder).with_suffix("") for path in folder.rglob("*.py") if path.stem != "__init__"]
    modules = {".".join(path.parts) for path in paths if path.parts[0] not in ("exercises", "commands")}
    assert sorted(listed) == sorted(modules - plumbing | {"exercises"})
