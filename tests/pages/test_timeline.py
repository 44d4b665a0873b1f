"""A timeline shows its works in order, each with its family in words, and none runs out of the drawing."""

import re

from colorize_lib.pages.drawing import KINDS
from colorize_lib.pages.timeline import Work, timeline

WORKS = [
    Work(2016, "Second", "a distribution for each pixel", "data"),
    Work(2004, "First", "a person draws", "learned"),
    Work(2016, "Third", "the same & at once", "data"),
]
FAMILIES = {"data": "machine", "learned": "person"}


def test_works_are_in_the_order_of_their_years_and_a_year_is_written_once():
    svg = timeline(WORKS, FAMILIES).html
    words = re.findall(r">([^<>]+)</text>", svg)
    assert [w.partition(":")[0] for w in words if ": " in w] == ["First", "Second", "Third"]
    assert [w for w in words if w.isdigit()] == ["2004", "2016"]


def test_the_family_is_said_in_words_and_shown_as_a_colour():
    svg = timeline(WORKS, FAMILIES).html
    assert "First: person" in svg
    assert re.findall(r'<circle[^>]* fill="([^"]+)"', svg) == [KINDS["learned"], KINDS["data"], KINDS["data"]]


def test_who_cannot_see_it_hears_all_of_it():
    label = re.search(r'aria-label="([^"]+)"', timeline(WORKS, FAMILIES).html)[1]
    for work in WORKS:
        assert f"{work.year}, {work.who}" in label
    assert "the same &amp; at once" in label


def test_the_last_work_is_inside_of_the_drawing():
    svg = timeline(WORKS, FAMILIES).html
    height = float(re.search(r'viewBox="0 0 \S+ ([\d.]+)"', svg)[1])
    assert max(float(y) for y in re.findall(r'<text [^>]*y="([\d.]+)"', svg)) < height
