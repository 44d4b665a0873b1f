"""Chapters as notebooks for Colab: their text, the setup cell, and all of them run in a fresh environment."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from importlib import metadata
from pathlib import Path

import colab
import nbformat
import pytest
import repository
import torch
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from plain_markdown import Book, MystError, plain
from sphinx.errors import ConfigError

from colorize_lib.pages.colab import prepare

ROOT = Path(__file__).resolve().parents[2]
BOOK, TOC = ROOT / "book", ROOT / "_toc.yml"
CHAPTERS = [path.stem for path in sorted(BOOK.glob("*.py"))]
GITHUB = repository.find("https://github.com/owner/name", environ={})
SMALL = Book(
    numbers={"eq-a": "3.1", "fig-a": "3.2"},
    titles={"03_x": "The third", "dials": "Two dials"},
    pages={"dials": "04_y", "fig-a": "03_x"},
    citations={"key": ("Li and Wang", "2020", "https://doi.org/1", "A work"), "old": ("Zhang et al.", "", "", "Old")},
    site="https://site",
    files="https://files",
)


# The text


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("```{math}\n:label: eq-a\na\n= b\n```", r"$$a = b \tag{3.1}$$"),
        ("```{math}\na &= b \\\\\nc &= d\n```", r"$$\begin{aligned} a &= b \\ c &= d \end{aligned}$$"),
        ("```{math}\n\\begin{cases} a \\\\ b \\end{cases}\n```", r"$$\begin{cases} a \\ b \end{cases}$$"),
        ("$$a\n= b$$ (eq-a)", r"$$a = b \tag{3.1}$$"),
        ("$$a$$", "$$a$$"),
        ("as {eq}`eq-a` says", "as (3.1) says"),
        ("costs {math}`x^2` or $y_1$", "costs $x^2$ or $y_1$"),
        ("so {cite}`key`.", 'so ([Li and Wang, 2020](https://doi.org/1 "A work")).'),
        ("{cite:t}`key`", '[Li and Wang (2020)](https://doi.org/1 "A work")'),
        (
            "{cite:p}`key, old`",
            '([Li and Wang, 2020](https://doi.org/1 "A work"); [Zhang et al.](https://site/bibliography.html "Old"))',
        ),
        ("[next *one*](03_x)", "[next *one*](https://site/03_x.html)"),
        ("[next](03_x.py#a-b)", "[next](https://site/03_x.html#a-b)"),
        ("[two\nlines](dials)", "[two\nlines](https://site/04_y.html#dials)"),
        ("[out](https://a.b/c)", "[out](https://a.b/c)"),
        ("![a cat](_static/cat.jpg)", "![a cat](https://files/_static/cat.jpg)"),
        ("{ref}`dials` or {ref}`turn <dials>`", "[Two dials](https://site/04_y.html#dials) or [turn](https://site/04_y.html#dials)"),
        ("{doc}`03_x`", "[The third](https://site/03_x.html)"),
        ("{numref}`fig-a`, {numref}`Fig. {number} <fig-a>`", "Figure 3.2, Fig. 3.2"),
        ("a {term}`bin` and {term}`bins <bin>`", "a bin and bins"),
        ("(label)=\n## Title", "## Title"),
        ("[small]{.tiny} and `x`{l=python}", "small and `x`"),
        ("`{eq}` and ``{eq}`x` ``", "`{eq}` and ``{eq}`x` ``"),
        ("```python\n{eq}`x`\n(label)=\n```", "```python\n{eq}`x`\n(label)=\n```"),
        ("```{code-block} python\n:linenos:\nx = 1\n```", "```python\nx = 1\n```"),
        ("```{note}\nMind {eq}`eq-a`.\n```", "> **Note**\n> \n> Mind (3.1)."),
        (":::{margin} Where from\nA *file*.\n:::", "> **Where from**\n> \n> A *file*."),
        ("```{figure} _static/cat.jpg\n:alt: A cat.\n:name: fig-a\nThe cat.\n```",
         "![A cat.](https://files/_static/cat.jpg)\n\n*Figure 3.2: The cat.*"),
        ("- one\n\n  ```{math}\n  a\n  ```", "- one\n\n  $$a$$"),
    ],
)  # fmt: skip
def test_myst_becomes_markdown(myst, markdown):
    assert plain(myst, SMALL) == markdown


@pytest.mark.parametrize(
    "fence", ["```{admonition} Solution\n:class: dropdown\n%s\n```", ":::{dropdown} Solution\n%s\n:::"]
)
def test_what_a_page_folds_is_folded(fence):
    folded = plain("Before.\n" + fence % "See {eq}`eq-a`.\n\n- one" + "\nAfter.", SMALL)
    # Without the blank lines Markdown would take it all for HTML.
    details = "<details>\n<summary>Solution</summary>\n\nSee (3.1).\n\n- one\n\n</details>"
    assert folded == f"Before.\n\n{details}\n\nAfter."


def test_a_link_that_turns_dials_is_its_words():
    assert plain(
        'Set <a class="set" href="#T=1&amp;lam=0.5">$\\lambda$ to\n0.5</a>, then {eq}`eq-a`.', SMALL
    ).startswith("Set $\\lambda$ to\n0.5, then")


def test_a_fence_in_a_fence():
    text = "````{admonition} Solution\n:class: dropdown\n```{math}\n:label: eq-a\na\n```\n```python\nx\n```\n````"
    assert plain(text, SMALL).splitlines()[3:8] == [r"$$a \tag{3.1}$$", "", "```python", "x", "```"]


@pytest.mark.parametrize(
    ("myst", "named"),
    [
        ("{sparkle}`x`", "sparkle"),
        ("```{sparkle}\nx\n```", "sparkle"),
        ("```{note}\n{sparkle}`x`\n```", "sparkle"),
        ("```{note}\nnever closed", "not closed"),
        ("{eq}`eq-none`", "eq-none"),
        ("{cite}`none`", "none"),
        ("[x](10_none)", "10_none"),
        ("{ref}`none`", "none"),
        ("{{ name }}", "name"),
        ("\\begin{align}\na\n\\end{align}", "align"),
        ("term\n: what it means", "what it means"),
    ],
)
def test_what_is_not_known_is_an_error(myst, named):
    with pytest.raises(MystError, match=named):
        plain(myst, SMALL)


def test_without_a_site_links_are_text():
    book = Book(titles={"03_x": "The third"}, citations=SMALL.citations)
    assert plain("[a](03_x), {doc}`03_x`, {cite}`old`", book) == "a, The third, (Zhang et al.)"


# The notebooks


@pytest.fixture(scope="module")
def book() -> Book:
    return colab.read_book(BOOK, TOC, GITHUB)


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_is_a_clean_notebook(page, book):
    notebook = colab.to_notebook(page, BOOK, book, GITHUB)
    text = nbformat.writes(notebook)
    assert not re.findall(r"\{[a-z:]+\}`|`{3}\{|:{3}\{|:label:|:class:|\)=\\n", text)
    words, setup, title = notebook.cells[:3]
    assert "first" in words.source and f"https://owner.github.io/name/{page}.html" in words.source
    assert '"https://github.com/owner/name", "main"' in setup.source
    assert setup.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}, (
        "folded on Colab and in JupyterLab"
    )
    assert title.source.startswith("# ")
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.accelerator == "GPU" and "jupytext" not in notebook.metadata
    assert nbformat.writes(colab.to_notebook(page, BOOK, book, GITHUB)) == text, "the same every time"
    for cell in notebook.cells:
        if colab.FOLDED & set(cell.metadata.get("tags", ())):
            assert cell.source.startswith("#@title ") and cell.metadata.cellView == "form"


def test_equations_have_the_numbers_of_the_pages(book):
    assert book.numbers["eq-anneal"] == "4.1" and book.numbers["eq-rates"] == "6.2"
    fourth = colab.to_notebook("04_annealed_mean", BOOK, book, GITHUB)
    tags = re.findall(r"\\tag\{(.+?)\}", "".join(cell.source for cell in fourth.cells))
    assert len(tags) >= 2 and tags == [f"4.{n}" for n in range(1, len(tags) + 1)]


def test_the_pages_of_a_chapter_share_its_numbers(book):
    last_of_the_chapter = max(
        int(n.split(".")[1])
        for label, n in book.numbers.items()
        if book.pages[label] == "05_rebalancing" and label.startswith("fig")
    )
    assert book.numbers["fig-experiment"] == f"5.{last_of_the_chapter + 1}"
    assert book.numbers["fig-equal"] == f"5.{last_of_the_chapter + 2}"
    text = nbformat.writes(colab.to_notebook("dial_or_training", BOOK, book, GITHUB))
    assert f"*Figure {book.numbers['fig-equal']}: Three metrics" in text


CHAPTER = """\
# %% [markdown]
# # A title
#
# See {numref}`fig-two`.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-one", "caption": "One, *as it is*."}}
1 + 1

# %% tags=["keep"] mystnb={"figure": {"name": "fig-two", "caption": "Two:\\na {term}`bin`."}, "image": {"alt": "Two"}}
2 + 2

# %% tags=["solution"]
3 + 3
"""


@pytest.fixture
def small_book(tmp_path):
    """A book of one chapter, with the settings that concern notebooks."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "one.py").write_text(CHAPTER)
    (tmp_path / "book" / "index.md").write_text("# Front\n")
    (tmp_path / "book" / "references.bib").write_text("@book{a, title={A}, author={B, C}}\n")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n- numbered: true\n  caption: Chapters\n  chapters:\n  - file: one\n"
    )
    (tmp_path / "_config.yml").write_text(
        textwrap.dedent(
            f"""
            title: Small
            only_build_toc_files: true
            repository: {{url: "https://github.com/owner/name"}}
            bibtex_bibfiles: [references.bib]
            execute: {{execute_notebooks: "off"}}
            sphinx:
              local_extensions: {{colab: {ROOT / "book" / "_ext"}}}
              config:
                nb_custom_formats: {{.py: [chapter.read, {{}}]}}
                suppress_warnings: [myst-nb.lexer]  # nothing is run, so nobody says that cells are Python
            """
        )
    )
    return tmp_path


def test_captions_and_folded_cells(small_book):
    book = colab.read_book(small_book / "book", small_book / "_toc.yml", GITHUB)
    cells = colab.to_notebook("one", small_book / "book", book, GITHUB).cells[2:]
    assert [cell.source for cell in cells] == [
        "# A title\n\nSee Figure 1.2.",
        "#@title Figure 1.1 (double-click to see the code)\n1 + 1",
        "*Figure 1.1: One, *as it is*.*",
        "2 + 2",
        "*Figure 1.2: Two: a bin.*",
        "<details>\n<summary>Show the solution</summary>\n\n```python\n3 + 3\n```\n\n"
        "To run it, copy it into the exercise's cell.\n\n</details>",
    ]
    assert [cell.cell_type for cell in cells].count("code") == 2, "a solution is not run"
    assert cells[1].metadata == {"tags": ["hide-input"], "cellView": "form", "jupyter": {"source_hidden": True}}
    assert cells[3].metadata == {"tags": ["keep"]}
    assert len({cell.id for cell in cells}) == len(cells)


def test_a_label_is_taken_once(small_book):
    (small_book / "book" / "index.md").write_text("# Front\n\n(fig-one)=\n## One\n")
    with pytest.raises(MystError, match="'fig-one' is taken, in index"):
        colab.read_book(small_book / "book", small_book / "_toc.yml", GITHUB)


def build(folder: Path, **environment) -> subprocess.CompletedProcess:
    command = [Path(sys.executable).parent / "jupyter-book", "build", folder / "book", "--path-output", folder, "-W"]
    command += ["--keep-going", "--config", folder / "_config.yml", "--toc", folder / "_toc.yml"]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)


@pytest.mark.slow
def test_a_page_has_its_buttons(small_book):
    chapter = small_book / "book" / "one.py"
    chapter.write_text(CHAPTER.replace(' mystnb={"figure"', ' nothing={"figure"').replace("{numref}`fig-two`", "it"))
    run = build(small_book, COLORIZE_REPOSITORY="https://github.com/Fork/name.git", COLORIZE_REVISION="abc")
    assert run.returncode == 0, run.stderr
    html = small_book / "_build" / "html"
    page, front = (html / "one.html").read_text(), (html / "index.html").read_text()
    address = "https://colab.research.google.com/github/Fork/name/blob/gh-pages/_sources/one.ipynb"
    assert f'href="{address}"' in page and 'href="_sources/one.ipynb"' in page
    assert 'href="_sources/one.py"' not in page, "it opens nowhere, and shows the solutions"
    assert '<link rel="canonical" href="https://fork.github.io/name/one.html"' in page
    assert "colab" not in re.sub(r"<link[^>]*>", "", front)
    setup = nbformat.read(html / "_sources" / "one.ipynb", 4).cells[1].source
    assert 'source, revision = "https://github.com/Fork/name", "abc"' in setup


@pytest.mark.slow
def test_unknown_myst_stops_the_build(small_book):
    chapter = small_book / "book" / "one.py"
    chapter.write_text("# %% [markdown]\n# # A title\n#\n# Press {kbd}`Enter`.\n")
    run = build(small_book)
    assert run.returncode and "no notebook for Colab: one: the role {kbd} is not known here" in run.stderr


# The address


@pytest.mark.parametrize(
    ("environ", "url", "revision", "site"),
    [
        ({}, "https://github.com/owner/name", "main", "https://book.org/x"),
        (
            {"COLORIZE_REPOSITORY": "https://github.com/Fork/Copy.git/", "COLORIZE_REVISION": "v1"},
            "https://github.com/Fork/Copy", "v1", "https://fork.github.io/Copy",
        ),
        (
            {"COLORIZE_REPOSITORY": "https://github.com/Fork/fork.github.io", "COLORIZE_REVISION": ""},
            "https://github.com/Fork/fork.github.io", "main", "https://fork.github.io",
        ),
        (
            {"COLORIZE_REPOSITORY": "https://git.example.org/a/b", "COLORIZE_SITE": "https://example.org/"},
            "https://git.example.org/a/b", "main", "https://example.org",
        ),
        ({"COLORIZE_REPOSITORY": "file:///srv/book"}, "file:///srv/book", "main", ""),
    ],
)  # fmt: skip
def test_the_environment_moves_the_repository(environ, url, revision, site):
    found = repository.find("https://github.com/owner/name", "main", "https://book.org/x/", environ)
    assert found == repository.Repository(url, revision, site)
    on_github = url.startswith("https://github.com/")
    assert bool(found.colab("x.ipynb")) == bool(found.raw("book")) == on_github


@pytest.mark.parametrize(
    "environ",
    [
        {"COLORIZE_REPOSITORY": "github.com/owner/name"},
        {"COLORIZE_REPOSITORY": "https://github.com/owner"},
        {"COLORIZE_REPOSITORY": 'https://github.com/owner/na"me'},
        {"COLORIZE_REVISION": "main; rm"},
        {"COLORIZE_SITE": "example.org"},
    ],
)
def test_a_malformed_address_is_one_clear_error(environ):
    with pytest.raises(ConfigError, match=rf"{re.escape(repr(*environ.values()))} is malformed.*COLORIZE_REPOSITORY"):
        repository.find("https://github.com/owner/name", environ=environ)


def test_the_workflow_builds_notebooks_of_its_own_repository():
    workflow = (ROOT / ".github" / "workflows" / "book.yml").read_text()
    step = workflow.split("- run: make book\n")[1].split("- uses")[0]
    assert "COLORIZE_REPOSITORY: ${{ github.server_url }}/${{ github.repository }}" in step
    assert "COLORIZE_REVISION: ${{ github.sha }}" in step


# The setup cell's call


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


# All of it, as on Colab

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
