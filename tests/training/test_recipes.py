"""Recipes: those of the book, and one sentence for each number that makes no sense."""

from dataclasses import replace

import pytest
from tiny_runs import TINY

from colorize_lib.errors import InputError
from colorize_lib.training.recipes import RECIPES, Recipe, get_recipe


def test_the_recipes_of_the_book_differ_in_their_loss_and_the_slower_one_gets_more_passes():
    regression, classification, rebalanced = (RECIPES[n] for n in ("regression", "classification", "rebalanced"))
    assert replace(rebalanced, name="classification", lam=1.0) == classification
    passes = {"epochs": classification.epochs, "lr": classification.lr}
    assert replace(regression, name="classification", head="bins", **passes) == classification
    assert regression.epochs > classification.epochs
    assert all(name == recipe.name for name, recipe in RECIPES.items())


def test_get_recipe_changes_what_is_given():
    assert get_recipe("rebalanced", lam=0.3, epochs=None) == replace(RECIPES["rebalanced"], lam=0.3)
    assert get_recipe("regression", seed=0).seed == 0


def test_an_unknown_recipe_lists_the_known_ones():
    with pytest.raises(InputError, match="no recipe 'nonsense'.*regression, classification, rebalanced"):
        get_recipe("nonsense")


@pytest.mark.parametrize(
    "change",
    [
        {"head": "rgb"}, {"head": ""}, {"epochs": 0}, {"epochs": -1}, {"batch": 0}, {"lr": 0}, {"lr": -1e-3},
        {"lr": float("nan")}, {"lam": 0}, {"lam": 1.1}, {"lam": -0.5}, {"lam": float("nan")},
    ],
    ids=str,
)  # fmt: skip
def test_a_recipe_without_sense_is_refused(change):
    with pytest.raises(InputError, match="recipe"):
        replace(TINY, **change)


def test_widths_from_json_are_widths():
    recipe = Recipe("x", "ab", widths=[4, 8])
    assert recipe == Recipe("x", "ab", widths=(4, 8))
    assert hash(recipe)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"epochs": 0}, "The epochs of a recipe must be 1 or more, not 0."),
        ({"lr": 0}, "The learning rate of a recipe must be above 0, not 0."),
        ({"lam": 1.5}, "The lambda of a recipe must be above 0 and at most 1, not 1.5."),
        ({"widths": (4,)}, "The widths of a recipe must be at least two numbers above 0, not (4,)."),
        ({"weight_decay": -1}, "The weight decay of a recipe must be 0 or more, not -1."),
        ({"shift": -1}, "The shift of a recipe must be 0 or more, not -1."),
        ({"seed": 2**32}, "The seed of a recipe must be from 0 to 4294967295, not 4294967296."),
        ({"zoom": 0}, "The zoom of a recipe must be above 0 and at most 1, not 0."),
        ({"data": "mnist"}, "The data of a recipe must be one of cifar10, tiny-imagenet, photographs, not 'mnist'."),
        ({"frozen": 1}, "The frozen epochs of a recipe must be 0 without an encoder, not 1."),
        ({"frozen": 9, "encoder": "x"}, "The frozen epochs of a recipe must be from 0 to its 3 epochs, not 9."),
        ({"ema": 1}, "The decay of a recipe must be from 0 to below 1, not 1."),
        ({"minutes": -1}, "The minutes of a recipe must be 0 or more, not -1."),
    ],
    ids=str,
)
def test_each_wrong_number_has_a_sentence_of_its_own(change, sentence):
    with pytest.raises(InputError) as refused:
        replace(TINY, **change)
    assert str(refused.value) == sentence
