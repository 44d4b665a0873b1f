"""Does a classifier that learned ImageNet recognise coloured pictures better than grey ones?

The paper's own test of its colours ([1]_, section 3.1, "semantic interpretability"), with a network
of today on Tiny ImageNet: nothing is trained. The classifier knows 1,000 classes and is asked which
of Tiny ImageNet's 200 it sees. That makes it easier for the classifier than the paper's test, and the pictures of
64 pixels make it harder. Whether it learned some of these very pictures is not recorded with them; it would
have seen them all in true colour. Comparisons between versions made of the same grey are not touched by that.

Sources
-------
.. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ..data.images import Images, thinned
from ..data.tiny_imagenet import load_tiny_imagenet
from ..inference.imagenet import ImageNetClassifier
from ..measuring.results import rounded
from ..measuring.statistics import bootstrap_means, with_interval
from ..measuring.tables import tables
from ..networks.pretrained import OFFLINE
from ..record import begin, command_line, counted, head, trainings
from ..weights.shipped import load_weights
from .asking import Choice, ask, best, choose, fingerprint
from .versions import VERSIONS, Colour

#: To what side the pictures of 64 pixels may be enlarged. 128 has less than half of the pixels of 192.
SIZES = (64, 96, 128)
#: What the size, and lambda and T of ``dial``, are chosen on: so many pictures of dev.
CHOSEN_ON = 400
#: Pictures of test that are looked at: every fifth, 5 of a class, ten minutes' work for a processor.
TESTED_ON = 1000
#: What ``dial`` chooses from. Lambda 1 would be ``mean`` and ``annealed`` again.
LAMBDAS, TEMPERATURES = (0.9, 0.7, 0.5), (0.38, 1.0)
#: The only column of the table: what the classifier learned.
COLUMN = "ImageNet"


def run_imagenet(
    root: str | Path | None = None,
    photo: str | Path = "photo",
    sizes: Sequence[int] | None = None,
    limit: int | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict:
    """The whole experiment: choose on dev, measure on test.

    Parameters
    ----------
    root
        Where Tiny ImageNet is: see :func:`~colorize_lib.data.tiny_imagenet.load_tiny_imagenet`.
    photo
        Name or file of the colorizer that was trained on photographs. The others are ``regression`` and
        ``classification``, which learned CIFAR-10; all see the pictures at their 64 pixels.
    sizes
        What the side that the classifier sees is chosen from; :data:`SIZES` if None.
    limit
        Look at so many test pictures (at most 5,000) and not at :data:`TESTED_ON`, and call the result a trial.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    dict
        The contents of ``results/imagenet.json``: ``rows`` (how each version is made), ``sets`` (as of the
        VGG experiment, and ``top5``), and what was chosen: ``size``, ``size_on_dev``, ``dev``.
    """

    started = begin()
    made = load_weights(photo, "colorizer").meta  # if it is not there, say so before the work begins
    dev, test = (load_tiny_imagenet(split, root, progress) for split in ("dev", "test"))
    dev, test = thinned(dev, min(limit or CHOSEN_ON, CHOSEN_ON)), thinned(test, limit or TESTED_ON)
    accuracy = size_accuracy(dev, sizes or SIZES, device, progress)
    classifier = ImageNetClassifier(dev.classes, max(accuracy, key=accuracy.get), device=device)
    choices = {
        row: Choice(source, LAMBDAS, TEMPERATURES)
        for row, source in (("dial", "classification"), ("photo-dial", str(photo)))
    }
    sweep = choose([classifier], dev, choices, device, progress)
    versions = make_versions(str(photo), {row: best(sweep, row) for row in choices})
    answers = ask({COLUMN: [classifier]}, test, versions, device, progress)
    colorizers = {Path(c.source).stem: fingerprint(c) for c in versions.values() if fingerprint(c)}
    first, (weights,) = trainings(made)
    command = command_line(f"{first}colorize experiment imagenet", photo=weights, limit=limit)
    trained, data = f"{OFFLINE} as published; colours by {', '.join(colorizers)}", counted(dev=dev, test=test)
    return {
        **head("imagenet-trial" if limit else "imagenet", command, trained, data, classifier.device, started),
        "classifier": OFFLINE,
        "size": classifier.size,
        "size_on_dev": rounded(accuracy),
        "rows": {row: {**c.settings(), "source": Path(c.source).stem} for row, c in versions.items()},
        "colorizers": colorizers,
        "sets": rounded({"test": with_top5(answers, test)}),
        "dev": rounded([{**entry, "source": Path(entry["source"]).stem} for entry in sweep]),
    }


def size_accuracy(
    images: Images, sizes: Sequence[int], device: torch.device | str | None = None, progress: bool = True
) -> dict[int, float]:
    """How accurate the classifier is on the true pictures enlarged to each size."""
    found = {}
    for size in tqdm(sizes, "size", disable=not progress, unit=" sizes"):
        answer = ImageNetClassifier(images.classes, size, device=device).probabilities(images.rgb).argmax(1)
        found[size] = (answer == images.label).float().mean().item()
    return found


def make_versions(photo: str, dials: dict[str, Colour]) -> dict[str, Colour]:
    """What is shown, by row: the controls, the CIFAR-trained networks, the one for photographs, and the truth."""
    plain = {row: VERSIONS[row] for row in ("grey", "random", "regression", "mean", "annealed-0.38")}
    of_photo = {"photo-mean": Colour(photo), "photo-annealed-0.38": Colour(photo, 0.38)}
    return {
        **plain,
        "dial": dials["dial"],
        **of_photo,
        "photo-dial": dials["photo-dial"],
        "truth": VERSIONS["truth"],
    }


def with_top5(answers: dict[str, dict[str, np.ndarray]], images: Images) -> dict:
    """:func:`~colorize_lib.measuring.tables.tables` of the answers, with ``top5`` and without what fills pages.

    Two of 200 classes are seldom mixed up often enough to tell: ``mistaken_for`` is left out.

    Parameters
    ----------
    answers
        ``[column][row]``: ``(S, N, classes)`` probabilities.
    """
    label = images.label.numpy()
    result = tables(answers, label, images.classes)
    for column, rows in result["columns"].items():
        for row, cell in rows.items():
            del cell["mistaken_for"]
            hits = top_hits(answers[column][row], label).mean(0)[:, None]  # (N, 1)
            cell["top5"] = with_interval(hits.mean(), bootstrap_means(hits)[:, 0])
    return result


def top_hits(probabilities: np.ndarray, label: np.ndarray, k: int = 5) -> np.ndarray:
    """Whether the true class is among the k likeliest: ``(S, N, classes)`` and ``(N,)`` to ``(S, N)`` bool."""
    true = np.take_along_axis(probabilities, label[None, :, None], 2)  # (S, N, 1)
    return (probabilities > true).sum(2) < k
