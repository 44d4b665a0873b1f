"""Before and after: what Python writes, and what a real browser shows of it."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from bare_page import PAGE
from PIL import Image
from touch import finger

from colorize_lib.data.examples import photograph
from colorize_lib.errors import InputError
from colorize_lib.pages.before_after import MOST, before_after

GREY, RED, GREEN, BLUE = (110, 110, 110), (200, 40, 30), (20, 150, 60), (30, 60, 200)


def plain(rgb: tuple[int, int, int], height: int = 60, width: int = 90) -> torch.Tensor:
    return torch.tensor(rgb, dtype=torch.uint8)[:, None, None].expand(3, height, width)


def embedded(html: str) -> list[Image.Image]:
    """The pictures inside a piece of HTML."""
    found = re.findall(r'src="data:image/\w+;base64,([^"]+)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]


def test_stamps_come_through_untouched_and_photographs_small():
    noise = torch.randint(0, 256, (3, 32, 20), dtype=torch.uint8)
    stamp, grey, photo, large = embedded(
        before_after({"stamp": (noise, noise[:1].expand(3, -1, -1)), "cat": (photograph("chelsea"),) * 2})._repr_html_()
    )
    assert np.array_equal(np.asarray(stamp), noise.permute(1, 2, 0))
    assert (grey.mode, grey.size) == ("L", stamp.size)
    assert photo.size == large.size == (451, 300)
    difference = np.asarray(photo).astype(int) - photograph("chelsea").permute(1, 2, 0).numpy()
    assert np.abs(difference).mean() < 4
    huge = embedded(before_after({"huge": (plain(RED, 30, 3000), plain(GREY, 30, 3000))})._repr_html_())
    assert {picture.width for picture in huge} == {MOST}


def test_the_html_needs_nothing_from_elsewhere_and_repeats():
    scenes = {"<b>one</b> & two": (plain(GREY), plain(RED))}
    html = before_after(scenes)._repr_html_()
    assert not re.search(r"https?://|(src|href)=\"(?!data:)|\bimport\b.*\bfrom\b|import\(|<b>", html)
    assert html == before_after(scenes)._repr_html_()
    assert html != before_after(scenes, ("grey", "painted"))._repr_html_()


def test_on_paper_every_picture_is_there():
    scenes = {"a": (plain(GREY), plain(RED)), "b": (plain(GREEN), plain(BLUE))}
    sheet = Image.open(io.BytesIO(before_after(scenes)._repr_png_()))
    assert {GREY, RED, GREEN, BLUE} <= {colour[:3] for _, colour in sheet.getcolors() if colour[3]}


@pytest.mark.parametrize(
    ("pictures", "names", "problem"),
    [
        ({}, ("a", "b"), "nothing to compare"),
        ({"x": (plain(RED),)}, ("a",), "nothing to compare"),
        ({"x": (plain(RED),)}, ("a", "b"), "needs 2 pictures"),
        ({"x": (plain(RED), plain(RED).float())}, ("a", "b"), "not torch.float32"),
        ({"x": (plain(RED), plain(RED).numpy())}, ("a", "b"), "torch tensor"),
        ({"x": (plain(RED), plain(RED)[:1])}, ("a", "b"), r"\(3, H, W\), not \(1, 60, 90\)"),
        ({"x": (plain(RED), plain(RED)[None])}, ("a", "b"), r"\(3, H, W\)"),
        ({"x": (plain(RED), plain(RED, 61))}, ("a", "b"), "same shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(pictures, names, problem):
    with pytest.raises(InputError, match=problem):
        before_after(pictures, names)


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory) -> str:
    """Address of a page with two of them: two scenes of two pictures, and one scene of three."""
    two = before_after({"saucer": (plain(GREY), plain(RED)), "meadow": (plain(GREY, 80, 80), plain(GREEN, 80, 80))})
    three = before_after({"sky": (plain(GREY), plain(RED), plain(BLUE))}, ("grey", "coloured", "truth"))
    folder = tmp_path_factory.mktemp("site")
    both = two._repr_html_() + three._repr_html_()
    (folder / "index.html").write_text(PAGE.format(both), "utf-8")
    (folder / "slow.html").write_text(PAGE.format(f'<script defer src="never.js"></script>{both}'), "utf-8")
    return serve(folder)


@pytest.fixture
def page(open_page, site):
    page = open_page(site, viewport={"width": 700, "height": 1100})
    page.wait_for_function("document.querySelectorAll('.ba-range').length === 2")
    return page


def share(page, colour: tuple[int, int, int], which: int = 0) -> float:
    """How much of the visible scene of one slider has this very colour."""
    shot = page.locator(".before-after").nth(which).locator(".ba-scene:visible").first.screenshot()
    return (np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")) == colour).all(-1).mean()


def test_keys_move_the_line_and_each_end_shows_one_picture(page):
    slider = page.get_by_role("slider").first
    assert share(page, GREY) == pytest.approx(share(page, RED), abs=0.03)
    slider.press("Home")
    assert share(page, GREY) == 0
    assert share(page, RED) > 0.9
    slider.press("End")
    assert share(page, RED) == 0
    assert share(page, GREY) > 0.9
    for _ in range(30):
        slider.press("ArrowLeft")
    assert share(page, RED) == pytest.approx(0.3, abs=0.03)
    assert slider.get_attribute("aria-valuetext") == "70 % grey, 30 % coloured"
    assert slider.get_attribute("aria-label") == "saucer: grey at the left, coloured at the right"


@pytest.mark.parametrize("at", [0.1, 0.5, 0.8])
def test_the_line_goes_where_the_mouse_or_a_finger_does(open_page, site, at):
    page = open_page(site, viewport={"width": 390, "height": 844}, has_touch=True)
    page.wait_for_selector(".ba-range")
    box = page.locator(".ba-scene:visible").first.bounding_box()
    page.touchscreen.tap(box["x"] + at * box["width"], box["y"] + 20)
    assert share(page, GREY) == pytest.approx(at, abs=0.06)
    page.mouse.move(box["x"] + at * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 40)
    page.mouse.up()
    assert share(page, GREY) == pytest.approx(0.3, abs=0.06)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_finger_that_scrolls_leaves_the_line_where_it_is(open_page, site):
    page = open_page(site, viewport={"width": 390, "height": 400}, has_touch=True, is_mobile=True)
    page.wait_for_selector(".ba-range")
    box = page.locator(".ba-scene:visible").first.bounding_box()
    x, y = box["x"] + 0.8 * box["width"], box["y"] + 0.8 * box["height"]
    finger(page, *((x, y - step) for step in range(0, 121, 20)))
    page.wait_for_function("scrollY > 0")
    assert page.get_by_role("slider").first.input_value() == "50"
    assert page.locator(".before-after").first.evaluate("e => e.style.getPropertyValue('--split')") == "50%"


def test_after_coming_back_the_line_is_where_the_slider_says(page):
    page.get_by_role("slider").first.press("End")
    page.goto("about:blank")
    page.go_back()
    page.wait_for_selector(".ba-range")
    page.wait_for_load_state("load")
    value = page.get_by_role("slider").first.input_value()
    assert page.locator(".before-after").first.evaluate("e => e.style.getPropertyValue('--split')") == f"{value}%"


def test_it_comes_with_its_style_and_before_the_scripts_of_the_page(page, site):
    """A page whose own script never comes, as one on a slow phone does not for long."""
    page.route("**/never.js", lambda route: None)
    page.goto(f"{site}/slow.html", wait_until="commit")
    page.wait_for_function("document.querySelectorAll('.ba-range').length === 2")
    assert page.evaluate("document.readyState") == "interactive", "deferred scripts have not run"
    page.locator(".ba-range").first.press("Home")
    assert page.locator(".before-after").first.evaluate("e => e.style.getPropertyValue('--split')") == "0%"
    assert page.content().index("<style>") < page.content().index("before-after")


def test_jupyterlab_leaves_the_slider_its_arrow_keys(page):
    """Lumino takes the arrows before anything in the page sees them, but for elements that have this attribute."""
    assert page.locator("input:not([data-lm-suppress-shortcuts])").count() == 0
    assert page.locator("input").count() == 2


def test_small_pictures_choose_the_scene_and_the_line_stays(page):
    page.get_by_role("slider").first.press("Home")
    height = page.locator(".before-after").first.bounding_box()["height"]
    page.get_by_role("button", name="meadow").click()
    assert share(page, GREEN) > 0.9
    assert page.get_by_role("slider").first.get_attribute("aria-label").startswith("meadow")
    pressed = page.locator(".ba-small").evaluate_all("all => all.map(e => e.ariaPressed)")
    assert pressed == ["false", "true"]
    assert page.locator(".before-after").first.bounding_box()["height"] == pytest.approx(height, abs=1)


def test_with_three_pictures_buttons_choose_the_right_one(page):
    assert (share(page, RED, 1) > 0.4, share(page, BLUE, 1)) == (True, 0)
    page.get_by_role("button", name="truth").click()
    assert (share(page, BLUE, 1) > 0.4, share(page, RED, 1)) == (True, 0)
    assert "truth at the right" in page.get_by_role("slider").nth(1).get_attribute("aria-label")


def test_two_on_a_page_are_independent(page):
    page.get_by_role("slider").nth(1).press("Home")
    assert share(page, GREY, 1) == 0
    assert share(page, GREY, 0) == pytest.approx(share(page, RED, 0), abs=0.03)


def test_the_slider_shows_its_focus_and_its_handle_on_both_papers(page):
    def knob() -> dict:
        return page.locator(".ba-knob").first.evaluate("""knob => {
            const {outlineStyle, outlineColor, color, backgroundColor} = getComputedStyle(knob);
            return {ring: outlineStyle !== 'none' && outlineColor, color, backgroundColor};
        }""")

    assert not knob()["ring"]
    page.get_by_role("slider").first.press("ArrowLeft")
    light = knob()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = knob()
    assert light["ring"] and dark["ring"] and light["ring"] != dark["ring"]
    for look in (light, dark):
        assert (look["color"], look["backgroundColor"]) == ("rgb(34, 34, 34)", "rgb(255, 255, 255)")


def test_without_scripts_every_picture_is_there_whole(open_page, site):
    page = open_page(site, java_script_enabled=False, viewport={"width": 700, "height": 1100})
    pictures = page.get_by_role("img")
    assert pictures.count() == 7
    boxes = [picture.bounding_box() for picture in pictures.all()]
    assert all(box["width"] > 150 for box in boxes)
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB"))
    for colour in (GREY, RED, GREEN, BLUE):
        assert (shot == colour).all(-1).mean() > 0.02
    assert pictures.first.get_attribute("alt") == "saucer: grey"
