"""Does a larger data set generalise better? One network learns from more and more pictures of one kind.

Subsets of Tiny ImageNet, each part of the next, the same network and the same number of steps: with few pictures each
is seen more often. Then kinds against pictures: as many pictures of fewer kinds of things. All pictures are reduced to
32 pixels, to learn from and to be coloured, and the colours are judged at each picture's own size.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tqdm.auto import tqdm

from ..colour.gamut import Gamut
from ..data.cifar10 import load_cifar10
from ..data.images import Images, thinned
from ..data.photographs import load_photographs
from ..data.subsets import Subset, draw
from ..data.tiny_imagenet import load_tiny_imagenet
from ..device import pick_device
from ..errors import InputError
from ..inference.colorizer import Colorizer
from ..measuring.exam import COLUMNS, MEASURES, SIDE, Exam, measures, reduced
from ..measuring.results import rounded
from ..measuring.statistics import bootstrap_means, draw_seeds
from ..record import begin, command_line, counted, digest, head
from .repeated import table_of_seeds, taken_up, training_facts

if TYPE_CHECKING:
    from ..training.recipes import Recipe


#: Narrow where there are most pixels: half the time of chapter 3's U-Net for as many steps.
WIDTHS = (32, 64, 128, 256)


#: So many of the pictures that a network has learned from are shown to it again.
SEEN = 2000


@dataclass(frozen=True)
class Design:
    """What is trained.

    Attributes
    ----------
    kinds, each
        Of the largest subset. ``kinds`` is a multiple of 4 and ``each`` of 8.
    batch
        Pictures a step. The smallest subset holds a multiple of it, so that no picture is left out of any.
    passes
        Over the largest subset; the others are repeated until they have had as many steps.
    """

    kinds: int = 200
    each: int = 240
    batch: int = 60
    passes: int = 2

    def subsets(self) -> list[Subset]:
        """An eighth, a quarter, half and all of the pictures of all kinds, then a quarter of the kinds."""
        return [*(Subset(self.kinds, self.each // part) for part in (8, 4, 2, 1)), Subset(self.kinds // 4, self.each)]

    def steps(self) -> int:
        """Of each training."""
        return self.passes * self.kinds * self.each // self.batch

    def recipe(self, subset: Subset, seed: int) -> "Recipe":
        """The recipe of chapter 3, but for a narrower U-Net and for so many steps."""
        from ..training.recipes import get_recipe  # fastai is needed for training alone

        epochs = self.passes * self.kinds * self.each // subset.pictures
        base = replace(get_recipe("classification"), name=f"{subset.name}-{seed}", data="tiny-imagenet", widths=WIDTHS)
        return replace(base, epochs=epochs, batch=self.batch, seed=seed)


def trial(limit: int) -> Design:
    """The same with 8 kinds of things, and as few pictures of each as ``limit`` pictures allow."""
    return Design(8, 8 * max(1, limit // 64), 8, 1)


def run_subsets(
    folder: str | Path = "runs/subsets",
    root: str | Path | None = None,
    cifar: str | Path | None = None,
    seeds: int = 2,
    passes: int | None = None,
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
        The folder with Tiny ImageNet and the photographs: see :func:`~colorize_lib.data.photographs.load_photographs`.
    cifar
        Where CIFAR-10 is; looked for in ``root`` if None.
    seeds
        How many trainings on each subset, at most 4. Of a quarter of the kinds each seed has another quarter.
    passes
        Over the largest subset; those of :class:`Design` if None.
    limit
        Learn from and measure on few pictures, a quick trial: see :func:`trial`.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    dict
        The contents of ``results/subsets.json``. ``runs`` has one entry a training, ``sets`` one a test set, with the
        numbers of no colour, and ``compared`` is what :func:`compare` returns.

    Raises
    ------
    InputError
        As :func:`~colorize_lib.training.learner.train` and :func:`~colorize_lib.data.subsets.draw` do.
    """

    if not 1 <= seeds <= 4:
        raise InputError(f"There are quarters of the kinds for 1 to 4 seeds, not for {seeds}.")
    started, gamut = begin(), Gamut()
    design = trial(limit) if limit else Design()
    design = replace(design, passes=design.passes if passes is None else passes)
    tests = {
        "cifar10": load_cifar10("test", cifar or root, progress),
        "photographs": load_photographs("test", root, progress),
        "tiny-imagenet": load_tiny_imagenet("test", root, progress),
    }
    exams = {name: Exam(thinned(images, limit), gamut) for name, images in tests.items()}
    images, dev = (reduced(load_tiny_imagenet(split, root, progress)) for split in ("train", "dev"))
    dev = thinned(dev, 200)  # looked at after every epoch, and nothing is chosen on it
    runs, numbers = [], {}
    for seed in range(seeds):
        for subset in design.subsets():
            first = seed * subset.kinds if subset.kinds < design.kinds else 0
            recipe = design.recipe(subset, seed)
            facts, found = _taken_up(recipe, draw(images, subset, first), dev, exams, Path(folder), device, progress)
            numbers[subset, seed] = found
            measured = {
                name: _named(measures(found[name].mean(0), exam.weights().mean())) for name, exam in exams.items()
            }
            runs.append({**asdict(subset), "seed": seed, "epochs": recipe.epochs, **facts, "test": measured})
    command = command_line("colorize experiment subsets", seeds=seeds, passes=design.passes, limit=limit)
    trained = f"{len(runs)} trainings of {design.steps():,} steps, {seeds} seeds"
    data = counted(train=images, dev=dev, **exams)
    return {
        **head("subsets-trial" if limit else "subsets", command, trained, data, pick_device(device), started),
        "design": {**asdict(design), "steps": design.steps(), "side": SIDE, "seeds": seeds},
        "recipe": {key: value for key, value in asdict(recipe).items() if key not in ("name", "seed", "epochs")},
        "sets": rounded(
            {
                name: {"source": exam.source, "images": len(exam), "side": exam.side, "grey": exam.grey()}
                for name, exam in exams.items()
            }
        ),
        "runs": rounded(runs),
        "compared": rounded(compare(design, seeds, numbers, {name: exam.weights() for name, exam in exams.items()})),
    }


def _taken_up(
    recipe: "Recipe", images: Images, dev: Images, exams: Mapping[str, Exam], folder: Path,
    device: torch.device | str | None, progress: bool,
) -> tuple[dict, dict[str, np.ndarray]]:  # fmt: skip
    """What is known of a training, and its numbers by test set: those that the folder holds, or made now and kept."""
    from ..training.learner import train

    made_by = {
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "pictures": digest(images.rgb),
        "tests": {name: exam.sha256 for name, exam in exams.items()},
    }

    def make() -> tuple[dict, dict[str, np.ndarray]]:
        if progress:
            print(f"{recipe.name}: {recipe.epochs} epochs of {len(images):,} pictures")
        gamut = next(iter(exams.values())).gamut
        colorizer = Colorizer.load(train(recipe, images, dev, folder, gamut, device, progress), device)
        seen = Exam(thinned(images, SEEN), gamut)
        facts = {"loss_on_seen": float(seen.numbers(colorizer)[:, 0].mean()), **training_facts(colorizer.meta)}
        bar = tqdm(exams.items(), "measured", disable=not progress, leave=False, unit=" sets")
        return facts, {name: exam.numbers(colorizer) for name, exam in bar}

    return taken_up(folder / f"{recipe.name}.npz", made_by, make)


def compare(
    design: Design,
    seeds: int,
    numbers: Mapping[tuple[Subset, int], Mapping[str, np.ndarray]],
    weights: Mapping[str, np.ndarray],
) -> dict:
    """The subsets, and the differences between them, with 95 % intervals over pictures and seeds.

    In every resample the pictures are drawn anew, the same for all networks, and so are the seeds of each subset. With
    two seeds that draw knows only half of their variance: what two seeds of one subset differ by stands beside it.

    Parameters
    ----------
    numbers
        By subset and seed, then by test set: :meth:`~colorize_lib.measuring.exam.Exam.numbers`.
    weights
        By test set: :meth:`~colorize_lib.measuring.exam.Exam.weights`.

    Returns
    -------
    dict
        By test set: ``subsets``, the mean over seeds of each; ``differences``, ``other`` minus ``one``, of all from the
        smallest and from the next smaller, and of the many kinds from the few. Each has for each of ``MEASURES``
        ``mean``, ``low``, ``high`` and ``seeds``, the numbers of each seed. ``between_seeds`` is the largest distance
        between two seeds of a subset with all kinds.
    """
    subsets = design.subsets()
    nested, few = subsets[:-1], subsets[-1]
    pairs = dict.fromkeys([*((nested[0], one) for one in nested[1:]), *pairwise(nested), (few, nested[1])])
    found = {}
    for name, weight in weights.items():
        every = np.column_stack([*(numbers[subset, seed][name] for subset in subsets for seed in range(seeds)), weight])
        of_seed, resampled = (_by_subset(mean, subsets, seeds) for mean in (every.mean(0), bootstrap_means(every)))
        drawn = {subset: draw_seeds(values, i) for i, (subset, values) in enumerate(resampled.items())}
        found[name] = {
            "subsets": [
                asdict(one) | {"measures": table_of_seeds(MEASURES, of_seed[one], drawn[one])} for one in subsets
            ],
            "differences": [
                {"one": asdict(one), "other": asdict(other)}
                | {"measures": table_of_seeds(MEASURES, of_seed[other] - of_seed[one], drawn[other] - drawn[one])}
                for one, other in pairs
            ],
            "between_seeds": _named(np.max([np.ptp(of_seed[one], axis=0) for one in nested], axis=0)),
        }
    return found


def change(
    differences: Sequence[Mapping[str, Any]], one: tuple[int, int], other: tuple[int, int]
) -> Mapping[str, Mapping[str, float]]:
    """What going from one subset to another changes, by measure: of the ``differences`` of :func:`compare`.

    Parameters
    ----------
    one, other
        Each as (kinds, pictures of each kind).
    """
    return next(
        found["measures"]
        for found in differences
        if all((found[end]["kinds"], found[end]["each"]) == subset for end, subset in (("one", one), ("other", other)))
    )


def _by_subset(mean: np.ndarray, subsets: Sequence[Subset], seeds: int) -> dict[Subset, np.ndarray]:
    """Means of all columns, the weight last, ``(..., C)``: of each subset the measures, ``(seeds, ..., 7)``."""
    width, weight, found = len(COLUMNS), mean[..., -1], {}
    for i, subset in enumerate(subsets):
        starts = range(i * seeds * width, (i + 1) * seeds * width, width)
        found[subset] = np.stack([measures(mean[..., start : start + width], weight) for start in starts])
    return found


def _named(values: np.ndarray) -> dict[str, float]:
    return dict(zip(MEASURES, values.tolist(), strict=True))
