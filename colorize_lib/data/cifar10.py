"""CIFAR-10 as uint8 tensors in memory, in splits that everyone shares.

The pictures are read straight from fastai's archive ``cifar10.tgz`` (or from the folder it unpacks
to), which holds ``cifar10/{train,test}/<class>/*``. All 60,000 fit in 184 MB.

Sources
-------
.. [1] A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from tqdm.auto import tqdm

from ..errors import InputError
from ..files import user_path
from .archive import DAMAGE, tar_members
from .images import CLASSES, Images, decode_square

#: Images of each class in the archive's two parts.
PER_CLASS = {"train": 5000, "test": 1000}
#: Every split: the part of the archive it is cut from, and which images of each class, in file order.
SPLITS = {
    "train": ("train", slice(None)),
    "dev": ("test", slice(None, 500)),
    "test": ("test", slice(500, None)),
    "vgg-train": ("train", slice(None, 1000)),
    "vgg-dev": ("test", slice(None, 100)),
    "vgg-test": ("test", slice(500, 600)),
}


_HELP = "Put cifar10.tgz into a folder and set COLORIZE_DATA to that folder."


def load_cifar10(split: str, root: str | Path | None = None, progress: bool = True) -> Images:
    """Load one split of CIFAR-10 [1]_.

    Parameters
    ----------
    split
        A key of :data:`SPLITS`: ``train`` (50,000), ``dev`` and ``test`` (5,000 each: the first and
        the second half of every class of the test images), or the classifier's smaller
        ``vgg-train``, ``vgg-dev`` and ``vgg-test`` (10,000, 1,000, 1,000).
    root
        ``cifar10.tgz``, the unpacked folder, or a folder with either. Without it the search goes on
        with ``$COLORIZE_DATA``, then fastai's cache, then a download by fastai.
    progress
        Show a progress bar.

    Raises
    ------
    InputError
        If the data cannot be found, downloaded or read, or is not complete.
    """
    if split not in SPLITS:
        raise InputError(f"There is no split {split!r}. Choose one of: {', '.join(SPLITS)}.")
    part, wanted = SPLITS[split]
    place = find_cifar10(root)
    files: dict[str, list[tuple[str, np.ndarray]]] = {name: [] for name in CLASSES}
    members = _read_archive(place, part) if place.is_file() else _read_folder(place, part)
    for name, path, data in tqdm(
        members, f"CIFAR-10 {part}", 10 * PER_CLASS[part], disable=not progress, unit=" images"
    ):
        files[name].append((path, decode(path, data)))
    for name, found in files.items():
        if len(found) != PER_CLASS[part]:
            raise InputError(
                f"{place} has {len(found)} images of {part}/{name} instead of {PER_CLASS[part]}: "
                f"the copy is not complete. {_HELP}"
            )
    chosen = [[image for _, image in sorted(files[name], key=_file_order)[wanted]] for name in CLASSES]
    rgb = torch.from_numpy(np.concatenate([np.stack(images) for images in chosen])).permute(0, 3, 1, 2).contiguous()
    label = torch.arange(len(CLASSES)).repeat_interleave(len(chosen[0]))
    return Images(rgb, label, f"{place.name}, {_file_kind(files)}")


def find_cifar10(root: str | Path | None = None, download: bool = True) -> Path:
    """Where CIFAR-10 is: ``root``, ``$COLORIZE_DATA``, fastai's cache, or a download by fastai.

    Returns the archive or the unpacked folder, and raises :class:`~colorize_lib.errors.InputError` where there is none.
    """
    stated = root or os.environ.get("COLORIZE_DATA")
    if stated:
        stated = user_path(stated)
        for place in (stated, stated / "cifar10.tgz", stated / "cifar10"):
            if place.is_file() or (place / "train").is_dir():
                return place
        raise InputError(f"{stated} holds neither cifar10.tgz nor a folder cifar10. {_HELP}")
    home = Path(os.environ.get("FASTAI_HOME", "~/.fastai")).expanduser()
    for place in (home / "data" / "cifar10", home / "archive" / "cifar10.tgz"):
        if place.is_file() or (place / "train").is_dir():
            return place
    if not download:
        raise InputError(f"CIFAR-10 is not on this machine. {_HELP}")
    return _download()


def _read_archive(place: Path, part: str) -> Iterator[tuple[str, str, bytes]]:
    """(class, path, bytes) of every image of ``part``, in one pass and without unpacking."""
    try:
        for member, read in tar_members(place):
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts:
                raise InputError(f"{place} holds {member.name!r}, which points outside it: do not trust it. {_HELP}")
            named = len(path.parts) == 4 and path.parts[1] == part and path.parts[2] in CLASSES
            if member.isfile() and named:
                yield path.parts[2], member.name, read()
    except DAMAGE as error:
        raise InputError(f"{place} cannot be read ({error}): it is damaged or not an archive. {_HELP}") from error


def _read_folder(place: Path, part: str) -> Iterator[tuple[str, str, bytes]]:
    """(class, path, bytes) of every image of ``part`` in the unpacked folder."""
    for name in CLASSES:
        for file in sorted((place / part / name).glob("*.*")):
            try:
                if file.is_file():
                    yield name, str(file), file.read_bytes()
            except OSError as error:
                raise InputError(f"{file} cannot be read ({error.strerror}). {_HELP}") from error


def decode(path: str, data: bytes) -> np.ndarray:
    """A 32x32 picture file to ``(32, 32, 3)`` uint8."""
    return decode_square(path, data, 32, "where CIFAR-10 has 32x32", _HELP)


def _file_order(item: tuple[str, np.ndarray]) -> tuple[int, str]:
    """By the number that a file name starts with: 2_cat.png before 10_cat.png."""
    name = PurePosixPath(item[0]).name
    number = re.match(r"\d+", name)
    return (int(number.group()) if number else 0, name)


def _file_kind(files: dict[str, list[tuple[str, np.ndarray]]]) -> str:
    return {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "lossless PNG"}.get(
        PurePosixPath(files[CLASSES[0]][0][0]).suffix.lower(), "unknown format"
    )


def _download() -> Path:
    """fastai's own download: the archive is checked, unpacked beside its place, then moved there."""
    import colorize_lib.quiet  # noqa: F401

    from fastai.data.external import URLs, untar_data

    try:
        return Path(untar_data(URLs.CIFAR))
    except Exception as error:  # fastdownload raises whatever urllib, tarfile and its own asserts do
        raise InputError(f"CIFAR-10 could not be downloaded ({type(error).__name__}: {error}). {_HELP}") from error
