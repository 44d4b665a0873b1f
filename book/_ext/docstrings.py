"""What autodoc and napoleon need to know about the docstrings of the library."""

import re
from pathlib import Path

#: The folders of the library: what stands in one of them is called by its and its module's name.
ROOMS = {path.parent.name for path in Path(__file__).resolve().parents[2].glob("colorize_lib/*/__init__.py")}


def prepare(app, what, name, obj, options, lines) -> None:
    """Change the lines of a docstring in place, before napoleon reads them.

    A source is numbered from 1 in every module, and a page shows several: ``[1]`` of ``colorize_lib.colour.gamut``
    becomes the labelled footnote ``[#colour-gamut-1]``. The initial of its author would begin a list.

    What stands before a colon in the first line about a constant is its type, to napoleon. Not here, and it
    looks no further than that line.
    """
    _, room, *rest = name.split(".")
    module = f"{room}-{rest[0]}" if room in ROOMS and rest else room
    lines[:] = [re.sub(r"\[(\d+)\]_", rf"[#{module}-\1]_", line) for line in lines]
    lines[:] = [re.sub(r"^\.\. \[(\d+)\] ", rf".. [#{module}-\1] \\", line) for line in lines]
    if what in ("attribute", "data", "property"):
        lines[:0] = ["..", ""]  # an empty comment


def setup(app) -> dict:
    app.connect("autodoc-process-docstring", prepare, priority=100)
    return {"parallel_read_safe": True}
