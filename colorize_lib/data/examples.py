"""The pictures that come with the book, or with scikit-image."""

from importlib import resources

import numpy as np
import torch
from torch.nn import functional as F

from ..errors import InputError
from .cifar10 import decode, load_cifar10
from .images import Images

#: The photographs that come inside scikit-image, all free to use; see its data/README.
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")
#: The embedded pictures that run through all chapters: airplane, automobile, cat, dog, frog, horse, ship, truck.
GALLERY = (10, 6, 0, 16, 4, 17, 15, 14)


def embedded_cifar10() -> Images:
    """The first 20 CIFAR-10 test images, lossless: what every chapter runs on without any download.

    They come from the package foolbox (MIT licence); all 20 belong to the ``dev`` split.

    Examples
    --------
    >>> images = embedded_cifar10()
    >>> images.rgb.shape, images.classes[images.label[0]]
    (torch.Size([20, 3, 32, 32]), 'cat')
    """
    folder = resources.files("colorize_lib") / "images" / "cifar10"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".png")), key=lambda f: f.name)
    rgb = np.stack([decode(f.name, f.read_bytes()) for f in files])
    label = torch.tensor([int(f.name.removesuffix(".png").rsplit("_", 1)[1]) for f in files])
    return Images(torch.from_numpy(rgb).permute(0, 3, 1, 2).contiguous(), label, "20 lossless test images")


def gallery() -> Images:
    """The eight of the embedded pictures that run through all chapters, one of a class."""
    return embedded_cifar10()[list(GALLERY)]


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
