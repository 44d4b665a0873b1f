"""Would a test notice? Change one thing in a module, run its tests, and count how many changes fail one.

    python tools/mutants.py lab gamut             # those modules; none: all of them
    python tools/mutants.py lab --sample 40       # of each so many changes, always the same ones
    python tools/mutants.py lab --survivors       # once more those that survived, after a test was added
    python tools/mutants.py --table               # nothing but the table

Writes ``benchmarks/mutants.json`` after every change and goes on from there, so it may be stopped at any time.
``benchmarks/mutants_explained.json`` is written by hand: changes that no test can notice, each with its reason.

It is no part of `make test`: a module takes minutes. mutmut leaves decorated functions and constants of a module
alone, and cosmic-ray starts Python and imports torch anew for each change; here everything but the package is
imported once, each change gets a fork of that process, and the quickest tests come first.
"""

import argparse
import ast
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "mutants.json"
EXPLAINED = ROOT / "benchmarks" / "mutants_explained.json"
#: The tests of the bins, one file for each step.
OF_BINS = ("test_gamut", "test_soft_encoding", "test_annealed_mean", "test_prior")
#: Each module's tests, where they are not in the one file named after it.
TESTS = {
    "colour.gamut": OF_BINS,
    "colour.nearest_bins": OF_BINS,
    "measuring.metrics": ("test_metrics", "test_image_quality", "test_colourfulness"),
    "weights.file": ("test_weights_file", "test_damaged_weights", "test_shipped"),
    "inference.colorizer": (
        "test_colorizer", "test_pictures", "test_bad_pictures", "test_web_pictures", "test_weights_file",
        "test_damaged_weights",
    ),
}  # fmt: skip
MODULES = (
    "colour.lab", "colour.gamut", "colour.nearest_bins", "networks.losses", "measuring.metrics", "measuring.statistics",
    "weights.file", "colour.bilateral", "inference.colorizer",
)  # fmt: skip
#: Bytes that the tests of a change may ask for: some ask without end.
MEMORY = 6 << 30

SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div, ast.Pow: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
#: Methods that a careless hand leaves out.
FINISHING = {
    "clamp", "clamp_", "round", "abs", "sqrt", "square", "square_", "ceil", "floor", "detach", "clone", "float",
    "double", "contiguous", "cpu", "sum", "eval", "copy", "strip", "removeprefix", "flatten", "lower",
}  # fmt: skip


def variants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may stand in place of a node, each with a name."""

    def like(**changes) -> ast.AST:
        return type(node)(**{**dict(ast.iter_fields(node)), **changes})

    match node:
        case ast.Constant(value=bool(value)):
            yield str(not value), ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from ((str(other), ast.Constant(other)) for other in (value + 1, value - 1))
        case ast.Constant(value=float(value)):
            other = value * 1.1 if value else 0.1
            yield f"{other:.6g}", ast.Constant(other)
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op) if type(op) in SWAPS:
            yield SWAPS[type(op)].__name__, like(op=SWAPS[type(op)]())
        case ast.Compare(ops=ops):
            for i, op in enumerate(ops):
                yield SWAPS[type(op)].__name__, like(ops=[*ops[:i], SWAPS[type(op)](), *ops[i + 1 :]])
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert(), operand=operand):
            yield "operand alone", operand
        case ast.IfExp(test=test):
            yield "branches swapped", like(test=ast.UnaryOp(ast.Not(), test))
        case ast.If(test=test) | ast.While(test=test):
            yield "condition negated", like(test=ast.UnaryOp(ast.Not(), test))
        case ast.Raise() | ast.Expr(value=ast.Call()) | ast.Continue():
            yield "left out", ast.Pass()
        case ast.Call(func=func, keywords=keywords):
            if isinstance(func, ast.Attribute) and func.attr in FINISHING:
                yield f"without .{func.attr}", func.value
            for i, keyword in enumerate(keywords):
                yield f"without {keyword.arg or '**'}=", like(keywords=[*keywords[:i], *keywords[i + 1 :]])


class Changes(ast.NodeTransformer):
    """Counts the changes that can be made to a tree, and makes one of them. Types and words raised are left alone."""

    def __init__(self, wanted: int = -1):
        self.wanted, self.found = wanted, []  # (line, what is there, what comes instead)

    def visit(self, node: ast.AST) -> ast.AST:
        for name, other in variants(node):
            self.found.append((node.lineno, ast.unparse(node).partition("\n")[0], name))
            if len(self.found) - 1 == self.wanted:
                return other
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.arg):
            return node
        if isinstance(node, ast.AnnAssign):
            node.value = node.value and self.visit(node.value)
            return node
        if isinstance(node, ast.FunctionDef):
            node.args, node.body = self.visit(node.args), [self.visit(part) for part in node.body]
            return node
        return self.generic_visit(node)


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Has ``import`` find a changed tree in place of a module's file."""

    def __init__(self, name: str, path: Path, tree: ast.Module):
        self.name, self.path, self.code = name, path, compile(ast.fix_missing_locations(tree), str(path), "exec")

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            return importlib.machinery.ModuleSpec(name, self, origin=str(self.path))

    def exec_module(self, module):
        module.__file__ = str(self.path)
        exec(self.code, module.__dict__)


class QuickFirst:
    """A plugin for pytest: what took least the first time comes first, as it notices most changes as well."""

    def __init__(self, noted: Path):
        self.noted, self.seconds = noted, Counter()
        self.before = json.loads(noted.read_text("utf-8")) if noted.is_file() else {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        items.sort(key=lambda item: self.before.get(item.nodeid, 0))

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self):
        if not self.before:
            self.noted.write_text(json.dumps(self.seconds), "utf-8")


def passes(module: str, tests: list[str], tree: ast.Module, seconds: float, noted: Path) -> bool:
    """Whether the tests pass with this tree for the module: in a silent fork, within so many seconds of a processor.

    How long each takes is noted in a file, or read from it.
    """
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    try:
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        sys.meta_path.insert(0, Changed(f"colorize_lib.{module}", file_of(module), tree))
        options = ["-x", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
        os._exit(pytest.main([*options, *tests], [QuickFirst(noted)]))
    finally:
        os._exit(99)


def preload(tests: list[str]) -> None:
    """Import what the tests and pytest need, but for the package: the forks then have it."""
    import torch

    torch.set_num_threads(1)
    for plugin in importlib.metadata.entry_points(group="pytest11"):
        plugin.load()
    for file in [ROOT / "tests" / "conftest.py", *map(Path, tests), *(ROOT / "colorize_lib").rglob("*.py")]:
        for node in ast.parse(file.read_text("utf-8")).body:
            names = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name and name.partition(".")[0] not in ("colorize_lib", "chapter", "fastai"):
                    importlib.import_module(name)


def file_of(module: str) -> Path:
    """The file of a module such as ``colour.lab``."""
    return ROOT.joinpath("colorize_lib", *module.split(".")).with_suffix(".py")


def tests_of(module: str) -> list[str]:
    """Those in the file named after the module, or in the files that :data:`TESTS` names."""
    names = TESTS.get(module, (f"test_{module.split('.')[-1]}",))
    return [str(path) for name in names for path in (ROOT / "tests").rglob(f"{name}.py")]


def sha256(*files: str | Path) -> str:
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()


def limit_for(module: str, tests: list[str], source: str, noted: Path) -> int:
    """Seconds of a processor that the tests of a change may take, after trying them as they are."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    if not passes(module, tests, ast.parse(source), 3600, noted):
        raise SystemExit(f"The tests of {module} fail as it is.")
    return round(20 + 3 * (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before))


def attempt(module: str, known: dict, sample: int | None, again: bool) -> Iterator[dict]:
    """What is known about a module, after every change that is tried; with ``again`` those that survived."""
    path, tests = file_of(module), tests_of(module)
    source = path.read_text("utf-8")
    changes = Changes()
    changes.visit(ast.parse(source))
    order = random.Random(0).sample(range(len(changes.found)), len(changes.found))[:sample]
    if known.get("source") != sha256(path):
        known = {"source": sha256(path), "mutants": len(changes.found), "tried": 0, "survivors": []}
    survived = {one["number"] for one in known["survivors"]}
    wanted = [number for number in order if number in survived] if again else order[known["tried"] :]
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "seconds.json"
        if wanted:
            known = known | {"tests": sha256(*tests), "limit": limit_for(module, tests, source, noted)}
        for number in wanted:
            alive = passes(module, tests, Changes(number).visit(ast.parse(source)), known["limit"], noted)
            line, code, change = changes.found[number]
            text = source.splitlines()[line - 1].strip()
            one = {"number": number, "line": line, "text": text, "code": code, "change": change}
            others = [other for other in known["survivors"] if other["number"] != number]
            survivors = sorted(others + [one] * alive, key=lambda one: one["number"])
            known = known | {"tried": known["tried"] + (not again), "survivors": survivors}
            print(f"{module} {line}: {code}  ->  {change}{': SURVIVED' if alive else ''}", flush=True)
            yield known


def explained(module: str, one: dict) -> str | None:
    """Why no test can notice this change of a module, if that is known."""
    known = json.loads(EXPLAINED.read_text("utf-8"))[module]
    fits = (e for e in known if all(one[key] == e[key] for key in ("text", "code", "change") if key in e))
    return next((e["why"] for e in fits), None)


def table(results: dict[str, dict]) -> str:
    """Markdown: how many changes of each module were tried, and what share of them a test noticed."""
    lines = [
        "| module | changes | tried | noticed | same program | of the others noticed |",
        "|---|---|---|---|---|---|",
    ]
    for module, known in results.items():
        tried, alive = known["tried"], len(known["survivors"])
        same = sum(explained(module, one) is not None for one in known["survivors"])
        share = f"{(tried - alive) / (tried - same):.1%}" if tried > same else ""
        lines.append(f"| {module} | {known['mutants']} | {tried} | {tried - alive} | {same} | {share} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("module", nargs="*", help=", ".join(MODULES))
    parser.add_argument("--sample", type=int, help="try so many changes of each module")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--survivors", action="store_true", help="try those that survived again")
    parser.add_argument("--table", action="store_true", help="try nothing")
    args = parser.parse_args()
    results = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {}
    until = time.monotonic() + 60 * args.minutes
    wanted = [] if args.table else args.module or MODULES
    if wanted:
        preload([path for module in wanted for path in tests_of(module)])
    for module in wanted:
        for known in attempt(module, results.get(module, {}), args.sample, args.survivors):
            results[module] = known
            RESULT.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
            if time.monotonic() > until:
                break
        if time.monotonic() > until:
            break
    print(table(results))


if __name__ == "__main__":
    main()
