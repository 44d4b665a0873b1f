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

from .lab import rgb_to_lightness

#: Width of the Gaussian over L, and what is added to it, where nothing else is asked for.
SIGMA, FLOOR = 8.0, 1e-4
#: How far neighbours agree, where nothing else is asked for: see :func:`smooth_along_light`.
SMOOTHING = {"reach": 4, "near": 3.5, "alike": 9.0}
#: Where the standard deviation of a picture's L is below this, it gets less colour.
FLAT = 2.0
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
    (index, near_y), columns = _taps(ab.shape[-2], height or rows, ab.device), _taps(ab.shape[-1], width, ab.device)
    index, near_y = index[:, top : top + rows], near_y[:, top : top + rows]  # (4, H) each
    first, last = int(index[0, 0]), int(index[-1, -1])
    narrow = (2**0.5) * sigma  # L in these units: the Gaussian is exp(-difference ** 2)
    light, shares = _stretched(ab[:, :, first : last + 1], coarse[:, :, first : last + 1] / narrow, columns)
    out = ab.new_empty(*ab.shape[:2], rows, width)
    for part in _alike_rows(index, width):
        taps = (index[:, part.start] - first).tolist()
        own = (fine[..., part, :] / narrow).to(ab.dtype)
        out[..., part, :] = _mean(light, shares, own, taps, near_y[:, part], floor)
    return out


def joint_bilateral_at(
    ab: torch.Tensor,
    coarse: torch.Tensor,
    own: torch.Tensor,
    y: torch.Tensor,
    x: torch.Tensor,
    size: tuple[int, int],
    sigma: float = SIGMA,
    floor: float = FLOOR,
) -> torch.Tensor:
    """What :func:`joint_bilateral_upsample` makes of some pixels, without the others.

    Parameters
    ----------
    ab, coarse
        ``(N, 2, h, w)`` and ``(N, 1, h, w)``, as there.
    own
        ``(N, n)``: L of the pixels.
    y, x
        ``(N, n)`` int64: where they are.
    size
        Height and width of the picture.

    Returns
    -------
    torch.Tensor
        ``(N, n, 2)``, Lab units.
    """
    width = ab.shape[-1]
    (rows, near_y), (columns, near_x) = (
        tuple(part[:, place] for part in _taps(small, large, ab.device))  # (4, N, n) each
        for small, large, place in zip(ab.shape[-2:], size, (y, x), strict=True)
    )
    cells = (rows[:, None] * width + columns).flatten(0, 1).movedim(0, 1)  # (N, 16, n)
    near = (near_y[:, None] * near_x).flatten(0, 1).movedim(0, 1)
    light, a, b = (
        part.flatten(1).gather(1, cells.flatten(1)).view_as(cells) for part in (coarse, *ab.split(1, 1))
    )  # (N, 16, n)
    share = near * (torch.exp(-(own[:, None] - light).square() / (2 * sigma**2)) + floor)
    return torch.stack([(share * part).sum(1) for part in (a, b)], -1) / share.sum(1)[..., None]


def strips(height: int, width: int) -> Iterator[slice]:
    """The rows of a picture, a few at a time: what is computed for a strip fits in the processor's cache."""
    step = max(1, _CHUNK // width)
    return (slice(top, min(top + step, height)) for top in range(0, height, step))


def lightness_of(rgb: torch.Tensor) -> torch.Tensor:
    """L ``(1, H, W)`` of RGB ``(3, H, W)``, in strips, so that nothing else of a large picture fills the memory."""
    lightness = torch.empty(1, *rgb.shape[1:])
    for rows in strips(*rgb.shape[1:]):
        lightness[:, rows] = rgb_to_lightness(rgb[:, rows])
    return lightness


def _stretched(
    ab: torch.Tensor, light: torch.Tensor, columns: tuple[torch.Tensor, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Coarse rows as wide as the picture, once for each of the four columns that a pixel mixes.

    Returns their L, ``(4, N, 1, h, W)``, and what they add to the sums of weights and of weighted a and b as far as
    x alone decides, ``(4, N, 3, h, W)``. Here it costs a coarse row what it would cost every row of pixels.
    """
    index, near = columns  # (4, W) each
    small = torch.cat((torch.ones_like(light), ab), 1)
    light, small = (coarse[..., index].movedim(-2, 0) for coarse in (light, small))
    return light.contiguous(), small * near[:, None, None, None]


def _alike_rows(index: torch.Tensor, width: int) -> Iterator[slice]:
    """Rows that mix the same four coarse ones (``index``, ``(4, H)``), not too many at a time."""
    top = 0
    for count in torch.unique_consecutive(index, dim=1, return_counts=True)[1].tolist():
        yield from (slice(top + part.start, top + part.stop) for part in strips(count, width))
        top += count


def _mean(
    light: torch.Tensor,
    shares: torch.Tensor,
    own: torch.Tensor,
    taps: Sequence[int],
    near_y: torch.Tensor,
    floor: float,
) -> torch.Tensor:
    """The weighted mean for rows that mix the same ``taps``: from :func:`_stretched` and L ``(N, 1, n, W)`` to ab."""
    sums: torch.Tensor | float = 0.0
    for tap, near in zip(taps, near_y, strict=True):
        row = slice(tap, tap + 1)
        alike = (own - light[..., row, :]).square_().neg_().exp_()  # (4, N, 1, n, W)
        share = shares[..., row, :]  # (4, N, 3, 1, W)
        line = torch.addcmul(floor * share.sum(0), alike[0], share[0])  # (N, 3, n, W)
        for column in (1, 2, 3):
            line.addcmul_(alike[column], share[column])
        sums = line.mul_(near[:, None]).add_(sums)
    return sums[:, 1:] / sums[:, :1]


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


def faded(ab: torch.Tensor, light: torch.Tensor) -> torch.Tensor:
    """ab ``(N, 2, h, w)`` made paler where the light ``(N, 1, h, w)`` of a whole picture hardly varies.

    An empty wall, a grey card: the light says nothing, so no colour is as likely as any. Pictures of things vary
    more than :data:`FLAT` and stay as they are.
    """
    spread = light.flatten(1).std(1, unbiased=False)  # (N,)
    return ab * (spread / FLAT).clamp(max=1)[:, None, None, None]


def _taps(small: int, large: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Along one side: which four coarse pixels a fine one mixes, and how near they are, ``(4, large)`` each.

    Pixels are squares: the centre of the first is at 1/2. Beyond the rim the last pixel is repeated.
    """
    place = (torch.arange(large, device=device) + 0.5) * (small / large) - 0.5  # in coarse pixels
    index = place.floor().long() + torch.arange(-1, 3, device=device)[:, None]  # (4, large)
    distance = (index - place).abs()
    inner, outer = 2 / 3 - distance**2 + distance**3 / 2, (2 - distance).clamp(min=0) ** 3 / 6
    return index.clamp(0, small - 1), torch.where(distance < 1, inner, outer)
