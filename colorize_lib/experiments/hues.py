"""Which colour helps a classifier: how strong must it be, and must it be the right hue?

Another picture's colours (:data:`~colorize_lib.experiments.versions.VERSIONS`, ``random``) have the wrong hue and the
wrong outlines at once. Here each of the two is changed alone. The outlines stay where the true colours, or a
colorizer's, are made stronger, weaker, or all turned by one angle in the ab plane. Nothing is trained.

L and chroma are those of the picture, as far as a screen has such a colour. How far that is, :func:`gamut_loss` says.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from ..colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from ..data.cifar10 import load_cifar10
from ..data.examples import embedded_cifar10
from ..data.images import thinned
from ..errors import InputError
from ..files import user_path
from ..inference.classifier import Classifier
from ..measuring.results import rounded
from ..measuring.tables import Answers, compare, summarise
from ..record import begin, command_line, counted, head
from .asking import ask, fingerprint
from .versions import VERSIONS, Colour
from .vgg import COLUMNS, SHIPPED, describe, in_words

#: Factors on ab, besides 0 and 1.
STRENGTHS = (0.1, 0.25, 0.5, 0.75, 1.25, 1.5)
#: Degrees by which every hue is turned, besides 0.
HUES = (60, 120, 180, 240, 300)
#: The rows that all others are compared with on the same pictures.
REFERENCES = ("grey", "random", "truth")


def make_versions() -> dict[str, Colour]:
    """What is shown, by row: the references, the colours of ``classification`` at T = 1, and both at every setting."""
    versions = {row: VERSIONS[row] for row in (*REFERENCES, "mean")}
    for row in ("truth", "mean"):
        source = VERSIONS[row].source
        versions |= {f"{row}-strength-{strength:g}": Colour(source, strength=strength) for strength in STRENGTHS}
        versions |= {f"{row}-hue-{hue}": Colour(source, hue=hue) for hue in HUES}
    return versions


def run_hues(
    folder: str | Path | None = None,
    root: str | Path | None = None,
    limit: int | None = None,
    quick: bool = False,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict:
    """The whole experiment, on the CIFAR-10 test pictures.

    Parameters
    ----------
    folder
        Where :func:`~colorize_lib.experiments.vgg.run_vgg` left its classifiers; None takes those that come with the
        package, one of each column.
    root
        Where CIFAR-10 is: see :func:`~colorize_lib.data.cifar10.load_cifar10`.
    limit
        Use only so many pictures, and call the result a trial.
    quick
        A trial on the 20 embedded pictures, which needs no data.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    dict
        The contents of ``results/hues.json``: ``rows`` says how each version is made, ``sets["test"]`` is what
        :func:`hue_tables` returns, and ``gamut`` what :func:`gamut_loss` does.

    Raises
    ------
    InputError
        If ``folder`` does not hold a classifier of each column, or the data are missing.
    """
    started = begin()
    classifiers = load_columns(folder, device)
    images = embedded_cifar10() if quick else thinned(load_cifar10("test", root, progress), limit)
    versions = make_versions()
    beyond: dict[str, list[torch.Tensor]] = {row: [] for row in versions}
    answers = ask(
        classifiers, images, versions, device, progress, also=lambda row, lab: beyond[row].append(clipping(lab))
    )
    described = [describe(one) for column in classifiers.values() for one in column]
    colorizers = {colour.source: made for colour in versions.values() if (made := fingerprint(colour))}
    command = command_line("colorize experiment hues" + " --quick" * quick, limit=limit)
    if folder is not None:
        seeds = len({one["seed"] for one in described})
        command = f"colorize experiment vgg --seeds {seeds} && {command} --folder runs/vgg"
    trained, device = in_words(described, colorizers), classifiers["colour"][0].device
    return {
        **head("hues-trial" if limit or quick else "hues", command, trained, counted(test=images), device, started),
        "rows": {row: colour.settings() for row, colour in versions.items()},
        "sets": rounded({"test": hue_tables(answers, images.label.numpy(), images.classes)}),
        "gamut": rounded(gamut_loss(beyond)),
        "shipped": folder is None,
        "classifiers": rounded(described),
        "colorizers": colorizers,
    }


def load_columns(
    folder: str | Path | None = None, device: torch.device | str | None = None
) -> dict[str, list[Classifier]]:
    """The classifiers of every column: those of a folder, of every seed that all columns have, or the shipped ones."""
    if folder is None:
        return {column: [Classifier.load(name, device)] for column, name in SHIPPED.items()}
    place = user_path(folder)
    names = [path.name for path in place.glob("vgg-*.safetensors")]
    found = [
        {int(match[1]) for name in names if (match := re.fullmatch(rf"vgg-{column}-(\d+)\.safetensors", name))}
        for column in COLUMNS
    ]
    seeds = sorted(set.intersection(*found))
    if not seeds:
        raise InputError(
            f"{folder} does not hold a network of each kind, {', '.join(SHIPPED.values())}, of the same seed: "
            f"'colorize experiment vgg --folder {folder}' trains them."
        )
    return {
        column: [Classifier.load(place / f"vgg-{column}-{seed}.safetensors", device) for seed in seeds]
        for column in COLUMNS
    }


def hue_tables(
    answers: Answers, label: np.ndarray, classes: tuple[str, ...], references: Sequence[str] = REFERENCES
) -> dict:
    """How often each version is recognised, and how much more often than the references.

    Parameters
    ----------
    answers
        ``[column][row]``: ``(S, N, classes)`` probabilities.
    label
        ``(N,)``, the true classes.
    classes
        Their names.
    references
        Rows that the others are compared with.

    Returns
    -------
    dict
        ``images``; ``columns[column][row]``: as :func:`~colorize_lib.measuring.tables.summarise` has it, but for what a
        class is mistaken for; ``pairs[column]``: for every reference and every other row what
        :func:`~colorize_lib.measuring.tables.compare` says.
    """
    result: dict = {"images": len(label), "columns": {}, "pairs": {}}
    for column, rows in answers.items():
        cells = {row: summarise(probabilities, label, classes) for row, probabilities in rows.items()}
        result["columns"][column] = {
            row: {key: value for key, value in cell.summary.items() if key != "mistaken_for"}
            for row, cell in cells.items()
        }
        result["pairs"][column] = [
            {"rows": [one, other], **compare(cells[one], cells[other])}
            for one in references
            for other in cells
            if other != one
        ]
    return result


def gamut_loss(beyond: Mapping[str, Sequence[torch.Tensor]]) -> dict[str, dict[str, float]]:
    """How much of each version a screen cannot show, by row; means over pictures.

    Parameters
    ----------
    beyond
        By row, what :func:`clipping` says of its pictures, in parts.

    Returns
    -------
    dict
        ``clipped``: the share of pixels that leave R, G or B in [0, 1] by more than half of one of 256 levels.
        ``chroma`` and ``chroma_shown``: mean chroma as asked for and as shown. ``lightness_shift``: the mean distance
        of the shown L from the picture's own. The latter three in Lab units.
    """
    names = ("clipped", "chroma", "chroma_shown", "lightness_shift")
    return {row: dict(zip(names, torch.cat([*parts]).mean(0).tolist(), strict=True)) for row, parts in beyond.items()}


def clipping(lab: torch.Tensor) -> torch.Tensor:
    """What :func:`gamut_loss` reports, of each picture: ``(N, 3, H, W)`` Lab to ``(N, 4)``."""
    rgb, half_a_level = lab_to_rgb(lab, clip=False), 0.5 / 255
    shown = rgb_to_lab(to_uint8(rgb))
    outside = ((rgb < -half_a_level) | (rgb > 1 + half_a_level)).any(1)  # (N, H, W)
    chroma, chroma_shown = (one[:, 1:].square().sum(1).sqrt() for one in (lab, shown))
    shift = (shown[:, 0] - lab[:, 0]).abs()
    return torch.stack([part.float().mean((1, 2)) for part in (outside, chroma, chroma_shown, shift)], 1)
