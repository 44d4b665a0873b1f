"""What tests of pictures share: a photograph, coloured and grey, and servers asked without a proxy."""

import pytest
from one_photo import grey, photo

__all__ = ["grey", "photo"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Servers of this machine are asked themselves."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
