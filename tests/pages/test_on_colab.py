"""On Colab: the setup cell, and every chapter run in a fresh environment."""

import os
import re
import shutil
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import colab
import nbformat
import pytest
import repository
import torch
from chapters import BOOK, CHAPTERS, ROOT, TOC
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from plain_markdown import Book

from colorize_lib.pages.colab import prepare


def test_prepare_without_a_gpu(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    prepare()
    said = capsys.readouterr().out
    assert "No GPU" in said and "patches" in said and said.count("\n") <= 2


def test_prepare_with_a_gpu(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Some GPU")
    monkeypatch.setenv("COLORIZE_DATA", str(tmp_path))
    prepare()
    assert re.fullmatch(r"Some GPU\. .* patches .*cifar10\.tgz.*\n", capsys.readouterr().out)
    (tmp_path / "cifar10" / "train").mkdir(parents=True)
    prepare()
    assert capsys.readouterr().out == "Some GPU. A chapter that trains a network does so on all of CIFAR-10.\n"


def test_prepare_switches_widgets_on_in_colab(tmp_path, monkeypatch, capsys):
    write_stand_in(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    prepare()
    assert capsys.readouterr().out.startswith(SWITCHED_ON)


SWITCHED_ON = "widgets switched on\n"

#: What the book needs of what Colab brings along.
BROUGHT = ("pip", "torch", "torchvision", "numpy", "pandas", "matplotlib", "scikit-image", "fastai", "ipykernel",
           "nbclient", "ipywidgets")  # fmt: skip
LAST = "import colorize_lib, torch\nprint(colorize_lib.__file__, torch.__version__)"


def with_all_they_need(*names: str) -> list[metadata.Distribution]:
    """The installed packages of these names, and whatever pip would bring with them."""
    found, waiting = {}, [(name, "") for name in names]
    for name, extra in waiting:  # grows
        if (name, extra) not in found:
            found[name, extra] = package = metadata.distribution(name)
            for need in map(Requirement, package.requires or []):
                if not need.marker or need.marker.evaluate({"extra": extra}):
                    waiting += [(canonicalize_name(need.name), wanted) for wanted in ("", *need.extras)]
    return [package for (_, extra), package in found.items() if not extra]


def lend(package: metadata.Distribution, folder: Path) -> None:
    """Link the files of an installed package into another environment, whose site-packages ``folder`` is.

    To pip and to Python they are installed there. Commands are left out: they would start the Python of here.
    """
    commands = folder.parents[2] / "bin"
    for file in package.files:
        path, link = Path(package.locate_file(file)), Path(os.path.normpath(folder / file))
        if path.is_file() and link.parent != commands:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)


def write_stand_in(folder: Path) -> None:
    """As much of ``google.colab`` as we call, and as anywidget reads of it."""
    package = folder / "google" / "colab"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "files.py").write_text("def upload():\n    return {}\n")
    (package / "output").mkdir()
    (package / "output" / "_widgets.py").write_text("_installed_url = None\n")
    (package / "output" / "__init__.py").write_text(
        "from . import _widgets\n\n\ndef enable_custom_widget_manager():\n"
        f"    _widgets._installed_url = 'https://localhost'\n    print({SWITCHED_ON.strip()!r})\n"
    )


class Colab:
    """A fresh virtual environment with what Colab brings along, and a commit of the working tree to install.

    What Colab brings along is lent by this environment, and not downloaded: with PyTorch it is some gigabytes.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "home").mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        self.python = folder / "venv" / "bin" / "python"
        self.packages = next(folder.glob("venv/lib/python*/site-packages"))
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "SSL_", "LANG", "OMP_", "MALLOC_"))
        }
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        self.env = {**kept, **proxies, "HOME": str(folder / "home"), "CUDA_VISIBLE_DEVICES": ""}
        self.env["PATH"] = f"{self.python.parent}:{os.environ['PATH']}"

    def pip(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [self.python, "-m", "pip", *arguments]
        return subprocess.run(command, env=self.env, cwd=self.folder, capture_output=True, text=True)

    def commit(self) -> repository.Repository:
        """A repository of what lies in the working tree, committed or not."""
        copy = self.folder / "repository"
        git = ["git", "-C", copy, "-c", "user.name=test", "-c", "user.email=test@localhost"]
        listed = subprocess.check_output(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, text=True)
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy / name)
        for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
            subprocess.run([*git, *arguments], check=True)
        revision = subprocess.check_output([*git, "rev-parse", "HEAD"], text=True).strip()
        # With a host, as addresses of the web have one: older pips take no other address behind an @.
        address = copy.as_uri().replace("file://", "file://localhost", 1)
        environ = {"COLORIZE_REPOSITORY": address, "COLORIZE_REVISION": revision}
        return repository.find("", environ=environ)

    def execute(self, notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
        """Run a notebook from an empty folder; raises AssertionError with what it wrote if a cell fails."""
        path = self.folder / name / f"{name}.ipynb"
        path.parent.mkdir()
        nbformat.write(notebook, path)
        execute = "from nbclient.cli import main; main()"  # what `jupyter execute` starts
        command = [self.python, "-c", execute, "--timeout=600", "--inplace", path]
        run = subprocess.run(command, env=self.env, cwd=path.parent, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr[-5000:]
        assert list(path.parent.iterdir()) == [path], "chapters leave nothing behind"
        return nbformat.read(path, 4)

    def origin(self) -> Path | None:
        """Where pip noted what it installed the library from."""
        return next(self.folder.glob("venv/lib/python*/site-packages/colorize_lib-*/direct_url.json"), None)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A :class:`Colab` with this PyTorch."""
    machine = Colab(tmp_path_factory.mktemp("colab"))
    for package in with_all_they_need(*BROUGHT):
        lend(package, machine.packages)
    write_stand_in(machine.packages)
    if machine.pip("download", "--no-deps", "--dest", str(machine.folder / "probe"), "wheel").returncode:
        pytest.skip("NOT TESTED: no package index can be reached.")
    return machine


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


def test_what_the_setup_cell_imports_is_there():
    cell = (BOOK / "_ext" / "setup_cell.ipy").read_text("utf-8")
    imports = re.findall(r"(?m)^from colorize_lib.*", cell)
    assert imports
    exec("\n".join(imports))


@pytest.mark.slow
def test_a_failed_installation_says_so(fresh):
    nowhere = repository.find("", environ={"COLORIZE_REPOSITORY": "file:///nowhere/at/all"})
    setup = colab.setup_cells("page", Book(titles={"page": "Page"}), nowhere)
    with pytest.raises(AssertionError, match=r"could not be installed with torch==.*Disconnect and delete runtime"):
        fresh.execute(nbformat.v4.new_notebook(cells=setup), "setup")


@pytest.mark.slow
def test_every_chapter_runs_on_colab(fresh, capsys):
    source, written = fresh.commit(), None
    book = colab.read_book(BOOK, TOC, source)
    for page in CHAPTERS:
        notebook = colab.to_notebook(page, BOOK, book, source)
        notebook.cells.append(nbformat.v4.new_code_cell(LAST, id="last"))
        start = time.monotonic()
        done = fresh.execute(notebook, page)
        with capsys.disabled():
            print(f"\n{page} ran on the stand-in for Colab in {time.monotonic() - start:.0f} s", end="", flush=True)
        said = printed(done.cells[1])
        assert SWITCHED_ON in said and "No GPU" in said
        place, version = printed(done.cells[-1]).split()
        assert Path(place).is_relative_to(fresh.folder / "venv")
        assert version == torch.__version__
        # The first chapter installs the library; the others find it there.
        assert written in (None, fresh.origin().stat().st_mtime_ns)
        written = fresh.origin().stat().st_mtime_ns
