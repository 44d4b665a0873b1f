"""What the numbers of a picture mean: its colour profile, converted to sRGB.

The same grey is another number in Adobe RGB, in the grey of an old Mac or in printer's ink, and a number read as if
it were sRGB is another L.
"""

import functools
import io

import numpy as np
from PIL import Image, ImageCms

#: Mode that Pillow wants for pixels in each colour space of a profile.
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
#: A profile that moves no number by more than this is sRGB, and is left alone.
_SAME = 1


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
        """Grey levels in [0, 1], of any precision, to those of sRGB: ``(H, W)``."""
        return np.interp(levels, np.linspace(0, 1, 256), self.grey / 255).astype(np.float32)

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
    def _same(self) -> bool:
        if self.mode != "RGB":
            return False
        cube = np.stack(np.meshgrid(*[np.linspace(0, 255, 9)] * 3), -1).reshape(9, -1, 3).astype(np.uint8)
        after = np.asarray(ImageCms.applyTransform(Image.fromarray(cube), self._transform))
        return np.abs(after.astype(int) - cube).max() <= _SAME
