"""The changes that tools/mutants.py makes: each one thing, and never to a type, a docstring or what an error says."""

import ast
import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parent.parent / "tools" / "mutants.py"


@pytest.fixture(scope="module")
def mutants():
    spec = importlib.util.spec_from_file_location("mutants", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def changed(mutants, source: str) -> list[str]:
    """The source after each change."""
    changes = mutants.Changes()
    changes.visit(ast.parse(source))
    trees = [mutants.Changes(number).visit(ast.parse(source)) for number in range(len(changes.found))]
    return [ast.unparse(ast.fix_missing_locations(tree)) for tree in trees]


@pytest.mark.parametrize(("source", "expected"), [
    ("a < 3", ["a <= 3", "a < 4", "a < 2"]),
    ("a + b", ["a - b"]),
    ("x = 2.0", ["x = 2.2"]),
    ("x = True", ["x = False"]),
    ("not a and b", ["not a or b", "a and b"]),
    ("f(x, k=y)", ["pass", "f(x)"]),
    ("y = x.round()", ["y = x"]),
    ("y = a if b else c", ["y = a if not b else c"]),
    ("a in b is c", ["a not in b is c", "a in b is not c"]),
    ("'words' 'more'", []),
    ("x: Literal[1] = y", []),
    ("def f(a: Literal[1] = 2) -> Literal[3]:\n    'about 4'", [
        f"def f(a: Literal[1]={other}) -> Literal[3]:\n    \"\"\"about 4\"\"\"" for other in (3, 1)
    ]),
    ("raise ValueError(f'{a + 1}')", ["pass"]),
])  # fmt: skip
def test_each_change_is_one_thing(mutants, source, expected):
    assert changed(mutants, source) == expected


def test_every_change_of_a_module_is_a_program_and_another_one(mutants):
    path = PATH.parent.parent / "colorize_lib" / "networks" / "losses.py"
    source = path.read_text("utf-8")
    after = changed(mutants, source)
    assert len(after) > 30
    assert ast.unparse(ast.parse(source)) not in after
    for text in after:
        compile(text, path, "exec")
