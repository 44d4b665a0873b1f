"""What all tests share: two options, a fixed seed, the bins, and CIFAR-10 where it is asked for."""

import functools
import os
import resource
from contextlib import contextmanager

import hypothesis
import pytest
import torch

from colorize_lib.colorizer import Colorizer
from colorize_lib.data import load_cifar10
from colorize_lib.gamut import Gamut

hypothesis.settings.register_profile("colorize", deadline=None, max_examples=50)
hypothesis.settings.load_profile("colorize")
torch.set_num_threads(1)

_DATA = pytest.StashKey[str | None]()


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")
    parser.addoption("--cifar", action="store_true", help="run the tests on all of CIFAR-10 (in COLORIZE_DATA) too")


def pytest_configure(config):
    # Only tests that ask for the data may find it; all others are the same on every machine.
    config.stash[_DATA] = os.environ.pop("COLORIZE_DATA", None)
    if config.getoption("--cifar") and not config.stash[_DATA]:
        raise pytest.UsageError("--cifar needs COLORIZE_DATA: the folder that holds cifar10.tgz or cifar10/.")


def pytest_unconfigure(config):
    if config.stash.get(_DATA, None):
        os.environ["COLORIZE_DATA"] = config.stash[_DATA]


def pytest_collection_modifyitems(config, items):
    for option, reason in (
        ("slow", "takes long: run with --slow"),
        ("cifar", "needs all of CIFAR-10: run with --cifar"),
    ):
        if not config.getoption(f"--{option}"):
            for item in items:
                if option in item.keywords:
                    item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def fixed_seed():
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def cifar_environment(request, monkeypatch):
    """COLORIZE_DATA, for the tests marked cifar alone."""
    if request.node.get_closest_marker("cifar"):
        monkeypatch.setenv("COLORIZE_DATA", request.config.stash[_DATA])


@pytest.fixture(scope="session")
def cifar(request):
    """CIFAR-10 by split, each read once: ``cifar("dev")``. For tests marked cifar."""
    return functools.cache(lambda split: load_cifar10(split, request.config.stash[_DATA], progress=False))


@pytest.fixture(scope="session")
def gamut() -> Gamut:
    return Gamut()


@pytest.fixture(scope="session")
def bins() -> Colorizer:
    return Colorizer.load("classification", "cpu")


@pytest.fixture(scope="session")
def regression() -> Colorizer:
    return Colorizer.load("regression", "cpu")


@pytest.fixture
def largest_file():
    """``with largest_file(size)``: nothing may write more than ``size`` bytes, a real error in the middle of a file."""

    @contextmanager
    def limit(size: int):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limit
