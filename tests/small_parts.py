"""The small interactive parts of the chapters, each as HTML by its name: for the tests in both browsers."""

import numpy as np
import torch

from colorize_lib import Colorizer
from colorize_lib.pages.draw_again import draw_again
from colorize_lib.pages.gamut_slice import gamut_slice
from colorize_lib.pages.mean_colour import mean_colour
from colorize_lib.pages.rebalancing_weights import rebalancing_weights
from colorize_lib.pages.soft_target import soft_target
from colorize_lib.pages.training_cost import training_cost

#: Like those of chapter 2.
CARS = torch.tensor([[58.0, 38.0], [-42.0, 45.0], [10.0, -62.0]])
ONE_HUE = torch.tensor([[10.0, 15.0], [20.0, 30.0], [30.0, 45.0]])
#: FLOPs a picture, pixels a side, pictures.
TRAININGS = {"small": (4e7, 32, 3e5), "the paper's": (6e10, 176, 1.8e7)}
#: FLOP/s, share.
MACHINES = {"a GPU": (312e12, 0.15), "a processor": (2e11, 1.0)}
PRICE, GPUS = 2.0, 8
#: Which of twenty pictures are right in two versions.
GREY, TRUTH = np.arange(20) < 13, np.arange(20) % 10 != 0


def small_parts(bins: Colorizer) -> dict[str, str]:
    """HTML of every part, which needs nothing else."""
    parts = {
        "gamut_slice": gamut_slice(),
        "mean_colour": mean_colour({"cars": CARS, "one hue": ONE_HUE}),
        "rebalancing_weights": rebalancing_weights(bins.gamut, bins.prior),
        "training_cost": training_cost(TRAININGS, MACHINES, PRICE, GPUS),
        "draw_again": draw_again(GREY, TRUTH, ("grey", "truth")),
        "soft_target": soft_target(colorizer=bins),
    }
    return {name: part.html for name, part in parts.items()}
