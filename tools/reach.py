"""What a page of the book depends on, found by reading, without running anything; and the hash of all that.

A chapter runs again when one of the files in its reach changed, and only then. The reach of a page or a module is

- the modules that it imports, and those that they import, wherever in a file: relative or not, in a function or not.
  Of a package that hands names on lazily, as ``colorize_lib`` does, the modules behind the names that are used;
- the results that a page names, and those that a module in reach reads;
- the weights that any of them names, and other files of the library (pictures, scripts of the pages).

A file is named by a string: ``"regression"``, or ``f"vgg-{kind}"``, which names all that begin so. Where it cannot be
known what is meant, everything is taken: a chapter that runs once too often costs a minute, a stale one is wrong.
"""

import ast
import fnmatch
import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Where modules are looked for, as on ``sys.path``.
PLACES = ("", "tools", "book/_ext")
LIBRARY = "colorize_lib"
#: Functions whose argument names a file, and those of them where it is a result.
LOADS = re.compile(r"(^|[._])(load|load_\w+|weights_path|read_result)$")
READS = re.compile(r"(^|[._])read_result$|(^|\.)results?\.(read|load)$")
_CHECK = re.compile(r"""\bcheck\(\s*["'](\d+)\.""")
_AUTOMODULE = re.compile(r"^\s*\.\. auto\w+:: (\S+)", re.MULTILINE)
#: Directives of the book to the module that fills them.
DIRECTIVES = {"{front-slider}": "front_picture"}
#: One that is drawn from all code of the library.
ROOMS = "{rooms}"
EVERYTHING = "*"
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
        blocks = [node for node in self.nodes if isinstance(node, ast.If) and _dotted(node.test) in _TYPE_CHECKING]
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
        return {tuple(name.split(".")) for name in map(_dotted, outer) if not name.startswith(".")}

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
        patterns = {found for node in strings if _WORD.search(found := _pattern(node) or "")}
        if self.name:  # what gets a name and puts a suffix to it: whoever gave the name has named the file
            patterns = {pattern for pattern in patterns if not _SUFFIX.fullmatch(pattern)}
        return _any_of(patterns)

    @cached_property
    def read(self) -> re.Pattern:
        """Matches the names of results that this file reads, by the arguments of functions that do."""
        said = [arg for call in self._calls(READS) for arg in call.args]
        if not said:
            return _any_of(())
        plain = {_pattern(arg) for arg in said}
        return self.named if None in plain else _any_of(plain)

    def _calls(self, names: re.Pattern) -> list[ast.Call]:
        calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        return [call for call in calls if names.search(_dotted(call.func))]

    def _loads_anything(self) -> bool:
        """Whether something is loaded under a name that is put together here from parts that are not known."""
        args = [call.args[0] for call in self._calls(LOADS) if call.args]
        args = [arg.right if isinstance(arg, ast.BinOp) and isinstance(arg.op, ast.Div) else arg for arg in args]
        sums = [arg for arg in args if isinstance(arg, ast.BinOp) and isinstance(arg.op, ast.Add | ast.Mod)]
        made = [*sums, *(arg for arg in args if isinstance(arg, ast.JoinedStr))]
        return not all(_WORD.search(_pattern(arg) or "") for arg in made)


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
    elif isinstance(node, ast.Call) and _is_dynamic(node) and isinstance(node.args[0], ast.Constant):
        name = str(node.args[0].value)
        yield (f"{package}.{name.lstrip('.')}" if name.startswith(".") else name), None, ""


def _is_dynamic(call: ast.Call) -> bool:
    return bool(call.args) and _dotted(call.func).rpartition(".")[2] in ("import_module", "__import__")


def _dotted(node: ast.AST) -> str:
    """``"a.b"`` of a name or an attribute, ``".b"`` where it is one of something else."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _literals(table: ast.AST | None) -> tuple[list[str], list]:
    """Keys and values of a dictionary of strings, or of strings to lists of strings; else nothing."""
    try:
        found = ast.literal_eval(table) if isinstance(table, ast.Dict) else {}
    except ValueError:
        found = {}
    right = {key: value for key, value in found.items() if isinstance(value, str | list | tuple)}
    return list(right), list(right.values())


def _pattern(node: ast.AST) -> str | None:
    """What a string may be, with * for what is not known before it runs; None for what is no string."""
    if isinstance(node, ast.Constant):
        return re.sub(r"%\w|\{[^}]*\}", "*", node.value) if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part) or "*" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _pattern(node.left), _pattern(node.right)
        return None if left is right is None else f"{left or '*'}{right or '*'}"
    return None


def _any_of(patterns: Iterable[str]) -> re.Pattern:
    """Matches what one of them matches: the name of a file, or the end of its path."""
    short = {pattern for pattern in patterns if len(pattern) < 200 and "\n" not in pattern}
    whole = (f"*/{pattern}" if "/" in pattern else pattern for pattern in sorted(short))
    return re.compile("|".join(map(fnmatch.translate, whole)) or r"(?!)")


class Repository:
    """The files of a copy of the book, as they were when they were first looked at.

    Parameters
    ----------
    root
        The folder that holds ``book``, ``colorize_lib`` and ``results``.
    """

    def __init__(self, root: Path = ROOT):
        self.root, self._sources, self._hashes, self._needed = root, {}, {}, {}

    def source(self, module: str) -> Source | None:
        """A module of the repository by its name; None for those of others."""
        if module not in self._sources:
            stem = self.root / module.replace(".", "/")
            files = [self.root / place / f"{module.replace('.', '/')}.py" for place in PLACES]
            found = next((path for path in (*files, stem / "__init__.py") if module and path.is_file()), None)
            self._sources[module] = found and Source(found.read_text("utf-8"), module, found)
        return self._sources[module]

    def inside(self, package: str) -> list[str]:
        """All modules of a package, however deep."""
        paths = sorted((self.root / package.replace(".", "/")).rglob("*.py"))
        names = [path.relative_to(self.root).with_suffix("").as_posix().replace("/", ".") for path in paths]
        return [name.removesuffix(".__init__") for name in names]

    def follow(self, start: Source, chapters: Iterable[str] = ()) -> list[Source]:
        """Every module that ``start`` imports, directly or not; of the exercises those of these chapters."""
        chapters = frozenset(chapters)
        seen, waiting = set(), [*self._needs(start, chapters)]
        while waiting:
            need = waiting.pop()
            if need in seen:
                continue
            seen.add(need)
            module, name = need
            if parent := module.rpartition(".")[0]:
                waiting.append((parent, None))
            if source := self.source(module):
                waiting += self._needs(source, chapters) if name is None else self._handed(source, name)
        return [source for module in sorted({module for module, _ in seen}) if (source := self.source(module))]

    def _needs(self, source: Source, chapters: frozenset[str]) -> list[tuple[str, str | None]]:
        if (source, chapters) not in self._needed:
            self._needed[source, chapters] = list(self._imports(source, chapters))
        return self._needed[source, chapters]

    def _imports(self, source: Source, chapters: frozenset[str]) -> Iterator[tuple[str, str | None]]:
        """What is imported when ``source`` is, and when its functions run."""
        called = {}
        for module, name, here, promised in source.imports:
            if promised and source.lazy:
                continue  # in their turn, when they are asked for
            yield module, None
            if name == "*":
                yield module, EVERYTHING
            elif name:
                yield from self._named(module, name)
                called[here] = f"{module}.{name}"
            else:
                called[here] = module if here != module.split(".")[0] else here
        for here, *rest in source.uses:
            if self.source(called.get(here, "")):
                yield from self._used(called[here], rest)
        if not source.lazy:
            yield from self._unknown(source, chapters)

    def _named(self, module: str, name: str) -> Iterator[tuple[str, str | None]]:
        """``from module import name``: a module, or something that the module hands on."""
        yield module, name
        if self.source(f"{module}.{name}"):
            yield f"{module}.{name}", None

    def _used(self, module: str, rest: list[str]) -> Iterator[tuple[str, str | None]]:
        """``module.a.b``, or the module itself given to somebody, who may do anything with it."""
        if not rest:
            yield module, EVERYTHING
        for name in rest:
            yield from self._named(module, name)
            module = f"{module}.{name}"
            if not self.source(module):
                break

    def _handed(self, source: Source, name: str) -> Iterator[tuple[str, str | None]]:
        """Where a lazy package has a name from."""
        if not source.lazy or name in source.defined:
            return
        if name in source.homes:
            module, inner = source.homes[name]
            yield module, None
            if inner:
                yield from self._named(module, inner)
        elif not self.source(f"{source.name}.{name}"):  # everything, or a name that nobody knows
            yield from ((module, None) for module in self.inside(source.package))

    def _unknown(self, source: Source, chapters: frozenset[str]) -> Iterator[tuple[str, str | None]]:
        """What a module imports under a name that is put together when it runs."""
        for call in (node for node in source.nodes if isinstance(node, ast.Call) and _is_dynamic(node)):
            if isinstance(call.args[0], ast.Constant):
                continue
            own = bool({"__package__", "__name__"} & {n.id for n in ast.walk(call) if isinstance(n, ast.Name)})
            if own and source.chapters and chapters:
                names = [source.chapters[int(n) - 1] for n in chapters if 0 < int(n) <= len(source.chapters)]
                yield from ((f"{source.package}.{name}", None) for name in names)
            elif own or len(call.args) > 1:
                yield from ((module, None) for module in self.inside(source.package))
            elif any(re.fullmatch(rf"{LIBRARY}[\w.*]*", _pattern(node) or "") for node in source.nodes):
                yield from ((module, None) for module in self.inside(LIBRARY))

    @cached_property
    def data(self) -> list[Path]:
        """Files of the library that are no code and no weights."""
        paths = [path for path in sorted((self.root / LIBRARY).rglob("*")) if path.is_file()]
        return [path for path in paths if path.suffix not in (".py", ".safetensors", ".pyc")]

    @cached_property
    def everyone(self) -> list[Source]:
        """All modules of the library: who of them names a file?"""
        return [source for module in self.inside(LIBRARY) if (source := self.source(module))]

    @cached_property
    def _fallback(self) -> dict[Path, str]:
        """Data that nobody names, to how they are found: by the name of their folder, or "" if not even by that."""
        named = self._by_name([one.said for one in self.everyone])
        rest = [path for path in self.data if path not in named]
        folders = {path: path.parent.name for path in rest}
        known = {name for name in set(folders.values()) if any(one.named.match(name) for one in self.everyone)}
        return {path: name if name in known and name != LIBRARY else "" for path, name in folders.items()}

    def _by_name(self, patterns: list[re.Pattern]) -> set[Path]:
        """Data that these match, and what is named in those in turn, as scripts import one another."""
        found = {path for path in self.data if any(_names(one, path) for one in patterns)}
        waiting = list(found)
        while waiting:
            path = waiting.pop()
            text = path.read_text("utf-8") if path.suffix in (".mjs", ".js", ".css", ".html") else ""
            more = {other for other in self.data if other.name in text} - found
            found |= more
            waiting += more
        return found

    def reach(self, page: str, kind: str = ".py") -> set[Path]:
        """All files that a page depends on, from its text; ``kind`` is the suffix of its file."""
        if kind == ".py":
            start = Source(page)
        else:
            modules = [*_AUTOMODULE.findall(page), *(DIRECTIVES[name] for name in DIRECTIVES if name in page)]
            modules += self.inside(LIBRARY) if ROOMS in page else []
            start = Source("\n".join(f"from {module} import *" for module in modules))
        return self._reach(start, set(_CHECK.findall(page)))

    def reach_of_file(self, path: Path) -> set[Path]:
        """All files that a script depends on, itself included."""
        return {path, *self._reach(Source(path.read_text("utf-8"), path.stem, path))}

    def _reach(self, start: Source, chapters: Iterable[str] = ()) -> set[Path]:
        followed = self.follow(start, chapters)
        sources = [start, *followed]
        results = (self.root / "results").glob("*.json")
        weights = (self.root / LIBRARY).rglob("*.safetensors")
        found = {source.path for source in followed}
        found |= {p for p in results if _names(start.named, p) or any(_names(one.read, p) for one in followed)}
        found |= {path for path in weights if any(_names(one.named, path) for one in sources)}
        if any(source.name.startswith(LIBRARY) for source in followed):
            found |= self._by_name([one.named for one in sources])
            found |= {
                path
                for path, folder in self._fallback.items()
                if not folder or any(one.named.match(folder) for one in sources)
            }
        return found

    def fingerprint(self, page: str, kind: str = ".py") -> str:
        """Hash of all that the page depends on but its own text."""
        return self.hash(self.reach(page, kind))

    def hash(self, files: Iterable[Path]) -> str:
        """Hash of files, with their places, and of :func:`surroundings`."""
        digest = hashlib.sha256(surroundings().encode())
        for path in sorted(set(files)):
            if path not in self._hashes:
                self._hashes[path] = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(self.root).as_posix()} {self._hashes[path]}\n".encode())
        return digest.hexdigest()


def _names(pattern: re.Pattern, path: Path) -> bool:
    whole = path.as_posix()
    return any(map(pattern.match, (path.stem, path.name, whole, whole.removesuffix(path.suffix))))


def surroundings() -> str:
    """What everything depends on: Python, what is installed, the data set, the GPUs."""
    installed = {path.name for place in sys.path if place for path in Path(place).glob("*.dist-info")}
    gpus = sorted(path.name for path in Path("/dev").glob("nvidia[0-9]*"))
    told = [os.environ.get(name) for name in ("COLORIZE_DATA", "CUDA_VISIBLE_DEVICES")]
    return "\n".join([sys.version, *sorted(installed), repr([told, gpus])])


def panel() -> str:
    """Hash of what "Colour your own photo" is made from: the tool that makes it, its reach, what npm fetches."""
    repository, tools = Repository(), ROOT / "tools"
    return repository.hash({*repository.reach_of_file(tools / "photo_panel.py"), *(tools / "photo_panel").iterdir()})
