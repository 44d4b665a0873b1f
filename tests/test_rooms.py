"""The rooms of the library, and which may look into which: no circle and no arrow back can come in unseen."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import colorize_lib

FOLDER = Path(colorize_lib.__file__).parent
#: Each room may import those before it in this order that its docstring names, and the ground floor.
ORDER = (
    "colour", "networks", "pictures", "weights", "data", "inference", "training", "measuring", "experiments", "pages",
    "exercises", "commands",
)  # fmt: skip
GROUND = {"errors", "files", "device", "quiet", "record", "plots"}
MODULES = {
    path.relative_to(FOLDER).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted(FOLDER.rglob("*.py"))
    if path.name != "__init__.py"
}
#: Scripts of pages are long; nothing else need be.
LONGEST = 350


def imported(module: str, text: str | None = None) -> Iterator[str]:
    """The modules of ours that a module imports, at its top or when a function is called."""
    tree, package = ast.parse(text or MODULES[module].read_text("utf-8")), module.split(".")[:-1]
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            base = [*package[: len(package) - node.level + 1], *filter(None, [node.module])]
        elif (node.module or "").partition(".")[0] == "colorize_lib":
            base = node.module.split(".")[1:]
        else:
            continue
        names = [".".join(base), *(".".join([*base, alias.name]) for alias in node.names)]
        yield from (name for name in names if name in MODULES)


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
    used = {room(other) for module in MODULES if room(module) == name for other in imported(module)}
    assert used - {name} - GROUND <= allowed


def test_every_module_is_in_a_room_or_on_the_ground_floor():
    assert {room(module) for module in MODULES} == {*ORDER, *GROUND, "cli"}
    assert {path.parent.name for path in FOLDER.rglob("__init__.py")} == {*ORDER, FOLDER.name}


def test_the_ground_floor_stands_on_colour_alone():
    for module in GROUND:
        assert {room(other) for other in imported(module)} <= GROUND | {"colour"}, module


def test_there_is_no_circle():
    seen, way = set(), []

    def walk(module: str):
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in seen:
            way.append(module)
            for other in imported(module):
                walk(other)
            seen.add(way.pop())

    for module in MODULES:
        walk(module)


def test_the_check_itself_sees_imports_of_every_kind():
    text = """
from ..files import x
from .lab import y
from colorize_lib.cli import z
def f():
    from ..data import images
"""
    assert set(imported("colour.gamut", text)) == {"files", "colour.lab", "data.images", "cli"}


def test_no_private_name_crosses_a_module():
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert [alias.name for alias in node.names if alias.name[:1] == "_" != alias.name[1:2]] == [], module


def test_no_module_is_longer_than_one_can_read():
    lengths = {module: path.read_text("utf-8").count("\n") for module, path in MODULES.items()}
    assert {module: length for module, length in lengths.items() if length > LONGEST} == {}
