"""The U-Net: sizes, parameters, seeds and gradients."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from colorize_lib.networks.build import build_network
from colorize_lib.networks.unet import UNet, UNetConfig

HEADS = {"regression": 2, "classification": 261}
multiples_of_8 = st.integers(1, 12).map(lambda n: 8 * n)


def build(out_channels: int, seed: int = 0, **kwargs) -> UNet:
    torch.manual_seed(seed)
    return UNet(UNetConfig(out_channels, **kwargs))


def trunk(network: UNet) -> dict[str, torch.Tensor]:
    return {name: t for name, t in network.state_dict().items() if not name.startswith("head.")}


@settings(max_examples=25)
@given(multiples_of_8, multiples_of_8, st.sampled_from([2, 17]))
def test_any_multiple_of_8_gives_half_the_size(height, width, out_channels):
    network = build(out_channels, widths=(4, 6, 8, 8)).eval()
    with torch.no_grad():
        out = network(torch.rand(2, 1, height, width) * 100)
    assert out.shape == (2, out_channels, height // 2, width // 2)
    assert out.isfinite().all()


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("size", [(8, 8), (40, 24), (32, 32)])
def test_the_shipped_widths_give_half_the_size(head, size, device, dtype):
    network = build(HEADS[head]).to(device, dtype).eval()
    with torch.no_grad():
        out = network(torch.rand(1, 1, *size).to(device, dtype) * 100)
    assert (out.device.type, out.dtype) == (device.type, dtype)
    assert out.shape == (1, HEADS[head], size[0] // 2, size[1] // 2)


@pytest.mark.parametrize("head", HEADS)
def test_parameters_are_those_of_the_drawing(head):
    # A block is a 3x3 convolution and the scale and shift of its batch norm.
    def block(c_in, c_out):
        return 9 * c_in * c_out + 2 * c_out

    down = [(4, 64), (64, 64), (64, 128), (128, 128), (128, 192), (192, 192), (192, 224), (224, 224)]
    up = [(192, 192), (128, 128), (64, 64)]
    project = 224 * 192 + 192 * 128 + 128 * 64
    expected = sum(block(*pair) for pair in down + up) + project + (64 + 1) * HEADS[head]
    assert sum(p.numel() for p in build(HEADS[head]).parameters()) == expected


def test_weights_fit_into_5_MB_as_fp16():
    assert 2 * sum(t.numel() for t in build(261).state_dict().values()) < 5e6


def test_a_seed_decides_all_weights():
    first, again, other = (build(2, seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])


def test_both_heads_stand_on_the_same_trunk():
    regression, classification = (trunk(build(q)) for q in HEADS.values())
    assert regression.keys() == classification.keys()
    assert all(torch.equal(regression[name], classification[name]) for name in regression)


@pytest.mark.parametrize("head", HEADS)
def test_the_gradient_reaches_every_parameter(head, device):
    network = build(HEADS[head]).to(device)
    network(torch.rand(2, 1, 32, 32).to(device) * 100).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


def test_every_pixel_of_the_input_counts(device):
    network = build(2).to(device).eval()
    lightness = (torch.rand(1, 1, 16, 16) * 100).to(device).requires_grad_()
    network(lightness).square().sum().backward()
    assert (lightness.grad != 0).all()


def test_pictures_of_a_batch_do_not_mix_once_trained(device, dtype):
    network = build(2).to(device, dtype).eval()
    lightness = torch.rand(3, 1, 24, 16).to(device, dtype) * 100
    with torch.no_grad():
        together, alone = network(lightness), torch.cat([network(one[None]) for one in lightness])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_channels_last_gives_the_same_picture(device):
    network, lightness = build(2).to(device).eval(), torch.rand(2, 1, 16, 24).to(device) * 100
    with torch.no_grad():
        expected = network(lightness)
        actual = network.to(memory_format=torch.channels_last)(lightness)
    torch.testing.assert_close(actual, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("config", [UNetConfig(2), UNetConfig(261, (8, 16)), UNetConfig(5, [4, 4, 4])])
def test_the_config_survives_json(config):
    again = build_network(json.loads(json.dumps(config.to_dict()))).config
    assert again == config
    assert hash(again) == hash(config)
    assert UNet(again).state_dict().keys() == UNet(config).state_dict().keys()


@pytest.mark.parametrize(("out_channels", "widths"), [(0, (4, 8)), (-1, (4, 8)), (2, (4,)), (2, ()), (2, (4, 0))])
def test_a_config_without_a_network_is_refused(out_channels, widths):
    with pytest.raises(ValueError, match="U-Net"):
        UNetConfig(out_channels, widths)


@pytest.mark.parametrize("shape", [(1, 3, 16, 16), (1, 2, 16, 16), (1, 1, 15, 16), (1, 1, 16, 9)])
def test_colour_or_odd_sizes_are_refused(shape):
    with pytest.raises(RuntimeError):
        build(2, widths=(4, 8)).eval()(torch.zeros(shape))
