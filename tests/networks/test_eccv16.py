"""The ECCV 2016 network: its tensors, its distribution, and the download, from a server on this machine."""

import hashlib
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from colorize_lib import explore
from colorize_lib.cli import main
from colorize_lib.colour.gamut import Gamut
from colorize_lib.data.examples import gallery
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.networks.eccv16 import AB_SCALE, BINS, ECCV16
from colorize_lib.pages.packed import pack
from colorize_lib.weights import released as download
from colorize_lib.weights.file import Weights, save_weights
from colorize_lib.weights.released import eccv16_weights, fetch
from colorize_lib.weights.shipped import load_weights, shipped_weights

NAME = "fake-9b330a0b.pth"


def manifest() -> dict[str, tuple[int, ...]]:
    """Names and shapes, written down from the published table and not taken from our network."""
    lines = Path(__file__).parents[1].joinpath("eccv16_manifest.txt").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return {name: tuple(map(int, shape)) for name, *shape in rows}


def fake_state() -> dict[str, torch.Tensor]:
    """Random weights under the names and in the shapes of the manifest, that say something at every pixel."""
    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, shape in manifest().items():
        if name.endswith("num_batches_tracked"):
            continue  # they may be missing: old PyTorch had none
        fan_in = max(1, torch.Size(shape[1:]).numel())
        state[name] = torch.empty(shape).uniform_(-1, 1, generator=generator) * (6 / fan_in) ** 0.5
        if len(shape) == 1:
            state[name] = 1 + state[name].sign() * 0.1 if name.endswith(("_var", "weight")) else 0 * state[name]
    state["model8.6.weight"] *= 300  # no flat distributions
    side = torch.arange(-90, 91, 10)
    centres = torch.cartesian_prod(side, side)[:BINS].float()  # (313, 2)
    state["model_out.weight"] = (centres / AB_SCALE).T.reshape(2, BINS, 1, 1).clone()
    return state


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server with the fake file; the attribute ``behaviour`` says what it does with it. ``log``: its requests."""
    path = tmp_path_factory.mktemp("server") / NAME
    torch.save(fake_state(), path, _use_new_zipfile_serialization=False)  # as old as the release
    content = path.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.log.append(self.path)
            if not self.path.endswith(NAME):
                return self.send_error(404)
            body = self.server.content
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if self.server.cut else body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.whole, server.url = content, f"http://127.0.0.1:{server.server_port}/{NAME}"
    server.sha256 = hashlib.sha256(content).hexdigest()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(served, monkeypatch):
    """That server, where the package now takes the weights to be."""
    served.content, served.cut, served.log = served.whole, False, []
    monkeypatch.setattr(download, "URL", served.url)
    monkeypatch.setattr(download, "SHA256", served.sha256[:8])
    return served


@pytest.fixture
def small(server):
    """The same server with a small file."""
    server.content = bytes(range(256)) * 9000  # more than one chunk
    return server, hashlib.sha256(server.content).hexdigest()


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """torch.hub's folder, empty at first."""
    folder = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.hub, "_hub_dir", str(folder))  # set_dir could not be taken back
        yield folder


@pytest.fixture(scope="module")
def colorizer(served, hub) -> Colorizer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download, "URL", served.url)
        patch.setattr(download, "SHA256", served.sha256[:8])
        served.content, served.cut, served.log = served.whole, False, []
        return Colorizer.load("eccv16", "cpu")


@pytest.fixture(scope="module")
def lightness() -> torch.Tensor:
    """``(1, 1, 32, 32)``: patches from black to white."""
    patches = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 100
    return F.interpolate(patches, scale_factor=4)


def test_every_tensor_has_the_name_and_the_shape_of_the_release():
    with torch.device("meta"):
        network = ECCV16()
    assert {name: tuple(t.shape) for name, t in network.state_dict().items()} == manifest()
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 1) == 32.2


def test_layers_work_in_the_published_order_at_the_published_strides():
    with torch.device("meta"):
        network = ECCV16()
    kinds = {name: "".join(type(layer).__name__[0] for layer in stage) for name, stage in network.named_children()
             if name != "model_out"}  # fmt: skip
    assert kinds == {
        **dict.fromkeys(("model1", "model2"), "CRCRB"),
        **dict.fromkeys(("model3", "model4", "model5", "model6", "model7"), "CRCRCRB"),
        "model8": "CRCRCRC",
    }
    convs = {name: m for name, m in network.named_modules() if isinstance(m, torch.nn.Conv2d)}
    assert {n: m.stride for n, m in convs.items() if m.stride != (1, 1)} == {
        "model1.2": (2, 2), "model2.2": (2, 2), "model3.4": (2, 2)
    }  # fmt: skip
    assert {n for n, m in convs.items() if m.dilation == (2, 2)} == {f"model{k}.{i}" for k in (5, 6) for i in (0, 2, 4)}
    assert all(m.padding == m.dilation for m in convs.values() if m.kernel_size == (3, 3))


def test_it_is_downloaded_once_and_named_nowhere_among_what_ships(server, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    weights = load_weights("eccv16", "colorizer")
    again = load_weights("eccv16")
    assert server.log == [f"/{NAME}"]
    assert [f.name for f in (tmp_path / "checkpoints").iterdir()] == [NAME]
    assert weights.prior is None
    assert weights.meta["data"]["size"] == [256, 256]
    assert torch.equal(weights.state["model8.6.weight"], again.state["model8.6.weight"])
    assert "eccv16" not in shipped_weights()
    with pytest.raises(InputError, match="eccv16"):
        load_weights("nonsense", "colorizer")
    with pytest.raises(InputError, match=r"(?s)^(?!.*download)"):
        load_weights("eccv16", "classifier")


def test_the_annealed_mean_at_one_is_what_the_release_paints(colorizer, lightness):
    logits = colorizer.predict(lightness)
    assert logits.shape == (1, BINS, 8, 8)
    assert logits.std(1).mean() > 0.3
    ab = colorizer.decode(logits)
    with torch.inference_mode():
        released = colorizer.network.mean_colour(lightness)
    assert released.shape == (1, 2, 32, 32)
    assert released.std() > 1
    ours = F.interpolate(ab, scale_factor=4, mode="bilinear")
    assert (ours - released).abs().max() < 1e-3
    assert (colorizer.colour_lightness(lightness) - released).abs().max() < 1e-3


def test_without_a_prior_it_is_not_rebalanced_again(colorizer):
    logits = torch.randn(1, BINS, 2, 3)
    assert torch.equal(colorizer.decode(logits, 0.4, 0.3), colorizer.decode(logits, 0.4, 1.0))
    with pytest.raises(ValueError, match="needs the prior"):
        colorizer.gamut.decode(logits, 0.4, 0.3)


def test_odd_sides_and_several_sizes(colorizer):
    assert colorizer.predict(torch.rand(1, 1, 21, 9) * 100).shape == (1, BINS, 6, 3)
    assert colorizer.colorize(torch.rand(3, 37, 51), size=16).size == (51, 37)


def test_the_explorer_takes_it(colorizer):
    explorer = explore(gallery().rgb[:2], colorizer)
    explorer.temperature, explorer.lam = 0.5, 0.5
    vivid = explorer.coloured
    explorer.lam = 1.0
    assert torch.equal(explorer.coloured, vivid)
    header, data = pack(explorer.subjects, colorizer)
    assert header["pictures"][0]["cells"] == [64, 64]  # seen at the 256 pixels of its training
    assert len(header["prior"]) == BINS
    assert sum(header["prior"]) == pytest.approx(1)
    assert len(set(header["shift"])) == 1
    assert len(data) == 2 * (3 * 32 * 32 + 64 * 64 * BINS)


def test_the_command_colours_with_it(server, hub, tmp_path, capsys):
    picture = tmp_path / "photo.png"
    Image.new("L", (40, 24), 120).save(picture)
    assert main(["-m", "eccv16", "-s", "16", str(picture)]) == 0  # at the vividness that it has by itself
    assert Image.open(tmp_path / "photo-coloured.png").size == (40, 24)


@pytest.mark.slow
def test_saved_as_our_own_file_it_is_the_same_network(colorizer, server, hub, tmp_path, lightness):
    weights = eccv16_weights()
    save_weights(tmp_path / "mine.safetensors", Weights(weights.state, None, weights.meta))
    mine = Colorizer.load(tmp_path / "mine.safetensors", "cpu")
    assert torch.equal(mine.gamut.centres, colorizer.gamut.centres)
    assert (mine.predict(lightness) - colorizer.predict(lightness)).abs().max() < 0.1


def test_given_centres_decode_to_their_mean_and_are_found_by_search():
    centres = torch.rand(40, 2) * 100 - 50
    gamut = Gamut(centres=centres)
    logits = torch.randn(2, 40, 3, 5)
    expected = torch.einsum("nqhw,qc->nchw", logits.softmax(1), centres)
    assert (gamut.decode(logits) - expected).abs().max() < 1e-4
    ab = torch.rand(1, 2, 7, 6) * 120 - 60
    distance = torch.cdist(ab[0].flatten(1).T, centres)
    assert torch.equal(gamut.nearest(ab).flatten(), distance.argmin(1))
    index, weight = gamut.encode(ab)
    assert torch.equal(index[0, 0].flatten(), distance.argmin(1))
    assert (weight.sum(1) - 1).abs().max() < 1e-6


def test_the_grids_own_centres_given_in_another_order_are_the_same_bins(gamut):
    order = torch.randperm(len(gamut))
    given = Gamut(centres=gamut.centres[order])
    ab = torch.rand(1, 2, 20, 20) * 200 - 100
    assert torch.equal(order[given.nearest(ab)], gamut.nearest(ab))


@pytest.mark.parametrize("centres", [[[0.0, 1.0, 2.0]] * 9, [0.0] * 9, [[float("nan"), 0.0]] * 9])
def test_centres_that_are_no_points_are_refused(centres):
    with pytest.raises(ValueError, match="shape"):
        Gamut(centres=centres)


def test_fetching_checks_keeps_and_mends(small, tmp_path):
    server, sha256 = small
    folder = tmp_path / "not there yet"
    path = fetch(server.url, sha256, folder)
    assert path.read_bytes() == server.content
    assert fetch(server.url, sha256, folder) == path
    assert len(server.log) == 1
    path.write_bytes(server.content[:1000])  # a half-written file, by another program
    assert fetch(server.url, sha256, folder).read_bytes() == server.content
    assert len(server.log) == 2
    assert list(folder.iterdir()) == [path]


def test_another_hash_is_refused_and_nothing_kept(small, tmp_path):
    server, sha256 = small
    with pytest.raises(InputError, match=f"begins with {sha256[:8]}, not with 00000000, so it was not kept"):
        fetch(server.url, "0" * 64, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_download_is_refused_and_nothing_kept(small, tmp_path):
    server, sha256 = small
    server.cut = True
    with pytest.raises(InputError, match="broke off after 1152000 of 2304000 bytes|cannot be downloaded"):
        fetch(server.url, sha256, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_the_server_does_not_have(small, tmp_path):
    server, sha256 = small
    with pytest.raises(InputError, match=r"cannot be downloaded \(.*Not Found\)"):
        fetch(server.url.replace(NAME, "other.pth"), sha256, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_internet_is_one_sentence(tmp_path, monkeypatch, capsys, hub):
    monkeypatch.setattr(download, "URL", "http://127.0.0.1:9/gone-9b330a0b.pth")
    Image.new("L", (8, 8)).save(tmp_path / "photo.png")
    assert main(["-m", "eccv16", str(tmp_path / "photo.png")]) == 2
    said = capsys.readouterr().err
    assert "cannot be downloaded" in said
    assert "needs the internet once" in said
    assert said.count("\n") == 1
    assert [f.name for f in tmp_path.iterdir()] == ["photo.png"]


def test_a_full_disk_is_one_sentence_and_nothing_is_kept(small, tmp_path, largest_file):
    server, sha256 = small
    with largest_file(100_000), pytest.raises(InputError, match="cannot be written"):
        fetch(server.url, sha256, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_pickle_that_would_run_code_is_refused_unrun(small, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    server, _ = small
    torch.save({"model_out.weight": Evil()}, tmp_path / "evil.pth")
    server.content = (tmp_path / "evil.pth").read_bytes()
    with pytest.raises(InputError, match="does not hold the weights of eccv16"):
        eccv16_weights(sha256=hashlib.sha256(server.content).hexdigest(), folder=tmp_path / "cache")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "does not hold"),
        ([], "does not hold"),
        ({"model_out.weight": torch.zeros(3, 3)}, "does not hold"),
        ({"model_out.weight": torch.full((2, BINS, 1, 1), 100.0)}, "outside the ab plane"),
        ({"model_out.weight": torch.full((2, BINS, 1, 1), float("nan"))}, "outside the ab plane"),
    ],
)
def test_another_networks_weights_are_refused(small, tmp_path, state, message):
    server, _ = small
    torch.save(state, tmp_path / "other.pth")
    server.content = (tmp_path / "other.pth").read_bytes()
    with pytest.raises(InputError, match=message):
        eccv16_weights(sha256=hashlib.sha256(server.content).hexdigest(), folder=tmp_path / "cache")


def test_the_release_is_where_and_what_it_was():
    assert download.URL.endswith(f"/colorization_release_v2-{download.SHA256}.pth")
    assert torch.hub.HASH_REGEX.search(Path(download.URL).name).group(1) == download.SHA256
