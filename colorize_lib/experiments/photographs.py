"""How good are the colours of photographs? Every setting of the dials on dev, the chosen ones on test.

Numbers are kept for every picture, so that two ways can be compared in pairs and every mean has its interval.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from torch.nn import functional
from tqdm.auto import tqdm

from ..colour.lab import rgb_to_lab
from ..data.examples import photograph
from ..data.images import thinned
from ..data.photographs import load_photographs
from ..data.plain import page
from ..data.tiny_imagenet import load_tiny_imagenet
from ..inference.colorizer import Colorizer
from ..measuring.photographs import BATCH, WAYS, Pictures, colour_all, difference, grey, table_row, with_intervals
from ..measuring.results import rounded
from ..record import begin, command_line, head, trainings
from .asking import fingerprint
from .generalisation import describe, in_words
from .versions import Colour

#: So many of the dev pictures are looked at.
DEV_PICTURES = 500
#: Dials that are measured.
LAMBDAS, TEMPERATURES = (1.0, 0.955, 0.91, 0.82, 0.64, 0.46, 0.28, 0.19, 0.1), (1.0, 0.7, 0.38)
SETTINGS = tuple((lam, t) for lam in LAMBDAS for t in TEMPERATURES)
#: The few of them at which ways of looking are compared.
FEW = ((1.0, 1.0), (1.0, 0.38), (0.82, 1.0), (0.46, 1.0), (0.46, 0.38))


#: Views that are compared, in pixels: see :func:`~colorize_lib.colour.resolution.by_area`.
SIZES = (96, 128, 160, 192, 224)
#: The default dials may make at most these shares of the dev pictures worse than grey, and give them a red patch.
MOST_WORSE, MOST_RED = 0.25, 0.02


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
        The folder with the photographs: see :func:`~colorize_lib.data.photographs.load_photographs`.
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
    started = begin()
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

    def against(title: str, network: str, way: str) -> list[dict]:
        return [
            {"against": title, "lam": lam, "temperature": t}
            | difference(measured[own, WAYS[0], lam, t], measured[network, way, lam, t])
            for lam, t in FEW
        ]

    differences = [row for way in WAYS[1:] for row in against(way, own, way)]
    other_networks = [row for name in others for row in against(Path(name).stem, Path(name).stem, WAYS[0])]
    data = {
        split: {"source": "photographs-160, ImageNet", "images": len(pictures)}
        for split, pictures in (("dev", dev), ("test", test))
    }
    enlarged = tiny_imagenet(photo, root, limit, device, progress)
    data["tiny-imagenet"] = {key: enlarged[key] for key in ("source", "images")}
    unsure, plain = doubts(colorizer, dev, progress), plain_chroma(colorizer, **chosen)
    first, (own, *beside) = trainings(*(network.meta for network in networks.values()))
    command = f"{first}colorize experiment photographs --photo {own}" + "".join(f" --beside {one}" for one in beside)
    return {
        **head(
            "photographs-trial" if limit else "photographs",
            command_line(command, limit=limit),
            in_words(networks.values()),
            data,
            colorizer.device,
            started,
        ),
        "networks": {
            Path(name).stem: {**describe(network), "sha256": fingerprint(Colour(str(name)))}
            for name, network in networks.items()
        },
        "dev": rounded(tried),
        "chosen": chosen,
        "vivid": vivid,
        "doubts": rounded(unsure),
        "rule": {"most_worse_than_grey": MOST_WORSE, "most_red_patches": MOST_RED},
        "test": {
            "grey": rounded(table_row(without, without, test)),
            "rows": rounded(rows),
            "distributions_against": rounded(differences),
            "networks_against": rounded(other_networks),
        },
        "tiny-imagenet": rounded(enlarged),
        "plain": rounded(plain),
    }
