"""How good is a coloured picture? Every number the book reports, defined once.

``ab`` is always ``(N, 2, H, W)`` in Lab units at the picture's full resolution, ``rgb`` always
``(N, 3, H, W)`` uint8. All functions return a Python float unless they say otherwise.

Sources
-------
.. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, section 3.1.
.. [2] K. Nazeri, E. Ng, M. Ebrahimi, "Image Colorization Using Generative Adversarial Networks",
   AMDO 2018, section 4.2.
.. [3] D. Hasler, S. Suesstrunk, "Measuring colourfulness in natural images", SPIE 5007, 2003.
.. [4] Z. Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity",
   IEEE TIP 13(4), 2004.
.. [5] G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 Color-Difference Formula: Implementation Notes,
   Supplementary Test Data, and Mathematical Observations", Color Research and Application 30(1), 2005.
"""

import torch

from ..colour.gamut import Gamut
from ..colour.resolution import halve
from ..networks.losses import soft_cross_entropy

#: The largest PSNR counted: where a picture is reproduced exactly the true value is infinite.
PSNR_LIMIT = 100.0
#: Width of the classes of the chroma histograms, in Lab units.
CHROMA_STEP = 4
#: Where L changes by less than this from pixel to pixel, in Lab units, a picture counts as smooth.
SMOOTH = 5.0
#: Thresholds of the accuracy curve, in Lab units.
AUC_THRESHOLDS = range(151)


def ab_distance(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Euclidean distance in the ab plane of every pixel: ``(N, H, W)``, Lab units."""
    return (prediction - truth).square().sum(1).sqrt()


def ab_rmse(prediction: torch.Tensor, truth: torch.Tensor) -> float:
    """Root of the mean over pixels of da^2 + db^2, Lab units.

    Examples
    --------
    >>> import torch
    >>> truth = torch.tensor([30.0, 40.0]).view(1, 2, 1, 1)
    >>> grey = torch.zeros_like(truth)
    >>> ab_rmse(grey, truth)
    50.0
    """
    return ab_distance(prediction, truth).double().square().mean().sqrt().item()


def ciede2000(prediction: torch.Tensor, truth: torch.Tensor, lightness: torch.Tensor) -> float:
    """Mean over pixels of the colour difference CIEDE2000 ([5]_), with the true L on both sides.

    Unlike a distance in the ab plane it counts a step between strong colours for less than one between greys,
    as eyes do. About 1 is what an eye can just see.

    Parameters
    ----------
    prediction, truth
        ab, see above.
    lightness
        ``(N, 1, H, W)``, L of both.
    """
    parts = zip(prediction.split(500), truth.split(500), lightness.split(500), strict=True)
    return sum(ciede2000_distance(*part).sum().item() for part in parts) / lightness.numel()


def ciede2000_distance(prediction: torch.Tensor, truth: torch.Tensor, lightness: torch.Tensor) -> torch.Tensor:
    """That of every pixel: ``(N, H, W)`` float64."""
    from skimage.color import deltaE_ciede2000

    one, other = (torch.cat((lightness, ab), 1).movedim(1, -1).double().cpu().numpy() for ab in (prediction, truth))
    return torch.from_numpy(deltaE_ciede2000(one, other))


def roughness(ab: torch.Tensor, lightness: torch.Tensor) -> float:
    """How much colour changes from pixel to pixel where light does not, as a share of the mean chroma.

    The mean length of the gradient of ab over pixels where that of L is below :data:`SMOOTH`, over the mean of
    ``sqrt(a^2 + b^2)`` over all pixels: spatial consistency, small for colours that hold together. An even tint
    has 0, and so has a grey picture. It does not depend on how strong the colours are.

    Parameters
    ----------
    ab
        See above.
    lightness
        ``(N, 1, H, W)``, L.
    """
    smooth = gradient(lightness) < SMOOTH
    chroma = ab.double().square().sum(1).sqrt().mean()
    return (gradient(ab)[smooth].mean() / chroma).item() if smooth.any() and chroma > 0 else 0.0


def gradient(channels: torch.Tensor) -> torch.Tensor:
    """Length of the step to the next pixel right and down: ``(N, C, H, W)`` to ``(N, H-1, W-1)``."""
    corner = channels[..., :-1, :-1].double()
    right, down = channels[..., :-1, 1:] - corner, channels[..., 1:, :-1] - corner
    return (right.square() + down.square()).sum(1).sqrt()


def auc(prediction: torch.Tensor, truth: torch.Tensor, weight: torch.Tensor | None = None) -> float:
    """Area under the cumulative accuracy curve ([1]_), in %.

    The share of pixels within t of the truth, for t = 0, 1, ... 150 Lab units, averaged over t.

    Parameters
    ----------
    weight
        ``(N, H, W)``: how much each pixel counts. :func:`balanced_weight` gives the class-balanced
        variant. None counts all alike.

    Examples
    --------
    A pixel that is 50 units off is right for 101 of the 151 thresholds:

    >>> truth = torch.tensor([30.0, 40.0]).view(1, 2, 1, 1)
    >>> round(auc(torch.zeros_like(truth), truth), 1)
    66.9
    """
    distance = ab_distance(prediction, truth).flatten().double()
    weight = torch.ones_like(distance) if weight is None else weight.flatten().double()
    return (100 * (weight * right_share(distance)).sum() / weight.sum()).item()


def right_share(distance: torch.Tensor) -> torch.Tensor:
    """For which share of the thresholds of :func:`auc` pixels at that distance are right: any shape to the same.

    Those at distance d are right for the thresholds ceil(d) ... 150.
    """
    return (AUC_THRESHOLDS.stop - distance.ceil()).clamp(min=0) / len(AUC_THRESHOLDS)


def balanced_weight(truth: torch.Tensor, gamut: Gamut) -> torch.Tensor:
    """One over how many of these pixels share a pixel's true bin: ``(N, H, W)``."""
    index = gamut.nearest(truth)
    counts = torch.bincount(index.flatten(), minlength=len(gamut))
    return 1 / counts[index].double()


def eps_accuracy(prediction: torch.Tensor, truth: torch.Tensor, eps: float) -> float:
    """Share of pixels right in both a and b to eps percent ([2]_), in %.

    A channel is right if it is off by at most 2.2 eps Lab units (eps % of its span of 220) after
    rounding both to whole units. [2]_ predict L as well and ask for all three channels; here L is
    given, so the number is that of a and b alone and somewhat easier.

    Examples
    --------
    >>> truth = torch.tensor([[3.0, -4.0], [3.0, 5.0]]).view(1, 2, 1, 2)
    >>> eps_accuracy(torch.zeros_like(truth), truth, eps=2)  # the second pixel's b is 5 off, and 4.4 are allowed
    50.0
    """
    close = (prediction.round() - truth.round()).abs() <= 2.2 * eps
    return 100 * close.all(1).double().mean().item()


def psnr(prediction: torch.Tensor, truth: torch.Tensor) -> float:
    """Peak signal-to-noise ratio in dB of uint8 RGB, averaged over pictures, at most 100 each.

    Examples
    --------
    >>> truth = torch.full((1, 3, 8, 8), 100, dtype=torch.uint8)
    >>> round(psnr(truth + 1, truth), 2)
    48.13
    """
    pairs = zip(prediction.split(500), truth.split(500), strict=True)  # in doubles, 5,000 would fill the memory
    squared = torch.cat([(one.double() - true.double()).square().mean((1, 2, 3)) for one, true in pairs])  # (N,)
    return (10 * torch.log10(255**2 / squared)).clamp(max=PSNR_LIMIT).mean().item()


def ssim(prediction: torch.Tensor, truth: torch.Tensor, batch: int = 500) -> float:
    """Structural similarity of uint8 RGB ([4]_), averaged over every pixel, channel and picture.

    The paper's 11x11 Gaussian window of sigma 1.5, K1 = 0.01 and K2 = 0.03; beyond its border a picture
    is mirrored. Equal to torchmetrics, and about ten times as fast on small pictures, where a blur is two
    matrix products: ``benchmarks/run.py --only ssim``.

    Examples
    --------
    >>> truth = torch.arange(192, dtype=torch.uint8).view(1, 3, 8, 8)
    >>> round(ssim(truth, truth), 3), ssim(255 - truth, truth) < 0
    (1.0, True)
    """
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    down, across = (_gaussian_blur(size) for size in truth.shape[-2:])  # (H, H), (W, W)
    total = 0.0
    for start in range(0, len(truth), batch):
        x, y = (t[start : start + batch].float() for t in (prediction, truth))  # (n, 3, H, W)
        mean_x, mean_y, xx, yy, xy = (down @ t @ across.T for t in (x, y, x * x, y * y, x * y))
        var_x, var_y, cov = xx - mean_x**2, yy - mean_y**2, xy - mean_x * mean_y
        luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
        structure = (2 * cov + c2) / (var_x + var_y + c2)
        total += (luminance * structure).double().mean((1, 2, 3)).sum().item()
    return total / len(truth)


def _gaussian_blur(size: int, sigma: float = 1.5, reach: int = 5) -> torch.Tensor:
    """``(size, size)``: multiplied from the left, it blurs the rows of a picture, mirrored at its edges."""
    if size <= reach:
        raise ValueError(f"SSIM needs pictures of at least {reach + 1} pixels a side, not {size}.")
    step = torch.arange(-reach, reach + 1)
    weight = torch.exp(-(step**2) / (2 * sigma**2))
    source = (torch.arange(size)[:, None] + step).abs()  # (size, 2 reach + 1), mirrored at the first row
    source = torch.where(source >= size, 2 * (size - 1) - source, source)  # and at the last
    return torch.zeros(size, size).scatter_add_(1, source, (weight / weight.sum()).expand(size, -1))


def colourfulness(rgb: torch.Tensor) -> torch.Tensor:
    """Hasler and Suesstrunk's M3 ([3]_) of each picture: ``(N,)`` float64; 0 for a grey one.

    ``sqrt(var rg + var yb) + 0.3 sqrt(mean rg^2 + mean yb^2)`` with the signed opponents
    ``rg = R - G`` and ``yb = (R + G) / 2 - B`` of uint8 values.

    Examples
    --------
    >>> rgb = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    >>> rgb[1, 0, :, :4] = 200  # the left half of the second is red
    >>> [round(m, 1) for m in colourfulness(rgb).tolist()]
    [0.0, 145.3]
    """
    if len(rgb) > 500:
        return torch.cat([colourfulness(part) for part in rgb.split(500)])
    r, g, b = rgb.double().flatten(2).unbind(1)  # (N, H*W) each
    opponents = torch.stack((r - g, (r + g) / 2 - b))  # (2, N, H*W)
    spread = opponents.var(-1, unbiased=False).sum(0).sqrt()
    return spread + 0.3 * opponents.mean(-1).square().sum(0).sqrt()


def colourfulness_ratio(prediction: torch.Tensor, truth: torch.Tensor) -> float:
    """Mean colourfulness of uint8 pictures, as a ratio to that of the true ones."""
    return (colourfulness(prediction).mean() / colourfulness(truth).mean()).item()


def chroma_histogram(ab: torch.Tensor, classes: int = 30) -> list[float]:
    """Share of pixels in each class of chroma, ``sqrt(a^2 + b^2)``, :data:`CHROMA_STEP` wide."""
    index = (ab.square().sum(1).sqrt() / CHROMA_STEP).long().clamp(max=classes - 1).flatten()
    return (torch.bincount(index, minlength=classes).double() / len(index)).tolist()


def chroma_calibration(prediction: torch.Tensor, truth: torch.Tensor, classes: int = 15) -> list[dict[str, float]]:
    """Is a predicted colour the mean of the true ones, where it is predicted?

    Pixels are sorted into classes of predicted chroma, :data:`CHROMA_STEP` wide. For each: the mean
    ``predicted`` chroma, the mean of the true ab ``along`` the predicted direction (equal to it if the
    prediction is the conditional mean), the mean ``true`` chroma, and the ``share`` of pixels.
    """
    chroma = prediction.square().sum(1).sqrt()  # (N, H, W)
    along = (prediction * truth).sum(1) / chroma.clamp(min=1e-6)
    index = (chroma / CHROMA_STEP).long().clamp(max=classes - 1).flatten()
    count = torch.bincount(index, minlength=classes).double()
    columns = {"predicted": chroma, "along": along, "true": truth.square().sum(1).sqrt()}
    sums = {k: torch.bincount(index, v.flatten().double(), minlength=classes) for k, v in columns.items()}
    return [
        {**{k: (v[i] / count[i]).item() for k, v in sums.items()}, "share": (count[i] / len(index)).item()}
        for i in range(classes)
        if count[i]
    ]


def bin_cross_entropy(logits: torch.Tensor, truth: torch.Tensor, gamut: Gamut) -> float:
    """Cross-entropy in nats a pixel of ``(N, Q, h, w)`` logits against soft bins of the halved truth."""
    return soft_cross_entropy(logits, *gamut.encode(halve(truth))).double().mean().item()


def picture_metrics(
    ab: torch.Tensor,
    rgb: torch.Tensor,
    true_ab: torch.Tensor,
    true_rgb: torch.Tensor,
    weight: torch.Tensor,
    lightness: torch.Tensor,
) -> dict[str, float]:
    """All metrics of a set of coloured pictures against the true ones.

    Parameters
    ----------
    ab, rgb
        What was predicted, and the uint8 pictures made of it.
    true_ab, true_rgb
        What is true.
    weight
        ``(N, H, W)`` from :func:`balanced_weight`.
    lightness
        ``(N, 1, H, W)``, the given L.
    """
    return {
        "ab_rmse": ab_rmse(ab, true_ab),
        "auc": auc(ab, true_ab),
        "auc_balanced": auc(ab, true_ab, weight),
        "eps2": eps_accuracy(ab, true_ab, 2),
        "eps5": eps_accuracy(ab, true_ab, 5),
        "psnr": psnr(rgb, true_rgb),
        "ssim": ssim(rgb, true_rgb),
        "colourfulness_ratio": colourfulness_ratio(rgb, true_rgb),
        "ciede2000": ciede2000(ab, true_ab, lightness),
        "roughness": roughness(ab, lightness),
    }
