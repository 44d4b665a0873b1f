"""Exercises answered in the page say what ``check`` says, and do not show it to who looks at the page."""

import re

import numpy as np
import pytest
from bare_page import PAGE
from playwright.sync_api import expect

from colorize_lib.errors import InputError
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answer_here, answers_here, table

#: Exercise to range and to numbers that the tests of its check know.
NUMBERS = {
    "7.1": ((0, 1), (2 * 299 / 4096, 299 / 4096, 220 / 4096, 0.5, 0)),
    "4.2": ((0, 5), (0.1604, 1, 0.15, 0)),
    "10.1": ((0, 1), (1 / 9, 1 / 8, 0.2, 8 / 9, 0.5, 1)),
}


@pytest.fixture(scope="module")
def parts():
    return {name: answer_here(name, *ends).html for name, (ends, _) in NUMBERS.items()} | {
        "6.6": answer_here("6.6", choices="abcd").html,
        "8.1": answer_here("8.1", choices={"192 by 192": (192, 192), "576 by 64": (576, 64)}).html,
        "2.2": answers_here("2.2", {"opposite": (0, 1, 0), "right_angle": (0, 1, 0.7071), "one_hue": (0, 1, 1)}).html,
    }


@pytest.fixture(scope="module")
def site(serve, parts, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("answers")
    (folder / "index.html").write_text(PAGE.format(f"<main><h1>Answer</h1>{''.join(parts.values())}</main>"), "utf-8")
    return serve(folder)


@pytest.mark.parametrize("name", NUMBERS)
def test_the_table_says_what_check_says(name):
    ends, known = NUMBERS[name]
    found = table(name, *ends)
    for value in (*known, *np.random.default_rng(0).uniform(*ends, 200)):
        assert found.at(float(value)) == repr(check(name, float(value)))


def test_a_table_without_a_right_answer_is_refused():
    with pytest.raises(InputError, match="None of these answers to exercise 7.1 is right"):
        answer_here("7.1", 0.9, 1)


def test_what_is_called_right_and_is_not_is_refused():
    with pytest.raises(InputError, match="no right answer to exercise 2.2"):
        answers_here("2.2", {"opposite": (0, 1, 0.5), "right_angle": (0, 1, 0.7071), "one_hue": (0, 1, 1)})


def test_the_answer_cannot_be_read_in_the_page(parts):
    for html in parts.values():
        assert not re.search("Right|Not yet. (?!Write|That is not)|binomial|green", html)


def said_of(page, exercise: str):
    """Where the page says what it thinks of the answer to this exercise."""
    return page.get_by_role("group", name=f"Answer exercise {exercise} here").locator(".an-said")


def test_numbers_are_answered_by_keyboard_and_by_button(open_page, site):
    page = open_page(site, has_touch=True, viewport={"width": 390, "height": 844})
    field = page.get_by_label("Your answer to 7.1")
    said = said_of(page, "7.1")
    for i, text in enumerate(("299/2048", "0.5", "0,5", "14.6 %", "-.1", "a half", "")):
        field.fill(text)
        field.press("Enter") if i % 2 else page.get_by_role("button", name="Check").first.tap()
        value = {"299/2048": 299 / 2048, "0.5": 0.5, "0,5": 0.5, "14.6 %": 0.146}.get(text)
        expect(said).to_have_text(repr(check("7.1", value)) if value is not None else re.compile("^✗ Not yet."))
        said.evaluate("place => (place.textContent = '')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_choice_is_answered_at_once_and_a_screen_reader_hears_it(open_page, site):
    page = open_page(site)
    group = page.get_by_role("group", name="Your answer to 6.6")
    for letter in "abcd":
        group.get_by_label(letter).check()
        expect(said_of(page, "6.6")).to_have_text(repr(check("6.6", letter)))
    expect(said_of(page, "6.6")).to_have_attribute("role", "status")


def test_it_is_accessible(open_page, site):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(site)
    page.wait_for_selector(".an-field")
    page.get_by_role("button", name="Check").first.click()
    assert Axe().run(page).response["violations"] == []


def test_a_choice_may_stand_for_what_check_takes(open_page, site):
    page = open_page(site)
    for name, answer in (("192 by 192", (192, 192)), ("576 by 64", (576, 64))):
        page.get_by_label(name).check()
        expect(said_of(page, "8.1")).to_have_text(repr(check("8.1", answer)))


def test_several_numbers_are_judged_together_and_the_first_wrong_one_is_spoken_of(open_page, site):
    page = open_page(site)
    fields = [page.get_by_label(name, exact=True) for name in ("opposite", "right_angle", "one_hue")]
    for text, said in (
        (("0", "", "1"), "✗ Not yet. Write your number into the field of right_angle."),
        (
            ("0", "x", "1"),
            "✗ Not yet. That is not a number in the place of right_angle: write it as 0.25, 1/4 or 25 %.",
        ),
        (("0", "0.5", "0.5"), repr(check("2.2", 0, 0.5, 1))),
        (("0", "0.71", "0.5"), repr(check("2.2", 0, 0.71, 0.5))),
        (("0", "0.71", "1"), repr(check("2.2", 0, 0.71, 1))),
    ):
        for field, one in zip(fields, text, strict=True):
            field.fill(one)
        fields[2].press("Enter")
        expect(said_of(page, "2.2")).to_have_text(said)
