"""Bins, pixels, logits and priors that tests of the gamut are made of."""

import functools

import numpy as np
import torch
from hypothesis import strategies as st

from colorize_lib.colour.gamut import Gamut

Q = 261
make_gamut = functools.cache(Gamut)
seeds = st.integers(0, 2**32 - 1)


def picture(points) -> torch.Tensor:
    """(n, 2) points to ab (1, 2, 1, n)."""
    return torch.as_tensor(points, dtype=torch.float32).T[None, :, None]


def plane(step: float) -> np.ndarray:
    """(n, 2) points all over the ab plane and around it, in every part of every cell."""
    line = np.arange(-134.2, 135, step, dtype=np.float32)
    return np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)


def bin_at(gamut: Gamut, a: float, b: float) -> int:
    return int((gamut.centres == torch.tensor([a, b])).all(1).nonzero())


def random_logits(seed: int, spread: float = 3.0, size: tuple[int, int] = (2, 3)) -> torch.Tensor:
    return torch.randn(2, Q, *size, generator=torch.Generator().manual_seed(seed)) * spread


def random_prior(seed: int) -> torch.Tensor:
    p = torch.rand(Q, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) ** 6
    return p / p.sum()
