"""Automatic image colorization: the library behind the book.

Data flows one way: image, Lab, network, distribution over bins, ab, image. What is handed on here is imported when it
is first used, so ``import colorize_lib`` itself costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what an editor and a type checker see; at run time they come when they are asked for
    from .colour.gamut import Gamut as Gamut
    from .colour.lab import lab_to_rgb as lab_to_rgb
    from .colour.lab import rgb_to_lab as rgb_to_lab
    from .colour.lab import to_uint8 as to_uint8
    from .data.cifar10 import load_cifar10 as load_cifar10
    from .data.examples import embedded_cifar10 as embedded_cifar10
    from .data.examples import photograph as photograph
    from .films.film import colorize_film as colorize_film
    from .films.frames import colorize_frames as colorize_frames
    from .inference.classifier import Classifier as Classifier
    from .inference.colorizer import Colorizer as Colorizer
    from .pages.explorer import explore as explore

__version__ = "0.1.0"

#: Public names and the module each lives in.
_HOMES = {
    "rgb_to_lab": "colour.lab",
    "lab_to_rgb": "colour.lab",
    "to_uint8": "colour.lab",
    "Gamut": "colour.gamut",
    "Colorizer": "inference.colorizer",
    "Classifier": "inference.classifier",
    "colorize_film": "films.film",
    "colorize_frames": "films.frames",
    "explore": "pages.explorer",
    "load_cifar10": "data.cifar10",
    "embedded_cifar10": "data.examples",
    "photograph": "data.examples",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
