"""What a page depends on: what it imports, however, and the files that it names; and nothing else."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from reach import Repository  # noqa: E402

FILES = {
    "colorize_lib/__init__.py": '''
import importlib
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from .colour.lab import rgb_to_lab as rgb_to_lab
    from .inference import Colorizer as Colorizer
__version__ = "1"
def __getattr__(name):
    return getattr(importlib.import_module(_HOMES[name], __name__), name)
''',
    "colorize_lib/errors.py": "",
    "colorize_lib/colour/__init__.py": "",
    "colorize_lib/colour/lab.py": "from ..errors import InputError\nimport torch",
    "colorize_lib/colour/deep/__init__.py": "",
    "colorize_lib/colour/deep/gamut.py": "from ... import errors\nfrom ..lab import rgb_to_lab",
    "colorize_lib/inference/__init__.py": '''
_HOMES = {"Colorizer": "colorizer", "Classifier": "classifier"}
def __getattr__(name): ...
''',
    "colorize_lib/inference/colorizer.py": '''
DEFAULT = "photo"
def load(name=DEFAULT):
    from colorize_lib.files import read
    return read(f"{name}.safetensors")
''',
    "colorize_lib/inference/classifier.py": "import colorize_lib.colour.deep.gamut as bins",
    "colorize_lib/files.py": "",
    "colorize_lib/quiet.py": "",
    "colorize_lib/results.py": "def read_result(name): ...",
    "colorize_lib/recipes.py": 'RECIPES = {"regression": 1, "vgg": 2}',
    "colorize_lib/page.py": 'SCRIPT = "panel.mjs"\nWEB = "web"',
    "colorize_lib/pictures.py": 'FOLDER = "images"',
    "colorize_lib/exercises/__init__.py": "from .verdict import check",
    "colorize_lib/exercises/verdict.py": '''
import importlib
CHAPTERS = ("one", "two")
def check(number):
    return importlib.import_module(f".{CHAPTERS[int(number) - 1]}", __package__)
''',
    "colorize_lib/exercises/one.py": "from ..colour import lab",
    "colorize_lib/exercises/two.py": "from ..results import read_result\nread_result('vgg')",
    "colorize_lib/weights/photo.safetensors": "a",
    "colorize_lib/weights/vgg-grey.safetensors": "b",
    "colorize_lib/weights/vgg-colour.safetensors": "c",
    "colorize_lib/web/panel.mjs": 'import { a } from "./slide.mjs";',
    "colorize_lib/web/slide.mjs": "",
    "colorize_lib/images/cat.png": "d",
    "results/regression.json": "{}",
    "results/vgg.json": "{}",
    "tools/front_picture.py": "from colorize_lib.inference.colorizer import load",
    "book/other.py": "",
}  # fmt: skip


@pytest.fixture
def root(tmp_path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def reached(root: Path, page: str, kind: str = ".py") -> set[str]:
    """Names of the files that a page depends on, without suffixes and without the packages' own files."""
    paths = {path.relative_to(root).as_posix() for path in Repository(root).reach(page, kind)}
    return {re.sub(r"colorize_lib/|\.\w+$", "", path) for path in paths if "__init__" not in path}


LAB = {"colour/lab", "errors"}
COLORIZER = {"inference/colorizer", "files", "weights/photo"}
CLASSIFIER = {"inference/classifier", "colour/deep/gamut", *LAB}


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("import torch\nimport colorize_lib", set()),
        ("from colorize_lib import __version__", set()),
        ("from colorize_lib import rgb_to_lab", LAB),
        ("def late():\n    from colorize_lib import rgb_to_lab", LAB),
        ("import colorize_lib\ncolorize_lib.rgb_to_lab(1)", LAB),
        ("import colorize_lib as c\nc.colour.lab.rgb_to_lab(1)", LAB),
        ("import colorize_lib.quiet", {"quiet"}),
        ("from colorize_lib.colour import lab", LAB),
        ("from colorize_lib.colour.deep.gamut import Gamut", {"colour/deep/gamut", *LAB}),
        ("from colorize_lib import Colorizer", COLORIZER),
        ("from colorize_lib.inference import Colorizer", COLORIZER),
        ("from colorize_lib import inference\ninference.Classifier(1)", CLASSIFIER),
        ("import importlib\nimportlib.import_module('colorize_lib.files')", {"files"}),
        ("if True:\n    try:\n        import colorize_lib.errors\n    except ImportError:\n        pass", {"errors"}),
    ],
)  # fmt: skip
def test_imports_are_followed(root, page, expected):
    assert reached(root, page) == expected


def everything(root: Path) -> set[str]:
    code = {name for name in FILES if name.startswith("colorize_lib") and name.endswith(".py")}
    return {re.sub(r"colorize_lib/|\.\w+$", "", name) for name in code if "__init__" not in name}


@pytest.mark.parametrize(
    "page",
    [
        "from colorize_lib import *",
        "import colorize_lib\nprint(getattr(colorize_lib, name))",
        "from colorize_lib import never_heard_of",
        "import importlib\nimportlib.import_module(f'colorize_lib.{name}')",
    ],
)
def test_where_it_is_not_known_everything_counts(root, page):
    assert everything(root) <= reached(root, page)


def test_an_exercise_brings_the_module_of_its_chapter_alone(root):
    page = "from colorize_lib.exercises import check\n"
    assert reached(root, page + 'check("1.2")') == {"exercises/verdict", "exercises/one", *LAB}
    both = {"exercises/verdict", "exercises/one", "exercises/two", "results", "results/vgg", *LAB}
    assert reached(root, page) == both, "no number, so it may be any"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('read_result("regression")', {"regression"}),
        ('for name in ("regression", "vgg"):\n    read_result(name)', {"regression", "vgg"}),
        ('read_result(f"reg{a}")', {"regression"}),
        ('read_result("reg" + a)', {"regression"}),
        ('read_result(f"{a}{b}")', {"regression", "vgg"}),
        ('"No file is named regression here."', set()),
    ],
)
def test_results_are_those_that_a_page_names(root, page, expected):
    found = {name for name in reached(root, page) if name.startswith("results/")}
    assert found == {f"results/{name}" for name in expected}


def test_what_a_module_merely_calls_like_a_result_is_not_read(root):
    assert reached(root, "import colorize_lib.recipes") == {"recipes"}


def test_weights_are_those_that_anything_in_reach_names(root):
    assert reached(root, 'load(f"vgg-{kind}")') == {"weights/vgg-grey", "weights/vgg-colour"}
    assert reached(root, 'load("vgg-grey")') == {"weights/vgg-grey"}


def test_files_of_the_library_belong_to_who_names_them_or_their_folder(root):
    assert reached(root, "import colorize_lib.page") == {"page", "web/panel", "web/slide"}
    assert reached(root, "import colorize_lib.pictures") == {"pictures", "images/cat"}
    (root / "colorize_lib" / "stray.txt").write_text("")
    assert reached(root, "import colorize_lib.errors") == {"errors", "stray"}, "nobody says whose it is"


def test_a_page_of_the_reference_depends_on_its_modules(root):
    assert reached(root, "Text\n\n.. automodule:: colorize_lib.colour.lab\n", ".rst") == LAB
    assert reached(root, "```{front-slider}\n```", ".md") == {"tools/front_picture", *COLORIZER}
    assert reached(root, "# Title\n\nimport colorize_lib.errors\n", ".md") == set()
    assert everything(root) <= reached(root, "```{rooms}\n```", ".md"), "drawn from all of it"


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("colorize_lib/colour/lab.py", True),
        ("colorize_lib/errors.py", True),  # by lab
        ("colorize_lib/colour/deep/gamut.py", False),
        ("results/regression.json", True),
        ("results/vgg.json", False),
        ("colorize_lib/weights/photo.safetensors", False),
    ],
)
def test_a_fingerprint_changes_with_the_reach_alone(root, file, changes):
    page = 'from colorize_lib import rgb_to_lab\nread_result("regression")'
    before = Repository(root).fingerprint(page)
    assert Repository(root).fingerprint(page) == before
    with (root / file).open("a") as opened:
        opened.write("\n# another line")
    assert (Repository(root).fingerprint(page) != before) == changes


def test_a_fingerprint_changes_with_what_is_installed_and_with_the_data(root, monkeypatch, tmp_path):
    before = Repository(root).fingerprint("")
    monkeypatch.setenv("COLORIZE_DATA", "elsewhere")
    with_data = Repository(root).fingerprint("")
    (tmp_path / "site" / "torch-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert len({before, with_data, Repository(root).fingerprint("")}) == 3


def test_circles_end(root):
    (root / "colorize_lib" / "errors.py").write_text("from .colour import lab")
    assert reached(root, "import colorize_lib.errors") == LAB


# The book as it is


@pytest.fixture(scope="module")
def repository() -> Repository:
    return Repository(ROOT)


@pytest.mark.parametrize("path", sorted((ROOT / "book").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_of_the_book_reaches_what_it_reads_and_not_everything(repository, path):
    text = path.read_text("utf-8")
    reach = repository.reach(text)
    named = {ROOT / "results" / f"{name}.json" for name in re.findall(r'read_result\("([\w.-]+)"\)', text)}
    assert named <= reach
    code = {file for file in reach if file.suffix == ".py"}
    assert {ROOT / "colorize_lib" / "__init__.py"} < code
    assert len(code) < 0.7 * len(list((ROOT / "colorize_lib").rglob("*.py")))
    assert ROOT / "colorize_lib" / "cli.py" not in code


def test_the_twenty_pictures_are_in_reach_of_who_shows_them(repository):
    pictures = set((ROOT / "colorize_lib" / "images" / "cifar10").glob("*.png"))
    assert len(pictures) == 20
    assert pictures <= repository.reach("from colorize_lib import embedded_cifar10")
    assert pictures <= repository.reach((ROOT / "book" / "01_lab.py").read_text("utf-8"))


def test_every_name_that_the_library_hands_on_is_found(repository):
    import colorize_lib

    for name in set(colorize_lib.__all__) - {"__version__"}:
        home = sys.modules[getattr(colorize_lib, name).__module__].__file__
        assert Path(home).relative_to(Path(colorize_lib.__file__).parents[1]) in {
            file.relative_to(ROOT) for file in repository.reach(f"from colorize_lib import {name}")
        }


def test_what_is_loaded_is_in_reach(repository):
    """The modules that Python has loaded once a chapter's imports have run, beside those found by reading."""
    text = (ROOT / "book" / "04_annealed_mean.py").read_text("utf-8")
    imports = [node for node in ast.parse(text).body if "colorize_lib" in getattr(node, "module", "")]
    code = "\n".join(map(ast.unparse, imports))
    code += "\nimport sys\nprint(*[m.__file__ for name, m in sys.modules.items() if name.startswith('colorize_lib')])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {path.rpartition("colorize_lib/")[2] for path in run.stdout.split()}
    assert len(loaded) > 10
    assert loaded <= {
        file.relative_to(ROOT).as_posix().removeprefix("colorize_lib/") for file in repository.reach(text)
    }
