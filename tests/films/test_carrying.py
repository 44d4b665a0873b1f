"""The average along the motion: what it must do whatever the network says."""

import numpy as np
import pytest
import torch
from reels import pan

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.films.carrying import AHEAD, MOST, Glance, Memory, carry, glance, look_ahead

#: So many cells has what the network says of a frame of ``pan``: a cell is 4 pixels wide.
CELLS = (24, 32)


def light(rgb: torch.Tensor) -> torch.Tensor:
    return rgb_to_lab(rgb)[None, :1]


def glances(values, lights) -> list[Glance]:
    """Frames in a row."""
    befores = [None, *lights]
    return [glance(one, here, before) for one, here, before in zip(values, lights, befores, strict=False)]


def carried(values, lights) -> Memory:
    """What is known of the last frame from the past."""
    memory = None
    for frame in glances(values, lights):
        memory = carry(memory, frame)
    return memory


def foreseen(values, lights) -> Memory:
    """What is known of the first frame from those ahead."""
    first, *ahead = glances(values, lights)
    return look_ahead(first.alone, ahead)


def said(*levels: float) -> list[torch.Tensor]:
    """Of each frame the same everywhere."""
    return [torch.full((1, 1, *CELLS), float(level)) for level in levels]


@pytest.mark.parametrize("known", [carried, foreseen])
def test_of_a_still_it_is_the_mean_of_the_frames(known):
    still, values = light(pan(1)[0]), torch.randn(5, 1, 4, *CELLS)
    memory = known(values, [still] * 5)
    torch.testing.assert_close(memory.values, values.mean(0), atol=0.02, rtol=0)
    torch.testing.assert_close(memory.count, torch.full((1, 1, *CELLS), 5.0), atol=0.05, rtol=0)


def test_what_stands_still_and_is_said_alike_stays():
    still, values = light(pan(1)[0]), torch.randn(1, 4, *CELLS)
    for known in (carried, foreseen):
        torch.testing.assert_close(known([values] * 5, [still] * 5).values, values, atol=0.02, rtol=0)


def test_the_past_counts_for_no_more_than_it_may():
    still = light(pan(1)[0])
    memory = carried(said(*[0] * (int(MOST) + 5)), [still] * (int(MOST) + 5))
    assert memory.count.max().item() == pytest.approx(MOST + 1)


def test_past_and_future_count_for_as_many_frames_each():
    """Of a still that said 0 so far, 9 now, and 18 from the next on, everything stays at 9."""
    still, long = light(pan(1)[0]), 12
    frames = glances(said(*[0] * long, 9, *[18] * AHEAD), [still] * (long + 1 + AHEAD))
    memory = None
    for frame in frames[: long + 1]:
        memory = carry(memory, frame)
    known = look_ahead(memory, frames[long + 1 :])
    assert memory.values.mean().item() == pytest.approx(9 / (1 + MOST), abs=0.05)
    assert known.values.mean().item() == pytest.approx(9, abs=0.1)
    assert known.count.mean().item() == pytest.approx(1 + MOST + AHEAD, abs=0.1)


@pytest.mark.parametrize(("known", "marked", "cells"), [(carried, 0, 15), (foreseen, 1, 19)])
def test_a_colour_moves_with_its_thing(known, marked, cells):
    """A mark of four cells that is seen in one of two frames is known in the other: two cells to the left of where it
    was, and two to the right of where it will be."""
    values = said(0, 0)
    values[marked][..., 10:14, 16:20] = 1
    memory = known(values, [light(rgb) for rgb in pan(2, step=8)])
    assert memory.values[0, 0, 11:13, cells : cells + 2].min() > 0.3  # half of it
    assert memory.values[0, 0, :, :13].max() < 0.1 and memory.values[0, 0, :, 23:].max() < 0.1


def test_a_cut_is_crossed_from_neither_side():
    first, second = light(pan(1)[0]), light(pan(1, name="chelsea")[0])
    values = list(torch.randn(4, 1, 3, *CELLS))
    frames = glances(values, [first, first, second, second])
    assert [frame.ways is None for frame in frames] == [True, False, True, False]
    memory = carry(carry(None, frames[0]), frames[1])
    assert look_ahead(memory, frames[2:]) is memory
    assert carry(memory, frames[2]) is frames[2].alone
    assert torch.equal(look_ahead(frames[0].alone, frames[1:]).values, look_ahead(frames[0].alone, frames[1:2]).values)


@pytest.mark.parametrize("gain", [0.94, 1.06])
def test_a_flickering_lamp_is_no_cut(gain):
    frame = light(pan(1)[0])
    for known, values in ((carried, said(1, 0)), (foreseen, said(0, 1))):
        assert known(values, [frame, (frame * gain).clamp(0, 100)]).values.mean() > 0.4


def test_what_comes_into_the_picture_is_not_painted_over():
    before = light(pan(1)[0])
    here = before.clone()
    here[..., 32:64, 32:64] = 100 - here[..., 32:64, 32:64]
    for memory in (carried(said(1, 0), [before, here]), foreseen(said(0, 1), [here, before])):
        assert memory.values[0, 0, 9:15, 9:15].mean() < 0.15
        assert memory.values[0, 0, :, 20:].mean() > 0.4


def test_another_size_is_another_film():
    values = torch.randn(1, 3, *CELLS)
    frame = glance(values, light(pan(1)[0]), torch.zeros(1, 1, 48, 64))
    memory = carry(glance(torch.zeros(1, 3, 12, 16), torch.zeros(1, 1, 48, 64), None).alone, frame)
    assert torch.equal(memory.values, values)


def test_it_can_be_put_aside(tmp_path):
    memory = glance(torch.randn(1, 3, *CELLS), light(pan(1)[0]), None).alone
    np.savez(tmp_path / "memory.npz", **memory.arrays())
    with np.load(tmp_path / "memory.npz") as arrays:
        again = Memory.of_arrays(arrays)
    assert all(torch.equal(getattr(again, name), getattr(memory, name)) for name in ("values", "count", "light"))
