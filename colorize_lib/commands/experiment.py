"""``colorize experiment``: repeat one of the book's experiments."""

import argparse

from ..errors import InputError
from .experiment_options import parser as parser
from .shared import check_limit, check_output, checked_device, print_table, write


def run(args: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    check_limit(args.limit)
    device = checked_device(args.device)
    check_output(args.output)
    experiments = {
        "vgg": _vgg,
        "hues": _hues,
        "transfer": _transfer_curves,
        "photographs": _photograph_colours,
        "subsets": _subsets,
        "seeds": _seeds,
        "capacity": _capacity,
        "films": _films,
        "hints": _hints,
    }
    run = experiments.get(args.name, _photographs)
    return run(args, device)


def _vgg(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.vgg import run_quick, run_vgg

    counts = ("seeds", "dev", "test")
    names = ("folder", "data", *counts, "train", "epochs", "minutes", "limit", "recipe", "size")
    given = {name: getattr(args, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    if args.quick and given:
        raise InputError(f"--quick trains nothing and needs no data: leave out --{' and --'.join(given)}.")
    for name in counts:
        if given.get(name, 1) < 1:
            raise InputError(f"--{name} must be at least 1, not {given[name]}.")
    if args.quick:
        result = run_quick(device)
        print("20 pictures only: this shows how the experiment works. The intervals say how little it proves.")
    else:
        check_output(args.folder)
        given["root"] = given.pop("data", None)
        result = run_vgg(**given, device=device)
    _print_classified(result)
    write(result, args.output or (None if args.quick else "results"))
    return 0


def _hues(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.hues import run_hues

    if args.quick and (args.data or args.limit):
        raise InputError("--quick looks at the 20 pictures that come with the package: leave out --data and --limit.")
    result = run_hues(args.folder, args.data, args.limit, args.quick, device)
    _print_classified(result)
    write(result, args.output or (None if args.quick or args.limit else "results"))
    return 0


def _transfer_curves(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.transfer import POINTS, Point, run_curves

    limit = args.limit or (100 if args.quick else None)
    if args.epochs is not None and not limit:
        raise InputError("--epochs is for a trial, which --limit or --quick makes it: the curves have theirs.")
    check_output(args.folder)
    points = [Point(limit, 2 if args.epochs is None else args.epochs)] if limit else POINTS
    result = run_curves(args.folder or "runs", args.data, points, limit, device)
    print_table([{"arm": c["arm"], "images": c["images"], "seed": c["seed"], **c["test"]} for c in result["curves"]])
    write(result, args.output or (None if limit else "results"))
    return 0


def _photographs(args: argparse.Namespace, device: str | None) -> int:
    """The two experiments with the network that was trained on photographs: nothing is trained."""
    from ..experiments.generalisation import run_generalisation
    from ..experiments.imagenet import run_imagenet

    limit = args.limit or (100 if args.quick else None)
    if args.name == "imagenet":
        result = run_imagenet(args.data, args.photo, limit=limit, device=device)
        _print_classified(result)
    else:
        result = run_generalisation(args.data, args.photo, limit=limit, device=device)
        for name, part in result["sets"].items():
            print(f"\n{part['images']} pictures ({name})")
            print_table([{"trained on": name, **row} for name, row in part["baselines"].items()])
            print_table([{k: v for k, v in row.items() if k != "interval"} for row in part["rows"]])
    write(result, args.output or (None if limit else "results"))
    return 0


def _photograph_colours(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.photographs import run_photographs

    limit = args.limit or (20 if args.quick else None)
    result = run_photographs(args.data, args.photo, args.beside, limit, device)
    print_table([{k: v for k, v in row.items() if k != "interval"} for row in result["test"]["rows"]])
    print(f"The dials: T = {result['chosen']['temperature']:g}, lambda = {result['chosen']['lam']:g}")
    write(result, args.output or (None if limit else "results"))
    return 0


def _subsets(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.subsets import run_subsets

    check_output(args.folder)
    limit = args.limit or (64 if args.quick else None)
    folder = args.folder or "runs/subsets"
    result = run_subsets(folder, args.data, args.cifar, args.seeds, args.passes, limit, device)
    for name, part in result["compared"].items():
        print(f"\n{result['sets'][name]['images']} pictures ({name})")
        print_table(
            [
                {"learned from": f"{one['kinds']} x {one['each']}"}
                | {measure: found["mean"] for measure, found in one["measures"].items()}
                for one in part["subsets"]
            ]
        )
    write(result, args.output or (None if limit else "results"))
    return 0


def _seeds(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.seeds import run_seeds

    check_output(args.folder)
    limit = args.limit or (64 if args.quick else None)
    result = run_seeds(args.folder or "runs/seeds", args.data, args.seeds, args.full, limit, device)
    for part in ("rows", "pairs"):
        print()
        print_table([_seeds_row(one) for one in result[part]])
    write(result, args.output or (None if limit else "results"))
    return 0


def _capacity(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.capacity import run_capacity

    check_output(args.folder)
    limit = args.limit or (64 if args.quick else None)
    result = run_capacity(args.folder or "runs/capacity", args.data, limit, device)
    shown = ("parameters", "epochs", "train_loss", "dev_loss")
    print_table([{key: row[key] for key in shown} for row in result["rows"]])
    write(result, args.output or (None if limit else "results"))
    return 0


def _films(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.films import run_films

    if args.limit:
        raise InputError("--limit counts pictures, and these are films: --quick makes a trial.")
    result = run_films(args.data, args.quick, device)
    for kind, part in result["sets"].items():
        print(f"\n{len(part['films'])} films ({kind})")
        print_table([{"carried": carried, **row} for carried, row in part["summary"].items()])
    print("\nFrames a second, as ratios:", result["speed"]["rates"])
    write(result, args.output or (None if args.quick else "results"))
    return 0


def _hints(args: argparse.Namespace, device: str | None) -> int:
    from ..experiments.hints import run_hints

    limit = args.limit or (4 if args.quick else None)
    result = run_hints(args.data, args.cifar, limit, device)
    for name, part in result["sets"].items():
        print(f"\n{part['images']} pictures ({name}): ab RMSE")
        print_table([_hints_row(row) for row in part["rows"]])
    write(result, args.output or (None if limit else "results"))
    return 0


def _hints_row(row: dict) -> dict:
    ahead = row.get("joined_minus_this")
    said = "{mean:.2f} ({low:.2f} to {high:.2f})"
    shown = {key: row[key] for key in ("placed", "hints", "method")} | {"ab RMSE": said.format(**row["ab_rmse"])}
    return shown | {"joined minus this": said.format(**ahead["ab_rmse"]) if ahead else ""}


def _setting(network: str, temperature: float | None, lam: float) -> str:
    return network + f" T {temperature}" * (temperature is not None) + f" lambda {lam}" * (lam < 1)


def _seeds_row(one: dict) -> dict:
    """A line of the table: a setting, or two, and each measure's mean with the ends of its interval."""
    ends = [one[end] for end in ("one", "other")] if "one" in one else [one]
    name = " > ".join(_setting(**{key: end[key] for key in ("network", "temperature", "lam")}) for end in ends)
    cells = {key: "{mean:.4g} ({low:.4g} to {high:.4g})".format(**found) for key, found in one["measures"].items()}
    return {"network": name, **cells}


def _print_classified(result: dict) -> None:
    for name, part in result["sets"].items():
        for column, rows in part["columns"].items():
            print(f"\n{part['images']} pictures ({name}), networks trained on {column} pictures; 95 % intervals")
            print_table([_experiment_row(row, cell) for row, cell in rows.items()])


def _experiment_row(row: str, cell: dict) -> dict:
    """A line of the table: values in %, each with the ends of its interval."""
    numbers = {}
    for key, title in (("accuracy", "accuracy %"), ("top5", "top 5 %"), ("p_true", "p(true) %"), ("ece", "ECE %")):
        if key not in cell:
            continue
        mean, low, high = (100 * cell[key][end] for end in ("mean", "low", "high"))
        numbers[title] = f"{mean:.1f} ({low:.1f} to {high:.1f})"
    return {"shown": row, **numbers}
