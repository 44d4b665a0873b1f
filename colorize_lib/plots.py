"""Pictures and diagrams of the book. Colours are colour-blind safe and work on dark pages too."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from .colour.gamut import Gamut
from .colour.lab import lab_to_rgb, rgb_to_lab, to_rgb

#: Okabe and Ito's palette without its black and yellow, which vanish on one page or the other.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def show_images(rows: Mapping[str, torch.Tensor], max_n: int = 8, size: float = 1.1) -> None:
    """Draw a grid of pictures with a name at the left of each row, in a new figure.

    Parameters
    ----------
    rows
        Name to uint8 RGB ``(N, 3, H, W)``.
    max_n
        How many of a row's pictures to draw.
    size
        Side of a picture, in inches.
    """
    n = min(max_n, *(len(row) for row in rows.values()))
    margin = 1.2  # inches at the left, for the names
    figure, axes = plt.subplots(len(rows), n, squeeze=False, figsize=(size * n + margin, size * len(rows) + 0.1))
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=11)
        for axis, picture in zip(line, pictures, strict=False):
            axis.imshow(picture.permute(1, 2, 0).cpu().numpy(), interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
    left = margin / (size * n + margin)
    figure.subplots_adjust(wspace=0.06, hspace=0.06, left=left, right=0.995, bottom=0.01, top=0.99)


def show_rows(rows: Mapping[str, tuple[torch.Tensor, torch.Tensor | None]], max_n: int = 8, **kwargs) -> None:
    """:func:`show_images` for pictures given as (L, ab); None for ab draws grey."""
    pictures = {name: to_rgb(*(None if t is None else t[:max_n] for t in pair)) for name, pair in rows.items()}
    show_images(pictures, max_n, **kwargs)


def ab_plane(axis: Axes, gamut: Gamut, lightness: float = 60.0) -> Axes:
    """Draw the bins, each in its own colour at one lightness, with a to the right and b upwards."""
    centres = gamut.centres
    lab = torch.cat((torch.full((len(centres), 1), lightness), centres), 1)[..., None, None]  # (Q, 3, 1, 1)
    colours = lab_to_rgb(lab)[..., 0, 0].numpy()  # (Q, 3)
    for (a, b), colour in zip(centres.tolist(), colours, strict=True):
        half = gamut.grid / 2
        axis.add_patch(plt.Rectangle((a - half, b - half), gamut.grid, gamut.grid, color=colour, lw=0))
    reach = centres.abs().max().item() + gamut.grid
    axis.set(
        xlim=(-reach, reach),
        ylim=(-reach, reach),
        aspect="equal",
        xlabel="a  (green to red)",
        ylabel="b  (blue to yellow)",
    )
    return axis


def bin_map(axis: Axes, gamut: Gamut, values: torch.Tensor, log: bool = False, **kwargs) -> AxesImage:
    """Draw one number a bin, ``(Q,)``, as a heat map of the ab plane; returns the image for a colour bar."""
    cells = (gamut.centres / gamut.grid).round().long()
    reach = int(cells.abs().max())
    picture = np.full((2 * reach + 1, 2 * reach + 1), np.nan)
    picture[cells[:, 1].numpy() + reach, cells[:, 0].numpy() + reach] = values.cpu().double().numpy()
    edge = (reach + 0.5) * gamut.grid
    if log:
        from matplotlib.colors import LogNorm

        kwargs = {"norm": LogNorm(kwargs.pop("vmin", None), kwargs.pop("vmax", None))} | kwargs
    kwargs = {"cmap": "viridis"} | kwargs
    image = axis.imshow(picture, origin="lower", extent=(-edge, edge, -edge, edge), interpolation="nearest", **kwargs)
    axis.set(xlabel="a", ylabel="b")
    return image


def lab_channels(rgb: torch.Tensor) -> dict[str, torch.Tensor]:
    """A picture ``(3, H, W)`` uint8 taken apart, as uint8 RGB pictures ``(1, 3, H, W)`` one can look at.

    ``L`` alone, then ``a`` and ``b`` alone at the lightness of mid-grey.
    """
    lab = rgb_to_lab(rgb[None])
    middle, nothing = torch.full_like(lab[:, :1], 60.0), torch.zeros_like(lab[:, :1])
    return {
        "RGB": rgb[None],
        "L": to_rgb(lab[:, :1]),
        "a": to_rgb(middle, torch.cat((lab[:, 1:2], nothing), 1)),
        "b": to_rgb(middle, torch.cat((nothing, lab[:, 2:]), 1)),
    }


def size_curves(axis: Axes, compared: Mapping[str, dict], measure: str, names: Mapping[str, str]) -> None:
    """Draw what more pictures change, one line a test set, in the units of the measure.

    A band is the interval over pictures and seeds, a dot is one seed. The smallest number of pictures, from which the
    change is counted, has none.

    Parameters
    ----------
    compared
        By test set, what :func:`colorize_lib.experiments.subsets.compare` returns.
    measure
        One of :data:`colorize_lib.measuring.exam.MEASURES`.
    names
        The test sets to draw, and what to call them.
    """
    for (test, name), colour in zip(names.items(), PALETTE, strict=False):
        smallest = _pictures(compared[test]["subsets"][0])
        changes = [
            (_pictures(one["other"]), one["measures"][measure])
            for one in compared[test]["differences"]
            if _pictures(one["one"]) == smallest
        ]
        counts = [smallest, *(count for count, _ in changes)]
        low, mean, high = ([0, *(found[key] for _, found in changes)] for key in ("low", "mean", "high"))
        axis.fill_between(counts, low, high, color=colour, alpha=0.2, lw=0)
        axis.plot(counts, mean, color=colour, label=name)
        for count, found in changes:
            axis.plot([count] * len(found["seeds"]), found["seeds"], ".", color=colour)
    axis.axhline(0, color="grey", lw=0.8)
    axis.set_xscale("log", base=2)
    axis.set_xticks(counts, [f"{count:,}" for count in counts])
    axis.minorticks_off()
    axis.set_xlabel("training pictures")


def kinds_bars(axis: Axes, compared: Mapping[str, dict], measure: str, names: Mapping[str, str]) -> None:
    """Draw what as many pictures of more kinds of things change, one bar a test set: see :func:`size_curves`."""
    for row, ((test, name), colour) in enumerate(zip(names.items(), PALETTE, strict=False)):
        (found,) = (
            one["measures"][measure]
            for one in compared[test]["differences"]
            if one["one"]["kinds"] < one["other"]["kinds"]
        )
        _seeds(axis, row, found, colour, name)
    axis.axhline(0, color="grey", lw=0.8)
    axis.set_xticks(range(len(names)), list(names.values()))
    axis.set_xlim(-0.6, len(names) - 0.4)


def seed_bars(
    axis: Axes, rows: Sequence[Mapping[str, Any]], measure: str, names: Mapping[tuple[str, float | None, float], str]
) -> None:
    """Draw networks that were trained several times, one bar each: its interval, its mean, and a dot for every seed.

    The bars lie, one below the other, so that their names can be read on a phone.

    Parameters
    ----------
    rows
        What :func:`colorize_lib.experiments.seeds.compare` returns.
    measure
        One of :data:`colorize_lib.measuring.by_picture.MEASURES`.
    names
        What to draw and what to call it, by network, temperature and lambda. Bars of one network have one colour.
    """
    found = {(row["network"], row["temperature"], row["lam"]): row["measures"][measure] for row in rows}
    colours = dict(zip(dict.fromkeys(network for network, *_ in names), PALETTE, strict=False))
    for place, (setting, name) in enumerate(names.items()):
        _seeds(axis, place, found[setting], colours[setting[0]], name, lying=True)
    axis.set_yticks(range(len(names)), list(names.values()))
    axis.set_ylim(len(names) - 0.4, -0.6)


def _seeds(axis: Axes, place: float, found: Mapping[str, Any], colour: str, name: str, lying: bool = False) -> None:
    """An interval, its mean, and a dot for every seed: one above the other, or, ``lying``, side by side."""

    def draw(values: Sequence[float], style: str, **how: Any) -> None:
        places = [place] * len(values)
        axis.plot(*((values, places) if lying else (places, values)), style, color=colour, **how)

    draw([found["low"], found["high"]], "-", alpha=0.3, lw=8, solid_capstyle="butt")
    draw([found["mean"]], "|" if lying else "_", ms=14, mew=2)
    draw(found["seeds"], ".", label=name)


def _pictures(subset: Mapping[str, int]) -> int:
    return subset["kinds"] * subset["each"]


def show_answers(
    versions: Mapping[str, tuple[torch.Tensor, torch.Tensor]], label: torch.Tensor, classes: Sequence[str]
) -> None:
    """Draw what a network takes pictures for, in a new figure: one line a picture, one column a version of it.

    Parameters
    ----------
    versions
        What a version is called, to its uint8 RGB ``(N, 3, H, W)`` and the network's probabilities ``(N, classes)``.
    label
        ``(N,)``, the true classes. A tick below a picture says that the likeliest class is the true one.
    classes
        Their names.
    """
    figure, axes = plt.subplots(len(label), len(versions), figsize=(8, 2.05 * len(label)), squeeze=False)
    for i, line in enumerate(axes):
        line[0].set_ylabel(classes[label[i]], fontsize=10)
        for axis, (rgb, probabilities) in zip(line, versions.values(), strict=True):
            confidence, guess = probabilities[i].max(0)
            tick = "✓" if guess == label[i] else "✗"
            axis.imshow(rgb[i].permute(1, 2, 0).cpu().numpy())
            axis.set_xlabel(f"{tick} {classes[guess]}, {100 * confidence:.0f} %")
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
    for axis, title in zip(axes[0], versions, strict=True):
        axis.set_title(title, fontsize=10)
    figure.tight_layout()


def accuracy_rows(
    cells: Mapping[str, Mapping[str, Mapping]], columns: Mapping[str, str], rows: Mapping[str, str]
) -> None:
    """Draw how often networks are right, in a new figure: one line a way to colour, a mark and an interval a network.

    Parameters
    ----------
    cells
        ``cells[column][row]["accuracy"]`` with ``mean``, ``low`` and ``high``, shares in [0, 1]: the ``columns`` that
        :func:`colorize_lib.measuring.tables.tables` returns.
    columns, rows
        The networks and the ways to colour that are drawn, in this order, and what to call them.
    """
    figure, axis = plt.subplots(figsize=(7.5, 0.42 * len(rows) + 1), layout="constrained")
    for k, (column, name) in enumerate(columns.items()):
        low, mean, high = (
            100 * np.array([cells[column][row]["accuracy"][key] for row in rows]) for key in ("low", "mean", "high")
        )
        place = -np.arange(len(rows)) - 0.16 * (k - (len(columns) - 1) / 2)
        style = {"fmt": "osD"[k], "color": PALETTE[k], "capsize": 2, "ms": 5}
        axis.errorbar(mean, place, xerr=(mean - low, high - mean), label=name, **style)
    axis.set_yticks(-np.arange(len(rows)), list(rows.values()))
    axis.set_xlabel("accuracy, %  (with 95 % intervals)")
    axis.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
