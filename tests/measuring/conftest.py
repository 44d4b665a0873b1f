"""What tests of metrics share: true pictures, and the same with more and more noise."""

import pytest
import torch

from colorize_lib.data.examples import embedded_cifar10


@pytest.fixture(scope="module")
def truth() -> torch.Tensor:
    return embedded_cifar10().rgb


@pytest.fixture(scope="module")
def noisy(truth) -> torch.Tensor:
    """The true pictures, each with more noise than the last."""
    noise = torch.randn(truth.shape, generator=torch.Generator().manual_seed(0))
    return (truth + noise * torch.linspace(2, 60, len(truth)).view(-1, 1, 1, 1)).clamp(0, 255).round().byte()
