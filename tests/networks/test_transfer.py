"""The transfer network: what it starts from, what it is shown, what is frozen when."""

import copy
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import lab_to_rgb
from colorize_lib.data.batches import colour_dataloaders
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.networks.build import build_network
from colorize_lib.networks.pretrained import OFFLINE, packaged_state
from colorize_lib.networks.transfer import TransferConfig, TransferUNet, parameter_groups, still_parameters
from colorize_lib.training.checkpoint import Checkpoint
from colorize_lib.training.learner import build_learner, train, training_prior
from colorize_lib.training.recipes import RECIPES
from colorize_lib.weights.shipped import load_weights

SMALL = replace(RECIPES["transfer"], name="small", widths=(8, 8, 8, 8), epochs=3, batch=16)


@pytest.fixture(scope="module")
def network() -> TransferUNet:
    torch.manual_seed(0)
    return TransferUNet(TransferConfig(261), pretrained=True).eval()


@pytest.fixture(scope="module")
def pictures():
    return photograph_patches(32), embedded_cifar10()


@pytest.mark.parametrize("height, width", [(32, 32), (8, 8), (40, 64)])
def test_it_answers_at_half_resolution(network, height, width, device):
    there = copy.deepcopy(network).to(device)
    with torch.no_grad():
        out = there(torch.rand(2, 1, height, width).to(device) * 100)
    assert (out.shape, out.device.type) == ((2, 261, height // 2, width // 2), device.type)


def test_it_starts_from_imagenets_weights_and_else_from_random_ones(network):
    published = packaged_state()
    start = network.encoder.state_dict()
    assert all(torch.equal(tensor, published[name]) for name, tensor in start.items())
    other = build_network({"out_channels": 2, "widths": (8, 8, 8, 8), "encoder": OFFLINE}).encoder.state_dict()
    assert not torch.equal(other["conv_stem.weight"], published["conv_stem.weight"])


def test_the_encoder_sees_the_grey_photograph_twice_as_large(network):
    seen = []
    hook = network.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    lightness = torch.rand(1, 1, 16, 16) * 100
    with torch.no_grad():
        network(lightness)
    hook.remove()
    (rgb,) = seen
    assert rgb.shape == (1, 3, 32, 32)
    torch.testing.assert_close(rgb[:, 0], rgb[:, 2], atol=1e-4, rtol=0)
    grey = lab_to_rgb(torch.cat((lightness, torch.zeros(1, 2, 16, 16)), 1))
    expected = F.interpolate((grey - 0.5) / 0.5, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(rgb, expected, atol=1e-5, rtol=0)


def test_another_scale_takes_other_levels():
    wide = TransferUNet(TransferConfig(2, scale=4, widths=(8, 8, 8)))
    with torch.no_grad():
        assert wide(torch.rand(1, 1, 16, 16) * 100).shape == (1, 2, 8, 8)
    with pytest.raises(ValueError, match="give so many widths"):
        TransferUNet(TransferConfig(2, scale=4))


@pytest.mark.parametrize("change", [{"scale": 3}, {"widths": (8,)}, {"out_channels": 0}, {"widths": (8, 0)}], ids=str)
def test_a_configuration_without_sense_is_refused(change):
    with pytest.raises(ValueError, match="transfer network needs"):
        TransferConfig(**{"out_channels": 2, **change})


def test_an_unknown_encoder_is_refused_in_one_sentence():
    with pytest.raises(InputError, match="timm has no network 'nonsense'.*needs no internet"):
        TransferUNet(TransferConfig(2, "nonsense"))


def test_the_groups_hold_every_parameter_once(network):
    encoder, rest = parameter_groups(network)
    assert {id(p) for p in encoder} == {id(p) for p in network.encoder.parameters()}
    assert len({id(p) for p in encoder + rest}) == len(encoder + rest) == len(list(network.parameters()))


def test_a_recipe_has_its_phases():
    assert SMALL.phases() == [(1, SMALL.lr), (2, slice(SMALL.lr / 4, SMALL.lr))]
    assert RECIPES["classification"].phases() == [(18, 3e-3)]
    for change in ({"frozen": 4}, {"encoder": None}, {"encoder_lr": 0}, {"frozen": -1}):
        with pytest.raises(InputError, match="recipe"):
            replace(SMALL, **change)


def test_frozen_first_then_the_encoder_learns_more_slowly(pictures, gamut, tmp_path, monkeypatch):
    """The encoder's parameters stay bit for bit while frozen, and then move; its rate is a quarter."""
    states, rates = [], []

    def look(self):
        after(self)
        states.append({name: p.detach().clone() for name, p in self.learn.model.named_parameters()})
        rates.append([hyper["lr"] for hyper in self.learn.opt.hypers])

    after = Checkpoint.after_epoch
    monkeypatch.setattr(Checkpoint, "after_epoch", look)
    train(SMALL, *pictures, tmp_path, gamut, "cpu", progress=False)
    published = packaged_state()
    frozen, *_, last = states
    encoder = [name for name in frozen if name.startswith("encoder.")]
    assert all(torch.equal(frozen[name], published[name.removeprefix("encoder.")]) for name in encoder)
    assert not any(torch.equal(last[name], frozen[name]) for name in encoder if "conv" in name)
    assert rates[-1][0] == pytest.approx(rates[-1][1] / 4)


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_stopped_run_ends_with_the_same_bits(epoch, pictures, gamut, tmp_path, monkeypatch):
    """Stopped between the phases, and within the second."""
    whole = load_weights(train(SMALL, *pictures, tmp_path / "whole", gamut, "cpu", progress=False))
    after = Checkpoint.after_epoch

    def stop(self):
        after(self)
        if len(self.history) == epoch:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Checkpoint, "after_epoch", stop)
        train(SMALL, *pictures, tmp_path / "stopped", gamut, "cpu", progress=False)
    again = load_weights(train(SMALL, *pictures, tmp_path / "stopped", gamut, "cpu", progress=False))
    assert len(again.meta["history"]) == 3
    assert all(torch.equal(again.state[name], tensor) for name, tensor in whole.state.items())


def test_its_weights_load_without_imagenets(pictures, gamut, tmp_path, monkeypatch):
    path = train(replace(SMALL, epochs=1), *pictures, tmp_path, gamut, "cpu", progress=False)
    monkeypatch.setattr("colorize_lib.networks.pretrained.packaged_state", None)  # whoever calls it falls over
    colorizer = Colorizer.load(path, "cpu")
    assert colorizer.meta["config"]["encoder"] == OFFLINE
    assert colorizer.colour_lightness(torch.rand(1, 1, 32, 32) * 100, 0.38, 0.5).shape == (1, 2, 32, 32)


def test_random_weights_have_a_recipe_too(pictures, gamut):
    dls = colour_dataloaders(*pictures, 16, device="cpu")
    recipe = replace(SMALL, pretrained=False, frozen=0, encoder_lr=1.0)
    found = build_learner(recipe, dls, gamut, training_prior(gamut, pictures[0])).model.encoder.state_dict()
    assert not torch.equal(found["conv_stem.weight"], packaged_state()["conv_stem.weight"])


# --- the network for photographs: a quarter of the resolution, folded batch norms, blocks that stay still

QUARTER = TransferConfig(7, scale=1, widths=(8, 8, 8, 8), reduction=4, folded=True)


@pytest.mark.parametrize("height, width", [(64, 64), (40, 72), (8, 128)])
def test_it_may_answer_at_a_quarter(height, width):
    network = TransferUNet(QUARTER).eval()
    with torch.no_grad():
        assert network(torch.rand(2, 1, height, width) * 100).shape == (2, 7, height // 4, width // 4)


@pytest.mark.parametrize("reduction", [1, 3, 16])
def test_other_reductions_are_refused(reduction):
    with pytest.raises(ValueError, match="2, 4 or 8 times reduced"):
        TransferConfig(7, reduction=reduction)


def test_a_networks_description_builds_it_again():
    network = build_network({**QUARTER.to_dict(), "widths": list(QUARTER.widths)})
    assert network.config == QUARTER


def test_still_blocks_are_neither_trained_nor_counted_and_the_others_are(pictures):
    recipe = replace(
        SMALL, name="still", widths=(8, 8, 8, 8), still=4, frozen=0, epochs=1, scale=1, reduction=4, folded=True
    )
    gamut = Gamut()
    dls = colour_dataloaders(*pictures, batch=16, seed=0, device="cpu")
    learner = build_learner(recipe, dls, gamut, training_prior(gamut, pictures[0]))
    before = {name: tensor.clone() for name, tensor in learner.model.encoder.state_dict().items()}
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(1, 1e-2)
    after = learner.model.encoder.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    first = {f"blocks.{i}." for i in range(4)} | {"conv_stem", "bn1"}
    assert moved
    assert not [name for name in moved if any(name.startswith(part) for part in first)]
    assert any(name.startswith("blocks.4.") for name in moved)
    left_out = still_parameters(learner.model, 4)
    grouped = [parameter for group in parameter_groups(learner.model, 4) for parameter in group]
    assert len(left_out) + len(grouped) == len(list(learner.model.parameters()))
    assert not {id(p) for p in left_out} & {id(p) for p in grouped}
