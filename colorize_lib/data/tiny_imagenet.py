"""Tiny ImageNet: 64x64 pictures of 200 of ImageNet's classes, as uint8 tensors in memory.

It is read straight from the official archive (or the folder it unpacks to), whose layout is
``tiny-imagenet-200/train/<wnid>/images/*.JPEG``, ``val/images/*.JPEG``, ``val/val_annotations.txt``,
``wnids.txt`` and ``words.txt``. A copy may hold fewer training pictures of each class than the official 500.

Sources
-------
.. [1] O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015.
.. [2] Stanford CS231n, Tiny ImageNet, 2015: http://cs231n.stanford.edu/tiny-imagenet-200.zip
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ..errors import InputError
from .archive import DAMAGE, check_size, tar_members
from .finding import find
from .images import Images, decode_square

#: ``dev`` and ``test`` are the first and the second half of every class of the validation pictures.
SPLITS = ("train", "dev", "test")
NAMES = ("tiny-imagenet-200.zip", "tiny-imagenet-200.tgz", "tiny-imagenet-200-half.tgz", "tiny-imagenet-200")
SIZE = 64
_FOLDER = "tiny-imagenet-200"
_HELP = (
    "Get http://cs231n.stanford.edu/tiny-imagenet-200.zip (237 MB), put it into a folder and set COLORIZE_DATA to "
    "that folder."
)


def load_tiny_imagenet(split: str, root: str | Path | None = None, progress: bool = True) -> Images:
    """Load one split of Tiny ImageNet [2]_.

    Parameters
    ----------
    split
        ``train``, or ``dev`` or ``test``: 5,000 of the 10,000 validation pictures each.
    root
        The archive, the unpacked folder, or a folder with either; without it ``$COLORIZE_DATA``.
    progress
        Show a progress bar.

    Returns
    -------
    Images
        ``rgb`` is ``(N, 3, 64, 64)`` uint8 and ``classes`` the WordNet names (``n01443537``) in the
        order of ``wnids.txt``. Ordered by class, then by the number in the file's name.

    Raises
    ------
    InputError
        If the data cannot be found or read, or is not complete.
    """
    if split not in SPLITS:
        raise InputError(f"There is no split {split!r}. Choose one of: {', '.join(SPLITS)}.")
    place = find_tiny_imagenet(root)
    part = "train" if split == "train" else "val"
    texts: dict[str, str] = {}
    pictures: dict[str, np.ndarray] = {}
    for path, data in tqdm(_read(place, part), f"Tiny ImageNet {part}", disable=not progress, unit=" files"):
        if path.endswith(".txt"):
            texts[path] = data.decode()
        else:
            pictures[path] = decode_square(path, data, SIZE, f"not {SIZE}x{SIZE}", _HELP)
    if "wnids.txt" not in texts or (part == "val" and "val/val_annotations.txt" not in texts) or not pictures:
        raise InputError(f"{place} is not a whole copy of Tiny ImageNet. {_HELP}")
    classes = tuple(texts["wnids.txt"].split())
    files = _files_of_class(pictures, classes, texts.get("val/val_annotations.txt"))
    if not all(files.values()):
        raise InputError(f"{place} has classes without a picture: the copy is not complete. {_HELP}")
    wanted = {"train": slice(None), "dev": slice(None, 25), "test": slice(25, None)}[split]
    chosen = [(label, path) for label, name in enumerate(classes) for path in files[name][wanted]]
    rgb = torch.from_numpy(np.stack([pictures[path] for _, path in chosen])).permute(0, 3, 1, 2).contiguous()
    return Images(rgb, torch.tensor([label for label, _ in chosen]), f"{place.name}, JPEG", classes)


def find_tiny_imagenet(root: str | Path | None = None) -> Path:
    """The archive or the unpacked folder: ``root``, or in it, or in ``$COLORIZE_DATA``."""
    return find("Tiny ImageNet", ("", *NAMES), "wnids.txt", root, _HELP)


def words(root: str | Path | None = None) -> dict[str, str]:
    """What the WordNet names mean: ``{"n01443537": "goldfish, Carassius auratus", ...}``."""
    texts = {path: data.decode() for path, data in _read(find_tiny_imagenet(root), "words.txt")}
    return dict(line.split("\t", 1) for line in texts["words.txt"].splitlines())


def _files_of_class(pictures: dict, classes: tuple[str, ...], annotations: str | None) -> dict[str, list[str]]:
    """Paths of each class's pictures, in file order."""
    files: dict[str, list[str]] = {name: [] for name in classes}
    if annotations is None:
        for path in pictures:  # train/<wnid>/images/<file>
            files.setdefault(path.split("/")[1], []).append(path)
    else:
        for line in annotations.splitlines():
            file, name = line.split("\t")[:2]
            if f"val/images/{file}" in pictures:
                files.setdefault(name, []).append(f"val/images/{file}")
    for found in files.values():
        found.sort(key=_number)
    return {name: files[name] for name in classes}


def _number(path: str) -> tuple[int, str]:
    """By the number that a file name ends with: n01443537_2.JPEG before n01443537_10.JPEG."""
    stem = path.rsplit("/", 1)[1].split(".")[0]
    digits = stem.rsplit("_", 1)[-1]
    return (int(digits) if digits.isdigit() else 0, stem)


def _read(place: Path, part: str) -> Iterator[tuple[str, bytes]]:
    """(path below the top folder, bytes) of the pictures of ``part`` and of the lists, in one pass."""

    def wanted(path: str) -> bool:
        picture = path.endswith((".JPEG", ".jpg", ".jpeg", ".png")) and path.startswith(f"{part}/")
        return picture or path in ("wnids.txt", "words.txt", f"{part}/val_annotations.txt")

    try:
        for path, read in _members(place):
            if wanted(path):
                yield path, read()
    except DAMAGE as error:
        raise InputError(f"{place} cannot be read ({error}): it is damaged or not an archive. {_HELP}") from error


def _members(place: Path) -> Iterator[tuple]:
    """(path below the top folder, how to read it) of every file in a folder, a zip or a tar archive."""
    if place.is_dir():
        for file in sorted(place.rglob("*.*")):
            yield file.relative_to(place).as_posix(), file.read_bytes
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            for info in archive.infolist():
                yield info.filename.removeprefix(f"{_FOLDER}/"), lambda info=info: _read_zipped(archive, info)
    else:
        for member, read in tar_members(place):
            if member.isfile():
                yield member.name.removeprefix("./").removeprefix(f"{_FOLDER}/"), read


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    check_size(info.filename, info.file_size)
    return archive.read(info)
