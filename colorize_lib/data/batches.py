"""fastai DataLoaders over pictures that already sit in the device's memory.

No files, no worker processes, no copies between host and GPU: a batch is an index, a flip and for
colorizers a conversion to Lab, all on the device. ``show_batch`` and ``show_results`` draw pictures.
"""

import colorize_lib.quiet  # noqa: F401

import torch
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from torch.nn import functional as F

from ..colour.lab import nearest_grey, rgb_to_lab
from ..colour.resolution import upsample
from ..device import pick_device
from ..errors import InputError
from .images import Images


def colour_dataloaders(
    train: Images,
    dev: Images,
    batch: int = 128,
    shift: int = 0,
    seed: int = 0,
    device: torch.device | str | None = None,
    zoom: float = 1.0,
) -> DataLoaders:
    """Training batches, shuffled, flipped, shifted and zoomed, and dev batches, in order.

    Each batch is ``(L, ab)``: ``(N, 1, H, W)`` in [0, 100] and ``(N, 2, H, W)`` in Lab units.
    """
    return _dataloaders(ColourLoader, train, dev, batch, device, shift=shift, seed=seed, zoom=zoom)


def class_dataloaders(
    train: Images,
    dev: Images,
    batch: int = 128,
    shift: int = 0,
    seed: int = 0,
    device: torch.device | str | None = None,
) -> DataLoaders:
    """Like :func:`colour_dataloaders`, for a classifier.

    Each batch is ``(rgb, label)``: ``(N, 3, H, W)`` uint8 and ``(N,)`` int64.
    """
    return _dataloaders(ClassLoader, train, dev, batch, device, shift=shift, seed=seed)


def _dataloaders(
    kind: type["ClassLoader"],
    train: Images,
    dev: Images,
    batch: int,
    device: torch.device | str | None,
    **views,
) -> DataLoaders:
    device = pick_device(device)
    train_loader = kind(train.to(device), batch, shuffle=True, drop_last=True, **views)
    return DataLoaders(train_loader, kind(dev.to(device), batch), device=device)


class ClassLoader(DataLoader):
    """Yields ``(rgb, label)`` from :class:`~colorize_lib.data.images.Images` that are on the device already.

    Parameters
    ----------
    images
        The pictures.
    batch
        How many to a batch.
    shuffle
        Shuffle, and flip half of them left to right. What is drawn depends on ``seed`` and
        ``epoch`` alone, so a resumed run sees what it would have seen.
    drop_last
        Leave out a last batch that is not full.
    shift
        When shuffling, also move each picture by up to so many pixels in each direction; what comes
        into view is a mirror image.
    """

    def __init__(
        self,
        images: Images,
        batch: int = 128,
        shuffle: bool = False,
        drop_last: bool = False,
        shift: int = 0,
        seed: int = 0,
        zoom: float = 1.0,
    ):
        super().__init__(
            images, bs=batch, shuffle=shuffle, drop_last=drop_last, num_workers=0, device=images.rgb.device
        )
        if len(images) and not 0 <= shift < min(images.rgb.shape[-2:]):
            raise InputError(f"Pictures of {tuple(images.rgb.shape[-2:])} pixels cannot be shifted by {shift}.")
        if not 0 < zoom <= 1:
            raise InputError(f"The zoom is the smallest share of a picture's side, above 0 and at most 1, not {zoom}.")
        self.shift, self.seed, self.zoom, self.epoch = shift, seed, zoom, 0
        self.share = (0, 1)  # (rank, world): which of how many shares of each batch to yield

    def __iter__(self):
        n, device, (rank, world) = len(self.dataset), self.dataset.rgb.device, self.share
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order, flip, shift = torch.arange(n), torch.zeros(n, dtype=torch.bool), torch.zeros(2, n, dtype=torch.long)
        if self.shuffle:
            order, flip = torch.randperm(n, generator=rng), torch.rand(n, generator=rng) < 0.5
            shift = torch.randint(-self.shift, self.shift + 1, (2, n), generator=rng)
        window = torch.rand(3, n, generator=rng) if self.shuffle and self.zoom < 1 else None
        order, flip, shift = (t.to(device) for t in (order, flip, shift))
        for start in range(0, len(self) * self.bs, self.bs):
            part = slice(start + rank, start + self.bs, world)
            if start + rank >= n:
                return  # a last batch too small to give everyone a share
            rgb = self._view(order[part], flip[part], *shift[:, part])
            if window is not None:
                rgb = _enlarged(rgb, self.zoom, *window[:, part].to(device))
            yield self.to_batch(rgb, self.dataset.label[order[part]], resized=window is not None)

    def _view(self, index: torch.Tensor, flip: torch.Tensor, down: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """The pictures at ``index``, moved and flipped, all ``(N,)``: one gather, ``(N, 3, H, W)`` uint8."""
        rows, columns = (
            _mirrored(torch.arange(size, device=index.device) - offset[:, None], size)  # (N, size)
            for size, offset in zip(self.dataset.rgb.shape[-2:], (down, right), strict=True)
        )
        columns = torch.where(flip[:, None], columns.flip(1), columns)
        rgb = self.dataset.rgb[index[:, None, None], :, rows[:, :, None], columns[:, None, :]]  # (N, H, W, 3)
        return rgb.permute(0, 3, 1, 2)

    @staticmethod
    def to_batch(rgb: torch.Tensor, label: torch.Tensor, resized: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
        """What a batch holds, of pictures ``(N, 3, H, W)`` uint8 and their classes ``(N,)`` int64: both."""
        return rgb, label

    def new(self, dataset: Images | None = None, cls: type | None = None, **kwargs) -> "ClassLoader":
        """A loader like this one; fastai calls it to draw a shuffled batch of the dev pictures."""
        known = ("shuffle", "drop_last", "shift", "seed", "zoom")
        settings = {name: getattr(self, name) for name in known}
        settings |= {name: value for name, value in kwargs.items() if name in known}
        return type(self)(self.dataset if dataset is None else dataset, kwargs.get("bs", self.bs), **settings)

    def one_batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        return next(iter(self))


class ColourLoader(ClassLoader):
    """Yields ``(L, ab)``, in the order and the views of :class:`ClassLoader`."""

    @staticmethod
    def to_batch(
        rgb: torch.Tensor, label: torch.Tensor | None, resized: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """``(N, 3, H, W)`` uint8 to L ``(N, 1, H, W)`` and ab ``(N, 2, H, W)``.

        Of what was ``resized``, and rounded in colour, L is that of the :func:`~colorize_lib.colour.lab.nearest_grey`:
        the steps of three rounded colours would tell the network something of them.
        """
        lab = rgb_to_lab(rgb)
        lightness, ab = lab[:, :1], lab[:, 1:]
        return nearest_grey(lightness) if resized else lightness, ab

    def show_batch(self, b: tuple[torch.Tensor, torch.Tensor] | None = None, max_n: int = 8, **kwargs) -> None:
        """Draw grey input above truth."""
        from ..plots import show_rows

        lightness, ab = self.one_batch() if b is None else b
        show_rows({"grey": (lightness, None), "truth": (lightness, ab)}, max_n, **kwargs)

    def show_results(self, b: tuple[torch.Tensor, torch.Tensor], out: torch.Tensor, max_n: int = 8, **kwargs) -> None:
        """Draw grey input, prediction and truth below each other; ``out`` is decoded ab."""
        from ..plots import show_rows

        lightness, ab = b
        out = upsample(out, ab.shape[-2:])
        rows = {"grey": (lightness, None), "prediction": (lightness, out), "truth": (lightness, ab)}
        show_rows(rows, max_n, **kwargs)


def _mirrored(position: torch.Tensor, size: int) -> torch.Tensor:
    """Positions beyond either end of an axis, mirrored back into it."""
    position = position.abs()
    return torch.where(position >= size, 2 * (size - 1) - position, position)


def _enlarged(
    rgb: torch.Tensor, least: float, side: torch.Tensor, down: torch.Tensor, right: torch.Tensor
) -> torch.Tensor:
    """A square of each picture ``(N, 3, H, W)`` uint8, enlarged to the whole, bilinearly.

    ``side``, ``down`` and ``right``, ``(N,)`` in [0, 1], say how large the square is, from ``least``
    to the whole, and where it lies.
    """
    side = least + (1 - least) * side  # (N,), share of the picture's
    grid = torch.zeros(len(rgb), 2, 3, device=rgb.device)  # from the square's coordinates to the picture's, in [-1, 1]
    grid[:, 0, 0] = grid[:, 1, 1] = side
    grid[:, 0, 2], grid[:, 1, 2] = (1 - side) * (2 * right - 1), (1 - side) * (2 * down - 1)
    grid = F.affine_grid(grid, list(rgb.shape), align_corners=False)  # (N, H, W, 2)
    return F.grid_sample(rgb.float(), grid, padding_mode="border", align_corners=False).round().byte()
