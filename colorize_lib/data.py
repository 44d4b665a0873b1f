"""CIFAR-10 and a few photographs, as uint8 tensors in memory, in splits that everyone shares.

The pictures are read straight from fastai's archive ``cifar10.tgz`` (or from the folder it unpacks
to), which holds ``cifar10/{train,test}/<class>/*``. All 60,000 fit in 184 MB.

Sources
-------
.. [1] A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F
from tqdm.auto import tqdm

from .archive import DAMAGE, tar_members
from .errors import InputError
from .files import user_path
from .lab import rgb_to_lab

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
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
#: The photographs that come inside scikit-image, all free to use; see its data/README.
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")
#: The embedded pictures that run through all chapters: airplane, automobile, cat, dog, frog, horse, ship, truck.
GALLERY = (10, 6, 0, 16, 4, 17, 15, 14)
#: A picture with no ``|a|`` or ``|b|`` over this, in Lab units, counts as grey.
LEAST_COLOUR = 5.0
_HELP = "Put cifar10.tgz into a folder and set COLORIZE_DATA to that folder."


@dataclass(frozen=True)
class Images:
    """Pictures of one size, with their classes.

    Attributes
    ----------
    rgb : torch.Tensor
        ``(N, 3, H, W)`` uint8, sRGB.
    label : torch.Tensor
        ``(N,)`` int64, an index into ``classes``.
    source : str
        Which copy they were read from, for results files and captions.
    """

    rgb: torch.Tensor
    label: torch.Tensor
    source: str
    classes: tuple[str, ...] = CLASSES

    def __len__(self) -> int:
        return len(self.rgb)

    def __getitem__(self, index: slice | np.ndarray | torch.Tensor | Sequence[int]) -> "Images":
        """The pictures at ``index``: a slice, or anything that indexes a tensor's first axis."""
        return Images(self.rgb[index], self.label[index], self.source, self.classes)

    def to(self, device: torch.device | str) -> "Images":
        return Images(self.rgb.to(device), self.label.to(device), self.source, self.classes)


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
        files[name].append((path, _decode(path, data)))
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


def embedded_cifar10() -> Images:
    """The first 20 CIFAR-10 test images, lossless: what every chapter runs on without any download.

    They come from the package foolbox (MIT licence); all 20 belong to the ``dev`` split.

    Examples
    --------
    >>> images = embedded_cifar10()
    >>> images.rgb.shape, images.classes[images.label[0]]
    (torch.Size([20, 3, 32, 32]), 'cat')
    """
    folder = resources.files(__package__) / "images" / "cifar10"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".png")), key=lambda f: f.name)
    rgb = np.stack([_decode(f.name, f.read_bytes()) for f in files])
    label = torch.tensor([int(f.name.removesuffix(".png").rsplit("_", 1)[1]) for f in files])
    return Images(torch.from_numpy(rgb).permute(0, 3, 1, 2).contiguous(), label, "20 lossless test images")


def gallery() -> Images:
    """The eight of the embedded pictures that run through all chapters, one of a class."""
    return embedded_cifar10()[list(GALLERY)]


def without_grey(images: Images, least: float = LEAST_COLOUR) -> Images:
    """The pictures that have colour: some pixel's ``|a|`` or ``|b|`` is over ``least``, in Lab units.

    Black-and-white photographs are no teachers: they say that everything is grey.
    """
    coloured = [has_colour(rgb_to_lab(rgb)[:, 1:], least) for rgb in images.rgb.split(500)]  # (n,) each
    return images[torch.cat(coloured)] if coloured else images


def has_colour(ab: torch.Tensor, least: float = LEAST_COLOUR) -> torch.Tensor:
    """Which pictures have a pixel with ``|a|`` or ``|b|`` over ``least``: ab ``(N, 2, H, W)`` to ``(N,)`` bool."""
    return ab.abs().flatten(1).amax(1) > least


def thinned(images: Images, count: int | None) -> Images:
    """About ``count`` pictures, at least as many if there are, evenly spread over all classes; all for None."""
    return images[:: max(1, len(images) // count)] if count else images


def as_jpeg(rgb: torch.Tensor, quality: int = 75) -> torch.Tensor:
    """What a JPEG file leaves of pictures: ``(N, 3, H, W)`` uint8 to the same.

    With colour at half the resolution in each direction (4:2:0), as is usual. That is how the copy of CIFAR-10 was
    stored that the shipped networks learned from.
    """

    def there_and_back(picture: torch.Tensor) -> torch.Tensor:
        file = io.BytesIO()
        pixels = picture.permute(1, 2, 0).cpu().numpy()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling="4:2:0")
        return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)

    return torch.stack([there_and_back(picture) for picture in rgb])


def photograph(name: str) -> torch.Tensor:
    """One of the :data:`PHOTOGRAPHS` inside scikit-image: ``(3, H, W)`` uint8.

    Examples
    --------
    >>> photograph("coffee").shape
    torch.Size([3, 400, 600])
    """
    import skimage.data

    if name not in PHOTOGRAPHS:
        raise InputError(f"There is no photograph {name!r}. Choose one of: {', '.join(PHOTOGRAPHS)}.")
    return torch.from_numpy(np.array(getattr(skimage.data, name)())).permute(2, 0, 1)


def photograph_squares(side: int) -> torch.Tensor:
    """The middle of each of the :data:`PHOTOGRAPHS`, reduced: ``(4, 3, side, side)`` uint8.

    Examples
    --------
    >>> photograph_squares(128).shape
    torch.Size([4, 3, 128, 128])
    """
    squares = []
    for picture in map(photograph, PHOTOGRAPHS):
        short = min(picture.shape[-2:])
        top, left = ((edge - short) // 2 for edge in picture.shape[-2:])
        cut = picture[None, :, top : top + short, left : left + short].float()
        squares.append(F.interpolate(cut, (side, side), mode="bicubic", antialias=True).round().clamp(0, 255).byte())
    return torch.cat(squares)


def photograph_patches(count: int, size: int = 32, seed: int = 0) -> Images:
    """Random square cuts from the photographs, to show training at work where CIFAR-10 is not.

    Their label is the photograph they were cut from.
    """
    rng = torch.Generator().manual_seed(seed)
    photos = [photograph(name) for name in PHOTOGRAPHS]
    patches, label = [], torch.randint(len(photos), (count,), generator=rng)
    for photo in (photos[i] for i in label):
        _, h, w = photo.shape
        side = int(torch.randint(size, min(h, w) // 2, (1,), generator=rng))
        top, left = (int(torch.randint(edge - side, (1,), generator=rng)) for edge in (h, w))
        cut = photo[None, :, top : top + side, left : left + side].float()
        patches.append(torch.nn.functional.interpolate(cut, (size, size), mode="area").round().byte())
    return Images(torch.cat(patches), label, "patches of photographs", PHOTOGRAPHS)


def images_for_training(patches: int = 512) -> tuple[Images, Images, bool]:
    """What a chapter trains on: (training images, dev images, whether that is all of CIFAR-10).

    All of CIFAR-10 where there is a GPU to train on it and the data can be had. Otherwise patches of
    the photographs and the 20 embedded images, which show the mechanics and not the result.
    """
    if torch.cuda.is_available():
        try:
            return load_cifar10("train"), load_cifar10("dev"), True
        except InputError as error:
            print(f"Training on patches of photographs: {error}")
    return photograph_patches(patches), embedded_cifar10(), False


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


def _decode(path: str, data: bytes) -> np.ndarray:
    """A 32x32 picture file to ``(32, 32, 3)`` uint8."""
    return decode_square(path, data, 32, "where CIFAR-10 has 32x32", _HELP)


def decode_square(path: str, data: bytes, side: int, wanted: str, advice: str) -> np.ndarray:
    """A picture file to ``(side, side, 3)`` uint8; another size is refused with ``wanted``, all with ``advice``."""
    try:
        pixels = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{path} is not a picture that can be read ({len(data)} bytes). {advice}") from error
    if pixels.shape != (side, side, 3):
        raise InputError(f"{path} is {pixels.shape[1]}x{pixels.shape[0]} pixels, {wanted}. {advice}")
    return pixels


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
