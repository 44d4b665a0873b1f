"""What moves in the pages, in Firefox, by mouse and by keyboard. All the rest is tested in Chromium."""

import io
import re
import shutil
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from bidi import Firefox, wait
from photo_site import PAGE, as_it_starts, packed, photo_panel, picture, write_site
from PIL import Image
from small_parts import small_parts

from colorize_lib import Colorizer, explore
from colorize_lib.exercises.in_page import answer_here
from colorize_lib.inference.sheet import TEMPERATURES, VIVIDNESSES
from colorize_lib.pages.before_after import before_after
from colorize_lib.pages.quiz import quiz

GREY, RED = (110, 110, 110), (200, 40, 30)
COLOURED = "colour-photo:not([rough])"


@pytest.fixture(scope="module")
def executable() -> str:
    found = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    if not found:
        reason = "NOT TESTED in Firefox: there is none here (Debian: apt-get install firefox-esr)."
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def firefox(executable, tmp_path_factory):
    with Firefox(executable, tmp_path_factory.mktemp("firefox")) as firefox:
        yield firefox


@pytest.fixture
def open_tab(firefox):
    """``open_tab(url)`` returns a page. As with ``open_page``, no error on it, and nothing asked of strangers."""
    firefox.events.clear()
    pages = []

    def start(url: str):
        pages.append(firefox.open(url))
        return pages[-1]

    yield start
    for page in pages:
        page.close()
    events = [(event["method"], event["params"]) for event in firefox.events]
    hosts = {
        urlsplit(about["request"]["url"]).hostname for kind, about in events if kind == "network.beforeRequestSent"
    }
    assert hosts <= {"127.0.0.1", None}
    assert [about["text"] for kind, about in events if kind == "log.entryAdded" and about["level"] == "error"] == []


@pytest.fixture(scope="module")
def site(serve, bins, tmp_path_factory) -> str:
    """Address of a page for each part: explorer.html, quiz.html, slider.html and the small ones."""
    folder = tmp_path_factory.mktemp("site")
    grey, red = (torch.tensor(rgb, dtype=torch.uint8)[:, None, None].expand(3, 60, 90) for rgb in (GREY, RED))
    parts = {
        "explorer": explore(colorizer=bins, beside=["regression"]).static_html(),
        "answer": answer_here("7.1", 0, 1).html,
        "quiz": quiz()._repr_html_(),
        "slider": before_after({"saucer": (grey, red)})._repr_html_(),
        **small_parts(bins),
    }
    for name, html in parts.items():
        (folder / f"{name}.html").write_text(PAGE.format(html), "utf-8")
    return serve(folder)


@pytest.fixture(scope="module")
def panel(serve, tmp_path_factory) -> str:
    """Address of a page with the panel."""
    folder = tmp_path_factory.mktemp("panel")
    if not photo_panel.make(write_site(folder)):
        pytest.skip("NOT TESTED in Firefox: npm could not fetch what the page 'Colour your own photo' runs on.")
    return serve(folder)


def drawn(page, canvas: str) -> str:
    return page.find(canvas, "toDataURL()")


def test_the_explorer_by_keyboard_and_by_mouse(open_tab, site):
    page = open_tab(f"{site}/explorer.html")
    page.wait_for_selector(".ce-coloured canvas")
    before, plane = drawn(page, ".ce-coloured canvas"), drawn(page, ".ce-plane")
    page.press("input[type=range]", *["ArrowLeft"] * 5)
    page.wait_for("parseFloat(document.querySelector('.ce-value').textContent) < 1")
    assert drawn(page, ".ce-coloured canvas") != before
    page.click(".ce-coloured canvas", 0.3, 0.8)
    assert drawn(page, ".ce-plane") != plane
    assert "Row 13, column 5." in page.find(".ce-plane", "getAttribute('aria-label')")
    before = drawn(page, ".ce-coloured canvas")
    page.click(".ce-dial button")
    assert drawn(page, ".ce-coloured canvas") != before
    before = drawn(page, ".ce-coloured canvas")
    page.press(".ce-painter:nth-child(2)", "Enter")
    page.wait_for("document.querySelectorAll('.ce-painter')[1].getAttribute('aria-pressed') === 'true'")
    assert drawn(page, ".ce-coloured canvas") != before


def test_a_hint_in_the_explorer_and_the_first_picture_again(open_tab, site):
    page = open_tab(f"{site}/explorer.html")
    page.wait_for_selector(".ce-coloured canvas")
    before = drawn(page, ".ce-coloured canvas")
    page.click(".ce-coloured canvas", 0.5, 0.45)
    page.click(".ce-plane", 0.7, 0.4)
    told = drawn(page, ".ce-coloured canvas")
    assert told != before
    page.press(".pin", "ArrowLeft", "ArrowUp")
    assert drawn(page, ".ce-coloured canvas") != told
    page.press(".pin", "Delete")
    assert drawn(page, ".ce-coloured canvas") == before
    page.press(".swatch:nth-child(3)", "Enter")
    assert drawn(page, ".ce-coloured canvas") != before
    page.click(".hint-buttons button")
    assert drawn(page, ".ce-coloured canvas") == before
    page.press(".ce-plane", "ArrowRight", "ArrowUp", "Enter")
    assert drawn(page, ".ce-coloured canvas") != before
    page.click(".hint-buttons button")
    assert drawn(page, ".ce-coloured canvas") == before


def test_an_answer_by_keyboard(open_tab, site):
    page = open_tab(f"{site}/answer.html")
    page.wait_for_selector(".an-field")
    page.press(".an-field", *"0.5", "Enter")
    page.wait_for("document.querySelector('.an-said').textContent.startsWith('✗ Not yet. Too large.')")


def test_the_quiz_by_mouse_and_by_keyboard(open_tab, site):
    page = open_tab(f"{site}/quiz.html")
    page.wait_for_selector(".cq-pair")
    assert page.evaluate("[...document.querySelectorAll('.cq-side canvas')].every(c => new Set(c.getContext('2d')"
                         ".getImageData(0, 0, c.width, c.height).data).size > 20)")  # fmt: skip
    page.click(".cq-side")
    page.wait_for("/^(Fooled|Right)/.test(document.querySelector('.cq-said').textContent)")
    said = page.find(".cq-progress", "textContent")
    page.press(".cq-next", "Enter")
    page.wait_for(f"document.querySelector('.cq-progress').textContent !== {said!r}")


@pytest.mark.parametrize("name", ["gamut_slice", "mean_colour", "rebalancing_weights"])
def test_a_small_part_by_keyboard(open_tab, site, name):
    page = open_tab(f"{site}/{name}.html")
    page.wait_for_selector(".page-slider")
    before, number = drawn(page, "canvas"), page.find(".page-value", "textContent")
    page.press(".page-slider", *["ArrowRight"] * 4)
    assert page.find(".page-value", "textContent") != number
    if name != "rebalancing_weights":  # its first canvas is what lambda does not change
        assert drawn(page, "canvas") != before


def test_small_parts_by_mouse(open_tab, site):
    page = open_tab(f"{site}/gamut_slice.html")
    page.wait_for_selector(".gs-plane canvas")
    page.click(".gs-plane", 0.9, 0.9)
    assert "No screen" in page.find(".page-said", "textContent")
    page = open_tab(f"{site}/mean_colour.html")
    page.wait_for_selector(".mc-chip")
    before = page.find(".page-numbers", "textContent")
    page.click(".page-buttons button:last-child")
    assert page.find(".page-numbers", "textContent") != before


def test_chance_and_targets_by_mouse_and_by_keyboard(open_tab, site):
    page = open_tab(f"{site}/draw_again.html")
    page.wait_for_selector(".da-tiles")
    page.press(".page-buttons button", "Enter")
    page.click(".page-buttons button:nth-child(2)")
    assert "1,001" in page.find(".page-numbers", "textContent")
    page = open_tab(f"{site}/soft_target.html")
    page.wait_for_selector(".page-picture")
    before = page.find(".page-numbers", "textContent")
    page.click(".page-picture", 0.9, 0.9)
    clicked = page.find(".page-numbers", "textContent")
    page.press(".page-picture", *["ArrowLeft"] * 5)
    assert len({before, clicked, page.find(".page-numbers", "textContent")}) == 3


def test_the_form_answers_while_it_is_filled_in(open_tab, site):
    page = open_tab(f"{site}/training_cost.html")
    page.wait_for_selector(".tc-box input")
    before = page.find(".page-numbers", "textContent")
    page.press(".tc-box input", "1", "2")
    assert page.find(".page-numbers", "textContent") != before


def share(page, colour: tuple[int, int, int]) -> float:
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    left, top, width, height = page.evaluate("""(box => [box.left, box.top, box.width, box.height].map(Math.round))(
        document.querySelector('.ba-scene').getBoundingClientRect())""")
    return (shot[top : top + height, left : left + width] == colour).all(-1).mean()


def test_the_slider_by_keyboard_and_by_mouse(open_tab, site):
    page = open_tab(f"{site}/slider.html")
    page.wait_for_selector(".ba-range")
    assert share(page, GREY) == pytest.approx(share(page, RED), abs=0.05)
    page.press(".ba-range", "Home")
    wait(lambda: share(page, GREY) < 0.001, "the line at the left")
    assert share(page, RED) > 0.9
    page.click(".ba-scene", 0.7)
    wait(lambda: share(page, GREY) == pytest.approx(0.7, abs=0.06), "the line under the mouse")


def choose(page, folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    page.choose(".file", folder / name)


def test_the_panel_paints_pythons_pixels_and_its_dials_are_answered(open_tab, panel, firefox, tmp_path):
    page = open_tab(panel)
    page.wait_for_selector("colour-photo[ready]")
    image = picture("coffee", (301, 199))
    choose(page, tmp_path, "photo.png", packed(image))
    page.wait_for_selector(".stage.ready")
    page.wait_for_selector(COLOURED)
    page.click(".save")
    file = firefox.downloads / "photo-coloured.png"
    wait(lambda: file.is_file() and file.stat().st_size and not file.with_suffix(".png.part").exists(), "the file")
    ours = np.asarray(Image.open(file).convert("RGB")).astype(int)
    wanted = np.asarray(as_it_starts(Colorizer.load(photo_panel.MODEL, "cpu"), image)).astype(int)
    assert np.abs(ours - wanted).max() <= 2

    before = drawn(page, ".after")
    page.press("#t", "End")
    assert page.find("#t-value", "textContent") == "1"
    page.wait_for(
        f"document.querySelector('colour-photo').shadowRoot.querySelector('.after').toDataURL() !== {before!r}"
    )
    page.click(".vividness .turn", 0.02)
    assert page.find("#v-value", "textContent").startswith("0 ")
    before = drawn(page, ".after")
    page.wait_for_selector(".hinting")
    page.click(".stage", 0.8)
    page.wait_for_selector(".about")
    page.click(".plane", 0.7, 0.35)
    inside = "document.querySelector('colour-photo').shadowRoot"
    page.wait_for(f"{inside}.querySelector('.after').toDataURL() !== {before!r}")
    page.click(".hint-buttons button")
    page.wait_for(f"{inside}.querySelectorAll('.pin').length === 0")
    page.press(".split", "End")
    assert page.find(".split", "valueAsNumber") == 100

    page.wait_for_selector(".nine.ready")
    first, last = ".cells button:first-child", ".cells button:last-child"
    page.click(first)
    assert page.find("#t-value", "textContent") == f"{TEMPERATURES[0]:g}"
    assert page.find(first, "getAttribute('aria-pressed')") == "true"
    page.press(last, "Enter")
    assert page.find("#v-value", "textContent").startswith(f"{VIVIDNESSES[-1]} ")
    assert page.find(last, "getAttribute('aria-pressed')") == "true"

    page.press(".row button:nth-child(2)", "Enter")
    page.wait_for(f"{inside}.querySelector('.row button:nth-child(2)').getAttribute('aria-pressed') === 'true'")
    page.wait_for_selector(".painters.ready")
    assert drawn(page, ".row button:nth-child(2) canvas") != drawn(page, ".row button:first-child canvas")


def test_half_a_jpeg_is_refused_and_the_photo_before_stays(open_tab, panel, tmp_path):
    page = open_tab(panel)
    page.wait_for_selector("colour-photo[ready]")
    choose(page, tmp_path, "good.png", packed(picture("coffee", (64, 48))))
    page.wait_for_selector(".stage.ready")
    page.wait_for_selector(COLOURED)
    before, whole = drawn(page, ".after"), packed(picture("chelsea"), "JPEG")
    choose(page, tmp_path, "half.jpg", whole[: len(whole) // 2])
    page.wait_for_selector(".problem")
    assert "breaks off" in page.find(".problem", "textContent")
    assert drawn(page, ".after") == before


def test_firefox_that_resists_fingerprinting_says_so(executable, panel, tmp_path):
    settings = {"privacy.resistFingerprinting": True}
    with Firefox(executable, tmp_path, settings) as firefox:
        page = firefox.open(panel)
        page.wait_for_selector("colour-photo[ready]")
        page.click(".ours button")
        page.wait_for_selector(".problem")
        said = page.find(".problem", "textContent")
        assert re.search("guards against fingerprints", said)
