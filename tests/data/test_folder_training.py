"""Training on a folder of pictures: what is skipped is said, and nothing stops a run for good."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from folders import PLAIN, TINY, picture

from colorize_lib import cli
from colorize_lib.data import folder_batches
from colorize_lib.data.crops import Reader
from colorize_lib.data.folder import scan
from colorize_lib.data.folder_batches import FolderLoader
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.training.folder import train_folder
from colorize_lib.training.recipes import RECIPES
from colorize_lib.weights.shipped import load_weights


@pytest.fixture(scope="module")
def trained(pictures, gamut, tmp_path_factory) -> Path:
    """The weights of a run that was never stopped."""
    runs = tmp_path_factory.mktemp("runs")
    return train_folder(TINY, pictures, runs, workers=2, gamut=gamut, device="cpu", progress=False)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_picture_whose_name_is_no_text_is_learned_from(plain, gamut, tmp_path, workers):
    """Old archives have "Müller.jpg" in Latin-1."""
    name = os.fsdecode("Müller.jpg".encode("latin-1"))
    (plain / PLAIN[0]).rename(plain / name)
    found = scan(plain, gamut, workers, progress=False)
    assert name in found.names
    loader = FolderLoader([name, *found.names], plain, batch=5, shuffle=True, workers=workers)
    assert len(list(loader)) == 5
    assert loader.failed == {}
    path = train_folder(
        replace(TINY, epochs=1), plain, tmp_path / "runs", workers, gamut=gamut, device="cpu", progress=False
    )
    assert load_weights(path).meta["data"]["images"] == 19


def test_all_that_was_skipped_is_listed_in_a_file(plain, gamut, tmp_path, capsys):
    names = [f"{i}.jpg" for i in range(5)] + [os.fsdecode(b"\xff\nx.jpg")]
    for name in names:
        (plain / name).write_bytes(b"damaged")
    runs, one = tmp_path / "runs", replace(TINY, epochs=1)
    train_folder(one, plain, runs, 0, gamut=gamut, device="cpu", progress=False)
    lines = (runs / "tiny-skipped.txt").read_bytes().splitlines()
    assert lines == [b"unreadable\t%d.jpg" % i for i in range(5)] + [b"unreadable\t\xff\\nx.jpg"]
    assert f"All of them are in {runs / 'tiny-skipped.txt'}." in capsys.readouterr().err
    for name in names:
        (plain / name).unlink()
    train_folder(one, plain, runs, 0, gamut=gamut, device="cpu", progress=False)
    assert not (runs / "tiny-skipped.txt").exists()


def test_a_killed_worker_ends_in_a_sentence(pictures, tmp_path, gamut, monkeypatch):
    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(Reader, "_cut", die)
    with pytest.raises(InputError, match="was killed.*use fewer workers"):
        train_folder(TINY, pictures, tmp_path, workers=1, gamut=gamut, device="cpu", progress=False)


def test_a_training_survives_and_writes_weights_that_colour(trained, found):
    weights = load_weights(trained)
    assert weights.meta["data"] == {"source": found.folder.name, "images": len(found.split()[0]), "size": [64, 64]}
    assert len(weights.meta["history"]) == 2
    assert torch.equal(weights.prior, found.prior.float())
    assert Colorizer.load(trained, "cpu").colorize(picture()).size == (150, 100)


def test_a_stopped_run_goes_on_to_the_same_bits_with_other_workers(trained, pictures, tmp_path, gamut, monkeypatch):
    to_batch, calls = folder_batches.ColourLoader.to_batch, []

    def stop(rgb, label, resized):
        calls.append(1)
        if len(calls) == 6:  # in the second epoch: each has 3 batches and 1 of dev
            raise KeyboardInterrupt
        return to_batch(rgb, label, resized)

    def run(workers):
        return train_folder(TINY, pictures, tmp_path, workers=workers, gamut=gamut, device="cpu", progress=False)

    with monkeypatch.context() as patch:
        patch.setattr(folder_batches.ColourLoader, "to_batch", staticmethod(stop))
        with pytest.raises(KeyboardInterrupt):
            run(1)
        assert {path.name for path in tmp_path.iterdir()} == {"tiny.checkpoint", "tiny-skipped.txt"}
    one, other = load_weights(run(0)).state, load_weights(trained).state
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_other_pictures_or_another_size_are_another_run(trained, pictures, plain, gamut):
    for data, size in ((plain, 64), (pictures, 72)):
        with pytest.raises(InputError, match="another recipe, other pictures"):
            recipe = replace(TINY, size=size)
            train_folder(recipe, data, trained.parent, 0, gamut=gamut, device="cpu", progress=False)


@pytest.mark.parametrize("size", [0, 56, 63, 70, 264])
def test_a_bad_size(size):
    with pytest.raises(InputError, match="multiple of 8 from 64 to 256 pixels, not"):
        replace(TINY, size=size)


def test_too_few_pictures_for_a_batch(plain, gamut, tmp_path):
    recipe = replace(TINY, batch=32)
    with pytest.raises(InputError, match="has 24 pictures to learn from, 5 of them kept .* one batch of 32"):
        train_folder(recipe, plain, tmp_path / "runs", workers=0, gamut=gamut, device="cpu", progress=False)
    with pytest.raises(InputError, match="workers must be 0 or more"):
        train_folder(recipe, plain, tmp_path / "runs", workers=-1, gamut=gamut, device="cpu", progress=False)


# --- the command

#: The command, with a recipe that is quick.
QUICK = """
import signal, sys
from dataclasses import replace
from colorize_lib import cli
from colorize_lib.training import recipes

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored by what it runs in the background
recipes.RECIPES["photo"] = replace(recipes.RECIPES["photo-64"], name="photo", widths=(8, 16), batch=8)
sys.exit(cli.main())
"""


def test_the_command_trains_and_says_what_it_skipped(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(RECIPES, "photo", replace(TINY, name="photo", epochs=1))
    assert cli.main(["train", "photo", "--data", str(pictures), "--limit", "16", "--size", "72", "--workers", "1"]) == 0
    out, err = capsys.readouterr()
    assert len(re.findall("of 17 files were skipped: ", err)) == 1
    assert out.splitlines()[-1] == str(Path("runs") / "photo.safetensors")
    meta = load_weights(tmp_path / "runs" / "photo.safetensors").meta
    assert meta["data"]["source"] == pictures.name
    assert meta["data"]["size"] == [72, 72]


def test_the_command_takes_several_folders_and_the_recipe_knows_its_size(two_folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(RECIPES, "photo", replace(TINY, name="photo", epochs=1, size=80))
    assert cli.main(["train", "photo", "--data", "one/train", "--data", str(two_folders[1]), "--workers", "0"]) == 0
    meta = load_weights(tmp_path / "runs" / "photo.safetensors").meta
    assert meta["data"] == {"source": "one/train + two/train", "images": 19, "size": [80, 80]}


def test_a_data_set_among_several_folders_is_refused(plain, tmp_path, capsys):
    (tmp_path / "tiny-imagenet-200").mkdir()
    (tmp_path / "tiny-imagenet-200" / "wnids.txt").write_text("")
    line = ["train", "photo", "--data", str(plain), "--data", str(tmp_path / "tiny-imagenet-200")]
    assert cli.main([*line, "-o", str(tmp_path / "runs")]) == 2
    assert "tiny-imagenet-200 is a data set of its own" in capsys.readouterr().err


def test_ctrl_c_stops_the_command_and_its_workers(plain, tmp_path):
    line = [sys.executable, "-c", QUICK, "train", "photo", "--data", str(plain), "--epochs", "500", "--workers", "2"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    options = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(line, cwd=tmp_path, start_new_session=True, **options) as process:
        deadline = time.monotonic() + 500
        while not (tmp_path / "runs" / "photo.checkpoint").is_file() and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
        err = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert "Run the same command again to go on" in err
    assert "Traceback" not in err
    deadline = time.monotonic() + 120  # Python's own helpers go a moment after the command
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.1)
