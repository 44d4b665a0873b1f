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
# # How to measure colour
#
# You have two networks by now, and soon you will have more, each with dials. Which of them paints best? Before you read
# the tables of the coming chapters, look at what their columns can see and what they cannot. For that you need no
# network. Spoil the true colours yourself, in ways that you understand, and watch the numbers.

# %% tags=["hide-input"]
import math

import pandas as pd
import torch

from colorize_lib import Gamut, lab_to_rgb, rgb_to_lab
from colorize_lib.colour.lab import to_uint8
from colorize_lib.colour.recolour import turned
from colorize_lib.data.examples import photograph_squares
from colorize_lib.measuring.metrics import balanced_weight, picture_metrics
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.pages.remember import remember
from colorize_lib.plots import show_images

truth = photograph_squares(128)  # (4, 3, 128, 128)
lightness, true_ab = rgb_to_lab(truth).split(
    (1, 2), 1
)  # (4, 1, ...), (4, 2, ...)

# %% [markdown]
# ## Five ways to be equally wrong
#
# In the picture below, each row but the first and the last two is wrong by *exactly the same amount*, if you measure it
# as the loss of chapter 2 does: the root of the mean of $\Delta a^2 + \Delta b^2$ over all pixels, the {term}`ab RMSE`.
# The amount is half of what an uncoloured picture would have.
#
# - **Faded**: every colour is half as strong.
# - **Too strong**: every colour is half again as strong.
# - **Another hue**: every colour is turned by the same angle. It is as strong as before, and a little off.
# - **A cast**: the same warm colour is added everywhere, as under a bulb.
# - **Confetti**: each pixel is moved by a random amount in a random direction.
#
# The last two rows are for comparison: no colour at all, and every hue turned round to its opposite.

# %% tags=["hide-input"] alt="Eight rows of four photographs. Faded and too strong look natural, only paler or more vivid. With another hue skin and fur turn olive and the evening sky violet. A cast makes everything orange. Confetti covers them with coloured noise. Grey has no colour. With the opposite hue the orange suit is blue."
size = true_ab.square().sum(1).mean().sqrt()  # of the colours themselves
warm = torch.tensor([0.6, 0.8])[:, None, None]  # a and b: orange
noise = torch.randn(true_ab.shape, generator=torch.Generator().manual_seed(0))
noise = noise / noise.square().sum(1).mean().sqrt()
spoilt = {
    "truth": true_ab,
    "faded": 0.5 * true_ab,
    "too strong": 1.5 * true_ab,
    "another hue": turned(true_ab, math.degrees(2 * math.asin(0.25))),
    "a cast": true_ab + 0.5 * size * warm,
    "confetti": true_ab + 0.5 * size * noise,
    "no colour": 0 * true_ab,
    "opposite hue": -true_ab,
}
pictures = {
    name: to_uint8(lab_to_rgb(torch.cat((lightness, ab), 1)))
    for name, ab in spoilt.items()
}
show_images(pictures, size=1.5)

# %% [markdown]
# Which of the five would you hang on the wall? Probably one of the first two, and certainly not confetti. The
# ab RMSE cannot tell the five apart. Now all the columns at once:

# %% tags=["hide-input"]
weight = balanced_weight(true_ab, Gamut())
table = pd.DataFrame(
    {
        name: picture_metrics(
            ab, pictures[name], true_ab, truth, weight, lightness
        )
        for name, ab in spoilt.items()
    }
).T
columns = {
    "ab_rmse": "ab RMSE",
    "ciede2000": "CIEDE2000",
    "auc": "AuC",
    "auc_balanced": "balanced AuC",
    "eps2": "within 2 percent",
    "psnr": "PSNR",
    "ssim": "SSIM",
    "colourfulness_ratio": "colourfulness",
    "roughness": "roughness",
}
remember(
    table.loc["faded":"no colour", list(columns)]
    .round(
        dict.fromkeys(columns, 1)
        | dict.fromkeys(("ssim", "colourfulness_ratio", "roughness"), 2)
    )
    .rename(columns=columns),
    ("confetti", "ab RMSE"),
    ("confetti", "roughness"),
    ("faded", "ab RMSE"),
)

# %% tags=["hide-input"]
five, plain_grey = table.iloc[1:6], table.loc["no colour"]
assert five["ab_rmse"].max() - five["ab_rmse"].min() < 1e-3
assert abs(2 * five["ab_rmse"].iloc[0] - plain_grey["ab_rmse"]) < 1e-3
assert five["ciede2000"].idxmin() == "too strong"
assert five["ciede2000"].idxmax() == "another hue"
assert five["psnr"].max() - five["psnr"].min() < 2
assert five["ssim"].idxmin() == "confetti"
assert plain_grey["ssim"] > five.loc["too strong", "ssim"]
of_500 = read_result("photographs")["test"]["grey"]["ab_rmse"]
assert 1.4 < plain_grey["ab_rmse"] / of_500 < 1.6
assert five.loc["confetti", "roughness"] > 10 * table.loc["truth", "roughness"]
assert table.loc["opposite hue", "colourfulness_ratio"] > 1

# %% [markdown]
# Read it column by column. Each answers one question, and is blind to the others. Five of them ask how far off the colours
# are, pixel by pixel:
#
# | column | the question | blind to |
# |---|---|---|
# | ab RMSE | How far are the colours off, on average? | What *kind* of error it is. A few strong colours decide it, because errors are squared. |
# | CIEDE2000 | How far off would they *look*, patch beside patch? | Whether the picture hangs together. |
# | AuC | How many pixels are within a tolerance, over all tolerances? | Rare colours: many pixels are nearly grey, so grey pictures do well. |
# | balanced AuC | The same, with all colours counting alike. | How common a colour is: painting too much of a rare one costs little. |
# | within 2 percent | How many pixels are all but right? | Everything that is further off, however far. |
#
# Two more are borrowed from the study of all pictures, and two do not look at single pixels of the truth at all:
#
# | column | the question | blind to |
# |---|---|---|
# | PSNR | How far is the RGB off, in decibels? | What kind of error it is, as the ab RMSE. |
# | SSIM {cite}`wang2004image` | Are the patterns of light and dark right in R, G and B? | An even change of colour, nearly: it makes no pattern. |
# | colourfulness | Is there as much colour as in the truth? | Whether it is the right colour: see the opposite hue. |
# | roughness | Does colour change where the light does not? | Whether it is the right colour, and whether there is any. |
#
# Four things deserve a closer look.
#
# **Grey is hard to beat.** These four photographs are colourful: left grey, they are half again as far off as the
# 500 of [chapter 8](08_photos). Where many pixels are nearly grey, a picture without any colour gets an AuC that would be an
# excellent mark in any other exam:

# %% tags=["remove-input"]
ours = {name: read_result(name) for name in ("regression", "classification")}
grey = ours["regression"]["baselines"]["grey"]
report(
    f"On the test images of CIFAR-10, no colour at all has an AuC of {grey['auc']:.1f} and an SSIM of {grey['ssim']:.3f}.",
    ours["regression"],
)

# %% [markdown]
# So an AuC says nothing by itself. Say how much *more* it is than that of grey on the same pictures, the **gain over grey**,
# and the numbers of different test sets can stand side by side.
#
# **CIEDE2000 and the ab RMSE disagree about vivid colours.** A step of ten units is plain to see beside grey, and much less so
# beside a strong red, above all if it only makes the red stronger. CIEDE2000 {cite}`sharma2005ciede2000` was fitted to what
# people see, and allows for that. So to it *too strong* is the smallest of the five errors and *another hue* the largest, though
# in Lab units they are equal. Lab was meant to have equal steps everywhere, and has not.
#
# **SSIM can put no colour above too much of it.** PSNR and SSIM are what is usually reported for pictures. But your network is
# *given* L and copies it, and L is where the patterns are. SSIM notices confetti at once, because that makes a pattern, and
# rates these photographs without any colour above the same merely too vivid.
#
# **No column sees all that you saw.** Confetti has the same ab RMSE as a natural, pale picture. The roughness says what is
# wrong with it, but the roughness does not know one colour from another. So a single number never settles which picture is
# better. This book shows several, and the pictures.
#
# ## Plausible is not the same as true
#
# All columns but the last two compare with the colours that the object happened to have. A green car where a red one was is a
# large error to all of them, and to you it is just a green car. The poster asks for *plausible* colours, and what measures that
# is people: show them a coloured and a true picture, and ask which is true. In the **colorization Turing test** of Zhang, Isola
# and Efros their network passed for the truth in about a third of the trials; a half would be perfect
# {cite}`zhang2016colorful`. [Chapter 4](04_annealed_mean) has such a quiz for you. **Perceptual metrics**, which compare what a
# classifier sees in two pictures (LPIPS {cite}`zhang2018unreasonable`) or in two sets of pictures (FID
# {cite}`heusel2017gans`), are the usual stand-in for people today. They were made for larger pictures than those of CIFAR-10, and are not used in
# this book. [Where the field went](field) says more on FID.
#
# ## Beside the published numbers
#
# Two papers stand behind this book. The first {cite}`zhang2016colorful` measured 10,000 pictures of ImageNet:

# %% tags=["hide-input"]
published = pd.DataFrame(
    {  # Table 1 of the paper: AuC, balanced AuC, accuracy of a VGG on the coloured pictures, in percent
        "grey": (89.1, 58.0, 52.7),
        "L2": (91.2, 64.4, 54.9),
        "L2, fine-tuned from rebalancing": (91.5, 66.2, 56.5),
        "classification": (91.6, 65.1, 56.6),
        "with rebalancing": (89.5, 67.3, 56.0),
        "truth": (100.0, 100.0, 68.3),
    },
    ("AuC", "balanced AuC", "VGG accuracy"),
).T
published.insert(1, "gain", published["AuC"] - published.loc["grey", "AuC"])
published.insert(
    3,
    "balanced gain",
    published["balanced AuC"] - published.loc["grey", "balanced AuC"],
)
remember(
    published,
    ("L2, fine-tuned from rebalancing", "gain"),
    ("with rebalancing", "gain"),
)

# %% [markdown]
# You may compare the *gains* with those of this book, with care: other pictures, at another size. Two findings of theirs will
# come back. L2, started from what the rebalanced classifier had learned, does about as well as the plain one. And the rebalanced
# network, whose pictures were taken for true ones more often than those of the others, has hardly more AuC than grey.
#
# The second {cite}`nazeri2018image` measured CIFAR-10. It predicts L as well and asks that all three channels be right, so its
# task is a little harder than ours, and its pictures are the lossless ones:

# %% tags=["hide-input"]
plain = {
    f"{name}, T = 1": next(
        row
        for row in result["test"]
        if row.get("temperature", 1) == row.get("lam", 1) == 1
    )
    for name, result in ours.items()
}
plain["no colour"] = ours["regression"]["baselines"]["grey"]
shares = {
    "U-Net (published)": (13.7, 37.2),
    "GAN (published)": (24.1, 65.5),
} | {name: (row["eps2"], row["eps5"]) for name, row in plain.items()}
assert all(
    abs(shares["no colour"][0] - within) < 1
    for name, (within, _) in shares.items()
    if name != "U-Net (published)"
)
report(
    pd.DataFrame(shares, ("within 2 percent", "within 5 percent")).T.round(1),
    *ours.values(),
)

# %% [markdown]
# By the first column our plain networks are beside the published GAN. That is less than it sounds, because on our copy grey is as
# well: so many pixels are nearly grey. Now you know to ask for that row.
#
# **Where to go next.** To the first dial, [the annealed mean](04_annealed_mean).
