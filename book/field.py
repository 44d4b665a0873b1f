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
# # Where the field went
#
# The paper behind this book is from 2016. What came before it, and what has come since? You have met three problems by now,
# and the ideas below are answers to one or the other of them:
#
# - **Many colours are possible** (chapters 2 and 3). Whoever must name one colour names a mean.
# - **Neighbours must agree** (chapters 4 and 8). A distribution for each pixel does not say which pixels belong together.
# - **Nobody agrees on how to measure** ([How to measure colour](measuring)). The true colours are not the only good ones.
#
# But for one small experiment, this page tells what others published, and where you could go on.

# %% tags=["hide-input"]
import pandas as pd
import torch

from colorize_lib import Colorizer, lab_to_rgb, rgb_to_lab
from colorize_lib.colour.lab import to_uint8
from colorize_lib.colour.resolution import halve, upsample
from colorize_lib.data.examples import embedded_cifar10, gallery
from colorize_lib.measuring.metrics import colourfulness_ratio, roughness
from colorize_lib.pages.timeline import Work, timeline
from colorize_lib.plots import show_images

# %% [markdown]
# Marks of one colour are answers of one kind, and the word after the name says which.

# %% tags=["hide-input"]
timeline(
    [
        Work(
            2004, "Levin", "strokes of colour spread to similar grey", "given"
        ),
        Work(
            2008,
            "Charpiat",
            "many colours a pixel, agreed by graph cuts",
            "learned",
        ),
        Work(2015, "Cheng", "a small network names one colour", "data"),
        Work(2016, "Iizuka", "what the scene is helps to name it", "data"),
        Work(
            2016, "Larsson", "a histogram for each pixel, from a VGG", "learned"
        ),
        Work(2016, "Zhang", "313 bins, rare colours weigh more", "learned"),
        Work(2017, "Zhang", "a few points of colour, given by you", "given"),
        Work(2017, "Isola", "a second network judges the picture", "back"),
        Work(2018, "Nazeri", "the same, on CIFAR-10 too", "back"),
        Work(
            2018,
            "Antic (DeOldify)",
            "a program that people use, later for films",
            "back",
        ),
        Work(
            2021,
            "Kumar (ColTran)",
            "a transformer draws the colours in turn",
            "answer",
        ),
        Work(
            2022,
            "Saharia (Palette)",
            "diffusion: out of noise, step by step",
            "answer",
        ),
        Work(
            2023,
            "Kang (DDColor)",
            "learned colours find their place",
            "back",
        ),
    ],
    {
        "given": "a person helps",
        "data": "regression",
        "learned": "distribution",
        "back": "GAN",
        "answer": "sampling",
    },
)

# %% [markdown]
# ## Before there were networks: ask a person
#
# **Levin, Lischinski and Weiss** {cite}`levin2004colorization` let a person draw a few strokes of colour on a grey picture.
# The rest follows from one assumption: neighbours that are about as light have about the same colour. Written as a sum of
# squares, it is a linear system, and its solution spreads the strokes up to the next edge of $L$. So the person settles *which*
# colour it is, and the formula settles *where* it ends. You know the second half from [chapter 8](08_photos): the weights of
# {eq}`eq-agree` rest on the same assumption.
#
# **Charpiat, Hofmann and Schölkopf** {cite}`charpiat2008automatic` did without the person. For each pixel they estimate a
# distribution over colours from the texture around it, in Lab, because one texture may have several colours. They also
# estimate where the colour is likely to change, and let a graph cut choose the colours of *all* pixels together. So two of
# our three problems were named, and treated, eight years before the paper of this book. What they did not have were features
# that know a cat, and a million pictures to learn them from.
#
# ## Networks: one colour, or how likely each is
#
# **Cheng, Yang and Sheng** {cite}`cheng2015deep` were among the first to use a neural network: a small one that takes features of a
# patch and names one colour, as the regression of [chapter 2](02_regression) does. Joint bilateral filtering removes the
# blotches afterwards.
#
# In 2016 three papers appeared within months. **Iizuka, Simo-Serra and Ishikawa** {cite}`iizuka2016let` kept the L2 loss, and gave
# the network a second branch that looks at the whole scene and learns to classify it at the same time. **Larsson, Maire and
# Shakhnarovich** {cite}`larsson2016learning` predicted a histogram of colours for each pixel from the layers of a VGG, and
# **Zhang, Isola and Efros** {cite}`zhang2016colorful` a distribution over bins, with rare colours weighing more. The last two
# are the way of chapters 3 to 6. They answer the first problem, and leave the second open. You see it below, from
# the mean of each pixel's distribution, a colour drawn for each pixel by itself, and the truth:

# %% alt="Three rows of eight small pictures. The means are pale and smooth. The drawn ones are as colourful as confetti: red, green and blue spots lie over every picture. The truth is colourful and smooth."
truth = gallery().rgb
lightness, true_ab = rgb_to_lab(truth).split((1, 2), 1)
colorizer = Colorizer.load("classification")


def drawn_alone(lightness: torch.Tensor, seed: int = 0) -> torch.Tensor:
    """A colour for each pixel, drawn from its distribution without a look at its neighbours."""
    logits = colorizer.predict(lightness).cpu()  # (N, Q, h, w)
    p = logits.softmax(1).permute(0, 2, 3, 1)  # (N, h, w, Q)
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.multinomial(p.flatten(0, 2), 1, generator=generator)
    ab = colorizer.gamut.centres[chosen[:, 0]].view(*p.shape[:3], 2)
    return upsample(ab.permute(0, 3, 1, 2), lightness.shape[-2:])


def painted(lightness: torch.Tensor, ab: torch.Tensor) -> torch.Tensor:
    return to_uint8(lab_to_rgb(torch.cat((lightness, ab), 1)))


show_images(
    {
        "mean": painted(lightness, colorizer.colour_lightness(lightness).cpu()),
        "drawn alone": painted(lightness, drawn_alone(lightness)),
        "truth": truth,
    }
)

# %% [markdown]
# Each pixel of the middle row has a colour that the network finds likely *for that pixel*. Together they are no picture. The
# same on the twenty pictures that came with the book, as numbers:

# %% tags=["hide-input"]
twenty = embedded_cifar10().rgb
twenty_l, twenty_ab = rgb_to_lab(twenty).split((1, 2), 1)
ways = {
    "mean": colorizer.colour_lightness(twenty_l).cpu(),
    "drawn alone": drawn_alone(twenty_l),
    "truth, at half resolution": upsample(halve(twenty_ab), (32, 32)),
}
table = pd.DataFrame(
    {
        name: {
            "colourfulness": colourfulness_ratio(painted(twenty_l, ab), twenty),
            "roughness": roughness(ab, twenty_l),
        }
        for name, ab in ways.items()
    }
).T
alone, mean, real = (
    table.loc[name]
    for name in ("drawn alone", "mean", "truth, at half resolution")
)
assert abs(alone["colourfulness"] - 1) < abs(mean["colourfulness"] - 1) / 3
assert alone["roughness"] > 1.5 * real["roughness"] > mean["roughness"]
table.round(2)

# %% [markdown]
# So there is colour in the distributions: by a measure that does not ask where a colour is, what is drawn from them is nearer to
# the truth than the means are. It is the mean that makes the pictures of this network pale, and
# a mean is taken because such a network does not say how to draw all pixels *together*. The annealed mean,
# rebalancing and the agreeing neighbours of chapter 8 are ways around that. The ideas that follow go at it directly.
#
# ## Ask a person again
#
# **Zhang and others** {cite}`zhang2017realtime` gave the network a second input: a few points with a colour. In training, they took
# the points from the true picture, at random places, so nobody had to draw a million of them. A red point on a car removes
# the doubt for the whole car, and so one answer will do again, near the middle of what is *still* possible. The system also
# shows the likeliest colours of a point, to choose from, and for that it needs the distribution.
#
# ## A second network as the loss
#
# No formula says what a plausible picture is. So learn it. In a **GAN**, a generative adversarial network
# {cite}`goodfellow2014generative`, a second network, the **discriminator**, learns to tell true pictures from coloured ones,
# and the colorizer learns to mislead it. A mean misleads nobody, because a discriminator soon learns that real cars are not of
# that brown. So the colorizer is pressed to decide, and to decide alike for all pixels of the car.
#
# **Isola and others** {cite}`isola2017image` (pix2pix) did this for any pair of pictures, colour and grey among them, with a
# U-Net like ours and an L1 loss beside the discriminator. **Nazeri, Ng and Ebrahimi** {cite}`nazeri2018image` trained one on
# CIFAR-10: their row stands in [How to measure colour](measuring). **DeOldify** {cite}`antic2018deoldify`, a program and no paper, first released in 2018,
# begins in its later version with a pretrained encoder and a **perceptual loss**, which compares what a VGG sees in two pictures, and adds
# the discriminator for a short time at the end, with little data. Its author reports that this keeps films from flickering,
# although each frame is coloured by itself.
#
# The price: such a network gives *one* answer, and nothing says how sure it is. And two networks that learn against each
# other are hard to train.
#
# ## Draw the whole picture
#
# A **transformer** {cite}`vaswani2017attention` lets each place of a picture look at all others, however far. **Kumar, Weissenborn and
# Kalchbrenner** {cite}`kumar2021colorization` (ColTran) use one to draw a coarse picture colour by colour. Each colour is drawn from
# a distribution that knows the *colours drawn before*. So if a car's left door came out red, its right door is likely to be red. Two more
# networks then make colours and pixels finer. Draw again, and you get another picture.
#
# **Kang and others** {cite}`kang2023ddcolor` (DDColor) give one answer again. Beside a decoder for pixels theirs has one for colours: a set of
# learned vectors, each of which asks the picture where it belongs. Their loss has a discriminator, a perceptual part, and a part
# that rewards {term}`colourfulness`. You know from [chapter 4](04_annealed_mean) that a picture of confetti would win that,
# and beside the released weights its author advises to train without this part if odd patches of colour appear.
#
# **Diffusion** {cite}`ho2020denoising` draws a picture by taking noise away, a little in each of many steps, with a network that was
# trained to do so. **Saharia and others** {cite}`saharia2022palette` (Palette) show that network the grey picture too. It is trained
# with the L2 loss of chapter 2, and is not grey for it, because the mean that it names is that of the *noise* in the picture, and
# each step takes away only a little of it and looks again. All steps together draw a whole picture, and another one the next time. It costs many passes through a large network
# for one picture.
#
# ## What they measured
#
# A few numbers, each as it was published. They stand on different pictures and measure different things, so **no two
# rows can be compared**:

# %% tags=["hide-input"]
pd.DataFrame(
    [
        (
            "Zhang 2016",
            "ImageNet",
            "taken for the true one of a pair; 50 % is perfect",
            "32\u00a0%",
        ),
        (
            "Larsson 2016",
            "ImageNet",
            "accuracy of a VGG on its pictures",
            "59.4\u00a0%",
        ),
        ("Nazeri 2018", "CIFAR-10", "pixels within 2 percent", "24.1\u00a0%"),
        ("ColTran 2021", "ImageNet", "FID, small is good", "19.37"),
        (
            "ColTran 2021",
            "ImageNet",
            "best of three preferred to the truth",
            "over 60\u00a0%",
        ),
    ],
    columns=["who", "pictures", "what", "how much"],
).set_index("who").rename_axis(None)

# %% [markdown]
# The second row was measured by Zhang and others, the rest by the authors of the pictures. Where we could not read a
# number in its source or in a quotation of it, it is left out.
#
# Look at the column *what* from top to bottom, and you see the questions that were asked. At first: is each pixel near the truth, and do
# people believe it? Then **FID** {cite}`heusel2017gans`: are the *features* of all coloured pictures, as a classifier sees them, distributed like those
# of true ones? It does not ask for the true colours, and that is right for plausible ones. But it belongs to a set and not to a
# picture, it changes with the number of pictures and with the way they are reduced, and it is not
# told which colours belong to which picture. "Best of three, chosen by people" has a person in the loop, so it says more about the best drawing than
# about the average one. A good report still has several numbers, a row for grey, and pictures.
#
# ## Run the published network
#
# One of these networks is a line away: the one of the paper. With internet, the first use downloads its weights once, checks them,
# and keeps them.
#
# ```python
# from colorize_lib import Colorizer
#
# published = Colorizer.load("eccv16")
# published.colorize("photo.jpg", temperature=0.38).save("photo-2016.png")
# ```
#
# Or in a terminal: `colorize photo.jpg -m eccv16 -T 0.38`. The temperature is a dial as in chapter 4. The vividness is not,
# because the network was trained with rebalancing and the file that is downloaded does not hold its {term}`prior`, so there is nothing to take out.
# **It was not run for this page**, which was made without internet. Put its picture beside that of `photo`, and count in which
# places you believe either. DeOldify and [DDColor](https://github.com/piddnad/DDColor) have released weights too, with programs of their
# own: the [bibliography](bibliography) leads to them.
#
# ## What has not changed
#
# None of them knows what colour the coat was. A better sampler makes a more convincing guess, and that makes the warning of
# [chapter 8](08_photos) more important: an invented colour is no evidence.
#
# **Where to go next.** [What the poster claimed, and what we found](claims), all in one place.
#
# **Two projects**, if you want to build something of your own:
#
# - *Strokes.* Solve Levin's linear system for one photograph: it is sparse, and `scipy.sparse.linalg` has what it takes. Compare
#   it with {eq}`eq-agree`. Its place is a new `strokes.py` beside `colorize_lib/colour/bilateral.py`.
# - *A discriminator.* Add one to the training of the small U-Net, as pix2pix does, and see whether roughness and colourfulness
#   change together. The loss belongs into `colorize_lib/networks/losses.py`, and the second optimiser into the loop of
#   `colorize_lib/training/learner.py`.
