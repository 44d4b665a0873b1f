"""What a training costs on a GPU of your own: a form for speed, price and data."""

from collections.abc import Mapping
from html import escape

from ..errors import InputError
from .page import Part, place


def training_cost(
    trainings: Mapping[str, tuple[float, int, float]],
    machines: Mapping[str, tuple[float, float]],
    price: float,
    gpus: int = 1,
) -> Part:
    """A form with the arithmetic of :mod:`colorize_lib.training.cost`, which answers while it is filled in.

    It needs no kernel. It shows itself as the last thing of a cell. The operations that a picture costs grow with its
    pixels, as those of convolutions do.

    Parameters
    ----------
    trainings
        Name to FLOPs a picture (forwards and backwards), pixels a side, and how many pictures are seen. The last is
        what the form begins with.
    machines
        Name to FLOP/s at the peak, and the share of them that is used. The first is what the form begins with.
    price
        Of a GPU hour.
    gpus
        How many there are.

    Raises
    ------
    InputError
        If there is no training or machine, or a number is not above 0.
    """
    numbers = [number for row in (*trainings.values(), *machines.values()) for number in row] + [gpus]
    if not trainings or not machines or min(numbers) <= 0 or price < 0:
        raise InputError("A form needs a training and a machine, with numbers above 0.")
    sent = (
        [(name, *row) for name, row in trainings.items()],
        [(name, *row) for name, row in machines.items()],
        {"price": price, "gpus": gpus},
    )
    (machine, (peak, share)), *_ = machines.items()
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{flops * pictures / (peak * share) / 3600:,.3g}</td></tr>"
        for name, (flops, _, pictures) in trainings.items()
    )
    still = f"<table><tr><th></th><th>hours on {escape(machine)}</th></tr>{rows}</table>"
    return Part(place("training_cost", "trainingCostAt", sent, still))
