"""Bring a small ab picture to the size of its photograph, with the edges of L in mind.

The network sees a photograph reduced to a few dozen pixels, so its colours are coarser than anything
you can see in the picture. Stretched smoothly they run over every edge. But an edge of colour is
nearly always an edge of light, and L is there at full resolution: let a coarse colour count for
those pixels that are about as light as it was.

Sources
-------
.. [1] J. Kopf, M. Cohen, D. Lischinski, M. Uyttendaele, "Joint Bilateral Upsampling", SIGGRAPH 2007.
"""

from collections.abc import Iterator, Sequence

import torch
from torch.nn import functional as F

#: Width of the Gaussian over L, and what is added to it, where nothing else is asked for.
SIGMA, FLOOR = 8.0, 1e-4
#: How far neighbours agree, where nothing else is asked for: see :func:`smooth_along_light`.
SMOOTHING = {"reach": 3, "near": 2.5, "alike": 6.0}
#: Pixels worked on at a time: bounds the temporaries to about a megabyte each, which is also the fastest.
_CHUNK = 1 << 18


def joint_bilateral_upsample(
    ab: torch.Tensor,
    coarse: torch.Tensor,
    fine: torch.Tensor,
    sigma: float = SIGMA,
    floor: float = FLOOR,
    top: int = 0,
    height: int | None = None,
) -> torch.Tensor:
    """Upsample ab to the size of L ([1]_, with a cubic B-spline over space).

    Every pixel gets the weighted mean of the 4x4 coarse colours around it. A colour weighs more the
    nearer it is (the spline, which ends smoothly at the rim of those 4x4) and the less its L differs
    from the pixel's (a Gaussian).

    Parameters
    ----------
    ab
        ``(N, 2, h, w)``, Lab units.
    coarse
        ``(N, 1, h, w)``: L at the resolution of ab, in [0, 100].
    fine
        ``(N, 1, H, W)``: L at the resolution wanted.
    sigma
        Width of the Gaussian, in units of L. A very large one leaves the spline alone.
    floor
        Added to the Gaussian, so that a pixel unlike all 16 gets the spline's mean and not nothing.
    top, height
        Where ``fine`` is but a strip of the picture: the row it begins at, and how many the whole has.

    Returns
    -------
    torch.Tensor
        ``(N, 2, H, W)``, Lab units.

    Examples
    --------
    >>> import torch
    >>> ab, coarse, fine = torch.zeros(1, 2, 16, 16), torch.zeros(1, 1, 16, 16), torch.zeros(1, 1, 100, 120)
    >>> joint_bilateral_upsample(ab, coarse, fine).shape
    torch.Size([1, 2, 100, 120])
    """
    rows, width = fine.shape[-2:]
    small = torch.cat((coarse, ab), 1)  # (N, 3, h, w)
    row_taps = [taps[:, top : top + rows] for taps in _taps(ab.shape[-2], height or rows, ab.device)]  # (4, H) each
    column_taps = _taps(ab.shape[-1], width, ab.device)  # (4, W) each
    out = ab.new_empty(*ab.shape[:2], rows, width)
    for part in strips(rows, width):
        out[..., part, :] = _mean(small, fine[..., part, :], [t[:, part] for t in row_taps], column_taps, sigma, floor)
    return out


def strips(height: int, width: int) -> Iterator[slice]:
    """The rows of a picture, a few at a time: what is computed for a strip fits in the processor's cache."""
    step = max(1, _CHUNK // width)
    return (slice(top, min(top + step, height)) for top in range(0, height, step))


def _mean(
    small: torch.Tensor,
    light: torch.Tensor,
    rows: Sequence[torch.Tensor],
    columns: Sequence[torch.Tensor],
    sigma: float,
    floor: float,
) -> torch.Tensor:
    """The weighted mean for a strip: coarse L and ab ``(N, 3, h, w)``, fine L ``(N, 1, n, W)`` to ``(N, 2, n, W)``."""
    index, nearness = rows
    first = int(index[0, 0])
    # Only the coarse rows around this strip, stretched along x: then a row is taken whole, not pixel by pixel.
    near = small[:, :, first : int(index[-1, -1]) + 1]
    stretched = [near[..., x] for x in columns[0]]  # (N, 3, few, W), four times
    total, weights = 0, 0
    for y, near_y in zip(index - first, nearness, strict=True):
        for line, near_x in zip(stretched, columns[1], strict=True):
            tap = line[:, :, y]  # (N, 3, n, W)
            alike = torch.exp((light - tap[:, :1]).square() / (-2 * sigma**2)) + floor
            weight = alike * near_y[:, None] * near_x  # (N, 1, n, W)
            total, weights = total + weight * tap[:, 1:], weights + weight
    return total / weights


def smooth_along_light(
    values: torch.Tensor,
    light: torch.Tensor,
    reach: int = SMOOTHING["reach"],
    near: float = SMOOTHING["near"],
    alike: float = SMOOTHING["alike"],
) -> torch.Tensor:
    """Let neighbours that are about as light agree: a bilateral filter whose weights come from L.

    For log-probabilities: their weighted mean is, once it is normalised, the geometric mean of the distributions. A
    colour that all neighbours think possible stays, one that some of them rule out goes. So red and green are not
    mixed to brown, as a mean of their colours would be: the one that more of them can live with wins.

    Parameters
    ----------
    values
        ``(N, C, h, w)``.
    light
        ``(N, 1, h, w)``: L at the same resolution, in [0, 100].
    reach
        Neighbours at most so many cells away in each direction count; 0 leaves the values as they are.
    near, alike
        Widths of the Gaussians over the distance, in cells, and over the difference of L.

    Returns
    -------
    torch.Tensor
        ``(N, C, h, w)``.
    """
    h, w = values.shape[-2:]
    padded, dark = F.pad(values, (reach,) * 4), F.pad(light, (reach,) * 4, value=-1e6)  # nothing is like the outside
    total, weights = torch.zeros_like(values), torch.zeros_like(light)
    for y in range(2 * reach + 1):
        for x in range(2 * reach + 1):
            distance = ((y - reach) ** 2 + (x - reach) ** 2) / near**2
            unlike = (dark[..., y : y + h, x : x + w] - light) / alike
            weight = torch.exp(-(distance + unlike.square()) / 2)  # (N, 1, h, w)
            total.addcmul_(weight, padded[..., y : y + h, x : x + w])
            weights += weight
    return total / weights


def _taps(small: int, large: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Along one side: which four coarse pixels a fine one mixes, and how near they are, ``(4, large)`` each.

    Pixels are squares: the centre of the first is at 1/2. Beyond the rim the last pixel is repeated.
    """
    place = (torch.arange(large, device=device) + 0.5) * (small / large) - 0.5  # in coarse pixels
    index = place.floor().long() + torch.arange(-1, 3, device=device)[:, None]  # (4, large)
    distance = (index - place).abs()
    inner, outer = 2 / 3 - distance**2 + distance**3 / 2, (2 - distance).clamp(min=0) ** 3 / 6
    return index.clamp(0, small - 1), torch.where(distance < 1, inner, outer)
