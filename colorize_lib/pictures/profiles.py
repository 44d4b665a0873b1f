"""What the numbers of a picture mean: its colour profile, converted to sRGB.

The same grey is another number in Adobe RGB, in the grey of an old Mac or in printer's ink, and a number read as if
it were sRGB is another L.
"""

import functools
import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageCms

#: Mode that Pillow wants for pixels in each colour space of a profile.
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
#: A profile that moves no number by more than this is sRGB, and is left alone.
_SAME = 1
#: Colours along each side of the cube that those of 16 bits lie between, and numbers that are looked up at a time.
_CUBE, _CHUNK = 33, 1 << 20
#: The exponent that nearly every PNG with one has: it stands for sRGB's curve, and is taken for that. And those
#: that a picture may have: others are a mistake.
_USUAL, _NEAR, _POSSIBLE = 1 / 2.2, 0.02, (0.2, 5)


class Profile:
    """The profile of a picture, ready to convert it.

    Parameters
    ----------
    icc
        As it stands in the file. None for a picture in CIE Lab, which needs none.

    Raises
    ------
    PIL.ImageCms.PyCMSError, OSError, ValueError
        If it is damaged or of a kind that is not for pictures.
    """

    def __init__(self, icc: bytes | None):
        if icc is None:
            self._profile = ImageCms.createProfile("LAB")
        else:
            self._profile = ImageCms.getOpenProfile(io.BytesIO(icc)).profile
        space = self._profile.xcolor_space.strip()
        if space not in _MODES:
            raise ValueError(f"a profile for {space}")
        #: Mode of the pictures that it is for.
        self.mode = _MODES[space]
        self._transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(self._profile), ImageCms.createProfile("sRGB"), self.mode, "RGB"
        )

    def fits(self, mode: str) -> bool:
        """Whether it says something of pixels of that mode, ``L``, ``RGB``, ``CMYK`` or ``LAB``.

        A grey picture is often given the profile of the colours it would have had.
        """
        return mode == self.mode or (mode == "L" and self.mode == "RGB")

    def convert(self, image: Image.Image) -> Image.Image:
        """Pixels of mode ``L`` to sRGB's ``L``; ``RGB``, ``CMYK`` and ``LAB`` to sRGB."""
        if image.mode == "L":
            return image.point(self.grey.round().astype(int).tolist())
        if self._same:
            return image
        return ImageCms.applyTransform(image, self._transform)

    def convert_levels(self, levels: np.ndarray) -> np.ndarray:
        """Levels in [0, 1], of any precision, to those of sRGB: grey, or ``(H, W, 3)`` of a profile for RGB."""
        after, rows = np.empty(levels.shape, np.float32), max(1, _CHUNK // levels[0].size)
        for start in range(0, len(levels), rows):
            part = slice(start, start + rows)
            after[part] = np.interp(levels[part], np.linspace(0, 1, 256), self.grey / 255)
            if levels.ndim == 3 and not self._same:
                after[part] = self._from_cube(after[part])
        return after

    def _from_cube(self, curved: np.ndarray) -> np.ndarray:
        """``(H, W, 3)`` where each channel has been moved as a grey of its level is: the rest of the way."""
        place = torch.from_numpy(2 * curved - 1)[None, None]  # (1, 1, H, W, 3)
        found = F.grid_sample(self._cube, place, padding_mode="border", align_corners=True)
        return found[0, :, 0].permute(1, 2, 0).numpy()

    @functools.cached_property
    def grey(self) -> np.ndarray:
        """``(256,)``: where sRGB has each of the 256 greys, 0 to 255.

        LittleCMS answers in whole numbers, as Pillow calls it, and a curve through these would put steps into a
        picture of 16 bits: it is smoothed by as much as rounding has moved it.
        """
        from scipy.interpolate import UnivariateSpline

        x = np.arange(256)
        ramp = Image.fromarray(x.astype(np.uint8)[None])
        answer = ImageCms.applyTransform(ramp.convert(self.mode), self._transform).convert("L")
        y = np.asarray(answer, dtype=float)[0]
        if np.abs(y - x).max() <= _SAME:
            return x.astype(float)
        smooth = UnivariateSpline(x, y, s=len(x) / 12)(x)
        return np.maximum.accumulate(np.clip(smooth, 0, 255))

    @functools.cached_property
    def _cube(self) -> torch.Tensor:
        """``(1, 3, B, G, R)``: where sRGB has the colours whose channels lie evenly along :attr:`grey`.

        LittleCMS is asked for the nearest in whole numbers, and what is left is moved as it is in a grey.
        """
        even = np.linspace(0, 255, _CUBE)
        whole = np.abs(self.grey - even[:, None]).argmin(1)
        asked, rest = (
            np.stack(np.meshgrid(one, one, one, indexing="ij")[::-1], -1) for one in (whole, even - self.grey[whole])
        )  # (B, G, R, 3)
        image = Image.fromarray(asked.reshape(-1, _CUBE, 3).astype(np.uint8))
        answer = np.asarray(ImageCms.applyTransform(image, self._transform)).reshape(asked.shape) + rest
        return torch.from_numpy((answer / 255).clip(0, 1).astype(np.float32)).permute(3, 0, 1, 2)[None]

    @functools.cached_property
    def _same(self) -> bool:
        if self.mode != "RGB":
            return False
        cube = np.stack(np.meshgrid(*[np.linspace(0, 255, 9)] * 3), -1).reshape(9, -1, 3).astype(np.uint8)
        after = np.asarray(ImageCms.applyTransform(Image.fromarray(cube), self._transform))
        return np.abs(after.astype(int) - cube).max() <= _SAME


class Power:
    """What a PNG says by gAMA, in place of a :class:`Profile`: that its numbers are a power of the light.

    cHRM, which colours its primaries are, is not looked at: of a grey picture it says nothing.

    Parameters
    ----------
    exponent
        Of the light. Browsers honour it too.
    """

    def __init__(self, exponent: float):
        self._exponent = exponent

    def fits(self, mode: str) -> bool:
        """Whether it says something of pixels of that mode."""
        return mode in ("L", "RGB")

    def convert(self, image: Image.Image) -> Image.Image:
        """Pixels of mode ``L`` or ``RGB`` to those of sRGB."""
        table = (self.convert_levels(np.arange(256) / 255) * 255).round().astype(int).tolist()
        return image.point(table * len(image.getbands()))

    def convert_levels(self, levels: np.ndarray) -> np.ndarray:
        """Levels in [0, 1], of any shape, to those of sRGB."""
        light = levels ** (1 / self._exponent)
        return np.where(light > 0.0031308, 1.055 * light ** (1 / 2.4) - 0.055, 12.92 * light).astype(np.float32)


def power_of(info: dict) -> Power | None:
    """What the gAMA among Pillow's notes on a PNG says, unless that is sRGB anyway or impossible."""
    exponent = info.get("gamma", _USUAL)
    usual = "srgb" in info or abs(exponent - _USUAL) < _NEAR
    return None if usual or not _POSSIBLE[0] <= exponent <= _POSSIBLE[1] else Power(exponent)
