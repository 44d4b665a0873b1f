"""The drawing of the rooms in the reference says what the imports say."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import rooms

HOUSE = {"attic": {"kitchen", "cellar"}, "kitchen": {"cellar"}, "cellar": set(), "shed": set()}


def test_a_room_stands_above_all_that_it_imports():
    assert rooms.floors(HOUSE) == [["cellar", "shed"], ["kitchen"], ["attic"]]


def test_what_follows_is_not_drawn():
    assert rooms.arrows(HOUSE) == [("attic", "kitchen"), ("kitchen", "cellar")]


def test_a_circle_is_no_house():
    with pytest.raises(ValueError, match="import each other: a, b"):
        rooms.floors({"a": {"b"}, "b": {"a"}, "c": set()})


def test_the_imports_are_those_of_the_library(tmp_path):
    for name, text in (
        ("low", ""),
        ("high", "from ..low import x\nfrom ..errors import y\ndef f():\n    from .. import low"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "module.py").write_text(text)
    assert rooms.imports(tmp_path) == {"low": set(), "high": {"low"}}
    found = rooms.imports(rooms.ROOT / "colorize_lib")
    assert found["colour"] == set() and "colour" in found["networks"]


def test_every_room_and_arrow_is_in_the_drawing():
    svg = rooms.drawing(HOUSE)
    assert sorted(re.findall(r">(\w+)</text>", svg)) == sorted(HOUSE)
    assert svg.count("<line ") == 2
    assert "attic imports cellar, kitchen; kitchen imports cellar; cellar imports nothing" in svg
