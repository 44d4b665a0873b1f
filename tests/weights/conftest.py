"""What tests of weights share: tiny ones, in memory and on disk."""

from pathlib import Path

import pytest
from tiny_weights import some_weights

from colorize_lib.weights.file import Weights, save_weights


@pytest.fixture
def weights() -> Weights:
    return some_weights()


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("written") / "tiny.safetensors"
    save_weights(path, some_weights())
    return path
