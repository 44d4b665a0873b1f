"""The warping error on frames whose changes are known."""

import pytest
import torch
from reels import pan

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.measuring.steadiness import Steadiness, measured_motion, seen_in_both


def still(height: int = 24, width: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.zeros(1, 2, height, width), torch.ones(1, 1, height, width, dtype=torch.bool)


def test_what_does_not_change_has_no_error():
    steady, frame = Steadiness(), torch.rand(3, 24, 32)
    steady.add(frame, frame, *still())
    assert steady.measures() == {"warping": pytest.approx(0, abs=1e-9), "flicker": pytest.approx(0, abs=1e-3)}


def test_a_change_of_all_pixels_is_that_change():
    steady, frame = Steadiness(), torch.full((3, 24, 32), 0.5)
    steady.add(frame, frame + 0.1, *still())
    assert steady.measures()["warping"] == pytest.approx(0.03, rel=1e-4)
    assert steady.measures()["flicker"] == pytest.approx(0, abs=0.01)  # grey has no ab


def test_what_only_moved_has_next_to_no_error_and_hidden_pixels_do_not_count():
    before, here = (rgb.float() / 255 for rgb in pan(2, step=3))
    flow, seen = still(96, 128)
    flow[:, 0] = 3
    seen[..., -3:] = False
    steady = Steadiness()
    steady.add(here, before, flow, seen)
    assert steady.pixels == 96 * 125
    assert steady.measures()["warping"] == pytest.approx(0, abs=1e-6)


def test_pixels_without_a_way_back_are_hidden():
    flow, _ = still()
    back = flow.clone()
    assert seen_in_both(flow, back).all()
    back[:, 0, 4:9, 4:9] = 5
    hidden = ~seen_in_both(flow, back)
    assert hidden[..., 4:9, 4:9].all() and hidden.sum() == 25


def test_the_motion_of_a_pan_is_measured():
    before, here = (rgb_to_lab(rgb)[None, :1] for rgb in pan(2, step=3))
    flow, seen = measured_motion(here, before)
    assert flow[0, 0][seen[0, 0]].median().item() == pytest.approx(3, abs=0.1)
    assert seen[..., 16:-16, 16:-16].float().mean() > 0.8
