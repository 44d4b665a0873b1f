"""Exercises answered in the page say what ``check`` says, and do not show it to who looks at the page."""

import re

import numpy as np
import pytest

from colorize_lib.errors import InputError
from colorize_lib.exercises import check
from colorize_lib.exercises.in_page import answer_here, table

PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Answer</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Answer</h1>{}</main></body></html>"""
#: Exercise to range and to numbers that the tests of its check know.
NUMBERS = {
    "7.1": ((0, 1), (2 * 299 / 4096, 299 / 4096, 220 / 4096, 0.5, 0)),
    "4.2": ((0, 5), (0.1604, 1, 0.15, 0)),
    "10.1": ((0, 1), (0.1, 1 / 9, 0.9, 0.5, 1)),
}


@pytest.fixture(scope="module")
def parts():
    return {name: answer_here(name, *ends).html for name, (ends, _) in NUMBERS.items()} | {
        "6.6": answer_here("6.6", choices="abcd").html
    }


@pytest.fixture(scope="module")
def site(serve, parts, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("answers")
    (folder / "index.html").write_text(PAGE.format("".join(parts.values())), "utf-8")
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


def test_the_answer_cannot_be_read_in_the_page(parts):
    for html in parts.values():
        assert not re.search("Right|Not yet. (?!Write|That is not)|binomial|green", html)


def verdict(page, i: int) -> str:
    page.wait_for_function("i => document.querySelectorAll('.an-said')[i].textContent !== ''", arg=i)
    return page.locator(".an-said").nth(i).inner_text()


def test_numbers_are_answered_by_keyboard_and_by_button(open_page, site):
    page = open_page(site, has_touch=True, viewport={"width": 390, "height": 844})
    field = page.get_by_label("Your answer to 7.1")
    for i, text in enumerate(("299/2048", "0.5", "0,5", "14.6 %", "-.1", "a half", "")):
        page.evaluate("document.querySelector('.an-said').textContent = ''")
        field.fill(text)
        field.press("Enter") if i % 2 else page.get_by_role("button", name="Check").first.tap()
        said = verdict(page, 0)
        value = {"299/2048": 299 / 2048, "0.5": 0.5, "0,5": 0.5, "14.6 %": 0.146}.get(text)
        if value is not None:
            assert said == repr(check("7.1", value))
        else:
            assert said.startswith("✗ Not yet.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_choice_is_answered_at_once_and_a_screen_reader_hears_it(open_page, site):
    page = open_page(site)
    group = page.get_by_role("group", name="Your answer to 6.6")
    for letter in "abcd":
        page.evaluate("document.querySelectorAll('.an-said')[2].textContent = ''")
        group.get_by_label(letter).check()
        assert verdict(page, 2) == repr(check("6.6", letter))
    assert page.locator(".an-said").nth(2).get_attribute("role") == "status"


def test_it_is_accessible(open_page, site):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(site)
    page.wait_for_selector(".an-field")
    page.get_by_role("button", name="Check").first.click()
    assert Axe().run(page).response["violations"] == []
