"""Numbers of the book say where they come from."""

import importlib
import json
import re
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from colorize_lib.measuring.provenance import report, source
from colorize_lib.measuring.results import read_result

ROOT = Path(__file__).resolve().parents[2]
#: What every result says first.
HEAD = ["name", "command", "trained", "commit", "hardware", "torch", "date", "data", "seconds"]
RESULTS = sorted(path.stem for path in (ROOT / "results").glob("*.json"))


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_says_where_it_comes_from(name):
    found = asdict(source(read_result(name)))
    assert all(found.values()), found
    assert (ROOT / found["file"]).is_file()
    assert re.match(r"[0-9a-f]{12}( \((training|measuring)\))?(; |$)", found["commit"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"])
    assert re.search(r"[\d,]+ (test|dev) images of \S+", found["data"])


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_has_the_same_head(name):
    result = read_result(name)
    assert list(result)[: len(HEAD)] == HEAD
    assert result["name"] == name
    assert all({"source", "images"} == part.keys() for part in result["data"].values())


def test_a_network_that_was_measured_says_both():
    result = read_result("classification")
    assert source(result).commit == "0db3220ff9c0 (training)"  # the commit of the measurement was not recorded
    result |= {"commit": "0123456789ab", "hardware": "a GPU"}
    assert source(result).commit == "0db3220ff9c0 (training); 0123456789ab (measuring)"
    assert source(result).hardware == "2 threads of x86_64 (training); a GPU (measuring)"


@pytest.mark.parametrize("name", RESULTS)
def test_the_command_that_makes_it_again_exists(name):
    for command in source(read_result(name)).command.split(" && "):
        program, verb, *arguments = command.split()
        if program == "python":
            assert (ROOT / verb).is_file()
            continue
        assert program == "colorize"
        importlib.import_module(f"colorize_lib.commands.{verb}").parser().parse_args(
            arguments
        )  # exits where there is no such command


def test_a_network_says_where_it_comes_from(bins):
    found = source(bins.meta)
    assert found.file == "colorize_lib/weights/classification.safetensors"
    assert found.command == "colorize train classification"
    assert found.data == "50,000 training images of cifar10.tgz, JPEG"
    assert found.recipe == "classification, 18 epochs, seed 0"


def test_a_sentence_stays_markdown_and_carries_its_sources():
    shown = report("It is **15.3**.", read_result("classification"), read_result("vgg"))._repr_mimebundle_()
    assert shown["text/plain"] == "It is **15.3**."
    text, note = re.split(r"(?=<details)", shown["text/markdown"])
    assert text == "It is **15.3**.\n\n"
    assert "Source: results/classification.json, results/vgg.json" in note
    assert note.index("colorize train classification") < note.index("colorize experiment vgg")


def test_a_table_stays_html_and_carries_its_sources():
    table = pd.DataFrame({"ab RMSE": [15.3]})
    shown = report(table, read_result("classification"))._repr_mimebundle_()
    assert table._repr_html_() in shown["text/html"]
    assert "results/classification.json" in shown["text/html"]


def test_what_a_result_says_cannot_become_markup():
    result = json.loads(json.dumps(read_result("classification")))
    result["weights"]["hardware"] = "<script>alert(1)</script>"
    assert "<script>" not in report("", result)._repr_mimebundle_()["text/markdown"]


def test_no_number_without_a_result():
    with pytest.raises(ValueError, match="at least one"):
        report("It is 15.3.")


def test_one_thread_is_one():
    result = read_result("classification")
    for says, shown in (
        ("1 threads of x86_64", "1 thread of x86_64"),
        ("11 threads of x86_64", "11 threads of x86_64"),
    ):
        result["weights"]["hardware"] = says
        assert source(result).hardware == f"{shown} (training)"
