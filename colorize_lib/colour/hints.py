"""A reader says what colour a place has, and the distributions of all pixels are conditioned on it.

A network that knows an apple knows that it may be red, green or yellow. Someone who clicks on it knows which. With k,
from 0 to 1, for how surely a pixel is the same thing as the clicked one, the click is a measurement of the pixel's
colour, the noisier the smaller k, and Bayes' rule does the rest: :func:`condition`. What the annealed mean then still
misses at the hints is spread with the same weights: :func:`spread`.

Everywhere N pictures have n hints each, Q bins, and a grid of ``(h, w)`` cells, the network's. Places are
``(N, n, 2)``, x and y as shares of the picture's width and height, so that the grid may be coarser than the picture.

Sources
-------
.. [1] R. Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors", SIGGRAPH 2017: hints for a
   network, which there is trained with them.
.. [2] A. Levin, D. Lischinski, Y. Weiss, "Colorization using Optimization", SIGGRAPH 2004: hints without a network.
.. [3] A. Bhattacharyya, "On a measure of divergence between two statistical populations", 1943: the overlap.
.. [4] C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, equation 2.25: the weights.
"""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Reach:
    """How far a hint reaches.

    By trials on 154 dev pictures of CIFAR-10 and 31 dev photographs, by the mean error with 1 to 20 hints, at random
    pixels and where the network is most wrong. Photographs would have it a little nearer, hints at random farther.
    ``colorize experiment hints`` tries some neighbours on dev again, and measures the one below.

    Attributes
    ----------
    near : float
        Distance at which k falls to 1/e, as a share of the side of a square picture (the root of the area).
    light : float
        Difference of L at which k falls to 1/e.
    overlap : int
        Power of the overlap of two distributions. 0 does not ask the network.
    noise : float
        Added to k of a hint with itself: above 0, so that hints side by side that contradict each other do no harm.
    width : float
        s of :func:`condition`, in Lab units: the standard deviation of a hint where k is 1.
    """

    near: float = 0.4
    light: float = 35.0
    overlap: int = 8
    noise: float = 0.05
    width: float = 20.0


REACH = Reach()


def cells(places: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """The cell that each place is in: ``(N, n, 2)`` to ``(N, n)`` int64, counted row by row."""
    x, y = ((places[..., axis] * side).long().clamp(0, side - 1) for axis, side in ((0, width), (1, height)))
    return y * width + x


def closeness(
    places: torch.Tensor, their_light: torch.Tensor, light: torch.Tensor, log_p: torch.Tensor | None = None,
    reach: Reach = REACH,
) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
    """How surely each cell is the same thing as each hint: k, from 0 to 1.

    ``k = exp(-sqrt(d^2 / near^2 + (difference of L)^2 / light^2)) * (sum over bins of sqrt(p_hint p_cell))^overlap``

    Parameters
    ----------
    places
        ``(N, n, 2)``, see above.
    their_light
        ``(N, n)``: L of the hints' pixels, in [0, 100].
    light
        ``(N, 1, h, w)``: L of the cells.
    log_p
        ``(N, Q, h, w)``: log-probabilities. None leaves the overlap out.

    Returns
    -------
    to_cells, among : torch.Tensor
        ``(N, n, h, w)``, and that of the hints with each other, ``(N, n, n)``.
    """
    (n, count, _), (h, w) = places.shape, light.shape[-2:]
    xs, ys = ((torch.arange(side, device=light.device) + 0.5) / side for side in (w, h))
    grid = torch.stack((xs.expand(h, w), ys[:, None].expand(h, w)), -1).view(1, h * w, 2).expand(n, -1, -1)
    shape = torch.tensor([w, h], device=light.device) / (w * h) ** 0.5 / reach.near  # a share to widths
    marks = torch.cat((places * shape, their_light[..., None] / reach.light), -1)  # (N, n, 3)
    pixels = torch.cat((grid * shape, light.flatten(1)[..., None] / reach.light), -1)  # (N, hw, 3)
    to_cells, among = torch.exp(-_distance(marks, pixels)), torch.exp(-_distance(marks, marks))
    if log_p is not None and reach.overlap:
        root = (log_p.flatten(2) / 2).exp()  # (N, Q, hw)
        own = root.gather(2, cells(places, h, w)[:, None].expand(-1, root.shape[1], -1)).mT  # (N, n, Q)
        to_cells = to_cells * (own @ root).clamp(max=1) ** reach.overlap
        among = among * (own @ own.mT).clamp(max=1) ** reach.overlap
    return to_cells.view(n, count, h, w), among


def _distance(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """``(N, n, 3)`` and ``(N, m, 3)`` to ``(N, n, m)``, without the cancellation of a product of matrices."""
    return sum((one[:, :, None, i] - other[:, None, :, i]).square() for i in range(3)).sqrt()


def weights(to_cells: torch.Tensor, among: torch.Tensor, noise: float = REACH.noise) -> torch.Tensor:
    """How much each hint has to say in each cell: hints that are the same thing share their say.

    One hint says k / (1 + noise), and hints that have nothing in common do not know of each other. Two of one thing
    count as one. These are the weights of Gaussian process regression ([4]_), which is kriging.

    Parameters
    ----------
    to_cells, among
        From :func:`closeness`.

    Returns
    -------
    torch.Tensor
        ``(N, n, h, w)``, at most about 1.
    """
    own = torch.eye(among.shape[-1], device=among.device) * noise
    return torch.linalg.solve(among + own, to_cells.flatten(2)).view(to_cells.shape)


def condition(
    log_p: torch.Tensor, centres: torch.Tensor, say: torch.Tensor, colours: torch.Tensor, width: float = REACH.width
) -> torch.Tensor:
    """The distributions given the hints, by Bayes' rule: every bin pays for its distance to them.

    ``log p'(bin) = log p(bin) - sum over hints of say * |bin - colour|^2 / (2 width^2)``, up to a constant, which a
    softmax does not see. So no sum over hints is needed bin by bin: of all hints together only the sum of their say
    and of their colours counts.

    Parameters
    ----------
    log_p
        ``(N, Q, h, w)``.
    centres
        ``(Q, 2)``: the bins, Lab units.
    say
        ``(N, n, h, w)``, from :func:`weights`. Less than 0 counts as 0: no hint speaks against its own colour.
    colours
        ``(N, n, 2)``: ab of the hints.

    Returns
    -------
    torch.Tensor
        ``(N, Q, h, w)``: as ``log_p`` where no hint has a say.

    Examples
    --------
    Red and green are equally likely, and someone says a red:

    >>> log_p = torch.tensor([0.5, 0.5]).log().view(1, 2, 1, 1)
    >>> red_and_green, red = torch.tensor([[60.0, 40.0], [-50.0, 50.0]]), torch.tensor([[[50.0, 30.0]]])
    >>> told = condition(log_p, red_and_green, torch.ones(1, 1, 1, 1), red, width=40)
    >>> [round(p, 2) for p in told.softmax(1).flatten().tolist()]
    [0.96, 0.04]
    """
    say = say.clamp(min=0)
    total = say.sum(1, keepdim=True)  # (N, 1, h, w)
    pull = torch.einsum("nkhw,nkc->nchw", say, colours)  # (N, 2, h, w)
    paid = total * centres.square().sum(1)[:, None, None] - 2 * torch.einsum("qc,nchw->nqhw", centres, pull)
    return log_p - paid / (2 * width**2)


def spread(say: torch.Tensor, error: torch.Tensor) -> torch.Tensor:
    """What is missing at the hints, brought to all cells: ``(N, n, h, w)`` and ``(N, n, 2)`` to ``(N, 2, h, w)``."""
    return torch.einsum("nkhw,nkc->nchw", say, error)


def modes(p: torch.Tensor, centres: torch.Tensor, count: int, apart: float = 20.0) -> torch.Tensor:
    """The likeliest colours that are not nearly the same: each is the likeliest bin that is far from those before.

    Parameters
    ----------
    p
        ``(..., Q)``: probabilities, or their logarithms.
    centres
        ``(Q, 2)``, Lab units.
    count
        How many; there must be so many.
    apart
        No two are nearer than this, in Lab units.

    Returns
    -------
    torch.Tensor
        ``(..., count)`` int64: bins, the likeliest first.

    Examples
    --------
    >>> red_pink_green = torch.tensor([[60.0, 40.0], [60.0, 30.0], [-50.0, 50.0]])
    >>> modes(torch.tensor([0.5, 0.3, 0.2]), red_pink_green, 2).tolist()
    [0, 2]
    """
    near = (centres[:, None] - centres).square().sum(-1) < apart**2  # (Q, Q)
    left, found = p.clone(), []
    for _ in range(count):
        found.append(left.argmax(-1))  # (...)
        left = left.masked_fill(near[found[-1]], -torch.inf)
    return torch.stack(found, -1)
