"""What tests of training share: a few pictures, a way to train on them, and a run that was never stopped."""

from pathlib import Path

import pytest
from tiny_runs import TINY

from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.training.learner import train


@pytest.fixture(scope="session")
def images():
    return photograph_patches(64)


@pytest.fixture(scope="session")
def dev():
    return embedded_cifar10()


@pytest.fixture
def run(images, dev, gamut):
    """``train`` on the tiny set."""

    def run(recipe, folder, images=images, **kwargs):
        return train(recipe, images, dev, folder, **{"gamut": gamut, "device": "cpu", "progress": False, **kwargs})

    return run


@pytest.fixture(scope="session")
def trained(images, dev, gamut, tmp_path_factory) -> Path:
    """The folder of a run that was never stopped."""
    folder = tmp_path_factory.mktemp("trained")
    train(TINY, images, dev, folder, gamut, "cpu", progress=False)
    return folder
