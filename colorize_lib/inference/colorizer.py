"""From a picture file to a coloured picture: the whole way in one object."""

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch.nn import functional as F

from ..colour.bilateral import faded, joint_bilateral_upsample, lightness_of, smooth_along_light, strips
from ..colour.gamut import Gamut
from ..colour.lab import lab_to_rgb, to_uint8
from ..colour.resolution import MULTIPLE, by_area, upsample, view_sides
from ..device import pick_device
from ..errors import InputError
from ..networks.build import build_network
from ..networks.losses import RegressionLoss
from ..pictures.reading import Picture, read_rgb
from ..weights.file import Weights, load_state, understood
from ..weights.shipped import load_weights
from .alternatives import propose
from .dials import LAM, TEMPERATURE, VIEWS, checked_dials, checked_size
from .hints import Guided, Hint, Hints, checked_hints, hints_of_each

#: The network that pictures are coloured with if nobody asks for another.
DEFAULT = "photo"


class Colorizer:
    """A trained network with its bins and its way of decoding.

    Use :meth:`load`. ``colorizer.colorize("photo.jpg")`` is then all there is to know.

    Parameters
    ----------
    weights
        From :func:`~colorize_lib.weights.shipped.load_weights`.
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
        About how many pixels wide and high, by area, it is shown a picture: see
        :data:`~colorize_lib.inference.dials.VIEWS`.
    """

    def __init__(self, weights: Weights, device: torch.device | str | None = None):
        self.device = pick_device(device)
        self.meta = weights.meta
        with understood(weights):
            self.name, config = weights.meta["name"], weights.meta["config"]
            network = load_state(build_network(config), weights)
            self.gamut = Gamut(**weights.meta["gamut"]) if config["out_channels"] != 2 else None
            self.prior = weights.prior
            self.size = VIEWS.get(self.name) or int(min(weights.meta["data"]["size"]))
            self._check(config["out_channels"])
        self.network = network.to(self.device, memory_format=torch.channels_last).eval()

    def _check(self, channels: int) -> None:
        """Raise a ValueError where the parts of a description do not fit together."""
        if not isinstance(self.name, str):
            raise ValueError(f"the name {self.name}")
        if self.size < 1:
            raise ValueError(f"a training size of {self.size}")
        if self.gamut and len(self.gamut) != channels:
            raise ValueError(f"{len(self.gamut)} bins for {channels} channels")
        if self.gamut and self.prior is not None and (self.prior.shape != (channels,) or not self.prior.min() >= 0):
            raise ValueError(f"a prior of shape {tuple(self.prior.shape)} for {channels} bins")

    @classmethod
    def load(cls, name: str | Path = DEFAULT, device: torch.device | str | None = None) -> "Colorizer":
        """Load shipped weights by name (``classification``, ``photo``, ...) or a file by path.

        ``eccv16`` is downloaded once: see :mod:`~colorize_lib.networks.eccv16`.
        Raises :class:`~colorize_lib.errors.InputError` if there are none, they are damaged or a classifier's.

        Examples
        --------
        >>> from colorize_lib import Colorizer
        >>> Colorizer.load("classification", "cpu")
        Colorizer('classification', 261 bins, cpu)
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

        Examples
        --------
        >>> from colorize_lib import embedded_cifar10, rgb_to_lab
        >>> lightness = rgb_to_lab(embedded_cifar10().rgb)[:, :1]
        >>> Colorizer.load("classification", "cpu").predict(lightness).shape
        torch.Size([20, 261, 16, 16])
        """
        if lightness.ndim != 4 or lightness.shape[1] != 1:
            raise ValueError(f"predict needs L of shape (N, 1, H, W), not {tuple(lightness.shape)}.")
        h, w = lightness.shape[-2:]
        padded = F.pad(lightness.float(), (0, -w % MULTIPLE, 0, -h % MULTIPLE), mode="replicate")
        out = [self.network(part.to(self.device, memory_format=torch.channels_last)) for part in padded.split(batch)]
        step = self.network.reduction
        out = torch.cat(out)[..., : -(-h // step), : -(-w // step)]
        return out if self.gamut else out * RegressionLoss.AB_SCALE

    @torch.inference_mode()
    def decode(self, prediction: torch.Tensor, temperature: float = 1.0, lam: float = 1.0) -> torch.Tensor:
        """What :meth:`predict` returned, to ab: the annealed mean, or nothing to do for regression.

        A network without a prior is not rebalanced: ``lam`` is then ignored.
        """
        checked_dials(temperature, lam)
        if self.gamut is None:
            return prediction
        return self.gamut.decode(prediction, temperature, None if self.prior is None else lam, self.prior)

    @torch.inference_mode()
    def look(
        self, lightness: torch.Tensor, size: int | None = None, smooth: bool = True
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the network says of pictures seen in about ``size`` x ``size`` pixels, and the L it says it of.

        Neighbours that are about as light agree before anything is decoded: see
        :func:`~colorize_lib.colour.bilateral.smooth_along_light`, which takes the log-probabilities.

        Parameters
        ----------
        lightness
            ``(N, 1, H, W)``, L in [0, 100].
        size
            See :func:`~colorize_lib.colour.resolution.by_area`; None for the pictures as they are.
        smooth
            Whether neighbours agree.

        Returns
        -------
        prediction, guide : torch.Tensor
            ``(N, Q, h, w)`` log-probabilities, or ab ``(N, 2, h, w)``; and L there, ``(N, 1, h, w)``.
        """
        view = by_area(lightness.to(self.device), size)
        prediction, guide = self.predict(view), F.avg_pool2d(view, self.network.reduction, ceil_mode=True)
        if self.gamut:
            prediction = prediction.log_softmax(1)
        return smooth_along_light(prediction, guide) if smooth else prediction, guide

    @torch.inference_mode()
    def colour_lightness(
        self, lightness: torch.Tensor, temperature: float = 1.0, lam: float = 1.0, size: int | None = None
    ) -> torch.Tensor:
        """ab for a batch of L at full resolution: ``(N, 1, H, W)`` to ``(N, 2, H, W)``, Lab units.

        Three steps: :meth:`ask`, :meth:`decode`, and
        :func:`~colorize_lib.colour.bilateral.joint_bilateral_upsample` to full resolution.
        """
        ab, guide = self._coarse(lightness, temperature, lam, size)
        if guide is None:
            return upsample(ab, lightness.shape[-2:])
        return joint_bilateral_upsample(ab, guide, lightness.to(self.device))

    def ask(self, lightness: torch.Tensor, size: int | None = None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """:meth:`look`, but with None for the guide where a plain stretch of what the network says is right.

        So it is where nobody asks for a size, and for a network that answers at half resolution, of a picture that
        it sees as it is.
        """
        sides = tuple(lightness.shape[-2:])
        if checked_size(size) is None or (self.network.reduction <= 2 and view_sides(*sides, size) == sides):
            return self.predict(lightness), None
        return self.look(lightness, size)

    def _coarse(
        self, lightness: torch.Tensor, temperature: float, lam: float, size: int | None, hints: Hints | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What the network says about L ``(N, 1, H, W)``: ab, and L as coarse as it; None for a plain stretch."""
        prediction, guide = self.ask(lightness, size)
        guided = None
        if hints is not None:
            log_p, light = self._said(prediction, guide, lightness)
            guided = Guided(hints.places(*lightness.shape[-2:]), hints.ab[None], lightness, light, log_p)
            prediction = prediction if log_p is None else guided.condition(log_p, self.gamut.centres)
        ab = self.decode(prediction, temperature, lam)
        ab = ab if guide is None else faded(ab, guide)
        return (guided.correct(ab, plain=guide is None) if guided else ab), guide

    def _said(
        self, prediction: torch.Tensor, guide: torch.Tensor | None, lightness: torch.Tensor
    ) -> tuple[torch.Tensor | None, torch.Tensor]:
        """Log-probabilities, if there are any, and L of their cells ``(N, 1, h, w)``, of what :meth:`ask` returned."""
        if guide is None:
            guide = F.avg_pool2d(lightness.to(self.device), self.network.reduction, ceil_mode=True)
        return prediction.log_softmax(1) if self.gamut else None, guide

    def colorize(
        self,
        image: Picture | Sequence[Picture],
        temperature: float = TEMPERATURE,
        lam: float = LAM,
        size: int | str | None = "usual",
        hints: Sequence[Hint] | Sequence[Sequence[Hint]] | None = None,
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
            :meth:`colour_lightness`. L itself stays at full resolution. ``"usual"`` is :attr:`size`,
            and None never reduces.
        hints
            Colours that you know: ``[((x, y), "#c03020"), ((x, y), (a, b)), ...]``, with x and y in pixels of the
            picture and a and b in Lab units. What looks like the same thing follows, see
            :mod:`~colorize_lib.colour.hints`. For several pictures such a list for each of them.

        Returns
        -------
        PIL.Image.Image, or list, or torch.Tensor
            RGB at the size of the input: an image for an image, a list for a list, and a uint8
            tensor ``(N, 3, H, W)`` for a batch tensor.

        Raises
        ------
        InputError
            If the picture cannot be read or is too large, ``size`` is none, or a hint is not one.

        Examples
        --------
        >>> from colorize_lib import Colorizer, embedded_cifar10
        >>> horse = embedded_cifar10().rgb[13]  # or "photo.jpg", a PIL image, an array, ...
        >>> picture = Colorizer.load("classification", "cpu").colorize(horse, temperature=0.38, lam=0.5)
        >>> picture.mode, picture.size
        ('RGB', (32, 32))
        """
        size = self.size if isinstance(size, str) and size == "usual" else checked_size(size)
        if isinstance(image, torch.Tensor) and image.ndim == 4:
            if not len(image):
                return image.new_empty((0, 3, *image.shape[2:]), dtype=torch.uint8)
            each = hints_of_each(hints, image)
            return torch.stack([to_uint8(self.paint(read_rgb(one), temperature, lam, size, its)) for one, its in each])
        if isinstance(image, (list, tuple)):
            return [self.colorize(one, temperature, lam, size, its) for one, its in hints_of_each(hints, image)]
        rgb = to_uint8(self.paint(read_rgb(image), temperature, lam, size, hints))  # (3, H, W)
        return Image.fromarray(rgb.permute(1, 2, 0).numpy())

    def alternatives(
        self, image: Picture, n: int = 4, temperature: float = TEMPERATURE, lam: float = LAM,
        size: int | str | None = "usual",
    ) -> list[Image.Image]:  # fmt: skip
        """``n`` plausible colourings of one picture that differ in what matters: the usual one first.

        Each is what :meth:`colorize` makes, given the same, of one of :meth:`suggested_hints`. Raises
        :class:`~colorize_lib.errors.InputError` as there, where the network has no bins, or if ``n`` is not from 1 to
        :data:`~colorize_lib.inference.dials.MOST_ALTERNATIVES`.
        """
        picture, size = read_rgb(image), self.size if isinstance(size, str) and size == "usual" else checked_size(size)
        each = self.suggested_hints(picture, n, size)
        painted = [to_uint8(self.paint(picture, temperature, lam, size, hints)) for hints in each]
        return [Image.fromarray(rgb.permute(1, 2, 0).numpy()) for rgb in painted]

    @torch.inference_mode()
    def suggested_hints(self, rgb: torch.Tensor, n: int, size: int | None = None) -> list[list[Hint]]:
        """Hints for ``n`` colourings of RGB ``(3, H, W)``: see :func:`~colorize_lib.inference.alternatives.propose`."""
        if self.gamut is None:
            raise InputError(f"{self.name} gives one colour a pixel and no others: take a network with bins.")
        lightness = lightness_of(rgb)[None]
        return propose(*self._said(*self.ask(lightness, size), lightness), self.gamut.centres, n, *rgb.shape[1:])

    @torch.inference_mode()
    def paint(
        self, rgb: torch.Tensor, temperature: float, lam: float, size: int | None, hints: Sequence[Hint] | None = None
    ) -> torch.Tensor:
        """A picture's own L with the network's colours: ``(3, H, W)`` RGB, uint8 or float in [0, 1], to the same."""
        checked = checked_hints(hints, *rgb.shape[1:])
        return self.spread(rgb, *self._coarse(lightness_of(rgb)[None], temperature, lam, size, checked))

    @torch.inference_mode()
    def spread(self, rgb: torch.Tensor, ab: torch.Tensor, guide: torch.Tensor | None) -> torch.Tensor:
        """A picture's own L with colours as coarse as the network's answer: the last step of :meth:`paint`.

        In strips: of a large picture only the pixels and, for a while, L are ever held whole.

        Parameters
        ----------
        rgb
            ``(3, H, W)``: uint8, or float in [0, 1].
        ab
            ``(1, 2, h, w)``, Lab units.
        guide
            L ``(1, 1, h, w)`` as coarse as ab, as :meth:`look` has it; None for a plain stretch.

        Returns
        -------
        torch.Tensor
            RGB of the shape and the kind of ``rgb``.
        """
        height, width = rgb.shape[1:]
        plain = upsample(ab, (height, width)) if guide is None else None  # (1, 2, H, W)
        painted = rgb.new_empty(height, width, 3).permute(2, 0, 1)  # as it lies in a file
        for rows in strips(height, width):
            light = lightness_of(rgb[:, rows])[None].to(self.device)  # (1, 1, n, W)
            if plain is None:
                colour = joint_bilateral_upsample(ab, guide, light, top=rows.start, height=height)
            else:
                colour = plain[..., rows, :]
            strip = lab_to_rgb(torch.cat((light, colour), 1))[0]
            painted[:, rows] = strip if rgb.is_floating_point() else to_uint8(strip)
        return painted
