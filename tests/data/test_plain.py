"""What has no colour: grey, of the same size, the same for the same draw, and as often as asked."""

import random

import numpy as np
import pytest
from PIL import Image

from colorize_lib.data import plain
from colorize_lib.data.crops import Reader, centre, random_crop
from colorize_lib.data.examples import photograph

WITHOUT_COLOUR = (plain.card, plain.page, plain.drawing)


@pytest.fixture(scope="module")
def cat() -> np.ndarray:
    return photograph("chelsea")[:, :96, 100:228].permute(1, 2, 0).numpy()  # (96, 128, 3)


@pytest.mark.parametrize("make", WITHOUT_COLOUR)
def test_it_is_grey_and_drawn_from_the_key_alone(cat, make):
    for seed in range(30):
        one, again = (make(cat, random.Random(seed)) for _ in range(2))
        assert one.shape == cat.shape
        assert one.dtype == np.uint8
        assert (one == one[..., :1]).all()
        assert (one == again).all()
    assert (make(cat, random.Random(1)) != make(cat, random.Random(2))).any()


def test_a_page_has_ink_on_paper_and_a_drawing_the_outlines(cat):
    rng = random.Random(0)
    assert all(plain.page(cat, rng).std() > 2 for _ in range(30))
    flat = np.full_like(cat, 90)
    assert plain.drawing(flat, rng).std() < 1
    assert plain.drawing(cat, rng).std() > 2


def test_a_frame_is_grey_and_the_picture_is_inside(cat):
    frames = [plain.framed(cat, random.Random(seed)) for seed in range(40)]
    spread = np.stack([frame.max(-1).astype(int) - frame.min(-1) for frame in frames])  # (40, H, W)
    assert (spread[:, 48, 64] > 10).mean() > 0.5  # the cat is ginger
    rim = [(s[0] == 0).all() or (s[-1] == 0).all() or (s[:, 0] == 0).all() or (s[:, -1] == 0).all() for s in spread]
    assert np.mean(rim) > 0.9


def test_as_many_as_asked_are_plain(cat):
    assert plain.sometimes_plain(cat, random.Random(0), 0.0) is cat
    changed = [plain.sometimes_plain(cat, random.Random(seed), 0.3) is not cat for seed in range(2000)]
    assert 0.26 < np.mean(changed) < 0.34


def test_training_pictures_alone_are_made_plain(cat, tmp_path):
    Image.fromarray(cat).save(tmp_path / "cat.png")
    for view, most in ((random_crop, 1.0), (centre, 0.0)):
        reader = Reader(tmp_path, 64, view, plain=0.999)
        other = Reader(tmp_path, 64, view)
        same = [(reader["cat.png", str(key)] == other["cat.png", str(key)]).all() for key in range(10)]
        assert np.mean(same) == 1 - most
