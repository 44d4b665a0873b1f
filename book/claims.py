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
# # What the poster claimed, what we found
#
# The poster {cite}`liwang` fits on one sheet, and so do its claims. Here is each of them, also what it wished for and
# why it set out, with a verdict and the numbers it stands on. They are read from result files, and below each
# stands what makes it again. A few are worked out here, on the twenty pictures that came with the book.
#
# **Its conclusions on the colorizers:**
#
# | what the poster says | verdict |
# |---|---|
# | Regression favours greyish colours, and is worst | {ref}`true on this copy of the data, but the rest is hardly better <claim-regression>` |
# | Classification does decently | {ref}`true, and it is as grey <claim-classification>` |
# | The annealed mean works best at T = 0.89 | {ref}`it depends on what you measure <claim-annealed>` |
# | Its pictures are vibrant | {ref}`no <claim-vibrant>` |
# | ... and spatially consistent | {ref}`yes, though no more than the plain mean <claim-consistent>` |
# | Transfer learning does decently | {ref}`it is the best of ours, on this copy of the data <claim-transfer>` |
#
# **Its conclusions on the classifier:**
#
# | what the poster says | verdict |
# |---|---|
# | Colorization boosts accuracy | {ref}`for a network that learned on colour <claim-accuracy>` |
# | ... and confidence | {ref}`yes, perhaps too much <claim-confidence>` |
#
# **What it left for later:**
#
# | what the poster says | verdict |
# |---|---|
# | Class rebalancing | {ref}`it brings the colour <claim-rebalancing>` |
# | A larger data set generalises better | {ref}`no gain found, for a small network briefly trained <claim-imagenet>` |
#
# **Why it set out:**
#
# | what the poster says | verdict |
# |---|---|
# | Colours give a classifier extra information | {ref}`guessed ones cannot <claim-information>` |
# | An object can have several plausible colours | {ref}`true, and the network holds them <claim-modes>` |
# | Plausible colours, not the original ones | {ref}`not tested <claim-plausible>` |
# | Historical pictures and videos | {ref}`steadier, and not to be believed <claim-history>` |

# %% tags=["hide-input"]
from colorize_lib import Colorizer, rgb_to_lab
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.experiments.repeated import beyond_chance
from colorize_lib.experiments.seeds import Setting, pair
from colorize_lib.experiments.subsets import change
from colorize_lib.measuring.metrics import ciede2000
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result

regression = read_result("regression")
classification = read_result("classification")
transfer = read_result("transfer")
curves = read_result("transfer-curves")
rebalanced = read_result("rebalanced")
vgg = read_result("vgg")
hues = read_result("hues")
general = read_result("generalisation")
subsets = read_result("subsets")
seeds = read_result("seeds")
hinted = read_result("hints")


def row(result: dict, temperature: float = 1.0, lam: float = 1.0) -> dict:
    """The metrics on the test images at one setting of the dials."""
    return next(
        row
        for row in result["test"]
        if (row["temperature"], row["lam"]) == (temperature, lam)
    )


def over_seeds(
    one: Setting, other: Setting, measure: str = "ab_rmse"
) -> tuple[str, bool]:
    """What three short trainings of each say of a difference, and whether it is more than chance."""
    compared = pair(seeds["pairs"], one, other)
    found, apart = (
        compared[key][measure] for key in ("measures", "between_seeds")
    )
    same = one.network == other.network  # two settings of the same trainings
    places = 3 if same or measure == "colourfulness_ratio" else 2
    mean, low, high = (
        f"{found[end]:+.{places}f}" for end in ("mean", "low", "high")
    )
    words = f"{mean} ({low} to {high}), where " + (
        f"this change differs from seed to seed by up to {apart:.{places}f}"
        if same
        else f"two seeds of one network differ by up to {apart:.{places}f}"
    )
    return words, beyond_chance(found, apart)


l2 = regression["test"][0]
mean, poster, paper = (row(classification, t) for t in (1.0, 0.89, 0.38))

# The twenty pictures that came with the book, coloured here
lightness = rgb_to_lab(embedded_cifar10().rgb)[:, :1]
colorizer = Colorizer.load("classification")
by_classification = colorizer.colour_lightness(lightness).cpu()
by_regression = Colorizer.load("regression").colour_lightness(lightness).cpu()

# %% [markdown]
# (claim-regression)=
#
# ## Regression: "It favors grayish colorization", and is worst

# %% tags=["hide-input"]
assert l2["colourfulness_ratio"] < 0.6
assert mean["ab_rmse"] < l2["ab_rmse"] < mean["ab_rmse"] + 0.5
holds, more = over_seeds(Setting("regression"), Setting("classification", 1.0))
assert more
apart = ciede2000(by_regression, by_classification, lightness)
assert apart > 1  # an eye can see it, side by side
report(
    f"**True on this copy of the data.** Its pictures have {l2['colourfulness_ratio']:.0%} of the colourfulness of the true ones. Of the "
    f"poster's three models, each read at its mean, it has the largest error: an ab RMSE of {l2['ab_rmse']:.2f} against {mean['ab_rmse']:.2f} for classification. "
    f"That is a gap of {l2['ab_rmse'] - mean['ab_rmse']:.2f} Lab units between two mean errors, from one training each. "
    "On the twenty lossless pictures of chapter 6 it has the smallest error of the three, but so few do not settle it. "
    f"With three short trainings of each, classification changes it by {holds}: small, and more than chance. They were three passes "
    "long, which is a smaller part of the recipe of regression than of the other. "
    f"It does not mean that the pictures are alike. On the twenty pictures of this book the two "
    f"networks' colours are a CIEDE2000 of {apart:.1f} apart, and about 1 can just be seen. They are wrong in different places, by nearly the "
    "same amount.",
    regression,
    classification,
    seeds,
)

# %% [markdown]
# The cells that show it: {numref}`fig-faded` and {numref}`fig-chroma-lost`. [Chapter 2](02_regression) says why: the
# best answer under an L2 loss is the mean of the plausible colours, and that is grey.
#
# (claim-classification)=
#
# ## Classification does "decently well"

# %% tags=["hide-input"]
assert abs(mean["colourfulness_ratio"] - l2["colourfulness_ratio"]) < 0.05
assert all(mean[key] > l2[key] for key in ("auc", "auc_balanced", "psnr"))
both_short = pair(
    seeds["pairs"], Setting("regression"), Setting("classification", 1.0)
)["measures"]
assert (
    both_short["auc_balanced"]["low"] < 0 < both_short["auc_balanced"]["high"]
)
as_grey = both_short["colourfulness_ratio"]
assert -0.02 < as_grey["low"] < 0 < as_grey["high"] < 0.02
report(
    f"**True, and it is as grey.** Its error is a little smaller, as above. But its mean has {mean['colourfulness_ratio']:.0%} of "
    f"the truth's colourfulness, and regression {l2['colourfulness_ratio']:.0%}. With three short trainings of each the colourfulness "
    f"changes by {as_grey['mean']:+.3f} ({as_grey['low']:+.3f} to {as_grey['high']:+.3f}), and in balanced AuC, where rare colours count as much as "
    "common ones, the two cannot be told apart. What it has over regression is that it knows more than one colour.",
    regression,
    classification,
    seeds,
)

# %% [markdown]
# The cells that show it: {numref}`fig-beliefs` and {numref}`fig-same-grey`. [Chapter 3](03_classification) says why:
# the mean of a distribution is the mean.
#
# (claim-annealed)=
#
# ## "T = 0.89 works the best"

# %% tags=["hide-input"]
best = classification["best_on_dev"]
favourites = sorted(set(best.values()))
likes = [metric for metric, t in best.items() if t == 0.89]
assert paper["colourfulness_ratio"] < poster["colourfulness_ratio"]
assert len(favourites) > 2 and len(likes) < len(best) / 2
assert abs(poster["ab_rmse"] - mean["ab_rmse"]) < 0.05
cooled, more = over_seeds(
    Setting("classification", 1.0), Setting("classification", 0.89)
)
assert not more  # it hardly matters
report(
    f"**It depends on what you call best, and 0.89 hardly differs from 1.** The best temperatures on dev are "
    f"{', '.join(f'{t:g}' for t in favourites)}, depending on the metric. "
    f"{len(likes)} of {len(best)} metrics prefer 0.89. From T = 1 to T = 0.89 the ab RMSE changes by "
    f"{abs(poster['ab_rmse'] - mean['ab_rmse']):.2f} Lab units; with three short trainings, by {cooled}. At the paper's 0.38 the pictures are greyer, not more "
    f"vivid: {paper['colourfulness_ratio']:.0%} of the truth's colourfulness, where T = 0.89 has "
    f"{poster['colourfulness_ratio']:.0%}.",
    classification,
    seeds,
)

# %% [markdown]
# The cell that shows it: {numref}`fig-sweep`, eight of them at every temperature. [Chapter 4](04_annealed_mean) has a
# {ref}`dial to turn yourself <both-dials>`.
#
# (claim-vibrant)=
#
# ## "Both vibrant ..."

# %% tags=["hide-input"]
assert poster["colourfulness_ratio"] < 0.6
for one in seeds["rows"]:  # nor is any of three short trainings
    if (one["network"], one["lam"]) == ("classification", 1):
        assert max(one["measures"]["colourfulness_ratio"]["seeds"]) < 0.6
report(
    f"**No.** At T = 0.89 the annealed mean has {poster['colourfulness_ratio']:.0%} of the colourfulness of the true pictures, at "
    f"T = 1 {mean['colourfulness_ratio']:.0%}, and regression {l2['colourfulness_ratio']:.0%}. It takes rebalancing to make them vivid.",
    classification,
    regression,
)

# %% [markdown]
# (claim-consistent)=
#
# ## "... and spatially consistent"

# %% tags=["hide-input"]
rough = {t: row(classification, t)["roughness"] for t in (1.0, 0.89, 0.01)}
true_rough = classification["baselines"]["ceiling"]["roughness"]
assert rough[1.0] < rough[0.89] < rough[0.01] < true_rough
assert rough[0.89] < 1.05 * rough[1.0] and rough[0.01] > 1.1 * rough[1.0]
smoother = pair(
    seeds["pairs"],
    Setting("classification", 1.0),
    Setting("classification", 0.89),
)["measures"]["roughness"]
assert smoother["low"] > 0 and smoother["high"] < 0.01
report(
    "**Yes, and no more than the plain mean.** Roughness is how much colour changes where light does not. On the "
    f"test pictures it is {rough[0.89]:.3f} at T = 0.89, {rough[1.0]:.3f} at T = 1, and {rough[0.01]:.3f} for the likeliest "
    f"colour of each pixel, which is blotchy. The true colours, at the same half resolution, have {true_rough:.3f}: so to be smoother than that is "
    f"no achievement by itself. With three short trainings, T = 0.89 is {smoother['mean']:+.4f} ({smoother['low']:+.4f} to {smoother['high']:+.4f}) "
    "from T = 1.",
    classification,
    seeds,
)

# %% [markdown]
# The table that shows it on twenty pictures, for both dials: {ref}`in chapter 4 <vibrant-consistent>`.
#
# (claim-transfer)=
#
# ## Transfer learning does "decently well"

# %% tags=["hide-input"]
pretrained = row(transfer)
assert pretrained["ab_rmse"] < mean["ab_rmse"]
assert pretrained["auc_balanced"] > mean["auc_balanced"]
holds, more = over_seeds(
    Setting("classification", 1.0), Setting("transfer", 1.0)
)
assert more
passes = [
    result["weights"]["recipe"]["epochs"]
    for result in (transfer, classification)
]
report(
    f"**More than that: it is the best of our networks, on this copy of the data.** Its ab RMSE is {pretrained['ab_rmse']:.2f} after "
    f"{passes[0]} passes over the pictures. Classification from nothing has {mean['ab_rmse']:.2f} after {passes[1]}. Each pass cost more than "
    f"twice as much, so the computing was about the same. With three short trainings of each, it changes the ab RMSE by {holds}. "
    "But its encoder had seen a million labelled pictures before. On lossless pictures the order may be another: chapter 6 tries twenty.",
    transfer,
    classification,
    seeds,
)


# %% tags=["hide-input"]
def mean_error(arm: str, images: int) -> float:
    """ab RMSE of an arm of the learning curves, mean over its seeds."""
    errors = [
        curve["test"]["ab_rmse"]
        for curve in curves["curves"]
        if (curve["arm"], curve["images"]) == (arm, images)
    ]
    return sum(errors) / len(errors)


def gains(arm: str) -> str:
    """What pretraining takes off the error of an arm, at each number of pictures."""
    by = {n: mean_error(arm, n) - mean_error("pretrained", n) for n in sizes}
    return ", ".join(f"{gain:.2f} with {n:,}" for n, gain in by.items())


sizes = sorted({curve["images"] for curve in curves["curves"]})
ahead = {
    arm: [mean_error(arm, n) - mean_error("pretrained", n) for n in sizes]
    for arm in ("scratch", "unet")
}
assert ahead["scratch"] == sorted(ahead["scratch"])  # it grows ...
assert ahead["unet"] != sorted(ahead["unet"])  # ... and does not
report(
    "What pretraining is worth with few pictures is **not settled**. It takes off the ab RMSE of the same network from nothing "
    f"{gains('scratch')}; off that of the small U-Net {gains('unet')}. The first row grows, the second does not, and each number is one or "
    "two trainings of very different length.",
    curves,
)

# %% [markdown]
# The cell that shows it: {numref}`fig-curves`, in [chapter 6](06_transfer).
#
# (claim-accuracy)=
#
# ## "Colorization in general boosts object classification accuracy"

# %% tags=["hide-input"]
test = vgg["sets"]["test"]["columns"]


def right(learned_on: str, shown: str) -> str:
    """Accuracy with its interval."""
    cell = test[learned_on][shown]["accuracy"]
    return f"{100 * cell['mean']:.1f} % ({100 * cell['low']:.1f} to {100 * cell['high']:.1f})"


turned = next(
    pair["difference"]
    for pair in hues["sets"]["test"]["pairs"]["colour"]
    if pair["rows"] == ["grey", "truth-hue-180"]
)
assert turned["high"] < 0
coloured = test["colour"]["mean"]["accuracy"]["mean"]
assert test["colour"]["grey"]["accuracy"]["high"] < coloured
decisive = next(
    pair["difference"]
    for pair in vgg["sets"]["test"]["columns_compared"]
    if pair["other"] == ["colour", "mean"]
)
assert decisive["high"] < 0
by_transfer = next(
    pair["difference"]
    for pair in vgg["sets"]["test"]["columns_compared"]
    if pair["other"] == ["colour", "transfer"]
)
assert by_transfer["low"] < 0 < by_transfer["high"]
assert (
    test["colour"]["random"]["accuracy"]["high"]
    < test["colour"]["grey"]["accuracy"]["low"]
)
report(
    f"**Reproduced, for a network that learned on colour.** It is right about {right('colour', 'grey')} of the grey "
    f"pictures, {right('colour', 'mean')} of the coloured ones and {right('colour', 'truth')} of the true ones. "
    f"But a network that learned on grey is right about {right('grey', 'grey')} of the grey ones, and from there the coloured ones are "
    f"{100 * decisive['mean']:+.1f} points ({100 * decisive['low']:+.1f} to {100 * decisive['high']:+.1f}). With those coloured by transfer it is "
    f"{100 * by_transfer['mean']:+.1f} ({100 * by_transfer['low']:+.1f} to {100 * by_transfer['high']:+.1f}), which is not told apart. So colouring gives "
    f"back part of what was taken away. And it must be about the right hue, though it may be faint. With the colours of another "
    f"image it is {right('colour', 'random')}. With the true ones, every hue turned to its opposite and every outline in its "
    f"place, one such network is {100 * turned['mean']:+.1f} points ({100 * turned['low']:+.1f} to {100 * turned['high']:+.1f}) from what it is on grey.",
    vgg,
    hues,
)

# %% [markdown]
# The cells that show it: {numref}`fig-accuracy`, and {numref}`fig-control` with the controls that the poster left out,
# in [chapter 7](07_classify). The deciding one, a network that learned on grey, stands in the paper that the poster
# follows {cite}`zhang2016colorful`. There it is ahead of every coloured row.
#
# (claim-confidence)=
#
# ## "... and confidence"

# %% tags=["hide-input"]
surer, off = (
    {
        shown: 100 * test["colour"][shown][key]["mean"]
        for shown in ("grey", "mean", "truth")
    }
    for key in ("confidence", "ece")
)
sure = {shown: test["colour"][shown]["confidence"] for shown in surer}
assert sure["grey"]["high"] < sure["mean"]["low"] and off["mean"] > off["grey"]
grey_right = test["colour"]["grey"]["accuracy"]["mean"]
assert surer["mean"] - surer["grey"] > 100 * (coloured - grey_right)
report(
    f"**Reproduced, and perhaps a little too much.** Confidence rises from {surer['grey']:.1f} % to {surer['mean']:.1f} %, accuracy "
    f"from {100 * grey_right:.1f} % to {100 * coloured:.1f} %. The expected calibration error goes from {off['grey']:.1f} % to {off['mean']:.1f} %, with "
    f"intervals that overlap and were not compared in pairs; on true pictures it is {off['truth']:.1f} %.",
    vgg,
)

# %% [markdown]
# The poster showed this on five pictures. [Chapter 7](07_classify) has its table word for word, and says what five
# pictures can prove. {numref}`fig-five` rebuilds it live.
#
# (claim-rebalancing)=
#
# ## Left for later: class rebalancing

# %% tags=["hide-input"]
dial, trained = row(classification, 0.38, 0.5), row(rebalanced, 0.38)
assert dial["colourfulness_ratio"] > 1 > paper["colourfulness_ratio"]
assert dial["ab_rmse"] > paper["ab_rmse"]
assert abs(dial["ab_rmse"] - trained["ab_rmse"]) < 0.1  # nearly the same price
vivid, more = over_seeds(
    Setting("classification", 0.38),
    Setting("rebalanced", 0.38),
    "colourfulness_ratio",
)
assert more
dearer, _ = over_seeds(
    Setting("classification", 0.38, 0.5), Setting("rebalanced", 0.38)
)
report(
    f"**It is what brings the colour, and you need not train for it.** At T = 0.38 the colourfulness is "
    f"{paper['colourfulness_ratio']:.2f} of the truth's as trained, {dial['colourfulness_ratio']:.2f} with λ = 0.5 set "
    f"after training, and {trained['colourfulness_ratio']:.2f} with λ = 0.5 trained in. The price is nearly the same: "
    f"an ab RMSE of {dial['ab_rmse']:.2f} and {trained['ab_rmse']:.2f}, where it was {paper['ab_rmse']:.2f}. With three short trainings "
    f"of each network, training with it changes the colourfulness by {vivid}; and from the dial to that network the ab RMSE changes by {dearer}.",
    classification,
    rebalanced,
    seeds,
)

# %% [markdown]
# The cells that show it: {numref}`fig-second-dial`, and {numref}`fig-experiment` on [a page
# of chapter 5](dial_or_training).
#
# (claim-imagenet)=
#
# ## Left for later: a larger data set, such as ImageNet

# %% tags=["hide-input"]
errors = {
    (name, one["network"]): one["ab_rmse"]
    for name, part in general["sets"].items()
    for one in part["rows"]
    if (one["lam"], one["temperature"], one["seen_at"]) == (1, 1, part["side"])
}
elsewhere = {  # learned on Tiny ImageNet minus learned on CIFAR-10, in pairs
    name: next(
        d["ab_rmse"]
        for d in part["differences"]
        if (d["seen"], d["lam"], d["temperature"]) == ("as they are", 1, 1)
    )
    for name, part in general["sets"].items()
}
assert elsewhere["tiny-imagenet"]["high"] < 0 < elsewhere["cifar10"]["low"]
more_pictures, more_kinds = (
    {
        test: change(part["differences"], one, other)["ab_rmse-1"]
        for test, part in subsets["compared"].items()
    }
    for one, other in (((200, 30), (200, 240)), ((50, 240), (200, 60)))
)


def apart_from_chance(found: dict) -> dict[str, bool]:
    """On which test sets a change is more than chance."""
    return {
        test: beyond_chance(
            one, subsets["compared"][test]["between_seeds"]["ab_rmse-1"]
        )
        for test, one in found.items()
    }


assert not any(apart_from_chance(more_pictures).values())
assert apart_from_chance(more_kinds) == {
    "cifar10": False,
    "photographs": True,
    "tiny-imagenet": True,
}
assert all(one["mean"] < 0 for one in more_kinds.values())
assert more_pictures["cifar10"]["mean"] > 0
most = -min(one["low"] for one in more_pictures.values())


def changes(found: dict) -> str:
    """A change in ab RMSE, on each test set with its interval."""
    return ", ".join(
        f"{d['mean']:+.2f} ({d['low']:+.2f} to {d['high']:+.2f}) on {name}"
        for test, name in (
            ("cifar10", "CIFAR-10"),
            ("tiny-imagenet", "Tiny ImageNet"),
            ("photographs", "500 photographs"),
        )
        for d in [found[test]]
    )


report(
    f"**No gain was found, for a small network briefly trained.** One U-Net learned from 6,000 to 48,000 pictures of Tiny ImageNet in the same "
    f"{subsets['design']['steps']:,} steps, with {subsets['design']['seeds']} seeds. Eight times as many pictures change its ab RMSE by "
    f"{changes(more_pictures)}. None of the three is more than chance, and a gain of more than {most:.2f} is outside of every interval. As many pictures of four times as many kinds "
    f"change it by {changes(more_kinds)}. So more kinds help a little on Tiny ImageNet, and perhaps on photographs. Whether more pictures "
    "help a larger network that trains for days was not tested.\n\n"
    f"From one data set to another the differences are larger, though there the networks differ too, and are one training each. On Tiny ImageNet the network that learned there has an ab RMSE of "
    f"{errors['tiny-imagenet', 'photo']:.2f}, and the one that learned CIFAR-10 {errors['tiny-imagenet', 'cifar']:.2f}. "
    f"On CIFAR-10 it is the other way round: {errors['cifar10', 'photo']:.2f} and {errors['cifar10', 'cifar']:.2f}. Each "
    f"is better on pictures of the kind that it learned from, picture by picture by {-elsewhere['tiny-imagenet']['mean']:.2f} and {elsewhere['cifar10']['mean']:.2f}.",
    subsets,
    general,
)

# %% [markdown]
# The cell that shows it: {numref}`fig-subsets`, and the table below it, in [chapter 8](08_photos). [Chapter 9](09_scale) says what the whole of ImageNet would take.
#
# (claim-information)=
#
# ## Why it set out: "extra information provided by colors"
#
# **True colours provide some, guessed ones cannot.** A coloured picture is made from the grey one alone, so it says no more
# about the class than that does {eq}`eq-processing`. This holds for every colorizer, whatever it has learned. What
# guessed colours can do is make the picture easier to read for a network that expects colour, and that is what
# {ref}`the experiment <claim-accuracy>` shows.

# %% tags=["hide-input"]
extra = next(
    pair
    for pair in vgg["sets"]["test"]["columns_compared"]
    if pair["other"] == ["colour", "truth"]
)
won = extra["difference"]
by_seed = [
    one - other
    for one, other in zip(
        test["colour"]["truth"]["accuracy_of_seed"],
        test["grey"]["grey"]["accuracy_of_seed"],
        strict=True,
    )
]
assert won["low"] > 0 and min(by_seed) > 0
report(
    f"How much do the true ones provide? A network that learned on colour and sees true colours is {100 * won['mean']:+.1f} points "
    f"({100 * won['low']:+.1f} to {100 * won['high']:+.1f}) from one that learned on grey and sees grey, and ahead with each of {len(by_seed)} seeds.",
    vgg,
)

# %% [markdown]
# (claim-modes)=
#
# ## Why it set out: an apple may be red, green or yellow

# %% tags=["hide-input"]
many = {
    name: {row["modes"]: row for row in part["truth_in_modes"]}
    for name, part in hinted["sets"].items()
}
for (
    rows
) in many.values():  # the second colour, and the third, are worth something
    assert rows[1]["high"] < rows[3]["low"]
for part in hinted["sets"].values():  # and a hint is, in pairs
    told = next(
        one["joined_minus_this"]["ab_rmse"]
        for one in part["rows"]
        if (one["placed"], one["hints"], one["method"])
        == ("random", 1, "network")
    )
    assert told["high"] < 0

# %% tags=["remove-input"]
report(
    "**True, and the network holds more than it shows.** The truth is near the likeliest colour of "
    + " and of ".join(
        f"{100 * rows[1]['share']:.0f} % of the pixels of {name}, near one of the three likeliest of "
        f"{100 * rows[3]['share']:.0f} %"
        for name, rows in many.items()
    )
    + ". With one hint at a random pixel the error falls from "
    + " and from ".join(
        "{:.1f} to {:.1f} ({})".format(
            *(
                next(
                    row["ab_rmse"]["mean"]
                    for row in part["rows"]
                    if (row["placed"], row["hints"], row["method"])
                    == ("random", *key)
                )
                for key in ((0, "network"), (1, "joined"))
            ),
            name,
        )
        for name, part in hinted["sets"].items()
    )
    + ".",
    hinted,
)

# %% [markdown]
# In [chapter 4](choose-a-colour) you choose the colour yourself.
#
# (claim-plausible)=
#
# ## Why it set out: plausible, not original
#
# **Not tested.** No number of this book measures it. The paper asked a crowd which of two pictures is the real one. The
# game at the end of [chapter 4](04_annealed_mean) asks you. Your answers stay with you, and make no result.
#
# (claim-history)=
#
# ## Why it set out: historical pictures and videos
#
# **Films flicker far less. How true the colours of old ones are was not tested**, as nobody knows them. Coloured frame by
# frame a film flickers, and carried along the motion its colours flicker less. Photographs that were made old lose colours
# to dust and a printer's dots, and film that saw no red cannot be put right. Invented colours are no evidence of anything.

# %% tags=["hide-input"]
films = read_result("films")
carried = {
    name: films["sets"][kind]["summary"]["distributions"]
    for kind, name in (("pans", "pans and zooms"), ("clips", "real clips"))
}
speed = films["speed"]["rates"]["distributions"]
assert all(found["flicker_to_alone"] < 0.5 for found in carried.values())
assert all(
    abs(found["ab_rmse_to_alone"] - 1) < 0.1 for found in carried.values()
)
assert speed > 0.5
report(
    "Carried, "
    + " and ".join(
        f"{100 * found['flicker_to_alone']:.0f} % of the flicker is left on {len(films['sets'][kind]['films'])} {name}"
        for (name, found), kind in zip(
            carried.items(), ("pans", "clips"), strict=True
        )
    )
    + f", at {100 * speed:.0f} % of the speed. How far the colours are from the true ones changes little: the ab RMSE by "
    + " and ".join(
        f"{100 * (found['ab_rmse_to_alone'] - 1):+.1f} %"
        for found in carried.values()
    )
    + ". So few films carry no interval.",
    films,
)

# %% [markdown]
# The cell that shows it: the table under the experiment of [chapter 10](10_films), and those of ageing before it.
#
# ## What was not repeated
#
# - The poster's VGG saw pictures of 224 by 224 pixels. Ours sees 32 by 32, and has a quarter of the channels.
# - Our copy of CIFAR-10 was compressed as JPEG, with colour at half resolution. All networks and all rows saw the same
#   copy. Its pictures are several Lab units off the lossless ones, as [chapter 1](01_lab) measures.
# - Each colorizer that ships is one training, with one seed. Three short trainings of each say how much two seeds differ,
#   [in chapter 6](06_transfer). How much the full trainings would vary has not been measured.
# - The poster names no metric for "works the best". So we took all that the book has. It does not say which network its transfer
#   began from either.
