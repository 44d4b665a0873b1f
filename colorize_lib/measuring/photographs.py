"""How good the colours of photographs are, picture by picture."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy import ndimage
from tqdm.auto import tqdm

from ..colour.bilateral import faded, joint_bilateral_upsample, smooth_along_light
from ..colour.gamut import Gamut
from ..colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from ..data.images import Images
from ..inference.colorizer import Colorizer
from .metrics import AUC_THRESHOLDS, SMOOTH, ab_distance, balanced_weight, colourfulness, gradient
from .statistics import bootstrap_means, interval, with_interval

#: Pictures at a time: bounds the memory.
BATCH = 20
#: A patch counts as red where a and the chroma are above these, in Lab units, and it covers more than this share.
RED_A, RED_CHROMA, RED_SHARE = 25.0, 30.0, 0.03


#: What neighbours average, before or after a colour is made of it:
#: see :func:`~colorize_lib.colour.bilateral.smooth_along_light`.
WAYS = ("distributions", "colours", "nothing")


class Pictures:
    """True photographs, and per-picture measures of coloured ones.

    Parameters
    ----------
    images
        Square pictures.
    """

    def __init__(self, images: Images):
        self.rgb = images.rgb
        self.lab = torch.cat([rgb_to_lab(part) for part in images.rgb.split(100)])  # (N, 3, H, W)
        self.weight = balanced_weight(self.lab[:, 1:], Gamut()).float()  # (N, H, W)
        self.red = torch.tensor([has_red_patch(ab) for ab in self.lab[:, 1:]])
        self.colourfulness = colourfulness(self.rgb).numpy()

    def __len__(self) -> int:
        return len(self.rgb)

    def measure(self, part: slice, ab: torch.Tensor) -> dict[str, np.ndarray]:
        """Numbers of each picture of a part, painted with ab ``(n, 2, H, W)``.

        ``squared`` (mean squared distance), ``right`` (AuC in %), ``balanced`` and ``weight`` (whose sums' ratio is the
        balanced AuC), ``rough``, ``even`` and ``chroma`` (for the roughness), ``colourfulness``, ``red`` (0 or 1).
        """
        lightness, true = self.lab[part, :1], self.lab[part, 1:]
        distance = ab_distance(ab, true).flatten(1)  # (n, H*W)
        right = 100 * (AUC_THRESHOLDS.stop - distance.ceil()).clamp(min=0) / len(AUC_THRESHOLDS)
        weight = self.weight[part].flatten(1)
        even = (gradient(lightness) < SMOOTH).flatten(1)  # (n, (H-1)(W-1))
        rgb = to_uint8(lab_to_rgb(torch.cat((lightness, ab), 1)))
        numbers = {
            "squared": distance.square().mean(1),
            "right": right.mean(1),
            "balanced": (weight * right).sum(1),
            "weight": weight.sum(1),
            "rough": (gradient(ab).flatten(1) * even).sum(1),
            "even": even.sum(1),
            "chroma": ab.square().sum(1).sqrt().flatten(1).mean(1),
            "colourfulness": colourfulness(rgb),
            "red": torch.tensor([has_red_patch(one) for one in ab]) & ~self.red[part],
        }
        return {key: value.double().numpy() for key, value in numbers.items()}


def has_red_patch(ab: torch.Tensor) -> bool:
    """Whether ab ``(2, H, W)`` has a connected red patch that covers more than :data:`RED_SHARE` of the picture."""
    red = ((ab[0] > RED_A) & (ab.square().sum(0) > RED_CHROMA**2)).numpy()
    if red.mean() <= RED_SHARE:
        return False
    labelled, _ = ndimage.label(red)
    return bool(np.bincount(labelled.ravel())[1:].max(initial=0) > RED_SHARE * red.size)


def colour_all(
    colorizer: Colorizer, pictures: Pictures, settings: Sequence[tuple[float, float]], size: int | None = None,
    way: str = WAYS[0], progress: bool = True,
) -> list[dict[str, np.ndarray]]:  # fmt: skip
    """:meth:`Pictures.measure` of all pictures, at every (lambda, T), neighbours agreeing in one of :data:`WAYS`."""
    parts: list[list[dict]] = [[] for _ in settings]
    starts = range(0, len(pictures), BATCH)
    for start in tqdm(starts, colorizer.name, disable=not progress, unit=" batches"):
        part = slice(start, start + BATCH)
        lightness = pictures.lab[part, :1]
        prediction, guide = colorizer.look(lightness, size or colorizer.size, way == "distributions")
        for found, (lam, t) in zip(parts, settings, strict=True):
            ab = faded(colorizer.decode(prediction, t, lam), guide)
            if way == "colours":
                ab = smooth_along_light(ab, guide)
            found.append(pictures.measure(part, joint_bilateral_upsample(ab, guide, lightness)))
    return [{key: np.concatenate([one[key] for one in found]) for key in found[0]} for found in parts]


def grey(pictures: Pictures) -> dict[str, np.ndarray]:
    """:meth:`Pictures.measure` of no colour at all."""
    starts = [slice(start, start + BATCH) for start in range(0, len(pictures), BATCH)]
    found = [pictures.measure(part, torch.zeros_like(pictures.lab[part, 1:])) for part in starts]
    return {key: np.concatenate([one[key] for one in found]) for key in found[0]}


def table_row(numbers: dict[str, np.ndarray], without: dict[str, np.ndarray], pictures: Pictures) -> dict[str, float]:
    """Means over pictures; ``without`` are the numbers of grey."""
    gain = auc_balanced(numbers) - auc_balanced(without)
    return {
        "ab_rmse": float(np.sqrt(numbers["squared"].mean())),
        "auc": float(numbers["right"].mean()),
        "auc_gain": float((numbers["right"] - without["right"]).mean()),
        "auc_balanced": auc_balanced(numbers),
        "auc_balanced_gain": gain,
        "colourfulness_ratio": float(numbers["colourfulness"].mean() / pictures.colourfulness.mean()),
        "roughness": float(numbers["rough"].sum() / numbers["even"].sum() / max(numbers["chroma"].mean(), 1e-9)),
        "worse_than_grey": float((numbers["squared"] > without["squared"]).mean()),
        "red_patches": float(numbers["red"].mean()),
    }


def auc_balanced(numbers: dict[str, np.ndarray]) -> float:
    """The balanced AuC of all pictures together, in %."""
    return float(numbers["balanced"].sum() / numbers["weight"].sum())


def with_intervals(numbers: dict[str, np.ndarray], without: dict[str, np.ndarray], pictures: Pictures) -> dict:
    """:func:`table_row`, and 95 % bootstrap intervals over pictures of what is compared with grey."""
    row = table_row(numbers, without, pictures)
    columns = np.stack(
        [
            numbers["right"] - without["right"], numbers["squared"] > without["squared"], numbers["red"],
            numbers["balanced"], without["balanced"], numbers["weight"], numbers["squared"],
        ], 1,
    ).astype(float)  # (N, 7)  # fmt: skip
    drawn = bootstrap_means(columns)  # (R, 7)
    ends = {
        "auc_gain": drawn[:, 0],
        "worse_than_grey": drawn[:, 1],
        "red_patches": drawn[:, 2],
        "auc_balanced_gain": (drawn[:, 3] - drawn[:, 4]) / drawn[:, 5],
        "ab_rmse": np.sqrt(drawn[:, 6]),
    }
    return row | {"interval": {key: [float(end) for end in interval(values)] for key, values in ends.items()}}


def difference(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """How much ``one`` is above ``other`` on the same pictures: the mean and its 95 % bootstrap interval over them."""
    columns = np.stack([n[key] for key in ("squared", "right", "balanced") for n in (one, other)] + [one["weight"]], 1)
    drawn = bootstrap_means(columns)  # (R, 7)
    measured = columns.mean(0)[None]  # (1, 7)

    def gaps(means: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "ab_rmse": np.sqrt(means[:, 0]) - np.sqrt(means[:, 1]),
            "auc": means[:, 2] - means[:, 3],
            "auc_balanced": (means[:, 4] - means[:, 5]) / means[:, 6],
        }

    found = gaps(drawn)
    return {key: with_interval(mean[0], found[key]) for key, mean in gaps(measured).items()}
