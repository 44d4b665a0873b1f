"""What do networks for photographs read off the rounding of the pictures they learned from?

    python tools/rounding.py DATA PHOTO [PHOTO ...] -o results/rounding.json

DATA is a folder with ``photographs`` and ``tiny-imagenet-200``; CIFAR-10 is found as everywhere. Each PHOTO is a
network's weights, with more training from one to the next. All of them colour the same dev pictures in :data:`SIDE`
pixels, with the lightness taken in three ways (:func:`views`), and the photographs also out of focus; the error is that
of the mean colour (T = 1), where the network answers. So do the test photographs, which show other kinds of things than
those of dev: nothing is chosen by them. The networks for CIFAR-10 colour its dev pictures as they are, since those were
not resized.

The first three networks of ``results/rounding.json`` learned from rounded colours, before training showed the nearest
grey, and the first four from pictures as they are, before some were made soft. What its command trains now does
neither, so it is free of what was measured.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F
from tqdm.auto import tqdm

from colorize_lib.colour.lab import nearest_grey, rgb_to_lab, to_uint8
from colorize_lib.colour.resolution import reduce_to, resized
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.data.images import thinned
from colorize_lib.data.photographs import load_photographs
from colorize_lib.data.tiny_imagenet import load_tiny_imagenet
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.measuring.metrics import ab_distance
from colorize_lib.measuring.results import rounded, write_result
from colorize_lib.measuring.statistics import bootstrap_means, with_interval
from colorize_lib.pictures.ageing import blurred
from colorize_lib.record import begin, counted, head, training

#: Side of what the networks see, in pixels; pictures of each set; pictures at a time.
SIDE, PICTURES, BATCH = 192, 300, 25
#: How far out of focus a photograph is put: the standard deviation of a Gaussian, in pixels of :data:`SIDE`.
BLUR = 2.0
#: The networks for CIFAR-10, and on how many of its pictures they are asked.
POSTER, CIFAR = ("regression", "classification", "rebalanced", "transfer"), 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("networks", type=Path, nargs="+", metavar="PHOTO")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    started = begin()
    photographs = thinned(load_photographs("dev", args.data), PICTURES)
    sets = {
        "photographs": photographs,
        "soft": replace(photographs, rgb=out_of_focus(photographs.rgb)),
        "tiny-imagenet": thinned(load_tiny_imagenet("dev", args.data), PICTURES),
        "test": thinned(load_photographs("test", args.data), PICTURES),
    }
    cifar = thinned(load_cifar10("dev"), CIFAR)
    networks = [Colorizer.load(path, device="cpu") for path in args.networks]
    rows = {}
    for name, images in sets.items():
        squared = [squared_errors(network, images.rgb) for network in networks]
        rows[name] = [compared(one, squared[0]) for one in squared]
    bare = {name: rmse(no_colour(images.rgb)) for name, images in sets.items()}
    poster = {
        name: compared(squared_errors(Colorizer.load(name, device="cpu"), cifar.rgb, as_they_are)) for name in POSTER
    }
    metas = [network.meta for network in networks]
    trained = [
        {key: meta[key] for key in ("minutes", "images_seen", "commit")} | {"side": meta["recipe"]["size"]}
        for meta in metas
    ]
    folders = [f"runs/{number + 1}" for number in range(len(networks) - 1)] + ["runs"]
    again = " ".join(f"{folder}/photo.safetensors" for folder in folders)
    command = f"{training(metas[-1])} && python tools/rounding.py DATA {again} -o results/{args.output.stem}.json"
    made = head(
        args.output.stem, command, f"{len(networks)} networks, each the one before and more training",
        counted(**sets, cifar10=cifar), "cpu", started,
    )  # fmt: skip
    found = {"sets": rounded(rows), "no_colour": rounded(bare), "cifar10": rounded(poster)}
    write_result(made | {"networks": trained, "side": SIDE, "blur": BLUR} | found, args.output)


def out_of_focus(rgb: torch.Tensor) -> torch.Tensor:
    """Pictures ``(N, 3, H, W)`` uint8, each blurred."""
    return torch.stack([to_uint8(blurred(one / 255, BLUR * rgb.shape[-1] / SIDE)) for one in rgb])


def no_colour(rgb: torch.Tensor) -> np.ndarray:
    """The mean squared distance of each picture's ab from that of grey ``(N,)``."""
    return np.concatenate([rgb_to_lab(part)[:, 1:].square().sum(1).mean((1, 2)).numpy() for part in rgb.split(BATCH)])


def rmse(squared: np.ndarray) -> float:
    return float(np.sqrt(squared.mean()))


def views(rgb: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """L in three ways, each ``(N, 1, SIDE, SIDE)``, of pictures ``(N, 3, H, W)`` uint8; and ab, ``(N, 2, SIDE, SIDE)``.

    ``coloured`` is the L of the enlarged *coloured* pictures, whose red, green and blue are rounded. The others know
    only the L of the small ones: ``grey`` is enlarged linearly and moved to the nearest grey, as in training today;
    ``cubic`` is enlarged by the library's filter, and not rounded.
    """
    pictures = [Image.fromarray(one.permute(1, 2, 0).numpy()) for one in rgb]
    large = [np.asarray(one.resize((SIDE, SIDE), Image.Resampling.BILINEAR)) for one in pictures]
    lab = rgb_to_lab(torch.from_numpy(np.stack(large)).permute(0, 3, 1, 2))
    lightness = rgb_to_lab(rgb)[:, :1]
    linear = F.interpolate(lightness, (SIDE, SIDE), mode="bilinear", antialias=True)
    seen = {"coloured": lab[:, :1], "grey": nearest_grey(linear), "cubic": resized(lightness, SIDE)}
    return seen, lab[:, 1:]


def as_they_are(rgb: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """L ``coloured``, as it is, and ``grey``, without enlarging; and ab."""
    lab = rgb_to_lab(rgb)
    return {"coloured": lab[:, :1], "grey": nearest_grey(lab[:, :1])}, lab[:, 1:]


def squared_errors(network: Colorizer, rgb: torch.Tensor, look: Callable = views) -> dict[str, np.ndarray]:
    """The mean squared distance in ab of each picture ``(N,)``, with each of the views."""
    parts = []
    for part in tqdm(rgb.split(BATCH), network.name, unit=" batches"):
        seen, ab = look(part)
        painted = {name: network.decode(network.predict(lightness)) for name, lightness in seen.items()}
        parts.append(
            {name: ab_distance(one, reduce_to(ab, one)).square().mean((1, 2)) for name, one in painted.items()}
        )
    return {name: torch.cat([part[name] for part in parts]).double().numpy() for name in parts[0]}


def compared(squared: dict[str, np.ndarray], first: dict[str, np.ndarray] | None = None) -> dict[str, dict]:
    """ab RMSE with each of the views, how much ``more`` than with ``coloured``, and how much ``beyond`` the first
    network with the same view, with intervals over pictures."""
    found = {}
    for name, one in squared.items():
        found[name] = {"ab_rmse": rmse(one), "more": gap(one, squared["coloured"])}
        if first:
            found[name]["beyond"] = gap(one, first[name])
    return found


def gap(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """How much larger the RMSE of ``one`` is on the same pictures, from squared errors ``(N,)``."""
    pair = np.stack((one, other), 1)  # (N, 2)
    rmse, resampled = np.sqrt(pair.mean(0)), np.sqrt(bootstrap_means(pair))  # (2,), (R, 2)
    return with_interval(rmse[0] - rmse[1], resampled[:, 0] - resampled[:, 1])


if __name__ == "__main__":
    main()
