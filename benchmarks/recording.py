"""What a benchmark's times depend on, and the file that keeps them."""

import importlib.util
import json
import os
import platform
import re
import time
from importlib.metadata import version
from pathlib import Path

import torch
from timing import Row


def require(fact: bool, otherwise: str) -> None:
    if not fact:
        raise SystemExit(f"{otherwise}: no time is worth reporting.")


def processor() -> str:
    """Its name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


#: Packages that are imported by another name.
MODULES = {"scikit-learn": "sklearn", "scikit-image": "skimage"}


def machine() -> dict:
    """What the times, though hardly the ratios, depend on."""
    packages = ("torch", "fastai", "numpy", "scikit-learn", "scikit-image", "kornia", "torchmetrics")
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": processor(),
        "cpus": os.cpu_count(),
        "architecture": platform.machine(),
        "threads": torch.get_num_threads(),
        "omp_wait_policy": os.environ["OMP_WAIT_POLICY"],
        "python": platform.python_version(),
        **{
            package: version(package) for package in packages if importlib.util.find_spec(MODULES.get(package, package))
        },
    }


def record(rows: list[Row], facts: dict, folder: Path, alone: bool) -> None:
    """Write this processor's file; what ran ``alone`` goes into the file that is there, in the place of what it had."""
    path = folder / f"{re.sub('[^a-z0-9]+', '-', facts['processor'].lower()).strip('-')}.json"
    new = [row.to_dict() | {"date": facts["date"]} for row in rows]
    if alone and path.exists():
        torch_now, facts = facts["torch"], json.loads(path.read_text())
        require(facts["torch"] == torch_now, f"{path.name} is of torch {facts['torch']} and this is {torch_now}")
        names = {(row["name"], row["peer"]) for row in new}
        new = [row for row in facts.pop("comparisons") if (row["name"], row["peer"]) not in names] + new
    path.write_text(json.dumps({**facts, "comparisons": new}, indent=1) + "\n")
