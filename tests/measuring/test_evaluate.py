"""Sweeps, choices and results files."""

import json
import math
from pathlib import Path

import pytest
import torch

from colorize_lib.colour.gamut import Gamut
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.data.images import Images
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.measuring.evaluate import (
    LAMBDAS,
    TEMPERATURES,
    Judge,
    best_temperatures,
    chroma,
    evaluate,
    predicted,
    sweep,
)
from colorize_lib.measuring.metrics import chroma_histogram
from colorize_lib.measuring.results import read_result, write_result
from colorize_lib.weights.shipped import load_weights, shipped_weights

#: What every result has, and what those have that are measured now.
STORED = ["ab_rmse", "auc", "auc_balanced", "eps2", "eps5", "psnr", "ssim", "colourfulness_ratio"]
METRICS = [*STORED, "ciede2000", "roughness"]
RESULTS = sorted(
    path.stem
    for path in (Path(__file__).parents[2] / "results").glob("*.json")
    if {"baselines", "dev", "test", "weights"} <= json.loads(path.read_text()).keys()
)


@pytest.fixture(scope="module")
def images() -> Images:
    return embedded_cifar10()


@pytest.fixture(scope="module")
def judge(images, gamut) -> Judge:
    return Judge(images, gamut)


def numbers(value) -> list[float]:
    """All numbers anywhere in a result."""
    if isinstance(value, dict):
        return [n for part in value.values() for n in numbers(part)]
    if isinstance(value, list):
        return [n for part in value for n in numbers(part)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def test_truth_is_perfect(judge):
    row = judge.measure(judge.ab)
    assert row["ab_rmse"] == 0
    assert [row[m] for m in ("auc", "auc_balanced", "eps2", "eps5")] == pytest.approx([100] * 4)
    assert row["psnr"] > 50
    assert row["ssim"] > 0.999
    assert row["colourfulness_ratio"] == pytest.approx(1, abs=1e-3)
    assert row["ciede2000"] == 0
    assert row["roughness"] > 0


def test_grey_is_colourless_and_the_ceiling_is_above_it(judge):
    baselines = judge.baselines()
    grey, ceiling = baselines["grey"], baselines["ceiling"]
    assert list(grey) == list(ceiling) == METRICS
    assert grey["colourfulness_ratio"] < 0.02
    assert grey["ab_rmse"] == pytest.approx(judge.ab.square().sum(1).mean().sqrt().item(), rel=1e-5)
    assert 0 < ceiling["ab_rmse"] < 0.5 * grey["ab_rmse"]
    lower = ("ab_rmse", "ciede2000")
    assert all((ceiling[metric] < grey[metric]) == (metric in lower) for metric in METRICS)
    assert ceiling["auc"] < 100


def test_half_resolution_is_measured_at_full(judge):
    assert judge.measure(torch.zeros(20, 2, 16, 16)) == judge.measure(torch.zeros(20, 2, 32, 32))


def test_a_sweep_has_a_row_for_every_setting(bins, judge):
    rows = sweep(bins, judge, temperatures=(0.38, 1.0), lambdas=(1.0, 0.5), progress=False)
    assert [(row["lam"], row["temperature"]) for row in rows] == [(1.0, 0.38), (1.0, 1.0), (0.5, 0.38), (0.5, 1.0)]
    assert all(list(row) == ["lam", "temperature", *METRICS] for row in rows)
    assert len({row["ab_rmse"] for row in rows}) == 4
    assert rows[2]["colourfulness_ratio"] > rows[0]["colourfulness_ratio"]


def test_a_row_is_what_colouring_by_hand_gives(bins, judge):
    (row,) = sweep(bins, judge, temperatures=(0.5,), lambdas=(0.7,), progress=False)
    by_hand = judge.measure(bins.colour_lightness(judge.lightness, 0.5, 0.7))
    assert {key: row[key] for key in METRICS} == pytest.approx(by_hand, rel=1e-5)


def test_regression_has_one_row_without_settings(regression, judge):
    rows = sweep(regression, judge, progress=False)
    assert [list(row) for row in rows] == [METRICS]


def test_the_sweep_covers_all_temperatures_and_lambdas_of_the_book():
    assert min(TEMPERATURES) <= 0.01
    assert max(TEMPERATURES) == 1
    assert {0.38, 0.89} < set(TEMPERATURES)
    assert list(TEMPERATURES) == sorted(TEMPERATURES)
    assert {1.0, *LAMBDAS} == {1.0, 0.7, 0.5, 0.3}


def test_best_temperatures_by_hand():
    def row(lam, temperature, rmse, auc, ratio):
        return {"lam": lam, "temperature": temperature, "ab_rmse": rmse, "auc": auc, "colourfulness_ratio": ratio}

    rows = [row(1, 0.1, 20, 90, 1.3), row(1, 0.5, 15, 92, 0.9), row(1, 1.0, 14, 91, 0.4), row(0.5, 0.2, 1, 100, 1.0)]
    assert best_temperatures(rows) == {"ab_rmse": 1.0, "auc": 0.5, "colourfulness_ratio": 0.5}
    rows[0]["colourfulness_ratio"] = 1.05
    assert best_temperatures(rows)["colourfulness_ratio"] == 0.1


@pytest.mark.parametrize("metric", ["ab_rmse", "ciede2000", "roughness"])
def test_of_errors_the_least_is_best(metric):
    rows = [{"lam": 1, "temperature": t, metric: value} for t, value in ((0.1, 3.0), (0.5, 2.0), (1.0, 4.0))]
    assert best_temperatures(rows) == {metric: 0.5}


@pytest.mark.parametrize("kind", ["bins", "regression"])
def test_the_network_sees_every_picture_once(kind, images, request, monkeypatch):
    colorizer, seen = request.getfixturevalue(kind), []
    predict = type(colorizer).predict
    monkeypatch.setattr(type(colorizer), "predict", lambda self, x, **kw: seen.append(len(x)) or predict(self, x, **kw))
    evaluate(colorizer, images[:5], images, progress=False)
    assert seen == [5, 20]


def test_chroma_is_that_of_colouring_by_hand(bins, judge):
    found = chroma(bins, judge, predicted(bins, judge))["histogram"]
    for name, temperature in (("mean", 1.0), ("T = 0.38", 0.38), ("T = 0.01", 0.01)):
        by_hand = chroma_histogram(bins.colour_lightness(judge.lightness, temperature).cpu())
        assert found[name] == pytest.approx(by_hand, abs=1e-3)


def check_result(result: dict):
    """What every results file has to have, finite throughout."""
    classes = "bin_cross_entropy" in result
    assert {"name", "weights", "data", "baselines", "dev", "test", "chroma", "seconds", "date"} <= result.keys()
    assert list(result["baselines"]) == ["grey", "ceiling"]
    assert all(math.isfinite(n) for n in numbers(result))
    for row in (*result["baselines"].values(), *result["dev"], *result["test"]):
        assert set(STORED) <= row.keys()
        assert 0 <= row["auc"] <= 100
        assert row["ab_rmse"] > 0
    for histogram in result["chroma"]["histogram"].values():
        assert sum(histogram) == pytest.approx(1)
    assert sum(row["share"] for row in result["chroma"]["calibration"]) == pytest.approx(1)
    if classes:
        settings = [(row["lam"], row["temperature"]) for row in result["test"]]
        assert [(row["lam"], row["temperature"]) for row in result["dev"]] == settings  # what is chosen can be reported
        assert len(set(settings)) == len(settings)
        lambdas = LAMBDAS if result["weights"]["recipe"]["lam"] == 1 else ()
        assert {lam for lam, _ in settings} == {1.0, *lambdas}
        assert {t for lam, t in settings if lam == 1} == set(TEMPERATURES)
        assert {(lam, t) for lam in lambdas for t in (0.01, 0.38, 0.89, 1.0)} <= set(settings)
        assert result["best_on_dev"] == best_temperatures(result["dev"])
        assert 0 < result["bin_cross_entropy"] < 5.6  # ln 261: a guess without looking
        assert {"truth", "mean", "T = 0.38", "T = 0.01"} == result["chroma"]["histogram"].keys()
    else:
        assert len(result["dev"]) == len(result["test"]) == 1


@pytest.mark.parametrize("name", ["bins", "regression"])
def test_a_result_is_written_and_read_whole(request, images, tmp_path, name):
    colorizer = request.getfixturevalue(name)
    result = evaluate(colorizer, images[:10], images[10:], progress=False)
    check_result(result)
    assert result["data"]["dev"] == {"source": images.source, "images": 10}
    path = tmp_path / "new" / "result.json"
    write_result(result, path)
    assert json.loads(path.read_text()) == result
    assert [f.name for f in path.parent.iterdir()] == ["result.json"]


def test_a_network_trained_rebalanced_is_not_rebalanced_again(images):
    result = evaluate(Colorizer.load("rebalanced", "cpu"), images[:4], images[4:8], progress=False)
    check_result(result)
    assert {row["lam"] for row in (*result["dev"], *result["test"])} == {1.0}


def test_an_unknown_result_says_how_to_make_it():
    with pytest.raises(InputError, match="no result 'nonsense': make it with colorize evaluate nonsense"):
        read_result("nonsense")


# --- results that ship


def test_the_three_of_the_book_have_results():
    assert {"classification", "rebalanced", "regression"} <= set(RESULTS)


@pytest.mark.parametrize("name", RESULTS)
def test_shipped_results_are_complete(name):
    result = read_result(name)
    assert result["name"] == name
    check_result(result)


@pytest.mark.parametrize("name", ["classification", "rebalanced", "regression", "transfer"])
def test_shipped_results_are_of_the_shipped_weights_on_all_pictures(name):
    result = read_result(name)
    assert result["weights"] == load_weights(name).meta
    assert {split: part["images"] for split, part in result["data"].items()} == {"dev": 5000, "test": 5000}


@pytest.mark.cifar
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*RESULTS} & {*shipped_weights()}))
def test_measuring_again_gives_the_shipped_numbers(name, cifar):
    result, test = read_result(name), cifar("test")
    images = test[:: len(test) // result["data"]["test"]["images"]]
    assert len(images) == result["data"]["test"]["images"]
    colorizer = Colorizer.load(name, "cpu")
    judge = Judge(images, colorizer.gamut or Gamut())
    if colorizer.gamut:
        lam = 0.5 if result["weights"]["recipe"]["lam"] == 1 else 1.0
        rows = [row for row in result["test"] if (row["lam"], row["temperature"]) == (lam, 0.38)]
        again = sweep(colorizer, judge, temperatures=(0.38,), lambdas=(lam,), progress=False)
    else:
        rows, again = result["test"], sweep(colorizer, judge, progress=False)
    assert len(rows) == len(again) == 1
    assert again[0] == pytest.approx(rows[0], rel=1e-3)
