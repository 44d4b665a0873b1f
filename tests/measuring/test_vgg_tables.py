"""From probabilities to tables: known numbers, and what must hold whatever the numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from colorize_lib.measuring.statistics import mcnemar
from colorize_lib.measuring.tables import compare, gap_share, mistaken_for, pair_of, summarise, tables

CLASSES = ("cat", "dog", "frog")
few = settings(max_examples=15)


def said(right: np.ndarray, label: np.ndarray, sure: float = 0.8) -> np.ndarray:
    """Probabilities ``(S, N, 3)`` of ones who are right where ``right`` ``(S, N)`` says so, always as sure."""
    answer = np.where(right, label, (label + 1) % 3)
    p = np.full((*right.shape, 3), (1 - sure) / 2)
    np.put_along_axis(p, answer[..., None], sure, -1)
    return p


def some_right(seed: int, share: float, seeds: int = 2, n: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).random((seeds, n)) < share


@pytest.fixture
def label() -> np.ndarray:
    return np.arange(60) % 3


def test_a_row_of_known_numbers(label):
    right = np.zeros((2, 60), bool)
    right[0, :30] = right[1, :45] = True
    summary = summarise(said(right, label), label, CLASSES).summary
    assert summary["accuracy"]["mean"] == pytest.approx((0.5 + 0.75) / 2)
    assert summary["accuracy_of_seed"] == [0.5, 0.75]
    assert summary["p_true"]["mean"] == pytest.approx(0.625 * 0.8 + 0.375 * 0.1)
    assert summary["p_true_of_seed"] == pytest.approx([0.45, 0.625])
    assert summary["confidence"] == pytest.approx({"mean": 0.8, "low": 0.8, "high": 0.8})
    assert summary["ece"]["mean"] == pytest.approx((0.3 + 0.05) / 2)
    assert summary["accuracy_of_class"] == pytest.approx({"cat": 0.625, "dog": 0.625, "frog": 0.625})


def test_a_class_that_does_not_occur_has_no_accuracy():
    label = np.array([0, 0, 2])
    summary = summarise(said(np.ones((1, 3), bool), label), label, CLASSES).summary
    assert summary["accuracy_of_class"] == {"cat": 1, "frog": 1}


@few
@given(st.integers(0, 99), st.floats(0.05, 0.95), st.integers(1, 3), st.integers(1, 50))
def test_means_lie_in_their_intervals(seed, share, seeds, n):
    label = np.arange(n) % 3
    summary = summarise(said(some_right(seed, share, seeds, n), label), label, CLASSES).summary
    for key in ("accuracy", "p_true", "confidence"):
        entry = summary[key]
        assert -1e-6 <= entry["low"] <= entry["mean"] + 1e-6
        assert entry["mean"] - 1e-6 <= entry["high"] <= 1 + 1e-6
    assert 0 <= summary["ece"]["low"] <= summary["ece"]["high"] <= 1 + 1e-6
    assert summary["accuracy"]["mean"] == pytest.approx(np.mean(summary["accuracy_of_seed"]))


@few
@given(st.permutations(range(30)))
def test_the_order_of_the_pictures_does_not_matter_for_means(order):
    label = np.arange(30) % 3
    p = said(some_right(1, 0.6, n=30), label)
    one, other = (summarise(p[:, i], label[i], CLASSES).summary for i in (slice(None), list(order)))
    assert one["accuracy_of_class"] == pytest.approx(other["accuracy_of_class"])
    for key in ("accuracy", "p_true", "ece"):
        assert one[key]["mean"] == pytest.approx(other[key]["mean"])


def test_the_most_frequent_mistake_of_each_class():
    label = np.array([0, 0, 0, 0, 1, 1])
    answer = np.array([[0, 1, 2, 2, 1, 1], [0, 0, 2, 1, 1, 0]])  # of cats 4 right, 1 + 1 dogs, 2 + 1 frogs
    found = mistaken_for(answer, label, CLASSES)
    assert found == {"cat": {"class": "frog", "share": 3 / 8}, "dog": {"class": "cat", "share": 1 / 4}}


@few
@given(st.integers(0, 99), st.floats(0, 1))
def test_mistakes_are_never_the_class_itself_nor_more_than_there_are(seed, share):
    label = np.arange(60) % 3
    summary = summarise(said(some_right(seed, share), label), label, CLASSES).summary
    for name, mistake in summary["mistaken_for"].items():
        assert mistake["class"] != name
        assert 0 <= mistake["share"] <= 1 - summary["accuracy_of_class"][name] + 1e-9


def test_a_comparison_is_paired(label):
    a, b = some_right(1, 0.6), some_right(2, 0.8)
    one, other = (summarise(said(right, label), label, CLASSES) for right in (a, b))
    result = compare(one, other)
    assert result["difference"]["mean"] == pytest.approx(b.mean() - a.mean())
    expected = bootstrap(
        (a.mean(0), b.mean(0)), lambda x, y, axis: (y - x).mean(axis), paired=True, n_resamples=10_000,
        method="percentile", rng=1,
    ).confidence_interval  # fmt: skip
    assert (result["difference"]["low"], result["difference"]["high"]) == pytest.approx(tuple(expected), abs=0.01)
    tests = [mcnemar(x, y) for x, y in zip(a, b, strict=True)]
    assert list(zip(result["b"], result["c"], result["p"], strict=True)) == tests


def test_one_and_the_same_do_not_differ(label):
    cell = summarise(said(some_right(1, 0.6), label), label, CLASSES)
    assert compare(cell, cell) == {
        "difference": {"mean": 0, "low": 0, "high": 0}, "b": [0, 0], "c": [0, 0], "p": [1, 1]
    }  # fmt: skip


def test_the_share_of_the_gap(label):
    grey, truth = np.zeros((1, 60), bool), np.ones((1, 60), bool)
    half = np.arange(60)[None] < 30
    cells = {k: summarise(said(v, label), label, CLASSES) for k, v in {"g": grey, "t": truth, "h": half}.items()}
    assert gap_share(cells["g"], cells["g"], cells["t"]) == {"mean": 0, "low": 0, "high": 0}
    assert gap_share(cells["t"], cells["g"], cells["t"]) == {"mean": 1, "low": 1, "high": 1}
    share = gap_share(cells["h"], cells["g"], cells["t"])
    assert share["mean"] == 0.5
    assert 0.3 < share["low"] < 0.45 < 0.55 < share["high"] < 0.7


def test_there_is_no_share_of_a_gap_that_may_not_be_there(label):
    grey, same, other = (summarise(said(some_right(seed, 0.6), label), label, CLASSES) for seed in (1, 1, 2))
    assert gap_share(other, grey, same) is None
    assert gap_share(other, same, summarise(said(np.zeros((2, 60), bool), label), label, CLASSES)) is None


@pytest.mark.parametrize(("more", "certain"), [(2, False), (6, True)])
def test_there_is_a_share_of_a_gap_only_where_the_gap_is_certain(more, certain):
    """That truth gets 2 of 20 right that grey does not may be chance: 12 % of all resamples hold neither. 6 do not."""
    label, rank = np.arange(20) % 3, np.arange(20)[None]
    grey, truth = (summarise(said(rank < right, label), label, CLASSES) for right in (8, 8 + more))
    assert (gap_share(truth, grey, truth) is not None) is certain


def test_everything_is_compared_that_should_be(label):
    rows = ("grey", "coloured", "truth")
    answers = {
        column: {row: said(some_right(i + 3 * j, 0.5 + 0.2 * j), label) for j, row in enumerate(rows)}
        for i, column in enumerate(("colour", "grey"))
    }
    result = tables(answers, label, CLASSES)
    assert result["images"] == 60
    assert {column: list(found) for column, found in result["columns"].items()} == {
        "colour": list(rows), "grey": list(rows)
    }  # fmt: skip
    pairs = [["grey", "coloured"], ["grey", "truth"], ["coloured", "truth"]]
    assert [pair["rows"] for pair in result["pairs"]["colour"]] == pairs
    assert pair_of(result, "colour", "grey", "truth") == result["pairs"]["colour"][1]
    compared = result["columns_compared"]
    assert all(entry["one"] == ["grey", "grey"] for entry in compared)
    assert [tuple(entry["other"]) for entry in compared] == [
        *(("colour", row) for row in rows), ("grey", "coloured"), ("grey", "truth")
    ]  # fmt: skip
    accuracy = {
        (column, row): cell["accuracy"]["mean"]
        for column, rows in result["columns"].items()
        for row, cell in rows.items()
    }
    for entry in compared:
        expected = accuracy[tuple(entry["other"])] - accuracy["grey", "grey"]
        assert entry["difference"]["mean"] == pytest.approx(expected)
