"""Every network is built again from what it says of itself, and so are those of files that do not say which it is."""

import json

import pytest

from colorize_lib.networks.build import NETWORKS, build_network
from colorize_lib.networks.eccv16 import ECCV16
from colorize_lib.networks.finetuned import Finetuned, FinetunedConfig
from colorize_lib.networks.transfer import TransferConfig, TransferUNet
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.networks.vgg import VGG, VGGConfig
from colorize_lib.training.classifier import CLASSIFIER_RECIPES
from colorize_lib.training.recipes import RECIPES
from colorize_lib.weights.shipped import load_weights, shipped_weights

CONFIGS = {
    UNet: UNetConfig(2, (8, 16)),
    TransferUNet: TransferConfig(3, widths=(8, 8, 8, 8)),
    VGG: VGGConfig(width=1 / 16),
    Finetuned: FinetunedConfig(size=32),
}


@pytest.mark.parametrize("network", CONFIGS)
def test_every_network_is_built_again_from_what_it_says(network):
    config = CONFIGS[network]
    again = build_network(json.loads(json.dumps(config.to_dict())))
    assert type(again) is network
    assert again.config == config
    assert config.to_dict()["network"] in NETWORKS


def test_every_name_is_somebodys():
    said = {config.to_dict()["network"] for config in CONFIGS.values()}
    assert said | {"eccv16"} == NETWORKS.keys()
    assert type(build_network({"network": "eccv16", "out_channels": 4})) is ECCV16


@pytest.mark.parametrize("network", CONFIGS)
def test_a_file_from_before_networks_had_names(network):
    config = CONFIGS[network].to_dict()
    del config["network"]
    assert type(build_network(config)) is network


@pytest.mark.parametrize("name", shipped_weights())
def test_shipped_networks_are_what_their_recipe_builds(name):
    weights = load_weights(name)
    if weights.meta.get("kind") == "classifier":
        config = CLASSIFIER_RECIPES[weights.meta["recipe"]["name"]].config.to_dict()
    else:
        config = RECIPES[name].config(len(weights.prior) if weights.prior is not None else 2)
    assert type(build_network(weights.meta["config"])) is type(build_network(config))


def test_an_unknown_network():
    with pytest.raises(KeyError, match="transformer"):
        build_network({"network": "transformer"})
