"""Subsets of a set of pictures, each part of the next."""

from dataclasses import dataclass

import torch

from ..errors import InputError
from .images import Images

#: Of the draw of kinds and pictures.
DRAW = 0


@dataclass(frozen=True)
class Subset:
    """How many kinds of things, and how many pictures of each."""

    kinds: int
    each: int

    @property
    def name(self) -> str:
        return f"{self.kinds}x{self.each}"

    @property
    def pictures(self) -> int:
        return self.kinds * self.each


def draw(images: Images, subset: Subset, first: int = 0) -> Images:
    """The pictures of a subset.

    The order of the kinds, and that of the pictures of each kind, is drawn once for all subsets, which take the first
    of each: so a smaller one is part of a larger one.

    Parameters
    ----------
    first
        Which kind to begin with, in that order.

    Raises
    ------
    InputError
        If there are not so many kinds, or not so many pictures of each.
    """
    rng, label = torch.Generator().manual_seed(DRAW), images.label
    kinds = torch.randperm(len(images.classes), generator=rng)
    found = [(label == kind).nonzero()[:, 0] for kind in range(len(kinds))]
    ordered = [index[torch.randperm(len(index), generator=rng)] for index in found]
    chosen = [ordered[kind] for kind in kinds[first : first + subset.kinds]]
    if len(chosen) < subset.kinds or min(map(len, chosen)) < subset.each:
        raise InputError(
            f"This takes {subset.each} pictures of each of {first + subset.kinds} kinds, and {images.source} has "
            f"{len(kinds)} kinds and as few as {min(map(len, ordered))} pictures of one."
        )
    return images[torch.cat([index[: subset.each] for index in chosen])]
