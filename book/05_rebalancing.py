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
# # Rare colours count for more
#
# Two chapters ended the same way: grey wins, because grey is common. The cure is in the paper that the poster
# follows, **class rebalancing** {cite}`zhang2016colorful`: let rare colours count for more. The poster left it
# for future work {cite}`liwang`.
#
# Chapter 4 gave you a dial for it, and {numref}`fig-opened` shows what it does. Here you open the dial, and you see that one
# may train with it or turn it afterwards.

# %% tags=["hide-input"]
import pandas as pd
import torch
from IPython.display import Markdown
from matplotlib import pyplot as plt

from colorize_lib import Colorizer, rgb_to_lab
from colorize_lib.colour.lab import to_rgb
from colorize_lib.data.examples import embedded_cifar10, gallery
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answer_here
from colorize_lib.measuring.curves import at_equal
from colorize_lib.measuring.metrics import CHROMA_STEP, colourfulness_ratio
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.pages.rebalancing_weights import rebalancing_weights
from colorize_lib.pages.remember import remember
from colorize_lib.plots import PALETTE, bin_map, show_images

# %% figure="fig-opened" caption="The truth, one network as it was trained, and the same network with rare colours counting for more." alt="Three rows of the same eight small pictures. The true ones are colourful. As trained they are greys and browns. Rebalanced they have strong colours again: a blue sky, green grass, and a red truck that is blue in truth."
truth = gallery().rgb
lightness, true_ab = rgb_to_lab(truth).split((1, 2), 1)
plain = Colorizer.load("classification")
rows = {"truth": truth}
for name, lam in (("as trained", 1.0), ("rebalanced\nλ = 0.5", 0.5)):
    ab = plain.colour_lightness(lightness, 0.38, lam).cpu()
    rows[name] = to_rgb(lightness, ab)
show_images(rows)

# %% [markdown]
# **What you will see**
#
# 1. How rare most colours are, as a picture, and why that picture is blurred before it is used.
# 2. The weights, and what $\lambda$ does to them.
# 3. Two ways to use them, in the loss or after training, that should end at the same answer.
# 4. Why a lower temperature makes pictures greyer by itself and more colourful with rebalancing, and at which $\lambda$
#    the effect turns round.
# 5. What rebalancing costs, and what it cannot do.
#
# **What you need:** chapters [3](03_classification) and [4](04_annealed_mean).
#
# ## The idea in one figure
#
# Take one pixel, the red behind the car, which you met in chapter 3. {numref}`fig-product` shows three maps of
# the $ab$ plane, and each square is a bin:
#
# - at the left what the plain network believes, its probabilities $p$;
# - in the middle the weights $w$: small where a colour is common, large where it is rare;
# - at the right the product, made to sum to 1 again.
#
# The ring is the true colour, the cross the likeliest bin.

# %%
trained = Colorizer.load("rebalanced")  # the same recipe, with λ = 0.5
gamut, prior = plain.gamut, plain.prior.double()
weights = gamut.rebalance(prior, lam=0.5)  # (Q,)

plain_logits = plain.predict(lightness).cpu()  # (8, Q, 16, 16)
trained_logits = trained.predict(lightness).cpu()
belief = plain_logits.softmax(1).double()
product = belief * weights[:, None, None]
product = product / product.sum(1, keepdim=True)

# %% tags=["hide-input"] figure="fig-product" caption="One pixel of the red behind the car: belief, weights, product." alt="Three maps of the bins. In the belief a bright spot lies on grey, with the cross on it; the ring lies far to the right, in the reds. The weights are dark around grey and brightly even elsewhere. In the product grey is dim, reds and some blues are bright, and the cross is among the reds."
n, row, column = 1, 2, 3
window = {"xlim": (-65, 85), "ylim": (-75, 85), "facecolor": "#222"}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.1), sharey=True)
panels = {
    "the belief, p": (belief[n, :, row, column], 1e-4),
    "the weights, w": (weights, None),
    "the product, w p": (product[n, :, row, column], 1e-4),
}
for axis, (title, (values, least)) in zip(axes, panels.items(), strict=True):
    scale = {"log": True}
    if least:
        scale |= {"vmin": least, "vmax": 0.3}
    image = bin_map(axis, gamut, values.clamp(min=least or 0), **scale)
    bar = figure.colorbar(image, ax=axis, shrink=0.8)
    if not least:
        bar.set_ticks([0.2, 0.5, 1, 2, 5], labels=["0.2", "0.5", "1", "2", "5"])
        bar.ax.minorticks_off()
    axis.set(**window)
    axis.set_title(title, fontsize=10)
    if least:
        axis.plot(
            *true_ab[n, :, 2 * row, 2 * column],
            "o",
            ms=9,
            mfc="none",
            mec="white",
            mew=2,
        )
        axis.plot(
            *gamut.centres[values.argmax()], "x", color="white", ms=9, mew=2.5
        )
for axis in axes[1:]:
    axis.set_ylabel("")
figure.tight_layout()

# %% [markdown]
# Nothing new was learned. Red was among the colours that the network held possible, but grey was more likely. With the
# weights red is. (This pixel comes out right, and others do not: see the truck below.)

# %% tags=["hide-input"]
grey_bin = (gamut.centres.norm(dim=1) < 1).nonzero().item()
winner = product[n, :, row, column].argmax()
assert belief[n, :, row, column].argmax() == grey_bin  # grey wins ...
assert gamut.centres[winner, 0] > 40  # ... and red, once rebalanced

# %% [markdown]
# ## The prior
#
# Weights need to know what is rare. So count: in which bin does each pixel of the training images lie? Write
# $h_q$ for the share of bin $q$.
#
# From few images that count is ragged. {numref}`fig-prior` shows the count of the 20 pictures that come with
# this book. Beside it is the same count, blurred.

# %%
some_ab = rgb_to_lab(embedded_cifar10().rgb)[:, 1:]  # (20, 2, 32, 32)
counted = gamut.prior(some_ab, smoothing=0)  # (Q,)
blurred = gamut.smooth(counted, sigma=5)

# %% tags=["hide-input"] figure="fig-prior" caption="How common each colour is, on a logarithmic scale." alt="Three maps of the bins. The 20 pictures counted: a ragged patch, brightest at grey, and white all around it. The same blurred: every bin is filled, and it fades smoothly outwards. All training images: smoother still, and again by far brightest at grey."
figure, axes = plt.subplots(1, 3, figsize=(9.8, 3.4), sharey=True)
panels = {
    "20 pictures, counted": counted,
    "20 pictures, blurred": blurred,
    "all training images, blurred": prior,
}
for axis, (title, values) in zip(axes, panels.items(), strict=True):
    image = bin_map(
        axis,
        gamut,
        values.where(values > 0, torch.nan).clamp(min=1e-7),
        log=True,
        vmin=1e-7,
        vmax=0.3,
    )
    axis.set_title(title, fontsize=10)
for axis in axes[1:]:
    axis.set_ylabel("")
figure.colorbar(image, ax=axes, label="share of pixels", shrink=0.8)
plt.show()

# %% tags=["hide-input"]
empty = int((counted == 0).sum())
below = int((prior < 1 / len(gamut)).sum())
common = prior.sort(descending=True).values.cumsum(0)
half = int((common < 0.5).sum()) + 1
rare = int((prior < 1e-6).sum())
assert empty > 0 and below > len(gamut) / 2
assert half < 10  # a handful holds half of all pixels

# %% tags=["remove-input"]
report(
    f"White bins have no pixel at all: {empty} of {len(gamut)} at the left. Over all training images, counted and blurred, at the right, "
    f"**{half} bins hold half of the pixels**, and {below} bins hold less than their fair share of "
    f"1/Q. The commonest bin has every {1 / prior.max():.0f}th pixel, and {rare} bins are left with less than a millionth of the pixels each.",
    plain.meta,
)

# %% [markdown]
# A bin that happens to be empty is not an impossible colour. Its neighbour was seen, and neighbours look
# alike. So every bin gives part of its share to the bins around it. How much goes to which is set by a
# Gaussian $G$ in the distance of their centres $c_q$, of width $\sigma$:
#
# ```{math}
# :label: eq-smooth
# \begin{aligned}
# p^{\text{prior}}_q &= \sum_{r=1}^{Q} \frac{G(c_q - c_r)}{\sum_{s=1}^{Q} G(c_s - c_r)}\; h_r , \\
# G(d) &= e^{-\lVert d \rVert^2 / 2\sigma^2}, \quad \sigma = 5 .
# \end{aligned}
# ```
#
# The fraction says which part of the share of bin $r$ goes to bin $q$. Over all $q$ these parts sum to 1. So
# nothing is lost, not even at the rim.

# %% shows="True"
distance = torch.cdist(gamut.centres, gamut.centres).double()  # (Q, Q)
kernel = torch.exp(-(distance**2) / (2 * 5**2))
by_hand = (kernel / kernel.sum(0)) @ counted
assert torch.isclose(blurred.sum(), counted.sum())  # nothing is lost
assert (blurred > 0).all()  # and no bin is empty
torch.allclose(by_hand, blurred)  # by hand what the library gives

# %% [markdown]
# ## The weights
#
# You know the formula from chapter 4, equation {eq}`eq-weights`. Mix the {term}`prior` with the uniform distribution,
# which gives each of the $Q$ bins $1/Q$, and take one over the mixture. Then scale it so that the mean pixel
# weighs 1:
#
# ```{math}
# :label: eq-mean-weight
# \begin{gathered}
# w_q \propto \Bigl((1 - \lambda)\, p^{\text{prior}}_q + \frac{\lambda}{Q}\Bigr)^{-1}, \\
# \sum_{q=1}^{Q} p^{\text{prior}}_q\, w_q = 1 .
# \end{gathered}
# ```

# %% prints="the shares sum to 1.000\nthe mean pixel weighs 1.000\n"
mixture = (1 - 0.5) * prior + 0.5 / len(gamut)
by_hand = (1 / mixture) / (prior / mixture).sum()
assert torch.allclose(by_hand, weights)
print(f"the shares sum to {prior.sum():.3f}")
print(f"the mean pixel weighs {(prior * weights).sum():.3f}")

# %% [markdown]
# How do the weights depend on how common a colour is?

# %% tags=["hide-input"] plot=true figure="fig-weights" caption="The weight of a bin over how common it is." alt="A diagram with logarithmic axes and one line for each λ of 1, 0.8, 0.5, 0.3 and 0.05. The line of λ = 1 is level at 1. The others are level at the left and then fall, from about 1/Q on, and the line of 0.05 from far below it; the smaller λ, the higher they start and the lower they end."
lambdas = (1.0, 0.8, 0.5, 0.3, 0.05)
order = prior.argsort()
figure, axis = plt.subplots(figsize=(6.4, 3.6))
for lam, colour, style in zip(
    lambdas,
    PALETTE,
    ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))),
    strict=False,
):
    axis.loglog(
        prior[order],
        gamut.rebalance(prior, lam)[order],
        ls=style,
        color=colour,
        lw=2,
        label=f"λ = {lam:g}",
    )
axis.axvline(1 / len(gamut), color="grey", lw=0.8)
axis.annotate(
    " 1/Q",
    (1 / len(gamut), 0.97),
    xycoords=("data", "axes fraction"),
    va="top",
    color="grey",
)
axis.set(xlabel="share of pixels in the bin", ylabel="its weight")
axis.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# Each curve of {numref}`fig-weights` is flat at the left. There the uniform part rules: all rare colours weigh
# alike, however rare. At the right the prior rules, and all weights but those of $\lambda = 1$ fall.
#
# The bend is where the two parts of the mixture are equal, at a share of $\lambda / ((1 - \lambda)\, Q)$. For
# $\lambda = 0.5$ that is $1/Q$. For a small $\lambda$ it lies further left.
#
# That is what $\lambda$ is for. Without it a colour seen once in a million pixels would weigh a hundred
# thousand times as much as one seen in every tenth.

# %%
table = {}
for lam in lambdas:
    w = gamut.rebalance(prior, lam)
    table[f"λ = {lam:g}"] = {
        "rarest : commonest": (w.max() / w.min()).item(),
        "weight of grey": w[prior.argmax()].item(),
        "weight of the rarest": w.max().item(),
    }
report(
    remember(pd.DataFrame(table).T.round(2), ("λ = 0.5", "rarest : commonest")),
    plain.meta,
)

# %% [markdown]
# Slide $\lambda$, from <a class="set" href="#lam=1">1</a>, where all weigh alike, over the paper's
# <a class="set" href="#lam=0.5">0.5</a> to <a class="set" href="#lam=0.1">0.1</a>. At the left is the prior. At the right
# is the same, with each bin times its weight: what a training with these weights is made of. Below are the weights, a dot
# a bin, with the bend of {numref}`fig-weights` as a dashed line.

# %% tags=["hide-input"]
rebalancing_weights(gamut, prior)

# %% [markdown]
# ## Two ways, one answer on paper
#
# **In the loss.** This is what the paper does. Each training pixel counts as much as the bin of its true
# colour weighs. Call the network's answer $\hat p$. For a pixel whose true bin is $q$ the loss is
# $-w_q \log \hat p_q$.
#
# Many pixels look the same to the network and have different colours. If bin $q$ is true for a share $p_q$ of
# them, the mean loss $\ell$ is
#
# ```{math}
# :label: eq-weighted
# \ell = -\sum_{q=1}^{Q} p_q\, w_q \log \hat p_q .
# ```
#
# Call $W = \sum_q p_q w_q$. The numbers $p_q w_q / W$ sum to 1, so they are a distribution. And $\ell$ is $W$
# times the cross-entropy between it and $\hat p$.
#
# A cross-entropy is least where the two are equal. So the best answer is
#
# ```{math}
# :label: eq-two-ways
# \hat p_q = \frac{w_q\, p_q}{\sum_r w_r\, p_r} .
# ```
#
# **After training.** Train with the plain loss, whose best answer is $p$ itself. Then multiply by $w$ and
# make it sum to 1. For log-probabilities: add $\log w_q$. The result is {eq}`eq-two-ways`, letter for letter. It
# is called prior correction, or logit adjustment {cite}`menon2021longtail`.
#
# Try it on a pixel with four bins. First multiply, as after training.

# %% prints="[0.311, 0.222, 0.267, 0.2]\n"
p = torch.tensor([0.7, 0.2, 0.08, 0.02])
w = torch.tensor([0.4, 1.0, 3.0, 9.0])
afterwards = p * w / (p * w).sum()
print([round(share, 3) for share in afterwards.tolist()])

# %% [markdown]
# Then descend the weighted loss, and compare.

# %%
guess = torch.zeros(4, requires_grad=True)
descent = torch.optim.LBFGS([guess], max_iter=100)


def weighted_loss() -> torch.Tensor:
    """Equation eq-weighted; leaves its gradient in the guess."""
    descent.zero_grad()
    loss = -(p * w * guess.log_softmax(0)).sum()
    loss.backward()
    return loss


descent.step(weighted_loss)
in_the_loss = guess.detach().softmax(0)
assert torch.allclose((p.log() + w.log()).softmax(0), afterwards)
assert torch.allclose(in_the_loss, afterwards, atol=1e-3)
pd.DataFrame(
    {"plain": p, "in the loss": in_the_loss, "afterwards": afterwards}
).round(3)

# %% [markdown]
# And in the library, the dial of chapter 4 is this one line:

# %% shows="True"
shifted = plain_logits + weights.log().float()[:, None, None]
torch.allclose(
    gamut.decode(shifted, 0.38),
    gamut.decode(plain_logits, 0.38, lam=0.5, prior=prior),
    atol=1e-2,
)

# %% [markdown]
# ## Two ways, on the network
#
# A network does not reach the least loss, because it shares its parameters among all pixels, and because its training
# ends. And its targets are soft: a pixel is shared among five bins, as in chapter 3, but weighed by the nearest alone.
#
# So how near do the two ways come, on the eight pictures? Compare two distributions by how much probability you must move to make
# one of the other, from none to 100 %.


# %%
def moved(one: torch.Tensor, other: torch.Tensor) -> float:
    """Total variation of two distributions over bins, mean over pixels, in %."""
    return 50 * (one.softmax(1) - other.softmax(1)).abs().sum(1).mean().item()


table = {
    "plain": moved(plain_logits, trained_logits),
    "plain, λ = 0.5 afterwards": moved(shifted, trained_logits),
}
remember(
    pd.DataFrame(
        table, index=["moved to get the network trained with λ = 0.5, %"]
    ).T.round(1),
    (
        "plain, λ = 0.5 afterwards",
        "moved to get the network trained with λ = 0.5, %",
    ),
)

# %% tags=["hide-input"]
assert (
    table["plain, λ = 0.5 afterwards"] < table["plain"]
)  # nearer, but not there

# %% [markdown]
# Nearer, and by no means the same. But how near could two trainings come at all? For a yardstick take two networks that
# were trained *without* weights, the one of chapter 3 and the larger one of [chapter 6](06_transfer):

# %%
other_plain = Colorizer.load("transfer").predict(lightness).cpu()
yardstick = moved(plain_logits, other_plain)
print(f"from one plain network to another: {yardstick:.1f} % moved")

# %% tags=["hide-input"]
assert yardstick > table["plain, λ = 0.5 afterwards"]

# %% [markdown]
# So the two ways are nearer to each other than these two plain networks are. (The yardstick is a little long, because the second
# is another network. Two full trainings of one would be a fairer one, and there is only one of each.) Look at the pictures:

# %% figure="fig-two-ways" caption="Plain, trained with weights, and weighted afterwards, all at T = 0.38." alt="Six rows of the same eight small pictures. The plain network paints greys and browns. Trained with λ = 0.5 and afterwards with λ = 0.5 the colours are similar and strong: a blue sky, a red truck that is blue in truth. With λ = 0.1 and 0.01 they turn garish, with yellow and purple patches."
rows = {"truth": truth}
for name, colorizer, lam in (
    ("plain", plain, 1.0),
    ("trained with\nλ = 0.5", trained, 1.0),
    ("afterwards\nλ = 0.5", plain, 0.5),
    ("afterwards\nλ = 0.1", plain, 0.1),
    ("afterwards\nλ = 0.01", plain, 0.01),
):
    ab = colorizer.colour_lightness(lightness, 0.38, lam).cpu()
    rows[name] = to_rgb(lightness, ab)
show_images(rows)

# %% [markdown]
# The third and the fourth row of {numref}`fig-two-ways` are the two ways to the same end. The last two rows show the dial
# turned too far: a pixel gets the rarest colour that the network does not rule out.
#
# And look at the truck. It is blue, and rebalanced it turns red. The grey picture does not say which it is.
# At $\lambda = 1$ the network paints that doubt as grey, and rebalanced it has to choose.
#
# ## The interaction
#
# Chapter 4 found that cooling, which is lowering $T$, makes pictures greyer, and with rebalancing more colourful. So there
# must be a $\lambda$ in between at which cooling does nothing. Find it on the eight pictures: one curve at $T = 1$, one at $T = 0.38$.

# %% tags=["hide-input"]
grid = [1.0, 0.98, 0.95, *(i / 20 for i in range(18, 3, -1))]
vivid = {
    t: [
        colourfulness_ratio(
            to_rgb(lightness, plain.colour_lightness(lightness, t, lam).cpu()),
            truth,
        )
        for lam in grid
    ]
    for t in (1.0, 0.38)
}
gain = [
    {"lam": lam, "gain": cold - warm}
    for lam, warm, cold in zip(grid, vivid[1.0], vivid[0.38], strict=True)
]
turns = at_equal(gain, "gain", 0.0)
assert gain[0]["gain"] < 0 < gain[-1]["gain"]
assert len(turns) == 1  # it turns once

# %% tags=["hide-input"] plot=true figure="fig-turn" caption="Warm and cold, while the second dial is turned." alt="Colourfulness over λ, from 1 at the left to 0.2 at the right. The line for T = 0.38 starts below that for T = 1, crosses it soon, where a dashed line is drawn, and then rises well above it."
figure, axis = plt.subplots(figsize=(6.2, 3.4))
for (t, values), colour, style in zip(
    vivid.items(), PALETTE, ("o-", "s-"), strict=False
):
    axis.plot(grid, values, style, ms=4, color=colour, label=f"T = {t:g}")
axis.axhline(1, color="grey", lw=0.8)
for place in turns:
    axis.axvline(place["lam"], color="grey", lw=0.8, ls="--")
axis.invert_xaxis()
axis.set(xlabel="λ  (plain to rebalanced)", ylabel="colourfulness (truth = 1)")
axis.legend(frameon=False)
figure.tight_layout()

# %% tags=["remove-input"]
Markdown(
    f"The curves cross at **λ = {turns[0]['lam']:.2f}**. To the right of it cooling makes the pictures more colourful. It takes little: a mixture "
    f"with {100 * (1 - turns[0]['lam']):.0f} % of the prior is enough to turn the effect of the temperature round. (The number is that of "
    f"these eight pictures, not a constant of nature.)"
)

# %% [markdown]
# Why so early? Look back at {numref}`fig-weights`. Only the few commonest bins are far above $1/Q$, and they are
# the greys. A little of the prior is enough to weigh them down.
#
# And cooling pulls colours apart: each pixel goes all the way to its winner, be it grey or a colour. Count, over
# all test images, what is painted. *Chroma* is the distance from grey.

# %% tags=["hide-input"]
results = {
    "plain": read_result("classification"),
    "trained, λ = 0.8": read_result("rebalanced-0.8"),
    "trained, λ = 0.5": read_result("rebalanced"),
}
near, strong = round(12 / CHROMA_STEP), round(40 / CHROMA_STEP)


def counted_chroma(histogram: list[float]) -> dict[str, float]:
    """Shares of nearly grey and of strong colours, in %."""
    return {
        "nearly grey (chroma below 12), %": 100 * sum(histogram[:near]),
        "strong (chroma above 40), %": 100 * sum(histogram[strong:]),
    }


table = {}
for name, result in results.items():
    for key, label in (("mean", "T = 1"), ("T = 0.01", "T = 0.01")):
        table[name, label] = counted_chroma(result["chroma"]["histogram"][key])
histogram = results["plain"]["chroma"]["histogram"]
table["truth", ""] = counted_chroma(histogram["truth"])
table = pd.DataFrame(table).T
gained = {
    name: table.loc[(name, "T = 0.01")] - table.loc[(name, "T = 1")]
    for name in results
}
assert gained["plain"].iloc[0] > 10 * gained["plain"].iloc[1]  # to grey
rebalanced_gain = gained["trained, λ = 0.5"]
assert rebalanced_gain.iloc[1] > rebalanced_gain.iloc[0]  # to colour
report(
    remember(
        table.drop("trained, λ = 0.8").round(1),
        (("plain", "T = 0.01"), table.columns[0]),
        (("trained, λ = 0.5", "T = 0.01"), table.columns[1]),
    ),
    *results.values(),
)

# %% tags=["remove-input"]
report(
    f"Cooled from T = 1 to T = 0.01, the share of nearly grey pixels of the plain network goes from "
    f"{table.loc[('plain', 'T = 1')].iloc[0]:.0f} to {table.loc[('plain', 'T = 0.01')].iloc[0]:.0f} %, and hardly any becomes "
    f"strong. Trained with λ = 0.5, the nearly grey gain {rebalanced_gain.iloc[0]:.1f} points and the strong "
    f"{rebalanced_gain.iloc[1]:.1f}. So some pixels go grey and more go to a strong colour. Colourfulness squares, so the strong ones "
    "count most, and it rises.",
    results["plain"],
    results["trained, λ = 0.5"],
)

# %% [markdown]
# The crossing was found on eight pictures. Here are all {term}`test images` at two temperatures, with the weights trained in and
# set afterwards:

# %% tags=["hide-input"]
rows_of = {
    "plain": ("plain", 1.0),
    "λ = 0.8, trained": ("trained, λ = 0.8", 1.0),
    "λ = 0.5, trained": ("trained, λ = 0.5", 1.0),
    "λ = 0.7, afterwards": ("plain", 0.7),
    "λ = 0.5, afterwards": ("plain", 0.5),
}
at = {
    name: {
        row["temperature"]: row
        for row in results[network]["test"]
        if row["lam"] == lam
    }
    for name, (network, lam) in rows_of.items()
}
cooling = pd.DataFrame(
    {
        name: {
            f"T = {t:g}": rows[t]["colourfulness_ratio"] for t in (1.0, 0.38)
        }
        for name, rows in at.items()
    }
).T
cooling["change"] = cooling["T = 0.38"] - cooling["T = 1"]
assert cooling.loc["plain", "change"] < 0  # T alone greys
assert (cooling.loc[cooling.index != "plain", "change"] > 0).all()
seeds = read_result("seeds")
brief = {  # three short trainings of each: their colourfulness
    (row["network"], row["lam"], row["temperature"]): row["measures"][
        "colourfulness_ratio"
    ]["seeds"]
    for row in seeds["rows"]
}
for network, lam, sign in (
    ("classification", 1.0, -1),
    ("classification", 0.5, 1),
    ("rebalanced", 1.0, 1),
):
    for cold, warm in zip(
        brief[network, lam, 0.38], brief[network, lam, 1.0], strict=True
    ):
        assert sign * (cold - warm) > 0.1
report(
    remember(
        cooling.rename_axis("colourfulness (truth = 1)").round(2),
        ("plain", "change"),
        ("λ = 0.5, trained", "change"),
    ),
    *results.values(),
)

# %% [markdown]
# **A lower $T$ alone makes these pictures greyer. With rebalancing it makes them more colourful.** Each row is one training,
# but each of three short trainings in [the next chapter](06_transfer) says the same. The paper's 0.38 was chosen for a rebalanced network of ImageNet. The
# poster had no rebalancing, and preferred 0.89, near the mean. It does not say why. So the two need not contradict each
# other, because each turned one dial of two.
#
# Should you train with the weights, or turn the dial? [The page after this chapter](dial_or_training) compares the two at
# equal colourfulness, for the curious. In short: they are close, and the dial costs no training, can be turned back, and
# can be set for each picture.
#
# ## What went wrong, and why
#
# **A grey picture scores better.** The paper's own setting is $\lambda = 0.5$ and $T = 0.38$. Set it beside a picture
# without any colour:

# %% tags=["remove-input"]
paper, grey = (
    at["λ = 0.5, trained"][0.38],
    results["plain"]["baselines"]["grey"],
)
report(
    f"An ab RMSE of {paper['ab_rmse']:.1f} against {grey['ab_rmse']:.1f} for grey, and an AuC of {paper['auc']:.1f} % "
    f"against {grey['auc']:.1f} %.",
    results["trained, λ = 0.5"],
)

# %% tags=["hide-input"]
assert paper["ab_rmse"] > grey["ab_rmse"] and paper["auc"] < grey["auc"]
(short,) = (
    row["measures"]
    for row in seeds["rows"]
    if (row["network"], row["temperature"]) == ("rebalanced", 0.38)
)
assert short["ab_rmse"]["low"] > seeds["grey"]["ab_rmse"]
assert short["auc"]["high"] < seeds["grey"]["auc"]

# %% [markdown]
# Three short trainings, in [the next chapter](06_transfer), are behind grey in both as well. The reason is that a
# strong colour in the wrong place is a larger error, pixel by pixel, than no colour at all. So such
# a metric prefers pale pictures wherever the colour is in doubt.
#
# **Right on average, wrong on the truck.** Rebalancing can make the right *amount* of red, but it adds nothing about
# where red belongs. For that the network must know more about the picture.
#
# ## Summary
#
# 1. A handful of bins holds half of all pixels. The count is blurred over the plane {eq}`eq-smooth`, so that no
#    bin is empty.
# 2. The weights {eq}`eq-mean-weight` are flat for rare colours and fall for common ones. $\lambda$ sets how far.
# 3. In the loss or after training, the best answer is the same {eq}`eq-two-ways`. On eight pictures the two ways of real
#    networks come nearer to each other than two plain networks of different build.
# 4. A lower $T$ alone makes pictures greyer, with rebalancing more colourful. A $\lambda$ a little below 1 is enough to turn
#    the effect round.
# 5. Strong colours in wrong places cost more than grey in the unweighted metrics. And rebalancing adds nothing about
#    where a colour belongs.
#
# ## Exercises
#
# Each begins with a cell to fill in. `check` says what is wrong with your answer.
#
# **Exercise 5.1. An empty bin.** One bin has no pixel at all, $p^{\text{prior}}_q = 0$. Another has exactly its fair
# share, $1/Q$. How many times as much as the second does the first weigh? Derive it from
# {eq}`eq-mean-weight`, and write it as a function of $\lambda$.
#
# ```{admonition} Hint
# :class: dropdown
# Write down both weights before they are scaled. Divide: the scale falls out, and so does $Q$.
# ```


# %% tags=["exercise"]
def empty_to_fair(lam: float) -> float:
    """Weight of an empty bin over that of a bin with the share 1/Q."""
    ...


check("5.1", empty_to_fair)


# %% tags=["solution"]
def empty_to_fair(lam: float) -> float:
    """Weight of an empty bin over that of a bin with the share 1/Q."""
    return 1 / lam


assert check("5.1", empty_to_fair)
[round(empty_to_fair(lam), 1) for lam in lambdas]

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# The first weighs in proportion to $(\lambda/Q)^{-1}$, the second to $((1-\lambda)/Q + \lambda/Q)^{-1} = Q$. So $\lambda$
# is a cap: no bin below its fair share gains more than $1/\lambda$. As $\lambda \to 0$ the cap is gone, and an empty bin
# would weigh infinitely much.
# ```
#
# **Exercise 5.2. Turn it back.** A network was trained with weights. Write a function that gets the plain logits out
# of its own. How near does it come to the network that was trained plainly?
#
# ```{admonition} Hint
# :class: dropdown
# Read {eq}`eq-two-ways` backwards. Logits are logarithms, so a division becomes a subtraction. And the weights, one
# a bin, need two more axes: `[:, None, None]`.
# ```


# %% tags=["exercise"]
def turned_back(logits: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """(N, Q, h, w) logits and (Q,) weights to (N, Q, h, w) logits."""
    ...


check("5.2", turned_back)


# %% tags=["solution"]
def turned_back(logits: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """(N, Q, h, w) logits and (Q,) weights to (N, Q, h, w) logits."""
    return logits - weights.log().to(logits)[:, None, None]


assert check("5.2", turned_back)
table = {
    "trained": moved(trained_logits, plain_logits),
    "trained, turned back": moved(
        turned_back(trained_logits, weights), plain_logits
    ),
}
assert table["trained, turned back"] < table["trained"]
pd.DataFrame(table, index=["moved to get the plain network, %"]).T.round(1)

# %% [markdown]
# **Exercise 5.3. Twice.** Turn the dial on the network that was trained with $\lambda = 0.5$, once more to 0.5. On paper
# its weights are then $w_q^2$. Predict: which single $\lambda$ gives the same ratio between the rarest and the
# commonest bin? Then find it, to within 5 % of the ratio.
#
# ```{admonition} Hint
# :class: dropdown
# `gamut.rebalance(prior, lam)` gives the weights, and the ratio is the largest over the smallest. Try many $\lambda$,
# and keep the one whose ratio is nearest to the square of that at 0.5.
# ```

# %% tags=["exercise"]
lam = ...
check("5.3", lam)

# %% tags=["remove-input"]
answer_here("5.3", 0, 1)


# %% tags=["solution"]
def ratio(lam: float) -> float:
    """The largest weight over the smallest."""
    w = gamut.rebalance(prior, lam)
    return (w.max() / w.min()).item()


candidates = torch.logspace(-3, 0, 400).tolist()
lam = min(candidates, key=lambda lam: abs(ratio(lam) - ratio(0.5) ** 2))
assert check("5.3", lam)
print(f"λ = {lam:.3f}, ratio {ratio(lam):.0f}, asked for {ratio(0.5) ** 2:.0f}")

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# Two modest turns make one enormous one. And only the two ends agree: $w_q^2$ is flat below $1/Q$, where the
# curve of so small a $\lambda$ still climbs. No single $\lambda$ is the same as turning twice.
# ```
#
# **Exercise 5.4. What may you report?** The network of [the next chapter](06_transfer) was measured at many settings, on
# dev and on the test pictures: `swept["dev"]` and `swept["test"]` are lists of rows, each with `lam`, `temperature` and
# `auc_balanced`. You want the best balanced AuC. Which $\lambda$ and $T$ do you choose, and which number do you report?
#
# ```{admonition} Hint
# :class: dropdown
# `max(rows, key=lambda row: row["auc_balanced"])` is the best of some rows. Of the two lists you may choose on one alone.
# ```

# %% tags=["exercise"]
swept = read_result("transfer")
lam, temperature, reported = ..., ..., ...
check("5.4", lam, temperature, reported)

# %% tags=["solution"]
swept = read_result("transfer")
chosen = max(swept["dev"], key=lambda row: row["auc_balanced"])
lam, temperature = chosen["lam"], chosen["temperature"]
(reported,) = (
    row["auc_balanced"]
    for row in swept["test"]
    if (row["lam"], row["temperature"]) == (lam, temperature)
)
assert check("5.4", lam, temperature, reported)
check("5.4", lam, temperature, reported)

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence of your own before you open the answer.
#
# **1.** Why is the prior blurred before it is turned into weights?
#
# ```{admonition} Answer
# :class: dropdown
# A bin that happened to be empty would weigh infinitely much, although its neighbours, which look alike, were seen.
# Blurring gives each bin part of its neighbours' share.
# ```
#
# **2.** What does $\lambda$ keep from happening?
#
# ```{admonition} Answer
# :class: dropdown
# That a colour seen once in a million pixels outweighs everything. Mixing the prior with the uniform distribution caps
# the weight of rare colours, and $\lambda$ sets the cap.
# ```
#
# **3.** Why should weights in the loss and weights afterwards give the same answer, and why do they not quite?
#
# ```{admonition} Answer
# :class: dropdown
# The weighted loss is least at the probabilities times the weights, made to sum to 1, and that is what the dial
# computes. A real network does not reach the least loss, and its targets are soft, so the two come near and are not
# equal.
# ```
#
# **4.** The paper likes $T = 0.38$ and the poster $T = 0.89$. Why is that no contradiction?
#
# ```{admonition} Answer
# :class: dropdown
# The paper's network was rebalanced, the poster's was not. With rebalancing a small $T$ makes pictures more
# colourful, without it greyer.
# Each turned one of two dials.
# ```
#
# **5.** Rebalancing makes as much red as there is in truth. Why may the pictures still be wrong?
#
# ```{admonition} Answer
# :class: dropdown
# Because it sets how much red there is, and not where. Which truck is red the network must know from the picture, and
# weights add nothing to that.
# ```

# %% [markdown]
# **Where to go next.** You can make pictures as vivid as you like, and the red still lands on the wrong truck.
# [The next chapter](06_transfer) starts from a network that has learned to name things.
#
# **Two projects**, if you want to build something of your own:
#
# - *Other weights.* Take a power of the prior, $p^{-\gamma}$, instead of the mixture {eq}`eq-mean-weight`. The place is `rebalance` in
#   `colorize_lib/colour/gamut.py`. Compare the two at equal colourfulness, with `colorize_lib/measuring/curves.py`.
# - *A prior that knows where.* Blue is common in the upper half of a picture and rare in the lower. Count one prior for each half, with
#   `training_prior` in `colorize_lib/training/learner.py` as the model, and weigh each half by its own. Does the red get off the wrong
#   truck, or the sky turn green?
