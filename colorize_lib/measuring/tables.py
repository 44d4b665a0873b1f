"""From what classifiers say about pictures to tables: accuracy, confidence, calibration, and who beats whom.

``answers[column][row]`` is what the classifiers of a column (one a seed) say about the version of
the pictures in a row: ``(S, N, classes)`` probabilities. Accuracies, probabilities and calibration
errors are shares in [0, 1], means over seeds unless they say otherwise; every interval is one of 95 %
over pictures, from the same resamples.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from .statistics import bootstrap_means, calibration_gaps, ece, interval, mcnemar, with_interval

Answers = Mapping[str, Mapping[str, np.ndarray]]


@dataclass
class Cell:
    """One row of one column, ready to be compared with another on the same pictures.

    Attributes
    ----------
    right : numpy.ndarray
        ``(S, N)`` bool.
    accuracy : numpy.ndarray
        ``(R,)``, mean over seeds, of every resample.
    summary : dict
        What goes into the table.
    """

    right: np.ndarray
    accuracy: np.ndarray
    summary: dict = field(repr=False)


def tables(answers: Answers, label: np.ndarray, classes: tuple[str, ...]) -> dict:
    """Everything that is reported about one set of pictures.

    Parameters
    ----------
    answers
        See above; rows ``grey`` and ``truth`` must be among them.
    label
        ``(N,)``, the true classes.
    classes
        Their names.

    Returns
    -------
    dict
        ``images``; ``columns[column][row]``: :func:`summarise` and ``gap``, the share of the way
        from grey to truth; ``pairs[column]``: every two rows compared; ``columns_compared``: a
        network that learned grey, on grey, against the others on every row.
    """
    cells = {
        column: {row: summarise(probabilities, label, classes) for row, probabilities in rows.items()}
        for column, rows in answers.items()
    }
    result: dict = {"images": len(label), "columns": {}, "pairs": {}, "columns_compared": []}
    for column, rows in cells.items():
        result["columns"][column] = {
            row: {**cell.summary, "gap": gap_share(cell, rows["grey"], rows["truth"])} for row, cell in rows.items()
        }
        result["pairs"][column] = [
            {"rows": [one, other], **compare(rows[one], rows[other])} for one, other in combinations(rows, 2)
        ]
    if "grey" in cells:
        result["columns_compared"] = [
            {"one": ["grey", "grey"], "other": [column, row], **compare(cells["grey"]["grey"], cell)}
            for column, rows in cells.items()
            for row, cell in rows.items()
            if (column, row) != ("grey", "grey")
        ]
    return result


def summarise(probabilities: np.ndarray, label: np.ndarray, classes: tuple[str, ...]) -> Cell:
    """Accuracy, p(true), confidence (the largest probability) and ECE with intervals; by seed and by class.

    Parameters
    ----------
    probabilities
        ``(S, N, classes)``.
    label
        ``(N,)``.
    """
    seeds, n, _ = probabilities.shape
    right = probabilities.argmax(-1) == label  # (S, N)
    true = probabilities[:, np.arange(n), label]  # (S, N)
    confidence = probabilities.max(-1)  # (S, N)
    gaps = [calibration_gaps(*pair) for pair in zip(confidence, right, strict=True)]  # S of (N, bins)
    values = np.column_stack([right.mean(0), true.mean(0), confidence.mean(0), *gaps])  # (N, 3 + S bins)
    means, resampled = values.mean(0, keepdims=True), bootstrap_means(values)

    def calibration(means: np.ndarray) -> np.ndarray:  # (R, 3 + S bins) to (R,)
        return ece(means[:, 3:].reshape(len(means), seeds, -1)).mean(1)

    def entry(of_means: Callable[[np.ndarray], np.ndarray]) -> dict:
        return with_interval(of_means(means)[0], of_means(resampled))

    summary = {
        "accuracy": entry(lambda m: m[:, 0]),
        "p_true": entry(lambda m: m[:, 1]),
        "confidence": entry(lambda m: m[:, 2]),
        "ece": entry(calibration),
        "accuracy_of_seed": right.mean(1).tolist(),
        "p_true_of_seed": true.mean(1).tolist(),
        "accuracy_of_class": {
            name: float(right[:, label == k].mean()) for k, name in enumerate(classes) if (label == k).any()
        },
        "mistaken_for": mistaken_for(probabilities.argmax(-1), label, classes),
    }
    return Cell(right, resampled[:, 0], summary)


def mistaken_for(answer: np.ndarray, label: np.ndarray, classes: tuple[str, ...]) -> dict[str, dict]:
    """For each class the wrong one that is answered most often, and the share of its pictures that get it.

    Parameters
    ----------
    answer
        ``(S, N)``, the class that each seed's network names.
    label
        ``(N,)``.
    """
    found = {}
    for k, name in enumerate(classes):
        answers = answer[:, label == k].ravel()
        if answers.size:
            counts = np.bincount(answers, minlength=len(classes))
            counts[k] = -1  # the right answer is no mistake
            wrong = int(counts.argmax())
            found[name] = {"class": classes[wrong], "share": float(counts[wrong] / answers.size)}
    return found


def compare(one: Cell, other: Cell) -> dict:
    """How much more accurate ``other`` is than ``one`` on the same pictures.

    ``difference`` is that of the means over seeds, with its interval. ``b``, ``c`` and ``p`` hold
    McNemar's exact test for each seed: the pictures that only ``one``, and only ``other``, gets right.
    """
    tests = [mcnemar(a, b) for a, b in zip(one.right, other.right, strict=True)]
    b, c, p = (list(column) for column in zip(*tests, strict=True))
    difference = with_interval(other.right.mean() - one.right.mean(), other.accuracy - one.accuracy)
    return {"difference": difference, "b": b, "c": c, "p": p}


def gap_share(cell: Cell, grey: Cell, truth: Cell) -> dict | None:
    """How much of the accuracy that grey lacks to truth comes back: 0 is none, 1 all of it.

    None where it is not certain that grey lacks any.
    """
    lacking = truth.accuracy - grey.accuracy  # (R,)
    if interval(lacking)[0] <= 0:
        return None
    certain = lacking > 0  # a ratio to nothing or less says nothing
    mean = (cell.right.mean() - grey.right.mean()) / (truth.right.mean() - grey.right.mean())
    return with_interval(mean, (cell.accuracy - grey.accuracy)[certain] / lacking[certain])


def pair_of(part: Mapping, column: str, one: str, other: str) -> dict:
    """Of what :func:`tables` returns: how much better row ``other`` is than row ``one``, as :func:`compare` says it.

    Raises
    ------
    StopIteration
        If the two were not compared in this order.
    """
    return next(pair for pair in part["pairs"][column] if pair["rows"] == [one, other])
