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
# # Colour as classification
#
# A mean cannot say "red or green", but a list of probabilities can.
#
# So this chapter asks the network a different question: not "which colour?" but "how likely is each colour?". That is
# classification, pixel by pixel, and the idea of Zhang, Isola and Efros {cite}`zhang2016colorful`.
#
# In {numref}`fig-beliefs` a network answers it for four pixels. Under each picture is the plane of colours, cut into squares.
# The brighter a square, the likelier the network finds that colour, on a logarithmic scale. A white ring marks the pixel
# in the picture, and its true colour in the plane.

# %% tags=["hide-input"]
import inspect
import textwrap

import pandas as pd
import torch
from matplotlib import pyplot as plt
from torch.nn import functional as F

from colorize_lib import Colorizer, Gamut, rgb_to_lab
from colorize_lib.colour.lab import to_rgb
from colorize_lib.colour.resolution import halve
from colorize_lib.data.batches import colour_dataloaders
from colorize_lib.data.examples import gallery, images_for_training
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answers_here
from colorize_lib.measuring.metrics import CHROMA_STEP
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.networks.losses import soft_cross_entropy
from colorize_lib.pages.remember import remember
from colorize_lib.pages.soft_target import soft_target
from colorize_lib.plots import PALETTE, ab_plane, bin_map, show_images
from colorize_lib.training.learner import build_learner, training_prior
from colorize_lib.training.recipes import get_recipe

# %%
truth = gallery().rgb
lab = rgb_to_lab(truth)
lightness, true_ab = lab[:, :1], lab[:, 1:]

colorizer = Colorizer.load("classification")
gamut = colorizer.gamut
# one distribution for every second pixel, over Q colours
logits = colorizer.predict(lightness).cpu()  # (8, Q, 16, 16)
beliefs = logits.softmax(1)
half_ab = halve(true_ab)  # (8, 2, 16, 16)

# %% tags=["hide-input"] figure="fig-beliefs" caption="Four pixels, and how likely the network finds each colour for them: brighter is likelier, on a logarithmic scale. Rings: the pixel, and its true colour." alt="Four pictures with a ringed pixel each, above four planes of a and b. Sky: bright from the middle down towards blue, the ring on it. Behind the car: brightest at grey, with one arm towards blue and one towards orange red; the ring is at the end of the second. Grass and horse: a bright spot at grey that fades towards yellow and orange, the ring at its edge."
places = {
    "sky": (0, 2, 3),
    "behind the car": (1, 2, 3),
    "grass": (4, 1, 13),
    "horse": (5, 6, 6),
}  # picture, row, column
figure, axes = plt.subplots(2, 4, figsize=(9.5, 4.8))
for (top, bottom), (name, (n, row, column)) in zip(
    axes.T, places.items(), strict=True
):
    top.imshow(truth[n].permute(1, 2, 0))
    top.plot(
        2 * column + 0.5,
        2 * row + 0.5,
        "o",
        ms=9,
        mfc="none",
        mec="white",
        mew=2,
    )
    top.set_title(name, fontsize=10)
    top.axis("off")
    bin_map(
        bottom,
        gamut,
        beliefs[n, :, row, column].clamp(min=1e-4),
        log=True,
        vmin=1e-4,
        vmax=0.3,
    )
    bottom.plot(
        *half_ab[n, :, row, column], "o", ms=9, mfc="none", mec="white", mew=2
    )
    bottom.set(xlim=(-60, 80), ylim=(-70, 80), facecolor="#222")
figure.tight_layout()

# %% [markdown]
# **What you will see**
#
# 1. What a trained network believes about single pixels, drawn in the $(a, b)$ plane.
# 2. The plane cut into 261 bins, and how they relate to the 313 of the paper.
# 3. A pixel shared among five bins, so that near misses count as nearly right.
# 4. The loss, written so that the huge target never exists.
# 5. That this network *knows* about red and green, and says grey all the same.
#
# **What you need:** chapters [1](01_lab) and [2](02_regression).
#
# ## What a network believes
#
# The spots of {numref}`fig-beliefs` have shapes of their own. The network says where it is sure and where it is torn.
# A regression throws all of that away and keeps the mean.

# %% [markdown]
# ## Cutting the plane into bins
#
# To classify you need classes. Lay a grid over the $(a, b)$ plane, 10 units wide. Keep the cells that
# hold at least one colour that a screen can show. These are the **bins**. Call their number $Q$ and their centres
# $c_1, \dots, c_Q$.

# %% tags=["hide-input"] figure="fig-bins" caption="The bins, each in its own colour; and colours at random, which stay inside them." alt="Two planes of a and b. Left: a patch of coloured squares, greens on the left, reds and purples on the right, yellow on top, blue at the bottom. Right: a cloud of grey dots of the same shape, inside the outlines of the same squares."
figure, axes = plt.subplots(1, 2, figsize=(9, 4.4))
ab_plane(axes[0], gamut).set_title(f"Q = {len(gamut)} bins")
surface = rgb_to_lab(
    torch.randint(0, 256, (1, 3, 200, 200), dtype=torch.uint8)
)[0, 1:].flatten(1)
axes[1].scatter(*surface, s=0.2, color="#777")
for a, b in gamut.centres.tolist():
    axes[1].add_patch(
        plt.Rectangle(
            (a - 5, b - 5), 10, 10, fill=False, lw=0.4, color=PALETTE[0]
        )
    )
axes[1].set(
    xlim=axes[0].get_xlim(),
    ylim=axes[0].get_ylim(),
    aspect="equal",
    xlabel="a",
    title="40,000 random RGB colours",
)
figure.tight_layout()

# %% prints="261 bins, the first at [-90.0, 80.0]\n"
assert len(gamut) == len(Gamut(grid=10)) == 261
print(f"{len(gamut)} bins, the first at {gamut.centres[0].tolist()}")

# %% [markdown]
# How many there are depends on how fine you cut:

# %%
remember(
    pd.DataFrame(
        {"grid": (5, 10, 20), "bins": [len(Gamut(grid=g)) for g in (5, 10, 20)]}
    ),
    (1, "bins"),
)

# %% [markdown]
# If you know the paper, you expect 313 here. Take all $256^3$ colours of a picture file, and round each to the
# nearest centre. They hit 261 cells, not one more; the tests of this book count them.
#
# The 313 of the released code contain these 261. The other 52 lie just outside. They are nobody's nearest bin, so
# nothing is ever *counted* in them. Why they are there, the paper does not say. They do no harm, and here they are left
# out.
#
# (You need not try all $256^3$. The shadow of a solid is the shadow of its surface. The six faces of the RGB cube
# are enough, and `Gamut` tries only those.)

# %% [markdown]
# ## Sharing a pixel among its neighbours
#
# A pixel near the border of two bins belongs a little to both. If you put it all into one, then the
# network is punished for the neighbour as hard as for the opposite colour. So share it among its
# $K = 5$ nearest bins. Here is a pixel, and what each of the five gets.

# %% tags=["hide-input"] figure="fig-shared-pixel" caption="A pixel, the dot, shared among its five nearest bins: the numbers are their shares." alt="Squares of brown, orange and pink. A black dot lies in the lower right corner of the square at a = 30, b = 30, which carries 0.51. Its right neighbour carries 0.23, the one below 0.15, the one to the lower right 0.07, the one above 0.03."
pixel = torch.tensor([33.0, 28.0])
index, share = gamut.encode(pixel[None, :, None, None])  # (1, K, 1, 1) each
index, share = index.flatten(), share.flatten()

figure, axis = plt.subplots(figsize=(4, 3.6))
ab_plane(axis, gamut)
for (a, b), z in zip(
    gamut.centres[index].tolist(), share.tolist(), strict=True
):
    axis.annotate(f"{z:.2f}", (a, b), ha="center", va="center", fontsize=9)
    axis.add_patch(
        plt.Rectangle((a - 5, b - 5), 10, 10, fill=False, color="black", lw=1.2)
    )
axis.plot(*pixel, "o", color="black", ms=5)
axis.set(xlim=(10, 60), ylim=(5, 55))
figure.tight_layout()

# %% [markdown]
# The nearer a bin, the larger its share. Bin $k$ of the five, whose centre lies at the distance $d_k$
# from the pixel, gets the share
#
# ```{math}
# :label: eq-soft
# z_k = \frac{e^{-d_k^2 / 2\sigma^2}}{\sum_{j=1}^{K} e^{-d_j^2 / 2\sigma^2}}, \qquad \sigma = 5.
# ```
#
# The upper part is a Gaussian, a bell, and $\sigma$ is its width in Lab units. The lower part makes the shares
# sum to 1.

# %% prints="[0.514, 0.231, 0.155, 0.07, 0.031]\n"
distance = (gamut.centres[index] - pixel).norm(dim=1)
bell = torch.exp(-(distance**2) / (2 * 5**2))
by_hand = bell / bell.sum()
assert torch.allclose(share, by_hand, atol=1e-5)
print([round(z, 3) for z in by_hand.tolist()])

# %%
pd.DataFrame(
    {
        "a": gamut.centres[index, 0],
        "b": gamut.centres[index, 1],
        "distance": distance,
        "share": share,
    }
).round(2)

# %% [markdown]
# ## The loss
#
# The network gives $Q$ numbers for every pixel, the {term}`logits`. A {term}`softmax` makes them probabilities
# $p_1, \dots, p_Q$: it raises $e$ to the power of each, and divides by the sum of them all. The truth is the shares $z_1, \dots, z_Q$, and all but five of them are 0. The **cross-entropy** asks how
# surprised the network is by the truth:
#
# ```{math}
# :label: eq-ce
# \ell = -\sum_{q=1}^{Q} z_q \log p_q .
# ```
#
# It is counted in **nats**, since the logarithm is the natural one. A network that gives the truth the probability
# $1/e$ pays one nat.
#
# Written down as it stands, this takes much memory. The target $z$ has $Q$ numbers a pixel, nearly all of them zero, and
# for a batch of photographs that is gigabytes of zeros. So do not build it, but pick out the five terms that are not
# zero.
#
# Mind the names in the code: `share` is the $z$ of {eq}`eq-ce`, and `z` is what the network puts out. `logsumexp` is
# the logarithm of what a softmax divides by.

# %%
code = inspect.getsource(soft_cross_entropy).split('"""')[-1]
print(textwrap.dedent(code).strip())

# %% [markdown]
# It is the same number:

# %%
some_index, some_share = gamut.encode(half_ab)  # (8, K, 16, 16) each
sparse = soft_cross_entropy(logits, some_index, some_share).mean()

dense_target = torch.zeros_like(logits)  # (8, Q, 16, 16)
dense_target.scatter_(1, some_index, some_share)
dense = -(dense_target * logits.log_softmax(1)).sum(1).mean()
assert torch.isclose(sparse, dense, rtol=1e-4)
sizes = {
    "sparse": some_index.nbytes + some_share.nbytes,
    "dense": dense_target.nbytes,
}
print(f"{sparse:.4f} = {dense:.4f} nats")
print({name: f"{size / 1e3:.0f} kB" for name, size in sizes.items()})

# %% tags=["hide-input"]
assert sizes["sparse"] < sizes["dense"] / 10

# %% [markdown]
# Now choose a pixel, by a click or with the arrow keys. The filled squares are what the network believes, and the outlined
# ones are the target: the five bins among which the true colour is shared. The surprise is {eq}`eq-ce` for this one pixel. Where
# is it near zero, and where is it large?

# %% tags=["hide-input"]
soft_target(gallery(), colorizer)

# %% [markdown]
# ## Train it
#
# The network up to its last layer, the images, their order and the optimiser stay as they were in
# chapter 2. The last layer and the loss change. And it gets fewer passes and a higher learning rate, for the reason
# that chapter 2 names.
# Without a GPU the cell below again shows the mechanics only.

# %% figure="fig-training-classification" caption="The network that you have just trained, on pictures it has not seen." alt="Three rows of eight small pictures: grey, the prediction, the truth. The predictions have far less colour than the truth."
images, dev, everything = images_for_training()
if everything:
    recipe = get_recipe("classification")
else:  # the mechanics only
    recipe = get_recipe("classification", epochs=1, batch=32)

dls = colour_dataloaders(images, dev, recipe.batch, recipe.shift)
learn = build_learner(recipe, dls, gamut, training_prior(gamut, images))
with learn.no_bar():  # prints pass, training loss, dev loss, time
    learn.fit_one_cycle(recipe.epochs, recipe.lr)
    learn.show_results(max_n=8)

# %% tags=["hide-input"]
assert recipe.epochs < get_recipe("regression").epochs

# %% [markdown]
# From here on you look at the shipped network, which `colorize train classification` made from all
# of CIFAR-10's training images. Here is how it learned.

# %% tags=["hide-input"] figure="fig-loss-classification" caption="The loss of the shipped network after every pass." alt="Two curves over the passes fall together. At first they go up and down on their way; towards the end they are smooth, and the one for dev images lies just above the one for training images." plot=true
result = read_result("classification")
history = pd.DataFrame(result["weights"]["history"])
figure, axis = plt.subplots(figsize=(6, 2.8))
passes = history.index + 1
axis.plot(
    passes,
    history["train_loss"],
    "o-",
    color=PALETTE[0],
    label="training images",
)
axis.plot(
    passes, history["dev_loss"], "s--", color=PALETTE[1], label="dev images"
)
axis.set(
    xlabel="passes over the training images",
    ylabel="cross-entropy (nats)",
    xticks=passes,
)
axis.legend()
figure.tight_layout()

# %% tags=["hide-input"]
# What it would cost to guess always by how common each colour is.
prior = colorizer.prior.double()  # (Q,)
entropy = torch.special.entr(prior).sum().item()
cross_entropy = result["bin_cross_entropy"]
assert cross_entropy < entropy
# The first pass gains more than all that follow.
first, last = history["dev_loss"].iloc[[0, -1]]
assert entropy - first > first - last
# Ups and downs at first, and none at the end.
half = len(history) // 2
assert not history["dev_loss"][:half].is_monotonic_decreasing
assert history["dev_loss"][half:].is_monotonic_decreasing
# The curves stay together.
apart = (history["dev_loss"] - history["train_loss"]).abs().max()
assert apart < (first - last) / 2
above = last - history["train_loss"].iloc[-1]
assert 0 < above < (first - last) / 4

# %% tags=["remove-input"]
report(
    f"On the {result['data']['test']['images']:,} test images its cross-entropy is **{cross_entropy:.2f} nats** a "
    f"pixel. To guess always by how common each colour is would cost about {entropy:.2f} nats.",
    result,
    colorizer.meta,
)

# %% [markdown]
# Most of the gain comes in the first pass: from that guess down to the first mark of the figure. The rest is slow, with
# ups and downs, until the learning rate goes down to zero. Then the curves are smooth.
#
# The two curves stay together, so the network has learned little by heart. That each pass shows every image shifted and
# flipped at random is meant to see to that.

# %% [markdown]
# ### Longer or wider?
#
# The loss on dev images still falls, so there is more to be learned. Should you train for longer, or give the network more
# channels? {numref}`fig-capacity` has seven more trainings: with half of the channels of the shipped network, with as many, and with
# half as many again. Each has a one-cycle of its own, of one, two or six passes. They are compared on dev images, because a
# recipe is chosen there.

# %% tags=["hide-input"] figure="fig-capacity" caption="The loss on dev images against the minutes that a training took, for three widths. The numbers count the passes." alt="Three short lines that fall. With one and with two passes they end at nearly the same loss, and the wider the network, the further to the right. The line with half of the channels goes on to six passes, far below the others, in less time than two passes take with all channels." plot=true
ladder = read_result("capacity")
trainings = pd.DataFrame(ladder["rows"])
channels = {
    0.5: "half of the channels",
    1: "the channels as shipped",
    1.5: "half as many again",
}
figure, axis = plt.subplots(figsize=(6, 3.2))
for (width, label), mark, colour in zip(
    channels.items(), "osD", PALETTE, strict=False
):
    runs = trainings[trainings["share"] == width]
    places = list(zip(runs["seconds"] / 60, runs["dev_loss"], strict=True))
    axis.plot(*zip(*places, strict=True), f"{mark}-", color=colour, label=label)
    for passes, place in zip(runs["epochs"], places, strict=True):
        axis.annotate(
            passes, place, (5, 4), textcoords="offset points", fontsize=9
        )
axis.set(xlabel="minutes on one processor core", ylabel="cross-entropy (nats)")
axis.set_xlim(right=19)
axis.legend(loc="lower right", frameon=False)
figure.tight_layout()

# %% tags=["hide-input"]
loss = trainings.pivot(index="share", columns="epochs", values="dev_loss")
clock = trainings.pivot(index="share", columns="epochs", values="seconds")
three_seeds = [
    run["dev_loss"]
    for run in read_result("seeds")["runs"]
    if run["network"] == "classification"
]
apart = max(three_seeds) - min(three_seeds)
wider = loss.loc[0.5, [1, 2]] - loss.loc[1.5, [1, 2]]
longer = loss[1] - loss[2]
assert (wider > 0).all() and wider.max() < 2 * apart < longer.min()
for width, passes in ((1, 2), (1.5, 1)):  # about as long as half for six
    assert 0.8 < clock.loc[width, passes] / clock.loc[0.5, 6] < 1.25
    assert loss.loc[width, passes] - loss.loc[0.5, 6] > 5 * apart
assert last < loss.min(axis=None) - 5 * apart

# %% tags=["remove-input"]
parameters = trainings.groupby("share")["parameters"].first()
alike = [clock.loc[run] for run in ((0.5, 6), (1, 2), (1.5, 1))]
report(
    f"Three times the channels, which makes {parameters[1.5]:,} parameters of {parameters[0.5]:,}, lower the loss by {wider[1]:.3f} nats after one "
    f"pass and by {wider[2]:.3f} after two. Three seeds of one network differ by up to {apart:.3f}, so that is little. A second pass lowers it by "
    f"{longer.min():.3f} to {longer.max():.3f}. Compare what takes about as long, {min(alike) / 60:.0f} to {max(alike) / 60:.0f} minutes: the narrow network after six passes is at "
    f"**{loss.loc[0.5, 6]:.3f}**, the one as shipped after two at {loss.loc[1, 2]:.3f}, and the wide one after one at {loss.loc[1.5, 1]:.3f}.",
    ladder,
    read_result("seeds"),
)

# %% [markdown]
# So with ten minutes for it **longer beats wider**: you would take fewer channels, and go over the images more often. What more
# time would show is open. The shipped network, with twice as many channels, got further in its eighteen passes than any of these,
# but eighteen passes of the narrow one were not tried. Each of these is one training with one seed, and the minutes were counted beside other
# work.

# %% tags=["remove-input"]
report(
    f"What can you afford? The shipped recipe, `colorize train classification`, took {history['seconds'].sum() / 60:.0f} minutes on "
    f"{result['weights']['hardware']}. The dev loss was still falling then, and not far above that of the training images.",
    result,
)

# %% [markdown]
# ## Two questions, one answer
#
# The network gives a distribution. To paint, you need one colour. The obvious one is the mean,
# $\sum_q p_q\, c_q$. Put it beside the regression network of chapter 2.

# %% figure="fig-same-grey" caption="The mean of the bins beside the answer of chapter 2." alt="Three rows of the eight pictures. The upper two, by the two networks, are pale and brownish, and hard to tell apart. The third, the truth, is colourful."
mean_ab = colorizer.colour_lightness(lightness, temperature=1.0).cpu()
regression_ab = Colorizer.load("regression").colour_lightness(lightness).cpu()
rows = {
    "regression": to_rgb(lightness, regression_ab),
    "mean of the bins": to_rgb(lightness, mean_ab),
    "truth": truth,
}
show_images(rows)


# %%
def distance_between(one: torch.Tensor, other: torch.Tensor) -> float:
    """Mean distance in the ab plane."""
    return (one - other).square().sum(1).sqrt().mean().item()


between = distance_between(mean_ab, regression_ab)
to_truth = distance_between(mean_ab, true_ab)
print(f"from one network to the other: {between:.1f} Lab units")
print(f"from this network to the truth: {to_truth:.1f} Lab units")

# %% tags=["hide-input"]
assert between < to_truth / 2

# %% [markdown]
# They agree more with each other than with the truth, and {eq}`eq-mean` says why: regression learns the mean of the plausible colours, classification
# learns their distribution, and you took the mean of that. So both come near the same grey. The paper found something that
# fits: its L2 network, once it starts from the trained classification network, is about as good as that
# {cite}`zhang2016colorful`.
#
# But now you *have* the distribution, so you can ask it for something better than its mean. The most likely colour, say:

# %% figure="fig-most-likely" caption="The most likely colour of each pixel, beside the mean." alt="Three rows of the eight pictures. The mean is pale. The most likely colours are nearly grey, but for a blue sky and some yellow in the grass. The truth is colourful."
mode_ab = gamut.centres[logits.argmax(1)].permute(0, 3, 1, 2)  # (8, 2, 16, 16)
mode_ab = F.interpolate(mode_ab, size=(32, 32), mode="bilinear")
show_images(
    {
        "mean": to_rgb(lightness, mean_ab),
        "most likely": to_rgb(lightness, mode_ab),
        "truth": truth,
    }
)

# %% [markdown]
# ## What went wrong
#
# Look at {numref}`fig-most-likely`. The most likely colours are *greyer* than the mean, although a mean of many colours
# ought to be the greyest of all. Is that so everywhere? Count, over all test images, how far from grey the answers are. Call a pixel nearly grey
# if its chroma is below 12, and strong if it is above 40.

# %% tags=["hide-input"]
histogram = result["chroma"]["histogram"]
near = round(12 / CHROMA_STEP)
names = {
    "truth": "truth",
    "mean": "mean of the bins",
    "T = 0.01": "most likely bin",
}
table = {
    label: [
        100 * sum(histogram[key][:near]),
        100 * sum(histogram[key][round(40 / CHROMA_STEP) :]),
    ]
    for key, label in names.items()
}
table = pd.DataFrame(
    table,
    index=["% nearly grey", "% strong"],
).T.round(1)
greyness = table.iloc[:, 0]
assert greyness["most likely bin"] > greyness["mean of the bins"]
assert greyness["mean of the bins"] > greyness["truth"]
report(remember(table, ("most likely bin", "% nearly grey")), result)

# %% [markdown]
# The reason is in the data. Look at how often each bin occurs in the training images.

# %% tags=["hide-input"] figure="fig-bin-frequency" caption="How often each bin occurs in the training images." alt="The plane of a and b as a heat map. The bins in the middle, around grey, are by far the brightest. From there it falls off on all sides, most slowly up towards yellow; the rim is dark."
figure, axis = plt.subplots(figsize=(5.2, 4.2))
image = bin_map(axis, gamut, prior.clamp(min=1e-7), log=True, vmin=1e-7)
figure.colorbar(image, label="share of pixels")
figure.tight_layout()

grey_bins = gamut.centres.norm(dim=1) < 15
assert prior[grey_bins].sum() > 0.5

# %% tags=["remove-input"]
report(
    f"The scale is logarithmic. The {int(grey_bins.sum())} bins nearest to grey, of {len(gamut)}, hold "
    f"**{100 * prior[grey_bins].sum():.0f} %** of all pixels.",
    colorizer.meta,
)

# %% [markdown]
# Clouds, roads, fur and shade lie there. So when the network is torn between red, green,
# blue and grey, then grey is the most likely answer, because each of the colours is rare.
#
# So a distribution alone does not make pictures vivid. It depends on how a colour is made of it, and for that there are
# two dials, which you can {ref}`turn yourself <both-dials>`. The next chapter begins with the temperature. Since that will not be enough, you will see why the paper also needed
# the other, the rebalancing of rare colours, which has [chapter 5](05_rebalancing) to itself.
#
# ## Summary
#
# 1. A classifier of colours says where it is sure and where it is torn.
# 2. The plane has 261 bins of width 10. The paper's 313 contain them.
# 3. Soft targets {eq}`eq-soft` share a pixel among five bins, so that near misses are nearly right.
# 4. The loss {eq}`eq-ce` gathers five numbers a pixel. The dense target is never built.
# 5. Its mean comes near the regression's answer. Its most likely colour is greyer still, since most pixels lie in
#    the bins near grey.
#
# ## Exercises
#
# **Exercise 3.1. A coarser grid.** A perfect classifier would name the right bin for every pixel, and still be wrong by
# the way from there to the pixel. How large is that error for the eight pictures, as ab RMSE, with `Gamut(grid=20)`?
# And with `Gamut(grid=5)`? Measure it, or derive it.
#
# ```{admonition} Hint
# :class: dropdown
# `gamut.centres[gamut.nearest(true_ab)]` has the two channels last, `true_ab` has them second. Add up both squares
# before you take the mean and the root. To derive it, let the colour lie anywhere in a square of side $w$.
# ```

# %% tags=["exercise"]
coarse = ...
fine = ...
check("3.1", coarse, fine)


# %% tags=["solution"]
def rounding_error(grid: float) -> float:
    """ab RMSE of naming the nearest bin."""
    cut = Gamut(grid=grid)
    named = cut.centres[cut.nearest(true_ab)].permute(0, 3, 1, 2)
    return (named - true_ab).square().sum(1).mean().sqrt().item()


coarse, fine = rounding_error(20), rounding_error(5)
assert check("3.1", coarse, fine)
pd.Series(
    {grid: rounding_error(grid) for grid in (20, 10, 5)}, name="ab RMSE"
).rename_axis("grid").to_frame().round(1)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# A number that lies anywhere in an interval of length $w$ is off its middle by $w/\sqrt{12}$, as the root of the mean
# square. Two channels make that $w/\sqrt{6}$. With 20 it is a bit less than that: many pixels are nearly grey, and
# grey is the middle of a bin.
# ```
#
# **Exercise 3.2. Turn σ.** A pixel lies in the middle of a bin. Which share does this bin get from {eq}`eq-soft`, if
# the bell is `narrow`, $\sigma = 1$? And if it is `wide`, $\sigma = 100$? The next bins are 10 units away. Predict
# both shares to two digits.
#
# ```{admonition} Hint
# :class: dropdown
# For the bin itself $d = 0$, so the upper part is 1. For the other four it is $e^{-100 / 2\sigma^2}$.
# ```

# %% tags=["exercise"]
narrow = ...
wide = ...
check("3.2", narrow, wide)

# %% tags=["remove-input"]
answers_here("3.2", {"narrow": (0, 1, 1), "wide": (0, 1, 0.2)})

# %% tags=["solution"]
middle = gamut.centres[len(gamut) // 2][None, :, None, None]  # (1, 2, 1, 1)
narrow, wide = (
    Gamut(sigma=sigma).encode(middle)[1][0, 0].item() for sigma in (1, 100)
)
assert check("3.2", narrow, wide)
narrow, wide

# %% [markdown]
# **Exercise 3.3. Hard targets.** Share a pixel with nobody: `Gamut(neighbours=1)`. What does {eq}`eq-ce` become? Write
# it as a function of the logits and the nearest bin of every pixel.
#
# ```{admonition} Hint
# :class: dropdown
# One $z_q$ is 1, all others are 0. PyTorch has this loss. It wants the logits, and the number of the right class.
# ```


# %% tags=["exercise"]
def hard_loss(logits: torch.Tensor, nearest: torch.Tensor) -> torch.Tensor:
    """(N, Q, h, w) and (N, h, w) to the mean over all pixels."""
    ...


check("3.3", hard_loss)


# %% tags=["solution"]
def hard_loss(logits: torch.Tensor, nearest: torch.Tensor) -> torch.Tensor:
    """(N, Q, h, w) and (N, h, w) to the mean over all pixels."""
    return F.cross_entropy(logits, nearest)


assert check("3.3", hard_loss)
lonely = soft_cross_entropy(logits, *Gamut(neighbours=1).encode(half_ab))
assert torch.isclose(
    hard_loss(logits, gamut.nearest(half_ab)), lonely.mean(), rtol=1e-4
)

# %% [markdown]
# **Exercise 3.4. Why not zero?** A network trains for ever, on one pixel, and its loss {eq}`eq-ce` stops falling above
# 0. How far can it fall? Write the smallest loss that any probabilities can reach, from the shares of the pixel.
#
# ```{admonition} Hint
# :class: dropdown
# Which probabilities $p$ would you choose if you knew the shares $z$? Put them into {eq}`eq-ce`. A share may be 0:
# then $z \log z$ counts as 0.
# ```


# %% tags=["exercise"]
def smallest_loss(share: torch.Tensor) -> torch.Tensor:
    """Shares (K,), summing to 1, to the smallest loss, in nats."""
    ...


check("3.4", smallest_loss)


# %% tags=["solution"]
def smallest_loss(share: torch.Tensor) -> torch.Tensor:
    """Shares (K,), summing to 1, to the smallest loss, in nats."""
    return torch.special.entr(share).sum()  # entr(z) is -z log z


assert check("3.4", smallest_loss)
smallest_loss(share)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# For any $p$ the loss is the entropy of $z$ plus how far $p$ is from $z$, the Kullback-Leibler divergence, which is
# never below 0. For the pixel of {numref}`fig-shared-pixel` you see the entropy above. So part of every loss in this
# chapter is the price of sharing, and no network can get rid of it.
# ```

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence of your own before you open the answer.
#
# **1.** What can a list of probabilities say that a pair of numbers cannot?
#
# ```{admonition} Answer
# :class: dropdown
# That there are several possible colours, far apart, and how likely each is. A pair of numbers has to lie somewhere,
# and between red and green lies neither.
# ```
#
# **2.** Why is a pixel's target shared among five bins instead of being one bin?
#
# ```{admonition} Answer
# :class: dropdown
# Because bins next to each other are nearly the same colour. With one bin as the target, an answer one bin off would
# count as no better than an answer at the other end of the plane.
# ```
#
# **3.** Why does the loss never build the full target, one number for every bin?
#
# ```{admonition} Answer
# :class: dropdown
# All but five of its numbers are zero. It is enough to look up the log-probabilities of those five and weigh them. The
# result is the same and needs a fraction of the memory.
# ```
#
# **4.** The network holds red possible. Why does the picture stay grey?
#
# ```{admonition} Answer
# :class: dropdown
# Because a picture needs one colour. The mean of the distribution lies near grey, and the most likely bin mostly is
# grey, since grey is common. What it knows gets lost when the distribution is turned into one colour.
# ```
#
# **5.** Why 261 bins here and 313 in the paper?
#
# ```{admonition} Answer
# :class: dropdown
# Here a bin is kept if it is the nearest one of some colour that a screen can show. The paper keeps more cells at the
# rim, which are nobody's nearest.
# ```

# %% [markdown]
# **Where to go next.** [The annealed mean](04_annealed_mean) lies between the mean and the most likely
# colour. The paper and the poster disagree on where.
#
# **Two projects**, if you want to build something of your own:
#
# - *Bins where the colours are.* Squares waste most bins on rare colours. Choose the centres by k-means on the pixels of the training
#   pictures. `Gamut` in `colorize_lib/colour/gamut.py` takes any `centres`. Compare the ab RMSE and not the cross-entropy, because
#   that depends on the bins.
# - *Where is it torn?* Draw the entropy of each pixel's distribution as a picture. Are the pixels with much of it the ones that are
#   wrong? `ab_distance` in `colorize_lib/measuring/metrics.py` gives the error of each pixel, and a function for the drawing belongs
#   into `colorize_lib/plots.py`.
