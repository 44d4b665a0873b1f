"""What do networks for photographs read off the rounding of the pictures they learned from?

    python tools/rounding.py DATA PHOTO [PHOTO ...] -o results/rounding.json

DATA is a folder with ``photographs`` and ``tiny-imagenet-200``; CIFAR-10 is found as everywhere. Each PHOTO is a
network's weights, with more training from one to the next. All of them colour the same dev pictures in :data:`SIDE`
pixels, with the lightness taken in three ways (:func:`views`); the error is that of the mean colour (T = 1), where the
network answers. The networks for CIFAR-10 colour its dev pictures as they are, since those were not resized.

The networks of ``results/rounding.json`` learned from rounded colours, before training showed the nearest grey. What
its command trains now does not, so it is free of what was measured.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm.auto import tqdm

from colorize_lib.colour.lab import nearest_grey, rgb_to_lab
from colorize_lib.colour.resolution import reduce_to, resized
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.data.images import thinned
from colorize_lib.data.photographs import load_photographs
from colorize_lib.data.tiny_imagenet import load_tiny_imagenet
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.measuring.metrics import ab_distance
from colorize_lib.measuring.results import rounded, write_result
from colorize_lib.measuring.statistics import bootstrap_means, with_interval
from colorize_lib.record import begin, counted, head, training

#: Side of what the networks see, in pixels; pictures of each set; pictures at a time.
SIDE, PICTURES, BATCH = 192, 300, 25
#: The networks for CIFAR-10, and on how many of its pictures they are asked.
POSTER, CIFAR = ("regression", "classification", "rebalanced", "transfer"), 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("networks", type=Path, nargs="+", metavar="PHOTO")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    started = begin()
    sets = {
        "photographs": thinned(load_photographs("dev", args.data), PICTURES),
        "tiny-imagenet": thinned(load_tiny_imagenet("dev", args.data), PICTURES),
    }
    cifar = thinned(load_cifar10("dev"), CIFAR)
    networks = [Colorizer.load(path, device="cpu") for path in args.networks]
    metas = [network.meta for network in networks]
    folders = [f"runs/{number + 1}" for number in range(len(networks) - 1)] + ["runs"]
    again = " ".join(f"{folder}/photo.safetensors" for folder in folders)
    command = f"{training(metas[-1])} && python tools/rounding.py DATA {again} -o results/{args.output.stem}.json"
    made = head(
        args.output.stem, command, f"{len(networks)} networks, each the one before and more training",
        counted(**sets, cifar10=cifar), "cpu", started,
    )  # fmt: skip
    rows = {name: [measured(network, images.rgb) for network in networks] for name, images in sets.items()}
    made["networks"] = [
        {key: meta[key] for key in ("minutes", "images_seen", "commit")} | {"side": meta["recipe"]["size"]}
        for meta in metas
    ]
    poster = {name: measured(Colorizer.load(name, device="cpu"), cifar.rgb, as_they_are) for name in POSTER}
    write_result(made | {"side": SIDE, "sets": rounded(rows), "cifar10": rounded(poster)}, args.output)


def views(rgb: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """L in three ways, each ``(N, 1, SIDE, SIDE)``, of pictures ``(N, 3, H, W)`` uint8; and ab, ``(N, 2, SIDE, SIDE)``.

    ``coloured`` is the L of the enlarged *coloured* pictures, whose red, green and blue are rounded; ``grey`` is that
    of the nearest grey, as a grey picture file would have it; ``smooth`` is enlarged as L, and rounded nowhere.
    """
    pictures = [Image.fromarray(one.permute(1, 2, 0).numpy()) for one in rgb]
    large = [np.asarray(one.resize((SIDE, SIDE), Image.Resampling.BILINEAR)) for one in pictures]
    lab = rgb_to_lab(torch.from_numpy(np.stack(large)).permute(0, 3, 1, 2))
    smooth = resized(rgb_to_lab(rgb)[:, :1], SIDE)
    return {"coloured": lab[:, :1], "grey": nearest_grey(lab[:, :1]), "smooth": smooth}, lab[:, 1:]


def as_they_are(rgb: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """The first two of :func:`views` without enlarging."""
    lab = rgb_to_lab(rgb)
    return {"coloured": lab[:, :1], "grey": nearest_grey(lab[:, :1])}, lab[:, 1:]


def measured(network: Colorizer, rgb: torch.Tensor, look: Callable = views) -> dict[str, dict]:
    """ab RMSE with each of the views, and how much more than with ``coloured``, with intervals over pictures."""
    squared = []
    for part in tqdm(rgb.split(BATCH), network.name, unit=" batches"):
        seen, ab = look(part)
        painted = [network.decode(network.predict(lightness)) for lightness in seen.values()]
        distance = [ab_distance(one, reduce_to(ab, one)) for one in painted]  # each (n, h, w)
        squared.append(torch.stack([one.square().mean((1, 2)) for one in distance], 1))
    squared = torch.cat(squared).double().numpy()  # (N, views)
    rmse, resampled = np.sqrt(squared.mean(0)), np.sqrt(bootstrap_means(squared))  # (views,), (R, views)
    return {
        name: {"ab_rmse": float(rmse[k]), "more": with_interval(rmse[k] - rmse[0], resampled[:, k] - resampled[:, 0])}
        for k, name in enumerate(seen)
    }


if __name__ == "__main__":
    main()
