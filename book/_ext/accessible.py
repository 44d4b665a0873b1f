"""Two things of the theme and of docutils that a screen reader cannot make sense of, and two lines that would break in
the wrong place, mended in every page."""

import re

#: A formula in a line, and the mark that must not begin the next line without it.
_MARKED = re.compile(r'(<span class="math notranslate nohighlight">[^<]*</span>)([.,;:?!)]+)')
#: A name of a row or a column with a setting in it.
_SETTING = re.compile(r"<th[^>]*>[^<]* = [^<]*</th>")


def mend(app, pagename, templatename, context, doctree) -> None:
    """A name for the arrows of the table of contents, a list of sources that is a list, and lines that break well."""
    generate = context["generate_toctree_html"]

    def named(*args, **kwargs) -> str:
        return str(generate(*args, **kwargs)).replace("<summary>", '<summary aria-label="Show the pages of this part">')

    context["generate_toctree_html"] = named
    if "body" in context:
        body = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
        body = _MARKED.sub(r'<span class="together">\1\2</span>', body)
        context["body"] = _SETTING.sub(lambda found: found[0].replace(" = ", "\u00a0=\u00a0"), body)


def setup(app) -> dict:
    app.connect("html-page-context", mend, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
