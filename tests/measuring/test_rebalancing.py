"""Reading curves where they are alike: known values, and what holds for every curve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorize_lib.measuring.curves import at_equal, best_at_equal, dial_curves
from colorize_lib.measuring.results import read_result

numbers = st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 3))
curves = st.lists(st.fixed_dictionaries({"x": numbers, "y": numbers}), max_size=8)


def test_known_values():
    curve = [{"x": 0.0, "y": 10.0}, {"x": 2.0, "y": 20.0}, {"x": 1.0, "y": 0.0}]
    assert at_equal(curve, "x", 0.5) == [{"x": 0.5, "y": 12.5}]
    assert at_equal(curve, "x", 1.5) == [{"x": 1.5, "y": 17.5}, {"x": 1.5, "y": 10.0}]  # up, and down again
    assert at_equal(curve, "x", 2.0) == [{"x": 2.0, "y": 20.0}]  # a row is met once
    assert at_equal(curve, "x", 0.0) == [{"x": 0.0, "y": 10.0}]
    assert at_equal(curve, "x", 1.0) == [{"x": 1.0, "y": 15.0}, {"x": 1.0, "y": 0.0}]
    assert at_equal(curve, "x", 2.1) == []  # nothing is extrapolated
    assert at_equal([], "x", 0.0) == []


def test_a_level_stretch_counts_once():
    assert at_equal([{"x": 1.0, "y": 1.0}, {"x": 1.0, "y": 2.0}], "x", 1.0) == [{"x": 1.0, "y": 1.0}]


@given(curves, numbers)
def test_what_is_found_lies_on_the_curve(curve, at):
    found = at_equal(curve, "x", at)
    assert all(row["x"] == at for row in found)
    values = [row["x"] for row in curve]
    assert bool(found) == bool(values and min(values) <= at <= max(values))
    for row in found:
        assert min(r["y"] for r in curve) - 1e-9 <= row["y"] <= max(r["y"] for r in curve) + 1e-9


@given(curves, numbers)
def test_backwards_it_is_the_same_curve(curve, at):
    if len({row["x"] for row in curve}) == len(curve):  # level stretches have a direction
        there, back = at_equal(curve, "x", at), at_equal(curve[::-1], "x", at)
        assert [row["y"] for row in there] == pytest.approx([row["y"] for row in back[::-1]])


def test_best_of_several():
    one, other = [{"x": 0.0, "y": 1.0}, {"x": 1.0, "y": 1.0}], [{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 4.0}]
    assert best_at_equal([one, other], "x", 0.5, "y") == {"x": 0.5, "y": 2.0}
    assert best_at_equal([one, other], "x", 0.5, "y", higher=False) == {"x": 0.5, "y": 1.0}
    assert best_at_equal([one, other], "x", 2.0, "y") is None


def test_a_grid_has_lines_both_ways():
    rows = [{"lam": lam, "temperature": t} for lam in (1.0, 0.5) for t in (1.0, 0.38)]
    rows.append({"lam": 1.0, "temperature": 0.89})  # at one lambda only
    lines = dial_curves(rows)
    assert [[(row["lam"], row["temperature"]) for row in line] for line in lines] == [
        [(0.5, 0.38), (0.5, 1.0)],
        [(1.0, 0.38), (1.0, 0.89), (1.0, 1.0)],
        [(0.5, 0.38), (1.0, 0.38)],
        [(0.5, 1.0), (1.0, 1.0)],
    ]
    assert len(dial_curves(rows[:2])) == 1  # one lambda: one line


def test_a_measured_row_is_found_again():
    rows = read_result("classification")["test"]
    row = next(row for row in rows if (row["lam"], row["temperature"]) == (0.5, 0.6))
    found = [place for line in dial_curves(rows) for place in at_equal(line, "auc", row["auc"])]
    assert any(place == row for place in found)
