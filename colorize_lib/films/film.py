"""A film from its file to a coloured one: the whole way, in bounded memory, and taken up again after a stop."""

import hashlib
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm.auto import tqdm

from .. import __version__
from ..errors import InputError
from ..files import check_folder, check_target, remove_leftovers, user_path
from ..inference.colorizer import Colorizer
from ..inference.colouring import has_colours
from ..inference.dials import LAM, TEMPERATURE
from ..record import digest
from .frames import STEADY, FramePainter
from .reading import FilmFrame, SourceFilm, open_film
from .writing import KINDS, Parts, assemble, check_kind

#: Frames of a part: what a stop loses at most.
PART = 50
#: What the name of a coloured film ends in, as that of a coloured picture does.
TAIL = "-coloured"
#: So many bytes at either end of a film tell it from another one.
_ENDS = 1 << 16


@dataclass(frozen=True)
class Coloured:
    """What came of a film.

    Attributes
    ----------
    target : pathlib.Path
        The coloured film.
    frames : int
        How many frames it has.
    taken_up : int
        How many of them were there from a run that was stopped.
    had_colours : bool
        Whether the first frame had colours of its own.
    notes : list of str
        Sentences on what could not be kept.
    """

    target: Path
    frames: int
    taken_up: int
    had_colours: bool
    notes: list[str]


def colorize_film(
    path: str | Path,
    target: str | Path | None = None,
    colorizer: Colorizer | None = None,
    temperature: float = TEMPERATURE,
    lam: float = LAM,
    size: int | None = None,
    carried: str = STEADY,
    progress: bool = True,
) -> Coloured:
    """Colour a film, with steadier colours and its sound as it is.

    Sides, times, rotation and the pixels' aspect are kept; the picture is written as H.264. A run that was stopped goes
    on where it was: finished parts lie in a hidden folder beside the target until the film is whole.

    Parameters
    ----------
    path
        The film.
    target
        Where to write: a file that ends in one of :data:`~colorize_lib.films.writing.KINDS`; None for
        :func:`beside`.
    colorizer
        The network; None for the one that photographs are coloured with.
    temperature, lam, size, carried
        See :func:`~colorize_lib.films.frames.colorize_frames`.
    progress
        Whether to show frames, frames a second and the time left.

    Raises
    ------
    InputError
        If the film cannot be read, it or its sound cannot be written there, or a package is missing.

    Examples
    --------
    A grey reel of three frames, here as small as can be; yours may be of any length.

    >>> import tempfile
    >>> from PIL import Image
    >>> from colorize_lib import photograph
    >>> frame = Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).convert("L").resize((96, 64))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     reel = Path(folder, "reel.gif")
    ...     frame.save(reel, save_all=True, append_images=[frame.rotate(1), frame.rotate(2)])
    ...     coloured = colorize_film(reel, Path(folder, "reel.mp4"), progress=False)
    >>> coloured.target.name, coloured.frames
    ('reel.mp4', 3)
    """
    path = user_path(path)
    target = beside(path) if target is None else user_path(target)
    check_target(target, [path])
    with open_film(path) as film:
        check_kind(target, film)
        check_folder(target.parent)
        remove_leftovers(target)
        colorizer = colorizer or Colorizer.load()
        painter = FramePainter(colorizer, temperature, lam, size, carried)
        parts = Parts(target, {"film": _fingerprint(path), **made_by(painter)})
        taken_up = parts.frames
        painter.memory = parts.memory(colorizer.device)
        had_colours = _paint(film, painter, parts, progress)
        notes = [f"{film.damaged} places of {path} are damaged and were passed over."] if film.damaged else []
    notes += assemble(parts, path, target)
    parts.remove()
    return Coloured(target, parts.frames, taken_up, had_colours, notes)


def _paint(film: SourceFilm, painter: FramePainter, parts: Parts, progress: bool) -> bool:
    """Paint all frames that no part holds yet; returns whether the first had colours."""
    frames = iter(film)
    first = next(frames)
    colourful = has_colours(first.rgb)
    left = itertools.chain([first], frames)
    done = sum(1 for _ in itertools.islice(left, parts.frames))  # read again, and not held
    grey, waiting = itertools.tee(left)
    painted = zip(waiting, painter.paint(frame.rgb for frame in grey), strict=True)
    shown = {"unit": " frames", "disable": not progress, "smoothing": 0.1, "file": sys.stderr}
    with tqdm(None, Path(film.name).name, film.count or None, initial=done, **shown) as bar:
        while (begun := next(painted, None)) is not None:
            with parts.next(film) as part:
                for frame, rgb in itertools.chain([begun], itertools.islice(painted, PART - 1)):
                    part.write(FilmFrame(rgb, frame.time))
                    bar.update()
                part.memory = painter.memory
    return colourful


def made_by(painter: FramePainter) -> dict:
    """What makes coloured frames what they are, besides the grey ones."""
    network = painter.colorizer.network.state_dict()
    settings = {name: getattr(painter, name) for name in ("temperature", "lam", "size", "carried", "most", "ahead")}
    return {"network": digest(*network.values()), "version": __version__, "part": PART, **settings}


def _fingerprint(path: Path) -> str:
    """Which film it is, from its length and its two ends: all of it would take a while."""
    size = path.stat().st_size
    sha256 = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for place in (0, max(0, size - _ENDS)):
            file.seek(place)
            sha256.update(file.read(_ENDS))
    return sha256.hexdigest()


def beside(path: Path, into: Path | None = None) -> Path:
    """Where a coloured film goes if nobody says: ``NAME-coloured``, of its own kind if that can be written."""
    suffix = path.suffix if path.suffix.lower() in KINDS else ".mkv"
    return (into or path.parent) / f"{path.stem}{TAIL}{suffix}"


def plan_films(names: list[str], output: str | None, others: bool) -> Iterator[tuple[str, Path]]:
    """Each film with its target.

    Parameters
    ----------
    names
        The films.
    output
        A file for one film, else a folder; None for a place beside each.
    others
        Whether pictures are coloured too: then ``output`` is a folder.
    """
    if output is None:
        folder, file = None, None
    elif len(names) == 1 and not others and Path(output).suffix and not user_path(output).is_dir():
        folder, file = None, user_path(output)
    elif Path(output).suffix.lower() in KINDS and not user_path(output).is_dir():
        raise InputError(f"Several films need a folder to be written to, not {output}.")
    else:
        folder, file = user_path(output), None
    taken: set[Path] = set()
    for name in dict.fromkeys(names):
        target = file or beside(user_path(name), folder)
        if target in taken:
            target = target.with_name(f"{target.stem}-{Path(name).suffix[1:]}{target.suffix}")
        taken.add(target)
        yield name, target
