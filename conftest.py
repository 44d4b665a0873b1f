"""``pytest --nbval`` runs the chapters, which are no notebooks on disk: nbval is given each as one.

``--nbval-lax`` is the same: what is compared is marked in the chapters.
"""

import collections
import os
import sys
from pathlib import Path

import pytest
from nbval import plugin

BOOK = Path(__file__).parent / "book"
#: What differs from run to run, and is no part of a fact.
SANITISER = {r"(?m)[ \t]+$": "", r"\b\d+(\.\d+)? s\b": "TIME s"}


class Chapter(plugin.IPyNbFile):
    """A chapter, run cell by cell. A cell that opens with ``prints`` or ``shows`` is compared, see book/_ext."""

    def collect(self):
        from chapter import read

        with pytest.MonkeyPatch.context() as patch:  # nbval can read nothing but an .ipynb file
            patch.setattr(plugin.nbformat, "read", lambda path, **_: read(Path(path).read_text("utf-8")))
            return list(super().collect())

    def setup_sanitize_files(self):
        self.sanitize_patterns.update(SANITISER)
        super().setup_sanitize_files()


class NoModule(pytest.File):
    """A chapter that pytest was pointed to by name, and would import to look for tests in it."""

    def collect(self):
        return []


def pytest_configure(config: pytest.Config):
    sys.path.insert(0, str(BOOK / "_ext"))
    if not config.option.nbval_kernel_name:  # "python3" may be any Python that somebody has installed a kernel for
        config.option.nbval_current_env = True
    config.option.nbval_kernel_startup_timeout = 300  # a busy machine is slow, not wrong
    if getattr(config.option, "dist", None) == "load":  # pytest -n 2: a cell needs those before it, a test its module's
        config.option.dist, config.option.loadscopereorder = "loadscope", False  # in the order given below
        # Two that take both processors each would wait for one another, and PyTorch's threads wait by spinning.
        share = (os.cpu_count() or 1) // (config.option.numprocesses or 1)
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, share)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]):
    """With several workers the modules that take longest come first: at the end no worker shall be alone with one."""
    if hasattr(config, "workerinput"):
        seconds = collections.Counter()
        for item in items:
            seconds[item.path] += about(item)
        items.sort(key=lambda item: -seconds[item.path])  # stable, so each module keeps its order


def about(item: pytest.Item) -> float:
    """Roughly how many seconds a test takes: those marked slow, in a browser, of a chapter's cell, and the others."""
    if item.get_closest_marker("slow"):
        return 30
    if {"chromium", "firefox"} & set(getattr(item, "fixturenames", ())):
        return 5
    return 2 if isinstance(item, plugin.IPyNbCell) else 0.1


def pytest_collect_file(file_path: Path, parent: pytest.Collector):
    option = parent.config.option
    if (option.nbval or option.nbval_lax) and file_path.suffix == ".py" and file_path.parent == BOOK:
        return Chapter.from_parent(parent, path=file_path)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector):
    if module_path.parent == BOOK:
        return NoModule.from_parent(parent, path=module_path)
