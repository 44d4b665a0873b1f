"""The work of ``colorize PICTURE...``: each picture read, coloured and saved, and what went wrong with it said.

Nothing that is wrong with one picture ends the run.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F
from tqdm.auto import tqdm

from ..colour.lab import rgb_to_lab
from ..errors import InputError, memory_ran_out
from ..pictures.pixels import Frame
from ..pictures.reading import open_picture
from ..pictures.restoring import restored
from ..pictures.saving import save_picture
from ..pictures.source import SourcePicture
from .jobs import Job, Plan, left_out, listed

if TYPE_CHECKING:
    from .colorizer import Colorizer
    from .hints import Hint

#: Sides of what :func:`has_colours` looks at, and how far its ab may be from a tone, in Lab units: 8 to 20 in
#: photographs, up to 4 in toned ones after JPEG.
_LOOK, _TONED = 16, 5.0


@dataclass(frozen=True)
class Settings:
    """How to colour: as :meth:`~colorize_lib.inference.colorizer.Colorizer.colorize` takes it, and what not.

    Attributes
    ----------
    temperature, lam, size
        As there.
    only_grey : bool
        Leave pictures that have colours of their own as they are.
    skip_existing : bool
        Leave pictures whose target is there.
    verbose : bool
        Name all that is left out.
    sheet : bool
        Make a sheet of nine settings of each picture, of its first page, and not the picture.
    hints : tuple
        See :mod:`~colorize_lib.inference.hints`.
    alternatives : int
        So many colourings of each picture are made, each by a job of its own; 0 for the usual one.
    restore : bool
        Mend specks and faded contrast first: see :mod:`~colorize_lib.pictures.restoring`.
    """

    temperature: float
    lam: float
    size: int
    only_grey: bool = False
    skip_existing: bool = False
    verbose: bool = False
    sheet: bool = False
    hints: tuple["Hint", ...] = ()
    alternatives: int = 0
    restore: bool = False


@dataclass
class _Tally:
    done: int = 0
    failed: int = 0
    colourful: list[str] = field(default_factory=list)


def colour_all(plan: Plan, colorizer: "Colorizer", settings: Settings) -> int:
    """Colour all pictures of a plan; prints the targets, and to stderr what the user should know.

    Returns
    -------
    int
        The exit status: 0, or 2 if a picture, or something else that was asked for, could not be coloured.
    """
    tally = _Tally()
    jobs = [job for job in plan.jobs if not (settings.skip_existing and os.path.lexists(job.target))]
    with tqdm(jobs, "colouring", unit=" pictures", disable=len(jobs) < 2 or not sys.stderr.isatty()) as bar:
        for job in bar:
            _try(job, colorizer, settings, tally)
    for sentence in _summary(plan, len(jobs), settings, tally):
        say(f"colorize: {sentence}", sys.stderr)
    return 2 if tally.failed or plan.problems else 0


def _try(job: Job, colorizer: "Colorizer", settings: Settings, tally: _Tally) -> None:
    try:
        notes = _colour(job, colorizer, settings, tally)
    except InputError as error:
        tally.failed += 1
        say(f"colorize: {error}", sys.stderr)
    except (MemoryError, RuntimeError) as error:
        if not memory_ran_out(error):
            raise
        tally.failed += 1
        say(f"colorize: {job.source} needs more memory than there is: close other programs or reduce it.", sys.stderr)
    else:
        for note in notes:
            say(f"colorize: {note}", sys.stderr)


def _colour(job: Job, colorizer: "Colorizer", settings: Settings, tally: _Tally) -> list[str]:
    """Colour all pages or frames of one file; returns sentences on what could not be kept."""
    with open_picture(job.source) as picture:
        frames = _painted(picture, colorizer, settings, tally, job.number)
        with suppress(_LeftAlone):
            notes = save_picture(frames, job.target, picture)
            tally.done += 1
            say(str(job.target), sys.stdout)
            return [*picture.notes, *notes]
    return []


class _LeftAlone(Exception):
    """A picture has colours, and only grey ones are asked for."""


def _painted(
    picture: SourcePicture, colorizer: "Colorizer", settings: Settings, tally: _Tally, alternative: int
) -> Iterator[Frame]:
    frames = iter(picture)
    for number in range(picture.count):
        frame = next(frames, None)
        if frame is None:  # the rest is damaged
            return
        if number == 0 and has_colours(frame.rgb):
            tally.colourful.append(picture.name)
            if settings.only_grey:
                raise _LeftAlone
        if settings.restore:
            frame = replace(frame, rgb=restored(frame.rgb))
        if settings.sheet:
            from .sheet import sheet  # as this module needs Colorizer, and few ask for it

            page = sheet(colorizer, frame.rgb, settings.size)
            yield Frame(torch.from_numpy(np.array(page)).permute(2, 0, 1))
            return
        hints = settings.hints
        if alternative:
            hints = colorizer.suggested_hints(frame.rgb, settings.alternatives, settings.size)[alternative - 1]
        rgb = colorizer.paint(frame.rgb, settings.temperature, settings.lam, settings.size, hints)
        frame = replace(frame, rgb=rgb)
        del rgb  # while the frame is being saved, nothing else of it is held
        yield frame
        del frame


def has_colours(rgb: torch.Tensor) -> bool:
    """Whether a picture has colours, and not just a tone: sepia, cyanotype, yellowed paper.

    A tone is a function of L, so ab is compared with the parabola over L that fits it best, on a small copy,
    on which the noise of the grain and of JPEG is gone.

    Parameters
    ----------
    rgb
        ``(3, H, W)``: uint8, or float in [0, 1].
    """
    if rgb.stride(0) == 0:  # one channel, shown as three
        return False
    step = max(1, min(rgb.shape[1:]) // (16 * _LOOK))
    few = rgb[:, ::step, ::step]
    small = F.adaptive_avg_pool2d(few.float() / (1 if few.is_floating_point() else 255), _LOOK)
    light, ab = rgb_to_lab(small).flatten(1).double().split((1, 2))  # (1, n), (2, n)
    powers = (light / 100) ** torch.arange(3)[:, None]  # (3, n)
    tone = torch.linalg.lstsq(powers.T, ab.T, driver="gelsd").solution.T @ powers
    return bool((ab - tone).square().sum(0).mean().sqrt() > _TONED)


def _summary(plan: Plan, tried: int, settings: Settings, tally: _Tally) -> Iterator[str]:
    """What is to be said at the end of a run, a sentence each."""
    if len(plan.jobs) > tried:
        yield f"{len(plan.jobs) - tried} of {len(plan.jobs)} pictures were there already."
    names = listed(tally.colourful, settings.verbose)
    if tally.colourful and settings.only_grey:
        yield f"Left alone as having colours: {len(tally.colourful)} ({names})."
    elif tally.colourful and len(tally.colourful) < tally.done:
        yield (
            f"{len(tally.colourful)} of {tally.done} pictures had colours, which were replaced ({names}): --only-grey "
            "leaves such pictures alone."
        )
    yield from left_out(plan, settings.verbose)
    if tally.failed and tried > 1:
        yield f"{tally.failed} of {tried} pictures could not be coloured."


def say(line: str, stream) -> None:
    """Print a line above the progress bar. A reader that has gone away (``| head``) does not end the work."""
    try:
        tqdm.write(line, file=stream)
        stream.flush()
    except BrokenPipeError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
