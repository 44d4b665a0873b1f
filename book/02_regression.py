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
# # Why an L2 loss paints grey
#
# You know what to guess: $a$ and $b$ of every pixel, from $L$. The obvious way is a network that outputs two numbers, and
# a loss that punishes the distance to the truth. It works, but it paints grey. In this chapter you find out why, and you
# will see that the network is not to blame.

# %% tags=["hide-input"]
from dataclasses import asdict

import pandas as pd
import torch
from matplotlib import pyplot as plt
from torch import nn
from torch.nn import functional as F

from colorize_lib import Colorizer, Gamut, photograph, rgb_to_lab
from colorize_lib.colour.lab import to_rgb
from colorize_lib.colour.resolution import upsample
from colorize_lib.data.batches import colour_dataloaders
from colorize_lib.data.examples import (
    embedded_cifar10,
    gallery,
    images_for_training,
)
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answers_here
from colorize_lib.experiments.repeated import beyond_chance
from colorize_lib.experiments.seeds import Setting, pair
from colorize_lib.measuring.metrics import (
    CHROMA_STEP,
    ab_rmse,
    chroma_calibration,
)
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.networks.losses import RegressionLoss
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.pages.machines import unet
from colorize_lib.pages.mean_colour import mean_colour
from colorize_lib.pages.remember import remember
from colorize_lib.plots import PALETTE, show_images
from colorize_lib.training.learner import build_learner, training_prior
from colorize_lib.training.recipes import get_recipe

# %% figure="fig-faded" caption="What the network gets, what it paints, and the truth." alt="Three rows of the same eight small pictures. Upper row: grey. Middle row: pale browns and a greyish blue sky and sea. Lower row: full colours."
truth = gallery().rgb
lightness, true_ab = rgb_to_lab(truth).split((1, 2), 1)
colorizer = Colorizer.load("regression")
ab = colorizer.colour_lightness(lightness).cpu()
rows = {"grey": to_rgb(lightness), "regression": to_rgb(lightness, ab)}
show_images(rows | {"truth": truth})

# %% [markdown]
# **What you will see**
#
# 1. A trained network colour pictures it has never seen, timidly.
# 2. The reason, on a single pixel: the best guess for "red or green or yellow" is brown.
# 3. The network itself: one of its convolutions worked by hand, and the whole of it in some twenty lines.
# 4. How it answers when there is no right answer: trained in seconds, on toys.
# 5. The real network, measured: how much colour is lost, and where.
# 6. That it is honest nevertheless, and what honest does not mean.
#
# **What you need:** [chapter 1](01_lab), and to know what a derivative is. It helps to have trained a network once, but what a
# network is, and how it learns, is in here.
#
# ## What it looks like
#
# The network got the upper row of {numref}`fig-faded` and painted the middle one. It has learned something: look
# where it dares a tint. But everything is faded, as if it had been left in the sun. The red behind the car is
# a dull brown. Where did the colour go?

# %% [markdown]
# ## The idea, on one pixel
#
# Forget networks. Somebody shows you one grey pixel of a car and asks for its colour. Cars of this
# shade are red, green or blue, one third each.
#
# You name *one* colour, and pay the squared distance to the true one. What do you say?

# %% tags=["hide-input"] figure="fig-cars" caption="What each guess costs, if a car is red, green or blue. Lines join guesses that cost the same." alt="The plane of a and b with rings like the height lines of a bowl. A red, a green and a blue disc lie far out in three directions. A cross marks the bottom of the bowl, close to the middle of the plane: it is a brownish grey."
# a and b of a red, a green and a blue
cars = torch.tensor([[58.0, 38.0], [-42.0, 45.0], [10.0, -62.0]])
names = ("red", "green", "blue")


def expected_cost(points: torch.Tensor) -> torch.Tensor:
    """Mean squared distance from each of (..., 2) to the three cars."""
    return ((points[..., None, :] - cars) ** 2).sum(-1).mean(-1)


side = torch.arange(-90, 101, dtype=torch.float32)
grids = torch.meshgrid(side, side, indexing="xy")
plane = torch.stack(grids, -1)  # (191, 191, 2)
best = plane.flatten(0, 1)[expected_cost(plane).flatten().argmin()]

shown = torch.cat((cars, best[None]))  # (4, 2)
swatches = to_rgb(torch.full((4, 1, 1, 1), 60.0), shown[..., None, None])
swatches = swatches[:, :, 0, 0]  # (4, 3)
figure, axis = plt.subplots(figsize=(5.2, 4.6))
axis.contour(
    side, side, expected_cost(plane), levels=12, cmap="Greys", linewidths=0.8
)
for (a, b), swatch, label in zip(
    shown.tolist(), swatches, (*names, "the cheapest guess"), strict=True
):
    marker = "X" if label == "the cheapest guess" else "o"
    axis.scatter(
        a,
        b,
        s=420,
        color=(swatch / 255).tolist(),
        edgecolors="black",
        marker=marker,
        zorder=3,
    )
    axis.annotate(
        label, (a, b), (0, 17), textcoords="offset points", ha="center"
    )
axis.axhline(0, color="grey", lw=0.6)
axis.axvline(0, color="grey", lw=0.6)
axis.set(
    xlabel="a  (green to red)",
    ylabel="b  (blue to yellow)",
    xlim=(-80, 90),
    ylim=(-90, 80),
    aspect="equal",
)
figure.tight_layout()

# %% [markdown]
# The lines of {numref}`fig-cars` join guesses that cost the same. The bottom of the bowl, the cross, is the mean of
# the three. It is nearly grey. No car has that colour, and still it is the best answer: the three pull in
# three directions and cancel.


# %% prints="the mean is at [8.7, 7.0], 11.1 from grey\n"
def chroma(ab: torch.Tensor) -> torch.Tensor:
    """How colourful: the distance from grey, (..., 2) to (...)."""
    return ab.square().sum(-1).sqrt()


mean = cars.mean(0)
assert torch.allclose(best, mean, atol=0.6)  # the cheapest on a grid of guesses
a_and_b = [round(x, 1) for x in mean.tolist()]
print(f"the mean is at {a_and_b}, {chroma(mean):.1f} from grey")

# %% tags=["hide-input"]
assert chroma(mean) < chroma(cars).min() / 3  # and nearly grey

# %%
four = torch.cat((cars, mean[None]))  # (4, 2)
table = torch.cat((four, chroma(four)[:, None]), 1).double().numpy()
remember(
    pd.DataFrame(table, [*names, "mean"], ["a", "b", "chroma"]).round(1),
    ("mean", "chroma"),
)

# %% [markdown]
# Now move them. Drag a car, or choose one and turn its dials: its hue, its **chroma**, which is its distance from grey, and
# how many parts of all cars have this colour. The cross follows, and the wide patch shows its colour. Look for cars whose
# mean is *not* greyer than they are.

# %% tags=["hide-input"]
# a and b of a red, a green and a yellow
apples = torch.tensor([[58.0, 38.0], [-42.0, 45.0], [2.0, 72.0]])
reds = cars[0] * torch.tensor([[0.3], [0.6], [1.0]])
mean_colour({"three cars": cars, "three apples": apples, "three reds": reds})

# %% [markdown]
# ## The maths
#
# Call the unknown colour $C = (a, b)$. It is a random pair, of which you know only how likely each is. Call your
# guess $g$. Write $\mathbb{E}$ for the mean over all that $C$ may be, and $\lVert x \rVert$ for the length of $x$.
# Then the expected cost falls into two parts:
#
# ```{math}
# :label: eq-l2
# \mathbb{E}\,\lVert C - g\rVert^2 = \underbrace{\mathbb{E}\,\lVert C - \mathbb{E}C\rVert^2}_{\text{how uncertain you are}} + \underbrace{\lVert \mathbb{E}C - g\rVert^2}_{\text{your mistake}}.
# ```
#
# Why? Write $C - g$ as $(C - \mathbb{E}C) + (\mathbb{E}C - g)$ and square it. The mixed term has the factor
# $C - \mathbb{E}C$, which is zero on average, so it drops out.
#
# The first part does not depend on $g$. The second is zero for $g = \mathbb{E}\,C$ and positive otherwise. So the best
# answer is the mean, whatever the distribution is.
#
# A network does not know this formula. It goes downhill, and the bottom of the bowl is where the **gradient**, the slope
# in the direction of $a$ and in that of $b$, is zero. It is written $\nabla_g$. Differentiate the square by $g$, and take the mean:
#
# ```{math}
# :label: eq-pull
# \begin{aligned}
# \nabla_g\, \lVert C - g\rVert^2 &= \nabla_g \bigl(\lVert C\rVert^2 - 2\, C \cdot g + \lVert g\rVert^2\bigr) = 2\,(g - C), \\
# \mathbb{E}\; 2\,(g - C) &= 2\,(g - \mathbb{E}\,C) = 0 \quad\text{for}\quad g = \mathbb{E}\,C .
# \end{aligned}
# ```
#
# Read the first line as a pull. Each pixel draws the guess towards its own colour, and the harder the further off that
# is. At the mean all pulls cancel.
#
# A network sees $L$. Call its best answer $g^*(L)$. It is the mean of all colours that are plausible *given* this
# light:
#
# ```{math}
# :label: eq-mean
# g^*(L) = \mathbb{E}\,[\,C \mid L\,].
# ```
#
# And a mean is less colourful than what it is a mean of. Half way between two colours you are never further from
# grey than they are on average. (This is the triangle inequality, and a function of which it holds is called **convex**.)
# So
#
# ```{math}
# :label: eq-jensen
# \lVert \mathbb{E}\,[C \mid L] \rVert \;\le\; \mathbb{E}\,\bigl[\lVert C \rVert \mid L\bigr],
# ```
#
# with equality only when all plausible colours have the same {term}`hue`. So every doubt about the *hue* costs
# {term}`chroma`. This is not a weakness of the network, because a better network comes closer to {eq}`eq-mean`.

# %% [markdown]
# ## The network, from scratch
#
# What kind of function takes a grey picture and answers with colours? One made of {term}`convolutions <convolution>`. A
# convolution slides a small grid of numbers, its **kernel**, over the picture. At each place it multiplies each number by the pixel
# under it, and adds up. Here are nine pixels of the cat of chapter 1, and a kernel that asks: is the middle row lighter
# than its neighbours?

# %% prints="94\n"
cat_l = rgb_to_lab(photograph("chelsea"))[:1].round()  # (1, 300, 451)
nine = cat_l[0, 213:216, 84:87]
kernel = torch.tensor([[-1.0, -1, -1], [2, 2, 2], [-1, -1, -1]])
answer = (kernel * nine).sum()
print(round(answer.item()))

# %% tags=["hide-input"] figure="fig-whisker" caption="A convolution: nine pixels, times a kernel, added up; and the same at every place." alt="Upper row: a grid of nine lightnesses, about 35 in the first row, 60 in the second and 53 in the third; a grid of the kernel, -1, 2 and -1 in its rows; and a grid of their products. Lower row: a grey whisker before blurred fur, and the result of the convolution, in which only the whisker and fine hairs are light."
response = F.conv2d(cat_l[None], kernel[None, None], padding=1)[0, 0]
assert response[214, 85] == answer  # torch does the same, everywhere

figure = plt.figure(figsize=(7.2, 4.2), layout="constrained")
upper, lower = figure.subfigures(2, 1, height_ratios=(1.15, 1))
grids = {
    "nine pixels": (nine, "gray", 0, 100),
    "times the kernel": (kernel, "RdBu_r", -4, 4),
    f"adds up to {answer:.0f}": (nine * kernel, "RdBu_r", -240, 240),
}
for axis, (title, (values, colours, low, high)) in zip(
    upper.subplots(1, 3), grids.items(), strict=True
):
    axis.imshow(values, cmap=colours, vmin=low, vmax=high)
    for row, line in enumerate(values.tolist()):
        for column, value in enumerate(line):
            ink = "white" if colours == "gray" and value < 50 else "black"
            number = f"{value:.0f}".replace("-", "−")
            axis.text(column, row, number, ha="center", va="center", color=ink)
    axis.set_title(title, fontsize=10)
    axis.axis("off")
window = slice(190, 250), slice(50, 170)
whisker, found = lower.subplots(1, 2)
whisker.imshow(cat_l[0][window], cmap="gray", vmin=0, vmax=100)
whisker.add_patch(plt.Rectangle((33.5, 22.5), 3, 3, fill=False, ec=PALETTE[1]))
whisker.set_title("L, and where the nine are", fontsize=10)
found.imshow(response[window], cmap="gray", vmin=0, vmax=120)
found.set_title("the same kernel at every place", fontsize=10)
for axis in (whisker, found):
    axis.axis("off")

# %% [markdown]
# A whisker is a light line before something darker, so the kernel finds whiskers. We made this one up. A network starts
# with random numbers, its **parameters**, and *learns* its kernels, hundreds of them side by side: it paints some pictures,
# the **loss** says how wrong they are, and every parameter takes a small step against the slope of the loss, as in
# {eq}`eq-pull`. Then come the next pictures. What one kernel answers at all places is a **feature map**, or a channel, and
# kernels side by side are a **layer**. The next layer looks at the maps of the layer before, and so on. Between two layers
# stand a {term}`batch norm`, which brings the numbers of each map to a similar range, and
# a {term}`ReLU`, which sets what is negative to zero.
#
# One kernel sees three pixels a side. To know a horse one must see more, and so the maps are halved several times: a
# pixel of the smallest map hangs on a large part of the picture, its {term}`receptive field`. But colours are wanted at
# every place, so the maps are then enlarged again. What was lost on the way, where exactly the outline runs, comes from the
# left side by {term}`skip connections <skip connection>`. {numref}`fig-unet` shows the whole, a {term}`U-Net` {cite}`ronneberger2015unet`.

# %% tags=["hide-input"] figure="fig-unet" caption="The network of this chapter, with channels × rows × columns wherever an arrow ends."
theirs = Colorizer.load("regression", "cpu").network
unet(theirs)

# %% [markdown]
# "Fold" puts each block of 2 by 2 pixels into four channels {cite}`shi2016realtime`: nothing is lost, and all that follows has a
# quarter of the places to work at. The **head** at the end has two channels here, $a$ and $b$. The code is hardly longer than the picture:


# %%
def block(c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    """A 3x3 convolution with what follows it; stride 2 halves the map."""
    convolution = nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(c_out), nn.ReLU())


class FromScratch(nn.Module):
    """L (N, 1, H, W) to (N, outputs, H/2, W/2)."""

    def __init__(self, outputs: int, widths: tuple[int, ...]):
        super().__init__()
        steps = list(zip((4, *widths), widths, strict=False))
        self.down = nn.ModuleList(
            nn.Sequential(
                block(c, wide, stride=1 if c == 4 else 2), block(wide, wide)
            )
            for c, wide in steps
        )
        back = steps[:0:-1]  # from the bottom up
        self.narrow = nn.ModuleList(
            nn.Conv2d(w, c, 1, bias=False) for c, w in back
        )
        self.up = nn.ModuleList(block(c, c) for c, _ in back)
        self.head = nn.Conv2d(widths[0], outputs, 1)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        x, skips = F.pixel_unshuffle(lightness / 50 - 1, 2), []  # fold
        for stage in self.down:
            x = stage(x)
            skips.append(x)
        for narrow, stage, skip in zip(
            self.narrow, self.up, skips[-2::-1], strict=True
        ):
            x = stage(F.interpolate(narrow(x), scale_factor=2) + skip)
        return self.head(x)


# %% [markdown]
# Is it the same network? Give it the numbers that the library's has learned, show both the eight pictures, and compare:

# %% prints="at most 0.0000 apart, on (8, 2, 16, 16) numbers\n"
ours = FromScratch(2, theirs.config.widths)
learned = theirs.state_dict().values()
ours.load_state_dict(dict(zip(ours.state_dict(), learned, strict=True)))
with torch.inference_mode():
    one, other = ours.eval()(lightness), theirs(lightness)
difference = (one - other).abs().max()
print(f"at most {difference:.4f} apart, on {tuple(one.shape)} numbers")

# %% [markdown]
# ## A network that cannot know
#
# Now let a real network run into it. Here are toys: apples that are red, green or yellow by the throw of
# a die. All have the same lightness, so $L$ says nothing about the colour.


# %% figure="fig-apples" caption="Toy apples, and what a network sees of them." alt="Two rows of eight squares with a disc each. Upper row: all discs are the same grey. Lower row: the discs are red, green or yellow."
def toy_apples(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Discs on grey: L (N, 1, 32, 32) and ab (N, 2, 32, 32)."""
    rng = torch.Generator().manual_seed(seed)
    x, y = (10 + 12 * torch.rand(2, count, 1, 1, 1, generator=rng)).unbind()
    rows, columns = torch.arange(32)[:, None], torch.arange(32)
    inside = (rows - y) ** 2 + (columns - x) ** 2 < 64  # (N, 1, 32, 32)
    kind = torch.randint(3, (count,), generator=rng)
    colour = apples[kind][:, :, None, None]  # (N, 2, 1, 1)
    return torch.where(inside, 60.0, 80.0), torch.where(inside, colour, 0.0)


toy_l, toy_ab = toy_apples(512, seed=0)
show_images(
    {"what it sees": to_rgb(toy_l[:8]), "truth": to_rgb(toy_l[:8], toy_ab[:8])}
)

# %% [markdown]
# The loss is {eq}`eq-l2` in code. It is two lines of `colorize_lib/networks/losses.py`:
#
# ```python
# def forward(self, prediction, ab):
#     return (prediction - halve(ab) / self.AB_SCALE).square().sum(1).mean()
# ```
#
# `halve` is the half resolution of chapter 1. Dividing by 50 keeps the network's outputs near 1. Train
# a small U-Net on the toys, of two levels. Each round of the loop picks 32 apples. `backward` computes the slopes, and the
# **optimiser** takes the step; AdamW is one that gives each parameter a step of its own length.

# %% prints="a network of 19,778 numbers, trained on 512 apples\n"
torch.manual_seed(0)
loss_function = RegressionLoss()
toy_network = UNet(UNetConfig(out_channels=2, widths=(16, 32)))
optimiser = torch.optim.AdamW(toy_network.parameters(), lr=1e-2)
for _ in range(150):
    pick = torch.randint(512, (32,))
    loss = loss_function(toy_network(toy_l[pick]), toy_ab[pick])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
size = sum(weight.numel() for weight in toy_network.parameters())
print(f"a network of {size:,} numbers, trained on {len(toy_l)} apples")

# %% figure="fig-mustard" caption="New apples: the network answers with one colour for all." alt="Three rows of eight discs. Upper row: grey. Middle row: every disc the same brownish yellow. Lower row: red, green and yellow discs."
new_l, new_ab = toy_apples(8, seed=1)
with torch.inference_mode():
    guess = upsample(loss_function.decodes(toy_network.eval()(new_l)), (32, 32))
show_images(
    {
        "grey": to_rgb(new_l),
        "prediction": to_rgb(new_l, guess),
        "truth": to_rgb(new_l, new_ab),
    }
)

# %% [markdown]
# One colour for all: a mustard that lies between the three. The network found the mean by itself. (It is
# less grey than the cross among the cars, since apples at least agree on not being blue.)

# %%
inside = (new_l == 60)[:, 0]  # (8, 32, 32)
middle = guess.permute(0, 2, 3, 1)[inside].median(0).values  # (2,)
rows = {
    "network": middle.tolist(),
    "mean of the apples": apples.mean(0).tolist(),
}
pd.DataFrame(rows, ["a", "b"]).T.round(1)

# %% tags=["hide-input"]
assert (middle - apples.mean(0)).norm() < 10

# %% [markdown]
# ## Train the real one
#
# The real network is the same U-Net, larger. It is trained by fastai, a library for training networks, from a *recipe*. These are its main
# settings:

# %%
recipe, other = get_recipe("regression"), get_recipe("classification")
shown = ["widths", "epochs", "batch", "lr", "weight_decay", "shift"]
pd.Series(asdict(recipe), name="value")[shown].to_frame()

# %% tags=["hide-input"]
for same in ("widths", "batch", "shift", "weight_decay", "seed"):
    assert getattr(recipe, same) == getattr(other, same)
assert recipe.epochs > other.epochs and recipe.lr < other.lr

# %% [markdown]
# `widths` are the channels of the U-Net's levels. `epochs` are passes over all pictures, and `batch` is how many of them are
# looked at for one step. `lr` is the {term}`learning rate`, how long a step is at most: `fit_one_cycle` lets it rise at first and then fall to nothing, which is called {term}`one-cycle`. `weight_decay` draws all parameters
# a little towards zero at each step. `shift` is by how many pixels a picture may be moved at random. It may be flipped too. Such small changes, other ones each time a picture is shown, are
# called **augmentation**, and they make it harder to learn the pictures by heart.
#
# The recipe of the next chapter, `other`, has the same network up to its last layer, the same images in the same
# order, and the same optimiser. What differs is that layer, called the head, and the loss.
#
# Two more things differ, in favour of this chapter. In our first trials, whose numbers were not kept, the L2 loss fell
# more slowly. So it gets more passes, and a lower learning rate. Both were set by hand, on dev images. What you will see
# there compares the two losses, each with a recipe of its own.
#
# On a GPU the next cell trains it on all of CIFAR-10. Without one it takes 512 patches of
# four photographs and a single pass. That shows you the mechanics, and gives nothing you would hang on a
# wall.
#
# It prints a line for each pass: its number, the loss on the training images, the loss on {term}`dev images`, and
# the time. Dev images are put aside. The network is never trained on them.

# %% figure="fig-training-regression" caption="The network that you have just trained, on pictures it has not seen." alt="Three rows of eight small pictures: grey, the prediction, the truth. The predictions have far less colour than the truth."
images, dev, everything = images_for_training()
if everything:
    recipe = get_recipe("regression")
else:  # the mechanics only
    recipe = get_recipe("regression", epochs=1, batch=32)

gamut = Gamut()
dls = colour_dataloaders(images, dev, recipe.batch, recipe.shift)
learn = build_learner(recipe, dls, gamut, training_prior(gamut, images))
with learn.no_bar():  # prints pass, training loss, dev loss, time
    learn.fit_one_cycle(recipe.epochs, recipe.lr)
    learn.show_results(max_n=8)

# %% [markdown]
# The command line does the same, and can be stopped and taken up again after any epoch:
#
# ```bash
# colorize train regression
# ```
#
# The network you saw at the top of the page was made that way. From here on, it is the one you look at.

# %% tags=["remove-input"]
result = read_result("regression")
made = result["weights"]
report(
    f"It has {made['parameters']:,} parameters, and was trained for {len(made['history'])} passes over "
    f"{made['data']['images']:,} images. The numbers below come from the {result['data']['test']['images']:,} test "
    "images. It was not trained on them, and nothing was chosen by them.",
    made,
    result,
)

# %% [markdown]
# ## The real network, measured
#
# Three ways to fill in colour: none at all, the network, and the truth at half resolution, which is about the
# best that a network of this build could do. The first is the **baseline**: it needs no network, so whatever a network gains
# is counted from there. (The error of the last is less than in chapter 1, since the colours of these JPEG pictures had
# been halved before.)

# %% tags=["hide-input"]
rows = {
    "grey": result["baselines"]["grey"],
    "regression": result["test"][0],
    "ceiling": result["baselines"]["ceiling"],
}
columns = {
    "ab_rmse": "ab RMSE",
    "auc": "AuC %",
    "psnr": "PSNR dB",
    "ssim": "SSIM",
    "colourfulness_ratio": "colourfulness",
}
table = pd.DataFrame(rows).T[list(columns)].rename(columns=columns)
assert table["ab RMSE"].is_monotonic_decreasing
assert table.loc["regression", "colourfulness"] < 0.8
report(remember(table.round(2), ("regression", "colourfulness")), result)

# %% [markdown]
# **ab RMSE** is the root of the mean squared distance in the $(a, b)$ plane: what the network was
# trained on.
#
# **Colourfulness** is a measure of how colourful people find a picture
# {cite}`hasler2003measuring`, here as a ratio to the true pictures.
#
# The others you will need later. {term}`AuC` is the share of pixels that are right within a tolerance, averaged
# over many tolerances. {term}`PSNR` and {term}`SSIM` compare RGB.
#
# Put the first and the last column together. The network is closer to the truth than grey is, and much of the colour
# is gone.

# %% tags=["remove-input"]
ratio, grey_error, error = (
    rows["regression"]["colourfulness_ratio"],
    rows["grey"]["ab_rmse"],
    rows["regression"]["ab_rmse"],
)
report(
    f"Its error is {error:.1f} Lab units, against {grey_error:.1f} for leaving the picture grey. "
    f"Its pictures have **{100 * ratio:.0f} %** of the colourfulness of the true ones.",
    result,
)

# %% [markdown]
# ### Which colours are missing?
#
# Count pixels by *chroma*, their distance from grey.

# %% tags=["hide-input"] figure="fig-chroma-lost" caption="How many pixels have which chroma: the truth, and the network's answers." alt="Two falling staircases on a logarithmic scale, over chroma. The network's lies above the truth at low chroma, and falls far below it for strong colours." plot=true
histogram = result["chroma"]["histogram"]
figure, axis = plt.subplots(figsize=(7, 3))
left = [CHROMA_STEP * i for i in range(len(histogram["truth"]))]
for name, label, colour, dash in (
    ("truth", "truth", PALETTE[0], "-"),
    ("mean", "regression", PALETTE[1], "--"),
):
    axis.stairs(
        [100 * share for share in histogram[name]],
        [*left, left[-1] + CHROMA_STEP],
        label=label,
        color=colour,
        ls=dash,
        lw=2,
    )
axis.set(
    xlabel="chroma (Lab units)",
    ylabel="% of pixels",
    xlim=(0, 80),
    yscale="log",
    ylim=(0.01, 60),
)
axis.legend()
figure.tight_layout()

strong = round(40 / CHROMA_STEP)
share = {name: 100 * sum(counts[strong:]) for name, counts in histogram.items()}
assert share["mean"] < share["truth"]

# %% tags=["remove-input"]
report(
    f"Note the logarithmic scale. Strong colours, with a chroma above 40, are {share['truth']:.1f} % of the true "
    f"pixels and {share['mean']:.2f} % of the predicted ones.",
    result,
)

# %% [markdown]
# ## What went wrong, and what did not
#
# Is the network bad, then? Equation {eq}`eq-mean` makes a prediction that you can check. If its answer
# is the mean of what is plausible, then the true colours must average to it.
#
# Take all pixels where it predicts a chroma of about 10. Their true colours point in all directions. But the part
# of them that lies *along the predicted direction* must be 10 on average. And so for 20, and for 30.

# %% tags=["hide-input"] figure="fig-conditional-mean" caption="Do the true colours average to what is predicted? On the diagonal they do." alt="Two lines over the predicted chroma. One, of the true colour along the prediction, runs close to the dashed diagonal. The other, of the true chroma, starts well above it and comes down to it at the right. A star lies exactly on the diagonal, near the left end." plot=true
some_ab = rgb_to_lab(embedded_cifar10().rgb)[:, 1:]  # (20, 2, 32, 32)
one_colour = some_ab.mean((0, 2, 3), keepdim=True).expand_as(some_ab)
(dullest,) = chroma_calibration(one_colour, some_ab)
calibration = pd.DataFrame(result["chroma"]["calibration"])
calibration = calibration[calibration["share"] > 0.001]
figure, axis = plt.subplots(figsize=(5.2, 4))
top = calibration["true"].max() * 1.08
axis.plot(
    [0, top], [0, top], color="grey", lw=1, ls="--", label="as much as is there"
)
axis.plot(
    calibration["predicted"],
    calibration["along"],
    "o-",
    color=PALETTE[0],
    label="true colour, along the prediction",
)
axis.plot(
    calibration["predicted"],
    calibration["true"],
    "s:",
    color=PALETTE[1],
    label="true chroma",
)
axis.plot(
    dullest["predicted"],
    dullest["along"],
    "*",
    ms=14,
    color=PALETTE[2],
    label="one colour for everything",
)
axis.set(
    xlabel="predicted chroma",
    ylabel="mean over those pixels",
    xlim=(0, None),
    ylim=(0, top),
)
axis.legend()
figure.tight_layout()

# %% tags=["hide-input"]
weights = calibration["share"]
gap = (
    (calibration["along"] - calibration["predicted"]).abs() * weights
).sum() / weights.sum()
fade = (
    (calibration["true"] - calibration["predicted"]) * weights
).sum() / weights.sum()
assert gap < fade / 2  # honest about the mean, and yet too grey
assert abs(dullest["along"] - dullest["predicted"]) < 1e-3  # as honest

# %% tags=["remove-input"]
report(
    f"Over all these pixels, the line with circles lies {gap:.1f} Lab units off the diagonal on average, and the line "
    f"with squares {fade:.1f} above it.",
    result,
)

# %% [markdown]
# The line with circles in {numref}`fig-conditional-mean` lies near the diagonal. So the network is *honest*: it claims as
# much colour as is there on average, in the direction that it claims. The line with squares is what is really there. The
# space between the two is colour lost to doubt about the hue.
#
# Honest is not the same as good. See the star. It is the dullest painter of all: one colour for every pixel of the twenty
# pictures, the mean of all of them. It lies exactly on the diagonal, since the true colours average to it. Yet its error
# is large, because its answer does not depend on the picture:

# %%
looks = Colorizer.load("regression").colour_lightness(
    rgb_to_lab(embedded_cifar10().rgb)[:, :1]
)
errors = {
    "one colour for everything": ab_rmse(one_colour, some_ab),
    "the network": ab_rmse(looks.cpu(), some_ab),
}
remember(
    pd.Series(errors, name="ab RMSE, twenty pictures").round(1).to_frame(),
    ("the network", "ab RMSE, twenty pictures"),
)

# %% tags=["hide-input"]
assert errors["the network"] < errors["one colour for everything"]

# %% [markdown]
# The best answer {eq}`eq-mean` lies on the diagonal *and* has the least error of all. Whether this network has reached it,
# the figure cannot say. It has not, because [chapter 6](06_transfer) has one with less.
#
# Training longer will not bring the lost colour back. Only a better guess of the hue would, and for a red car or a blue
# car there is nothing to guess from.
#
# So the poster's verdict on this model, worst {cite}`liwang`, needs a second look. Here it is beside the network of the
# next chapter:

# %% tags=["hide-input"]
following = read_result("classification")
at_one = next(
    row
    for row in following["test"]
    if (row["lam"], row["temperature"]) == (1, 1)
)
both = pd.DataFrame(
    {
        "regression": result["test"][0],
        "classification, its mean": at_one,
    }
).T[list(columns)]
assert 0 < both["ab_rmse"].iloc[0] - both["ab_rmse"].iloc[1] < 0.5
report(
    remember(
        both.rename(columns=columns).round(2),
        *((name, columns["ab_rmse"]) for name in both.index),
    ),
    result,
    following,
)

# %% [markdown]
# It is behind, and only just. Is that owed to the loss, or to the luck of one training? [Chapter 6](06_transfer) trains both
# three times, briefly, each time with another {term}`seed`, which decides what is left to chance:

# %% tags=["hide-input"]
seeds = read_result("seeds")
compared = pair(
    seeds["pairs"], Setting("regression"), Setting("classification", 1.0)
)
found = compared["measures"]["ab_rmse"]
apart = compared["between_seeds"]["ab_rmse"]
assert beyond_chance(found, apart) and found["mean"] < 0
report(
    f"Classification changes the ab RMSE by {found['mean']:+.2f} ({found['low']:+.2f} to {found['high']:+.2f}), where two "
    f"seeds of one network differ by up to {apart:.2f}.",
    seeds,
)

# %% [markdown]
# So after three passes each, luck does not explain it. But three passes are a tenth of this chapter's recipe and a sixth of
# the other's. Whether the gap of the two full trainings above would survive other seeds has not
# been measured. It is small in both. And it stands on our JPEG copy of the data: on the twenty lossless pictures that [chapter 6](06_transfer)
# looks at, regression has the smallest error of the poster's three models, though so few settle nothing. What the poster's word may mean is the faded look, and that both have.
#
# Nor need it be the loss that holds the network back. In the paper the one with the L2 loss is worse as well, when it
# starts from nothing. When it starts from the trained classification network it is as good {cite}`zhang2016colorful`. Its
# authors conclude that the L2 loss *can* colour accurately, and is hard to train. Do you find that here? Take the next
# chapter's network without its head, give it a new head of two numbers, and train it with the L2 loss for three more passes. As a
# control, train this chapter's own network for three more passes, too:

# %% tags=["hide-input"]
tuned, longer = (
    read_result(f"regression-{name}") for name in ("tuned", "longer")
)
further = pd.DataFrame(
    {
        "regression": result["test"][0],
        "three passes more": longer["test"][0],
        "three passes from classification": tuned["test"][0],
    }
).T[list(columns)]
losses = [
    one["weights"]["history"][-1]["dev_loss"] for one in (result, longer, tuned)
]
assert tuned["weights"]["recipe"]["epochs"] == 3
errors = further["ab_rmse"].tolist()
assert errors[2] < errors[1] < errors[0]
assert errors[0] - errors[1] < 0.03 < errors[1] - errors[2]
assert abs(errors[2] - at_one["ab_rmse"]) < 0.05
report(
    further[["ab_rmse", "auc"]]
    .rename(columns=columns)
    .round(2)
    .assign(**{"loss on dev": [f"{loss:.4f}" for loss in losses]}),
    result,
    longer,
    tuned,
)

# %% [markdown]
# Three more passes of its own change next to nothing. From the classification network the same loss gets nearly as far as
# that network's own mean. This points the same way as the paper, which started from its rebalanced network: the L2 loss
# can do about as well if it need not learn everything itself. But it is one training each, and a gain about as large as
# the distance of two seeds above. So take it as a hint.
#
# ## Summary
#
# 1. A network with an L2 loss paints pale, greyish colours.
# 2. For an uncertain colour, the answer with the smallest squared error is the mean {eq}`eq-l2`, and the
#    mean of opposite colours is grey.
# 3. A U-Net is convolutions: down to small maps that see much, and up again, with the outlines brought across.
# 4. A network that cannot know answers with the mean of the data. You trained one that did.
# 5. The real one keeps part of the colourfulness. What it drops is strong colours.
# 6. It is well calibrated: it claims no more colour than the true ones have on average. That is honest, and a network
#    that knows nothing can be honest too.
#
# ## Exercises
#
# **Exercise 2.1. Another die.** Make half of the cars red, a quarter green and a quarter blue. Where does the cross
# of {numref}`fig-cars` go? Say it first. Then write the function that finds it, for any colours and shares.
#
# ```{admonition} Hint
# :class: dropdown
# {eq}`eq-l2` holds for any die, so the best guess is still $\mathbb{E}\,C$. Only, not every colour counts the same.
# `shares[:, None]` has the shape (N, 1), and multiplies each row of the colours.
# ```


# %% tags=["exercise"]
def cheapest_guess(colours: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Colours (N, 2) and their shares (N,), summing to 1, to (2,)."""
    ...


check("2.1", cheapest_guess)


# %% tags=["solution"]
def cheapest_guess(colours: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Colours (N, 2) and their shares (N,), summing to 1, to (2,)."""
    return (colours * shares[:, None]).sum(0)


assert check("2.1", cheapest_guess)
cheapest_guess(cars, torch.tensor([0.5, 0.25, 0.25]))

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# It moves towards the red car, and stops far from it: a pale brown. Even a good bet on red pays for green and blue.
# ```
#
# **Exercise 2.2. How much colour does a mean keep?** Here are three pairs of colours $(a, b)$. In each pair both are
# equally likely.
#
# - `opposite`: $(40, 0)$ and $(-40, 0)$
# - `right_angle`: $(40, 0)$ and $(0, 40)$
# - `one_hue`: $(0, 20)$ and $(0, 60)$
#
# Divide the left side of {eq}`eq-jensen` by the right side: that is the share of the chroma that the mean keeps.
# Predict the three shares before you compute anything.
#
# ```{admonition} Hint
# :class: dropdown
# Draw the two points and the point half way between them. How far is it from the origin?
# ```

# %% tags=["exercise"]
opposite = ...
right_angle = ...
one_hue = ...
check("2.2", opposite, right_angle, one_hue)

# %% tags=["remove-input"]
answers_here(
    "2.2",
    {
        "opposite": (0, 1, 0),
        "right_angle": (0, 1, 0.5**0.5),
        "one_hue": (0, 1, 1),
    },
)

# %% tags=["solution"]
pairs = torch.tensor(
    [
        [[40.0, 0.0], [-40.0, 0.0]],
        [[40.0, 0.0], [0.0, 40.0]],
        [[0.0, 20.0], [0.0, 60.0]],
    ]
)  # (3, 2, 2): pair, colour, channel
opposite, right_angle, one_hue = chroma(pairs.mean(1)) / chroma(pairs).mean(1)
assert check("2.2", opposite, right_angle, one_hue)
opposite, right_angle, one_hue

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# With one hue there is equality in {eq}`eq-jensen`. Give the toys three apples of one hue,
# `apples[2:] * torch.tensor([[0.4], [0.7], [1.0]])`, and train again: the network paints all of them in the middle
# one. It keeps the mean chroma. What it loses is that some apples are paler than others.
# ```
#
# **Exercise 2.3. Another loss, and its slope.** Perhaps squares are to blame? Punish the distance itself. That is the
# **L1 loss**. Take one channel, with the plausible values $c_1, \dots, c_N$, all equally likely. The guess $g$ costs
#
# ```{math}
# :label: eq-l1
# \frac{1}{N} \sum_{i=1}^{N} \lvert c_i - g \rvert .
# ```
#
# Which $g$ is cheapest? At the bottom of a valley the slope is 0. So derive the slope of {eq}`eq-l1`, its derivative
# by $g$, and write it as a function. (Where $g$ meets a $c_i$ there is a kink. You need not care.)
#
# ```{admonition} Hint
# :class: dropdown
# Take one $c_i$ alone. If it lies below $g$, a step up takes you away from it: the slope is 1. And if it lies
# above?
# ```


# %% tags=["exercise"]
def slope(values: torch.Tensor, guess: float) -> torch.Tensor:
    """Values (N,) and a guess to the slope of the cost, one number."""
    ...


check("2.3", slope)


# %% tags=["solution"]
def slope(values: torch.Tensor, guess: float) -> torch.Tensor:
    """Values (N,) and a guess to the slope of the cost, one number."""
    below = (values < guess).float().mean()
    above = (values > guess).float().mean()
    return below - above


assert check("2.3", slope)

# %% [markdown]
# **Exercise 2.4. The best guess for L1.** Where is that slope 0? Write the guess that costs least.
#
# And predict what it does to pictures. You guess one colour for all pixels of the training images, each channel by
# itself. Is the best guess for L1 `"greyer"` than the best for L2, or `"more colourful"`?
#
# ```{admonition} Hint
# :class: dropdown
# The slope is 0 where as much lies below as above. What is the name of that value? Torch knows it.
# ```


# %% tags=["exercise"]
def cheapest_l1(values: torch.Tensor) -> torch.Tensor:
    """Values (N,) to the guess that costs least, one number."""
    ...


pictures = ...
check("2.4", cheapest_l1, pictures)


# %% tags=["solution"]
def cheapest_l1(values: torch.Tensor) -> torch.Tensor:
    """Values (N,) to the guess that costs least, one number."""
    return values.median()


pictures = "greyer"
assert check("2.4", cheapest_l1, pictures)
[cheapest_l1(channel).item() for channel in cars.T]

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# The best guess for L1 is the **median**. For the three cars it is an orange that no car has, stronger than the
# mean. But more than half of the pixels of natural pictures are nearly grey, and so is their median. Another
# distance does not bring the colour back.
# ```

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence of your own before you open the answer.
#
# **1.** Why is grey the best answer of an L2 loss when a car may be red, green or blue?
#
# ```{admonition} Answer
# :class: dropdown
# The loss is least at the mean of the possible colours. Colours that lie on different sides of grey have a mean close
# to grey, although no car has that colour.
# ```
#
# **2.** Would a larger network, or longer training, bring the colour back?
#
# ```{admonition} Answer
# :class: dropdown
# Hardly. The loss asks for the mean, so where red and green are equally likely, grey stays the best answer. A network that
# knows more things may be torn less often, and get a little colour back.
# ```
#
# **3.** What are the skip connections of a U-Net for?
#
# ```{admonition} Answer
# :class: dropdown
# Going down the U, the maps get smaller, and see more of the picture at once but less exactly where things are. The
# skip connections hand the fine maps to the way up, so that colour ends where things end.
# ```
#
# **4.** A network that gives one and the same colour to every pixel lies exactly on the diagonal of the calibration
# figure. What does that teach?
#
# ```{admonition} Answer
# :class: dropdown
# That being calibrated is not being good. It says that where a strength is predicted, the true colours average to it.
# It does not say that the predictions tell one pixel from another.
# ```
#
# **5.** Classification's mean has nearly the same error as regression. Why is that no surprise?
#
# ```{admonition} Answer
# :class: dropdown
# Both aim at the same thing, the mean colour given the grey picture. They differ in how they learn it, and so a little
# in how close they come.
# ```

# %% [markdown]
# **Where to go next.** One answer a pixel is too few. [The next chapter](03_classification) lets the network
# say "red or green or yellow".
#
# **Two projects**, if you want to build something of your own:
#
# - *Train with L1.* Exercise 2.4 predicts what it does. Put the loss beside `RegressionLoss` in `colorize_lib/networks/losses.py`
#   and a recipe into `colorize_lib/training/recipes.py`. Is the network as grey as the median says?
# - *How far must it see?* With fewer `widths` in the recipe the U-Net has fewer levels and a smaller receptive field. Train some, and draw
#   the error against the pixels that an answer depends on. `colorize_lib/networks/unet.py` has the network.
