"""Measure a colorizer on pictures it has not seen: every metric, temperature and lambda, to JSON."""

from collections.abc import Iterable, Sequence

import torch
from tqdm.auto import tqdm

from ..colour.gamut import Gamut
from ..colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from ..colour.resolution import halve, upsample
from ..data.images import Images
from ..inference.colorizer import Colorizer
from ..record import Start, begin, command_line, counted, head, recipe_in_words, trainings
from .metrics import balanced_weight, bin_cross_entropy, chroma_calibration, chroma_histogram, picture_metrics

#: Temperatures of the network as trained.
TEMPERATURES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.38, 0.5, 0.6, 0.7, 0.8, 0.89, 0.95, 1.0)
#: The fewer ones of each rebalanced sweep.
COARSE_TEMPERATURES = (0.01, 0.05, 0.1, 0.2, 0.38, 0.6, 0.89, 1.0)
LAMBDAS = (0.7, 0.5, 0.3)


class Judge:
    """True pictures, and how far coloured ones are from them.

    Parameters
    ----------
    images
        The true pictures.
    gamut
        The bins of the balanced metrics.
    """

    def __init__(self, images: Images, gamut: Gamut):
        self.rgb, lab = images.rgb.cpu(), rgb_to_lab(images.rgb.cpu())
        self.lightness, self.ab = lab[:, :1], lab[:, 1:]  # (N, 1, H, W), (N, 2, H, W)
        self.weight = balanced_weight(self.ab, gamut)

    def measure(self, ab: torch.Tensor) -> dict[str, float]:
        """All metrics of a predicted ab, ``(N, 2, H, W)`` or at half resolution."""
        if ab.shape != self.ab.shape:
            ab = upsample(ab, self.ab.shape[-2:])
        parts = zip(self.lightness.split(500), ab.split(500), strict=True)  # bounds the memory
        rgb = torch.cat([to_uint8(lab_to_rgb(torch.cat(part, 1))) for part in parts])
        return picture_metrics(ab, rgb, self.ab, self.rgb, self.weight, self.lightness)

    def baselines(self) -> dict[str, dict[str, float]]:
        """``grey``: no colour. ``ceiling``: the truth at half resolution, the best our networks could do."""
        return {"grey": self.measure(torch.zeros_like(self.ab)), "ceiling": self.measure(halve(self.ab))}


def sweep(
    colorizer: Colorizer,
    judge: Judge,
    temperatures: Iterable[float] = TEMPERATURES,
    lambdas: Iterable[float] = (1.0,),
    progress: bool = True,
    prediction: torch.Tensor | None = None,
) -> list[dict[str, float]]:
    """All metrics at every temperature and lambda; one row without either for a regression network.

    ``prediction`` is what :func:`predicted` returned, if that is known already.
    """
    if prediction is None:
        prediction = predicted(colorizer, judge)
    if colorizer.gamut is None:
        return [judge.measure(prediction)]
    settings = [(lam, t) for lam in lambdas for t in temperatures]
    rows = []
    for lam, t in tqdm(settings, colorizer.name, disable=not progress, unit=" settings"):
        rows.append({"lam": lam, "temperature": t, **judge.measure(decoded(colorizer, prediction, t, lam))})
    return rows


def predicted(colorizer: Colorizer, judge: Judge) -> torch.Tensor:
    """What the network says of the judge's pictures, by :meth:`~colorize_lib.inference.colorizer.Colorizer.predict`."""
    prediction = colorizer.predict(judge.lightness).cpu()
    # Decoding sums over the bins, which then are next to each other in memory.
    return prediction.contiguous(memory_format=torch.channels_last)


def decoded(colorizer: Colorizer, prediction: torch.Tensor, temperature: float, lam: float = 1.0) -> torch.Tensor:
    """ab at the prediction's resolution, ``(N, 2, h, w)``; in parts, which bounds the memory."""
    return torch.cat([colorizer.decode(part, temperature, lam) for part in prediction.split(250)])


def evaluate(
    colorizer: Colorizer,
    dev: Images,
    test: Images,
    lambdas: Sequence[float] = LAMBDAS,
    progress: bool = True,
    limit: int | None = None,
) -> dict:
    """The contents of ``results/<name>.json``: dev to choose on, test to report.

    Parameters
    ----------
    colorizer
        With its weights' metadata, which the result carries along.
    dev, test
        Pictures the network was not trained on. Temperatures are chosen on ``dev`` at lambda 1.
    lambdas
        Rebalancing after training, swept at :data:`COARSE_TEMPERATURES`; left out for a network that was trained so.
    limit
        What ``dev`` and ``test`` were cut down to, for the command in the result.
    """
    started = begin()
    gamut = colorizer.gamut or Gamut()
    judges = {"dev": Judge(dev, gamut), "test": Judge(test, gamut)}
    lambdas = lambdas if _rebalances(colorizer) else ()
    result = {"weights": colorizer.meta, "baselines": judges["test"].baselines()}
    for split, judge in judges.items():  # the test pictures last
        prediction = predicted(colorizer, judge)
        result[split] = sweep(colorizer, judge, progress=progress, prediction=prediction)
        if lambdas:
            result[split] += sweep(colorizer, judge, COARSE_TEMPERATURES, lambdas, progress, prediction)
    result["chroma"] = chroma(colorizer, judge, prediction)
    if colorizer.gamut:
        result["best_on_dev"] = best_temperatures(result["dev"])
        result["bin_cross_entropy"] = bin_cross_entropy(prediction, judge.ab, gamut)
    return _head(colorizer, counted(dev=dev, test=test), started, limit) | result


def _head(colorizer: Colorizer, data: dict, started: Start, limit: int | None) -> dict:
    """The result's head: of the measurement. What trained the network stands in its metadata."""
    first, (weights,) = trainings(colorizer.meta)
    recipe = colorizer.meta.get("recipe")
    trained = recipe_in_words(recipe) if recipe else f"{colorizer.name} as published"
    command = command_line(f"{first}colorize evaluate {weights} --output results", limit=limit)
    return head(colorizer.name, command, trained, data, colorizer.device, started)


def _rebalances(colorizer: Colorizer) -> bool:
    """Whether it can be rebalanced: one that was trained so is not rebalanced again, nor one without a prior."""
    plain = colorizer.meta.get("recipe", {}).get("lam", 1) == 1
    return plain and None not in (colorizer.gamut, colorizer.prior)


def chroma(colorizer: Colorizer, judge: Judge, prediction: torch.Tensor) -> dict:
    """Where the colour goes: chroma of truth, mean (T = 1), annealed mean and mode; is the mean calibrated?

    ``prediction`` is what :func:`predicted` returned.
    """

    def at(temperature: float) -> torch.Tensor:
        return upsample(decoded(colorizer, prediction, temperature, 1.0), judge.ab.shape[-2:])

    mean = at(1.0)
    pictures = {"truth": judge.ab, "mean": mean}
    if colorizer.gamut:
        pictures |= {f"T = {t}": at(t) for t in (0.38, 0.01)}
    return {
        "histogram": {name: chroma_histogram(ab) for name, ab in pictures.items()},
        "calibration": chroma_calibration(mean, judge.ab),
    }


def best_temperatures(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """For every metric the temperature that is best at lambda 1.

    Best is highest, but lowest for ``ab_rmse``, ``ciede2000`` and ``roughness``, and nearest to 1 for
    ``colourfulness_ratio``.
    """
    score = dict.fromkeys(("ab_rmse", "ciede2000", "roughness"), lambda v: -v)
    score["colourfulness_ratio"] = lambda v: -abs(v - 1)
    plain = [row for row in rows if row["lam"] == 1]
    metrics = [key for key in plain[0] if key not in ("lam", "temperature")]
    return {
        metric: max(plain, key=lambda row: score.get(metric, float)(row[metric]))["temperature"] for metric in metrics
    }
