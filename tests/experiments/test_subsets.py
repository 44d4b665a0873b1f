"""One network on more and more pictures: what it learns from, what is measured, and that a stopped run goes on."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from colorize_lib import cli
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.data.images import Images
from colorize_lib.data.subsets import Subset, draw
from colorize_lib.errors import InputError
from colorize_lib.experiments import subsets
from colorize_lib.experiments.repeated import beyond_chance
from colorize_lib.experiments.subsets import Design, compare, run_subsets
from colorize_lib.measuring import exam as room
from colorize_lib.measuring.evaluate import Judge
from colorize_lib.measuring.exam import COLUMNS, MEASURES, Exam, measures, reduced
from colorize_lib.measuring.metrics import bin_cross_entropy
from colorize_lib.measuring.provenance import source
from colorize_lib.training import learner

QUICK = 64


def numbered(kinds: int = 8, each: int = 10, side: int = 64) -> Images:
    """Noise of so many kinds, ordered by kind; the first pixel of a picture is its number."""
    rgb = torch.randint(0, 256, (kinds * each, 3, side, side), dtype=torch.uint8)
    rgb[:, 0, 0, 0] = torch.arange(kinds * each)
    return Images(rgb, torch.arange(kinds).repeat_interleave(each), "made up", tuple(map(str, range(kinds))))


def numbers_of(images: Images) -> set[int]:
    return set(images.rgb[:, 0, 0, 0].tolist())


@pytest.fixture
def made_up(monkeypatch):
    """Noise for Tiny ImageNet, the embedded pictures for CIFAR-10, patches for the photographs, and a small network."""
    monkeypatch.setattr(subsets, "WIDTHS", (8, 16))
    tiny = {"train": numbered(), "dev": numbered(4), "test": numbered(4)}
    monkeypatch.setattr(subsets, "load_tiny_imagenet", lambda split, *_: tiny[split])
    monkeypatch.setattr(subsets, "load_cifar10", lambda *_: embedded_cifar10())
    monkeypatch.setattr(subsets, "load_photographs", lambda *_: photograph_patches(5, size=128))


@pytest.fixture
def trainings(monkeypatch) -> list[str]:
    """The names of the trainings, as they are begun."""
    begun, train = [], learner.train

    def noted(recipe, *args, **kwargs):
        begun.append(recipe.name)
        return train(recipe, *args, **kwargs)

    monkeypatch.setattr(learner, "train", noted)
    return begun


# --- what is learned from


def test_the_design_is_as_many_steps_on_every_subset():
    design = Design()
    assert [one.pictures for one in design.subsets()] == [6000, 12_000, 24_000, 48_000, 12_000]
    assert [one.kinds for one in design.subsets()] == [200, 200, 200, 200, 50]
    for one in design.subsets():
        steps, left = divmod(one.pictures, design.batch)
        assert (steps * design.recipe(one, 0).epochs, left) == (design.steps(), 0)


def test_recipes_differ_in_name_seed_and_epochs_alone():
    design = Design()
    recipes = [design.recipe(one, seed) for one in design.subsets() for seed in (0, 1)]
    assert len({recipe.name for recipe in recipes}) == len(recipes)
    assert len({replace(recipe, name="", seed=0, epochs=1) for recipe in recipes}) == 1


def test_a_smaller_subset_is_part_of_a_larger_one():
    images = numbered()
    drawn = [numbers_of(draw(images, Subset(8, each))) for each in (1, 2, 4, 8)]
    assert all(one < other for one, other in pairwise(drawn))
    assert numbers_of(draw(images, Subset(2, 8))) < drawn[-1]


@pytest.mark.parametrize("each", [1, 3, 10])
def test_every_kind_has_as_many_pictures_and_none_twice(each):
    drawn = draw(numbered(), Subset(8, each))
    assert drawn.label.bincount().tolist() == [each] * 8
    assert len(numbers_of(drawn)) == len(drawn)
    assert all(int(number) // 10 == kind for number, kind in zip(drawn.rgb[:, 0, 0, 0], drawn.label, strict=True))


def test_pictures_are_drawn_and_not_the_first_ones():
    assert numbers_of(draw(numbered(), Subset(8, 3))) != {10 * kind + i for kind in range(8) for i in range(3)}
    assert numbers_of(draw(numbered(), Subset(8, 3))) == numbers_of(draw(numbered(), Subset(8, 3)))


def test_another_seed_has_other_kinds_where_there_are_few():
    kinds = [set(draw(numbered(), Subset(2, 4), first).label.tolist()) for first in (0, 2, 4, 6)]
    assert set.union(*kinds) == set(range(8))


@pytest.mark.parametrize(("subset", "first"), [(Subset(9, 1), 0), (Subset(8, 11), 0), (Subset(2, 1), 7)])
def test_more_than_there_is_cannot_be_drawn(subset, first):
    with pytest.raises(InputError, match="made up has 8 kinds and as few as 10 pictures of one"):
        draw(numbered(), subset, first)


def test_reduced_keeps_the_mean_and_what_fits():
    rgb = torch.tensor([[0, 100], [50, 30]], dtype=torch.uint8).repeat(1, 3, 32, 32)
    images = Images(rgb, torch.tensor([3]), "made up")
    assert reduced(images).rgb.unique().tolist() == [45]
    assert reduced(images).rgb.shape == (1, 3, 32, 32)
    assert torch.equal(reduced(embedded_cifar10()).rgb, embedded_cifar10().rgb)


# --- what is measured


def test_pictures_add_up_to_the_metrics(bins, gamut):
    images = embedded_cifar10()
    exam, judge = Exam(images, gamut), Judge(images, gamut)
    found = dict(zip(MEASURES, measures(exam.numbers(bins).mean(0), exam.weights().mean()), strict=True))
    prediction = bins.predict(judge.lightness)
    assert found["cross_entropy"] == pytest.approx(bin_cross_entropy(prediction, judge.ab, gamut), rel=1e-4)
    for t in room.TEMPERATURES:
        wanted = judge.measure(bins.decode(prediction, t))
        for measure in ("ab_rmse", "auc", "auc_balanced"):
            assert found[f"{measure}-{t:g}"] == pytest.approx(wanted[measure], rel=1e-4)
    assert exam.grey() == pytest.approx({key: judge.baselines()["grey"][key] for key in exam.grey()}, rel=1e-4)


def test_larger_pictures_are_seen_small_and_judged_large(bins, gamut):
    exam = Exam(photograph_patches(3, size=128), gamut)
    assert (exam.lightness.shape[-1], exam.ab.shape[-1]) == (32, 128)
    assert exam.numbers(bins).shape == (3, len(COLUMNS))


def test_parts_are_the_whole(bins, gamut, monkeypatch):
    exam = Exam(embedded_cifar10(), gamut)
    whole = exam.numbers(bins)
    monkeypatch.setattr(room, "BATCH", 7)
    assert exam.numbers(bins) == pytest.approx(whole, rel=1e-3)


# --- how it is compared


def constant(design: Design, value, pictures: int = 50) -> dict:
    """Every picture of a training has ``value(subset, seed)`` in all columns."""
    return {
        (subset, seed): {"test": np.full((pictures, len(COLUMNS)), float(value(subset, seed)))}
        for subset in design.subsets()
        for seed in (0, 1)
    }


def test_a_known_difference_is_found():
    design, ones = Design(), {"test": np.ones(50)}
    found = compare(design, 2, constant(design, lambda subset, seed: 100 - math.log2(subset.pictures / 6000)), ones)
    loss = {
        (one["one"]["each"], one["other"]["each"]): one["measures"]["cross_entropy"]
        for one in found["test"]["differences"]
    }
    assert {key: round(value["mean"], 4) for key, value in loss.items()} == {
        (30, 60): -1, (30, 120): -2, (30, 240): -3, (60, 120): -1, (120, 240): -1, (240, 60): 0,
    }  # fmt: skip
    assert all(value["low"] == pytest.approx(value["high"], abs=1e-3) for value in loss.values())
    assert found["test"]["between_seeds"] == dict.fromkeys(MEASURES, 0)


def test_seeds_widen_the_interval_and_are_shown():
    design, ones = Design(), {"test": np.ones(50)}
    found = compare(design, 2, constant(design, lambda subset, seed: 4 + 5 * seed), ones)["test"]
    for one in found["subsets"]:
        level = one["measures"]["ab_rmse-1"]
        assert [level["low"], level["mean"], level["high"], *level["seeds"]] == pytest.approx([2, 2.5, 3, 2, 3])
    for one in found["differences"]:
        change = one["measures"]["ab_rmse-1"]
        assert (change["low"], change["mean"], change["high"]) == pytest.approx((-1, 0, 1))
    assert found["between_seeds"]["cross_entropy"] == 5


def test_pictures_are_drawn_together_for_all():
    """Hard and easy pictures, and everywhere the same step: the pictures that are drawn cannot change it."""
    design, hard = Design(), np.random.default_rng(0).uniform(1, 9, (50, 1))
    numbers = {key: {"test": hard + one["test"]} for key, one in constant(design, lambda one, _: one.each / 30).items()}
    found = compare(design, 2, numbers, {"test": np.ones(50)})["test"]
    step = found["differences"][0]["measures"]["cross_entropy"]
    assert (step["low"], step["high"]) == pytest.approx((1, 1), abs=1e-5)
    level = found["subsets"][0]["measures"]["cross_entropy"]
    assert level["high"] - level["low"] > 0.5


@pytest.mark.parametrize(
    ("low", "mean", "high", "between", "wanted"),
    [(-3, -2, -1, 1, True), (1, 2, 3, 1, True), (1, 2, 3, 2.5, False), (-1, 2, 5, 1, False), (-3, -2, -1, 2, False)],
)
def test_a_change_is_beyond_chance_if_its_interval_and_the_seeds_say_so(low, mean, high, between, wanted):
    assert beyond_chance({"low": low, "mean": mean, "high": high}, between) is wanted


# --- the whole


@pytest.mark.slow
def test_a_trial_trains_measures_and_is_taken_up(made_up, trainings, tmp_path):
    result = run_subsets(tmp_path, limit=QUICK, device="cpu", progress=False)
    assert trainings == [f"{name}-{seed}" for seed in (0, 1) for name in ("8x1", "8x2", "8x4", "8x8", "2x8")]
    few = [json.loads(str(np.load(tmp_path / f"2x8-{seed}.npz")["head"]))["made_by"]["pictures"] for seed in (0, 1)]
    assert few[0] != few[1]  # other kinds
    assert (result["name"], result["design"]["steps"]) == ("subsets-trial", 8)
    assert [run["epochs"] for run in result["runs"]] == [8, 4, 2, 1, 4] * 2
    assert {name: (part["images"], part["side"]) for name, part in result["sets"].items()} == {
        "cifar10": (20, 32), "photographs": (5, 128), "tiny-imagenet": (40, 64),
    }  # fmt: skip
    for run in result["runs"]:
        assert 0 < run["loss_on_seen"] < 20 and 0 < run["train_loss"] < 20
        assert list(run["test"]) == list(result["sets"])
    json.dumps(result, allow_nan=False)

    trainings.clear()
    (tmp_path / "8x4-1.npz").write_bytes(b"damaged")
    again = run_subsets(tmp_path, limit=QUICK, device="cpu", progress=False)
    assert trainings == ["8x4-1"]  # whose checkpoint says that nothing is left to train
    assert (again["compared"], again["sets"]) == (result["compared"], result["sets"])

    with pytest.raises(InputError, match=r"8x1-0.checkpoint belongs to a run with another recipe"):
        run_subsets(tmp_path, limit=QUICK, passes=2, device="cpu", progress=False)


@pytest.mark.slow
def test_a_stopped_run_goes_on_from_its_last_epoch(made_up, monkeypatch, tmp_path):
    monkeypatch.setattr(Design, "subsets", lambda self: [Subset(8, 1), Subset(8, 2)])
    monkeypatch.setattr(subsets, "compare", lambda *_: {})
    after = learner.Checkpoint.after_epoch

    def stop(self):
        after(self)
        if self.path.stem == "8x2-0" and len(self.history) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(learner.Checkpoint, "after_epoch", stop)
        run_subsets(tmp_path / "stopped", limit=QUICK, seeds=1, device="cpu", progress=False)
    assert [path.name for path in (tmp_path / "stopped").glob("*.npz")] == ["8x1-0.npz"]
    begun = (tmp_path / "stopped" / "8x1-0.safetensors").stat().st_mtime_ns
    resumed, whole = (
        run_subsets(tmp_path / name, limit=QUICK, seeds=1, device="cpu", progress=False)
        for name in ("stopped", "whole")
    )
    assert [run["test"] for run in resumed["runs"]] == [run["test"] for run in whole["runs"]]
    assert (tmp_path / "stopped" / "8x1-0.safetensors").stat().st_mtime_ns == begun


def test_the_command_writes_a_trial_beside_the_result(made_up, tmp_path, monkeypatch, capsys):
    def known(recipe, images, dev, exams, *_):
        return {}, {name: np.full((len(exam), len(COLUMNS)), 4.0) for name, exam in exams.items()}

    monkeypatch.setattr(subsets, "_taken_up", known)
    command = ["experiment", "subsets", "--limit", "64", "--seeds", "3", "--folder", str(tmp_path / "runs")]
    assert cli.main([*command, "-o", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("20 pictures (cifar10)", "8 x 1", "8 x 8", "2 x 8"))
    result = json.loads((tmp_path / "subsets-trial.json").read_text())
    assert (result["design"]["seeds"], len(result["runs"])) == (3, 15)
    assert {run["test"]["cifar10"]["ab_rmse-1"] for run in result["runs"]} == {2}
    assert not (tmp_path / "subsets.json").exists()
    found = source(result)
    assert found.recipe == "15 trainings of 8 steps, 3 seeds"
    assert found.command == "colorize experiment subsets --seeds 3 --passes 1 --limit 64"
    assert list(result["data"]) == ["train", "dev", "cifar10", "photographs", "tiny-imagenet"]
    assert found.data.count("test images of") == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--seeds", "0"], "1 to 4 seeds, not for 0"),
        (["--seeds", "5"], "1 to 4 seeds, not for 5"),
        (["--passes", "0"], "The epochs of a recipe must be 1 or more, not 0"),
        ([], "made up has 8 kinds"),
    ],
)
def test_a_mistake_is_said_in_a_sentence(options, said, made_up, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["experiment", "subsets", *options]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_data_that_are_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["experiment", "subsets", "--data", "nowhere"]) == 2
    assert "nowhere holds neither cifar10.tgz" in capsys.readouterr().err
