"""Frames as they come: the light stays, the colours do not tremble."""

import itertools
import sys

import pytest
import torch
from reels import pan

from colorize_lib import colorize_frames
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.errors import InputError
from colorize_lib.films.frames import CARRIED


def flickering(count: int = 6, step: int = 2) -> list[torch.Tensor]:
    """A grey pan whose exposure and grain change from frame to frame."""
    random = torch.Generator().manual_seed(0)
    frames = []
    for rgb in pan(count, step=step):
        grey = rgb.float().mean(0) * (1 + 0.06 * torch.randn(1, generator=random))
        grey += 8 * torch.randn(grey.shape, generator=random)
        frames.append(grey.clamp(0, 255).byte().expand(3, -1, -1).contiguous())
    return frames


def trembling(frames: list[torch.Tensor], step: int = 2) -> float:
    """How far ab is from that of the frame before at the same thing, in Lab units."""
    ab = [rgb_to_lab(rgb)[1:] for rgb in frames]
    changes = [(here[..., :-step] - before[..., step:]).square().sum(0) for before, here in itertools.pairwise(ab)]
    return torch.stack(changes).mean().sqrt().item()


@pytest.mark.parametrize("carried", CARRIED[1:])
def test_carried_colours_tremble_less(bins, carried):
    frames = flickering()
    each, steady = ([*colorize_frames(frames, bins, size=64, carried=mode)] for mode in ("nothing", carried))
    assert trembling(steady) < 0.7 * trembling(each)


@pytest.mark.parametrize("carried", CARRIED)
def test_frames_keep_their_size_and_their_light(bins, carried):
    frames = pan(2, 61, 87)
    for before, after in zip(frames, colorize_frames(frames, bins, carried=carried), strict=True):
        assert after.shape == before.shape and after.dtype == torch.uint8
        difference = rgb_to_lab(after)[0] - rgb_to_lab(before)[0]
        assert difference.abs().mean() < 1


def test_a_network_without_bins_has_colours_to_carry(regression):
    colours, distributions = ([*colorize_frames(pan(2), regression, carried=mode)] for mode in CARRIED[1:])
    assert all(map(torch.equal, colours, distributions))


def test_no_frame_is_asked_for_before_it_is_wanted(bins):
    asked = []
    frames = colorize_frames((asked.append(number) or rgb for number, rgb in enumerate(pan(3))), bins)
    next(frames)
    assert asked == [0]


def test_each_by_itself_needs_no_opencv(bins, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert len([*colorize_frames(pan(2), bins, carried="nothing")]) == 2


def test_what_is_carried_has_a_name(bins):
    with pytest.raises(InputError, match="nothing, colours, distributions"):
        next(colorize_frames(pan(1), bins, carried="everything"))
