"""Weights on disk: what is written is what is read, or one sentence says why not."""

import json
import os
import pickle
import subprocess
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from colorize_lib.errors import InputError
from colorize_lib.files import atomic_path
from colorize_lib.inference.classifier import Classifier
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.networks.build import build_network
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.weights.file import Weights, _digest, load_state, save_weights
from colorize_lib.weights.shipped import load_weights, shipped_weights, weights_path

CONFIG = UNetConfig(261, (4, 8))
keep_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)


def some_weights() -> Weights:
    torch.manual_seed(1)
    network = UNet(CONFIG)
    with torch.no_grad():
        network(torch.rand(2, 1, 16, 16) * 100)  # batch norm has seen something
    meta = {
        "name": "tiny",
        "config": {"out_channels": 261, "widths": [4, 8]},
        "gamut": {"grid": 10, "neighbours": 5, "sigma": 5},
        "note": "grün ≠ rouge",
        "numbers": [0.1, 1e-300, 3],
    }
    return Weights(network.state_dict(), torch.rand(261), meta)


@pytest.fixture
def weights() -> Weights:
    return some_weights()


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("written") / "tiny.safetensors"
    save_weights(path, some_weights())
    return path


def assert_one_sentence(message: str):
    assert "\n" not in message
    assert message.endswith(".")


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system with room for 32 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small file system can be mounted here: {error}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


# --- round trip


def test_what_is_written_is_read(weights, tmp_path):
    path = tmp_path / "new" / "folder" / "tiny.safetensors"
    save_weights(path, weights)
    again = load_weights(path)
    assert again.meta == weights.meta
    kept = {k: v for k, v in weights.state.items() if not k.endswith("num_batches_tracked")}
    assert again.state.keys() == kept.keys()
    for key, tensor in kept.items():
        assert again.state[key].dtype == torch.float32
        expected = tensor.half().float() if tensor.ndim > 1 else tensor
        assert torch.equal(again.state[key], expected), key
        torch.testing.assert_close(again.state[key], tensor, rtol=2**-11, atol=1e-7)
    assert torch.equal(again.prior, weights.prior)
    assert [f.name for f in path.parent.iterdir()] == ["tiny.safetensors"]


def test_a_name_that_is_not_utf8_is_a_name(weights, written, tmp_path):
    path = tmp_path / os.fsdecode(b"runs\xff") / os.fsdecode(b"m\xfcller.safetensors")
    save_weights(path, weights)
    again, plain = load_weights(path, "colorizer"), load_weights(written)
    assert again.meta == plain.meta == weights.meta
    assert all(torch.equal(again.state[key], plain.state[key]) for key in plain.state)
    assert os.listdir(os.fsencode(path.parent)) == [b"m\xfcller.safetensors"]


def test_matrices_take_two_bytes_a_number(written, weights):
    tensors = load_file(written)
    assert {t.dtype for t in tensors.values() if t.ndim > 1} == {torch.float16}
    assert {t.dtype for t in tensors.values() if t.ndim <= 1} == {torch.float32}
    matrices = sum(t.numel() for t in weights.state.values() if t.ndim > 1)
    assert 2 * matrices < written.stat().st_size < 2 * matrices + 12_000


def test_numbers_of_any_kind_and_layout_are_written_as_said(tmp_path):
    state = {
        "matrix": torch.rand(3, 4, dtype=torch.float64),
        "turned": torch.rand(4, 3).T,
        "last": torch.rand(2, 3, 4, 4).contiguous(memory_format=torch.channels_last),
        "vector": torch.rand(5, dtype=torch.float64),
        "learned": torch.nn.Parameter(torch.rand(2, 2)),
    }
    save_weights(tmp_path / "w.safetensors", Weights(state, torch.rand(7, dtype=torch.float64), {}))
    tensors, again = load_file(tmp_path / "w.safetensors"), load_weights(tmp_path / "w.safetensors")
    halves = {name for name, tensor in tensors.items() if tensor.dtype == torch.float16}
    assert halves == {"net.matrix", "net.turned", "net.last", "net.learned"}
    assert {tensor.dtype for tensor in (*again.state.values(), again.prior)} == {torch.float32}
    for name, tensor in state.items():
        torch.testing.assert_close(again.state[name], tensor.detach().float(), atol=1e-3, rtol=0)


def test_the_same_weights_have_the_same_hash_whatever_the_order_of_their_description(weights, written, tmp_path):
    backwards = dict(reversed(weights.meta.items()))
    assert list(backwards) != sorted(backwards)
    save_weights(tmp_path / "w.safetensors", replace(weights, meta=backwards))
    with safe_open(tmp_path / "w.safetensors", "pt") as file, safe_open(written, "pt") as first:
        assert file.metadata() == first.metadata()


def test_what_was_read_stays_what_it_is(weights):
    with pytest.raises(FrozenInstanceError):
        weights.prior = None


def test_without_a_prior_there_is_none(weights, tmp_path):
    save_weights(tmp_path / "w.safetensors", replace(weights, prior=None))
    assert load_weights(tmp_path / "w.safetensors").prior is None


def test_writing_again_changes_nothing_and_replaces_what_was_there(weights, written, tmp_path):
    path = tmp_path / "w.safetensors"
    first = load_weights(written)
    save_weights(path, first)
    again = load_weights(path)
    assert again.meta == first.meta
    assert all(torch.equal(again.state[key], first.state[key]) for key in first.state)
    save_weights(path, replace(weights, meta={"name": "other"}))
    assert load_weights(path).meta == {"name": "other"}


def test_a_network_filled_from_a_file_predicts_the_same(written, weights):
    first, again = UNet(CONFIG).eval(), UNet(CONFIG).eval()
    first.load_state_dict(weights.state)
    assert load_state(again, load_weights(written)) is again
    lightness = torch.rand(1, 1, 16, 16) * 100
    with torch.no_grad():
        torch.testing.assert_close(again(lightness), first(lightness), atol=5e-3, rtol=5e-3)


def test_what_was_loaded_does_not_change_with_the_file(written, tmp_path):
    """A file may be overwritten in place (cp, a checkout) while a program that loaded it goes on."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(written.read_bytes())
    loaded, expected = load_weights(path), load_weights(written)
    with open(path, "r+b") as file:
        file.write(bytes(path.stat().st_size))
    assert torch.equal(loaded.prior, expected.prior)
    assert all(torch.equal(loaded.state[key], tensor) for key, tensor in expected.state.items())


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


# --- weights that do not fit


def test_weights_of_another_shape_do_not_fit(weights):
    with pytest.raises(InputError, match="'tiny' do not fit the network"):
        load_state(UNet(UNetConfig(261, (4, 12))), weights)
    with pytest.raises(InputError, match="do not fit the network: size mismatch for head.weight"):
        load_state(UNet(UNetConfig(2, (4, 8))), weights)


def test_the_message_about_another_shape_is_one_line(weights):
    with pytest.raises(InputError, match="do not fit the network: size mismatch for encoder") as caught:
        load_state(UNet(UNetConfig(261, (4, 12))), weights)
    assert_one_sentence(str(caught.value))


def test_missing_and_unexpected_names_are_named(weights):
    state = dict(weights.state)
    state["extra.weight"] = state.pop("head.bias")
    with pytest.raises(InputError, match=r"missing \['head.bias'\], unexpected \['extra.weight'\]") as caught:
        load_state(UNet(CONFIG), replace(weights, state=state))
    assert_one_sentence(str(caught.value))


def test_one_tensor_too_many_or_too_few_does_not_fit(weights):
    more = replace(weights, state=weights.state | {"extra.weight": torch.zeros(2, 2)})
    with pytest.raises(InputError, match=r"missing none, unexpected \['extra.weight'\]"):
        load_state(UNet(CONFIG), more)
    fewer = replace(weights, state={name: t for name, t in weights.state.items() if name != "head.bias"})
    with pytest.raises(InputError, match=r"missing \['head.bias'\], unexpected none"):
        load_state(UNet(CONFIG), fewer)


def test_a_colorizer_refuses_weights_that_do_not_fit_their_description(weights, tmp_path):
    meta = weights.meta | {"config": {"out_channels": 261, "widths": [4, 8, 8]}}
    save_weights(tmp_path / "w.safetensors", replace(weights, meta=meta))
    with pytest.raises(InputError, match="do not fit"):
        Colorizer.load(tmp_path / "w.safetensors", "cpu")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6], ids=str)
def test_what_is_not_finite_in_the_file_is_not_written(weights, tmp_path, value):
    weights.state["head.weight"][3, 1] = value  # 1e6 is infinite as fp16
    with pytest.raises(InputError, match="head.weight are not all finite") as caught:
        save_weights(tmp_path / "w.safetensors", weights)
    assert_one_sentence(str(caught.value))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nonsense", "", "weights.pth", "../classification"])
def test_an_unknown_name_lists_the_shipped_ones(name):
    with pytest.raises(InputError, match=r"Choose .*classification.* or a .safetensors file") as caught:
        weights_path(name)
    assert_one_sentence(str(caught.value))


def test_what_can_be_chosen_depends_on_what_it_is_for():
    choices = {}
    for kind in (None, "colorizer", "classifier"):
        with pytest.raises(InputError) as caught:
            weights_path("nonsense", kind)
        choices[kind] = str(caught.value).partition("Choose ")[2]
    assert choices[None] == f"{', '.join(shipped_weights())}, eccv16 (a download) or a .safetensors file."
    assert (
        choices["colorizer"]
        == f"{', '.join(shipped_weights('colorizer'))}, eccv16 (a download) or a .safetensors file."
    )
    assert choices["classifier"] == f"{', '.join(shipped_weights('classifier'))} or a .safetensors file."


def test_weights_of_the_other_kind_are_refused():
    with pytest.raises(
        InputError, match="The weights 'vgg-colour' are of a classifier, not of a colorizer: choose .*photo"
    ):
        load_weights("vgg-colour", "colorizer")
    with pytest.raises(InputError, match="The weights 'photo' are of a colorizer, not of a classifier: choose vgg-"):
        load_weights("photo", "classifier")
    assert load_weights("vgg-colour", "classifier").meta["kind"] == "classifier"
    assert load_weights("regression", "colorizer").meta["name"] == "regression"


def test_the_downloaded_network_is_asked_for_by_its_name_and_is_no_classifier(monkeypatch, weights):
    monkeypatch.setattr("colorize_lib.weights.released.eccv16_weights", lambda: weights)
    assert load_weights("eccv16") is load_weights("eccv16", "colorizer") is weights
    with pytest.raises(InputError, match="There are no weights 'eccv16'"):
        load_weights("eccv16", "classifier")


def test_a_missing_file_and_a_folder(tmp_path):
    (tmp_path / "folder.safetensors").mkdir()
    for name in ("missing.safetensors", "folder.safetensors"):
        with pytest.raises(InputError, match=f"no weights file .*{name}"):
            load_weights(tmp_path / name)


def test_a_home_that_does_not_exist_is_a_file_that_does_not_exist():
    with pytest.raises(InputError, match="no weights file ~no_such_user_at_all"):
        load_weights("~no_such_user_at_all/w.safetensors")


# --- whole or not at all


def test_a_full_disk_leaves_nothing(weights, tiny_disk):
    big = replace(weights, prior=torch.rand(20_000))
    with pytest.raises(InputError, match="cannot be written.*free some space") as caught:
        save_weights(tiny_disk / "w.safetensors", big)
    assert_one_sentence(str(caught.value))
    assert list(tiny_disk.iterdir()) == []
    save_weights(tiny_disk / "w.safetensors", replace(weights, state={}))  # room for this one
    assert load_weights(tiny_disk / "w.safetensors").prior is not None


def test_a_file_that_cannot_grow_leaves_what_was_there(weights, tmp_path, largest_file):
    save_weights(tmp_path / "w.safetensors", replace(weights, prior=None))
    before = (tmp_path / "w.safetensors").read_bytes()
    with largest_file(5000), pytest.raises(InputError, match="cannot be written"):
        save_weights(tmp_path / "w.safetensors", weights)
    assert (tmp_path / "w.safetensors").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_atomic_path_renames_at_the_end(tmp_path):
    target = tmp_path / "a" / "b" / "file.txt"
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert temporary.parent == target.parent
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit, MemoryError])
def test_atomic_path_cleans_up_and_lets_the_error_through(tmp_path, error):
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(error), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_atomic_path_turns_a_write_error_into_a_sentence(tmp_path, largest_file):
    target = tmp_path / "file.txt"
    message = "cannot be written .File too large."
    with largest_file(100), pytest.raises(InputError, match=message), atomic_path(target) as temporary:
        temporary.write_bytes(bytes(1000))
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_is_a_folder(tmp_path):
    (tmp_path / "file.txt" / "full").mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be written"), atomic_path(tmp_path / "file.txt") as temporary:
        temporary.write_text("new")
    assert [f.name for f in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(InputError, match="cannot be written"), atomic_path(tmp_path / "file" / "w.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "file").read_text() == "old"


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(InputError, match="cannot be written"), atomic_path(tmp_path / ("n" * 300)) as temporary:
        temporary.write_text("new")
    assert list(tmp_path.iterdir()) == []


# --- what is shipped


def test_the_three_of_the_book_are_shipped():
    assert {"classification", "rebalanced", "regression"} <= set(shipped_weights())


def test_all_that_is_shipped_is_a_colorizer_or_a_classifier():
    colorizers, classifiers = shipped_weights("colorizer"), shipped_weights("classifier")
    assert {"photo", "regression"} <= set(colorizers)
    assert {"vgg-colour", "vgg-grey"} <= set(classifiers)
    assert sorted(colorizers + classifiers) == shipped_weights()


@pytest.mark.parametrize("name", shipped_weights("colorizer"))
def test_shipped_weights_are_whole_small_and_described(name):
    path = weights_path(name)
    assert path.stat().st_size < {"photo": 12_000_000, "transfer": 8_000_000}.get(name, 5_000_000)
    weights = load_weights(name)
    assert weights.meta["name"] == weights.meta["recipe"]["name"] == name
    assert {"recipe", "data", "commit", "history", "config", "torch", "date", "hardware"} <= weights.meta.keys()
    assert isinstance(weights.meta["recipe"]["seed"], int)
    assert weights.meta["commit"] != "unknown"
    assert weights.meta["data"]["images"] > 0
    assert weights.meta["data"]["source"]
    history = weights.meta["history"]
    if weights.meta["recipe"].get("minutes"):  # by the clock: passes, of which the last of a phase may be cut short
        assert sum(part["images"] for part in history) == weights.meta["images_seen"]
    else:
        assert len(history) == weights.meta["recipe"]["epochs"]
    assert all(0 < epoch["dev_loss"] < 10 and 0 < epoch["train_loss"] < 10 for epoch in history)
    load_state(build_network(weights.meta["config"]), weights)
    assert all(tensor.isfinite().all() for tensor in weights.state.values())
    assert weights.prior.sum().item() == pytest.approx(1, abs=1e-4)
    assert weights.prior.min() >= 0


@pytest.mark.parametrize("name", ["classification", "rebalanced", "regression"])
def test_the_three_of_the_book_were_trained_on_all_of_cifar10(name):
    assert load_weights(name).meta["data"]["images"] == 50_000


def test_no_pickle_is_shipped():
    folder = weights_path("classification").parent
    assert {f.suffix for f in folder.iterdir() if f.is_file()} <= {".safetensors", ".md", ".py"}
    assert os.access(folder, os.R_OK)
