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
# # The annealed mean
#
# You have a distribution over colours for every pixel, and you need one colour. The mean is faded, and the most likely
# one is greyer still, and blotchy.
#
# Zhang, Isola and Efros go between the two: they sharpen the distribution before they take its mean
# {cite}`zhang2016colorful`. How much is one number, the **temperature** $T$. They found 0.38 best. The
# poster behind this book found 0.89 {cite}`liwang`.

# %% tags=["hide-input"]
import pandas as pd
import torch
from IPython.display import Markdown
from ipywidgets import interact
from matplotlib import pyplot as plt

from colorize_lib import Colorizer, explore, rgb_to_lab
from colorize_lib.colour.lab import to_rgb
from colorize_lib.colour.resolution import halve, upsample
from colorize_lib.data.examples import embedded_cifar10, gallery
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answer_here
from colorize_lib.measuring.metrics import (
    ab_distance,
    ciede2000,
    colourfulness,
    colourfulness_ratio,
    roughness,
)
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.pages.quiz import quiz
from colorize_lib.pages.remember import remember
from colorize_lib.plots import PALETTE, bin_map, show_images

# %% figure="fig-temperatures" caption="The truth, and one network at six temperatures." alt="Seven rows of the same eight small pictures. The true colours are strong. The six rows below are muted and look much alike: a bluish sky, brown animals, a car and a truck in greys. Downwards they lose a little colour and get patchy."
truth = gallery().rgb
lightness, true_ab = rgb_to_lab(truth).split((1, 2), 1)
colorizer = Colorizer.load("classification")
gamut = colorizer.gamut
rows = {"truth": truth}
for temperature in (1.0, 0.89, 0.5, 0.38, 0.1, 0.01):
    rows[f"T = {temperature}"] = to_rgb(
        lightness, colorizer.colour_lightness(lightness, temperature).cpu()
    )
show_images(rows)

# %% [markdown]
# **What you will see**
#
# 1. The same pictures at six temperatures.
# 2. One distribution slide from its mean to its mode.
# 3. Eight measures, at many temperatures, on test images.
# 4. Whether "$T = 0.89$ works best" holds up.
# 5. A second dial that turns the first one around.
# 6. Four plausible answers for one picture, and what a click of yours is worth.
#
# **What you need:** [chapter 3](03_classification).
#
# ## Six temperatures
#
# Look from the second row down. Is it getting more colourful? Perhaps you expected that, because a mean is faded,
# at $T = 1$, and a single likely colour ought to be vivid, at small $T$. So measure it before you believe it.

# %% [markdown]
# ## The idea in one figure
#
# Ask the network for its distributions: one number a bin, for every second pixel in each direction.

# %% prints="8 pictures, 261 bins, 16 by 16 pixels\n"
logits = colorizer.predict(lightness).cpu()  # (N, Q, h, w)
print("{} pictures, {} bins, {} by {} pixels".format(*logits.shape))

# %% [markdown]
# Now take the distribution of one pixel and cool it. (The words come from physics: a body that cools slowly, or is
# *annealed*, ends up in its likeliest state.) In {numref}`fig-cooled` each square is a bin, and the
# brighter it is, the more probable. The cross is the colour that is painted.

# %% tags=["hide-input"] figure="fig-cooled" caption="One pixel of the sky beside the airplane, cooled: brighter bins are more probable, and the cross is the colour that is painted." alt="Four maps of the bins in the ab plane, for T = 1, 0.38, 0.1 and 0.01. At T = 1 a broad cloud of bins glows, and the cross lies in its middle. As T falls the cloud shrinks around its brightest bin, until one bin is left with the cross on it."
n, row, column = 0, 2, 3  # the sky beside the airplane
z = logits[n : n + 1, :, row : row + 1, column : column + 1]  # (1, Q, 1, 1)
figure, axes = plt.subplots(1, 4, figsize=(9.5, 2.9), sharey=True)
for axis, temperature in zip(axes, (1.0, 0.38, 0.1, 0.01), strict=True):
    annealed = (z[0, :, 0, 0] / temperature).softmax(0)
    bin_map(axis, gamut, annealed.clamp(min=1e-4), log=True, vmin=1e-4, vmax=1)
    axis.plot(
        *gamut.decode(z, temperature)[0, :, 0, 0],
        "x",
        color="white",
        ms=11,
        mew=3,
    )
    axis.set(
        title=f"T = {temperature}",
        xlim=(-45, 45),
        ylim=(-65, 45),
        facecolor="#222",
    )
for axis in axes[1:]:
    axis.set_ylabel("")
figure.tight_layout()

# %% [markdown]
# ## The maths
#
# Let $p_q$ be the probability of bin $q$, and $c_q$ its centre: the $a$ and $b$ that it stands for. Raise
# every probability to the power $1/T$ and make them sum to 1 again:
#
# ```{math}
# :label: eq-anneal
# \begin{aligned}
# f_T(p)_q &= \frac{p_q^{1/T}}{\sum_j p_j^{1/T}} \\
# &= \operatorname{softmax}\bigl(\log p / T\bigr)_q, \\
# \text{colour} &= \sum_q f_T(p)_q\; c_q .
# \end{aligned}
# ```
#
# - At $T = 1$ nothing changes. The colour is the mean.
# - As $T \to 0$ the largest probability outgrows all others. The colour is the centre of the most likely
#   bin, the mode.
# - Between them, unlikely bins lose their vote first.
#
# Try it on three bins with half, three tenths and two tenths of the votes.

# %% prints="T = 1.00: [0.5, 0.3, 0.2]\nT = 0.50: [0.66, 0.24, 0.11]\nT = 0.25: [0.87, 0.11, 0.02]\n"
votes = torch.tensor([0.5, 0.3, 0.2])
for temperature in (1.0, 0.5, 0.25):
    powers = votes ** (1 / temperature)
    cooled = (powers / powers.sum()).tolist()
    print(f"T = {temperature:.2f}: {[round(share, 2) for share in cooled]}")

# %% [markdown]
# The first bin gains, and the smallest loses first.
#
# In code {eq}`eq-anneal` is two lines. The network gives *logits* $z$, not probabilities. They differ from
# $\log p$ by a constant, which the {term}`softmax` does not see. So $z$ may stand in the place of $\log p$.
#
# At $T = 0.01$ the power $1/T$ is 100. Nothing overflows: a softmax subtracts the largest number before it
# exponentiates.


# %%
def annealed_mean(
    logits: torch.Tensor, centres: torch.Tensor, temperature: float
) -> torch.Tensor:
    """(N, Q, h, w) and (Q, 2) to ab, (N, 2, h, w)."""
    p = torch.softmax(logits / temperature, dim=1)
    return torch.einsum("nqhw,qc->nchw", p, centres)


for temperature in (1.0, 0.38, 0.01):
    mine = annealed_mean(logits, gamut.centres, temperature)
    assert torch.allclose(mine, gamut.decode(logits, temperature), atol=1e-3)

mean = (
    logits.softmax(1)[:, :, None] * gamut.centres[None, :, :, None, None]
).sum(1)
assert torch.allclose(
    annealed_mean(logits, gamut.centres, 1.0), mean, atol=1e-3
)
mode = gamut.centres[logits.argmax(1)].permute(0, 3, 1, 2)
cold = annealed_mean(logits, gamut.centres, 0.001)
assert ((cold - mode).abs() < 0.5).float().mean() > 0.95  # all but near ties

# %% [markdown]
# ## The sweep
#
# A **metric** is a number that says how good pictures are. Here are eight, on all test images, at thirteen temperatures.
#
# Most of the metrics are those of chapter 2. Balanced {term}`AuC` is AuC with rare colours counting as much as common
# ones. "Within" some % is the share of pixels whose $a$ and $b$ are each off by at most that part of the span of a
# channel.
#
# A metric's favourite $T$ was chosen on the *dev* images, which are put aside for choices. What it scores
# there is reported on the *test* images. The dashed lines are the paper's 0.38 and the poster's 0.89.

# %% tags=["hide-input"] plot=true figure="fig-sweep" caption="Every metric over the temperature T, on the test images. Dashed: the paper's 0.38 and the poster's 0.89." alt="Eight small line diagrams over T from 0 to 1. ab RMSE falls gently towards T = 1. AuC, PSNR, SSIM and the two shares of close pixels each have a flat top somewhere between. Balanced AuC and colourfulness rise towards T = 1, colourfulness after a small dip at the left."
result = read_result("classification")
sweep = pd.DataFrame(result["test"])
plain = sweep[sweep["lam"] == 1].set_index("temperature")
assert len(plain) == 13
labels = {
    "ab_rmse": "ab RMSE (lower is better)",
    "auc": "AuC %",
    "auc_balanced": "AuC balanced %",
    "eps2": "within 2 % in a and b, %",
    "eps5": "within 5 % in a and b, %",
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
    "colourfulness_ratio": "colourfulness (truth = 1)",
}


def draw_sweep(curves: dict[str, pd.DataFrame]) -> None:
    """One small diagram a metric, one curve a setting."""
    figure, axes = plt.subplots(2, 4, figsize=(10, 4.6), sharex=True)
    styles = ("o-", "s-", "^-", "v-", "D-", "P-")
    for axis, (metric, label) in zip(axes.flat, labels.items(), strict=True):
        for t in (0.38, 0.89):
            axis.axvline(t, color="grey", lw=0.8, ls="--")
        for (name, rows), colour, style in zip(
            curves.items(), PALETTE, styles, strict=False
        ):
            axis.plot(
                rows.index,
                rows[metric],
                style,
                color=colour,
                ms=3.5,
                label=name,
            )
        axis.set_title(label, fontsize=9)
        axis.tick_params(labelsize=8)
    for axis in axes[1]:
        axis.set_xlabel("T", fontsize=9)
    if len(curves) > 1:
        figure.legend(
            *axes[0, 0].get_legend_handles_labels(),
            loc="lower center",
            ncols=len(curves),
            frameon=False,
        )
    figure.tight_layout(rect=(0, 0.06 if len(curves) > 1 else 0, 1, 1))


draw_sweep({"classification": plain})

# %% [markdown]
# Read the last diagram of {numref}`fig-sweep` first. Colourfulness *falls* as $T$ falls, but for a small hook at the
# very left.

# %% tags=["hide-input"]
colourful = plain["colourfulness_ratio"]  # the truth has 1
assert colourful.loc[0.1:].is_monotonic_increasing  # T alone: greyer
assert colourful.idxmin() == 0.1  # but for the hook

# %% tags=["remove-input"]
report(
    f"It is {colourful[1.0]:.2f} of the truth's at T = 1, {colourful[0.38]:.2f} at T = 0.38, and {colourful[0.1]:.2f} at T = 0.1.",
    result,
)

# %% [markdown]
# On CIFAR-10 annealing makes the pictures **greyer**, the opposite of the usual story. Chapter 3 told you
# why: the most likely bin is nearly always a near-grey one, so sharpening moves the colours towards grey.
#
# Now the others. Each has its own favourite:

# %% tags=["hide-input"]
best = {metric: result["best_on_dev"][metric] for metric in labels}
grey = result["baselines"]["grey"]
table = pd.DataFrame(
    {
        "best T on dev": best,
        "there": {metric: plain.loc[t, metric] for metric, t in best.items()},
        "at T = 0.38": plain.loc[0.38],
        "at T = 0.89": plain.loc[0.89],
        "at T = 1": plain.loc[1.0],
        "grey picture": grey,
    }
).loc[list(labels)]
in_the_table = [name for name in labels if name not in ("psnr", "eps5")]
report(
    remember(
        table.loc[in_the_table].rename(index=labels).round(2),
        (labels["ab_rmse"], "at T = 0.89"),
        (labels["ab_rmse"], "at T = 1"),
    ),
    result,
)

# %% [markdown]
# ## Verdict: does 0.89 work best?

# %% tags=["hide-input"]
error = plain["ab_rmse"]
step = abs(error[0.89] - error[1.0])
spread = error.max() - error.min()
assert step < spread < 0.1 * error.min()  # it hardly matters
favourites = sorted(set(best.values()))
assert len(favourites) > 2  # and they do not agree
like_89, like_38 = (
    [labels[metric] for metric, t in best.items() if t == near]
    for near in (0.89, 0.38)
)
assert like_38 and result["best_on_dev"]["ciede2000"] == 0.38

# %% tags=["remove-input"]
report(
    f"**It depends on what you call best, and 0.89 hardly differs from 1.** The favourites on dev are "
    f"T = {', '.join(f'{t:g}' for t in favourites)}, depending on the metric. 0.89 is the favourite of "
    f"{' and of '.join(like_89) or 'no metric'}. The paper's 0.38 is that of {' and of '.join(like_38)}, and of CIEDE2000, which is not drawn. Going from T = 1 to T = 0.89 changes ab RMSE by "
    f"{step:.2f} Lab units, of {error[1.0]:.1f}. Over the whole sweep it changes by {spread:.2f}.",
    result,
)

# %% [markdown]
# So the poster's choice is a fair one, because a $T$ just below 1 is near the mean. Nor can you see the difference. On
# the eight pictures, 0.89 and 1 are this far apart, on average over the pixels:

# %%
near, middle = (colorizer.decode(logits, t).cpu() for t in (0.89, 1.0))
difference = ab_distance(near, middle).mean().item()
print(f"{difference:.1f} Lab units")

# %% tags=["hide-input"]
assert difference < 1  # an eye needs about 2

# %% [markdown]
# (vibrant-consistent)=
#
# ### Vibrant, and spatially consistent?
#
# The poster says of its annealed mean that it is both. Here are measures for the two words, on the twenty
# pictures that came with this book. *Vibrant* is {term}`colourfulness`. For *spatially consistent* ask how much the colour
# changes from pixel to pixel where the light does not, and divide by the mean chroma. Call it **roughness**:
# an even tint has 0. The last column is {term}`CIEDE2000`, a distance to the truth that follows the eye.

# %% tags=["hide-input"]
twenty = embedded_cifar10().rgb
twenty_l, twenty_ab = rgb_to_lab(twenty).split((1, 2), 1)
ways = {
    f"T = {t:g}, λ = {lam:g}": colorizer.colour_lightness(
        twenty_l, t, lam
    ).cpu()
    for lam in (1, 0.5)
    for t in (1, 0.89, 0.38, 0.01)
}
ways["truth, at the networks' resolution"] = upsample(
    halve(twenty_ab), (32, 32)
)
vibrant = pd.DataFrame(
    {
        name: {
            "colourfulness": colourfulness_ratio(to_rgb(twenty_l, ab), twenty),
            "roughness": roughness(ab, twenty_l),
            "CIEDE2000": ciede2000(ab, twenty_ab, twenty_l),
        }
        for name, ab in ways.items()
    }
).T
remember(
    vibrant.drop(
        ["T = 0.38, λ = 1", "T = 0.89, λ = 0.5", "T = 0.38, λ = 0.5"]
    ).round({"colourfulness": 2, "roughness": 3, "CIEDE2000": 1}),
    ("T = 0.89, λ = 1", "roughness"),
    ("T = 0.89, λ = 1", "colourfulness"),
)

# %% tags=["hide-input"]
for lam in (1, 0.5):  # the colder, the rougher
    rough = vibrant["roughness"].filter(like=f"λ = {lam:g}")
    assert rough.is_monotonic_increasing
poster_way = vibrant.loc["T = 0.89, λ = 1"]
assert poster_way["roughness"] < 1.05 * vibrant["roughness"].min()  # smooth
plain_ways = vibrant.filter(like="λ = 1", axis=0)
assert plain_ways["colourfulness"].max() < 0.7  # and not vibrant, at any T
assert plain_ways["roughness"].max() < vibrant["roughness"].iloc[-1]

# %% [markdown]
# So "spatially consistent" holds: at 0.89 the colours are nearly as smooth as the mean's. From there they get rougher bit by
# bit, up to the mode. (All rows of the first block are smoother than the truth, so to be smooth is no achievement by itself.)
# But "vibrant" does not hold, at no temperature of the first block.
#
# The paper's 0.38 is not wrong either. It was found for a network trained on other images *with rebalancing*, and with
# that a small $T$ does the opposite, as you will now see.

# %% [markdown]
# ## A second dial
#
# Grey is the most likely answer because grey is common, and you can correct for that, even after training.
#
# Call $p^{\text{prior}}_q$ the share of all training pixels that lie in bin $q$: the **prior**. The network has
# learned it, and it is in all of its probabilities. Take part of it out again: multiply each probability by
# a weight $w_q$ that is large for rare colours {cite}`menon2021longtail`. The weights are those that the paper puts
# into its loss {cite}`zhang2016colorful`,
#
# ```{math}
# :label: eq-weights
# w_q \propto \Bigl((1 - \lambda)\, p^{\text{prior}}_q + \frac{\lambda}{Q}\Bigr)^{-1},
# ```
#
# and anneal as before. The sign $\propto$ says "in proportion to". For log-probabilities
# it means: add $\log w_q$.
#
# $Q$ is the number of bins, and $\lambda$ the new dial, between 0 and 1. At $\lambda = 1$ all weights are equal
# and nothing happens. The smaller $\lambda$, the more rare colours count.
#
# The paper puts the same weights into the loss, and trains with $\lambda = 1/2$. Where the {term}`prior` comes from,
# and which of the two ways is better, is for [the next chapter](05_rebalancing).
#
# (both-dials)=
#
# ### Turn both dials yourself
#
# See for yourself what this does. Leave <a class="set" href="#T=1&amp;lam=1">$\lambda$ at 1</a> and take $T$ slowly from 1
# to the left. Which way does the bar of colourfulness go? Now move
# <a class="set" href="#T=1&amp;lam=0.5">$\lambda$ to 0.5</a> and do it again. (In the page, such words turn the dials
# for you.)
#
# Then click on a pixel, and see why: each square is a bin, as large as its probability. The cross is
# painted, the ring is true. Finally, look for a picture that behaves differently from the others.
#
# At the bottom are **the painters side by side**: this network, and those of the poster's other experiments. `regression` is
# that of [chapter 2](02_regression), `rebalanced` was trained with rebalancing ([chapter 5](05_rebalancing)) and
# `transfer` starts from a network that learned to name the million photographs of ImageNet ([chapter 6](06_transfer)).
# Choose one, and it comes and paints the large picture, too. All stand at the same $T$ and $\lambda$. So compare them
# there, for instance at <a class="set" href="#T=0.38&amp;lam=0.5&amp;image=5">$T = 0.38$ and $\lambda = 0.5$</a>: which
# one is the boldest, which one do you believe?

# %%
beside = ["regression", "rebalanced", "transfer"]
explorer = explore(gallery(), colorizer, beside=beside)
explorer.image = 5  # the horse
explorer

# %% tags=["hide-input"]
warm, cold = (
    colourfulness(
        to_rgb(lightness, colorizer.colour_lightness(lightness, t).cpu())
    )
    for t in (1.0, 0.38)
)
greyer = cold < warm
assert greyer[explorer.image] and 2 * greyer.sum() > len(greyer)
others = [gallery().classes[i] for i in gallery().label[~greyer]]

# %% tags=["remove-input"]
Markdown(
    f"From T = 1 to T = 0.38, at λ = 1, {int(greyer.sum())} of the {len(greyer)} pictures get greyer."
    + (
        f" Not so the {' and the '.join(others)}: where the likeliest bin is itself a colour, cooling brings it out."
        if others
        else ""
    )
)

# %% [markdown]
# On the page of the book the address follows the dials: copy it, and who opens it sees what you see.
#
# In a notebook, where Python runs behind the page, the explorer also listens to it. `explorer.temperature = 0.38` turns the
# dial, `explorer.numbers` reads what is shown, and `explore(["my_photo.jpg"])` takes your own pictures.
#
# A plainer one is quickly made. These lines give you two sliders in Jupyter or Colab; on the page of the book, behind which no
# Python runs, they can do nothing, and show nothing.


# %% tags=["skip-execution"]
@interact(T=(0.01, 1.0, 0.01), lam=(0.1, 1.0, 0.05))
def turn(T: float = 0.38, lam: float = 0.5) -> None:
    """Colour all eight pictures again."""
    ab = colorizer.colour_lightness(lightness, T, lam).cpu()
    show_images({"truth": truth, "coloured": to_rgb(lightness, ab)})


# %% [markdown]
# ### Four settings of the second dial
#
# Here are the eight pictures at the paper's temperature, with the second dial at four places, and below them a network that
# was trained with the same weights in its loss:

# %% figure="fig-second-dial" caption="The second dial at T = 0.38, and a network trained with rebalancing." alt="Six rows of the same eight small pictures. Below the truth comes the network at λ = 1, in greys and browns. With λ = 0.7, 0.5 and 0.3 the colours get stronger, down to a red truck that is blue in truth. The last row, trained with λ = 0.5, is about as colourful as the dial at 0.5."
rows = {"truth": truth}
for lam in (1.0, 0.7, 0.5, 0.3):
    rows[f"λ = {lam}"] = to_rgb(
        lightness, colorizer.colour_lightness(lightness, 0.38, lam).cpu()
    )
rebalanced = Colorizer.load("rebalanced")
rows["trained with\nλ = 0.5"] = to_rgb(
    lightness, rebalanced.colour_lightness(lightness, 0.38).cpu()
)
show_images(rows)

# %% [markdown]
# All rows of {numref}`fig-second-dial` but the first and the last are one and the same network. Nothing was
# trained again. Now sweep both dials:

# %% tags=["hide-input"] plot=true figure="fig-both-dials" caption="Both dials, on the test images." alt="The same eight line diagrams over T, now with five curves each. For λ = 1 colourfulness rises with T. For 0.7, 0.5, 0.3 and the network trained with 0.5 it falls with T, and lies higher. There the errors are larger and all accuracies lower, but for balanced AuC, which is higher."
rebalanced_result = read_result("rebalanced")
trained = pd.DataFrame(rebalanced_result["test"])
lambdas = (1.0, 0.7, 0.5, 0.3)
curves = {
    f"λ = {lam:g}": sweep[sweep["lam"] == lam].set_index("temperature")
    for lam in lambdas
}
trained = trained[trained["lam"] == 1].set_index("temperature")
curves["trained with λ = 0.5"] = trained
draw_sweep(curves)

# %% tags=["hide-input"]
vivid = {name: rows["colourfulness_ratio"] for name, rows in curves.items()}
gains = {name: values[0.38] - values[1.0] for name, values in vivid.items()}
assert gains.pop("λ = 1") < 0 < min(gains.values())

# %% tags=["remove-input"]
report(
    "Cooled from T = 1 to T = 0.38, colourfulness goes "
    + ", ".join(
        f"from {values[1.0]:.2f} to {values[0.38]:.2f} ({name})"
        for name, values in vivid.items()
    )
    + ".",
    result,
    rebalanced_result,
)

# %% [markdown]
# Put together: **temperature alone makes these pictures greyer. With rebalancing it makes them more vivid.** $T$ moves
# you from the mean to the most likely colour. Whether that is a vivid one depends on $\lambda$, because it decides how
# much a common colour counts.
#
# The price is accuracy. Every metric that compares with the truth pixel by pixel, and counts all pixels alike, gets worse
# as the pictures get more colourful. The balanced AuC gets better, because it counts rare colours as much as common ones.
#
# The paper met the same on ImageNet {cite}`zhang2016colorful`. Its authors warn that plain AuC is ruled by the many pixels
# with little colour. So a grey picture does well by it, and their rebalanced network does about as well as grey.

# %% tags=["hide-input"]
cost = pd.DataFrame({lam: curves[f"λ = {lam:g}"].loc[0.38] for lam in lambdas})
for metric in ("auc", "eps2", "eps5", "psnr", "ssim"):
    assert cost.loc[metric].is_monotonic_decreasing
for metric in ("ab_rmse", "ciede2000", "auc_balanced", "colourfulness_ratio"):
    assert cost.loc[metric].is_monotonic_increasing

# %% [markdown]
# That need not be a defect of the pictures, because a red car that is painted blue is a large error even if it looks
# right.

# %% [markdown]
# (choose-a-colour)=
#
# ## An apple may be red, green or yellow
#
# The poster names it as the first challenge: "Colorization task has multi-modal nature (i.e., objects can take multiple
# plausible colorization)" {cite}`liwang`. The network has learned this, because its distributions have several peaks. But
# both dials make one colour of them. Here you take out the others.
#
# {numref}`fig-alternatives` shows four answers of one network for each picture. How they are found: look for the things
# that the network is most in doubt about, take the likeliest colours of each, and combine them so that the pictures differ
# as much as they can and stay likely. The first row is the usual picture.

# %% figure="fig-alternatives" caption="Four plausible colourings of each picture, by one network." alt="Four rows of the same eight small pictures. In each column they differ in a large part: the sky behind the airplane is greyish, blue or sandy, the wall behind the car purplish, dark blue, grey or red, the leaves around the frog brown, grey, orange or green, the truck grey, brown or blue."
four = [colorizer.suggested_hints(picture, 4) for picture in truth]
show_images(
    {
        f"answer {number + 1}": colorizer.colorize(
            truth, temperature=1.0, hints=[hints[number] for hints in four]
        )
        for number in range(4)
    }
)

# %% [markdown]
# Where is the network in doubt, and where not? A number for it is the **entropy** of the distribution, from 0 for a
# network that is sure, to $\log Q$ for one that has no idea.

# %% tags=["hide-input"] figure="fig-doubt" caption="Above the truth, below the entropy of each distribution: white is much doubt." alt="Two rows of the same eight small pictures. Below each true picture stands a grey map of the network's doubt. It is brightest on the wall behind the car and on the cloth around the cat, and darkest in the black behind the dog and around the truck's wheels."
log_p = logits.log_softmax(1)  # (N, Q, h, w)
entropy = -(log_p.exp() * log_p).sum(1, keepdim=True)  # (N, 1, h, w)
doubt = upsample(entropy, (32, 32)).expand(-1, 3, -1, -1)
low, high = entropy.min().item(), entropy.max().item()
show_images({"truth": truth, "doubt": (doubt - low) / (high - low)})

# %% [markdown]
# The wall behind the car and the cloth around the cat may be anything, and the network says so. It is surer of what is nearly
# black, and of the frog's leaves.

# %% tags=["remove-input"]
hinted = read_result("hints")
within = {
    name: {row["modes"]: 100 * row["share"] for row in part["truth_in_modes"]}
    for name, part in hinted["sets"].items()
}
report(
    f"How often is the truth among the likeliest? Take the likeliest bin, then the likeliest that is at least "
    f"{hinted['near_a_mode']:.0f} Lab units away from it, and so on. Then count the pixels whose true colour is nearer than "
    f"that to one of them. With one bin, with two, three and five of them, that is "
    + ", and ".join(
        f"{', '.join(f'{share:.0f} %' for share in within[key].values())} of the pixels of {name}"
        for key, name in (
            ("cifar10", "CIFAR-10"),
            ("photographs", "the photographs"),
        )
    )
    + ".",
    hinted,
)

# %% tags=["hide-input"]
for shares in within.values():  # the others are worth looking at
    assert shares[1] < shares[2] < shares[3] < shares[5]

# %% [markdown]
# ### You know, so say it
#
# You look at the apple and know that it is red. How do you tell the network? Call the pixel that you click on $x$, and the
# colour that you give it $c$. Some other pixel $y$ of the picture has the distribution $p_y$ over bins. What does your
# click say about $y$?
#
# By **Bayes' rule** the distribution of $y$, given the click, is the old one times how likely the click was, had $y$ the
# colour of that bin:
#
# ```{math}
# :label: eq-hint-bayes
# p_y(q \mid c) \;\propto\; p_y(q)\; P(c \mid y \text{ has colour } c_q).
# ```
#
# For the last factor you have to assume something, and this is the one assumption: **the click is a measurement of the
# colour of $y$, with Gaussian noise, and the less surely $y$ is the same thing as $x$, the more noise.** With $k(x, y)$ from
# 0 to 1 for how surely, and a variance of $s^2 / k$,
#
# ```{math}
# :label: eq-hint
# P(c \mid y \text{ has colour } c_q) \;\propto\; \exp\Bigl(-\frac{\lVert c_q - c \rVert^2}{2 s^2}\Bigr)^{k(x, y)} .
# ```
#
# Where $k$ is 0 the factor is 1, so nothing changes. Where it is 1, bins far from $c$ lose their vote. Then comes the
# annealed mean, as before.
#
# How sure can you be that two pixels are one thing? If they are near, alike in light, and if the network says much the
# same of both:
#
# ```{math}
# :label: eq-same-thing
# k(x, y) = \exp\Bigl(-\sqrt{d^2 / \rho^2 + (L_x - L_y)^2 / \tau^2}\Bigr)
#   \Bigl(\sum_q \sqrt{p_x(q)\, p_y(q)}\Bigr)^{\gamma}
# ```
#
# Here $d$ is the distance as a share of the picture's side, $L$ the lightness, and the sum is the overlap of the two
# distributions, which is 1 if they are the same and 0 if they have no bin in common. The widths $\rho$ and $\tau$, the
# power $\gamma$ and $s$ were chosen on *dev* pictures, by trials.

# %% prints="red: 0.30 before the click, 0.77 after it\n"
bins = torch.tensor([[60.0, 40.0], [-50.0, 50.0]])  # red and green
p = torch.tensor([0.3, 0.7])
red = torch.tensor([50.0, 30.0])
factor = torch.exp(-(bins - red).square().sum(1) / (2 * 50**2))
after = p * factor / (p * factor).sum()
print(f"red: {p[0]:.2f} before the click, {after[0]:.2f} after it")

# %% [markdown]
# Several clicks multiply, but two clicks on one apple are hardly more than one, and a product would count them twice. So
# clicks share their say, by solving a small system of equations with the $k$ between them. These are the weights
# of **Gaussian process regression**, which guesses values between points where they are known. And what the picture still misses at a click, because $p_y$ never believed in that
# colour, is added with the same weights. The code is `colorize_lib/colour/hints.py`.
#
# Now tell the network that the middle of each picture is red, and then that it is blue:

# %% figure="fig-one-click" caption="One click in the middle of each picture." alt="Three rows of the same eight small pictures: as usual, with the middle said to be red, and with the middle said to be blue. In the second row the airplane, the car, the animals, the ship and the truck are red, in the third they are blue. Around them, and where the light is different, the colours are nearly those of the first row."
told = {"usual": None, "red": "#b03030", "blue": "#3050b0"}
show_images(
    {
        name: colorizer.colorize(
            truth,
            temperature=1.0,
            hints=[[((16, 16), colour)] if colour else [] for _ in truth],
        )
        for name, colour in told.items()
    }
)

# %% [markdown]
# It **fails** where the assumption does. Two cars that look alike are two things, and yet the click on one colours the
# other. A flag is one thing with three colours, so a click on its red reaches the blue if both are as light. And how far
# a click reaches is one number for a whole picture, whether it is a portrait or a crowd.
#
# Do it yourself in [the explorer](both-dials) above. Click on a pixel of the picture, and then on a square of the plane or
# on one of the swatches, which are the likeliest colours there. By keyboard, the arrow keys mark a square of the plane and
# Enter takes it. A pin marks what you said: drag it, or move it with the arrow keys. For a start, say that
# <a class="set" href="#T=1&amp;lam=1&amp;image=1&amp;hint=16-16-b03030">the car is red</a> or
# <a class="set" href="#T=1&amp;lam=1&amp;image=1&amp;hint=16-16-3050b0">blue</a>. "Four others" shows four more
# answers, found as those of {numref}`fig-alternatives`. The page [Colour your own photo](your_photo) does all of this with
# your pictures.
#
# ### What a hint is worth
#
# Researchers measure this by giving away the truth, point by point {cite}`zhang2017realtime`. The same points go to methods
# that have no network: the hints spread by place and light, and colorization by optimisation
# {cite}`levin2004colorization`, in which
# neighbours that are alike in light get alike colours.

# %% tags=["hide-input"] plot=true figure="fig-hints" caption="The error over the number of revealed points, at random pixels and where the network is most wrong. Bars: 95 % intervals." alt="Four line diagrams of ab RMSE over the number of hints, from 0 to 50, for CIFAR-10 and photographs, at random points and at points of the largest error. The line of the network alone is level. The line of the network with hints falls from there, and the lines of the two methods without a network come from above, optimisation from far above where hints are at the largest error, and approach it as hints get many."
names = {
    "network": "network alone",
    "joined": "network with hints",
    "spread alone": "hints spread, no network",
    "optimisation": "optimisation, no network",
}
figure, axes = plt.subplots(2, 2, figsize=(9.5, 6.4), sharex=True)
for line, (name, part) in zip(axes, hinted["sets"].items(), strict=True):
    table = pd.DataFrame(part["rows"])
    for axis, placed in zip(line, ("random", "largest error"), strict=True):
        for (method, label), colour in zip(
            names.items(), PALETTE, strict=False
        ):
            some = table[
                (table["method"] == method) & (table["placed"] == placed)
            ]
            ends = pd.DataFrame(some["ab_rmse"].tolist())
            axis.errorbar(
                some["hints"],
                ends["mean"],
                (ends["mean"] - ends["low"], ends["high"] - ends["mean"]),
                fmt="o-",
                ms=3.5,
                lw=1.5,
                color=colour,
                label=label,
            )
        axis.set_xscale("symlog", linthresh=1)
        axis.set_xticks([0, 1, 2, 5, 10, 20, 50], [0, 1, 2, 5, 10, 20, 50])
        axis.set_title(
            f"{part['images']} pictures ({name}), {placed}", fontsize=9
        )
    line[0].set_ylabel("ab RMSE")
for axis in axes[1]:
    axis.set_xlabel("hints")
figure.legend(
    *axes[0, 0].get_legend_handles_labels(),
    loc="lower center",
    ncols=4,
    frameon=False,
    fontsize=9,
)
figure.tight_layout(rect=(0, 0.05, 1, 1))

# %% tags=["hide-input"]
compared = pd.DataFrame(
    [
        {
            "set": name,
            "method": row["method"],
            "hints": row["hints"],
            "low": row["joined_minus_this"]["ab_rmse"]["low"],
            "high": row["joined_minus_this"]["ab_rmse"]["high"],
        }
        for name, part in hinted["sets"].items()
        for row in part["rows"]
        if "joined_minus_this" in row
    ]
)
compared["better"], compared["worse"] = (
    compared["high"] < 0,
    compared["low"] > 0,
)
verdict = compared.groupby(["set", "method"])[["better", "worse"]].sum()
verdict["not told apart"] = (
    compared.groupby(["set", "method"]).size()
    - verdict["better"]
    - verdict["worse"]
)

counts = verdict.astype(str).agg(" / ".join, axis=1).unstack("set")
counts = counts.rename(columns={"cifar10": "CIFAR-10"}).rename_axis(
    index=None, columns=None
)

# %% tags=["remove-input"]
report(remember(counts, ("network", "photographs")), hinted)

# %% [markdown]
# Each line of the table compares the network with hints to one method, in pairs on the same pictures, at 1, 2, 5, 10, 20
# and 50 hints in both ways of placing them: in how many of the twelve its error is smaller / larger / cannot be told
# apart. The two lines that are not in the figure are its parts: *conditioned* takes {eq}`eq-hint` alone, and
# *error spread* leaves the distributions as they were and only spreads what is missing.
# So many intervals are {term}`multiple comparisons`, and are not corrected: read the counts, not a single cell.
# Pictures without any colour are left out, since who paints nothing has them right. The photographs are reduced to 128 by
# 128 pixels, because the optimisation solves a system with one equation for each pixel. How far hints spread without a network was
# chosen on dev for each set. The optimisation was not tuned.

# %% tags=["hide-input"]
RIVALS = ("network", "spread alone", "optimisation")


def told_apart(measure: str, better: int, most: int = 50) -> str:
    """In how many comparisons the hints with the network are ahead, and behind."""
    ends = [
        (found["low"] * better, found["high"] * better)
        for part in hinted["sets"].values()
        for row in part["rows"]
        if row["method"] in RIVALS and 0 < row["hints"] <= most
        for found in [row["joined_minus_this"][measure]]
    ]
    ahead, behind = (
        sum(min(sign * end for end in pair) > 0 for pair in ends)
        for sign in (1, -1)
    )
    return f"ahead in {ahead} of {len(ends)} and behind in {behind}"


# %% tags=["remove-input"]
report(
    f"Against the network alone and the two methods without one, the network with hints is, by ab RMSE, "
    f"{told_apart('ab_rmse', -1)}; with up to 5 hints {told_apart('ab_rmse', -1, 5)}. By PSNR it is "
    f"{told_apart('psnr', 1)}, and by AuC {told_apart('auc', 1)}. The rest cannot be told apart. All this is with a ρ of "
    f"{hinted['reach']['near']:g}, from earlier trials. On the {hinted['data']['dev']['images']} dev pictures that the "
    "measurement looked at before, a few other settings were tried, and the best had a ρ of "
    + " and ".join(
        f"{best['joined']['near']:g} ({name})"
        for name, best in hinted["best_on_dev"].items()
    )
    + ".",
    hinted,
)

# %% [markdown]
# ## What went wrong
#
# - **What was expected.** "Classification is vivid, regression is grey" is not what these numbers say, because at
#   $\lambda = 1$ the two are about equally colourful. What brings colour is the rebalancing, which the poster left for
#   future work, and which [chapter 5](05_rebalancing) looks into.
# - **Blotches.** At small $T$ neighbouring pixels decide each for itself, so they may decide differently. Look at the
#   lowest row of {numref}`fig-temperatures`: patches with hard borders. The mean is faded but smooth.
# - **Metrics.** Nothing here measures *plausible*. Colourfulness does not, because a picture of confetti has much of it.
#
# Here is the {term}`colourfulness` of each of the eight pictures, by Hasler and Süsstrunk's formula
# {cite}`hasler2003measuring`, worked out just now:

# %% tags=["hide-input"]
settings = {
    "truth": None,
    "T = 1": (1.0, 1.0),
    "T = 0.38": (0.38, 1.0),
    "T = 0.38, λ = 0.5": (0.38, 0.5),
}
live = {
    name: colourfulness(
        truth
        if pair is None
        else to_rgb(
            lightness, colorizer.colour_lightness(lightness, *pair).cpu()
        )
    )
    for name, pair in settings.items()
}
pd.DataFrame(live, index=gallery().label.tolist()).rename(
    index=dict(enumerate(gallery().classes))
).round(0).astype(int).T

# %% [markdown]
# ## Real or coloured?
#
# The poster wanted "plausible colored images" {cite}`liwang`, and no number so far asks for that. You can.
# Of two pictures one has its true colours. Click on it, quickly, twenty times. The paper asked a crowd the
# same {cite}`zhang2016colorful`. What you answer stays in your browser. None of the pictures is one of the eight that you
# know: twelve are other CIFAR-10 images, and eight are cut out of the photographs of the first page, whose colours you may
# remember. So the twelve are the better test.

# %% tags=["hide-input"]
quiz()

# %% [markdown]
# Who fooled you most often, a dull painter or a vivid one? Play again before you believe it. Three rounds
# a painter say little. With photographs of your own, and somebody else to guess, you play it below the panel of
# [Colour your own photo](your_photo).
#
# ## Summary
#
# 1. Six temperatures look much alike, and the colder ones are a little greyer.
# 2. The annealed mean {eq}`eq-anneal` runs from the mean at $T = 1$ to the mode as $T \to 0$.
# 3. Each metric has its own favourite, and the differences are small.
# 4. "$T = 0.89$ works best": it depends on the metric, and between 0.89 and 1 hardly anything can be seen.
# 5. A lower temperature makes these pictures greyer by itself, and more colourful together with rebalancing
#    {eq}`eq-weights`.
# 6. The distributions hold several plausible pictures. A click conditions them {eq}`eq-hint-bayes`, if you assume how surely
#    two pixels are one thing.
#
# ## Exercises
#
# Each begins with a cell to fill in. `check` says what is wrong with your answer.
#
# **Exercise 4.1. Change T and predict.** Three pixels, each with three bins: grey at $(0, 0)$, red at $(60, 40)$,
# orange at $(40, 60)$. You cool them from $T = 1$ to $T = 0.38$. Does the colour that is painted get `"greyer"` or
# `"stronger"`? Write down your three predictions first. Only then work out the chroma $\sqrt{a^2 + b^2}$ of the
# three at $T = 0.38$, and see whether you were right.
#
# ```{admonition} Hint
# :class: dropdown
# To predict: which bin is left at last? To compute: `pixels.log()` are logits of the shape (3, 3), one row a
# pixel. Divide by $T$, take the softmax over each row, and multiply by the centres with `@`.
# ```

# %% tags=["exercise"]
centres = torch.tensor([[0.0, 0.0], [60.0, 40.0], [40.0, 60.0]])
pixels = torch.tensor([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2], [0.4, 0.3, 0.3]])
predictions = ...  # such as ["greyer", "greyer", "greyer"]
chroma = ...  # (3,)
check("4.1", predictions, chroma)

# %% tags=["solution"]
centres = torch.tensor([[0.0, 0.0], [60.0, 40.0], [40.0, 60.0]])
pixels = torch.tensor([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2], [0.4, 0.3, 0.3]])
predictions = ["greyer", "stronger", "greyer"]
chroma = ((pixels.log() / 0.38).softmax(1) @ centres).norm(dim=1)
assert check("4.1", predictions, chroma)
warm = (pixels @ centres).norm(dim=1)
pd.DataFrame(
    {"T = 1": warm.tolist(), "T = 0.38": chroma.tolist()},
    index=["pixel 1", "pixel 2", "pixel 3"],
).round(1)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# Cooling sides with the single likeliest bin. In the third pixel six tenths of the votes are for a colour, but
# they are split between two bins, and grey is the largest party. Many pixels of this chapter are of that kind.
# ```
#
# **Exercise 4.2. Two colours.** A pixel is red with probability 0.6 and green with 0.4. At which $T$ does green
# have only 5 % of the vote?
#
# ```{admonition} Hint
# :class: dropdown
# In {eq}`eq-anneal` the sum drops out if you divide the vote of green by the vote of red. Then take logarithms.
# ```

# %% tags=["exercise"]
temperature = ...
check("4.2", temperature)

# %% tags=["remove-input"]
answer_here("4.2", 0, 5)

# %% tags=["solution"]
odds = torch.tensor([0.4 / 0.6, 0.05 / 0.95])  # of green, before and after
temperature = odds[0].log() / odds[1].log()
assert check("4.2", temperature)
temperature

# %% [markdown]
# **Exercise 4.3. Hotter than 1.** Nothing forbids $T = 3$. And $T \to \infty$? Predict the one colour that every
# pixel of every picture then gets, as a tensor $(a, b)$.
#
# ```{admonition} Hint
# :class: dropdown
# What is $p^{1/T}$ when $1/T$ is nearly 0, for a large $p$ and for a small one? The bins of the network are
# `colorizer.gamut.centres`, of the shape (261, 2).
# ```

# %% tags=["exercise"]
colour = ...  # (2,)
check("4.3", colour)

# %% tags=["solution"]
colour = gamut.centres.mean(0)
assert check("4.3", colour)
# At T = 1000 every pixel is nearly there.
(gamut.decode(logits, 1000.0) - colour[:, None, None]).abs().max()

# %% [markdown]
# **Exercise 4.4. As colourful as life.** Find a $T$ and a $\lambda$ with which the eight pictures are, on average, as
# colourful as the true ones, to within 2 %.
#
# ```{admonition} Hint
# :class: dropdown
# Try it on [the explorer](both-dials), or call `colorizer.colour_lightness(lightness, temperature, lam)` in a
# loop. `colourfulness_ratio` compares two batches of pictures.
# ```

# %% tags=["exercise"]
temperature = ...
lam = ...
check("4.4", temperature, lam)

# %% tags=["solution"] alt="Two rows of eight small pictures: the truth, and the same pictures in as strong colours, some of them the wrong ones."
temperature = 0.38


def coloured(lam: float) -> torch.Tensor:
    """The eight pictures at this setting of the second dial."""
    ab = colorizer.colour_lightness(lightness, temperature, lam).cpu()
    return to_rgb(lightness, ab)


grid = torch.arange(0.30, 0.45, 0.02).tolist()
ratios = [colourfulness_ratio(coloured(lam), truth) for lam in grid]
lam = grid[min(range(len(grid)), key=lambda i: abs(ratios[i] - 1))]
assert check("4.4", temperature, lam)
show_images({"truth": truth, f"λ = {lam:.2f}": coloured(lam)})

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# Many pairs do it: for each $T$ there is a $\lambda$. No metric that compares pixel by pixel likes any of them,
# since a strong colour in the wrong place costs more than a weak one. Which do *you* like best? Try
# `colorizer.colorize(photograph("coffee"), temperature, lam)`, with `photograph` from `colorize_lib`.
# ```
#
# The last three are about [the section on the apple](choose-a-colour).

# %% [markdown]
# **Exercise 4.5. Someone saw the apple.** A pixel is red with probability 0.3, green with 0.5 and yellow with 0.2. A click
# on it says the colour $(50, 35)$. With $k = 1$ and $s = 40$, what are the three probabilities now?
#
# ```{admonition} Hint
# :class: dropdown
# {eq}`eq-hint-bayes` and {eq}`eq-hint`: a factor for each bin, from its squared distance to the click; multiply, and make
# them sum to 1.
# ```

# %% tags=["exercise"]
apple = torch.tensor([[60.0, 40.0], [-40.0, 40.0], [5.0, 60.0]])
before = torch.tensor([0.3, 0.5, 0.2])  # red, green, yellow
after = ...  # (3,)
check("4.5", after)

# %% tags=["solution"]
apple = torch.tensor([[60.0, 40.0], [-40.0, 40.0], [5.0, 60.0]])
before = torch.tensor([0.3, 0.5, 0.2])
click = torch.tensor([50.0, 35.0])
factor = torch.exp(-(apple - click).square().sum(1) / (2 * 40**2))
after = before * factor / (before * factor).sum()
assert check("4.5", after)
after

# %% [markdown]
# **Exercise 4.6. As far as a click reaches.** All pixels of a wall are as light as each other, and the network says the
# same of all. Let $\rho$ be 0.5, half of the picture's side. How far from the click, as a share of the side, is $k$ one
# half?
#
# ```{admonition} Hint
# :class: dropdown
# In {eq}`eq-same-thing` the difference of light is 0 and the overlap is 1. Solve what is left for $d$.
# ```

# %% tags=["exercise"]
distance = ...
check("4.6", distance)

# %% tags=["solution"]
distance = 0.5 * torch.tensor(2.0).log()
assert check("4.6", distance)
distance

# %% [markdown]
# **Exercise 4.7. Which is the same thing?** Three bins, grey, red and green. The clicked pixel has the probabilities
# $(0.2, 0.5, 0.3)$. Another pixel, as light and just beside it, has $(0.8, 0.1, 0.1)$. What is the overlap of the two, and
# what is $k$ with $\gamma = 8$?
#
# ```{admonition} Hint
# :class: dropdown
# The overlap is the sum in {eq}`eq-same-thing`: the root of each product, and then their sum. As the two pixels are beside
# each other and as light, the exponential is 1.
# ```

# %% tags=["exercise"]
clicked, other = torch.tensor([[0.2, 0.5, 0.3], [0.8, 0.1, 0.1]])
overlap = ...
k = ...
check("4.7", overlap, k)

# %% tags=["solution"]
clicked, other = torch.tensor([[0.2, 0.5, 0.3], [0.8, 0.1, 0.1]])
overlap = (clicked * other).sqrt().sum()
k = overlap**8
assert check("4.7", overlap, k)
overlap, k

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# An overlap of nearly 0.8 sounds like much, and the eighth power makes little of it. That is why one click can turn a car
# red and leave most of the road as it is, even where both are as light.
# ```

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence of your own before you open the answer.
#
# **1.** What happens to a distribution when $T$ falls, and what are the two ends?
#
# ```{admonition} Answer
# :class: dropdown
# Likely bins gain and unlikely ones lose. At $T = 1$ the colour is the mean of the distribution, and as $T \to 0$ it is
# its most likely bin, the mode.
# ```
#
# **2.** Why do the pictures get greyer when you cool, and not more colourful?
#
# ```{admonition} Answer
# :class: dropdown
# Because the most likely bin is grey for most pixels. Sharpening helps whatever is ahead, and that is grey.
# ```
#
# **3.** Why can you not answer "which $T$ is best?" without another question?
#
# ```{admonition} Answer
# :class: dropdown
# Because each metric has its own favourite. You have to say first what you want: a small error, many pixels nearly
# right, or as much colour as in truth.
# ```
#
# **4.** Why is $T$ chosen on the dev images and not on the test images?
#
# ```{admonition} Answer
# :class: dropdown
# Among many settings one is best on the test images partly by luck. Chosen there, its score would be too good to hold
# for other pictures. Chosen on dev, its test score is honest.
# ```
#
# **5.** How can one network be greyer at a small $T$ with one setting of $\lambda$ and more colourful with another?
#
# ```{admonition} Answer
# :class: dropdown
# $\lambda$ decides which bin is the likeliest, and a smaller $T$ moves the answer towards that bin. As long as it is a
# grey one, the pictures get greyer. Once rare colours count for so much that it is a colour, they get more colourful.
# ```

# %% [markdown]
# **Where to go next.** [The next chapter](05_rebalancing) opens the second dial: what is in it, and whether to train with
# it instead.
#
# Or colour one of your own pictures: `colorize photo.jpg --temperature 0.38 --vividness 50`. The vividness is
# $\lambda$, from 1 at 0 to 0.1 at 100.
#
# **Two projects**, if you want to build something of your own:
#
# - *Decide for one group.* Between the mean and the mode there are other ways. Take the bins around the likeliest one, as far as 20
#   units, and their mean alone. Add it beside `decode` in `colorize_lib/colour/gamut.py`. Is it more colourful than the mean, and
#   smoother than the mode?
# - *A temperature for each pixel.* Cool where the network is sure, and leave it warm where it is torn: let $T$ follow from the entropy.
#   Again the place is `decode`, and `sweep` in `colorize_lib/measuring/evaluate.py` measures it beside the others.
