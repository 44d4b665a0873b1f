"""Exercises: a blank one is never right, and every chapter has some with hints and solutions."""

import re
from pathlib import Path

import pytest
from chapter import read

from colorize_lib.exercises import check

BOOK = Path(__file__).resolve().parent.parent / "book"
CHAPTERS = sorted(BOOK.glob("[0-9]*.py"))
CALL = re.compile(r'check\("(\d+\.\d+)"')


def cells(path: Path, tag: str) -> dict[str, str]:
    """Exercise number to the source of the cell of this kind that calls its check."""
    tagged = [c.source for c in read(path.read_text("utf-8")).cells if tag in c.metadata.get("tags", [])]
    found = {CALL.search(source)[1]: source for source in tagged if CALL.search(source)}
    assert len(found) == len(tagged), f"every cell tagged {tag} calls its own check"
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_two_to_five_exercises_each_with_hint_and_solution(path):
    chapter = int(path.stem[:2])
    stubs, solutions = cells(path, "exercise"), cells(path, "solution")
    assert list(stubs) == list(solutions) == [f"{chapter}.{n}" for n in range(1, len(stubs) + 1)]
    assert 2 <= len(stubs) <= 5
    assert all("assert check(" in source for source in solutions.values())
    text = path.read_text("utf-8")
    for number in stubs:
        question = text.split(f"**Exercise {number}.")[1].split('tags=["exercise"]')[0]
        assert "```{admonition} Hint\n# :class: dropdown\n" in question, number


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_check_is_content_with_the_blank_cell(path):
    imports = next(part for part in re.split(r"^# %%.*\n", path.read_text("utf-8"), flags=re.M) if "\nimport " in part)
    for number, source in cells(path, "exercise").items():
        body, call = source.rsplit("\n", 1)
        assert call.startswith(f'check("{number}"'), "the cell shows the verdict"
        scope = {}
        exec(imports + body, scope)  # only the repository's own text
        verdict = eval(call, scope)
        assert not verdict, number
        assert "three dots" in verdict.message


@pytest.mark.parametrize("number", ["", "1", "0.1", "1.9", "99.1", "one.two", "1.verdict"])
def test_an_exercise_that_does_not_exist_is_named(number):
    with pytest.raises(ValueError, match="no exercise"):
        check(number, 1)


def test_a_verdict_shows_itself_without_markup_from_the_answer():
    verdict = check("1.3", lambda rgb: 1 / 0)
    assert "✗ Not yet. Your function stops with ZeroDivisionError" in verdict._repr_html_()
    verdict = check("1.1", 32, type("<b>", (), {})())
    assert "<b>" not in verdict._repr_html_()
