"""Versions of a picture: truth in, truth out, and nothing but the colours differs."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from colorize_lib.colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from colorize_lib.colour.recolour import lab_with_colour, turned, with_colour
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.errors import InputError
from colorize_lib.experiments.versions import (
    BATCH,
    VERSIONS,
    Colour,
    lab_batches,
    make_variants,
    partners,
    variant_batches,
)
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.measuring.metrics import colourfulness
from colorize_lib.measuring.results import read_result

pictures = hnp.arrays("uint8", (2, 3, 4, 4))
degrees = st.floats(-720, 720)


@pytest.fixture(scope="module")
def images():
    return embedded_cifar10()


@pytest.fixture(scope="module")
def made(images):
    return make_variants(images.rgb, label=images.label, device="cpu")


def chroma(rgb: torch.Tensor) -> float:
    return rgb_to_lab(rgb)[:, 1:].square().sum(1).sqrt().mean().item()


# --- one way for all


@given(pictures)
def test_truth_in_truth_out(pixels):
    rgb = torch.from_numpy(pixels)
    assert torch.equal(with_colour(rgb), rgb)
    assert torch.equal(with_colour(rgb, rgb_to_lab(rgb)[:, 1:]), rgb)


def test_truth_in_truth_out_on_the_embedded_pictures(images, made):
    assert torch.equal(made["truth"], images.rgb)


@pytest.mark.cifar
def test_truth_in_truth_out_on_all_test_pictures(cifar):
    for split in ("dev", "test"):
        for rgb in cifar(split).rgb.split(500):
            assert torch.equal(with_colour(rgb), rgb)


def test_every_colour_there_is_comes_back():
    levels = torch.arange(256, dtype=torch.uint8)
    green, blue = torch.meshgrid(levels, levels, indexing="ij")
    for red in range(256):
        rgb = torch.stack([torch.full_like(green, red), green, blue])[None]  # (1, 3, 256, 256)
        assert torch.equal(with_colour(rgb), rgb), red


@given(pictures)
def test_grey_has_no_colour_and_the_same_light(pixels):
    rgb = torch.from_numpy(pixels)
    grey = with_colour(rgb, strength=0)
    assert torch.equal(grey, with_colour(rgb, torch.zeros(2, 2, 4, 4)))
    assert (grey.amax(1).int() - grey.amin(1).int()).max() <= 1  # halfway between two levels, R, G and B may part
    assert (rgb_to_lab(grey) - rgb_to_lab(rgb))[:, 0].abs().max() < 0.5  # half a level of 256
    assert (with_colour(grey, strength=0).int() - grey.int()).abs().max() <= 1


@given(pictures, st.floats(-20, 20), st.floats(-20, 20))
def test_other_colours_leave_the_light_where_they_can_be_shown(pixels, a, b):
    """Mid greys leave room for a little colour."""
    rgb = (torch.from_numpy(pixels) // 4 + 96).to(torch.uint8)
    ab = torch.tensor([a, b], dtype=torch.float32)[:, None, None].expand(2, 2, 4, 4)
    lab = rgb_to_lab(with_colour(rgb, ab))
    assert (lab[:, 0] - rgb_to_lab(rgb)[:, 0]).abs().max() < 0.5
    assert (lab[:, 1:] - ab).abs().max() < 1.5


# --- hues that are turned


@given(pictures)
def test_a_turn_by_nothing_changes_nothing(pixels):
    rgb = torch.from_numpy(pixels)
    ab = rgb_to_lab(rgb)[:, 1:]
    assert torch.equal(turned(ab, 0), ab)
    assert torch.equal(with_colour(rgb, hue=0), rgb)
    torch.testing.assert_close(turned(ab, 360), ab, atol=1e-4, rtol=0)


@given(pictures, degrees)
def test_a_turn_keeps_chroma(pixels, angle):
    ab = rgb_to_lab(torch.from_numpy(pixels))[:, 1:]
    torch.testing.assert_close(turned(ab, angle).norm(dim=1), ab.norm(dim=1), atol=1e-3, rtol=1e-5)


@given(pictures, degrees, st.floats(0, 1.5))
def test_light_is_kept_whatever_the_colour(pixels, angle, strength):
    rgb = torch.from_numpy(pixels)
    assert torch.equal(lab_with_colour(rgb, None, strength, angle)[:, :1], rgb_to_lab(rgb)[:, :1])


@given(pictures)
def test_half_a_turn_is_the_opposite(pixels):
    ab = rgb_to_lab(torch.from_numpy(pixels))[:, 1:]
    torch.testing.assert_close(turned(ab, 180), -ab, atol=1e-4, rtol=0)


@given(pictures, degrees, degrees)
def test_turns_add_up(pixels, one, other):
    ab = rgb_to_lab(torch.from_numpy(pixels))[:, 1:]
    torch.testing.assert_close(turned(turned(ab, one), other), turned(ab, one + other), atol=1e-2, rtol=0)


def test_a_turn_goes_from_red_to_yellow():
    ab = turned(torch.tensor([40.0, 0.0]).view(1, 2, 1, 1), 90)
    torch.testing.assert_close(ab.flatten(), torch.tensor([0.0, 40.0]), atol=1e-4, rtol=0)


def test_a_version_may_have_its_hue_turned(images):
    versions = {"turned": Colour("own", hue=180), "guessed": Colour("regression", strength=0.5, hue=120)}
    made = make_variants(images.rgb, versions, device="cpu")
    lab = rgb_to_lab(images.rgb)
    assert torch.equal(made["turned"], with_colour(images.rgb, turned(lab[:, 1:], 180)))
    ab = Colorizer.load("regression", "cpu").colour_lightness(lab[:, :1])
    gap = (made["guessed"].int() - with_colour(images.rgb, 0.5 * turned(ab, 120)).int()).abs()
    assert gap.max() <= 1  # one by one or in batches: sums in another order


def test_versions_in_lab_are_those_that_are_shown(images):
    versions = {name: VERSIONS[name] for name in ("grey", "random", "truth")} | {"turned": Colour("own", hue=60)}
    (lab,) = lab_batches(images.rgb, versions, images.label)
    for name, rgb in make_variants(images.rgb, versions, images.label).items():
        assert torch.equal(to_uint8(lab_to_rgb(lab[name])), rgb)


def test_what_is_not_turned_is_described_as_before_there_were_hues():
    assert Colour("own").settings() == {"source": "own", "temperature": 1, "lam": 1, "strength": 1}
    for colour in (Colour("own", hue=60), Colour("regression", 0.5, 0.7, 1.5)):
        assert Colour(**colour.settings()) == colour


# --- the versions


def test_every_version_is_made_in_order(images, made):
    assert list(made) == list(VERSIONS)
    for rgb in made.values():
        assert (rgb.shape, rgb.dtype) == (images.rgb.shape, torch.uint8)
    assert len({tuple(rgb.flatten().tolist()) for rgb in made.values()}) == len(VERSIONS)


def test_the_number_in_a_name_is_the_temperature():
    numbers = {name: float(name.removeprefix("annealed-")) for name in VERSIONS if name.startswith("annealed-")}
    assert numbers
    assert {name: VERSIONS[name].temperature for name in numbers} == numbers


def test_the_versions_are_those_that_the_shipped_result_was_measured_on():
    rows = read_result("vgg")["rows"]
    assert {name: colour.settings() for name, colour in VERSIONS.items()} == {name: rows[name] for name in VERSIONS}


def test_coloured_versions_are_what_the_colorizer_makes(images, made):
    for name, colour in VERSIONS.items():
        if colour.source not in ("own", "another"):
            expected = Colorizer.load(colour.source, "cpu").colorize(images.rgb, colour.temperature, colour.lam)
            gap = (made[name].int() - expected.int()).abs()
            assert gap.max() <= 1  # one by one or in batches: sums in another order
            assert (gap > 0).float().mean() < 0.01


def test_every_colouring_has_more_colour_than_grey_and_less_than_truth(made):
    found = {name: colourfulness(rgb).mean().item() for name, rgb in made.items()}
    assert found["grey"] < 0.5
    for name in ("regression", "mean", "annealed-0.89", "annealed-0.38", "halved"):
        assert 5 < found[name] < 0.8 * found["truth"]
    assert chroma(made["halved"]) == pytest.approx(chroma(made["truth"]) / 2, rel=0.05)


def test_temperature_lambda_and_strength_are_heeded(images):
    versions = {
        "plain": Colour("classification"),
        "sharp": Colour("classification", 0.1),
        "vivid": Colour("classification", lam=0.3),
        "weak": Colour("classification", strength=0.2),
    }
    made = {name: chroma(rgb) for name, rgb in make_variants(images.rgb, versions, device="cpu").items()}
    assert made["vivid"] > 1.2 * made["plain"]
    assert made["weak"] == pytest.approx(0.2 * made["plain"], rel=0.1)
    assert abs(made["sharp"] - made["plain"]) > 1


def test_random_colours_are_those_of_the_partner(images, made):
    partner = partners(len(images), images.label)
    ab = rgb_to_lab(images.rgb)[partner, 1:]
    assert torch.equal(made["random"], with_colour(images.rgb, ab))
    other = make_variants(images.rgb, {"random": VERSIONS["random"]}, images.label, seed=1)["random"]
    assert not torch.equal(other, made["random"])


def test_more_pictures_than_fit_a_batch():
    rgb = photograph_patches(BATCH + 5).rgb
    versions = {"random": VERSIONS["random"], "truth": VERSIONS["truth"]}
    parts = list(variant_batches(rgb, versions))
    assert [len(part["truth"]) for part in parts] == [BATCH, 5]
    made = make_variants(rgb, versions)
    assert torch.equal(made["truth"], rgb)
    assert torch.equal(made["random"], with_colour(rgb, rgb_to_lab(rgb)[partners(len(rgb)), 1:]))


def test_a_colorizer_that_is_not_there(images):
    with pytest.raises(InputError, match="no weights 'transfer-to-mars'"):
        make_variants(images.rgb, {"x": Colour("transfer-to-mars")})


# --- who lends colours to whom


@given(st.lists(st.integers(0, 4), min_size=2, max_size=60), st.integers(0, 9))
def test_partners_are_others_each_once(label, seed):
    label = torch.tensor(label)
    for partner in (partners(len(label), None, seed), partners(len(label), label, seed)):
        assert partner.sort().values.tolist() == list(range(len(label)))
        assert (partner != torch.arange(len(label))).all()
    if 2 * label.bincount().max() <= len(label):
        assert (label[partners(len(label), label, seed)] != label).all()


def test_partners_come_from_all_other_classes_alike():
    label = torch.arange(10).repeat_interleave(500)
    partner = label[partners(5000, label)]
    counts = torch.stack([partner[label == k].bincount(minlength=10) for k in range(10)])  # (10, 10)
    assert counts.diagonal().max() == 0
    off = counts[~torch.eye(10, dtype=torch.bool)]
    assert off.min() > 25  # 500 / 9 each, within four standard deviations
    assert off.max() < 90


def test_the_seed_decides_the_partners():
    assert torch.equal(partners(50, seed=3), partners(50, seed=3))
    assert not torch.equal(partners(50, seed=3), partners(50, seed=4))


@pytest.mark.parametrize("n", [0, 1])
def test_who_is_alone_has_no_other(n):
    assert partners(n).tolist() == list(range(n))
    assert partners(n, torch.zeros(n, dtype=torch.long)).tolist() == list(range(n))
