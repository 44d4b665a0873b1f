"""Pictures and what networks say of them, as bytes that ``web/packed.mjs`` unpacks in the page."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ..inference.colorizer import Colorizer
from .page import pixels

#: The lambda at which logits are quantised: from here log w moves no two bins more than 5 nats apart
#: on the way to either end of its dial. From one end to the other it is 6.
MIDDLE_LAMBDA = 0.3
#: How far below the largest, in nats, a logit is still told from nothing: those 5, and 7 more, where a
#: probability is a thousandth of the largest. tests/pages/test_explorer.py measures what is lost.
DEPTH = 12.0
#: Where a network predicts ab itself, it is kept in steps of a hundredth of a Lab unit.
AB_STEPS = 100


@dataclass(frozen=True)
class Subject:
    """One picture, and what one network says of it.

    Attributes
    ----------
    name : str
        What to call it.
    rgb : torch.Tensor
        ``(3, H, W)`` uint8: the true picture.
    logits : torch.Tensor
        ``(Q, h, w)`` float32 on the CPU: what the network says when shown its L. Of one that predicts
        ab itself, that: ``(2, h, w)``.
    """

    name: str
    rgb: torch.Tensor
    logits: torch.Tensor


def quantise(logits: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    """Logits to one byte each, finest where they are largest: they go into the page.

    The byte is 255 minus 255 times the root of the distance below the pixel's largest, in units of
    :data:`DEPTH`. The largest is sought after ``shift``, log w for a lambda in the middle of the dial:
    so what is likely at either end is not far below it.

    Parameters
    ----------
    logits
        ``(Q, h, w)``.
    shift
        ``(Q,)``, in nats.

    Returns
    -------
    torch.Tensor
        ``(h, w, Q)`` uint8; :func:`levels` of it, minus ``shift``, are logits again.
    """
    z = logits.permute(1, 2, 0).double() + shift.double()  # (h, w, Q)
    below = (z.amax(-1, keepdim=True) - z).clamp(max=DEPTH) / DEPTH  # in [0, 1]
    return (255 * (1 - below.sqrt())).round().byte()


def levels() -> torch.Tensor:
    """``(256,)`` float64: what each byte of :func:`quantise` stands for, in nats below the largest."""
    return -DEPTH * (1 - torch.arange(256, dtype=torch.float64) / 255).square()


def pack(subjects: Sequence[Subject], colorizer: Colorizer) -> tuple[dict, bytes]:
    """Everything that the JavaScript needs: a header for JSON, and for each picture its RGB and its logits in bytes."""
    shift = _shift(colorizer)
    parts = [pixels(s.rgb) + quantise(s.logits, shift).numpy().tobytes() for s in subjects]
    header = _bins(colorizer) | {
        "pictures": [
            {"name": s.name, "size": list(s.rgb.shape[1:]), "cells": list(s.logits.shape[1:])} for s in subjects
        ],
    }
    return header, b"".join(parts)


def pack_painter(subjects: Sequence[Subject], colorizer: Colorizer) -> tuple[dict, bytes]:
    """What another network says of pictures that the page has already: a header for JSON, and bytes, packed by gzip."""
    if colorizer.gamut is None:
        header = {"name": colorizer.name, "steps": AB_STEPS}
        steps = [(AB_STEPS * s.logits).round().short().permute(1, 2, 0).contiguous() for s in subjects]  # (h, w, 2)
        parts = [ab.numpy().astype("<i2").tobytes() for ab in steps]
    else:
        header, shift = _bins(colorizer), _shift(colorizer)
        parts = [quantise(s.logits, shift).numpy().tobytes() for s in subjects]
    return header | {"cells": [list(s.logits.shape[1:]) for s in subjects]}, gzip.compress(b"".join(parts), mtime=0)


def _bins(colorizer: Colorizer) -> dict:
    """The bins of a network, what they are called and how its bytes are read."""
    return {
        "name": colorizer.name,
        "centres": colorizer.gamut.centres.flatten().tolist(),
        "grid": colorizer.gamut.grid,
        "neighbours": colorizer.gamut.neighbours,
        "sigma": colorizer.gamut.sigma,
        "prior": _prior(colorizer).tolist(),
        "shift": _shift(colorizer).tolist(),
        "levels": levels().tolist(),
    }


def _shift(colorizer: Colorizer) -> torch.Tensor:
    """``(Q,)``: log w in the middle of the dial."""
    return colorizer.gamut.rebalance(_prior(colorizer), MIDDLE_LAMBDA).log()


def _prior(colorizer: Colorizer) -> torch.Tensor:
    """``(Q,)``: the prior. Without one all bins are as frequent, and rebalancing that changes nothing."""
    bins = len(colorizer.gamut)
    return torch.full((bins,), 1 / bins).double() if colorizer.prior is None else colorizer.prior.double()
