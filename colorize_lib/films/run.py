"""The work of ``colorize FILM ...``: each film coloured, and what went wrong with it said."""

import argparse
import os
import sys
from pathlib import Path

import torch

from ..errors import InputError, memory_ran_out
from ..files import check_target, user_path
from ..inference.colorizer import Colorizer
from ..inference.colouring import has_colours, say
from ..pictures.reading import open_picture
from .extra import needed
from .film import colorize_film, plan_films
from .folder import colorize_folder, frame_files, plan_folders
from .reading import open_film


def colour_films(names: list[str], others: bool, args: argparse.Namespace, lam: float) -> int:
    """Colour films one after the other; prints the targets, and to stderr what the user should know.

    Parameters
    ----------
    names
        The films, or with ``args.frames`` the folders of frames.
    others
        Whether pictures were asked for too.
    args
        The options of the command: ``output``, ``model``, ``temperature``, ``size``, ``only_grey``,
        ``skip_existing``, ``frames``.
    lam
        Of rebalancing.

    Returns
    -------
    int
        The exit status: 0, or 2 if a film could not be coloured.
    """
    for package in ("cv2",) if args.frames else ("av", "cv2"):  # before any work is done
        needed(package)
    plan = plan_folders(names, args.output) if args.frames else list(plan_films(names, args.output, others))
    for _, target in plan:
        check_target(target, names)
    colorizer, failed = Colorizer.load(args.model) if args.model else Colorizer.load(), 0
    for name, target in plan:
        if args.skip_existing and os.path.lexists(target):
            continue
        try:
            _colour(name, target, colorizer, args, lam)
        except InputError as error:
            failed += 1
            say(f"colorize: {error}", sys.stderr)
        except (MemoryError, RuntimeError) as error:
            if not memory_ran_out(error):
                raise
            failed += 1
            say(f"colorize: {name} needs more memory than there is: close other programs.", sys.stderr)
        except KeyboardInterrupt:
            say(f"\ncolorize: {target} is not whole yet: the same command goes on where this one stopped.", sys.stderr)
            raise
    return 2 if failed else 0


def _colour(name: str, target: Path, colorizer: Colorizer, args: argparse.Namespace, lam: float) -> None:
    if args.only_grey and has_colours(_first(name, args.frames)):
        say(f"colorize: Left alone as having colours: {name}.", sys.stderr)
        return
    colour = colorize_folder if args.frames else colorize_film
    done = colour(name, target, colorizer, args.temperature, lam, args.size, progress=sys.stderr.isatty())
    if done.taken_up:
        say(f"colorize: {done.taken_up} of {done.frames} frames of {name} were there already.", sys.stderr)
    if done.had_colours:
        say(f"colorize: {name} had colours, which were replaced: --only-grey leaves such films alone.", sys.stderr)
    for note in done.notes:
        say(f"colorize: {note}", sys.stderr)
    say(str(target), sys.stdout)


def _first(name: str, frames: bool) -> torch.Tensor:
    """The first frame of a film, or of a folder of them."""
    if frames:
        with open_picture(frame_files(user_path(name))[0]) as picture:
            return next(iter(picture)).rgb
    with open_film(name) as film:
        return next(iter(film)).rgb
