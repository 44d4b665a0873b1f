"""The metrics as means over pictures are the metrics of all of them."""

import numpy as np
import pytest
import torch

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.resolution import halve
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.measuring import by_picture
from colorize_lib.measuring.by_picture import COLUMNS, MEASURES, measures, numbers
from colorize_lib.measuring.evaluate import Judge


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(embedded_cifar10(), Gamut())


@pytest.mark.parametrize("coloured", ["halved", "noisy", "grey"])
def test_means_over_pictures_give_what_the_metrics_say(judge, monkeypatch, coloured):
    ab = {
        "halved": halve(judge.ab),
        "noisy": judge.ab + 20 * torch.randn(judge.ab.shape, generator=torch.Generator().manual_seed(0)),
        "grey": torch.zeros_like(judge.ab),
    }[coloured]
    whole = numbers(ab, judge)
    assert whole.shape == (len(ab), len(COLUMNS))
    found, right = dict(zip(MEASURES, measures(whole.mean(0)), strict=True)), judge.measure(ab)
    assert found == pytest.approx({name: right[name] for name in MEASURES}, rel=1e-5, abs=1e-9)
    monkeypatch.setattr(by_picture, "BATCH", 7)
    np.testing.assert_allclose(numbers(ab, judge), whole, rtol=1e-6)


def test_measures_of_resamples_are_those_of_each(judge):
    every = numbers(halve(judge.ab), judge)
    drawn = np.stack([every[:10].mean(0), every[10:].mean(0)])[:, None]  # (2, 1, 12)
    found = measures(drawn)
    assert found.shape == (2, 1, len(MEASURES))
    np.testing.assert_array_equal(found[1, 0], measures(every[10:].mean(0)))
