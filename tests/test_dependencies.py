"""What is imported is declared, once, in ``pyproject.toml``; and the lower bounds there are the ones that are tried."""

import ast
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:  # pytest brings it along
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
#: Whose versions jupyter-book decides: a second bound could only contradict it.
OF_JUPYTER_BOOK = {"docutils", "ipython", "jupyter-cache", "myst-nb", "nbformat", "pybtex", "pyyaml", "sphinx"}


def name_of(requirement: str) -> str:
    """``"scikit-image"`` of ``"scikit-image>=0.22"``."""
    return Requirement(requirement).name


def declared(*extras: str) -> set[str]:
    """Names of what the package needs, and of what these extras add."""
    return {name_of(line) for lines in (PROJECT["dependencies"], *(EXTRAS[e] for e in extras)) for line in lines}


def distributions() -> dict[str, str]:
    """What can be imported here, to the distribution that it is from.

    As ``metadata.packages_distributions``, which in Python 3.10 leaves out those that do not list what they hold.
    """
    found = {}
    for one in metadata.distributions():
        held = {file.parts[0].removesuffix(".py") for file in one.files or () if file.suffix == ".py"}
        for name in (one.read_text("top_level.txt") or "").split() or held:
            found.setdefault(name, canonicalize_name(one.metadata["Name"]))
    return found


def imported(*folders: str) -> set[str]:
    """Distributions that the Python files of some folders import, wherever in a file."""
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    known = distributions()
    tops = {name.split(".")[0] for name in names if not name.startswith("google.colab")}  # Colab alone has that
    return {known[top] for top in tops if top in known}


@pytest.mark.parametrize(
    ("folders", "extras", "others"),
    [
        (["colorize_lib"], ["heif", "film", "notebook"], {"colorize-lib"}),
        (["book"], ["notebook", "book"], OF_JUPYTER_BOOK | {"colorize-lib"}),
        (["tools"], ["book", "test"], OF_JUPYTER_BOOK | {"colorize-lib"}),
        (
            ["tests"],
            ["heif", "film", "notebook", "book", "test"],
            OF_JUPYTER_BOOK | {"colorize-lib", "packaging", "tomli"},
        ),
        (["benchmarks"], ["film", "benchmark"], {"colorize-lib"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) and value else "",
)
def test_what_is_imported_is_declared(folders, extras, others):
    assert imported(*folders) - declared(*extras) - others == set()


def test_what_an_import_needs_is_found():
    assert {"torch", "pillow", "scikit-image", "traitlets"} <= imported("colorize_lib")


def test_the_list_is_kept_once():
    assert [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line[0] != "#"] == [
        "-e .[book,test]"
    ]


def test_the_lower_bounds_that_are_tried_are_those_of_the_package():
    bounds = [Requirement(line) for extra in ("heif", "film", "notebook", "book", "test") for line in EXTRAS[extra]]
    bounds += [Requirement(line) for line in PROJECT["dependencies"]]
    lowest = {r.name: next(s.version for s in r.specifier if s.operator == ">=") for r in bounds if r.specifier}
    pins = (ROOT / "tests" / "lower-bounds.txt").read_text().splitlines()
    assert [pin for pin in pins if pin[0] != "#"] == [f"{name}=={lowest[name]}" for name in sorted(lowest)]
