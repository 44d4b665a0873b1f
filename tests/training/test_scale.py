"""The arithmetic of the last chapter, against counts by hand."""

import pytest
import torch
from torch import nn

from colorize_lib.networks.eccv16 import ECCV16
from colorize_lib.training.cost import Training, gradient_seconds, parameters, training_flops


def test_flops_of_a_convolution_by_hand():
    """3x3, 1 to 5 channels, 8x8 pixels: 2 * 9 * 5 * 64 forwards, as much for the weights' gradient, none for L's."""
    forwards = 2 * 9 * 1 * 5 * 8 * 8
    assert training_flops(lambda: nn.Conv2d(1, 5, 3, padding=1, bias=False), 8) == 2 * forwards
    second = 2 * 9 * 5 * 7 * 8 * 8
    both = training_flops(lambda: nn.Sequential(nn.Conv2d(1, 5, 3, padding=1), nn.Conv2d(5, 7, 3, padding=1)), 8)
    assert both == 2 * forwards + 3 * second


def test_flops_grow_with_the_pixels():
    assert training_flops(ECCV16, 128) == pytest.approx(4 * training_flops(ECCV16, 64))


def test_the_papers_network_has_a_quarter_of_the_resolution_and_313_bins():
    with torch.device("meta"):
        assert ECCV16()(torch.zeros(2, 1, 176, 176)).shape == (2, 313, 44, 44)
    assert parameters(ECCV16) == pytest.approx(32.2e6, rel=0.01)


def test_hours():
    training = Training(flops=36e9, pictures=1e6)
    assert training.total == 36e15
    assert training.hours(peak=1e13, utilisation=1) == pytest.approx(1)
    assert training.hours(peak=1e13, utilisation=0.25, gpus=8) == pytest.approx(0.5)


@pytest.mark.parametrize("wrong", [(0, 0.5, 1), (1e12, 0, 1), (1e12, 1.1, 1), (1e12, 0.5, 0)])
def test_hours_without_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="utilisation"):
        Training(1, 1).hours(*wrong)


def test_one_gpu_sends_nothing_and_two_send_it_all_once():
    assert gradient_seconds(1_000_000, 1, 1e9) == 0
    assert gradient_seconds(1_000_000, 2, 4e6) == pytest.approx(1)
    assert gradient_seconds(1_000_000, 1000, 4e6) < 2
