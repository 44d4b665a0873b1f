"""Does a larger data set generalise better? One network learns from more and more pictures of one kind.

Subsets of Tiny ImageNet, each part of the next, the same network and the same number of steps: with few pictures each
is seen more often. Then kinds against pictures: as many pictures of fewer kinds of things. All pictures are reduced to
32 pixels, to learn from and to be coloured, and the colours are judged at each picture's own size.
"""

import json
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional as F
from tqdm.auto import tqdm

from .colorizer import Colorizer
from .data import Images, load_cifar10, thinned
from .device import pick_device
from .errors import InputError
from .experiment import rounded
from .files import atomic_path
from .gamut import Gamut
from .lab import rgb_to_lab
from .losses import halve, soft_cross_entropy, upsample
from .metrics import ab_distance, balanced_weight, right_share
from .photographs import load_photographs
from .statistics import bootstrap_means, interval
from .tiny_imagenet import load_tiny_imagenet

if TYPE_CHECKING:
    from .learner import Recipe

#: The side of all pictures that the network sees, in pixels.
SIDE = 32
#: Narrow where there are most pixels: half the time of chapter 3's U-Net for as many steps.
WIDTHS = (32, 64, 128, 256)
#: Of the draw of kinds and pictures.
DRAW = 0
#: Temperatures at which the colours are judged; lambda is 1.
TEMPERATURES = (1.0, 0.38)
#: What is measured of a picture, in this order; what of ``balanced`` and the pixels' weights is the balanced AuC.
COLUMNS = ("cross_entropy", *(f"{name}-{t:g}" for t in TEMPERATURES for name in ("squared", "right", "balanced")))
#: What that gives of many pictures, in the same order: nats, Lab units, %, %.
MEASURES = ("cross_entropy", *(f"{name}-{t:g}" for t in TEMPERATURES for name in ("ab_rmse", "auc", "auc_balanced")))
#: Pictures at a time: bounds the memory.
BATCH = 250
#: So many of the pictures that a network has learned from are shown to it again.
SEEN = 2000


@dataclass(frozen=True)
class Subset:
    """How many kinds of things, and how many pictures of each."""

    kinds: int
    each: int

    @property
    def name(self) -> str:
        return f"{self.kinds}x{self.each}"

    @property
    def pictures(self) -> int:
        return self.kinds * self.each


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
        """The :class:`~colorize_lib.learner.Recipe` of chapter 3, but for a narrower U-Net and for so many steps."""
        from .learner import get_recipe  # fastai is needed for training alone

        epochs = self.passes * self.kinds * self.each // subset.pictures
        base = replace(get_recipe("classification"), name=f"{subset.name}-{seed}", data="tiny-imagenet", widths=WIDTHS)
        return replace(base, epochs=epochs, batch=self.batch, seed=seed)


def trial(limit: int) -> Design:
    """The same with 8 kinds of things, and as few pictures of each as ``limit`` pictures allow."""
    return Design(8, 8 * max(1, limit // 64), 8, 1)


def draw(images: Images, subset: Subset, first: int = 0) -> Images:
    """The pictures of a subset.

    The order of the kinds, and that of the pictures of each kind, is drawn once for all subsets, which take the first
    of each: so a smaller one is part of a larger one.

    Parameters
    ----------
    first
        Which kind to begin with, in that order.

    Raises
    ------
    InputError
        If there are not so many kinds, or not so many pictures of each.
    """
    rng, label = torch.Generator().manual_seed(DRAW), images.label
    kinds = torch.randperm(len(images.classes), generator=rng)
    found = [(label == kind).nonzero()[:, 0] for kind in range(len(kinds))]
    ordered = [index[torch.randperm(len(index), generator=rng)] for index in found]
    chosen = [ordered[kind] for kind in kinds[first : first + subset.kinds]]
    if len(chosen) < subset.kinds or min(map(len, chosen)) < subset.each:
        raise InputError(
            f"This takes {subset.each} pictures of each of {first + subset.kinds} kinds, and {images.source} has "
            f"{len(kinds)} kinds and as few as {min(map(len, ordered))} pictures of one."
        )
    return images[torch.cat([index[: subset.each] for index in chosen])]


def reduced(images: Images, side: int = SIDE) -> Images:
    """Pictures whose sides are a multiple of ``side``, reduced to it: each pixel is the mean of those it stands for."""
    factor = images.rgb.shape[-1] // side
    parts = [F.avg_pool2d(rgb.float(), factor).round().byte() for rgb in images.rgb.split(500)]
    return Images(torch.cat(parts), images.label, images.source, images.classes)


class Exam:
    """Pictures that networks are judged on, as they are and as the networks see them.

    Parameters
    ----------
    images
        Square, their side a multiple of :data:`SIDE`.
    gamut
        The bins of the cross-entropy and the balanced AuC.
    """

    def __init__(self, images: Images, gamut: Gamut):
        from .learner import digest

        self.source, self.side, self.gamut = images.source, images.rgb.shape[-1], gamut
        self.sha256 = digest(images.rgb)
        self.ab = torch.cat([rgb_to_lab(rgb)[:, 1:] for rgb in images.rgb.split(BATCH)])  # (N, 2, H, W)
        self.weight = balanced_weight(self.ab, gamut).float()  # (N, H, W)
        small = rgb_to_lab(reduced(images).rgb)
        self.lightness, self.coarse_ab = small[:, :1], halve(small[:, 1:])  # (N, 1, 32, 32), (N, 2, 16, 16)

    def __len__(self) -> int:
        return len(self.ab)

    def numbers(self, colorizer: Colorizer) -> np.ndarray:
        """:data:`COLUMNS` of every picture: ``(N, 7)`` float32."""
        parts = []
        for start in range(0, len(self), BATCH):
            part = slice(start, start + BATCH)
            prediction = colorizer.predict(self.lightness[part]).cpu()
            loss = soft_cross_entropy(prediction, *self.gamut.encode(self.coarse_ab[part]))  # (n, 16, 16)
            judged = [self._judged(part, colorizer.decode(prediction, t)) for t in TEMPERATURES]
            parts.append(torch.cat((loss.flatten(1).mean(1, keepdim=True), *judged), 1))
        return torch.cat(parts).float().numpy()

    def grey(self) -> dict[str, float]:
        """The measures of no colour at all."""
        nothing = torch.zeros(1, 2, 1, 1)
        parts = [slice(start, start + BATCH) for start in range(0, len(self), BATCH)]
        judged = torch.cat([self._judged(part, nothing.expand(len(self.ab[part]), -1, -1, -1)) for part in parts])
        rmse, auc, balanced = measures(np.pad(judged.numpy(), ((0, 0), (1, 3))).mean(0), self.weights().mean())[1:4]
        return {"ab_rmse": float(rmse), "auc": float(auc), "auc_balanced": float(balanced)}

    def weights(self) -> np.ndarray:
        """Of each picture, the sum of its pixels' weights in the balanced AuC: ``(N,)``."""
        return self.weight.flatten(1).double().sum(1).numpy()

    def _judged(self, part: slice, ab: torch.Tensor) -> torch.Tensor:
        """Mean squared distance, AuC in %, and its weighted sum, of ab ``(n, 2, h, w)``: ``(n, 3)`` float64."""
        distance = ab_distance(upsample(ab, (self.side, self.side)), self.ab[part]).flatten(1)  # (n, H*W)
        right = 100 * right_share(distance)
        balanced = (self.weight[part].flatten(1) * right).double().sum(1)
        return torch.stack((distance.double().square().mean(1), right.double().mean(1), balanced), 1)


def measures(mean: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Means over pictures of :data:`COLUMNS`, ``(..., 7)``, and of the weights, ``(...)``, to :data:`MEASURES`."""
    found = np.array(mean, dtype=np.float64)
    for i in range(1, len(COLUMNS), 3):
        found[..., i] = np.sqrt(found[..., i])
        found[..., i + 2] /= weight
    return found


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
        The folder with Tiny ImageNet and the photographs: see :func:`~colorize_lib.photographs.load_photographs`.
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
        As :func:`~colorize_lib.learner.train` and :func:`draw` do.
    """
    from .learner import git_commit, hardware

    if not 1 <= seeds <= 4:
        raise InputError(f"There are quarters of the kinds for 1 to 4 seeds, not for {seeds}.")
    started, commit, gamut = time.perf_counter(), git_commit(), Gamut()
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
    return {
        "name": "subsets-trial" if limit else "subsets",
        "design": {**asdict(design), "steps": design.steps(), "side": SIDE, "seeds": seeds},
        "recipe": {key: value for key, value in asdict(recipe).items() if key not in ("name", "seed", "epochs")},
        "training": {"source": images.source, "images": len(images)},
        "sets": rounded(
            {
                name: {"source": exam.source, "images": len(exam), "side": exam.side, "grey": exam.grey()}
                for name, exam in exams.items()
            }
        ),
        "runs": rounded(runs),
        "compared": rounded(compare(design, seeds, numbers, {name: exam.weights() for name, exam in exams.items()})),
        "seconds": round(time.perf_counter() - started),
        "hardware": hardware(pick_device(device)),
        "torch": torch.__version__,
        "commit": commit,
        "date": time.strftime("%Y-%m-%d"),
    }


def _taken_up(
    recipe: "Recipe", images: Images, dev: Images, exams: Mapping[str, Exam], folder: Path,
    device: torch.device | str | None, progress: bool,
) -> tuple[dict, dict[str, np.ndarray]]:  # fmt: skip
    """What is known of a training, and its numbers by test set: those that the folder holds, or made now and kept."""
    from .learner import digest, train

    made_by = {
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "pictures": digest(images.rgb),
        "tests": {name: exam.sha256 for name, exam in exams.items()},
    }
    path = folder / f"{recipe.name}.npz"
    kept = _read(path)
    if kept is None or kept[0].get("made_by") != made_by:
        if progress:
            print(f"{recipe.name}: {recipe.epochs} epochs of {len(images):,} pictures")
        gamut = next(iter(exams.values())).gamut
        colorizer = Colorizer.load(train(recipe, images, dev, folder, gamut, device, progress), device)
        seen = Exam(thinned(images, SEEN), gamut)
        facts = {"loss_on_seen": float(seen.numbers(colorizer)[:, 0].mean()), **_facts(colorizer.meta)}
        bar = tqdm(exams.items(), "measured", disable=not progress, leave=False, unit=" sets")
        kept = {"made_by": made_by, "facts": facts}, {name: exam.numbers(colorizer) for name, exam in bar}
        _keep(path, *kept)
    return kept[0]["facts"], kept[1]


def _facts(meta: Mapping) -> dict:
    """What the result says of a training, from the metadata of its weights."""
    last = {key: meta["history"][-1][key] for key in ("train_loss", "dev_loss")}
    return last | {key: meta[key] for key in ("parameters", "images_per_second", "hardware", "date", "commit")}


def _keep(path: Path, head: dict, numbers: Mapping[str, np.ndarray]) -> None:
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **{"head": np.array(json.dumps(head)), **numbers})  # type: ignore[arg-type]  # no file is a bool


def _read(path: Path) -> tuple[dict, dict[str, np.ndarray]] | None:
    """What :func:`_keep` wrote; None if it is not there or damaged, since it can be made again."""
    try:
        with np.load(path) as file:
            found = {name: file[name] for name in file.files}
        return json.loads(str(found.pop("head"))), found
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


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
        By subset and seed, then by test set: :meth:`Exam.numbers`.
    weights
        By test set: :meth:`Exam.weights`.

    Returns
    -------
    dict
        By test set: ``subsets``, the mean over seeds of each; ``differences``, ``other`` minus ``one``, of all from the
        smallest and from the next smaller, and of the many kinds from the few. Each has for each of :data:`MEASURES`
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
        drawn = {subset: _seeds_drawn(values, i) for i, (subset, values) in enumerate(resampled.items())}
        found[name] = {
            "subsets": [asdict(one) | {"measures": _table(of_seed[one], drawn[one])} for one in subsets],
            "differences": [
                {"one": asdict(one), "other": asdict(other)}
                | {"measures": _table(of_seed[other] - of_seed[one], drawn[other] - drawn[one])}
                for one, other in pairs
            ],
            "between_seeds": _named(np.max([np.ptp(of_seed[one], axis=0) for one in nested], axis=0)),
        }
    return found


def beyond_chance(change: Mapping[str, float], between_seeds: float) -> bool:
    """Whether a difference of :func:`compare` is more than chance.

    Its interval leaves out 0, and it is larger than what two seeds of one subset differ by.
    """
    return change["low"] * change["high"] > 0 and abs(change["mean"]) > between_seeds


def _by_subset(mean: np.ndarray, subsets: Sequence[Subset], seeds: int) -> dict[Subset, np.ndarray]:
    """Means of all columns, the weight last, ``(..., C)``: of each subset the measures, ``(seeds, ..., 7)``."""
    width, weight, found = len(COLUMNS), mean[..., -1], {}
    for i, subset in enumerate(subsets):
        starts = range(i * seeds * width, (i + 1) * seeds * width, width)
        found[subset] = np.stack([measures(mean[..., start : start + width], weight) for start in starts])
    return found


def _seeds_drawn(values: np.ndarray, stream: int) -> np.ndarray:
    """``(seeds, R, 7)``, R resamples of the pictures, to ``(R, 7)``: the mean over seeds that are drawn anew, too."""
    seeds, resamples, _ = values.shape
    chosen = np.random.default_rng((1, stream)).integers(0, seeds, (seeds, resamples))
    return values[chosen, np.arange(resamples)].mean(0)


def _table(of_seed: np.ndarray, drawn: np.ndarray) -> dict[str, dict[str, Any]]:
    """``(seeds, 7)`` and ``(R, 7)`` by measure."""
    table = {}
    for i, measure in enumerate(MEASURES):
        low, high = interval(drawn[:, i])
        values = of_seed[:, i]
        table[measure] = {"mean": float(values.mean()), "low": low, "high": high, "seeds": values.tolist()}
    return table


def _named(values: np.ndarray) -> dict[str, float]:
    return dict(zip(MEASURES, values.tolist(), strict=True))
