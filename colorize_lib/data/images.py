"""Pictures in memory, and what can be asked of them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from ..colour.lab import rgb_to_lab
from ..errors import InputError

#: CIFAR-10's, which pictures have unless they are said to have others.
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


#: A picture with no ``|a|`` or ``|b|`` over this, in Lab units, counts as grey.
LEAST_COLOUR = 5.0


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


def decode_square(path: str, data: bytes, side: int, wanted: str, advice: str) -> np.ndarray:
    """A picture file to ``(side, side, 3)`` uint8; another size is refused with ``wanted``, all with ``advice``."""
    try:
        pixels = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{path} is not a picture that can be read ({len(data)} bytes). {advice}") from error
    if pixels.shape != (side, side, 3):
        raise InputError(f"{path} is {pixels.shape[1]}x{pixels.shape[0]} pixels, {wanted}. {advice}")
    return pixels
