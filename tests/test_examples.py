"""The examples in docstrings give what they say, and what a reader would copy has one.

``pytest --doctest-modules colorize_lib`` runs the same ones.
"""

import doctest
import importlib
from pathlib import Path

import pytest

import colorize_lib

FOLDER = Path(colorize_lib.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(FOLDER).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)
#: What a reader calls first, beside the names that ``colorize_lib`` itself hands on.
COPIED = {
    "colour.gamut": ["Gamut.encode", "Gamut.decode", "Gamut.prior", "Gamut.rebalance"],
    "inference.colorizer": ["Colorizer.load", "Colorizer.predict", "Colorizer.colorize"],
    "inference.classifier": ["Classifier.load"],
    "colour.bilateral": ["joint_bilateral_upsample"],
    "training.recipes": ["get_recipe"],
    "weights.shipped": ["load_weights"],
    "measuring.metrics": ["ab_rmse", "auc", "eps_accuracy", "psnr", "ssim", "colourfulness"],
    "measuring.statistics": ["bootstrap_means", "wilson"],
    "measuring.results": ["read_result"],
    "measuring.curves": ["at_equal"],
}


@pytest.mark.parametrize("module", MODULES)
def test_examples_give_what_they_say(module):
    outcome = doctest.testmod(importlib.import_module(f"colorize_lib.{module}"))
    assert outcome.attempted and not outcome.failed


def test_a_wrong_example_is_found(capsys):
    test = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert doctest.DocTestRunner().run(test).failed == 1
    assert "Expected:\n    3\nGot:\n    2\n" in capsys.readouterr().out


def test_what_a_reader_would_copy_has_an_example():
    names = [(home, name) for name, home in colorize_lib._HOMES.items() if name != "load_cifar10"]  # needs the data
    names += [(module, name) for module, some in COPIED.items() for name in some]
    for module, name in names:
        found = doctest.DocTestFinder(recurse=True).find(importlib.import_module(f"colorize_lib.{module}"))
        full = f"colorize_lib.{module}.{name}"
        assert any(test.examples for test in found if test.name == full or test.name.startswith(f"{full}.")), full
