"""Folders of anybody's pictures, of any size and kind: what is there, and what can be learned from.

:func:`scan` looks once at every file. :class:`~colorize_lib.data.folder_batches.FolderLoader` then gives full batches
of crops, and :func:`~colorize_lib.training.folder.train_folder` trains on them.
"""

import hashlib
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm.auto import tqdm

from ..colour.gamut import Gamut
from ..colour.lab import rgb_to_lab
from ..errors import InputError
from ..files import READABLE, user_path
from .crops import Reader, whole
from .images import CLASSES, has_colour
from .tiny_imagenet import NAMES
from .workers import default_workers, stream

#: How the scan looks at a picture: the whole of it, in so many pixels each way; this many at a time.
_SCAN_SIZE, _SCAN_BATCH = 64, 32
#: About how many pictures the prior is counted on, and at most how many the loss is followed on.
_PRIOR_PICTURES, _DEV_PICTURES = 2000, 5000


#: How many files are read to the end to know the pictures again when a stopped run goes on.
_READ_FILES = 500


def find_pictures(folder: str | Path) -> list[str]:
    """Names, below ``folder``, of all files that are called pictures, sorted; hidden ones are left out.

    Links are followed, but no folder is entered twice. A folder that may not be read is listed like a file,
    so that the scan reports it.

    Raises
    ------
    InputError
        If ``folder`` is no folder or holds no such file.
    """
    folder, found, entered = user_path(folder), [], set()
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.")

    def list_unreadable(error: OSError) -> None:
        found.append(error.filename)

    for place, folders, files in os.walk(folder, followlinks=True, onerror=list_unreadable):
        real = os.path.realpath(place)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (os.path.join(place, f) for f in files if f.lower().endswith(READABLE) and not f.startswith("."))
        # Not a pipe or a device, which might never end; a link to nowhere stays, to be reported.
        found.extend(path for path in paths if os.path.isfile(path) or not os.path.exists(path))
    if not found:
        raise InputError(f"{folder} holds no pictures, and neither CIFAR-10 nor Tiny ImageNet.")
    return sorted(Path(path).relative_to(folder).as_posix() for path in found)


def find_together(folders: Sequence[str | Path]) -> tuple[Path, list[str]]:
    """(the folder that several are in, the names below it of all their pictures, as :func:`find_pictures` finds them).

    A single folder is itself the one that its pictures are in. Raises as ``find_pictures`` does.
    """
    if len(folders) == 1:
        return user_path(folders[0]), find_pictures(folders[0])
    found = {user_path(folder).resolve(): find_pictures(folder) for folder in folders}
    try:
        parent = Path(os.path.commonpath(found))
    except ValueError as error:  # drives of Windows
        raise InputError(f"{' and '.join(map(str, folders))} are on different drives: put them on one.") from error
    return parent, sorted({(place / name).relative_to(parent).as_posix() for place in found for name in found[place]})


@dataclass(frozen=True)
class Scan:
    """What there is in one folder, or in several together.

    Attributes
    ----------
    folder
        The folder, or the one that the several are in.
    source
        What to call the pictures: the name of the folder, or of each below the one that they are in.
    names
        Of the pictures that can be learned from, below the folder, sorted.
    skipped
        The other files: (name, why).
    prior
        ``(Q,)``: how often each bin occurs among the pixels of a sample of the pictures.
    sha256
        Of all names and file sizes, and of what is in some of the files.
    """

    folder: Path
    source: str
    names: list[str]
    skipped: list[tuple[str, str]]
    prior: torch.Tensor
    sha256: str

    def summary(self) -> str:
        """A sentence on what was skipped, or an empty string."""
        if not self.skipped:
            return ""
        total = len(self.skipped) + len(self.names)
        return f"{len(self.skipped)} of {total} files were skipped: {listing(self.skipped)}"

    def split(self) -> tuple[list[str], list[str]]:
        """(training, dev) names: every 20th is for dev; more of few pictures, and fewer of very many.

        Pictures that are alike often have names that are alike: dev is then easier than it should be.
        """
        step = max(min(20, max(5, len(self.names) // 16)), len(self.names) // _DEV_PICTURES)
        return [name for i, name in enumerate(self.names) if i % step], self.names[::step]


def scan(
    folders: str | Path | Sequence[str | Path],
    gamut: Gamut,
    workers: int | None = None,
    limit: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Scan:
    """Look once at every picture, small: which of them can be read, are coloured and large enough.

    Parameters
    ----------
    folders
        One or several, searched with all folders in them.
    gamut
        The bins to count for the prior.
    workers
        Processes that decode; 0 for none but this one, None for :func:`~colorize_lib.data.workers.default_workers`.
    limit
        Look at so many files only, drawn with ``seed``.

    Raises
    ------
    InputError
        If there is nothing to learn from in the folder.
    """
    folders = [folders] if isinstance(folders, (str, Path)) else list(folders)
    folder, names = find_together(folders)
    if limit and limit < len(names):
        names = sorted(random.Random(seed).sample(names, limit))
    usable, skipped, counts, counted = [], [], torch.zeros(len(gamut)), 0
    step = max(1, len(names) // _PRIOR_PICTURES)
    batches = [[(name, "") for name in names[i : i + _SCAN_BATCH]] for i in range(0, len(names), _SCAN_BATCH)]
    workers = min(default_workers() if workers is None else workers, len(batches))
    with tqdm(total=len(names), desc="looking at the pictures", unit=" files", disable=not progress) as bar:
        for jobs, (rgb, reasons) in zip(
            batches, stream(Reader(folder, _SCAN_SIZE, whole), batches, workers), strict=True
        ):
            lab = rgb_to_lab(torch.from_numpy(rgb)) if len(rgb) else torch.empty(0, 3, 1, 1)  # (n, 3, h, w)
            coloured = has_colour(lab[:, 1:])  # (n,)
            reasons = _with_grey(reasons, coloured.tolist())
            skipped += [(name, why) for (name, _), why in zip(jobs, reasons, strict=True) if why]
            lab = lab[coloured][-len(usable) % step :: step]  # of all usable pictures, every step-th
            usable += [name for (name, _), why in zip(jobs, reasons, strict=True) if not why]
            if len(lab):
                counts, counted = counts + len(lab) * gamut.prior(lab[:, 1:], smoothing=0), counted + len(lab)
            bar.update(len(jobs))
    if not usable:
        raise InputError(f"{folder} holds no picture to learn from: {listing(skipped)}")
    return Scan(
        folder, _called(folder, folders), usable, skipped, gamut.smooth(counts / counted), _digest(folder, usable)
    )


def _called(parent: Path, folders: Sequence[str | Path]) -> str:
    """The name of the only folder, or those of several below the one that they are in."""
    if len(folders) == 1:
        return parent.resolve().name
    return " + ".join(user_path(folder).resolve().relative_to(parent).as_posix() for folder in folders)


def _with_grey(reasons: list[str], coloured: list[bool]) -> list[str]:
    """The reasons, and "grey" for those pictures that could be read and are."""
    verdicts = iter(coloured)
    return [why or ("" if next(verdicts) else "grey") for why in reasons]


def _digest(folder: Path, names: list[str]) -> str:
    """sha256 of the names and file sizes, and of what is in about every n-th file, :data:`_READ_FILES` at most."""
    sha256, step = hashlib.sha256(), -(-len(names) // _READ_FILES)
    for i, name in enumerate(names):
        try:
            size = os.stat(folder / name).st_size
            content = (folder / name).read_bytes() if i % step == 0 else b""
        except OSError:  # it has just vanished: as good as empty
            size, content = 0, b""
        sha256.update(os.fsencode(name) + b"\0%d\n" % size + hashlib.sha256(content).digest())
    return sha256.hexdigest()


def listing(skipped: list[tuple[str, str]], most: int = 3) -> str:
    """``2 unreadable (a.jpg, b.jpg), 1 grey (c.jpg).``"""
    parts = []
    for why in dict.fromkeys(why for _, why in skipped):
        names = [name.encode(errors="backslashreplace").decode() for name, reason in skipped if reason == why]
        parts.append(f"{len(names)} {why} ({', '.join(names[:most])}{', ...' if len(names) > most else ''})")
    return f"{', '.join(parts)}."


def is_picture_folder(path: Path) -> bool:
    """Whether it is a folder and holds neither CIFAR-10 nor Tiny ImageNet."""
    # Other data sets have a folder "train", too: that of CIFAR-10 holds its classes.
    known = ("cifar10.tgz", "cifar10", *(f"train/{name}" for name in CLASSES), "wnids.txt", *NAMES)
    return path.is_dir() and not any((path / name).exists() for name in known)
