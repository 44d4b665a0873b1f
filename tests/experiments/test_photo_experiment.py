"""The measures of photographs: by hand on small ones, and the rule that sets the dials."""

import json

import numpy as np
import pytest
import torch

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import lab_to_rgb, to_uint8
from colorize_lib.data.examples import photograph
from colorize_lib.data.images import Images
from colorize_lib.experiments import photographs
from colorize_lib.experiments.photographs import (
    MOST_RED,
    MOST_WORSE,
    SETTINGS,
    as_colourful,
    choose,
    doubts,
    plain_chroma,
    plain_pictures,
    run_photographs,
)
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.inference.dials import LAM, TEMPERATURE, VIEWS
from colorize_lib.measuring import metrics
from colorize_lib.measuring.photographs import (
    Pictures,
    colour_all,
    difference,
    grey,
    has_red_patch,
    table_row,
    with_intervals,
)
from colorize_lib.measuring.provenance import source
from colorize_lib.measuring.results import read_result
from colorize_lib.record import trained_for, training
from colorize_lib.weights.shipped import load_weights


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    squares = [photograph(name)[:, 40:104, 60:124] for name in ("chelsea", "coffee", "rocket")]
    return Pictures(Images(torch.stack(squares), torch.zeros(3, dtype=torch.long), "a test"))


def test_the_numbers_are_those_of_the_metrics(pictures):
    torch.manual_seed(0)
    true_ab, lightness = pictures.lab[:, 1:], pictures.lab[:, :1]
    ab = 0.5 * true_ab + 6 * torch.randn_like(true_ab)
    row = table_row(pictures.measure(slice(None), ab), grey(pictures), pictures)
    weight = metrics.balanced_weight(true_ab, Gamut())
    painted = to_uint8(lab_to_rgb(torch.cat((lightness, ab), 1)))
    none = torch.zeros_like(ab)
    expected = {
        "ab_rmse": metrics.ab_rmse(ab, true_ab),
        "auc": metrics.auc(ab, true_ab),
        "auc_gain": metrics.auc(ab, true_ab) - metrics.auc(none, true_ab),
        "auc_balanced": metrics.auc(ab, true_ab, weight),
        "auc_balanced_gain": metrics.auc(ab, true_ab, weight) - metrics.auc(none, true_ab, weight),
        "colourfulness_ratio": metrics.colourfulness_ratio(painted, pictures.rgb),
        "roughness": metrics.roughness(ab, lightness),
    }
    assert {key: row[key] for key in expected} == pytest.approx(expected, rel=1e-4)


def test_the_truth_is_never_worse_and_its_opposite_always(pictures):
    without, true_ab = grey(pictures), pictures.lab[:, 1:]
    for ab, worse in ((true_ab, 0.0), (-true_ab, 1.0), (0 * true_ab, 0.0)):
        assert table_row(pictures.measure(slice(None), ab), without, pictures)["worse_than_grey"] == worse


def test_a_red_patch_is_large_connected_red_and_not_there_in_truth(pictures):
    ab = torch.zeros(2, 64, 64)
    assert not has_red_patch(ab)
    ab[0, :12, :12] = 40  # 3.5 %
    assert has_red_patch(ab)
    ab[0, :12, 6] = 0  # in two halves
    assert not has_red_patch(ab)
    brown = torch.zeros(2, 64, 64)
    brown[0], brown[1] = 20, 40
    assert not has_red_patch(brown)
    red = torch.zeros(3, 2, 64, 64)
    red[:, 0] = 60
    found = pictures.measure(slice(None), red)["red"]
    assert found.tolist() == [float(not there) for there in pictures.red]


def test_intervals_hold_the_mean(pictures):
    numbers = pictures.measure(slice(None), 0.7 * pictures.lab[:, 1:])
    row = with_intervals(numbers, grey(pictures), pictures)
    for key, (low, high) in row["interval"].items():
        assert low <= row[key] + 1e-6
        assert row[key] <= high + 1e-6


def test_a_difference_is_that_of_the_means_and_of_the_same_pictures(pictures):
    one, other = (pictures.measure(slice(None), share * pictures.lab[:, 1:]) for share in (0.9, 0.5))
    rows = [table_row(numbers, grey(pictures), pictures) for numbers in (one, other)]
    for key, found in difference(one, other).items():
        assert found["mean"] == pytest.approx(rows[0][key] - rows[1][key], abs=1e-6)
        assert found["low"] <= found["mean"] + 1e-6
        assert found["mean"] <= found["high"] + 1e-6
    assert all(found == {"mean": 0, "low": 0, "high": 0} for found in difference(one, one).values())


@pytest.mark.parametrize("way", ["distributions", "colours", "nothing"])
def test_each_way_of_averaging_measures_what_it_paints(bins, pictures, way):
    (numbers,) = colour_all(bins, pictures, [(0.8, 0.5)], 48, way, progress=False)
    assert numbers["squared"].shape == (3,)
    if way == "distributions":
        ab = bins.colour_lightness(pictures.lab[:, :1], 0.5, 0.8, 48)
        expected = pictures.measure(slice(None), ab)
        np.testing.assert_allclose(numbers["squared"], expected["squared"], rtol=1e-3)


def rows(*numbers):
    keys = ("lam", "temperature", "colourfulness_ratio", "worse_than_grey", "red_patches")
    return [dict(zip(keys, row, strict=True)) for row in numbers]


def test_the_dials_are_the_most_colourful_allowed():
    found = rows((1, 1, 0.5, 0.1, 0.0), (0.9, 1, 0.7, 0.19, 0.01), (0.8, 1, 0.8, 0.3, 0.01), (0.9, 0.5, 0.75, 0.1, 0.1))
    assert choose(found) == {"lam": 0.9, "temperature": 1}
    assert choose(rows((1, 1, 1.2, 0.1, 0.0), (1, 0.5, 0.9, 0.1, 0.0)))["temperature"] == 0.5  # not beyond the truth
    assert choose(rows((1, 1, 0.5, 0.4, 0.0), (1, 0.5, 0.4, 0.3, 0.0)))["temperature"] == 0.5  # none allowed


def test_the_dials_stand_where_the_rule_says():
    measured = read_result("photographs")
    assert measured["rule"] == {"most_worse_than_grey": MOST_WORSE, "most_red_patches": MOST_RED}
    tried = measured["dev"][f"{VIEWS['photo']} pixels"]
    assert {(row["lam"], row["temperature"]) for row in tried} == set(SETTINGS)
    assert choose(tried) == measured["chosen"]
    assert (measured["chosen"]["lam"], measured["chosen"]["temperature"]) == (pytest.approx(LAM), TEMPERATURE)


def test_paper_stays_paper():
    """At the dials as they stand, hardly any colour."""
    assert set(plain_pictures()) == {"grey card", "page of text", "white border", "black border"}
    found = plain_chroma(Colorizer.load("photo", "cpu"), TEMPERATURE, LAM)
    assert max(found.values()) < 3, found


class Told:
    """Says of each picture what it is told to: a colorizer of two colours, red and its opposite."""

    size, gamut = 8, Gamut(neighbours=1, centres=[[40, 0], [-40, 0]])

    def __init__(self, red):
        self.log_p = torch.tensor([red, [1 - p for p in red]]).log().T[:, :, None, None].expand(-1, -1, 4, 4)  # (N, 2,)

    def look(self, lightness, size):
        return self.log_p, None

    def decode(self, log_p):
        return self.gamut.decode(log_p)


def test_a_network_that_doubts_where_it_is_wrong_is_known_by_its_doubts():
    red = to_uint8(lab_to_rgb(torch.tensor([50.0, 40, 0])[:, None, None].expand(4, 3, 8, 8)))
    true = Pictures(Images(red, torch.zeros(4, dtype=torch.long), "a test"))
    found = doubts(Told([0.99, 0.9, 0.4, 0.3]), true, progress=False)
    assert found["agreement"]["worse"] == found["certainty"]["worse"] == [1.0, 1.0, 0.0, 0.0]  # from low to high
    assert found["entropy"]["worse"] == [0.0, 0.0, 1.0, 1.0]
    assert found["entropy"]["correlation"] == pytest.approx(-found["certainty"]["correlation"]) == pytest.approx(-0.8)


def test_the_vivid_dial_is_as_colourful_as_the_truth():
    found = rows((1, 1, 0.5, 0.1, 0.0), (0.3, 1, 0.9, 0.4, 0.0), (0.1, 1, 1.2, 0.5, 0.0), (0.3, 0.5, 1.0, 0.5, 0.1))
    assert as_colourful(found) == {"lam": 0.3, "temperature": 1}


def test_the_whole_says_how_it_came_about(pictures, monkeypatch):
    images = Images(torch.cat((pictures.rgb, pictures.rgb[:1])), torch.zeros(4, dtype=torch.long), "a test")
    for name, value in {
        "load_photographs": lambda *_: images, "load_tiny_imagenet": lambda *_: images, "LAMBDAS": (1.0,),
        "FEW": ((1.0, 1.0),), "SETTINGS": ((1.0, 1.0),), "SIZES": (192,), "WAYS": photographs.WAYS[:1],
        "plain_chroma": lambda *_, **__: {},
    }.items():  # fmt: skip
        monkeypatch.setattr(photographs, name, value)
    result = run_photographs(others=["transfer"], limit=4, device="cpu", progress=False)
    assert result["name"] == "photographs-trial"
    assert [(split, part["images"]) for split, part in result["data"].items()] == [
        ("dev", 4), ("test", 4), ("tiny-imagenet", 4),
    ]  # fmt: skip
    photo = load_weights("photo").meta
    assert result["trained"] == f"photo ({trained_for(photo)}), transfer (6 epochs)"
    rmse = {row["network"]: row["ab_rmse"] for row in result["test"]["rows"]}
    (gap,) = result["test"]["networks_against"]
    assert (gap["against"], gap["lam"], gap["temperature"]) == ("transfer", 1.0, 1.0)
    assert gap["ab_rmse"]["mean"] == pytest.approx(rmse["photo"] - rmse["transfer"], abs=1e-3)
    assert source(result).command == (
        f"{training(photo)} && colorize train transfer && colorize experiment photographs "
        "--photo runs/photo.safetensors --beside runs/transfer.safetensors --limit 4"
    )
    json.dumps(result, allow_nan=False)
