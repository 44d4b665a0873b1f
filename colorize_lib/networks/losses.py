"""Two losses on the same ab picture: squared distance (chapter 2) and cross-entropy over bins (chapter 3).

Both take what the network says at a half (or a quarter) of the resolution and the true ab at full resolution, and
reduce the truth themselves. So one data pipeline serves both.

Sources
-------
.. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, section 2.
"""

import torch
from torch import nn

from ..colour.gamut import Gamut
from ..colour.resolution import halve, reduce_to


class RegressionLoss(nn.Module):
    """The L2 loss ([1]_, equation 1): mean over pixels of (da^2 + db^2) / AB_SCALE^2."""

    #: The network's regression head speaks in these Lab units, so that its outputs are near 1.
    AB_SCALE = 50.0

    def forward(self, prediction: torch.Tensor, ab: torch.Tensor) -> torch.Tensor:
        """``(N, 2, h, w)`` from the network and ``(N, 2, 2h, 2w)`` in Lab units to a scalar."""
        return (prediction - halve(ab) / self.AB_SCALE).square().sum(1).mean()

    def decodes(self, prediction: torch.Tensor) -> torch.Tensor:
        """The network's output as ab in Lab units; fastai calls this to show results."""
        return prediction * self.AB_SCALE


class ClassificationLoss(nn.Module):
    """Cross-entropy against soft bins ([1]_, equation 2), in nats a pixel.

    Parameters
    ----------
    gamut
        The bins.
    weights
        ``(Q,)`` from :meth:`~colorize_lib.colour.gamut.Gamut.rebalance`: each pixel counts as much as its nearest
        bin weighs. None counts all pixels alike.
    """

    weights: torch.Tensor | None  # a buffer, which goes where the network goes

    def __init__(self, gamut: Gamut, weights: torch.Tensor | None = None):
        super().__init__()
        self.gamut = gamut
        self.register_buffer("weights", None if weights is None else weights.float())

    def forward(self, logits: torch.Tensor, ab: torch.Tensor) -> torch.Tensor:
        """``(N, Q, h, w)`` from the network and ``(N, 2, rh, rw)`` in Lab units to a scalar; r is 1, 2, 4 or 8."""
        index, share = self.gamut.encode(reduce_to(ab, logits))  # (N, K, h, w) each
        loss = soft_cross_entropy(logits, index, share)  # (N, h, w)
        if self.weights is not None:
            loss = loss * self.weights[index[:, 0]]
        return loss.mean()

    def decodes(self, logits: torch.Tensor) -> torch.Tensor:
        """The mean colour, as ab in Lab units; fastai calls this to show results."""
        return self.gamut.decode(logits)


def soft_cross_entropy(logits: torch.Tensor, index: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Cross-entropy with a sparse soft target, without building the dense one.

    ``-sum_k share_k log p_k = logsumexp(z) - sum_k share_k z_k``, since the shares sum to 1.

    Parameters
    ----------
    logits
        ``(N, Q, h, w)``, called z above.
    index, share
        ``(N, K, h, w)`` each, from :meth:`~colorize_lib.colour.gamut.Gamut.encode`.

    Returns
    -------
    torch.Tensor
        ``(N, h, w)``, nats.
    """
    # With Q last, a channels-last tensor is contiguous and the sum runs along memory.
    z, index, share = (t.permute(0, 2, 3, 1) for t in (logits, index, share))
    return z.logsumexp(-1) - (z.gather(-1, index) * share).sum(-1)
