"""The command: its help, and that it starts at once."""

import importlib
import re
import sys

import pytest
from command_line import colorize

from colorize_lib.cli import main
from colorize_lib.commands import experiment as experiment_command
from colorize_lib.commands import train as train_command


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


@pytest.mark.parametrize("arguments", [["a.jpg"], ["evaluate", "photo"], ["train", "photo"], ["experiment", "vgg"]])
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            PermissionError(13, "Permission denied", "d/cifar10.tgz"),
            "d/cifar10.tgz cannot be read (Permission denied): ",
        ),
        (RuntimeError("std::bad_alloc"), "The memory does not suffice: "),
        (MemoryError(), "The memory does not suffice: "),
    ],
    ids=["closed", "C++", "Python"],
)
def test_what_the_system_refuses_is_one_sentence(monkeypatch, capsys, arguments, error, sentence):
    def refused(_):
        raise error

    command = arguments[0] if len(arguments) > 1 else "colour"
    monkeypatch.setattr(importlib.import_module(f"colorize_lib.commands.{command}"), "run", refused)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"colorize: {sentence}") and said.count("\n") == 1
