"""From MyST, which the book is written in, to the Markdown that notebooks show: no directives, no roles.

:func:`plain` does it for one text. What it needs to know of the rest of the book is a :class:`Book`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import dedent, indent

from docutils.nodes import make_id


class MystError(ValueError):
    """A directive, a role or a reference that cannot be turned into Markdown; the message names it."""


@dataclass(frozen=True)
class Book:
    """What a text may refer to.

    Attributes
    ----------
    chapters : dict
        Page to what the numbers of its equations and figures begin with: ``{"04_annealed_mean": "4."}``.
    numbers : dict
        Label of an equation or a figure to its number in the pages: ``{"eq-anneal": "4.1"}``.
    titles : dict
        Page, or label of a section, to its title.
    pages : dict
        Label to the page that it is on.
    citations : dict
        Key of the bibliography to (authors, year, address or empty, title of the work).
    site, files : str
        Addresses of the published pages and of the repository's ``book/``, without a slash at the end; may be empty.
    """

    chapters: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    citations: Mapping[str, tuple[str, str, str, str]] = field(default_factory=dict)
    site: str = ""
    files: str = ""

    def link(self, text: str, target: str) -> str:
        """``text``, linked to a page or a label of the published book; the bare text if there is no address."""
        page, hash_, anchor = target.partition("#")
        page = re.sub(r"\.(py|md)$", "", page)
        if not page and anchor:  # a heading of the page itself, or a label of any
            page = self.pages.get(anchor, "")
            return self.link(text, f"{page}.md#{anchor}") if page else text
        if page in self.pages:
            page, hash_, anchor = self.pages[page], "#", make_id(page)
        elif page not in self.titles:
            raise MystError(f"the link to {target!r}: there is no such page or label")
        return f"[{text}]({self.site}/{page}.html{hash_}{anchor})" if self.site else text

    def number(self, label: str) -> str:
        if label not in self.numbers:
            raise MystError(f"the reference to {label!r}: there is no such equation or figure")
        return self.numbers[label]


@dataclass(frozen=True)
class Directive:
    """A directive of MyST, taken apart."""

    name: str
    argument: str
    options: Mapping[str, str]
    body: str


#: A link that turns the dials of a part of the page (CONTRIBUTING.md), which a notebook does not have.
_SETTING = re.compile(r'<a class="set"[^>]*>(.*?)</a>', re.DOTALL)
_FENCE = re.compile(r"^(?P<indent>\s*)(?P<fence>`{3,}|:{3,}|~{3,})\s*(?P<info>.*?)\s*$")
_OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
_TARGET = re.compile(r"^\s*\([^)\s]+\)=\s*$")
_INLINE = re.compile(
    r"""
    \{(?P<role>[a-zA-Z][\w:+-]*)\}(?P<ticks>`+)(?P<content>.+?)(?P=ticks)
    | (?P<code>(?<!`)(?P<tick>`+)(?!`)(?:(?!\n\n).)+?(?<!`)(?P=tick)(?!`))
    | \$\$(?P<display>.+?)\$\$(?:\ *\((?P<label>[^)\s]+)\))?
    | (?P<maths>(?<![\\$])\$(?![\s$])(?:(?!\n\n).)+?(?<![\s\\])\$)
    | (?P<bang>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)
    | \[(?P<span>[^\[\]]+)\]\{[.\#\w][^}`]*\}
    | (?<=[)`])(?P<attributes>\{[.\#\w][^}`]*\})
    | (?P<unknown>\{\{.+?\}\} | ^\\begin\{\w+\*?\} | ^:\s[^\n]*)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def plain(text: str, book: Book) -> str:
    """Turn MyST into the Markdown that Colab and Jupyter show.

    Raises
    ------
    MystError
        If there is something in it that this function does not know, or a reference that leads nowhere.
    """
    done, prose = [], []

    def finish_prose() -> None:
        if prose:
            done.append(inline("\n".join(prose), book))
            prose.clear()

    lines = iter(_SETTING.sub(r"\1", text).split("\n"))
    for line in lines:
        fence = _FENCE.match(line)
        if fence and (fence["fence"][0] != ":" or fence["info"].startswith("{")):
            finish_prose()
            done.append(_fenced(fence, line, lines, book))
        elif not _TARGET.match(line):
            prose.append(line)
    finish_prose()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(done)).strip("\n")


def inline(text: str, book: Book) -> str:
    """Roles, maths, links and attributes of a text without fences, turned into Markdown."""

    def replaced(found: re.Match) -> str:
        if found["role"]:
            return _role(found["role"], found["content"].strip(), book)
        if found["display"]:
            return _display(found["display"], found["label"], book)
        if found["target"]:
            return _link(found["bang"], found["text"], found["target"], book)
        if found["span"] or found["attributes"]:
            return inline(found["span"] or "", book)
        if found["unknown"]:
            raise MystError(f"{found[0]!r} is not known here")
        return found[0]

    return _INLINE.sub(replaced, text)


def _fenced(fence: re.Match, opening: str, lines, book: Book) -> str:
    """A fence with all that is in it, taken off ``lines``: code as it is, a directive as Markdown."""
    kind, length, inside = fence["fence"][0], len(fence["fence"]), []
    closing = re.compile(rf"^\s*{kind}{{{length},}}\s*$")
    for line in lines:
        if closing.match(line):
            break
        inside.append(line)
    else:
        raise MystError(f"the fence {opening.strip()!r} is not closed")
    directive = re.fullmatch(r"\{([\w:+-]+)\}\s*(.*)", fence["info"])
    if not directive:
        return "\n".join([opening, *inside, line])
    taken_apart = _take_apart(directive[1], directive[2], dedent("\n".join(inside)).split("\n"))
    if directive[1] not in _DIRECTIVES:
        raise MystError(f"the directive {{{directive[1]}}} is not known here")
    return "\n" + indent(_DIRECTIVES[directive[1]](taken_apart, book), fence["indent"]) + "\n"


def _take_apart(name: str, argument: str, lines: list[str]) -> Directive:
    options = {}
    while lines and (option := _OPTION.match(lines[0])):
        options[option[1]] = option[2]
        lines = lines[1:]
    return Directive(name, argument, options, "\n".join(lines).strip("\n"))


def _display(tex: str, label: str | None, book: Book) -> str:
    """A displayed formula, in one line: some readers take a line that begins with = or - for something else."""
    tex = " ".join(tex.split())
    if r"\\" in re.sub(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", "", tex):
        tex = rf"\begin{{aligned}} {tex} \end{{aligned}}"
    tag = rf" \tag{{{book.number(label)}}}" if label else ""
    return f"$${tex}{tag}$$"


def _link(bang: str, text: str, target: str, book: Book) -> str:
    shown = inline(text, book)
    if re.match(r"[a-z]+:", target):
        return f"{bang}[{shown}]({target})"
    if bang:
        return f"![{shown}]({book.files}/{target})" if book.files else f"*{shown}*"
    return book.link(shown or book.titles.get(re.sub(r"\.(py|md)$", "", target), target), target)


def _role(name: str, content: str, book: Book) -> str:
    if name not in _ROLES:
        raise MystError(f"the role {{{name}}} is not known here")
    explicit = re.fullmatch(r"(.*?)\s*<([^<>]+)>", content, re.DOTALL)
    text, target = explicit.groups() if explicit else ("", content)
    return _ROLES[name](text, target, book)


def _cite(text: str, target: str, book: Book, textual: bool = False) -> str:
    """Authors and year, linked to the work or to the book's bibliography."""
    works = []
    for key in map(str.strip, target.split(",")):
        if key not in book.citations:
            raise MystError(f"the citation of {key!r}: it is not in the bibliography")
        authors, year, address, title = book.citations[key]
        address = address or (book.site and f"{book.site}/bibliography.html")
        shown = ", ".join(filter(None, (authors, year)))
        if textual:
            shown = f"{authors} ({year})" if year else authors
        works.append(f'[{shown}]({address} "{title}")' if address else shown)
    return ", ".join(works) if textual else f"({'; '.join(works)})"


def _cite_in_text(text: str, target: str, book: Book) -> str:
    return _cite(text, target, book, textual=True)


def _ref(text: str, target: str, book: Book) -> str:
    if target in book.pages and target not in book.titles and not text:
        raise MystError(f"the reference to {target!r} has no title: write {{ref}}`text <{target}>`")
    return book.link(text or book.titles.get(target, target), target)


def _numref(text: str, target: str, book: Book) -> str:
    return re.sub(r"%s|\{number\}", book.number(target), text or "Figure %s")


_ROLES: dict[str, Callable[[str, str, Book], str]] = {
    "eq": lambda text, target, book: f"({book.number(target)})",
    "math": lambda text, target, book: f"${target}$",
    "term": lambda text, target, book: text or target,
    "ref": _ref,
    "doc": _ref,
    "numref": _numref,
    **dict.fromkeys(("cite", "cite:p", "cite:ps"), _cite),
    **dict.fromkeys(("cite:t", "cite:ts"), _cite_in_text),
}


def _math(directive: Directive, book: Book) -> str:
    return _display(f"{directive.argument} {directive.body}", directive.options.get("label"), book)


def _figure(directive: Directive, book: Book) -> str:
    """The picture, and its caption in italics."""
    picture = _link("!", directive.options.get("alt", ""), directive.argument, book) if book.files else ""
    caption = inline(directive.body, book)
    if caption:
        name = directive.options.get("name")
        number = f"Figure {book.number(name)}: " if name else ""
        caption = f"*{number}{caption}*"
    return "\n\n".join(filter(None, (picture, caption)))


def _code(directive: Directive, book: Book) -> str:
    return f"```{directive.argument}\n{directive.body}\n```"


def _toggle(directive: Directive, book: Book) -> str:
    """Folded, until the reader opens it."""
    title = inline(directive.argument, book) or directive.name.capitalize()
    # The blank lines have what is between them read as Markdown.
    return f"<details>\n<summary>{title}</summary>\n\n{plain(directive.body, book)}\n\n</details>"


def _box(directive: Directive, book: Book) -> str:
    """A quotation under its title; folded if the page folds it."""
    if "dropdown" in directive.options.get("class", "").split():
        return _toggle(directive, book)
    named = directive.name == "admonition"
    title = directive.argument if named else directive.name.capitalize()
    # A note's argument is the start of its text.
    body = directive.body if named else f"{directive.argument}\n{directive.body}".strip("\n")
    text = f"**{inline(title, book)}**\n\n{plain(body, book)}"
    return indent(text, "> ", lambda line: True)


def _aside(directive: Directive, book: Book) -> str:
    text = "\n\n".join(filter(None, (directive.argument and f"**{directive.argument}**", directive.body)))
    return indent(plain(text, book), "> ", lambda line: True)


_DIRECTIVES: dict[str, Callable[[Directive, Book], str]] = {
    "math": _math,
    "figure": _figure,
    "image": _figure,
    "dropdown": _toggle,
    **dict.fromkeys(("code", "code-block"), _code),
    **dict.fromkeys(("margin", "sidebar"), _aside),
    **dict.fromkeys(
        ("admonition", "note", "tip", "hint", "warning", "important", "caution", "attention", "danger", "seealso"), _box
    ),
}
