"""Which network for photographs? Each candidate gets the same processor time, and dev pictures decide.

    python tools/photo_trials.py DATA -o results/photo-trials.json --minutes 3

DATA is a folder with ``photographs`` (train, dev) and ``tiny-imagenet-200``, unpacked. Time is what the process used,
not what a clock shows, so other work on the machine changes little. Finished candidates are kept in the file:
repeat the command to go on, delete a row to do it again.
"""

import argparse
import copy
import itertools
import json
import random
import shlex
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from colorize_lib.colour.resolution import resized, upsample
from colorize_lib.data.crops import Reader, centre
from colorize_lib.data.folder import find_pictures
from colorize_lib.data.folder_batches import FolderLoader
from colorize_lib.data.images import has_colour
from colorize_lib.measuring.metrics import ab_rmse, auc, balanced_weight, colourfulness_ratio
from colorize_lib.measuring.results import write_result
from colorize_lib.networks.build import build_network
from colorize_lib.networks.losses import ClassificationLoss
from colorize_lib.record import begin, head
from colorize_lib.training.precision import mixed_precision

#: Side of the dev pictures, and how many of them, in pixels.
SIDE, PICTURES = 160, 500
#: (lambda, T) that are measured; the balanced AuC is read off where the colourfulness is that of the truth.
SETTINGS = [(1.0, 1.0), (1.0, 0.6), (1.0, 0.38), (0.8, 1.0), (0.65, 1.0), (0.5, 1.0), (0.35, 1.0)]
SETS = ("photographs", "tiny")


@dataclass(frozen=True)
class Candidate:
    """What is tried. ``frozen`` is the share of the time in which the encoder stays as it came; ``still`` is how many
    of its blocks stay so for good; ``ema`` the decay of the average of the weights, 0 for none. ``small`` is the side
    at which pictures of Tiny ImageNet are shown, and ``view`` that at which it is measured, if not ``side``."""

    encoder: str | None = "tf_efficientnet_lite0"
    side: int = 128
    small: int = 0
    view: int = 0
    reduction: int = 4
    widths: tuple[int, ...] = (96, 128, 160, 192)
    frozen: float = 1.0
    still: int = 0
    ema: float = 0.99
    sets: tuple[str, ...] = SETS
    lr: float = 2e-3
    encoder_lr: float = 0.25
    seed: int = 0

    def config(self, bins: int) -> dict:
        if not self.encoder:
            return {"network": "unet", "out_channels": bins, "widths": self.widths}
        return {
            "network": "transfer", "out_channels": bins, "encoder": self.encoder, "scale": 1, "widths": self.widths,
            "reduction": self.reduction,
        }  # fmt: skip


BASE = Candidate()
CANDIDATES = {
    "base": BASE,
    "base, another seed": replace(BASE, seed=1),
    "wide decoder": replace(BASE, widths=(128, 192, 256, 256)),
    "96 pixels": replace(BASE, side=96),
    "Lite2": replace(BASE, encoder="tf_efficientnet_lite2"),
    "answer at a half": replace(BASE, reduction=2, widths=(64, 96, 128, 160, 192)),
    "photographs alone": replace(BASE, sets=("photographs",)),
    "encoder learns in the second half, but for four blocks": replace(BASE, frozen=0.5, still=4),
    "encoder learns after a fifth, but for four blocks": replace(BASE, frozen=0.2, still=4),
    "encoder learns after a fifth, but for two blocks": replace(BASE, frozen=0.2, still=2),
    "encoder learns after a fifth": replace(BASE, frozen=0.2),
    "U-Net of before, 64 pixels": Candidate(encoder=None, side=64, widths=(32, 64, 128, 256, 256), frozen=0, lr=3e-3),
    "no average of the weights": replace(BASE, ema=0.0),
    "160 pixels": replace(BASE, side=160),
    "Tiny ImageNet alone": replace(BASE, sets=("tiny",)),
    "narrow decoder": replace(BASE, widths=(64, 64, 96, 128)),
    "Tiny ImageNet at 64 pixels": replace(BASE, small=64),
    "Tiny ImageNet alone, at 64 pixels": replace(BASE, side=64, view=128, sets=("tiny",)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="+", default=list(CANDIDATES), metavar="NAME")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=3.0)
    args = parser.parse_args()
    started = begin()
    done = json.loads(args.output.read_text()) if args.output.is_file() else {"rows": {}}
    if done.get("minutes", args.minutes) != args.minutes:
        parser.error(f"{args.output} holds trials of {done['minutes']:g} minutes: choose those, or another file")
    earlier = done.get("seconds", 0)
    name = args.output.stem
    dev = dev_pictures(args.data)
    done["grey"] = measure_ab(torch.zeros_like(dev[1]), *dev)
    for title in args.only:
        if title not in CANDIDATES:
            parser.error(f"there is no candidate {title!r}")
        if title in done["rows"]:
            continue
        row = trial(CANDIDATES[title], args.data, dev, args.minutes, title)
        done["rows"][title] = row
        rows = list(done["rows"])
        only = "" if rows == list(CANDIDATES) else f" --only {' '.join(map(shlex.quote, rows))}"
        command = f"python tools/photo_trials.py DATA --minutes {args.minutes:g} -o results/{name}.json{only}"
        trained = f"{len(rows)} trainings of {args.minutes:g} minutes of processor time each"
        data = {"test": {"source": "photographs-160 (its dev set)", "images": len(dev[0])}}
        made = head(name, command, trained, data, "cpu", started)
        made["seconds"] = "unknown" if earlier == "unknown" else round(made["seconds"] + earlier, 1)
        done = made | {"minutes": args.minutes, "side": SIDE} | {key: done[key] for key in ("grey", "rows")}
        write_result(done, args.output)
        print(title, {k: v for k, v in row.items() if not isinstance(v, (dict, list))}, flush=True)


def training_names(data: Path, sets: tuple[str, ...]) -> list[str]:
    """Below ``data``, of both sets in one list."""
    folders = {"photographs": "photographs/train", "tiny": "tiny-imagenet-200/train"}
    return [f"{folders[name]}/{file}" for name in sets for file in find_pictures(data / folders[name])]


def dev_pictures(data: Path) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """L, ab, their balanced weight and uint8 RGB of the middle of every other dev photograph."""
    folder = data / "photographs/dev"
    names = find_pictures(folder)
    reader = Reader(folder, SIDE, centre)
    rgb = torch.from_numpy(np.stack([reader[name, ""] for name in names[:: len(names) // PICTURES][:PICTURES]]))
    lab = torch.cat([rgb_to_lab(part) for part in rgb.split(100)])
    return lab[:, :1], lab[:, 1:], balanced_weight(lab[:, 1:], Gamut()), rgb


def measure_ab(ab, lightness, true_ab, weight, rgb) -> dict[str, float]:
    painted = torch.cat(
        [to_uint8(lab_to_rgb(torch.cat(p, 1))) for p in zip(lightness.split(100), ab.split(100), strict=True)]
    )
    return {
        "ab_rmse": ab_rmse(ab, true_ab),
        "auc": auc(ab, true_ab),
        "auc_balanced": auc(ab, true_ab, weight),
        "colourfulness_ratio": colourfulness_ratio(painted, rgb),
    }


@torch.no_grad()
def measure(network, gamut: Gamut, prior: torch.Tensor, side: int, dev) -> list[dict[str, float]]:
    """All settings, seen at ``side`` pixels."""
    network.eval()
    parts = [[] for _ in SETTINGS]
    for lightness in dev[0].split(50):
        logits = network(resized(lightness, side).contiguous(memory_format=torch.channels_last))
        for part, (lam, t) in zip(parts, SETTINGS, strict=True):
            part.append(upsample(gamut.decode(logits, t, lam, prior), (SIDE, SIDE)))
    return [
        {"lam": lam, "temperature": t, **measure_ab(torch.cat(part), *dev)}
        for part, (lam, t) in zip(parts, SETTINGS, strict=True)
    ]


def summary(rows: list[dict[str, float]], grey: dict[str, float]) -> dict[str, float]:
    """The three numbers that decide."""
    plain = [row for row in rows if row["lam"] == 1]
    dial = sorted((row["colourfulness_ratio"], row["auc_balanced"]) for row in rows if row["temperature"] == 1)
    return {
        "ab_rmse": plain[0]["ab_rmse"],
        "auc_gain": max(row["auc"] for row in plain) - grey["auc"],
        "balanced_gain": float(np.interp(1.0, *zip(*dial, strict=True))) - grey["auc_balanced"],
    }


def batches(data: Path, names: list[str], candidate: Candidate, batch: int):
    """Endless ``(L, ab)``, shuffled anew in every pass."""
    little = frozenset(name for name in names if name.startswith("tiny")) if candidate.small else frozenset()
    seen = {"seed": candidate.seed, "small": candidate.small, "little": little}
    loader = FolderLoader(names, data, candidate.side, batch, shuffle=True, drop_last=True, **seen)
    for loader.epoch in itertools.count():
        yield from loader


def count_prior(data: Path, names: list[str], gamut: Gamut) -> torch.Tensor:
    reader = Reader(data, 64, centre)
    ab = rgb_to_lab(torch.from_numpy(np.stack([reader[name, ""] for name in random.Random(0).sample(names, 2000)])))[
        :, 1:
    ]
    return gamut.prior(ab[has_colour(ab)])


def trial(candidate: Candidate, data: Path, dev, minutes: float, title: str, batch: int = 32) -> dict:
    """Train for so much processor time, and measure on dev."""
    torch.manual_seed(candidate.seed)
    gamut, names = Gamut(), training_names(data, candidate.sets)
    prior = count_prior(data, training_names(data, SETS), gamut)
    network = build_network(candidate.config(len(gamut)), pretrained=True).to(memory_format=torch.channels_last)
    mixed_precision(network, torch.device("cpu"))
    norms = [part for part in network.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    encoder = list(network.encoder.parameters()) if candidate.encoder else []
    ids = {id(p) for p in encoder}
    rest = [p for p in network.parameters() if id(p) not in ids]
    still = [p for part in stages(network)[: candidate.still + 2] for p in part.parameters()] if candidate.still else []
    still = {id(p) for p in still}
    rates = [candidate.lr * candidate.encoder_lr, candidate.lr] if encoder else [candidate.lr]
    groups = [{"params": group, "lr": 0.0} for group in ([encoder, rest] if encoder else [rest])]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.01)
    loss, average, seen, losses = ClassificationLoss(gamut), None, 0, []
    stream = batches(data, names, candidate, batch)
    started = time.process_time()
    with tqdm(total=100, desc=title, unit="%", mininterval=10) as bar:
        while (share := (time.process_time() - started) / (60 * minutes)) < 1:
            bar.update(int(share * 100) - bar.n)
            frozen = share < candidate.frozen
            for p in encoder:
                p.requires_grad_(not frozen and id(p) not in still)
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * one_cycle(share)
            network.train()
            if encoder:
                network.encoder.eval()  # its batch norms keep the statistics of ImageNet
            lightness, ab = next(stream)
            for norm in norms:  # as colorize_lib.training.full_size has it
                norm.momentum = 0.1 if lightness.shape[-1] == candidate.side else 0.0
            value = loss(network(lightness.contiguous(memory_format=torch.channels_last)), ab)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            seen, losses = seen + len(lightness), [*losses, value.item()]
            if candidate.ema and share > 0.3:
                average = averaged(average, network, candidate.ema)
    network.load_state_dict(average or network.state_dict())
    rows = measure(network, gamut, prior, candidate.view or candidate.side, dev)
    grey = measure_ab(torch.zeros_like(dev[1]), *dev)
    return {
        **summary(rows, grey),
        "pictures": seen,
        "train_loss": float(np.mean(losses[-len(losses) // 10 :])),
        "parameters": sum(p.numel() for p in network.parameters()),
        "candidate": asdict(candidate),
        "settings": rows,
    }


def stages(network) -> list[torch.nn.Module]:
    """The encoder's stem, its batch norm, and its blocks."""
    return [network.encoder.conv_stem, network.encoder.bn1, *network.encoder.blocks]


def one_cycle(share: float, warm: float = 0.15) -> float:
    """From 1/25 up to 1 and down to nothing, along cosines."""
    if share < warm:
        return 1 / 25 + (1 - 1 / 25) * (1 - np.cos(np.pi * share / warm)) / 2
    return (1 + np.cos(np.pi * (share - warm) / (1 - warm))) / 2 + 1e-5


def averaged(average: dict | None, network, decay: float) -> dict:
    """An exponential mean of all weights and statistics."""
    state = network.state_dict()
    if average is None:
        return copy.deepcopy(state)
    for key, value in state.items():
        if value.is_floating_point():
            average[key].lerp_(value, 1 - decay)
    return average


if __name__ == "__main__":
    main()
