"""Batches: what is in them, what decides their order, and how they show themselves."""

import matplotlib
import pytest
import torch
from matplotlib import pyplot as plt

from colorize_lib.colour.lab import rgb_to_lab, rgb_to_lightness
from colorize_lib.data.batches import ClassLoader, ColourLoader, class_dataloaders, colour_dataloaders
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.data.images import Images
from colorize_lib.errors import InputError

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def images() -> Images:
    return embedded_cifar10()


def everything(loader: ColourLoader) -> tuple[torch.Tensor, torch.Tensor]:
    lightness, ab = zip(*loader, strict=True)
    return torch.cat(lightness), torch.cat(ab)


def same(one, other) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def which(loader: ColourLoader, images: Images) -> list[tuple[int, bool]]:
    """(number, flipped) of every picture that a loader yields."""
    lab = rgb_to_lab(images.rgb)
    found = []
    for picture in torch.cat(everything(loader), 1):
        hits = [
            (number, flipped)
            for number, original in enumerate(lab)
            for flipped in (False, True)
            if torch.equal(picture, original.flip(-1) if flipped else original)
        ]
        assert len(hits) == 1
        found += hits
    return found


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_dev_is_lab_in_order(images):
    loader = ColourLoader(images, 8)
    sizes = [(lightness.shape, ab.shape) for lightness, ab in loader]
    assert sizes == [((n, 1, 32, 32), (n, 2, 32, 32)) for n in (8, 8, 4)]
    assert len(loader) == 3
    lightness, ab = everything(loader)
    lab = rgb_to_lab(images.rgb)
    assert torch.equal(lightness, lab[:, :1])
    assert torch.equal(ab, lab[:, 1:])
    assert lightness.min() >= 0
    assert lightness.max() <= 100
    assert lightness.max() > 50
    assert ab.abs().max() < 128
    assert (lightness.dtype, ab.dtype) == (torch.float32, torch.float32)


def test_dev_is_the_same_every_time_whatever_the_epoch(images):
    loader = ColourLoader(images, 8, seed=1)
    first = everything(loader)
    loader.epoch = 5
    assert same(first, everything(loader))


def test_training_shows_every_picture_once_an_epoch_about_half_of_them_flipped(images):
    loader = ColourLoader(images, 6, shuffle=True, seed=2)
    flips = 0
    for epoch in range(4):
        loader.epoch = epoch
        found = which(loader, images)
        assert sorted(number for number, _ in found) == list(range(20))
        assert [number for number, _ in found] != list(range(20))
        flips += sum(flipped for _, flipped in found)
    assert 20 < flips < 60  # of 80


def test_order_and_flips_depend_on_seed_and_epoch_alone(images):
    def draw(seed, epoch):
        loader = ColourLoader(images, 6, shuffle=True, seed=seed)
        loader.epoch = epoch
        return everything(loader)

    expected = draw(3, 1)
    torch.rand(7)
    assert same(draw(3, 1), expected)
    loader = ColourLoader(images, 6, shuffle=True, seed=3)
    everything(loader)  # an epoch before it changes nothing
    loader.epoch = 1
    assert same(everything(loader), expected)
    assert same(everything(loader), expected)
    for seed, epoch in ((3, 0), (3, 2), (4, 1), (0, 1), (1, 3)):
        assert not same(draw(seed, epoch), expected)


def test_drawing_leaves_the_global_generator_alone(images):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    everything(ColourLoader(images, 6, shuffle=True))
    assert torch.equal(torch.rand(3), expected)


def test_the_last_batch_can_be_left_out(images):
    loader = ColourLoader(images, 6, shuffle=True, drop_last=True)
    assert [len(lightness) for lightness, _ in loader] == [6, 6, 6]
    assert len(loader) == 3


def test_dataloaders_shuffle_train_and_keep_dev(images):
    dls = colour_dataloaders(images, images, batch=8, seed=1, device="cpu")
    assert (len(dls.train), len(dls.valid)) == (2, 3)
    assert same(everything(dls.valid), everything(ColourLoader(images, 8)))
    assert not same(dls.train.one_batch(), dls.valid.one_batch())
    assert dls.device == torch.device("cpu")


def test_new_changes_what_it_is_told_and_nothing_else(images):
    loader = ColourLoader(images, 8, seed=4)
    shuffled = loader.new(shuffle=True)
    assert isinstance(shuffled, ColourLoader)
    assert same(everything(shuffled), everything(ColourLoader(images, 8, shuffle=True, seed=4)))
    assert same(everything(loader.new()), everything(loader))
    assert len(loader.new(bs=5)) == 4
    assert len(loader.new(images[:3]).one_batch()[0]) == 3


# --- for a classifier


def test_a_classifiers_batches_are_the_pictures_and_their_classes(images):
    dls = class_dataloaders(images, images, batch=8, device="cpu")
    rgb, label = everything(dls.valid)
    assert torch.equal(rgb, images.rgb)
    assert torch.equal(label, images.label)
    assert [len(label) for _, label in dls.train] == [8, 8]


def test_a_class_stays_with_its_picture(images):
    loader = ClassLoader(images, 6, shuffle=True, seed=2)
    views = torch.cat((images.rgb, images.rgb.flip(-1)))
    for picture, label in zip(*everything(loader), strict=True):
        (number,) = (views == picture).all((1, 2, 3)).nonzero()[0].tolist()
        assert label == images.label[number % 20]


def test_other_versions_of_the_pictures_come_in_the_same_views(images):
    """What differs between classifiers trained on colour and on grey is the colours alone."""
    inverted = Images(255 - images.rgb, images.label, images.source)
    for epoch in (0, 3):
        found = []
        for version in (images, inverted):
            loader = ClassLoader(version, 6, shuffle=True, shift=4, seed=7)
            loader.epoch = epoch
            found.append(everything(loader))
        assert torch.equal(found[0][0], 255 - found[1][0])
        assert torch.equal(found[0][1], found[1][1])


def test_colorizers_and_classifiers_see_the_same_views(images):
    rgb, _ = everything(ClassLoader(images, 6, shuffle=True, shift=2, seed=1))
    assert torch.equal(
        torch.cat(everything(ColourLoader(images, 6, shuffle=True, shift=2, seed=1)), 1), rgb_to_lab(rgb)
    )


# --- showing


def drawn(figure) -> list[list]:
    """The pictures of a figure, by row."""
    lines: dict[float, list] = {}
    for axis in figure.axes:
        lines.setdefault(round(axis.get_position().y0, 4), []).append(axis.get_images()[0].get_array())
    return [lines[y] for y in sorted(lines, reverse=True)]


@pytest.fixture(scope="module")
def learner(images, gamut):
    from colorize_lib.training.learner import build_learner, training_prior
    from colorize_lib.training.recipes import Recipe

    patches = photograph_patches(32)
    recipe = Recipe("tiny", "bins", widths=(4, 8), epochs=1, batch=8)
    dls = colour_dataloaders(patches, images, 8, device="cpu")
    learner = build_learner(recipe, dls, gamut, training_prior(gamut, patches))
    with learner.no_bar():
        learner.fit_one_cycle(1, 1e-3)
    return learner


def test_show_batch_draws_grey_above_truth(learner):
    learner.dls.show_batch(max_n=5)
    grey, truth = drawn(plt.gcf())
    assert len(grey) == len(truth) == 5
    for above, below in zip(grey, truth, strict=True):
        assert above.shape == below.shape == (32, 32, 3)
        assert (above.max(-1).astype(int) - above.min(-1)).max() <= 2
    assert max((p.max(-1).astype(int) - p.min(-1)).max() for p in truth) > 30


def test_show_results_draws_the_prediction_between_grey_and_truth(learner, images):
    with learner.no_bar():
        learner.show_results(max_n=4)
    figure = plt.gcf()
    grey, prediction, truth = drawn(figure)
    assert len(grey) == len(prediction) == len(truth) == 4
    shown = torch.stack([torch.from_numpy(p.data.copy()) for p in truth]).permute(0, 3, 1, 2)
    # fastai draws from a shuffled dev loader: each is one of ours, up to the way to Lab and back.
    gap = (shown[:, None].int() - torch.cat((images.rgb, images.rgb.flip(-1))).int()).abs().amax((2, 3, 4))
    assert gap.amin(1).max() <= 1
    assert all(p.shape == (32, 32, 3) for p in prediction)
    names = [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()]
    assert names == ["grey", "prediction", "truth"]


def test_results_of_a_half_resolution_prediction_are_drawn_whole(images):
    loader = ColourLoader(images, 4)
    lightness, ab = loader.one_batch()
    loader.show_results((lightness, ab), torch.zeros(4, 2, 16, 16), max_n=3)
    grey, prediction, _ = drawn(plt.gcf())
    assert [p.tolist() for p in prediction] == [p.tolist() for p in grey]


def test_zoom_enlarges_squares_of_the_picture_and_nothing_else():
    """On a picture whose red is its column and whose green is its row, every pixel tells where it came from."""
    ramp = torch.arange(32, dtype=torch.uint8) * 4
    rgb = torch.stack((ramp.expand(32, 32), ramp[:, None].expand(32, 32), torch.zeros(32, 32, dtype=torch.uint8)))
    pictures = Images(rgb.expand(40, 3, 32, 32).contiguous(), torch.zeros(40, dtype=torch.long), "ramps", ("ramp",))
    loader = ClassLoader(pictures, 8, shuffle=True, zoom=0.5, seed=3)
    shown = torch.cat([rgb for rgb, _ in loader]).float()
    spans = (shown[:, 0, 16].amax(1) - shown[:, 0, 16].amin(1)) / 4 / 31  # share of the side that is seen
    assert spans.min() > 0.45 and spans.min() < 0.6 and spans.max() > 0.85
    across, down = shown[:, 0].diff(dim=2), shown[:, 1].diff(dim=1)
    assert across.abs().max() <= 5 and down.abs().max() <= 5  # enlarged, so smoother than before
    assert (down.flatten(1).mean(1) - across.flatten(1).mean(1).abs()).abs().max() < 0.15  # squares stay squares


def test_zoom_depends_on_seed_and_epoch_alone(images):
    def first(seed, epoch, zoom=0.7):
        loader = ColourLoader(images, 10, shuffle=True, zoom=zoom, seed=seed)
        loader.epoch = epoch
        return everything(loader)

    assert same(first(1, 2), first(1, 2))
    assert not same(first(1, 2), first(1, 3))
    assert same(first(1, 2, zoom=1.0), everything(_at_epoch(ColourLoader(images, 10, shuffle=True, seed=1), 2)))


def test_what_is_enlarged_is_shown_as_a_grey_picture_file_has_it(images):
    """So that how red, green and blue were rounded tells nothing of the colours."""
    greys = rgb_to_lightness(torch.arange(256, dtype=torch.uint8).expand(3, 1, 256))
    seen, _ = everything(ColourLoader(images, 10, shuffle=True, zoom=0.7))
    assert torch.isin(seen, greys).all()
    as_it_is, _ = everything(ColourLoader(images, 10, shuffle=True))
    assert not torch.isin(as_it_is, greys).all()


def _at_epoch(loader: ColourLoader, epoch: int) -> ColourLoader:
    loader.epoch = epoch
    return loader


@pytest.mark.parametrize("zoom", [0, -0.5, 1.5, float("nan")])
def test_a_zoom_without_sense_is_refused(images, zoom):
    with pytest.raises(InputError, match="zoom"):
        ClassLoader(images, 8, zoom=zoom)
