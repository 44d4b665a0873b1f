"""Would another seed say the same? The colorizers of chapters 2 to 6, each trained several times, compared in pairs.

A seed decides the initial weights, the order of the pictures, and how each is flipped and shifted. All else is the
recipe's, but for the passes: the shipped networks have more of them, and one seed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..colour.gamut import Gamut
from ..data.cifar10 import load_cifar10
from ..data.images import Images, thinned
from ..device import pick_device
from ..errors import InputError
from ..inference.colorizer import Colorizer
from ..measuring.by_picture import MEASURES, measures
from ..measuring.by_picture import numbers as numbers_of
from ..measuring.evaluate import Judge, decoded, predicted
from ..measuring.results import rounded
from ..measuring.statistics import bootstrap_means, draw_seeds
from ..record import begin, command_line, counted, digest, head
from .repeated import table_of_seeds, taken_up, training_facts

if TYPE_CHECKING:
    from ..training.recipes import Recipe

#: Passes over the 50,000 pictures, about ten minutes each on one core. The transfer network's first leaves its encoder
#: as it came.
PASSES = {"regression": 3, "classification": 3, "rebalanced": 3, "transfer": 2}
#: At which a distribution is read: its mean, the poster's temperature, the best for AuC on dev, and the paper's.
TEMPERATURES = (1.0, 0.89, 0.6, 0.38)
#: The lambda of the rebalanced network's training. The plain network is also read with it as a dial.
LAM = 0.5


@dataclass(frozen=True)
class Setting:
    """A network, and the temperature and lambda at which it is read; no temperature if it has no distribution."""

    network: str
    temperature: float | None = None
    lam: float = 1.0


#: What the chapters compare: the other minus the one.
PAIRS = (
    (Setting("regression"), Setting("classification", 1.0)),
    (Setting("regression"), Setting("classification", 0.38)),
    (Setting("classification", 1.0), Setting("classification", 0.89)),
    (Setting("classification", 0.38), Setting("classification", 0.89)),
    (Setting("classification", 0.6), Setting("classification", 0.89)),
    (Setting("classification", 1.0), Setting("rebalanced", 1.0)),
    (Setting("classification", 0.38), Setting("rebalanced", 0.38)),
    (Setting("classification", 1.0, LAM), Setting("rebalanced", 1.0)),
    (Setting("classification", 0.38, LAM), Setting("rebalanced", 0.38)),
    (Setting("classification", 1.0), Setting("transfer", 1.0)),
    (Setting("classification", 0.38), Setting("transfer", 0.38)),
)


def settings(network: str) -> list[Setting]:
    """At which a network is read."""
    if network == "regression":
        return [Setting(network)]
    dials = [(t, 1.0) for t in TEMPERATURES] + [(t, LAM) for t in TEMPERATURES] * (network == "classification")
    return [Setting(network, *dial) for dial in dials]


def run_seeds(
    folder: str | Path = "runs/seeds",
    root: str | Path | None = None,
    seeds: int = 3,
    full: bool = False,
    limit: int | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict:
    """Train and measure what ``folder`` does not hold yet, and compare.

    Parameters
    ----------
    folder
        For checkpoints, weights and, of every finished training, the numbers of each test picture. Calling again with
        the same folder takes up what is there.
    root
        Where CIFAR-10 is: see :func:`~colorize_lib.data.cifar10.load_cifar10`.
    seeds
        How many trainings of each network.
    full
        Train for as many passes as the recipes say, not for :data:`PASSES`: hours on a processor.
    limit
        Learn from and measure on few pictures, in one pass: a quick trial.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    dict
        The contents of ``results/seeds.json``. ``runs`` has one entry a training; ``rows``, ``pairs`` and ``grey`` are
        what :func:`compare` returns.

    Raises
    ------
    InputError
        As :func:`~colorize_lib.training.learner.train` does, or with fewer than two seeds.
    """
    if seeds < 2:
        raise InputError(f"At least two seeds are needed to know how much they differ, not {seeds}.")
    started = begin()
    images, dev, test = (thinned(load_cifar10(split, root, progress), limit) for split in ("train", "dev", "test"))
    judge, runs = Judge(test, Gamut()), []
    numbers: dict[tuple[Setting, int], np.ndarray] = {}
    for seed in range(seeds):
        for network in PASSES:
            recipe = short_recipe(network, seed, full, limit)
            facts, found = _taken_up(recipe, network, images, dev, judge, Path(folder), device, progress)
            numbers |= {(one, seed): found[_key(one)] for one in settings(network)}
            runs.append({"network": network, "seed": seed, "epochs": recipe.epochs, **facts})
    found = rounded(compare(numbers, seeds, numbers_of(torch.zeros_like(judge.ab), judge)))
    command = command_line("colorize experiment seeds" + " --full" * full, seeds=seeds, limit=limit)
    trained, data = f"{len(runs)} trainings, {seeds} seeds", counted(train=images, dev=dev, test=test)
    return {
        **head("seeds-trial" if limit else "seeds", command, trained, data, pick_device(device), started),
        "design": {"seeds": seeds, "full": full},
        "training_seconds": round(sum(run["seconds"] for run in runs)),
        "runs": rounded(runs),
        **found,
    }


def short_recipe(network: str, seed: int, full: bool = False, limit: int | None = None) -> "Recipe":
    """A network's recipe with another seed and, if not in full, fewer passes."""
    from ..training.recipes import get_recipe  # fastai is needed for training alone

    recipe = replace(get_recipe(network), name=f"{network}-{seed}", seed=seed)
    if limit:  # names of their own, so that one folder may hold all kinds
        return replace(recipe, name=f"{recipe.name}-trial", epochs=1, batch=min(recipe.batch, limit), frozen=0)
    return replace(recipe, name=f"{recipe.name}-full") if full else replace(recipe, epochs=PASSES[network])


def _taken_up(
    recipe: "Recipe", network: str, images: Images, dev: Images, judge: Judge, folder: Path,
    device: torch.device | str | None, progress: bool,
) -> tuple[dict, dict[str, np.ndarray]]:  # fmt: skip
    """What is known of a training, and its numbers by setting: what the folder holds, or made now and kept."""
    from ..training.learner import train

    made_by = {
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "pictures": digest(images.rgb),
        "test": digest(judge.rgb),
        "settings": [_key(one) for one in settings(network)],
    }

    def make() -> tuple[dict, dict[str, np.ndarray]]:
        if progress:
            print(f"{recipe.name}: {recipe.epochs} epochs of {len(images):,} pictures")
        colorizer = Colorizer.load(train(recipe, images, dev, folder, device=device, progress=progress), device)
        prediction = predicted(colorizer, judge)
        return training_facts(colorizer.meta), {
            _key(one): numbers_of(decoded(colorizer, prediction, one.temperature or 1.0, one.lam), judge)
            for one in settings(network)
        }

    return taken_up(folder / f"{recipe.name}.npz", made_by, make)


def _key(one: Setting) -> str:
    """What a setting's numbers are called in the folder."""
    return f"T {one.temperature} lambda {one.lam}"


def compare(numbers: Mapping[tuple[Setting, int], np.ndarray], seeds: int, grey: np.ndarray) -> dict:
    """All settings, and the differences of :data:`PAIRS`, with 95 % intervals over pictures and seeds.

    In every resample the pictures are drawn anew, the same for all networks, and of each network so are its seeds: see
    :func:`~colorize_lib.measuring.statistics.draw_seeds`.

    Parameters
    ----------
    numbers
        By setting and seed: :func:`~colorize_lib.measuring.by_picture.numbers`.
    grey
        Those of no colour.

    Returns
    -------
    dict
        ``rows`` has one entry a setting, ``pairs`` one a pair, with for each of ``MEASURES`` ``mean``, ``low``,
        ``high`` and ``seeds``, the numbers of each seed (of a pair, of the two networks of that seed). A row's
        ``between_seeds`` is the largest distance between two of its seeds. A pair's is the larger of its two rows', or,
        for two settings of one network, the largest distance between two seeds' differences.
        ``grey`` are the measures of no colour.
    """
    keys = [(one, seed) for network in PASSES for one in settings(network) for seed in range(seeds)]
    every = np.column_stack([numbers[key] for key in keys])  # (N, settings * seeds * 12)
    of_seed, resampled = (_by_setting(mean, keys) for mean in (every.mean(0), bootstrap_means(every)))
    streams = {network: i for i, network in enumerate(PASSES)}
    drawn = {one: draw_seeds(values, streams[one.network]) for one, values in resampled.items()}
    spread = {one: np.ptp(values, axis=0) for one, values in of_seed.items()}
    return {
        "grey": _named(measures(grey.mean(0))),
        "rows": [
            asdict(one)
            | {"measures": table_of_seeds(MEASURES, of_seed[one], drawn[one]), "between_seeds": _named(spread[one])}
            for one in of_seed
        ],
        "pairs": [
            {"one": asdict(one), "other": asdict(other)}
            | {"measures": table_of_seeds(MEASURES, of_seed[other] - of_seed[one], drawn[other] - drawn[one])}
            | {"between_seeds": _named(_apart(of_seed[one], of_seed[other], one.network == other.network))}
            for one, other in PAIRS
        ],
    }


def pair(pairs: Sequence[Mapping[str, Any]], one: Setting, other: Setting) -> Mapping[str, Any]:
    """The comparison of two settings, of those that :func:`compare` returns.

    Raises
    ------
    KeyError
        If they were not compared.
    """
    for found in pairs:
        if (found["one"], found["other"]) == (asdict(one), asdict(other)):
            return found
    raise KeyError(f"{one} and {other} were not compared.")


def _apart(one: np.ndarray, other: np.ndarray, paired: bool) -> np.ndarray:
    """The yardstick of a pair, from the measures of each seed, ``(S, 8)`` both: ``(8,)``."""
    parts = [other - one] if paired else [one, other]
    return np.max([np.ptp(part, axis=0) for part in parts], axis=0)


def _by_setting(mean: np.ndarray, keys: Sequence[tuple[Setting, int]]) -> dict[Setting, np.ndarray]:
    """Means of the columns of all keys, ``(..., keys * 12)``: of each setting the measures, ``(seeds, ..., 8)``."""
    found: dict[Setting, list[np.ndarray]] = {}
    for (one, _), part in zip(keys, np.split(mean, len(keys), axis=-1), strict=True):
        found.setdefault(one, []).append(measures(part))
    return {one: np.stack(parts) for one, parts in found.items()}


def _named(values: np.ndarray) -> dict[str, float]:
    return dict(zip(MEASURES, values.tolist(), strict=True))
