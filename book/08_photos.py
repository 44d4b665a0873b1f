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
# # Colour your own photos
#
# So far your pictures were stamps of 32 by 32 pixels. Your photos are not. In this chapter you take the
# network out of the laboratory and show it real photographs. You see what carries over, what does not,
# and what you must never use it for.
#
# Move the line in {numref}`fig-photographs`, then choose what lies at its right.

# %% tags=["hide-input"]
import tempfile
from pathlib import Path

import pandas as pd
import torch
from IPython.display import Markdown, display
from matplotlib import pyplot as plt
from PIL import Image
from scipy.stats import norm
from torch.nn import functional as F

from colorize_lib import Colorizer, rgb_to_lab
from colorize_lib.colour.bilateral import (
    joint_bilateral_upsample,
    smooth_along_light,
)
from colorize_lib.colour.lab import to_rgb
from colorize_lib.colour.resolution import by_area, upsample
from colorize_lib.data.examples import (
    PHOTOGRAPHS,
    photograph,
    photograph_squares,
)
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answer_here
from colorize_lib.experiments.repeated import beyond_chance
from colorize_lib.experiments.subsets import change
from colorize_lib.inference.dials import LAM, TEMPERATURE
from colorize_lib.measuring.metrics import ab_rmse, colourfulness, roughness
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.pages.before_after import before_after
from colorize_lib.pages.remember import remember
from colorize_lib.plots import kinds_bars, show_images, size_curves
from colorize_lib.record import trained_for, trainings_of

# %% figure="fig-photographs" caption="Four photographs: what the network sees, what it paints, and the truth."
truth = photograph_squares(256)  # (4, 3, 256, 256)
lab = rgb_to_lab(truth)
lightness, true_ab = lab[:, :1], lab[:, 1:]  # (4, 1, ...), (4, 2, ...)

photo = Colorizer.load("photo", device="cpu")
painted = photo.colour_lightness(lightness, TEMPERATURE, LAM, photo.size)
shown = zip(to_rgb(lightness), to_rgb(lightness, painted), truth, strict=True)
before_after(
    dict(zip(PHOTOGRAPHS, shown, strict=True)), ("grey", "coloured", "truth")
)

# %% [markdown]
# **What you will see**
#
# 1. One line that colours a photo, in Python, in a terminal and in Colab, and the two dials.
# 2. How good the colours are on 500 photographs, beside no colour at all and beside the published network.
# 3. Which network it is, and what went wrong when it was trained for longer.
# 4. How much of a photo the network sees, and why the size matters.
# 5. How a region gets one colour, and why you average distributions and not colours.
# 6. How colour is kept from running over an edge.
# 7. A gallery of failures, each with a likely reason.
#
# **What you need:** [chapter 4](04_annealed_mean) and [chapter 6](06_transfer). To colour a photo here and now,
# without any Python, use [the panel in the page](your_photo).
#
# ## The idea in one figure
#
# Four photographs that come with scikit-image. No network that ships with the book has learned from them. To keep the
# page quick, each is cut square and reduced to 256 pixels. Your own need neither.

# %% tags=["remove-input"]
data, recipe = photo.meta["data"], photo.meta["recipe"]
trainings = trainings_of(photo.meta)  # each the one before, and more
cuts = sum(one["images_seen"] for one in trainings)
sides = dict.fromkeys(one["recipe"]["size"] for one in trainings)
report(
    f"The colours are by the network `photo`: the encoder of chapter 6 and a decoder, together "
    f"{photo.meta['parameters']:,} parameters. It sees a photo in about {photo.size} by {photo.size} pixels, "
    f"and says for every fourth of them, in each direction, how likely each colour is.\n\n"
    f"It learned for {trained_for(photo.meta)} on one processor core, and saw {cuts:,} random cuts from {data['images']:,} pictures, "
    f"of {' and then of '.join(f'{side} by {side}' for side in sides)} pixels.",
    photo.meta,
)

# %% [markdown]
# The pictures are of two kinds. Nearly a third are photographs of twenty kinds of things and of dogs, 160 pixels high or wide. The
# others are Tiny ImageNet, a small cut of ImageNet {cite}`russakovsky2015imagenet`: 200 kinds of things, from goldfish to
# steel bridges, at 64 pixels. Grey pictures were left out, because they would teach the network that everything is grey.
# But a few pictures were *made* grey on purpose: cards, pages of text, drawings, and the frames around photographs. So the
# network learned that paper stays paper.
#
# It was trained plainly, with $\lambda = 1$. The rebalancing comes afterwards, from the dial.

# %% tags=["hide-input"]
assert recipe["lam"] == 1

# %% [markdown]
# ## Code
#
# In a terminal:
#
# ```bash
# colorize photo.jpg                        # writes photo-coloured.png
# colorize holiday/ -o coloured/            # all pictures in a folder
# colorize photo.jpg -T 0.38 -v 60          # the dials: temperature, vividness
# colorize photo.jpg --sheet                # nine settings of the dials in one picture, to choose from
# colorize photo.jpg -m classification      # another network than `photo`
# ```
#
# Vividness is $\lambda$ from the other side: 0 is $\lambda = 1$, and 100 is $\lambda = 0.1$. In Python a
# path is enough, or a list of them, and the dials stand as they do in the terminal and in the page:

# %% figure="fig-one-line" caption="What one line of Python gives: Chelsea, who came in grey." alt="A cat's face in sandy brown, her nose and eyes a little darker."
with tempfile.TemporaryDirectory() as folder:
    for name, picture in zip(PHOTOGRAPHS[:2], truth, strict=False):
        pixels = Image.fromarray(picture.permute(1, 2, 0).numpy())
        pixels.convert("L").save(Path(folder, f"{name}.png"))
    mine = photo.colorize(sorted(Path(folder).glob("*.png")))

mine[1]

# %% tags=["hide-input"]
assert [picture.size for picture in mine] == [(256, 256)] * 2

# %% [markdown]
# In Colab the next cell asks you for your pictures. Anywhere else it does nothing.

# %%
try:
    from google.colab import files
except ImportError:
    files = None

if files:
    for content in files.upload().values():
        display(photo.colorize(content))

# %% [markdown]
# Now the dials. $T$ is the temperature of chapter 4. Look for the row of {numref}`fig-photo-dials` that you would
# hang on a wall.

# %% figure="fig-photo-dials" caption="Four settings of the two dials, and the truth." alt="Five rows of the same four photographs. At T = 1 suit and saucer are a reddish brown and the sky is a violet blue; at T = 0.38 they are greyer and the sky is blue. With λ = 0.55 the suit is orange, the saucer dark red and the wall behind the astronaut yellowish; at T = 0.38 the saucer is bright red and the cup yellow. In truth the suit is orange, the saucer red, and wall and cup are nearly white."
settings = {
    "T = 1": (1.0, 1.0),
    "T = 0.38": (0.38, 1.0),
    "T = 1, λ = 0.55": (1.0, 0.55),
    "T = 0.38, λ = 0.55": (0.38, 0.55),
}
answers = {
    name: photo.colour_lightness(lightness, *pair, size=photo.size)
    for name, pair in settings.items()
}
rows = {
    name.replace(", ", "\n"): to_rgb(lightness, ab)
    for name, ab in answers.items()
}
show_images(rows | {"truth": truth}, size=1.6)

# %% tags=["hide-input"]
dials = pd.DataFrame(
    {
        "ab RMSE": {n: ab_rmse(ab, true_ab) for n, ab in answers.items()},
        "colourfulness": {
            name: colourfulness(to_rgb(lightness, ab)).mean().item()
            for name, ab in answers.items()
        },
    }
)
dials.loc["truth"] = 0.0, colourfulness(truth).mean().item()
assert (
    dials.loc["T = 1, λ = 0.55", "colourfulness"]
    > dials.loc["T = 1", "colourfulness"]
)
dials.round(1)

# %% [markdown]
# See the same four on a photograph of your own, beside what the painters of the other chapters make of it:
# <a class="set" href="your_photo.html#T=1&amp;lam=1"><i>T</i> = 1</a>,
# <a class="set" href="your_photo.html#T=0.38&amp;lam=1"><i>T</i> = 0.38</a>, and with $\lambda = 0.55$
# <a class="set" href="your_photo.html#T=1&amp;lam=0.55"><i>T</i> = 1</a> and
# <a class="set" href="your_photo.html#T=0.38&amp;lam=0.55"><i>T</i> = 0.38</a>; or the last one
# <a class="set" href="your_photo.html#T=0.38&amp;lam=0.55&amp;painter=transfer">painted by the network of chapter 6</a>.
#
# Four photographs chosen for their looks are no test set. So let us take one.
#
# ## Experiment: 500 photographs
#
# The test set is one photograph of each of 500 of ImageNet's classes, cut square at 256 pixels. Nothing was chosen on them:
# all dials and sizes were chosen on other photographs, the dev set.
#
# Two numbers say how near the colours come. AuC is the share of pixels that are right within a tolerance, averaged over
# all tolerances, in percent. In the {term}`balanced AuC` all colours count alike, so that rare ones matter. Many pixels of
# a photograph are nearly grey. So a picture without any colour already has a high AuC, and what counts is the **gain over
# grey**.

# %% tags=["hide-input"]
measured = read_result("photographs")
chosen = measured["chosen"]
assert (chosen["temperature"], round(chosen["lam"], 6)) == (
    TEMPERATURE,
    round(LAM, 6),
)
test_rows = {
    (row["network"], row["lam"], row["temperature"]): row
    for row in measured["test"]["rows"]
    if row["averaged"] == "distributions"
}
names = {"photo": "photo", "photo-64": "a U-Net, photo-64"}
vivid = measured["vivid"]["lam"]
wanted = [
    ("photo", 1.0, 1.0, "T = 1"),
    ("photo", 1.0, 0.38, "T = 0.38"),
    ("photo", chosen["lam"], chosen["temperature"], "as it is set"),
    ("photo", vivid, 1.0, f"T = 1, λ = {vivid:g}"),
    ("photo-64", 1.0, 1.0, "T = 1"),
    ("photo-64", vivid, 1.0, f"T = 1, λ = {vivid:g}"),
]
columns = {
    "ab_rmse": "ab RMSE",
    "auc_gain": "AuC, gain",
    "auc_balanced_gain": "balanced AuC, gain",
    "colourfulness_ratio": "colourfulness",
    "worse_than_grey": "worse than grey, %",
}
table = pd.DataFrame(
    {
        (names[network], title): test_rows[network, lam, t]
        for network, lam, t, title in wanted
    }
).T
table.loc[("no colour", ""), :] = measured["test"]["grey"]
table = table[list(columns)].astype(float)
table["worse_than_grey"] *= 100
report(
    remember(
        table.drop(("photo", "T = 0.38")).rename(columns=columns).round(2),
        (("photo", "T = 1"), columns["auc_gain"]),
        (("photo", "T = 1"), columns["worse_than_grey"]),
    ),
    measured,
)

# %% tags=["remove-input"]
default = test_rows["photo", chosen["lam"], chosen["temperature"]]
strong = test_rows["photo", vivid, 1.0]


def more(cell: dict) -> str:
    """A difference with its interval."""
    return f"{cell['mean']:+.2f} ({cell['low']:+.2f} to {cell['high']:+.2f})"


def with_ends(row: dict, key: str, times: float = 1, places: int = 1) -> str:
    low, high = (times * end for end in row["interval"][key])
    return (
        f"{times * row[key]:.{places}f} ({low:.{places}f} to {high:.{places}f})"
    )


report(
    f"As it is set, `photo` gains **{with_ends(default, 'auc_gain', 1, 2)}** points of AuC over grey; the numbers "
    f"in brackets are 95 % intervals over photographs. But {with_ends(default, 'worse_than_grey', 100)} % of "
    f"the photographs come out further from their own colours than if they had been left grey. With the vividness at "
    f"which the dev photographs were about as colourful as they are in truth, it gains "
    f"{with_ends(strong, 'auc_balanced_gain')} points of balanced AuC, and "
    f"{with_ends(strong, 'worse_than_grey', 100)} % are further from their own colours than grey is.",
    measured,
)

# %% tags=["remove-input"]
before = next(
    pair
    for pair in measured["test"]["networks_against"]
    if (pair["lam"], pair["temperature"]) == (1.0, 1.0)
)
report(
    "Against the U-Net, on the same photographs at T = 1, its ab RMSE is "
    f"{more(before['ab_rmse'])} and its balanced AuC {more(before['auc_balanced'])}. That is one training of each.",
    measured,
)

# %% [markdown]
# The dials stand where they do by a rule, and the rule was applied to the dev photographs: *the most colour at which no
# more than a quarter of the photographs are worse than grey, and no more than one in fifty has a red patch that is not
# there.* You may not like the rule. Then turn the dials. What you get at the vivid setting is about twice the colour, and in
# more than half of the photographs colours that are further from the true ones than grey is.

# %% tags=["hide-input"]
published = pd.DataFrame(  # Table 1 of the paper: AuC on 10,000 pictures of ImageNet, raw and balanced
    {
        "grey": (89.1, 58.0),
        "classification": (91.6, 65.1),
        "rebalanced": (89.5, 67.3),
    },
    ("AuC", "balanced AuC"),
).T
published[["gain", "balanced gain"]] = published - published.loc["grey"]
published

# %% [markdown]
# That is what Zhang, Isola and Efros {cite}`zhang2016colorful` report for their networks. These are other pictures at
# another size, so compare with care. And ours had a help that theirs had not: its encoder had seen more than a million
# pictures of ImageNet *with their labels*, some of these 500 perhaps among them. By these gains ours is behind theirs.

# %% tags=["hide-input"]
of_paper = published.loc["classification"]
assert default["interval"]["auc_gain"][1] < of_paper["gain"]
assert (
    test_rows["photo", 1.0, 1.0]["interval"]["auc_balanced_gain"][1]
    < of_paper["balanced gain"]
)
assert (
    strong["interval"]["auc_balanced_gain"][1]
    < published.loc["rebalanced", "balanced gain"]
)
assert default["interval"]["auc_gain"][0] > 0  # and ahead of grey
assert strong["interval"]["worse_than_grey"][0] > 0.5
assert (
    1.8 < strong["colourfulness_ratio"] / default["colourfulness_ratio"] < 2.2
)

# %% [markdown]
# ### Does it know when it is wrong?
#
# Could the dials turn themselves down for those photographs whose colours will be worse than none? Only if the network knows
# which they are. Take three measures of how sure it is of a photograph, averaged over its pixels: the **entropy** of the
# distributions, high where many colours are likely; the **agreement** $|\mathrm{E}\,ab| / \mathrm{E}\,|ab|$, which is 1 if all likely
# colours have one hue; and the **certainty** $|\mathrm{E}\,ab|^2 / \mathrm{E}\,|ab|^2$. Sort the dev photographs by each of them, cut the row in
# four, and count in each fourth how many are worse than grey at $T = 1$:

# %% tags=["hide-input"]
fourths = ("lowest fourth", "second", "third", "highest fourth")
doubts = pd.DataFrame(
    {
        name: {
            title: 100 * share
            for title, share in zip(fourths, found["worse"], strict=True)
        }
        | {"rank correlation": found["correlation"]}
        for name, found in measured["doubts"].items()
    }
).T
report(
    remember(
        doubts.round({name: 0 for name in fourths} | {"rank correlation": 2}),
        *((name, "rank correlation") for name in doubts.index),
    ),
    measured,
)

# %% [markdown]
# The last column is the rank correlation of the measure with the share of its colours that would have been best for the
# photograph. With the entropy it is near zero. Certainty tells something: from each fourth to the next fewer photographs are worse
# than grey. But how much of its colour a photograph should keep even that hardly says, and so the library does not turn the dials
# photograph by photograph. What that would have won was not measured.

# %% tags=["hide-input"]
ranks = doubts["rank correlation"]
assert abs(ranks["entropy"]) < 0.05 and ranks.max() < 0.15
assert pd.Series(measured["doubts"]["certainty"]["worse"]).diff()[1:].max() < 0

# %% [markdown]
# ### Which network, and for how long?
#
# More than a dozen candidates had a few minutes of computing each. In these a U-Net that learned from nothing falls far behind a network
# on an encoder that knows ImageNet, on the dev photographs. So `photo` has such an encoder. It was then trained for longer, in
# five steps, and that went wrong twice. It learned to read some of the colours from how they had been *rounded*, which held-out
# pictures could not show, because they leaked in the same way ({term}`leakage`). And it painted whatever is out of focus far too
# vividly, until it was shown soft pictures, too.
#
# [The page after this chapter](which_network) has the tables, and tells how both were found.
#
# ### How much does it see?
#
# How large should a photo be when the network looks at it? It is reduced (or enlarged) to an *area*: 192 means about as many
# pixels as a square of 192 by 192 has, in the shape of your photo. What comes out is a quarter as large:

# %% prints="(4, 261, 48, 48)\n"
print(tuple(photo.predict(by_area(lightness, 192)).shape))

# %% [markdown]
# The first row of {numref}`fig-sizes` is what the network sees. Below it is what `photo` makes of each photograph.

# %% tags=["hide-input"] figure="fig-sizes" caption="What the network sees at each size, and what it makes of it." alt="Seven columns: sizes 32, 64, 96, 128, 192 and 256, and the truth. Top row: the cat, coarse at 32 and sharp at 256. Below: four photographs. At 32 and 64 pixels the rocket stands in a brown or grey sky, from 96 on in a blue one. The suit is grey at 32 pixels and reddest at 256; the saucer is grey up to 64, a little red at 96 and 128, and redder from 192 on."
SIZES = (32, 64, 96, 128, 192, 256)
single = {
    size: photo.colour_lightness(lightness, TEMPERATURE, LAM, size)
    for size in SIZES
}
views = [
    F.interpolate(by_area(lightness[1:2], size), (256, 256), mode="nearest")
    for size in SIZES
]
rows = {
    "what it sees": to_rgb(torch.cat([*views, lightness[1:2]])),
}
for i, name in enumerate(PHOTOGRAPHS):
    light = lightness[i : i + 1]
    rows[name] = torch.cat(
        [to_rgb(light, ab[i : i + 1]) for ab in (*single.values(), true_ab)]
    )
show_images(rows, max_n=len(SIZES) + 1, size=1.3)
for axis, title in zip(plt.gcf().axes, (*SIZES, "truth"), strict=False):
    axis.set_title(title, fontsize=9)

# %% tags=["hide-input"]
ways = {
    f"{way}": next(
        row for row in rows if (row["lam"], row["temperature"]) == (1.0, 1.0)
    )
    for way, rows in measured["dev"].items()
}
looks = pd.DataFrame(ways).T[
    ["ab_rmse", "auc_gain", "auc_balanced_gain", "roughness"]
]
for n in (0, 2, 3):  # suit, saucer and sky
    coarse, fine = (single[s][n].norm(dim=0).mean() for s in (32, 192))
    assert coarse < 0.5 * fine
every = [way for way in ways if way.endswith("pixels")]
for better in ("ab_rmse", "auc_balanced_gain", "colourfulness_ratio"):
    seen = pd.Series([ways[way][better] for way in every])
    assert (-seen if better == "ab_rmse" else seen).is_monotonic_increasing
assert looks.loc[every, "roughness"].is_monotonic_increasing
report(
    remember(
        looks.drop("160 pixels")
        .astype(float)
        .round(dict.fromkeys(columns, 2) | {"roughness": 3})
        .rename(columns=columns),
        ("192 pixels", columns["ab_rmse"]),
        ("192 pixels", columns["auc_balanced_gain"]),
    ),
    measured,
)

# %% [markdown]
# That table is of the dev photographs, 160 pixels high and wide, at $T = 1$. Larger views bring more colour, a better
# balanced AuC and a smaller error; their colours are less even. From 192 to 224 pixels the gain is small, for a third more
# pixels. So `photo` looks at 192, which is as many as the cuts of its last trainings had. In them it saw about three fifths of a picture on average, so things were larger than
# they are in a whole picture of 192 pixels {cite}`touvron2019fixing`. But the dev photographs show the kinds of things that it learned from, and the rows have no
# intervals: on other kinds the gain may be smaller. In the figure you see what happens further off: at 32 pixels suit, saucer and sky come out nearly grey.
#
# ### One thing, one colour
#
# The last two rows of the table are about the step that comes now. The network answers for each spot by itself. So two
# neighbours in one lawn may get different greens, and a third a brown. Neighbours that are *about as light* are likely to
# be of one thing. So let them agree before a colour is made of what they say.
#
# How? The obvious way is to average their colours. But the average of a red and a green is a brown, which neither of them
# said. Average what they said instead, their log-probabilities. Let $z_i$ be the log-probabilities at spot $i$, a number
# for each bin $q$, and $w_{ij}$ how near and how alike in light the spots $i$ and $j$ are. Then
#
# ```{math}
# :label: eq-agree
# \begin{aligned}
# \bar z_{i,q} &= \frac{\sum_j w_{ij}\, z_{j,q}}{\sum_j w_{ij}}, \\
# w_{ij} &= \exp\Bigl(-\frac{|x_i - x_j|^2}{2 s^2} - \frac{(L_i - L_j)^2}{2 \ell^2}\Bigr),
# \end{aligned}
# ```
#
# with $x_i$ the place of spot $i$, $s = 3.5$ spots and $\ell = 9$ units of $L$. The sum runs over the 9 by 9 spots
# around $i$. Once it is normalised, $\bar z_i$ is the *geometric* mean of the distributions. A colour that any neighbour
# rules out has a very negative log-probability, and is out. So the colour that wins is one that all of them can live with.
# Try it with two neighbours and three colours:

# %% prints="1 of 3 by the mean of p, 2 of 3 by the mean of log p\n"
neighbours = torch.tensor([[0.90, 0.09, 0.01], [0.001, 0.40, 0.599]])
by_p = neighbours.mean(0).argmax().item()
by_log_p = neighbours.log().mean(0).argmax().item()
print(
    f"{by_p + 1} of 3 by the mean of p, {by_log_p + 1} of 3 by the mean of log p"
)

# %% [markdown]
# {numref}`fig-agree` shows it on the photographs. The **roughness** below it is how much colour changes from pixel to pixel
# where light does not, as a share of the mean chroma. Less is more even.

# %% tags=["hide-input"] figure="fig-agree" caption="Each spot for itself, the colours of neighbours averaged, and neighbours that agree." alt="Four rows of four photographs. Each for itself, wall, suit and table have blotches; with colours averaged and with neighbours that agree they are smoother. The wall behind the astronaut and the cup are yellow in all three, and nearly white in truth."
alone, guide = photo.look(lightness, photo.size, smooth=False)
colours = {
    "each for itself": photo.decode(alone, 0.38, 0.55),
    "colours averaged": smooth_along_light(
        photo.decode(alone, 0.38, 0.55), guide
    ),
    "neighbours agree": photo.decode(
        smooth_along_light(alone, guide), 0.38, 0.55
    ),
}
colours = {
    name: joint_bilateral_upsample(ab, guide, lightness)
    for name, ab in colours.items()
}
show_images(
    {name: to_rgb(lightness, ab) for name, ab in colours.items()}
    | {"truth": truth},
    size=1.9,
)

# %%
even = pd.DataFrame(
    {
        name: {
            "roughness": roughness(ab, lightness),
            "ab RMSE": ab_rmse(ab, true_ab),
        }
        for name, ab in colours.items()
    }
).T
remember(
    even.round(3),
    ("each for itself", "roughness"),
    ("neighbours agree", "roughness"),
)

# %% tags=["hide-input"]
assert (
    even.loc["neighbours agree", "roughness"]
    < even.loc["each for itself", "roughness"]
)

# %% [markdown]
# Four photographs again. Here are the 500:

# %% tags=["hide-input"]
said = {
    "nothing": "each for itself",
    "colours": "colours averaged",
    "distributions": "neighbours agree",
}
both = pd.DataFrame(
    {
        (
            f"λ = {row['lam']:g}, T = {row['temperature']:g}",
            said[row["averaged"]],
        ): row
        for row in measured["test"]["rows"]
        if row["network"] == "photo"
        and (row["lam"], row["temperature"]) in ((1.0, 1.0), (0.46, 0.38))
    }
).T.sort_index()
report(
    remember(
        both[
            [
                "ab_rmse",
                "auc_gain",
                "auc_balanced_gain",
                "colourfulness_ratio",
                "roughness",
            ]
        ]
        .astype(float)
        .round(dict.fromkeys(columns, 2) | {"roughness": 3})
        .rename(columns=columns),
        *(
            ((f"λ = {lam}, T = {t}", way), "roughness")
            for lam, t in (("0.46", "0.38"), ("1", "1"))
            for way in ("each for itself", "neighbours agree")
        ),
    ),
    measured,
)

# %% [markdown]
# Both ways make the colours of a region more even than each spot for itself. Is one of them nearer to the truth? Compare the
# same photographs, painted both ways:

# %% tags=["hide-input"]
pairs = {
    (d["lam"], d["temperature"]): d
    for d in measured["test"]["distributions_against"]
    if d["against"] == "colours"
}
for setting in both.index.levels[0]:
    uneven = both.loc[setting, "roughness"].drop("each for itself").max()
    assert uneven < both.loc[(setting, "each for itself"), "roughness"]
for t in (0.38, 1.0):  # vivid: nearer to the truth, and in balanced AuC level
    vivid_pair = pairs[0.46, t]
    assert vivid_pair["ab_rmse"]["high"] < 0 < vivid_pair["auc"]["low"]
    assert vivid_pair["auc_balanced"]["low"] < 0
    assert vivid_pair["auc_balanced"]["high"] > 0
    agreed, averaged = (
        row["colourfulness_ratio"]
        for way in ("distributions", "colours")
        for row in measured["test"]["rows"]
        if (row["network"], row["averaged"]) == ("photo", way)
        and (row["lam"], row["temperature"]) == (0.46, t)
    )
    assert agreed < averaged
cautious = pairs[1.0, 1.0]
assert -0.15 < cautious["ab_rmse"]["low"] < 0 < cautious["ab_rmse"]["high"]
assert cautious["auc_balanced"]["low"] < 0 < cautious["auc_balanced"]["high"]


# %% tags=["remove-input"]
def gap(setting: tuple[float, float], key: str) -> str:
    return more(pairs[setting][key])


at = [
    f"with λ = {lam:g} and T = {t:g} the ab RMSE changes by {gap((lam, t), 'ab_rmse')} and the balanced AuC by "
    f"{gap((lam, t), 'auc_balanced')}"
    for lam, t in ((0.46, 0.38), (0.46, 1.0), (1.0, 1.0))
]
report(
    f"Where neighbours agree, instead of having their colours averaged, {'; '.join(at)}. In brackets are 95 % intervals "
    f"over photographs.",
    measured,
)

# %% [markdown]
# With vivid dials the pictures of neighbours that agree have the smaller error, and are a little paler; in balanced AuC neither is ahead.
# With the cautious dials both differences are small and may be chance.
#
# ### At the edges
#
# The network answers for every fourth pixel of a small picture. A photo has many times more. Stretch the
# colours smoothly, which is called bilinear, and they run over the edges.
#
# The **joint bilateral upsampling** listens to $L$ {cite}`kopf2007joint`. A coarse colour counts for a pixel the
# more, the nearer it is and the more alike their $L$.
#
# To judge that alone, leave the network out. Reduce the *true* colours to 32 by 32, and bring them back both ways.

# %%
coarse_ab = F.avg_pool2d(true_ab, 8)  # (4, 2, 32, 32)
coarse_l = F.avg_pool2d(lightness, 8)  # (4, 1, 32, 32)
stretched = {
    "bilinear": upsample(coarse_ab, (256, 256)),
    "joint bilateral": joint_bilateral_upsample(coarse_ab, coarse_l, lightness),
}
edges = pd.DataFrame(
    {
        name: [ab_rmse(ab[i : i + 1], true_ab[i : i + 1]) for i in range(4)]
        for name, ab in stretched.items()
    },
    index=list(PHOTOGRAPHS),
)
remember(edges.round(2), ("coffee", "bilinear"), ("coffee", "joint bilateral"))

# %% tags=["hide-input"]
assert (edges["joint bilateral"] < edges["bilinear"]).all()

# %% [markdown]
# The rows are {term}`ab RMSE` again, smaller on each of the four. {numref}`fig-edges` shows two places where that comes from.

# %% tags=["hide-input"] figure="fig-edges" caption="The true colours, made coarse and brought back in two ways." alt="Two details, each three times. A flag behind an orange sleeve and the rim of a white cup. Bilinear, the colours bleed over the edges; joint bilateral, they mostly stop there, as they do in the truth."
windows = {  # photograph, rows, columns
    "flag": (0, slice(100, 164), slice(0, 64)),
    "cup": (2, slice(60, 124), slice(150, 214)),
}
zoomed = {
    name: torch.cat(
        [
            to_rgb(lightness[n : n + 1], ab[n : n + 1])[..., down, across]
            for ab in (*stretched.values(), true_ab)
        ]
    )
    for name, (n, down, across) in windows.items()
}
show_images(zoomed, size=2.4)
for axis, title in zip(plt.gcf().axes, (*stretched, "truth"), strict=False):
    axis.set_title(title, fontsize=9)

# %% [markdown]
# It cannot help where an edge of colour is no edge of light.
#
# ### Paper stays paper
#
# A scan has a border, which is no object with a colour of its own. Neither is a page of text, nor a plain grey card. A network that has only
# seen photographs has no reason to leave them grey. Here is the mean chroma that they get as the dials stand; the eye begins to see it at
# about 1.

# %% tags=["hide-input"]
assert max(measured["plain"].values()) < 0.5
report(
    pd.DataFrame({"mean chroma": measured["plain"]}).round(2),
    measured,
)

# %% [markdown]
# ## Does a larger data set generalise better?
#
# The poster ends with the wish to "train on larger data set such as ImageNet to achieve better generalization". Two U-Nets
# of this book differ in what they learned from: `classification` of chapter 3, from CIFAR-10, and `photo-64`, the first
# network for photographs, from Tiny ImageNet. Each is one training. Both coloured both test sets, thousands of pictures each.

# %% tags=["hide-input"]
general = read_result("generalisation")
sets = {"cifar10": "CIFAR-10, 32x32", "tiny-imagenet": "Tiny ImageNet, 64x64"}
learned = {"cifar": "learned CIFAR-10", "photo": "learned Tiny ImageNet"}
shown = {
    "ab_rmse": "ab RMSE",
    "auc": "AuC",
    "auc_balanced": "balanced AuC",
    "colourfulness_ratio": "colourfulness",
}
rows = {}
for name, title in sets.items():
    part = general["sets"][name]
    rows[title, "no colour"] = part["baselines"]["grey"]
    for row in part["rows"]:
        if (row["lam"], row["temperature"]) == (1, 1):
            seen = f", seen at {row['seen_at']}"
            rows[title, learned[row["network"]] + seen] = row
table = pd.DataFrame(rows).T[list(shown)].rename(columns=shown).astype(float)
first, second = sets.values()
report(
    remember(
        table.drop(
            [
                (first, "learned Tiny ImageNet, seen at 64"),
                (second, "learned CIFAR-10, seen at 32"),
            ]
        ).round(2),
        ((first, "learned CIFAR-10, seen at 32"), "ab RMSE"),
        ((second, "learned Tiny ImageNet, seen at 64"), "ab RMSE"),
    ),
    general,
)

# %% [markdown]
# Colourfulness is given as a share of the truth's. "Seen at" is the size at which the network looks.
#
# But is a difference more than chance? Compare the two networks picture by picture, each picture at its own size.

# %% tags=["hide-input"]
assert all(part["images"] >= 2000 for part in general["sets"].values())
plain, own_scale = (
    {
        name: next(
            d["ab_rmse"]
            for d in general["sets"][name]["differences"]
            if (d["seen"], d["lam"], d["temperature"]) == (seen, 1, 1)
        )
        for name in sets
    }
    for seen in ("as they are", "own scale")
)
# each is better at home, beyond chance
assert plain["tiny-imagenet"]["high"] < 0 < plain["cifar10"]["low"]
# enlarging makes it worse
assert own_scale["cifar10"]["low"] > plain["cifar10"]["high"]


def gain(name: str) -> str:
    """The difference in ab RMSE, with its interval."""
    low, middle, high = (plain[name][key] for key in ("low", "mean", "high"))
    return f"{middle:+.2f} ({low:+.2f} to {high:+.2f})"


# %% tags=["remove-input"]
report(
    f"T = 1, no rebalancing. Learning from Tiny ImageNet instead of CIFAR-10 changes the ab RMSE on Tiny ImageNet by "
    f"{gain('tiny-imagenet')}, and on CIFAR-10 by {gain('cifar10')}: 95 % intervals over pictures.",
    general,
)

# %% [markdown]
# Less is better, so each network is better at home: on pictures of the kind and the size that it learned from. CIFAR-10's
# pictures of 32 pixels are unlike the cuts of photographs that `photo-64` learned from, and enlarging them makes the error larger still.
#
# But this does not test the poster's wish. The second data set is not larger: the two have about as many pictures.
# What differs is what they show, their size, and the size of the network. Whether *more* pictures help, only one network
# can tell that learns from more and more pictures of one kind. So here is that experiment. A small U-Net learns from 6,000,
# 12,000, 24,000 and 48,000 pictures of Tiny ImageNet, each set part of the next, with the **same number of steps**: with
# few pictures it sees each of them more often. Then as many pictures of fewer kinds of things: 12,000 pictures are 60 of
# each of 200 kinds, or 240 of each of 50. All twice, with two seeds, and the second seed has other kinds among its 50.

# %% tags=["hide-input"] plot=true figure="fig-subsets" caption="Left: what more pictures change in the cross-entropy, against 6,000. Right: what four times as many kinds change, with 12,000 pictures. Less is better; a band is a 95 % interval over pictures and seeds, a dot one seed." alt="Two diagrams of changes in cross-entropy. Left, three lines over 6,000 to 48,000 training pictures, all within two hundredths of a nat of zero: that of CIFAR-10 rises a little, the two others fall by less than a hundredth. Right, three intervals for 200 kinds instead of 50: those of Tiny ImageNet and the photographs lie below zero, that of CIFAR-10 is wide and reaches zero."
subsets = read_result("subsets")
compared = subsets["compared"]
tests = {
    "cifar10": "CIFAR-10",
    "tiny-imagenet": "Tiny ImageNet",
    "photographs": "photographs",
}
figure, axes = plt.subplots(
    1, 2, figsize=(9, 3.4), gridspec_kw={"width_ratios": (3, 2)}
)
size_curves(axes[0], compared, "cross_entropy", tests)
kinds_bars(
    axes[1],
    compared,
    "cross_entropy",
    {test: name.replace(" ", "\n") for test, name in tests.items()},
)
axes[0].set_ylabel("change in cross-entropy, nats")
axes[0].set_title("more pictures", fontsize=10)
axes[1].set_title("more kinds, as many pictures", fontsize=10)
axes[0].legend(frameon=False, fontsize=9)
figure.tight_layout()


# %% tags=["hide-input"]
def said(test: str, found: dict, measure: str, digits: int) -> str:
    """A change with its interval, and a star if it is more than chance."""
    one = found[measure]
    low, middle, high = (
        f"{one[key]:+.{digits}f}" for key in ("low", "mean", "high")
    )
    more = beyond_chance(one, compared[test]["between_seeds"][measure])
    text = f"{middle} ({low} to {high})"
    return f"{text} *" if more else text


pictures, kinds = (
    {test: change(compared[test]["differences"], *pair) for test in tests}
    for pair in (((200, 30), (200, 240)), ((50, 240), (200, 60)))
)
by_heart = {
    run["kinds"] * run["each"]: (run["loss_on_seen"], run["epochs"])
    for run in subsets["runs"]
    if run["kinds"] == 200 and run["seed"] == 0
}
unseen = compared["tiny-imagenet"]["subsets"][0]["measures"]["cross_entropy"]
for test in tests:  # no gain in error, and at most a hundredth of a nat
    assert not beyond_chance(
        pictures[test]["ab_rmse-1"],
        compared[test]["between_seeds"]["ab_rmse-1"],
    )
    assert pictures[test]["ab_rmse-1"]["low"] > -0.25
    assert pictures[test]["cross_entropy"]["low"] > -0.015
assert kinds["photographs"]["cross_entropy"]["high"] < 0
assert kinds["tiny-imagenet"]["cross_entropy"]["high"] < 0
assert unseen["mean"] - by_heart[6000][0] < 0.05  # not known by heart
wider = norm.ppf(1 - 0.025 / 12) / norm.ppf(1 - 0.025)
still = {  # with twelve comparisons
    test: all(
        abs(one["mean"]) > wider * (one["high"] - one["low"]) / 2
        for one in (kinds[test]["cross_entropy"], kinds[test]["ab_rmse-1"])
    )
    for test in tests
}
assert still == {"cifar10": False, "tiny-imagenet": True, "photographs": False}
shown = {
    "48,000 pictures instead of 6,000": pictures,
    "200 kinds instead of 50, 12,000 pictures": kinds,
}
table = {
    (title, name): {
        "change in cross-entropy, nats": said(
            test, found[test], "cross_entropy", 3
        ),
        "change in ab RMSE": said(test, found[test], "ab_rmse-1", 2),
    }
    for title, found in shown.items()
    for test, name in tests.items()
}
report(pd.DataFrame(table).T, subsets)

# %% tags=["remove-input"]
report(
    f"All of {subsets['design']['steps']:,} steps, at T = 1, without rebalancing; less is better. A star marks what is more than "
    "chance: its 95 % interval, over pictures and seeds, leaves out 0, and it is larger than what two seeds of one subset "
    f"differ by. With 6,000 pictures each was seen {by_heart[6000][1]} times. The cross-entropy on them is then "
    f"{by_heart[6000][0]:.3f}, and on Tiny ImageNet's test pictures {unseen['mean']:.3f}.",
    subsets,
)

# %% [markdown]
# So **eight times as many pictures gain next to nothing here**, on any of the three test sets: in error nothing that is more
# than chance, and no more than a quarter of a unit at the end of any interval. The last line suggests why: after this many steps
# the network has not learned even the 6,000 by heart, because it does nearly as well on pictures that it has not seen. More
# pictures are a cure for overfitting, and here is hardly any.
#
# **More kinds help a little** on Tiny ImageNet, which shows many kinds itself, with as many pictures. On the
# photographs it looks alike. But these are {term}`multiple comparisons`, and of these two sets only Tiny ImageNet still leaves out zero
# if Bonferroni's correction for all twelve makes the intervals wider. On CIFAR-10 the interval is too wide to say, because the two
# choices of 50 kinds differ a lot.
#
# That is an answer for a small network and a short training, with two seeds. A larger network that trains for days, as
# the paper's did on ImageNet, would sooner know 6,000 pictures by heart, and then more of them may well help. This
# experiment does not say. Its networks also saw enlarged cuts with the leak of [the page on networks](which_network), all of them alike; whether that
# changes the comparison was not measured.
#
# ```bash
# colorize experiment subsets   # all of it, about an hour on one processor
# ```

# %% [markdown]
# ## What went wrong, and why
#
# {numref}`fig-failures` shows seven places, with the dials as they stand. Below it is a
# likely reason for each; none was put to the test.

# %% tags=["hide-input"] figure="fig-failures" caption="Seven places, most of them wrong: painted above, true below." alt="Seven pairs of details. Face: natural. Flag: dull red stripes instead of bright ones. Suit: a reddish brown instead of orange. Eye: greyish brown instead of green. Coffee: grey instead of orange. Spoon: greyish, with a dull red around it instead of a bright one. Sky: violet instead of dark blue."
places = {  # photograph, top, left, why
    "face": (
        0,
        15,
        70,
        "None of its classes is people. They stand beside fish and dogs, small, in every light.",
    ),
    "flag": (
        0,
        90,
        0,
        "Its colours are a convention. No light and no texture tells of them.",
    ),
    "suit": (
        0,
        150,
        90,
        "Cloth may have any colour. The answer is a compromise between all of them.",
    ),
    "eye": (
        1,
        55,
        45,
        "Cats have green, yellow, blue and brown eyes. It gets the colour of the fur.",
    ),
    "coffee": (
        2,
        45,
        95,
        "Something smooth in a white bowl. It may be milk, soup, or nothing.",
    ),
    "spoon": (
        2,
        135,
        130,
        "Steel mirrors what is around it. Only the whole table could tell.",
    ),
    "sky": (
        3,
        95,
        176,
        "A smooth area may be dusk, fog or a wall. Here the towers and the lights tell which.",
    ),
}
places = {
    name: (n, slice(top, top + 80), slice(left, left + 80), why)
    for name, (n, top, left, why) in places.items()
}
figure, axes = plt.subplots(2, len(places), figsize=(10, 3.2))
for (top, bottom), (name, (n, down, across, _)) in zip(
    axes.T, places.items(), strict=True
):
    for axis, ab in ((top, painted), (bottom, true_ab)):
        picture = to_rgb(lightness[n : n + 1], ab[n : n + 1])[0]
        axis.imshow(picture[:, down, across].permute(1, 2, 0))
        axis.set(xticks=[], yticks=[])
    top.set_title(name, fontsize=10)
axes[0, 0].set_ylabel("painted")
axes[1, 0].set_ylabel("true")
figure.tight_layout()

# %% tags=["hide-input"]
misses = {
    name: ab_rmse(
        painted[n : n + 1, :, down, across], true_ab[n : n + 1, :, down, across]
    )
    for name, (n, down, across, _) in places.items()
}
assert max(misses.values()) > 10  # the worst is plain to see
worst_first = sorted(misses, key=misses.get, reverse=True)
Markdown(
    "\n".join(
        f"- **The {name}**, an ab RMSE of {misses[name]:.1f}. {places[name][-1]}"
        for name in worst_first
    )
)

# %% [markdown]
# **What a larger network might fix.** Faces, lawns, brick, wood: whatever has a usual colour, and was seen
# often. It might also make use of more of the picture at once, so that a shirt gets one colour and not three.
#
# **What it would not fix.** Flags, clothes, cars, painted walls. The grey picture does not say, and nothing can read what
# is not there. A larger network may be surer of its guess, but it is still a guess.
#
# ```{admonition} An invented colour is no evidence
# :class: warning
# A coloured photograph looks like a record, but it is not one, because the colours come from *other* pictures. Do not use
# them to say what somebody wore, what flag was flown or what skin somebody had. Where you show one, say that the
# colours were made by a machine, and keep the grey one beside it. The network has also learned the **bias** of its
# training pictures: what was rare in them it is likely to colour like what was common.
# ```
#
# ### Teach it your own pictures
#
# `colorize train photo --data FOLDER` trains on the pictures in a folder. The fine print: they are cut at
# random (`--size`, 64 to 256 pixels), half of the cuts are made soft, grey and damaged files are skipped, and a few hundred
# pictures are soon learned by heart ([chapter 6](06_transfer)). Begin with thousands, and expect hours without a GPU.
#
# ### The published network
#
# Zhang, Isola and Efros released the network of their paper {cite}`zhang2016colorful`. It learned from all of
# ImageNet's training pictures, and has 313 bins. Where there is internet, this downloads it and uses our annealed mean
# with it. **It was not run for this page.** No number and no picture here is its own.
#
# ```python
# published = Colorizer.load("eccv16")
# published.colorize("photo.jpg", temperature=0.38)
# ```
#
# ## Summary
#
# 1. `colorize photo.jpg` in a terminal, `photo.colorize("photo.jpg")` in Python, and the panel in the page paint alike. A
#    smaller $\lambda$ gives more colour. Whether it is truer depends on the photo.
# 2. Measure against no colour at all. Many pixels are nearly grey, so grey is hard to beat, and a vivid guess is often
#    further from the truth than none.
# 3. After the same few minutes of computing a network on an encoder that knows ImageNet is far ahead of a U-Net from nothing, on the
#    dev photographs. How much of that is the pretraining, and how much the build, was not taken apart.
# 4. How many pixels of a photo the network sees matters: with fewer the colours are paler and further from the truth. `photo`
#    looks at about as many as it learned from.
# 5. Neighbours that are alike in light agree on a *distribution* {eq}`eq-agree`. A mean of colours may be a colour that
#    nobody said.
# 6. Colour is stretched along the edges of $L$, and mostly stays on its own side of them.
# 7. A flag, a suit, an eye and a night sky fail, most likely because such things were rare, or because nothing tells.
#
# ## Exercises
#
# Each begins with a cell to fill in. Put your answer in the place of the three dots and run it: `check` says
# what is wrong with it. Hint and solution are folded away.
#
# **Exercise 8.1. What it gets to see.** Your picture is a narrow strip, 900 pixels high and 100 wide. How high and how wide
# is what `photo` sees of it? Give a pair of numbers.
#
# ```{admonition} Hint
# :class: dropdown
# About 192 by 192 pixels in all, in the shape of your picture, both sides rounded to multiples of 8. The scale of both
# sides is 192 over the root of 900 times 100.
# ```

# %% tags=["exercise"]
sides = ...
check("8.1", sides)

# %% tags=["remove-input"]
answer_here(
    "8.1",
    choices={
        f"{height} by {width}": (height, width)
        for height, width in (
            (192, 192),
            (1728, 192),
            (576, 64),
            (64, 576),
            (192, 24),
        )
    },
)

# %% tags=["solution"]
sides = tuple(by_area(torch.zeros(1, 1, 900, 100), photo.size).shape[-2:])
assert check("8.1", sides)

# %% [markdown]
# **Exercise 8.2. The worst size.** Predict: are the colours of Chelsea more restless if the network sees her at 16
# pixels, `size=16`, or at full size, `size=None`? Then write a function that measures it: by how much a colour
# differs from that of the pixel beside it, on average over pixels and over $a$ and $b$.
#
# ```{admonition} Hint
# :class: dropdown
# `ab[..., 1:]` are all columns but the first, `ab[..., :-1]` all but the last. `photo.colour_lightness(light,
# size=16)` gives you some ab to measure.
# ```


# %% tags=["exercise"]
rougher = ...  # 16 or None


def unrest(ab: torch.Tensor) -> torch.Tensor:
    """(N, 2, H, W) to one number, in Lab units."""
    ...


check("8.2", rougher, unrest)

# %% tags=["solution"] alt="A cat twice. At 16 pixels she has one even, sandy cast. At full size she has patches of orange, red, green and blue."
rougher = None


def unrest(ab: torch.Tensor) -> torch.Tensor:
    """(N, 2, H, W) to one number, in Lab units."""
    return (ab[..., 1:] - ab[..., :-1]).abs().mean()


assert check("8.2", rougher, unrest)
whole = rgb_to_lab(photograph("chelsea"))[None, :1]  # (1, 1, 300, 451)
extremes = {
    f"size={size}": photo.colour_lightness(whole, TEMPERATURE, LAM, size)
    for size in (16, None)
}
for name, ab in extremes.items():
    print(f"{name}: {unrest(ab):.2f}")
painted_cats = [to_rgb(whole, ab) for ab in extremes.values()]
show_images({"size 16\nand full": torch.cat(painted_cats)}, size=3.2)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# At 16 pixels there is hardly a cat to be recognised, and what little colour there is comes in large clouds. At full size
# she is larger than most of what the network learned from, and each patch is coloured by what is close to it: fur, not a cat.
# ```
#
# **Exercise 8.3. Who wins?** Two neighbours share their opinions of three colours. Find two distributions for which the
# mean of $p$ and the mean of $\log p$ have *different* favourites. Each row of your pair sums to 1.
#
# ```{admonition} Hint
# :class: dropdown
# One of them is nearly sure of the first colour. The other rules it out.
# ```

# %% tags=["exercise"]
pair = ...  # two rows of three probabilities
check("8.3", pair)

# %% tags=["solution"]
pair = torch.tensor([[0.8, 0.199999, 0.000001], [0.000001, 0.299999, 0.7]])
assert check("8.3", pair)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# The mean of $p$ takes the colour that somebody is very sure of. The mean of $\log p$ takes the one that nobody rules out.
# In a region of one thing the second is what you want: one colour that fits everywhere.
# ```
#
# **Exercise 8.4. No edge.** Paint a picture of 64 by 64 pixels. The left half is red, $a = 40$, the right half
# green, $a = -40$, and $b = 0$ everywhere. The left half has $L = 50$, the right half $L = 50 + \text{step}$. Make
# colour and light 8 times coarser, as above, and bring the colour back with `joint_bilateral_upsample`. Write a
# function of the step that gives the ab RMSE. Predict first: what happens at a step of 0?
#
# ```{admonition} Hint
# :class: dropdown
# `torch.full((1, 1, 64, 64), 50.0)` is a flat light, and `light[..., 32:]` its right half. `F.avg_pool2d(ab, 8)`
# makes colours coarser.
# ```


# %% tags=["exercise"]
def spill(step: float) -> float:
    """ab RMSE of the way back, for this step in L."""
    ...


check("8.4", spill)


# %% tags=["solution"]
def spill(step: float) -> float:
    """ab RMSE of the way back, for this step in L."""
    light, ab = torch.full((1, 1, 64, 64), 50.0), torch.zeros(1, 2, 64, 64)
    light[..., 32:] += step
    ab[:, 0, :, :32], ab[:, 0, :, 32:] = 40, -40
    small_ab, small_light = F.avg_pool2d(ab, 8), F.avg_pool2d(light, 8)
    return ab_rmse(joint_bilateral_upsample(small_ab, small_light, light), ab)


assert check("8.4", spill)
steps = (0, 5, 10, 20)
pd.DataFrame({"ab RMSE": [spill(step) for step in steps]}, steps).round(1)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# Where $L$ is constant all neighbours are equally alike, and only nearness counts. What is left is a smooth
# mean of four by four coarse colours. It runs over the edge as the bilinear one does, and even a little further.
# ```

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence of your own before you open the answer.
#
# **1.** Why does the size at which the network sees a photo matter?
#
# ```{admonition} Answer
# :class: dropdown
# It learned how large things usually are in what it was shown. Seen much smaller they are hard to recognise, and seen much
# larger few of them fit into what it uses for one spot.
# ```
#
# **2.** Why average log-probabilities between neighbours and not their colours?
#
# ```{admonition} Answer
# :class: dropdown
# The average of a red and a green is a brown that neither of them said. Averaged log-probabilities let the neighbours
# agree on one of the colours that both hold possible.
# ```
#
# **3.** How is colour kept from running over an edge, and when does that fail?
#
# ```{admonition} Answer
# :class: dropdown
# Coarse colour is made larger with weights that are small across edges of light. Where colour changes and light does
# not, there is no edge to hold on to.
# ```
#
# **4.** More pictures gained next to nothing. Does that mean that more data do not help?
#
# ```{admonition} Answer
# :class: dropdown
# It was one small network, trained briefly with the same number of steps. It says that this network did not lack
# pictures. A larger one that trains for long may.
# ```
#
# **5.** A photograph comes out in convincing colours. What may you not use it for?
#
# ```{admonition} Answer
# :class: dropdown
# As evidence of what the colours were. They are a guess from similar pictures, and where many colours are possible the
# guess is often wrong.
# ```

# %% [markdown]
# **Where to go next.** [Colour your own photo](your_photo) in the page. Or go back to [the two
# dials](04_annealed_mean), now that you know what they do to a face.
#
# **Two projects**, if you want to build something of your own:
#
# - *A film.* Before you read [chapter 10](10_films): colour ten frames of a slow pan, each by itself, and measure how much a spot changes its colour from one to the next: a
#   roughness in time, beside that in `colorize_lib/measuring/metrics.py`. Then let neighbours in *time* agree on a distribution as
#   `smooth_along_light` in `colorize_lib/colour/bilateral.py` lets neighbours in space. How much flicker is left?
# - *Old photographs with known colours.* Sergei Prokudin-Gorskii photographed around 1910 through three filters, one after
#   the other, and the Library of Congress has the plates. So they are historical, and have a truth. Make grey and coloured pictures
#   of twenty, and score `photo` on them with `colorize_lib/measuring/photographs.py`.
