"""The head that all results share."""

import json
import time

import pytest
import torch

from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.record import begin, command_line, counted, head, recipe_in_words, training, trainings


def test_the_head_says_all_of_it_in_one_order():
    started = begin()._replace(seconds=time.perf_counter() - 5)
    data = counted(test=embedded_cifar10())
    made = head("x", "colorize experiment x", "nothing", data, "cpu", started)
    assert list(made) == ["name", "command", "trained", "commit", "hardware", "torch", "date", "data", "seconds"]
    assert (made["commit"], made["torch"]) == (started.commit, torch.__version__)
    assert made["data"]["test"]["images"] == 20
    assert 5 <= made["seconds"] < 600
    json.dumps(made, allow_nan=False)


def test_the_commit_is_that_of_the_beginning(monkeypatch):
    started = begin()
    monkeypatch.setattr("colorize_lib.record.git_commit", lambda: "another")
    assert head("x", "x", "x", {}, "cpu", started)["commit"] == started.commit


def test_only_options_that_were_given_are_in_the_command():
    assert command_line("colorize train photo", minutes=0.5, size=None, limit=0) == (
        "colorize train photo --minutes 0.5 --limit 0"
    )


def test_a_network_is_trained_once():
    photo = {"name": "photo", "recipe": {}}
    assert trainings(photo, photo) == ("colorize train photo && ", ["runs/photo.safetensors"])


def test_what_went_on_twice_is_trained_three_times():
    once = {"name": "photo", "recipe": {"name": "photo", "minutes": 60.0, "lr": 0.01}}
    twice = {"name": "photo", "recipe": {"name": "photo", "minutes": 30.0, "lr": 0.01}, "start": once}
    thrice = {"name": "photo", "recipe": {"name": "photo", "minutes": 30.0, "lr": 0.001}, "start": twice}
    first = "colorize train photo -o runs/1 && colorize train photo --start runs/1/photo.safetensors --minutes 30"
    assert training(twice) == first
    third = "colorize train photo --start runs/2/photo.safetensors --minutes 30 --lr 0.001"
    assert training(thrice) == f"{first} -o runs/2 && {third}", "what differs from the recipe, not from the one before"
    little = {**twice, "recipe": {**twice["recipe"], "small": 64}}
    assert training(little) == f"{first} --small 64"
    assert training({**twice, "recipe": {**twice["recipe"], "small": 0}}) == training(twice)

    tuned = {"name": "regression-tuned", "recipe": {}, "start": {"name": "classification", "recipe": {}}}
    assert training(tuned) == "colorize train regression-tuned", "its recipe says where it begins"


@pytest.mark.parametrize(
    ("recipe", "seeds", "said"),
    [
        ({"name": "a", "epochs": 3, "seed": 1}, None, "a, 3 epochs, seed 1"),
        ({"name": "a", "epochs": 3, "minutes": 68.0, "seed": 1}, 5, "a, 68 minutes, 5 seeds"),
    ],
)
def test_recipes_in_words(recipe, seeds, said):
    assert recipe_in_words(recipe, seeds) == said
