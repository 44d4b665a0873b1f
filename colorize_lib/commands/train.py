"""``colorize train``: a recipe and pictures in, a weights file out."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..files import check_folder, check_target, user_path
from .shared import check_limit, checked_device

if TYPE_CHECKING:
    from ..training.recipes import Recipe


def parser() -> argparse.ArgumentParser:
    """Of this command\'s options."""
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
        "--small", type=int, metavar="PIXELS",
        help="side of the crops from pictures of less than half that size, which otherwise are enlarged to it; 0 to "
        "enlarge them (default: the recipe's)",
    )  # fmt: skip
    parser.add_argument(
        "--workers", type=int, metavar="N",
        help="processes that read a folder of pictures (default: one for each processor, up to 8)",
    )  # fmt: skip
    parser.add_argument("--device", metavar="NAME", help="cpu, cuda, cuda:1, ... (default: a GPU if there is one)")
    return parser


def run(args: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    from ..data.cifar10 import load_cifar10
    from ..data.folder import is_picture_folder
    from ..data.images import thinned, without_grey
    from ..data.photographs import holds_photographs, training_folders
    from ..data.tiny_imagenet import load_tiny_imagenet
    from ..training.distributed import first_on_its_machine, writes
    from ..training.learner import train

    recipe = chosen_recipe(args)
    check_limit(args.limit)
    device = checked_device(args.device)
    if writes():
        check_folder(args.output)
    for suffix in ("safetensors", "checkpoint"):
        check_target(Path(args.output) / f"{recipe.name}.{suffix}", [*(args.data or []), args.start])
    if args.data == [""]:
        raise InputError("The name given as --data is empty: name a folder or an archive.")
    if recipe.data == "photographs" and (not args.data or (len(args.data) == 1 and holds_photographs(args.data[0]))):
        args.data = training_folders(args.data and args.data[0])
    if args.data and (len(args.data) > 1 or is_picture_folder(user_path(args.data[0]))):
        return _train_folder(recipe, args, device)
    if any(given is not None for given in (args.size, args.small, args.workers)):
        raise InputError("--size, --small and --workers are for a folder of pictures: name one with --data.")
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


def chosen_recipe(args: argparse.Namespace) -> "Recipe":
    """The recipe that was asked for, with what was asked to be different."""
    from ..training.recipes import get_recipe

    if args.minutes is not None and not args.minutes > 0:
        raise InputError(f"The minutes must be above 0, not {args.minutes:g}.")
    if args.minutes is not None and args.epochs is not None:
        raise InputError("Give --epochs or --minutes, not both: one or the other says how long to train.")
    minutes = 0 if args.epochs is not None else args.minutes  # a recipe may have minutes of its own
    names = ("epochs", "batch", "lr", "lam", "seed", "size", "small", "start", "still")
    frozen = 0 if args.start else None  # what was learned with a frozen encoder is learned
    return get_recipe(args.recipe, minutes=minutes, frozen=frozen, **{name: getattr(args, name) for name in names})


def _train_folder(recipe: "Recipe", args: argparse.Namespace, device: str | None) -> int:
    from ..data.folder import is_picture_folder
    from ..training.folder import train_folder

    for place in args.data:
        if user_path(place).is_dir() and not is_picture_folder(user_path(place)):
            raise InputError(
                f"{place} is a data set of its own: to learn from it and others together, name the folder in it that "
                "holds the pictures to train on."
            )
    print(train_folder(recipe, args.data, args.output, args.workers, args.limit, device=device))
    return 0
