"""The door for the next person: what CONTRIBUTING.md names is there, and what stands in two places is the same."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
import yaml

import colorize_lib

if sys.version_info >= (3, 11):
    import tomllib
else:  # pytest brings it along
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]


def test_every_test_that_the_guide_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", GUIDE))
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 10
    assert {name for name in named if f"def {name}(" not in source} == set()


def test_every_file_and_command_that_the_guide_names_is_there():
    here = re.findall(r"`((?:book|tests|tools|benchmarks|colorize_lib|\.ci)/[\w./-]+|_toc\.yml)`", GUIDE)
    here += re.findall(r"bin/python ([\w/]+\.py)", GUIDE)
    assert {name for name in here if "NN_" not in name and not (ROOT / name).exists()} == set()
    tests = {path.name for path in (ROOT / "tests").rglob("*.py")}
    assert set(re.findall(r"`(test_\w+\.py)`", GUIDE)) <= tests
    makefile, targets = (ROOT / "Makefile").read_text("utf-8"), re.findall(r"`(?:\w+=\S+ )*make ([a-z]+)", GUIDE)
    assert len(set(targets)) >= 4 and all(f"\n{target}:" in makefile for target in targets)


def test_every_place_in_the_guide_that_is_linked_to_is_there():
    headings = {re.sub(r"\W+", "-", line.lower()) for line in re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", GUIDE)) <= headings


def test_the_newest_version_of_the_changelog_is_the_packages():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## ([\d.]+)", text, re.MULTILINE)[1] == colorize_lib.__version__
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["version"] == colorize_lib.__version__


def test_ruff_before_a_commit_is_the_ruff_of_make_lint():
    (bound,) = (line for line in PROJECT["optional-dependencies"]["test"] if line.startswith("ruff"))
    ruff = [hook for hook in HOOKS if hook["entry"].startswith("ruff")]
    assert len(ruff) == 2
    assert all(hook["additional_dependencies"] == [bound] for hook in ruff)


def test_no_file_is_too_large_for_the_hook():
    (hook,) = (hook for hook in HOOKS if hook["id"] == "large-files")
    limit = 1024 * int(re.search(r"--maxkb=(\d+)", hook["entry"])[1])
    folders = ("book", "colorize_lib", "results", "benchmarks", "tests", "tools")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    large = {path.relative_to(ROOT).as_posix() for path in files if path.is_file() and path.stat().st_size > limit}
    assert large and all(re.search(hook["exclude"], name) for name in large)


@pytest.fixture
def setup():
    spec = importlib.util.spec_from_file_location("setup_of_the_package", ROOT / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_description_of_the_package_leads_to_the_repository(setup):
    repository = PROJECT["urls"]["Source"]
    assert setup.absolute("![a](b/c.jpg), [d](E.md), [f](#g), [h](https://i.org)") == (
        f"![a]({repository}/raw/main/b/c.jpg), [d]({repository}/blob/main/E.md), [f](#g), [h](https://i.org)"
    )
    written = setup.absolute((ROOT / "README.md").read_text("utf-8"))
    assert f"({repository}/raw/main/book/_static/photographs.jpg)" in written
    assert re.findall(r"\]\((?!https://|#)[^)]*\)", written) == []


def test_relative_addresses_of_the_readme_are_files(setup):
    found = [path for *_, path in setup.RELATIVE.findall((ROOT / "README.md").read_text("utf-8"))]
    assert found and all((ROOT / path).is_file() for path in found)


def test_the_addresses_of_the_project_are_those_of_the_book():
    from repository import find

    told = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]
    book = find(told["url"], told["branch"], environ={})
    assert (book.url, book.site) == (PROJECT["urls"]["Source"], PROJECT["urls"]["Book"].rstrip("/"))
