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
# # Colour and grey: Lab
#
# You have a grey picture and want a coloured one. What exactly is missing?
#
# Meet Chelsea. She comes with scikit-image, a Python package for pictures, and in {numref}`fig-channels` her photograph is
# taken apart.

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot as plt
from skimage.color import rgb2lab
from torch.nn import functional as F

from colorize_lib import (
    Colorizer,
    lab_to_rgb,
    photograph,
    rgb_to_lab,
    to_uint8,
)
from colorize_lib.colour.lab import RGB_TO_XYZ, WHITE, to_rgb
from colorize_lib.colour.resolution import halve, upsample
from colorize_lib.data.examples import embedded_cifar10, gallery
from colorize_lib.data.images import as_jpeg
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answer_here, answers_here
from colorize_lib.measuring.metrics import ab_rmse, ciede2000
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.pages.gamut_slice import gamut_slice
from colorize_lib.pages.pipeline import pipeline
from colorize_lib.pages.remember import remember
from colorize_lib.plots import lab_channels, show_images

# %% tags=["hide-input"] figure="fig-channels" caption="A photograph, its light, and its two channels of colour." alt="Four pictures of a tabby cat: in colour; in grey; in greens and reds only; in blues and yellows only."
cat = photograph("chelsea")  # (3, H, W), uint8
figure, axes = plt.subplots(2, 2, figsize=(8, 5.6))
captions = (
    "the photograph",
    "L: light",
    "a: green to red",
    "b: blue to yellow",
)
for axis, picture, caption in zip(
    axes.flat, lab_channels(cat).values(), captions, strict=True
):
    axis.imshow(picture[0].permute(1, 2, 0))
    axis.set_title(caption)
    axis.axis("off")
figure.tight_layout()

# %% [markdown]
# **What you will see**
#
# 1. A photograph taken apart into one channel of light and two of colour.
# 2. Why red, green and blue are the wrong things to guess.
# 3. The whole conversion, worked out by hand for one pixel.
# 4. Your own eyes caring about light far more than about colour.
# 5. Colours that your screen cannot show, and what happens to them.
#
# **What you need:** Python, and to know that a picture is a grid of red, green and blue numbers.
#
# ## One picture, three channels
#
# The photograph is top left. The other three are the same photograph in **CIE Lab**, a way to write
# colours down that was built to follow human sight.
#
# - $L$ is lightness. It goes from 0, black, to 100, white. On its own it is a grey picture.
# - $a$ runs from green (negative) to red (positive).
# - $b$ runs from blue (negative) to yellow (positive).
#
# A pixel with $a = b = 0$ has no colour. It is some grey.
#
# So here is the answer to the opening question. A grey picture *is* $L$. What is missing is $a$ and
# $b$. To colorize is to guess two numbers for every pixel.
#
# ### The whole way
#
# This is how the book will do it. {numref}`fig-pipeline` is drawn by going that way, with a network that comes with the book:

# %% tags=["hide-input"] figure="fig-pipeline" caption="From an image to its L, and from L to an image. Under each part: channels × rows × columns."
face = photograph("chelsea")[None, :, :, 75:375].float()
face = F.interpolate(face, (128, 128), mode="area").round().byte()[0]
pipeline(face, Colorizer.load("photo"), lam=0.5)

# %% [markdown]
# The upper row takes the colour away and keeps $L$. A **network** looks at $L$, and nothing else. For each pixel it
# answers with a **distribution**: how likely is each of 261 colours? You see that of the pixel in the ring, where this
# network is in the most doubt. From the distribution one colour $(a, b)$ is made, a kind of mean. It is coarser than the
# picture. Put together with the sharp $L$ it is an image again.
#
# Each part has its chapter: $L$ and $(a, b)$ this one, the network [the next](02_regression), the distribution
# [the third](03_classification), and the mean [the fourth](04_annealed_mean).

# %% [markdown]
# ## Why not red, green and blue?
#
# You could guess R, G and B from a grey picture. But then you would guess the light again, three
# times over, although you already have it. Look how strongly the channels repeat each other. A
# correlation of 1 would mean that one channel gives you the other.


# %%
def correlations(channels: torch.Tensor, names: str) -> pd.DataFrame:
    """Correlation of the three channels of (3, H, W) over all pixels."""
    table = np.corrcoef(channels.flatten(1).double().numpy())
    return pd.DataFrame(table, index=list(names), columns=list(names)).round(2)


rgb_correlation = correlations(cat, "RGB")
remember(rgb_correlation, ("R", "G"))

# %%
lab_correlation = correlations(rgb_to_lab(cat), "Lab")
remember(lab_correlation, ("L", "a"), ("L", "b"))

# %% tags=["hide-input"]
red_green = rgb_correlation.loc["R", "G"]
assert red_green > 0.8  # red and green nearly repeat each other
light_colour = lab_correlation.loc["L"].drop("L").abs().max()
assert light_colour < red_green  # light says much less about colour

# %% [markdown]
# R, G and B all carry the light. In Lab the light is in $L$ and the colour is in $(a, b)$: what you
# have and what you want are in different channels.
#
# There is a second gain. Distances in Lab are nearer to how different two colours *look* than distances in RGB are. They
# are not perfect. **CIEDE2000** is a later formula that follows the eye more closely; about 1 can just be seen. Go 10
# units in the $(a, b)$ plane, in all directions, and ask it how much that is:

# %% tags=["hide-input"]
colours = {
    "grey": (128, 128, 128),
    "brown": (139, 90, 43),
    "sky blue": (135, 206, 235),
    "yellow": (255, 255, 0),
    "blue": (0, 0, 255),
}
angle = torch.arange(0, 360, 10).deg2rad()
around = 10 * torch.stack((angle.cos(), angle.sin()))[None, :, None]
ten_off = {}
for name, rgb in colours.items():
    one = rgb_to_lab(torch.tensor(rgb, dtype=torch.uint8).view(1, 3, 1, 1))
    one = one.expand(1, 3, 1, len(angle))
    ten_off[name] = ciede2000(one[:, 1:] + around, one[:, 1:], one[:, :1])
assert ten_off["grey"] > 1.5 * max(
    far for name, far in ten_off.items() if name != "grey"
)
assert ten_off["grey"] > 2 * ten_off["blue"]
remember(
    pd.Series(ten_off, name="CIEDE2000 of 10 units").round(1).to_frame(),
    ("grey", "CIEDE2000 of 10 units"),
    ("blue", "CIEDE2000 of 10 units"),
)

# %% [markdown]
# So when a later chapter says that a guess is "10 units off", that is plain to see on grey, and much less on a strong
# blue. Held against CIEDE2000, errors among vivid colours count for too much. Remember that when vivid pictures score badly.

# %% [markdown]
# ## The maths, on one pixel
#
# Three steps lead from RGB to Lab. Take one orange pixel and walk them.

# %%
orange = torch.tensor([230, 120, 40], dtype=torch.uint8)  # R, G, B

# %% [markdown]
# **Step 1: from screen numbers to light.** The numbers in a picture file are not proportional to
# light. They are squeezed, so that the 256 levels lie where the eye needs them. This code is called **sRGB** {cite}`iec1999srgb`. Write
# $v$ for the value of a channel divided by 255. The amount of light $c$ is
#
# ```{math}
# :label: eq-srgb
# c = \begin{cases} v / 12.92 & v \le 0.04045, \\ \left(\dfrac{v + 0.055}{1.055}\right)^{2.4} & \text{otherwise.} \end{cases}
# ```

# %%
v = orange.double() / 255
light = torch.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
light

# %% [markdown]
# **Step 2: from light to X, Y, Z.** A screen has three lights, $c_R, c_G, c_B$. A matrix $M$ turns them into
# three numbers that do not depend on the screen.
#
# ```{math}
# :label: eq-xyz
# \begin{pmatrix} X \\ Y \\ Z \end{pmatrix} = M \begin{pmatrix} c_R \\ c_G \\ c_B \end{pmatrix}
# ```
#
# The middle one, $Y$, is how bright the eye finds the mixture. Read its row: mostly green, some red,
# hardly any blue.

# %%
M = torch.tensor(RGB_TO_XYZ, dtype=torch.float64)
xyz = M @ light
pd.DataFrame(M.numpy(), index=["X", "Y", "Z"], columns=["red", "green", "blue"])

# %% [markdown]
# **Step 3: from X, Y, Z to L, a, b.** The eye judges ratios, not differences. One candle more is a
# lot in a cellar and nothing in the sun. A cube root mimics that {cite}`cie2004colorimetry`. Near black its slope
# would be endless, so a straight line takes its place there. Call the whole curve $f$:
#
# ```{math}
# :label: eq-f
# f(t) = \begin{cases} \sqrt[3]{t} & t > 0.008856, \\ 7.787\,t + 16/116 & \text{otherwise.} \end{cases}
# ```
#
# The ratios $t$ that go in are $X$, $Y$ and $Z$, each divided by what white paper in daylight gives:
# $X_n, Y_n, Z_n$. Then take differences:
#
# ```{math}
# :label: eq-lab
# \begin{aligned}
# L &= 116\, f(Y/Y_n) - 16, \\
# a &= 500\,\bigl(f(X/X_n) - f(Y/Y_n)\bigr), \\
# b &= 200\,\bigl(f(Y/Y_n) - f(Z/Z_n)\bigr).
# \end{aligned}
# ```
#
# If all three ratios agree, $a$ and $b$ vanish, and the pixel is grey.

# %% shows="tensor([62.0097, 37.6201, 59.3128], dtype=torch.float64)"
t = xyz / torch.tensor(WHITE, dtype=torch.float64)
f = torch.where(t > 0.008856, t ** (1 / 3), 7.787 * t + 16 / 116)
by_hand = torch.stack(
    [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
)
by_hand

# %% [markdown]
# That is all of `colorize_lib/colour/lab.py`. The library does it for many pictures at once, on a processor or a graphics
# card, and so that its derivatives can be taken, which a network needs to learn. It agrees with you, and with scikit-image.

# %%
pixel = orange[:, None, None]  # the library wants (3, H, W)
library = rgb_to_lab(pixel)[:, 0, 0]
reference = rgb2lab(orange.numpy()[None, None])[0, 0]
assert torch.allclose(library.double(), by_hand, atol=1e-3)
assert np.allclose(by_hand.numpy(), reference, atol=1e-3)
rows = [by_hand.tolist(), library.tolist(), reference.tolist()]
names = ["by hand", "colorize_lib", "scikit-image"]
pd.DataFrame(rows, names, list("Lab")).round(2)

# %% [markdown]
# ## There and back
#
# The way back undoes each step. A picture file holds whole numbers from 0 to 255, which are 8 bits. For every colour that it
# can hold, there and back gives the same numbers. Try it on the eight small pictures that will accompany you through this
# book. They come from CIFAR-10 {cite}`krizhevsky2009learning`: 32 by 32 pixels, ten kinds of things.

# %% figure="fig-gallery" caption="The eight pictures of this book, and what a colorizer gets to see of them." alt="Two rows of eight small pictures: airplane, car, cat, dog, frog, horse, ship and truck. The upper row in colour, the lower in grey."
pictures = gallery().rgb  # (8, 3, 32, 32), uint8
lab = rgb_to_lab(pictures)
assert torch.equal(to_uint8(lab_to_rgb(lab)), pictures)

grey = to_rgb(lab[:, :1])  # L alone: a and b set to 0
show_images({"truth": pictures, "grey": grey})

# %% [markdown]
# The lower row is all that a colorizer gets to see. Could *you* tell that the car stands before
# something red? Keep that question. It comes back as the central problem of the next chapter.

# %% [markdown]
# ## Your eye wants sharp light, not sharp colour
#
# Here is an experiment on yourself. Blur $a$ and $b$ a lot and leave $L$ alone. Then do the opposite.


# %% tags=["hide-input"] figure="fig-coarse" caption="The photograph; its colour coarse; its light coarse." alt="Three portraits of an astronaut in an orange suit. The first two look almost alike, the third is blurred beyond use."
def coarsen(channels: torch.Tensor, factor: int) -> torch.Tensor:
    """Reduce (N, C, H, W) by a factor, and enlarge it again."""
    small = F.interpolate(channels, scale_factor=1 / factor, mode="area")
    return F.interpolate(small, size=channels.shape[-2:], mode="bilinear")


portrait = photograph("astronaut")[None, :, :320, 60:380]  # (1, 3, 320, 320)
portrait_l, portrait_ab = rgb_to_lab(portrait).split((1, 2), dim=1)
versions = {
    "the photograph": portrait,
    "colour 8 times coarser": to_rgb(portrait_l, coarsen(portrait_ab, 8)),
    "light 8 times coarser": to_rgb(coarsen(portrait_l, 8), portrait_ab),
}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.4))
for axis, (caption, picture) in zip(axes, versions.items(), strict=True):
    axis.imshow(picture[0].permute(1, 2, 0))
    axis.set_title(caption, fontsize=10)
    axis.axis("off")
figure.tight_layout()

# %% [markdown]
# The middle picture has one colour for every 64 pixels, and looks almost right. The right one has all
# of its colours, and is ruined.
#
# JPEG and television use this. They mostly store colour at half the resolution or less. So will you: the
# networks of the next chapters predict $(a, b)$ for every *second* pixel in each direction. That is a quarter
# of the colour to predict, and on the eight pictures it costs little:

# %%
halved = upsample(halve(lab[:, 1:]), (32, 32))
cost = ab_rmse(halved, lab[:, 1:])
colourless = ab_rmse(torch.zeros_like(halved), lab[:, 1:])
print(f"error of halving the colour: {cost:.1f} Lab units")
print(f"error of leaving it out:     {colourless:.1f} Lab units")

# %% tags=["hide-input"]
assert cost < colourless / 3

# %% [markdown]
# In a picture this tiny one pixel may be a whole headlamp.
#
# ## The data, and what JPEG did to it
#
# A network is made with three sets of pictures. It learns from the first. Whatever you *choose*, when to stop, how strong
# the colours shall be, you choose on the second, **dev**. The third, **test**, is kept for the numbers that you report,
# because a number on pictures by which you chose is flattered. These are the main sets of the poster {cite}`liwang` and of
# this book:

# %% tags=["hide-input"]
colorizers, vgg = read_result("classification"), read_result("vgg")
photographs, subsets = read_result("photographs"), read_result("subsets")


def split(result: dict, *names: str) -> list[str]:
    """How many pictures each set of a result has; a dash for none."""
    found = (result["data"].get(name, {}).get("images") for name in names)
    return ["–" if images is None else f"{images:,}" for images in found]


poster_test = f"{vgg['sets']['vgg-test']['images']:,}"
learned = [
    f"{colorizers['weights']['data']['images']:,}",
    f"{photographs['networks']['photo']['data']['images']:,}",
]
sets = {
    "the poster: colorizers": ["CIFAR-10", "50,000", "5,000", "5,000"],
    "the poster: VGG": ["CIFAR-10", "10,000", "1,000", "1,000"],
    "chapters 2 to 6: colorizers": [
        "CIFAR-10",
        learned[0],
        *split(colorizers, "dev", "test"),
    ],
    "chapter 7: VGG": ["CIFAR-10", *split(vgg, "train", "dev", "test")],
    "chapter 8: photographs": [
        "ImageNet, in part",
        learned[1],
        *split(photographs, "dev", "test"),
    ],
    "chapter 8: is more better?": [
        "Tiny ImageNet",
        f"{subsets['design']['kinds'] * subsets['design']['each']:,}",
        *split(subsets, "dev", "tiny-imagenet"),
    ],
}
assert sets["chapters 2 to 6: colorizers"] == sets["the poster: colorizers"]
assert sets["chapter 7: VGG"][1] == sets["the poster: VGG"][1]
assert poster_test == sets["the poster: VGG"][-1]  # these are reported, too
columns = ["pictures of", "to learn from", "dev", "test"]
report(pd.DataFrame(sets, columns).T, colorizers, vgg, photographs, subsets)

# %% [markdown]
# The colorizers have the very numbers of the poster. The other rows of CIFAR-10 are of VGG, a network that says what is on a
# picture, a *classifier*. Ours learns from as many pictures as the poster's. It is tested on 5,000, because with more pictures
# one sees smaller differences, and also on 1,000, as the poster's was. The sets of CIFAR-10 are fixed, by the
# order of the files and with as many pictures of each kind, so you get the same ones. Chapter 8 has other pictures, and it
# tests its networks on those of the chapters before as well.
#
# But the copy of CIFAR-10 that was at hand is not the original. Its pictures are JPEG, with colour at half the resolution in each
# direction. The twenty pictures that came with the book *are* the original. So you can see what
# such a copy does: compress them, and look at their colours again.

# %%
original = embedded_cifar10().rgb  # (20, 3, 32, 32)
original_ab, copied_ab = (
    rgb_to_lab(rgb)[:, 1:] for rgb in (original, as_jpeg(original))
)
off = ab_rmse(copied_ab, original_ab)
halving = {
    name: ab_rmse(upsample(halve(ab), (32, 32)), ab)
    for name, ab in (("original", original_ab), ("copy", copied_ab))
}
print(f"the copy is off by {off:.1f} Lab units")
for name, error in halving.items():
    print(f"halving the colour of the {name} costs {error:.1f}")

# %% tags=["hide-input"]
assert halving["copy"] < halving["original"] / 2 < off

# %% [markdown]
# Two things follow. On such a copy, halving the colour looks nearly free, because it has been halved before: that
# flatters our networks. And the "truth" that they are measured against is itself several units off. A network that is
# better by a tenth of a unit on the copy may well be worse on the originals. [Chapter 6](06_transfer) tries
# that, on the twenty. So every result of this book names its copy. Whoever has the original pictures, which have lost nothing, can measure
# again by the same commands.

# %% [markdown]
# ## What goes wrong: colours that do not exist
#
# Fix a lightness and walk around the $(a, b)$ plane. Most of it is empty. No mixture of sRGB's
# red, green and blue makes a yellow that is dark and strong.

# %% tags=["hide-input"] figure="fig-gamut" caption="Three slices of the gamut. Grey: no mixture of the three lights of sRGB." alt="Three squares with a on one axis and b on the other, for L of 30, 60 and 90. In each there is one coloured patch, of another shape and in another place every time; the rest is grey."
reach = torch.arange(-110, 111, dtype=torch.float32)
b_grid, a_grid = torch.meshgrid(reach, reach, indexing="ij")
figure, axes = plt.subplots(1, 3, figsize=(9, 3.3), sharey=True)
for axis, lightness in zip(axes, (30, 60, 90), strict=True):
    flat = torch.full_like(a_grid, lightness)
    plane = torch.stack((flat, a_grid, b_grid))  # (3, 221, 221)
    colour = lab_to_rgb(plane, clip=False)
    exists = ((colour > -1e-4) & (colour < 1 + 1e-4)).all(0)
    assert exists.float().mean() < 0.3
    shown = torch.where(exists, colour.clamp(0, 1), torch.tensor(0.85))
    axis.imshow(
        shown.permute(1, 2, 0), origin="lower", extent=(-110, 110, -110, 110)
    )
    axis.set(title=f"L = {lightness}", xlabel="a (green to red)")
axes[0].set_ylabel("b (blue to yellow)")
figure.tight_layout()

# %% [markdown]
# The colours that such a screen can show are called its **gamut**. It is a crooked solid, and you see three slices of it. A network
# knows nothing of its borders, so it may well ask for a colour outside. Then `lab_to_rgb` cuts R, G and B off at 0 and 1,
# as a screen would. The price is that the lightness moves, although $L$ was given.

# %% prints="asked for [50.0, -30.0, -80.0]\nand got   [58.2, 10.9, -65.3]\n"
# A greenish blue, far too strong.
impossible = torch.tensor([50.0, -30.0, -80.0])[:, None, None]
shown = rgb_to_lab(lab_to_rgb(impossible))[:, 0, 0]
print("asked for", impossible[:, 0, 0].tolist())
print("and got  ", [round(x, 1) for x in shown.tolist()])

# %% tags=["hide-input"]
assert abs(shown[0] - 50) > 5  # the lightness moved

# %% [markdown]
# Cut the solid where you like: slide $L$. Then move the ring out of the patch. The dot is what a screen makes of the colour
# in the ring, and the two greys are the light that was asked for and the light that came.

# %% tags=["hide-input"]
gamut_slice()

# %% [markdown]
# ## Summary
#
# 1. A picture is light, $L$, and colour, $(a, b)$. A grey picture is $L$. To colorize is to guess
#    $(a, b)$.
# 2. In RGB all three channels carry light. You would guess again what you already have.
# 3. The conversion is a curve {eq}`eq-srgb`, a matrix {eq}`eq-xyz`, and differences of cube roots
#    {eq}`eq-lab`. There and back is exact in 8 bits.
# 4. Coarse colour on sharp light looks almost right. So half the resolution will do for colour.
# 5. Many $(a, b)$ are no colour at a given $L$. They are cut off at what a screen can show, and that moves the light.
#
# ## Exercises
#
# Each begins with a cell to fill in. Put your answer in the place of the three dots and run it: `check` says
# what is wrong with it. Hint and solution are folded away.
#
# **Exercise 1.1. Which is lighter?** Pure blue or pure yellow? Guess their $L$ before you work it out.
#
# ```{admonition} Hint
# :class: dropdown
# A picture of one pixel has the shape (3, 1, 1). `rgb_to_lab` takes it as it is.
# ```

# %% tags=["exercise"]
blue_l = ...
yellow_l = ...
check("1.1", blue_l, yellow_l)

# %% tags=["remove-input"]
answers_here(
    "1.1", {"L of blue": (0, 100, 32.3), "L of yellow": (0, 100, 97.1)}
)

# %% tags=["solution"]
corners = torch.tensor([[0, 255], [0, 255], [255, 0]], dtype=torch.uint8)
blue_l, yellow_l = rgb_to_lab(corners[:, :, None])[0, :, 0]
assert check("1.1", blue_l, yellow_l)

# %% [markdown]
# **Exercise 1.2. Swap the colours.** Give the horse, picture 5, the colours of the frog, picture 4. Put the picture
# into `swapped`, and look at it with `show_images`. Does it look as wrong as you expect?
#
# ```{admonition} Hint
# :class: dropdown
# `lab[5:6, :1]` is the light of the horse, with the shape (1, 1, 32, 32). `to_rgb` takes a light and a colour.
# ```

# %% tags=["exercise"]
swapped = ...
check("1.2", swapped)

# %% tags=["solution"] alt="A horse in the greens and browns of a frog. It is still a horse."
swapped = to_rgb(lab[5:6, :1], lab[4:5, 1:])
assert check("1.2", swapped)
show_images({"swapped": swapped})

# %% [markdown]
# **Exercise 1.3. Grey without Lab.** Write a function that averages R, G and B, and scales the mean to 0 to 100.
# Then think of a strong colour: for which one does it disagree most with $L$?
#
# ```{admonition} Hint
# :class: dropdown
# 8-bit numbers cannot be averaged as they are: turn them into floats first. Keep the axis, for the shape.
# ```


# %% tags=["exercise"]
def average_grey(rgb: torch.Tensor) -> torch.Tensor:
    """(N, 3, H, W) uint8 to (N, 1, H, W), from 0 to 100."""
    ...


check("1.3", average_grey)


# %% tags=["solution"]
def average_grey(rgb: torch.Tensor) -> torch.Tensor:
    """(N, 3, H, W) uint8 to (N, 1, H, W), from 0 to 100."""
    return rgb.float().mean(1, keepdim=True) / 2.55


assert check("1.3", average_grey)
(average_grey(pictures) - lab[:, :1]).abs().amax((1, 2, 3))

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# Above you see the largest difference in each picture. Of all colours a pure green is worst: the row of $Y$ in $M$
# says that it is nearly as light as white, and the average counts one channel of three.
# ```
#
# **Exercise 1.4. How much colour is there to learn from?** The **chroma** of a pixel, $\sqrt{a^2 + b^2}$, is how far it
# is from grey. Guess which share of the pixels of the twenty pictures has a chroma below 10. Then count.
#
# ```{admonition} Hint
# :class: dropdown
# `embedded_cifar10().rgb` are the twenty. Square a and b, add them up over axis 1, take the root, compare with 10: the
# mean of that, as floats, is the share.
# ```

# %% tags=["exercise"]
share = ...
check("1.4", share)

# %% tags=["remove-input"]
answer_here("1.4", 0, 1)

# %% tags=["solution"]
ab = rgb_to_lab(embedded_cifar10().rgb)[:, 1:]  # (20, 2, 32, 32)
share = (ab.square().sum(1).sqrt() < 10).float().mean().item()
assert check("1.4", share)
round(share, 2)

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence of your own before you open the answer.
#
# **1.** A friend says: "A grey picture has lost two thirds of its numbers." Why does colorizing have to guess fewer
# than that in RGB, and what is it in Lab?
#
# ```{admonition} Answer
# :class: dropdown
# In RGB you would guess three numbers for every pixel, and in each of them the light again, although the grey picture
# has it. In Lab the light is the channel $L$, which is kept. What is left to guess are $a$ and $b$.
# ```
#
# **2.** Why is a colorizer allowed to answer at half the resolution of the picture?
#
# ```{admonition} Answer
# :class: dropdown
# Because the eye sees fine detail in light and hardly in colour. The sharp $L$ is put together with coarse $a$ and $b$,
# and the picture looks sharp.
# ```
#
# **3.** You ask for a strong blue at a high lightness. What comes back, and is only the colour changed?
#
# ```{admonition} Answer
# :class: dropdown
# An sRGB screen cannot show it, so it is clipped to the nearest values of R, G and B. That changes the lightness as well as the
# colour, since clipping happens in RGB and not in Lab.
# ```
#
# **4.** Two pairs of colours are ten Lab units apart, one pair of greys and one pair of blues. Do they look equally
# different?
#
# ```{admonition} Answer
# :class: dropdown
# No. Lab was built so that they should, but it is not so: among strong colours ten units look like much less. CIEDE2000
# allows for that.
# ```
#
# **5.** Why does it matter that the copy of CIFAR-10 behind this book is made of JPEGs?
#
# ```{admonition} Answer
# :class: dropdown
# These store colour at half resolution and round it. So the "truth" that networks are measured against is itself off,
# and a difference much smaller than that may turn round on the originals.
# ```

# %% [markdown]
# **Where to go next.** You know what to guess. [The next chapter](02_regression) guesses it in the obvious
# way, and everything turns grey.
#
# **Two projects**, if you want to build something of your own:
#
# - *A more even plane.* Oklab is a later colour space with the same idea. Write it, both ways, as a new `oklab.py` beside
#   `colorize_lib/colour/lab.py`, and let it pass the tests that Lab passes. Then make the table of the 10-unit steps again: do they
#   differ less from colour to colour?
# - *Keep the light.* Clipping moves the lightness. Pull $(a, b)$ towards grey instead, until the colour fits into the gamut. The place
#   is `lab_to_rgb` in `colorize_lib/colour/lab.py`, and `clipping` in `colorize_lib/experiments/hues.py` counts how many pixels it
#   would change.
