"""What a picture goes through: of the same size, the same for the same draw, softer or grainier, as often as asked."""

import random

import numpy as np
import pytest
from PIL import Image

from colorize_lib.data import worn
from colorize_lib.data.crops import Reader, centre, random_crop
from colorize_lib.data.examples import photograph

WAYS = (worn.blurred, worn.enlarged, worn.grained, worn.packed)


@pytest.fixture(scope="module")
def cat() -> Image.Image:
    return Image.fromarray(photograph("chelsea")[:, :96, 100:228].permute(1, 2, 0).numpy())  # 128 wide, 96 high


def detail(image: Image.Image) -> float:
    """How much a pixel's light differs from its neighbour's, on average."""
    return np.abs(np.diff(np.asarray(image.convert("L"), np.float32), axis=1)).mean()


@pytest.mark.parametrize("make", WAYS)
def test_it_has_the_same_size_and_is_drawn_from_the_key_alone(cat, make):
    for seed in range(20):
        one, again = (make(cat, random.Random(seed)) for _ in range(2))
        assert (one.size, one.mode) == (cat.size, "RGB")
        assert one.tobytes() == again.tobytes()
    assert make(cat, random.Random(1)).tobytes() != make(cat, random.Random(2)).tobytes()


@pytest.mark.parametrize("make", [worn.blurred, worn.enlarged])
def test_soft_is_less_detail_and_the_same_light_on_the_whole(cat, make):
    rng = random.Random(0)
    made = [make(cat, rng) for _ in range(30)]
    assert all(detail(one) < detail(cat) for one in made)
    assert min(map(detail, made)) < detail(cat) / 3
    means = [np.asarray(one, np.float32).mean() for one in made]
    np.testing.assert_allclose(means, np.asarray(cat, np.float32).mean(), atol=1.5)


def test_blur_is_in_pixels_of_a_picture_of_192(cat):
    """The same draw blurs a picture of twice the size twice as far."""
    large = cat.resize((256, 192), Image.Resampling.BICUBIC)
    small, reduced = (
        np.asarray(one, np.float32)
        for one in (worn.blurred(cat, random.Random(2)), worn.blurred(large, random.Random(2)).resize(cat.size))
    )
    assert np.abs(small - reduced).mean() < 1


def test_grain_is_grey(cat):
    """Colour differences between channels stay, to within rounding, where nothing is black or white."""
    middle = Image.fromarray((np.asarray(cat, np.float32) / 4 + 96).astype(np.uint8))
    before, after = (np.asarray(one).astype(int) for one in (middle, worn.grained(middle, random.Random(4))))
    assert np.abs(after - before).max() > 2
    assert np.abs((after[..., 0] - after[..., 1]) - (before[..., 0] - before[..., 1])).max() <= 1


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_as_often_as_asked(cat, share):
    pixels, rng = np.asarray(cat), random.Random(5)
    changed = [worn.sometimes_worn(pixels, rng, share) is not pixels for _ in range(400)]
    assert np.mean(changed) == pytest.approx(share, abs=0.08)


def test_only_training_pictures_are_made_worse(tmp_path, cat):
    cat.save(tmp_path / "cat.png")
    jobs = [("cat.png", str(number)) for number in range(40)]

    def read(view, share: float) -> list[np.ndarray]:
        reader = Reader(tmp_path, 64, view, worn=share)
        return [reader[job] for job in jobs]

    as_found, made_worse = read(random_crop, 0.0), read(random_crop, 0.9)
    softer = [detail(_image(b)) < detail(_image(a)) for a, b in zip(as_found, made_worse, strict=True)]
    assert np.mean(softer) > 0.5
    assert all(map(np.array_equal, read(centre, 0.9), read(centre, 0.0)))


def _image(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels.transpose(1, 2, 0))  # (3, H, W)
