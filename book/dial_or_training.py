# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Train with the weights, or turn the dial?
#
# *For the curious: the next chapter does not build on this page.*
#
# [Chapter 5](05_rebalancing) has two ways to let rare colours count for more. One may train with the weights, or turn the dial
# $\lambda$ afterwards. On paper they end at the same answer. Here both are measured at many settings, and you
# see how two ways can be compared fairly when each has dials of its own, and where both go too far.

# %% tags=["hide-input"]
import pandas as pd
from matplotlib import pyplot as plt

from colorize_lib import Colorizer, rgb_to_lab
from colorize_lib.colour.lab import to_rgb
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.experiments.repeated import beyond_chance
from colorize_lib.experiments.seeds import Setting, pair
from colorize_lib.measuring.curves import best_at_equal, dial_curves
from colorize_lib.measuring.metrics import (
    auc,
    balanced_weight,
    colourfulness_ratio,
)
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.pages.remember import remember
from colorize_lib.plots import PALETTE

results = {
    "plain": read_result("classification"),
    "trained, λ = 0.8": read_result("rebalanced-0.8"),
    "trained, λ = 0.5": read_result("rebalanced"),
}

# %% [markdown]
# ## Many settings, side by side
#
# Three networks with one recipe, one order of the images, one seed: $\lambda = 1$ (plain), 0.8 and 0.5 trained in.
# And the plain one with the dial at 0.7, 0.5 and 0.3. Everything is measured on the same test images.
#
# (The network trained with 0.8 does not ship, only its numbers do. `colorize train rebalanced-0.8` makes it.)

# %% tags=["hide-input"] plot=true figure="fig-experiment" caption="Trained with weights, and weighted afterwards, on the test images." alt="Four line diagrams over T, with six lines each: plain, two trained with weights, three weighted afterwards. Colourfulness of the plain network rises with T and stays near half of the truth; all others fall with T, between 0.8 and 1.6. Their ab RMSE is higher, their AuC lower, some worse than a dotted line for a grey picture, and their balanced AuC higher. The lines of the trained networks are the flatter ones."
dial = results["plain"]["test"]
curves = {
    "plain": [row for row in dial if row["lam"] == 1],
    "trained, λ = 0.8": results["trained, λ = 0.8"]["test"],
    "trained, λ = 0.5": results["trained, λ = 0.5"]["test"],
}
for lam in (0.7, 0.5, 0.3):
    curves[f"afterwards, λ = {lam:g}"] = [
        row for row in dial if row["lam"] == lam
    ]
styles = {
    "plain": ("#888888", "o-"),
    "trained, λ = 0.8": (PALETTE[1], "v-"),
    "trained, λ = 0.5": (PALETTE[4], "s-"),
    "afterwards, λ = 0.7": (PALETTE[5], "^--"),
    "afterwards, λ = 0.5": (PALETTE[0], "D--"),
    "afterwards, λ = 0.3": (PALETTE[2], "P--"),
}
labels = {
    "colourfulness_ratio": "colourfulness (truth = 1)",
    "ab_rmse": "ab RMSE (lower is better)",
    "auc": "AuC %",
    "auc_balanced": "AuC balanced %",
}
grey = results["plain"]["baselines"]["grey"]


def draw(axis: plt.Axes, along: str, metric: str) -> None:
    """One metric against the temperature or another metric, one curve a setting."""
    for name, rows in curves.items():
        colour, style = styles[name]
        axis.plot(
            [row[along] for row in rows],
            [row[metric] for row in rows],
            style,
            color=colour,
            ms=4,
            lw=1.2,
            label=name,
        )
    axis.set_title(labels[metric], fontsize=10)
    axis.set_xlabel(labels.get(along, "T"))


def with_legend(figure: plt.Figure, axis: plt.Axes, height: float) -> None:
    """One legend below all diagrams."""
    figure.legend(
        *axis.get_legend_handles_labels(),
        loc="lower center",
        ncols=3,
        frameon=False,
        fontsize=9,
    )
    figure.tight_layout(rect=(0, height, 1, 1))


figure, axes = plt.subplots(2, 2, figsize=(9, 6.4), sharex=True)
for axis, metric in zip(axes.flat, labels, strict=True):
    draw(axis, "temperature", metric)
    if metric in ("ab_rmse", "auc"):
        axis.axhline(
            grey[metric], color="black", lw=1, ls=":", label="a grey picture"
        )
for axis in axes[0]:
    axis.set_xlabel("")
axes[0, 0].axhline(1, color="grey", lw=0.8, ls=":")
with_legend(figure, axes[0, 1], 0.12)

# %% tags=["hide-input"]
at = {
    name: {row["temperature"]: row for row in rows}
    for name, rows in curves.items()
}

# %% [markdown]
# The first diagram of {numref}`fig-experiment` shows what chapter 5 found: cooling makes the pictures of the plain network greyer
# and those of every other more colourful. That does not make the paper's 0.38 the best for a rebalanced network of CIFAR-10. Ask the dev images, and the metrics
# name temperatures far apart. One of those in the table names the paper's, {term}`CIEDE2000`, which follows the eye:

# %% tags=["hide-input"]
liked = results["trained, λ = 0.5"]["best_on_dev"]
chosen = {"ab_rmse", "auc", "auc_balanced", "eps5", "psnr", "ciede2000"}
names = labels | {"psnr": "PSNR", "ciede2000": "CIEDE2000"}
names |= {"eps5": "within 5 % in a and b %"}
by_dev = pd.Series({names[m]: t for m, t in liked.items() if m in chosen})
assert list(by_dev.index[by_dev == 0.38]) == ["CIEDE2000"]
assert by_dev.min() < 0.38 and (by_dev > 0.38).sum() > len(by_dev) / 2
column = "best T on dev, trained with λ = 0.5"
report(
    remember(
        by_dev.rename(column).to_frame(), (labels["auc_balanced"], column)
    ),
    results["trained, λ = 0.5"],
)

# %% [markdown]
# ## Which way is better?
#
# At the same $T$ and $\lambda$ the two ways differ in colourfulness and in errors at once, so you cannot say which is
# better. Make one thing equal first. In {numref}`fig-equal` the colourfulness runs to the right: two curves above one another
# are equally colourful.

# %% tags=["hide-input"] plot=true figure="fig-equal" caption="Three metrics at equal colourfulness." alt="Three line diagrams over colourfulness: ab RMSE, AuC and balanced AuC. The plain network is alone at the left, near half of the true colourfulness. From 0.8 on the others follow: their ab RMSE rises with colourfulness, their AuC falls, and the lines of training and of the dial cross or nearly touch. In balanced AuC the lines lie apart, that of the dial at 0.3 highest."
figure, axes = plt.subplots(1, 3, figsize=(10, 4))
for axis, metric in zip(axes, ("ab_rmse", "auc", "auc_balanced"), strict=True):
    draw(axis, "colourfulness_ratio", metric)
    axis.axvline(1, color="grey", lw=0.8, ls=":")
with_legend(figure, axes[0], 0.14)

# %% [markdown]
# Now as numbers. Between two neighbouring settings read along a straight line, and never beyond the last one. A
# way that does not reach a level has no number there.
#
# Two comparisons are fair, each in its manner:
#
# - The same $\lambda = 0.5$ in both ways, and only $T$ is free.
# - Each way at its best. Training may choose between its two networks, the dial may turn $\lambda$ too, since
#   that costs nothing.
#
# Each way has the setting that is best for the metric *on dev*, read where the curve on dev passes the level. The same
# settings are compared on the test images, so that no way is flattered by having more of them to
# choose from. The table says by how much the dial is better. Two ways that are equally colourful on dev may differ a little
# on test: below the table stands by how much.


# %% tags=["hide-input"]
def on_both(name: str, lam: float) -> list[dict]:
    """A network at one λ, a row for each T: its metrics on dev, and beside them, with a `test` before, those on test."""
    test = {
        (row["lam"], row["temperature"]): row for row in results[name]["test"]
    }
    return [
        row
        | {
            f"test {metric}": test[lam, row["temperature"]][metric]
            for metric in labels
        }
        for row in results[name]["dev"]
        if row["lam"] == lam
    ]


dial_on_both = [
    row for lam in (1.0, 0.7, 0.5, 0.3) for row in on_both("plain", lam)
]
trained = [
    on_both(name, 1.0) for name in ("trained, λ = 0.8", "trained, λ = 0.5")
]
ways = {
    "trained, 0.5": trained[1:],
    "dial, 0.5": [on_both("plain", 0.5)],
    "trained, any λ": trained,
    "dial, any λ": dial_curves(dial_on_both),
}


def best_settings(
    along: str, levels: tuple[float, ...], metrics: tuple[str, ...]
) -> dict[tuple[str, str], dict[float, dict]]:
    """For every metric and way the best setting at each level of ``along``, both on dev; None where there is none."""
    return {
        (metric, way): {
            level: best_at_equal(
                lines, along, level, metric, metric != "ab_rmse"
            )
            for level in levels
        }
        for metric in metrics
        for way, lines in ways.items()
    }


def on_test(settings: dict, along: str, shown: str = "") -> pd.DataFrame:
    """What settings give on the test images: in the metric each is best in, or in the one ``shown``."""
    table = {
        (labels[metric], way): {
            level: (row or {}).get(f"test {shown or metric}")
            for level, row in rows.items()
        }
        for (metric, way), rows in settings.items()
    }
    return (
        pd.DataFrame(table, dtype=float)
        .rename_axis(f"at {labels[along]}, on dev")
        .T
    )


def lead(table: pd.DataFrame, metric: str, lam: str) -> pd.Series:
    """By how much the dial is better than training, wherever both reach."""
    rows = table.loc[labels[metric]]
    difference = (
        rows.loc[f"dial, {lam}"] - rows.loc[f"trained, {lam}"]
    ).dropna()
    return -difference if metric == "ab_rmse" else difference


def signed(value: float) -> str:
    """Such as +0.27 and −0.04; nothing where one of the two does not reach the level."""
    return "" if pd.isna(value) else f"{value:+.2f}".replace("-", "−")


metrics = {"ab_rmse": "ab RMSE", "auc": "AuC", "auc_balanced": "balanced AuC"}
settings = best_settings(
    "colourfulness_ratio", (0.8, 0.9, 1.0, 1.1, 1.2), tuple(metrics)
)
equal_colour = on_test(settings, "colourfulness_ratio")
same = {metric: lead(equal_colour, metric, "0.5") for metric in metrics}
best = {metric: lead(equal_colour, metric, "any λ") for metric in metrics}
leads = pd.DataFrame(
    {
        f"{title}: {metrics[metric]}": found[metric]
        for title, found in (("λ = 0.5", same), ("at its best", best))
        for metric in metrics
    }
).T
leads.columns = [f"{level:g}" for level in leads.columns]
report(
    remember(
        leads.map(signed).rename_axis("colourfulness on dev", axis=1),
        ("λ = 0.5: balanced AuC", "1"),
        ("at its best: balanced AuC", "1"),
    ),
    *results.values(),
)

# %% tags=["hide-input"]
some_behind = best["auc_balanced"].min() < 0 < best["auc_balanced"].max()
assert some_behind  # ahead at some levels, behind at others
for found in (same, best):  # as colourful as the truth
    assert found["ab_rmse"][1.0] > 0.3 and found["auc"][1.0] > 0.2
    assert found["auc_balanced"][1.2] > 0.3
assert same["auc_balanced"][1.0] < -0.2 < best["auc_balanced"][0.8] + 0.1
assert abs(best["auc_balanced"][1.0]) < 0.1 and best["auc_balanced"][0.8] < 0
# Each at its best: training is nowhere ahead by more than a little.
assert min(found.min() for found in best.values()) > -0.3
assert best["ab_rmse"].min() > 0
on_both_sides = on_test(settings, "colourfulness_ratio", "colourfulness_ratio")
off = (on_both_sides - on_both_sides.columns).abs().max().max()
assert off < 0.05

# %% [markdown]
# Plus is better for the dial, and a blank says that one of the two does not reach the level. Where the pictures are as
# colourful as the truth, the dial is ahead in ab RMSE and in AuC. In the balanced AuC training is ahead at the same
# $\lambda$, and with each way at its best the two are level. With more colour it is the dial that is ahead there.

# %% tags=["hide-input"]
by_auc = best_settings("auc", (90.5, 90.0, 89.7, 89.4, 89.1), ("auc_balanced",))
best_by_auc = lead(on_test(by_auc, "auc"), "auc_balanced", "any λ")
assert best_by_auc.min() > 0
report(
    f"The settings of this table are at most {off:.3f} more or less colourful on test than on dev. The other way round, "
    "each at its best and at an equal AuC of "
    f"{', '.join(f'{level:g}' for level in best_by_auc.index)} %, the dial has {', '.join(map(signed, best_by_auc))} "
    "of balanced AuC.",
    *results.values(),
)

# %% [markdown]
# So training with the weights buys little that the dial does not give, on these pictures and at this size. It is
# ahead by a few tenths of balanced AuC at some levels, and behind at others. And the dial costs no training, can be
# turned back, and can be set for each picture.
#
# That is the verdict, with two warnings. The networks of these tables are **one training each**. And these are
# {term}`multiple comparisons`, none of which was the question beforehand, so read them as an exploration. [The next chapter](06_transfer)
# trains each network three times, briefly. There, with $\lambda = 0.5$ in both ways and $T = 0.38$:

# %% tags=["remove-input"]
seeds = read_result("seeds")
two_ways = pair(
    seeds["pairs"],
    Setting("classification", 0.38, 0.5),
    Setting("rebalanced", 0.38),
)
changes = {
    measure: (
        "{mean:+.2f} ({low:+.2f} to {high:+.2f})".format(
            **two_ways["measures"][measure]
        ),
        two_ways["between_seeds"][measure],
    )
    for measure in ("auc_balanced", "ab_rmse", "colourfulness_ratio")
}
report(
    "From the dial to the network that was trained with the weights, the balanced AuC changes by "
    f"{changes['auc_balanced'][0]}, where two seeds of one network differ by up to {changes['auc_balanced'][1]:.2f}; "
    f"the ab RMSE by {changes['ab_rmse'][0]}, seeds {changes['ab_rmse'][1]:.2f}; "
    f"the colourfulness by {changes['colourfulness_ratio'][0]}, seeds {changes['colourfulness_ratio'][1]:.2f}.",
    seeds,
)

# %% tags=["hide-input"]
warm = pair(
    seeds["pairs"],
    Setting("classification", 1.0, 0.5),
    Setting("rebalanced", 1.0),
)


def told_apart(compared: dict, measure: str) -> bool:
    """Whether a change is more than chance."""
    return beyond_chance(
        compared["measures"][measure], compared["between_seeds"][measure]
    )


assert not told_apart(two_ways, "auc_balanced")
assert not told_apart(warm, "auc_balanced")
for compared, measure, sign in (
    (two_ways, "ab_rmse", -1),
    (two_ways, "colourfulness_ratio", -1),
    (warm, "ab_rmse", 1),
):
    assert told_apart(compared, measure)
    assert sign * compared["measures"][measure]["mean"] > 0

# %% [markdown]
# In balanced AuC the two cannot be told apart. In error the trained network is a little ahead and in colour a little
# behind, as a dial turned less far would be. At $T = 1$ it is the dial that is a little ahead in error. So what is safe to
# say: the two ways are close.
#
# One difference is large enough to be seen in the diagrams. At the same $\lambda$ the trained network is less moved
# by $T$, and so is each of the three that were trained briefly:

# %% tags=["hide-input"]
span = {
    name: max(row["colourfulness_ratio"] for row in rows)
    - min(row["colourfulness_ratio"] for row in rows)
    for name, rows in curves.items()
}
assert span["trained, λ = 0.5"] < span["afterwards, λ = 0.5"]


def gained(network: str, lam: float) -> list[float]:
    """What each short training gains in colourfulness from T = 1 to 0.38."""
    warm, cold = (
        next(
            row["measures"]["colourfulness_ratio"]["seeds"]
            for row in seeds["rows"]
            if (row["network"], row["lam"], row["temperature"])
            == (network, lam, temperature)
        )
        for temperature in (1.0, 0.38)
    )
    return [after - before for before, after in zip(warm, cold, strict=True)]


assert max(gained("rebalanced", 1.0)) < min(gained("classification", 0.5))
column = "colourfulness, from least to most"
report(
    remember(
        pd.Series(span, name=column).round(2).to_frame(),
        ("trained, λ = 0.5", column),
        ("afterwards, λ = 0.5", column),
    ),
    *results.values(),
)

# %% [markdown]
# ## Where both go too far
#
# **A grey picture scores better.** Look again at the dotted lines for ab RMSE and AuC in
# {numref}`fig-experiment`. They are the scores of no colour at all. With $\lambda$ at 0.5 or less, either way and at
# every $T$, AuC is below that of a grey picture. With $\lambda = 0.5$ the ab RMSE is better than grey's at $T = 1$ and worse at $T = 0.38$.
# The balanced AuC is above grey's everywhere.

# %% tags=["hide-input"]
rebalanced_rows = [
    row
    for name, rows in curves.items()
    if name.endswith(("0.5", "0.3"))
    for row in rows
]
assert all(row["auc"] < grey["auc"] for row in rebalanced_rows)
assert all(
    row["auc_balanced"] > grey["auc_balanced"] for row in rebalanced_rows
)
for half in (at["trained, λ = 0.5"], at["afterwards, λ = 0.5"]):
    assert half[1.0]["ab_rmse"] < grey["ab_rmse"] < half[0.38]["ab_rmse"]

# %% [markdown]
# **Balanced AuC rewards rebalancing by its definition.** It weighs each pixel by one over how common its true bin is.
# That is {eq}`eq-mean-weight` with $\lambda \to 0$. So it does not tell independently whether rebalancing is good, and it
# goes on rising for long:

# %% tags=["hide-input"]
most = {
    lam: max(row["auc_balanced"] for row in dial if row["lam"] == lam)
    for lam in (1.0, 0.7, 0.5, 0.3)
}
least = {
    lam: min(row["colourfulness_ratio"] for row in dial if row["lam"] == lam)
    for lam in most
}
assert list(most.values()) == sorted(most.values())  # ever better ...
assert least[0.3] > 1  # ... and beyond the truth
extremes = {"highest balanced AuC %": most, "least colourfulness": least}
extremes = pd.DataFrame(extremes).rename("λ = {:g}".format).round(2)
report(
    remember(
        extremes,
        ("λ = 0.3", "highest balanced AuC %"),
        ("λ = 0.3", "least colourfulness"),
    ),
    results["plain"],
)

# %% [markdown]
# Both columns are the ends of a sweep over all $T$. At $\lambda = 0.3$ the pictures are more colourful than the truth at every $T$, and balanced AuC still rises. The test
# images were swept no further. The twenty pictures of the book can be, at $T = 1$:

# %% tags=["hide-input"]
plain = Colorizer.load("classification")
twenty = rgb_to_lab(embedded_cifar10().rgb)
twenty_l, twenty_ab = twenty[:, :1], twenty[:, 1:]
weight = balanced_weight(twenty_ab, plain.gamut)
far = {}
for lam in (1.0, 0.5, 0.2, 0.05, 0.01, 0.001):
    ab = plain.colour_lightness(twenty_l, 1.0, lam).cpu()
    rgb = to_rgb(twenty_l, ab)
    far[lam] = {
        "balanced AuC %": auc(ab, twenty_ab, weight),
        "colourfulness": colourfulness_ratio(rgb, embedded_cifar10().rgb),
    }
far = pd.DataFrame(far).T
balanced = far["balanced AuC %"]
assert balanced.iloc[0] < balanced.max() > balanced.iloc[-1] + 1  # it turns
assert balanced.max() - balanced[0.05] < 0.5  # but late
remember(
    far.rename("λ = {:g}".format).round(2),
    ("λ = 0.05", "balanced AuC %"),
    ("λ = 0.05", "colourfulness"),
)

# %% [markdown]
# There it does turn, but so gently that it hardly says where to stop: down to $\lambda = 0.05$ it stays within half a
# point of its best, while the pictures go from too pale to too colourful.
#
# So where does it go too far? One criterion is a colourfulness above 1. It is a crude one, because it holds on average
# only, and because a picture of confetti can stay below 1.
#
# ## What you have seen
#
# - Two ways that differ in everything at once cannot be compared. Make one quantity equal, and choose the settings on dev.
# - At equal colourfulness, and at equal AuC, the dial does about as well as training with the weights. Three short trainings
#   of each say the same: the two are close.
# - Both go too far when the pictures are more colourful than the truth, and balanced AuC notices late.
#
# **Where to go next.** To a network that has learned to name things, [chapter 6](06_transfer).
