"""The command ``colorize``. Imports nothing heavy before it has to."""

import argparse
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .dials import TEMPERATURE, VIVIDNESS, vividness_to_lambda
from .errors import InputError, memory_ran_out
from .files import check_folder, check_target, user_path
from .jobs import Plan, left_out, name_sheets, plan_jobs

if TYPE_CHECKING:
    from .learner import Recipe

COMMANDS = ("train", "evaluate", "experiment")


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit status: 0, 2 for a user's mistake, 130 when interrupted."""
    argv = sys.argv[1:] if argv is None else argv
    command = argv[0] if argv and argv[0] in COMMANDS else None
    _print_any_name()
    try:
        if command == "train":
            return _train(_train_parser().parse_args(argv[1:]))
        if command == "evaluate":
            return _evaluate(_evaluate_parser().parse_args(argv[1:]))
        if command == "experiment":
            return _experiment(_experiment_parser().parse_args(argv[1:]))
        return _colour(_colour_parser().parse_args(argv))
    except InputError as error:
        _complain(str(error))
        return 2
    except (MemoryError, RuntimeError) as error:
        if command is None or not memory_ran_out(error):
            raise
        _complain("The memory does not suffice: take a smaller --batch or --size, or fewer --workers or pictures.")
        return 2
    except KeyboardInterrupt:
        resumable = command in ("train", "experiment")
        advice = " Run the same command again to go on from the last finished epoch." if resumable else ""
        print(f"\ncolorize: stopped.{advice}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _complain(sentence: str) -> None:
    """On a line of its own: in a terminal what is left of a progress bar is wiped away before."""
    start = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{start}colorize: {sentence}", file=sys.stderr)


def _print_any_name() -> None:
    """Let names be printed that the terminal, or the file it is turned into, has no letters for."""
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", None) == "strict" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _colour_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="colorize",
        description="Give black-and-white pictures colour. Colour pictures are greyed first.",
        epilog="Other commands: 'colorize train --help', 'colorize evaluate --help', 'colorize experiment --help'. "
        "A picture that is itself called 'train' is coloured as ./train.",
    )
    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURE",
        help="a picture, a folder with all its subfolders, or a web address; a picture is never written over",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="PATH",
        help="where to write: a file for one picture, else a folder, which gets the subfolders too (default: "
        "NAME-coloured.png beside a picture, NAME-coloured beside a folder)",
    )  # fmt: skip
    parser.add_argument(
        "-T", "--temperature", type=float, default=TEMPERATURE, metavar="T",
        help="how decided: 1 mixes all plausible colours, near 0 takes the likeliest (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "-v", "--vividness", type=float, default=VIVIDNESS, metavar="V",
        help="0 paints as cautiously as it was trained, 100 favours rare, strong colours (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "-m",
        "--model",
        metavar="NAME",
        help="name or file of weights (default: those made for photographs)",
    )
    parser.add_argument(
        "--sheet", action="store_true",
        help="write NAME-sheet.png instead: nine settings of the dials in one picture, to choose from",
    )  # fmt: skip
    parser.add_argument(
        "-s", "--size", type=int, metavar="PIXELS",
        help="about the shorter side of what the network sees; the picture keeps its size (default: what suits it). "
        "Try 256 where what matters is small in the picture, such as faces in a group",
    )  # fmt: skip
    parser.add_argument(
        "--only-grey", action="store_true", help="leave pictures alone that have colours of their own; a tone is none"
    )
    parser.add_argument(
        "--skip-existing", action="store_true", help="leave out what is coloured already: go on with a stopped run"
    )
    parser.add_argument("--verbose", action="store_true", help="name everything that is left out, not just the first")
    return parser


def _train_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="colorize train",
        description="Train a colorizer on CIFAR-10, photographs (the recipe photo) or any folder of pictures. "
        "A stopped run goes on where it was: repeat the command.",
        epilog="CIFAR-10 is taken from --data, $COLORIZE_DATA, fastai's cache, or downloaded (160 MB). "
        "Tiny ImageNet and the photographs that photo learns from are taken from --data or $COLORIZE_DATA. Of any "
        "other folder given as --data all pictures are used, also those in its subfolders, but not the grey, the "
        "damaged and the tiny ones.",
    )
    parser.add_argument(
        "recipe",
        metavar="RECIPE",
        help="regression, classification, rebalanced, transfer, photo or a variant of theirs: rebalanced-0.8, "
        "regression-tuned, regression-longer, photo-64",
    )
    parser.add_argument(
        "-o", "--output", default="runs", metavar="FOLDER", help="for checkpoints and weights (default: %(default)s)"
    )
    parser.add_argument(
        "--data", metavar="PATH", action="append",
        help="cifar10.tgz or Tiny ImageNet, the folder it is in, or a folder of pictures; several folders of pictures "
        "are learned from together: --data ONE --data OTHER",
    )  # fmt: skip
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the pictures (default: the recipe's)")
    parser.add_argument(
        "--minutes", type=float, metavar="N",
        help="train for so long instead, however many pictures that is on this machine; what a stopped run has had "
        "counts, and the last look at the pictures kept for that comes on top",
    )  # fmt: skip
    parser.add_argument(
        "--start", metavar="WEIGHTS",
        help="begin with these weights of the same network, a name or a file; an encoder then is trained at once",
    )  # fmt: skip
    parser.add_argument(
        "--still", type=int, metavar="N", help="leave the encoder's first N blocks as they came (default: the recipe's)"
    )
    parser.add_argument("--batch", type=int, metavar="N", help="pictures a step (default: the recipe's)")
    parser.add_argument("--lr", type=float, metavar="RATE", help="peak learning rate (default: the recipe's)")
    parser.add_argument(
        "--lam",
        type=float,
        metavar="LAMBDA",
        help="class rebalancing in the loss, to 1 for none (default: the recipe's)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of weights, shuffling and flips (default: 0)")
    parser.add_argument("--limit", type=int, metavar="N", help="use only N training pictures, a quick trial")
    parser.add_argument(
        "--size", type=int, metavar="PIXELS",
        help="side of the crops from a folder of pictures: 64 to 256, a multiple of 8 (default: the recipe's)",
    )  # fmt: skip
    parser.add_argument(
        "--workers", type=int, metavar="N",
        help="processes that read a folder of pictures (default: one for each processor, up to 8)",
    )  # fmt: skip
    parser.add_argument("--device", metavar="NAME", help="cpu, cuda, cuda:1, ... (default: a GPU if there is one)")
    return parser


def _evaluate_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="colorize evaluate",
        description="Measure a colorizer on the 5,000 CIFAR-10 test pictures, at every temperature and vividness.",
    )
    parser.add_argument("model", metavar="NAME", help="name of shipped weights, or a .safetensors file")
    parser.add_argument("-o", "--output", metavar="FOLDER", help="also write FOLDER/NAME.json")
    parser.add_argument("--data", metavar="PATH", help="cifar10.tgz, or the folder it is in")
    parser.add_argument("--limit", type=int, metavar="N", help="use only N pictures of each split, a quick trial")
    parser.add_argument("--device", metavar="NAME", help="cpu, cuda, ... (default: a GPU if there is one)")
    return parser


def _experiment_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="colorize experiment",
        description="Repeat one of the book's experiments. A stopped run goes on where it was: repeat the command.",
        epilog="Start with 'colorize experiment vgg --quick', and see 'colorize experiment vgg --help'.",
    )
    experiments = parser.add_subparsers(dest="name", metavar="NAME", required=True, help="which one")
    _vgg_parser(experiments)
    _hues_parser(experiments)
    _transfer_parser(experiments)
    for name, question in (
        ("imagenet", "does a classifier of ImageNet recognise coloured pictures?"),
        ("generalisation", "networks trained on CIFAR-10 and on Tiny ImageNet, each on both"),
    ):
        part = _add_experiment(experiments, name, question, "Tiny ImageNet, or the folder it is in")
        part.add_argument(
            "--photo", default="photo", metavar="NAME",
            help="weights of the network trained on photographs (default: %(default)s)",
        )  # fmt: skip
        part.add_argument("--quick", action="store_true", help="a trial on 100 pictures; nothing is written")
    part = _add_experiment(
        experiments, "photographs", "how good are the colours of photographs, and where should the dials stand?",
        "the folder with photographs-160.tar and Tiny ImageNet (default: $COLORIZE_DATA)",
    )  # fmt: skip
    part.add_argument(
        "--photo", default="photo", metavar="NAME", help="weights of the network whose dials are set (default: photo)"
    )
    part.add_argument(
        "--beside", action="append", default=[], metavar="NAME", help="weights to measure beside it; may be repeated"
    )
    part.add_argument("--quick", action="store_true", help="a trial on 20 pictures; nothing is written")
    _subsets_parser(experiments)
    return parser


def _add_experiment(experiments, name: str, question: str, data: str) -> argparse.ArgumentParser:
    """A parser with the options that all experiments have."""
    sentence = question[0].upper() + question[1:] + ("" if question.endswith("?") else ".")
    part = experiments.add_parser(name, help=question, description=sentence)
    part.add_argument(
        "-o", "--output", metavar="FOLDER",
        help=f"write FOLDER/{name}.json; a trial has another name (default: results; nowhere with --quick)",
    )  # fmt: skip
    part.add_argument("--data", metavar="PATH", help=data)
    part.add_argument("--limit", type=int, metavar="N", help="use only N pictures of each split, a quick trial")
    part.add_argument("--device", metavar="NAME", help="cpu, cuda, ... (default: a GPU if there is one)")
    return part


def _vgg_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "vgg",
        "does colour help a classifier? Train networks on colour, grey and coloured CIFAR-10 pictures, show each "
        "of them the test pictures grey, coloured in every way and in true colour, and compare",
        "cifar10.tgz, or the folder it is in (default: $COLORIZE_DATA, fastai's cache, or a download of 160 MB)",
    )  # fmt: skip
    part.add_argument(
        "--quick", action="store_true",
        help="seconds instead of 40 minutes: the networks that come with the package, on the 20 embedded pictures",
    )  # fmt: skip
    part.add_argument(
        "--folder", metavar="FOLDER", help="for networks and checkpoints (default: runs/ and the result's name)"
    )
    part.add_argument("--seeds", type=int, metavar="N", help="networks to train for each column (default: 3)")
    part.add_argument(
        "--train", type=int, choices=[10_000, 50_000], metavar="N",
        help="pictures to train on: 10000 as the poster did, or 50000 (default: 10000)",
    )  # fmt: skip
    part.add_argument("--epochs", type=int, metavar="N", help="passes over them (default: the recipe's)")
    part.add_argument(
        "--minutes", type=float, metavar="N", help="train each network for so long instead, on however fast a machine"
    )
    part.add_argument(
        "--recipe", metavar="NAME",
        help="vgg32 (small, for a processor), vgg224 or vgg224-pretrained (for a GPU), or lite0, an EfficientNet that "
        "knows ImageNet (default: vgg32)",
    )  # fmt: skip
    part.add_argument(
        "--size", type=int, metavar="PIXELS", help="side of what the network sees (default: the recipe's)"
    )
    for split, use in (("dev", "to choose settings on"), ("test", "to measure")):
        part.add_argument(
            f"--{split}", type=int, metavar="N", help=f"pictures {use}; the poster had 1000 (default: all 5000)"
        )


def _hues_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "hues", "which colour helps a classifier: how strong must it be, and must it be the right hue?",
        "cifar10.tgz, or the folder it is in (default: $COLORIZE_DATA, fastai's cache, or a download of 160 MB)",
    )  # fmt: skip
    part.add_argument("--quick", action="store_true", help="a trial on the 20 embedded pictures; nothing is written")
    part.add_argument(
        "--folder", metavar="FOLDER",
        help="ask the networks of every seed that 'experiment vgg' left there (default: those that come with the "
        "package, one of each kind)",
    )  # fmt: skip


def _transfer_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "transfer", "learning curves with and without pretraining", "cifar10.tgz, or the folder it is in"
    )
    part.add_argument("--quick", action="store_true", help="a trial on 100 pictures; nothing is written")
    part.add_argument("--folder", metavar="FOLDER", help="for networks and checkpoints (default: runs)")
    part.add_argument("--epochs", type=int, metavar="N", help="of a trial: passes over the pictures (default: 2)")


def _subsets_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "subsets", "does a larger data set generalise better?",
        "the folder with Tiny ImageNet and photographs-160.tar (default: $COLORIZE_DATA)",
    )  # fmt: skip
    part.add_argument("--cifar", metavar="PATH", help="cifar10.tgz, or the folder it is in (default: that of --data)")
    part.add_argument("--quick", action="store_true", help="a trial on few pictures; nothing is written")
    part.add_argument("--folder", metavar="FOLDER", help="for networks and checkpoints (default: runs/subsets)")
    part.add_argument("--seeds", type=int, default=2, metavar="N", help="trainings on each subset (default: 2)")
    part.add_argument(
        "--passes", type=int, metavar="N",
        help="over the largest subset, by which the steps of all trainings are counted (default: 2)",
    )  # fmt: skip


def _colour(args: argparse.Namespace) -> int:
    if not 0 < args.temperature < math.inf:
        raise InputError(f"The temperature must be above 0 and finite, not {args.temperature:g}: try 0.38.")
    if args.size is not None and args.size < 8:
        raise InputError(f"The size must be at least 8 pixels, not {args.size}: try 32.")
    lam = vividness_to_lambda(args.vividness)
    others = [args.model] if args.model else []
    plan = plan_jobs(args.pictures, args.output, others)
    if args.sheet:
        name_sheets(plan, others)
    if not plan.jobs:
        return _nothing_to_colour(plan, args.verbose)

    from .colorizer import Colorizer
    from .colouring import Settings, colour_all, say

    colorizer = Colorizer.load(args.model) if args.model else Colorizer.load()
    for problem in plan.problems:
        say(f"colorize: {problem}", sys.stderr)
    size = args.size or colorizer.size
    settings = Settings(args.temperature, lam, size, args.only_grey, args.skip_existing, args.verbose, args.sheet)
    return colour_all(plan, colorizer, settings)


def _nothing_to_colour(plan: Plan, verbose: bool) -> int:
    for sentence in [*plan.problems, *(left_out(plan, True) if verbose else [])]:
        print(f"colorize: {sentence}", file=sys.stderr)
    return 2 if plan.problems else 0


def _train(args: argparse.Namespace) -> int:
    from .data import load_cifar10, thinned, without_grey
    from .distributed import first_on_its_machine, writes
    from .learner import train
    from .tiny_imagenet import load_tiny_imagenet

    recipe = _recipe(args)
    _check_limit(args.limit)
    device = _device(args.device)
    if writes():
        check_folder(args.output)
    for suffix in ("safetensors", "checkpoint"):
        check_target(Path(args.output) / f"{recipe.name}.{suffix}", [*(args.data or []), args.start])
    if args.data == [""]:
        raise InputError("The name given as --data is empty: name a folder or an archive.")
    if recipe.data == "photographs" and (not args.data or _holds_photographs(args.data)):
        from .photographs import training_folders

        args.data = training_folders(args.data and args.data[0])
    if args.data and (len(args.data) > 1 or _is_picture_folder(user_path(args.data[0]))):
        return _train_folder(recipe, args, device)
    if args.size is not None or args.workers is not None:
        raise InputError("--size and --workers are for a folder of pictures: name one with --data.")
    load = load_tiny_imagenet if recipe.data == "tiny-imagenet" else load_cifar10
    with first_on_its_machine(device):
        place = args.data[0] if args.data else None
        images, dev = (load(split, place, progress=writes()) for split in ("train", "dev"))
    if args.limit:
        import torch

        some = torch.randperm(len(images), generator=torch.Generator().manual_seed(recipe.seed))[: args.limit]
        images, dev = images[some], thinned(dev, args.limit)
    if recipe.data == "tiny-imagenet":
        images = without_grey(images)
    path = train(recipe, images, dev, args.output, device=device)
    if writes():
        print(path)
    return 0


def _recipe(args: argparse.Namespace) -> "Recipe":
    """The recipe that was asked for, with what was asked to be different."""
    from .learner import get_recipe

    if args.minutes is not None and not args.minutes > 0:
        raise InputError(f"The minutes must be above 0, not {args.minutes:g}.")
    if args.minutes is not None and args.epochs is not None:
        raise InputError("Give --epochs or --minutes, not both: one or the other says how long to train.")
    minutes = 0 if args.epochs is not None else args.minutes  # a recipe may have minutes of its own
    names = ("epochs", "batch", "lr", "lam", "seed", "size", "start", "still")
    frozen = 0 if args.start else None  # what was learned with a frozen encoder is learned
    return get_recipe(args.recipe, minutes=minutes, frozen=frozen, **{name: getattr(args, name) for name in names})


def _train_folder(recipe: "Recipe", args: argparse.Namespace, device: str | None) -> int:
    from .folder import train_folder

    for place in args.data:
        if user_path(place).is_dir() and not _is_picture_folder(user_path(place)):
            raise InputError(
                f"{place} is a data set of its own: to learn from it and others together, name the folder in it that "
                "holds the pictures to train on."
            )
    print(train_folder(recipe, args.data, args.output, args.workers, args.limit, device=device))
    return 0


def _holds_photographs(data: list[str]) -> bool:
    """Whether it is one folder with the photographs of :mod:`~.photographs` in it."""
    return len(data) == 1 and any(
        (user_path(data[0]) / name).exists() for name in ("photographs", "photographs-160.tar")
    )


def _is_picture_folder(path: Path) -> bool:
    """Whether it is a folder and holds neither CIFAR-10 nor Tiny ImageNet."""
    from .data import CLASSES
    from .tiny_imagenet import NAMES

    # Other data sets have a folder "train", too: that of CIFAR-10 holds its classes.
    known = ("cifar10.tgz", "cifar10", *(f"train/{name}" for name in CLASSES), "wnids.txt", *NAMES)
    return path.is_dir() and not any((path / name).exists() for name in known)


def _evaluate(args: argparse.Namespace) -> int:
    from .colorizer import Colorizer
    from .data import load_cifar10, thinned
    from .evaluate import evaluate

    _check_limit(args.limit)
    _check_output(args.output)
    colorizer = Colorizer.load(args.model, _device(args.device))
    if args.output:
        check_target(Path(args.output) / f"{colorizer.name}.json", [args.model, args.data])
    dev, test = (load_cifar10(split, args.data) for split in ("dev", "test"))
    result = evaluate(colorizer, thinned(dev, args.limit), thinned(test, args.limit))
    print(_named_copy(result["data"]["test"]))
    _print_table([{"setting": name, **row} for name, row in result["baselines"].items()])
    _print_table(result["test"])
    _write(result, args.output)
    return 0


def _named_copy(data: dict) -> str:
    """Which pictures were measured: a number is comparable only with others of the same copy."""
    copy = f"{data['images']:,} test pictures of {data['source']}"
    lossy = "JPEG" in data["source"]
    return copy + (". JPEG changes colours: numbers of the lossless copy differ." if lossy else "")


def _experiment(args: argparse.Namespace) -> int:
    _check_limit(args.limit)
    device = _device(args.device)
    _check_output(args.output)
    experiments = {
        "vgg": _vgg,
        "hues": _hues,
        "transfer": _transfer_curves,
        "photographs": _photograph_colours,
        "subsets": _subsets,
    }
    run = experiments.get(args.name, _photographs)
    return run(args, device)


def _vgg(args: argparse.Namespace, device: str | None) -> int:
    from .experiment import run_quick, run_vgg

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
        _check_output(args.folder)
        given["root"] = given.pop("data", None)
        result = run_vgg(**given, device=device)
    _print_classified(result)
    _write(result, args.output or (None if args.quick else "results"))
    return 0


def _hues(args: argparse.Namespace, device: str | None) -> int:
    from .hues import run_hues

    if args.quick and (args.data or args.limit):
        raise InputError("--quick looks at the 20 pictures that come with the package: leave out --data and --limit.")
    result = run_hues(args.folder, args.data, args.limit, args.quick, device)
    _print_classified(result)
    _write(result, args.output or (None if args.quick or args.limit else "results"))
    return 0


def _transfer_curves(args: argparse.Namespace, device: str | None) -> int:
    from .learning_curves import POINTS, Point, run_curves

    limit = args.limit or (100 if args.quick else None)
    if args.epochs is not None and not limit:
        raise InputError("--epochs is for a trial, which --limit or --quick makes it: the curves have theirs.")
    _check_output(args.folder)
    points = [Point(limit, 2 if args.epochs is None else args.epochs)] if limit else POINTS
    result = run_curves(args.folder or "runs", args.data, points, limit, device)
    _print_table([{"arm": c["arm"], "images": c["images"], "seed": c["seed"], **c["test"]} for c in result["curves"]])
    _write(result, args.output or (None if limit else "results"))
    return 0


def _photographs(args: argparse.Namespace, device: str | None) -> int:
    """The two experiments with the network that was trained on photographs: nothing is trained."""
    from .generalisation import run_generalisation
    from .imagenet import run_imagenet

    limit = args.limit or (100 if args.quick else None)
    if args.name == "imagenet":
        result = run_imagenet(args.data, args.photo, limit=limit, device=device)
        _print_classified(result)
    else:
        result = run_generalisation(args.data, args.photo, limit=limit, device=device)
        for name, part in result["sets"].items():
            print(f"\n{part['images']} pictures ({name})")
            _print_table([{"trained on": name, **row} for name, row in part["baselines"].items()])
            _print_table([{k: v for k, v in row.items() if k != "interval"} for row in part["rows"]])
    _write(result, args.output or (None if limit else "results"))
    return 0


def _photograph_colours(args: argparse.Namespace, device: str | None) -> int:
    from .photo_experiment import run_photographs

    limit = args.limit or (20 if args.quick else None)
    result = run_photographs(args.data, args.photo, args.beside, limit, device)
    _print_table([{k: v for k, v in row.items() if k != "interval"} for row in result["test"]["rows"]])
    print(f"The dials: T = {result['chosen']['temperature']:g}, lambda = {result['chosen']['lam']:g}")
    _write(result, args.output or (None if limit else "results"))
    return 0


def _subsets(args: argparse.Namespace, device: str | None) -> int:
    from .subsets import run_subsets

    _check_output(args.folder)
    limit = args.limit or (64 if args.quick else None)
    folder = args.folder or "runs/subsets"
    result = run_subsets(folder, args.data, args.cifar, args.seeds, args.passes, limit, device)
    for name, part in result["compared"].items():
        print(f"\n{result['sets'][name]['images']} pictures ({name})")
        _print_table(
            [
                {"learned from": f"{one['kinds']} x {one['each']}"}
                | {measure: found["mean"] for measure, found in one["measures"].items()}
                for one in part["subsets"]
            ]
        )
    _write(result, args.output or (None if limit else "results"))
    return 0


def _check_output(folder: str | None) -> None:
    """Whether results can be written there, before hours are spent on them."""
    if folder is not None:
        check_folder(folder)


def _write(result: dict, folder: str | None) -> None:
    """Into ``folder``, under the result's own name; nowhere for None."""
    from .evaluate import write_result

    if folder:
        name = Path(result["name"]).name  # of somebody's weights, maybe, and not to lead elsewhere
        path = Path(folder) / f"{name}.json"
        write_result(result, path)
        print(path)


def _print_classified(result: dict) -> None:
    for name, part in result["sets"].items():
        for column, rows in part["columns"].items():
            print(f"\n{part['images']} pictures ({name}), networks trained on {column} pictures; 95 % intervals")
            _print_table([_experiment_row(row, cell) for row, cell in rows.items()])


def _experiment_row(row: str, cell: dict) -> dict:
    """A line of the table: values in %, each with the ends of its interval."""
    numbers = {}
    for key, title in (("accuracy", "accuracy %"), ("top5", "top 5 %"), ("p_true", "p(true) %"), ("ece", "ECE %")):
        if key not in cell:
            continue
        mean, low, high = (100 * cell[key][end] for end in ("mean", "low", "high"))
        numbers[title] = f"{mean:.1f} ({low:.1f} to {high:.1f})"
    return {"shown": row, **numbers}


def _print_table(rows: list[dict]) -> None:
    width = max(
        len(text) for row in rows for key, value in row.items() for text in (key, value) if isinstance(text, str)
    )
    print("  ".join(f"{key:>{width}}" for key in rows[0]))
    for row in rows:
        print(
            "  ".join(
                f"{value:>{width}.3f}" if isinstance(value, float) else f"{value:>{width}}" for value in row.values()
            )
        )


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise InputError(f"--limit must be at least 1, not {limit}.")


def _device(name: str | None) -> str | None:
    if name is None:
        return None
    from .device import pick_device

    pick_device(name)
    return name


if __name__ == "__main__":
    sys.exit(main())
