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
# You have a distribution over colours for every pixel, and you need one colour. The mean is faded. The
# most likely one is greyer still, and blotchy. Zhang, Isola and Efros go between the two: they sharpen
# the distribution before they take its mean {cite}`zhang2016colorful`. How much is one number, the
# **temperature** $T$. They found 0.38 best. The poster behind this book found 0.89 {cite}`liwang`.
#
# **What you will see**
#
# 1. The same pictures at six temperatures.
# 2. One distribution slide from its mean to its mode.
# 3. Every metric of the book, swept over $T$ on test images.
# 4. Whether "$T = 0.89$ works best" holds up.
# 5. A second dial that turns the first one around.
#
# **What you need:** [chapter 3](03_classification).

# %%
import pandas as pd
import torch
from IPython.display import Markdown
from ipywidgets import interact
from matplotlib import pyplot as plt

from colorize_lib import Colorizer, explore, rgb_to_lab
from colorize_lib.data import gallery
from colorize_lib.evaluate import read_result
from colorize_lib.metrics import colourfulness
from colorize_lib.plots import PALETTE, bin_map, show_images, to_rgb
from colorize_lib.quiz import quiz

# %% [markdown]
# ## Six temperatures

# %%
truth = gallery().rgb
lab = rgb_to_lab(truth)
lightness, true_ab = lab[:, :1], lab[:, 1:]

colorizer = Colorizer.load("classification")
gamut = colorizer.gamut
rows = {"truth": truth}
for temperature in (1.0, 0.89, 0.5, 0.38, 0.1, 0.01):
    rows[f"T = {temperature}"] = to_rgb(
        lightness, colorizer.colour_lightness(lightness, temperature).cpu()
    )
show_images(rows)

# %% [markdown]
# Look from the second row down. Is it getting more colourful? Perhaps you expected that. The usual
# story says so: at $T = 1$ the faded mean, at small $T$ the vivid mode. Do not believe it yet. Measure.

# %% [markdown]
# ## The idea in one figure
#
# Take one pixel's distribution and cool it. The cross is the colour that is painted.

# %% tags=["hide-input"]
logits = colorizer.predict(lightness).cpu()  # (8, Q, 16, 16)
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
# Let $p_q$ be the probability of bin $q$, with centre $c_q$. Raise every probability to the power
# $1/T$ and make them sum to 1 again:
#
# ```{math}
# :label: eq-anneal
# f_T(p)_q = \frac{p_q^{1/T}}{\sum_j p_j^{1/T}} = \operatorname{softmax}\bigl(\log p / T\bigr)_q,
# \qquad
# \text{colour} = \sum_q f_T(p)_q\; c_q .
# ```
#
# - At $T = 1$ nothing changes. The colour is the mean.
# - As $T \to 0$ the largest probability outgrows all others. The colour is the centre of the most likely
#   bin, the mode.
# - Between them, unlikely bins lose their vote first.
#
# In code it is two lines. The logits $z$ of the network differ from $\log p$ by a constant, which the
# softmax does not see. And a softmax subtracts the largest number before it exponentiates, so nothing
# overflows at $T = 0.01$, where $1/T$ is 100.


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
# Now the honest part. Every metric, on all test images, at thirteen temperatures. The temperature that a
# metric likes best was chosen on the *dev* images, and is reported on the *test* images. The dashed
# lines are the paper's 0.38 and the poster's 0.89.

# %% tags=["hide-input"]
result = read_result("classification")
sweep = pd.DataFrame(result["test"])
plain = sweep[sweep["lam"] == 1].set_index("temperature")
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
# Read the last diagram first. Colourfulness *falls* as $T$ falls. On CIFAR-10 annealing makes the pictures
# **greyer**, the opposite of the usual story. Chapter 3 told you why: the most likely bin is nearly
# always a near-grey one, so sharpening moves every colour towards grey.
#
# Now the others. Each has its own favourite:

# %% tags=["hide-input"]
best = result["best_on_dev"]
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
table.rename(index=labels).round(2)

# %% [markdown]
# ## Verdict: does 0.89 work best?

# %% tags=["remove-input"]
spread = plain["ab_rmse"].max() - plain["ab_rmse"].min()
step = abs(plain.loc[0.89, "ab_rmse"] - plain.loc[1.0, "ab_rmse"])
like_89 = [labels[m] for m, t in best.items() if t == 0.89]
assert step < spread
favourites = sorted(set(best.values()))
Markdown(
    f"**It depends on what you call best, and it hardly matters.** The favourites on dev are "
    f"T = {', '.join(f'{t:g}' for t in favourites)}, depending on the metric; 0.89 is the favourite of "
    f"{'none of the eight' if not like_89 else ', '.join(like_89)}. Going from T = 1 to T = 0.89 changes ab RMSE by "
    f"{step:.2f} Lab units, of {plain.loc[1.0, 'ab_rmse']:.1f}. Over the whole sweep it changes by {spread:.2f}. "
    f"Colourfulness goes from {plain.loc[1.0, 'colourfulness_ratio']:.2f} at T = 1 to "
    f"{plain.loc[0.38, 'colourfulness_ratio']:.2f} at T = 0.38 and {plain.loc[0.01, 'colourfulness_ratio']:.2f} at T = 0.01."
)

# %% [markdown]
# So the poster's choice is a fair one. A $T$ just below 1 is near the mean, it is safe, and no eye can
# tell it from 1. The paper's 0.38 is not wrong either. It was found for a network trained on other
# images *with rebalancing*, and that changes everything, as you will now see.

# %%
colourful = plain["colourfulness_ratio"]
assert colourful[0.38] < colourful[1.0]  # T alone: greyer

# %% [markdown]
# ## A second dial
#
# Grey wins because grey is common. You can correct for that, even after training. The network's
# probabilities contain the prior of the training images, $p^{\text{prior}}_q$, the share of pixels in
# bin $q$. Take part of it out again: multiply each probability by a weight that is large for rare
# colours,
#
# ```{math}
# :label: eq-weights
# w_q \propto \Bigl((1 - \lambda)\, p^{\text{prior}}_q + \frac{\lambda}{Q}\Bigr)^{-1},
# ```
#
# which for log-probabilities means adding $\log w_q$, and then anneal as before {cite}`menon2021longtail`. At
# $\lambda = 1$ all weights are equal and nothing happens. The smaller $\lambda$, the more rare colours
# count. The paper puts the same weights into the loss, and trains with $\lambda = 1/2$. Where the prior comes
# from, and which of the two ways is better, is for [the next chapter](05_rebalancing).
#
# (both-dials)=
#
# ### Turn both dials yourself
#
# You need no one to tell you what this does. Leave $\lambda$ at 1 and take $T$ slowly from 1 to the left.
# Which way does the bar go? Now move $\lambda$ to 0.5 and do it again. Then click on a pixel, and see why:
# each square is a bin, as large as its probability. The cross is painted, the ring is true. At last look
# for a picture that does not do as the others.

# %%
explorer = explore(gallery(), colorizer)
explorer.image = 5  # the horse
explorer

# %% tags=["remove-input"]
warm, cold = (
    colourfulness(
        to_rgb(lightness, colorizer.colour_lightness(lightness, t).cpu())
    )
    for t in (1.0, 0.38)
)
greyer = cold < warm
assert greyer[explorer.image] and 2 * greyer.sum() > len(greyer)
others = [gallery().classes[i] for i in gallery().label[~greyer]]
Markdown(
    f"From T = 1 to T = 0.38, at λ = 1, {int(greyer.sum())} of the {len(greyer)} pictures get greyer."
    + (
        f" Not so the {' and the '.join(others)}: where the likeliest bin is itself a colour, cooling brings it out."
        if others
        else ""
    )
)

# %% [markdown]
# With a kernel behind it the explorer also listens to Python. `explorer.temperature = 0.38` turns the
# dial, `explorer.numbers` reads what is shown, and `explore(["my_photo.jpg"])` takes your own pictures.
# A plainer one is quickly made. These lines give you two sliders in Jupyter or Colab; on a page without
# a kernel they can do nothing, and show nothing.


# %% tags=["remove-output"]
@interact(temperature=(0.01, 1.0, 0.01), lam=(0.1, 1.0, 0.05))
def turn(temperature: float = 0.38, lam: float = 0.5) -> None:
    """Colour all eight pictures again."""
    ab = colorizer.colour_lightness(lightness, temperature, lam).cpu()
    show_images({"truth": truth, "coloured": to_rgb(lightness, ab)})


# %% [markdown]
# ### Four settings of the second dial

# %%
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
# All rows but the first and the last are one and the same network at $T = 0.38$. Nothing was trained
# again. Now sweep both dials:

# %% tags=["hide-input"]
trained = pd.DataFrame(read_result("rebalanced")["test"])
lambdas = (1.0, 0.7, 0.5, 0.3)
curves = {
    f"λ = {lam:g}": sweep[sweep["lam"] == lam].set_index("temperature")
    for lam in lambdas
}
trained = trained[trained["lam"] == 1].set_index("temperature")
curves["trained with λ = 0.5"] = trained
draw_sweep(curves)

# %%
colourful = {name: rows["colourfulness_ratio"] for name, rows in curves.items()}
assert colourful["λ = 1"][0.38] < colourful["λ = 1"][1.0]  # T alone: greyer
assert colourful["λ = 0.5"][0.38] > colourful["λ = 0.5"][1.0]  # with λ: not

# %% [markdown]
# There is the story, whole. **Temperature alone makes these pictures greyer. With rebalancing it makes
# them more vivid.** What $T$ does is move you from the mean to the most likely colour. Whether that is
# the vivid one is decided by what "likely" means.
#
# And look at what it costs. Every metric that compares with the truth, pixel by pixel, gets worse as
# the pictures get more colourful, except the balanced AuC, which counts rare colours as much as common
# ones. That is not a defect of the pictures. A red car painted a fine blue is a fine picture and a
# large error.
#
# ## What went wrong
#
# - **The promise.** "Classification is vivid, regression is grey" is not what these numbers say. At
#   $\lambda = 1$ the two give nearly the same picture. What brings colour is the rebalancing, which the
#   poster left for future work, and which [chapter 5](05_rebalancing) looks into.
# - **Blotches.** At small $T$ neighbouring pixels decide each for itself. Look at the lowest row of the
#   first figure: patches with hard borders. The mean is faded but smooth.
# - **Metrics.** Nothing here measures *plausible*. Colourfulness comes close, and a picture of confetti
#   would win it.

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
# (Hasler and Süsstrunk's colourfulness of the eight pictures {cite}`hasler2003measuring`, worked out just
# now.)
#
# ## Real or coloured?
#
# The poster wanted "plausible colored images" {cite}`liwang`, and no number so far asks for that. You can.
# Of two pictures one has its true colours. Click on it, quickly, twenty times. The paper asked a crowd the
# same {cite}`zhang2016colorful`. What you answer stays in your browser.

# %% tags=["hide-input"]
quiz()

# %% [markdown]
# Who fooled you most often, a dull painter or a vivid one? Play again before you believe it. Three rounds
# a painter say little.
#
# ## Summary
#
# 1. Six temperatures look much alike, and the colder ones are a little greyer.
# 2. The annealed mean {eq}`eq-anneal` runs from the mean at $T = 1$ to the mode as $T \to 0$.
# 3. Each metric has its own favourite, and the differences are small.
# 4. "$T = 0.89$ works best": it depends on the metric, and nothing visible hangs on it.
# 5. Temperature greys by itself, and enlivens together with rebalancing {eq}`eq-weights`.
#
# ## Exercises
#
# **1. Hotter than 1.** What does $T = 3$ do? And $T \to \infty$? Predict, then try `gamut.decode(logits, 3.0)`.
#
# ```{admonition} Solution
# :class: dropdown
# Unlikely bins gain votes. In the limit all bins count alike, and every pixel gets the mean of the 261
# centres, whatever the picture.
# ```
#
# **2. Two colours.** A pixel is red with probability 0.6 and green with 0.4. At which $T$ does green have
# only 5 % of the vote?
#
# ```{admonition} Solution
# :class: dropdown
# $(0.4/0.6)^{1/T} = 0.05/0.95$, so $T = \ln 1.5 / \ln 19 = 0.14$.
# ```
#
# **3. Your own favourite.** Colour `photograph("coffee")` with `colorizer.colorize(photo, temperature=..., lam=...)`
# and find the setting you like best. Is it one that any metric likes?
#
# ```{admonition} Solution
# :class: dropdown
# There is none. But most people choose a $\lambda$ below 1, and most metrics do not.
# ```
#
# **Where to go next.** [The next chapter](05_rebalancing) opens the second dial: what is in it, and whether to train with
# it instead.
# Or colour one of your own pictures: `colorize photo.jpg --temperature 0.38 --vividness 50`. The vividness is
# $\lambda$, from 1 at 0 to 0.1 at 100.
