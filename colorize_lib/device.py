"""Where to compute, if nobody says."""

import torch


def pick_device(device: torch.device | str | None = None) -> torch.device:
    """``device``; if None a GPU if there is one, else the CPU."""
    return torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
