"""What the page "Colour your own photo" is made of: the exported network, the runtime, the settings."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from colorize_lib import Colorizer
from colorize_lib.colour.bilateral import FLAT, SMOOTHING
from colorize_lib.data.examples import PHOTOGRAPHS
from colorize_lib.inference import colorizer as module
from colorize_lib.inference.dials import TEMPERATURE, VIVIDNESS
from colorize_lib.inference.sheet import TEMPERATURES, VIVIDNESSES
from colorize_lib.weights.shipped import weights_path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import photo_panel  # noqa: E402

needs_onnx = pytest.mark.skipif(
    not importlib.util.find_spec("onnx") or not importlib.util.find_spec("onnxscript"),
    reason="NOT TESTED: onnx and onnxscript are not installed.",
)


@pytest.fixture(scope="module")
def network(bins) -> bytes:
    return photo_panel.export_network(bins)


@needs_onnx
@pytest.mark.parametrize("size", [(8, 8), (24, 40), (32, 32), (64, 16)])
def test_the_exported_network_is_the_network(bins, network, size):
    from onnx import load_model_from_string
    from onnx.reference import ReferenceEvaluator

    light = torch.rand(1, 1, *size) * 100
    (logits,) = ReferenceEvaluator(load_model_from_string(network)).run(None, {"lightness": light.numpy()})
    with torch.inference_mode():
        expected = bins.network(light).numpy()
    assert logits.shape == expected.shape == (1, 261, size[0] // 2, size[1] // 2)
    assert np.abs(logits - expected).max() < 1e-4


@needs_onnx
def test_the_exported_network_is_as_small_as_the_weights_and_says_nothing_of_this_machine(network):
    import onnx

    assert len(network) < 1.05 * weights_path("classification").stat().st_size
    onnx.checker.check_model(network)
    assert str(ROOT).encode() not in network
    assert b"site-packages" not in network


def test_settings_are_the_librarys_numbers(tmp_path):
    photo_panel.write_settings(tmp_path, "No runtime.")
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert settings["flat"] == FLAT
    assert settings["smoothing"] == SMOOTHING
    assert settings["multiple"] == module.MULTIPLE
    assert (settings["temperature"], settings["vividness"]) == (TEMPERATURE, VIVIDNESS)
    assert settings["sheet"] == {"temperatures": list(TEMPERATURES), "vividnesses": list(VIVIDNESSES)}
    assert settings["missing"] == "No runtime."
    assert [photo["name"] for photo in settings["photographs"]] == list(PHOTOGRAPHS)
    assert settings["painters"] == []
    assert len(json.loads((tmp_path / "bins.json").read_text())) == 261


def test_what_each_painter_needs_is_what_its_colorizer_has(tmp_path):
    (tmp_path / "runtime").mkdir()
    for name in [*map(photo_panel.file_of, photo_panel.PAINTERS), f"runtime/{photo_panel.MACHINE}.gz"]:
        (tmp_path / name).write_bytes(bytes(len(name)))
    photo_panel.write_settings(tmp_path, None)
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert [one["name"] for one in settings["painters"]] == [photo_panel.MODEL, *list(photo_panel.PAINTERS)[1:]]
    centres = json.loads((tmp_path / "bins.json").read_text())
    for one in settings["painters"]:
        colorizer = Colorizer.load(one["name"], "cpu")
        assert (one["size"], one["reduction"]) == (colorizer.size, colorizer.network.reduction)
        assert one["bytes"] == len(one["file"])
        if colorizer.gamut is None:
            assert (one["prior"], one["scale"]) == (None, 50)
        else:
            assert centres == colorizer.gamut.centres.tolist()
            assert json.loads((tmp_path / one["prior"]).read_text()) == pytest.approx(colorizer.prior.tolist())


def test_what_the_panels_scripts_import_lies_beside_them(tmp_path):
    photo_panel.copy_shared(tmp_path)
    own = {file.name: file for file in (ROOT / "book" / "_static" / "photo").glob("*.mjs")}
    all_of_them = own | {file.name: file for file in tmp_path.iterdir()}
    wanted = {
        name for file in all_of_them.values() for name in re.findall(r'from "\./([\w.]+)"', file.read_text("utf-8"))
    }
    assert wanted <= all_of_them.keys()
    assert "hints.mjs" in wanted


def test_photographs_are_small_files(tmp_path):
    photo_panel.write_photographs(tmp_path)
    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert set(sizes) == {f"{name}{kind}.jpg" for name in PHOTOGRAPHS for kind in ("", "-small")}
    assert sum(size for name, size in sizes.items() if "-small" in name) < 40_000
    assert max(sizes.values()) < 100_000


@needs_onnx
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (subprocess.CalledProcessError(1, ["npm"], stderr="npm error\nnpm error network down\n"), "network down"),
        (subprocess.TimeoutExpired(["npm"], 600), "timed out"),
        (FileNotFoundError("pip"), "pip"),
    ],
    ids=["offline", "waiting", "no pip"],
)
def test_without_npm_the_page_says_so_and_the_next_build_tries_again(tmp_path, monkeypatch, capsys, error, said):
    def fail(*args, **kwargs):
        raise error

    cache = tmp_path / "cache"
    monkeypatch.setattr(photo_panel, "CACHE", cache)
    monkeypatch.setattr(photo_panel, "STAMP", cache / ".fingerprint")
    monkeypatch.setattr(photo_panel.subprocess, "run", fail)
    assert not photo_panel.make(tmp_path / "page")
    assert said in capsys.readouterr().err
    assert not (cache / ".fingerprint").exists()
    settings = json.loads((tmp_path / "page" / "settings.json").read_text())
    assert settings["missing"] == photo_panel.MISSING
    assert settings["painters"] == []
    assert not list((tmp_path / "page").glob(".n*"))


def test_the_lock_file_pins_every_package():
    lock = json.loads((photo_panel.LOCK / "package-lock.json").read_text())
    wanted = json.loads((photo_panel.LOCK / "package.json").read_text())["dependencies"]
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages["node_modules/onnxruntime-web"]["version"] == wanted["onnxruntime-web"]
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert all("registry.npmjs.org" in entry.get("resolved", "registry.npmjs.org") for entry in packages.values())
