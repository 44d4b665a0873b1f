"""Columns of classifiers that differ in their pictures alone: what they are asked, and what is chosen on dev."""

import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from command_line import run_command

from colorize_lib.colour.recolour import with_colour
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.data.images import Images
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
    train_columns,
)
from colorize_lib.inference.classifier import Classifier
from colorize_lib.training.classifier import ClassifierRecipe

TINY = ClassifierRecipe("tiny", width=1 / 16, epochs=2, batch=8)


def patches(count: int, seed: int) -> Images:
    """Photograph patches that pass for CIFAR-10."""
    images = photograph_patches(count, seed=seed)
    return Images(images.rgb, torch.arange(count) % 10, images.source)


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


# --- choices that are kept


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


def test_the_first_of_each_class_are_in_the_order_of_the_files():
    images = Images(torch.zeros(12, 3, 1, 1, dtype=torch.uint8), torch.tensor([0, 1] * 6), "")
    assert first_of_each_class(images, 4).tolist() == [0, 2, 1, 3]
    assert first_of_each_class(images, 1).tolist() == [0, 1]
    assert sorted(first_of_each_class(images, 5_000)) == list(range(12))


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
