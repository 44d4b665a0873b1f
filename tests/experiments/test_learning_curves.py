"""Learning curves: what each network is trained on, and that a run takes up what is there."""

import pytest
import torch

from colorize_lib.data.images import Images
from colorize_lib.errors import InputError
from colorize_lib.experiments.transfer import ARMS, POINTS, Point, curve_recipe, first_of_every_class, run_curves
from colorize_lib.training.recipes import RECIPES, get_recipe


def test_the_arms_differ_in_their_start_alone():
    point = Point(500, 40)
    pretrained, scratch, unet = (curve_recipe(arm, point, 1) for arm in ARMS)
    assert pretrained.pretrained and not scratch.pretrained
    assert (pretrained.frozen, scratch.frozen, unet.encoder) == (4, 0, None)
    shared = ("epochs", "batch", "seed", "shift", "weight_decay", "head")
    assert len({tuple(getattr(recipe, field) for field in shared) for recipe in (pretrained, scratch, unet)}) == 1
    assert pretrained.lr == scratch.lr == get_recipe("transfer").lr


def test_every_network_has_a_name_of_its_own():
    names = [curve_recipe(arm, point, seed).name for point in POINTS for seed in range(point.seeds) for arm in ARMS]
    assert len(set(names)) == len(names)
    assert set(names) & set(RECIPES) == {"transfer", "classification"}


def test_the_shipped_network_is_the_last_point_of_its_curve():
    assert curve_recipe("pretrained", POINTS[-1]) == get_recipe("transfer")
    assert curve_recipe("unet", POINTS[-1]) == get_recipe("classification")
    assert POINTS[-1].images == 50_000


def test_first_of_every_class():
    label = torch.tensor([0, 1] * 20)
    images = Images(torch.arange(40).byte()[:, None, None, None].expand(40, 3, 8, 8), label, "made up", ("a", "b"))
    few = first_of_every_class(images, 6)
    assert few.rgb[:, 0, 0, 0].tolist() == [0, 2, 4, 1, 3, 5]
    assert few.label.tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.slow
@pytest.mark.cifar
def test_a_trial_trains_measures_and_is_taken_up(tmp_path, cifar):
    trial = run_curves(tmp_path, None, [Point(100, 1)], limit=50, device="cpu", progress=False)
    assert [curve["arm"] for curve in trial["curves"]] == list(ARMS)
    assert all(0 < curve["test"]["ab_rmse"] < 60 for curve in trial["curves"])
    made = {file.name: file.stat().st_mtime_ns for file in tmp_path.glob("*.safetensors")}
    assert len(made) == 3
    again = run_curves(tmp_path, None, [Point(100, 1)], limit=50, device="cpu", progress=False)
    assert again["curves"] == trial["curves"]
    assert trial["name"] == "transfer-curves-trial"
    with pytest.raises(InputError, match="pretrained-100-0.safetensors was trained by another recipe"):
        run_curves(tmp_path, None, [Point(100, 2)], limit=50, device="cpu", progress=False)
    assert made == {file.name: file.stat().st_mtime_ns for file in tmp_path.glob("*.safetensors")}
    assert first_of_every_class(cifar("train"), 100).label.bincount().tolist() == [10] * 10
