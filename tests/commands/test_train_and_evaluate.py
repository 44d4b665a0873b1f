"""`colorize train`, `evaluate` and `experiment`: what they refuse, and what they leave."""

import os
import re
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import MODULE, assert_refused, colorize, files

from colorize_lib import cli
from colorize_lib.cli import main
from colorize_lib.commands import experiment as experiment_command
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.weights.shipped import load_weights


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
        (["experiment", "vgg", "--size", "100"], "size of a recipe must be 32, 112 or 224, as a VGG has, not 100"),
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
