"""Pixels and pictures that metrics are tried on."""

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

# Quarters and their squares are exact in float32, so no rounding moves a distance across a threshold.
quarters = st.integers(-440, 440).map(lambda n: n / 4)
abs_pictures = arrays(np.float32, (2, 2, 3, 2), elements=quarters).map(torch.from_numpy)


def ab_pixels(*pixels: tuple[float, float]) -> torch.Tensor:
    """(1, 2, 1, n)."""
    return torch.tensor(pixels, dtype=torch.float32).T[None, :, None]
