"""A colorizer that starts from what a classifier learned on ImageNet: chapter 6.

The encoder is one of timm's, the decoder and the head are those of :mod:`~colorize_lib.networks.unet`.

Sources
-------
.. [1] J. Yosinski et al., "How transferable are features in deep neural networks?", NeurIPS 2014.
.. [2] J. Howard, S. Ruder, "Universal Language Model Fine-tuning", ACL 2018 (discriminative learning
   rates: what came first learns more slowly).
"""

from dataclasses import asdict, dataclass
from itertools import takewhile

import torch
from torch import nn
from torch.nn import functional as F

from ..colour.lab import lab_to_rgb
from .blocks import conv_block
from .pretrained import OFFLINE, build_encoder, expected_colours


@dataclass(frozen=True)
class TransferConfig:
    """What it takes to build the network again.

    Attributes
    ----------
    out_channels
        2 for ab, Q for a distribution over bins.
    encoder
        Name of a timm network.
    scale
        How many times larger than the picture the encoder sees it. It learned from pictures of 224 pixels.
    widths
        Channels of the decoder at the output's resolution, at half of that, a quarter, ...
    reduction
        How many times smaller than the picture the output is.
    folded
        The encoder's batch norms are part of its convolutions: see
        :func:`~colorize_lib.networks.pretrained.fold_batch_norms`.
    """

    out_channels: int
    encoder: str = OFFLINE
    scale: int = 2
    widths: tuple[int, ...] = (64, 96, 128, 128)
    reduction: int = 2
    folded: bool = False

    def __post_init__(self):
        object.__setattr__(self, "widths", tuple(self.widths))  # JSON hands over a list
        if self.out_channels < 1 or self.scale not in (1, 2, 4, 8) or len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"A transfer network needs outputs, a scale of 1, 2, 4 or 8, and two widths, not {self}.")
        if self.reduction not in (2, 4, 8):
            raise ValueError(f"The output of a transfer network is 2, 4 or 8 times reduced, not {self.reduction}.")

    def to_dict(self) -> dict:
        """For :func:`~colorize_lib.networks.build.build_network`, and to be kept as JSON."""
        return {"network": "transfer", **asdict(self)}


class TransferUNet(nn.Module):
    """L in, ab or bin logits at a half or a quarter of the resolution out, by way of a pretrained encoder.

    The encoder takes three channels, and there is one. So L becomes the black-and-white photograph
    that it would be on a screen, the same in R, G and B, normalised as the encoder is used to. That
    leaves its first layer as it learned it. The decoder adds each of its feature maps, through a 1x1
    convolution, to the enlarged one from below.

    Parameters
    ----------
    config
        See :class:`TransferConfig`.
    pretrained
        ImageNet's weights for the encoder; else random ones, to be trained or loaded.
    """

    def __init__(self, config: TransferConfig, pretrained: bool = False):
        super().__init__()
        self.config = config
        self.reduction = config.reduction
        self.encoder = build_encoder(config.encoder, pretrained, config.folded)
        info = self.encoder.feature_info
        finest = config.reduction * config.scale  # of what the encoder sees: the output's resolution
        self.levels = [i for i, reduction in enumerate(info.reduction()) if reduction >= finest]
        if len(self.levels) != len(config.widths):
            raise ValueError(
                f"{config.encoder} at scale {config.scale} has {len(self.levels)} levels: give so many widths."
            )
        channels = [info.channels()[i] for i in self.levels]
        self.skip = nn.ModuleList(nn.Conv2d(c, w, 1, bias=False) for c, w in zip(channels, config.widths, strict=True))
        steps = list(zip(config.widths[:0:-1], config.widths[-2::-1], strict=True))  # from the bottom up
        self.project = nn.ModuleList(nn.Conv2d(below, w, 1, bias=False) for below, w in steps)
        self.decoder = nn.ModuleList(conv_block(w, w) for _, w in steps)
        self.head = nn.Conv2d(config.widths[0], config.out_channels, 1)
        for name, values in zip(("mean", "std"), expected_colours(self.encoder), strict=True):
            self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)  # (3, 1, 1)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """Predict: L ``(N, 1, H, W)`` in [0, 100], H and W multiples of 8, to ``(N, C, H/r, W/r)``.

        r is ``reduction``. The output is as that of :class:`~colorize_lib.networks.unet.UNet`.
        """
        features = self._encode(lightness)
        # (N, w_i, H/2^i r, W/2^i r) each
        skips = [layer(features[level]) for layer, level in zip(self.skip, self.levels, strict=True)]
        x = skips.pop()
        for project, stage in zip(self.project, self.decoder, strict=True):
            skip = skips.pop()  # (N, w, 2h, 2w), or one row or column less
            x = stage(F.interpolate(project(x), size=skip.shape[-2:]) + skip)
        return self.head(x)

    def grey(self, lightness: torch.Tensor) -> torch.Tensor:
        """The black-and-white photograph of this L, as the encoder is used to: ``(N, 1, H, W)`` to ``(N, 3, H, W)``."""
        lab = torch.cat((lightness, torch.zeros_like(lightness).expand(-1, 2, -1, -1)), 1).float()
        return (lab_to_rgb(lab) - self.mean) / self.std

    def _encode(self, lightness: torch.Tensor) -> list[torch.Tensor]:
        """The encoder's feature maps of the grey picture, ``scale`` times enlarged."""
        # On a processor, depthwise convolutions in bfloat16 are slower than in float32.
        with torch.autocast(lightness.device.type, enabled=lightness.device.type == "cuda"):
            grey = self.grey(lightness)  # (N, 3, H, W)
            if self.config.scale > 1:
                size = [self.config.scale * edge for edge in grey.shape[-2:]]
                grey = F.interpolate(grey, size=size, mode="bilinear", align_corners=False)
            return self.encoder(grey.contiguous(memory_format=torch.channels_last))


def parameter_groups(network: nn.Module, still: int = 0) -> list[list[nn.Parameter]]:
    """[encoder, the rest], for fastai: which parameters are frozen first and then learn more slowly.

    Without what comes before the encoder's block number ``still``: see :func:`still_parameters`.
    """
    left_out = {id(parameter) for parameter in still_parameters(network, still)}
    encoder = [parameter for parameter in network.encoder.parameters() if id(parameter) not in left_out]
    rest = [p for name, p in network.named_parameters() if not name.startswith("encoder.")]
    return [encoder, rest]


def still_parameters(network: nn.Module, blocks: int) -> list[nn.Parameter]:
    """The parameters of the encoder's first blocks and of what comes before them; none for 0.

    The first blocks look for edges and see the most pixels, so to leave them as they came costs little and saves most
    of the way back through an encoder.
    """
    if not blocks:
        return []
    before = [part for _, part in takewhile(lambda child: child[0] != "blocks", network.encoder.named_children())]
    return [parameter for part in [*before, *network.encoder.blocks[:blocks]] for parameter in part.parameters()]
