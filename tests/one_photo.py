"""A photograph of few pixels, and what a picture that is refused ends in."""

import numpy as np
import pytest
from PIL import Image
from sentences import assert_one_sentence

from colorize_lib.errors import InputError
from colorize_lib.pictures.reading import read_rgb

W, H = 47, 33


def array(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


def refused(image, message: str = ".", read=read_rgb):
    with pytest.raises(InputError, match=message) as caught:
        read(image)
    assert_one_sentence(str(caught.value))
