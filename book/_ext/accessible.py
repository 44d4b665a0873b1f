"""Two things of the theme and of docutils that a screen reader cannot make sense of, and two lines that would break in
the wrong place, mended in every page."""

import re

#: A formula in a line, and the mark that must not begin the next line without it.
_MARKED = re.compile(r'(<span class="math notranslate nohighlight">[^<]*</span>)([.,;:?!)]+)')
#: In a cell of a table: what belongs together, a setting such as T = 1 or an interval such as 3 to 5, or 3–5.
_CELL = re.compile(r"<t[hd][^>]*>[^<]*</t[hd]>")
_TOGETHER = re.compile(r" = |(?<=\d) to (?=[-+−]?\d)|(?<=\d)–(?=\d)")


def _unbroken(found: re.Match) -> str:
    """Spaces at which no line breaks; and after a dash a joiner, which has no width."""
    return found[0].replace(" ", "\u00a0").replace("–", "–\u2060")


def mend(app, pagename, templatename, context, doctree) -> None:
    """A name for the arrows of the table of contents, a list of sources that is a list, and lines that break well."""
    generate = context["generate_toctree_html"]

    def named(*args, **kwargs) -> str:
        return str(generate(*args, **kwargs)).replace("<summary>", '<summary aria-label="Show the pages of this part">')

    context["generate_toctree_html"] = named
    if "body" in context:
        body = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
        body = _MARKED.sub(r'<span class="together">\1\2</span>', body)
        context["body"] = _CELL.sub(lambda cell: _TOGETHER.sub(_unbroken, cell[0]), body)


def setup(app) -> dict:
    app.connect("html-page-context", mend, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
