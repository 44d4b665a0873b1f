"""``colorize evaluate``: measure a colorizer."""

import argparse
from pathlib import Path

from ..files import check_target
from .shared import check_limit, check_output, checked_device, print_table, write


def parser() -> argparse.ArgumentParser:
    """Of this command\'s options."""
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


def run(args: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    from ..data.cifar10 import load_cifar10
    from ..data.images import thinned
    from ..inference.colorizer import Colorizer
    from ..measuring.evaluate import evaluate

    check_limit(args.limit)
    check_output(args.output)
    colorizer = Colorizer.load(args.model, checked_device(args.device))
    if args.output:
        check_target(Path(args.output) / f"{colorizer.name}.json", [args.model, args.data])
    dev, test = (load_cifar10(split, args.data) for split in ("dev", "test"))
    result = evaluate(colorizer, thinned(dev, args.limit), thinned(test, args.limit), limit=args.limit)
    print(_named_copy(result["data"]["test"]))
    print_table([{"setting": name, **row} for name, row in result["baselines"].items()])
    print_table(result["test"])
    write(result, args.output)
    return 0


def _named_copy(data: dict) -> str:
    """Which pictures were measured: a number is comparable only with others of the same copy."""
    copy = f"{data['images']:,} test pictures of {data['source']}"
    lossy = "JPEG" in data["source"]
    return copy + (". JPEG changes colours: numbers of the lossless copy differ." if lossy else "")
