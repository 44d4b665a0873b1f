"""How long a chapter takes: the directive ``runtimes``, and a line at the top of each page that runs code.

Minutes to run are those that the build itself needed. Minutes to read are counted in words.
"""

import math
import os
import platform
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective


class Placeholder(nodes.General, nodes.Element):
    """Where the table goes, once all chapters have run."""


class Runtimes(SphinxDirective):
    """A table of the chapters and their seconds, on the machine that builds the book."""

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # the times are not in this page's own source
        return [Placeholder()]


#: Words that are read in a minute: a text with formulas, at leisure.
WORDS_A_MINUTE = 220
#: Sections that are not for reading alone.
WORK = {"exercises", "five-questions"}


class Minutes(SphinxPostTransform):
    """Put below the title of a page that runs code how long it takes to read and to run."""

    default_priority = 8  # once it is known which form of each output is shown

    def run(self, **kwargs) -> None:
        ran = (NbMetadataCollector.get_doc_data(self.env).get(self.env.docname) or {}).get("exec_data")
        title = next(self.document.findall(nodes.title), None)
        if not ran or title is None:
            return
        line = nodes.paragraph("", in_words(words(self.document), ran["runtime"]))
        title.parent.insert(title.parent.index(title) + 1, nodes.container("", line, classes=["minutes"]))


def words(document: nodes.document) -> int:
    """Words of the running text: neither code nor formulas set apart, and not the exercises."""

    def work(node: nodes.Node) -> bool:
        while node is not None:
            if isinstance(node, nodes.section) and WORK & set(node["ids"]):
                return True
            node = node.parent
        return False

    text = (nodes.paragraph, nodes.title, nodes.caption)
    return sum(
        len(node.astext().split())
        for node in document.findall(lambda node: isinstance(node, text) and not isinstance(node, nodes.raw))
        if not work(node)
    )


def in_words(count: int, seconds: float) -> str:
    """``"About 12 minutes to read, and 1 minute to run without a GPU."``, of words and seconds."""
    read, run = max(1, round(count / WORDS_A_MINUTE)), max(1, math.ceil(seconds / 60))
    where = "without a GPU" if "no GPU" in machine() else f"on {machine()}"
    return f"About {_minutes(read)} to read, and {_minutes(run)} to run {where}."


def _minutes(count: int) -> str:
    return f"{count} minute{'s' * (count > 1)}"


class FillRuntimes(SphinxPostTransform):
    """Put the table in the place of the placeholder."""

    default_priority = 8

    def run(self, **kwargs) -> None:
        for node in list(self.document.findall(Placeholder)):
            table = nodes.raw("", self.table(), format="html")
            node.replace_self(table)

    def table(self) -> str:
        """As HTML, the chapters in order."""
        seconds = {
            docname: data["exec_data"]["runtime"]
            for docname, data in sorted(NbMetadataCollector.get_doc_data(self.env).items(), key=self.place)
            if data.get("exec_data")
        }
        rows = [
            f'<tr><td><a href="{self.link(docname)}">{self.title(docname)}</a></td>'
            f'<td class="text-right">{time:.0f}</td></tr>'
            for docname, time in seconds.items()
        ]
        rows.append(
            f'<tr><th scope="row">all, on {machine()}</th><td class="text-right">{sum(seconds.values()):.0f}</td></tr>'
        )
        head = '<tr><th scope="col">chapter</th><th scope="col" class="text-right">seconds</th></tr>'
        return f'<table class="table"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'

    def link(self, docname: str) -> str:
        return escape(self.app.builder.get_relative_uri(self.env.docname, docname))

    def number(self, docname: str) -> tuple[int, ...]:
        """As in the table of contents: none for a page outside of the chapters."""
        return self.env.toc_secnumbers.get(docname, {}).get("") or ()

    def place(self, page: tuple[str, dict]) -> tuple:
        """What to sort by: a page under a chapter follows it, and the others come last."""
        number = self.number(page[0])
        return (not number, number, page[0])

    def title(self, docname: str) -> str:
        """With its number, as in the table of contents."""
        number = ".".join(map(str, self.number(docname)))
        name = escape(self.env.titles[docname].astext())
        return f"{number}. {name}" if number else name


def machine() -> str:
    """What the chapters ran on."""
    if os.name != "posix" or any(Path("/dev").glob("nvidia[0-9]*")):
        import torch  # takes seconds to load, so not where there is no GPU anyway

        if torch.cuda.is_available():
            return torch.cuda.get_device_name()
    return f"{os.cpu_count()} cores ({platform.machine()}), no GPU"


def setup(app) -> dict:
    app.add_node(Placeholder)
    app.add_directive("runtimes", Runtimes)
    app.add_post_transform(FillRuntimes)
    app.add_post_transform(Minutes)
    return {"parallel_read_safe": True}
