"""A file that is damaged, foreign or of no use is noticed, and one sentence says so."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from sentences import assert_one_sentence
from tiny_weights import some_weights

from colorize_lib.errors import InputError
from colorize_lib.inference.classifier import Classifier
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.weights.file import _digest, save_weights
from colorize_lib.weights.shipped import load_weights

keep_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)


# --- damage


@keep_fixtures
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_wrong_bit_anywhere_is_noticed(written, tmp_path, share, bit):
    content = bytearray(written.read_bytes())
    content[int(share * len(content))] ^= 1 << bit
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(content)
    with pytest.raises(InputError, match="broken.safetensors"):
        load_weights(broken)


@keep_fixtures
@given(position=st.integers(0, 3000), bit=st.integers(0, 7))
def test_one_wrong_bit_in_the_header_is_noticed(written, tmp_path, position, bit):
    content = bytearray(written.read_bytes())
    content[position] ^= 1 << bit
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(content)
    with pytest.raises(InputError, match="broken.safetensors"):
        load_weights(broken)


@keep_fixtures
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_cut_file_is_noticed(written, tmp_path, share):
    content = written.read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match="cut.safetensors is not a safetensors file or is damaged"):
        load_weights(tmp_path / "cut.safetensors")


@pytest.mark.parametrize(
    "content",
    [b"", b"no weights at all", b"\xff" * 64, pickle.dumps({"net": [1, 2]}), b"PK\x03\x04" + bytes(100)],
    ids=["empty", "text", "ff", "pickle", "zip"],
)
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(InputError, match="not a safetensors file") as caught:
        load_weights(tmp_path / "w.safetensors")
    assert_one_sentence(str(caught.value))


def test_a_pickle_is_never_run(tmp_path, weights):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"state": weights.state, "evil": Evil()}, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match="not a safetensors file"):
        load_weights(tmp_path / "w.safetensors")
    (tmp_path / "w.safetensors").rename(tmp_path / "w.pth")
    torch.load(tmp_path / "w.pth", weights_only=False)
    assert (tmp_path / "ran").exists()  # it would have been


@pytest.mark.parametrize("header", [None, {}, {"meta": "{}"}, {"sha256": "0" * 64}])
def test_foreign_safetensors_are_refused(tmp_path, header):
    save_file({"net.head.weight": torch.zeros(2, 2)}, tmp_path / "w.safetensors", header)
    with pytest.raises(InputError, match="was not written by colorize") as caught:
        load_weights(tmp_path / "w.safetensors")
    assert_one_sentence(str(caught.value))


def test_a_changed_description_is_noticed(written, tmp_path):
    with safe_open(written, "pt") as file:
        header = file.metadata()
    meta = json.loads(header["meta"]) | {"name": "better"}
    save_file(load_file(written), tmp_path / "w.safetensors", header | {"meta": json.dumps(meta, sort_keys=True)})
    with pytest.raises(InputError, match="sha256"):
        load_weights(tmp_path / "w.safetensors")


@pytest.mark.parametrize("change", ["one number", "swapped names", "other shape", "other type", "dropped"])
def test_changed_tensors_are_noticed(written, tmp_path, change):
    with safe_open(written, "pt") as file:
        header = file.metadata()
    tensors = load_file(written)
    first, second = "net.encoder.0.0.1.weight", "net.encoder.0.0.1.bias"
    match change:
        case "one number":
            tensors[first][0] += 1
        case "swapped names":
            tensors[first], tensors[second] = tensors[second], tensors[first]
        case "other shape":
            tensors[first] = tensors[first].reshape(2, -1)
        case "other type":
            tensors[first] = tensors[first].view(torch.int32)
        case "dropped":
            del tensors[first]
    save_file(tensors, tmp_path / "w.safetensors", header)
    with pytest.raises(InputError, match="sha256"):
        load_weights(tmp_path / "w.safetensors")


# --- a right hash of what colorize would not write


def forge(path: Path, tensors: dict[str, torch.Tensor], meta) -> Path:
    """A weights file with a right hash, whatever it holds; ``meta`` is plain data or text."""
    text = meta if isinstance(meta, str) else json.dumps(meta)
    save_file(tensors, path, {"meta": text, "sha256": _digest(tensors, text)})
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[dict[str, torch.Tensor], dict]:
    """The tensors and the description of weights that a colorizer can be made of."""
    path = tmp_path_factory.mktemp("whole") / "w.safetensors"
    made = some_weights()
    save_weights(path, replace(made, meta=made.meta | {"data": {"size": [32, 32]}}))
    assert Colorizer.load(path, "cpu").size == 32
    with safe_open(path, "pt") as file:
        return load_file(path), json.loads(file.metadata()["meta"])


WRONG = {
    "no JSON": "{",
    "a list": [],
    "a number": 3,
    "no name": {"name": None},
    "name is a number": {"name": 3},
    "no config": {"config": None},
    "config is a list": {"config": [1]},
    "config is empty": {"config": {}},
    "a newer version's config": {"config": {"out_channels": 261, "widths": [4, 8], "attention": True}},
    "a newer version's network": {"config": {"network": "transformer", "out_channels": 261}},
    "no widths": {"config": {"out_channels": 261, "widths": []}},
    "widths are words": {"config": {"out_channels": 261, "widths": ["a", "b"]}},
    "widths below 0": {"config": {"out_channels": 261, "widths": [-4, 8]}},
    "channels are a word": {"config": {"out_channels": "many", "widths": [4, 8]}},
    "an unknown encoder": {"config": {"out_channels": 261, "widths": [4, 8], "encoder": "nonsense"}},
    "no data": {"data": None},
    "no size": {"data": {}},
    "an empty size": {"data": {"size": []}},
    "size is a word": {"data": {"size": "large"}},
    "size 0": {"data": {"size": [0, 0]}},
    "no gamut": {"gamut": None},
    "a newer version's gamut": {"gamut": {"grid": 10, "space": "oklab"}},
    "grid 0": {"gamut": {"grid": 0}},
    "grid of a word": {"gamut": {"grid": "fine"}},
    "other bins": {"gamut": {"grid": 20}},
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_description_with_a_right_hash_that_is_not_understood_ends_in_a_sentence(kind, whole, tmp_path):
    tensors, meta = whole
    change = WRONG[kind]
    wrong = {k: v for k, v in (meta | change).items() if v is not None} if isinstance(change, dict) else change
    path = forge(tmp_path / "w.safetensors", tensors, wrong)
    with pytest.raises(
        InputError, match="fetch (it|them) again, or update colorize|do not fit|has no network"
    ) as caught:
        Colorizer.load(path, "cpu")
    assert_one_sentence(str(caught.value))


def bfloat(tensors):
    return {key: tensor.bfloat16() for key, tensor in tensors.items()}


def not_a_number(tensors):
    return tensors | {"net.head.bias": torch.full((261,), torch.nan)}


def short_prior(tensors):
    return tensors | {"prior": torch.rand(12)}


def negative_prior(tensors):
    return tensors | {"prior": -torch.rand(261)}


@pytest.mark.parametrize("change", [bfloat, not_a_number, short_prior, negative_prior])
def test_tensors_with_a_right_hash_that_are_of_no_use_end_in_a_sentence(change, whole, tmp_path):
    tensors, meta = whole
    with pytest.raises(InputError, match="of a kind that|not finite numbers|a prior of shape") as caught:
        Colorizer.load(forge(tmp_path / "w.safetensors", change(tensors), meta), "cpu")
    assert_one_sentence(str(caught.value))


@pytest.mark.parametrize("change", [{"classes": None}, {"config": {"width": "wide"}}, {"config": {"depth": 3}}])
def test_a_classifier_that_is_not_understood_ends_in_a_sentence(change, tmp_path):
    meta = {"name": "vgg", "kind": "classifier", "config": {"width": 0.1}, "classes": ["a"]} | change
    path = forge(tmp_path / "w.safetensors", {"net.x": torch.ones(2)}, {k: v for k, v in meta.items() if v is not None})
    with pytest.raises(InputError, match="fetch them again, or update colorize"):
        Classifier.load(path, "cpu")


def test_a_foreign_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    """It may be gigabytes large."""
    save_file({"weight": torch.zeros(2, 2)}, tmp_path / "w.safetensors", {"format": "pt"})

    class Opened:
        def __init__(self, *args):
            self.file = safe_open(*args)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def metadata(self):
            return self.file.metadata()

        def keys(self):
            pytest.fail("the tensors were looked at")

    monkeypatch.setattr("colorize_lib.weights.file.safe_open", Opened)
    with pytest.raises(InputError, match="was not written by colorize"):
        load_weights(tmp_path / "w.safetensors")


def test_a_file_that_may_not_be_read_is_said_to_be_one(written, monkeypatch):
    def denied(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(InputError, match=r"tiny.safetensors cannot be read \(Permission denied\)"):
        load_weights(written)
