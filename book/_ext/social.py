"""What other programs ask a page: what it is about, for search engines and for a card where its address is shared.

The page ``404.html`` is served at any address, however deep, so it also learns where its links begin.
"""

import re
from html import escape
from urllib.parse import urlsplit

from docutils import nodes

CARD = "_static/card.jpg"  # made by tools/card.py
CARD_ALT = "Four photographs, grey at their upper left and coloured by a network at their lower right"
LONGEST = 200  # characters of a description; more is cut by those who show it


def describe(app, pagename, templatename, context, doctree) -> None:
    """Add the tags to the head of a page."""
    site = app.config.html_baseurl  # with a slash at its end; empty if the book is not to be published
    title = app.env.titles.get(pagename, app.env.titles[app.config.root_doc]).astext()
    tags = {
        # The first page is large, so it is opened only for a page that has no words of its own.
        "description": (doctree and first_words(doctree)) or first_words(app.env.get_doctree(app.config.root_doc)),
        "og:title": title,
        "og:type": "website",
        "og:site_name": app.config.html_title,
        "twitter:card": "summary_large_image",
    }
    tags["og:description"] = tags["description"]
    if site:
        tags |= {"og:url": f"{site}{pagename}.html", "og:image": f"{site}{CARD}", "og:image:alt": CARD_ALT}
    lines = [
        f'<meta {"property" if name.startswith("og:") else "name"}="{name}" content="{escape(content)}" />'
        for name, content in tags.items()
    ]
    if pagename == "404":
        lines.insert(0, f'<base href="{urlsplit(site).path or "/"}404.html" />')
    if pagename == app.config.root_doc:
        context["docstitle"] = ""  # or the title would be the book's, twice
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines])


def first_words(doctree: nodes.document) -> str:
    """The first paragraph of the running text, whole sentences of it where it is long, without citations."""
    paragraph = next((p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section)), None)
    if paragraph is None:
        return ""
    text = re.sub(r"\s*\[[^\]]*\]|\s+(?=\s)", "", paragraph.astext().replace("\n", " ")).strip()
    if len(text) <= LONGEST:
        return text
    whole = re.match(rf".{{,{LONGEST - 1}}}[.?!](?=\s)", text)
    return whole[0] if whole else text[:LONGEST].rsplit(" ", 1)[0] + " …"


def setup(app) -> dict:
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
