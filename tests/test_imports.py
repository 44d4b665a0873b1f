"""What importing costs, and what is there once imported."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import colorize_lib

FOLDER = Path(colorize_lib.__file__).parent
HEAVY = ["fastai", "matplotlib", "torchvision"]


def imported_by(statement: str, packages: list[str]) -> list[str]:
    """Those of ``packages`` that a fresh Python has loaded after ``statement``."""
    code = f"{statement}\nimport sys\nprint(*[name for name in {packages} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    return run.stdout.split()


def public_definitions(module: Path) -> list[ast.AST]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [n for n in ast.parse(module.read_text()).body if isinstance(n, kinds) and not n.name.startswith("_")]


def test_importing_the_package_is_light():
    assert imported_by("import colorize_lib", ["torch", "numpy", "skimage", "PIL", "tqdm", *HEAVY]) == []


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("from colorize_lib import Gamut, rgb_to_lab", [*HEAVY, "skimage"]),
        ("import colorize_lib.inference.colorizer", ["fastai", "matplotlib"]),
        (
            "import colorize_lib.networks.vgg, colorize_lib.measuring.statistics, colorize_lib.experiments.versions",
            [*HEAVY, "skimage"],
        ),
        ("import colorize_lib.experiments.vgg, colorize_lib.experiments.hues", [*HEAVY, "skimage"]),
        (
            "import colorize_lib.experiments.imagenet, colorize_lib.experiments.generalisation",
            [*HEAVY, "skimage", "timm"],
        ),
    ],
)
def test_colouring_needs_no_training_library(statement, forbidden):
    assert imported_by(statement, forbidden) == []


def test_the_check_itself_sees_an_import():
    assert imported_by("import json, colorize_lib.errors", ["json", "torch"]) == ["json"]


def test_the_first_import_prints_no_warning():
    """As in the first cell of a chapter, where a warning is a red box."""
    paths = [path.relative_to(FOLDER.parent).with_suffix("") for path in FOLDER.rglob("[!_]*.py")]
    modules = [".".join(path.parts) for path in paths]
    run = subprocess.run(
        [sys.executable, "-c", f"import {', '.join(modules)}"], cwd=FOLDER.parent, capture_output=True, text=True
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_each_module_that_imports_fastai_has_it_quiet():
    texts = {path.stem: path.read_text("utf-8") for path in FOLDER.rglob("*.py")}
    using = {name for name, text in texts.items() if re.search(r"^ *from fastai", text, re.MULTILINE)}
    quiet = {name for name, text in texts.items() if "import colorize_lib.quiet" in text}
    assert using and using == quiet


@pytest.mark.parametrize("name", colorize_lib.__all__)
def test_public_names_resolve(name):
    assert getattr(colorize_lib, name) is not None
    assert name in dir(colorize_lib)


def test_public_names_are_the_modules_own():
    for name, module in colorize_lib._HOMES.items():
        assert getattr(colorize_lib, name) is getattr(importlib.import_module(f"colorize_lib.{module}"), name)


def test_an_editor_sees_the_names_that_are_handed_on():
    tree = ast.parse((FOLDER / "__init__.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname: (node.module, alias.name) for node in block.body for alias in node.names}
    assert seen == {name: (home, name) for name, home in colorize_lib._HOMES.items()}
    assert (FOLDER / "py.typed").is_file()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = colorize_lib.no_such_name
    with pytest.raises(ImportError, match="no_such_name"):
        exec("from colorize_lib import no_such_name")


@pytest.mark.parametrize("module", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_everything_public_has_a_docstring(module):
    assert ast.get_docstring(ast.parse(module.read_text())), module.name
    assert [node.name for node in public_definitions(module) if not ast.get_docstring(node)] == []


def test_all_packages_are_installed():
    settings = (FOLDER.parent / "pyproject.toml").read_text()
    for module in FOLDER.rglob("*.py"):
        package = module.parent.relative_to(FOLDER.parent).as_posix().replace("/", ".")
        assert f'"{package}"' in settings.split("packages = ")[1].split("]")[0], package
