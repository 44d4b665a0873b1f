"""Where to compute, if nobody says."""

import torch

from .errors import InputError


def pick_device(device: torch.device | str | None = None) -> torch.device:
    """``device``; if None a GPU if there is one, else the CPU.

    Raises :class:`~colorize_lib.errors.InputError` if it is not there, or nothing can be computed on it.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        (torch.ones(1, device=device) + 1).item()  # the device "meta" is there, but has no numbers
    except Exception as error:  # RuntimeError, AssertionError, NotImplementedError, ModuleNotFoundError
        raise InputError(f"The device {str(device)!r} is not there, or cannot compute: try cpu.") from error
    return torch.device(device)
