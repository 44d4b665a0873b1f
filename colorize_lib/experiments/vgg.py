"""Does colour help a classifier? The poster's second task with the controls that decide it.

Three classifiers that differ in nothing but the colours of the pictures they learned from
(:data:`COLUMNS`) are shown the test pictures in many versions (:data:`~colorize_lib.experiments.versions.VERSIONS`
and those of :data:`CHOICES`), several times with other seeds.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..data.cifar10 import load_cifar10
from ..data.examples import embedded_cifar10
from ..data.images import Images, thinned
from ..errors import InputError
from ..files import atomic_path
from ..inference.classifier import Classifier
from ..measuring.results import read_result, rounded
from ..measuring.tables import tables
from ..record import begin, command_line, counted, digest, head, recipe_in_words
from .asking import Choice, ask, best, choose, fingerprint
from .versions import VERSIONS, Colour, make_variants

if TYPE_CHECKING:
    from ..training.classifier import ClassifierRecipe


#: What classifiers learn from. The coloured pictures are as the poster made them: its T = 0.89.
COLUMNS = {"colour": VERSIONS["truth"], "grey": VERSIONS["grey"], "coloured": VERSIONS["annealed-0.89"]}
#: The classifiers that come with the package, by column.
SHIPPED = {column: f"vgg-{column}" for column in COLUMNS}


#: ``dial`` rebalances after training; lambda 1 would be ``annealed-best`` again.
CHOICES = {
    "annealed-best": Choice("classification"),
    "rebalanced": Choice("rebalanced"),
    "dial": Choice("classification", (0.9, 0.8, 0.7, 0.6, 0.5, 0.3)),
}


def run_vgg(
    folder: str | Path | None = None,
    root: str | Path | None = None,
    seeds: int = 3,
    train: int = 10_000,
    epochs: int | None = None,
    limit: int | None = None,
    recipe: str = "vgg32",
    size: int | None = None,
    minutes: float | None = None,
    dev: int = 5_000,
    test: int = 5_000,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict:
    """The whole experiment: train what is missing, choose on dev, measure on test.

    Parameters
    ----------
    folder
        Where finished classifiers are kept and, after every epoch, a checkpoint. Calling again with
        the same folder takes up what is there. ``runs/<name>`` if None.
    root
        Where CIFAR-10 is: see :func:`~colorize_lib.data.cifar10.load_cifar10`.
    seeds
        How many classifiers to train for each column: seeds 0, 1, ...
    train
        On how many pictures: 10,000 as the poster did, or all 50,000.
    epochs
        Passes over them; the recipe's if None.
    limit
        Use only so many pictures of each split, a quick trial.
    recipe
        A key of :data:`~colorize_lib.training.classifier.CLASSIFIER_RECIPES`.
    size
        Side of what the network sees, in pixels; the recipe's if None.
    minutes
        Train each classifier for so long, and not for so many passes.
    dev, test
        On how many pictures settings are chosen, and how many are measured: the first of each class. 1,000 are the
        poster's. Large networks take longer to be asked than to be trained.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    dict
        The contents of ``results/<name>.json``, ``name`` being ``vgg`` for the default recipe and
        10,000 pictures, and more for others and for a trial. ``sets`` holds the
        :func:`~colorize_lib.measuring.tables.tables` of the test pictures and of the poster's 1,000 among them.
        ``design`` holds what was asked to be different.
    """
    from ..training.classifier import get_classifier_recipe

    started = begin()
    if epochs is not None and minutes is not None:
        raise InputError("Give --epochs or --minutes, not both: one or the other says how long to train.")
    asked = {"size": size, "epochs": epochs, "minutes": minutes}
    base = get_classifier_recipe(recipe, **asked)
    name = _name(base, train, limit)
    folder = Path(folder or f"runs/{name}")
    images, all_dev, all_test = _load(root, train, limit)
    poster_dev, poster_test = poster_subset(all_dev), poster_subset(all_test)
    chosen_on, shown = first_of_each_class(all_dev, dev), first_of_each_class(all_test, test)
    classifiers = train_columns(base, seeds, images, all_dev[poster_dev], folder, device, progress)
    trained = time.perf_counter()
    sweep = kept_choices(folder, classifiers["colour"], all_dev[chosen_on], device, progress)
    versions = VERSIONS | {row: best(sweep, row) for row in CHOICES}
    versions["truth"] = versions.pop("truth")  # the last row
    pictures = all_test[shown]
    answers = ask(classifiers, pictures, versions, device, progress)
    measuring_seconds = round(time.perf_counter() - trained)
    parts = {"test": np.arange(len(shown)), "vgg-test": np.flatnonzero(np.isin(shown, poster_test))}
    design = _design(recipe=recipe, **asked, train=train, dev=dev, test=test, limit=limit)
    command = command_line("colorize experiment vgg", **design, seeds=seeds)
    at_size = f" at {base.size} pixels" if base.size != 32 else ""
    trained_in_words = recipe_in_words({**asdict(base), "name": base.name + at_size}, seeds)
    data = counted(train=images, dev=all_dev[chosen_on], test=pictures)
    return {
        **head(name, command, trained_in_words, data, classifiers["colour"][0].device, started),
        "rows": {row: colour.settings() for row, colour in versions.items()},
        "columns": {column: colour.settings() for column, colour in COLUMNS.items()},
        "sets": rounded({name: _part(answers, pictures, index) for name, index in parts.items()}),
        "dev": rounded(sweep),
        "classifiers": rounded([describe(one) for column in classifiers.values() for one in column]),
        "recipe": asdict(base),
        "seeds": seeds,
        "training_seconds": round(
            sum(e["seconds"] for c in classifiers.values() for one in c for e in one.meta["history"])
        ),
        "measuring_seconds": measuring_seconds,
    }


def run_quick(device: torch.device | str | None = None, progress: bool = True) -> dict:
    """The same tables from the shipped classifiers and the 20 embedded pictures: how it works, not what comes out.

    Versions with settings chosen on dev are there if the full result is, which knows the settings.
    """
    started = begin()
    classifiers = {column: [Classifier.load(name, device)] for column, name in SHIPPED.items()}
    images = embedded_cifar10()
    try:
        versions = {row: Colour(**colour) for row, colour in read_result("vgg")["rows"].items()}
    except InputError:
        versions = VERSIONS
    answers = ask(classifiers, images, versions, device, progress)
    described = [describe(one) for column in classifiers.values() for one in column]
    trained, command = in_words(described, {c.source for c in versions.values()}), "colorize experiment vgg --quick"
    return {
        **head("vgg-quick", command, trained, counted(test=images), classifiers["colour"][0].device, started),
        "rows": {row: colour.settings() for row, colour in versions.items()},
        "sets": rounded({"embedded": _part(answers, images, np.arange(len(images)))}),
        "classifiers": rounded(described),
    }


def train_columns(
    recipe: "ClassifierRecipe",
    seeds: int,
    images: Images,
    dev: Images,
    folder: Path,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict[str, list[Classifier]]:
    """The classifiers of every column, one a seed; those that ``folder`` holds already are loaded.

    Parameters
    ----------
    recipe
        A :class:`~colorize_lib.training.classifier.ClassifierRecipe`; its seed is not looked at.
    images, dev
        The true pictures to learn from, and to follow the training on.
    """
    from dataclasses import replace

    from ..training.classifier import train_classifier

    versions = make_variants(images.rgb, COLUMNS, device=device, progress=progress)
    dev_versions = make_variants(dev.rgb, COLUMNS, device=device)
    true = digest(images.rgb, images.label)
    classifiers: dict[str, list[Classifier]] = {column: [] for column in COLUMNS}
    for seed in range(seeds):
        for column, colour in COLUMNS.items():
            path = train_classifier(
                replace(recipe, seed=seed),
                Images(versions[column], images.label, images.source, images.classes),
                Images(dev_versions[column], dev.label, dev.source, dev.classes),
                folder / f"{recipe.network}-{column}-{seed}.safetensors",
                f"{recipe.network}-{column}",
                {"colour": colour.settings(), "colorizer": fingerprint(colour), "sha256": true},
                device,
                progress,
            )
            classifiers[column].append(Classifier.load(path, device))
    return classifiers


def kept_choices(
    folder: Path,
    classifiers: Sequence[Classifier],
    dev: Images,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> list[dict]:
    """What ``choose`` returns, from ``folder/choices.json`` if that was made by the same networks.

    It is most of the experiment's measuring, and a new row of the tables needs none of it.
    """

    networks = {choice.source: fingerprint(Colour(choice.source)) for choice in CHOICES.values()}
    states = [digest(*one.network.state_dict().values()) for one in classifiers]
    made_by = {"classifiers": states, "colorizers": networks, "dev": digest(dev.rgb, dev.label)}
    candidates = [
        {"row": row, **colour.settings()} for row, choice in CHOICES.items() for colour in choice.candidates()
    ]
    path = folder / "choices.json"
    kept = _read_choices(path)
    if (kept.get("made_by"), kept.get("candidates")) != (made_by, candidates):
        sweep = choose(classifiers, dev, CHOICES, device, progress)
        kept = {"made_by": made_by, "candidates": candidates, "sweep": sweep}
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(kept))
    return kept["sweep"]


def _read_choices(path: Path) -> dict:
    """Nothing if the file is not there or damaged: it can be made again."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _part(answers: dict[str, dict[str, np.ndarray]], images: Images, index: np.ndarray) -> dict:
    """The tables of the pictures at ``index`` alone."""
    some = {column: {row: p[:, index] for row, p in rows.items()} for column, rows in answers.items()}
    return tables(some, images.label.numpy()[index], images.classes)


def poster_subset(images: Images) -> np.ndarray:
    """Which pictures of dev or test are the poster's 1,000: the first fifth of every class."""
    return first_of_each_class(images, len(images) // 5)


def first_of_each_class(images: Images, count: int) -> np.ndarray:
    """Which pictures are the first ``count`` if every class has its share, and at least one: ``(about count,)``."""
    classes = [np.flatnonzero(images.label.numpy() == k) for k in images.label.unique().tolist()]
    return np.concatenate([one[: max(1, len(one) * count // len(images))] for one in classes])


def _load(root: str | Path | None, train: int, limit: int | None) -> tuple[Images, Images, Images]:
    splits = {10_000: "vgg-train", 50_000: "train"}
    if train not in splits:
        raise InputError(f"The training pictures are 10000 or 50000, not {train}.")
    images, dev, test = (load_cifar10(split, root) for split in (splits[train], "dev", "test"))
    if limit:
        some = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:limit]
        images, dev, test = images[some], thinned(dev, limit), thinned(test, limit)
    return images, dev, test


def _design(**asked: str | float | None) -> dict:
    """What was asked to be different from the experiment as it comes, by the option's name."""
    usual = {"recipe": "vgg32", "train": 10_000, "dev": 5_000, "test": 5_000}
    return {option: value for option, value in asked.items() if value not in (None, usual.get(option))}


def _name(recipe: "ClassifierRecipe", train: int, limit: int | None) -> str:
    """Of the result: a trial, or one of another length, size or data, does not take the place of the recipe's own."""
    from ..training.classifier import CLASSIFIER_RECIPES

    parts = [
        "vgg" if recipe.name == "vgg32" else recipe.name,
        *([str(recipe.size)] if recipe.size != CLASSIFIER_RECIPES[recipe.name].size else []),
        *([f"{recipe.minutes:g}min"] if recipe.minutes else []),
        *(["50000"] if train == 50_000 else []),
        *(["trial"] if limit else []),
    ]
    return "-".join(parts)


def in_words(classifiers: Sequence[Mapping], colorizers: Iterable[str]) -> str:
    """Which networks were asked, of which seeds, by what :func:`describe` says, and what coloured the pictures."""
    names = dict.fromkeys(one["name"] for one in classifiers)
    seeds = sorted({one["seed"] for one in classifiers})
    of_seeds = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
    return f"{', '.join(names)}, {of_seeds}; colours by {', '.join(colorizers)}"


def describe(classifier: Classifier) -> dict:
    """What the result says of a classifier: its metadata without what all share, and of its epochs the last."""
    meta, dropped = classifier.meta, ("recipe", "run", "config", "classes", "history", "kind")
    last = {key: value for key, value in meta["history"][-1].items() if key not in ("images", "seconds")}
    return {**{k: v for k, v in meta.items() if k not in dropped}, "seed": meta["recipe"]["seed"], "last_epoch": last}
