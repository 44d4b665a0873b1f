"""Minutes to read and to run: counted and measured by the build, never typed."""

import re
from pathlib import Path

import pytest
from docutils.core import publish_doctree
from runtimes import WORDS_A_MINUTE, in_words, words

ROOT = Path(__file__).resolve().parent.parent
TEXT = """
Title of three
==============

Five words are in here.

::

    code = "is not read"

.. math:: a = b

- A list counts.

Exercises
---------

Those are done, not read.

After
-----

Two more.
"""


def test_the_running_text_is_counted_without_code_formulas_and_exercises():
    assert words(publish_doctree(TEXT)) == 3 + 5 + 3 + 1 + 2


@pytest.mark.parametrize(
    ("count", "seconds", "said"),
    [
        (0, 0.5, "About 1 minute to read, and 1 minute to run"),
        (12 * WORDS_A_MINUTE, 61, "About 12 minutes to read, and 2 minutes to run"),
    ],
)
def test_minutes_are_whole_and_at_least_one(count, seconds, said):
    assert in_words(count, seconds).startswith(said)


def test_no_chapter_types_its_minutes():
    for path in (ROOT / "book").glob("*.py"):
        assert not re.search(r"\d+ minutes? to (read|run)", path.read_text("utf-8")), path.name
