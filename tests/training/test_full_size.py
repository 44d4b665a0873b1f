"""Batch norms run up the statistics of full-size batches alone."""

import pytest
import torch
from fastai.callback.schedule import Learner
from fastai.data.core import DataLoaders
from torch import nn

from colorize_lib.training.full_size import FullSizeStatistics

SIDES = (8, 4, 8, 4, 4)


def batches() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Little ones have another mean than those at full size."""
    rng = torch.Generator().manual_seed(0)
    return [
        (torch.randn(4, 1, side, side, generator=rng) + (10 if side == 4 else 1), torch.zeros(4, 1)) for side in SIDES
    ]


def fitted(callbacks) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(1)
    network = nn.Sequential(norm, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    dls = DataLoaders(batches(), batches()[:1])
    learner = Learner(dls, network, nn.functional.mse_loss, cbs=callbacks)
    with learner.no_bar(), learner.no_logging():
        learner.fit(1, 1e-3)
    return norm


def test_little_batches_are_passed_over():
    right = nn.BatchNorm2d(1)
    for x, _ in batches():
        if x.shape[-1] == 8:
            right(x)
    norm, mixed = fitted([FullSizeStatistics(8)]), fitted([])
    assert norm.running_mean == pytest.approx(right.running_mean.numpy(), rel=1e-5)
    assert norm.running_var == pytest.approx(right.running_var.numpy(), rel=1e-5)
    assert mixed.running_mean.item() > 2 * norm.running_mean.item()
    assert norm.momentum == nn.BatchNorm2d(1).momentum  # as it was
