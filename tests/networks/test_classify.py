"""VGG-16: the published network to the last parameter, the small one, and asking a trained one."""

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st

from colorize_lib.data.examples import embedded_cifar10, photograph
from colorize_lib.data.images import CLASSES
from colorize_lib.errors import InputError
from colorize_lib.inference.classifier import Classifier
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.networks.vgg import MEAN, STD, VGG, VGGConfig, prepare
from colorize_lib.weights.file import Weights, save_weights
from colorize_lib.weights.shipped import load_weights, shipped_weights, weights_path

SMALL = VGGConfig(width=1 / 16)
PUBLISHED = {
    False: (138_357_544, torchvision.models.vgg16),  # table 2 of the paper: 138 million
    True: (138_365_992, torchvision.models.vgg16_bn),
}


def small_weights(name: str = "vgg-tiny", **meta) -> Weights:
    torch.manual_seed(3)
    network = VGG(SMALL)
    network(embedded_cifar10().rgb)  # batch norm has seen something
    meta = {"kind": "classifier", "name": name, "classes": list(CLASSES), "config": SMALL.to_dict(), **meta}
    return Weights(network.state_dict(), None, meta)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "vgg-tiny.safetensors"
    save_weights(path, small_weights())
    return path


@pytest.fixture(scope="module")
def images():
    return embedded_cifar10()


# --- the published network


@pytest.mark.parametrize("batch_norm", PUBLISHED)
def test_the_published_network_has_the_published_tensors(batch_norm):
    count, torchvisions = PUBLISHED[batch_norm]
    with torch.device("meta"):
        ours, theirs = VGG(VGGConfig(1000, 1.0, batch_norm, 224)), torchvisions(weights=None)
    assert sum(p.numel() for p in ours.parameters()) == count
    shapes = [{name: tensor.shape for name, tensor in net.state_dict().items()} for net in (ours, theirs)]
    assert shapes[0] == shapes[1]
    assert list(shapes[0]) == list(shapes[1])


@pytest.mark.slow
@pytest.mark.parametrize("batch_norm", PUBLISHED)
def test_the_published_network_says_what_torchvisions_says(batch_norm):
    theirs = PUBLISHED[batch_norm][1](weights=None).eval()
    ours = VGG(VGGConfig(1000, 1.0, batch_norm, 224)).eval()
    ours.load_state_dict(theirs.state_dict())
    rgb = photograph("astronaut")[None]
    with torch.no_grad():
        torch.testing.assert_close(ours(rgb), theirs(prepare(rgb, 224)))


def test_configuration_d_in_order():
    network = VGG(VGGConfig(width=1.0, batch_norm=False))
    convs = [layer for layer in network.features if isinstance(layer, torch.nn.Conv2d)]
    assert [c.out_channels for c in convs] == [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    assert {(c.kernel_size, c.padding, c.stride) for c in convs} == {((3, 3), (1, 1), (1, 1))}
    kinds = "".join(type(layer).__name__[0] for layer in network.features)
    assert kinds == "CRCRM" * 2 + "CRCRCRM" * 3


# --- every size and width


@pytest.mark.parametrize("size", [32, 112, 224])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("width", [1 / 16, 1 / 8])
def test_pictures_in_scores_out(size, batch_norm, width, device):
    network = VGG(VGGConfig(7, width, batch_norm, size)).to(device).eval()
    rgb = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8).to(device)
    with torch.no_grad():
        scores = network(rgb)
    assert (scores.shape, scores.dtype) == ((2, 7), torch.float32)
    assert scores.isfinite().all()
    hidden = [layer.out_features for layer in network.classifier if isinstance(layer, torch.nn.Linear)]
    assert hidden == [*([int(4096 * width)] * 2 if size > 32 else [int(512 * width)]), 7]


def test_the_small_one_of_the_book_is_small():
    count = sum(p.numel() for p in VGG(VGGConfig(width=0.25)).parameters())
    assert 2 * count * 3 < 6_000_000  # bytes as fp16, three of them


def test_what_tells_pictures_apart_is_not_lost_on_the_way_without_batch_norm(images):
    """What the initial weights of He et al. are for: torch's own leave a millionth of it."""
    network, x = VGG(VGGConfig(width=0.25, batch_norm=False)).eval(), prepare(images.rgb, 32)

    def kept() -> float:
        with torch.no_grad():
            return (network.features(x).std(0).mean() / x.std(0).mean()).item()

    assert 0.005 < kept() < 50
    for layer in network.features:
        if isinstance(layer, torch.nn.Conv2d):
            layer.reset_parameters()
    assert kept() < 1e-4


@pytest.mark.parametrize("change", [{"size": 64}, {"size": 0}, {"classes": 0}, {"width": 0}, {"width": float("nan")}])
def test_a_network_without_sense_is_refused(change):
    with pytest.raises(ValueError, match="A VGG needs"):
        VGGConfig(**change)


# --- what the network sees


def test_prepared_pictures_are_torchvisions(images, device):
    resize = torchvision.transforms.Resize((224, 224), antialias=True)
    normalise = torchvision.transforms.Normalize(MEAN, STD)
    rgb = images.rgb.to(device)
    torch.testing.assert_close(prepare(rgb, 224).cpu(), normalise(resize(images.rgb.float() / 255)))
    torch.testing.assert_close(prepare(rgb, 32).cpu(), normalise(images.rgb.float() / 255))


@given(st.integers(0, 255), st.sampled_from([(5, 9), (32, 32), (40, 300)]), st.sampled_from([32, 224]))
def test_a_uniform_picture_stays_uniform(level, shape, size):
    x = prepare(torch.full((1, 3, *shape), level, dtype=torch.uint8), size)
    assert x.shape == (1, 3, size, size)
    expected = (level / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    torch.testing.assert_close(x, expected[None, :, None, None].expand_as(x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    "rgb",
    [
        torch.zeros(1, 3, 32, 32),
        torch.zeros(3, 32, 32, dtype=torch.uint8),
        torch.zeros(1, 1, 32, 32, dtype=torch.uint8),
    ],
    ids=["float", "no batch", "one channel"],
)
def test_other_pictures_are_refused(rgb):
    with pytest.raises(ValueError, match="uint8 pictures"):
        VGG(SMALL)(rgb)


# --- asking


def test_probabilities_are_probabilities_and_those_of_the_network(small, images):
    classifier = Classifier.load(small, "cpu")
    p = classifier.probabilities(images.rgb)
    assert (p.shape, p.dtype, p.device.type) == ((20, 10), torch.float32, "cpu")
    torch.testing.assert_close(p.sum(1), torch.ones(20))
    assert (p > 0).all()
    with torch.no_grad():
        torch.testing.assert_close(p, classifier.network(images.rgb).softmax(1))
    assert classifier.classes == CLASSES
    assert repr(classifier) == "Classifier('vgg-tiny', 10 classes, cpu)"


@settings(max_examples=10)
@given(st.permutations(range(20)), st.integers(1, 25))
def test_a_picture_is_judged_on_its_own(small, order, batch):
    images, classifier = embedded_cifar10(), Classifier.load(small, "cpu")
    expected = classifier.probabilities(images.rgb)[list(order)]
    torch.testing.assert_close(classifier.probabilities(images.rgb[list(order)], batch), expected, atol=1e-5, rtol=1e-4)


def test_pictures_of_any_size_are_judged(small):
    assert Classifier.load(small, "cpu").probabilities(photograph("coffee")[None]).shape == (1, 10)


def test_the_same_weights_say_the_same_after_a_trip_to_disk(small, images):
    network = VGG(SMALL).eval()
    network.load_state_dict(small_weights().state)
    with torch.no_grad():
        expected = network(images.rgb).softmax(1)
    torch.testing.assert_close(Classifier.load(small, "cpu").probabilities(images.rgb), expected, atol=0.01, rtol=0.05)


# --- one kind is not the other


def test_a_colorizers_weights_are_no_classifiers():
    with pytest.raises(InputError, match=r"'classification' are of a colorizer, not of a classifier: choose") as caught:
        Classifier.load("classification")
    choice = str(caught.value).split("choose")[1]
    assert not any(name in choice for name in ("classification", "regression", "rebalanced"))
    assert "\n" not in str(caught.value)


def test_a_classifiers_weights_are_no_colorizers(small):
    with pytest.raises(InputError, match="of a classifier, not of a colorizer: choose classification, ") as caught:
        Colorizer.load(small)
    assert "vgg" not in str(caught.value).split("choose")[1]


@pytest.mark.parametrize("load", [Classifier.load, Colorizer.load])
def test_an_unknown_name(load):
    with pytest.raises(InputError, match=r"There are no weights 'nonsense'\. Choose .*a .safetensors file\."):
        load("nonsense")


def test_weights_that_do_not_fit_their_description(tmp_path):
    save_weights(tmp_path / "w.safetensors", small_weights(config={**SMALL.to_dict(), "width": 0.125}))
    with pytest.raises(InputError, match="'vgg-tiny' do not fit the network"):
        Classifier.load(tmp_path / "w.safetensors")


def test_kinds_part_the_shipped_weights():
    colorizers, classifiers = (shipped_weights(kind) for kind in ("colorizer", "classifier"))
    assert sorted([*colorizers, *classifiers]) == shipped_weights()
    assert {"classification", "rebalanced", "regression"} <= set(colorizers)


# --- what is shipped


def test_the_three_of_the_book_are_shipped():
    names = shipped_weights("classifier")
    assert {"vgg-colour", "vgg-grey", "vgg-coloured"} <= set(names)
    assert sum(weights_path(name).stat().st_size for name in names) < 10_000_000


@pytest.mark.parametrize("name", shipped_weights("classifier"))
def test_shipped_classifiers_are_described_and_better_than_chance(name, images):
    classifier = Classifier.load(name, "cpu")
    meta = classifier.meta
    assert meta["name"] == meta["run"]["name"] == name
    assert {"recipe", "data", "commit", "history", "config", "torch", "date", "hardware"} <= meta.keys()
    assert meta["commit"] != "unknown"
    assert len(meta["history"]) == meta["recipe"]["epochs"]
    assert meta["history"][-1]["dev_accuracy"] > 0.6
    assert classifier.classes == CLASSES
    assert load_weights(name).prior is None
    assert (classifier.probabilities(images.rgb).argmax(1) == images.label).float().mean() > 0.4
