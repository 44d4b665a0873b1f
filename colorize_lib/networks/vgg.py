"""What is on a picture? VGG-16 as published, and a small one for 32x32 pixels.

Sources
-------
.. [1] K. Simonyan, A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
   Recognition", ICLR 2015: configuration D.
.. [2] S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015.
.. [3] K. He et al., "Delving Deep into Rectifiers", ICCV 2015: the initial weights. Those of [1]_
   need a shallower network trained first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

#: Channels of the 13 convolutions of configuration D, and where the picture is halved ("M").
CONFIGURATION_D = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M")
#: Sides of the pictures that it may see, in pixels: 224 as published, half of that, and CIFAR-10's own.
SIZES = (32, 112, 224)
#: Mean and standard deviation of R, G and B in [0, 1] over ImageNet: what torchvision's weights expect.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class VGGConfig:
    """What it takes to build the network again.

    Attributes
    ----------
    classes
        How many.
    width
        Factor on the channels of all layers; 1 is as published.
    batch_norm
        Batch norm [2]_ after every convolution. [1]_ has none, and starts badly without.
    size
        Side of the picture that the network sees, in pixels: one of :data:`SIZES`.
    """

    classes: int = 10
    width: float = 1.0
    batch_norm: bool = True
    size: int = 32

    def __post_init__(self):
        if self.size not in SIZES or self.classes < 1 or not 1 / 64 <= self.width <= 4:
            raise ValueError(f"A VGG needs a size of 32, 112 or 224, classes, and a width from 1/64 to 4, not {self}.")

    def to_dict(self) -> dict:
        """For :func:`~colorize_lib.networks.build.build_network`, and to be kept as JSON."""
        return {"network": "vgg", **asdict(self)}


class VGG(nn.Module):
    """Pictures in, one score a class out: configuration D of [1]_.

    At 224 pixels and width 1 this is the published network, and its tensors have the names and
    shapes of torchvision's ``vgg16`` or ``vgg16_bn``. At 112 pixels the same 13 convolutions leave
    3x3 positions instead of 7x7. At 32 they leave one, and the two hidden layers of 4096 become
    one of 512.

    Parameters
    ----------
    config
        See :class:`VGGConfig`.
    """

    def __init__(self, config: VGGConfig):
        super().__init__()
        self.config = config
        self.features = nn.Sequential(*_features(config))
        last, side = _scaled(512, config), config.size // 32
        hidden = [_scaled(4096, config)] * 2 if side > 1 else [last]
        self.classifier = nn.Sequential(*_head([last * side * side, *hidden], config.classes))
        for layer in self.features:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        """Predict: ``(N, 3, H, W)`` uint8 sRGB of any size to scores ``(N, classes)``."""
        x = self.features(prepare(rgb, self.config.size))  # (N, 512 width, size/32, size/32)
        return self.classifier(x.flatten(1))


def prepare(rgb: torch.Tensor, size: int, mean: Sequence[float] = MEAN, std: Sequence[float] = STD) -> torch.Tensor:
    """What the first convolution sees: ``(N, 3, H, W)`` uint8 to ``(N, 3, size, size)``, about 0 with variance 1.

    ``mean`` and ``std`` are what the network is used to, of R, G and B in [0, 1].
    """
    if rgb.ndim != 4 or rgb.shape[1] != 3 or rgb.dtype != torch.uint8:
        raise ValueError(f"A classifier needs uint8 pictures (N, 3, H, W), not {rgb.dtype} {tuple(rgb.shape)}.")
    x = rgb.float() / 255
    if rgb.shape[-2:] != (size, size):
        x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    centre, spread = (x.new_tensor(values)[:, None, None] for values in (mean, std))  # (3, 1, 1)
    return (x - centre) / spread


def _scaled(channels: int, config: VGGConfig) -> int:
    return max(1, round(channels * config.width))


def _features(config: VGGConfig) -> Iterator[nn.Module]:
    c_in = 3
    for entry in CONFIGURATION_D:
        if entry == "M":
            yield nn.MaxPool2d(2)
            continue
        c_out = _scaled(entry, config)
        yield nn.Conv2d(c_in, c_out, 3, padding=1)
        if config.batch_norm:
            yield nn.BatchNorm2d(c_out)
        yield nn.ReLU(inplace=True)
        c_in = c_out


def _head(widths: list[int], classes: int) -> Iterator[nn.Module]:
    for c_in, c_out in pairwise(widths):
        yield from (nn.Linear(c_in, c_out), nn.ReLU(inplace=True), nn.Dropout(0.5))
    yield nn.Linear(widths[-1], classes)
