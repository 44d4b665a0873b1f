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
# # Transfer learning
#
# To colour a horse you must know that it is one. There are networks that do, because they learned to name the million
# pictures of ImageNet. So instead of starting from nothing, start from one of them. That is **transfer learning**, and it
# was the poster's third model. Its verdict was "decently well", and it does not say which network it began from.
#
# {numref}`fig-named` shows such a network four photographs without their colours, and asks it what they are.

# %% tags=["hide-input"]
import matplotlib
import pandas as pd
import torch
from matplotlib import pyplot as plt
from scipy.stats import norm
from timm.data import ImageNetInfo
from torch.nn import functional as F

from colorize_lib import Colorizer, Gamut, rgb_to_lab
from colorize_lib.colour.lab import to_rgb
from colorize_lib.data.batches import colour_dataloaders
from colorize_lib.data.examples import (
    PHOTOGRAPHS,
    embedded_cifar10,
    gallery,
    images_for_training,
    photograph,
)
from colorize_lib.data.images import as_jpeg
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answer_here
from colorize_lib.experiments.repeated import beyond_chance
from colorize_lib.experiments.seeds import PAIRS, Setting, pair
from colorize_lib.measuring.metrics import ab_rmse
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.networks.pretrained import pretrained_classifier
from colorize_lib.networks.transfer import (
    TransferConfig,
    TransferUNet,
    parameter_groups,
)
from colorize_lib.pages.machines import transfer
from colorize_lib.pages.remember import remember
from colorize_lib.plots import PALETTE, seed_bars, show_images
from colorize_lib.training.learner import build_learner, training_prior
from colorize_lib.training.recipes import get_recipe

# %% tags=["hide-input"]
classifier = pretrained_classifier()
network = TransferUNet(TransferConfig(len(Gamut())), pretrained=True).eval()


def square(name: str, size: int = 224) -> torch.Tensor:
    """The middle of a photograph: (1, 3, size, size) uint8."""
    rgb = photograph(name)[None].float()
    side = min(rgb.shape[-2:])
    top, left = ((edge - side) // 2 for edge in rgb.shape[-2:])
    cut = rgb[..., top : top + side, left : left + side]
    return F.interpolate(cut, (size, size), mode="area").round().byte()


photos = torch.cat([square(name) for name in PHOTOGRAPHS])  # (4, 3, 224, 224)
lightness = rgb_to_lab(photos)[:, :1]  # (4, 1, 224, 224)

# %% tags=["hide-input"] figure="fig-named" caption="Four grey photographs, and what the network takes them for." alt="An astronaut, the face of a cat, a cup of coffee and a rocket at night, all grey. Below each is a name and how sure the network is: right for the cat and the coffee, a football helmet for the astronaut, a drilling platform for the rocket."
info = ImageNetInfo()
black_and_white = network.grey(lightness)  # what the encoder is shown
with torch.inference_mode():
    chance = classifier(black_and_white).softmax(-1)  # (4, 1000)
sure, best = chance.max(-1)
answers = [info.index_to_description(i).split(",")[0] for i in best.tolist()]
figure, axes = plt.subplots(1, len(photos), figsize=(9, 2.9))
for axis, picture, answer, p in zip(
    axes, to_rgb(lightness), answers, sure, strict=True
):
    axis.imshow(picture.permute(1, 2, 0))
    axis.set(xticks=[], yticks=[], xlabel=f"{answer}\n{100 * p:.0f} % sure")
figure.tight_layout()

# %% [markdown]
# **What you will see**
#
# 1. What a network that never coloured anything sees in a grey picture.
# 2. How one grey channel goes into a network made for three.
# 3. Freezing first, and then learning at two speeds.
# 4. Learning curves with 500, 5,000 and 50,000 pictures, and why they do not settle what pretraining is worth.
# 5. Whether it beats the small network of chapter 3, and what it costs.
#
# **What you need:** [chapter 3](03_classification). The head, the loss and the decoding are the ones from there. The
# dials $T$ and $\lambda$ and the metrics are those of [chapter 4](04_annealed_mean) and [chapter 5](05_rebalancing).
#
# ## What it knows already
#
# The network is EfficientNet-Lite0, which Google published later than the paper on EfficientNet
# {cite}`tan2019efficientnet`, as a simpler one for phones. It was trained on ImageNet.
#
# It needs no colour to know a cat or a coffee. It does not know the rocket, nor the
# astronaut, and says that it is not sure.
#
# On its way to that answer it makes pictures of its own, hundreds of
# them, smaller and smaller. {numref}`fig-features` shows some.

# %% tags=["hide-input"]
named = dict(zip(PHOTOGRAPHS, answers, strict=True))
assert named["chelsea"] == "Egyptian cat" and named["coffee"] == "espresso"
assert sure[PHOTOGRAPHS.index("rocket")] < 0.5  # wrong, and in doubt

# %% tags=["hide-input"] figure="fig-features" caption="What the network makes of the cat: at each size, the two maps that vary most." alt="Ten grey maps in five columns, from fine to coarse. Left: the cat's face as outlines and fur. Middle: blurred blocks, brighter at the eyes. Right: seven by seven squares, with one bright region."
with torch.inference_mode():
    features = network.encoder(black_and_white[1:2])
figure, axes = plt.subplots(2, 5, figsize=(10, 4.2))
for column, maps in zip(axes.T, features, strict=True):
    strongest = maps[0].flatten(1).std(1).topk(2).indices
    for axis, channel in zip(column, strongest, strict=True):
        axis.imshow(maps[0, channel], cmap="gray")
        axis.axis("off")
    column[0].set_title(
        f"{maps.shape[1]} of {maps.shape[-1]}x{maps.shape[-1]}", fontsize=10
    )
figure.tight_layout()

# %% [markdown]
# Left it still sees edges and fur. In the middle it sees where the eyes are. Right is little more than that there is a
# cat, and where. A colorizer wants both ends: the left says where colour stops, the right says which colour.
#
# ## A decoder to go with it
#
# The {term}`encoder` halves the picture five times. A {term}`decoder` makes it larger again, step by step. At each
# step it adds what the encoder saw at that size. So the outlines of the left maps and the knowledge of the right
# ones come together again:
#
# $$x_{i} = \mathrm{conv}\big(\mathrm{up}(P_i\, x_{i+1}) + S_i f_i\big)$$ (eq-decoder)
#
# - $f_i$ are the encoder's maps at size $i$: the larger $i$, the smaller the maps.
# - $x_{i+1}$ is what came from below, half as large. For the first step that is the smallest of the encoder's maps. The
#   result $x_i$ goes on upwards.
# - $S_i$ and $P_i$ are 1x1 convolutions. They do nothing but change the number of channels.
# - $\mathrm{up}$ doubles height and width.
# - $\mathrm{conv}$ is a 3x3 convolution with {term}`batch norm` and {term}`ReLU`.
#
# Last comes the head of chapter 3: 261 numbers for every second pixel. {numref}`fig-transfer-network` shows all of it, for
# pictures of 32 pixels.

# %% tags=["hide-input"] figure="fig-transfer-network" caption="The transfer network, with channels × rows × columns wherever an arrow ends. Green was learned on ImageNet."
transfer(network)

# %% [markdown]
# Compare it with the U-Net of {numref}`fig-unet`: the right side is alike. What is new is the left side, and that its
# channels are first brought to the number that the right side has.
#
# fastai has a ready one, `DynamicUnet`. We write ours, because it stops at half resolution, as the other
# chapters do, and so costs a quarter.
#
# **One channel into three.** The encoder expects red, green and blue, and there is $L$ alone. Some replace
# its first layer and lose what it knew. We leave it, and show it what it would see on a black-and-white
# photograph: the grey of that $L$, three times.
#
# **32 pixels for a network made for 224.** At 32 pixels its last feature map would be a single pixel. So
# it sees CIFAR-10 enlarged to 64. To 128 may be better still, and would cost four
# times as much.

# %% prints="goes in     (8, 1, 32, 32)\nis shown    (8, 3, 32, 32)\ncomes out   (8, 261, 16, 16)\n"
gallery_l = rgb_to_lab(gallery().rgb)[:, :1]
seen = network.grey(gallery_l)
with torch.inference_mode():
    out = network(gallery_l)
print("goes in    ", tuple(gallery_l.shape))
print("is shown   ", tuple(seen.shape))
print("comes out  ", tuple(out.shape))

# %% tags=["hide-input"]
assert (seen[:, 0] - seen[:, 2]).abs().max() < 1e-3  # red and blue alike

# %% [markdown]
# ## Freeze, then fine-tune
#
# The decoder starts from random numbers. What it sends back at first is noise, and would spoil the
# encoder. So the encoder is **frozen** for a while, and only the decoder learns. Then both learn, the
# encoder more slowly, so that it keeps what it knows {cite}`howard2018ulmfit`. That is **fine-tuning**:
#
# $$\eta_{\text{encoder}} = \rho\, \eta_{\text{decoder}}$$ (eq-rates)
#
# $\eta$ is the {term}`learning rate`: how far a step goes. $\rho$ is a number below 1. In fastai that is `freeze`,
# `unfreeze` and `fit_one_cycle(epochs, slice(low, high))`.

# %% prints="1 epoch frozen, then 5 with rho = 0.25\n"
recipe = get_recipe("transfer")
slow = f"then {recipe.epochs - recipe.frozen} with rho = {recipe.encoder_lr}"
print(f"{recipe.frozen} epoch frozen, {slow}")

# %% [markdown]
# How many of the numbers in the network learn while the encoder is frozen, and how many afterwards?

# %% shows="{'frozen': 380293, 'unfrozen': 3339141}"
images, dev, whole = images_for_training(256)
dls = colour_dataloaders(images, dev, recipe.batch)
gamut = Gamut()
learner = build_learner(recipe, dls, gamut, training_prior(gamut, images))
learner.create_opt()
sizes = {}
for state, first in (("frozen", 1), ("unfrozen", 0)):
    learner.opt.freeze_to(first)
    trainable = (p for p in learner.model.parameters() if p.requires_grad)
    sizes[state] = sum(p.numel() for p in trainable)
encoder, rest = parameter_groups(learner.model)
sizes

# %% tags=["hide-input"]
assert sizes["frozen"] == sum(p.numel() for p in rest)

# %% [markdown]
# A few steps on patches of photographs, with the encoder frozen, to see it at work. The real training is
# `colorize train transfer`.

# %%
learner.opt.freeze_to(1)
with learner.no_bar(), learner.no_logging():
    learner.fit_one_cycle(3, recipe.lr)
losses = [float(loss) for loss in learner.recorder.losses]
print(f"loss: {losses[0]:.2f} nats, then {losses[-1]:.2f}")

# %% tags=["hide-input"]
assert losses[-1] < losses[0]

# %% [markdown]
# ## What pretraining is worth
#
# Three networks learn from the same pictures. They get the same number of passes over them, with one exception, named
# below the table:
#
# - **pretrained**: the encoder knows ImageNet,
# - **scratch**: the same network, all of it from random numbers,
# - **U-Net**: the small one of chapter 3, also from random numbers.

# %% tags=["hide-input"] figure="fig-curves" caption="Learning curves. One mark is one network, the lines join means over seeds." alt="Two diagrams over 500, 5,000 and 50,000 training pictures. Left the error: all three networks start together, far below grey, and fall; pretrained lies lowest, and its distance to scratch grows. Right the balanced AuC: pretrained lies highest everywhere, scratch lowest at the end." plot=true
result = read_result("transfer-curves")
curves = pd.DataFrame(
    [
        {
            "arm": c["arm"],
            "images": c["images"],
            "seed": c["seed"],
            "epochs": c["epochs"],
            "ab RMSE": c["test"]["ab_rmse"],
            "AuC": c["test"]["auc"],
            "balanced AuC": c["test"]["auc_balanced"],
        }
        for c in result["curves"]
    ]
)
labels = {"pretrained": "pretrained", "scratch": "scratch", "unet": "U-Net"}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.8))
for axis, metric in zip(axes, ("ab RMSE", "balanced AuC"), strict=True):
    for (arm, label), colour, mark, line in zip(
        labels.items(), PALETTE, "osD", ("-", "--", "-."), strict=False
    ):
        part = curves[curves.arm == arm]
        mean = part.groupby("images")[metric].mean()
        axis.plot(mean.index, mean, line, color=colour)
        axis.plot(part.images, part[metric], mark, color=colour, ms=5)
        axis.plot([], [], mark + line, color=colour, ms=5, label=label)
    key = {"ab RMSE": "ab_rmse", "balanced AuC": "auc_balanced"}[metric]
    axis.axhline(result["grey"][key], color="#777", ls=":", label="grey")
    axis.set(xscale="log", xlabel="training pictures", ylabel=metric)
    axis.set_xticks(sorted(set(curves.images)))
    axis.minorticks_off()
    axis.get_xaxis().set_major_formatter(
        matplotlib.ticker.FuncFormatter(lambda x, _: f"{x:,.0f}")
    )
axes[0].legend()
figure.tight_layout()

# %% tags=["hide-input"]
mean = (
    curves.groupby(["images", "arm"])["ab RMSE"]
    .mean()
    .unstack()[list(labels)]
    .rename(columns=labels)
)
table = mean.rename("{:,} pictures".format).rename_axis(None, axis=1)
table = table.rename_axis(None).round(2)
report(remember(table, (table.index[-1], "pretrained")), result)

# %% tags=["hide-input"]
gap = mean["scratch"] - mean["pretrained"]
few, some, many = gap.index
assert 0 < gap[few] < gap[some] < gap[many]
to_unet = mean["U-Net"] - mean["pretrained"]
assert to_unet[few] < to_unet[many] < to_unet[some]  # no trend
assert mean.loc[many, "scratch"] > mean.loc[many, "U-Net"]
upwards = ["auc", "auc_balanced", "eps2", "eps5", "psnr", "ssim"]
tested = pd.DataFrame(
    [
        c["test"] | {"arm": c["arm"], "images": c["images"]}
        for c in result["curves"]
    ]
)
tested = tested.groupby(["images", "arm"])[upwards].mean()
for count in (some, many):  # ahead by every measure
    for arm in ("scratch", "unet"):
        assert (tested.loc[count, "pretrained"] > tested.loc[count, arm]).all()
assert tested.loc[(few, "pretrained"), "psnr"] < tested.loc[few, "psnr"].max()
assert [p["seeds"] for p in result["points"]] == [2, 1, 1]

# Where are the networks with fewest pictures, on the way from grey to the best?
grey_error = result["grey"]["ab_rmse"]
way = (grey_error - mean.loc[few]) / (grey_error - mean.min().min())
assert ((way > 0.45) & (way < 0.55)).all()

# %% tags=["remove-input"]
passes = ", ".join(
    f"{p['epochs']} for {p['images']:,}" for p in result["points"]
)
unet = curves[(curves.arm == "unet") & (curves.images == many)].iloc[0]
data = result["data"]["test"]
report(
    f"{data['images']:,} test pictures, T = 1. At {few:,} training pictures "
    f"pretraining takes **{gap[few]:.2f}** off the ab RMSE of the same network, at {some:,} {gap[some]:.2f}, and at "
    f"{many:,} {gap[many]:.2f}. With {few:,} there are two trainings of each, otherwise one. Passes over the pictures: {passes}. The U-Net on all of them is chapter 3's, "
    f"with {unet.epochs}.",
    result,
)

# %% [markdown]
# You may have expected the opposite. Pretraining is said to pay most where pictures are few. Here it seems to pay *least*
# with 500: all three networks are near each other, about half way from grey to the best. But before you believe that,
# look at how they learned, in {numref}`fig-by-heart`.

# %% tags=["hide-input"] figure="fig-by-heart" caption="Training with 500 pictures: the loss on those, and on pictures not seen." alt="Two diagrams over 40 passes. Left, on the training pictures: pretrained falls well below the other two. Right, on dev pictures: all three come down within 20 passes; from there on pretrained rises a little, and it ends above the other two." plot=true
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True)
with_few = {
    (c["arm"], c["seed"]): pd.DataFrame(c["history"])
    for c in result["curves"]
    if c["images"] == few
}
by_heart = {arm: with_few[arm, 0] for arm in labels}
for axis, (loss, title) in zip(
    axes,
    {
        "train_loss": "on the 500 pictures themselves",
        "dev_loss": "on dev pictures",
    }.items(),
    strict=True,
):
    for (arm, label), colour, line in zip(
        labels.items(), PALETTE, ("-", "--", "-."), strict=False
    ):
        history = by_heart[arm][loss]
        axis.plot(history.index + 1, history, line, color=colour, label=label)
    axis.set_title(title, fontsize=10)
    axis.set_xlabel("passes")
axes[0].set(ylabel="cross-entropy (nats)", ylim=(2.5, 3.9))
axes[1].legend()
figure.tight_layout()

# %% tags=["hide-input"]
for seed in (1, 0):  # the second says the same, the first is drawn
    last = pd.DataFrame({arm: with_few[arm, seed].iloc[-1] for arm in labels})
    turned = with_few["pretrained", seed]["dev_loss"]
    assert last.loc["train_loss"].idxmin() == "pretrained"
    assert last.loc["dev_loss"].idxmax() == "pretrained"
    assert turned.min() < turned.iloc[-1]  # it was better once
passes_at_best = int(turned.idxmin()) + 1

# %% tags=["remove-input"]
worst = last.loc["dev_loss"]
report(
    f"With {few} pictures the pretrained network ends with the *lowest* loss on those, {last.loc['train_loss', 'pretrained']:.2f} nats, and with "
    f"the *highest* on others: {worst['pretrained']:.2f}, against {worst['scratch']:.2f} from scratch and {worst['unet']:.2f} for the U-Net. It "
    f"was at its best, if not ahead, after {passes_at_best} of {len(turned)} passes, with {turned.min():.2f}. It has learned the {few} by heart: that is called "
    f"**overfitting**. The second training of each ends in the same way.",
    result,
)

# %% [markdown]
# So the small gain with 500 does not show that pretraining is worth little there. It shows that this recipe does not suit
# so few pictures. A frozen encoder all the way, or fewer passes with a learning rate that comes down in time, might
# gain more. Neither was tried.
#
# At the other end the comparison is no fairer. With 50,000 pictures the scratch network had six passes, and ends
# behind even the small U-Net, which had eighteen. So it was perhaps not done yet, and how much of its distance to pretrained
# is owed to that was not measured. Against the U-Net there is no trend over the three sizes.
#
# What is left: with 5,000 and with 50,000 pictures and a given number of passes, the good start is ahead by every measure, in
# one training each, and in error by several times what two seeds of one network differ by, as you will see below.
# With 500 the measures disagree: its ab RMSE is smaller than that of the others, its loss on dev pictures larger. What it is worth
# with few pictures, these runs do not settle. They changed the number of pictures, the number of steps and the way from overfitting to
# underfitting all at once, and such a comparison is called **confounded**.

# %% [markdown]
# ## Beside the other models

# %% tags=["hide-input"]
full = {name: read_result(name) for name in ("classification", "transfer")}
shown = {
    "ab_rmse": "ab RMSE",
    "auc": "AuC",
    "auc_balanced": "balanced AuC",
    "psnr": "PSNR",
    "colourfulness_ratio": "colourfulness",
}
settings = {
    "T = 1": (1, 1),
    "T = 0.38": (1, 0.38),
    "λ = 0.5, T = 0.38": (0.5, 0.38),
}
regression = read_result("regression")
rows = {"regression": regression["test"][0]}
for setting, wanted in settings.items():
    for name, one in full.items():
        rows[f"{name}, {setting}"] = next(
            r for r in one["test"] if (r["lam"], r["temperature"]) == wanted
        )
table = pd.DataFrame(rows).T[list(shown)].rename(columns=shown)
report(
    remember(
        table.drop("regression").round(2),
        ("classification, T = 1", "ab RMSE"),
        ("transfer, T = 1", "ab RMSE"),
    ),
    *full.values(),
)

# %% tags=["hide-input"]
for setting in settings:
    ours, theirs = (
        table.loc[f"{n}, {setting}"] for n in ("transfer", "classification")
    )
    assert ours["ab RMSE"] < theirs["ab RMSE"]
    assert (ours[1:4] > theirs[1:4]).all()  # AuC, balanced AuC, PSNR
    assert abs(ours["colourfulness"] - theirs["colourfulness"]) < 0.05

made = {name: one["weights"] for name, one in full.items()}
epochs = {name: one["recipe"]["epochs"] for name, one in made.items()}
# a third of the passes
assert 3 * epochs["transfer"] == epochs["classification"]

# %% [markdown]
# Both networks at λ = 0.5 and T = 0.38, on the eight pictures:

# %% figure="fig-transfer" caption="The network of chapter 3 and the one that starts from ImageNet, on the same eight pictures." alt="Four rows of eight small pictures: grey, coloured by the network of chapter 3, by transfer, and true. Both colour sky and sea blue, the dog brown and the green grass yellowish. Transfer makes the red behind the car clearer, and the brown horse red."
truth = gallery().rgb
lab = rgb_to_lab(truth)
colours = {
    name: Colorizer.load(name).colour_lightness(lab[:, :1], 0.38, 0.5).cpu()
    for name in full
}
show_images(
    {
        "grey": to_rgb(lab[:, :1], 0 * lab[:, 1:]),
        **{name: to_rgb(lab[:, :1], ab) for name, ab in colours.items()},
        "truth": truth,
    }
)

# %% [markdown]
# And the price? The two shipped networks were trained with different numbers of threads, so their speeds cannot be
# compared. In the learning curves, most pairs ran alike: the same pictures, the same passes, one thread each.

# %% tags=["hide-input"]
threads = {one["hardware"] for one in made.values()}
assert len(threads) == 2  # the shipped two cannot be compared
cost = {(c["images"], c["seed"], c["arm"]): c for c in result["curves"]}
times = []  # how many times more pictures a second the U-Net got through
for (count, seed, arm), pretrained in cost.items():
    unet = cost[count, seed, "unet"]
    if arm == "pretrained" and pretrained["hardware"] == unet["hardware"]:
        times.append(
            unet["images_per_second"] / pretrained["images_per_second"]
        )
assert min(times) > 2

# %% tags=["remove-input"]
size = {name: one["parameters"] / 1e6 for name, one in made.items()}
report(
    f"The price: {size['transfer']:.1f} million parameters instead of {size['classification']:.1f}. And in the "
    f"{len(times)} pairs that ran alike, the U-Net got through {min(times):.1f} to {max(times):.1f} times as many "
    "pictures a second. Other work ran beside them, so the larger of the two may owe something to that.",
    result,
    *full.values(),
)

# %% [markdown]
# "Decently well", said the poster. Here it is more than that: it beats the network of chapter 3 on every metric of the
# table but colour itself, in one training of each. It took a third of the passes, each of which costs two to five times as much: so about the same
# computing, and a million labelled pictures beforehand.
#
# It is only about as *colourful*, though. What it learned from ImageNet is what things are, and where that does not
# settle the colour, a greyish answer is still the likeliest. So this network makes smaller errors, and how colourful its
# pictures are is set by $T$ and $\lambda$, as before. It is also of another build, and larger. How much of the gain is owed
# to the pretraining alone, this comparison does not tell.
#
# ## Would another seed say the same?
#
# Every network that ships with the book is *one* training. A **seed** decides its first weights, the order of the pictures, and
# how each is flipped and shifted. With another seed you get another network, and other numbers. So a difference between
# two networks means little before you know by how much two seeds of the *same* network differ.
#
# So here each kind is trained three times, with seeds 0, 1 and 2. To make that affordable, they are trained briefly: three
# passes over the 50,000 pictures, and for the network of this chapter two. What follows therefore compares the recipes cut
# short, not the networks that ship with the book. In {numref}`fig-seeds` a dot is one training.

# %% tags=["hide-input"] figure="fig-seeds" caption="Four networks, trained three times each, at seven settings. L2: regression; bins: classification; dial: bins with λ = 0.5 set afterwards; rebalanced: trained with λ = 0.5. Bins, transfer, dial and rebalanced are at T = 0.38 where that stands, and at T = 1 otherwise. A dot is one training, the stroke their mean, the bar a 95 % interval over pictures and seeds." alt="Four diagrams of dots with bars, seven settings in each, one below the other. In all, the three dots of a network lie on one another or nearly so. ab RMSE: transfer lowest, L2 and bins a little higher, the two rebalanced ones far higher. AuC is the other way round. Balanced AuC: the rebalanced ones highest. Colourfulness: these two near one, all others below one half." plot=true
seeds = read_result("seeds")
kinds = {
    ("regression", None, 1): "L2",
    ("classification", 1, 1): "bins",
    ("transfer", 1, 1): "transfer",
    ("classification", 0.38, 1): "bins, 0.38",
    ("transfer", 0.38, 1): "transfer, 0.38",
    ("classification", 0.38, 0.5): "dial, 0.38",
    ("rebalanced", 0.38, 1): "rebalanced, 0.38",
}
figure, axes = plt.subplots(4, 1, figsize=(5.2, 10.4))
for axis, (measure, label) in zip(
    axes,
    {
        "ab_rmse": "ab RMSE, Lab units",
        "auc": "AuC, %",
        "auc_balanced": "balanced AuC, %",
        "colourfulness_ratio": "colourfulness, ratio",
    }.items(),
    strict=True,
):
    seed_bars(axis, seeds["rows"], measure, kinds)
    axis.set_title(label, fontsize=11)
figure.tight_layout()

# %% [markdown]
# The bars come from a **hierarchical bootstrap**: in each of ten thousand resamples the pictures are drawn anew, the same
# for all networks, and for each network three seeds from its three. So a bar says how much of a number is owed to the
# pictures, and how much to the seeds. Three seeds are few, and drawing again from three makes their spread look smaller
# than it is. So there is a second yardstick, the distance of those two seeds of one network that are furthest apart. A
# difference counts as more than chance here only if its interval leaves out zero *and* it is larger than this distance.

# %% tags=["hide-input"]
shown = {
    "ab_rmse": "ab RMSE",
    "auc": "AuC, %",
    "auc_balanced": "balanced AuC, %",
    "colourfulness_ratio": "colourfulness",
}


def in_words(end: dict) -> str:
    """A network and the dials at which it is read."""
    name = {"regression": "L2", "classification": "bins"}.get(
        end["network"], end["network"]
    )
    if end["temperature"]:
        name += f", T = {end['temperature']:g}"
    return name if end["lam"] == 1 else f"{name}, λ = {end['lam']:g}"


def said(compared: dict, measure: str) -> str:
    """A difference, half the width of its interval, and a star if it is more than chance."""
    found = compared["measures"][measure]
    more = beyond_chance(found, compared["between_seeds"][measure])
    half = (found["high"] - found["low"]) / 2
    return f"{found['mean']:+.2f} ±\u00a0{half:.2f}" + "\u00a0*" * more


differences = pd.DataFrame(
    {
        (in_words(one["one"]), in_words(one["other"])): {
            label: said(one, measure) for measure, label in shown.items()
        }
        for one in seeds["pairs"]
    }
).T
in_the_table = [
    ("L2", "bins, T = 1"),
    ("bins, T = 1", "bins, T = 0.89"),
    ("bins, T = 0.38", "rebalanced, T = 0.38"),
    ("bins, T = 0.38, λ = 0.5", "rebalanced, T = 0.38"),
    ("bins, T = 1", "transfer, T = 1"),
    ("bins, T = 0.38", "transfer, T = 0.38"),
]
report(
    remember(
        differences.loc[in_the_table],
        (in_the_table[0], "ab RMSE"),
        (in_the_table[4], "ab RMSE"),
    ),
    seeds,
)

# %% [markdown]
# A row says what changes if you take the second instead of the first, on the same pictures. After ± stands half the width of
# the interval, and a star marks what is more than chance. Some of these rows ask whether two settings of *one* network differ: there the same seeds are drawn for both.
#
# All eleven comparisons are in the result file. With four measures that makes 44 intervals, and of so many a few miss by
# chance: these are {term}`multiple comparisons`. Made as much wider as Bonferroni's correction asks for 44, every interval with
# a star still leaves out zero.

# %% tags=["remove-input"]
apart = {
    measure: max(row["between_seeds"][measure] for row in seeds["rows"])
    for measure in shown
}
report(
    f"Two seeds of one network differed by at most {apart['ab_rmse']:.2f} in ab RMSE, {apart['auc']:.2f} in AuC and "
    f"{apart['auc_balanced']:.2f} in balanced AuC, whichever network and setting.",
    seeds,
)


# %% tags=["hide-input"]
def changed(one: Setting, other: Setting, measure: str) -> tuple[float, bool]:
    """By how much a measure changes on average, and whether that is more than chance."""
    compared = pair(seeds["pairs"], one, other)
    found = compared["measures"][measure]
    return found["mean"], beyond_chance(
        found, compared["between_seeds"][measure]
    )


l2, bins = Setting("regression"), Setting("classification", 1.0)
poster, cool = (Setting("classification", t) for t in (0.89, 0.38))
dial, trained = (
    Setting("classification", 0.38, 0.5),
    Setting("rebalanced", 0.38),
)
measured = {
    Setting(
        name,
        row.get("temperature"),
        row.get("lam", 1.0),
    ): row
    for name in ("regression", "classification", "rebalanced", "transfer")
    for row in read_result(name)["test"]
}
otherwise = [  # what is more than chance, and the other way round in the networks that ship
    (one, other, measure)
    for one, other in PAIRS
    for measure in shown
    for change, more in [changed(one, other, measure)]
    if more
    and change * (measured[other][measure] - measured[one][measure]) <= 0
]
assert otherwise == [(dial, trained, "ab_rmse")]
count = len(PAIRS) * len(shown)
wider = norm.ppf(1 - 0.025 / count) / norm.ppf(1 - 0.025)
for compared in seeds["pairs"]:
    for measure in shown:
        found = compared["measures"][measure]
        half = (found["high"] - found["low"]) / 2
        if beyond_chance(found, compared["between_seeds"][measure]):
            assert abs(found["mean"]) > wider * half
assert (len(PAIRS), count) == (11, 44)
at_one = max(  # what two seeds differ by where the learning curves are read
    row["between_seeds"]["ab_rmse"]
    for row in seeds["rows"]
    if row["temperature"] in (None, 1.0) and row["lam"] == 1
)
for count_of in (5_000, 50_000):
    of_each = mean.loc[count_of]
    assert of_each.drop("pretrained").min() - of_each["pretrained"] > 3 * at_one
better, more = changed(l2, bins, "ab_rmse")
assert better < 0 and more
assert not changed(l2, bins, "auc_balanced")[1]
assert abs(changed(bins, poster, "ab_rmse")[0]) < 0.05
for measure, sign in (("ab_rmse", 1), ("auc", -1), ("auc_balanced", 1)):
    change, more = changed(cool, trained, measure)
    assert sign * change > 0 and more
assert not changed(dial, trained, "auc_balanced")[1]
for temperature in (1.0, 0.38):
    for measure, sign in (("ab_rmse", -1), ("auc", 1)):
        change, more = changed(
            Setting("classification", temperature),
            Setting("transfer", temperature),
            measure,
        )
        assert sign * change > 0 and more
    change, more = changed(
        Setting("classification", temperature),
        Setting("transfer", temperature),
        "colourfulness_ratio",
    )
    assert 0 < change < 0.1 and more

# %% [markdown]
# So these verdicts of the book do not hang on one seed:
#
# - **Bins against L2.** After three passes each, a tenth of the recipe of L2 and a sixth of the other, the mean of the
#   bins is nearer to the truth, by a little. In balanced AuC, where every colour counts the same, the two cannot be told
#   apart.
# - **The temperature.** From $T = 1$ to the poster's 0.89 the error hardly moves. Which is best depends on the measure, as
#   [chapter 4](04_annealed_mean) says.
# - **Rebalancing** costs error and AuC and wins balanced AuC, by many times what two seeds differ by. Whether it is trained
#   or set as a dial matters little beside that.
# - **Transfer** is ahead of the network from nothing, at both temperatures. In these short trainings it is also a little
#   more colourful.
#
# They are verdicts about short trainings, on this copy of the pictures. The networks that ship with the book had three to
# ten times the passes, and one seed each. Wherever a star stands, they differ in the same direction, but for one: at
# $T = 0.38$ the network trained with weights had less error than the dial in the short trainings, and of the two that ship
# it has as good as the same. How much those that ship would vary has not been measured.
#
# ```bash
# colorize experiment seeds   # about two hours on one processor; with --full as long as the recipes say
# ```
#
# ## What went wrong: the pictures were JPEG
#
# All of this was measured on a copy of CIFAR-10 whose colours JPEG had halved ([chapter 1](01_lab)). Does the order of the
# networks hold on the originals? Of those you have twenty. Here are the errors on them, and on JPEG copies of the same
# twenty:

# %%
original = embedded_cifar10().rgb  # (20, 3, 32, 32)
errors, wins = {}, {}
for kind, rgb in (("original", original), ("as JPEG", as_jpeg(original))):
    light, ab = rgb_to_lab(rgb).split((1, 2), 1)
    painted = {
        name: Colorizer.load(name).colour_lightness(light).cpu()
        for name in ("regression", "classification", "transfer")
    }
    errors[kind] = {name: ab_rmse(p, ab) for name, p in painted.items()}
    each = {
        name: (p - ab).square().sum(1).mean((1, 2))
        for name, p in painted.items()
    }  # (20,) each
    wins[kind] = int((each["transfer"] < each["classification"]).sum())
twenty = pd.DataFrame(errors)
print(f"transfer beats classification on {wins} of the twenty")
remember(twenty.round(2), ("transfer", "original"), ("transfer", "as JPEG"))

# %% tags=["hide-input"]
assert twenty["as JPEG"].idxmin() == "transfer"
assert twenty["original"].idxmax() == "transfer"
assert twenty["original"].idxmin() == "regression"

# %% [markdown]
# On the copies transfer is best of the three, as above. On the originals it is *worst*, and the L2 network of chapter 2 is best. Twenty pictures prove neither, since
# two or three of them make the difference, and on about half of them it wins in both columns. But they are a
# warning. "The best of our networks" is a verdict about this copy, and all networks had learned from it. With the lossless
# archive `colorize evaluate transfer` gives the answer, and names the copy that it measured.
#
# ## Summary
#
# 1. A network that learned to name pictures names grey ones too. Its feature maps run from edges to things.
# 2. $L$ goes in as a black-and-white photograph, the same in all three channels, so the first layer stays as it was.
# 3. The decoder {eq}`eq-decoder` learns first, alone. Then both, the encoder more slowly {eq}`eq-rates`.
# 4. A good start helps with 5,000 pictures and more, for a given number of passes. With 500 the recipe overfits and the measures
#    disagree, and with 50,000 the network from scratch was perhaps not done. So what it is worth is not settled.
# 5. It beats the small network for about as much computing, and after a million labelled pictures that others had trained its
#    encoder on. That is on JPEG pictures; on twenty lossless ones it does not.
#
# ## Exercises
#
# Each begins with a cell to fill in. `check` says what is wrong with your answer.
#
# **Exercise 6.1. How many steps?** The decoder has one step for each of the encoder's maps from half of the *picture's*
# resolution down. ResNet-18 has maps at 1/2, 1/4, 1/8, 1/16 and 1/32 of what *it* sees. How many widths does
# `TransferConfig(261, "resnet18", scale, widths)` need if the encoder sees the picture as it is? How many if it sees it
# four times enlarged? `widths` has one number for each step: how many channels it has.
#
# ```{admonition} Hint
# :class: dropdown
# Enlarged four times, 1/2 of the picture is 1/8 of what the encoder sees. Larger maps are of no use.
# ```

# %% tags=["exercise"]
as_it_is = ...
enlarged = ...
check("6.1", as_it_is, enlarged)

# %% tags=["solution"]
as_it_is, enlarged = 5, 3
assert check("6.1", as_it_is, enlarged)
config = TransferConfig(261, "resnet18", 4, (64, 96, 128))
TransferUNet(config)(torch.zeros(1, 1, 32, 32)).shape

# %% [markdown]
# **Exercise 6.2. One channel after all.** The encoder is shown the same grey three times, which is a waste. Write
# a function that turns the weights of its first layer into weights for *one* channel, with exactly the same output.
# Nothing that it knows may be lost.
#
# ```{admonition} Hint
# :class: dropdown
# A convolution adds up over its input channels: $w_R * x_R + w_G * x_G + w_B * x_B$, where $*$ is convolution, $w$ are
# the weights and $x$ the channels. What is that if $x_R = x_G = x_B$?
# ```


# %% tags=["exercise"]
def fold(weight: torch.Tensor) -> torch.Tensor:
    """Weights (O, 3, k, k) for three equal channels to (O, 1, k, k)."""
    ...


check("6.2", fold)


# %% tags=["solution"]
def fold(weight: torch.Tensor) -> torch.Tensor:
    """Weights (O, 3, k, k) for three equal channels to (O, 1, k, k)."""
    return weight.sum(1, keepdim=True)


assert check("6.2", fold)
first = next(network.encoder.parameters()).detach()
three, one = F.conv2d(seen, first), F.conv2d(seen[:, :1], fold(first))
assert (three - one).abs().max() < 1e-3

# %% [markdown]
# **Exercise 6.3. Two speeds without fastai.** A PyTorch optimiser takes a list of groups, each with its own rate. Write
# the groups for {eq}`eq-rates`. Then think: what would $\rho = 1$ do with 500 pictures?
#
# ```{admonition} Hint
# :class: dropdown
# `parameter_groups(network)` gives two lists: the encoder's parameters, then the rest. A group is
# `{"params": a_list, "lr": a_rate}`.
# ```


# %% tags=["exercise"]
def two_speeds(network: TransferUNet, lr: float, rho: float) -> list[dict]:
    """What torch.optim.AdamW takes: lr for the decoder, less before it."""
    ...


check("6.3", two_speeds)


# %% tags=["solution"]
def two_speeds(network: TransferUNet, lr: float, rho: float) -> list[dict]:
    """What torch.optim.AdamW takes: lr for the decoder, less before it."""
    encoder, rest = parameter_groups(network)
    return [{"params": encoder, "lr": rho * lr}, {"params": rest, "lr": lr}]


assert check("6.3", two_speeds)
optimiser = torch.optim.AdamW(two_speeds(network, recipe.lr, recipe.encoder_lr))
[group["lr"] for group in optimiser.param_groups]

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# With $\rho = 1$ and few pictures a fast encoder may forget ImageNet and learn the 500 by heart. Even with $\rho = 0.25$ the network
# learned them by heart, and its loss on dev ended above that of the scratch network. With many it may forget, since there is enough to learn it anew. Try it:
# `get_recipe("transfer", encoder_lr=1.0, epochs=40)`.
# ```
#
# **Exercise 6.4. Frozen for ever.** Suppose that the encoder stays frozen to the end. What share of the network's parameters
# learns, from 0 to 1? Guess first. And what can such a network never learn?
#
# ```{admonition} Hint
# :class: dropdown
# `parameter_groups(network)` again. `p.numel()` counts the numbers in a parameter.
# ```

# %% tags=["exercise"]
share = ...
check("6.4", share)

# %% tags=["solution"]
encoder_size, rest_size = (
    sum(p.numel() for p in group) for group in parameter_groups(network)
)
share = rest_size / (encoder_size + rest_size)
assert check("6.4", share)

# %% [markdown]
# ```{admonition} Why
# :class: dropdown
# It can only use what the encoder keeps. A classifier may throw away what tells a blue shirt from a red one in grey,
# since both are shirts.
# ```
#
# **Exercise 6.5. Worth how many pictures?** The pretrained network reaches some ab RMSE with 5,000 pictures. How many
# would the scratch network need for the same, if its curve in {numref}`fig-curves` were straight between its marks?
#
# ```{admonition} Hint
# :class: dropdown
# `mean.loc[5000, "pretrained"]` is the error to reach. The axis of pictures is logarithmic: go as far along
# $\log_{10}$ of the pictures as the error goes from one mark to the next.
# ```

# %% tags=["exercise"]
pictures_needed = ...
check("6.5", pictures_needed)

# %% tags=["remove-input"]
answer_here("6.5", 1000, 60_000)

# %% tags=["solution"]
start, end = mean.loc[5000, "scratch"], mean.loc[50_000, "scratch"]
along = (start - mean.loc[5000, "pretrained"]) / (start - end)
pictures_needed = 5000 * (50_000 / 5000) ** along
assert check("6.5", pictures_needed)

# %% [markdown]
# **Exercise 6.6. Read no more than is there.** Which of these sentences does {numref}`fig-curves` carry?
#
# - a: Pretraining is worth least where pictures are few.
# - b: With 500,000 pictures the pretrained network would be further ahead still.
# - c: Trained as they were here, the pretrained network has the smallest error at each of the three numbers of pictures.
# - d: With 5,000 pictures, pretraining is as good as ten times the pictures.
#
# ```{admonition} Hint
# :class: dropdown
# Ask of each: which marks would have to be elsewhere, if it were false? And is anything but pretraining different between
# them?
# ```

# %% tags=["exercise"]
letter = ...
check("6.6", letter)

# %% tags=["remove-input"]
answer_here("6.6", choices="abcd")

# %% tags=["solution"]
letter = "c"
assert check("6.6", letter)
assert (mean.idxmin(axis=1) == "pretrained").all()

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence of your own before you open the answer.
#
# **1.** What can a network that only ever named pictures contribute to colouring them?
#
# ```{admonition} Answer
# :class: dropdown
# On its way to a name it makes maps of edges, fur, eyes, and of what is where. Colour depends on what a thing is, so
# these maps are worth having, although nobody taught it colour.
# ```
#
# **2.** Why is the pretrained part frozen at first?
#
# ```{admonition} Answer
# :class: dropdown
# The new part begins with random weights, and its first gradients are large and mean little. They would spoil what the
# old part knows. So the new part learns first, and then both, the old one more slowly.
# ```
#
# **3.** The learning curves do not settle what pretraining is worth with few pictures. What went wrong with the
# comparison?
#
# ```{admonition} Answer
# :class: dropdown
# With the number of pictures the number of steps changed as well, and with it whether a network was overfitted or not
# yet done. Several causes changed at once: the comparison is confounded.
# ```
#
# **4.** Why does the book train each network with three seeds where it compares them?
#
# ```{admonition} Answer
# :class: dropdown
# Two trainings of one network differ, too. Only a difference that is larger than this can be owed to the network, the
# loss or the start.
# ```
#
# **5.** On the JPEG copies transfer is best, on the twenty lossless pictures it is not. What may you conclude?
#
# ```{admonition} Answer
# :class: dropdown
# Not much: twenty pictures are few. It is a hint that the order may depend on the copy of the data, and a reason not to
# claim that transfer is best everywhere.
# ```

# %% [markdown]
# **Where to go next.** [The next chapter](07_classify) turns the question round: does colour help a network to say
# what it sees?
#
# **Two projects**, if you want to build something of your own:
#
# - *Few pictures, done properly.* Give the pretrained network with 500 pictures what was not tried: a frozen encoder to the end, and fewer
#   passes, chosen on dev. `curve_recipe` in `colorize_lib/experiments/transfer.py` says how each network is trained. Use at least three
#   seeds.
# - *Another encoder.* `colorize_lib/networks/pretrained.py` builds any encoder by its timm name, with internet. Take one that learned
#   without labels, and ask whether it is the *names* of things that help, or having seen them.
