"""A film that lies there as a folder of pictures, one a frame: coloured in order, into another folder."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ..errors import InputError
from ..files import atomic_path, check_folder, identity, user_path
from ..inference.colorizer import Colorizer
from ..inference.colouring import has_colours
from ..inference.dials import LAM, TEMPERATURE
from ..inference.jobs import beside, picture_suffixes
from ..pictures.reading import open_picture
from ..pictures.saving import save_picture
from .carrying import Memory
from .film import PART, Coloured, made_by
from .frames import STEADY, FramePainter
from .writing import begun, kept_state, writable

#: What is known after the last frames that are whole, in the hidden folder.
_MEMORY = "memory.npz"


def colorize_folder(
    folder: str | Path,
    target: str | Path | None = None,
    colorizer: Colorizer | None = None,
    temperature: float = TEMPERATURE,
    lam: float = LAM,
    size: int | None = None,
    carried: str = STEADY,
    progress: bool = True,
) -> Coloured:
    """Colour the pictures of a folder as the frames of one film, with steadier colours.

    They are taken in the order of their names, where 10 comes after 9, and written as PNG under the same names. A run
    that was stopped goes on where it was.

    Parameters
    ----------
    folder
        The frames; its subfolders are not looked into.
    target
        The folder to write to; None for ``NAME-coloured`` beside it.
    colorizer, temperature, lam, size, carried, progress
        See :func:`~colorize_lib.films.film.colorize_film`.

    Raises
    ------
    InputError
        If there is no picture in it, one cannot be read, or nothing can be written there.
    """
    folder = user_path(folder)
    files = frame_files(folder)
    target = beside(folder) if target is None else user_path(target)
    if identity(target) and identity(target) == identity(folder):
        raise InputError(f"The frames of {folder} would be written over themselves: choose another place with -o.")
    check_folder(target)
    painter = FramePainter(colorizer or Colorizer.load(), temperature, lam, size, carried)
    work = begun(target, {"frames": _fingerprint(files), **made_by(painter)})
    taken_up = _take_up(work, painter)
    had_colours = has_colours(_read(files[0]))
    notes: dict[str, None] = {}
    left = files[taken_up:]
    with tqdm(left, folder.name, len(files), initial=taken_up, unit=" frames", disable=not progress) as bar:
        painted = zip(bar, painter.paint(map(_read, left)), strict=True)
        for number, (file, rgb) in enumerate(painted, taken_up + 1):
            notes |= dict.fromkeys(_save(rgb, work / f"{file.stem}.png", file))
            if number % PART == 0 or number == len(files):
                _remember(work, number, painter.memory)
    _move([f"{file.stem}.png" for file in files], work, target)
    return Coloured(target, len(files), taken_up, had_colours, [*notes])


def frame_files(folder: Path) -> list[Path]:
    """The pictures of a folder in the order of their names, numbers counted as such.

    Raises :class:`~colorize_lib.errors.InputError` if there are none, or two would be written under one name.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: --frames takes folders of pictures, one picture a frame.")
    suffixes = picture_suffixes()
    files = [path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.name[0] != "."]
    files = [path for path in files if path.is_file()]  # no pipe, which would be waited for
    if not files:
        raise InputError(f"The folder {folder} holds no pictures.")
    if len({path.stem for path in files}) < len(files):
        raise InputError(f"Two pictures of {folder} differ in their endings alone: a frame needs a name of its own.")
    return sorted(files, key=_counted)


def _counted(path: Path) -> list[tuple[int, str]]:
    """A name as letters and numbers: frame-9 comes before frame-10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", path.stem)]


def _read(file: Path) -> torch.Tensor:
    with open_picture(file) as picture:
        return next(iter(picture)).rgb


def _save(rgb: torch.Tensor, target: Path, file: Path) -> list[str]:
    """What a frame became, with all that its file says of it."""
    with open_picture(file) as picture:  # read again: it was not held while the frames ahead were looked at
        pages = [f"Of {file} the first of {picture.count} pages is taken."] if picture.count > 1 else []
        notes = save_picture([replace(next(iter(picture)), rgb=rgb)], target, picture)
        notes = [note for note in notes if not pages or "only the first" not in note]
        return [*pages, *(note.replace(str(target), target.name) for note in notes)]


def _fingerprint(files: Sequence[Path]) -> str:
    """Which frames they are: names, lengths and times."""
    said = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _remember(work: Path, count: int, memory: Memory | None) -> None:
    with writable(work), atomic_path(work / _MEMORY) as temporary, temporary.open("wb") as file:
        np.savez(file, frames=count, **(memory.arrays() if memory else {}))


def _take_up(work: Path, painter: FramePainter) -> int:
    """How many frames are whole already; the painter then knows what it knew after them."""
    state = kept_state(work / _MEMORY)
    if not state:
        return 0
    if "values" in state:
        painter.memory = Memory.of_arrays(state, painter.colorizer.device)
    return int(state["frames"])


def _move(names: Sequence[str], work: Path, target: Path) -> None:
    """All frames to where they belong; a run that is stopped here goes on here."""
    with writable(target):
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            if (work / name).exists():
                os.replace(work / name, target / name)
        for path in work.iterdir():
            path.unlink()
        work.rmdir()


def plan_folders(names: Sequence[str], output: str | None) -> list[tuple[str, Path]]:
    """Each folder with its target: ``output`` for one, a folder within it for each of several, None for beside."""
    folders = [*dict.fromkeys(names)]
    if output is None:
        return [(name, beside(user_path(name))) for name in folders]
    several = len(folders) > 1
    return [(name, user_path(output) / Path(name).resolve().name if several else user_path(output)) for name in folders]
