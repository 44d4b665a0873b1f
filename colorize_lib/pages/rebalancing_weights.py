"""The weights of rebalancing under your hand: slide lambda, and see what then counts in a training."""

import torch

from ..colour.gamut import Gamut
from ..errors import InputError
from .page import Part, place

#: What stays where no script runs: the weights at these.
STILL = (1.0, 0.5, 0.1)


def rebalancing_weights(gamut: Gamut, prior: torch.Tensor, lam: float = 0.5) -> Part:
    """The prior on the :math:`ab` plane, beside it what each bin contributes to the loss, and the weights.

    It needs no kernel. It shows itself as the last thing of a cell.

    Parameters
    ----------
    gamut
        The bins.
    prior
        ``(Q,)``, their shares of pixels.
    lam
        Where the dial stands at first, in (0, 1].

    Raises
    ------
    InputError
        If the prior is not one of these bins, or lambda not on the dial.
    """
    if prior.shape != (len(gamut),):
        raise InputError(f"These bins need a prior of shape ({len(gamut)},), not {tuple(prior.shape)}.")
    if not 0 < lam <= 1:
        raise InputError(f"lambda is above 0 and at most 1, not {lam:g}.")
    shares = [float(f"{share:.6g}") for share in prior.tolist()]
    bins = {"centres": gamut.centres.flatten().tolist(), "grid": gamut.grid, "prior": shares}
    rows = "".join(map(_row, STILL, (gamut.rebalance(prior, value) for value in STILL)))
    heads = "<th>λ</th><th>rarest : commonest</th><th>weight of the rarest</th>"
    return Part(
        place("rebalancing_weights", "rebalancingWeightsAt", (bins, lam), f"<table><tr>{heads}</tr>{rows}</table>")
    )


def _row(lam: float, w: torch.Tensor) -> str:
    return f"<tr><th>{lam:g}</th><td>{w.max() / w.min():.1f}</td><td>{w.max():.1f}</td></tr>"
