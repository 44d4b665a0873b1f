"""The rooms of the library, and which may look into which: no circle and no arrow back can come in unseen."""

import ast
import re
import sys
from pathlib import Path

import pytest

import colorize_lib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from sources import Source, inner_imports

FOLDER = Path(colorize_lib.__file__).parent
#: Each room may import those before it in this order that its docstring names, and the ground floor.
ORDER = (
    "colour", "networks", "pictures", "weights", "data", "inference", "films", "training", "measuring", "experiments",
    "pages", "exercises", "commands",
)  # fmt: skip
GROUND = {"errors", "files", "device", "quiet", "record", "plots"}
MODULES = {
    path.relative_to(FOLDER).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted(FOLDER.rglob("*.py"))
    if path.name != "__init__.py"
}
#: The modules that each imports, at its top or when a function is called.
IMPORTS = inner_imports(FOLDER)
#: Chapters and scripts of pages are long; nothing else need be.
LONGEST = 350
#: Where all else is.
READ = (FOLDER.name, "tests", "tools", "benchmarks", "book/_ext")


def room(module: str) -> str:
    """The folder a module is in; its own name on the ground floor."""
    return module.partition(".")[0]


def named(doc: str) -> set[str]:
    """The rooms that a room's docstring says it imports."""
    said = set(doc.partition("Imports ")[2].rstrip(".").replace(",", " ").split())
    return set(ORDER) - said if "all" in said else set(ORDER) & said  # all but those it names


@pytest.mark.parametrize("name", ORDER)
def test_a_room_imports_what_it_says_and_nothing_above_it(name):
    doc = ast.get_docstring(ast.parse((FOLDER / name / "__init__.py").read_text("utf-8")))
    allowed = named(doc) & set(ORDER[: ORDER.index(name)])
    used = {room(other) for module in IMPORTS if room(module) == name for other in IMPORTS[module]}
    assert used - {name} - GROUND <= allowed


def test_every_module_is_in_a_room_or_on_the_ground_floor():
    assert {room(module) for module in MODULES} == {*ORDER, *GROUND, "cli"}
    assert {path.parent.name for path in FOLDER.rglob("__init__.py")} == {*ORDER, FOLDER.name}


def test_the_readmes_table_of_places_is_the_tree():
    """Every folder of the library and of the repository, and none that is not there."""
    root = FOLDER.parent
    table = (root / "README.md").read_text("utf-8").partition("## Where things are")[2].partition("\n## ")[0]
    named = {name for line in table.splitlines() for name in re.findall(r"`([\w/.]+/)`", line.rpartition(" | ")[0])}
    assert all((root / name).is_dir() for name in named)
    folders = {f"{FOLDER.name}/{room}/" for room in ORDER}
    assert folders | {"colorize_lib/images/", "book/", "results/", "benchmarks/", "tests/", "tools/"} == named


def test_the_ground_floor_stands_on_colour_alone():
    for module in GROUND:
        assert {room(other) for other in IMPORTS[module]} <= GROUND | {"colour"}, module


def test_there_is_no_circle():
    seen, way = set(), []

    def walk(module: str):
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in seen:
            way.append(module)
            for other in IMPORTS[module]:
                walk(other)
            seen.add(way.pop())

    for module in IMPORTS:
        walk(module)


def test_the_check_itself_sees_imports_of_every_kind(tmp_path):
    text = """
from ..files import x
from ..pages import explore
from .lab import y
from house.cli import z
import house.errors
from . import lab as another
def f():
    from ..data import images
    from .. import record
"""
    names = ("files", "cli", "errors", "record", "colour/lab", "data/images", "data/unseen")
    texts = dict.fromkeys((*names, "colour/__init__", "pages/__init__"), "") | {"colour/gamut": text}
    for name, content in texts.items():
        path = tmp_path / "house" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    found = inner_imports(tmp_path / "house")
    assert found.keys() == {name.replace("/", ".") for name in ("colour", "pages", "colour/gamut", *names)}
    assert found["colour.gamut"] == {"files", "cli", "errors", "record", "pages", "colour.lab", "data.images"}


def test_no_private_name_crosses_a_module():
    for module, path in MODULES.items():
        for where, name, *_ in Source(path.read_text("utf-8"), f"colorize_lib.{module}", path).imports:
            if where.partition(".")[0] == "colorize_lib":
                assert not name or name[:1] != "_" or name[:2] == "__", f"{module} imports {name}"


def test_no_module_is_longer_than_one_can_read():
    root = FOLDER.parent
    paths = [path for folder in READ for path in (root / folder).rglob("*.py")]
    lengths = {path.relative_to(root).as_posix(): path.read_text("utf-8").count("\n") for path in paths}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_two_files_of_tests_have_one_name():
    """pytest imports them by their names alone, and stops at the second of a name."""
    names = [path.name for path in sorted(Path(__file__).parent.rglob("test_*.py"))]
    assert len(set(names)) == len(names)
