"""Steadier colours: what the network says of the frames before and after is carried along with what moves.

A network that is asked of each frame alone changes its mind with every flicker of the light and every grain, and the
colours tremble. But most of a frame is the last frame, moved. So what it says of a place now is averaged with what it
says of the same thing before and after, wherever the light confirms that it is the same thing.

For frame t let l_t be the log-probabilities at a place x, f the optical flow to the frame before and g the one to the
next, so that what is at x was at x + f and will be at x + g. Let c and d be how far each is trusted, by
:func:`~colorize_lib.films.flow.trust`. The average over the past s_t stands for n_t frames, with at most M of them
before this one:

    m_t(x) = min(c(x) n_{t-1}(x + f(x)), M)
    s_t(x) = (l_t(x) + m_t(x) s_{t-1}(x + f(x))) / (1 + m_t(x))
    n_t(x) = 1 + m_t(x)

The past alone lags behind what the network begins to see. So a few frames ahead count as well. Their average r comes
back from the last of them, where r = l and k = 1, to frame t + 1, by the same rule along g, and joins that of the past:

    j_t(x) = d(x) k_{t+1}(x + g(x))
    (n_t(x) s_t(x) + j_t(x) r_{t+1}(x + g(x))) / (n_t(x) + j_t(x))

A mean of log-probabilities is, once it is normalised, the geometric mean of the distributions, as in
:func:`~colorize_lib.colour.bilateral.smooth_along_light`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from .flow import Way, fetched, ways_between

#: How many frames ahead are looked at.
AHEAD = 4
#: So many frames at most does the past count for: as many as there are ahead.
MOST = float(AHEAD)
#: Where the light of a frame confirms less than this share of the last one, the film has been cut.
CUT = 0.1


@dataclass(frozen=True)
class Memory:
    """What is known of a frame, from itself and from others.

    Attributes
    ----------
    values : torch.Tensor
        ``(1, C, h, w)``: an average of log-probabilities or ab.
    count : torch.Tensor
        ``(1, 1, h, w)``: how many frames it stands for.
    light : torch.Tensor
        ``(1, 1, H, W)``: L of the frame as the network saw it.
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


@dataclass(frozen=True)
class Glance:
    """A frame that the network has looked at, and what moved since the one before.

    Attributes
    ----------
    alone : Memory
        What is known from this frame by itself.
    ways : (Way, Way) or None
        To the frame before, and from there to this one; None for the first frame, after a cut, or where the frames'
        sizes differ.
    """

    alone: Memory
    ways: tuple[Way, Way] | None


def glance(values: torch.Tensor, light: torch.Tensor, before: torch.Tensor | None) -> Glance:
    """What the network says of a frame, with its ways to the one before.

    Parameters
    ----------
    values
        ``(1, C, h, w)``: what the network says.
    light
        ``(1, 1, H, W)``: L as the network saw it.
    before
        The same of the frame before; None if there is none, or it is not to be heard.
    """
    values, light = values.contiguous(), light.contiguous()  # as from a file: else sums differ in the last digit
    alone = Memory(values, torch.ones_like(values[:, :1]), light)
    if before is None or before.shape != light.shape:
        return Glance(alone, None)
    ways = ways_between(light, before)
    return Glance(alone, None if ways[0].trust.mean() < CUT else ways)


def carry(memory: Memory | None, frame: Glance, most: float = MOST) -> Memory:
    """One step on: what is known of a frame from it and those before.

    Parameters
    ----------
    memory
        What was known of the frame before; None at the beginning.
    frame
        See :func:`glance`.
    most
        How many frames the past may count for; 0 forgets it.
    """
    if memory is None or frame.ways is None:
        return frame.alone
    return _joined(frame.alone, memory, frame.ways[0], most)


def look_ahead(memory: Memory, ahead: Sequence[Glance]) -> Memory:
    """What is known of a frame from it, those before and those after it, up to a cut.

    Parameters
    ----------
    memory
        What is known of it from the past.
    ahead
        The frames that follow, in order.
    """
    if not ahead or ahead[0].ways is None:
        return memory
    return _joined(memory, look_ahead(ahead[0].alone, ahead[1:]), ahead[0].ways[1])


def _joined(here: Memory, there: Memory, way: Way, most: float = math.inf) -> Memory:
    """The average of what is known here and of what is known of the same things there, each for as many frames as it
    stands for, and the latter as far as the way is trusted."""
    believed = F.adaptive_avg_pool2d(way.trust, (here.values.shape[-2], here.values.shape[-1]))  # (1, 1, h, w)
    fetch, _ = fetched(torch.cat((there.values, there.count), 1), way.flow)  # (1, C + 1, h, w)
    weight = (believed * fetch[:, -1:]).clamp(max=most)
    count = here.count + weight
    values = (here.count * here.values + weight * fetch[:, :-1]) / count
    return Memory(values.contiguous(), count.contiguous(), here.light)
