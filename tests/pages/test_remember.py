"""The number to remember is in bold, and no other."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from colorize_lib.errors import InputError
from colorize_lib.measuring.provenance import report
from colorize_lib.measuring.results import read_result
from colorize_lib.pages.remember import remember

FRAME = pd.DataFrame({"AuC": [1.5, 2.25], "what <is> said": ["a", "b & c"]}, index=["grey", "truth"])


def bold(table: object) -> list[str]:
    return [tag.text for tag in BeautifulSoup(table._repr_html_(), "html.parser")("strong")]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ([("truth", "AuC")], ["2.25"]),
        ([("grey", "AuC")], ["1.50"]),
        ([("truth", "what <is> said")], ["b & c"]),
        ([("grey", "AuC"), ("truth", "AuC")], ["1.50", "2.25"]),
        ([("truth", "AuC"), ("truth", "what <is> said")], ["2.25", "b & c"]),
    ],
)
def test_the_cells_that_are_named_are_bold(cells, wanted):
    assert bold(remember(FRAME, *cells)) == wanted


def test_nothing_else_is_changed():
    shown = remember(FRAME, ("truth", "AuC"))
    assert shown._repr_html_().replace("<strong>", "").replace("</strong>", "") == FRAME._repr_html_()
    assert repr(shown) == repr(FRAME)


def test_rows_in_groups_are_named_by_both_their_names():
    frame = pd.DataFrame({"%": [1, 2, 3]}, index=pd.MultiIndex.from_tuples([("x", "T"), ("x", "U"), ("y", "T")]))
    assert bold(remember(frame, (("x", "U"), "%"))) == ["2"]


def test_a_report_keeps_it():
    shown = report(remember(FRAME, ("grey", "AuC")), read_result("vgg"))
    assert "<strong>1.50</strong>" in shown._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("cells", [[], [("grey", "AUC")], [("gray", "AuC")], [("truth", "AuC"), ("grey", "x")]])
def test_what_is_not_there_is_told(cells):
    with pytest.raises(InputError, match=r"remember needs|is not one cell of the table"):
        remember(FRAME, *cells)
