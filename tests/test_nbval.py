"""``pytest --nbval`` can fail: a chapter with broken facts does not pass."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: A chapter in which every kind of fact is stated once.
CHAPTER = """\
# %% [markdown]
# # A small chapter

# %%
import torch
from colorize_lib.exercises import check

# %% tags=["hide-input"]
light = torch.tensor([20.0, 80.0])
assert light.mean() == 50

# %% prints="[20.0, 80.0]\\n"
print(light.tolist())

# %%
light.max()  # what nobody states is not compared


# %% tags=["solution"]
def average_grey(rgb: torch.Tensor) -> torch.Tensor:
    return rgb.float().mean(1, keepdim=True) / 2.55


assert check("1.3", average_grey)
"""
#: What is broken: a line of it, what it becomes, and what fails then.
BREAKS = (
    ("mean() == 50", "mean() == 51", "AssertionError"),
    ("print(light.tolist())", "print(light[:1].tolist())", "reference_output == test_output failed"),
    ("keepdim=True) / 2.55", "keepdim=True) / 2.5", 'assert check("1.3", average_grey)'),
)
WHOLE = 2  # cells that nobody broke


def run(folder: Path, *options: str) -> subprocess.CompletedProcess:
    """pytest at the root of a folder."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", *options, "--color=no", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.parametrize(
    "options",
    [
        ["--nbval"],
        pytest.param(["--nbval-lax"], marks=pytest.mark.slow),
        pytest.param(["--nbval", "-n", "2"], marks=pytest.mark.slow),  # the cells of a chapter stay together
    ],
    ids=" ".join,
)
def test_a_chapter_with_broken_facts_fails(tmp_path, options):
    for name in ("conftest.py", "pyproject.toml", "book/_ext/chapter.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    text = CHAPTER
    for right, wrong, _ in BREAKS:
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    (tmp_path / "book" / "01_small.py").write_text(text, "utf-8")

    outcome = run(tmp_path, *options)

    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert re.search(rf"{len(BREAKS)} failed, {WHOLE} passed", outcome.stdout), outcome.stdout
    assert all(says in outcome.stdout for *_, says in BREAKS)


def test_without_the_option_no_chapter_is_collected():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "book", "book/01_lab.py"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert outcome.returncode == 5, outcome.stdout  # no tests
