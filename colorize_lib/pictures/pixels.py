"""The pixels of one picture, however they are stored, to RGB and what is transparent of it."""

from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image

from ..errors import InputError
from .metadata import Metadata
from .profiles import Power, Profile

#: Floating point pixels up to this are taken for light from 0 to about 1, with the brightest as white; those over
#: it for 8-bit, and those over 255 for 16-bit values.
_BRIGHT = 16
#: What modes with multiplied or looked-up transparency are first.
_PLAIN = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA"}
#: Pixels taken out of a PIL image at a time.
_STRIP = 1 << 22


@dataclass(frozen=True)
class Frame:
    """One picture of a file: one of its pages or frames, or the only one.

    Attributes
    ----------
    rgb
        ``(3, H, W)``, sRGB: uint8, or float32 in [0, 1] where the file had more than 8 bits. White where nothing
        is to be seen.
    alpha
        ``(H, W)``, of the same type: 0 where nothing is to be seen. None where all is opaque.
    duration
        Milliseconds that it is shown, in an animation; else None.
    metadata
        What the file says of it.
    """

    rgb: torch.Tensor
    alpha: torch.Tensor | None = None
    duration: float | None = None
    metadata: Metadata = field(default_factory=Metadata)

    def on_white(self) -> torch.Tensor:
        """``(3, H, W)``: what is seen of it on white paper."""
        if self.alpha is None:
            return self.rgb
        if self.rgb.is_floating_point():
            return self.rgb * self.alpha + (1 - self.alpha)
        alpha = self.alpha.to(torch.int32)
        return torch.stack([((c * alpha + 255 * (255 - alpha)) / 255).round().to(torch.uint8) for c in self.rgb])


def frame_of_image(image: Image.Image, profile: Profile | Power | None = None) -> Frame:
    """The pixels of a PIL image of 8 bits in any mode, as they lie: nothing is turned.

    Raises whatever Pillow does on a damaged file.
    """
    image, alpha = _without_alpha(image)
    if image.mode == "LAB":
        profile = Profile(None)
    if profile and profile.fits(image.mode):
        image = profile.convert(image)
    rgb = _tensor(image if image.mode in ("L", "RGB") else image.convert("RGB"))
    return Frame(rgb) if alpha is None else _seen(rgb, _tensor(alpha)[0])


def _without_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """An image of mode L, RGB, CMYK or LAB, and what is transparent of it as L."""
    if image.mode in _PLAIN:
        image = image.convert(_PLAIN[image.mode])
    if "transparency" in image.info:
        image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    if image.mode in ("LA", "RGBA"):
        return image.convert(image.mode[:-1]), image.getchannel("A")
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image, None
    return image.convert("L" if image.mode == "1" else "RGB"), None


def _tensor(image: Image.Image) -> torch.Tensor:
    """A PIL image of mode L or RGB as ``(3, H, W)``; the channels of L share their memory."""
    pixels = np.empty((image.height, image.width, len(image.getbands())), np.uint8)  # (H, W, 1 or 3)
    rows = max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):  # all at once, Pillow needs the memory of three more pictures on the way
        strip = np.asarray(image.crop((0, top, image.width, min(top + rows, image.height))))
        pixels[top : top + rows] = strip.reshape(-1, *pixels.shape[1:])
    return torch.from_numpy(pixels).permute(2, 0, 1).expand(3, -1, -1)


def _seen(rgb: torch.Tensor, alpha: torch.Tensor) -> Frame:
    """A frame that is white where nothing is to be seen, whatever colour was hidden there."""
    whole = 1 if rgb.is_floating_point() else 255
    if alpha.min() == whole:
        return Frame(rgb)
    return Frame(rgb.masked_fill(alpha == 0, whole), alpha.contiguous())


def frame_of_array(pixels: np.ndarray) -> Frame:
    """``(H, W)`` or ``(H, W, 1 | 3 | 4)``: uint8, uint16, bool, or floating point in [0, 1].

    Raises
    ------
    InputError
        For any other shape, type or range.
    """
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 3, 4) or 0 in pixels.shape:
        raise InputError(f"An array of shape {pixels.shape} is no picture: use (H, W), (H, W, 3) or (H, W, 4).")
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize == 2:  # of either byte order
        pixels = pixels.astype(np.float32) / 65535
    elif pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * 255
    elif pixels.dtype != np.uint8:
        if not np.issubdtype(pixels.dtype, np.floating):
            raise InputError(
                f"Pixels of type {pixels.dtype} are not understood: use uint8, uint16, bool, or floats in [0, 1]."
            )
        if not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > 1:
            raise InputError("Floating point pixels must be finite and in [0, 1]: divide 8-bit values by 255.")
        pixels = pixels.astype(np.float32)
    channels = torch.from_numpy(pixels.copy()).permute(2, 0, 1)  # a copy: PIL lends its pixels for reading alone
    if len(channels) == 4:
        return _seen(channels[:3], channels[3])
    return Frame(channels.expand(3, -1, -1))


def levels(pixels: np.ndarray, white: float | None = None) -> tuple[np.ndarray, str]:
    """Numbers of any type to float32 in [0, 1], where the file does not say what black and white are.

    Parameters
    ----------
    pixels
        Integers of more than 8 bits, signed ones, or floating point.
    white
        What the file says that white is, if it does.

    Returns
    -------
    levels : numpy.ndarray
        Of the shape of ``pixels``.
    note : str
        The end of a sentence that begins with the picture's name, if a guess was needed that the user should
        know of; else empty.
    """
    finite = np.isfinite(pixels) if pixels.dtype.kind == "f" else None
    notes = []
    if finite is not None and not finite.all():
        pixels = np.nan_to_num(pixels, nan=0, posinf=pixels.max(initial=0, where=finite), neginf=0)
        notes.append("has pixels that are no numbers, which are taken for black, or infinite ones, for white")
    low, high = float(pixels.min(initial=0)), float(pixels.max(initial=0))
    black, guess, said = _range(pixels.dtype, low, high)
    if white and high <= white:
        guess, said = white, ""
    notes += [said] if said else []
    scaled = (pixels.astype(np.float32) - np.float32(black)) / np.float32(guess - black)
    return np.clip(scaled, 0, 1, out=scaled), " and ".join(notes)


def _range(dtype: np.dtype, low: float, high: float) -> tuple[float, float, str]:
    """Black, white, and a note, for numbers of this type from ``low``, 0 or less, to ``high``, 0 or more."""
    if dtype.kind == "f":
        if low < 0:
            return low, max(high, 1), f"goes down to {low:.4g}, which is taken for black"
        for white in (1, 255, 65535):
            if high <= white:
                return (0, high, _brightest(high)) if 1 < high <= _BRIGHT else (0, white, "")
        return 0, high, _brightest(high)
    if dtype.kind == "i" and low < 0:
        limits = np.iinfo(dtype)
        return (limits.min, limits.max, "") if dtype.itemsize <= 2 else (low, high or 1, "")
    bits = 8 * dtype.itemsize - (dtype.kind == "i")
    if bits > 16:
        if 65535 < high <= 2 ** (bits - 1):
            return 0, high, _brightest(high)
        return 0, next(white for white in (255, 65535, 2**bits - 1) if high <= white), ""
    for depth in (8, 10, 12):  # as many scanners and cameras write it, and few pictures are as dark as that
        if bits > depth and 2 ** (depth - 1) <= high < 2**depth:
            return 0, 2**depth - 1, f"has no pixel over {high:.0f} of {2**bits - 1}: it is taken for {depth}-bit"
    return 0, 2**bits - 1, ""


def _brightest(high: float) -> str:
    return f"goes up to {high:.4g}, which is taken for white"
