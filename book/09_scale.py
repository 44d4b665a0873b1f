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
# # From CIFAR-10 to ImageNet
#
# Everything so far fits a laptop, but the training of the paper {cite}`zhang2016colorful` did not. How far apart are the
# two? You could start a training on ImageNet {cite}`russakovsky2015imagenet` and wait. Or you could do the sum first. It
# takes five minutes, and it says whether you need an evening, a week or a grant.
#
# {numref}`fig-trainings` is that sum, for four trainings.

# %% tags=["hide-input"]
import pandas as pd
import torch
from IPython.display import Markdown
from matplotlib import pyplot as plt
from torch import nn

from colorize_lib.colour.lab import to_rgb
from colorize_lib.data.batches import ColourLoader
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answer_here
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.networks.build import build_network
from colorize_lib.networks.eccv16 import ECCV16
from colorize_lib.pages.remember import remember
from colorize_lib.pages.training_cost import training_cost
from colorize_lib.plots import PALETTE, show_images
from colorize_lib.record import singular
from colorize_lib.training.cost import (
    IMAGENET,
    Training,
    gradient_seconds,
    parameters,
    training_flops,
)
from colorize_lib.training.recipes import get_recipe

# %% tags=["hide-input"]
PAPER = {
    "steps": 450_000,  # from the notes that came with the paper's code
    "batch": 40,
    "pixels": 176,  # random crops of pictures of 256
}
seen = PAPER["steps"] * PAPER["batch"]
small, photo = get_recipe("classification"), get_recipe("photo-64")


def small_network():
    return build_network(small.config(261))


def photo_network():
    return build_network(photo.config(261))


trainings = {
    "ours, CIFAR-10": Training(
        training_flops(small_network, 32), small.epochs * 50_000
    ),
    "ours, Tiny ImageNet": Training(
        training_flops(photo_network, 64), photo.epochs * 100_000
    ),
    "ours, ImageNet": Training(
        training_flops(photo_network, PAPER["pixels"]), seen
    ),
    "the paper's, ImageNet": Training(
        training_flops(ECCV16, PAPER["pixels"]), seen
    ),
}

# %% tags=["hide-input"] figure="fig-trainings" caption="What four trainings compute, as multiples of the first." alt="Four bars on a logarithmic scale. Ours on Tiny ImageNet is a few times ours on CIFAR-10, ours on ImageNet hundreds of times, and the paper's thousands of times." plot=true
figure, axis = plt.subplots(figsize=(7, 2.5))
names = list(trainings)[::-1]
totals = [trainings[name].total for name in names]
axis.barh(names, totals, color=[PALETTE[1]] + 3 * [PALETTE[0]], height=0.6)
for k, total in enumerate(totals):
    axis.text(
        total * 1.25, k, f"{total / totals[-1]:,.0f} ×", va="center", fontsize=9
    )
axis.set(
    xscale="log",
    xlabel="floating-point operations of the whole training",
    xlim=(min(totals) / 8, max(totals) * 12),
)
axis.spines[["top", "right"]].set_visible(False)
figure.tight_layout()

# %% [markdown]
# **What you will see**
#
# 1. How many operations one picture costs, ours and the paper's, counted and not guessed.
# 2. How much the processors behind this book really computed in a second.
# 3. Hours and money, for the GPU and the price that *you* put in.
# 4. How several GPUs share one training, and why the curve stays the same.
# 5. Where the pictures are to come from, once they no longer fit into memory.
#
# **What you need:** [chapter 3](03_classification). You know what a gradient is, and what a batch.
#
# ## How far apart
#
# Which four trainings are these?
#
# - The first made the network of chapter 3.
# - The second is the recipe `photo-64` of the library, a U-Net, on the whole of Tiny ImageNet. The copy that chapter 8
#   measures had half of it to learn from.
# - The third is the one that you are tempted by: this larger U-Net, on what the paper saw.
# - The last is the paper's.
#
# The scale of {numref}`fig-trainings` is logarithmic: each labelled mark is ten times the one before. Where does the gap
# come from? The table takes it apart, in GFLOP, which are a thousand million operations each.

# %% tags=["hide-input"]
table = pd.DataFrame(
    {
        "parameters (millions)": [
            parameters(build) / 1e6
            for build in (
                small_network,
                photo_network,
                photo_network,
                ECCV16,
            )
        ],
        "pixels a side": [32, 64, PAPER["pixels"], PAPER["pixels"]],
        "GFLOP a picture": [t.flops / 1e9 for t in trainings.values()],
        "pictures (millions)": [t.pictures / 1e6 for t in trainings.values()],
    },
    index=trainings,
).round(2)
remember(
    table,
    ("ours, CIFAR-10", "GFLOP a picture"),
    ("the paper's, ImageNet", "GFLOP a picture"),
)

# %% prints="6,005 times as many operations, in 14 passes over ImageNet\n"
ours, theirs = (
    trainings[name] for name in ("ours, CIFAR-10", "the paper's, ImageNet")
)
ratio, passes = theirs.total / ours.total, seen / IMAGENET
print(
    f"{ratio:,.0f} times as many operations, in {passes:.0f} passes over ImageNet"
)

# %% tags=["hide-input"]
assert theirs.flops / ours.flops > theirs.pictures / ours.pictures

# %% tags=["remove-input"]
Markdown(
    f"Only a factor of {theirs.pictures / ours.pictures:.0f} comes from seeing more pictures: {seen / 1e6:.0f} million "
    f"in all. The other {theirs.flops / ours.flops:.0f} is what one picture costs, and of "
    f"that {(PAPER['pixels'] / 32) ** 2:.0f} is its number of pixels alone."
)

# %% [markdown]
# **FLOP** is a floating-point operation, and a multiplication followed by an addition counts as two. A convolution
# of $k \times k$ from $C$ to $C'$ channels costs, for each pixel of its output,
#
# ```{math}
# :label: eq-flops
# 2\, k^2\, C\, C' .
# ```
#
# That is forwards. Going back costs as much two more times: once for the gradient of the weights, once for the gradient
# of what came in.
#
# You need not add it up by hand. PyTorch has a counter, and networks on its device `meta` have shapes and no
# numbers. So nothing is computed, and a network of any size is counted at once. Check it on two layers:

# %% prints="2.12 MFLOP, as by hand\n"
pair = nn.Conv2d(1, 5, 3, padding=1), nn.Conv2d(5, 7, 3, padding=1)
by_hand = [2 * 9 * 1 * 5 * 32 * 32, 2 * 9 * 5 * 7 * 32 * 32]
counted = training_flops(lambda: nn.Sequential(*pair).to("meta"), 32)
# Twice for the first layer: nobody asks for the gradient of L.
assert counted == 2 * by_hand[0] + 3 * by_hand[1]
print(f"{counted / 1e6:.2f} MFLOP, as by hand")

# %% [markdown]
# ## What a processor really does
#
# A data sheet says what a processor could do. What it did is in the metadata of every network of this book:
# pictures a second, measured while it learned. Multiply by the FLOPs of a picture.

# %%
measured = {}
for name in ("regression", "classification"):
    weights = read_result(name)["weights"]
    build = lambda c=weights["config"]: build_network(c)  # noqa: E731
    flops = training_flops(build, weights["data"]["size"][0])
    measured[name] = {
        "hardware": f"{singular(weights['hardware'])}, {weights['precision']}",
        "pictures / s": weights["images_per_second"],
        "GFLOP / s": round(weights["images_per_second"] * flops / 1e9),
    }
report(
    pd.DataFrame(measured).T,
    *(read_result(name)["weights"] for name in measured),
)

# %% tags=["hide-input"]
rate = measured["classification"]["GFLOP / s"] * 1e9
days = theirs.total / rate / 3600 / 24
assert days > 60  # months

# %% tags=["remove-input"]
report(
    f"At the rate of the second, the paper's training would take **{days:.0f} days**. With such a processor you begin "
    f"with pictures of 32 pixels. (The two were measured on different days on shared machines: do not compare "
    f"them with each other.)",
    read_result("classification")["weights"],
)

# %% [markdown]
# ## Hours and money
#
# Now a GPU. Three numbers decide, and you should put in your own.
#
# - `PEAK` is in the data sheet, for the number format that you train in. Here it is that of an NVIDIA A100 in bfloat16.
# - `PRICE` is what an hour costs you. Ours is an assumption, not an offer.
# - The **utilisation** $u$ is the difficult one: the share of the peak that you will really get. Ours is a guess.
#
# With $F$ operations a picture, $N$ pictures and $G$ GPUs
#
# ```{math}
# :label: eq-hours
# \text{hours} = \frac{F\, N}{3600 \cdot G \cdot u \cdot \text{peak}} .
# ```

# %%
PEAK = 312e12  # FLOP/s. Edit: of your GPU
PRICE = 2.00  # per GPU and hour, in your money. Edit: what you pay
UTILISATION = 0.15  # Edit: measure it, with `colorize train --limit`
GPUS = 8  # Edit: how many you have

# %% tags=["hide-input"]
rows = {}
for name, training in trainings.items():
    hours = training.hours(PEAK, UTILISATION)
    rows[name] = {
        "GPU hours": f"{hours:,.3g}",
        f"hours on {GPUS} GPUs, at best": f"{training.hours(PEAK, UTILISATION, GPUS):,.3g}",
        "cost": f"{hours * PRICE:,.3g}",
    }
pd.DataFrame(rows).T

# %% [markdown]
# Or fill in the form, which needs no kernel. Change the pixels or the pictures, and see what your own data would take. The
# second button has the rate that was measured above.

# %% tags=["hide-input"]
training_cost(
    {
        name: (training.flops, pixels, training.pictures)
        for (name, training), pixels in zip(
            trainings.items(),
            table["pixels a side"].astype(int).tolist(),
            strict=True,
        )
    },
    {
        "as above: an A100, bfloat16": (PEAK, UTILISATION),
        "the processor of this book, as measured": (rate, 1.0),
    },
    price=PRICE,
    gpus=GPUS,
)

# %% [markdown]
# By {eq}`eq-hours` half the utilisation is twice the hours. Small convolutions, batch norms and a slow disk leave a GPU
# waiting, and how long depends on your machine. So measure it.

# %% tags=["hide-input"] figure="fig-utilisation" caption="GPU hours against the share of the peak that you get. Marked: the `UTILISATION` set above." alt="Three parallel lines falling from left to right on logarithmic scales, for three trainings; the paper's is highest. A hundred times the utilisation is a hundredth of the hours. One mark on each line." plot=true
utilisations = torch.logspace(-2, 0, 60).tolist()
figure, axis = plt.subplots(figsize=(6.5, 3.4))
for (name, training), colour, line, marker in zip(
    list(trainings.items())[1:],
    PALETTE[:3],
    ("-", "--", "-."),
    "os^",
    strict=True,
):
    axis.plot(
        [100 * u for u in utilisations],
        [training.hours(PEAK, u) for u in utilisations],
        linestyle=line,
        color=colour,
    )
    axis.plot(
        100 * UTILISATION,
        training.hours(PEAK, UTILISATION),
        linestyle=line,
        marker=marker,
        color=colour,
        label=name,
    )
axis.set(
    xscale="log",
    yscale="log",
    xlabel="utilisation of the GPU (%)",
    ylabel="GPU hours",
    xticks=[1, 3, 10, 30, 100],
    xticklabels=["1", "3", "10", "30", "100"],
)
axis.grid(alpha=0.3)
handles, labels = axis.get_legend_handles_labels()
axis.legend(
    handles[::-1],
    labels[::-1],
    loc="center left",
    bbox_to_anchor=(1.01, 0.5),
    frameon=False,
)
figure.tight_layout()

# %% [markdown]
# Before you believe a row of the table, train for two minutes with `--limit`, read `images_per_second` in the
# metadata, and divide: $u = F \times \text{pictures per second} / \text{peak}$.
#
# **What the paper needed.** Its authors give the steps, the batch and the crops, with their code. They do not give,
# as far as we know, how long this network took, or on how many GPUs. So there is nothing to hold our table against:
# what it says about today's GPU is a sum, not a measurement.

# %% [markdown]
# ## Several GPUs, one curve
#
# Equation {eq}`eq-hours` has $G$ below the line. How do several GPUs share a training? By sharing each batch. Here is
# a batch of eight, and what each of two processes takes of it:

# %% figure="fig-shares" caption="A batch of eight, and what each of two processes takes of it." alt="Three rows of small pictures. The batch has eight; process 0 takes the first, third, fifth and seventh; process 1 the other four."
images = embedded_cifar10()
loader = ColourLoader(images, 8, shuffle=True, shift=4, seed=3)


def batch_of(rank: int, world: int) -> tuple[torch.Tensor, torch.Tensor]:
    loader.share = (rank, world)
    return loader.one_batch()


whole = batch_of(0, 1)
shares = [batch_of(rank, 2) for rank in range(2)]
for rank, share in enumerate(shares):
    assert torch.equal(whole[1][rank::2], share[1])
rows = {"the batch": to_rgb(*whole)}
for rank, share in enumerate(shares):
    rows[f"process {rank}"] = torch.full_like(rows["the batch"], 255)
    rows[f"process {rank}"][rank::2] = to_rgb(*share)
show_images(rows)

# %% [markdown]
# The order, the flips and the shifts come from the {term}`seed` alone. So all processes draw the same ones, and
# need not exchange them.
#
# Each computes the gradient of its own share. Then they average, and all make the same step {cite}`li2020pytorch`.
# The mean of the means of two halves is the mean of the whole. With $\ell_i$ for the loss of picture $i$, $N$ now
# for the pictures of one batch, $B_g$ for share number $g$, and $\nabla$ for the gradient,
#
# ```{math}
# :label: eq-ddp
# \nabla \frac{1}{N} \sum_{i=1}^{N} \ell_i
#   = \frac{1}{G} \sum_{g=1}^{G} \nabla \frac{G}{N} \sum_{i \in B_g} \ell_i .
# ```
#
# That is true if the loss of a picture depends on that picture alone. One layer breaks this. A batch norm divides by
# the spread of *all the pictures that it is given*. Watch it:

# %%
torch.manual_seed(0)
network = build_network(
    {"network": "unet", "out_channels": 2, "widths": (8, 16)}
)


def gradient(lightness: torch.Tensor, ab: torch.Tensor) -> torch.Tensor:
    """Of a squared error, as one vector."""
    network.zero_grad()
    target = nn.functional.avg_pool2d(ab, 2) / 50
    (network(lightness) - target).square().mean().backward()
    return torch.cat([p.grad.flatten() for p in network.parameters()])


errors = {}
for case, training in (
    ("batch norm of each share", True),
    ("the same normalisation for all", False),
):
    network.train(training)
    at_once = gradient(*whole)
    averaged = sum(gradient(*share) for share in shares) / 2
    difference = (averaged - at_once).norm() / at_once.norm()
    errors[case] = 100 * difference.item()
pd.Series(errors, name="gradient differs by %").map("{:.2f}".format).to_frame()

# %% tags=["hide-input"]
assert errors["the same normalisation for all"] < 0.01
assert errors["batch norm of each share"] > 1

# %% [markdown]
# So the batch norms have to agree too, on one mean and one variance over all shares. PyTorch's `SyncBatchNorm` does
# that on GPUs. On CPUs it refuses, and the library has a small one of its own.
#
# Then the results agree, up to rounding, because sums are taken in another order. **Same recipe, same curve**: the batch of a recipe is
# that of all processes together. So its {term}`learning rate` stays right, and two processes give the curve of one.
# This is the whole change in how you start it:
#
# ```bash
# colorize train classification                           # one process
# accelerate launch --multi_gpu --num_processes 8 \
#     -m colorize_lib.cli train classification            # 8 GPUs
# torchrun --nproc_per_node 8 \
#     -m colorize_lib.cli train classification            # the same
# torchrun --nproc_per_node 2 \
#     -m colorize_lib.cli train classification --device cpu   # a trial without a GPU
# ```
#
# Stop it and repeat the command: it goes on from the last finished {term}`epoch`. On several
# machines, `torchrun --nnodes 2 --rdzv_backend c10d --rdzv_endpoint HOST:29500 ...` on each of them, with one output
# folder that all of them see.
#
# ### What it costs to agree
#
# After each step every GPU needs the average of all gradients. In a ring of $G$ GPUs, each sends
# $2\,(G-1)/G$ times as many numbers as the network has parameters. `LINK` is how fast they travel; edit it too.

# %%
# Bytes a second between GPUs. Edit: a network cable has less, NVLink far more.
LINK = 10e9

rows = {}
for name, build, batch in (
    ("ours, CIFAR-10", small_network, small.batch),
    ("the paper's, ImageNet", ECCV16, PAPER["batch"]),
):
    computing = trainings[name].flops * batch / (GPUS * PEAK * UTILISATION)
    rows[name] = {
        "computing, ms a step": 1e3 * computing,
        "averaging, ms a step": 1e3
        * gradient_seconds(parameters(build), GPUS, LINK),
    }
steps = pd.DataFrame(rows).T.round(2)
steps

# %% tags=["hide-input"]
if (GPUS, PEAK, UTILISATION, LINK) == (8, 312e12, 0.15, 10e9):  # not edited
    waiting = steps["averaging, ms a step"] / steps["computing, ms a step"]
    assert waiting["the paper's, ImageNet"] > 1
    assert waiting["ours, CIFAR-10"] > 10

# %% [markdown]
# In part the two overlap: the gradient of the last layer travels while the first layer's is still being computed. But
# by this sum both trainings wait for longer than they compute, and the small one nearly all the time. Small shares also leave
# each GPU with too little to do.
#
# The cure is a larger batch, and that is another recipe: fewer steps, each with a gradient less noisy. A rule of thumb
# is to multiply the learning rate by as much as the batch, after a warm-up of smaller steps {cite}`goyal2017accurate`.
# It was found for plain gradient descent, SGD. For AdamW, which is what we use, it is a place to start, no more.
# `--batch` and `--lr` are yours.

# %% [markdown]
# ## Where the pictures come from
#
# The loader you just saw holds all pictures in the memory of the GPU, so no step waits for a file. Count bytes, three for
# each pixel:

# %%
sizes = {
    "CIFAR-10": 50_000 * 32**2 * 3,
    "Tiny ImageNet": 100_000 * 64**2 * 3,
    "ImageNet, 256 pixels": IMAGENET * 256**2 * 3,
}
pd.DataFrame({"GB in memory": {k: v / 1e9 for k, v in sizes.items()}}).round(2)

# %% tags=["hide-input"]
assert sizes["Tiny ImageNet"] < 80e9 < sizes["ImageNet, 256 pixels"]

# %% tags=["hide-input"]
speed = GPUS * UTILISATION * PEAK / trainings["ours, ImageNet"].flops
slow = GPUS * UTILISATION * PEAK / theirs.flops
assert speed > slow

# %% tags=["remove-input"]
Markdown(
    f"The last fits no GPU of 80 GB. It has to be read from files, and a reader has to keep up.\n\nWith the "
    f"numbers above, {GPUS} GPUs that train the paper's network take **{slow:,.0f} pictures a second**, and ours, being lighter, "
    f"{speed:,.0f}. Somebody has to decode all these JPEGs. If a processor core does a few hundred a second, then you "
    f"need many cores, or smaller files, before you need another GPU."
)

# %% [markdown]
# ## What was tested, and what was not
#
# - **Tested:** two processes on one machine's CPUs, with `gloo`, by which PyTorch lets CPUs exchange numbers, started
#   by `accelerate launch` and by `torchrun`. With a tiny network their losses equal those of one process in float32, to one
#   part in ten thousand. One process alone writes. When one is killed or hangs, the run ends with an error and not in silence.
#   Started again, it ends with the same bits as a run that never stopped.
# - **Not tested:** several GPUs, several machines, `nccl` (the `gloo` of GPUs), `SyncBatchNorm`. The code for them
#   follows the manuals, and was never run. Nor has anyone trained the paper's network with it.
# - **Rounding:** in bfloat16 or float16 the shares are rounded in another order, and curves drift apart by more. By how much
#   was not measured.
#
# ## Summary
#
# 1. A picture costs {eq}`eq-flops` summed over pixels and layers, three times. The paper's training was thousands of
#    times ours, and most of the gap is in what a picture costs.
# 2. Measured speed times FLOPs is what a processor really does. At the rate of the one behind this book, the paper's training
#    would take months.
# 3. Hours {eq}`eq-hours` hang on the utilisation. Measure it before you pay.
# 4. GPUs share each batch, and average {eq}`eq-ddp`. With common batch norms and the recipe's batch, the curve
#    stays the same.
# 5. CIFAR-10 lives in a GPU's memory. ImageNet does not, and then reading may be what you wait for.
#
# ## Exercises
#
# Each begins with a cell to fill in. Put your answer in the place of the three dots and run it: `check` says
# what is wrong with it. Hint and solution are folded away.
#
# **Exercise 9.1. Half the size.** What would the paper's training cost with crops of 88 pixels in the place of 176?
# Predict it, as a share of what it costs now: a number from 0 to 1. Then let `training_flops` count.
#
# ```{admonition} Hint
# :class: dropdown
# By {eq}`eq-flops` a convolution costs the same for every pixel of its output. How many pixels are left?
# ```

# %% tags=["exercise"]
share = ...
check("9.1", share)

# %% tags=["remove-input"]
answer_here("9.1", 0, 1)

# %% tags=["solution"]
share = training_flops(ECCV16, 88) / training_flops(ECCV16, 176)
assert check("9.1", share)
share

# %% [markdown]
# **Exercise 9.2. One layer by hand.** Write a function that gives the operations of one convolution in training,
# forwards and backwards, for one picture. Its output has `side` by `side` pixels, and it is not the first layer.
#
# ```{admonition} Hint
# :class: dropdown
# Begin with {eq}`eq-flops`. How many pixels are there? And how much is added by the way back?
# ```


# %% tags=["exercise"]
def layer_flops(kernel: int, wide_in: int, wide_out: int, side: int) -> int:
    """Operations for one picture, forwards and backwards."""
    ...


check("9.2", layer_flops)


# %% tags=["solution"]
def layer_flops(kernel: int, wide_in: int, wide_out: int, side: int) -> int:
    """Operations for one picture, forwards and backwards."""
    return 3 * 2 * kernel**2 * wide_in * wide_out * side**2


assert check("9.2", layer_flops)

# %% [markdown]
# **Exercise 9.3. A better buy.** A second GPU has twice the peak and costs three times as much an hour. The first
# one gets a utilisation of 0.2 out of your training. At which utilisation of the second do both cost the same?
#
# ```{admonition} Hint
# :class: dropdown
# Cost is hours times price. Write {eq}`eq-hours` down for both, and cancel what is the same.
# ```

# %% tags=["exercise"]
utilisation = ...
check("9.3", utilisation)

# %% tags=["solution"]
# Cost is proportional to price / (u * peak): 1 / (0.2 * 1) = 3 / (u * 2).
utilisation = 3 / 2 * 0.2
assert check("9.3", utilisation)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# It would need 1.5 times the utilisation of the first. A faster GPU is often harder to keep busy, so do not count on that.
# You may still want the hours.
# ```
#
# **Exercise 9.4. Agree on a batch norm.** Each process knows the mean and the variance of its own share, for one
# channel. All shares are of one size. Derive the mean and the variance of the *whole batch* from these numbers
# alone. (Variances divide by the number of pixels.)
#
# ```{admonition} Hint
# :class: dropdown
# The variance is the mean of the squares less the square of the mean. Means of squares can be averaged. Variances
# cannot.
# ```


# %% tags=["exercise"]
def common(
    means: torch.Tensor, variances: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of G shares, (G,) each, to the mean and the variance of the batch."""
    ...


check("9.4", common)


# %% tags=["solution"]
def common(
    means: torch.Tensor, variances: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of G shares, (G,) each, to the mean and the variance of the batch."""
    mean = means.mean()
    squares = (variances + means**2).mean()
    return mean, squares - mean**2


assert check("9.4", common)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# Think of sixteen processes and a batch of 64. Mean and variance of four pictures are noisy, and in use the network
# gets the running averages instead, which it never learned with. Once they agree, nothing changes but the time:
# each batch norm has to wait for all sixteen. Try four shares above: `[batch_of(rank, 4) for rank in range(4)]`.
# ```

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence of your own before you open the answer.
#
# **1.** Which two factors make up the computing of a training?
#
# ```{admonition} Answer
# :class: dropdown
# What one picture costs, forwards and backwards, and how many pictures are seen in all. Size in pixels goes into the
# first, epochs into the second.
# ```
#
# **2.** Why does a processor reach only part of the speed on its data sheet?
#
# ```{admonition} Answer
# :class: dropdown
# The data sheet counts multiplications with everything in place. In a training numbers must also be fetched and stored,
# small layers do not fill the machine, and pictures must be made ready.
# ```
#
# **3.** Why does training on several GPUs give the same curve as on one?
#
# ```{admonition} Answer
# :class: dropdown
# Each takes its share of the batch, and the gradients are averaged before anyone takes a step. The average of the
# shares' gradients is the gradient of the whole batch, as long as the batch norms agree too.
# ```
#
# **4.** When does a further GPU stop paying?
#
# ```{admonition} Answer
# :class: dropdown
# When the time for averaging gradients is no longer small beside the time for computing them. The first does not shrink
# with more GPUs, the second does.
# ```
#
# **5.** Why can CIFAR-10 stay in memory and ImageNet not, and what follows?
#
# ```{admonition} Answer
# :class: dropdown
# Bytes are pictures times pixels, and ImageNet has far more of both. So its pictures must be read and decoded while the
# network trains, by worker processes that keep ahead of it.
# ```

# %% [markdown]
# **Where to go next.** `colorize train --help`, and a trial with `--limit` on the GPU you can get.
#
# [Where the field went](field) has what others did with more computing.
#
# **Two projects**, if you want to build something of your own:
#
# - *Many GPUs on one.* Add up the gradients of eight small batches before each step. By {eq}`eq-ddp` that is the step of one large batch, as
#   long as no batch norm is in the way. The loop is in `colorize_lib/training/learner.py`. Show both curves, with batch norm and without.
# - *Where does the time go?* Measure, for one training, how long a step takes with the pictures at hand, and how long with those that
#   `colorize_lib/data/workers.py` reads from files. Put the result beside the hours of `colorize_lib/training/cost.py`: is it the network
#   that you wait for, or the disk?
