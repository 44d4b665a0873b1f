"""Read a chapter: a jupytext notebook whose cells say in plain words what they show.

Beside jupytext's tags, the line that opens a code cell may have

- ``figure="fig-name" caption="..." alt="..."``: its picture is numbered, and described for those who cannot see it;
  ``alt`` alone describes a picture without a number. ``plot=true``: a diagram, which may change its paper in the dark;
- ``prints="..."`` or ``shows="..."``: what it must print, or show as text, whenever the chapter is tested.

A folded cell that ends in an assertion shows nothing, and its button says so. A cell tagged ``solution`` is folded
away. One tagged ``skip-execution`` is run by readers and by nbval, but not when the book is built: nbclient, which the
build runs, waits forever now and then for a widget of ``interact``.
"""

import ast

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_output


def read(text: str) -> NotebookNode:
    """A chapter's text as a notebook, with everything of the list above as myst-nb and nbval want it."""
    notebook = jupytext.reads(text, fmt="py:percent")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            _describe(cell)
            _store(cell)
    return notebook


def _describe(cell: NotebookNode) -> None:
    """Figure, alt text and folding, as myst-nb wants them."""
    metadata = cell.metadata
    shown = dict(metadata.get("mystnb", {}))
    if "figure" in metadata:
        shown["figure"] = {"name": metadata.pop("figure"), "caption": metadata.pop("caption")}
    if "alt" in metadata:
        shown["image"] = {"alt": metadata.pop("alt")}
        if metadata.pop("plot", False):
            shown["image"]["classes"] = "plot"
    if "solution" in metadata.get("tags", []):
        metadata["tags"] = [*metadata["tags"], "hide-cell"]
        shown |= {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
    elif "hide-input" in metadata.get("tags", []) and _checks(cell.source):
        shown |= {"code_prompt_show": "Show what is checked here", "code_prompt_hide": "Hide it"}
    if shown:
        metadata["mystnb"] = shown


def _checks(source: str) -> bool:
    """Whether a cell ends in an assertion, and so shows nothing."""
    return isinstance(ast.parse(source).body[-1], ast.Assert)


def _store(cell: NotebookNode) -> None:
    """What the cell must put out, as the output of a run that nbval compares with."""
    metadata = cell.metadata
    if "prints" in metadata:
        cell.outputs = [new_output("stream", text=metadata.pop("prints"))]
    elif "shows" in metadata:
        data = {"text/plain": metadata.pop("shows")}
        cell.outputs = [new_output("execute_result", data, execution_count=1)]
    else:
        return
    cell.execution_count = 1
    metadata["tags"] = [*metadata.get("tags", []), "nbval-check-output"]
