"""A training of seconds, and how a test looks into what it left."""

from dataclasses import replace
from pathlib import Path

import torch

from colorize_lib.training.recipes import Recipe
from colorize_lib.weights.shipped import load_weights

TINY = Recipe("tiny", "bins", widths=(8, 16), epochs=3, batch=16, lr=3e-3, seed=1)
HEADS = {"ab": replace(TINY, name="tiny-ab", head="ab"), "bins": TINY}


def state(path: Path) -> dict[str, torch.Tensor]:
    return load_weights(path).state


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def checkpoint(folder: Path, name: str = "tiny") -> dict:
    return torch.load(folder / f"{name}.checkpoint", weights_only=True)


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}
