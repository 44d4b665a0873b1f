"""What a GPU must do as the processor does. Without one all of it is skipped, but for a rehearsal: DEVICE=cpu."""

import os
from dataclasses import replace

import pytest
import torch

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import lab_to_rgb, rgb_to_lab
from colorize_lib.data.batches import class_dataloaders
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.data.images import CLASSES
from colorize_lib.inference.classifier import Classifier
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.networks.vgg import VGG, VGGConfig
from colorize_lib.training.classifier import (
    CLASSIFIER_RECIPES,
    ClassifierRecipe,
    build_classifier_learner,
    train_classifier,
)
from colorize_lib.training.learner import train
from colorize_lib.training.recipes import Recipe
from colorize_lib.weights.file import Weights
from colorize_lib.weights.shipped import load_weights

DEVICE = os.environ.get("DEVICE") or ("cuda" if torch.cuda.is_available() else "")
pytestmark = pytest.mark.skipif(not DEVICE, reason="needs a GPU")


def test_lab_is_the_same():
    rgb = embedded_cifar10().rgb
    there = rgb_to_lab(rgb.to(DEVICE))
    torch.testing.assert_close(there.cpu(), rgb_to_lab(rgb), atol=1e-2, rtol=1e-4)
    torch.testing.assert_close(lab_to_rgb(there).cpu(), rgb.float() / 255, atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", ["classification", "photo"])
def test_a_shipped_network_gives_the_same_colours(name):
    lightness = rgb_to_lab(embedded_cifar10().rgb[:4])[:, :1]
    here, there = (Colorizer.load(name, device) for device in ("cpu", DEVICE))
    ab = [one.decode(one.predict(lightness), 0.38).float().cpu() for one in (here, there)]
    assert (ab[0] - ab[1]).abs().mean() < 0.5


def test_a_classifier_says_the_same():
    rgb = embedded_cifar10().rgb
    here, there = (Classifier.load("vgg-colour", device).probabilities(rgb) for device in ("cpu", DEVICE))
    torch.testing.assert_close(here, there, atol=0.02, rtol=0)


def test_a_network_at_224_pixels_computes_in_half_precision_and_says_the_same():
    config = VGGConfig(width=1 / 16, size=224)
    torch.manual_seed(0)
    meta = {"kind": "classifier", "name": "vgg", "classes": list(CLASSES), "config": config.to_dict()}
    weights, rgb = Weights(VGG(config).state_dict(), None, meta), embedded_cifar10().rgb[:4]
    here, there = (Classifier(weights, device).probabilities(rgb) for device in ("cpu", DEVICE))
    assert there.dtype == torch.float32
    torch.testing.assert_close(here, there, atol=0.02, rtol=0)


def test_a_colorizer_learns(tmp_path):
    recipe = Recipe("tiny", "bins", widths=(8, 16), epochs=2, batch=16, lr=1e-2)
    path = train(recipe, photograph_patches(64), embedded_cifar10(), tmp_path, Gamut(grid=25), DEVICE, progress=False)
    first, last = load_weights(path).meta["history"]
    assert last["train_loss"] < first["train_loss"]


def test_a_classifier_learns_by_the_clock(tmp_path):
    recipe = ClassifierRecipe("tiny", width=1 / 16, batch=16, minutes=0.02)
    images = photograph_patches(64)
    path = train_classifier(recipe, images, images, tmp_path / "w.safetensors", "w", device=DEVICE, progress=False)
    meta = load_weights(path).meta
    assert meta["images_seen"] >= 16
    assert Classifier.load(path, DEVICE).probabilities(images.rgb).isfinite().all()


@pytest.mark.skipif(DEVICE == "cpu", reason="takes a processor minutes")
@pytest.mark.parametrize("name", ["vgg224", "lite0"])
def test_a_large_classifier_takes_steps(name):
    recipe, images = replace(CLASSIFIER_RECIPES[name], epochs=1), photograph_patches(128)
    dls = class_dataloaders(images, images[:8], recipe.batch, recipe.shift, device=DEVICE)
    learner = build_classifier_learner(recipe, dls)
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(1, recipe.rate)
    assert torch.isfinite(torch.tensor([float(v) for v in learner.recorder.values[-1]])).all()
