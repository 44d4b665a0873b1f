"""The book's metrics as means over pictures, so that pictures can be drawn anew, and networks compared on the same."""

import numpy as np
import torch

from ..colour.lab import lab_to_rgb, to_uint8
from ..colour.resolution import upsample
from .evaluate import Judge
from .metrics import SMOOTH, ab_distance, ciede2000_distance, colourfulness, gradient, right_share

#: Of a picture, in this order; what of the truth alone is the same for every network.
COLUMNS = (
    "squared", "right", "weighted", "eps2", "eps5", "ciede2000", "steps", "chroma", "colourfulness",
    "weight", "smooth", "true colourfulness",
)  # fmt: skip
#: What their means give, in the same order: Lab units, %, %, %, %, CIEDE2000, a share of the chroma, a ratio.
MEASURES = ("ab_rmse", "auc", "auc_balanced", "eps2", "eps5", "ciede2000", "roughness", "colourfulness_ratio")
#: Pictures at a time: bounds the memory.
BATCH = 250


def numbers(ab: torch.Tensor, judge: Judge) -> np.ndarray:
    """:data:`COLUMNS` of every picture: ``(N, 12)`` float64.

    Parameters
    ----------
    ab
        ``(N, 2, h, w)``, in Lab units: what was predicted for the judge's pictures, at their size or smaller.
    """
    parts = [slice(start, start + BATCH) for start in range(0, len(ab), BATCH)]
    height, width = judge.ab.shape[-2:]
    return np.concatenate([_columns(upsample(ab[part], (height, width)), judge, part) for part in parts])


def _columns(ab: torch.Tensor, judge: Judge, part: slice) -> np.ndarray:
    light, true_ab, true_rgb, weight = (t[part] for t in (judge.lightness, judge.ab, judge.rgb, judge.weight))
    distance = ab_distance(ab, true_ab).double()  # (n, H, W)
    right = 100 * right_share(distance)
    off = (ab.round() - true_ab.round()).abs().amax(1)  # (n, H, W), of the channel that is further off
    smooth = gradient(light) < SMOOTH  # (n, H-1, W-1)
    columns = {
        "squared": distance.square(),
        "right": right,
        "weighted": weight * right,
        **{f"eps{eps}": 100.0 * (off <= 2.2 * eps) for eps in (2, 5)},
        "ciede2000": ciede2000_distance(ab, true_ab, light),
        "steps": gradient(ab) * smooth,
        "chroma": ab.double().square().sum(1).sqrt(),
        "colourfulness": colourfulness(to_uint8(lab_to_rgb(torch.cat((light, ab), 1)))),
        "weight": weight,
        "smooth": smooth,
        "true colourfulness": colourfulness(true_rgb),
    }
    means = [columns[name].reshape(len(ab), -1).double().mean(1) for name in COLUMNS]  # (n,) each
    return torch.stack(means, 1).numpy()


def measures(mean: np.ndarray) -> np.ndarray:
    """Means over pictures of :data:`COLUMNS`, ``(..., 12)``, to :data:`MEASURES`, ``(..., 8)``."""
    of = dict(zip(COLUMNS, np.moveaxis(np.asarray(mean, np.float64), -1, 0), strict=True))
    rough = of["steps"] / of["smooth"]
    found = of | {
        "ab_rmse": np.sqrt(of["squared"]),
        "auc": of["right"],
        "auc_balanced": of["weighted"] / of["weight"],
        "roughness": np.divide(rough, of["chroma"], out=np.zeros_like(rough), where=of["chroma"] > 0),  # grey has none
        "colourfulness_ratio": of["colourfulness"] / of["true colourfulness"],
    }
    return np.stack([found[name] for name in MEASURES], -1)
