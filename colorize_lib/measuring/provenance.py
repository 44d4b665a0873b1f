"""Where a number of the book comes from: what was trained, on what data, at which commit, and how to make it again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

#: What makes a result again, by the experiment's name, which is the result's if it does not say another; every other
#: result is a network's, see :func:`source`.
_EXPERIMENTS = {
    "vgg": "colorize experiment vgg",
    "hues": "colorize experiment hues",
    # Measured before there was the present network for photographs.
    "imagenet": "colorize train photo-64 && colorize experiment imagenet --photo runs/photo-64.safetensors",
    "generalisation": "colorize train photo-64 && colorize experiment generalisation --photo runs/photo-64.safetensors",
    "photographs": "colorize train photo && colorize train photo-64 && "
    "colorize experiment photographs --photo runs/photo.safetensors --beside runs/photo-64.safetensors",
    "photo-trials": "python tools/photo_trials.py DATA -o results/photo-trials.json",
    "transfer-curves": "colorize experiment transfer",
    "subsets": "colorize experiment subsets",
    "seeds": "colorize experiment seeds",
}
#: Of a result's ``design``: what are options of its command.
_OPTIONS = ("recipe", "size", "epochs", "minutes", "train", "dev", "test", "limit", "seeds", "passes")


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
        What :func:`~colorize_lib.measuring.results.read_result` gives, or what a network says of itself, in
        ``Colorizer.meta``.

    Raises
    ------
    KeyError
        If it does not say who made it when: such a number has no place in the book.
    """
    name = result["name"]
    network = result.get("weights", result)
    experiment = result.get("experiment", name)
    if experiment in _EXPERIMENTS:
        asked = {option: result["design"][option] for option in _OPTIONS if option in result.get("design", {})}
        asked |= {"seeds": result["seeds"]} if "seeds" in result else {}
        options = "".join(f" --{option} {value}" for option, value in asked.items())
        file, command = f"results/{name}.json", _EXPERIMENTS[experiment] + options
        if not result.get("shipped", True):
            trained = len({one["seed"] for one in result["classifiers"]})
            command = f"colorize experiment vgg --seeds {trained} && {command} --folder runs/vgg"
    elif network is result:
        file, command = f"colorize_lib/weights/{name}.safetensors", f"colorize train {name}"
    else:
        measure = f"colorize evaluate runs/{name}.safetensors --output results"
        file, command = f"results/{name}.json", f"colorize train {name} && {measure}"
    hardware = re.sub(r"\b1 threads\b", "1 thread", network["hardware"])  # as older results say
    facts = (network["commit"], _data(result), hardware, result["date"])
    return Source(file, _recipe(result), *facts, command)


def _recipe(result: Mapping) -> str:
    """What was trained, how long, and from which seeds, in words."""
    if "networks" in result:
        return ", ".join(f"{one['name']} ({_length(one)})" for one in result["networks"].values())
    if result["name"] == "photo-trials":
        return f"{len(result['rows'])} trainings of {result['minutes']:g} minutes of processor time each"
    if "runs" in result:
        design = result["design"]
        length = f" of {design['steps']:,} steps" if "steps" in design else ""
        return f"{len(result['runs'])} trainings{length}, {design['seeds']} seeds"
    if "classifier" in result:
        return f"{result['classifier']} as published; colours by {', '.join(result['colorizers'])}"
    if "shipped" in result:
        names = dict.fromkeys(one["name"] for one in result["classifiers"])
        seeds = sorted({one["seed"] for one in result["classifiers"]})
        of_seeds = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
        return f"{', '.join(names)}, {of_seeds}; colours by {', '.join(result['colorizers'])}"
    if "curves" in result:
        seeds = sorted({curve["seed"] for curve in result["curves"]})
        return f"transfer, {len(result['curves'])} trainings, seeds {', '.join(map(str, seeds))}"
    recipe = result.get("weights", result)["recipe"]
    seeds = f"{result['seeds']} seeds" if "seeds" in result else f"seed {recipe['seed']}"
    size = f" at {recipe['size']} pixels" if "classifiers" in result and recipe["size"] != 32 else ""
    return f"{recipe['name']}{size}, {_length(recipe)}, {seeds}"


def _length(recipe: Mapping) -> str:
    """How long a recipe trains: by the clock, or so many passes over the pictures."""
    return f"{recipe['minutes']:g} minutes" if recipe.get("minutes") else f"{recipe['epochs']} epochs"


def _data(result: Mapping) -> str:
    """The copies of the data and how many pictures, in words."""
    if "data" not in result:
        parts, kind = list(result["sets"].values()), "test"
    elif "test" in result["data"]:
        parts, kind = [result["data"]["test"]], "test"
    else:
        parts, kind = [result["data"]], "training"
    return "; ".join(f"{part['images']:,} {kind} images of {part['source']}" for part in parts)


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
