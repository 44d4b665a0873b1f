"""The ab plane cut into bins, and the way from a distribution over bins back to one colour.

Chapter 3 uses the first half (:class:`Gamut`, :meth:`Gamut.encode`), chapter 4 the second
(:meth:`Gamut.decode`), chapter 5 what lies between (:meth:`Gamut.prior`, :meth:`Gamut.rebalance`).

Sources
-------
.. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, section 2.
.. [2] A. K. Menon et al., "Long-tail learning via logit adjustment", ICLR 2021.
"""

import math
from collections.abc import Iterator, Sequence

import torch

from .lab import rgb_to_lab
from .nearest_bins import NearestBins

#: Pixels encoded at a time: bounds the temporaries to a few megabytes.
_CHUNK = 1 << 14


class Gamut:
    """The bins of the ab plane that some sRGB colour falls into.

    Cut the plane into square cells of side ``grid`` whose centres are multiples of it, and keep
    those cells that hold at least one of the 2^24 sRGB colours. For ``grid=10`` these are 261. The
    313 of [1]_ are a superset: 52 of them are the nearest bin of no sRGB colour at all.

    Parameters
    ----------
    grid
        Side of a cell, in Lab units.
    neighbours
        K, how many bins share a pixel in :meth:`encode`. [1]_ says 5; its released code takes 10.
    sigma
        Width of the Gaussian that shares it, in Lab units.
    centres
        ``(Q, 2)``: a and b of every bin, in Lab units, in any order. By default those described above;
        others come with a network that was trained elsewhere, such as :mod:`~colorize_lib.networks.eccv16`.

    Attributes
    ----------
    centres : torch.Tensor
        ``(Q, 2)`` float32: a and b of every bin, in Lab units; sorted by a, then b, unless given.

    Examples
    --------
    >>> from colorize_lib import Gamut
    >>> Gamut()
    Gamut(grid=10, neighbours=5, sigma=5): 261 bins
    >>> len(Gamut(grid=20))
    77
    """

    def __init__(
        self,
        grid: float = 10,
        neighbours: int = 5,
        sigma: float = 5,
        centres: torch.Tensor | Sequence[Sequence[float]] | None = None,
    ):
        if not 1 <= grid <= 50:
            raise ValueError(f"The grid is the side of a cell in Lab units, from 1 to 50, not {grid}.")
        if centres is None:
            cells = torch.unique(torch.round(_srgb_surface_ab() / grid).int(), dim=0)  # (Q, 2)
            self.centres = cells * float(grid)
        else:
            self.centres = torch.as_tensor(centres, dtype=torch.float32).detach().clone()
            if self.centres.ndim != 2 or self.centres.shape[1] != 2 or not self.centres.isfinite().all():
                raise ValueError(f"centres needs finite numbers in the shape (Q, 2), not {tuple(self.centres.shape)}.")
        bins = len(self.centres)
        if not 1 <= neighbours <= bins:
            raise ValueError(f"neighbours must be from 1 to the {bins} bins of this grid, not {neighbours}.")
        self.grid, self.neighbours, self.sigma = grid, neighbours, sigma
        self._bins = NearestBins(self.centres, grid, neighbours)

    def __len__(self) -> int:
        """Q, the number of bins."""
        return len(self.centres)

    def __repr__(self) -> str:
        return f"Gamut(grid={self.grid:g}, neighbours={self.neighbours}, sigma={self.sigma:g}): {len(self)} bins"

    def encode(self, ab: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Share every pixel among its K nearest bins, nearest first ([1]_, section 2.1).

        The target of the classification loss would be a ``(N, Q, H, W)`` tensor with K numbers a
        pixel that are not zero. These are the K numbers and where they stand.

        Parameters
        ----------
        ab
            ``(N, 2, H, W)``, Lab units.

        Returns
        -------
        index : torch.Tensor
            ``(N, K, H, W)`` int64, bins in [0, Q).
        weight : torch.Tensor
            ``(N, K, H, W)`` float32, Gaussian in the distance to the bin, summing to 1 over K.

        Examples
        --------
        >>> gamut = Gamut()
        >>> index, weight = gamut.encode(torch.tensor([11.0, -2.0]).view(1, 2, 1, 1))
        >>> gamut.centres[index.flatten()].tolist()
        [[10.0, 0.0], [10.0, -10.0], [20.0, 0.0], [0.0, 0.0], [10.0, 10.0]]
        >>> [round(share, 2) for share in weight.flatten().tolist()]
        [0.6, 0.18, 0.12, 0.05, 0.04]
        """
        points = _points(ab)  # (2, N*H*W)
        shape = self.neighbours, points.shape[1]
        index = torch.empty(shape, dtype=torch.int64, device=ab.device)
        weight = torch.empty(shape, device=ab.device)
        for part in _chunks(points.shape[1]):
            squared, index[:, part] = self._bins.nearest(points[:, part])  # (K, n) each
            # The nearest bin's distance taken off first: far out of gamut all K would underflow.
            share = squared.sub_(squared[0].clone()).div_(-2 * self.sigma**2).exp_()
            torch.div(share, share.sum(0), out=weight[:, part])
        n, _, h, w = ab.shape
        index, weight = (t.view(self.neighbours, n, h, w).movedim(0, 1) for t in (index, weight))  # (N, K, H, W) each
        return index, weight

    def nearest(self, ab: torch.Tensor) -> torch.Tensor:
        """The bin nearest to every pixel: ``(N, 2, H, W)`` in Lab units to ``(N, H, W)`` int64."""
        points = _points(ab)  # (2, N*H*W)
        index = torch.empty(points.shape[1], dtype=torch.int64, device=ab.device)
        for part in _chunks(points.shape[1]):
            index[part] = self._bins.nearest(points[:, part])[1][0]
        n, _, h, w = ab.shape
        return index.view(n, h, w)

    def decode(
        self,
        logits: torch.Tensor,
        temperature: float = 1.0,
        lam: float | None = None,
        prior: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The annealed mean ([1]_, section 2.3): one colour from a distribution over bins.

        ``softmax(log z / T)`` sharpens the distribution, its expectation over the bin centres is
        the colour: the mean at ``T = 1``, the mode as ``T`` goes to 0.

        Parameters
        ----------
        logits
            ``(N, Q, h, w)``: log-probabilities, or anything a softmax turns into probabilities.
        temperature
            T, in [0.01, 1] as a rule; any finite number above 0 works.
        lam
            Rebalance before annealing: add ``log w`` of :meth:`rebalance` for this lambda to the
            log-probabilities, as in [2]_. 1 or None leaves the distribution as it was trained;
            smaller values favour rare colours.
        prior
            ``(Q,)``, what :meth:`prior` returns for the training pixels. Needed for ``lam`` below 1.

        Returns
        -------
        torch.Tensor
            ``(N, 2, h, w)``, ab in Lab units.

        Raises
        ------
        ValueError
            If T is not above 0 or not finite, the logits do not have Q channels, or ``lam`` comes without prior.

        Examples
        --------
        Grey three times likelier than a red:

        >>> gamut = Gamut(neighbours=1, centres=[[0, 0], [60, 40]])
        >>> logits = torch.tensor([0.75, 0.25]).log().view(1, 2, 1, 1)
        >>> [gamut.decode(logits, t).flatten().round().tolist() for t in (1, 0.5, 0.1)]
        [[15.0, 10.0], [6.0, 4.0], [0.0, 0.0]]
        """
        if logits.ndim != 4 or logits.shape[1] != len(self):
            raise ValueError(f"decode needs logits of shape (N, {len(self)}, h, w), not {tuple(logits.shape)}.")
        if not 0 < temperature < math.inf:
            raise ValueError(f"The temperature must be above 0 and finite, not {temperature}.")
        temperature = max(temperature, torch.finfo(torch.float32).tiny)  # less would be 0 in float32, and 0 / 0
        z = logits.float().permute(0, 2, 3, 1)  # (N, h, w, Q)
        if lam is not None and lam != 1:
            if prior is None:
                raise ValueError("Rebalancing (lam below 1) needs the prior of the training pixels: pass prior=.")
            z = z + self.rebalance(prior, lam).log().to(z)
        # Logits and log-probabilities differ by a constant, which a softmax does not see. Taking the
        # largest off before dividing by T, not after, keeps precision and keeps 1 / T from overflowing.
        annealed = torch.softmax((z - z.amax(-1, keepdim=True)) / temperature, dim=-1)  # (N, h, w, Q)
        with torch.autocast(annealed.device.type, enabled=False):  # half precision would be 0.1 Lab units off
            ab = annealed @ self.centres.to(annealed)
        return ab.permute(0, 3, 1, 2)  # (N, 2, h, w)

    def prior(self, ab: torch.Tensor, smoothing: float = 5.0) -> torch.Tensor:
        """How often each bin is the nearest one, smoothed in the ab plane ([1]_, section 2.2).

        Parameters
        ----------
        ab
            ``(N, 2, H, W)``, Lab units: the training pixels.
        smoothing
            Width of the Gaussian, in Lab units; 0 leaves the counts as they are.

        Returns
        -------
        torch.Tensor
            ``(Q,)`` float64, summing to 1.

        Examples
        --------
        >>> gamut = Gamut()
        >>> prior = gamut.prior(torch.zeros(1, 2, 8, 8))  # 64 grey pixels
        >>> gamut.centres[prior.argmax()].tolist(), round(prior.max().item(), 2)
        ([0.0, 0.0], 0.62)
        """
        counts = torch.bincount(self.nearest(ab).flatten(), minlength=len(self)).double()  # (Q,)
        if counts.sum() == 0:
            raise ValueError("The prior of no pixels is not defined.")
        return self.smooth(counts / counts.sum(), smoothing)

    def smooth(self, prior: torch.Tensor, sigma: float = 5.0) -> torch.Tensor:
        """Blur a ``(Q,)`` histogram with a Gaussian over the ab plane, keeping its sum."""
        if sigma == 0:
            return prior
        centres = self.centres.to(prior)
        kernel = torch.exp(-(torch.cdist(centres, centres) ** 2) / (2 * sigma**2))  # (Q, Q)
        return kernel / kernel.sum(0) @ prior  # each column spreads one bin's share over all

    def rebalance(self, prior: torch.Tensor, lam: float = 0.5) -> torch.Tensor:
        """Weights that make rare colours count for more ([1]_, equation 4).

        ``w = ((1 - lam) p + lam / Q)^-1``, scaled so that the mean weight ``sum p w`` is 1.

        Parameters
        ----------
        prior
            ``(Q,)``, summing to 1: see :meth:`prior`.
        lam
            How much of the uniform distribution to mix in, in (0, 1]. 1 weights all bins alike; as
            lambda goes to 0, weights go to one over the prior. 0 itself is refused, since a colour
            that never occurred would weigh infinitely much.

        Returns
        -------
        torch.Tensor
            ``(Q,)`` float64, finite and above 0.

        Examples
        --------
        A colour that is nine times rarer weighs three times as much, if half of the uniform distribution is mixed in:

        >>> gamut = Gamut(neighbours=1, centres=[[0, 0], [60, 40]])
        >>> [round(w, 2) for w in gamut.rebalance(torch.tensor([0.9, 0.1]), lam=0.5).tolist()]
        [0.88, 2.06]
        """
        if prior.shape != (len(self),):
            raise ValueError(f"The prior needs one number for each of the {len(self)} bins, not {tuple(prior.shape)}.")
        if not 0 < lam <= 1:
            raise ValueError(f"lambda must be above 0 and at most 1, not {lam}.")
        if not (prior.isfinite().all() and (prior >= 0).all() and prior.sum() > 0):
            raise ValueError("The prior must not be negative anywhere, nor zero everywhere.")
        p = prior.double() / prior.double().sum()
        w = 1 / ((1 - lam) * p + lam / len(self))
        return w / (p * w).sum()


def _srgb_surface_ab() -> torch.Tensor:
    """``(393216, 2)``: ab of every sRGB colour with a channel at 0 or 255.

    The shadow of a solid is the shadow of its surface: the six faces of the RGB cube reach every
    cell that its 2^24 colours reach (tests/colour/test_gamut.py counts them all to make sure).
    """
    level = torch.arange(256, dtype=torch.uint8)
    u, v = torch.meshgrid(level, level, indexing="ij")
    faces = []
    for channel in range(3):
        for end in (0, 255):
            face = [u, v]
            face.insert(channel, torch.full_like(u, end))
            faces.append(torch.stack(face))  # (3, 256, 256)
    return rgb_to_lab(torch.stack(faces))[:, 1:].permute(0, 2, 3, 1).reshape(-1, 2)


def _points(ab: torch.Tensor) -> torch.Tensor:
    """``(N, 2, H, W)`` to ``(2, N*H*W)`` float32."""
    if ab.ndim != 4 or ab.shape[1] != 2:
        raise ValueError(f"ab needs the shape (N, 2, H, W), not {tuple(ab.shape)}.")
    return ab.detach().float().movedim(1, 0).reshape(2, -1)


def _chunks(total: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, total, _CHUNK))
