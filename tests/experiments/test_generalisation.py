"""Two networks on two sets of pictures: the per-picture numbers add up to the metrics, and parts to the whole."""

import json

import numpy as np
import pytest
import torch

from colorize_lib import cli
from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.colour.resolution import resized
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.experiments import generalisation
from colorize_lib.experiments.generalisation import (
    SETTINGS,
    View,
    colour,
    difference,
    measure,
    own_side,
    per_picture,
    run_generalisation,
)
from colorize_lib.measuring.evaluate import Judge, sweep
from colorize_lib.measuring.metrics import ab_rmse, auc


@pytest.fixture
def made_up(monkeypatch):
    """The embedded pictures for CIFAR-10, and photograph patches for Tiny ImageNet."""
    monkeypatch.setattr(generalisation, "load_cifar10", lambda *_: embedded_cifar10())
    monkeypatch.setattr(generalisation, "load_tiny_imagenet", lambda *_: photograph_patches(6, size=64))


# --- the parts


def test_pictures_add_up_to_the_metrics():
    ab, truth = 40 * torch.randn(7, 2, 8, 8), 40 * torch.randn(7, 2, 8, 8)
    mean = per_picture(ab, truth).mean(0)
    assert np.sqrt(mean[0]) == pytest.approx(ab_rmse(ab, truth), rel=1e-6)
    assert mean[1] == pytest.approx(auc(ab, truth), rel=1e-6)


def test_a_perfect_picture_has_no_distance():
    truth = torch.randn(2, 2, 8, 8)
    assert per_picture(truth, truth).tolist() == [[0, 100], [0, 100]]


def test_a_difference_to_itself_is_none():
    values = np.random.default_rng(0).uniform(0, 90, (20, 2))
    nothing = {"mean": 0, "low": 0, "high": 0}
    assert difference(values, values) == {"ab_rmse": nothing, "auc": nothing}


def test_a_difference_has_the_sign_of_the_second():
    values = np.random.default_rng(0).uniform(10, 90, (200, 2))
    found = difference(values, values * [4, 1] + [0, 3])
    assert found["auc"]["low"] == pytest.approx(3, abs=1e-4)
    assert found["ab_rmse"]["mean"] == pytest.approx(np.sqrt(values[:, 0].mean()))
    assert found["ab_rmse"]["low"] < found["ab_rmse"]["mean"] < found["ab_rmse"]["high"]


def test_resized_keeps_what_fits_and_the_range():
    lightness = 100 * torch.rand(2, 1, 32, 32).round()
    assert resized(lightness, 32) is lightness
    for side in (16, 64):
        made = resized(lightness, side)
        assert made.shape == (2, 1, side, side)
        assert made.min() >= 0 and made.max() <= 100


def test_parts_are_the_whole(bins, monkeypatch):
    lightness = rgb_to_lab(embedded_cifar10().rgb)[:, :1]
    whole = colour(bins, lightness, 32, SETTINGS)
    monkeypatch.setattr(generalisation, "BATCH", 7)
    for one, other, (lam, t) in zip(whole, colour(bins, lightness, 32, SETTINGS), SETTINGS, strict=True):
        assert torch.allclose(one, other, atol=1e-2)
        assert torch.allclose(one, bins.decode(bins.predict(lightness), t, lam), atol=1e-2)


def test_own_side_is_that_of_training(bins):
    assert own_side(bins) == 32


# --- a set


def test_rows_agree_with_the_sweep(bins, monkeypatch):
    monkeypatch.setattr(generalisation, "own_side", lambda colorizer: 32)
    images = embedded_cifar10()
    found = measure({"cifar": bins, "photo": bins}, images, ((1.0, 0.38),), progress=False)
    assert len(found["rows"]) == 2
    wanted = sweep(bins, Judge(images, Gamut()), (0.38,), (1.0,), progress=False)[0]
    for row in found["rows"]:
        assert {key: row[key] for key in wanted} == pytest.approx(wanted, rel=1e-4)
        assert row["interval"]["auc"]["mean"] == pytest.approx(row["auc"], rel=1e-6)
        assert row["interval"]["ab_rmse"]["low"] < row["ab_rmse"] < row["interval"]["ab_rmse"]["high"]
    assert [entry["seen"] for entry in found["differences"]] == ["as they are", "own scale"]
    assert all(entry["auc"]["mean"] == 0 for entry in found["differences"])


def test_each_is_seen_as_it_is_and_at_the_networks_own_scale(bins, regression, monkeypatch):
    monkeypatch.setattr(generalisation, "own_side", lambda colorizer: 32 if colorizer is bins else 64)
    for images, views in (
        (photograph_patches(3, size=64), [View("cifar", 64), View("photo", 64), View("cifar", 32)]),
        (photograph_patches(3, size=32), [View("cifar", 32), View("photo", 32), View("photo", 64)]),
    ):
        found = measure({"cifar": bins, "photo": regression}, images, ((1.0, 1.0),), progress=False)
        assert [View(row["network"], row["seen_at"]) for row in found["rows"]] == views
        assert len(found["differences"]) == 2
        assert found["baselines"]["ceiling"]["ab_rmse"] < found["baselines"]["grey"]["ab_rmse"]


# --- the whole


def test_the_whole_on_a_few_pictures(made_up):
    result = run_generalisation(photo="classification", device="cpu", progress=False)
    assert list(result["sets"]) == ["cifar10", "tiny-imagenet"]
    assert [part["side"] for part in result["sets"].values()] == [32, 64]
    assert [part["images"] for part in result["sets"].values()] == [20, 6]
    assert result["networks"]["cifar"] == result["networks"]["photo"]
    json.dumps(result, allow_nan=False)


def test_the_command_writes_a_trial_beside_the_result(made_up, tmp_path, capsys):
    command = ["experiment", "generalisation", "--limit", "4", "--photo", "classification", "-o", str(tmp_path)]
    assert cli.main(command) == 0
    assert "ceiling" in capsys.readouterr().out
    assert (tmp_path / "generalisation-trial.json").is_file()
    assert not (tmp_path / "generalisation.json").exists()


def test_networks_that_are_not_there(made_up, capsys):
    assert cli.main(["experiment", "generalisation", "--photo", "nonsense"]) == 2
    assert "no weights 'nonsense'" in capsys.readouterr().err


@pytest.mark.cifar
@pytest.mark.tiny_imagenet
def test_on_real_pictures():
    result = run_generalisation(photo="classification", limit=100, progress=False)
    for part in result["sets"].values():
        assert part["images"] == 100
        assert min(row["ab_rmse"] for row in part["rows"]) < part["baselines"]["grey"]["ab_rmse"]
