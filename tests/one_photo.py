"""A photograph of few pixels, in colour and grey, and what a picture that is refused ends in."""

import numpy as np
import pytest
from PIL import Image
from sentences import assert_one_sentence

from colorize_lib.data.examples import photograph
from colorize_lib.errors import InputError
from colorize_lib.pictures.reading import read_rgb

W, H = 47, 33


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A colour photograph of 47x33 pixels."""
    return Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((W, H))


@pytest.fixture(scope="module")
def grey(photo) -> Image.Image:
    return photo.convert("L")


def array(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


def refused(image, message: str = ".", read=read_rgb):
    with pytest.raises(InputError, match=message) as caught:
        read(image)
    assert_one_sentence(str(caught.value))
