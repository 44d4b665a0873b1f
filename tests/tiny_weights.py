"""Weights of a network so small that a test writes them in no time."""

import torch

from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.weights.file import Weights

CONFIG = UNetConfig(261, (4, 8))


def some_weights() -> Weights:
    torch.manual_seed(1)
    network = UNet(CONFIG)
    with torch.no_grad():
        network(torch.rand(2, 1, 16, 16) * 100)  # batch norm has seen something
    meta = {
        "name": "tiny",
        "config": {"out_channels": 261, "widths": [4, 8]},
        "gamut": {"grid": 10, "neighbours": 5, "sigma": 5},
        "note": "grün ≠ rouge",
        "numbers": [0.1, 1e-300, 3],
    }
    return Weights(network.state_dict(), torch.rand(261), meta)
