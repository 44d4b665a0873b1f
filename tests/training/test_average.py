"""The running average of the weights: its values, that dev pictures see it, and that a stopped run goes on with it."""

from dataclasses import replace

import pytest
import torch

from colorize_lib.colour.gamut import Gamut
from colorize_lib.data.batches import colour_dataloaders
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.training.average import AveragedWeights
from colorize_lib.training.learner import build_learner, train, training_prior
from colorize_lib.training.recipes import Recipe
from colorize_lib.weights.shipped import load_weights

RECIPE = Recipe("average", "bins", widths=(8, 16), epochs=3, batch=16, lr=1e-2, seed=1, ema=0.75)


@pytest.fixture(scope="module")
def images():
    return photograph_patches(64)


@pytest.fixture
def learner(images):
    gamut = Gamut(grid=25)
    dls = colour_dataloaders(images, embedded_cifar10(), 16, device="cpu")
    return build_learner(RECIPE, dls, gamut, training_prior(gamut, images))


def step(average: AveragedWeights, network: torch.nn.Module, value: float) -> None:
    for tensor in network.state_dict().values():
        tensor.fill_(value)
    average.after_step()


def test_each_step_moves_the_average_by_the_share_that_the_decay_leaves(learner):
    """From 0, towards 1: 1 - (1 - 9/10), then on by 8/11, 7/12 ... and by 1/4 at last."""
    average = AveragedWeights(0.75)
    average.learn = learner
    for tensor in learner.model.state_dict().values():
        tensor.zero_()
    average.before_fit()
    left = 1.0
    for t in range(40):
        step(average, learner.model, 1)
        left *= min(0.75, (1 + t) / (10 + t))
        for key, tensor in average.state.items():
            expected = 1 if key.endswith("num_batches_tracked") else 1 - left
            torch.testing.assert_close(tensor.double(), torch.full(tensor.shape, expected).double(), atol=1e-5, rtol=0)
    assert average.steps == 40


def test_the_network_has_the_average_for_the_dev_pictures_and_its_own_weights_afterwards(learner):
    average = AveragedWeights(0.5)
    learner.add_cb(average)
    average.before_fit()
    step(average, learner.model, 3)
    own = {key: value.clone() for key, value in learner.model.state_dict().items()}
    average.before_validate()
    assert all(torch.equal(value, average.state[key]) for key, value in learner.model.state_dict().items())
    average.after_validate()
    assert all(torch.equal(value, own[key]) for key, value in learner.model.state_dict().items())
    assert not torch.equal(own["head.weight"], average.state["head.weight"])


def fit(recipe, images, folder):
    return load_weights(train(recipe, images, embedded_cifar10(), folder, Gamut(grid=25), "cpu", progress=False))


def test_the_average_is_what_is_written_and_followed_on_dev(images, tmp_path):
    plain = fit(replace(RECIPE, ema=0), images, tmp_path / "plain")
    weights = fit(RECIPE, images, tmp_path / "average")
    saved = torch.load(tmp_path / "average" / "average.checkpoint", weights_only=True)
    assert saved["average"]["steps"] == 12
    # The same steps were taken: the average takes no part in them.
    torch.testing.assert_close(saved["model"]["head.bias"], plain.state["head.bias"], rtol=0, atol=0)
    torch.testing.assert_close(weights.state["head.bias"], saved["average"]["state"]["head.bias"], rtol=0, atol=0)
    assert not torch.equal(weights.state["head.bias"], plain.state["head.bias"])
    gamut = Gamut(grid=25)
    dls = colour_dataloaders(images, embedded_cifar10(), 16, device="cpu")
    again = build_learner(RECIPE, dls, gamut, training_prior(gamut, images))
    again.model.load_state_dict(weights.state, strict=False)
    with again.no_bar():
        assert float(again.validate()[0]) == pytest.approx(weights.meta["history"][-1]["dev_loss"], abs=0.01)
    assert weights.meta["recipe"]["ema"] == 0.75


def test_a_stopped_run_goes_on_with_its_average(images, tmp_path, monkeypatch):
    expected = fit(RECIPE, images, tmp_path / "whole").state
    after, calls = AveragedWeights.after_step, []

    def stop(self):
        calls.append(1)
        if len(calls) == 7:  # in the second epoch of four steps
            raise KeyboardInterrupt
        after(self)

    with monkeypatch.context() as patch:
        patch.setattr(AveragedWeights, "after_step", stop)
        with pytest.raises(KeyboardInterrupt):
            fit(RECIPE, images, tmp_path / "stopped")
    found = fit(RECIPE, images, tmp_path / "stopped").state
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key]) for key in found)
