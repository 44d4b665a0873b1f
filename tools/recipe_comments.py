"""Write above each recipe what it gave when it was trained, and how long that took. ``--check`` only looks.

The numbers are those of ``results/``, the minutes those of the weights' own record, on a machine that had other work.
"""

import json
import re
import sys
from pathlib import Path

from colorize_lib.record import singular, trainings_of
from colorize_lib.weights.shipped import load_weights, shipped_weights

ROOT = Path(__file__).resolve().parent.parent
FILES = [ROOT / "colorize_lib" / "training" / name for name in ("recipes.py", "classifier.py")]
#: A recipe, and the comment above it if it has one.
RECIPE = re.compile(r'^( +)(?:# (?:Measured|Not measured).*\n +)?((?:Classifier)?Recipe\(\s*"([\w.-]+)")', re.MULTILINE)


def read(name: str) -> dict:
    path = ROOT / "results" / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def took(weights: dict) -> str:
    """How long the training of a network took, by its weights' metadata."""
    minutes = sum(epoch["seconds"] for epoch in weights["history"]) / 60
    *before, _ = trainings_of(weights)
    minutes += sum(one["minutes"] for one in before)
    runs = f"run 1 of {len(before) + 1}" if before else "1 run"
    return f"{minutes:.0f} min on {singular(weights['hardware'])}, {runs}"


def colours(row: dict) -> str:
    """The numbers of a row of a result, at T = 1 and without rebalancing."""
    return f"ab RMSE {row['ab_rmse']:.2f}, AuC {row['auc']:.2f} %"


def measured(name: str) -> str:
    """What is known of a recipe, as the words of a comment."""
    if result := read(name):
        rows = [row for row in result["test"] if (row.get("lam", 1), row.get("temperature", 1)) == (1, 1)]
        if "weights" in result and rows:
            return f"Measured: {colours(rows[0])} on CIFAR-10, T = 1; {took(result['weights'])}."
    photographs, vgg = read("photographs"), read("vgg")
    for row in photographs["test"]["rows"]:
        if (row["network"], row["averaged"], row["lam"], row["temperature"]) == (name, "distributions", 1, 1):
            known = took(load_weights(name).meta) if name in shipped_weights() else "minutes not kept, 1 run"
            return f"Measured: {colours(row)} on photographs, T = 1; {known}."
    if name == vgg["recipe"]["name"]:
        cell, networks = vgg["sets"]["test"]["columns"]["colour"]["truth"], vgg["classifiers"]
        minutes = vgg["training_seconds"] / 60 / len(networks)
        return (
            f"Measured: {100 * cell['accuracy']['mean']:.1f} % of colour pictures right; {minutes:.0f} min on "
            f"{singular(networks[0]['hardware'])}, {vgg['seeds']} runs."
        )
    return "Not measured."


def commented(text: str) -> str:
    """A module with the comments that its recipes should have."""
    return RECIPE.sub(lambda found: f"{found[1]}# {measured(found[3])}\n{found[1]}{found[2]}", text)


def main() -> int:
    status = 0
    for path in FILES:
        text = path.read_text("utf-8")
        if (right := commented(text)) != text:
            print(path.relative_to(ROOT))
            status = 1
            if "--check" not in sys.argv:
                path.write_text(right, "utf-8")
    return status if "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
