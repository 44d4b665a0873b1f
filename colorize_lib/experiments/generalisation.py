"""Does learning from ImageNet instead of CIFAR-10 generalise better? The poster's last sentence, measured.

Two colorizers, one trained on CIFAR-10 at 32 pixels and one on Tiny ImageNet at 64, colour the test
pictures of both. Each is judged on pictures of the kind it learned and on pictures of the other's.
They differ in their data and in the number of parameters (2.3 and 3.3 million), so what is compared is two
recipes as they are, not the data alone.

A network knows things at the scale it learned them at. So each sees every picture as it is, and
where that is not its own scale also reduced or enlarged to it; the colours are brought back and
judged against the same truth.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ..colour.gamut import Gamut
from ..colour.resolution import resized, upsample
from ..data.cifar10 import load_cifar10
from ..data.images import Images, thinned
from ..data.tiny_imagenet import load_tiny_imagenet
from ..inference.colorizer import Colorizer
from ..measuring.evaluate import Judge
from ..measuring.metrics import ab_distance, right_share
from ..measuring.results import rounded
from ..measuring.statistics import bootstrap_means, with_interval
from ..record import begin, command_line, counted, head, trained_for, trainings
from .asking import fingerprint
from .versions import Colour

#: (lambda, T): the mean, the annealed mean, and what the command line colours with.
SETTINGS = ((1.0, 1.0), (1.0, 0.38), (0.55, 0.38))
#: Pictures at a time: bounds the logits to 270 MB at 64 pixels.
BATCH = 250


@dataclass(frozen=True)
class View:
    """A network, and the side of the square picture it sees.

    Attributes
    ----------
    network
        ``"cifar"`` or ``"photo"``: what it was trained on.
    side
        In pixels; L is reduced or enlarged to it, bicubic.
    """

    network: str
    side: int


def run_generalisation(
    root: str | Path | None = None,
    photo: str | Path = "photo",
    cifar: str | Path = "classification",
    limit: int | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict:
    """Both networks on both test sets.

    Parameters
    ----------
    root
        The folder with CIFAR-10 and Tiny ImageNet; without it each is looked for as
        :func:`~colorize_lib.data.cifar10.load_cifar10` and
        :func:`~colorize_lib.data.tiny_imagenet.load_tiny_imagenet` do.
    photo, cifar
        Names or files of the two colorizers' weights.
    limit
        Use only so many pictures of each set, a quick trial.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    dict
        The contents of ``results/generalisation.json``: ``sets[name]`` is what :func:`measure` returns.
    """

    started = begin()
    colorizers = {"cifar": Colorizer.load(cifar, device), "photo": Colorizer.load(photo, device)}
    loaders = {"cifar10": load_cifar10, "tiny-imagenet": load_tiny_imagenet}
    images = {name: thinned(load("test", root, progress), limit) for name, load in loaders.items()}
    sets = {name: measure(colorizers, some, SETTINGS, progress) for name, some in images.items()}
    sources = {"cifar": cifar, "photo": photo}
    first, (weights,) = trainings(colorizers["photo"].meta)
    command = command_line(f"{first}colorize experiment generalisation", photo=weights, limit=limit)
    name, data, of = "generalisation-trial" if limit else "generalisation", counted(**images), colorizers.values()
    return {
        **head(name, command, in_words(of), data, colorizers["photo"].device, started),
        "networks": {
            name: {**describe(colorizer), "sha256": fingerprint(Colour(str(sources[name])))}
            for name, colorizer in colorizers.items()
        },
        "sets": rounded(sets),
    }


def measure(
    colorizers: dict[str, Colorizer],
    images: Images,
    settings: Sequence[tuple[float, float]] = SETTINGS,
    progress: bool = True,
) -> dict:
    """Everything about one test set.

    Parameters
    ----------
    colorizers
        ``cifar`` and ``photo``.
    images
        Square pictures.
    settings
        Pairs of lambda and temperature.

    Returns
    -------
    dict
        ``rows``: for every :class:`View` and setting all metrics, and 95 % intervals over pictures of
        ``ab_rmse`` and ``auc``. ``baselines``: grey and ceiling. ``differences``: photo minus cifar,
        paired, both seeing the pictures ``as they are`` and each at its ``own scale``.
    """
    judge, side = Judge(images, Gamut()), images.rgb.shape[-1]
    own = {name: View(name, own_side(colorizer)) for name, colorizer in colorizers.items()}
    views = list(dict.fromkeys([*(View(name, side) for name in colorizers), *own.values()]))
    rows, pictures = [], {}
    for view in tqdm(views, images.source, disable=not progress, unit=" views"):
        coloured = colour(colorizers[view.network], judge.lightness, view.side, settings, progress)
        for (lam, t), ab in zip(settings, coloured, strict=True):
            values = pictures[view, lam, t] = per_picture(ab, judge.ab)
            numbers = {"network": view.network, "seen_at": view.side, "lam": lam, "temperature": t}
            rows.append({**numbers, **judge.measure(ab), "interval": intervals(*_means(values))})
    pairs = {
        "as they are": {name: View(name, side) for name in colorizers},
        "own scale": own,
    }
    differences = [
        {"seen": seen, "lam": lam, "temperature": t}
        | difference(pictures[pair["cifar"], lam, t], pictures[pair["photo"], lam, t])
        for seen, pair in pairs.items()
        for lam, t in settings
    ]
    return {
        "source": images.source,
        "images": len(images),
        "side": side,
        "baselines": judge.baselines(),
        "rows": rows,
        "differences": differences,
    }


def own_side(colorizer: Colorizer) -> int:
    """The side of the pictures a network was trained on."""
    return colorizer.size


def colour(
    colorizer: Colorizer,
    lightness: torch.Tensor,
    side: int,
    settings: Sequence[tuple[float, float]],
    progress: bool = False,
) -> list[torch.Tensor]:
    """ab at every setting, with the logits of only :data:`BATCH` pictures in memory.

    Parameters
    ----------
    lightness
        ``(N, 1, H, W)``, L in [0, 100].
    side
        What L is reduced or enlarged to for the network.
    settings
        Pairs of lambda and temperature.

    Returns
    -------
    list of torch.Tensor
        ``(N, 2, side/2, side/2)`` on the CPU for each setting.
    """
    made: list[list[torch.Tensor]] = [[] for _ in settings]
    for part in tqdm(lightness.split(BATCH), f"seen at {side}", disable=not progress, leave=False, unit=" batches"):
        prediction = colorizer.predict(resized(part, side))
        for parts, (lam, t) in zip(made, settings, strict=True):
            parts.append(colorizer.decode(prediction, t, lam).cpu())
    return [torch.cat(parts) for parts in made]


def per_picture(ab: torch.Tensor, truth: torch.Tensor) -> np.ndarray:
    """Mean squared distance in ab and AuC in % of each picture: ``(N, 2)`` float64.

    Their means are ``ab_rmse`` squared, and ``auc``.

    Parameters
    ----------
    ab
        ``(N, 2, h, w)`` of any size.
    truth
        ``(N, 2, H, W)``.
    """
    values = []
    for one, true in zip(ab.split(BATCH), truth.split(BATCH), strict=True):
        distance = ab_distance(upsample(one, true.shape[-2:]), true).flatten(1).double()  # (n, H*W)
        values.append(torch.stack((distance.square().mean(1), 100 * right_share(distance).mean(1)), 1))
    return torch.cat(values).numpy()


def difference(one: np.ndarray, other: np.ndarray) -> dict[str, dict[str, float]]:
    """``ab_rmse`` and ``auc`` of ``other`` minus ``one`` on the same pictures, with intervals of 95 %.

    Parameters
    ----------
    one, other
        ``(N, 2)`` each, of :func:`per_picture`. Both are resampled together.
    """
    (first, first_drawn), (second, second_drawn) = _means(one), _means(other)
    return intervals(second - first, second_drawn - first_drawn)


def _means(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """:func:`per_picture`'s values to ``ab_rmse`` and ``auc``: ``(2,)``, and of every resample ``(R, 2)``."""
    found = []
    for mean in (values.mean(0), bootstrap_means(values)):
        found.append(np.stack((np.sqrt(mean[..., 0]), mean[..., 1]), -1))
    return found[0], found[1]


def intervals(mean: np.ndarray, resampled: np.ndarray) -> dict[str, dict[str, float]]:
    """``(2,)`` and ``(R, 2)`` as a table of ``ab_rmse`` and ``auc``."""
    return {metric: with_interval(mean[i], resampled[:, i]) for i, metric in enumerate(("ab_rmse", "auc"))}


def in_words(colorizers: Iterable[Colorizer]) -> str:
    """Networks, and how long each was trained."""
    return ", ".join(f"{one.name} ({trained_for(one.meta)})" for one in colorizers)


def describe(colorizer: Colorizer) -> dict:
    """What a result says of a network."""
    kept = ("name", "data", "parameters", "date", "commit")
    recipe = colorizer.meta["recipe"]
    return {key: colorizer.meta[key] for key in kept} | {key: recipe.get(key, 0) for key in ("epochs", "minutes")}
