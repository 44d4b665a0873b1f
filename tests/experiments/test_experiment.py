"""The whole experiment on a small archive: what is trained, chosen, measured, kept and resumed."""

import hashlib
import io
import json
import os
import re
import signal
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from colorize_lib import cli
from colorize_lib.colour.recolour import with_colour
from colorize_lib.data import cifar10 as data
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.data.images import CLASSES, Images
from colorize_lib.errors import InputError
from colorize_lib.experiments import vgg as experiment
from colorize_lib.experiments.asking import Choice, ask, best, choose
from colorize_lib.experiments.versions import VERSIONS, Colour
from colorize_lib.experiments.vgg import (
    CHOICES,
    COLUMNS,
    SHIPPED,
    first_of_each_class,
    kept_choices,
    poster_subset,
    run_quick,
    run_vgg,
    train_columns,
)
from colorize_lib.inference.classifier import Classifier
from colorize_lib.measuring.provenance import source
from colorize_lib.measuring.statistics import mcnemar
from colorize_lib.training.classifier import ClassifierRecipe, get_classifier_recipe
from colorize_lib.weights.shipped import load_weights

TINY = ClassifierRecipe("tiny", width=1 / 16, epochs=2, batch=8)
ROWS = [*(row for row in VERSIONS if row != "truth"), *CHOICES, "truth"]


def patches(count: int, seed: int) -> Images:
    """Photograph patches that pass for CIFAR-10."""
    images = photograph_patches(count, seed=seed)
    return Images(images.rgb, torch.arange(count) % 10, images.source)


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


@pytest.fixture(scope="module")
def classifiers(tmp_path_factory) -> dict[str, list[Classifier]]:
    folder = tmp_path_factory.mktemp("classifiers")
    return train_columns(TINY, 2, patches(40, 1), patches(20, 2), folder, "cpu", progress=False)


@pytest.fixture
def small_shipped(classifiers, tmp_path, monkeypatch):
    """Tiny classifiers in place of the shipped ones."""
    folder = tmp_path / "shipped"
    train_columns(replace(TINY, epochs=1), 1, patches(40, 1), patches(20, 2), folder, "cpu", progress=False)
    for column in COLUMNS:
        monkeypatch.setitem(SHIPPED, column, folder / f"vgg-{column}-0.safetensors")


def run_command(capsys, *arguments) -> tuple[int, str, str]:
    status = cli.main(["experiment", *map(str, arguments)])
    return (status, *capsys.readouterr())


# --- columns


def test_columns_differ_in_the_pictures_alone(classifiers):
    assert list(classifiers) == list(COLUMNS) == ["colour", "grey", "coloured"]
    for column, several in classifiers.items():
        assert [one.name for one in several] == [f"vgg-{column}"] * 2
        assert [one.meta["recipe"]["seed"] for one in several] == [0, 1]
    for seed in (0, 1):
        metas = [several[seed].meta for several in classifiers.values()]
        assert metas[0]["recipe"] == metas[1]["recipe"] == metas[2]["recipe"]
        runs = [meta["run"]["pictures"] for meta in metas]
        assert runs[0]["sha256"] == runs[1]["sha256"] == runs[2]["sha256"]
        assert [run["colorizer"] is None for run in runs] == [True, True, False]


def test_each_column_learns_from_its_own_version(tmp_path, monkeypatch):
    from colorize_lib.training import classifier as vgg_learner

    seen = {}

    def train(recipe, images, dev, path, name, *rest):
        seen[name] = (images, dev)
        return original(recipe, images, dev, path, name, *rest)

    original = vgg_learner.train_classifier
    monkeypatch.setattr(vgg_learner, "train_classifier", train)
    true, dev = patches(16, 3), patches(10, 4)
    train_columns(replace(TINY, epochs=1), 1, true, dev, tmp_path, "cpu", progress=False)
    assert torch.equal(seen["vgg-colour"][0].rgb, true.rgb)
    assert torch.equal(seen["vgg-grey"][0].rgb, with_colour(true.rgb, strength=0))
    assert torch.equal(seen["vgg-grey"][1].rgb, with_colour(dev.rgb, strength=0))
    coloured = seen["vgg-coloured"][0].rgb
    assert not torch.equal(coloured, true.rgb)
    assert (coloured.amax(1).int() - coloured.amin(1).int()).max() > 5
    assert all(torch.equal(images.label, true.label) for images, _ in seen.values())


def test_one_classifier_is_asked_about_one_version(classifiers):
    images = patches(30, 5)
    answers = ask(classifiers, images, {"grey": VERSIONS["grey"], "truth": VERSIONS["truth"]}, "cpu", progress=False)
    assert {column: list(rows) for column, rows in answers.items()} == {column: ["grey", "truth"] for column in COLUMNS}
    for column, several in classifiers.items():
        for seed, one in enumerate(several):
            grey = with_colour(images.rgb, strength=0)
            np.testing.assert_allclose(answers[column]["grey"][seed], one.probabilities(grey), atol=1e-5)
            np.testing.assert_allclose(answers[column]["truth"][seed], one.probabilities(images.rgb), atol=1e-5)


# --- choosing on dev


def test_candidates_are_all_temperatures_at_all_lambdas():
    assert Choice("x", (1.0, 0.5), (0.1, 1.0)).candidates() == [
        Colour("x", 0.1, 1.0), Colour("x", 1.0, 1.0), Colour("x", 0.1, 0.5), Colour("x", 1.0, 0.5)
    ]  # fmt: skip
    for row, choice in CHOICES.items():
        assert all(0 < lam <= 1 for lam in choice.lambdas)
        assert (row == "dial") == (1 not in choice.lambdas)


def test_the_best_on_dev_is_chosen_and_of_equals_the_first():
    sweep = [
        {"row": row, "source": "x", "temperature": t, "lam": lam, "strength": 1.0, "accuracy": accuracy}
        for row, t, lam, accuracy in (
            ("a", 0.1, 1, 0.5), ("a", 0.2, 1, 0.7), ("a", 0.3, 1, 0.7), ("b", 1.0, 0.5, 0.9), ("b", 1.0, 0.3, 0.2)
        )
    ]  # fmt: skip
    assert best(sweep, "a") == Colour("x", 0.2)
    assert best(sweep, "b") == Colour("x", 1.0, 0.5)


def test_the_sweep_says_how_accurate_each_candidate_is(classifiers):
    dev = patches(30, 6)
    choices = {"one": Choice("classification", (1.0, 0.5), (0.38,)), "two": Choice("regression", temperatures=(1.0,))}
    sweep = choose(classifiers["colour"], dev, choices, "cpu", progress=False)
    assert [(e["row"], e["source"], e["temperature"], e["lam"]) for e in sweep] == [
        ("one", "classification", 0.38, 1.0), ("one", "classification", 0.38, 0.5), ("two", "regression", 1.0, 1.0)
    ]  # fmt: skip
    for entry in sweep:
        colour = Colour(*(entry[key] for key in ("source", "temperature", "lam", "strength")))
        said = ask({"": classifiers["colour"]}, dev, {"x": colour}, "cpu", progress=False)[""]["x"]
        right = said.argmax(-1) == dev.label.numpy()
        assert entry["accuracy"] == right.mean() == np.mean(entry["accuracy_of_seed"])


# --- the poster's pictures


def test_the_posters_pictures_are_the_first_fifth_of_each_class():
    label = torch.arange(10).repeat_interleave(50)
    index = poster_subset(Images(torch.zeros(500, 3, 1, 1, dtype=torch.uint8), label, ""))
    assert index.tolist() == [50 * k + i for k in range(10) for i in range(10)]


@pytest.mark.cifar
@pytest.mark.parametrize("split", ["dev", "test"])
def test_they_are_those_of_the_split(cifar, split):
    subset, all_of_them = cifar(f"vgg-{split}"), cifar(split)
    some = all_of_them[torch.from_numpy(poster_subset(all_of_them))]
    assert torch.equal(some.rgb, subset.rgb)
    assert torch.equal(some.label, subset.label)


# --- all of it

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


def test_choices_of_other_colorizers_are_made_anew(classifiers, tmp_path, monkeypatch):
    """The candidates have the same names as before, and are painted by other weights."""
    made, painted = [], ["first weights"]
    monkeypatch.setattr(
        "colorize_lib.experiments.vgg.choose", lambda *_, **__: made.append(1) or [{"accuracy": len(made)}]
    )
    monkeypatch.setattr("colorize_lib.experiments.vgg.fingerprint", lambda colour: painted[-1])
    arguments = tmp_path, classifiers["colour"], embedded_cifar10(), "cpu", False
    assert kept_choices(*arguments) == kept_choices(*arguments) == [{"accuracy": 1}]
    painted.append("other weights")
    assert kept_choices(*arguments) == [{"accuracy": 2}]


def test_the_fingerprint_is_that_of_the_weights_file(tmp_path):
    (tmp_path / "one.safetensors").write_bytes(b"one")
    (tmp_path / "two.safetensors").write_bytes(b"two")
    one, two = (experiment.fingerprint(Colour(str(tmp_path / f"{name}.safetensors"))) for name in ("one", "two"))
    assert one == hashlib.sha256(b"one").hexdigest()
    assert one != two
    assert experiment.fingerprint(Colour("own")) is experiment.fingerprint(Colour("another")) is None


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


def test_the_first_of_each_class_are_in_the_order_of_the_files():
    images = Images(torch.zeros(12, 3, 1, 1, dtype=torch.uint8), torch.tensor([0, 1] * 6), "")
    assert first_of_each_class(images, 4).tolist() == [0, 2, 1, 3]
    assert first_of_each_class(images, 1).tolist() == [0, 1]
    assert sorted(first_of_each_class(images, 5_000)) == list(range(12))


def test_any_number_of_training_pictures_is_refused():
    with pytest.raises(InputError, match="10000 or 50000, not 7"):
        run_vgg(train=7)


# --- quick


def test_quick_shows_tables_and_writes_nothing(small_shipped, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    status, out, err = run_command(capsys, "vgg", "--quick", "--device", "cpu")
    assert status == 0, err
    assert out.startswith("20 pictures only")
    assert all(f"20 pictures (embedded), networks trained on {column} pictures" in out for column in COLUMNS)
    lines = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    assert set(VERSIONS) <= set(lines)
    assert sorted(tmp_path.rglob("*")) == before


def test_quick_writes_where_it_is_told(small_shipped, tmp_path, capsys):
    status, out, _ = run_command(capsys, "vgg", "--quick", "-o", tmp_path / "out", "--device", "cpu")
    assert status == 0
    assert out.splitlines()[-1] == str(tmp_path / "out" / "vgg-quick.json")
    result = json.loads((tmp_path / "out" / "vgg-quick.json").read_text())
    cell = result["sets"]["embedded"]["columns"]["colour"]["truth"]
    assert cell["accuracy"]["high"] - cell["accuracy"]["low"] >= 0.1 or cell["accuracy"]["mean"] in (0, 1)


def test_quick_shows_the_settings_of_the_full_result_where_it_is(small_shipped, monkeypatch):
    rows = {"grey": Colour("own", strength=0), "dial": Colour("classification", 0.2, 0.5), "truth": Colour("own")}
    monkeypatch.setattr(experiment, "read_result", lambda name: {"rows": {k: vars(v) for k, v in rows.items()}})
    assert list(run_quick("cpu", progress=False)["rows"]) == list(rows)


def test_quick_without_classifiers_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setitem(SHIPPED, "colour", "vgg-nowhere")
    status, out, err = run_command(capsys, "vgg", "--quick")
    assert (status, out) == (2, "")
    assert re.fullmatch(r"colorize: There are no weights 'vgg-nowhere'\. Choose .*\.\n", err)
