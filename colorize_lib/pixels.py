"""The pixels of one picture, however they are stored, to RGB and what is transparent of it."""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from .errors import InputError


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
    """

    rgb: torch.Tensor
    alpha: torch.Tensor | None = None
    duration: float | None = None

    def on_white(self) -> torch.Tensor:
        """``(3, H, W)``: what is seen of it on white paper."""
        if self.alpha is None:
            return self.rgb
        if self.rgb.is_floating_point():
            return self.rgb * self.alpha + (1 - self.alpha)
        alpha = self.alpha.to(torch.int32)
        return torch.stack(
            [((c * alpha + 255 * (255 - alpha)).float() / 255).round().to(torch.uint8) for c in self.rgb]
        )


def frame_of_image(image: Image.Image) -> Frame:
    """The pixels of a PIL image of any mode, as they lie: nothing is turned.

    Raises whatever Pillow does on a damaged file.
    """
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return frame_of_array(_grey_levels(image))
    transparent = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA", "LA": "LA", "RGBA": "RGBA"}.get(image.mode)
    if not transparent and "transparency" in image.info:
        transparent = "LA" if image.mode in ("1", "L") else "RGBA"
    if transparent:
        image = image.convert("RGBA")
        return _seen(_tensor(image.convert("RGB")), _tensor(image.getchannel("A"))[0])
    return Frame(_tensor(image.convert("L" if image.mode in ("1", "L") else "RGB")))


def _grey_levels(image: Image.Image) -> np.ndarray:
    """``(H, W)`` float32 in [0, 1]."""
    pixels = np.asarray(image, dtype=np.float32)
    # Modes I and F do not say what white is: 1, 255 or 65535, whichever the brightest pixel fits.
    most = pixels.max(initial=0) if image.mode in ("I", "F") else 65535
    white = 1 if most <= 1 and image.mode == "F" else 255 if most <= 255 else 65535
    return pixels / white


def _tensor(image: Image.Image) -> torch.Tensor:
    """A PIL image of mode L or RGB as ``(3, H, W)``; the channels of L share their memory."""
    pixels = np.array(image)
    return torch.from_numpy(pixels if pixels.ndim == 3 else pixels[..., None]).permute(2, 0, 1).expand(3, -1, -1)


def _seen(rgb: torch.Tensor, alpha: torch.Tensor) -> Frame:
    """A frame that is white where nothing is to be seen, whatever colour was hidden there."""
    whole = 1 if rgb.is_floating_point() else 255
    if alpha.min() == whole:
        return Frame(rgb)
    return Frame(rgb.masked_fill(alpha == 0, whole), alpha.contiguous())


def frame_of_array(pixels: np.ndarray) -> Frame:
    """``(H, W)`` or ``(H, W, 1 | 3 | 4)``: uint8, uint16, or floating point in [0, 1].

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
