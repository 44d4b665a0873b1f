"""What a result says of how it came about: of which commit, on what machine, from which numbers."""

import hashlib
import os
import platform
import subprocess
from pathlib import Path

import torch


def digest(*tensors: torch.Tensor) -> str:
    """sha256 of the tensors' bytes."""
    sha256 = hashlib.sha256()
    for tensor in tensors:
        sha256.update(tensor.cpu().contiguous().numpy().tobytes())
    return sha256.hexdigest()


def hardware(device: torch.device) -> str:
    """The GPU's name, or how many threads of what processor, and how many of them if several train together."""
    processes = int(os.environ.get("WORLD_SIZE", 1))  # as torchrun and accelerate say
    several = f"{processes} x " if processes > 1 else ""
    if device.type == "cuda":
        return several + torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{several}{threads} thread{'s' if threads != 1 else ''} of {platform.machine()}"


def git_commit() -> str:
    """The commit of the package's own checkout, or "unknown" for an installed copy."""
    try:
        command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
