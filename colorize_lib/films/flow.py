"""What moved where from one frame of a film to the next, and where that is to be believed.

Sources
-------
.. [1] T. Kroeger, R. Timofte, D. Dai, L. Van Gool, "Fast Optical Flow using Dense Inverse Search", ECCV 2016.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from .extra import needed

#: Widths of Gaussians: how far, in units of L, the light of a moved pixel may be off; and how many pixels from where
#: it began a pixel may arrive that goes to the other frame and back.
ALIKE, RETURN = 6.0, 1.0


def flow_between(here: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Where each pixel of one frame is in another one: optical flow on L by dense inverse search [1]_.

    Parameters
    ----------
    here, there
        ``(1, 1, H, W)``: L in [0, 100].

    Returns
    -------
    torch.Tensor
        ``(1, 2, H, W)``: how many pixels to the right, and down, what is in ``here`` lies in ``there``.

    Raises
    ------
    InputError
        If OpenCV is not installed.
    """
    one, other = (frame[0, 0].mul(2.55).round().clamp(0, 255).byte().cpu().numpy() for frame in (here, there))
    smallest = 16  # it searches in patches of 8 pixels, at a coarser scale too
    if min(one.shape) < smallest:
        return torch.zeros(1, 2, *one.shape, device=here.device)
    cv2 = needed("cv2")
    # A new one each time: of small frames the first search changes the settings of those that follow.
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found = search.calc(np.ascontiguousarray(one), np.ascontiguousarray(other), None)  # (H, W, 2)
    return torch.from_numpy(found).permute(2, 0, 1)[None].to(here.device)


def fetched(there: torch.Tensor, flow: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What a frame has at the places that a flow points to, bilinear, and whether they are within it.

    Parameters
    ----------
    there
        ``(1, C, h, w)``, of any resolution.
    flow
        ``(1, 2, H, W)``, in pixels of its own resolution, of which ``h`` and ``w`` are a fraction or all.

    Returns
    -------
    values, inside : torch.Tensor
        ``(1, C, h, w)``; and ``(1, 1, h, w)`` bool.
    """
    (h, w), (height, width) = there.shape[-2:], flow.shape[-2:]
    if (h, w) != (height, width):
        flow = F.interpolate(flow, (h, w), mode="area")
    y, x = torch.meshgrid(torch.arange(h).to(flow), torch.arange(w).to(flow), indexing="ij")
    # From pixels to [-1, 1], where -1 is the left rim of the first pixel and 1 the right rim of the last.
    x = (x + 0.5 + flow[0, 0] * (w / width)) * (2 / w) - 1  # (h, w)
    y = (y + 0.5 + flow[0, 1] * (h / height)) * (2 / h) - 1
    inside = ((x.abs() <= 1) & (y.abs() <= 1))[None, None]
    grid = torch.stack((x, y), -1)[None].to(there.dtype)  # (1, h, w, 2)
    return F.grid_sample(there, grid, padding_mode="border", align_corners=False), inside


def levelled(there: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
    """L of one frame with the mean and the spread of another's: what a shutter's or a lamp's flicker changes.

    Both are ``(1, 1, H, W)``.
    """
    spread = here.std().clamp(min=1e-3) / there.std().clamp(min=1e-3)
    return ((there - there.mean()) * spread.clamp(0.5, 2) + here.mean()).clamp(0, 100)


def trust(here: torch.Tensor, there: torch.Tensor, flow: torch.Tensor, back: torch.Tensor) -> torch.Tensor:
    """How far to believe that a pixel of one frame is where the flow says in another.

    The light there must be the same, and the flow back must lead to where one came from, within :data:`ALIKE` and
    :data:`RETURN`. Where something hides something else, or a film is cut, the way back leads elsewhere.

    Parameters
    ----------
    here, there
        ``(1, 1, H, W)``: L of both frames.
    flow, back
        ``(1, 2, H, W)`` each: from ``here`` to ``there``, and from ``there`` to ``here``.

    Returns
    -------
    torch.Tensor
        ``(1, 1, H, W)``, in [0, 1]; 0 where the flow leads beyond the rim.
    """
    moved, inside = fetched(there, flow)
    returned, _ = fetched(back, flow)
    missed = (flow + returned).square().sum(1, keepdim=True)  # (1, 1, H, W), in squared pixels
    return torch.exp(-((here - moved) / ALIKE).square() / 2 - missed / (2 * RETURN**2)) * inside


@dataclass(frozen=True)
class Way:
    """From the pixels of one frame to where they are in another.

    Attributes
    ----------
    flow : torch.Tensor
        ``(1, 2, H, W)``, of :func:`flow_between`.
    trust : torch.Tensor
        ``(1, 1, H, W)``, of :func:`trust`.
    """

    flow: torch.Tensor
    trust: torch.Tensor


def ways_between(here: torch.Tensor, before: torch.Tensor) -> tuple[Way, Way]:
    """The way to the frame before, and the way from there back, once both are equally light: :func:`levelled`.

    Both frames are L, ``(1, 1, H, W)``.
    """
    before = levelled(before, here)
    flow, back = flow_between(here, before), flow_between(before, here)
    return Way(flow, trust(here, before, flow, back)), Way(back, trust(before, here, back, flow))
