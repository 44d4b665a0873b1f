"""Real or coloured? The one measure of *plausible* there is: whether it fools somebody.

Two pictures side by side, one with its true colours and one painted, as in the crowd test of [1]_. It is
played on the page itself. The answers stay in the browser.

Sources
-------
.. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, section 3.1.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from ..colour.lab import rgb_to_lab, to_rgb, to_uint8
from ..data.examples import GALLERY, embedded_cifar10, photograph
from ..data.images import Images
from ..errors import InputError
from ..inference.colorizer import Colorizer
from .page import island, pixels, sheet

#: Who paints: what the reader is told afterwards, the network, T, lambda. T is None where there is none.
PAINTERS = (
    ("regression", "regression", None, 1.0),
    ("classification, T = 1", "classification", 1.0, 1.0),
    ("classification, T = 0.89", "classification", 0.89, 1.0),
    ("classification, T = 0.38", "classification", 0.38, 1.0),
    ("classification, T = 1, λ = 0.5", "classification", 1.0, 0.5),
    ("classification, T = 0.38, λ = 0.5", "classification", 0.38, 0.5),
    ("trained with λ = 0.5, T = 0.38", "rebalanced", 0.38, 1.0),
)
ROUNDS = 20
#: Squares cut out of our photographs: which, from the top, from the left, how large.
SQUARES = (
    ("astronaut", 20, 140, 200), ("astronaut", 300, 40, 200), ("chelsea", 40, 120, 220), ("chelsea", 0, 0, 150),
    ("coffee", 60, 180, 260), ("coffee", 230, 20, 150), ("rocket", 60, 200, 240), ("rocket", 200, 260, 220),
)  # fmt: skip


@dataclass(frozen=True)
class Quiz:
    """Shows itself as the last thing of a cell; see :func:`quiz`.

    Attributes
    ----------
    truth : torch.Tensor
        ``(N, 3, H, W)`` uint8: the true pictures.
    painted : torch.Tensor
        ``(P, N, 3, H, W)`` uint8: the same pictures by every painter.
    painters : tuple of str
        What the painters are called.
    """

    truth: torch.Tensor
    painted: torch.Tensor
    painters: tuple[str, ...]

    def _repr_html_(self) -> str:
        size = list(self.truth.shape[-2:])
        everything = [self.truth, *self.painted]
        data = b"".join(pixels(picture) for pictures in everything for picture in pictures)
        game = {"painters": self.painters, "pictures": len(self.truth), "size": size, "rounds": ROUNDS, "bytes": data}
        caption = (
            "Two rows of pictures. One has its true colours, the other was painted by a network. Which? The lower."
        )
        return island("quiz", "quizAt", (game,), self.still_png(), caption)

    def still_png(self) -> bytes:
        """A PNG file for where no script runs: eight true pictures, and below them painted ones."""
        return sheet([list(self.truth[:8]), list(self.painted[-1, :8])])


def unseen() -> torch.Tensor:
    """Pictures that are none of the eight of all chapters: ``(20, 3, 32, 32)`` uint8.

    Of the embedded twenty those twelve that are not the eight of all chapters, and :data:`SQUARES` of photographs.
    """
    twelve = [i for i in range(len(embedded_cifar10())) if i not in GALLERY]
    cut = [photograph(name)[:, top : top + side, left : left + side] for name, top, left, side in SQUARES]
    small = [F.interpolate(part[None] / 255, (32, 32), mode="bicubic", antialias=True) for part in cut]
    return torch.cat((embedded_cifar10().rgb[twelve], to_uint8(torch.cat(small).clamp(0, 1))))


def quiz(images: Images | None = None) -> Quiz:
    """A game of twenty rounds: which of two pictures has its true colours?

    Parameters
    ----------
    images
        At least twenty, so that none comes twice. Without it those of :func:`unseen`.

    Raises
    ------
    InputError
        If there are fewer.
    """
    rgb = unseen() if images is None else images.rgb.cpu()
    if len(rgb) < ROUNDS:
        raise InputError(f"The quiz needs {ROUNDS} pictures, one a round, not {len(rgb)}.")
    lightness, ab = rgb_to_lab(rgb).split((1, 2), dim=1)  # (N, 1, H, W) and (N, 2, H, W)
    networks = {name: Colorizer.load(name, "cpu") for _, name, *_ in PAINTERS}
    painted = [
        to_rgb(lightness, networks[name].colour_lightness(lightness, temperature or 1.0, lam))
        for _, name, temperature, lam in PAINTERS
    ]
    # The true pictures go through Lab as the painted ones do: nobody shall tell them by their rounding.
    return Quiz(to_rgb(lightness, ab), torch.stack(painted), tuple(name for name, *_ in PAINTERS))
