"""A classifier that knows ImageNet already: a pretrained network with a new last layer, to be trained a little further.

Sources
-------
.. [1] S. Kornblith, J. Shlens, Q. Le, "Do Better ImageNet Models Transfer Better?", CVPR 2019: on CIFAR-10, too, a
   network that starts from ImageNet is the better one, and the more so the fewer pictures there are.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from .pretrained import OFFLINE, build_trunk, expected_colours
from .vgg import prepare


@dataclass(frozen=True)
class FinetunedConfig:
    """What it takes to build the network again.

    Attributes
    ----------
    classes
        How many.
    encoder
        Name of a timm network.
    size
        Side of the picture that the network sees, in pixels. ImageNet's were 224.
    """

    classes: int = 10
    encoder: str = OFFLINE
    size: int = 224

    def __post_init__(self):
        if self.size < 32 or self.classes < 1:
            raise ValueError(f"A finetuned network needs a size of 32 or more, and classes, not {self}.")

    def to_dict(self) -> dict:
        """For :func:`~colorize_lib.networks.build.build_network`, and to be kept as JSON."""
        return {"network": "finetuned", **asdict(self)}


class Finetuned(nn.Module):
    """Pictures in, one score a class out: a timm network whose last layer is new.

    Its batch norms are folded into its convolutions (:func:`~colorize_lib.networks.pretrained.fold_batch_norms`), so
    what it says of a picture does not depend on the others in the batch, in training either.

    Parameters
    ----------
    config
        See :class:`FinetunedConfig`.
    pretrained
        ImageNet's weights for all but the last layer; else random ones, to be trained or loaded.
    """

    def __init__(self, config: FinetunedConfig, pretrained: bool = False):
        super().__init__()
        self.config = config
        trunk: Any = build_trunk(config.encoder, pretrained)
        self.encoder, self.head = trunk, nn.Linear(trunk.num_features, config.classes)
        self.mean, self.std = expected_colours(trunk)

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        """Predict: ``(N, 3, H, W)`` uint8 sRGB of any size to scores ``(N, classes)``."""
        # On a processor, depthwise convolutions in bfloat16 are slower than in float32.
        with torch.autocast(rgb.device.type, enabled=rgb.device.type == "cuda"):
            x = prepare(rgb, self.config.size, self.mean, self.std)  # (N, 3, size, size)
            x = self.encoder(x.contiguous(memory_format=torch.channels_last))  # (N, features)
            return self.head(x)
