"""A page with nothing on it but a part of the book, and a folder with such pages to serve."""

from pathlib import Path

import colorize_lib

#: The modules and styles that the parts are made of.
WEB = Path(colorize_lib.__file__).parent / "pages" / "web"
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Part</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body>{}</body></html>"""


def write_pages(folder: Path, **parts: str) -> Path:
    """The folder, with a page ``NAME.html`` for the HTML of each part, one without any, and all modules to import."""
    for name, html in {**parts, "empty": ""}.items():
        (folder / f"{name}.html").write_text(PAGE.format(html), "utf-8")
    for module in WEB.glob("*.mjs"):
        (folder / module.name).write_bytes(module.read_bytes())
    return folder
