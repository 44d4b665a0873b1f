"""Exercises: a blank one is never right, and every chapter has some with hints and solutions."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from chapter import read

from colorize_lib.exercises import check

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = sorted(BOOK.glob("[0-9]*.py"))
CALL = re.compile(r'check\("(\d+\.\d+)"')


def cells(path: Path, tag: str) -> dict[str, str]:
    """Exercise number to the source of the cell of this kind that calls its check."""
    tagged = [c.source for c in read(path.read_text("utf-8")).cells if tag in c.metadata.get("tags", [])]
    found = {CALL.search(source)[1]: source for source in tagged if CALL.search(source)}
    assert len(found) == len(tagged), f"every cell tagged {tag} calls its own check"
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_two_to_seven_exercises_each_with_hint_and_solution(path):
    chapter = int(path.stem[:2])
    stubs, solutions = cells(path, "exercise"), cells(path, "solution")
    assert list(stubs) == list(solutions) == [f"{chapter}.{n}" for n in range(1, len(stubs) + 1)]
    assert 2 <= len(stubs) <= 7
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


def test_the_first_slips_of_a_beginner_get_a_sentence():
    assert 'between quotes: check("4.2", ...)' in check(4.2, 0.14).message
    assert check("4.4", 0.38).message == (
        'Exercise 4.4 asks for 2 answers, in this order: check("4.4", temperature, lam). You gave 1.'
    )
    assert check("4.2", 0.14, 1).message == 'Exercise 4.2 asks for one answer: check("4.2", temperature). You gave 2.'
    assert "You gave none." in check("4.2").message


@pytest.mark.parametrize("answer", ["1/0", "one", [0.25], {}, np.zeros(2), torch.zeros(2), object()])
def test_what_is_no_number_is_told_so(answer):
    verdict = check("9.1", answer)
    assert not verdict
    assert "should be a single number" in verdict.message


@pytest.mark.parametrize("answer", ["grey", 3, {1, 2, 3}, [[1], [2, 3]], [object()] * 3, None])
def test_what_is_no_tensor_is_told_so(answer):
    verdict = check("4.3", answer)
    assert not verdict
    assert "should be a tensor, not a" in verdict.message


@pytest.mark.parametrize("answer", ["01234", 5, np.array(5), None, {1: 2}])
def test_what_lists_nothing_is_told_so(answer):
    verdict = check("7.3", answer)
    assert not verdict
    assert "A list of five numbers" in verdict.message
