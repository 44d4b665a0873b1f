"""From a picture file to a coloured picture: the whole way in one object."""

import io
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch.nn import functional as F

from .bilateral import joint_bilateral_upsample
from .device import pick_device
from .errors import InputError
from .files import user_path
from .gamut import Gamut
from .lab import lab_to_rgb, rgb_to_lab, to_uint8
from .losses import RegressionLoss, upsample
from .models import build_network
from .weights import Weights, load_state, load_weights

#: What can be coloured.
Picture = str | Path | bytes | Image.Image | np.ndarray | torch.Tensor
#: Pictures with more pixels than this are refused, as they would fill the memory.
MAX_PIXELS = 200_000_000
#: The network that pictures are coloured with if nobody asks for another.
DEFAULT = "photo"
#: A larger picture is looked at in several sizes, these times ``size``, and the colours are averaged.
SCALES = (0.75, 1.0, 1.5, 2.0)


class Colorizer:
    """A trained network with its bins and its way of decoding.

    Use :meth:`load`. ``colorizer.colorize("photo.jpg")`` is then all there is to know.

    Parameters
    ----------
    weights
        From :func:`~colorize_lib.weights.load_weights`.
    device
        A GPU if there is one, else the CPU.

    Attributes
    ----------
    name : str
        Of the recipe.
    gamut : Gamut or None
        The bins; None for a network that predicts ab itself.
    prior : torch.Tensor or None
        ``(Q,)``: how often each bin occurs in the training images; None where that is not known. Then
        the network is not rebalanced, whatever lambda says.
    size : int
        Pixels on the shorter side of the pictures it was trained on: it knows things at that scale.
    """

    def __init__(self, weights: Weights, device: torch.device | str | None = None):
        self.device = pick_device(device)
        self.meta = weights.meta
        self.name = weights.meta["name"]
        config = weights.meta["config"]
        self.network = (
            load_state(build_network(config), weights).to(self.device, memory_format=torch.channels_last).eval()
        )
        self.gamut = Gamut(**weights.meta["gamut"]) if config["out_channels"] != 2 else None
        self.prior = weights.prior
        self.size = min(weights.meta["data"]["size"])

    @classmethod
    def load(cls, name: str | Path = DEFAULT, device: torch.device | str | None = None) -> "Colorizer":
        """Load shipped weights by name (``classification``, ``photo``, ...) or a file by path.

        ``eccv16`` is downloaded once: see :mod:`~colorize_lib.eccv16`.
        Raises :class:`~colorize_lib.errors.InputError` if there are none, they are damaged or a classifier's.
        """
        return cls(load_weights(name, "colorizer"), device)

    def __repr__(self) -> str:
        return f"Colorizer({self.name!r}, {'ab' if self.gamut is None else f'{len(self.gamut)} bins'}, {self.device})"

    @torch.inference_mode()
    def predict(self, lightness: torch.Tensor, batch: int = 250) -> torch.Tensor:
        """What the network says.

        Parameters
        ----------
        lightness
            ``(N, 1, H, W)``, L in [0, 100]. Sides that are not multiples of 8 are padded by
            repeating the edge, and the padding is cut off again.
        batch
            How many pictures go through the network at a time.

        Returns
        -------
        torch.Tensor
            Bin logits ``(N, Q, ceil(H/2), ceil(W/2))``, or for ``regression`` ab ``(N, 2, ...)`` in Lab
            units. For ``eccv16`` it is a quarter, not half.
        """
        if lightness.ndim != 4 or lightness.shape[1] != 1:
            raise ValueError(f"predict needs L of shape (N, 1, H, W), not {tuple(lightness.shape)}.")
        h, w = lightness.shape[-2:]
        padded = F.pad(lightness.float(), (0, -w % 8, 0, -h % 8), mode="replicate")
        out = [self.network(part.to(self.device, memory_format=torch.channels_last)) for part in padded.split(batch)]
        step = self.network.reduction
        out = torch.cat(out)[..., : -(-h // step), : -(-w // step)]
        return out if self.gamut else out * RegressionLoss.AB_SCALE

    @torch.inference_mode()
    def decode(self, prediction: torch.Tensor, temperature: float = 1.0, lam: float = 1.0) -> torch.Tensor:
        """What :meth:`predict` returned, to ab: the annealed mean, or nothing to do for regression.

        A network without a prior is not rebalanced: ``lam`` is then ignored.
        """
        if self.gamut is None:
            return prediction
        return self.gamut.decode(prediction, temperature, None if self.prior is None else lam, self.prior)

    @torch.inference_mode()
    def colour_lightness(
        self, lightness: torch.Tensor, temperature: float = 1.0, lam: float = 1.0, size: int | None = None
    ) -> torch.Tensor:
        """ab for a batch of L at full resolution: ``(N, 1, H, W)`` to ``(N, 2, H, W)``, Lab units.

        ``size``, if given and less than the shorter side, is about what that side is reduced to before
        the network sees it, once for each of :data:`SCALES`. What it mistakes at one of them it seldom
        mistakes at all, and nobody knows beforehand which is best: the mean of the colours is no worse
        than they are on average. They are then brought to full resolution along the edges of L.
        """
        h, w = lightness.shape[-2:]
        if not size or size >= min(h, w):
            return upsample(self.decode(self.predict(lightness), temperature, lam), (h, w))
        lightness = lightness.to(self.device)
        sides = [int(size * scale + 0.5) for scale in SCALES]
        views = [reduced(lightness, side) for side in sides if side < min(h, w)]
        colours = [self.decode(self.predict(view), temperature, lam) for view in views]  # (N, 2, h_i, w_i) each
        guides = [
            F.avg_pool2d(view, self.network.reduction, ceil_mode=True) for view in views
        ]  # L where the network answers
        largest = guides[-1]
        pairs = zip(colours[:-1], guides[:-1], strict=True)
        coarse = [joint_bilateral_upsample(ab, guide, largest) for ab, guide in pairs] + colours[-1:]
        return joint_bilateral_upsample(torch.stack(coarse).mean(0), largest, lightness)

    def colorize(
        self,
        image: Picture | Sequence[Picture],
        temperature: float = 0.38,
        lam: float = 1.0,
        size: int | str | None = "training",
    ) -> Image.Image | list[Image.Image] | torch.Tensor:
        """Colour a picture. Its own colours, if it has any, are not looked at.

        Parameters
        ----------
        image
            A path, the bytes of a picture file, a PIL image, an array ``(H, W)``, ``(H, W, 1)``,
            ``(H, W, 3)`` or ``(H, W, 4)``, or a tensor ``(3, H, W)`` or ``(1, H, W)``; uint8, uint16,
            or floating point in [0, 1]. Or a list of these, or a tensor ``(N, 3, H, W)``.
        temperature
            T of the annealed mean, above 0: 1 for the mean colour, near 0 for the likeliest.
        lam
            Rebalancing after training, in (0, 1]: 1 as the network was trained, smaller for rarer
            and more vivid colours. Networks that predict ab directly ignore both, and ``eccv16``,
            which was trained with rebalancing, ignores this one.
        size
            About what the shorter side is reduced to before the network sees it. See
            :meth:`colour_lightness`. L itself stays at full resolution. ``"training"`` is :attr:`size`,
            and None never reduces.

        Returns
        -------
        PIL.Image.Image, or list, or torch.Tensor
            RGB at the size of the input: an image for an image, a list for a list, and a uint8
            tensor ``(N, 3, H, W)`` for a batch tensor.

        Raises
        ------
        InputError
            If the picture cannot be read or is too large.
        """
        size = self.size if size == "training" else size
        if isinstance(image, torch.Tensor) and image.ndim == 4:
            return torch.stack([self._colour(_lightness(one), temperature, lam, size) for one in image])
        if isinstance(image, (list, tuple)):
            return [self.colorize(one, temperature, lam, size) for one in image]
        rgb = self._colour(_lightness(image), temperature, lam, size)  # (3, H, W)
        return Image.fromarray(rgb.permute(1, 2, 0).numpy())

    def _colour(self, lightness: torch.Tensor, temperature: float, lam: float, size: int | None) -> torch.Tensor:
        """L ``(1, H, W)`` to uint8 RGB ``(3, H, W)``."""
        ab = self.colour_lightness(lightness[None], temperature, lam, size).cpu()  # (1, 2, H, W)
        return to_uint8(lab_to_rgb(torch.cat((lightness[None], ab), 1)))[0]


def reduced(lightness: torch.Tensor, size: int | None) -> torch.Tensor:
    """L ``(N, 1, H, W)`` with its shorter side reduced to ``size``, if that is smaller and not None."""
    shorter = min(lightness.shape[-2:])
    if not size or size >= shorter:
        return lightness
    small = [max(1, int(edge * size / shorter + 0.5)) for edge in lightness.shape[-2:]]
    return F.interpolate(lightness, size=small, mode="bicubic", antialias=True).clamp(0, 100)


def _lightness(image: Picture) -> torch.Tensor:
    """Any picture to L, ``(1, H, W)`` in [0, 100]."""
    return rgb_to_lab(read_rgb(image))[:1]


def read_rgb(image: Picture) -> torch.Tensor:
    """Any picture to sRGB ``(3, H, W)``: uint8, or float in [0, 1] where it had more than 8 bits.

    Turns it upright (EXIF), lays transparency on white, and converts palette, CMYK, 16-bit and grey.

    Raises
    ------
    InputError
        If it is missing, empty, damaged, too large or no picture at all.
    """
    if isinstance(image, torch.Tensor):
        image = image.detach().cpu()
        image = (image.float() if image.is_floating_point() else image).numpy()
        return _array_to_rgb(np.moveaxis(image, 0, -1) if image.ndim == 3 else image)
    if isinstance(image, np.ndarray):
        return _array_to_rgb(image)
    if isinstance(image, str) and image.startswith(("http://", "https://")):
        image = _fetch(image)
    name = str(image) if isinstance(image, (str, Path)) else "The picture"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MAX_PIXELS is our own limit
            if isinstance(image, Image.Image):
                return _pil_to_rgb(image, name)
            with Image.open(io.BytesIO(image) if isinstance(image, bytes) else user_path(image)) as opened:
                return _pil_to_rgb(opened, name)
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"There is no file {name}.") from error
    except IsADirectoryError as error:
        raise InputError(f"{name} is a folder, not a picture.") from error
    except PermissionError as error:
        raise InputError(f"{name} may not be read by you.") from error
    except Exception as error:  # Pillow raises OSError, SyntaxError, struct.error, ... on damaged files
        raise InputError(f"{name} is not a picture that can be read: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    return "it is damaged or of an unknown kind" if "cannot identify" in str(error) else str(error).rstrip(".")


def _fetch(url: str) -> bytes:
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=30) as response:
            return response.read()
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())  # a garbled reply is quoted with its line ends
        raise InputError(f"{url} cannot be fetched ({reason}): check the address and the network.") from error


def _pil_to_rgb(image: Image.Image, name: str) -> torch.Tensor:
    if 0 in image.size:
        raise InputError(f"{name} has no pixels.")
    if image.width * image.height > MAX_PIXELS:
        raise InputError(
            f"{name} has {image.width}x{image.height} pixels: reduce it to {MAX_PIXELS // 10**6} megapixels."
        )
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        pixels = np.asarray(image, dtype=np.float32)
        # Modes I and F do not say what white is: 1, 255 or 65535, whichever the brightest pixel fits.
        most = pixels.max(initial=0) if image.mode in ("I", "F") else 65535
        white = 1 if most <= 1 and image.mode == "F" else 255 if most <= 255 else 65535
        return _array_to_rgb(pixels / white)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)


def _array_to_rgb(pixels: np.ndarray) -> torch.Tensor:
    """``(H, W)`` or ``(H, W, 1 | 3 | 4)`` to ``(3, H, W)``."""
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 3, 4) or 0 in pixels.shape:
        raise InputError(f"An array of shape {pixels.shape} is no picture: use (H, W), (H, W, 3) or (H, W, 4).")
    if pixels.dtype == np.uint16:
        pixels = pixels.astype(np.float32) / 65535
    elif pixels.dtype != np.uint8:
        if not np.issubdtype(pixels.dtype, np.floating):
            raise InputError(
                f"Pixels of type {pixels.dtype} are not understood: use uint8, uint16, or floats in [0, 1]."
            )
        if not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > 1:
            raise InputError("Floating point pixels must be finite and in [0, 1]: divide 8-bit values by 255.")
        pixels = pixels.astype(np.float32)
    if pixels.shape[-1] == 4:  # lay transparency on white
        whole = 255 if pixels.dtype == np.uint8 else 1
        alpha = pixels[..., 3:].astype(np.float32) / whole
        pixels = (pixels[..., :3] * alpha / whole + (1 - alpha)).astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1).expand(3, -1, -1)
