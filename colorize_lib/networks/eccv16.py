"""The network of "Colorful Image Colorization"; its weights come by :mod:`~colorize_lib.weights.released`.

The authors' PyTorch release [2]_ paints the mean colour; here the same network hands out its distribution, for the
annealed mean and the explorer. The tests compare every name and shape with the published table, and run the network
with made-up weights.

Sources
-------
.. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, table 4 of the
   supplement (layers) and section 2 (bins, rebalancing, annealed mean).
.. [2] The authors' release: https://github.com/richzhang/colorization, BSD 2-clause, ``colorizers/eccv16.py``:
   the names of the modules and the scale of what they take and give.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

#: Q: the bins of [1]_, side 10. Their centres come with the weights.
BINS = 313
#: One in the last layer's weights stands for this many Lab units [2]_.
AB_SCALE = 110.0


class ECCV16(nn.Module):
    """L in, logits of 313 bins at a quarter of the resolution out ([1]_, table 4).

    Eight stages of convolutions. The first three end with stride 2; stages 5 and 6 are dilated instead,
    and so see far without losing more resolution; the last brings it from 1/8 back to 1/4. Modules have
    the names and the order of [2]_, so that its weights fit. Batch norm comes after the last ReLU
    of a stage, once.

    Parameters
    ----------
    bins
        Q.

    Attributes
    ----------
    reduction : int
        How many times smaller than the picture the output is.
    """

    reduction = 4

    def __init__(self, bins: int = BINS):
        super().__init__()
        self.model1 = _stage(1, 64, 64, stride=2)
        self.model2 = _stage(64, 128, 128, stride=2)
        self.model3 = _stage(128, 256, 256, 256, stride=2)
        self.model4 = _stage(256, 512, 512, 512)
        self.model5 = _stage(512, 512, 512, 512, dilation=2)
        self.model6 = _stage(512, 512, 512, 512, dilation=2)
        self.model7 = _stage(512, 512, 512, 512)
        enlarge = nn.ConvTranspose2d(512, 256, 4, stride=2, padding=1)
        self.model8 = nn.Sequential(enlarge, nn.ReLU(inplace=True), *_convs(256, 256, 256), nn.Conv2d(256, bins, 1))
        self.model_out = nn.Conv2d(bins, 2, 1, bias=False)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """Predict.

        Parameters
        ----------
        lightness
            ``(N, 1, H, W)``, L in [0, 100]; H and W are multiples of 8.

        Returns
        -------
        torch.Tensor
            ``(N, 313, H/4, W/4)``: logits.
        """
        x = (lightness - 50) / 100  # (N, 1, H, W), in [-1/2, 1/2]
        x = self.model3(self.model2(self.model1(x)))  # (N, 256, H/8, W/8)
        x = self.model7(self.model6(self.model5(self.model4(x))))  # (N, 512, H/8, W/8)
        return self.model8(x)

    def mean_colour(self, lightness: torch.Tensor) -> torch.Tensor:
        """What the release [2]_ paints, the mean of the distribution: ``(N, 1, H, W)`` to ab ``(N, 2, H, W)``."""
        small = self.model_out(self.forward(lightness).softmax(1)) * AB_SCALE  # (N, 2, H/4, W/4), Lab units
        return F.interpolate(small, scale_factor=4, mode="bilinear", align_corners=False)


def _convs(*channels: int, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    """3x3 convolutions, each with a ReLU; the last has the stride."""
    layers = []
    for i, (c_in, c_out) in enumerate(pairwise(channels), start=2):
        step = stride if i == len(channels) else 1
        layers += [nn.Conv2d(c_in, c_out, 3, step, padding=dilation, dilation=dilation), nn.ReLU(inplace=True)]
    return layers


def _stage(*channels: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(*_convs(*channels, stride=stride, dilation=dilation), nn.BatchNorm2d(channels[-1]))
