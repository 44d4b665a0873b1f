"""Which colours are shown, how they are compared, and what of them a screen can show."""

import json
import shutil

import numpy as np
import pytest
import torch

from colorize_lib import cli
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.errors import InputError
from colorize_lib.experiments import hues
from colorize_lib.experiments import versions as made_versions
from colorize_lib.experiments.hues import (
    HUES,
    REFERENCES,
    STRENGTHS,
    clipping,
    gamut_loss,
    hue_tables,
    load_columns,
    make_versions,
    run_hues,
)
from colorize_lib.experiments.versions import VERSIONS, Colour, lab_batches
from colorize_lib.experiments.vgg import SHIPPED, in_words
from colorize_lib.measuring.provenance import source
from colorize_lib.measuring.results import read_result
from colorize_lib.measuring.statistics import mcnemar
from colorize_lib.weights.shipped import weights_path


@pytest.fixture(scope="module")
def images():
    return embedded_cifar10()


# --- what is shown


def test_strength_and_hue_are_changed_one_at_a_time():
    versions = make_versions()
    for row in ("truth", "mean"):
        own = [colour for name, colour in versions.items() if name == row or name.startswith(f"{row}-")]
        assert all(colour.source == VERSIONS[row].source for colour in own)
        assert sorted(colour.strength for colour in own if not colour.hue) == sorted([*STRENGTHS, 1])
        assert sorted(colour.hue for colour in own if colour.strength == 1) == [0, *HUES]
        assert len(own) == len(STRENGTHS) + len(HUES) + 1
    assert {name: versions[name] for name in REFERENCES} == {name: VERSIONS[name] for name in REFERENCES}


# --- what a screen has of it


def loss_of(images, versions: dict[str, Colour]) -> dict[str, dict[str, float]]:
    """What a screen does not have of the versions of a few pictures."""
    (made,) = lab_batches(images.rgb, versions, images.label, device="cpu")
    return gamut_loss({row: clipping(lab).split(8) for row, lab in made.items()})


def test_the_truth_can_be_shown_and_grey_has_no_chroma(images):
    found = loss_of(images, {"truth": VERSIONS["truth"], "grey": VERSIONS["grey"]})
    assert found["truth"]["clipped"] == found["grey"]["clipped"] == found["grey"]["chroma"] == 0
    assert found["truth"]["chroma"] == pytest.approx(found["truth"]["chroma_shown"], rel=1e-4)
    assert found["truth"]["lightness_shift"] < 1e-3
    assert found["grey"]["lightness_shift"] < 0.2  # rounded to 256 levels


def test_the_more_colour_is_asked_for_the_less_of_it_can_be_shown(images):
    versions = {str(strength): Colour("own", strength=strength) for strength in (0.5, 1.0, 1.25, 1.5, 3.0)}
    found = list(loss_of(images, versions).values())
    clipped = [one["clipped"] for one in found]
    assert clipped == sorted(clipped)
    assert clipped[-1] > 0.1
    assert found[-1]["chroma"] == pytest.approx(3 * found[1]["chroma"], rel=1e-4)
    assert found[-1]["chroma_shown"] < 0.9 * found[-1]["chroma"]


def test_clipping_of_a_colour_that_no_screen_has():
    lab = torch.tensor([[50.0, 0.0, 0.0], [90.0, 0.0, -100.0]]).T.reshape(1, 3, 1, 2)  # a mid grey; white, but blue
    clipped, chroma, shown, shift = clipping(lab)[0].tolist()
    assert (clipped, chroma) == (0.5, 50)
    assert shown < 40
    assert shift > 1


# --- the tables


@pytest.fixture(scope="module")
def answers():
    """Made-up answers of two seeds about 40 pictures of 3 classes."""
    rng = np.random.default_rng(0)
    rows = ("grey", "random", "truth", "truth-hue-60")
    return {"colour": {row: rng.dirichlet(np.ones(3), (2, 40)) for row in rows}}


def test_every_row_is_compared_with_every_reference(answers):
    label = np.arange(40) % 3
    found = hue_tables(answers, label, ("a", "b", "c"))
    assert found["images"] == 40
    pairs = {tuple(pair["rows"]): pair for pair in found["pairs"]["colour"]}
    rows = list(answers["colour"])
    assert list(pairs) == [(one, other) for one in REFERENCES for other in rows if other != one]
    right = {row: p.argmax(-1) == label for row, p in answers["colour"].items()}
    for (one, other), pair in pairs.items():
        assert pair["difference"]["mean"] == pytest.approx(right[other].mean() - right[one].mean())
        assert pair["difference"]["low"] < pair["difference"]["mean"] < pair["difference"]["high"]
        assert pair["p"] == [mcnemar(a, b)[2] for a, b in zip(right[one], right[other], strict=True)]
    for row, cell in found["columns"]["colour"].items():
        assert cell["accuracy"]["mean"] == pytest.approx(right[row].mean())
        assert cell["accuracy_of_seed"] == pytest.approx(right[row].mean(1))


# --- the networks


def test_without_a_folder_the_shipped_networks_are_asked():
    assert {column: [one.name for one in several] for column, several in load_columns(None, "cpu").items()} == {
        column: [name] for column, name in SHIPPED.items()
    }


def test_of_a_folder_the_seeds_that_all_columns_have(tmp_path):
    for column, seeds in (("colour", (0, 2, 10)), ("grey", (2, 10)), ("coloured", (2, 3, 10))):
        for seed in seeds:
            shutil.copy(weights_path(SHIPPED[column]), tmp_path / f"vgg-{column}-{seed}.safetensors")
    (tmp_path / "vgg-grey-0.checkpoint").write_text("")
    (tmp_path / "vgg-grey-best.safetensors").write_text("")
    found = load_columns(tmp_path, "cpu")
    assert {column: len(several) for column, several in found.items()} == dict.fromkeys(SHIPPED, 2)
    assert {column: several[0].name for column, several in found.items()} == SHIPPED


def test_a_folder_without_networks_says_what_trains_them(tmp_path):
    with pytest.raises(InputError, match=r"does not hold .* 'colorize experiment vgg --folder .*' trains them"):
        load_columns(tmp_path, "cpu")


# --- the command


@pytest.fixture
def few_versions(monkeypatch):
    versions = {row: VERSIONS[row] for row in REFERENCES} | {"truth-hue-180": Colour("own", hue=180)}
    monkeypatch.setattr(hues, "make_versions", lambda: versions)


def test_pictures_are_coloured_once(few_versions, monkeypatch):
    coloured, real = [], made_versions.lab_with_colour
    monkeypatch.setattr(made_versions, "lab_with_colour", lambda *args: coloured.append(1) or real(*args))
    result = run_hues(quick=True, device="cpu", progress=False)
    assert len(coloured) == len(result["rows"])


def test_a_trial_on_the_embedded_pictures_writes_where_it_is_told(few_versions, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["experiment", "hues", "--quick", "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    assert "20 pictures (test), networks trained on grey pictures" in said
    assert "truth-hue-180" in said
    assert not list(tmp_path.iterdir())
    assert cli.main(["experiment", "hues", "--quick", "-o", "out", "--device", "cpu"]) == 0
    result = json.loads((tmp_path / "out" / "hues-trial.json").read_text())
    assert result["rows"]["truth-hue-180"]["hue"] == 180
    assert result["shipped"] is True
    assert list(result["gamut"]) == list(result["rows"]) == list(result["sets"]["test"]["columns"]["colour"])


@pytest.mark.parametrize("option", [["--data", "x"], ["--limit", "3"]])
def test_a_trial_on_the_embedded_pictures_needs_no_data(option, capsys):
    assert cli.main(["experiment", "hues", "--quick", *option]) == 2
    assert "leave out --data and --limit" in capsys.readouterr().err


def test_the_result_says_which_networks_were_asked_and_what_trains_those_of_a_folder(few_versions, tmp_path):
    result = read_result("hues")
    assert source(result).command == "colorize experiment hues"
    assert source(result).recipe == "vgg-colour, vgg-grey, vgg-coloured, seed 0; colours by classification"
    for column, name in SHIPPED.items():
        shutil.copy(weights_path(name), tmp_path / f"vgg-{column}-0.safetensors")
    made = source(run_hues(tmp_path, quick=True, device="cpu", progress=False))
    assert made.command == "colorize experiment vgg --seeds 1 && colorize experiment hues --quick --folder runs/vgg"
    several = [*result["classifiers"], *({**one, "seed": 1} for one in result["classifiers"])]
    assert in_words(several, ["x"]) == "vgg-colour, vgg-grey, vgg-coloured, seeds 0, 1; colours by x"


def test_the_shipped_result_is_of_these_versions():
    result = read_result("hues")
    assert result["rows"] == {row: colour.settings() for row, colour in make_versions().items()}


def test_the_shipped_result_agrees_with_that_of_the_vgg_experiment():
    """The shipped networks are seed 0 of it, and four of the rows are the same pictures."""
    ours, theirs = (read_result(name)["sets"]["test"]["columns"] for name in ("hues", "vgg"))
    rows = {"grey": "grey", "random": "random", "mean": "mean", "truth": "truth", "truth-strength-0.5": "halved"}
    for column in SHIPPED:
        for one, other in rows.items():
            right = theirs[column][other]["accuracy_of_seed"][0]
            assert ours[column][one]["accuracy"]["mean"] == pytest.approx(right, abs=2e-3)
