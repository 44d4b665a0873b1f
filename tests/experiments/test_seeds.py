"""Colorizers trained several times: how long, what is measured, what is compared, and that a stopped run goes on."""

import json
from dataclasses import replace

import numpy as np
import pytest

from colorize_lib import cli
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.errors import InputError
from colorize_lib.experiments import seeds
from colorize_lib.experiments.repeated import beyond_chance
from colorize_lib.experiments.seeds import PAIRS, PASSES, TEMPERATURES, Setting, compare, run_seeds, settings
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.measuring.by_picture import COLUMNS, MEASURES, measures
from colorize_lib.measuring.evaluate import Judge, sweep
from colorize_lib.measuring.provenance import source
from colorize_lib.training import learner
from colorize_lib.training.recipes import get_recipe

LIMIT = 8
SHORT = seeds.short_recipe


@pytest.fixture
def made_up(monkeypatch) -> list[str]:
    """The embedded pictures for CIFAR-10, small networks, and the names of the trainings as they are begun."""
    begun, train = [], learner.train

    def noted(recipe, *args, **kwargs):
        begun.append(recipe.name)
        return train(recipe, *args, **kwargs)

    def small(*args):
        return replace(SHORT(*args), widths=(8, 16), encoder=None, frozen=0, encoder_lr=1.0)

    monkeypatch.setattr(learner, "train", noted)
    monkeypatch.setattr(seeds, "load_cifar10", lambda *_: embedded_cifar10())
    monkeypatch.setattr(seeds, "short_recipe", small)
    return begun


def made_up_numbers(count: int = 3, pictures: int = 40) -> dict:
    rng = np.random.default_rng(0)
    keys = [(one, seed) for network in PASSES for one in settings(network) for seed in range(count)]
    return {key: rng.uniform(1, 2, (pictures, len(COLUMNS))) for key in keys}


def test_recipes_differ_from_the_shipped_ones_in_name_seed_and_passes_alone():
    for network in PASSES:
        recipe, whole = seeds.short_recipe(network, 2), seeds.short_recipe(network, 2, full=True)
        assert (recipe.name, recipe.seed, recipe.epochs) == (f"{network}-2", 2, PASSES[network])
        assert replace(whole, name=network, seed=0) == get_recipe(network)
        assert replace(recipe, name=whole.name, epochs=whole.epochs) == whole
        assert len({recipe.name, whole.name, seeds.short_recipe(network, 2, limit=8).name}) == 3


def test_all_that_is_compared_is_measured():
    measured = {one for network in PASSES for one in settings(network)}
    assert {end for pair in PAIRS for end in pair} <= measured


def test_what_is_trained_measured_and_kept(made_up, tmp_path):
    result = run_seeds(tmp_path, seeds=2, limit=LIMIT, progress=False)
    assert made_up == [f"{network}-{seed}-trial" for seed in (0, 1) for network in PASSES]
    assert len(result["rows"]) == 1 + 4 * len(TEMPERATURES)
    assert [len(row["measures"]["auc"]["seeds"]) for row in result["rows"]] == [2] * len(result["rows"])
    json.dumps(result)
    assert source(result).command == f"colorize experiment seeds --seeds 2 --limit {LIMIT}"

    # The numbers are those of evaluate, of the weights that the folder holds.
    judge = Judge(seeds.thinned(embedded_cifar10(), LIMIT), seeds.Gamut())
    for network, lam in (("rebalanced", 1), ("classification", 0.5)):
        colorizer = Colorizer.load(tmp_path / f"{network}-1-trial.safetensors")
        right = sweep(colorizer, judge, [0.38], [lam], progress=False)[0]
        found = next(
            row["measures"]
            for row in result["rows"]
            if (row["network"], row["temperature"], row["lam"]) == (network, 0.38, lam)
        )
        for name in MEASURES:
            assert found[name]["seeds"][1] == pytest.approx(right[name], rel=1e-4), name

    # A stopped run goes on, with the same numbers.
    (tmp_path / "transfer-1-trial.npz").write_bytes(b"damaged")
    again = run_seeds(tmp_path, seeds=2, limit=LIMIT, progress=False)
    assert made_up[8:] == ["transfer-1-trial"]
    assert [again[part] for part in ("rows", "pairs", "grey")] == [result[part] for part in ("rows", "pairs", "grey")]


def test_compare_takes_means_over_seeds_and_their_distance():
    numbers = made_up_numbers()
    found = compare(numbers, 3, numbers[PAIRS[0][0], 0])
    row = next(r for r in found["rows"] if (r["network"], r["temperature"]) == ("transfer", 0.6))
    of_seed = np.stack([measures(numbers[Setting("transfer", 0.6), seed].mean(0)) for seed in range(3)])
    for i, name in enumerate(MEASURES):
        assert row["measures"][name]["mean"] == pytest.approx(of_seed[:, i].mean(), rel=1e-5)
        assert row["between_seeds"][name] == pytest.approx(np.ptp(of_seed[:, i]), rel=1e-4)
        assert row["measures"][name]["low"] < row["measures"][name]["mean"] < row["measures"][name]["high"]


def test_a_network_is_paired_with_itself_seed_by_seed():
    """Two temperatures of one network: seeds that differ by far, and the same difference for each, leave no doubt."""
    numbers = made_up_numbers()
    shift = {0: 0.0, 1: 50.0, 2: 100.0}
    for (one, seed), values in numbers.items():
        values[:, 1] = shift[seed] + (1.0 if one == Setting("classification", 0.89) else 0.0)
    found = compare(numbers, 3, numbers[PAIRS[0][0], 0])["pairs"]
    auc = {ends: seeds.pair(found, *ends)["measures"]["auc"] for ends in PAIRS}
    same = auc[Setting("classification", 1.0), Setting("classification", 0.89)]
    assert (same["low"], same["mean"], same["high"]) == pytest.approx((1, 1, 1), abs=1e-4)
    assert beyond_chance(same, seeds.pair(found, *PAIRS[2])["between_seeds"]["auc"])
    other = auc[Setting("classification", 1.0), Setting("rebalanced", 1.0)]
    assert other["low"] < -40 and other["high"] > 40
    assert seeds.pair(found, *PAIRS[5])["between_seeds"]["auc"] == pytest.approx(100)


def test_what_was_not_compared_is_not_found():
    with pytest.raises(KeyError, match="were not compared"):
        seeds.pair([], *PAIRS[0])


def test_wrong_numbers_are_one_sentence(tmp_path, capsys):
    with pytest.raises(InputError, match="At least two seeds are needed to know how much they differ, not 1"):
        run_seeds(tmp_path, seeds=1)
    assert cli.main(["experiment", "seeds", "--seeds", "1", "--folder", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_prints_rows_and_pairs(made_up, tmp_path, capsys):
    arguments = ["experiment", "seeds", "--limit", str(LIMIT), "--seeds", "2", "--folder", str(tmp_path / "runs")]
    assert cli.main([*arguments, "--output", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "classification T 1.0 lambda 0.5 > rebalanced T 1.0" in said and "regression" in said
    assert json.loads((tmp_path / "seeds-trial.json").read_text())["design"] == {"seeds": 2, "full": False}
