"""The explorer as Python sees it: traits, packed data, own pictures, and what stays without a kernel."""

import base64
import gzip
import io
import json
import re
import sys
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
import torch
import traitlets
from PIL import Image

from colorize_lib import explore
from colorize_lib.colour.lab import rgb_to_lab, to_rgb
from colorize_lib.colour.resolution import upsample
from colorize_lib.data.examples import gallery, photograph
from colorize_lib.errors import InputError
from colorize_lib.measuring.metrics import ab_rmse, colourfulness
from colorize_lib.pages.explorer import MAX_PICTURES, MAX_SIDE, Explorer
from colorize_lib.pages.packed import DEPTH, MIDDLE_LAMBDA, levels, pack, pack_painter, quantise


@pytest.fixture
def explorer(bins):
    return explore(colorizer=bins)


@pytest.fixture(scope="module")
def lab() -> torch.Tensor:
    return rgb_to_lab(gallery().rgb)


def test_it_starts_as_trained_at_the_mean_with_the_books_pictures(explorer):
    assert (explorer.temperature, explorer.lam, explorer.image) == (1, 1, 0)
    assert [s.name for s in explorer.subjects] == [gallery().classes[i] for i in gallery().label]
    assert torch.equal(torch.stack([s.rgb for s in explorer.subjects]), gallery().rgb)


@pytest.mark.parametrize(("image", "temperature", "lam"), [(0, 1, 1), (7, 0.38, 0.5), (3, 0.01, 0.1)])
def test_it_shows_what_the_colorizer_paints(explorer, bins, lab, image, temperature, lam):
    explorer.image, explorer.temperature, explorer.lam = image, temperature, lam
    lightness, true_ab = lab[image : image + 1].split((1, 2), dim=1)
    ab = bins.colour_lightness(lightness, temperature, lam)
    rgb = to_rgb(lightness, ab)
    assert (explorer.coloured.int() - rgb[0].int()).abs().max() <= 1  # one picture or eight at a time
    numbers = explorer.numbers
    assert numbers["ab_rmse"] == pytest.approx(ab_rmse(ab, true_ab), abs=0.02)
    ratio = colourfulness(rgb) / colourfulness(gallery().rgb[image : image + 1])
    assert numbers["colourfulness_ratio"] == pytest.approx(ratio.item(), abs=0.005)


def test_what_the_reader_should_find_is_there(explorer):
    def ratio(temperature: float, lam: float) -> float:
        explorer.temperature, explorer.lam = temperature, lam
        total = 0.0
        for image in range(8):
            explorer.image = image
            total += explorer.numbers["colourfulness_ratio"] / 8
        return total

    assert ratio(0.38, 1) < ratio(1, 1)  # temperature alone: greyer
    assert ratio(0.38, 0.5) > ratio(1, 0.5)  # with rebalancing: more vivid


def test_traits_can_be_set_and_observed(explorer):
    heard = []
    explorer.observe(lambda change: heard.append((change["name"], change["new"])))
    explorer.temperature = 0.38
    explorer.lam = 0.5
    explorer.image = 2
    explorer.pixel = (1, 15)
    assert heard == [("temperature", 0.38), ("lam", 0.5), ("image", 2), ("pixel", (1, 15))]


@pytest.mark.parametrize(
    ("trait", "value"),
    [
        ("temperature", 0),
        ("temperature", 1.5),
        ("temperature", float("nan")),
        ("lam", 0.05),
        ("lam", 1.01),
        ("image", 8),
        ("image", -1),
        ("pixel", (16, 0)),
        ("pixel", (0, -1)),
    ],
)
def test_a_setting_outside_the_dials_is_refused_and_nothing_changes(explorer, trait, value):
    before = getattr(explorer, trait)
    with pytest.raises(InputError, match="not"):
        setattr(explorer, trait, value)
    assert getattr(explorer, trait) == before


HINTS = [((16, 16), "#b03030"), ((3, 29), "#3050b0")]


@pytest.mark.parametrize(("temperature", "lam"), [(1, 1), (0.38, 0.5)])
def test_with_hints_it_shows_what_the_colorizer_paints(explorer, bins, temperature, lam):
    explorer.image, explorer.temperature, explorer.lam, explorer.hints = 5, temperature, lam, HINTS
    wanted = bins.colorize(gallery().rgb[5:6], temperature, lam, hints=[HINTS])[0]
    assert (explorer.coloured.int() - wanted.int()).abs().max() <= 1
    explorer.hints = []
    usual = bins.colorize(gallery().rgb[5:6], temperature, lam)[0]
    assert (explorer.coloured.int() - usual.int()).abs().max() <= 1


def test_hints_are_of_one_picture_and_a_page_carries_them(explorer):
    explorer.image = 5
    explorer.hints = [[[16, 16], "#B33"]]  # as JSON has them
    assert explorer.hints == [((16, 16), "#bb3333")]
    assert '"hints": [[[16, 16], "#bb3333"]]' in explorer.static_html()
    explorer.image = 4
    assert explorer.hints == []


@pytest.mark.parametrize("hints", [[((32, 0), "#c03020")], [((0, 0), "red")], [((0, 0), (50, 30))], [3]])
def test_bad_hints_are_refused_and_nothing_changes(explorer, hints):
    explorer.hints = HINTS
    with pytest.raises(InputError):
        explorer.hints = hints
    assert explorer.hints == HINTS


def test_a_setting_of_the_wrong_type_is_refused(explorer):
    with pytest.raises(traitlets.TraitError):
        explorer.temperature = "warm"


def test_a_network_without_a_distribution_is_refused(regression):
    with pytest.raises(InputError, match="nothing to anneal"):
        explore(colorizer=regression)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([], "1 to"),
        (torch.zeros(MAX_PICTURES + 1, 3, 8, 8, dtype=torch.uint8), "1 to"),
        ("photo.jpg", "into a list"),
        (torch.zeros(3, 8, 8, dtype=torch.uint8), "into a list"),
        (["no such file.jpg"], "no file"),
    ],
)
def test_pictures_that_cannot_be_shown_are_refused(bins, images, message):
    with pytest.raises(InputError, match=message):
        explore(images, bins)


def test_own_pictures_of_any_kind_and_size(bins, tmp_path):
    Image.fromarray(np.full((33, 47), 90, np.uint8)).save(tmp_path / "grey.png")
    explorer = explore([tmp_path / "grey.png", photograph("coffee"), np.random.rand(1, 5, 3)], bins)
    grey, coffee, tiny = explorer.subjects
    assert (grey.rgb.shape, grey.logits.shape[1:]) == ((3, 33, 47), (12, 20))  # seen at 24 x 40
    assert max(coffee.rgb.shape) == MAX_SIDE
    assert coffee.logits.shape[1:] == (12, 20)  # as many pixels as 32 x 32 have, as in Colorizer.colorize
    assert (tiny.rgb.shape, tiny.logits.shape[1:]) == ((3, 1, 5), (8, 36))
    explorer.pixel = (11, 19)  # inside the largest
    for image in range(3):
        explorer.image = image
        assert explorer.coloured.shape == explorer.subjects[image].rgb.shape
    header, data = pack(explorer.subjects, bins)
    sizes = [(p["size"], p["cells"]) for p in header["pictures"]]
    assert len(data) == sum(3 * h * w + 261 * r * c for (h, w), (r, c) in sizes)
    assert explorer.still_png()


@pytest.mark.parametrize("name", ["classification", "rebalanced"])
def test_one_byte_a_logit_is_enough_at_every_setting(name, lab):
    """The ab error that a byte costs, in Lab units: on average, and where it is largest."""
    from colorize_lib import Colorizer

    colorizer = Colorizer.load(name, "cpu")
    gamut, prior = colorizer.gamut, colorizer.prior
    logits = colorizer.predict(lab[:, :1])
    shift = gamut.rebalance(prior, MIDDLE_LAMBDA).log()
    again = torch.stack([levels()[quantise(z, shift).int()] - shift for z in logits]).permute(0, 3, 1, 2).float()
    for lam in (1.0, 0.9, 0.5, 0.3, 0.1):
        for temperature, mean, most in ((1.0, 0.1, 0.5), (0.38, 0.15, 2.0), (0.1, 0.25, 10.0), (0.01, 0.4, 100.0)):
            pair = [gamut.decode(z, temperature, lam, prior) for z in (again, logits)]
            error = (pair[0] - pair[1]).square().sum(1).sqrt()
            assert error.mean() < mean, (lam, temperature)
            assert error.max() < most, (lam, temperature)  # near T = 0 only where two bins tie
            ratios, rmses = zip(*(_numbers(upsample(ab, (32, 32)), lab) for ab in pair), strict=True)
            assert (ratios[0] - ratios[1]).abs().max() < 0.02, (lam, temperature)
            assert (rmses[0] - rmses[1]).abs().max() < 0.15, (lam, temperature)


def _numbers(ab: torch.Tensor, lab: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    ratio = colourfulness(to_rgb(lab[:, :1], ab)) / colourfulness(gallery().rgb)
    return ratio, (ab - lab[:, 1:]).square().sum(1).mean((1, 2)).sqrt()


def test_bytes_are_finest_near_the_largest():
    z = torch.tensor([0.0, -0.001, -0.1, -1.0, -6.0, -DEPTH, -50.0])[:, None, None]  # (Q, 1, 1)
    byte = quantise(z, torch.zeros(len(z)))[0, 0]
    assert byte[0] == 255
    assert byte[-2:].tolist() == [0, 0]
    error = (levels()[byte.int()] - z[:, 0, 0]).abs()[:-1]
    assert error.max() < DEPTH / 255
    assert error[1] < 0.001


def test_the_log_weights_move_bins_no_further_than_the_comment_says(bins):
    def log_w(lam: float) -> torch.Tensor:
        return bins.gamut.rebalance(bins.prior, lam).log()

    for end in (1.0, 0.1):
        moved = log_w(end) - log_w(MIDDLE_LAMBDA)
        assert moved.max() - moved.min() < 5
    assert 5.5 < log_w(0.1).max() - log_w(0.1).min() < 6.5


def test_the_bundle_is_alive_and_leaves_html_and_a_picture_behind(explorer):
    data, _ = explorer._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert "explorerAt" in data["text/html"]
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.width > picture.height > 200
    assert json.dumps(data)  # a notebook can hold it


def test_the_html_needs_nothing_from_elsewhere_and_is_small(explorer):
    html = explorer.static_html()
    assert len(html) < 1_000_000
    assert not re.search(r"https?://|(src|href)=\"(?!data:)|\bimport\b.*\bfrom\b|import\(", html)
    assert html.count("</script>") == 2  # the data, and the module that shows them
    assert explorer.static_html() == html  # the same page twice is the same file
    explorer.temperature = 0.38
    assert explorer.static_html() != html


def test_a_view_that_asks_gets_the_pictures(explorer, monkeypatch):
    sent = []
    monkeypatch.setattr(explorer, "send", lambda content, buffers=None: sent.append((content, buffers)))
    explorer._handle_custom_msg({"kind": "data"}, [])
    explorer._handle_custom_msg({"kind": "something else"}, [])
    [(content, buffers)] = sent
    header, data = pack(explorer.subjects, explorer.colorizer)
    assert content == {"kind": "data", **header, "beside": []}
    assert buffers == [data]


@pytest.fixture(scope="module")
def four(bins) -> Explorer:
    """Four painters side by side."""
    return explore(colorizer=bins, beside=["regression", "rebalanced", "transfer"])


def test_each_painter_shows_what_its_colorizer_paints(four, lab):
    four.image, four.temperature, four.lam = 5, 0.38, 0.5
    lightness = lab[5:6, :1]
    seen = []
    for number, (colorizer, _) in enumerate(four.painters):
        four.painter = number
        rgb = to_rgb(lightness, colorizer.colour_lightness(lightness, 0.38, 0.5))
        assert (four.coloured.int() - rgb[0].int()).abs().max() <= 1
        seen.append(four.numbers["colourfulness_ratio"])
    assert len(set(seen)) == 4
    with pytest.raises(InputError, match="from 0 to 3, not 4"):
        four.painter = 4
    four.painter = 0


def test_the_others_wait_outside_of_what_the_first_sends(four, explorer):
    alone, together = explorer.static_html(), four.static_html()
    waiting = re.findall(r'<script type="text/plain" data-later="(\w+)">\n(.*?)\n</script>', together, re.DOTALL)
    assert len(waiting) == 3
    assert len(together) - len(alone) - sum(len(body) for _, body in waiting) < 2000
    [sent] = re.findall(r'\["\w+"\] = (\[\{"name": "classification".*?\]);\n', together)
    beside = json.loads(sent)[0]["beside"]
    assert [one["name"] for one in beside] == ["regression", "rebalanced", "transfer"]
    assert [(one["id"], one["bytes"]) for one in beside] == [(identity, len(body)) for identity, body in waiting]


def test_what_another_painter_says_is_packed_to_a_hundredth(four):
    colorizer, subjects = four.painters[1]
    header, data = pack_painter(subjects, colorizer)
    ab = np.frombuffer(gzip.decompress(data), "<i2").reshape(8, 16, 16, 2) / header["steps"]
    wanted = torch.stack([subject.logits for subject in subjects]).permute(0, 2, 3, 1).numpy()
    assert np.abs(ab - wanted).max() < 0.006
    assert header["cells"] == [[16, 16]] * 8


def test_a_reader_who_asks_gets_another_painter(four, monkeypatch):
    sent = []
    monkeypatch.setattr(four, "send", lambda content, buffers=None: sent.append((content, buffers)))
    for number in (3, 0, 4, -1, "3", None):
        four._handle_custom_msg({"kind": "painter", "number": number}, [])
    [(content, buffers)] = sent
    colorizer, subjects = four.painters[3]
    header, data = pack_painter(subjects, colorizer)
    assert content == {"kind": "painter", "number": 3, **header}
    assert buffers == [data]


def test_under_a_live_kernel_python_turns_the_dial(monkeypatch):
    # The kernel is this Python, whatever others are installed.
    monkeypatch.setenv("JUPYTER_PATH", str(Path(sys.prefix, "share", "jupyter")))
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source)
            for source in (
                "from colorize_lib import Colorizer, explore\n"
                "explorer = explore(colorizer=Colorizer.load(device='cpu'))\n"
                "heard = []\nexplorer.observe(heard.append, 'temperature')\n"
                "before = explorer.coloured\nexplorer",
                "explorer.temperature, explorer.lam = 0.38, 0.5\n"
                "print(heard[0]['new'], bool((explorer.coloured != before).any()))",
            )
        ]
    )
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=600, startup_timeout=300).execute()
    [shown], [printed] = (cell.outputs for cell in notebook.cells)
    model = shown.data["application/vnd.jupyter.widget-view+json"]["model_id"]
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert states[model]["state"]["temperature"] == 0.38
    assert states[model]["state"]["lam"] == 0.5
    assert len(json.dumps(states)) < 100_000  # the pictures are not in there a second time
    assert printed.text.strip() == "0.38 True"
