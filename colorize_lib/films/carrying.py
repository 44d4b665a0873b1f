"""Steadier colours: what the network said of the last frames is carried along with what moves.

A network that is asked of each frame alone changes its mind with every flicker of the light and every grain, and the
colours tremble. But most of a frame is the last frame, moved. So what it says of a place now is averaged with what it
said of the same thing before, wherever the light confirms that it is the same thing.

For frame t let l_t be the log-probabilities at a place x, and f the optical flow, so that what is at x was at x + f
in the frame before. The average s_t and the number n_t of frames it stands for are

    m_t(x) = min(c(x) n_{t-1}(x + f), most)
    s_t(x) = (l_t(x) + m_t(x) s_{t-1}(x + f)) / (1 + m_t(x))
    n_t(x) = 1 + m_t(x)

with the trust c of :func:`~colorize_lib.films.flow.trust`. A mean of log-probabilities is, once it is normalised, the
geometric mean of the distributions, as in :func:`~colorize_lib.colour.bilateral.smooth_along_light`.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from .flow import fetched, flow_between, levelled, trust

#: So many frames at most does what is carried stand for, against the one of the new frame.
MOST = 9.0
#: Where the light of a frame confirms less than this share of the last one, the film has been cut.
CUT = 0.1


@dataclass(frozen=True)
class Memory:
    """What is known of the frames so far.

    Attributes
    ----------
    values : torch.Tensor
        ``(1, C, h, w)``: s, log-probabilities or ab.
    count : torch.Tensor
        ``(1, 1, h, w)``: n, how many frames they stand for.
    light : torch.Tensor
        ``(1, 1, H, W)``: L of the last frame as the network saw it.
    """

    values: torch.Tensor
    count: torch.Tensor
    light: torch.Tensor

    def arrays(self) -> dict[str, Any]:
        """To be saved with ``numpy.savez``."""
        return {name: getattr(self, name).cpu().numpy() for name in ("values", "count", "light")}

    @classmethod
    def of_arrays(cls, arrays, device: torch.device | str = "cpu") -> "Memory":
        """The inverse of :meth:`arrays`."""
        return cls(*(torch.from_numpy(arrays[name]).to(device) for name in ("values", "count", "light")))


def carry(memory: Memory | None, values: torch.Tensor, light: torch.Tensor, most: float = MOST) -> Memory:
    """One step: what is known after another frame.

    Parameters
    ----------
    memory
        What was known before; None at the beginning.
    values
        ``(1, C, h, w)``: what the network says of the frame.
    light
        ``(1, 1, H, W)``: L as the network saw it.
    most
        How many frames the past may count for; 0 forgets it.

    Returns
    -------
    Memory
        After a cut, or where the frames' sizes differ, of this frame alone.
    """
    values = values.contiguous()  # as it comes back from a file: sums in another order would differ in the last digit
    alone = Memory(values, torch.ones_like(values[:, :1]), light.contiguous())
    if memory is None or memory.light.shape != light.shape or most <= 0:
        return alone
    before = levelled(memory.light, light)
    flow = flow_between(light, before)
    believed = trust(light, before, flow)  # (1, 1, H, W)
    if believed.mean() < CUT:
        return alone
    believed = F.adaptive_avg_pool2d(believed, (values.shape[-2], values.shape[-1]))  # (1, 1, h, w)
    past, _ = fetched(torch.cat((memory.values, memory.count), 1), flow)  # (1, C + 1, h, w)
    weight = (believed * past[:, -1:]).clamp(max=most)
    carried = (values + weight * past[:, :-1]) / (1 + weight)
    return Memory(carried.contiguous(), (1 + weight).contiguous(), alone.light)
