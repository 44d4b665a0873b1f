"""The same picture with other colours: what the classifier is shown, every version made in one way.

Rounding to 256 levels and clipping to what a screen can show change a picture a little. So that
no classifier can tell versions apart by that, all of them, grey and truth too, go through
:func:`~colorize_lib.colour.recolour.with_colour`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import torch
from tqdm.auto import tqdm

from ..colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from ..colour.recolour import lab_with_colour
from ..colour.resolution import upsample
from ..inference.colorizer import Colorizer

#: Pictures coloured at a time: bounds the logits to 70 MB.
BATCH = 250


@dataclass(frozen=True)
class Colour:
    """Where the ab of a version comes from.

    Attributes
    ----------
    source
        ``"own"``: the picture itself; ``"another"``: another picture; or a colorizer's name or file.
    temperature, lam
        How a colorizer's distribution is decoded; ``lam`` below 1 rebalances it.
    strength
        Factor on ab: 0 is grey, above 1 is more than there was.
    hue
        By how many degrees the ab of every pixel is turned: see :func:`~colorize_lib.colour.recolour.turned`.
    """

    source: str
    temperature: float = 1.0
    lam: float = 1.0
    strength: float = 1.0
    hue: float = 0.0

    def settings(self) -> dict:
        """As plain data. A hue that is not turned is left out: results and networks of before know of none."""
        return {name: value for name, value in asdict(self).items() if name != "hue" or value}


#: The versions that need nothing chosen on dev. ``random`` is the control: real colours, of the wrong picture.
VERSIONS = {
    "grey": Colour("own", strength=0),
    "random": Colour("another"),
    "regression": Colour("regression"),
    "mean": Colour("classification"),
    "annealed-0.89": Colour("classification", 0.89),
    "annealed-0.38": Colour("classification", 0.38),
    "transfer": Colour("transfer", 0.89),
    "halved": Colour("own", strength=0.5),
    "truth": Colour("own"),
}


def make_variants(
    rgb: torch.Tensor,
    versions: Mapping[str, Colour] = VERSIONS,
    label: torch.Tensor | None = None,
    seed: int = 0,
    device: torch.device | str | None = None,
    progress: bool = False,
) -> dict[str, torch.Tensor]:
    """Every version of every picture.

    Parameters
    ----------
    rgb
        ``(N, 3, H, W)`` uint8 sRGB, the true pictures.
    versions
        Name and colours of each version to make.
    label
        ``(N,)``: with it, ``random`` colours come from a picture of another class.
    seed
        Which other picture gives the random colours.
    device
        Of the colorizers: a GPU if there is one, else the CPU.

    Returns
    -------
    dict
        By name, in the order of ``versions``: ``(N, 3, H, W)`` uint8 tensors.
    """
    made = list(variant_batches(rgb, versions, label, seed, device, progress))
    return {name: torch.cat([part[name] for part in made]) for name in versions}


def variant_batches(
    rgb: torch.Tensor,
    versions: Mapping[str, Colour] = VERSIONS,
    label: torch.Tensor | None = None,
    seed: int = 0,
    device: torch.device | str | None = None,
    progress: bool = False,
) -> Iterator[dict[str, torch.Tensor]]:
    """What :func:`make_variants` returns, a few pictures at a time, for more versions than fit in memory."""
    for made in lab_batches(rgb, versions, label, seed, device, progress):
        yield {name: to_uint8(lab_to_rgb(lab)) for name, lab in made.items()}


def lab_batches(
    rgb: torch.Tensor,
    versions: Mapping[str, Colour] = VERSIONS,
    label: torch.Tensor | None = None,
    seed: int = 0,
    device: torch.device | str | None = None,
    progress: bool = False,
) -> Iterator[dict[str, torch.Tensor]]:
    """The versions in Lab, ``(N, 3, H, W)``, before they are clipped to what a screen has; a few pictures at a time."""
    networks = sorted({colour.source for colour in versions.values()} - {"own", "another"})
    colorizers = {name: Colorizer.load(name, device) for name in networks}
    partner = partners(len(rgb), label, seed)
    parts = torch.arange(len(rgb)).split(BATCH)
    for index in tqdm(parts, "colouring", disable=not progress, unit=" batches"):
        truth, other = rgb[index].cpu(), rgb[partner[index]].cpu()
        lightness = rgb_to_lab(truth)[:, :1]
        predictions = {name: colorizer.predict(lightness) for name, colorizer in colorizers.items()}
        made = {}
        for name, colour in versions.items():
            if colour.source == "own":
                ab = None
            elif colour.source == "another":
                ab = rgb_to_lab(other)[:, 1:]
            else:
                decoded = colorizers[colour.source].decode(predictions[colour.source], colour.temperature, colour.lam)
                ab = upsample(decoded, truth.shape[-2:])
            made[name] = lab_with_colour(truth, ab, colour.strength, colour.hue)
        yield made


def partners(n: int, label: torch.Tensor | None = None, seed: int = 0) -> torch.Tensor:
    """For each of n pictures another one, drawn at random, each once: ``(n,)`` int64.

    With ``label`` ``(n,)`` one of another class, if no class holds more than half of the pictures.
    """
    group = torch.arange(n)
    if label is not None and n and 2 * label.unique(return_counts=True)[1].max() <= n:
        group = label.cpu()
    rng = torch.Generator().manual_seed(seed)
    partner = torch.randperm(n, generator=rng)
    if n < 2:
        return partner
    for i in (group[partner] == group).nonzero()[:, 0].tolist():
        if group[partner[i]] == group[i]:  # an earlier exchange may have mended it
            # Exchange with one that suits both. If the group is at most half of all, there is one: at most
            # 2 size - 1 pictures are of the group or have a partner of it.
            fits = ((group != group[i]) & (group[partner] != group[i])).nonzero()[:, 0]
            j = int(fits[torch.randint(len(fits), (), generator=rng)])
            partner[[i, j]] = partner[[j, i]]
    return partner
