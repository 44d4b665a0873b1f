"""What tests of commands share: a small photograph."""

from pathlib import Path

import pytest
from PIL import Image

from colorize_lib.data.examples import photograph


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    return Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((60, 40))


@pytest.fixture
def photo(picture, tmp_path) -> Path:
    picture.save(tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"
