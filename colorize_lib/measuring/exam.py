"""Pictures that small networks are judged on, picture by picture."""

import numpy as np
import torch
from torch.nn import functional as F

from ..colour.gamut import Gamut
from ..colour.lab import rgb_to_lab
from ..colour.resolution import halve, upsample
from ..data.images import Images
from ..inference.colorizer import Colorizer
from ..networks.losses import soft_cross_entropy
from ..record import digest
from .metrics import ab_distance, balanced_weight, right_share

#: The side of all pictures that the network sees, in pixels.
SIDE = 32
#: Temperatures at which the colours are judged; lambda is 1.
TEMPERATURES = (1.0, 0.38)
#: What is measured of a picture, in this order; what of ``balanced`` and the pixels' weights is the balanced AuC.
COLUMNS = ("cross_entropy", *(f"{name}-{t:g}" for t in TEMPERATURES for name in ("squared", "right", "balanced")))
#: What that gives of many pictures, in the same order: nats, Lab units, %, %.
MEASURES = ("cross_entropy", *(f"{name}-{t:g}" for t in TEMPERATURES for name in ("ab_rmse", "auc", "auc_balanced")))
#: Pictures at a time: bounds the memory.
BATCH = 250


def reduced(images: Images, side: int = SIDE) -> Images:
    """Pictures whose sides are a multiple of ``side``, reduced to it: each pixel is the mean of those it stands for."""
    factor = images.rgb.shape[-1] // side
    parts = [F.avg_pool2d(rgb.float(), factor).round().byte() for rgb in images.rgb.split(500)]
    return Images(torch.cat(parts), images.label, images.source, images.classes)


class Exam:
    """Pictures that networks are judged on, as they are and as the networks see them.

    Parameters
    ----------
    images
        Square, their side a multiple of :data:`SIDE`.
    gamut
        The bins of the cross-entropy and the balanced AuC.
    """

    def __init__(self, images: Images, gamut: Gamut):
        self.source, self.side, self.gamut = images.source, images.rgb.shape[-1], gamut
        self.sha256 = digest(images.rgb)
        self.ab = torch.cat([rgb_to_lab(rgb)[:, 1:] for rgb in images.rgb.split(BATCH)])  # (N, 2, H, W)
        self.weight = balanced_weight(self.ab, gamut).float()  # (N, H, W)
        small = rgb_to_lab(reduced(images).rgb)
        self.lightness, self.coarse_ab = small[:, :1], halve(small[:, 1:])  # (N, 1, 32, 32), (N, 2, 16, 16)

    def __len__(self) -> int:
        return len(self.ab)

    def numbers(self, colorizer: Colorizer) -> np.ndarray:
        """:data:`COLUMNS` of every picture: ``(N, 7)`` float32."""
        parts = []
        for start in range(0, len(self), BATCH):
            part = slice(start, start + BATCH)
            prediction = colorizer.predict(self.lightness[part]).cpu()
            loss = soft_cross_entropy(prediction, *self.gamut.encode(self.coarse_ab[part]))  # (n, 16, 16)
            judged = [self._judged(part, colorizer.decode(prediction, t)) for t in TEMPERATURES]
            parts.append(torch.cat((loss.flatten(1).mean(1, keepdim=True), *judged), 1))
        return torch.cat(parts).float().numpy()

    def grey(self) -> dict[str, float]:
        """The measures of no colour at all."""
        nothing = torch.zeros(1, 2, 1, 1)
        parts = [slice(start, start + BATCH) for start in range(0, len(self), BATCH)]
        judged = torch.cat([self._judged(part, nothing.expand(len(self.ab[part]), -1, -1, -1)) for part in parts])
        rmse, auc, balanced = measures(np.pad(judged.numpy(), ((0, 0), (1, 3))).mean(0), self.weights().mean())[1:4]
        return {"ab_rmse": float(rmse), "auc": float(auc), "auc_balanced": float(balanced)}

    def weights(self) -> np.ndarray:
        """Of each picture, the sum of its pixels' weights in the balanced AuC: ``(N,)``."""
        return self.weight.flatten(1).double().sum(1).numpy()

    def _judged(self, part: slice, ab: torch.Tensor) -> torch.Tensor:
        """Mean squared distance, AuC in %, and its weighted sum, of ab ``(n, 2, h, w)``: ``(n, 3)`` float64."""
        distance = ab_distance(upsample(ab, (self.side, self.side)), self.ab[part]).flatten(1)  # (n, H*W)
        right = 100 * right_share(distance)
        balanced = (self.weight[part].flatten(1) * right).double().sum(1)
        return torch.stack((distance.double().square().mean(1), right.double().mean(1), balanced), 1)


def measures(mean: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Means over pictures of :data:`COLUMNS`, ``(..., 7)``, and of the weights, ``(...)``, to :data:`MEASURES`."""
    found = np.array(mean, dtype=np.float64)
    for i in range(1, len(COLUMNS), 3):
        found[..., i] = np.sqrt(found[..., i])
        found[..., i + 2] /= weight
    return found
