"""Sphinx extension: every chapter as a notebook that runs on Colab, and the buttons for it.

A chapter is a ``.py`` file, which Colab cannot open. So the build writes ``_sources/<page>.ipynb`` beside the
pages: no outputs, Markdown that Colab shows, and first of all a cell that installs the book's library.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import yaml
from pybtex.database import Entry, parse_file
from pybtex.richtext import Text
from sphinx.application import Sphinx
from sphinx.util import logging

from chapter import read
from plain_markdown import Book, MystError, inline, plain
from repository import Repository

#: Cells whose code the page does not show, or folds: folded in the notebook too.
FOLDED = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
    "accelerator": "GPU",
    "colab": {"provenance": []},
}
#: How Colab and how JupyterLab fold the code of a cell.
_FOLD = {"cellView": "form", "jupyter": {"source_hidden": True}}
_SETUP = Path(__file__).with_name("setup_cell.ipy")
_EQUATION = re.compile(r"\{math\}.*\n\s*:label:\s*(?P<directive>\S+)|\$\$\ *\((?P<dollars>[^)\s]+)\)\s*$", re.MULTILINE)
_SECTION = re.compile(r"^\((?P<label>[^)\s]+)\)=\s*\n\s*#+ +(?P<title>.+)$", re.MULTILINE)

logger = logging.getLogger(__name__)
#: A chapter is looked at twice: for what others may refer to, and for its own notebook.
_read = cache(read)


def read_chapter(path: Path) -> nbformat.NotebookNode:
    """A page of the book as cells of MyST and code; one that is neither ``.py`` nor ``.md`` has none."""
    if path.suffix == ".py":
        return _read(path.read_text(encoding="utf8"))
    text = path.read_text(encoding="utf8") if path.suffix == ".md" else ""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])


def read_book(folder: Path, toc: Path, repository: Repository) -> Book:
    """What the chapters may refer to: labels, numbers and titles of all pages in ``toc``, and the bibliography.

    Raises
    ------
    MystError
        If two things have one label.
    """
    chapters, numbers, titles, pages = chapter_prefixes(toc), {}, {}, {}
    counted = Counter()  # the pages of a chapter share its numbers
    for page, prefix in chapters.items():
        notebook = read_chapter(source(folder, page))
        text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        title = re.search(r"^# +(.+)$", text, re.MULTILINE)
        titles[page] = title[1] if title else page
        titles |= {section["label"]: section["title"] for section in _SECTION.finditer(text)}
        equations = [found["directive"] or found["dollars"] for found in _EQUATION.finditer(text)]
        figures = [cell_figure(cell).get("name") for cell in notebook.cells if cell_figure(cell)]
        for kind, labels in (("equation", equations), ("figure", figures)):
            first = counted[kind, prefix] + 1 if prefix else 1
            numbers |= {label: f"{prefix}{i}" for i, label in enumerate(labels, first) if label}
            counted[kind, prefix] += len(labels)
        for label in (*re.findall(r"^\(([^)\s]+)\)=\s*$", text, re.MULTILINE), *filter(None, equations + figures)):
            if label in pages:
                raise MystError(f"{page}: the label {label!r} is taken, in {pages[label]}")
            pages[label] = page
    citations = {key: cited(entry) for key, entry in parse_file(folder / "references.bib").entries.items()}
    return Book(chapters, numbers, titles, pages, citations, repository.site, repository.raw("book"))


def chapter_prefixes(toc: Path) -> dict[str, str]:
    """All pages in reading order, and what the numbers in them begin with: ``"4."``, or nothing outside a chapter."""
    contents = yaml.safe_load(toc.read_text(encoding="utf8"))
    prefixes, last = {contents["root"]: ""}, 0
    for part in contents["parts"]:
        for entry in part["chapters"]:
            last += bool(part.get("numbered"))
            prefixes[entry["file"]] = f"{last}." if part.get("numbered") else ""
            prefixes |= {section["file"]: prefixes[entry["file"]] for section in entry.get("sections", ())}
    return prefixes


def source(folder: Path, page: str) -> Path:
    return next(path for path in map((folder / page).with_suffix, (".py", ".md", ".rst")) if path.is_file())


def cited(entry: Entry) -> tuple[str, str, str, str]:
    """Authors, year, address and title of a work, as a reader wants to see them."""
    names = [str(Text.from_latex(" ".join(person.last_names))) for person in entry.persons.get("author", ())]
    authors = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    address = entry.fields.get("url", "")
    if "doi" in entry.fields:
        address = f"https://doi.org/{entry.fields['doi']}"
    title = str(Text.from_latex(entry.fields["title"])).replace('"', "'")
    return authors, entry.fields.get("year", ""), address, title


def cell_figure(cell: nbformat.NotebookNode) -> dict:
    """Caption and name of the figure that a code cell draws; empty if it has no caption."""
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    return figure if figure.get("caption") else {}


def to_notebook(page: str, folder: Path, book: Book, repository: Repository) -> nbformat.NotebookNode:
    """A chapter as a notebook for Colab.

    Parameters
    ----------
    page
        Its name without suffix, as in the table of contents.
    folder
        Where the pages are.
    book
        What :func:`read_book` says of them.
    repository
        What the setup cell installs, and where links lead.

    Raises
    ------
    MystError
        If the chapter uses MyST that :mod:`plain_markdown` does not know; the message names the chapter.
    """
    cells = setup_cells(page, book, repository)
    for cell in read_chapter(folder / f"{page}.py").cells:
        figure = cell_figure(cell)
        name = f"Figure {book.number(figure['name'])}" if figure else ""
        try:
            if cell.cell_type == "markdown":
                cells.append(nbformat.v4.new_markdown_cell(plain(cell.source, book), metadata=kept(cell)))
            elif "solution" in cell.metadata.get("tags", ()):
                cells.append(nbformat.v4.new_markdown_cell(solution(cell.source)))
            else:
                cells.append(code_cell(cell, name))
            if figure:
                caption = inline(" ".join(figure["caption"].split()), book)
                cells.append(nbformat.v4.new_markdown_cell(f"*{name}: {caption}*"))
        except MystError as error:
            raise MystError(f"{page}: {error}. In the cell that begins {cell.source[:60]!r}.") from error
    for index, cell in enumerate(cells):
        cell.id = f"{page}-{index:03d}"
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=_METADATA)
    nbformat.validate(notebook)
    return notebook


def kept(cell: nbformat.NotebookNode) -> dict:
    """What a notebook needs of a cell's metadata: its tags."""
    return {"tags": list(cell.metadata["tags"])} if cell.metadata.get("tags") else {}


def solution(code: str) -> str:
    """A solution, folded, and as a text: "Run all" must not put its result under the blank exercise."""
    return (
        "<details>\n<summary>Show the solution</summary>\n\n"
        f"```python\n{code}\n```\n\nTo run it, copy it into the exercise's cell.\n\n</details>"
    )


def code_cell(cell: nbformat.NotebookNode, figure: str = "") -> nbformat.NotebookNode:
    """A cell of code; folded where the page folds it, under a title, as Colab and JupyterLab do that."""
    metadata, code = kept(cell), cell.source
    if FOLDED & set(metadata.get("tags", ())):
        metadata |= _FOLD
        title = figure or "Run this"
        code = f"#@title {title} (double-click to see the code)\n{code}"
    return nbformat.v4.new_code_cell(code, metadata=metadata)


def setup_cells(page: str, book: Book, repository: Repository) -> list[nbformat.NotebookNode]:
    """What comes first: a word about it, and the cell that installs the library and makes all ready."""
    words = (
        "**Run the next cell first.** It installs what the chapter needs, over the "
        "PyTorch that is there. With a GPU it also fetches CIFAR-10. "
        f"To read the chapter with its pictures, open the {book.link('published page', page)}."
    )
    code = _SETUP.read_text(encoding="utf8")
    for name, value in (("SOURCE", repository.url), ("REVISION", repository.revision)):
        code = code.replace(f'"{name}"', json.dumps(value))
    code = f"#@title Setup: run this first\n{code.strip()}"
    return [nbformat.v4.new_markdown_cell(words), nbformat.v4.new_code_cell(code, metadata=dict(_FOLD))]


def setup(app: Sphinx) -> dict:
    app.setup_extension("repository")
    # Once a build, when everything has its number.
    app.connect("env-check-consistency", _write_notebooks)
    # After the theme, which makes the buttons at 501.
    app.connect("html-page-context", _add_buttons, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def has_notebook(app: Sphinx, page: str) -> bool:
    """Whether a page is a chapter; others get no notebook and no button."""
    return page in app.env.found_docs and Path(app.env.doc2path(page)).suffix == ".py"


def _write_notebooks(app: Sphinx, env) -> None:
    folder, repository, page = Path(app.srcdir), app.config.colorize_repository, None
    (Path(app.outdir) / "_sources").mkdir(parents=True, exist_ok=True)
    try:
        book = read_book(folder, Path(app.config.external_toc_path), repository)
        for page in filter(lambda page: has_notebook(app, page), book.chapters):
            notebook = to_notebook(page, folder, book, repository)
            _check_numbers(app, page, notebook)
            nbformat.write(notebook, Path(app.outdir, "_sources", f"{page}.ipynb"))
    except MystError as error:
        logger.warning("no notebook for Colab: %s", error, location=page)


def _check_numbers(app: Sphinx, page: str, notebook: nbformat.NotebookNode) -> None:
    """Warn unless equations and figures have the numbers in the notebook that they have in the page."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for kind, pattern in (("displaymath", r"\\tag\{([\d.]+)\}"), ("figure", r"^\*Figure ([\d.]+): ")):
        ours = re.findall(pattern, text, re.MULTILINE)
        numbered = app.env.toc_fignumbers.get(page, {}).get(kind, {}).values()
        theirs = [".".join(map(str, number)) for number in numbered]
        if sorted(ours) != sorted(theirs):
            logger.warning(
                "%s: %s in the page, %s in its notebook for Colab (a figure needs a caption and a name)",
                kind,
                theirs,
                ours,
                location=page,
            )


def _add_buttons(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Offer the notebook of a chapter on its page: to download, and to open in Colab."""
    if not has_notebook(app, page):
        return
    notebook = f"_sources/{page}.ipynb"
    download = {
        "type": "link",
        "url": context["pathto"](notebook, 1),
        "text": "Notebook (.ipynb)",
        "tooltip": "Download this chapter as a notebook",
        "icon": "fas fa-code",
        "label": "download-notebook-button",
    }
    for group in context["header_buttons"]:
        if group.get("label") == "download-buttons":
            # The theme offers the source too, which is no notebook and shows the solutions.
            others = [button for button in group["buttons"] if button.get("label") != "download-source-button"]
            group["buttons"][:] = [download, *others]
    if colab := app.config.colorize_repository.colab(notebook):
        launch = {
            "type": "link",
            "url": colab,
            "text": "Open in Colab",
            "tooltip": "Run this chapter on Google Colab",
            "icon": "fas fa-rocket",
            "label": "launch-colab-button",
        }
        context["header_buttons"].insert(0, launch)
