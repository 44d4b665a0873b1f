"""Other colourings of one picture that are plausible, too: found as hints, by which they are painted.

The network is in doubt about some things and not about others: of an apple it cannot know, of grass it does. So take
the things with the most doubt in them, the likeliest colours of each as a whole, and of all ways to combine these the
ones that differ most and are likeliest. No pixel is decided by itself, since a hint speaks for a thing.
"""

from dataclasses import replace
from itertools import product

import torch

from ..colour.hints import REACH, closeness, modes
from ..errors import InputError
from .dials import MOST_ALTERNATIVES
from .hints import Hint

#: So many things get another colour, at most, and so far apart are two colours of one, in Lab units.
THINGS, APART = 3, 30.0
#: A thing reaches further than a hint, and counts if this share of the doubt of the first is in it.
REACH_OF_THINGS, LEAST = replace(REACH, near=1.0, light=50.0), 0.25
#: Places are looked for on a lattice with at most so many points along a side.
_LATTICE = 16


def propose(
    log_p: torch.Tensor, light: torch.Tensor, centres: torch.Tensor, n: int, height: int, width: int
) -> list[list[Hint]]:
    """Lists of hints for ``n`` colourings: the first is empty, which is the usual one.

    Each of the others has a hint for each of the things that the network is most in doubt about.

    Parameters
    ----------
    log_p
        ``(1, Q, h, w)``: log-probabilities.
    light
        ``(1, 1, h, w)``: L there.
    centres
        ``(Q, 2)``, Lab units.
    n
        From 1 to :data:`~colorize_lib.inference.dials.MOST_ALTERNATIVES`.
    height, width
        Of the picture, in pixels, which hints are given in.

    Raises
    ------
    InputError
        If ``n`` is out of range.
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST_ALTERNATIVES:
        raise InputError(f"The number of alternatives is a whole number from 1 to {MOST_ALTERNATIVES}, not {n!r}.")
    centres, p = centres.to(log_p), log_p[0].flatten(1).exp()  # (Q, 2), (Q, hw)
    places, alike = _things(log_p, light, centres)  # (R, 2), (R, hw)
    whole = alike @ p.T  # (R, Q)
    whole = whole / whole.sum(1, keepdim=True)
    bins = modes(whole, centres, n, APART)  # (R, n): each thing's likeliest colours
    shares = _mass(whole, centres).gather(1, bins)  # (R, n)
    size = alike.sum(1) / alike.sum()  # (R,)
    ways = list(product(range(n), repeat=len(places)))
    picked = torch.tensor(ways)  # (W, R)
    colours = torch.stack([centres[bins[r, picked[:, r]]] for r in range(len(places))], 1)  # (W, R, 2)
    likely = torch.stack([shares[r, picked[:, r]] for r in range(len(places))], 1).log().mean(1).exp()  # (W,)
    found: list[list[Hint]] = [[]]
    pixels = [(int(x * width), int(y * height)) for x, y in places.tolist()]
    nearest = _gap(colours, whole @ centres, size)  # (W,): from the usual colouring
    for _ in range(n - 1):
        best = int((nearest * likely).argmax())
        found.append([(place, tuple(ab)) for place, ab in zip(pixels, colours[best].tolist(), strict=True)])
        nearest = torch.minimum(nearest, _gap(colours, colours[best], size))
    return found


def _things(log_p: torch.Tensor, light: torch.Tensor, centres: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Places ``(R, 2)`` that stand for the most doubt, and how alike each cell is to them, ``(R, hw)``.

    Doubt is the variance of a distribution. A place stands for that of all cells that are alike, as far as no place
    before it does.
    """
    h, w = light.shape[-2:]
    p = log_p[0].flatten(1).exp()  # (Q, hw)
    doubt = centres.square().sum(1) @ p - (centres.T @ p).square().sum(0)  # (hw,)
    ys, xs = (torch.linspace(0, side - 1, min(side, _LATTICE), device=p.device).round().long() for side in (h, w))
    y, x = (one.flatten() for one in torch.meshgrid(ys, xs, indexing="ij"))
    places = torch.stack(((x + 0.5) / w, (y + 0.5) / h), -1)  # (C, 2)
    alike = closeness(places[None], light[0, 0, y, x][None], light, log_p, REACH_OF_THINGS)[0].flatten(2)[0]  # (C, hw)
    chosen: list[int] = []
    other = torch.ones_like(x, dtype=doubt.dtype)  # (C,): how far a place is no thing chosen before
    gains: list[float] = []
    for _ in range(min(THINGS, len(places))):
        gain, best = (one.item() for one in (alike @ doubt * other).max(0))
        if gains and gain < LEAST * gains[0]:
            break
        gains.append(gain)
        chosen.append(int(best))
        doubt = doubt * (1 - alike[chosen[-1]])
        other = other * (1 - alike[chosen[-1]].view(h, w)[y, x])
    return places[chosen], alike[chosen]


def _mass(p: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """The probability around each bin, nearer than half of :data:`APART`: ``(R, Q)`` to the same."""
    near = (centres[:, None] - centres).square().sum(-1) < (APART / 2) ** 2
    return p @ near.to(p)


def _gap(colours: torch.Tensor, one: torch.Tensor, size: torch.Tensor) -> torch.Tensor:
    """How far ways of colouring ``(W, R, 2)`` are from ``one`` ``(R, 2)``, by things' sizes: ``(W,)``, Lab units."""
    return ((colours - one).square().sum(-1) * size).sum(-1).sqrt()
