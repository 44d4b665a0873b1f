"""The two packages that films need and pictures do not, imported when a film is asked for."""

import importlib
from types import ModuleType

from ..errors import InputError


def needed(name: str) -> ModuleType:
    """``av`` or ``cv2``. Raises :class:`~colorize_lib.errors.InputError`, with the command that installs them."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            "Films need two more packages, av and opencv-python-headless: pip install 'colorize_lib[film]', or "
            "'.[film]' in a copy of the repository."
        ) from error
