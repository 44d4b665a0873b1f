"""What stands above a recipe is what was measured of it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import recipe_comments

from colorize_lib.training.classifier import CLASSIFIER_RECIPES
from colorize_lib.training.recipes import RECIPES


def test_the_comments_are_what_the_results_say():
    for path in recipe_comments.FILES:
        text = path.read_text("utf-8")
        assert recipe_comments.commented(text) == text, f"run tools/recipe_comments.py: {path.name} says something else"


def test_every_recipe_has_one():
    texts = [path.read_text("utf-8") for path in recipe_comments.FILES]
    named = [found[3] for text in texts for found in recipe_comments.RECIPE.finditer(text)]
    assert sorted(named) == sorted([*RECIPES, *CLASSIFIER_RECIPES])


def test_a_number_that_drifted_is_put_right_and_a_missing_one_written():
    regression = recipe_comments.measured("regression")
    for above in ("", "        # Measured: ab RMSE 1.00.\n"):
        text = f'    (\n        # Why.\n{above}        Recipe("regression", head="ab"),\n    )\n'
        right = f'    (\n        # Why.\n        # {regression}\n        Recipe("regression", head="ab"),\n    )\n'
        assert recipe_comments.commented(text) == recipe_comments.commented(right) == right


def test_what_has_no_result_says_so():
    assert recipe_comments.measured("nobody's") == "Not measured."
