"""The benchmarks run, check that both sides compute the same, and leave the recorded results alone."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from colorize_lib.training.classifier import ClassifierRecipe
from colorize_lib.training.recipes import Recipe

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
NEEDS = {
    "step": (),
    "encode": ("sklearn",),
    "lab": ("skimage", "kornia"),
    "ssim": ("torchmetrics",),
    "paint": (),
    "photo": (),
}


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


def test_what_ran_alone_takes_its_place_in_the_results(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    from recording import record
    from timing import Row

    def row(name: str, ratio: float) -> Row:
        return Row(name, "peer", "< 1", [ratio], [ratio], [1.0])

    facts = {"processor": "A Chip", "torch": "2", "date": "2026-01-01"}
    record([row("one", 0.5), row("two", 0.5)], facts, tmp_path, alone=False)
    record([row("two", 0.25)], facts | {"date": "2026-02-02"}, tmp_path, alone=True)
    kept = json.loads((tmp_path / "a-chip.json").read_text())
    assert kept["date"] == "2026-01-01"
    assert [(r["name"], r["ratio"]["median"], r["date"]) for r in kept["comparisons"]] == [
        ("one", 0.5, "2026-01-01"),
        ("two", 0.25, "2026-02-02"),
    ]
    with pytest.raises(SystemExit, match="of torch 2 and this is 3"):
        record([row("two", 0.25)], facts | {"torch": "3"}, tmp_path, alone=True)


def test_the_speed_of_a_recipe_is_measured_after_the_warm_up(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(FOLDER)
    import speed

    monkeypatch.setattr(speed, "RECIPES", {"small": Recipe("small", "bins", widths=(8, 16), batch=4)})
    monkeypatch.setattr(speed, "CLASSIFIER_RECIPES", {"tiny": ClassifierRecipe("tiny", width=1 / 16, batch=4)})
    file = tmp_path / "speed.json"
    monkeypatch.setattr(sys, "argv", ["speed.py", "--seconds", "0", "--device", "cpu", "-o", str(file)])
    speed.main()
    result = json.loads(file.read_text())
    assert [(row["recipe"], row["side"], row["batch"]) for row in result["rows"]] == [("small", 32, 4), ("tiny", 32, 4)]
    assert all(row["images_per_second"] > 0 for row in result["rows"])
    assert {"commit", "hardware", "torch", "date"} <= result.keys()
    assert capsys.readouterr().out.count("images_per_second") == 2


@pytest.mark.slow
def test_a_film_is_made_and_coloured_twice(tmp_path):
    pytest.importorskip("av")
    pytest.importorskip("cv2")
    file = tmp_path / "kills.json"
    command = [sys.executable, str(FOLDER / "film.py"), "kills", "--seconds", "0.2", "--times", "0", "-o", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found = json.loads(file.read_text())
    assert found["same"] and found["ends"] == []
    assert 10**8 < found["peak_bytes"] < 4 * 10**9
    assert found["processor_seconds"] > 0
