"""How good are the colours of photographs? Every setting of the dials on dev, the chosen ones on test.

Numbers are kept for every picture, so that two ways can be compared in pairs and every mean has its interval.
"""

import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage, stats
from torch.nn import functional
from tqdm.auto import tqdm

from .bilateral import joint_bilateral_upsample, smooth_along_light
from .colorizer import Colorizer, faded
from .data import Images, photograph, thinned
from .experiment import fingerprint, rounded
from .gamut import Gamut
from .generalisation import describe
from .lab import lab_to_rgb, rgb_to_lab, to_uint8
from .learner import git_commit, hardware
from .metrics import AUC_THRESHOLDS, SMOOTH, ab_distance, balanced_weight, colourfulness, gradient
from .photographs import load_photographs
from .plain import page
from .statistics import bootstrap_means, interval
from .tiny_imagenet import load_tiny_imagenet
from .variants import Colour

#: Pictures at a time: bounds the memory.
BATCH = 20
#: A patch counts as red where a and the chroma are above these, in Lab units, and it covers more than this share.
RED_A, RED_CHROMA, RED_SHARE = 25.0, 30.0, 0.03
#: So many of the dev pictures are looked at.
DEV_PICTURES = 500
#: Dials that are measured.
LAMBDAS, TEMPERATURES = (1.0, 0.955, 0.91, 0.82, 0.64, 0.46, 0.28, 0.19, 0.1), (1.0, 0.7, 0.38)
SETTINGS = tuple((lam, t) for lam in LAMBDAS for t in TEMPERATURES)
#: The few of them at which ways of looking are compared.
FEW = ((1.0, 1.0), (1.0, 0.38), (0.82, 1.0), (0.46, 1.0), (0.46, 0.38))
#: What neighbours average, before or after a colour is made of it:
#: see :func:`~colorize_lib.bilateral.smooth_along_light`.
WAYS = ("distributions", "colours", "nothing")
#: Views that are compared, in pixels: see :func:`~colorize_lib.colorizer.by_area`.
SIZES = (96, 128, 160, 192, 224)
#: The default dials may make at most these shares of the dev pictures worse than grey, and give them a red patch.
MOST_WORSE, MOST_RED = 0.25, 0.02


class Pictures:
    """True photographs, and per-picture measures of coloured ones.

    Parameters
    ----------
    images
        Square pictures.
    """

    def __init__(self, images: Images):
        self.rgb = images.rgb
        self.lab = torch.cat([rgb_to_lab(part) for part in images.rgb.split(100)])  # (N, 3, H, W)
        self.weight = balanced_weight(self.lab[:, 1:], Gamut()).float()  # (N, H, W)
        self.red = torch.tensor([has_red_patch(ab) for ab in self.lab[:, 1:]])
        self.colourfulness = colourfulness(self.rgb).numpy()

    def __len__(self) -> int:
        return len(self.rgb)

    def measure(self, part: slice, ab: torch.Tensor) -> dict[str, np.ndarray]:
        """Numbers of each picture of a part, painted with ab ``(n, 2, H, W)``.

        ``squared`` (mean squared distance), ``right`` (AuC in %), ``balanced`` and ``weight`` (whose sums' ratio is the
        balanced AuC), ``rough``, ``even`` and ``chroma`` (for the roughness), ``colourfulness``, ``red`` (0 or 1).
        """
        lightness, true = self.lab[part, :1], self.lab[part, 1:]
        distance = ab_distance(ab, true).flatten(1)  # (n, H*W)
        right = 100 * (AUC_THRESHOLDS.stop - distance.ceil()).clamp(min=0) / len(AUC_THRESHOLDS)
        weight = self.weight[part].flatten(1)
        even = (gradient(lightness) < SMOOTH).flatten(1)  # (n, (H-1)(W-1))
        rgb = to_uint8(lab_to_rgb(torch.cat((lightness, ab), 1)))
        numbers = {
            "squared": distance.square().mean(1),
            "right": right.mean(1),
            "balanced": (weight * right).sum(1),
            "weight": weight.sum(1),
            "rough": (gradient(ab).flatten(1) * even).sum(1),
            "even": even.sum(1),
            "chroma": ab.square().sum(1).sqrt().flatten(1).mean(1),
            "colourfulness": colourfulness(rgb),
            "red": torch.tensor([has_red_patch(one) for one in ab]) & ~self.red[part],
        }
        return {key: value.double().numpy() for key, value in numbers.items()}


def has_red_patch(ab: torch.Tensor) -> bool:
    """Whether ab ``(2, H, W)`` has a connected red patch that covers more than :data:`RED_SHARE` of the picture."""
    red = ((ab[0] > RED_A) & (ab.square().sum(0) > RED_CHROMA**2)).numpy()
    if red.mean() <= RED_SHARE:
        return False
    labelled, _ = ndimage.label(red)
    return bool(np.bincount(labelled.ravel())[1:].max(initial=0) > RED_SHARE * red.size)


def colour_all(
    colorizer: Colorizer, pictures: Pictures, settings: Sequence[tuple[float, float]], size: int | None = None,
    way: str = WAYS[0], progress: bool = True,
) -> list[dict[str, np.ndarray]]:  # fmt: skip
    """:meth:`Pictures.measure` of all pictures, at every (lambda, T), neighbours agreeing in one of :data:`WAYS`."""
    parts: list[list[dict]] = [[] for _ in settings]
    starts = range(0, len(pictures), BATCH)
    for start in tqdm(starts, colorizer.name, disable=not progress, unit=" batches"):
        part = slice(start, start + BATCH)
        lightness = pictures.lab[part, :1]
        prediction, guide = colorizer.look(lightness, size or colorizer.size, way == "distributions")
        for found, (lam, t) in zip(parts, settings, strict=True):
            ab = faded(colorizer.decode(prediction, t, lam), guide)
            if way == "colours":
                ab = smooth_along_light(ab, guide)
            found.append(pictures.measure(part, joint_bilateral_upsample(ab, guide, lightness)))
    return [{key: np.concatenate([one[key] for one in found]) for key in found[0]} for found in parts]


def grey(pictures: Pictures) -> dict[str, np.ndarray]:
    """:meth:`Pictures.measure` of no colour at all."""
    starts = [slice(start, start + BATCH) for start in range(0, len(pictures), BATCH)]
    found = [pictures.measure(part, torch.zeros_like(pictures.lab[part, 1:])) for part in starts]
    return {key: np.concatenate([one[key] for one in found]) for key in found[0]}


def table_row(numbers: dict[str, np.ndarray], without: dict[str, np.ndarray], pictures: Pictures) -> dict[str, float]:
    """Means over pictures; ``without`` are the numbers of grey."""
    gain = auc_balanced(numbers) - auc_balanced(without)
    return {
        "ab_rmse": float(np.sqrt(numbers["squared"].mean())),
        "auc": float(numbers["right"].mean()),
        "auc_gain": float((numbers["right"] - without["right"]).mean()),
        "auc_balanced": auc_balanced(numbers),
        "auc_balanced_gain": gain,
        "colourfulness_ratio": float(numbers["colourfulness"].mean() / pictures.colourfulness.mean()),
        "roughness": float(numbers["rough"].sum() / numbers["even"].sum() / max(numbers["chroma"].mean(), 1e-9)),
        "worse_than_grey": float((numbers["squared"] > without["squared"]).mean()),
        "red_patches": float(numbers["red"].mean()),
    }


def auc_balanced(numbers: dict[str, np.ndarray]) -> float:
    """The balanced AuC of all pictures together, in %."""
    return float(numbers["balanced"].sum() / numbers["weight"].sum())


def with_intervals(numbers: dict[str, np.ndarray], without: dict[str, np.ndarray], pictures: Pictures) -> dict:
    """:func:`table_row`, and 95 % bootstrap intervals over pictures of what is compared with grey."""
    row = table_row(numbers, without, pictures)
    columns = np.stack(
        [
            numbers["right"] - without["right"], numbers["squared"] > without["squared"], numbers["red"],
            numbers["balanced"], without["balanced"], numbers["weight"], numbers["squared"],
        ], 1,
    ).astype(float)  # (N, 7)  # fmt: skip
    drawn = bootstrap_means(columns)  # (R, 7)
    ends = {
        "auc_gain": drawn[:, 0],
        "worse_than_grey": drawn[:, 1],
        "red_patches": drawn[:, 2],
        "auc_balanced_gain": (drawn[:, 3] - drawn[:, 4]) / drawn[:, 5],
        "ab_rmse": np.sqrt(drawn[:, 6]),
    }
    return row | {"interval": {key: [float(end) for end in interval(values)] for key, values in ends.items()}}


def difference(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """How much ``one`` is above ``other`` on the same pictures: the mean and its 95 % bootstrap interval over them."""
    columns = np.stack([n[key] for key in ("squared", "right", "balanced") for n in (one, other)] + [one["weight"]], 1)
    drawn = bootstrap_means(columns)  # (R, 7)
    measured = columns.mean(0)[None]  # (1, 7)

    def gaps(means: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "ab_rmse": np.sqrt(means[:, 0]) - np.sqrt(means[:, 1]),
            "auc": means[:, 2] - means[:, 3],
            "auc_balanced": (means[:, 4] - means[:, 5]) / means[:, 6],
        }

    found = gaps(drawn)
    return {
        key: {"mean": float(mean[0]), **dict(zip(("low", "high"), map(float, interval(found[key])), strict=True))}
        for key, mean in gaps(measured).items()
    }


def choose(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """The dials to paint with if nobody asks for others.

    The most colourful setting, but not beyond the truth, of those at which few pictures are worse than no colour at
    all (at most :data:`MOST_WORSE`) and few have a red patch that is not there (at most :data:`MOST_RED`). If there is
    none, the one at which the fewest are worse.
    """
    allowed = [
        row for row in rows
        if row["worse_than_grey"] <= MOST_WORSE and row["red_patches"] <= MOST_RED and row["colourfulness_ratio"] <= 1
    ]  # fmt: skip
    fewest = min(rows, key=lambda row: row["worse_than_grey"])
    best = max(allowed, key=lambda row: row["colourfulness_ratio"], default=fewest)
    return {"lam": best["lam"], "temperature": best["temperature"]}


def as_colourful(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """The lambda at which, with T = 1, the pictures are about as colourful as the truth."""
    at_1 = [row for row in rows if row["temperature"] == 1]
    best = min(at_1, key=lambda row: abs(row["colourfulness_ratio"] - 1))
    return {"lam": best["lam"], "temperature": best["temperature"]}


def doubts(colorizer: Colorizer, pictures: Pictures, progress: bool = True) -> dict[str, dict]:
    """Does the network know for which pictures its colours are worse than none?

    For each picture the share of its mean colours (T = 1, lambda 1) that would have been best, and three measures of
    how sure the network is of them, as means over the picture: the ``entropy`` of the distributions, in nats; the
    ``agreement``, the chroma of the mean colour over the mean chroma, 1 where all likely colours have one hue; and the
    ``certainty``, the same of their squares.

    Returns
    -------
    dict
        For each measure the rank ``correlation`` with the best share, and the share of pictures ``worse`` than grey in
        each fourth of them, from low to high.
    """
    found = []
    starts = range(0, len(pictures), BATCH)
    for start in tqdm(starts, "doubts", disable=not progress, unit=" batches"):
        lab = pictures.lab[start : start + BATCH]
        prediction, _ = colorizer.look(lab[:, :1], colorizer.size)
        ab = colorizer.decode(prediction)  # (n, 2, h, w)
        true_ab = functional.adaptive_avg_pool2d(lab[:, 1:], ab.shape[-2:])
        p, chroma = prediction.exp(), colorizer.gamut.centres.norm(dim=1)[:, None, None]  # (n, Q, h, w), (Q, 1, 1)
        squared = ab.square().sum(1)  # (n, h, w)
        parts = (
            squared, (ab * true_ab).sum(1), -(p * prediction).sum(1),
            squared.sqrt() / (p * chroma).sum(1).clamp(min=1e-6), (p * chroma.square()).sum(1),
        )  # fmt: skip
        found.append(torch.stack([part.flatten(1).mean(1) for part in parts], 1))
    squared, product, entropy, agreement, expected = torch.cat(found).double().numpy().T
    best, worse = product / squared, squared > 2 * product
    measures = {"entropy": entropy, "agreement": agreement, "certainty": squared / expected}
    return {
        name: {
            "correlation": float(stats.spearmanr(values, best).statistic),
            "worse": [float(worse[part].mean()) for part in np.array_split(np.argsort(values), 4)],
        }
        for name, values in measures.items()
    }


def plain_pictures() -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """What should stay as it is: (L ``(1, 1, H, W)``, where to measure ``(H, W)``) of cards, a page and frames."""
    card = torch.full((1, 1, 400, 600), 54.0)
    whole = torch.ones(400, 600, dtype=torch.bool)
    rng = random.Random(0)
    text = torch.from_numpy(page(np.zeros((600, 450, 3), np.uint8), rng))[None].permute(0, 3, 1, 2)
    found = {
        "grey card": (card, whole),
        "page of text": (rgb_to_lab(text)[:, :1], torch.ones(600, 450, dtype=torch.bool)),
    }
    inside = rgb_to_lab(photograph("astronaut")[None])[:, :1, :400, :400]
    for name, paper in (("white border", 100.0), ("black border", 0.0)):
        framed = torch.full((1, 1, 500, 500), paper)
        framed[..., 50:450, 50:450] = inside
        where = torch.ones(500, 500, dtype=torch.bool)
        where[44:456, 44:456] = False
        found[name] = (framed, where)
    return found


def plain_chroma(colorizer: Colorizer, temperature: float, lam: float) -> dict[str, float]:
    """The mean chroma that :func:`plain_pictures` get, in Lab units."""
    return {
        name: colorizer.colour_lightness(light, temperature, lam, colorizer.size)[0]
        .square()
        .sum(0)
        .sqrt()[where]
        .mean()
        .item()
        for name, (light, where) in plain_pictures().items()
    }


def tiny_imagenet(
    name: str | Path, root: str | Path | None, limit: int | None, device: torch.device | str | None, progress: bool
) -> dict:
    """The same numbers on the test pictures of Tiny ImageNet, 64 pixels high and wide, enlarged for the network."""
    images = thinned(load_tiny_imagenet("test", root, progress), limit)
    pictures = Pictures(images)
    without = grey(pictures)
    found = colour_all(Colorizer.load(name, device), pictures, FEW, progress=progress)
    rows = [
        {"lam": lam, "temperature": t, **with_intervals(numbers, without, pictures)}
        for (lam, t), numbers in zip(FEW, found, strict=True)
    ]
    return {"source": images.source, "images": len(images), "grey": table_row(without, without, pictures), "rows": rows}


def run_photographs(
    root: str | Path | None = None, photo: str | Path = "photo", others: Sequence[str | Path] = (),
    limit: int | None = None, device: torch.device | str | None = None, progress: bool = True,
) -> dict:  # fmt: skip
    """Every setting on dev, the chosen ones on test.

    Parameters
    ----------
    root
        The folder with the photographs: see :func:`~colorize_lib.photographs.load_photographs`.
    photo
        Name or file of the network whose dials are chosen.
    others
        Networks that are measured beside it on test.
    limit
        Use only so many pictures of each split, a quick trial.

    Returns
    -------
    dict
        The contents of ``results/photographs.json``.
    """
    started = time.perf_counter()
    networks = {name: Colorizer.load(name, device) for name in (photo, *others)}
    colorizer = networks[photo]
    dev = Pictures(thinned(load_photographs("dev", root, progress), limit or DEV_PICTURES))
    without = grey(dev)
    own = f"{colorizer.size} pixels"
    tries = {f"{size} pixels": (size, WAYS[0]) for size in SIZES}
    tries |= {f"{own}, {way} averaged": (colorizer.size, way) for way in WAYS[1:]}
    tried = {}
    for title, (size, way) in tries.items():
        settings = SETTINGS if title == own else FEW
        found = colour_all(colorizer, dev, settings, size, way, progress)
        tried[title] = [
            {"lam": lam, "temperature": t, **table_row(n, without, dev)}
            for (lam, t), n in zip(settings, found, strict=True)
        ]
    chosen, vivid = choose(tried[own]), as_colourful(tried[own])
    test = Pictures(thinned(load_photographs("test", root, progress), limit))
    without = grey(test)
    rows = []
    known = [*FEW, *((dials["lam"], dials["temperature"]) for dials in (chosen, vivid))]
    settings = list(dict.fromkeys([*known, *((lam, 1.0) for lam in LAMBDAS)]))
    plans = [(photo, WAYS[0], settings), *((photo, way, FEW) for way in WAYS[1:])]
    plans += [(name, WAYS[0], list(dict.fromkeys(known))) for name in others]
    measured: dict[tuple, dict] = {}
    for name, way, some in plans:
        found = colour_all(networks[name], test, some, None, way, progress)
        measured |= {(Path(name).stem, way, lam, t): n for (lam, t), n in zip(some, found, strict=True)}
        rows += [
            {"network": Path(name).stem, "averaged": way, "lam": lam, "temperature": t}
            | with_intervals(n, without, test)
            for (lam, t), n in zip(some, found, strict=True)
        ]
    own = Path(photo).stem
    differences = [
        {"against": way, "lam": lam, "temperature": t}
        | difference(measured[own, WAYS[0], lam, t], measured[own, way, lam, t])
        for way in WAYS[1:]
        for lam, t in FEW
    ]
    return {
        "name": "photographs-trial" if limit else "photographs",
        "networks": {
            Path(name).stem: {**describe(network), "sha256": fingerprint(Colour(str(name)))}
            for name, network in networks.items()
        },
        "data": {
            split: {"source": "photographs-160, ImageNet", "images": len(pictures)}
            for split, pictures in (("dev", dev), ("test", test))
        },
        "dev": rounded(tried),
        "chosen": chosen,
        "vivid": vivid,
        "doubts": rounded(doubts(colorizer, dev, progress)),
        "rule": {"most_worse_than_grey": MOST_WORSE, "most_red_patches": MOST_RED},
        "test": {
            "grey": rounded(table_row(without, without, test)),
            "rows": rounded(rows),
            "distributions_against": rounded(differences),
        },
        "tiny-imagenet": rounded(tiny_imagenet(photo, root, limit, device, progress)),
        "plain": rounded(plain_chroma(colorizer, **chosen)),
        "seconds": round(time.perf_counter() - started),
        "hardware": hardware(colorizer.device),
        "torch": torch.__version__,
        "commit": git_commit(),
        "date": time.strftime("%Y-%m-%d"),
    }
