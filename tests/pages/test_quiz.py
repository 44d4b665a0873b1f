"""The quiz as Python makes it: who paints, and that truth and paint come the same way."""

import re
from dataclasses import replace

import pytest
import torch

from colorize_lib.colour.lab import rgb_to_lab, to_rgb
from colorize_lib.data.examples import embedded_cifar10, gallery
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.measuring.metrics import colourfulness
from colorize_lib.pages.quiz import PAINTERS, ROUNDS, quiz, unseen


@pytest.fixture(scope="module")
def game():
    return quiz()


def test_every_painter_painted_every_picture(game):
    images = unseen()
    assert len(images) == ROUNDS
    assert torch.equal(game.truth, images)  # the way through Lab and back loses nothing
    assert game.painted.shape == (len(PAINTERS), *images.shape)
    lightness = rgb_to_lab(images)[:, :1]
    for (_, name, temperature, lam), painted in zip(PAINTERS, game.painted, strict=True):
        wanted = to_rgb(lightness, Colorizer.load(name, "cpu").colour_lightness(lightness, temperature or 1, lam))
        assert torch.equal(painted, wanted)


def test_no_picture_of_the_chapters_is_among_them():
    shown = gallery().rgb
    assert not any(torch.equal(one, other) for one in unseen() for other in shown)
    assert len({tuple(one.flatten().tolist()) for one in unseen()}) == ROUNDS


def test_no_painter_paints_what_another_does_nor_grey(game):
    for i, painted in enumerate(game.painted):
        assert (colourfulness(painted) > 1).all()
        assert all(not torch.equal(painted, other) for other in game.painted[:i])


def test_the_html_needs_nothing_from_elsewhere_and_is_small(game):
    html = game._repr_html_()
    assert len(html) < 800_000
    assert not re.search(r"https?://|(src|href)=\"(?!data:)|\bimport\b.*\bfrom\b|import\(", html)
    assert html == replace(game)._repr_html_()  # the same page twice is the same file; of the paint see above


def test_too_few_pictures_are_refused():
    with pytest.raises(InputError, match="needs 20"):
        quiz(embedded_cifar10()[:19])
