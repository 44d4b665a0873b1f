"""Where a number of the book comes from: what was trained, on what data, at which commit, and how to make it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from ..record import recipe_in_words, singular


@dataclass(frozen=True)
class Source:
    """Where one result file comes from; what a file does not say is an empty string."""

    file: str
    recipe: str
    commit: str
    data: str
    hardware: str
    date: str
    command: str


def source(result: Mapping) -> Source:
    """Where a result comes from.

    Parameters
    ----------
    result
        What :func:`~colorize_lib.measuring.results.read_result` gives, with the head that
        :func:`colorize_lib.record.head` wrote, or what a network says of itself, in ``Colorizer.meta``.

    Raises
    ------
    KeyError
        If it does not say who made it when: such a number has no place in the book.
    """
    if "command" not in result:
        return _of_network(result)
    network = result.get("weights", {})
    said = {key: _said(result[key], network.get(key)) for key in ("commit", "hardware")}
    tested = [part for split, part in result["data"].items() if split not in ("train", "dev")]
    kind, measured = ("test", tested) if tested else ("dev", [result["data"]["dev"]])
    data = "; ".join(f"{part['images']:,} {kind} images of {part['source']}" for part in measured)
    return Source(
        f"results/{result['name']}.json", singular(result["trained"]), data=data, date=result["date"],
        command=result["command"],
        **said,
    )  # fmt: skip


def _of_network(meta: Mapping) -> Source:
    """Of what a network says of itself: a result has a command, and its weights' metadata have a recipe."""
    name, data = meta["name"], meta["data"]
    return Source(
        f"colorize_lib/weights/{name}.safetensors", recipe_in_words(meta["recipe"]), meta["commit"],
        f"{data['images']:,} training images of {data['source']}", singular(meta["hardware"]), meta["date"],
        f"colorize train {name}",
    )  # fmt: skip


def _said(own: str, network: str | None) -> str:
    """Of a measurement, and of the network's training where one network was measured and its weights say so."""
    known = [
        f"{what} ({of})" for what, of in ((network, "training"), (own, "measuring")) if what not in (None, "unknown")
    ]
    return singular("; ".join(known) if network else own)


class Report:
    """A sentence or a table of the book with the sources of its numbers: shows itself as the last thing of a cell."""

    def __init__(self, content: object, sources: tuple[Source, ...]):
        self.content, self.sources = content, sources

    def _repr_mimebundle_(self, **_) -> dict[str, str]:
        notes = _note(self.sources)
        if isinstance(self.content, str):
            return {"text/markdown": f"{self.content}\n\n{notes}", "text/plain": self.content}
        return {"text/html": self.content._repr_html_() + notes, "text/plain": repr(self.content)}


def report(content: object, *results: Mapping) -> Report:
    """Show numbers of the book together with where they come from.

    Parameters
    ----------
    content
        A sentence in Markdown, or a table: anything with ``_repr_html_``.
    results
        What the numbers were read from, as :func:`colorize_lib.measuring.results.read_result` gives it; at least one.

    Raises
    ------
    ValueError
        If no result is given.
    """
    if not results:
        raise ValueError("report needs the results that its numbers were read from, at least one.")
    return Report(content, tuple(source(result) for result in results))


def _note(sources: tuple[Source, ...]) -> str:
    """Sources as HTML: one line, which opens."""
    files = ", ".join(escape(one.file) for one in sources)
    facts = "".join(f"<dl>{_facts(one)}</dl>" for one in sources)
    return f'<details class="source"><summary>Source: {files}</summary>{facts}</details>'


def _facts(one: Source) -> str:
    facts = {
        "File": one.file,
        "Recipe": one.recipe,
        "Commit": one.commit,
        "Data": one.data,
        "Hardware": one.hardware,
        "Date": one.date,
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(fact)}</dd>" for name, fact in facts.items())
    return f"{rows}<dt>Again</dt><dd><code>{escape(one.command)}</code></dd>"
