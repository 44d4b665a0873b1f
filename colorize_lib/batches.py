"""fastai DataLoaders over pictures that already sit in the device's memory.

No files, no worker processes, no copies between host and GPU: a batch is an index, a flip and a
conversion to Lab, all on the device. ``show_batch`` and ``show_results`` draw pictures.
"""

import torch
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader

from .data import Images
from .lab import rgb_to_lab


def colour_dataloaders(
    train: Images, dev: Images, batch: int = 128, seed: int = 0, device: torch.device | str | None = None
) -> DataLoaders:
    """Training batches, shuffled and flipped, and dev batches, in order.

    Each batch is ``(L, ab)``: ``(N, 1, H, W)`` in [0, 100] and ``(N, 2, H, W)`` in Lab units.
    """
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    loaders = (ColourLoader(train.to(device), batch, True, seed=seed), ColourLoader(dev.to(device), batch))
    return DataLoaders(*loaders, device=device)


class ColourLoader(DataLoader):
    """Yields ``(L, ab)`` from :class:`~colorize_lib.data.Images` that are on the device already.

    Parameters
    ----------
    images
        The pictures.
    batch
        How many to a batch.
    shuffle
        Shuffle, flip half of them left to right and drop the last incomplete batch. What is drawn
        depends on ``seed`` and :attr:`epoch` alone, so a resumed run sees what it would have seen.
    """

    def __init__(self, images: Images, batch: int = 128, shuffle: bool = False, seed: int = 0, **kwargs):
        kwargs = {"num_workers": 0, "drop_last": shuffle, "device": images.rgb.device} | kwargs
        super().__init__(images, bs=batch, shuffle=shuffle, **kwargs)
        self.seed, self.epoch = seed, 0

    def __iter__(self):
        n, device = len(self.dataset), self.dataset.rgb.device
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order = (torch.randperm(n, generator=rng) if self.shuffle else torch.arange(n)).to(device)
        flip = (torch.rand(n, generator=rng) < 0.5 if self.shuffle else torch.zeros(n, dtype=torch.bool)).to(device)
        for start in range(0, len(self) * self.bs, self.bs):
            index, flipped = order[start : start + self.bs], flip[start : start + self.bs]
            rgb = self.dataset.rgb[index]  # (N, 3, H, W)
            yield self.to_batch(torch.where(flipped[:, None, None, None], rgb.flip(-1), rgb))

    @staticmethod
    def to_batch(rgb: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """``(N, 3, H, W)`` uint8 to L ``(N, 1, H, W)`` and ab ``(N, 2, H, W)``."""
        lab = rgb_to_lab(rgb)
        return lab[:, :1], lab[:, 1:]

    def new(self, dataset=None, cls=None, **kwargs):
        kwargs = {"batch": self.bs, "shuffle": self.shuffle, "seed": self.seed} | kwargs
        return type(self)(dataset or self.dataset, **kwargs)

    def one_batch(self):
        return next(iter(self))

    def show_batch(self, b=None, max_n: int = 8, **kwargs):
        """Draw grey input above truth."""
        from .plots import show_rows

        lightness, ab = self.one_batch() if b is None else b
        return show_rows({"grey": (lightness, None), "truth": (lightness, ab)}, max_n, **kwargs)

    def show_results(self, b, out, max_n: int = 8, **kwargs):
        """Draw grey input, prediction and truth below each other; ``out`` is decoded ab."""
        from .plots import show_rows

        lightness, ab = b
        rows = {"grey": (lightness, None), "prediction": (lightness, out), "truth": (lightness, ab)}
        return show_rows(rows, max_n, **kwargs)
