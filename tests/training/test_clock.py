"""Training by the clock: here one that goes on by a second each time it is looked at, so that runs are the same."""

import itertools
import math
from dataclasses import replace

import pytest
import torch
from fastai.callback.core import Callback

from colorize_lib import cli
from colorize_lib.colour.gamut import Gamut
from colorize_lib.commands import train as train_command
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.errors import InputError
from colorize_lib.training import learner
from colorize_lib.training.clock import Clock
from colorize_lib.training.learner import train
from colorize_lib.training.recipes import RECIPES, Recipe, get_recipe
from colorize_lib.weights.shipped import load_weights

#: Four batches a pass; two looks at the clock a batch.
RECIPE = Recipe("clock", "bins", widths=(8, 16), epochs=4, batch=16, lr=1e-2, seed=1, minutes=0.5)


class Noted(Callback):
    """Notes every batch's learning rate, by the epoch's seed, and whether the encoder is trained."""

    order = 61

    def __init__(self):
        self.notes = []

    def before_batch(self):
        if self.training:
            group = self.opt.hypers[0]
            frozen = not all(p.requires_grad for p in self.opt.all_params(0, with_grad=False).itemgot(0))
            self.notes.append((self.dls.train.epoch, group["lr"], frozen))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Train by a clock of our own; returns the weights and what was noted."""
    images, build = photograph_patches(64), learner.build_learner

    def run(recipe=RECIPE, folder="runs", step=1.0):
        noted, ticks = Noted(), itertools.count(100)

        def clock(minutes):
            return Clock(minutes, now=lambda: step * next(ticks))

        with monkeypatch.context() as patch:
            patch.setattr(learner, "Clock", clock)
            patch.setattr(learner, "build_learner", lambda *args: build(*args[:-1], [*args[-1], noted]))
            path = train(recipe, images, embedded_cifar10(), tmp_path / folder, Gamut(grid=25), "cpu", progress=False)
        return load_weights(path), noted.notes

    return run


def rate(share: float) -> float:
    """fastai's one-cycle: from lr / 25 up to lr in a quarter of the time and down to lr / 100,000, by cosines."""
    low, high, part = (1e-2 / 25, 1e-2, share / 0.25) if share < 0.25 else (1e-2, 1e-2 / 1e5, (share - 0.25) / 0.75)
    return low + (high - low) * (1 - math.cos(math.pi * part)) / 2


def test_the_learning_rate_follows_the_time_to_its_end(run):
    weights, notes = run()
    history = weights.meta["history"]
    rates = [value for _, value, _ in notes]
    assert rates[0] < 1e-3 < max(rates)
    assert rates[-1] < 2e-4
    shares = [s / 30 for s in range(31)]
    assert all(min(abs(value - rate(share)) for share in shares) < 1e-9 for value in rates)  # at whole seconds
    assert rates.index(max(rates)) == max(range(len(rates)), key=lambda i: rates[i])
    assert sum(epoch["images"] for epoch in history) == 16 * len(rates) == weights.meta["images_seen"]
    assert history[-1]["images"] <= 64
    assert weights.meta["recipe"]["minutes"] == 0.5
    assert {"minutes", "images_per_second"} <= weights.meta.keys()


def test_a_machine_half_as_fast_sees_half_as_many_pictures_with_the_same_rates(run):
    fast, slow = run(folder="fast")[1], run(folder="slow", step=2.0)[1]
    assert len(slow) == pytest.approx(len(fast) / 2, abs=1)
    assert slow[-1][1] < 1e-3
    assert max(value for _, value, _ in slow) == pytest.approx(max(value for _, value, _ in fast), rel=0.1)


def test_time_that_is_over_at_once_still_sees_a_batch(run):
    weights, notes = run(step=1000.0)
    assert len(notes) == 1
    assert weights.meta["images_seen"] == 16
    assert math.isfinite(weights.meta["history"][0]["train_loss"])


def test_every_pass_and_the_last_batch_leave_a_checkpoint_and_another_shuffle(run, tmp_path):
    weights, notes = run()
    saved = torch.load(tmp_path / "runs" / "clock.checkpoint", weights_only=True)
    assert saved["clock"]["elapsed"] >= 30
    assert saved["history"] == weights.meta["history"]
    assert [epoch for epoch, _, _ in notes] == sorted(epoch for epoch, _, _ in notes)
    assert {epoch for epoch, _, _ in notes} == set(range(len(saved["history"])))


def test_a_run_that_is_over_is_not_run_again(run):
    first, _ = run()
    again, notes = run()
    assert notes == []
    assert all(torch.equal(again.state[key], first.state[key]) for key in first.state)


def test_a_stopped_run_has_the_rest_of_its_time(run, tmp_path, monkeypatch):
    whole = run(folder="whole")[1]

    def stop(self):
        if self.training and self.dls.train.epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Noted, "after_batch", stop, raising=False)
        with pytest.raises(KeyboardInterrupt):
            run()
    before = torch.load(tmp_path / "runs" / "clock.checkpoint", weights_only=True)
    assert 0 < before["clock"]["elapsed"] < 30
    _, notes = run()
    assert notes[0][0] == 1
    assert len(notes) + 4 == pytest.approx(len(whole), abs=1)
    assert notes[-1][1] < 2e-4


def test_the_encoder_is_frozen_for_its_share_of_the_time(run):
    pytest.importorskip("timm")
    recipe = replace(
        RECIPE, encoder="tf_efficientnet_lite0", pretrained=False, widths=(8, 8, 8, 8), frozen=1, minutes=1
    )
    _, notes = run(recipe)
    frozen = [note for *_, note in notes]
    assert frozen == sorted(frozen, reverse=True)
    assert 0.15 < sum(frozen) / len(frozen) < 0.35
    first = [value for _, value, kept in notes if kept]
    assert first[-1] < 0.3 * max(first)  # a one-cycle of its own


def test_the_bar_shows_time_left_speed_and_loss(tmp_path, capsys, monkeypatch):
    images, ticks = photograph_patches(64), itertools.count()
    monkeypatch.setattr(learner, "Clock", lambda minutes: Clock(minutes, now=lambda: next(ticks)))
    train(RECIPE, images, embedded_cifar10(), tmp_path, Gamut(grid=25), "cpu")
    out, err = capsys.readouterr()
    assert out == ""
    assert "100%" in err
    assert "00:00 left" in err
    assert "images/s, dev loss" in err


def test_minutes_or_epochs_but_not_both(capsys, monkeypatch):
    assert cli.main(["train", "classification", "--minutes", "2", "--epochs", "3"]) == 2
    assert "--epochs or --minutes, not both" in capsys.readouterr().err
    for minutes in ("0", "-1", "nan"):
        assert cli.main(["train", "classification", "--minutes", minutes]) == 2
        assert "The minutes must be above 0, not" in capsys.readouterr().err
    with pytest.raises(InputError, match="minutes of a recipe must be 0 or more, not inf"):
        get_recipe("classification", minutes=math.inf)
    monkeypatch.setitem(RECIPES, "classification", replace(RECIPES["classification"], minutes=8))
    args = train_command.parser().parse_args(["classification", "--epochs", "3"])
    assert (train_command.chosen_recipe(args).minutes, train_command.chosen_recipe(args).epochs) == (0, 3)
