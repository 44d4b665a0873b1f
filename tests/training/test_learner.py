"""Training: what it learns, and what it refuses to go on with."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fastai.callback.core import Callback
from tiny_runs import HEADS, TINY, names, same, state

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.batches import colour_dataloaders
from colorize_lib.data.examples import photograph
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.training import learner
from colorize_lib.training.checkpoint import EpochSeed, StopOnNonFinite
from colorize_lib.training.learner import build_learner, say_pass, training_prior
from colorize_lib.training.recipes import Recipe
from colorize_lib.weights.shipped import load_weights


def mean_losses(path: Path) -> list[float]:
    return [epoch["train_loss"] for epoch in load_weights(path).meta["history"]]


# --- the pieces


def test_the_prior_counts_the_pixels_of_all_pictures(images, gamut):
    expected = gamut.prior(rgb_to_lab(images.rgb)[:, 1:])
    torch.testing.assert_close(training_prior(gamut, images, batch=7).to(expected), expected, atol=1e-7, rtol=1e-5)
    assert training_prior(gamut, images).sum().item() == pytest.approx(1)


@pytest.mark.parametrize("head", HEADS)
def test_the_seed_decides_the_first_weights(head, images, dev, gamut):
    def first(seed):
        dls = colour_dataloaders(images, dev, 16, device="cpu")
        recipe = replace(HEADS[head], seed=seed)
        return build_learner(recipe, dls, gamut, training_prior(gamut, images)).model.state_dict()

    assert same(first(1), first(1))
    assert not same(first(1), first(2))


def test_rebalancing_weighs_the_loss(images, dev, gamut):
    dls, prior = colour_dataloaders(images, dev, 16, device="cpu"), training_prior(gamut, images)
    lightness, ab = dls.valid.one_batch()
    losses = {}
    for lam in (1.0, 0.5, 0.1):
        tiny = build_learner(replace(TINY, lam=lam), dls, gamut, prior)
        with torch.no_grad():
            losses[lam] = tiny.loss_func(tiny.model(lightness), ab).item()
    assert len({round(loss, 4) for loss in losses.values()}) == 3


def test_the_optimiser_is_adamw_with_the_settings_of_the_recipe(images, dev, gamut):
    dls = colour_dataloaders(images, dev, 16, device="cpu")
    learner = build_learner(replace(TINY, weight_decay=0.03), dls, gamut, training_prior(gamut, images))
    learner.fit(0)
    assert type(learner.opt.opt) is torch.optim.AdamW
    for group in learner.opt.opt.param_groups:
        assert group["betas"] == (0.9, 0.99)
    for hyper in learner.opt.hypers:
        assert (hyper["mom"], hyper["sqr_mom"], hyper["wd"]) == (0.9, 0.99, 0.03)


# --- training


@pytest.mark.parametrize("head", HEADS)
def test_the_loss_falls(head, run, tmp_path):
    losses = mean_losses(run(replace(HEADS[head], epochs=12, lr=1e-2), tmp_path))
    assert len(losses) == 12
    assert losses[-1] < 0.75 * losses[0]


def test_training_writes_weights_that_can_be_loaded(trained):
    assert names(trained) == {"tiny.safetensors", "tiny.checkpoint"}
    weights = load_weights(trained / "tiny.safetensors")
    meta = weights.meta
    assert meta["name"] == "tiny"
    assert Recipe(**meta["recipe"]) == TINY
    assert meta["data"] == {"source": "patches of photographs", "images": 64, "size": [32, 32]}
    assert len(meta["history"]) == 3
    assert meta["parameters"] == sum(p.numel() for p in UNet(UNetConfig(261, (8, 16))).parameters())
    assert {"commit", "images_per_second", "peak_memory_mib", "hardware", "torch", "date"} <= meta.keys()
    colorizer = Colorizer.load(trained / "tiny.safetensors", "cpu")
    photo = photograph("chelsea")
    assert colorizer.colorize(photo, 0.38, 0.5).size == photo.shape[:0:-1]


def test_the_speed_counts_the_pictures_of_all_epochs(trained):
    meta = load_weights(trained / "tiny.safetensors").meta
    seconds = max(sum(epoch["seconds"] for epoch in meta["history"]), 1e-9)
    assert meta["images_per_second"] == pytest.approx(3 * 64 / seconds, rel=0.01)


def test_the_weights_know_the_commit_that_they_were_trained_at(trained):
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout")
    known = load_weights(trained / "tiny.safetensors").meta["commit"]
    assert len(known) >= 12
    assert commit.startswith(known)


def test_dev_loss_is_that_of_the_weights_written(trained, images, dev, gamut):
    dls = colour_dataloaders(images, dev, 16, device="cpu")
    again = build_learner(TINY, dls, gamut, training_prior(gamut, images))
    again.model.load_state_dict(state(trained / "tiny.safetensors"))
    with again.no_bar():
        loss = float(again.validate()[0])
    assert loss == pytest.approx(load_weights(trained / "tiny.safetensors").meta["history"][-1]["dev_loss"], abs=0.01)


def test_the_same_run_gives_the_same_bits_and_another_seed_others(run, trained, tmp_path):
    expected = state(trained / "tiny.safetensors")
    assert same(state(run(TINY, tmp_path / "again")), expected)
    assert not same(state(run(replace(TINY, seed=2), tmp_path / "seed")), expected)
    assert not same(state(run(replace(TINY, lam=0.3), tmp_path / "lam")), expected)


def test_a_run_can_begin_with_what_another_learned(run, trained, tmp_path):
    before = load_weights(trained / "tiny.safetensors")
    still = replace(TINY, start=str(trained / "tiny.safetensors"), epochs=1, lr=1e-9, weight_decay=0)
    after = load_weights(run(still, tmp_path))
    for name, tensor in before.state.items():
        if not name.endswith(("running_mean", "running_var")):
            torch.testing.assert_close(after.state[name], tensor, rtol=2e-3, atol=1e-5)
    assert after.meta["start"]["name"] == "tiny"
    assert after.meta["start"]["images_seen"] == before.meta["images_seen"]


def test_a_run_may_begin_with_a_network_that_has_another_head(run, trained, images, dev, gamut, tmp_path):
    dls = colour_dataloaders(images, dev, 16, 0, 1, "cpu")
    learner = build_learner(replace(HEADS["ab"], start=str(trained / "tiny.safetensors")), dls, gamut, None)
    given = load_weights(trained / "tiny.safetensors").state
    own = learner.model.state_dict()
    assert own["head.weight"].shape[0] == 2
    assert all(torch.equal(own[name], tensor) for name, tensor in given.items() if not name.startswith("head."))


def test_a_run_does_not_begin_with_another_network(run, trained, tmp_path):
    wider = replace(TINY, start=str(trained / "tiny.safetensors"), widths=(8, 24))
    with pytest.raises(InputError, match="another network than this recipe's"):
        run(wider, tmp_path)
    with pytest.raises(InputError, match="There are no weights 'nothing'"):
        run(replace(TINY, start="nothing"), tmp_path)


def test_a_finished_run_is_not_run_again(run, trained):
    before, saved = state(trained / "tiny.safetensors"), (trained / "tiny.checkpoint").stat().st_mtime_ns
    run(TINY, trained)
    assert same(state(trained / "tiny.safetensors"), before)
    assert (trained / "tiny.checkpoint").stat().st_mtime_ns == saved


# --- what can be wrong


def test_a_loss_that_is_not_finite_stops_the_run_and_names_the_epoch(run, tmp_path):
    with pytest.raises(InputError, match=r"no longer finite in epoch \d.*lower the learning rate") as caught:
        run(replace(HEADS["ab"], lr=1e20), tmp_path)
    assert "\n" not in str(caught.value)
    assert "tiny-ab.safetensors" not in names(tmp_path)
    for file in tmp_path.glob("*.checkpoint"):
        saved = torch.load(file, weights_only=True)
        assert all(tensor.isfinite().all() for tensor in saved["model"].values())
        assert all(abs(epoch["dev_loss"]) < float("inf") for epoch in saved["history"])


class Spoil(Callback):
    """Makes the weights NaN before a batch of the first epoch, and counts the batches."""

    batches, at = 0, 0

    def before_batch(self):
        if self.batches == self.at:
            next(self.learn.model.parameters()).data.fill_(float("nan"))
        self.batches += 1


@pytest.mark.parametrize(("at", "seen"), [(0, 1), (1, 21), (21, 30)])
def test_a_spoilt_run_stops_within_20_batches_and_at_the_end_of_its_epoch(at, seen, images, dev, gamut):
    """It does not train for hours on weights that are lost: there are 30 batches, then those of dev."""
    dls = colour_dataloaders(images[:60], dev, 2, device="cpu")
    spoil = Spoil()
    spoil.at = at
    cbs = [spoil, StopOnNonFinite(), EpochSeed()]
    learner = build_learner(replace(TINY, batch=2), dls, gamut, training_prior(gamut, images), cbs)
    with learner.no_bar(), pytest.raises(InputError, match="no longer finite in epoch 1 "):
        learner.fit_one_cycle(1)
    assert spoil.batches == seen


def test_the_checkpoint_kept_is_a_good_one(run, tmp_path):
    """One batch an epoch: its loss is still finite when the step after it has spoilt the weights."""
    with pytest.raises(InputError, match="no longer finite"):
        run(replace(HEADS["ab"], lr=1e20, batch=64, epochs=6), tmp_path)
    for file in tmp_path.glob("*.checkpoint"):
        saved = torch.load(file, weights_only=True)
        assert all(tensor.isfinite().all() for tensor in saved["model"].values())
        assert all(abs(epoch["dev_loss"]) < float("inf") for epoch in saved["history"])


@pytest.mark.parametrize("count", [1, 15])
def test_too_few_pictures_for_a_batch(count, run, images, tmp_path):
    with pytest.raises(InputError, match=f"{count} pictures do not fill one batch of 16"):
        run(TINY, tmp_path, images[:count])
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_ends_the_run_with_a_sentence(run, tmp_path, largest_file):
    with largest_file(30_000), pytest.raises(InputError, match="tiny.checkpoint cannot be written"):
        run(TINY, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "file/runs", "/proc/nope"])
def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_is_trained(place, run, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("kept")
    monkeypatch.setattr(learner, "build_learner", None)
    with pytest.raises(InputError, match="Nothing can be written into the folder .*: choose another place"):
        run(TINY, tmp_path / place)
    assert names(tmp_path) == {"file"}


def test_the_largest_seed_can_be_trained_with(run, tmp_path):
    assert run(replace(TINY, epochs=1, seed=2**32 - 1), tmp_path).is_file()


def test_a_pass_is_printed_with_three_decimals(capsys):
    say_pass([0, 0.3113795220851898, 0.19658061861991882, "00:04"])
    say_pass([29, 2.5, "01:00"])  # no dev images
    assert capsys.readouterr().out == "pass 1: 0.311, 0.197 in 00:04\npass 30: 2.500 in 01:00\n"
