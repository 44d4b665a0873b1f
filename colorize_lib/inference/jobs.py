"""What ``colorize`` is to colour and where each picture goes: planned before any work is done.

No picture that is asked for is ever written over, under whatever name: what counts is which file it is.
"""

import glob
import os
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import InputError
from ..files import LONGEST, READABLE, SUFFIXES, identity, user_path
from ..pictures.kinds import FILMS, RAW

#: What the name of a coloured picture ends in where it stands beside its original.
TAIL = "-coloured"
#: What the name of a sheet ends in.
SHEET = "-sheet"
#: Kinds that Pillow recognises and cannot read without help, which a folder of pictures does not hold.
_STUBS = ("BUFR", "GRIB", "HDF5", "MPEG", "WMF")
#: So many names are listed unless all are asked for.
_FEW = 3
#: Tag of EXIF that names the software a picture was made with.
_SOFTWARE = 305


@dataclass(frozen=True)
class Job:
    """One picture to colour.

    Attributes
    ----------
    source : str
        A path or a web address.
    target : pathlib.Path
        The file to write.
    found : bool
        Whether it was found in a folder, not named.
    number : int
        Which of its alternatives, from 1; 0 where none are asked for.
    """

    source: str
    target: Path
    found: bool = False
    number: int = 0


@dataclass
class Plan:
    """All that was asked for.

    Attributes
    ----------
    jobs : list of Job
        In order; every one has a target of its own.
    problems : list of str
        A sentence for each thing that was asked for and cannot be done.
    left : dict
        What was found and is left out: as what, to the names.
    """

    jobs: list[Job] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)

    def leave(self, why: str, name: str | Path) -> None:
        """Note that something is left out."""
        self.left.setdefault(why, []).append(str(name))


def plan_jobs(arguments: list[str], output: str | None = None, others: Sequence[str] = ()) -> Plan:
    """Look up pictures, folders with all their subfolders, patterns and web addresses.

    Parameters
    ----------
    arguments
        As on the command line. A pattern such as ``*.png``, where no file has that name, is looked up.
    output
        A file for one picture, else a folder; None for a place beside each.
    others
        Files that are read too, and not to be written over.

    Raises
    ------
    InputError
        If ``output`` does not fit the pictures. What is wrong with one of them is among the plan's problems.
    """
    names = [name for argument in arguments for name in _expanded(argument)]
    folders = [name for name in names if _is_folder(name)]
    file, into = _places(output, names[0] if len(names) == 1 and not folders else None)
    plan = Plan()
    for name in dict.fromkeys(names):
        if not name:
            plan.problems.append("The name of a picture is empty.")
        elif name in folders:
            several = into and len(set(folders)) > 1
            _add_folder(plan, user_path(name), into / Path(os.path.realpath(user_path(name))).name if several else into)
        else:
            plan.jobs.append(Job(name, file or _named(_place_of(name, into), _stem(name), TAIL, ".png")))
    _keep_inputs(plan, others)
    plan.jobs = list(_distinct(plan.jobs))
    _keep_inputs(plan, others)
    return plan


def name_sheets(plan: Plan, others: Sequence[str] = ()) -> None:
    """Give every job of a plan a target that says it is a sheet: no other's, and none that is read."""
    plan.jobs = list(
        _distinct(
            replace(job, target=_named(job.target.parent, job.target.stem.removesuffix(TAIL), SHEET, ".png"))
            for job in plan.jobs
        )
    )
    _keep_inputs(plan, others)


def number_alternatives(plan: Plan, n: int, others: Sequence[str] = ()) -> None:
    """Make of every job of a plan ``n`` jobs, whose targets end in -1, -2, ...: no other's, and none that is read."""
    plan.jobs = list(
        _distinct(
            replace(job, target=_named(job.target.parent, job.target.stem, f"-{i}", job.target.suffix), number=i)
            for job in plan.jobs
            for i in range(1, n + 1)
        )
    )
    _keep_inputs(plan, others)


def _expanded(argument: str) -> list[str]:
    """What a shell makes of a pattern; shells of Windows leave it to the program."""
    if "://" in argument or not glob.has_magic(argument) or os.path.lexists(user_path(argument)):
        return [argument]
    return sorted(glob.glob(str(user_path(argument)), recursive=True)) or [argument]


def _is_folder(name: str) -> bool:
    return "://" not in name and bool(name) and os.path.isdir(user_path(name))


def _places(output: str | None, single: str | None) -> tuple[Path | None, Path | None]:
    """(the file, the folder) to write to, or neither. ``single`` is the picture if there is but one."""
    if output is None:
        return None, None
    if output in ("", "-"):
        raise InputError(f"A picture cannot be written to {output!r}: name a file or a folder.")
    path, suffix = user_path(output), Path(output).suffix.lower()
    folder = output.endswith(("/", os.sep))
    if single is not None and suffix in SUFFIXES and not folder:
        return path, None
    if suffix and not folder and not os.path.isdir(path):
        if single is not None:
            raise InputError(
                f"{output} does not end in one of {', '.join(SUFFIXES)}. For a folder of that name write {output}/."
            )
        if suffix in picture_suffixes():
            raise InputError(f"Several pictures need a folder to be written to, not {output}.")
    return None, path


def _place_of(name: str, into: Path | None) -> Path:
    return into or (Path() if "://" in name else user_path(name).parent)


def _stem(name: str) -> str:
    if "://" in name:
        address = urlsplit(name)
        return Path(address.path).stem or address.hostname or "picture"
    return user_path(name).stem


def _named(folder: Path, stem: str, tail: str, suffix: str) -> Path:
    """``folder/stem+tail+suffix``, with the stem cut to what a file's name may have."""
    while len(os.fsencode(stem + tail + suffix)) > LONGEST:
        stem = stem[:-1]
    return folder / f"{stem}{tail}{suffix}"


def beside(folder: Path) -> Path:
    """Where the coloured pictures of a folder go if nobody says."""
    if folder.name in ("", ".."):
        folder = folder.resolve()
    return folder.parent / f"{folder.name or 'pictures'}{TAIL}"


def _add_folder(plan: Plan, folder: Path, into: Path | None) -> None:
    """A job for each picture of a folder and its subfolders, in folders of the same names."""
    into = into or beside(folder)
    tail = TAIL if identity(into) == identity(folder) else ""  # into itself: beside their originals
    problems, found = len(plan.problems), list(_walk(plan, folder, into))
    plan.jobs += [
        Job(str(file), _named(into / file.relative_to(folder).parent, file.stem, tail, ".png"), True) for file in found
    ]
    if not found and len(plan.problems) == problems:
        reason = f", but {described(plan.left)}" if plan.left else ""
        plan.problems.append(f"The folder {folder} holds no pictures{reason}.")


def _walk(plan: Plan, folder: Path, into: Path) -> Iterator[Path]:
    """The pictures of a folder and its subfolders, but not those in the folder to write to."""

    def unreadable(error: OSError) -> None:
        plan.problems.append(f"The folder {error.filename} cannot be read ({error.strerror}).")

    outputs, suffixes = identity(into), picture_suffixes()
    for place, folders, files in os.walk(folder, onerror=unreadable):
        place = Path(place)
        for name in [name for name in folders if os.path.islink(place / name)]:
            plan.leave("a link to a folder", place / name)
        folders[:] = sorted(n for n in folders if n[0] != "." and outputs != identity(place / n))
        for name in sorted(files):
            file = place / name
            why = _why_left(file, suffixes)
            if why is None:
                yield file
            elif why:
                plan.leave(why, file)


def _why_left(file: Path, suffixes: frozenset[str]) -> str | None:
    """Why a file in a folder is left out; "" where nobody asks, None if it is not."""
    suffix = file.suffix.lower()
    if file.name.startswith("."):  # also ._photo.jpg, what macOS notes of photo.jpg on other disks
        return "hidden" if suffix in suffixes else ""
    if suffix in FILMS:
        return "a film"
    if suffix in RAW:
        return "a camera's raw file, to be developed first"
    if suffix not in suffixes:
        return "no picture"
    if not os.path.isfile(file):
        return "a pipe, a device or a broken link"
    if TAIL in str(file) and is_coloured(file):
        return "made by colorize"
    return None


def picture_suffixes() -> frozenset[str]:
    """Of all that Pillow can read, in small letters and with the dot."""
    from PIL import Image

    Image.init()
    readable = {s for s, kind in Image.registered_extensions().items() if kind in Image.OPEN and kind not in _STUBS}
    return frozenset(readable | set(READABLE)) - set(FILMS) - set(RAW)


def is_coloured(file: Path) -> bool:
    """Whether a file says that ``colorize``, of whatever version, has coloured it."""
    from PIL import Image

    from ..pictures.metadata import CREDIT

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with file.open("rb") as content, Image.open(content) as image:
                software = f"{image.info.get('Software', '')} {image.getexif().get(_SOFTWARE, '')}"
    except Exception:  # no picture, or a damaged one: its turn comes
        return False
    return CREDIT.rsplit(" ", 1)[0] in software


def _keep_inputs(plan: Plan, others: Sequence[str]) -> None:
    """Drop what would be written over a picture that is asked for.

    A picture that colorize has made from another one of them, on an earlier run, is none that is asked for.
    """
    names = [job.source for job in plan.jobs if "://" not in job.source]
    inputs = {identity(name): name for name in (*others, *names)}
    inputs.pop(None, None)
    made, over = set(), set()
    for job in plan.jobs:
        other = inputs.get(identity(job.target))
        if other is None:
            continue
        if other != job.source and identity(other) != identity(job.source) and is_coloured(Path(other)):
            made.add(other)
        else:
            over.add(job)
            what = "itself" if identity(other) == identity(job.source) else other
            plan.problems.append(f"{job.source} would be written over {what}: choose another place with -o.")
    for name in sorted(made):
        plan.leave("made by colorize", name)
    plan.jobs = [job for job in plan.jobs if job not in over and job.source not in made]


def keep_others(plan: Plan) -> None:
    """Drop what would replace a file that ``colorize`` has not made, where nobody said where to write."""
    for job in [job for job in plan.jobs if os.path.isfile(job.target) and not is_coloured(job.target)]:
        plan.jobs.remove(job)
        plan.problems.append(
            f"{job.target} is there already, and not made by colorize: rename it, or choose another place with -o."
        )


def _distinct(jobs: Iterable[Job]) -> Iterator[Job]:
    """The same jobs with targets that differ, in more than capitals: of a.jpg and a.png one would be lost."""
    jobs = list(jobs)
    keys = [_key(job.target) for job in jobs]
    wanted, taken = Counter(keys), set()
    for job, key in zip(jobs, keys, strict=True):
        target, number = job.target, 1
        tail = "-" + Path(urlsplit(job.source).path if "://" in job.source else job.source).suffix[1:]
        while key in taken or (wanted[key] > 1 if number == 1 else key in wanted):
            more = tail if number == 1 else f"{tail}-{number}"
            end = next((end for end in (TAIL, SHEET) if job.target.stem.endswith(end)), "")
            target = _named(job.target.parent, job.target.stem.removesuffix(end) + more, end, job.target.suffix)
            key, number = _key(target), number + 1
        taken.add(key)
        yield replace(job, target=target)


def _key(path: Path) -> str:
    return os.path.join(os.path.realpath(path.parent), path.name).casefold()


def described(left: dict[str, list[str]]) -> str:
    """What is left out, counted."""
    return ", ".join(f"{len(names)} left out as {why}" for why, names in left.items())


def left_out(plan: Plan, verbose: bool = False) -> Iterator[str]:
    """Sentences on what was found and is not coloured."""
    for why, names in plan.left.items():
        yield f"Left out as {why}: {len(names)} ({listed(names, verbose)})."


def listed(names: list[str], verbose: bool) -> str:
    """The names, or the first of them."""
    some = names if verbose else names[:_FEW]
    more = f", and {len(names) - len(some)} more: --verbose names all" if len(names) > len(some) else ""
    return ", ".join(some) + more
