"""The average along the motion: what it must do whatever the network says."""

import numpy as np
import pytest
import torch
from reels import pan

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.films.carrying import MOST, Memory, carry


def light(rgb: torch.Tensor) -> torch.Tensor:
    return rgb_to_lab(rgb)[None, :1]


def test_of_a_still_it_is_the_mean_of_the_frames():
    still, said = light(pan(1)[0]), torch.randn(5, 1, 4, 24, 32)
    memory = None
    for values in said:
        memory = carry(memory, values, still)
    torch.testing.assert_close(memory.values, said.mean(0), atol=0.02, rtol=0)
    torch.testing.assert_close(memory.count, torch.full((1, 1, 24, 32), 5.0), atol=0.05, rtol=0)


def test_the_past_counts_for_no_more_than_it_may():
    still, memory = light(pan(1)[0]), None
    for _ in range(int(MOST) + 5):
        memory = carry(memory, torch.zeros(1, 1, 24, 32), still)
    assert memory.count.max().item() == pytest.approx(MOST + 1)


def test_a_colour_moves_with_its_thing():
    frames = [light(rgb) for rgb in pan(2, step=8)]
    mark = torch.zeros(1, 1, 24, 32)
    mark[..., 10:14, 16:20] = 1  # a cell is 4 pixels wide
    memory = carry(carry(None, mark, frames[0]), torch.zeros_like(mark), frames[1])
    assert memory.values[0, 0, 11:13, 15:17].min() > 0.3  # half of it, two cells to the left
    assert memory.values[0, 0, :, 20:].max() < 0.1


def test_a_cut_is_forgotten():
    first, second = light(pan(1)[0]), light(pan(1, name="chelsea")[0])
    values = torch.randn(1, 3, 24, 32)
    memory = carry(carry(None, torch.full_like(values, 50), first), values, second)
    assert torch.equal(memory.values, values) and (memory.count == 1).all()


@pytest.mark.parametrize("gain", [0.94, 1.06])
def test_a_flickering_lamp_is_no_cut(gain):
    frame = light(pan(1)[0])
    memory = carry(
        carry(None, torch.ones(1, 1, 24, 32), frame), torch.zeros(1, 1, 24, 32), (frame * gain).clamp(0, 100)
    )
    assert memory.values.mean() > 0.4


def test_what_comes_into_the_picture_is_not_painted_over():
    before = light(pan(1)[0])
    here = before.clone()
    here[..., 32:64, 32:64] = 100 - here[..., 32:64, 32:64]
    memory = carry(carry(None, torch.ones(1, 1, 24, 32), before), torch.zeros(1, 1, 24, 32), here)
    assert memory.values[0, 0, 9:15, 9:15].mean() < 0.15
    assert memory.values[0, 0, :, 20:].mean() > 0.4


def test_another_size_is_another_film():
    values = torch.randn(1, 3, 24, 32)
    memory = carry(None, torch.zeros(1, 3, 12, 16), torch.zeros(1, 1, 48, 64))
    assert torch.equal(carry(memory, values, light(pan(1)[0])).values, values)


def test_it_can_be_put_aside(tmp_path):
    memory = carry(None, torch.randn(1, 3, 24, 32), light(pan(1)[0]))
    np.savez(tmp_path / "memory.npz", **memory.arrays())
    with np.load(tmp_path / "memory.npz") as arrays:
        again = Memory.of_arrays(arrays)
    assert all(torch.equal(getattr(again, name), getattr(memory, name)) for name in ("values", "count", "light"))
