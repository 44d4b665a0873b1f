"""The mean of colours under your hand: drag the colours, change their shares, and the cheapest guess follows."""

from collections.abc import Mapping
from html import escape

import torch

from ..errors import InputError
from .page import Part, place


def mean_colour(scenes: Mapping[str, torch.Tensor]) -> Part:
    """Some colours of the :math:`ab` plane, and their mean, which is the cheapest guess under squared error.

    It needs no kernel. It shows itself as the last thing of a cell.

    Parameters
    ----------
    scenes
        Where to start: a name, and colours ``(N, 2)``, equally likely at first. All have the same N, of two to four.

    Raises
    ------
    InputError
        If there is no scene, or the colours of a scene have another shape.
    """
    shapes = {tuple(colours.shape) for colours in scenes.values()}
    if len(shapes) != 1 or not any(shape in ((2, 2), (3, 2), (4, 2)) for shape in shapes):
        raise InputError(f"Give at least one scene, all with two, three or four colours (N, 2), not {sorted(shapes)}.")
    sent = [(name, colours.tolist()) for name, colours in scenes.items()]
    rows = "".join(map(_row, scenes, scenes.values()))
    heads = "<th></th><th>colours, as (a, b)</th><th>their mean chroma</th><th>chroma of their mean</th>"
    return Part(place("mean_colour", "meanColourAt", (sent,), f"<table><tr>{heads}</tr>{rows}</table>"))


def _row(name: str, colours: torch.Tensor) -> str:
    """What stays where no script runs: a scene as a line of a table."""
    listed = ", ".join(f"({a:.0f}, {b:.0f})" for a, b in colours.tolist())
    average, chroma = colours.norm(dim=1).mean().item(), colours.mean(0).norm().item()
    return f"<tr><th>{escape(name)}</th><td>{listed}</td><td>{average:.1f}</td><td>{chroma:.1f}</td></tr>"
