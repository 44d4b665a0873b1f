"""Motion between frames whose motion is known."""

import sys

import pytest
import torch
from reels import pan

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.errors import InputError
from colorize_lib.films.flow import fetched, flow_between, levelled, trust, ways_between


def light(rgb: torch.Tensor) -> torch.Tensor:
    return rgb_to_lab(rgb)[None, :1]


def test_a_pan_is_found():
    before, here = map(light, pan(2, step=5))
    flow = flow_between(here, before)
    assert flow.shape == (1, 2, 96, 128)
    inner = flow[0, :, 16:-16, 16:-24]
    assert inner[0].median().item() == pytest.approx(5, abs=0.1)
    assert inner[1].median().item() == pytest.approx(0, abs=0.1)


def test_a_frame_smaller_than_what_is_searched_for_stands_still():
    tiny = torch.rand(1, 1, 8, 40) * 100
    assert flow_between(tiny, tiny.roll(2, -1)).abs().max() == 0


def test_the_same_frames_have_the_same_flow_every_time():
    """Also the small ones that a network for 32x32 is shown: a run that is taken up begins with a first search."""
    before, here = (torch.nn.functional.avg_pool2d(light(rgb), 4) for rgb in pan(2, step=8))
    first, *others = (flow_between(here, before) for _ in range(3))
    assert all(torch.equal(first, other) for other in others)


def test_what_is_fetched_is_what_was_there():
    there = torch.rand(1, 3, 12, 16)
    flow = torch.zeros(1, 2, 12, 16)
    values, inside = fetched(there, flow)
    torch.testing.assert_close(values, there)
    assert inside.all()
    flow[:, 0] = 3
    values, inside = fetched(there, flow)
    torch.testing.assert_close(values[..., :-3], there[..., 3:])
    assert inside[..., :-3].all() and not inside[..., -3:].any()


def test_a_flow_of_twice_the_sides_moves_half_as_far():
    there = torch.rand(1, 2, 6, 8)
    flow = torch.zeros(1, 2, 12, 16)
    flow[:, 1] = 4
    torch.testing.assert_close(fetched(there, flow)[0][..., :-2, :], there[..., 2:, :])


def test_a_brighter_frame_is_made_alike():
    frame = torch.rand(1, 1, 20, 20) * 40 + 20
    torch.testing.assert_close(levelled(frame * 1.1 + 2, frame), frame, atol=0.1, rtol=0)


def test_trust_is_full_where_the_light_agrees():
    frame = light(pan(1)[0])
    still = torch.zeros(1, 2, 96, 128)
    assert trust(frame, frame, still, still).min() > 0.99
    assert trust(frame, 100 - frame, still, still).mean() < 0.25


def test_what_comes_from_beyond_the_rim_is_not_believed():
    frame = light(pan(1)[0])
    flow = torch.zeros(1, 2, 96, 128)
    flow[:, 0, :, -8:] = 20
    assert (trust(frame, frame, flow, 0 * flow)[..., -8:] == 0).all()


def test_who_is_not_led_back_does_not_believe():
    """Of a white frame, where light says nothing: half of it is led three pixels off and not back."""
    white, still = torch.full((1, 1, 16, 32), 100.0), torch.zeros(1, 2, 16, 32)
    flow = still.clone()
    flow[:, 1, :, :16] = 3
    believed = trust(white, white, flow, still)
    assert believed[..., :12, :16].max() < 0.02 and (believed[..., 16:] == 1).all()
    assert (trust(white, white, flow, -flow)[..., :12, :16] == 1).all()


def test_both_ways_lead_to_the_other_frame_and_are_believed_alike():
    here, there = map(light, pan(2, step=5))
    to, back = ways_between(here, 0.95 * there)  # a lamp that flickers
    inner = (..., slice(16, -16), slice(24, -24))
    torch.testing.assert_close(to.flow[inner].mean(), -back.flow[inner].mean(), atol=0.1, rtol=0)
    assert min(way.trust[inner].mean() for way in (to, back)) > 0.7


@pytest.mark.parametrize("name", ["chelsea", "astronaut", "rocket"])
def test_the_way_to_another_picture_does_not_lead_back(name):
    """Though its light can be put together from pieces of this one."""
    here, there = light(pan(1)[0]), light(pan(1, name=name)[0])
    assert all(way.trust.mean() < 0.03 for way in ways_between(here, there))


def test_without_opencv_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(InputError, match=r"pip install 'colorize_lib\[film\]'"):
        flow_between(torch.zeros(1, 1, 32, 32), torch.zeros(1, 1, 32, 32))
