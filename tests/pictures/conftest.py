"""What tests of pictures share: a photograph, coloured and grey."""

import pytest
from one_photo import H, W
from PIL import Image

from colorize_lib.data.examples import photograph


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A colour photograph of 47x33 pixels."""
    return Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((W, H))


@pytest.fixture(scope="module")
def grey(photo) -> Image.Image:
    return photo.convert("L")
