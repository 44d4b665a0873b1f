"""Two simple repairs of an old photograph, before it is coloured: specks, and faded contrast."""

import torch
from torch.nn import functional as F

from ..colour.bilateral import strips
from ..colour.lab import lab_to_rgb, rgb_to_lab, to_uint8

#: A pixel is a speck if its L is so far from the median of its 3x3 neighbourhood.
SPECK = 15.0
#: Shares of the pixels that may become black, and white; and the range of L below which a photograph is called faded.
ENDS, FADED = (0.005, 0.995), 70.0
#: So many pixels are enough to see how light a picture is.
_LOOK = 1 << 18


def restored(rgb: torch.Tensor) -> torch.Tensor:
    """A photograph without specks and, if it was faded, with its contrast: grey, as its tone goes with its colours.

    Parameters
    ----------
    rgb
        ``(3, H, W)``: uint8, or float in [0, 1].

    Returns
    -------
    torch.Tensor
        Grey, of the same shape and kind.
    """
    height, width = rgb.shape[1:]
    light = torch.cat([rgb_to_lab(rgb[:, rows])[:1] for rows in strips(height, width)], 1)[None]  # (1, 1, H, W)
    light = stretched(without_specks(light))[0]
    grey = torch.empty_like(rgb)
    for rows in strips(height, width):
        part = light[:, rows]
        made = lab_to_rgb(torch.cat((part, torch.zeros_like(part), torch.zeros_like(part))))
        grey[:, rows] = made if rgb.is_floating_point() else to_uint8(made)
    return grey


def without_specks(light: torch.Tensor, speck: float = SPECK) -> torch.Tensor:
    """L ``(1, 1, H, W)`` with the median of its neighbourhood where it differs much from that: dust, fine scratches."""
    height, width = light.shape[-2:]
    padded = F.pad(light, (1,) * 4, mode="replicate")
    mended = light.clone()
    for rows in strips(height, width):
        near = [
            padded[..., rows.start + y : rows.stop + y, x : x + width] for y in range(3) for x in range(3)
        ]  # nine times (1, 1, n, W)
        middle, own = torch.stack(near).median(0).values, light[..., rows, :]
        mended[..., rows, :] = torch.where((own - middle).abs() > speck, middle, own)
    return mended


def stretched(light: torch.Tensor, ends: tuple[float, float] = ENDS, faded: float = FADED) -> torch.Tensor:
    """L ``(1, 1, H, W)`` from black to white again where it spans less than ``faded`` between two percentiles.

    A picture of one shade stays as it is: there is no contrast to bring back.
    """
    step = max(1, round((light.numel() / _LOOK) ** 0.5))
    low, high = torch.quantile(light[..., ::step, ::step].flatten(), light.new_tensor(ends)).tolist()
    if not 2 < high - low < faded:
        return light
    return ((light - low) * (100 / (high - low))).clamp(0, 100)
