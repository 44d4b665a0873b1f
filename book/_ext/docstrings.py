"""What autodoc and napoleon need to know about the docstrings of the library."""

import re


def prepare(app, what, name, obj, options, lines) -> None:
    """Change the lines of a docstring in place, before napoleon reads them.

    A source is numbered from 1 in every module, and a page shows several: ``[1]`` of ``colorize_lib.colour.gamut``
    becomes the labelled footnote ``[#gamut-1]``. The initial of its author would begin a list.

    What stands before a colon in the first line about a constant is its type, to napoleon. Not here, and it
    looks no further than that line.
    """
    module = name.split(".")[1]
    lines[:] = [re.sub(r"\[(\d+)\]_", rf"[#{module}-\1]_", line) for line in lines]
    lines[:] = [re.sub(r"^\.\. \[(\d+)\] ", rf".. [#{module}-\1] \\", line) for line in lines]
    if what in ("attribute", "data", "property"):
        lines[:0] = ["..", ""]  # an empty comment


def setup(app) -> dict:
    app.connect("autodoc-process-docstring", prepare, priority=100)
    return {"parallel_read_safe": True}
