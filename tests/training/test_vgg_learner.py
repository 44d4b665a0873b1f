"""Training a VGG: what it learns, that columns differ in nothing but pictures, and that it can be stopped."""

import itertools
import os
import signal
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
import torchvision
from tiny_runs import names, same, state

from colorize_lib.colour.recolour import with_colour
from colorize_lib.data.batches import class_dataloaders
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.data.images import Images
from colorize_lib.errors import InputError
from colorize_lib.inference.classifier import Classifier
from colorize_lib.networks.vgg import VGGConfig
from colorize_lib.training import checkpoint
from colorize_lib.training import classifier as vgg_learner
from colorize_lib.training.classifier import (
    CLASSIFIER_RECIPES,
    ClassifierRecipe,
    build_classifier,
    build_classifier_learner,
    get_classifier_recipe,
    train_classifier,
)
from colorize_lib.training.clock import Clock
from colorize_lib.weights.shipped import load_weights

TINY = ClassifierRecipe("tiny", width=1 / 16, epochs=3, batch=16, seed=1)


@pytest.fixture(scope="module")
def dev() -> Images:
    return photograph_patches(20, seed=1)


@pytest.fixture
def run(images, dev):
    """``train_classifier`` on the tiny set, into a folder."""

    def run(recipe, folder, images=images, **kwargs):
        path = folder / "vgg-tiny-1.safetensors"
        return train_classifier(recipe, images, dev, path, "vgg-tiny", **{"device": "cpu", "progress": False, **kwargs})

    return run


@pytest.fixture(scope="module")
def trained(images, dev, tmp_path_factory) -> Path:
    """The weights of a run that was never stopped."""
    path = tmp_path_factory.mktemp("trained") / "vgg-tiny-1.safetensors"
    return train_classifier(TINY, images, dev, path, "vgg-tiny", device="cpu", progress=False)


# --- recipes


def test_the_recipes():
    assert all(name == recipe.name for name, recipe in CLASSIFIER_RECIPES.items())
    assert CLASSIFIER_RECIPES["vgg224"].config == VGGConfig(10, 1.0, True, 224)
    assert CLASSIFIER_RECIPES["vgg224-pretrained"].pretrained
    assert CLASSIFIER_RECIPES["vgg32"].config == VGGConfig(10, 0.25, True, 32)
    assert get_classifier_recipe("vgg32", epochs=2, seed=None) == replace(CLASSIFIER_RECIPES["vgg32"], epochs=2)


def test_an_unknown_recipe_lists_the_known_ones():
    with pytest.raises(InputError, match="no recipe 'nonsense'.*vgg32, vgg224, vgg224-pretrained"):
        get_classifier_recipe("nonsense")


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0}, {"batch": 1}, {"lr": 0}, {"lr": float("nan")}, {"shift": -1}, {"pretrained": True},
        {"pretrained": True, "size": 224}, {"pretrained": True, "width": 1.0}, {"size": 64}, {"encoder_lr": 0},
        {"still": -1}, {"minutes": -1},
    ],
    ids=str,
)  # fmt: skip
def test_a_recipe_without_sense_is_refused(change):
    with pytest.raises(InputError, match="of a recipe must be|ImageNet weights are for"):
        replace(TINY, **change)


# --- training


def test_it_learns_to_tell_four_photographs_apart(run, tmp_path):
    path = run(replace(TINY, epochs=8, width=1 / 8), tmp_path, photograph_patches(256))
    history = load_weights(path).meta["history"]
    assert history[-1]["train_loss"] < 0.8 * history[0]["train_loss"]
    assert history[-1]["dev_accuracy"] > 0.5  # one in four by chance


def test_training_writes_a_described_classifier_and_nothing_else(trained):
    assert names(trained.parent) == {"vgg-tiny-1.safetensors"}
    meta = load_weights(trained).meta
    assert ClassifierRecipe(**meta["recipe"]) == TINY
    assert meta["config"] == TINY.config.to_dict() == {"network": "vgg", **asdict(TINY.config)}
    assert (meta["kind"], meta["name"]) == ("classifier", "vgg-tiny")
    assert meta["data"] == {"source": "patches of photographs", "images": 64, "size": [32, 32]}
    assert len(meta["history"]) == 3
    assert {"train_loss", "dev_loss", "dev_accuracy", "images", "seconds"} == meta["history"][0].keys()
    assert {"commit", "images_per_second", "hardware", "torch", "date", "parameters"} <= meta.keys()


def test_dev_accuracy_is_that_of_the_weights_written(trained, dev):
    classifier = Classifier.load(trained, "cpu")
    right = (classifier.probabilities(dev.rgb).argmax(1) == dev.label).float().mean().item()
    assert right == pytest.approx(load_weights(trained).meta["history"][-1]["dev_accuracy"], abs=0.06)  # rounding


def test_columns_start_from_the_same_weights(images, dev):
    first = build_classifier(TINY).state_dict()
    torch.rand(3)
    assert same(build_classifier(TINY).state_dict(), first)
    assert not same(build_classifier(replace(TINY, seed=2)).state_dict(), first)


def test_the_same_run_gives_the_same_bits_and_any_other_does_not(run, trained, images, tmp_path):
    expected = state(trained)
    assert same(state(run(TINY, tmp_path / "again")), expected)
    assert not same(state(run(replace(TINY, seed=2), tmp_path / "seed")), expected)
    grey = Images(with_colour(images.rgb, strength=0), images.label, images.source, images.classes)
    assert not same(state(run(TINY, tmp_path / "grey", grey)), expected)


def test_a_finished_run_is_not_run_again(run, trained):
    before = trained.stat().st_mtime_ns
    assert run(TINY, trained.parent) == trained
    assert trained.stat().st_mtime_ns == before


# --- stopped runs


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_run_interrupted_after_an_epoch_ends_with_the_same_bits(epoch, run, trained, tmp_path, monkeypatch):
    checkpoint = tmp_path / "vgg-tiny-1.checkpoint"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):

        def replace_and_interrupt(source, target, replace=os.replace):
            replace(source, target)
            if Path(target) == checkpoint and len(torch.load(checkpoint, weights_only=True)["history"]) == epoch:
                signal.raise_signal(signal.SIGINT)

        patch.setattr(os, "replace", replace_and_interrupt)
        run(TINY, tmp_path)
    assert names(tmp_path) == {checkpoint.name}
    path = run(TINY, tmp_path)
    assert same(state(path), state(trained))
    assert names(tmp_path) == {path.name}


# --- by the clock

MINUTES = replace(TINY, minutes=0.5)


@pytest.fixture
def ticking(monkeypatch):
    """A clock that goes on by a second each time it is looked at."""
    ticks = itertools.count(100)
    monkeypatch.setattr(vgg_learner, "Clock", lambda minutes: Clock(minutes, now=lambda: next(ticks)))


def test_by_the_clock_it_learns_for_its_minutes_and_says_so(run, tmp_path, ticking):
    path = run(MINUTES, tmp_path)
    meta = load_weights(path).meta
    assert meta["recipe"]["minutes"] == meta["run"]["recipe"]["minutes"] == 0.5
    assert 1 < len(meta["history"]) < 15  # 30 ticks, of which a batch takes two and a pass four batches
    assert meta["images_seen"] == sum(epoch["images"] for epoch in meta["history"])
    assert names(tmp_path) == {path.name}


def test_a_run_by_the_clock_goes_on_with_the_rest_of_its_time(run, tmp_path, ticking, monkeypatch):
    monkeypatch.setattr(vgg_learner, "PAUSE", 0)
    checkpoint = tmp_path / "vgg-tiny-1.checkpoint"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):

        def replace_and_interrupt(source, target, replace=os.replace):
            replace(source, target)
            signal.raise_signal(signal.SIGINT)

        patch.setattr(os, "replace", replace_and_interrupt)
        run(MINUTES, tmp_path)
    saved = torch.load(checkpoint, weights_only=True)
    assert 0 < saved["clock"]["elapsed"] < 30
    history = load_weights(run(MINUTES, tmp_path)).meta["history"]
    assert history[: len(saved["history"])] == saved["history"]
    assert len(saved["history"]) < len(history)


def test_between_two_checkpoints_there_is_a_pause(run, tmp_path, ticking, monkeypatch):
    written = []
    monkeypatch.setattr(checkpoint, "write_checkpoint", lambda *args: written.append(args))
    run(MINUTES, tmp_path)  # takes no minute
    assert written == []


# --- what can be wrong


@pytest.mark.parametrize("change", [{"lr": 1e-3}, {"epochs": 5}, {"seed": 9}, {"width": 0.125}], ids=str)
def test_a_file_of_another_recipe_is_refused_and_kept(change, run, trained):
    before = trained.read_bytes()
    with pytest.raises(InputError, match="another recipe or on other pictures: choose another folder, or remove it"):
        run(replace(TINY, **change), trained.parent)
    assert trained.read_bytes() == before


def test_a_file_of_other_pictures_is_refused(run, trained, images):
    with pytest.raises(InputError, match="other pictures"):
        run(TINY, trained.parent, photograph_patches(64, seed=5))
    with pytest.raises(InputError, match="other pictures"):
        run(TINY, trained.parent, Images(images.rgb, images.label.flip(0), images.source, images.classes))
    with pytest.raises(InputError, match="other pictures"):
        run(TINY, trained.parent, pictures={"colour": "grey"})


def test_too_few_pictures_for_a_batch(run, images, tmp_path):
    with pytest.raises(InputError, match="15 pictures do not fill one batch of 16"):
        run(TINY, tmp_path, images[:15])
    assert not list(tmp_path.iterdir())


def test_a_loss_that_is_not_finite_stops_the_run(run, tmp_path):
    with pytest.raises(InputError, match="no longer finite.*lower the learning rate"):
        run(replace(TINY, lr=1e30, batch_norm=False), tmp_path)
    assert not list(tmp_path.glob("*.safetensors"))


# --- 224 pixels


@pytest.mark.slow
def test_the_posters_network_takes_a_real_step():
    """VGG-16 at 224 pixels and full width: a step down the gradient of four pictures lowers their loss."""
    recipe, four = replace(CLASSIFIER_RECIPES["vgg224"], batch=4, epochs=1, shift=0), embedded_cifar10()[:4]
    learner = build_classifier_learner(recipe, class_dataloaders(four, four, 4, device="cpu"))
    for layer in learner.model.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    before = {name: p.detach().clone() for name, p in learner.model.named_parameters() if "features" in name}

    def loss() -> torch.Tensor:
        return learner.loss_func(learner.model(four.rgb), four.label)

    with learner.no_bar():
        first = loss().item()
        learner.fit(1, 1e-3)
        after = loss().item()
    assert after < first
    moved = [not torch.equal(p, before[name]) for name, p in learner.model.named_parameters() if name in before]
    assert all(moved)


@pytest.mark.slow
def test_a_narrow_one_at_224_pixels_learns_a_tiny_set(dev, tmp_path):
    recipe = ClassifierRecipe("narrow", width=1 / 16, size=224, epochs=6, batch=8, lr=0.02, shift=0)
    path = train_classifier(
        recipe, photograph_patches(32), dev, tmp_path / "w.safetensors", "w", device="cpu", progress=False
    )
    history = load_weights(path).meta["history"]
    assert history[-1]["train_loss"] < 0.9 * history[0]["train_loss"]
    assert Classifier.load(path, "cpu").network.config.size == 224


def test_without_a_network_there_are_no_imagenet_weights(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(InputError, match="ImageNet weights could not be fetched from https://.*try again") as caught:
        build_classifier(CLASSIFIER_RECIPES["vgg224-pretrained"])
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_imagenet_weights_are_taken_over_but_for_the_last_layer(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    url = torchvision.models.VGG16_BN_Weights.IMAGENET1K_V1.url
    cache = tmp_path / "hub" / "checkpoints" / url.rsplit("/", 1)[1]
    cache.parent.mkdir(parents=True)
    expected = torchvision.models.vgg16_bn(weights=None).state_dict()
    torch.save(expected, cache)
    found = build_classifier(CLASSIFIER_RECIPES["vgg224-pretrained"]).state_dict()
    cache.unlink()
    last = [name for name in found if name.startswith("classifier.6")]
    assert [found[name].shape[0] for name in last] == [10, 10]
    assert all(torch.equal(found[name], expected[name]) for name in found if name not in last)
