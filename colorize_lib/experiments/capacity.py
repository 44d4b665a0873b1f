"""Longer or wider? The U-Net of chapter 3 with fewer and more channels, trained for fewer and more passes.

Dev pictures alone are looked at, because that is what a recipe is chosen on.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..data.cifar10 import load_cifar10
from ..data.images import thinned
from ..device import pick_device
from ..measuring.results import rounded
from ..record import begin, command_line, counted, head
from ..weights.shipped import load_weights
from .repeated import training_facts

if TYPE_CHECKING:
    from ..training.recipes import Recipe

#: By the share of the recipe's channels: passes over the 50,000 pictures, each number a training of its own with a
#: whole one-cycle. Six passes with half of the channels take about as long as two with all of them. The shipped
#: network has had 18.
PASSES = {0.5: (1, 2, 6), 1.0: (1, 2), 1.5: (1, 2)}


def run_capacity(
    folder: str | Path = "runs/capacity",
    root: str | Path | None = None,
    limit: int | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict:
    """Train what ``folder`` does not hold yet: every share of the channels with its numbers of passes: :data:`PASSES`.

    Parameters
    ----------
    folder
        For checkpoints and weights. Calling again with the same folder takes up what is there.
    root
        Where CIFAR-10 is: see :func:`~colorize_lib.data.cifar10.load_cifar10`.
    limit
        Learn from few pictures: a quick trial.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    dict
        The contents of ``results/capacity.json``. ``rows`` has one entry a training, with its ``share`` of the
        channels, its ``epochs``, and its cross-entropies, in nats a pixel, on the training and the dev pictures.

    Raises
    ------
    InputError
        As :func:`~colorize_lib.training.learner.train` does.
    """
    from ..training.learner import train

    started = begin()
    images, dev = (thinned(load_cifar10(split, root, progress), limit) for split in ("train", "dev"))
    rows = []
    for share, passes in PASSES.items():
        for epochs in passes:
            recipe = sized_recipe(share, epochs, limit)
            if progress:
                print(f"{recipe.name}: widths {recipe.widths}, {epochs} epochs of {len(images):,} pictures")
            meta = load_weights(train(recipe, images, dev, folder, device=device, progress=progress), "colorizer").meta
            rows.append({"share": share, "epochs": epochs, "widths": list(recipe.widths), **training_facts(meta)})
    command = command_line("colorize experiment capacity", limit=limit)
    name, trained = "capacity-trial" if limit else "capacity", f"{len(rows)} trainings, seed 0"
    return {
        **head(name, command, trained, counted(train=images, dev=dev), pick_device(device), started),
        "training_seconds": round(sum(row["seconds"] for row in rows)),
        "rows": rounded(rows),
    }


def sized_recipe(share: float, epochs: int, limit: int | None = None) -> "Recipe":
    """Chapter 3's recipe with a share of its channels, and so many passes."""
    from ..training.recipes import get_recipe  # fastai is needed for training alone

    recipe = get_recipe("classification", epochs=epochs)
    widths = tuple(round(share * width) for width in recipe.widths)
    name = f"classification-{share:g}-{epochs}"
    if limit:  # names of their own, so that one folder may hold both kinds
        return replace(recipe, name=f"{name}-trial", widths=widths, batch=min(recipe.batch, limit))
    return replace(recipe, name=name, widths=widths)
