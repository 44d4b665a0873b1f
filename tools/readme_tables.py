"""Write the tables of README.md and the model cards from results/ and benchmarks/. ``--check`` only looks."""

import json
import sys

from model_cards import METRICS, ROOT, cards, read, table

from colorize_lib.experiments.repeated import beyond_chance
from colorize_lib.experiments.subsets import change

#: The settings of the README's table: which network, lambda, temperature.
SETTINGS = (
    ("classification", 1.0, 1.0),
    ("classification", 1.0, 0.89),
    ("classification", 1.0, 0.38),
    ("classification", 0.7, 0.38),
    ("classification", 0.5, 0.38),
    ("rebalanced", 1.0, 0.38),
    ("transfer", 1.0, 1.0),
    ("transfer", 1.0, 0.38),
    ("transfer", 0.5, 0.38),
)


def results() -> str:
    regression = read("regression")
    rows = {"grey (no colour)": regression["baselines"]["grey"], "regression (L2)": regression["test"][0]}
    for name, lam, temperature in SETTINGS:
        found = [row for row in read(name)["test"] if (row["lam"], row["temperature"]) == (lam, temperature)]
        label = f"{name} (trained with λ = 0.5)" if name == "rebalanced" else f"{name}, λ = {lam:g}"
        rows[f"{label}, T = {temperature:g}"] = found[0]
    rows["truth, ab halved (the ceiling)"] = regression["baselines"]["ceiling"]
    data = regression["data"]["test"]
    return f"{table(rows)}\n\nData copy: {data['source']}, {data['images']:,} images."


def benchmarks() -> str:
    """Median ratios, one column a processor they were measured on."""
    runs = [json.loads(path.read_text()) for path in sorted((ROOT / "benchmarks" / "results").glob("*.json"))]
    lines = ["| ours | against | goal | " + " | ".join(f"ratio, {run['processor']}" for run in runs) + " |"]
    lines.append("|---" * (len(runs) + 3) + "|")
    found = [
        {(row["name"], row["peer"], row["goal"]): row["ratio"]["median"] for row in run["comparisons"]} for run in runs
    ]
    for row in dict.fromkeys(row for one in found for row in one):  # a newer comparison has not run everywhere
        ratios = [f"{one[row]:.3g}" if row in one else "" for one in found]
        lines.append(f"| {' | '.join([*row, *ratios])} |")
    days = [sorted({row.get("date", run["date"]) for row in run["comparisons"]}) for run in runs]
    made = "; ".join(
        f"{run['processor']}: {run['cpus']} cores, torch {run['torch']}, {' and '.join(dates)}"
        for run, dates in zip(runs, days, strict=True)
    )
    return "\n".join(lines) + f"\n\nMedians. {made}."


def generalisation() -> str:
    """Both networks on both test sets, seen as they are, with the grey picture beside them."""
    result = read("generalisation")
    metrics = ("ab_rmse", "auc", "auc_balanced", "colourfulness_ratio")
    lines = ["| test set | network | " + " | ".join(METRICS[key][0] for key in metrics) + " |", "|---" * 6 + "|"]
    names = {"cifar": "trained on CIFAR-10", "photo": "trained on Tiny ImageNet"}
    for part in result["sets"].values():
        grey = {"network": "grey", **part["baselines"]["grey"]}
        seen = [row for row in part["rows"] if row["seen_at"] == part["side"]]
        for row in (grey, *seen):
            label = names.get(row["network"], "no colour")
            setting = f", λ = {row['lam']:g}, T = {row['temperature']:g}" if "lam" in row else ""
            numbers = " | ".join(f"{row[key]:{METRICS[key][1]}}" for key in metrics)
            lines.append(f"| {part['source']}, {part['images']:,} | {label}{setting} | {numbers} |")
    return "\n".join(lines)


def subsets() -> str:
    """What more pictures, and more kinds, change in a small U-Net, with intervals over pictures and seeds."""
    result = read("subsets")
    pairs = {
        ((200, 30), (200, 240)): "48,000 pictures for 6,000",
        ((50, 240), (200, 60)): "200 kinds for 50, of 12,000",
    }
    names = {"cifar10": "CIFAR-10", "tiny-imagenet": "Tiny ImageNet", "photographs": "photographs"}
    lines = ["| change | " + " | ".join(f"ab RMSE on {name} ↓" for name in names.values()) + " |", "|---" * 4 + "|"]
    for pair, title in pairs.items():
        cells = []
        for test in names:
            part = result["compared"][test]
            one = change(part["differences"], *pair)["ab_rmse-1"]
            cell = f"{one['mean']:+.2f} ({one['low']:+.2f} to {one['high']:+.2f})"
            cells.append(f"**{cell}**" if beyond_chance(one, part["between_seeds"]["ab_rmse-1"]) else cell)
        lines.append(f"| {title} | {' | '.join(cells)} |")
    design = result["design"]
    note = f"{design['steps']:,} steps, {design['seeds']} seeds, T = 1; 95 % intervals over pictures and seeds."
    return "\n".join([*lines, "", note])


def photographs() -> str:
    """The network for photographs on its test set, beside grey and the network of before."""
    result = read("photographs")
    chosen = result["chosen"]
    usual = (chosen["lam"], chosen["temperature"])
    vivid = (result["vivid"]["lam"], result["vivid"]["temperature"])
    wanted = [("photo", 1.0, 1.0), ("photo", 1.0, 0.38), ("photo", *usual), ("photo", *vivid)]
    wanted += [("photo-64", 1.0, 1.0), ("photo-64", *vivid)]
    columns = {
        "ab_rmse": ("ab RMSE ↓", 1, ".2f"),
        "auc_gain": ("AuC, gain over grey ↑", 1, ".2f"),
        "auc_balanced_gain": ("balanced AuC, gain ↑", 1, ".2f"),
        "colourfulness_ratio": ("colourfulness", 1, ".2f"),
        "roughness": ("roughness ↓", 1, ".3f"),
        "worse_than_grey": ("worse than grey ↓", 100, ".0f"),
        "red_patches": ("red patches ↓", 100, ".1f"),
    }
    lines = ["| | " + " | ".join(title for title, *_ in columns.values()) + " |", "|---" * (len(columns) + 1) + "|"]
    rows = {"no colour": result["test"]["grey"]}
    for network, lam, t in wanted:
        note = ", as it is set" if network == "photo" and (lam, t) == usual else ""
        rows[f"{network}, λ = {lam:g}, T = {t:g}{note}"] = next(
            row
            for row in result["test"]["rows"]
            if (row["network"], row["averaged"]) == (network, "distributions")
            and (row["lam"], row["temperature"]) == (lam, t)
        )
    for label, row in rows.items():
        cells = [
            f"{times * row[key]:{form}}" + (" %" if times == 100 else "") for key, (_, times, form) in columns.items()
        ]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    test = result["data"]["test"]
    return "\n".join(lines) + (
        f"\n\n{test['images']} photographs of as many ImageNet classes, 256x256 ({test['source']}); all choices on "
        "other photographs. A red patch is one of over 3 % of the picture that is not there in truth. `photo-64` is "
        "a U-Net that learned from 64x64 pictures, in the same decoding."
    )


#: The rows of the README's table of classifiers.
SHOWN = {
    "grey": "grey",
    "random": "colours of another image",
    "regression": "regression",
    "mean": "classification, T = 1",
    "annealed-0.89": "classification, T = 0.89",
    "annealed-0.38": "classification, T = 0.38",
    "transfer": "transfer, T = 0.89",
    "dial": "classification, λ and T best on dev",
    "truth": "truth",
}


def vgg() -> str:
    """Accuracy of every column of the VGG experiment on the most telling rows, with intervals."""
    result = read("vgg")
    part = result["sets"]["test"]
    lines = ["| shown | " + " | ".join(f"learned on {column}" for column in part["columns"]) + " |"]
    lines.append("|---" * (len(part["columns"]) + 1) + "|")
    for row, label in SHOWN.items():
        cells = [rows[row]["accuracy"] for rows in part["columns"].values()]
        numbers = [f"{100 * c['mean']:.1f} ({100 * c['low']:.1f} to {100 * c['high']:.1f})" for c in cells]
        lines.append(f"| {label} | " + " | ".join(numbers) + " |")
    data, made = result["data"], result["classifiers"][0]
    return "\n".join(lines) + (
        f"\n\nAccuracy in %, mean of {result['seeds']} seeds, with 95 % bootstrap intervals over "
        f"{part['images']:,} test images. VGG-16 with {made['parameters']:,} parameters at 32x32, trained on "
        f"{data['train']['images']:,} images ({data['train']['source']})."
    )


def hues() -> str:
    """What one network of each kind makes of other strengths and hues, in points from grey, with intervals."""
    result = read("hues")
    part = result["sets"]["test"]
    lines = ["| shown | " + " | ".join(f"learned on {column}" for column in part["columns"]) + " |"]
    lines.append("|---" * (len(part["columns"]) + 1) + "|")
    rows = {
        "colours of another image": "random",
        "truth, a quarter as strong": "truth-strength-0.25",
        "truth, half as strong": "truth-strength-0.5",
        "truth": "truth",
        "truth, 1.5 times as strong": "truth-strength-1.5",
        **{f"truth, hue turned by {hue}°": f"truth-hue-{hue}" for hue in (60, 120, 180, 240, 300)},
    }
    for label, row in rows.items():
        cells = []
        for pairs in part["pairs"].values():
            found = next(pair["difference"] for pair in pairs if pair["rows"] == ["grey", row])
            cells.append("{mean:+.1f} ({low:+.1f} to {high:+.1f})".format(**{k: 100 * v for k, v in found.items()}))
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + (
        f"\n\nPoints of accuracy more than on grey, with 95 % intervals over the same {part['images']:,} test images "
        f"({result['data']['test']['source']}). One network of each kind, the shipped ones."
    )


def seeds() -> str:
    """What three trainings of each network say of the differences between them, with intervals."""
    result = read("seeds")
    measures = {"ab_rmse": "ab RMSE", "auc": "AuC", "auc_balanced": "balanced AuC"}
    lines = [f"| from | to | {' | '.join(measures.values())} |", "|---" * (len(measures) + 2) + "|"]
    for pair in result["pairs"]:
        cells = []
        for measure in measures:
            found = pair["measures"][measure]
            cell = "{mean:+.2f} ({low:+.2f} to {high:+.2f})".format(**found)
            cells.append(f"**{cell}**" if beyond_chance(found, pair["between_seeds"][measure]) else cell)
        ends = [_dials(**pair[end]) for end in ("one", "other")]
        lines.append(f"| {' | '.join(ends + cells)} |")
    passes = ", ".join(dict.fromkeys(f"{run['network']} {run['epochs']}" for run in result["runs"]))
    count, images = result["design"]["seeds"], result["data"]["train"]["images"]
    return "\n".join(lines) + (
        f"\n\n{count} seeds; passes over the {images:,} pictures: {passes}. 95 % intervals over pictures and seeds. "
        "In bold: the interval leaves out 0, and the change is larger than what two seeds of one network differ by."
    )


def films() -> str:
    """What carrying colours along the motion does to a film, on both kinds of films."""
    result = read("films")
    columns = {
        "flicker": ("flicker, Lab units ↓", ".2f"),
        "warping_to_truth": ("warping error, times the truth's ↓", ".2f"),
        "ab_rmse": ("ab RMSE ↓", ".1f"),
    }
    lines = ["| films | colours | " + " | ".join(title for title, _ in columns.values()) + " | speed ↑ |"]
    lines.append("|---" * (len(columns) + 3) + "|")
    kinds = {"pans": "pans and zooms over photographs", "clips": "real clips"}
    labels = {
        "nothing": "each frame by itself",
        "colours": "colours carried",
        "past": "distributions carried, from the past alone",
        "distributions": "distributions carried, as it is set",
    }
    for kind, title in kinds.items():
        part = result["sets"][kind]
        for row, found in part["summary"].items():
            cells = [f"{found[key]:{form}}" for key, (_, form) in columns.items()]
            cells.append(f"{result['speed']['rates'][row]:.2f}")
            lines.append(f"| {title}, {len(part['films'])} | {labels[row]} | {' | '.join(cells)} |")
    height, width = result["speed"]["sides"]
    return "\n".join(lines) + (
        f"\n\nMeans over the films, {result['data']['pans']['images']} and {result['data']['clips']['images']} frames. "
        f"Speed is relative to each frame by itself, at {width}x{height} pixels."
    )


def _dials(network: str, temperature: float | None, lam: float) -> str:
    return network + f", λ = {lam:g}" * (lam < 1) + (f", T = {temperature:g}" if temperature else "")


def replaced(text: str, marker: str, content: str) -> str:
    opening, closing = f"<!-- {marker}: made by tools/readme_tables.py -->\n", f"<!-- /{marker} -->"
    start, end = text.index(opening) + len(opening), text.index(closing)
    return text[:start] + content + "\n" + text[end:]


def main() -> int:
    readme = ROOT / "README.md"
    text = readme.read_text()
    for marker, content in {
        "results": results(),
        "seeds": seeds(),
        "photographs": photographs(),
        "generalisation": generalisation(),
        "subsets": subsets(),
        "vgg": vgg(),
        "hues": hues(),
        "films": films(),
        "benchmarks": benchmarks(),
    }.items():
        text = replaced(text, marker, content)
    wanted = {readme: text} | cards(photographs())
    stale = [path for path, content in wanted.items() if not path.exists() or path.read_text() != content]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what tools/readme_tables.py writes", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
