"""The dials: vividness is a lambda."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorize_lib.errors import InputError
from colorize_lib.inference.dials import LAMBDA_RANGE, checked_dials, checked_size, vividness_to_lambda


def test_vividness_ends():
    assert vividness_to_lambda(0) == LAMBDA_RANGE[0] == 1
    assert vividness_to_lambda(100) == pytest.approx(LAMBDA_RANGE[1])
    assert 0 < LAMBDA_RANGE[1] < 1


@given(st.floats(0, 100), st.floats(0, 100))
def test_vividness_is_monotone(one, other):
    low, high = sorted((one, other))
    assert 0 < vividness_to_lambda(high) <= vividness_to_lambda(low) <= 1


@pytest.mark.parametrize("value", [-0.1, 100.1, float("nan"), float("inf")])
def test_vividness_out_of_range(value):
    with pytest.raises(InputError, match="from 0 to 100"):
        vividness_to_lambda(value)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "0.4", None])
def test_a_dial_that_is_no_sensible_number_is_refused(value):
    with pytest.raises(InputError, match="temperature must be above 0"):
        checked_dials(value, 1.0)
    with pytest.raises(InputError, match="lam must be above 0"):
        checked_dials(1.0, value)
    checked_dials(1, 1)


@pytest.mark.parametrize("value", [7, 0, -1, float("nan"), float("inf"), "bogus"])
def test_a_size_that_is_no_sensible_number_is_refused(value):
    with pytest.raises(InputError, match="at least 8 pixels"):
        checked_size(value)
    assert checked_size(None) is None and checked_size(8) == 8
