"""The photographs that the network for photographs is chosen on and judged by, as uint8 tensors in memory.

The archive ``photographs-160.tar`` (or the folder it unpacks to) holds ``photographs/{train,dev,test}/<wnid>/*.jpg``,
pictures of ImageNet [1]_ in class folders: ``train`` and ``dev`` with a shorter side of 160 pixels, of the twenty
classes of Imagenette and Imagewoof [2]_, and ``test`` one of each of 500 classes, with a shorter side of 256.

Sources
-------
.. [1] O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015.
.. [2] J. Howard, "Imagenette", 2019: https://github.com/fastai/imagenette
"""

import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from PIL import Image
from tqdm.auto import tqdm

from ..errors import InputError
from ..files import user_path
from .archive import DAMAGE, tar_members
from .finding import find
from .images import Images

#: Split: the side of its square pictures, in pixels.
SIDES = {"dev": 160, "test": 256}
#: Of the folder and of the archive.
NAMES = ("photographs", "photographs-160.tar")
_HELP = (
    "Put photographs-160.tar, or a folder photographs/{train,dev,test}/<class>/*.jpg of your own, into a folder and "
    "set COLORIZE_DATA to that folder."
)


def load_photographs(split: str, root: str | Path | None = None, progress: bool = True) -> Images:
    """The middle square of every picture of ``dev`` or ``test``, its side as in :data:`SIDES`.

    Parameters
    ----------
    split
        ``dev`` or ``test``.
    root
        The archive, the unpacked folder, or a folder with either; without it ``$COLORIZE_DATA``.
    progress
        Show a progress bar.

    Returns
    -------
    Images
        ``rgb`` is ``(N, 3, S, S)`` uint8. Ordered by class, then by file name.

    Raises
    ------
    InputError
        If the data cannot be found or read.
    """
    if split not in SIDES:
        raise InputError(f"There is no split {split!r} of the photographs to load. Choose one of: {', '.join(SIDES)}.")
    place, side = find_photographs(root), SIDES[split]
    found: dict[tuple[str, str], np.ndarray] = {}
    try:
        for path, data in tqdm(_read(place, split), f"photographs {split}", disable=not progress, unit=" pictures"):
            found[path.parent.name, path.name] = _middle(data, side)
    except (*DAMAGE, SyntaxError) as error:
        raise InputError(f"{place} cannot be read ({error}): it is damaged or not an archive. {_HELP}") from error
    if not found:
        raise InputError(f"{place} holds no photographs of {split}. {_HELP}")
    classes = tuple(sorted({name for name, _ in found}))
    rgb = torch.from_numpy(np.stack([found[key] for key in sorted(found)])).permute(0, 3, 1, 2).contiguous()
    return Images(rgb, torch.tensor([classes.index(name) for name, _ in sorted(found)]), place.name, classes)


def training_folders(root: str | Path | None = None) -> list[Path]:
    """The folders of training pictures: of the photographs, and of Tiny ImageNet if it is there too.

    Raises
    ------
    InputError
        If there are none, or they are still packed.
    """
    place = find_photographs(root)
    if place.is_file():
        raise InputError(
            f"{place} is packed, and training reads one picture at a time: unpack it (tar xf) beside itself."
        )
    tiny = place.parent / "tiny-imagenet-200" / "train"
    return [place / "train", *([tiny] if tiny.is_dir() else [])]


def find_photographs(root: str | Path | None = None) -> Path:
    """The archive or the unpacked folder: ``root``, or in it, or in ``$COLORIZE_DATA``."""
    return find("the set of photographs", (*NAMES, ""), "test", root, _HELP)


def _read(place: Path, split: str) -> Iterator[tuple[PurePosixPath, bytes]]:
    """(path, bytes) of every picture of a split, from a folder or a tar archive."""
    if place.is_dir():
        for file in sorted((place / split).rglob("*.jpg")):
            yield PurePosixPath(file.relative_to(place).as_posix()), file.read_bytes()
        return
    for member, read in tar_members(place):
        path = PurePosixPath(member.name)
        if member.isfile() and path.suffix == ".jpg" and split in path.parts:
            yield path, read()


def _middle(data: bytes, side: int) -> np.ndarray:
    """The largest square in the middle of a picture file, ``(side, side, 3)`` uint8."""
    with Image.open(io.BytesIO(data)) as image:
        image = image.convert("RGB")
    edge = min(image.size)
    left, top = ((whole - edge) // 2 for whole in image.size)
    square = image.crop((left, top, left + edge, top + edge))
    return np.asarray(square if edge == side else square.resize((side, side), Image.Resampling.BICUBIC))


def holds_photographs(place: str | Path) -> bool:
    """Whether it is a folder with the photographs in it, unpacked or not."""
    return any((user_path(place) / name).exists() for name in NAMES)
