"""What experiments that train a network several times have in common.

The numbers of each picture are kept in a file beside the trained network, so that a stopped experiment takes them up.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..files import atomic_path, read_arrays
from ..measuring.statistics import with_interval


def taken_up(
    path: Path, made_by: dict, make: Callable[[], tuple[dict, dict[str, np.ndarray]]]
) -> tuple[dict, dict[str, np.ndarray]]:
    """What is known of a training, and its numbers by name: those that a file holds, or made now and kept there.

    Parameters
    ----------
    path
        An ``.npz``.
    made_by
        Plain data. Numbers that something else made, or that cannot be read, are made again.
    make
        Gives what is known, as plain data, and the numbers.
    """
    kept = read_numbers(path)
    if kept is None or kept[0].get("made_by") != made_by:
        facts, numbers = make()
        kept = {"made_by": made_by, "facts": facts}, numbers
        keep_numbers(path, *kept)
    return kept[0]["facts"], kept[1]


def keep_numbers(path: Path, head: dict, numbers: Mapping[str, np.ndarray]) -> None:
    """Write arrays by name, and plain data that says what they are, to an ``.npz``; whole or not at all."""
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **{"head": np.array(json.dumps(head)), **numbers})  # type: ignore[arg-type]  # no file is a bool


def read_numbers(path: Path) -> tuple[dict, dict[str, np.ndarray]] | None:
    """What :func:`keep_numbers` wrote; None if it is not there or damaged, since it can be made again."""
    found = read_arrays(path)
    if not found:
        return None
    try:
        return json.loads(str(found.pop("head"))), found
    except (ValueError, KeyError):
        return None


def training_facts(meta: Mapping) -> dict:
    """What a result says of a training, from the metadata of its weights."""
    last = {key: meta["history"][-1][key] for key in ("train_loss", "dev_loss")}
    facts = {key: meta[key] for key in ("parameters", "images_per_second", "hardware", "date", "commit")}
    return last | facts | {"seconds": sum(epoch["seconds"] for epoch in meta["history"])}


def table_of_seeds(names: Sequence[str], of_seed: np.ndarray, drawn: np.ndarray) -> dict[str, dict[str, Any]]:
    """Means over seeds with 95 % intervals.

    Parameters
    ----------
    names
        Of the M measures.
    of_seed
        ``(S, M)``: of each training.
    drawn
        ``(R, M)``: resampled, of :func:`~colorize_lib.measuring.statistics.draw_seeds`.

    Returns
    -------
    dict
        By name ``mean``, ``low``, ``high`` and ``seeds``, the numbers of each.
    """
    table = {}
    for i, name in enumerate(names):
        values = of_seed[:, i]
        table[name] = with_interval(values.mean(), drawn[:, i]) | {"seeds": values.tolist()}
    return table


def beyond_chance(change: Mapping[str, float], between_seeds: float) -> bool:
    """Whether a difference between two trainings is more than chance.

    Its interval leaves out 0, and it is larger than what two seeds of one of them differ by.

    Parameters
    ----------
    change
        With ``mean``, ``low`` and ``high``, as of :func:`table_of_seeds`.
    between_seeds
        The largest distance between two seeds.
    """
    return change["low"] * change["high"] > 0 and abs(change["mean"]) > between_seeds
