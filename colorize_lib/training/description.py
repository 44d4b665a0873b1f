"""What a weights file says of how it came about."""

import time
from dataclasses import asdict

import colorize_lib.quiet  # noqa: F401

import torch
from fastai.callback.schedule import Learner

from ..colour.gamut import Gamut
from ..data.images import Images
from ..record import digest, hardware
from ..weights.shipped import load_weights
from .precision import precision
from .recipes import Recipe


def describe_recipe(recipe: Recipe) -> dict:
    """A recipe as plain data."""
    return {**asdict(recipe), "widths": list(recipe.widths)}


def describe_bins(gamut: Gamut) -> dict:
    """What it takes to make the bins again."""
    return {"grid": gamut.grid, "neighbours": gamut.neighbours, "sigma": gamut.sigma}


def describe_start(recipe: Recipe) -> dict:
    """What the metadata say of the weights that training began with; nothing if they were random."""
    if not recipe.start:
        return {}
    weights = load_weights(recipe.start, "colorizer")
    known = {name: weights.meta.get(name) for name in ("name", "recipe", "images_seen", "minutes", "commit")}
    before = {"start": weights.meta["start"]} if "start" in weights.meta else {}
    return {"start": known | before | {"sha256": digest(*weights.state.values())}}


def describe_data(images: Images) -> dict:
    """What the metadata of a weights file says about the training pictures."""
    return {"source": images.source, "images": len(images), "size": list(images.rgb.shape[-2:])}


def describe_weights(recipe: Recipe, gamut: Gamut, learner: Learner, data: dict, history: list[dict]) -> dict:
    """The metadata of a weights file."""
    config = learner.model.config.to_dict()
    return {
        "name": recipe.name,
        "config": {**config, "widths": list(config["widths"])},
        "recipe": describe_recipe(recipe),
        "gamut": describe_bins(gamut),
        **describe_run(learner, data, history),
    }


def describe_run(learner: Learner, data: dict, history: list[dict]) -> dict:
    """What the metadata of a weights file says about how it came about: data, history, speed, machine, date."""
    images = sum(epoch.get("images", data["images"]) for epoch in history)
    seconds = sum(epoch["seconds"] for epoch in history)
    return {
        "parameters": sum(p.numel() for p in learner.model.parameters()),
        "data": data,
        "history": history,
        "images_seen": images,
        "minutes": round(seconds / 60, 2),
        "images_per_second": round(images / max(seconds, 1e-9), 1),
        "peak_memory_mib": _peak_memory(learner.dls.device),
        "hardware": hardware(learner.dls.device),
        "precision": precision(learner.dls.device),
        "torch": torch.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def _peak_memory(device: torch.device) -> int | None:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) >> 20
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
