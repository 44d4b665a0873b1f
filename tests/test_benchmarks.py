"""The benchmarks run, check that both sides compute the same, and leave the recorded results alone."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
NEEDS = {"step": (), "encode": ("sklearn",), "lab": ("skimage", "kornia"), "ssim": ("torchmetrics",), "paint": ()}


@pytest.mark.slow
@pytest.mark.parametrize("name", NEEDS)
def test_a_quick_benchmark_prints_ratios_and_writes_nothing(name):
    missing = [module for module in NEEDS[name] if not importlib.util.find_spec(module)]
    if missing:
        pytest.skip(f"{missing[0]} is missing: pip install -e .[benchmark]")
    before = {path: path.read_bytes() for path in (FOLDER / "results").iterdir()}
    command = [sys.executable, str(FOLDER / "run.py"), "--quick", "--only", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    header, _, *rows = done.stdout.splitlines()
    assert header.startswith("| ours | against |")
    assert rows
    ratios = [float(row.split("|")[3].split()[0]) for row in rows]
    assert all(ratio > 0 for ratio in ratios)
    assert before and {path: path.read_bytes() for path in (FOLDER / "results").iterdir()} == before
