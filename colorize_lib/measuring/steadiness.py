"""How steady the colours of a film are: what changes from a frame to the next although it only moved.

Sources
-------
.. [1] W.-S. Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, section 4.2: the warping error.
.. [2] M. Ruder, A. Dosovitskiy, T. Brox, "Artistic Style Transfer for Videos", GCPR 2016, section 4: which pixels
   are hidden, and where motion ends.
"""

from dataclasses import dataclass

import torch

from ..colour.lab import rgb_to_lab
from ..films.flow import fetched, flow_between


def seen_in_both(flow: torch.Tensor, back: torch.Tensor) -> torch.Tensor:
    """Which pixels of a frame are in the other one, too, by a flow there and one back, as [1]_ and [2]_ have it.

    Left out is what the way back does not lead to again, and where the flow changes abruptly.

    Parameters
    ----------
    flow, back
        ``(1, 2, H, W)`` each, in pixels: to the other frame, and from it.

    Returns
    -------
    torch.Tensor
        ``(1, 1, H, W)`` bool.
    """
    returned, inside = fetched(back, flow)
    missed = (flow + returned).square().sum(1, keepdim=True)
    long = (flow.square() + returned.square()).sum(1, keepdim=True)
    across, down = (torch.gradient(flow, dim=axis)[0].square().sum(1, keepdim=True) for axis in (-1, -2))
    rim = across + down > 0.01 * flow.square().sum(1, keepdim=True) + 0.002
    return inside & (missed <= 0.01 * long + 0.5) & ~rim


def measured_motion(here: torch.Tensor, before: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The flow from a frame to the one before by L ``(1, 1, H, W)`` of both, and the pixels seen in both."""
    flow = flow_between(here, before)
    return flow, seen_in_both(flow, flow_between(before, here))


@dataclass
class Steadiness:
    """Sums over the frames of a film: call :meth:`add` with each and the one before, then :meth:`measures`.

    Attributes
    ----------
    warped, moved : float
        Sums of squared changes, of RGB in [0, 1] and of ab in Lab units.
    pixels : int
        How many pixels were compared.
    """

    warped: float = 0.0
    moved: float = 0.0
    pixels: int = 0

    def add(self, here: torch.Tensor, before: torch.Tensor, flow: torch.Tensor, seen: torch.Tensor) -> None:
        """Compare a frame with the one before at the places that its pixels come from.

        Parameters
        ----------
        here, before
            ``(3, H, W)`` RGB, uint8 or float in [0, 1].
        flow, seen
            ``(1, 2, H, W)`` from ``here`` to ``before``, and ``(1, 1, H, W)`` bool, the pixels that are in both.
        """
        one, other = (_with_lab(rgb) for rgb in (here, before))  # (1, 5, H, W): RGB, a, b
        squared = (one - fetched(other, flow)[0]).square() * seen
        self.warped += squared[:, :3].sum().item()
        self.moved += squared[:, 3:].sum().item()
        self.pixels += int(seen.sum())

    def measures(self) -> dict[str, float]:
        """``warping``: the warping error of [1]_, the mean squared change of RGB in [0, 1], summed over the channels.
        ``flicker``: the root of the mean squared change of ab, in Lab units."""
        pixels = max(self.pixels, 1)
        return {"warping": self.warped / pixels, "flicker": (self.moved / pixels) ** 0.5}


def _with_lab(rgb: torch.Tensor) -> torch.Tensor:
    light = rgb.float() / 255 if rgb.dtype == torch.uint8 else rgb
    return torch.cat((light, rgb_to_lab(rgb)[1:]))[None]
