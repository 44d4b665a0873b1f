"""fastai DataLoaders over a folder of pictures, which worker processes read."""

import sys
from collections.abc import Iterator
from pathlib import Path

import colorize_lib.quiet  # noqa: F401

import numpy as np
import torch
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader

from ..device import pick_device
from ..errors import InputError
from .batches import ColourLoader
from .crops import Job, Reader, centre, generator_of, random_crop, shorter_side
from .folder import Scan, listing
from .workers import default_workers, interrupts_wait, stream

_ATTEMPTS = 50


class FolderLoader(DataLoader):
    """Yields ``(L, ab)`` of pictures that workers read from a folder: ``(N, 1, H, W)`` and ``(N, 2, H, W)``.

    L is that of a grey picture: see :meth:`~colorize_lib.data.batches.ColourLoader.to_batch`.

    All batches are full, but the last one without ``drop_last``. For a picture that can no longer be read there
    is another one of the list, and a line on stderr when the epoch is over.

    Parameters
    ----------
    names
        Of the pictures, below ``folder``.
    folder
        Where they are.
    size
        Side of a batch's pictures, in pixels.
    batch
        How many to a batch.
    shuffle
        Shuffle, cut at random and flip half of them; else in order, and the middle of each. What is drawn depends
        on ``seed`` and ``epoch`` alone, so a resumed run sees what it would have seen.
    drop_last
        Leave out a last batch that is not full.
    workers
        Processes that decode; 0 for none but this one. The batches do not depend on it.
    plain, worn, small
        See :class:`~colorize_lib.data.crops.Reader`.
    little
        The pictures that are shown at the side ``small``, in batches of their own, of which an epoch may have one more
        that is not full.
    """

    def __init__(
        self,
        names: list[str],
        folder: Path,
        size: int = 64,
        batch: int = 64,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int = 0,
        workers: int = 0,
        device: torch.device | str = "cpu",
        plain: float = 0.0,
        worn: float = 0.0,
        small: int = 0,
        little: frozenset[str] = frozenset(),
    ):
        super().__init__(names, bs=batch, shuffle=shuffle, drop_last=drop_last, device=torch.device(device))
        self.reader = Reader(Path(folder), size, random_crop if shuffle else centre, plain, worn, small)
        self.plain, self.worn, self.small, self.little = plain, worn, small, little
        self.seed, self.workers, self.epoch = seed, workers, 0
        self.failed: dict[str, str] = {}  # name: why

    def __len__(self) -> int:
        """Batches of an epoch."""
        few = sum(name in self.little for name in self.dataset)
        whole = [len(self.dataset) - few, few]
        return sum(count // self.bs if self.drop_last else -(-count // self.bs) for count in whole)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        return self._batches(self.workers)

    def one_batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The first batch, read without starting any worker."""
        return next(self._batches(0))

    def _batches(self, workers: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        reported = len(self.failed)
        plan = self._plan()
        key = f"{self.seed} {self.epoch}"  # now: the jobs are made while the epoch goes on

        def jobs() -> Iterator[list[Job]]:
            for names in plan:
                yield [(name, f"{key} {name}") for name in names]

        found = stream(self.reader, jobs(), min(workers, len(self)))
        try:
            # zip ends with the first: one more step of the second would wait for nothing.
            for batch, (rgb, reasons) in zip(jobs(), found, strict=False):
                rgb = torch.from_numpy(self._refilled(batch, rgb, reasons))
                yield ColourLoader.to_batch(rgb.to(self.device), None, resized=True)
        finally:  # also of an epoch that is cut short
            with interrupts_wait():
                del found  # which ends the workers
            if new := list(self.failed.items())[reported:]:
                print(f"\nPictures that can no longer be read, others stood in: {listing(new)}", file=sys.stderr)

    def _plan(self) -> list[list[str]]:
        """The names of each batch of the epoch. Batches of little pictures come among the others, as chance has it."""
        names = list(self.dataset)
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        if self.shuffle:
            names = [names[i] for i in torch.randperm(len(names), generator=rng).tolist()]
        plan = []
        for group in ([n for n in names if n not in self.little], [n for n in names if n in self.little]):
            batches = [group[start : start + self.bs] for start in range(0, len(group), self.bs)]
            plan += [batch for batch in batches if len(batch) == self.bs or not self.drop_last]
        if self.shuffle and self.little:
            plan = [plan[i] for i in torch.randperm(len(plan), generator=rng).tolist()]
        return plan

    def _refilled(self, jobs: list[Job], rgb: np.ndarray, reasons: list[str]) -> np.ndarray:
        """``(N, 3, H, W)`` uint8, with another picture for each that is missing."""
        if not any(reasons):
            return rgb
        self.failed |= {name: why for (name, _), why in zip(jobs, reasons, strict=True) if why}
        read = iter(rgb)
        return np.stack([self._another(job) if why else next(read) for job, why in zip(jobs, reasons, strict=True)])

    def _another(self, job: Job) -> np.ndarray:
        """A picture instead of that one, ``(3, H, W)`` uint8: always the same, as long as it can be read."""
        rng, little = generator_of(f"{job[1]} again"), job[0] in self.little
        alike = [name for name in self.dataset if (name in self.little) == little]
        for _ in range(_ATTEMPTS):
            picture = self.reader[rng.choice(alike), job[1]]
            if not isinstance(picture, str):
                return picture
        raise InputError(f"Most pictures of {self.reader.folder} can no longer be read: is the disk still there?")

    def new(self, dataset: list[str] | None = None, cls: type | None = None, **kwargs) -> "FolderLoader":
        """A loader like this one; fastai calls it to draw a shuffled batch of the dev pictures."""
        known = ("shuffle", "drop_last", "seed", "workers", "device", "plain", "worn", "small", "little")
        settings = {name: getattr(self, name) for name in known}
        settings |= {name: value for name, value in kwargs.items() if name in known}
        names, batch = self.dataset if dataset is None else dataset, kwargs.get("bs", self.bs)
        return type(self)(names, self.reader.folder, self.reader.size, batch, **settings)

    show_batch, show_results = ColourLoader.show_batch, ColourLoader.show_results


def folder_dataloaders(
    found: Scan,
    size: int = 64,
    batch: int = 64,
    seed: int = 0,
    workers: int | None = None,
    device: torch.device | str | None = None,
    plain: float = 0.0,
    worn: float = 0.0,
    small: int = 0,
) -> DataLoaders:
    """Training batches, shuffled, cut at random and flipped, and dev batches, in order.

    Of the former the share ``plain`` is framed or without colour, the share ``worn`` soft or grainy, and what is
    little is shown at the side ``small``: see :class:`~colorize_lib.data.crops.Reader`.
    Raises :class:`~colorize_lib.errors.InputError` for too few pictures.
    """
    train, dev = found.split()
    if len(train) < batch:
        raise InputError(
            f"{found.folder} has {len(found.names)} pictures to learn from, {len(dev)} of them kept to follow the "
            f"loss on, which does not fill one batch of {batch}: use more, or less a batch."
        )
    device = pick_device(device)
    common = {"seed": seed, "workers": default_workers() if workers is None else workers, "device": device}
    side = Reader(found.folder, size, random_crop, small=small).side
    little = frozenset(name for name in train if small and side(shorter_side(found.folder / name)) != size)
    made = {"plain": plain, "worn": worn, "small": small, "little": little}
    train_loader = FolderLoader(train, found.folder, size, batch, shuffle=True, drop_last=True, **made, **common)
    return DataLoaders(train_loader, FolderLoader(dev, found.folder, size, batch, **common), device=device)
