"""What one Python file says, found by reading it: what it imports, and which files its strings may name.

The only walker of imports. ``reach.py`` follows what it finds, the drawing of the rooms and ``tests/test_rooms.py`` ask
for :func:`inner_imports`.
"""

import ast
import fnmatch
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

LIBRARY = "colorize_lib"
#: Functions whose argument names a file, and those of them where it is a result.
LOADS = re.compile(r"(^|[._])(load|load_\w+|weights_path|read_result)$")
READS = re.compile(r"(^|[._])read_result$|(^|\.)results?\.(read|load)$")
#: What the name of a file has, and "*, *" has not.
_WORD = re.compile(r"[A-Za-z]{2}")
_SUFFIX = re.compile(r"([^*]*/)?\*\.\w+")
_TYPE_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING")


class Source:
    """What one Python file says: what it imports, and which files its strings may name.

    Parameters
    ----------
    text
        The code.
    name
        Of the module, ``"colorize_lib.colour.lab"``; empty for a page.
    path
        Of the file; None for a page.
    """

    def __init__(self, text: str, name: str = "", path: Path | None = None):
        self.name, self.path = name, path
        self.tree = ast.parse(text)
        self.package = name if path and path.name == "__init__.py" else name.rpartition(".")[0]
        body = self.tree.body
        #: Whether names are handed on when somebody asks for them.
        self.lazy = any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in body)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def promised(self) -> set[int]:
        """Imports under ``if TYPE_CHECKING:``, by the id of their nodes."""
        blocks = [node for node in self.nodes if isinstance(node, ast.If) and dotted(node.test) in _TYPE_CHECKING]
        return {id(node) for block in blocks for part in block.body for node in ast.walk(part)}

    @cached_property
    def imports(self) -> list[tuple[str, str | None, str, bool]]:
        """(module, name in it or None, what it is called here, only for type checkers) of every import."""
        found = []
        for node in self.nodes:
            found += [(*one, id(node) in self.promised) for one in _imported(node, self.package)]
        return found

    @cached_property
    def uses(self) -> set[tuple[str, ...]]:
        """Dotted names, ``("torch", "nn", "Module")``, as long as they are written."""
        inner = {id(node.value) for node in self.nodes if isinstance(node, ast.Attribute)}
        outer = [n for n in self.nodes if isinstance(n, ast.Name | ast.Attribute) and id(n) not in inner]
        return {tuple(name.split(".")) for name in map(dotted, outer) if not name.startswith(".")}

    @cached_property
    def defined(self) -> set[str]:
        """Names that the module itself defines when it is imported."""
        named = [getattr(node, "name", None) for node in self.tree.body]
        assigned = [node.id for node in self.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        return {*filter(None, named), *assigned, *(here for _, _, here, promised in self.imports if not promised)}

    @cached_property
    def homes(self) -> dict[str, tuple[str, str | None]]:
        """Of a lazy package: names that it hands on, to (module, name in it or None)."""
        found = {}
        for table in (node.value for node in self.tree.body if isinstance(node, ast.Assign | ast.AnnAssign)):
            for key, value in zip(*_literals(table), strict=True):
                for name, home in ((key, value),) if isinstance(value, str) else ((one, key) for one in value):
                    module = home if home.startswith(LIBRARY) else f"{self.package}.{home.lstrip('.')}"
                    found[name] = (module, name)
        return found | {here: (module, name) for module, name, here, promised in self.imports if promised}

    @cached_property
    def chapters(self) -> list[str]:
        """``CHAPTERS``, where there is one: the module of each chapter's exercises, from the first."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "CHAPTERS":
                return list(ast.literal_eval(node.value))
        return []

    @cached_property
    def named(self) -> re.Pattern:
        """Matches the names of files that this file may mean."""
        return re.compile("") if self._loads_anything() else self.said

    @cached_property
    def said(self) -> re.Pattern:
        """Matches the names of files that a string of this file names."""
        strings = [node for node in self.nodes if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp)]
        patterns = {found for node in strings if _WORD.search(found := pattern(node) or "")}
        if self.name:  # what gets a name and puts a suffix to it: whoever gave the name has named the file
            patterns = {pattern for pattern in patterns if not _SUFFIX.fullmatch(pattern)}
        return any_of(patterns)

    @cached_property
    def read(self) -> re.Pattern:
        """Matches the names of results that this file reads, by the arguments of functions that do."""
        said = [arg for call in self._calls(READS) for arg in call.args]
        if not said:
            return any_of(())
        plain = {pattern(arg) for arg in said}
        return self.named if None in plain else any_of(plain)

    def _calls(self, names: re.Pattern) -> list[ast.Call]:
        calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        return [call for call in calls if names.search(dotted(call.func))]

    def _loads_anything(self) -> bool:
        """Whether something is loaded under a name that is put together here from parts that are not known."""
        args = [call.args[0] for call in self._calls(LOADS) if call.args]
        args = [arg.right if isinstance(arg, ast.BinOp) and isinstance(arg.op, ast.Div) else arg for arg in args]
        sums = [arg for arg in args if isinstance(arg, ast.BinOp) and isinstance(arg.op, ast.Add | ast.Mod)]
        made = [*sums, *(arg for arg in args if isinstance(arg, ast.JoinedStr))]
        return not all(_WORD.search(pattern(arg) or "") for arg in made)


def _imported(node: ast.AST, package: str) -> Iterator[tuple[str, str | None, str]]:
    """(module, name in it or None, what it is called) for an import; ``import_module("...")`` is one."""
    if isinstance(node, ast.Import):
        for alias in node.names:  # "import a.b" calls a by its name
            yield alias.name, None, alias.asname or alias.name.split(".")[0]
    elif isinstance(node, ast.ImportFrom):
        up = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        module = ".".join([*up, *filter(None, [node.module])])
        for alias in node.names:
            yield module, alias.name, alias.asname or alias.name
    elif isinstance(node, ast.Call) and is_dynamic(node) and isinstance(node.args[0], ast.Constant):
        name = str(node.args[0].value)
        yield (f"{package}.{name.lstrip('.')}" if name.startswith(".") else name), None, ""


def is_dynamic(call: ast.Call) -> bool:
    return bool(call.args) and dotted(call.func).rpartition(".")[2] in ("import_module", "__import__")


def dotted(node: ast.AST) -> str:
    """``"a.b"`` of a name or an attribute, ``".b"`` where it is one of something else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _literals(table: ast.AST | None) -> tuple[list[str], list]:
    """Keys and values of a dictionary of strings, or of strings to lists of strings; else nothing."""
    try:
        found = ast.literal_eval(table) if isinstance(table, ast.Dict) else {}
    except ValueError:
        found = {}
    right = {key: value for key, value in found.items() if isinstance(value, str | list | tuple)}
    return list(right), list(right.values())


def pattern(node: ast.AST) -> str | None:
    """What a string may be, with * for what is not known before it runs; None for what is no string."""
    if isinstance(node, ast.Constant):
        return re.sub(r"%\w|\{[^}]*\}", "*", node.value) if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part) or "*" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = pattern(node.left), pattern(node.right)
        return None if left is right is None else f"{left or '*'}{right or '*'}"
    return None


def any_of(patterns: Iterable[str]) -> re.Pattern:
    """Matches what one of them matches: the name of a file, or the end of its path."""
    short = {pattern for pattern in patterns if len(pattern) < 200 and "\n" not in pattern}
    plain = (pattern.replace("[", "[[]") for pattern in sorted(short))  # those of a regular expression
    whole = (f"*/{pattern}" if "/" in pattern else pattern for pattern in plain)
    return re.compile("|".join(map(fnmatch.translate, whole)) or r"(?!)")


def inner_imports(folder: Path) -> dict[str, set[str]]:
    """Each module of a package, with those of its others that it imports, at its top or when a function is called.

    Names are without the package's own, ``"colour.lab"``; that of a folder, ``"colour"``, is its ``__init__``.
    """
    paths = [path for path in sorted(folder.rglob("*.py")) if path != folder / "__init__.py"]
    names = [".".join(path.relative_to(folder).with_suffix("").parts) for path in paths]
    modules = {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}
    found = {}
    for module, path in modules.items():
        source = Source(path.read_text("utf-8"), f"{folder.name}.{module}", path)
        said = {part for where, name, *_ in source.imports for part in (where, f"{where}.{name}")}
        own = {module, module.rpartition(".")[0]}  # whoever imports a module has its folder, too
        found[module] = {name.removeprefix(f"{folder.name}.") for name in said} & modules.keys() - own
    return found
