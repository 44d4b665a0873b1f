"""What a result says of how it came about: its head, which :func:`head` alone writes."""

import hashlib
import os
import platform
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

#: What of a recipe ``colorize train`` takes as an option of that name.
_OPTIONS = ("epochs", "minutes", "still", "batch", "lr", "lam", "seed", "size", "small")


class Start(NamedTuple):
    """When a run began, in seconds of ``time.perf_counter``, and at which commit."""

    seconds: float
    commit: str


def begin() -> Start:
    """To be called first: the checkout may change while a long run goes on."""
    return Start(time.perf_counter(), git_commit())


def head(
    name: str, command: str, trained: str, data: Mapping[str, Mapping], device: torch.device | str, started: Start
) -> dict[str, Any]:
    """What every result file says first; the numbers follow.

    Parameters
    ----------
    name
        Of the file, without its ending: ``results/<name>.json``.
    command
        What makes the result again: see :func:`command_line`.
    trained
        In words: what was trained, how long and from which seeds, or which networks were asked.
    data
        What :func:`counted` says of the pictures. ``train`` were learned from, ``dev`` chosen on, and all others
        measured on.
    device
        What it was made on.
    started
        What :func:`begin` returned.

    Returns
    -------
    dict
        ``name``, ``command``, ``trained``, ``commit``, ``hardware``, ``torch``, ``date``, ``data``, and ``seconds``,
        from ``started`` to now. Whatever of these was not recorded with an older result is ``"unknown"`` in its file.
    """
    return {
        "name": name,
        "command": command,
        "trained": trained,
        "commit": started.commit,
        "hardware": hardware(torch.device(device)),
        "torch": torch.__version__,
        "date": time.strftime("%Y-%m-%d"),
        "data": dict(data),
        "seconds": round(time.perf_counter() - started.seconds, 1),
    }


def counted(**splits) -> dict[str, dict[str, Any]]:
    """Of each split of the pictures, :class:`~colorize_lib.data.images.Images`, which copy it is and how many."""
    return {name: {"source": images.source, "images": len(images)} for name, images in splits.items()}


def command_line(command: str, **options: str | float | None) -> str:
    """A command with its options, but for those that are None.

    Examples
    --------
    >>> command_line("colorize experiment subsets", seeds=2, limit=None)
    'colorize experiment subsets --seeds 2'
    """
    return command + "".join(f" --{name} {value}" for name, value in options.items() if value is not None)


def trainings(*networks: Mapping) -> tuple[str, list[str]]:
    """What trains networks again, by their weights' metadata, and where their files then are.

    Returns
    -------
    str, list of str
        Commands that end in ``" && "``, and a file or name for each network. One that was not trained by a recipe of
        ours is taken by its name.

    Examples
    --------
    >>> trainings({"name": "photo", "recipe": {"name": "photo"}}, {"name": "eccv16"})
    ('colorize train photo && ', ['runs/photo.safetensors', 'eccv16'])
    """
    by_name = {network["name"]: network for network in networks}
    ours = {name: training(network) for name, network in by_name.items() if "recipe" in network}
    commands = "".join(f"{command} && " for command in ours.values())
    return commands, [f"runs/{name}.safetensors" if name in ours else name for name in by_name]


def training(network: Mapping) -> str:
    """What trains a network again, by its weights' metadata: one command, or several if it went on from its own recipe.

    Examples
    --------
    >>> first = {"name": "photo", "recipe": {"name": "photo", "minutes": 68.0}}
    >>> training({"name": "photo", "recipe": {"name": "photo", "minutes": 80.0}, "start": first})
    'colorize train photo -o runs/1 && colorize train photo --start runs/1/photo.safetensors --minutes 80'
    """
    name, recipe = network["name"], network["recipe"]
    first, *later = trainings_of(network)
    if not later:
        return f"colorize train {name}"
    folder = f"runs/{len(later)}"
    # What is not asked for is as in the recipe, and so as in the first, whatever the one before had. Weights
    # from before an option was thought of do not name it: it was 0.
    asked, usual = ({key: one.get(key, 0) for key in _OPTIONS} for one in (recipe, first["recipe"]))
    changed = {key: f"{asked[key]:g}" for key in _OPTIONS if asked[key] != usual[key]}
    again = command_line(f"colorize train {name} --start {folder}/{name}.safetensors", **changed)
    return f"{training(network['start'])} -o {folder} && {again}"


def trainings_of(network: Mapping) -> list[Mapping]:
    """What led to a network, by its weights' metadata: itself, and before it what it went on from in its own recipe.

    Examples
    --------
    >>> first = {"name": "photo", "minutes": 68}
    >>> [one["minutes"] for one in trainings_of({"name": "photo", "minutes": 80, "start": first})]
    [68, 80]
    """
    start = network.get("start") or {}
    return [*(trainings_of(start) if start.get("name") == network["name"] else []), network]


def recipe_in_words(recipe: Mapping, seeds: int | None = None) -> str:
    """Name, length and seed of a recipe, or how many seeds.

    Examples
    --------
    >>> recipe_in_words({"name": "regression", "epochs": 30, "seed": 0})
    'regression, 30 epochs, seed 0'
    """
    of_seeds = f"seed {recipe['seed']}" if seeds is None else f"{seeds} seeds"
    return singular(f"{recipe['name']}, {how_long(recipe)}, {of_seeds}")


def how_long(recipe: Mapping) -> str:
    """How long a recipe trains: by the clock, or so many passes over the pictures."""
    return f"{recipe['minutes']:g} minutes" if recipe.get("minutes") else f"{recipe['epochs']} epochs"


def trained_for(network: Mapping) -> str:
    """How long a network was trained in all, by its weights' metadata.

    Examples
    --------
    >>> first = {"name": "photo", "recipe": {"minutes": 68.0}}
    >>> trained_for({"name": "photo", "recipe": {"minutes": 80.0}, "start": first})
    '148 minutes'
    """
    recipes = [one["recipe"] for one in trainings_of(network)]
    return how_long({key: sum(recipe.get(key) or 0 for recipe in recipes) for key in ("minutes", "epochs")})


def digest(*tensors: torch.Tensor) -> str:
    """sha256 of the tensors' bytes."""
    sha256 = hashlib.sha256()
    for tensor in tensors:
        sha256.update(tensor.cpu().contiguous().numpy().tobytes())
    return sha256.hexdigest()


def hardware(device: torch.device) -> str:
    """The GPU's name, or how many threads of what processor, and how many of them if several train together."""
    processes = int(os.environ.get("WORLD_SIZE", 1))  # as torchrun and accelerate say
    several = f"{processes} x " if processes > 1 else ""
    if device.type == "cuda":
        return several + torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{several}{threads} thread{'s' if threads != 1 else ''} of {platform.machine()}"


def singular(words: str) -> str:
    """A description in which one thing is no plural: older ones say "1 threads"."""
    return re.sub(r"\b1 (thread|seed|epoch)s\b", r"1 \1", words)


def git_commit() -> str:
    """The commit of the package's own checkout, or "unknown" for an installed copy."""
    try:
        command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
