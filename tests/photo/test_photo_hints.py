"""Hints on the page "Colour your own photo", in a real browser: same pixels as Python, by mouse, key and finger."""

import re

import numpy as np
import pytest
from photo_page import INSIDE, shows
from photo_site import packed, photo_panel, picture
from PIL import Image
from pinned import click, pinned
from touch import finger, stand_still

from colorize_lib import Colorizer
from colorize_lib.inference.dials import TEMPERATURE, VIVIDNESS, vividness_to_lambda


def opened(page, image: Image.Image) -> None:
    """Choose a photo, and wait until it is there in colour and pins can be set."""
    page.wait_for_selector("colour-photo[ready]")
    page.set_input_files(".file", {"name": "photo.png", "mimeType": "image/png", "buffer": packed(image)})
    page.wait_for_function(f"{INSIDE}.querySelector('.after').width === {image.width}")
    page.wait_for_selector(".hinting:visible")
    page.wait_for_function(f"{INSIDE}.querySelector('.split').value <= 30")
    whole(page)


def whole(page) -> None:
    """Wait until nothing is on its way: the picture is whole, and its small ones have come after it."""
    page.wait_for_selector("colour-photo:not([rough])")
    page.wait_for_selector(".painters.ready")
    page.wait_for_selector("colour-photo:not([rough])")


@pytest.fixture
def page(open_page, site):
    page = open_page(site, viewport={"width": 1000, "height": 1000}, accept_downloads=True)
    opened(page, picture("coffee", (300, 200)))
    return page


def seen(page) -> str:
    return shows(page, ".after")


def differs(page, before: str) -> None:
    page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)


def same(page, before: str) -> None:
    page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() === old", arg=before)


def hints(page) -> list:
    """The hints as the panel shows them, of a photo of 300 by 200 pixels."""
    return pinned(page, 300, 200)


def download(page) -> np.ndarray:
    page.get_by_label("Format of the file").select_option("PNG")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the photo").click()
    return np.asarray(Image.open(waiting.value.path()).convert("RGB")).astype(int)


def python(image: Image.Image, told: list, painter: str = photo_panel.MODEL) -> np.ndarray:
    """What Python paints where nobody turns a dial."""
    colorizer = Colorizer.load(painter, "cpu")
    return np.asarray(colorizer.colorize(image, TEMPERATURE, vividness_to_lambda(VIVIDNESS), hints=told)).astype(int)


def test_a_place_a_bin_a_swatch_and_the_download_has_pythons_pixels(page):
    first = seen(page)
    click(page, ".stage", 180.5 / 300, 110.5 / 200)
    page.wait_for_selector(".about:visible")
    assert seen(page) == first
    click(page, ".plane", 0.75, 0.4)
    differs(page, first)
    second = seen(page)
    click(page, ".stage", 270.5 / 300, 20.5 / 200)
    page.wait_for_function(f"{INSIDE}.querySelector('.voice').textContent.includes('90 % from the left, 10 %')")
    page.locator(".swatch").nth(2).click()
    differs(page, second)
    told = hints(page)
    assert [place for place, _ in told] == [(180, 110), (270, 20)]
    assert np.abs(download(page) - python(picture("coffee", (300, 200)), told)).max() <= 3
    undo = page.get_by_role("button", name="Undo")
    undo.click()
    same(page, second)
    undo.click()
    same(page, first)
    assert page.locator(".pin").count() == 0


@pytest.mark.parametrize(("painter", "size"), [("regression", (300, 200)), ("classification", (32, 32))])
def test_other_painters_follow_hints_as_in_python(open_page, site, painter, size):
    page = open_page(site, viewport={"width": 1000, "height": 1000}, accept_downloads=True)
    image = picture("coffee", size)
    opened(page, image)
    place = int(0.6 * size[0]), int(0.5 * size[1])
    click(page, ".stage", (place[0] + 0.5) / size[0], (place[1] + 0.5) / size[1])
    page.wait_for_selector(".about:visible")
    page.locator(".swatch").nth(1).click()
    rgb = page.locator(".pin").evaluate("pin => pin.style.background.match(/\\d+/g).map(Number)")
    told = [(place, "#{:02x}{:02x}{:02x}".format(*rgb))]
    page.locator(".row button", has=page.locator(f"strong:text-is('{painter}')")).click()
    page.wait_for_function(f"""() => [...{INSIDE}.querySelectorAll('.row button')]
        .some(b => b.ariaPressed === 'true' && b.querySelector('strong').textContent === '{painter}')""")
    whole(page)
    assert np.abs(download(page) - python(image, told, painter)).max() <= 3
    assert page.locator(".swatch:visible").count() == (0 if painter == "regression" else 5)
    assert page.get_by_role("button", name="Four others").is_visible() == (painter != "regression")


def test_by_key_a_hint_is_set_moved_and_removed(page):
    first = seen(page)
    spot = page.get_by_role("application", name="A place in the photo")
    spot.focus()
    page.wait_for_selector(".about:visible")
    spot.press("ArrowRight")
    swatch = page.get_by_role("group", name="Say its colour").get_by_role("button").nth(3)
    page.wait_for_function(f"{INSIDE}.querySelectorAll('.swatch:not([hidden])').length === 5")
    assert re.fullmatch(r"[a-z -]+, (less than )?\d+ %", swatch.get_attribute("aria-label"))
    swatch.press("Enter")
    differs(page, first)
    [(before, rgb)] = hints(page)
    pin = page.get_by_role("button", name=re.compile("^Hint 1: "))
    pin.press("ArrowDown")
    [(after, same_rgb)] = hints(page)
    assert (after[0], same_rgb) == (before[0], rgb)
    assert after[1] > before[1]
    pin.press("Delete")
    same(page, first)
    assert page.evaluate(f"{INSIDE}.activeElement.className") == "spot"
    page.get_by_role("button", name="Undo").press("Enter")
    differs(page, first)
    page.get_by_role("button", name="Start again").press("Space")
    same(page, first)


def test_any_bin_of_the_plane_by_key(page):
    first = seen(page)
    page.get_by_role("application", name="A place in the photo").focus()
    plane = page.get_by_role("application", name="The ab plane")
    plane.press("ArrowRight")
    said = "/^Marked: [a-z -]+, a .*, b .*, .* %\\.$/"
    page.wait_for_function(f"{said}.test({INSIDE}.querySelector('.voice').textContent)")
    assert page.locator(".bin-mark").is_visible()
    assert seen(page) == first
    plane.press("ArrowUp")
    plane.press("Enter")
    differs(page, first)
    [hint] = hints(page)
    assert np.abs(download(page) - python(picture("coffee", (300, 200)), [hint])).max() <= 3
    assert page.locator(".bin-mark").is_hidden()  # the focus is at the download


def test_four_others_and_another_photo_has_no_hints(page):
    first = seen(page)
    page.get_by_role("button", name="Four others").click()
    page.wait_for_function(f"[...{INSIDE}.querySelectorAll('.other canvas')].every(c => c.height > 100)")
    pictures = page.locator(".other canvas").evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
    assert len(set(pictures)) == 4
    page.get_by_role("button", name=re.compile("^Colouring 1 of 4: ")).click()
    differs(page, first)
    wanted = Colorizer.load(photo_panel.MODEL, "cpu").alternatives(picture("coffee", (300, 200)), 5)[1]
    assert np.abs(download(page) - np.asarray(wanted).astype(int)).mean() < 2  # its colours go through the screen's
    assert page.locator(".pin").count() > 0
    opened(page, picture("chelsea", (60, 40)))
    assert page.locator(".pin").count() == 0
    assert page.get_by_role("button", name="Undo").get_attribute("aria-disabled") == "true"
    assert not page.is_visible(".about")


def test_fingers(open_page, site):
    page = open_page(site, viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    opened(page, picture("coffee", (300, 200)))
    first = seen(page)
    box = page.locator(".stage").bounding_box()
    x, y = box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"]
    finger(page, (x, y), *((x, y - step) for step in range(0, 161, 20)))
    page.wait_for_function("scrollY > 0")
    stand_still(page)
    assert not page.is_visible(".about")
    page.locator(".stage").tap(position={"x": 200, "y": 100})
    page.wait_for_selector(".about:visible")
    box = page.locator(".swatches").bounding_box()
    x, y = box["x"] + 0.5 * box["width"], box["y"] + 20
    finger(page, (x, y), *((x, y - step) for step in range(0, 161, 20)))
    stand_still(page)
    assert page.locator(".pin").count() == 0
    page.locator(".swatch").nth(3).tap()
    differs(page, first)
    for target in page.locator(".swatch, .hint-buttons button:visible, .chip").all():
        assert target.bounding_box()["height"] >= 43.5, target
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".chip").tap()
    same(page, first)
