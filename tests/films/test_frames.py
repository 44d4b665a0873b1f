"""Frames as they come: the light stays, the colours do not tremble."""

import itertools
import sys

import pytest
import torch
from reels import pan

from colorize_lib import colorize_frames
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.errors import InputError
from colorize_lib.films.carrying import AHEAD
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


@pytest.mark.parametrize(("carried", "ahead"), [("nothing", 0), ("distributions", AHEAD)])
def test_no_more_frames_are_read_than_are_looked_at(bins, carried, ahead):
    asked = []
    frames = pan(ahead + 3)
    painted = colorize_frames((asked.append(t) or rgb for t, rgb in enumerate(frames)), bins, carried=carried)
    for t, _ in enumerate(painted):
        assert asked == [*range(min(t + ahead + 1, len(frames)))]
    assert t + 1 == len(frames)


def test_each_frame_hears_only_so_many_ahead_and_none_beyond_a_cut(bins):
    """What the first frame becomes depends on the next few, and on nothing after them or after a cut."""
    frames, other = flickering(AHEAD + 2), pan(1, name="chelsea")[0]

    def first(*those):
        return next(colorize_frames([frames[0], *those], bins))

    whole = first(*frames[1:])
    assert torch.equal(first(*frames[1 : AHEAD + 1], other), whole)
    assert not torch.equal(first(*frames[1:AHEAD], other), whole)
    assert torch.equal(first(frames[1], other, *frames[3:]), first(frames[1]))


def test_a_film_may_be_shorter_than_what_is_looked_ahead(bins):
    frames = flickering(2)
    assert len([*colorize_frames(frames, bins)]) == 2
    assert not [*colorize_frames([], bins)]


def test_each_by_itself_needs_no_opencv(bins, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert len([*colorize_frames(pan(2), bins, carried="nothing")]) == 2


def test_what_is_carried_has_a_name(bins):
    with pytest.raises(InputError, match="nothing, colours, distributions"):
        next(colorize_frames(pan(1), bins, carried="everything"))
