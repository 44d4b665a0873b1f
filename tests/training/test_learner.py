"""Training: what it learns, and that a stopped run ends as if it had never been stopped."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fastai.callback.core import Callback

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.batches import colour_dataloaders
from colorize_lib.data.examples import embedded_cifar10, photograph, photograph_patches
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.training import learner
from colorize_lib.training.checkpoint import EpochSeed, StopOnNonFinite, read_checkpoint, write_checkpoint
from colorize_lib.training.learner import build_learner, train, training_prior
from colorize_lib.training.recipes import RECIPES, Recipe, get_recipe
from colorize_lib.weights.shipped import load_weights

TINY = Recipe("tiny", "bins", widths=(8, 16), epochs=3, batch=16, lr=3e-3, seed=1)
HEADS = {"ab": replace(TINY, name="tiny-ab", head="ab"), "bins": TINY}


@pytest.fixture(scope="module")
def images():
    return photograph_patches(64)


@pytest.fixture(scope="module")
def dev():
    return embedded_cifar10()


@pytest.fixture
def run(images, dev, gamut):
    """``train`` on the tiny set."""

    def run(recipe, folder, images=images, **kwargs):
        return train(recipe, images, dev, folder, **{"gamut": gamut, "device": "cpu", "progress": False, **kwargs})

    return run


@pytest.fixture(scope="module")
def trained(images, dev, gamut, tmp_path_factory) -> Path:
    """The folder of a run that was never stopped."""
    folder = tmp_path_factory.mktemp("trained")
    train(TINY, images, dev, folder, gamut, "cpu", progress=False)
    return folder


def state(path: Path) -> dict[str, torch.Tensor]:
    return load_weights(path).state


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def checkpoint(folder: Path, name: str = "tiny") -> dict:
    return torch.load(folder / f"{name}.checkpoint", weights_only=True)


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def mean_losses(path: Path) -> list[float]:
    return [epoch["train_loss"] for epoch in load_weights(path).meta["history"]]


# --- recipes


def test_the_recipes_of_the_book_differ_in_their_loss_and_the_slower_one_gets_more_passes():
    regression, classification, rebalanced = (RECIPES[n] for n in ("regression", "classification", "rebalanced"))
    assert replace(rebalanced, name="classification", lam=1.0) == classification
    passes = {"epochs": classification.epochs, "lr": classification.lr}
    assert replace(regression, name="classification", head="bins", **passes) == classification
    assert regression.epochs > classification.epochs
    assert all(name == recipe.name for name, recipe in RECIPES.items())


def test_get_recipe_changes_what_is_given():
    assert get_recipe("rebalanced", lam=0.3, epochs=None) == replace(RECIPES["rebalanced"], lam=0.3)
    assert get_recipe("regression", seed=0).seed == 0


def test_an_unknown_recipe_lists_the_known_ones():
    with pytest.raises(InputError, match="no recipe 'nonsense'.*regression, classification, rebalanced"):
        get_recipe("nonsense")


@pytest.mark.parametrize(
    "change",
    [
        {"head": "rgb"}, {"head": ""}, {"epochs": 0}, {"epochs": -1}, {"batch": 0}, {"lr": 0}, {"lr": -1e-3},
        {"lr": float("nan")}, {"lam": 0}, {"lam": 1.1}, {"lam": -0.5}, {"lam": float("nan")},
    ],
    ids=str,
)  # fmt: skip
def test_a_recipe_without_sense_is_refused(change):
    with pytest.raises(InputError, match="recipe"):
        replace(TINY, **change)


def test_widths_from_json_are_widths():
    recipe = Recipe("x", "ab", widths=[4, 8])
    assert recipe == Recipe("x", "ab", widths=(4, 8))
    assert hash(recipe)


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


# --- stopped runs

SCRIPT = """
import sys, torch
torch.set_num_threads(1)
from colorize_lib.data.examples import photograph_patches, embedded_cifar10
from colorize_lib.training.recipes import Recipe
from colorize_lib.training.learner import train
recipe = Recipe("tiny", "bins", widths=(8, 16), epochs=3, batch=16, lr=3e-3, seed=1)
train(recipe, photograph_patches(int(sys.argv[2])), embedded_cifar10(), sys.argv[1], device="cpu", progress=False)
"""


@pytest.fixture(scope="module")
def many():
    """So many pictures that there is time to stop within an epoch."""
    return photograph_patches(1024)


@pytest.fixture(scope="module")
def whole(many, dev, gamut, tmp_path_factory) -> Path:
    """The folder of a run on many pictures that was never stopped."""
    folder = tmp_path_factory.mktemp("whole")
    train(TINY, many, dev, folder, gamut, "cpu", progress=False)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda s: s.name)
def test_a_run_stopped_in_its_second_epoch_ends_with_the_same_bits(kind, run, many, whole, tmp_path):
    stopped = tmp_path / "stopped"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(stopped), "1024"], stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 600
        while not (stopped / "tiny.checkpoint").is_file():
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(kind)
        process.communicate(timeout=300)
    finally:
        process.kill()
        process.wait()
    assert process.returncode != 0
    assert 1 <= len(checkpoint(stopped)["history"]) <= 2
    assert not (stopped / "tiny.safetensors").exists()

    assert same(state(run(TINY, stopped, many)), state(whole / "tiny.safetensors"))
    losses, others = (  # of the training loss fastai reports a running mean, which starts anew
        [epoch["dev_loss"] for epoch in load_weights(f / "tiny.safetensors").meta["history"]] for f in (stopped, whole)
    )
    assert losses == others


@pytest.fixture
def interrupt_after(run, tmp_path):
    """Train in ``tmp_path`` and send this process a real Ctrl-C as soon as the checkpoint of an epoch is there."""

    def interrupt_after(epoch: int):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):

            def replace_and_interrupt(source, target, replace=os.replace):
                replace(source, target)
                if Path(target).name == "tiny.checkpoint" and len(checkpoint(tmp_path)["history"]) == epoch:
                    signal.raise_signal(signal.SIGINT)

            patch.setattr(os, "replace", replace_and_interrupt)
            run(TINY, tmp_path)

    return interrupt_after


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_run_interrupted_after_an_epoch_ends_with_the_same_bits(epoch, run, interrupt_after, trained, tmp_path):
    interrupt_after(epoch)
    assert names(tmp_path) == {"tiny.checkpoint"}
    assert len(checkpoint(tmp_path)["history"]) == epoch
    assert same(state(run(TINY, tmp_path)), state(trained / "tiny.safetensors"))


# --- what can be wrong


@pytest.mark.parametrize(
    "change", [{"lr": 1e-3}, {"epochs": 5}, {"head": "ab"}, {"seed": 9}, {"widths": (4, 8)}], ids=str
)
def test_a_folder_with_a_run_of_another_recipe_is_refused(change, run, trained):
    before = (trained / "tiny.checkpoint").read_bytes()
    with pytest.raises(InputError, match="belongs to a run with another recipe.*choose another folder, or remove it"):
        run(replace(TINY, **change), trained)
    assert (trained / "tiny.checkpoint").read_bytes() == before


def test_a_folder_with_a_run_on_other_pictures_is_refused(run, trained, tmp_path):
    """Else the weights would be written with a description of pictures they never saw."""
    (tmp_path / "tiny.checkpoint").write_bytes((trained / "tiny.checkpoint").read_bytes())
    with pytest.raises(InputError, match="belongs to a run with another recipe, other pictures or other bins"):
        run(TINY, tmp_path, photograph_patches(64, seed=5))


@pytest.mark.parametrize("other", [{"sigma": 6}, {"neighbours": 4}, {"grid": 20}], ids=str)
def test_a_folder_with_a_run_on_other_bins_is_refused(other, run, trained, tmp_path):
    """Also where there are as many of them, so that the network would fit."""
    (tmp_path / "tiny.checkpoint").write_bytes((trained / "tiny.checkpoint").read_bytes())
    with pytest.raises(InputError, match="belongs to a run with another recipe, other pictures or other bins"):
        run(TINY, tmp_path, gamut=Gamut(**other))


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "other"])
def test_a_damaged_checkpoint_is_refused_and_kept(kind, run, trained, tmp_path):
    good = (trained / "tiny.checkpoint").read_bytes()
    path = tmp_path / "tiny.checkpoint"
    if kind == "other":
        torch.save({"something": "else"}, path)
    else:
        path.write_bytes({"empty": b"", "text": b"no checkpoint", "cut": good[: len(good) // 2]}[kind])
    before = path.read_bytes()
    with pytest.raises(InputError, match="damaged or of another version: remove it"):
        run(TINY, tmp_path)
    assert path.read_bytes() == before
    assert names(tmp_path) == {"tiny.checkpoint"}


def test_a_checkpoint_without_its_network_is_refused(run, trained, tmp_path):
    saved = checkpoint(trained)
    del saved["model"]
    write_checkpoint(tmp_path / "tiny.checkpoint", saved)
    with pytest.raises(InputError, match="damaged or of another version"):
        run(TINY, tmp_path)


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


def test_the_last_checkpoint_stays_when_a_later_epoch_fails(run, interrupt_after, tmp_path):
    interrupt_after(1)
    saved = checkpoint(tmp_path)
    saved["model"]["encoder.0.0.0.weight"].fill_(float("nan"))
    write_checkpoint(tmp_path / "tiny.checkpoint", saved)
    spoilt = (tmp_path / "tiny.checkpoint").read_bytes()
    with pytest.raises(InputError, match="no longer finite in epoch 2"):
        run(TINY, tmp_path)
    assert (tmp_path / "tiny.checkpoint").read_bytes() == spoilt
    assert names(tmp_path) == {"tiny.checkpoint"}


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


def test_one_flipped_bit_of_a_checkpoint_is_refused(run, trained, tmp_path):
    good = (trained / "tiny.checkpoint").read_bytes()
    rng = random.Random(0)
    for position in [0, len(good) - 1, *(rng.randrange(len(good)) for _ in range(30))]:
        damaged = bytearray(good)
        damaged[position] ^= 1 << rng.randrange(8)
        (tmp_path / "tiny.checkpoint").write_bytes(damaged)
        with pytest.raises(ValueError, match="contents"):
            read_checkpoint(tmp_path / "tiny.checkpoint")
    with pytest.raises(InputError, match="damaged or of another version: remove it"):
        run(TINY, tmp_path)
    assert read_checkpoint(trained / "tiny.checkpoint").keys() == checkpoint(trained).keys()


def test_what_a_killed_run_left_half_written_is_removed(run, tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()  # and so its number is nobody's
    left = [tmp_path / f".tiny.{kind}.{process.pid}.part" for kind in ("checkpoint", "safetensors")]
    kept = [
        tmp_path / name for name in (f".tiny.checkpoint.{os.getppid()}.part", f".other.checkpoint.{process.pid}.part")
    ]
    for file in left + kept:
        file.write_bytes(b"half")
    run(replace(TINY, epochs=1), tmp_path)
    assert names(tmp_path) == {"tiny.checkpoint", "tiny.safetensors", *(file.name for file in kept)}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"epochs": 0}, "The epochs of a recipe must be 1 or more, not 0."),
        ({"lr": 0}, "The learning rate of a recipe must be above 0, not 0."),
        ({"lam": 1.5}, "The lambda of a recipe must be above 0 and at most 1, not 1.5."),
        ({"widths": (4,)}, "The widths of a recipe must be at least two numbers above 0, not (4,)."),
        ({"weight_decay": -1}, "The weight decay of a recipe must be 0 or more, not -1."),
        ({"shift": -1}, "The shift of a recipe must be 0 or more, not -1."),
        ({"seed": 2**32}, "The seed of a recipe must be from 0 to 4294967295, not 4294967296."),
        ({"zoom": 0}, "The zoom of a recipe must be above 0 and at most 1, not 0."),
        ({"data": "mnist"}, "The data of a recipe must be one of cifar10, tiny-imagenet, photographs, not 'mnist'."),
        ({"frozen": 1}, "The frozen epochs of a recipe must be 0 without an encoder, not 1."),
        ({"frozen": 9, "encoder": "x"}, "The frozen epochs of a recipe must be from 0 to its 3 epochs, not 9."),
        ({"ema": 1}, "The decay of a recipe must be from 0 to below 1, not 1."),
        ({"minutes": -1}, "The minutes of a recipe must be 0 or more, not -1."),
    ],
    ids=str,
)
def test_each_wrong_number_has_a_sentence_of_its_own(change, sentence):
    with pytest.raises(InputError) as refused:
        replace(TINY, **change)
    assert str(refused.value) == sentence


def test_the_largest_seed_can_be_trained_with(run, tmp_path):
    assert run(replace(TINY, epochs=1, seed=2**32 - 1), tmp_path).is_file()
