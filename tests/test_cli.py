"""The command, run as a command."""

import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorize_lib import cli
from colorize_lib.cli import main
from colorize_lib.commands import experiment as experiment_command
from colorize_lib.commands import train as train_command
from colorize_lib.data.examples import embedded_cifar10, photograph
from colorize_lib.errors import InputError
from colorize_lib.inference.dials import LAMBDA_RANGE, vividness_to_lambda
from colorize_lib.weights.shipped import load_weights

MODULE = [sys.executable, "-m", "colorize_lib.cli"]
INSTALLED = Path(sys.executable).parent / "colorize"


def colorize(*arguments, cwd: Path, command=MODULE, **kwargs) -> subprocess.CompletedProcess:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    arguments = [*command, *map(str, arguments)]
    return subprocess.run(arguments, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, **kwargs)


def files(folder: Path) -> list[str]:
    """All files below a folder, hidden ones and leftovers too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def assert_refused(run: subprocess.CompletedProcess, message: str):
    """Status 2, nothing on stdout, one line on stderr that says what is wrong."""
    assert run.returncode == 2, run
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    assert len(run.stderr.splitlines()) == 1, run.stderr
    assert re.search(message, run.stderr), run.stderr
    assert run.stderr.startswith("colorize: ")


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    return Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((60, 40))


@pytest.fixture
def photo(picture, tmp_path) -> Path:
    picture.save(tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"


def chroma(path: Path) -> float:
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return float((pixels.max(-1) - pixels.min(-1)).mean())


# --- one picture


def test_one_picture_goes_beside_itself(photo):
    run = colorize(photo.name, cwd=photo.parent)
    assert (run.returncode, run.stdout, run.stderr) == (0, "photo-coloured.png\n", "")
    assert files(photo.parent) == ["photo-coloured.png", "photo.jpg"]
    with Image.open(photo.parent / "photo-coloured.png") as coloured:
        assert (coloured.format, coloured.mode, coloured.size) == ("PNG", "RGB", (60, 40))
    assert chroma(photo.parent / "photo-coloured.png") > 5


@pytest.mark.slow
def test_the_installed_command_takes_all_options(photo):
    assert INSTALLED.is_file(), "the package is not installed beside this Python"
    options = ["-T", "0.9", "--vividness", "80", "-m", "regression", "-s", "32"]
    run = colorize(photo, "-o", "new/folder/out.webp", *options, cwd=photo.parent, command=[INSTALLED])
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.strip() == "new/folder/out.webp"
    with Image.open(photo.parent / "new" / "folder" / "out.webp") as coloured:
        assert (coloured.format, coloured.size) == ("WEBP", (60, 40))
    assert files(photo.parent) == ["new/folder/out.webp", "photo.jpg"]


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "webp", "tif", "TIFF", "bmp"])
def test_the_suffix_decides_the_format(photo, suffix):
    assert cli.main([str(photo), "-o", str(photo.parent / f"out.{suffix}")]) == 0
    with Image.open(photo.parent / f"out.{suffix}") as coloured:
        expected = {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper())
        assert (coloured.format, coloured.size) == (expected, (60, 40))


def test_vividness_makes_more_colour(photo):
    found = []
    for vividness in ("0", "50", "100"):
        target = photo.parent / f"v{vividness}.png"
        assert cli.main([str(photo), "-o", str(target), "-v", vividness]) == 0
        found.append(chroma(target))
    assert found[0] < found[1] < found[2]


# --- several


def test_a_folder_with_one_bad_picture_colours_the_others(picture, tmp_path):
    folder = tmp_path / "old photos"
    folder.mkdir()
    picture.save(folder / "a.jpg")
    picture.save(folder / "a.png")
    picture.convert("L").save(folder / "b.TIF", "TIFF")
    (folder / "broken.jpg").write_bytes((folder / "a.jpg").read_bytes()[:300])
    (folder / "empty.png").write_bytes(b"")
    (folder / "notes.txt").write_text("no picture, and not taken for one")
    run = colorize("old photos", cwd=tmp_path)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    lines = run.stderr.splitlines()
    assert len(lines) == 5
    assert any("broken.jpg is not a picture" in line for line in lines)
    assert any("empty.png is not a picture" in line for line in lines)
    assert "2 of 3 pictures had colours, which were replaced (old photos/a.jpg, old photos/a.png)" in lines[2]
    assert lines[3:] == [
        "colorize: Left out as no picture: 1 (old photos/notes.txt).",
        "colorize: 2 of 5 pictures could not be coloured.",
    ]
    assert files(tmp_path / "old photos-coloured") == ["a-jpg.png", "a-png.png", "b.png"]
    assert sorted(run.stdout.split("\n")) == [
        "",
        *(f"old photos-coloured/{n}" for n in ("a-jpg.png", "a-png.png", "b.png")),
    ]
    assert all(chroma(file) > 5 for file in (tmp_path / "old photos-coloured").iterdir())


def test_several_pictures_go_into_a_folder(photo, picture):
    picture.save(photo.with_name("second.png"))
    out = photo.parent / "out"
    assert cli.main([str(photo), str(photo.with_name("second.png")), "-o", str(out)]) == 0
    assert files(out) == ["photo-coloured.png", "second-coloured.png"]


def test_pictures_of_one_name_do_not_overwrite_each_other(picture, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        picture.save(tmp_path / folder / "photo.jpg")
    pictures = [str(tmp_path / folder / "photo.jpg") for folder in ("a", "b")]
    assert cli.main([*pictures, "-o", str(tmp_path / "out")]) == 0
    assert len(files(tmp_path / "out")) == 2


def test_pictures_that_differ_in_their_suffix_do_not_overwrite_each_other(photo, picture):
    picture.save(photo.with_suffix(".png"))
    assert cli.main([str(photo), str(photo.with_suffix(".png"))]) == 0
    assert files(photo.parent) == ["photo-jpg-coloured.png", "photo-png-coloured.png", "photo.jpg", "photo.png"]


def test_the_folder_one_is_in(photo):
    run = colorize(".", cwd=photo.parent)
    assert "Traceback" not in run.stderr
    assert run.returncode == 0
    assert "photo.jpg" in files(photo.parent)


def test_some_bad_pictures_named_one_by_one(photo, capsys):
    missing = photo.with_name("missing.jpg")
    assert cli.main([str(missing), str(photo)]) == 2
    out, err = capsys.readouterr()
    assert out == f"{photo.with_name('photo-coloured.png')}\n"
    assert err.splitlines() == [
        f"colorize: There is no file {missing}.",
        "colorize: 1 of 2 pictures could not be coloured.",
    ]


# --- what is refused

BEFORE_ANY_WORK = [
    (["photo.jpg", "-v", "101"], "vividness goes from 0 to 100, not 101"),
    (["photo.jpg", "-v", "-1"], "vividness goes from 0 to 100"),
    (["photo.jpg", "-v", "nan"], "vividness goes from 0 to 100"),
    (["photo.jpg", "-T", "0"], "temperature must be above 0"),
    (["photo.jpg", "-T", "-0.5"], "temperature must be above 0"),
    (["photo.jpg", "-T", "nan"], "temperature must be above 0"),
    (["photo.jpg", "-T", "inf"], "temperature must be above 0 and finite"),
    (["photo.jpg", "-o", "photo.jpg"], "photo.jpg would be written over itself"),
    (["photo.jpg", "-o", ""], "name a file or a folder"),
    (["photo.jpg", "-o", "-"], "name a file or a folder"),
    ([""], "The name of a picture is empty"),
    (["photo.jpg", "-s", "7"], "size must be at least 8"),
    (["photo.jpg", "-s", "-64"], "size must be at least 8"),
    (["photo.jpg", "-o", "out.xyz"], "out.xyz does not end in one of .png"),
    (["photo.jpg", "-o", "out.mp4"], "out.mp4 does not end in one of"),
    (["photo.jpg", "photo.jpg", "-o", "out.png"], "Several pictures need a folder"),
    (["folder", "-o", "out.png"], "Several pictures need a folder"),
    (["folder"], "The folder folder holds no pictures"),
    (["~no_such_user_at_all/photo.jpg"], ""),
]


@pytest.mark.parametrize(
    ("arguments", "message"), BEFORE_ANY_WORK, ids=lambda v: " ".join(v) if isinstance(v, list) else ""
)
def test_nonsense_is_refused_before_any_work(photo, arguments, message):
    (photo.parent / "folder").mkdir()
    assert_refused(colorize(*arguments, cwd=photo.parent), message)
    assert files(photo.parent) == ["photo.jpg"]


def test_a_closed_pipe_does_not_end_the_run(photo):
    shutil.copy(photo, photo.with_name("second.jpg"))
    reader, writer = os.pipe()
    os.close(reader)
    command = [*MODULE, "-m", "regression", ".", "-o", "out"]
    run = subprocess.run(command, cwd=photo.parent, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (run.returncode, run.stderr) == (0, "")
    assert files(photo.parent / "out") == ["photo.png", "second.png"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jpg"], "There is no file missing.jpg"),
        (["text.jpg"], "text.jpg is not a picture that can be read"),
        (["empty.jpg", "-o", "out.jpg"], "empty.jpg is not a picture that can be read"),
        (["http://127.0.0.1:9/photo.jpg"], "cannot be fetched"),
        (["photo.jpg", "-m", "nonsense"], "no weights 'nonsense'"),
        (["photo.jpg", "-m", "text.safetensors"], "text.safetensors is not a safetensors file"),
        (["photo.jpg", "-o", "text.jpg/out.png"], "cannot be written"),
        (["photo.jpg", "-o", "folder.png"], "folder.png cannot be written"),
        (["panorama.png", "-o", "out.webp"], ""),
        (["panorama.png", "-o", "out.jpg"], "cannot be written"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(photo, arguments, message, monkeypatch, capsys):
    folder = photo.parent
    (folder / "text.jpg").write_text("no picture")
    (folder / "text.safetensors").write_text("no weights")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "folder.png").mkdir()
    Image.new("L", (70_000, 1), 90).save(folder / "panorama.png")
    before = files(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    status = cli.main(arguments)
    out, err = capsys.readouterr()
    assert_refused(subprocess.CompletedProcess(arguments, status, out, err), message)
    assert files(folder) == before


@pytest.mark.slow
def test_a_missing_picture_as_a_process(tmp_path):
    assert_refused(colorize("missing.jpg", cwd=tmp_path, command=[INSTALLED]), "There is no file missing.jpg")
    assert files(tmp_path) == []


def test_a_name_that_nothing_can_have_is_one_line(photo, monkeypatch, capsys):
    monkeypatch.chdir(photo.parent)
    for name in (f"{'z' * 300}.png", "nul\0byte.png", "photo.jpg/inside.png"):
        assert cli.main([name]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_names_that_cannot_be_printed_do_not_end_the_run(photo):
    for name in ("1日本.jpg", os.fsdecode(b"2\xff.jpg"), "3.jpg"):
        shutil.copy(photo, photo.with_name(name))
    photo.unlink()
    for encoding in ("cp1252", "utf-8"):
        environment = os.environ | {"PYTHONIOENCODING": encoding, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "0"}
        run = subprocess.run(
            [*MODULE, ".", "-m", "regression", "-o", encoding], cwd=photo.parent, env=environment, capture_output=True
        )
        assert (run.returncode, run.stderr) == (0, b"")
        assert len(run.stdout.splitlines()) == len(files(photo.parent / encoding)) == 3
        shutil.rmtree(photo.parent / encoding)


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_leaves_nothing(photo):
    disk = photo.parent / "disk"
    disk.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(disk)]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small file system can be mounted here: {error}")
    try:
        Image.new("RGB", (200, 200)).save(photo.parent / "large.png")  # 120 kB as a BMP
        assert_refused(colorize("large.png", "-o", "disk/out.bmp", cwd=photo.parent), "disk/out.bmp cannot be written")
        assert files(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_what_argparse_refuses(tmp_path):
    for arguments in (
        [],
        ["a.jpg", "--nonsense"],
        ["a.jpg", "-T", "warm"],
        ["train"],
        ["evaluate"],
        ["experiment"],
        ["experiment", "nonsense"],
        ["experiment", "vgg", "--train", "7"],
    ):
        run = colorize(*arguments, cwd=tmp_path)
        assert run.returncode == 2
        assert "usage: colorize" in run.stderr
        assert "Traceback" not in run.stderr


# --- help


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (
            [],
            [
                "PICTURE",
                "--output",
                "--temperature",
                "--vividness",
                "--model",
                "--size",
                "--hint",
                "--alternatives",
                "--only-grey",
                "--skip-existing",
                "--verbose",
                "colorize train --help",
            ],
        ),
        (
            ["train"],
            ["RECIPE", "--output", "--data", "--epochs", "--batch", "--lr", "--lam", "--seed", "--limit", "--size"],
        ),
        (["evaluate"], ["NAME", "--output", "--data", "--limit", "--device"]),
        (
            ["experiment"],
            ["vgg", "hues", "transfer", "imagenet", "generalisation", "subsets", "seeds", "films", "hints"],
        ),
        (
            ["experiment", "vgg"],
            ["--quick", "--output", "--data", "--folder", "--seeds", "--train", "--epochs", "--limit", "--recipe"],
        ),
    ],
    ids=["colour", "train", "evaluate", "experiment", "vgg"],
)
def test_help_lists_every_option(tmp_path, command, options):
    run = colorize(*command, "--help", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert all(option in run.stdout for option in options)
    parser = importlib.import_module(f"colorize_lib.commands.{command[0] if command else 'colour'}").parser()
    for action in parser._actions:
        assert action.help, action
        assert all(option in run.stdout for option in action.option_strings)


@pytest.mark.parametrize("statement", ["import colorize_lib", "from colorize_lib import cli; cli.main(['--help'])"])
def test_nothing_heavy_is_imported_before_it_is_needed(tmp_path, statement):
    code = f"""
import sys
try:
    {statement}
except SystemExit as end:
    assert end.code == 0
heavy = {{"torch", "numpy", "PIL", "fastai", "torchvision", "matplotlib", "skimage", "tqdm"}} & set(sys.modules)
assert not heavy, heavy
"""
    run = colorize(cwd=tmp_path, command=[sys.executable, "-c", code])
    assert run.returncode == 0, run.stderr


def test_the_documented_recipes_exist():
    from colorize_lib.training.recipes import RECIPES

    words = train_command.parser().format_help()
    assert all(re.search(rf"\b{name}\b", words) for name in RECIPES)


def test_the_documented_classifier_recipes_exist():
    from colorize_lib.training.classifier import CLASSIFIER_RECIPES

    (experiments,) = (action for action in experiment_command.parser()._actions if action.choices)
    (recipe,) = (action for action in experiments.choices["vgg"]._actions if action.dest == "recipe")
    assert all(name in recipe.help for name in CLASSIFIER_RECIPES)


# --- vividness


def test_vividness_ends():
    assert vividness_to_lambda(0) == LAMBDA_RANGE[0] == 1
    assert vividness_to_lambda(100) == pytest.approx(LAMBDA_RANGE[1])
    assert 0 < LAMBDA_RANGE[1] < 1


@given(st.floats(0, 100), st.floats(0, 100))
def test_vividness_is_monotone(one, other):
    low, high = sorted((one, other))
    assert 0 < vividness_to_lambda(high) <= vividness_to_lambda(low) <= 1


@pytest.mark.parametrize("value", [-0.1, 100.1, float("nan"), float("inf")])
def test_vividness_out_of_range(value):
    with pytest.raises(InputError, match="from 0 to 100"):
        vividness_to_lambda(value)


# --- train and evaluate


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "nonsense"], "no recipe 'nonsense'. Choose one of: .*regression"),
        (["train", "regression", "--data", "nowhere"], "nowhere holds neither cifar10.tgz"),
        (["train", "regression", "--data", "cifar10.tgz"], "cifar10.tgz cannot be read"),
        (["train", "regression", "--size", "64"], "are for a folder of pictures"),
        (["train", "regression", "--data", "empty"], "empty holds no pictures"),
        (["train", "regression", "--data", "empty", "--size", "65"], "multiple of 8"),
        (["train", "regression", "--data", "empty", "--size", "0"], "multiple of 8"),
        (["train", "regression", "--data", "empty", "--workers", "-1"], "workers must be 0 or more"),
        (["train", "regression", "--limit", "0"], "--limit must be at least 1"),
        (["train", "regression", "--epochs", "0"], "The epochs of a recipe must be 1 or more, not 0."),
        (["train", "regression", "--batch", "-1"], "The batch of a recipe must be 1 or more, not -1."),
        (["train", "regression", "--lr", "0"], "The learning rate of a recipe must be above 0, not 0.0."),
        (["train", "regression", "--lr", "inf"], "The learning rate of a recipe must be above 0, not inf."),
        (["train", "rebalanced", "--lam", "2"], "The lambda of a recipe must be above 0 and at most 1, not 2.0."),
        (["train", "rebalanced", "--lam", "0"], "The lambda of a recipe must be above 0 and at most 1, not 0.0."),
        (["train", "regression", "--seed", "-1"], "The seed of a recipe must be from 0 to 4294967295, not -1."),
        (["train", "regression", "--seed", "9223372036854775808"], "The seed of a recipe must be from 0 to"),
        (["train", "regression", "--device", "meta"], "device 'meta' is not there, or cannot compute: try cpu."),
        (["train", "regression", "--device", "privateuseone"], "device 'privateuseone' is not there"),
        (["train", "regression", "--device", "cuda:99"], "device 'cuda:99' is not there"),
        (["train", "regression", "-o", "cifar10.tgz"], "Nothing can be written into the folder cifar10.tgz"),
        (["train", "regression", "-o", "cifar10.tgz/runs"], "Nothing can be written into the folder cifar10.tgz/runs"),
        (["train", "regression", "-o", "/proc/nope"], "Nothing can be written into the folder /proc/nope"),
        (["train", "regression", "-o", ""], "name of the folder to write to is empty"),
        (["train", "regression", "--data", ""], "name given as --data is empty"),
        (["evaluate", "nonsense"], "no weights 'nonsense'"),
        (["evaluate", "regression", "--data", "nowhere"], "nowhere holds neither"),
        (["evaluate", "regression", "--limit", "-1"], "--limit must be at least 1"),
        (["evaluate", "regression", "--device", "nonsense"], "device 'nonsense' is not there"),
        (["experiment", "vgg", "--data", "nowhere"], "nowhere holds neither cifar10.tgz"),
        (["experiment", "vgg", "--recipe", "nonsense"], "no recipe 'nonsense'. Choose one of: vgg32"),
        (["experiment", "vgg", "--seeds", "0"], "--seeds must be at least 1"),
        (["experiment", "vgg", "--limit", "0"], "--limit must be at least 1"),
        (["experiment", "vgg", "--epochs", "0"], "epochs of a recipe must be 1 or more, not 0"),
        (["experiment", "vgg", "--epochs", "2", "--minutes", "1"], "Give --epochs or --minutes, not both"),
        (["experiment", "vgg", "--minutes", "-1"], "minutes of a recipe must be 0 or more"),
        (["experiment", "vgg", "--dev", "0"], "--dev must be at least 1"),
        (["experiment", "vgg", "--size", "100"], "size of a recipe must be 32 or 224, as a VGG has, not 100"),
        (["experiment", "vgg", "--quick", "--seeds", "2", "--data", "x"], "leave out --data and --seeds"),
        (["experiment", "vgg", "-o", "cifar10.tgz"], "Nothing can be written into the folder cifar10.tgz"),
        (["experiment", "vgg", "--folder", "cifar10.tgz/x"], "Nothing can be written into the folder cifar10.tgz"),
        (["experiment", "transfer", "--epochs", "3"], "--epochs is for a trial"),
        (["experiment", "hues", "--folder", "empty"], "empty does not hold a network of each kind"),
        (["experiment", "hues", "--data", "nowhere"], "nowhere holds neither cifar10.tgz"),
        (["experiment", "imagenet", "-o", ""], "name of the folder to write to is empty"),
        (["evaluate", "regression", "-o", "cifar10.tgz"], "Nothing can be written into the folder cifar10.tgz"),
        (["experiment", "vgg", "--device", "nonsense"], "device 'nonsense' is not there"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_what_cannot_be_trained_or_measured(tmp_path, arguments, message, monkeypatch, capsys):
    (tmp_path / "cifar10.tgz").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    status = cli.main(arguments)
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.startswith("colorize: ")]  # not the progress bar
    assert "Traceback" not in err
    assert (status, out) == (2, "")
    assert len(lines) == 1
    assert re.search(message, lines[0])
    assert files(tmp_path) == ["cifar10.tgz"]


@pytest.mark.parametrize(
    ("experiment", "option"),
    [
        ("transfer", "--seeds"), ("transfer", "--train"), ("transfer", "--recipe"), ("transfer", "--photo"),
        ("imagenet", "--folder"), ("imagenet", "--seeds"), ("imagenet", "--epochs"), ("generalisation", "--recipe"),
        ("generalisation", "--train"), ("vgg", "--photo"), ("hues", "--seeds"), ("hues", "--photo"),
    ],
)  # fmt: skip
def test_an_option_of_another_experiment_is_refused(experiment, option, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["experiment", experiment, option, "1"])
    assert stopped.value.code == 2
    assert f"unrecognized arguments: {option} 1" in capsys.readouterr().err


@pytest.mark.parametrize("experiment", ["vgg", "hues", "transfer", "imagenet", "generalisation", "subsets", "seeds"])
def test_every_experiment_says_what_it_is_and_takes_the_common_options(experiment, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["experiment", experiment, "--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert all(option in said for option in ("--output", "--data", "--limit", "--device", "--quick"))
    args = experiment_command.parser().parse_args([experiment, "--limit", "3", "-o", "x"])
    assert (args.name, args.limit, args.output) == (experiment, 3, "x")


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")]
)
def test_training_without_enough_memory_ends_in_a_sentence(error, tmp_path, monkeypatch, capsys):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("colorize_lib.data.cifar10.load_cifar10", fail)
    assert cli.main(["train", "regression", "-o", str(tmp_path)]) == 2
    assert re.fullmatch("colorize: The memory does not suffice: .*\n", capsys.readouterr().err)


@pytest.mark.slow
def test_training_without_data_as_a_process(tmp_path):
    assert_refused(colorize("train", "regression", "--data", "nowhere", cwd=tmp_path), "nowhere holds neither")
    assert files(tmp_path) == []


@pytest.mark.cifar
@pytest.mark.slow
def test_a_tiny_training_writes_weights_that_colour(photo):
    arguments = ["train", "regression", "--limit", "64", "--epochs", "1", "-o", "runs", "--device", "cpu"]
    run = colorize(*arguments, cwd=photo.parent)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1].endswith("runs/regression.safetensors")
    assert files(photo.parent / "runs") == ["regression.checkpoint", "regression.safetensors"]
    meta = load_weights(photo.parent / "runs" / "regression.safetensors").meta
    assert (meta["data"]["images"], meta["recipe"]["epochs"], len(meta["history"])) == (64, 1, 1)
    run = colorize("photo.jpg", "-m", "runs/regression.safetensors", cwd=photo.parent)
    assert (run.returncode, run.stderr) == (0, "")
    assert "photo-coloured.png" in files(photo.parent)


@pytest.mark.cifar
@pytest.mark.slow
def test_a_training_stopped_by_hand_says_how_to_go_on(tmp_path):
    arguments = ["train", "regression", "--limit", "640", "--epochs", "50", "-o", "runs", "--device", "cpu"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*MODULE, *arguments], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 600
        while not (tmp_path / "runs" / "regression.checkpoint").is_file() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert "Run the same command again to go on" in err
    assert "Traceback" not in err
    assert files(tmp_path) == ["runs/regression.checkpoint"]


@pytest.mark.cifar
@pytest.mark.slow
def test_a_quick_evaluation_prints_a_table_and_writes_a_result(tmp_path):
    import json

    run = colorize("evaluate", "regression", "--limit", "20", "-o", "out", "--device", "cpu", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    copy, *lines = run.stdout.splitlines()
    assert copy.startswith("20 test pictures of ")
    assert lines[0].split()[:3] == ["setting", "ab_rmse", "auc"]
    assert lines[1].split()[0] == "grey"
    assert lines[-1] == str(Path("out") / "regression.json")
    result = json.loads((tmp_path / "out" / "regression.json").read_text())
    assert result["data"]["test"]["images"] == 20
    assert result["command"].endswith("colorize evaluate runs/regression.safetensors --output results --limit 20")
    assert files(tmp_path) == ["out/regression.json"]


@pytest.mark.parametrize(("source", "lossy"), [("cifar10.tgz, JPEG", True), ("cifar10.tgz, lossless PNG", False)])
def test_an_evaluation_names_the_copy_it_measured(monkeypatch, capsys, source, lossy):
    pictures = replace(embedded_cifar10(), source=source)
    monkeypatch.setattr("colorize_lib.data.cifar10.load_cifar10", lambda split, path: pictures)
    assert main(["evaluate", "regression", "--device", "cpu"]) == 0
    copy = capsys.readouterr().out.splitlines()[0]
    assert copy.startswith(f"20 test pictures of {source}")
    assert ("JPEG changes colours" in copy) == lossy


def test_a_closed_pipe_is_no_error(photo):
    shell = shutil.which("sh")
    line = f'"{sys.executable}" -m colorize_lib.cli --help | head -1; exit 0'
    run = subprocess.run([shell, "-c", line], cwd=photo.parent, capture_output=True, text=True)
    assert run.stdout.startswith("usage: colorize")
    assert "Traceback" not in run.stderr
