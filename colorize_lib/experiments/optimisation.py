"""Colorization using optimization: hints without a network, for comparison.

Neighbours that are alike in light shall have alike colours: every pixel's colour is the weighted mean of its eight
neighbours', and those of the hints are given. That is one sparse system of linear equations.

Sources
-------
.. [1] A. Levin, D. Lischinski, Y. Weiss, "Colorization using Optimization", SIGGRAPH 2004, section 2, equation 2; the
   limits of the variance are those of their code.
"""

import numpy as np
import torch
from scipy import sparse
from scipy.sparse.linalg import splu

#: Taken off the weights, so that the system without hints has a solution, too; it changes none of the colours.
_LEAK = 1e-10


def neighbour_weights(lightness: np.ndarray) -> sparse.csr_matrix:
    """``(HW, HW)``: row by row what each neighbour counts, summing to 1, from L ``(H, W)`` in [0, 100].

    ``exp(-(difference of light)^2 / (0.6 variance))``, with the variance of the 3x3 pixels around.
    """
    light = lightness.astype(float) / 100
    h, w = light.shape
    shifts = [(y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)]
    padded, number = np.pad(light, 1, constant_values=np.nan), np.pad(np.arange(h * w).reshape(h, w), 1)
    around = np.stack([padded[y : y + h, x : x + w] for y, x in shifts])  # (8, H, W)
    squared = (around - light) ** 2
    wide = 0.6 * np.nanvar(np.concatenate([around, light[None]]), axis=0)
    wide = np.maximum(np.maximum(wide, np.nanmin(squared, axis=0) / -np.log(0.01)), 2e-6)
    weight = np.nan_to_num(np.exp(-squared / wide))
    weight /= weight.sum(0)
    columns = np.stack([number[y : y + h, x : x + w] for y, x in shifts])
    rows = np.tile(np.arange(h * w), len(shifts))
    return sparse.csr_matrix((weight.ravel(), (rows, columns.ravel())), shape=(h * w, h * w))


class Optimisation:
    """The colours of a picture from any first few of its hints: one factorisation serves all.

    A pixel that is a hint need not be the mean of its neighbours. So the mean is missed at the hints alone, by amounts
    that are found from the colours there: a small system, whose matrix is a part of the inverse.

    Parameters
    ----------
    lightness
        ``(1, H, W)``, in [0, 100].
    pixels
        ``(n,)`` int64: of all hints that will be given, counted row by row.
    """

    def __init__(self, lightness: torch.Tensor, pixels: torch.Tensor):
        self.shape, self.pixels = lightness.shape[1:], pixels.numpy()
        weight = neighbour_weights(lightness[0].numpy())
        system = sparse.identity(weight.shape[0]) - (1 - _LEAK) * weight
        given = np.zeros((weight.shape[0], len(self.pixels)))
        given[self.pixels, np.arange(len(self.pixels))] = 1
        # Each row's diagonal is at least the sum of the others, so no pivots need be sought.
        factors = splu(system.tocsc(), "MMD_AT_PLUS_A", diag_pivot_thresh=0, options={"SymmetricMode": True})
        self._spread = factors.solve(given)  # (HW, n)

    def colours(self, chosen: np.ndarray, ab: torch.Tensor) -> torch.Tensor:
        """ab ``(2, H, W)`` from the hints number ``chosen``, ``(m,)``, at pixels that differ; theirs is ``(m, 2)``."""
        columns = self._spread[:, chosen]
        missed = np.linalg.solve(columns[self.pixels[chosen]], ab.double().numpy())  # (m, 2)
        return torch.from_numpy(columns @ missed).float().T.reshape(2, *self.shape)
