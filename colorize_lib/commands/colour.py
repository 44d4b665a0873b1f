"""``colorize PICTURE ...``: give pictures colour."""

import argparse
import math
import sys

from ..errors import InputError
from ..inference.dials import MOST_ALTERNATIVES, TEMPERATURE, VIEWS, VIVIDNESS, vividness_to_lambda
from ..inference.jobs import Plan, keep_others, left_out, name_sheets, number_alternatives, plan_jobs
from ..pictures.kinds import looks_like_film


def parser() -> argparse.ArgumentParser:
    """Of this command\'s options."""
    parser = argparse.ArgumentParser(
        prog="colorize",
        description="Give black-and-white pictures and films colour. What has colours is greyed first.",
        epilog="Other commands: 'colorize train --help', 'colorize evaluate --help', 'colorize experiment --help'. "
        "A picture that is itself called 'train' is coloured as ./train.",
    )
    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURE",
        help="a picture, a folder with all its subfolders, a web address, or a film; none is ever written over",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="PATH",
        help="where to write: a file for one picture, else a folder, which gets the subfolders too (default: "
        "NAME-coloured.png beside a picture, NAME-coloured beside a folder or a film, of its kind)",
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
        "--hint", action="append", default=[], metavar="X,Y=#RRGGBB",
        help="a colour that you know, such as 120,80=#c03020, x from the left and y from the top in pixels: what looks "
        "like the same thing follows; of one picture, and may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--alternatives", type=int, metavar="N",
        help="write N plausible pictures instead, whose names end in -1, -2, ...: what may have other colours has them",
    )  # fmt: skip
    parser.add_argument(
        "-s", "--size", type=int, metavar="PIXELS",
        help="about the shorter side of what the network sees; the picture keeps its size (default: what suits it). "
        "Try 256 where what matters is small in the picture, such as faces in a group",
    )  # fmt: skip
    parser.add_argument(
        "--restore", action="store_true",
        help="mend old photographs first: specks of dust and fine scratches, and contrast that has faded",
    )  # fmt: skip
    parser.add_argument(
        "--frames", action="store_true",
        help="take the pictures of each folder for the frames of one film, in the order of their names, and keep the "
        "colours steady from one to the next, as in a film",
    )  # fmt: skip
    parser.add_argument(
        "--only-grey", action="store_true", help="leave pictures alone that have colours of their own; a tone is none"
    )
    parser.add_argument(
        "--skip-existing", action="store_true", help="leave out what is coloured already: go on with a stopped run"
    )
    parser.add_argument("--verbose", action="store_true", help="name everything that is left out, not just the first")
    return parser


def run(args: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    if not 0 < args.temperature < math.inf:
        raise InputError(f"The temperature must be above 0 and finite, not {args.temperature:g}: try {TEMPERATURE:g}.")
    if args.size is not None and args.size < 8:
        raise InputError(f"The size must be at least 8 pixels, not {args.size}: try {max(VIEWS.values())}.")
    if args.alternatives is not None and not 1 <= args.alternatives <= MOST_ALTERNATIVES:
        raise InputError(f"--alternatives is from 1 to {MOST_ALTERNATIVES}, not {args.alternatives}: try 4.")
    _check_choices(args)
    lam = vividness_to_lambda(args.vividness)
    films = list(args.pictures) if args.frames else _films(args)
    pictures = [name for name in args.pictures if name not in films]
    if films:
        status = _colour_films(films, bool(pictures), args, lam)
        return max(status, _colour_pictures(pictures, args, lam)) if pictures else status
    return _colour_pictures(pictures, args, lam)


def _films(args: argparse.Namespace) -> list[str]:
    """Those of what is to be coloured that are films; in folders none are looked for."""
    return [name for name in args.pictures if looks_like_film(name)]


def _colour_films(films: list[str], others: bool, args: argparse.Namespace, lam: float) -> int:
    from ..films.run import colour_films

    for option in ("sheet", "restore", "hint", "alternatives"):
        if getattr(args, option):
            raise InputError(
                f"--{option} is for pictures, and {films[0]} is a film or a folder of frames: leave it out."
            )
    return colour_films(films, others, args, lam)


def _colour_pictures(pictures: list[str], args: argparse.Namespace, lam: float) -> int:
    others = [args.model] if args.model else []
    hints = _parsed(args.hint) if args.hint else ()
    plan = plan_jobs(pictures, args.output, others)
    if hints and len(plan.jobs) > 1:
        raise InputError(f"Hints are of one picture, and {len(plan.jobs)} are to be coloured: name one.")
    if args.alternatives:
        number_alternatives(plan, args.alternatives, others)
    if args.sheet:
        name_sheets(plan, others)
    if not (args.output or args.skip_existing):
        keep_others(plan)
    if not plan.jobs:
        return _nothing_to_colour(plan, args.verbose)

    from ..inference.colorizer import Colorizer
    from ..inference.colouring import Settings, colour_all, say

    colorizer = Colorizer.load(args.model) if args.model else Colorizer.load()
    for problem in plan.problems:
        say(f"colorize: {problem}", sys.stderr)
    settings = Settings(
        temperature=args.temperature,
        lam=lam,
        size=args.size or colorizer.size,
        only_grey=args.only_grey,
        skip_existing=args.skip_existing,
        verbose=args.verbose,
        sheet=args.sheet,
        hints=hints,
        alternatives=args.alternatives or 0,
        restore=args.restore,
    )
    return colour_all(plan, colorizer, settings)


def _check_choices(args: argparse.Namespace) -> None:
    """Raise an InputError where two ways to choose colours exclude each other."""
    given = {"--sheet": args.sheet, "--hint": bool(args.hint), "--alternatives": args.alternatives is not None}
    chosen = [name for name, is_given in given.items() if is_given]
    if len(chosen) > 1:
        raise InputError(f"{chosen[0]} and {chosen[1]} exclude each other: leave out one of them.")


def _parsed(hints: list[str]) -> tuple:
    """``--hint`` as :mod:`~colorize_lib.inference.hints` has it."""
    from ..inference.hints import not_too_many, parse_hint

    not_too_many(hints)
    return tuple(map(parse_hint, hints))


def _nothing_to_colour(plan: Plan, verbose: bool) -> int:
    for sentence in [*plan.problems, *(left_out(plan, True) if verbose else [])]:
        print(f"colorize: {sentence}", file=sys.stderr)
    return 2 if plan.problems else 0
