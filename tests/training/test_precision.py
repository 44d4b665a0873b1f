"""Training in the number format of the device."""

import copy
import pickle

import pytest
import torch

from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.training.precision import mixed_precision, precision

CPU = torch.device("cpu")
has_bf16 = pytest.mark.skipif(precision(CPU) != "bf16", reason="this CPU is not made for bfloat16")


@pytest.fixture
def network() -> UNet:
    return UNet(UNetConfig(5, (8, 16)))


@pytest.mark.parametrize("known", [[], ["_is_amx_tile_supported"], ["_is_avx512_bf16_supported"]])
def test_a_torch_that_cannot_ask_the_processor_trains_in_fp32(known, monkeypatch):
    """Older versions do not know one question or the other, and neither is promised by any."""
    for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    for name in known:
        monkeypatch.setattr(torch.cpu, name, lambda: True, raising=False)
    assert precision(CPU) == ("bf16" if known else "fp32")
    assert precision(torch.device("cuda")) == "fp16"


def test_what_comes_out_is_float32_and_near_full_precision(network):
    lightness = 100 * torch.rand(4, 1, 16, 16)
    full = network(lightness)
    assert mixed_precision(network, CPU) == []
    mixed = network(lightness)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, full, atol=0.05, rtol=0.05)
    assert torch.equal(mixed, full) == (precision(CPU) == "fp32")


@has_bf16
def test_weights_and_gradients_stay_float32_and_other_code_is_left_alone(network):
    mixed_precision(network, CPU)
    network(100 * torch.rand(2, 1, 8, 8)).square().mean().backward()
    assert {p.dtype for p in network.parameters()} == {p.grad.dtype for p in network.parameters()} == {torch.float32}
    assert not torch.is_autocast_enabled("cpu")
    assert (torch.rand(4, 4) @ torch.rand(4, 4)).dtype == torch.float32


@has_bf16
def test_an_error_in_the_network_does_not_leave_half_precision_on(network):
    mixed_precision(network, CPU)
    with pytest.raises(RuntimeError):
        network(torch.zeros(1, 3, 8, 8))
    assert not torch.is_autocast_enabled("cpu")


@has_bf16
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))], ids=["copy", "pickle"])
def test_a_copy_uses_its_own_weights(network, copied):
    mixed_precision(network, CPU)
    other = copied(network)
    lightness = 100 * torch.rand(1, 1, 8, 8)
    assert torch.equal(network.eval()(lightness), other.eval()(lightness))
    with torch.no_grad():
        network.head.bias += 1
    assert not torch.equal(network(lightness), other(lightness))


def test_a_gpu_gets_fastais_callback(network):
    assert precision(torch.device("cuda")) == "fp16"
    assert [type(c).__name__ for c in mixed_precision(network, torch.device("cuda"))] == ["MixedPrecision"]
