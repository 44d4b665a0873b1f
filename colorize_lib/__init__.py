"""Automatic image colorization: the library behind the book.

Data flows one way: image, Lab, network, distribution over bins, ab, image. Each step is one module,
imported when it is first used, so ``import colorize_lib`` itself costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what an editor and a type checker see; at run time they come when they are asked for
    from .classify import Classifier as Classifier
    from .colorizer import Colorizer as Colorizer
    from .data import embedded_cifar10 as embedded_cifar10
    from .data import load_cifar10 as load_cifar10
    from .data import photograph as photograph
    from .explorer import explore as explore
    from .gamut import Gamut as Gamut
    from .lab import lab_to_rgb as lab_to_rgb
    from .lab import rgb_to_lab as rgb_to_lab
    from .lab import to_uint8 as to_uint8

__version__ = "0.1.0"

#: Public names and the module each lives in.
_HOMES = {
    "rgb_to_lab": "lab",
    "lab_to_rgb": "lab",
    "to_uint8": "lab",
    "Gamut": "gamut",
    "Colorizer": "colorizer",
    "Classifier": "classify",
    "explore": "explorer",
    "load_cifar10": "data",
    "embedded_cifar10": "data",
    "photograph": "data",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
