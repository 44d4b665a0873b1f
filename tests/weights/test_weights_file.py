"""Weights on disk: what is written is what is read, whole or not at all, and only where it fits."""

import os
import subprocess
from dataclasses import FrozenInstanceError, replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from sentences import assert_one_sentence
from tiny_weights import CONFIG

from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.weights.file import Weights, load_state, save_weights
from colorize_lib.weights.shipped import load_weights


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system with room for 32 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small file system can be mounted here: {error}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


# --- round trip


def test_what_is_written_is_read(weights, tmp_path):
    path = tmp_path / "new" / "folder" / "tiny.safetensors"
    save_weights(path, weights)
    again = load_weights(path)
    assert again.meta == weights.meta
    kept = {k: v for k, v in weights.state.items() if not k.endswith("num_batches_tracked")}
    assert again.state.keys() == kept.keys()
    for key, tensor in kept.items():
        assert again.state[key].dtype == torch.float32
        expected = tensor.half().float() if tensor.ndim > 1 else tensor
        assert torch.equal(again.state[key], expected), key
        torch.testing.assert_close(again.state[key], tensor, rtol=2**-11, atol=1e-7)
    assert torch.equal(again.prior, weights.prior)
    assert [f.name for f in path.parent.iterdir()] == ["tiny.safetensors"]


def test_a_name_that_is_not_utf8_is_a_name(weights, written, tmp_path):
    path = tmp_path / os.fsdecode(b"runs\xff") / os.fsdecode(b"m\xfcller.safetensors")
    save_weights(path, weights)
    again, plain = load_weights(path, "colorizer"), load_weights(written)
    assert again.meta == plain.meta == weights.meta
    assert all(torch.equal(again.state[key], plain.state[key]) for key in plain.state)
    assert os.listdir(os.fsencode(path.parent)) == [b"m\xfcller.safetensors"]


def test_matrices_take_two_bytes_a_number(written, weights):
    tensors = load_file(written)
    assert {t.dtype for t in tensors.values() if t.ndim > 1} == {torch.float16}
    assert {t.dtype for t in tensors.values() if t.ndim <= 1} == {torch.float32}
    matrices = sum(t.numel() for t in weights.state.values() if t.ndim > 1)
    assert 2 * matrices < written.stat().st_size < 2 * matrices + 12_000


def test_numbers_of_any_kind_and_layout_are_written_as_said(tmp_path):
    state = {
        "matrix": torch.rand(3, 4, dtype=torch.float64),
        "turned": torch.rand(4, 3).T,
        "last": torch.rand(2, 3, 4, 4).contiguous(memory_format=torch.channels_last),
        "vector": torch.rand(5, dtype=torch.float64),
        "learned": torch.nn.Parameter(torch.rand(2, 2)),
    }
    save_weights(tmp_path / "w.safetensors", Weights(state, torch.rand(7, dtype=torch.float64), {}))
    tensors, again = load_file(tmp_path / "w.safetensors"), load_weights(tmp_path / "w.safetensors")
    halves = {name for name, tensor in tensors.items() if tensor.dtype == torch.float16}
    assert halves == {"net.matrix", "net.turned", "net.last", "net.learned"}
    assert {tensor.dtype for tensor in (*again.state.values(), again.prior)} == {torch.float32}
    for name, tensor in state.items():
        torch.testing.assert_close(again.state[name], tensor.detach().float(), atol=1e-3, rtol=0)


def test_the_same_weights_have_the_same_hash_whatever_the_order_of_their_description(weights, written, tmp_path):
    backwards = dict(reversed(weights.meta.items()))
    assert list(backwards) != sorted(backwards)
    save_weights(tmp_path / "w.safetensors", replace(weights, meta=backwards))
    with safe_open(tmp_path / "w.safetensors", "pt") as file, safe_open(written, "pt") as first:
        assert file.metadata() == first.metadata()


def test_what_was_read_stays_what_it_is(weights):
    with pytest.raises(FrozenInstanceError):
        weights.prior = None


def test_without_a_prior_there_is_none(weights, tmp_path):
    save_weights(tmp_path / "w.safetensors", replace(weights, prior=None))
    assert load_weights(tmp_path / "w.safetensors").prior is None


def test_writing_again_changes_nothing_and_replaces_what_was_there(weights, written, tmp_path):
    path = tmp_path / "w.safetensors"
    first = load_weights(written)
    save_weights(path, first)
    again = load_weights(path)
    assert again.meta == first.meta
    assert all(torch.equal(again.state[key], first.state[key]) for key in first.state)
    save_weights(path, replace(weights, meta={"name": "other"}))
    assert load_weights(path).meta == {"name": "other"}


def test_a_network_filled_from_a_file_predicts_the_same(written, weights):
    first, again = UNet(CONFIG).eval(), UNet(CONFIG).eval()
    first.load_state_dict(weights.state)
    assert load_state(again, load_weights(written)) is again
    lightness = torch.rand(1, 1, 16, 16) * 100
    with torch.no_grad():
        torch.testing.assert_close(again(lightness), first(lightness), atol=5e-3, rtol=5e-3)


def test_what_was_loaded_does_not_change_with_the_file(written, tmp_path):
    """A file may be overwritten in place (cp, a checkout) while a program that loaded it goes on."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(written.read_bytes())
    loaded, expected = load_weights(path), load_weights(written)
    with open(path, "r+b") as file:
        file.write(bytes(path.stat().st_size))
    assert torch.equal(loaded.prior, expected.prior)
    assert all(torch.equal(loaded.state[key], tensor) for key, tensor in expected.state.items())


# --- weights that do not fit


def test_weights_of_another_shape_do_not_fit(weights):
    with pytest.raises(InputError, match="'tiny' do not fit the network"):
        load_state(UNet(UNetConfig(261, (4, 12))), weights)
    with pytest.raises(InputError, match="do not fit the network: size mismatch for head.weight"):
        load_state(UNet(UNetConfig(2, (4, 8))), weights)


def test_the_message_about_another_shape_is_one_line(weights):
    with pytest.raises(InputError, match="do not fit the network: size mismatch for encoder") as caught:
        load_state(UNet(UNetConfig(261, (4, 12))), weights)
    assert_one_sentence(str(caught.value))


def test_missing_and_unexpected_names_are_named(weights):
    state = dict(weights.state)
    state["extra.weight"] = state.pop("head.bias")
    with pytest.raises(InputError, match=r"missing \['head.bias'\], unexpected \['extra.weight'\]") as caught:
        load_state(UNet(CONFIG), replace(weights, state=state))
    assert_one_sentence(str(caught.value))


def test_one_tensor_too_many_or_too_few_does_not_fit(weights):
    more = replace(weights, state=weights.state | {"extra.weight": torch.zeros(2, 2)})
    with pytest.raises(InputError, match=r"missing none, unexpected \['extra.weight'\]"):
        load_state(UNet(CONFIG), more)
    fewer = replace(weights, state={name: t for name, t in weights.state.items() if name != "head.bias"})
    with pytest.raises(InputError, match=r"missing \['head.bias'\], unexpected none"):
        load_state(UNet(CONFIG), fewer)


def test_a_colorizer_refuses_weights_that_do_not_fit_their_description(weights, tmp_path):
    meta = weights.meta | {"config": {"out_channels": 261, "widths": [4, 8, 8]}}
    save_weights(tmp_path / "w.safetensors", replace(weights, meta=meta))
    with pytest.raises(InputError, match="do not fit"):
        Colorizer.load(tmp_path / "w.safetensors", "cpu")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6], ids=str)
def test_what_is_not_finite_in_the_file_is_not_written(weights, tmp_path, value):
    weights.state["head.weight"][3, 1] = value  # 1e6 is infinite as fp16
    with pytest.raises(InputError, match="head.weight are not all finite") as caught:
        save_weights(tmp_path / "w.safetensors", weights)
    assert_one_sentence(str(caught.value))
    assert list(tmp_path.iterdir()) == []


# --- whole or not at all


def test_a_full_disk_leaves_nothing(weights, tiny_disk):
    big = replace(weights, prior=torch.rand(20_000))
    with pytest.raises(InputError, match="cannot be written.*free some space") as caught:
        save_weights(tiny_disk / "w.safetensors", big)
    assert_one_sentence(str(caught.value))
    assert list(tiny_disk.iterdir()) == []
    save_weights(tiny_disk / "w.safetensors", replace(weights, state={}))  # room for this one
    assert load_weights(tiny_disk / "w.safetensors").prior is not None


def test_a_file_that_cannot_grow_leaves_what_was_there(weights, tmp_path, largest_file):
    save_weights(tmp_path / "w.safetensors", replace(weights, prior=None))
    before = (tmp_path / "w.safetensors").read_bytes()
    with largest_file(5000), pytest.raises(InputError, match="cannot be written"):
        save_weights(tmp_path / "w.safetensors", weights)
    assert (tmp_path / "w.safetensors").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
