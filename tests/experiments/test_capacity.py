"""Longer or wider: what is trained, and what is kept of it."""

import json
from dataclasses import replace

import pytest

from colorize_lib import cli
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.experiments import capacity
from colorize_lib.experiments.capacity import PASSES, run_capacity, sized_recipe
from colorize_lib.measuring.provenance import source
from colorize_lib.training.recipes import get_recipe
from colorize_lib.weights.shipped import load_weights

LIMIT = 8
TRAININGS = [(share, epochs) for share, passes in PASSES.items() for epochs in passes]


@pytest.fixture
def made_up(monkeypatch):
    """The embedded pictures for CIFAR-10, and networks of a sixteenth of the channels."""
    sized = sized_recipe

    def small(*args):
        recipe = sized(*args)
        return replace(recipe, widths=tuple(width // 16 for width in recipe.widths[:2]))

    monkeypatch.setattr(capacity, "sized_recipe", small)
    monkeypatch.setattr(capacity, "load_cifar10", lambda *_: embedded_cifar10())


def test_recipes_differ_from_chapter_3_s_in_name_channels_and_passes_alone():
    shipped = get_recipe("classification")
    recipe = sized_recipe(1.5, 2)
    assert recipe.widths == tuple(3 * width // 2 for width in shipped.widths)
    assert replace(recipe, name=shipped.name, widths=shipped.widths, epochs=shipped.epochs) == shipped
    names = {sized_recipe(*training, limit).name for training in TRAININGS for limit in (None, 8)}
    assert len(names) == 2 * len(TRAININGS)


def test_every_size_is_trained_for_every_number_of_passes(made_up, tmp_path):
    result = run_capacity(tmp_path, limit=LIMIT, progress=False)
    assert [(row["share"], row["epochs"]) for row in result["rows"]] == TRAININGS
    assert source(result).command == f"colorize experiment capacity --limit {LIMIT}"
    json.dumps(result)
    for row in result["rows"]:
        kept = load_weights(tmp_path / f"classification-{row['share']:g}-{row['epochs']}-trial.safetensors").meta
        assert len(kept["history"]) == row["epochs"]
        for loss in ("train_loss", "dev_loss"):
            assert row[loss] == pytest.approx(kept["history"][-1][loss], rel=1e-4)
    parameters = {row["share"]: row["parameters"] for row in result["rows"]}
    assert list(parameters.values()) == sorted(set(parameters.values())) and len(parameters) == len(PASSES)

    # A second call trains nothing.
    assert run_capacity(tmp_path, limit=LIMIT, progress=False)["rows"] == result["rows"]


def test_the_command_prints_a_table_and_writes_no_result_of_a_trial(made_up, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["experiment", "capacity", "--limit", "16", "--folder", "kept"]) == 0
    said = capsys.readouterr().out
    assert "dev_loss" in said and not (tmp_path / "results").exists()
    assert len(list((tmp_path / "kept").glob("*-trial.safetensors"))) == len(TRAININGS)
