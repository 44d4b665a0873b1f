"""One small U-Net, with a head for two numbers a pixel or for a distribution over Q bins.

Chapters 2 and 3 train the same trunk with either head, so that what differs is the loss.

Sources
-------
.. [1] O. Ronneberger, P. Fischer, T. Brox, "U-Net", MICCAI 2015.
.. [2] W. Shi et al., "Real-Time Single Image and Video Super-Resolution", CVPR 2016 (pixel shuffle).
"""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from .blocks import conv_block


@dataclass(frozen=True)
class UNetConfig:
    """What it takes to build the network again.

    Attributes
    ----------
    out_channels
        2 for ab, Q for a distribution over bins.
    widths
        Channels at 1/2, 1/4, 1/8, ... of the picture's resolution.
    """

    out_channels: int
    widths: tuple[int, ...] = (64, 128, 192, 224)

    def __post_init__(self):
        object.__setattr__(self, "widths", tuple(self.widths))  # JSON hands over a list
        if self.out_channels < 1 or len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"A U-Net needs output channels and at least two positive widths, not {self}.")

    def to_dict(self) -> dict:
        """For :func:`~colorize_lib.networks.build.build_network`, and to be kept as JSON."""
        return {"network": "unet", **asdict(self)}


class UNet(nn.Module):
    """L in, ab or bin logits at half resolution out.

    The eye sees colour at a lower resolution than light, and so do JPEG and television: ab at half
    resolution loses little (chapter 2 measures it) and costs a quarter. So the network never works
    at full resolution at all: a pixel-unshuffle [2]_ first folds every 2x2 block of L into four
    channels, which keeps all of it, and a U-Net [1]_ takes over from there. Its skips are added, not
    concatenated, which is cheaper and here no worse.

    Parameters
    ----------
    config
        See :class:`UNetConfig`.
    """

    #: How many times smaller than the picture the output is.
    reduction = 2

    def __init__(self, config: UNetConfig):
        super().__init__()
        self.config = config
        widths = config.widths
        inputs = (4, *widths[:-1])
        self.encoder = nn.ModuleList(
            nn.Sequential(conv_block(c_in, c_out, stride=1 if level == 0 else 2), conv_block(c_out, c_out))
            for level, (c_in, c_out) in enumerate(zip(inputs, widths, strict=True))
        )
        steps = list(zip(widths[:0:-1], widths[-2::-1], strict=True))  # from the bottom up
        self.project = nn.ModuleList(nn.Conv2d(below, c, 1, bias=False) for below, c in steps)
        self.decoder = nn.ModuleList(conv_block(c, c) for _, c in steps)
        self.head = nn.Conv2d(widths[0], config.out_channels, 1)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """Predict.

        Parameters
        ----------
        lightness
            ``(N, 1, H, W)``, L in [0, 100]; H and W are multiples of 8.

        Returns
        -------
        torch.Tensor
            ``(N, C, H/2, W/2)``: ab in units of ``RegressionLoss.AB_SCALE`` for C = 2, else logits.
        """
        x = F.pixel_unshuffle(lightness / 50 - 1, 2)  # (N, 4, H/2, W/2), in [-1, 1]
        skips = []
        for stage in self.encoder:
            x = stage(x)  # (N, widths[i], H/2^(i+1), W/2^(i+1))
            skips.append(x)
        skips.pop()
        for project, stage in zip(self.project, self.decoder, strict=True):
            skip = skips.pop()  # (N, c, 2h, 2w), or one row or column less
            x = F.interpolate(project(x), size=skip.shape[-2:])
            x = stage(x + skip)
        return self.head(x)
