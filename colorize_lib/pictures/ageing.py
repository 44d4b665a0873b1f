"""What time, the process and the press do to a photograph, in small: to see what each does to the colours.

All take a picture and give one of the same shape, ``(3, H, W)`` float RGB in [0, 1].
"""

from collections.abc import Callable

import torch
from torch.nn import functional as F

#: Shares of red, green and blue in what a film saw: all colours, as today's, and without red, as before about 1925.
PANCHROMATIC, ORTHOCHROMATIC = (0.299, 0.587, 0.114), (0.02, 0.48, 0.5)


def greyed(rgb: torch.Tensor, seen: tuple[float, float, float] = PANCHROMATIC) -> torch.Tensor:
    """A black-and-white photograph: what each pixel adds up to, for a film that sees red, green and blue so much.

    With :data:`ORTHOCHROMATIC` red is dark and blue white: lips are black, skies are empty.
    """
    grey = (rgb * rgb.new_tensor(seen)[:, None, None]).sum(0, keepdim=True)
    return (grey / sum(seen)).expand(3, -1, -1)


def faded(rgb: torch.Tensor, how_much: float = 0.5) -> torch.Tensor:
    """Less contrast: black has become grey, and white yellowed; 1 leaves one grey."""
    return rgb * (1 - how_much) + 0.6 * how_much


def toned(rgb: torch.Tensor, how_much: float = 1.0) -> torch.Tensor:
    """Sepia: brown instead of grey."""
    light = rgb.mean(0, keepdim=True)
    brown = torch.cat((light**0.8, light, light**1.3))
    return rgb * (1 - how_much) + brown * how_much


def grained(rgb: torch.Tensor, how_much: float = 0.08, seed: int = 0) -> torch.Tensor:
    """Grain: noise of this standard deviation, alike in all channels."""
    noise = torch.randn(rgb.shape[1:], generator=torch.Generator().manual_seed(seed))
    return (rgb + how_much * noise).clamp(0, 1)


def speckled(rgb: torch.Tensor, how_much: float = 0.02, seed: int = 0) -> torch.Tensor:
    """Dust and scratches: this share of the pixels is white or black, and some columns have a line."""
    random = torch.Generator().manual_seed(seed)
    height, width = rgb.shape[1:]
    chance = torch.rand(height, width, generator=random)
    marks = torch.where(chance < how_much / 2, 1.0, torch.where(chance > 1 - how_much / 2, 0.0, rgb.mean(0)))
    marked = torch.where((chance < how_much / 2) | (chance > 1 - how_much / 2), marks, rgb)
    for x in torch.randint(0, width, (round(how_much * 100),), generator=random).tolist():
        marked[:, :, x] = 0.9
    return marked


def blurred(rgb: torch.Tensor, how_much: float = 2.0) -> torch.Tensor:
    """Out of focus: a Gaussian of this standard deviation, in pixels."""
    reach = max(1, round(3 * how_much))
    line = torch.exp(-((torch.arange(-reach, reach + 1) / how_much) ** 2) / 2)
    line = line / line.sum()
    padded = F.pad(rgb[None], (reach,) * 4, mode="replicate")
    kernel = (line[:, None] * line).expand(3, 1, -1, -1)
    return F.conv2d(padded, kernel, groups=3)[0]


def bordered(rgb: torch.Tensor, how_much: float = 0.08) -> torch.Tensor:
    """In a border of white paper, so wide as a share of the shorter side."""
    width = round(how_much * min(rgb.shape[1:]))
    inside = torch.zeros(rgb.shape[1:], dtype=torch.bool)
    inside[width : rgb.shape[1] - width, width : rgb.shape[2] - width] = True
    return torch.where(inside, rgb, 0.95)


def screened(rgb: torch.Tensor, how_much: float = 4.0) -> torch.Tensor:
    """Printed in a newspaper: black dots on white, so many pixels from each other."""
    height, width = rgb.shape[1:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    step = 2 * torch.pi / (how_much * 2**0.5)
    raster = (torch.cos((x + y) * step / 2**0.5) + torch.cos((x - y) * step / 2**0.5)) / 4 + 0.5
    light = rgb.mean(0)
    return ((light - raster) * 4 + 0.5).clamp(0, 1).expand(3, -1, -1)


#: What happens to a photograph, as the table of the chapter has it.
AGEING: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "as it was": lambda rgb: rgb,
    "badly faded": lambda rgb: faded(rgb, 0.8),
    "sepia": toned,
    "grain": grained,
    "dust and scratches": speckled,
    "out of focus": blurred,
    "white border": bordered,
    "printed": screened,
}
