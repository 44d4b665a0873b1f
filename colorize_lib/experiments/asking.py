"""What classifiers say of coloured pictures, and which colours serve them best."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tqdm.auto import tqdm

from ..colour.lab import lab_to_rgb, to_uint8
from ..data.images import Images
from ..inference.classifier import Classifier
from ..weights.shipped import weights_path
from .versions import BATCH, Colour, lab_batches

TEMPERATURES = (0.01, 0.1, 0.2, 0.38, 0.6, 0.89, 1.0)


@dataclass(frozen=True)
class Choice:
    """A version whose temperature and lambda are those that serve the classifier best on dev.

    Attributes
    ----------
    source
        The colorizer.
    lambdas, temperatures
        What to choose from.
    """

    source: str
    lambdas: Sequence[float] = (1.0,)
    temperatures: Sequence[float] = TEMPERATURES

    def candidates(self) -> list[Colour]:
        return [Colour(self.source, t, lam) for lam in self.lambdas for t in self.temperatures]


def fingerprint(colour: Colour) -> str | None:
    """Which colorizer painted the pictures: sha256 of its weights file."""
    if colour.source in ("own", "another"):
        return None
    return hashlib.sha256(weights_path(colour.source).read_bytes()).hexdigest()


def choose(
    classifiers: Sequence[Classifier],
    dev: Images,
    choices: Mapping[str, Choice],
    device: torch.device | str | None = None,
    progress: bool = True,
) -> list[dict]:
    """How accurate the classifiers are on dev, for every candidate of every choice: a list to take :func:`best` of."""
    candidates = [(row, colour) for row, choice in choices.items() for colour in choice.candidates()]
    versions = {str(i): colour for i, (_, colour) in enumerate(candidates)}
    answers = ask({"": classifiers}, dev, versions, device, progress)[""]
    label = dev.label.numpy()
    sweep = []
    for i, (row, colour) in enumerate(candidates):
        right = answers[str(i)].argmax(-1) == label  # (S, N)
        accuracy = {"accuracy": float(right.mean()), "accuracy_of_seed": right.mean(1).tolist()}
        sweep.append({"row": row, **colour.settings(), **accuracy})
    return sweep


def best(sweep: Sequence[dict], row: str) -> Colour:
    """The candidate with the highest accuracy on dev; of equals the first."""
    found = max((entry for entry in sweep if entry["row"] == row), key=lambda entry: entry["accuracy"])
    return Colour(found["source"], found["temperature"], found["lam"], found["strength"], found.get("hue", 0.0))


def ask(
    classifiers: Mapping[str, Sequence[Classifier]],
    images: Images,
    versions: Mapping[str, Colour],
    device: torch.device | str | None = None,
    progress: bool = True,
    also: Callable[[str, torch.Tensor], None] | None = None,
) -> dict[str, dict[str, np.ndarray]]:
    """What every classifier says about every version: ``[column][row]`` to ``(S, N, classes)`` probabilities.

    ``also`` is called with each row and its pictures, a few at a time, in Lab ``(n, 3, H, W)``, before they are clipped
    to what a screen has.
    """
    said: dict[str, dict[str, list]] = {column: {row: [] for row in versions} for column in classifiers}
    batches = lab_batches(images.rgb, versions, images.label, device=device)
    total = -(-len(images) // BATCH)
    for made in tqdm(batches, f"{len(versions)} versions", total, disable=not progress, unit=" batches"):
        for row, lab in made.items():
            rgb = to_uint8(lab_to_rgb(lab))
            if also:
                also(row, lab)
            for column, several in classifiers.items():
                said[column][row].append(torch.stack([one.probabilities(rgb) for one in several]).numpy())
    return {
        column: {row: np.concatenate(parts, axis=1) for row, parts in rows.items()} for column, rows in said.items()
    }
