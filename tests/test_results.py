"""``make results``: every number of the book has a command, and the command is one of ours."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("results_tool", ROOT / "tools" / "results.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_result_is_listed_with_what_makes_it(tool):
    lines = tool.listing(tool.read_all()).splitlines()
    names = [path.stem for path in sorted((ROOT / "results").glob("*.json"))]
    assert [line.split()[0] for line in lines[::2]] == names
    assert all(line.startswith("    colorize ") or line.startswith("    python tools/") for line in lines[1::2])


def test_the_minutes_are_those_of_training_and_measuring(tool):
    history = [{"seconds": 60.0}, {"seconds": 90.0}]
    assert tool.minutes({"name": "x", "seconds": 30.0, "weights": {"history": history}}) == 3
    parts = {"training_seconds": 60, "measuring_seconds": 60}
    assert tool.minutes({"name": "vgg", "seconds": 7, **parts}) == 2
    assert tool.minutes({"name": "photo-trials", "seconds": "unknown", "minutes": 2.5, "rows": {"a": {}, "b": {}}}) == 5


def run(tool, monkeypatch, *args) -> int:
    monkeypatch.setattr(sys, "argv", ["make results", *args])
    return tool.main()


def test_the_steps_are_run_in_order_until_one_fails(tool, monkeypatch):
    ran = []

    def pretend(step, cwd):
        ran.append(step)
        return type("Done", (), {"returncode": 2})

    monkeypatch.setattr(tool.subprocess, "run", pretend)
    assert run(tool, monkeypatch, "regression") == 2
    assert [step[1:] for step in ran] == [["-m", "colorize_lib.cli", "train", "regression"]]


def test_showing_runs_nothing(tool, monkeypatch, capsys):
    monkeypatch.setattr(tool.subprocess, "run", None)
    monkeypatch.setenv("COLORIZE_DATA", "/a place")
    assert run(tool, monkeypatch, "--show", "regression", "photo-trials") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].endswith("colorize_lib.cli evaluate runs/regression.safetensors --output results")
    assert said[2].endswith("tools/photo_trials.py '/a place' --minutes 2.5 -o results/photo-trials.json")


def test_a_command_of_ours_is_understood(tool):
    """The recipes and experiments that the commands name are there."""
    from colorize_lib.commands import train as train_command

    for result in tool.read_all().values():
        for step in tool.commands(result):
            if step[1] == "-m" and step[3] == "train":
                assert train_command.chosen_recipe(train_command.parser().parse_args(step[4:])).name == step[4]


def test_an_unknown_result_names_the_known_ones(tool, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        run(tool, monkeypatch, "nonsense")
    assert "choose from capacity, classification" in capsys.readouterr().err
