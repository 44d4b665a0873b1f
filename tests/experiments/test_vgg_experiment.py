"""The whole experiment on a small archive: what is trained, measured, named, kept and resumed."""

import io
import json
import os
import re
import signal
import tarfile
from pathlib import Path

import numpy as np
import pytest
from command_line import run_command
from PIL import Image

from colorize_lib import cli
from colorize_lib.colour.recolour import with_colour
from colorize_lib.data import cifar10 as data
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.data.images import CLASSES
from colorize_lib.errors import InputError
from colorize_lib.experiments import vgg as experiment
from colorize_lib.experiments.versions import VERSIONS
from colorize_lib.experiments.vgg import (
    CHOICES,
    COLUMNS,
    kept_choices,
    run_vgg,
)
from colorize_lib.inference.classifier import Classifier
from colorize_lib.measuring.provenance import source
from colorize_lib.measuring.statistics import mcnemar
from colorize_lib.training.classifier import get_classifier_recipe
from colorize_lib.weights.shipped import load_weights

ROWS = [*(row for row in VERSIONS if row != "truth"), *CHOICES, "truth"]


@pytest.fixture(scope="session")
def small_archive(tmp_path_factory) -> Path:
    """A whole ``cifar10.tgz``, if a class has 8 training and 10 test pictures."""
    path, rng = tmp_path_factory.mktemp("small") / "cifar10.tgz", np.random.default_rng(0)
    with tarfile.open(path, "w:gz") as archive:
        for part, count in (("train", 8), ("test", 10)):
            for label, name in enumerate(CLASSES):
                for i in range(count):
                    pixels = rng.integers(0, 60, (32, 32, 3)) + np.array([20 * label, 190 - 20 * label, 80])
                    file = io.BytesIO()
                    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
                    info = tarfile.TarInfo(f"cifar10/{part}/{name}/{i}_{name}.png")
                    info.size = file.tell()
                    archive.addfile(info, io.BytesIO(file.getvalue()))
    return path


def use_small_classes(patch: pytest.MonkeyPatch):
    """Class sizes and splits of :func:`small_archive`."""
    patch.setattr(data, "PER_CLASS", {"train": 8, "test": 10})
    patch.setitem(data.SPLITS, "dev", ("test", slice(None, 5)))
    patch.setitem(data.SPLITS, "test", ("test", slice(5, None)))


@pytest.fixture
def small_classes(monkeypatch):
    use_small_classes(monkeypatch)


SHORT = ("--seeds", "2", "--epochs", "2", "--device", "cpu")


@pytest.fixture(scope="module")
def whole(small_archive, tmp_path_factory) -> tuple[Path, dict]:
    """(run folder, result) of the command on the small archive, never stopped."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        use_small_classes(patch)
        arguments = ["--data", small_archive, "--folder", folder / "runs", "-o", folder / "out", *SHORT]
        assert cli.main(["experiment", "vgg", *map(str, arguments)]) == 0
    return folder, json.loads((folder / "out" / "vgg.json").read_text())


def test_the_result_holds_every_row_and_column(whole):
    _, result = whole
    assert list(result["rows"]) == ROWS
    assert list(result["columns"]) == list(COLUMNS)
    assert {name: part["images"] for name, part in result["sets"].items()} == {"test": 50, "vgg-test": 10}
    for part in result["sets"].values():
        assert {column: list(rows) for column, rows in part["columns"].items()} == {column: ROWS for column in COLUMNS}
        assert {len(pairs) for pairs in part["pairs"].values()} == {len(ROWS) * (len(ROWS) - 1) // 2}
        assert len(part["columns_compared"]) == 3 * len(ROWS) - 1
        for rows in part["columns"].values():
            for cell in rows.values():
                assert len(cell["accuracy_of_seed"]) == 2
                assert list(cell["accuracy_of_class"]) == list(CLASSES)
                assert cell["accuracy"]["low"] <= cell["accuracy"]["mean"] <= cell["accuracy"]["high"]


def test_the_result_says_what_was_chosen_from_what(whole):
    _, result = whole
    assert len(result["dev"]) == sum(len(choice.candidates()) for choice in CHOICES.values())
    for row in CHOICES:
        chosen = {key: result["rows"][row][key] for key in ("source", "temperature", "lam")}
        top = max(entry["accuracy"] for entry in result["dev"] if entry["row"] == row)
        assert {**chosen, "accuracy": top} in [
            {key: entry[key] for key in ("source", "temperature", "lam", "accuracy")}
            for entry in result["dev"]
            if entry["row"] == row
        ]


def test_the_result_says_how_it_came_about(whole):
    _, result = whole
    assert result["name"] == "vgg"
    assert {split: part["images"] for split, part in result["data"].items()} == {"train": 80, "dev": 50, "test": 50}
    assert result["data"]["test"]["source"] == "cifar10.tgz, lossless PNG"
    assert {"commit", "date", "hardware", "torch", "seconds", "recipe", "seeds"} <= result.keys()
    assert [(one["name"], one["seed"]) for one in result["classifiers"]] == [
        (f"vgg-{column}", seed) for column in COLUMNS for seed in (0, 1)
    ]


def test_numbers_can_be_found_again_by_hand(whole, small_archive, small_classes):
    """What the chapter does: load a classifier, make a version, count."""
    folder, result = whole
    test = load_cifar10("test", small_archive, progress=False)
    label, right = test.label.numpy(), {}
    for row in ("grey", "truth"):
        rgb = with_colour(test.rgb, strength=VERSIONS[row].strength)
        classifier = Classifier.load(folder / "runs" / "vgg-colour-1.safetensors", "cpu")
        right[row] = classifier.probabilities(rgb).argmax(1).numpy() == label
        found = result["sets"]["test"]["columns"]["colour"][row]["accuracy_of_seed"][1]
        assert found == pytest.approx(right[row].mean())
    pair = next(p for p in result["sets"]["test"]["pairs"]["colour"] if p["rows"] == ["grey", "truth"])
    expected = mcnemar(right["grey"], right["truth"])
    assert (pair["b"][1], pair["c"][1], pair["p"][1]) == pytest.approx(expected, rel=1e-5)


def test_again_nothing_is_trained_and_the_numbers_are_the_same(whole, small_archive, small_classes):
    folder, result = whole
    before = {file: file.stat().st_mtime_ns for file in (folder / "runs").iterdir()}
    again = run_vgg(folder / "runs", small_archive, 2, epochs=2, device="cpu", progress=False)
    assert {file: file.stat().st_mtime_ns for file in (folder / "runs").iterdir()} == before
    networks = {f"vgg-{column}-{seed}.safetensors" for column in COLUMNS for seed in (0, 1)}
    assert {file.name for file in before} == {*networks, "choices.json"}
    assert json.loads(json.dumps(again["sets"])) == result["sets"]
    assert json.loads(json.dumps(again["rows"])) == result["rows"]


def test_choices_of_other_networks_are_made_anew(whole, tmp_path, monkeypatch):
    folder, _ = whole
    classifiers = [Classifier.load(folder / "runs" / f"vgg-colour-{seed}.safetensors", "cpu") for seed in (0, 1)]
    dev = embedded_cifar10()
    calls = []
    monkeypatch.setattr(
        "colorize_lib.experiments.vgg.choose", lambda *a, **k: calls.append(a) or [{"accuracy": len(calls)}]
    )
    assert kept_choices(tmp_path, classifiers, dev, "cpu", False) == [{"accuracy": 1}]
    assert kept_choices(tmp_path, classifiers, dev, "cpu", False) == [{"accuracy": 1}]  # kept
    assert kept_choices(tmp_path, classifiers[::-1], dev, "cpu", False) == [{"accuracy": 2}]
    assert kept_choices(tmp_path, classifiers[::-1], dev[:5], "cpu", False) == [{"accuracy": 3}]


def test_stopped_by_hand_it_goes_on_and_ends_with_the_same_numbers(
    whole, small_archive, small_classes, tmp_path, monkeypatch, capsys
):
    arguments = ["vgg", "--data", small_archive, "--folder", tmp_path / "runs", "-o", tmp_path / "out", *SHORT]
    with monkeypatch.context() as patch:

        def replace_and_interrupt(source, target, replace=os.replace):
            replace(source, target)
            if Path(target).name == "vgg-grey-1.checkpoint":
                signal.raise_signal(signal.SIGINT)

        patch.setattr(os, "replace", replace_and_interrupt)
        status, _, err = run_command(capsys, *arguments)
    assert status == 130
    assert "Run the same command again to go on" in err
    assert "Traceback" not in err
    files = {file.name for file in (tmp_path / "runs").iterdir()}
    assert "vgg-grey-1.checkpoint" in files and "vgg-coloured-1.safetensors" not in files
    assert not (tmp_path / "out").exists()
    assert run_command(capsys, *arguments)[0] == 0
    assert json.loads((tmp_path / "out" / "vgg.json").read_text())["sets"] == whole[1]["sets"]


def test_another_recipe_in_the_same_folder_is_refused(whole, small_archive, small_classes, capsys):
    folder, _ = whole
    arguments = ["--data", small_archive, "--folder", folder / "runs", "-o", folder / "other", "--epochs", "1"]
    status, out, err = run_command(capsys, "vgg", *arguments, "--device", "cpu")
    assert (status, out) == (2, "")
    assert re.search("colorize: .*vgg-colour-0.safetensors was trained by another recipe", err)
    assert not (folder / "other").exists()


@pytest.mark.parametrize("recipe", ["vgg32", "lite0"])
def test_a_trial_by_the_clock_of_either_network_says_in_its_name_what_it_is(
    recipe, small_archive, small_classes, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    less = ["--limit", "70", "--dev", "10", "--test", "20", "--seeds", "1", "--minutes", "0.001", "--size", "32"]
    status, out, err = run_command(
        capsys, "vgg", "--data", small_archive, "--recipe", recipe, *less, "-o", "out", "--device", "cpu"
    )
    assert status == 0, err
    network, name = ("vgg", "vgg") if recipe == "vgg32" else ("lite0", "lite0-32")
    name += "-0.001min-trial"
    assert out.splitlines()[-1] == f"out/{name}.json"
    assert "20 pictures (test), networks trained on grey pictures" in out
    result = json.loads((tmp_path / "out" / f"{name}.json").read_text())
    assert result["data"]["dev"]["images"] == 10
    assert [result["sets"][part]["images"] for part in ("test", "vgg-test")] == [20, 10]
    meta = load_weights(tmp_path / "runs" / name / f"{network}-grey-0.safetensors").meta
    assert (meta["name"], meta["data"]["images"]) == (f"{network}-grey", 70)
    assert meta["recipe"]["minutes"] == result["recipe"]["minutes"] == 0.001
    asked = dict(zip(less[::2], less[1::2], strict=True)) | ({"--recipe": recipe} if recipe == "lite0" else {})
    again = source(result).command.removeprefix("colorize experiment vgg ").split()
    assert dict(zip(again[::2], again[1::2], strict=True)) == asked


def test_names_of_results():
    def name(recipe, train=10_000, limit=None, **changes):
        return experiment._name(get_classifier_recipe(recipe, **changes), train, limit)

    assert name("vgg32") == "vgg"
    assert name("vgg32", 50_000) == "vgg-50000"
    assert name("vgg224", minutes=2.5) == "vgg224-2.5min"
    assert name("lite0") == "lite0"
    assert name("lite0", size=96, minutes=1) == "lite0-96-1min"
    assert name("vgg224-pretrained", limit=5) == "vgg224-pretrained-trial"


def test_what_was_not_asked_for_is_no_part_of_the_design():
    usual = {"size": None, "train": 10_000, "dev": 5_000}
    assert experiment._design(recipe="vgg32", **usual, test=5_000) == {}
    assert experiment._design(recipe="lite0", **usual, test=1_000) == {"recipe": "lite0", "test": 1_000}


def test_any_number_of_training_pictures_is_refused():
    with pytest.raises(InputError, match="10000 or 50000, not 7"):
        run_vgg(train=7)


@pytest.mark.parametrize("content", [None, "", '{"made_by": {', "no JSON"])
def test_choices_that_are_damaged_or_not_there_are_made_anew(content, tmp_path):
    if content is not None:
        (tmp_path / "choices.json").write_text(content)
    assert experiment._read_choices(tmp_path / "choices.json") == {}
