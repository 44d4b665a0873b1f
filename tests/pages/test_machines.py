"""Drawings of networks say what the networks do: their shapes are those of tensors, and all of it can be read."""

import re

import pytest
import torch

from colorize_lib.data.examples import photograph
from colorize_lib.errors import InputError
from colorize_lib.networks.transfer import TransferConfig, TransferUNet
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.networks.vgg import CONFIGURATION_D, VGG, VGGConfig
from colorize_lib.pages.drawing import shape_text
from colorize_lib.pages.machines import layers, shapes, transfer, unet, vgg
from colorize_lib.pages.pipeline import pipeline

SMALL = UNetConfig(7, (4, 6, 8))
PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><body>{}</body></html>'


def pair() -> dict[str, VGG]:
    with torch.device("meta"):
        return {"published": VGG(VGGConfig(1000, size=224, batch_norm=False)), "ours": VGG(VGGConfig(width=0.25))}


def face() -> torch.Tensor:
    return photograph("chelsea")[:, 100:164, 100:164]


@pytest.fixture(scope="module")
def drawings(bins) -> dict[str, str]:
    return {
        "unet": unet(UNet(UNetConfig(261))).html,
        "transfer": transfer(TransferUNet(TransferConfig(261))).html,
        "vgg": vgg(pair()).html,
        "pipeline": pipeline(face(), bins).html,
    }


def words(svg: str) -> list[str]:
    return re.findall(r">([^<>]+)</text>", svg)


def test_shapes_are_those_that_go_through_and_the_network_is_left_as_it_was():
    network = UNet(SMALL).train()
    seen = shapes(network, torch.zeros(1, 1, 16, 24))
    assert seen[""] == ((1, 1, 16, 24), [(1, 7, 8, 12)])
    assert seen["encoder.2"] == ((1, 6, 4, 6), [(1, 8, 2, 3)])
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())


def test_a_network_that_fails_is_left_as_it_was_too():
    network = UNet(SMALL)
    with pytest.raises(RuntimeError):
        shapes(network, torch.zeros(1, 3, 16, 16))
    assert not any(module._forward_hooks for module in network.modules())


def test_layers_are_counted_in_the_module():
    network = UNet(SMALL)
    assert layers(network.encoder[0]) == ["2 conv 3×3"]
    assert layers(network.encoder[1]) == ["2 conv 3×3", "halved"]
    assert layers(network.head, network.project[0]) == ["2 conv 1×1"]


def test_every_shape_of_a_unet_is_drawn_and_another_network_draws_itself():
    for widths, size in (((4, 6, 8), 32), ((5, 9), 16)):
        network = UNet(UNetConfig(7, widths))
        drawn = words(unet(network, size).html)
        seen = shapes(network, torch.zeros(1, 1, size, size))
        names = [name for name in seen if re.fullmatch(r"(encoder|decoder)\.\d|head|", name)]
        assert {shape_text(seen[name][1][0]) for name in names} <= set(drawn)
        assert shape_text((1, 4, size // 2, size // 2)) in drawn, "what is folded"


def test_the_transfer_network_shows_what_its_encoder_gives(drawings):
    network = TransferUNet(TransferConfig(261))
    features = shapes(network, torch.zeros(1, 1, 32, 32))["encoder"][1]
    drawn = words(drawings["transfer"])
    assert {shape_text(features[level]) for level in network.levels} <= set(drawn)
    assert "3 × 64 × 64" in drawn


def test_a_vgg_has_its_thirteen_convolutions(drawings):
    drawn = words(drawings["vgg"])
    counted = sum(int(found[1]) for found in map(re.compile(r"(\d) conv 3×3").fullmatch, drawn) if found)
    assert counted == 2 * len([entry for entry in CONFIGURATION_D if entry != "M"])
    assert {"512 × 7 × 7", "128 × 1 × 1", "1,000 classes", "10 classes"} <= set(drawn)


def test_the_pipeline_shows_four_pictures_and_every_shape(drawings):
    svg = drawings["pipeline"]
    assert svg.count("<image ") == 4
    for shape in ("3 × 64 × 64", "1 × 64 × 64", "261 × 32 × 32", "2 × 32 × 32"):
        assert shape in words(svg)


def test_a_network_without_a_distribution_has_no_such_pipeline(regression):
    with pytest.raises(InputError, match="no distribution"):
        pipeline(face(), regression)


def test_drawings_ask_nobody_and_speak_to_those_who_cannot_see(drawings):
    for svg in drawings.values():
        assert not re.search(r"https?://|href=\"(?!data:)", svg)
        assert re.search(r'role="img" aria-label="[^"]{80,}"', svg)


@pytest.mark.parametrize("name", ["unet", "transfer", "vgg", "pipeline"])
def test_on_a_phone_no_words_lie_over_others_or_outside(open_page, serve, drawings, name, tmp_path):
    (tmp_path / "index.html").write_text(PAGE.format(drawings[name]), "utf-8")
    page = open_page(serve(tmp_path), viewport={"width": 390, "height": 800})
    boxes = page.evaluate("""() => [...document.querySelectorAll('svg text')].map(text => {
        const {x, y, width, height} = text.getBBox();
        return [text.textContent, x, y + 2, x + width, y + height - 2];
    })""")
    width, height = page.evaluate("(box => [box.width, box.height])(document.querySelector('svg').viewBox.baseVal)")
    assert [
        said for said, left, top, right, bottom in boxes if min(left, top) < 0 or right > width or bottom > height
    ] == []
    over = [
        (one[0], other[0])
        for i, one in enumerate(boxes)
        for other in boxes[:i]
        if one[1] < other[3] and other[1] < one[3] and one[2] < other[4] and other[2] < one[4]
    ]
    assert over == []
    size = page.evaluate("""() => { const text = document.querySelector('svg text');
        return text.getBBox().height && parseFloat(getComputedStyle(text).fontSize) * text.getCTM().a; }""")
    assert size > 11, "pixels of the letters"
