"""How much does an encoder that knows ImageNet help, and when? Chapter 6's experiment.

Three networks learn from the same 1 %, 10 % and 100 % of the training pictures, the same
passes, seeds and order: one that starts from ImageNet's weights, the same
one from random weights, and the U-Net of chapter 3.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..data.cifar10 import load_cifar10
from ..data.images import Images, thinned
from ..errors import InputError
from ..inference.colorizer import Colorizer
from ..measuring.evaluate import Judge
from ..record import begin, command_line, counted, head

if TYPE_CHECKING:
    from ..training.recipes import Recipe

#: How each network starts and which recipe it follows.
ARMS = {"pretrained": "transfer", "scratch": "transfer", "unet": "classification"}


@dataclass(frozen=True)
class Point:
    """One point of the curves.

    Attributes
    ----------
    images
        How many training pictures: the first of every class, the same number of each.
    epochs
        Passes over them: the fewer pictures, the more.
    seeds
        How many networks of each kind: the fewer pictures, the more it is luck.
    """

    images: int
    epochs: int
    seeds: int = 1


POINTS = (Point(500, 40, 2), Point(5000, 10), Point(50_000, 6))


def curve_recipe(arm: str, point: Point, seed: int = 0) -> "Recipe":
    """The :class:`~colorize_lib.training.recipes.Recipe` of an arm at a point.

    ``pretrained`` is the recipe ``transfer``, for a tenth of the epochs with a frozen encoder.
    ``scratch`` has nothing worth freezing, so all of it learns from the start, at one rate. Where a
    network is one that ships, it is that one: of all pictures ``unet`` is chapter 3's, with its own epochs.
    """
    from ..training.recipes import get_recipe  # fastai is needed for training alone

    shipped = get_recipe(ARMS[arm])
    base = replace(shipped, epochs=point.epochs, seed=seed)
    if arm == "pretrained":
        base = replace(base, frozen=max(1, point.epochs // 10))
    elif arm == "scratch":
        base = replace(base, pretrained=False, frozen=0, encoder_lr=1.0)
    if point.images == 50_000 and seed == 0 and (arm == "unet" or base == shipped):
        return shipped
    return replace(base, name=f"{arm}-{point.images}-{seed}")


def first_of_every_class(images: Images, count: int) -> Images:
    """``count`` pictures: the first of every class, the same number of each."""
    label, each = images.label.numpy(), count // len(images.classes)
    index = [np.flatnonzero(label == k)[:each] for k in range(len(images.classes))]
    return images[torch.from_numpy(np.concatenate(index))]


def run_curves(
    folder: str | Path = "runs",
    root: str | Path | None = None,
    points: Sequence[Point] = POINTS,
    limit: int | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict:
    """Train what ``folder`` does not hold yet, and measure all on the test pictures at T = 1.

    Parameters
    ----------
    folder
        For checkpoints and weights. Calling again with the same folder takes up what is there.
    root
        Where CIFAR-10 is: see :func:`~colorize_lib.data.cifar10.load_cifar10`.
    points
        What to train on and for how long.
    limit
        Follow and measure the networks on only so many pictures, a quick trial.

    Returns
    -------
    dict
        The contents of ``results/transfer-curves.json``: ``curves`` has one entry a network, with ``arm``,
        ``images``, ``seed``, the last epoch's ``dev_loss`` (nats) and ``test``, all metrics of
        :class:`~colorize_lib.measuring.evaluate.Judge`.

    Raises
    ------
    InputError
        As :func:`~colorize_lib.training.learner.train` does, and if ``folder`` holds weights of another recipe or of
        another number of pictures under the name of one of these.
    """

    started = begin()
    train, dev, test = (load_cifar10(split, root, progress) for split in ("train", "dev", "test"))
    test = thinned(test, limit)
    dev = thinned(dev, limit or 1000)  # looked at after every epoch, and nothing is chosen on it
    curves, judge = [], None
    for point in points:
        images = first_of_every_class(train, point.images)
        for seed in range(point.seeds):
            for arm in ARMS:
                colorizer = _trained(curve_recipe(arm, point, seed), images, dev, Path(folder), device, progress)
                judge = judge or Judge(test, colorizer.gamut)
                curves.append(_measured(colorizer, judge, arm, point, seed))
    epochs = points[0].epochs if limit else None
    command = command_line("colorize experiment transfer", limit=limit, epochs=epochs)
    seeds = ", ".join(map(str, sorted({curve["seed"] for curve in curves})))
    trained, data = f"transfer, {len(curves)} trainings, seeds {seeds}", counted(train=train, dev=dev, test=test)
    return {
        **head(
            "transfer-curves-trial" if limit else "transfer-curves", command, trained, data, colorizer.device, started
        ),
        "curves": curves,
        "points": [asdict(point) for point in points],
        "grey": judge.baselines()["grey"],
    }


def _trained(
    recipe: "Recipe", images: Images, dev: Images, folder: Path, device: torch.device | str | None, progress: bool
) -> Colorizer:
    """The network of a recipe, from the folder, from the package if it ships there, or trained now."""
    from ..training.learner import train
    from ..training.recipes import Recipe
    from ..weights.shipped import shipped_weights

    path = folder / f"{recipe.name}.safetensors"
    if path.is_file():
        found = Colorizer.load(path, device)
        if Recipe(**found.meta["recipe"]) != recipe or found.meta["data"]["images"] != len(images):
            raise InputError(
                f"{path} was trained by another recipe or on other pictures: choose another folder, or remove it."
            )
        return found
    if recipe.name in shipped_weights():
        return Colorizer.load(recipe.name, device)
    if progress:
        print(f"{recipe.name}: {recipe.epochs} epochs of {len(images):,} pictures")
    return Colorizer.load(train(recipe, images, dev, folder, device=device, progress=progress), device)


def _measured(colorizer: Colorizer, judge: Judge, arm: str, point: Point, seed: int) -> dict:
    """What the result says of one network."""
    ab = torch.cat([colorizer.colour_lightness(part).cpu() for part in judge.lightness.split(250)])
    made = colorizer.meta
    kept = ("parameters", "images_per_second", "hardware", "date", "commit")
    return {
        "arm": arm,
        "images": point.images,
        "seed": seed,
        "epochs": made["recipe"]["epochs"],
        "dev_loss": made["history"][-1]["dev_loss"],
        "history": [{key: entry[key] for key in ("train_loss", "dev_loss")} for entry in made["history"]],
        "test": judge.measure(ab),
        **{key: made[key] for key in kept},
    }
