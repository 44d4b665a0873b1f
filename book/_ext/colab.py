"""Sphinx extension: every chapter as a notebook that runs on Colab, and the buttons for it.

A chapter is a ``.py`` file, which Colab cannot open. So the build writes ``_sources/<page>.ipynb`` beside the
pages: no outputs, Markdown that Colab shows, and first of all a cell that installs the book's library.
"""

import json
import re
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
_SETUP = Path(__file__).with_name("setup_cell.ipy")
_EQUATION = re.compile(r"\{math\}.*\n\s*:label:\s*(?P<directive>\S+)|\$\$\ *\((?P<dollars>[^)\s]+)\)\s*$", re.MULTILINE)
_SECTION = re.compile(r"^\((?P<label>[^)\s]+)\)=\s*\n\s*#+ +(?P<title>.+)$", re.MULTILINE)

logger = logging.getLogger(__name__)


def read_chapter(path: Path) -> nbformat.NotebookNode:
    """A page of the book, ``.py`` or ``.md``, as cells of MyST and code."""
    if path.suffix == ".py":
        return read(path.read_text(encoding="utf8"))
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(path.read_text(encoding="utf8"))])


def read_book(folder: Path, toc: Path, repository: Repository) -> Book:
    """What the chapters may refer to: labels, numbers and titles of all pages in ``toc``, and the bibliography."""
    numbers, titles, pages = {}, {}, {}
    for page, chapter in chapter_numbers(toc).items():
        notebook = read_chapter(source(folder, page))
        text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        titles[page] = re.search(r"^# +(.+)$", text, re.MULTILINE)[1]
        for section in _SECTION.finditer(text):
            titles[section["label"]] = section["title"]
        equations = [found["directive"] or found["dollars"] for found in _EQUATION.finditer(text)]
        figures = [cell_figure(cell).get("name") for cell in notebook.cells if cell_figure(cell)]
        for labels in (equations, figures):
            numbers |= {label: f"{chapter}.{i}" for i, label in enumerate(labels, 1) if label and chapter}
        pages |= dict.fromkeys([*re.findall(r"^\(([^)\s]+)\)=\s*$", text, re.MULTILINE), *filter(None, figures)], page)
    citations = {key: cited(entry) for key, entry in parse_file(folder / "references.bib").entries.items()}
    return Book(numbers, titles, pages, citations, repository.site, repository.raw("book"))


def chapter_numbers(toc: Path) -> dict[str, int | None]:
    """All pages in reading order, and the numbers of those that have one."""
    contents = yaml.safe_load(toc.read_text(encoding="utf8"))
    numbers, last = {contents["root"]: None}, 0
    for part in contents["parts"]:
        for entry in part["chapters"]:
            if "file" in entry:
                last += bool(part.get("numbered"))
                numbers[entry["file"]] = last if part.get("numbered") else None
    return numbers


def source(folder: Path, page: str) -> Path:
    return next(path for path in (folder / f"{page}.py", folder / f"{page}.md") if path.is_file())


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


def to_notebook(page: str, folder: Path, toc: Path, repository: Repository) -> nbformat.NotebookNode:
    """A chapter as a notebook for Colab.

    Parameters
    ----------
    page
        Its name without suffix, as in the table of contents.
    folder, toc
        Where the pages are, and the table of contents.
    repository
        What the setup cell installs, and where links lead.

    Raises
    ------
    MystError
        If the chapter uses MyST that :mod:`plain_markdown` does not know; the message names the chapter.
    """
    book = read_book(folder, toc, repository)
    chapter, figures, cells = chapter_numbers(toc)[page], 0, setup_cells(page, book, repository)
    for cell in read_chapter(folder / f"{page}.py").cells:
        figure = cell_figure(cell)
        figures += bool(figure)
        name = f"Figure {chapter}.{figures}" if figure else ""
        try:
            if cell.cell_type == "markdown":
                cells.append(nbformat.v4.new_markdown_cell(plain(cell.source, book), metadata=kept(cell)))
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


def code_cell(cell: nbformat.NotebookNode, figure: str = "") -> nbformat.NotebookNode:
    """A cell of code; folded where the page folds it, under a title, as Colab and JupyterLab do that."""
    metadata, code = kept(cell), cell.source
    if FOLDED & set(metadata.get("tags", ())):
        metadata |= {"cellView": "form", "jupyter": {"source_hidden": True}}
        code = f"#@title {figure or 'Run this'} (double-click to see the code)\n{code}"
    return nbformat.v4.new_code_cell(code, metadata=metadata)


def setup_cells(page: str, book: Book, repository: Repository) -> list[nbformat.NotebookNode]:
    """What comes first: a word about it, and the cell that installs the library and makes all ready."""
    words = (
        "**Run the next cell first.** It installs what the chapter needs, in about a minute on Colab, over the "
        "PyTorch that is there. With a GPU it also fetches CIFAR-10. "
        f"To read the chapter with its pictures, open the {book.link('published page', page)}."
    )
    code = _SETUP.read_text(encoding="utf8")
    for name, value in (("SOURCE", repository.url), ("REVISION", repository.revision)):
        code = code.replace(f'"{name}"', json.dumps(value))
    setup = nbformat.v4.new_code_cell(f"#@title Setup: run this first\n{code.strip()}", metadata={"cellView": "form"})
    return [nbformat.v4.new_markdown_cell(words), setup]


def setup(app: Sphinx) -> dict:
    app.setup_extension("repository")
    # After the theme, which makes the buttons at 501.
    app.connect("html-page-context", _add_notebook, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _add_notebook(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Write the notebook of a chapter and give its page the buttons; other pages get none."""
    if doctree is None or Path(app.env.doc2path(page)).suffix != ".py":
        return
    repository = app.config.colorize_repository
    try:
        notebook = to_notebook(page, Path(app.srcdir), Path(app.config.external_toc_path), repository)
    except MystError as error:
        logger.warning("no notebook for Colab: %s", error, location=page)
        return
    _check_numbers(app, page, notebook)
    target = Path(app.outdir, "_sources", f"{page}.ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    _add_buttons(context, page, repository.colab(f"_sources/{page}.ipynb"))


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


def _add_buttons(context: dict, page: str, colab: str) -> None:
    download = {
        "type": "link",
        "url": context["pathto"](f"_sources/{page}.ipynb", 1),
        "text": "Notebook (.ipynb)",
        "tooltip": "Download this chapter as a notebook",
        "icon": "fas fa-code",
        "label": "download-notebook-button",
    }
    for group in context["header_buttons"]:
        if group.get("label") == "download-buttons":
            group["buttons"].insert(0, download)
    if colab:
        launch = {
            "type": "link",
            "url": colab,
            "text": "Open in Colab",
            "tooltip": "Run this chapter on Google Colab",
            "icon": "fas fa-rocket",
            "label": "launch-colab-button",
        }
        context["header_buttons"].insert(0, launch)
