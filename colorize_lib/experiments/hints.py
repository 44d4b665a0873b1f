"""How much do hints help, and how much does the network help the hints?

Colours of the truth are revealed at more and more pixels, as Zhang et al. did it [1]_: at random ones, and where the
network alone is most wrong. Every method gets the same hints. How far a hint reaches is chosen on dev pictures.

Pictures without any colour are left out: who knows no colours at all paints them without a mistake, which in dB is more
than all the others together.

Sources
-------
.. [1] R. Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors", SIGGRAPH 2017, section 4.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from tqdm.auto import tqdm

from ..colour.bilateral import joint_bilateral_upsample
from ..colour.hints import REACH, Reach, modes, spread
from ..colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from ..colour.resolution import upsample
from ..data.cifar10 import load_cifar10
from ..data.images import Images, thinned, without_grey
from ..data.photographs import load_photographs
from ..inference.colorizer import Colorizer
from ..inference.hints import Guided
from ..measuring.metrics import AUC_THRESHOLDS, PSNR_LIMIT, ab_distance
from ..measuring.results import rounded
from ..measuring.statistics import bootstrap_means, interval, with_interval
from ..record import begin, command_line, head
from .generalisation import in_words
from .optimisation import Optimisation

COUNTS = (0, 1, 2, 5, 10, 20, 50)
PLACED = ("random", "largest error")
#: Our way, its parts, and the baselines: hints spread without a network, by the weights of a hint and by optimisation.
JOINED, METHODS = "joined", ("network", "conditioned", "error spread", "joined", "spread alone", "optimisation")
#: The sets: network, pictures of test and of dev, and the side that a picture is reduced to.
SETS = {"cifar10": ("classification", 5000, 200, 32), "photographs": ("photo", 500, 40, 128)}
#: What is tried on dev for our way, each with REACH otherwise, and for the hints alone.
TRIED = ({}, {"near": 0.3, "light": 25.0}, {"near": 0.5, "light": 50.0}, {"overlap": 0}, {"width": 10.0})
TRIED_ALONE = tuple(
    {"near": near, "light": light} for near, light in ((0.2, 25.0), (0.3, 25.0), (0.5, 50.0), (1.0, 50.0))
)
DEV_COUNTS = (1, 5, 20)
#: How many modes are looked through for the truth, and how near it must be to one, in Lab units.
MODES, NEAR = (1, 2, 3, 5), 20.0


@dataclass(frozen=True)
class Seen:
    """Pictures and what the network says of them: L, true ab, log-probabilities, the cells' ab without a hint and their
    L, ``plain`` if the colours are stretched and not led by L."""

    lightness: torch.Tensor
    ab: torch.Tensor
    log_p: torch.Tensor
    usual: torch.Tensor
    light: torch.Tensor
    plain: bool

    @cached_property
    def truth(self) -> torch.Tensor:
        """``(N, 3, H, W)`` uint8, by the same way as what it is compared to."""
        return self.screen(self.ab)

    def screen(self, ab: torch.Tensor) -> torch.Tensor:
        """``(N, 3, H, W)`` uint8 of the pictures in these colours."""
        return to_uint8(lab_to_rgb(torch.cat((self.lightness, ab), 1)))

    def large(self, ab: torch.Tensor) -> torch.Tensor:
        """``(N, 2, h, w)`` at the pictures' own size."""
        if self.plain:
            return upsample(ab, tuple(self.lightness.shape[-2:]))
        return joint_bilateral_upsample(ab, self.light, self.lightness)


def seen(images: Images, side: int, colorizer: Colorizer) -> Seen:
    """A set of square pictures, reduced to ``side``."""
    rgb = images.rgb
    if rgb.shape[-1] != side:
        rgb = to_uint8(F.interpolate(rgb.float() / 255, (side, side), mode="bicubic", antialias=True).clamp(0, 1))
    lightness, ab = rgb_to_lab(rgb).split((1, 2), 1)
    prediction, guide = colorizer.ask(lightness, colorizer.size)
    light = F.avg_pool2d(lightness, colorizer.network.reduction, ceil_mode=True) if guide is None else guide
    log_p = prediction.log_softmax(1)
    return Seen(lightness, ab, log_p, colorizer.decode(log_p), light, guide is None)


def random_pixels(n: int, height: int, width: int, count: int, seed: int = 0) -> torch.Tensor:
    """``(n, count)`` int64: for each picture others, none twice, counted row by row."""
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randperm(height * width, generator=generator)[:count] for _ in range(n)])


def worst_pixels(error: torch.Tensor, count: int) -> torch.Tensor:
    """Where somebody would click: the largest error ``(N, H, W)``, and next the largest that is not beside it.

    The error is averaged over a sixteenth of the side, and what lies within a tenth of it around a click counts as
    seen to.
    """
    h, w = error.shape[1:]
    patch = h // 16 | 1  # an odd number of pixels
    left = F.avg_pool2d(error[:, None], patch, 1, patch // 2, count_include_pad=False)[:, 0].clone()
    ys, xs = torch.arange(h)[:, None], torch.arange(w)
    found = []
    for _ in range(count):
        best = left.flatten(1).argmax(1)  # (N,)
        found.append(best)
        y, x = ((one[:, None, None]) for one in (best // w, best % w))
        left = left * (1 - torch.exp(-((ys - y) ** 2 + (xs - x) ** 2) / (2 * (h / 10) ** 2)))
        left.flatten(1).scatter_(1, torch.stack(found, 1), -1.0)
    return torch.stack(found, 1)


def hints_at(them: Seen, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Places and true colours, ``(N, n, 2)`` each, of pixels ``(N, n)``."""
    h, w = them.ab.shape[-2:]
    places = torch.stack(((pixels % w + 0.5) / w, (pixels // w + 0.5) / h), -1)
    return places, them.ab.flatten(2).gather(2, pixels[:, None].expand(-1, 2, -1)).mT


def coloured(
    them: Seen, pixels: torch.Tensor, colorizer: Colorizer, reach: Reach
) -> Iterator[tuple[str, torch.Tensor]]:
    """Each way with the network, and ab ``(N, 2, H, W)`` of it."""
    places, ab = hints_at(them, pixels)
    guided = Guided(places, ab, them.lightness, them.light, them.log_p, reach)
    told = colorizer.decode(guided.condition(them.log_p, colorizer.gamut.centres))
    yield "conditioned", them.large(told)
    yield "error spread", them.large(guided.correct(them.usual, them.plain))
    yield "joined", them.large(guided.correct(told, them.plain))


def without_network(them: Seen, pixels: torch.Tensor, reach: Reach) -> torch.Tensor:
    """The hints alone, spread by place and light: ab ``(N, 2, H, W)``."""
    places, ab = hints_at(them, pixels)
    return spread(Guided(places, ab, them.lightness, them.lightness, None, reach).say, ab)


def measured(them: Seen, ab: torch.Tensor) -> torch.Tensor:
    """``(N, 3)`` float64: mean squared distance in ab, AuC in %, PSNR in dB, of each picture."""
    distance = ab_distance(ab, them.ab).flatten(1)
    right = 100 * (AUC_THRESHOLDS.stop - distance.ceil()).clamp(min=0) / len(AUC_THRESHOLDS)
    off = them.screen(ab).int() - them.truth.int()
    mean = off.square().flatten(1).double().mean(1)
    psnr = (10 * (255**2 / mean.clamp(min=1e-12)).log10()).clamp(max=PSNR_LIMIT)
    return torch.stack((distance.double().square().mean(1), right.double().mean(1), psnr), 1)


def choose(them: Seen, colorizer: Colorizer) -> tuple[list[dict], Reach, list[dict], Reach]:
    """On dev: what was tried and which is best, for our way and for the hints alone: the least mean of the ab RMSEs."""
    network = them.large(them.usual)
    most = max(DEV_COUNTS)
    clicks = [random_pixels(*network[:, 0].shape, most, seed=1), worst_pixels(ab_distance(network, them.ab), most)]

    def tried(reach: Reach, alone: bool) -> dict:
        errors = []
        for pixels in (one[:, :count] for one in clicks for count in DEV_COUNTS):
            ab = (
                without_network(them, pixels, reach)
                if alone
                else dict(coloured(them, pixels, colorizer, reach))[JOINED]
            )
            errors.append(measured(them, ab)[:, 0].mean().sqrt().item())
        return {**asdict(reach), "ab_rmse": float(np.mean(errors))}

    found = [[replace(REACH, **one) for one in some] for some in (TRIED, TRIED_ALONE)]
    rows = [[tried(reach, bool(alone)) for reach in some] for alone, some in enumerate(found)]
    ours, alone = (
        some[int(np.argmin([row["ab_rmse"] for row in part]))] for some, part in zip(found, rows, strict=True)
    )
    return rows[0], ours, rows[1], alone


def measure_set(
    images: Images, side: int, colorizer: Colorizer, reach: Reach, alone: Reach, progress: bool = True, batch: int = 20
) -> tuple[dict[tuple, np.ndarray], np.ndarray]:
    """:func:`measured` for each (placed, count, method), ``(N, 3)``; and :func:`in_modes`, ``(N, modes)``."""
    parts: dict[tuple, list] = {}
    shares = []
    for number, start in enumerate(tqdm(range(0, len(images), batch), colorizer.name, disable=not progress)):
        them = seen(images[start : start + batch], side, colorizer)
        shares.append(in_modes(them, colorizer.gamut.centres))
        network = them.large(them.usual)
        n, _, h, w = network.shape
        most = max(COUNTS)
        clicks = random_pixels(n, h, w, most, seed=2 + number), worst_pixels(ab_distance(network, them.ab), most)
        systems = [Optimisation(*one) for one in zip(them.lightness, torch.cat(clicks, 1), strict=True)]
        alike = measured(them, network)
        for turn, (placed, pixels) in enumerate(zip(PLACED, clicks, strict=True)):
            for count in COUNTS:
                parts.setdefault((placed, count, "network"), []).append(alike)
                if not count:
                    continue
                few, which = pixels[:, :count], turn * most + np.arange(count)
                own = [one.colours(which, ab) for one, ab in zip(systems, hints_at(them, few)[1], strict=True)]
                ways = [*coloured(them, few, colorizer, reach), ("spread alone", without_network(them, few, alone))]
                for method, ab in [*ways, ("optimisation", torch.stack(own))]:
                    parts.setdefault((placed, count, method), []).append(measured(them, ab))
    return {key: torch.cat(value).numpy() for key, value in parts.items()}, torch.cat(shares).numpy()


def in_modes(them: Seen, centres: torch.Tensor) -> torch.Tensor:
    """``(N, len(MODES))``: the share of a picture's cells whose true colour is near one of the likeliest modes."""
    true = F.adaptive_avg_pool2d(them.ab, them.light.shape[-2:]).movedim(1, -1)  # (N, h, w, 2)
    found = centres[modes(them.log_p.movedim(1, -1), centres, max(MODES), NEAR)]  # (N, h, w, modes, 2)
    hit = (found - true[..., None, :]).norm(dim=-1) < NEAR
    return torch.stack([hit[..., :count].any(-1).flatten(1).double().mean(1) for count in MODES], 1)


def rows(numbers: dict[tuple, np.ndarray]) -> list[dict]:
    """Means over pictures with their 95 % intervals, and how far the joined way is ahead of each method, in pairs."""
    keys = list(numbers)
    drawn = dict(
        zip(keys, np.split(bootstrap_means(np.concatenate(list(numbers.values()), 1)), len(keys), 1), strict=True)
    )
    means = {key: value.mean(0)[None] for key, value in numbers.items()}

    def readable(one: np.ndarray) -> dict[str, np.ndarray]:
        return {"ab_rmse": np.sqrt(one[:, 0]), "auc": one[:, 1], "psnr": one[:, 2]}

    def said(mean: np.ndarray, many: np.ndarray) -> dict[str, float]:
        return with_interval(mean[0], many)

    table = []
    for placed, count, method in keys:
        key, ours = (placed, count, method), (placed, count, JOINED)
        mean, many = readable(means[key]), readable(drawn[key])
        row = {"placed": placed, "hints": count, "method": method} | {m: said(mean[m], many[m]) for m in mean}
        if ours in numbers and method != JOINED:
            best, most = readable(means[ours]), readable(drawn[ours])
            row["joined_minus_this"] = {m: said(best[m] - mean[m], most[m] - many[m]) for m in mean}
        table.append(row)
    return table


def run_hints(
    photographs: str | Path | None = None, cifar: str | Path | None = None, limit: int | None = None,
    device: torch.device | str | None = None, progress: bool = True,
) -> dict:  # fmt: skip
    """Choose on dev, measure on test.

    Parameters
    ----------
    photographs, cifar
        Where the data are; ``cifar`` is looked for where the photographs are if it is not given.
    limit
        Use only so many pictures of each split, a quick trial.

    Returns
    -------
    dict
        The contents of ``results/hints.json``.
    """
    started = begin()
    networks = {name: Colorizer.load(network, device) for name, (network, *_) in SETS.items()}
    data, sets, chosen = {"dev": {"source": "both", "images": 0}}, {}, {}
    for name, (_, count, few, side) in SETS.items():
        colorizer, loaded = networks[name], {}
        for split, wanted in (("dev", few), ("test", count)):
            images = (
                load_cifar10(split, cifar or photographs) if name == "cifar10" else load_photographs(split, photographs)
            )
            loaded[split] = thinned(without_grey(images), limit or wanted)
        data["dev"]["images"] += len(loaded["dev"])
        data[name] = {"source": loaded["test"].source, "images": len(loaded["test"])}
        with torch.inference_mode():
            dev = seen(loaded["dev"], side, colorizer)
            tried, reach, tried_alone, alone = choose(dev, colorizer)
            chosen[name] = {"joined": asdict(reach), "spread alone": asdict(alone)}
            numbers, shares = measure_set(loaded["test"], side, colorizer, REACH, alone, progress)
        drawn = bootstrap_means(shares)
        sets[name] = {
            "network": colorizer.name, "side": side, "images": len(loaded["test"]), "rows": rows(numbers),
            "dev": {"joined": tried, "spread alone": tried_alone},
            "truth_in_modes": [
                {"modes": many, "share": float(share), **dict(zip(("low", "high"), interval(drawn[:, i]), strict=True))}
                for i, (many, share) in enumerate(zip(MODES, shares.mean(0), strict=True))
            ],
        }  # fmt: skip
    command = command_line("colorize experiment hints", limit=limit)
    name = "hints-trial" if limit else "hints"
    return {
        **head(name, command, in_words(networks.values()), data, next(iter(networks.values())).device, started),
        "reach": asdict(REACH),
        "best_on_dev": rounded(chosen),
        "near_a_mode": NEAR,
        "sets": rounded(sets),
    }
