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
import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path

from sources import LIBRARY, Source, is_dynamic, pattern

ROOT = Path(__file__).resolve().parent.parent
#: Where modules are looked for, as on ``sys.path``.
PLACES = ("", "tools", "book/_ext")
_CHECK = re.compile(r"""\bcheck\(\s*["'](\d+)\.""")
_AUTOMODULE = re.compile(r"^\s*\.\. auto\w+:: (\S+)", re.MULTILINE)
#: Directives of the book to the module that fills them.
DIRECTIVES = {"{front-slider}": "front_picture"}
#: One that is drawn from all code of the library.
ROOMS = "{rooms}"
EVERYTHING = "*"


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
        for call in (node for node in source.nodes if isinstance(node, ast.Call) and is_dynamic(node)):
            if isinstance(call.args[0], ast.Constant):
                continue
            own = bool({"__package__", "__name__"} & {n.id for n in ast.walk(call) if isinstance(n, ast.Name)})
            if own and source.chapters and chapters:
                names = [source.chapters[int(n) - 1] for n in chapters if 0 < int(n) <= len(source.chapters)]
                yield from ((f"{source.package}.{name}", None) for name in names)
            elif own or len(call.args) > 1:
                yield from ((module, None) for module in self.inside(source.package))
            elif any(re.fullmatch(rf"{LIBRARY}[\w.*]*", pattern(node) or "") for node in source.nodes):
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
    return any(map(pattern.match, _called(path)))


@cache
def _called(path: Path) -> tuple[str, ...]:
    """What a file may be called by: its name or its whole path, each with and without its suffix."""
    whole = path.as_posix()
    return path.stem, path.name, whole, whole.removesuffix(path.suffix)


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
