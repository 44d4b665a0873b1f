"""What tests of data share: no data but their own, and a small archive."""

from pathlib import Path

import pytest
from archives import few_members, write_archive


@pytest.fixture(autouse=True)
def no_fastai_cache(monkeypatch, tmp_path):
    """No test may find a CIFAR-10 that happens to be on this machine."""
    monkeypatch.setenv("FASTAI_HOME", str(tmp_path / "no-fastai"))


@pytest.fixture(scope="session")
def small_archive(tmp_path_factory) -> Path:
    return write_archive(tmp_path_factory.mktemp("small") / "cifar10.tgz", few_members())
