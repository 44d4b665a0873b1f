"""Automatic image colorization: the library behind the book.

Data flows one way: image, Lab, network, distribution over bins, ab, image. Each step is one module,
imported when it is first used, so ``import colorize_lib`` itself costs next to nothing.
"""

import importlib

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


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
