"""Weights by name: what is shipped, and what is said of a name that there is not."""

import os

import pytest
from sentences import assert_one_sentence

from colorize_lib.errors import InputError
from colorize_lib.networks.build import build_network
from colorize_lib.weights.file import load_state
from colorize_lib.weights.shipped import load_weights, shipped_weights, weights_path


@pytest.mark.parametrize("name", ["nonsense", "", "weights.pth", "../classification"])
def test_an_unknown_name_lists_the_shipped_ones(name):
    with pytest.raises(InputError, match=r"Choose .*classification.* or a .safetensors file") as caught:
        weights_path(name)
    assert_one_sentence(str(caught.value))


def test_what_can_be_chosen_depends_on_what_it_is_for():
    choices = {}
    for kind in (None, "colorizer", "classifier"):
        with pytest.raises(InputError) as caught:
            weights_path("nonsense", kind)
        choices[kind] = str(caught.value).partition("Choose ")[2]
    assert choices[None] == f"{', '.join(shipped_weights())}, eccv16 (a download) or a .safetensors file."
    assert (
        choices["colorizer"]
        == f"{', '.join(shipped_weights('colorizer'))}, eccv16 (a download) or a .safetensors file."
    )
    assert choices["classifier"] == f"{', '.join(shipped_weights('classifier'))} or a .safetensors file."


def test_weights_of_the_other_kind_are_refused():
    with pytest.raises(
        InputError, match="The weights 'vgg-colour' are of a classifier, not of a colorizer: choose .*photo"
    ):
        load_weights("vgg-colour", "colorizer")
    with pytest.raises(InputError, match="The weights 'photo' are of a colorizer, not of a classifier: choose vgg-"):
        load_weights("photo", "classifier")
    assert load_weights("vgg-colour", "classifier").meta["kind"] == "classifier"
    assert load_weights("regression", "colorizer").meta["name"] == "regression"


def test_the_downloaded_network_is_asked_for_by_its_name_and_is_no_classifier(monkeypatch, weights):
    monkeypatch.setattr("colorize_lib.weights.released.eccv16_weights", lambda: weights)
    assert load_weights("eccv16") is load_weights("eccv16", "colorizer") is weights
    with pytest.raises(InputError, match="There are no weights 'eccv16'"):
        load_weights("eccv16", "classifier")


def test_a_missing_file_and_a_folder(tmp_path):
    (tmp_path / "folder.safetensors").mkdir()
    for name in ("missing.safetensors", "folder.safetensors"):
        with pytest.raises(InputError, match=f"no weights file .*{name}"):
            load_weights(tmp_path / name)


def test_a_home_that_does_not_exist_is_a_file_that_does_not_exist():
    with pytest.raises(InputError, match="no weights file ~no_such_user_at_all"):
        load_weights("~no_such_user_at_all/w.safetensors")


def test_the_three_of_the_book_are_shipped():
    assert {"classification", "rebalanced", "regression"} <= set(shipped_weights())


def test_all_that_is_shipped_is_a_colorizer_or_a_classifier():
    colorizers, classifiers = shipped_weights("colorizer"), shipped_weights("classifier")
    assert {"photo", "regression"} <= set(colorizers)
    assert {"vgg-colour", "vgg-grey"} <= set(classifiers)
    assert sorted(colorizers + classifiers) == shipped_weights()


@pytest.mark.parametrize("name", shipped_weights("colorizer"))
def test_shipped_weights_are_whole_small_and_described(name):
    path = weights_path(name)
    assert path.stat().st_size < {"photo": 12_000_000, "transfer": 8_000_000}.get(name, 5_000_000)
    weights = load_weights(name)
    assert weights.meta["name"] == weights.meta["recipe"]["name"] == name
    assert {"recipe", "data", "commit", "history", "config", "torch", "date", "hardware"} <= weights.meta.keys()
    assert isinstance(weights.meta["recipe"]["seed"], int)
    assert weights.meta["commit"] != "unknown"
    assert weights.meta["data"]["images"] > 0
    assert weights.meta["data"]["source"]
    history = weights.meta["history"]
    if weights.meta["recipe"].get("minutes"):  # by the clock: passes, of which the last of a phase may be cut short
        assert sum(part["images"] for part in history) == weights.meta["images_seen"]
    else:
        assert len(history) == weights.meta["recipe"]["epochs"]
    assert all(0 < epoch["dev_loss"] < 10 and 0 < epoch["train_loss"] < 10 for epoch in history)
    load_state(build_network(weights.meta["config"]), weights)
    assert all(tensor.isfinite().all() for tensor in weights.state.values())
    assert weights.prior.sum().item() == pytest.approx(1, abs=1e-4)
    assert weights.prior.min() >= 0


@pytest.mark.parametrize("name", ["classification", "rebalanced", "regression"])
def test_the_three_of_the_book_were_trained_on_all_of_cifar10(name):
    assert load_weights(name).meta["data"]["images"] == 50_000


def test_no_pickle_is_shipped():
    folder = weights_path("classification").parent
    assert {f.suffix for f in folder.iterdir() if f.is_file()} <= {".safetensors", ".md", ".py"}
    assert os.access(folder, os.R_OK)
