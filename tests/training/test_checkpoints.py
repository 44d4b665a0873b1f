"""A stopped run ends as if it had never been stopped, and a checkpoint that does not belong to a run is refused."""

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
from tiny_runs import TINY, checkpoint, names, same, state

from colorize_lib.colour.gamut import Gamut
from colorize_lib.data.examples import photograph_patches
from colorize_lib.errors import InputError
from colorize_lib.training.checkpoint import read_checkpoint, write_checkpoint
from colorize_lib.training.learner import train
from colorize_lib.weights.shipped import load_weights

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
