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
# A mean cannot say "red or green". A list of probabilities can. So this chapter asks the network a
# different question. Not "which colour?" but "how likely is each colour?". That is classification,
# pixel by pixel, and the idea of Zhang, Isola and Efros {cite}`zhang2016colorful`.
#
# **What you will see**
#
# 1. What a trained network believes about single pixels, drawn in the $(a, b)$ plane.
# 2. The plane cut into 261 bins, and why the paper has 313.
# 3. A pixel shared among five bins, so that near misses count as nearly right.
# 4. The loss, written so that the huge target never exists.
# 5. That this network *knows* about red and green, and says grey all the same.
#
# **What you need:** chapters [1](01_lab) and [2](02_regression), and that a softmax turns numbers into
# probabilities.

# %%
import inspect
import textwrap

import pandas as pd
import torch
from IPython.display import Markdown
from matplotlib import pyplot as plt

from colorize_lib import Colorizer, Gamut, rgb_to_lab
from colorize_lib.batches import colour_dataloaders
from colorize_lib.data import gallery, images_for_training
from colorize_lib.evaluate import read_result
from colorize_lib.learner import build_learner, get_recipe, training_prior
from colorize_lib.losses import halve, soft_cross_entropy
from colorize_lib.metrics import CHROMA_STEP
from colorize_lib.plots import PALETTE, ab_plane, bin_map, show_images, to_rgb

# %% [markdown]
# ## What a network believes
#
# Four pixels of four pictures. Beside each picture is the plane of colours. The brighter a bin, the
# likelier the network finds that colour. The white ring is the true one.

# %%
truth = gallery().rgb
lab = rgb_to_lab(truth)
lightness, true_ab = lab[:, :1], lab[:, 1:]

colorizer = Colorizer.load("classification")
gamut = colorizer.gamut
logits = colorizer.predict(
    lightness
).cpu()  # (8, Q, 16, 16): one distribution for every second pixel
beliefs = logits.softmax(1)
half_ab = halve(true_ab)  # (8, 2, 16, 16)

# %% tags=["hide-input"]
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
# These are not blobs around one answer. The network says where it is sure and where it is torn. A
# regression throws all of that away and keeps the mean.

# %% [markdown]
# ## Cutting the plane into bins
#
# To classify you need classes. Lay a grid over the $(a, b)$ plane, 10 units wide. Keep the cells that
# hold at least one colour that a screen can show. Call their number $Q$ and their centres $c_1, \dots, c_Q$.

# %% tags=["hide-input"]
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

# %%
assert len(Gamut(grid=10)) == 261
pd.DataFrame(
    {"grid": (5, 10, 20), "bins": [len(Gamut(grid=g)) for g in (5, 10, 20)]}
)

# %% [markdown]
# If you know the paper, you expect 313 here. All $256^3$ colours of a picture file, each rounded to the
# nearest centre, hit 261 cells, not one more; the tests of this book count them. The 313 of the
# released code contain these 261. The other 52 lie just outside. They are nobody's nearest bin, so
# nothing is ever *counted* in them. They do no harm, and here they are left out.
#
# (You need not try 16.8 million colours. The shadow of a solid is the shadow of its surface. The six
# faces of the RGB cube are enough, and `Gamut` tries only those.)

# %% [markdown]
# ## Sharing a pixel among its neighbours
#
# A pixel near the border of two bins belongs a little to both. If you put it all into one, then the
# network is punished for the neighbour as hard as for the opposite colour. So share it among its
# $K = 5$ nearest bins. Bin $k$, at distance $d_k$, gets
#
# ```{math}
# :label: eq-soft
# z_k = \frac{e^{-d_k^2 / 2\sigma^2}}{\sum_{j=1}^{K} e^{-d_j^2 / 2\sigma^2}}, \qquad \sigma = 5.
# ```

# %%
pixel = torch.tensor([33.0, 28.0])
index, share = gamut.encode(pixel[None, :, None, None])  # (1, K, 1, 1) each
index, share = index.flatten(), share.flatten()

distance = (gamut.centres[index] - pixel).norm(dim=1)
by_hand = torch.exp(-(distance**2) / (2 * 5**2))
assert torch.allclose(share, by_hand / by_hand.sum(), atol=1e-5)
pd.DataFrame(
    {
        "a": gamut.centres[index, 0],
        "b": gamut.centres[index, 1],
        "distance": distance,
        "share": share,
    }
).round(2)

# %% tags=["hide-input"]
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
# ## The loss
#
# The network gives $Q$ numbers for every pixel. A softmax makes them probabilities $p_1, \dots, p_Q$.
# The cross-entropy asks how surprised the network is by the truth:
#
# ```{math}
# :label: eq-ce
# \ell = -\sum_{q=1}^{Q} z_q \log p_q .
# ```
#
# As code this is often a disaster. The target $z$ has $Q$ numbers a pixel, and all but five are zero. For
# a batch of photographs that is gigabytes of nothing. So never build it. Pick out the five
# log-probabilities that count:

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
print(
    f"{sparse:.4f} = {dense:.4f} nats; {sizes['sparse'] / 1e3:.0f} kB instead of {sizes['dense'] / 1e3:.0f} kB"
)
assert sizes["sparse"] < sizes["dense"] / 10

# %% [markdown]
# ## Train it
#
# The network up to its last layer, the images, their order and the optimiser stay as they were in
# chapter 2. The last layer and the loss change. And it gets fewer passes: this loss learns faster.
# Without a GPU the cell below again shows the mechanics only.

# %%
images, dev, everything = images_for_training()
if everything:
    recipe = get_recipe("classification")
else:  # the mechanics only
    recipe = get_recipe("classification", epochs=1, batch=32)

dls = colour_dataloaders(images, dev, recipe.batch, recipe.shift)
learn = build_learner(recipe, dls, gamut, training_prior(gamut, images))
with learn.no_bar():  # prints epoch, training loss, dev loss, time
    learn.fit_one_cycle(recipe.epochs, recipe.lr)
learn.show_results(max_n=8)

# %% [markdown]
# From here on you look at the shipped network, which `colorize train classification` made from all
# of CIFAR-10's training images. Most of the gain comes at the end, when the learning rate falls to zero. The
# two curves stay together: shifted and flipped at random, no image is seen twice, and there is nothing to
# learn by heart.

# %% tags=["hide-input"]
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
    passes, history["dev_loss"], "s-", color=PALETTE[1], label="dev images"
)
axis.set(
    xlabel="passes over the training images",
    ylabel="cross-entropy (nats)",
    xticks=passes,
)
axis.legend()
figure.tight_layout()

# %% tags=["remove-input"]
prior = colorizer.prior.double()
entropy = -(prior * prior.clamp(min=1e-12).log()).sum().item()
cross_entropy = result["bin_cross_entropy"]
assert cross_entropy < entropy
Markdown(
    f"On the {result['data']['test']['images']:,} test images its cross-entropy is **{cross_entropy:.2f} nats** a pixel. "
    f"To guess always by how common each colour is would cost about {entropy:.2f} nats."
)

# %% [markdown]
# ## Two questions, one answer
#
# The network gives a distribution. To paint, you need one colour. The obvious one is the mean,
# $\sum_q p_q\, c_q$. Put it beside the regression network of chapter 2.

# %%
mean_ab = colorizer.colour_lightness(lightness, temperature=1.0).cpu()
regression_ab = Colorizer.load("regression").colour_lightness(lightness).cpu()
rows = {
    "regression": to_rgb(lightness, regression_ab),
    "mean of the bins": to_rgb(lightness, mean_ab),
    "truth": truth,
}
show_images(rows)


def distance_between(one: torch.Tensor, other: torch.Tensor) -> float:
    """Mean distance in the ab plane."""
    return (one - other).square().sum(1).sqrt().mean().item()


between = distance_between(mean_ab, regression_ab)
to_truth = distance_between(mean_ab, true_ab)
assert between < to_truth / 2
print(
    f"the two networks differ by {between:.1f} Lab units; each is about {to_truth:.1f} from the truth"
)

# %% [markdown]
# They nearly agree. You should have expected it. Equation {eq}`eq-mean` says that regression learns the
# mean of the plausible colours. Classification learns their distribution. The mean of the
# distribution is the mean. You took a detour and arrived at the same grey.
#
# But now you *have* the distribution. You are free to ask it for something better than its mean. The most
# likely colour, say:

# %%
mode_ab = gamut.centres[logits.argmax(1)].permute(0, 3, 1, 2)  # (8, 2, 16, 16)
mode_ab = torch.nn.functional.interpolate(
    mode_ab, size=(32, 32), mode="bilinear"
)
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
# The most likely colours are *greyer* than the mean. Not what you were promised? Count, over all test
# images, how far from grey the answers are.

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
    index=["% nearly grey (chroma below 12)", "% strong (chroma above 40)"],
).T.round(1)
assert table.loc["most likely bin"].iloc[0] > table.loc["truth"].iloc[0]
table

# %% [markdown]
# The reason is in the data. Look at how often each bin occurs in the training images.

# %% tags=["hide-input"]
figure, axis = plt.subplots(figsize=(5.2, 4.2))
image = bin_map(axis, gamut, prior.clamp(min=1e-7), log=True, vmin=1e-7)
figure.colorbar(image, label="share of pixels")
figure.tight_layout()

# %% tags=["remove-input"]
grey_bins = gamut.centres.norm(dim=1) < 15
assert prior[grey_bins].sum() > 0.5
Markdown(
    f"The scale is logarithmic. The {int(grey_bins.sum())} bins nearest to grey, of {len(gamut)}, hold "
    f"**{100 * prior[grey_bins].sum():.0f} %** of all pixels."
)

# %% [markdown]
# Nature is grey: clouds, roads, fur, shade. When the network is torn between red, green, blue and
# grey, then grey wins the vote, because each of the colours is rare. Being right most often means
# saying grey most often.
#
# So a distribution alone does not make pictures vivid. What you do with it does. Two dials are coming:
# the next chapter turns one, the temperature. It will not be enough, and you will see why the paper
# also needed the other, the rebalancing of rare colours, which has [chapter 5](05_rebalancing) to itself.
#
# ## Summary
#
# 1. A classifier of colours says where it is sure and where it is torn.
# 2. The plane has 261 bins of width 10. The paper's 313 contain them.
# 3. Soft targets {eq}`eq-soft` share a pixel among five bins, so that near misses are nearly right.
# 4. The loss {eq}`eq-ce` gathers five numbers a pixel. The dense target is never built.
# 5. Its mean is the regression's answer. Its most likely colour is greyer still, since grey is what most
#    pixels are.
#
# ## Exercises
#
# **1. A coarser grid.** With `Gamut(grid=20)`, what is the smallest error that a perfect classifier
# could make, naming one bin a pixel? And with 5?
#
# ```{admonition} Solution
# :class: dropdown
# `g = Gamut(grid=20); (g.centres[g.nearest(true_ab)].permute(0, 3, 1, 2) - true_ab).square().sum(1).mean().sqrt()`. A
# uniform error over a cell of width $w$ gives $w/\sqrt{6}$: about 8, 4 and 2 for the grids 20, 10 and 5.
# ```
#
# **2. Hard targets.** Take `Gamut(neighbours=1)`. What does {eq}`eq-ce` become?
#
# ```{admonition} Solution
# :class: dropdown
# The usual cross-entropy with one class a pixel: `torch.nn.functional.cross_entropy(logits, gamut.nearest(half_ab))`.
# ```
#
# **3. Why not zero?** Could the loss reach 0 with soft targets? What is its smallest value?
#
# ```{admonition} Solution
# :class: dropdown
# No. It is smallest for $p = z$, where it is the entropy of the shares, above 0 whenever a pixel is
# shared.
# ```
#
# **Where to go next.** [The annealed mean](04_annealed_mean) lies between the mean and the most likely
# colour. The paper and the poster disagree on where.
