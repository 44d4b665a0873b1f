"""Convert between sRGB and CIE Lab: chapter 1.

Both directions work on tensors of any batch shape ``(*, 3, H, W)``, on any device, and pass
gradients. The constants are those of scikit-image (sRGB primaries, D65 white, 2 degree observer),
so the two agree to 1e-3 everywhere.

Sources
-------
.. [1] IEC 61966-2-1:1999, the sRGB transfer curve and primaries.
.. [2] CIE 15:2004, *Colorimetry*, section 8.2.1: L*, a* and b*.
"""

import functools

import torch

#: Linear sRGB to CIE XYZ [1]_: ``xyz = RGB_TO_XYZ @ rgb``.
RGB_TO_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
#: The white that L, a and b are measured against: D65, 2 degree observer, Y = 1.
WHITE = (0.95047, 1.0, 1.08883)
#: Below this ratio to white the cube root becomes a straight line [2]_.
KAPPA_KNEE = 0.008856
KAPPA_SLOPE = 7.787
#: Pixels converted at a time from uint8, so that the temporaries stay in the processor's cache.
_CHUNK = 1 << 14


def rgb_to_lab(rgb: torch.Tensor) -> torch.Tensor:
    """Convert sRGB to CIE Lab.

    Parameters
    ----------
    rgb
        ``(*, 3, H, W)``. Floating point in [0, 1], or uint8 in [0, 255] (faster: the transfer
        curve is then a table of 256 numbers). Differentiable for floating point input.

    Returns
    -------
    torch.Tensor
        ``(*, 3, H, W)``: L in [0, 100], a in about [-86, 98], b in about [-108, 94].

    Raises
    ------
    ValueError
        If the tensor has no channel axis of size 3 where one belongs, or is neither uint8 nor
        floating point.

    Examples
    --------
    >>> import torch
    >>> from colorize_lib import rgb_to_lab
    >>> red = torch.tensor([255, 0, 0], dtype=torch.uint8).view(3, 1, 1)
    >>> rgb_to_lab(red).flatten().round()
    tensor([53., 80., 67.])
    """
    _check_image(rgb, "rgb_to_lab")
    if rgb.dtype == torch.uint8:
        return _uint8_to_lab(rgb, *_uint8_matrices())
    r, g, b = _gamma_expand(rgb).unbind(-3)  # each (*, H, W)
    fx, fy, fz = (
        _cube_root((mr * r + mg * g + mb * b) / white) for (mr, mg, mb), white in zip(RGB_TO_XYZ, WHITE, strict=True)
    )
    return torch.stack((116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)), dim=-3)


def rgb_to_lightness(rgb: torch.Tensor) -> torch.Tensor:
    """The L of :func:`rgb_to_lab` alone, which from uint8 is half the work.

    Parameters
    ----------
    rgb
        ``(*, 3, H, W)``, as there.

    Returns
    -------
    torch.Tensor
        ``(*, 1, H, W)``: L in [0, 100].

    Raises
    ------
    ValueError
        As there.

    Examples
    --------
    >>> import torch
    >>> rgb_to_lightness(torch.full((3, 1, 2), 0.5)).round()
    tensor([[[53., 53.]]])
    """
    _check_image(rgb, "rgb_to_lightness")
    if rgb.dtype != torch.uint8:
        return rgb_to_lab(rgb)[..., :1, :, :]
    to_ratio, to_lab, offset = _uint8_matrices()
    return _uint8_to_lab(rgb, to_ratio[1:2], to_lab[:1, 1:2], offset[:1])


def nearest_grey(lightness: torch.Tensor) -> torch.Tensor:
    """Each L moved to that of the nearest of the 256 greys that a picture file has.

    The L of *coloured* pixels lies between those of the greys, and in a smooth region how it does so tells their
    colours: red, green and blue were rounded one by one. A grey picture has no such marks, so a network that is to
    colour grey pictures must not learn to read them.

    Parameters
    ----------
    lightness
        L in [0, 100], floating point, of any shape.

    Returns
    -------
    torch.Tensor
        The same shape; none moves by more than 0.26.

    Examples
    --------
    >>> import torch
    >>> orange = torch.tensor([[[210]], [[122]], [[75]]], dtype=torch.uint8)
    >>> lightness = rgb_to_lightness(orange).flatten()
    >>> torch.cat((lightness, nearest_grey(lightness)))
    tensor([60.0081, 60.1721])
    """
    levels = torch.arange(256, dtype=torch.uint8).expand(3, 1, 256)
    greys = rgb_to_lightness(levels).flatten().to(lightness)  # (256,), rising
    return greys[torch.bucketize(lightness.contiguous(), (greys[1:] + greys[:-1]) / 2)]


def lab_to_rgb(lab: torch.Tensor, clip: bool = True) -> torch.Tensor:
    """Convert CIE Lab to sRGB, the inverse of :func:`rgb_to_lab`.

    Parameters
    ----------
    lab
        ``(*, 3, H, W)``: L in [0, 100], a and b in Lab units. Floating point, differentiable.
    clip
        Many (L, a, b) are no sRGB colour. Clip those to [0, 1], channel by channel, as a screen
        would; ``False`` returns them as they come out, so that you can see which they are.

    Returns
    -------
    torch.Tensor
        ``(*, 3, H, W)`` sRGB, in [0, 1] when clipped. Where b is so large for its L that Z would be
        negative, this follows the formula; scikit-image sets Z to 0 there, up to 0.04 apart.

    Raises
    ------
    ValueError
        If the tensor is not floating point or has no channel axis of size 3 where one belongs.

    Examples
    --------
    >>> import torch
    >>> from colorize_lib import lab_to_rgb, to_uint8
    >>> orange = torch.tensor([60.0, 30.0, 40.0]).view(3, 1, 1)
    >>> to_uint8(lab_to_rgb(orange)).flatten().tolist()
    [210, 122, 75]
    """
    _check_image(lab, "lab_to_rgb")
    if not lab.is_floating_point():
        raise ValueError(f"lab_to_rgb needs a floating point tensor, not {lab.dtype}.")
    lightness, a, b = lab.unbind(-3)  # each (*, H, W)
    fy = (lightness + 16) / 116
    ratios = (fy + a / 500, fy, fy - b / 200)
    x, y, z = (white * _cube(f) for white, f in zip(WHITE, ratios, strict=True))
    linear = torch.stack([mx * x + my * y + mz * z for mx, my, mz in _xyz_to_rgb()], dim=-3)
    rgb = _gamma_compress(linear)
    return rgb.clamp(0, 1) if clip else rgb


def to_uint8(rgb: torch.Tensor) -> torch.Tensor:
    """Round sRGB in [0, 1] to the 256 levels of a picture file.

    Parameters
    ----------
    rgb
        Floating point of any shape; values outside [0, 1] are clipped. uint8 is returned as it is.

    Returns
    -------
    torch.Tensor
        uint8 of the same shape.

    Examples
    --------
    >>> to_uint8(torch.tensor([0.0, 0.5, 1.2])).tolist()
    [0, 128, 255]
    """
    if rgb.dtype == torch.uint8:
        return rgb
    return (rgb.detach().clamp(0, 1) * 255).round().to(torch.uint8)


def _check_image(image: torch.Tensor, caller: str) -> None:
    if image.ndim < 3 or image.shape[-3] != 3:
        raise ValueError(f"{caller} needs a tensor of shape (*, 3, H, W), not {tuple(image.shape)}.")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        raise ValueError(f"{caller} needs floating point in [0, 1] or uint8, not {image.dtype}.")


def _gamma_expand(c: torch.Tensor) -> torch.Tensor:
    """sRGB to linear light [1]_. The inner ``where`` keeps the unused branch's gradient finite."""
    curved = c > 0.04045
    return torch.where(curved, ((torch.where(curved, c, 1.0) + 0.055) / 1.055) ** 2.4, c / 12.92)


def _gamma_compress(c: torch.Tensor) -> torch.Tensor:
    """Linear light to sRGB [1]_."""
    curved = c > 0.0031308
    return torch.where(curved, 1.055 * torch.where(curved, c, 1.0) ** (1 / 2.4) - 0.055, c * 12.92)


def _cube_root(t: torch.Tensor) -> torch.Tensor:
    """The function f of [2]_: a cube root with a straight line near black."""
    curved = t > KAPPA_KNEE
    return torch.where(curved, torch.where(curved, t, 1.0) ** (1 / 3), KAPPA_SLOPE * t + 16 / 116)


def _cube(f: torch.Tensor) -> torch.Tensor:
    """The inverse of :func:`_cube_root`."""
    return torch.where(f > KAPPA_KNEE ** (1 / 3), f**3, (f - 16 / 116) / KAPPA_SLOPE)


@functools.cache
def _xyz_to_rgb() -> tuple[tuple[float, ...], ...]:
    """The inverse of :data:`RGB_TO_XYZ`, computed in float64."""
    inverse = torch.linalg.inv(torch.tensor(RGB_TO_XYZ, dtype=torch.float64))
    return tuple(tuple(row) for row in inverse.tolist())


def _uint8_to_lab(rgb: torch.Tensor, *matrices: torch.Tensor) -> torch.Tensor:
    """rgb_to_lab for uint8: a table for the transfer curve, then chunks that fit in the cache.

    ``matrices`` are those of :func:`_uint8_matrices`, or of them the rows and columns that are wanted.
    """
    linear = _gamma_expand(torch.arange(256, dtype=torch.float64) / 255).to(rgb.device, torch.float32)  # (256,)
    to_ratio, to_lab, offset = (m.to(rgb.device) for m in matrices)
    level = rgb.movedim(-3, 0).reshape(3, -1)  # (3, pixels)
    lab = torch.empty(len(offset), level.shape[1], dtype=torch.float32, device=rgb.device)
    for start in range(0, level.shape[1], _CHUNK):
        part = level[:, start : start + _CHUNK]  # (3, n)
        light = linear.index_select(0, part.reshape(-1).int()).view(part.shape)  # (3, n)
        with torch.autocast(rgb.device.type, enabled=False):
            ratio = to_ratio @ light  # (3, n): x, y and z relative to white
            # Straight line below the knee, cube root above it; 2 ** (log2(t) / 3) is far faster than t ** (1 / 3).
            below = (ratio - KAPPA_KNEE).clamp_(max=0)  # (3, n), 0 above the knee
            f = ratio.clamp_(min=KAPPA_KNEE).log2_().div_(3).exp2_().add_(below, alpha=KAPPA_SLOPE)
            torch.addmm(offset, to_lab, f, out=lab[:, start : start + _CHUNK])
    batch, (height, width) = rgb.shape[:-3], rgb.shape[-2:]
    return lab.reshape(len(lab), *batch, height, width).movedim(0, -3)  # (*, 3, H, W), or (*, 1, H, W)


@functools.cache
def _uint8_matrices() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Linear rgb to (x, y, z) / white, and (fx, fy, fz) to Lab as a matrix and an offset."""
    to_ratio = torch.tensor(RGB_TO_XYZ, dtype=torch.float64) / torch.tensor(WHITE, dtype=torch.float64)[:, None]
    to_lab = torch.tensor(((0.0, 116.0, 0.0), (500.0, -500.0, 0.0), (0.0, 200.0, -200.0)))
    return to_ratio.float(), to_lab, torch.tensor(((-16.0,), (0.0,), (0.0,)))


def to_rgb(lightness: torch.Tensor, ab: torch.Tensor | None = None) -> torch.Tensor:
    """L ``(N, 1, H, W)`` and ab ``(N, 2, H, W)`` (None for grey) to uint8 RGB ``(N, 3, H, W)``."""
    if ab is None:
        ab = torch.zeros_like(lightness).expand(-1, 2, -1, -1)
    return to_uint8(lab_to_rgb(torch.cat((lightness, ab), 1)))
