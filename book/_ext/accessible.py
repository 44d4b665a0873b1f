"""Two things of the theme and of docutils that a screen reader cannot make sense of, mended in every page."""


def mend(app, pagename, templatename, context, doctree) -> None:
    """A name for the arrows that open a part of the table of contents; and a list of sources that is a list."""
    generate = context["generate_toctree_html"]

    def named(*args, **kwargs) -> str:
        return str(generate(*args, **kwargs)).replace("<summary>", '<summary aria-label="Show the pages of this part">')

    context["generate_toctree_html"] = named
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app) -> dict:
    app.connect("html-page-context", mend, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
