"""How many pictures a second every recipe learns from on this machine.

    python benchmarks/speed.py [RECIPE ...] [--seconds 30] [--device cuda] [--size PIXELS] [-o speed.json]

Each recipe's own training (network, loss, optimiser, number format, batch) runs for its share of the seconds, after
a few steps to warm up. The pictures are patches of photographs of the recipe's size, already in memory: reading files
is not measured. Weights are random, which takes as long.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import colorize_lib.quiet  # noqa: F401

import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.callback.schedule import Learner

from colorize_lib.colour.gamut import Gamut
from colorize_lib.data.batches import class_dataloaders, colour_dataloaders
from colorize_lib.data.examples import photograph_patches
from colorize_lib.device import pick_device
from colorize_lib.errors import InputError
from colorize_lib.files import atomic_path
from colorize_lib.record import git_commit, hardware
from colorize_lib.training.classifier import CLASSIFIER_RECIPES, build_classifier_learner, training_precision
from colorize_lib.training.learner import build_learner, training_prior
from colorize_lib.training.precision import precision
from colorize_lib.training.recipes import RECIPES

#: Steps that are not counted: memory is taken, and on a GPU the fastest convolutions are found.
WARM_UP = 3


class Stopwatch(Callback):
    """Ends a training once it has had its seconds after the warm-up, with one step at least."""

    order = 100

    def __init__(self, seconds: float):
        self.seconds, self.steps = seconds, -WARM_UP

    def before_batch(self) -> None:
        if self.steps == 0:
            self.started = self._now()

    def after_batch(self) -> None:
        self.steps += 1
        if self.steps > 0 and time.perf_counter() - self.started >= self.seconds:
            self.elapsed = self._now() - self.started
            raise CancelFitException

    def _now(self) -> float:
        """The time when the device has done all that it was told."""
        if self.dls.device.type == "cuda":
            torch.cuda.synchronize(self.dls.device)
        return time.perf_counter()


def learner_of(name: str, device: torch.device, size: int | None = None, **changes) -> tuple[Learner, dict]:
    """A recipe's learner on patches of photographs, and what its row says of it."""
    classifies = name in CLASSIFIER_RECIPES
    recipe = replace({**RECIPES, **CLASSIFIER_RECIPES}[name], pretrained=False, **changes)
    if classifies:
        recipe = replace(recipe, size=size or recipe.size)
        images = photograph_patches(4 * recipe.batch)
        dls = class_dataloaders(images, images[:1], recipe.batch, recipe.shift, device=device)
        return build_classifier_learner(recipe, dls), {
            "recipe": name, "side": recipe.size, "batch": recipe.batch, "precision": training_precision(recipe, device)
        }  # fmt: skip
    # What learns from files sees crops of the recipe's size; the others the pictures of CIFAR-10.
    side = size or {"cifar10": 32, "tiny-imagenet": 64}.get(recipe.data, recipe.size)
    images, gamut = photograph_patches(4 * recipe.batch, side), Gamut()
    dls = colour_dataloaders(images, images[:1], recipe.batch, recipe.shift, device=device, zoom=recipe.zoom)
    learner = build_learner(recipe, dls, gamut, training_prior(gamut, images))
    return learner, {"recipe": name, "side": side, "batch": recipe.batch, "precision": precision(device)}


def measure(learner: Learner, seconds: float) -> float:
    """Images a second of a training step."""
    watch = Stopwatch(seconds)
    with learner.no_bar(), learner.no_logging(), learner.added_cbs(watch):
        learner.fit(1_000_000, 1e-4)
    return watch.steps * learner.dls.train.bs / watch.elapsed


def run(names: Sequence[str], seconds: float, device: torch.device, size: int | None = None) -> dict:
    """A row for every recipe, printed as it is known; one that does not fit the memory says so."""
    rows = []
    for name in names:
        try:
            learner, row = learner_of(name, device, size)
            row["images_per_second"] = float(f"{measure(learner, seconds / len(names)):.4g}")
            row["parameters"] = sum(p.numel() for p in learner.model.parameters())
        except torch.OutOfMemoryError:
            row = {"recipe": name, "error": "out of memory"}
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        rows.append(row)
    facts = {"commit": git_commit(), "hardware": hardware(device), "torch": torch.__version__}
    return {"name": "speed", "rows": rows, **facts, "date": time.strftime("%Y-%m-%d")}


def main() -> None:
    parser = argparse.ArgumentParser(description="Images a second of a training step of every recipe.")
    known = [*RECIPES, *CLASSIFIER_RECIPES]
    parser.add_argument("names", nargs="*", metavar="RECIPE", help=f"of {', '.join(known)} (default: all)")
    parser.add_argument("--seconds", type=float, default=30, metavar="N", help="for all together (default: 30)")
    parser.add_argument("--device", metavar="NAME", help="cpu, cuda, ... (default: a GPU if there is one)")
    parser.add_argument("--size", type=int, metavar="PIXELS", help="side of the pictures (default: the recipe's)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="also write it there, as JSON")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"there is no recipe {unknown[0]!r}: choose from {', '.join(known)}")
    try:
        result = run(options.names or known, options.seconds, pick_device(options.device), options.size)
    except InputError as error:
        parser.error(str(error))
    if options.output:
        with atomic_path(options.output) as temporary:
            temporary.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
