"""The page paints the same pixels as Python, whatever the photo, the dials and the painter."""

import re

import pytest
from photo_page import INSIDE, apart, choose, coloured, download, file, painted_by, painter, problem, shows, turn
from photo_site import as_it_starts, picture
from PIL import Image

from colorize_lib import Colorizer
from colorize_lib.inference.dials import vividness_to_lambda


@pytest.mark.parametrize(
    ("name", "size", "stop", "vividness"),
    [
        ("astronaut", None, 158, 50),
        ("coffee", (601, 399), 200, 0),
        ("chelsea", (451, 300), 100, 100),
        ("rocket", (83, 211), 195, 20),
        ("coffee", (47, 33), 158, 50),  # between the sizes that the network sees
        ("chelsea", (32, 32), 158, 50),  # as in training: looked at as it is
        ("rocket", (13, 29), 158, 70),  # smaller still, and odd
        ("coffee", (1, 1), 158, 50),
    ],
)
def test_the_page_and_python_paint_the_same_pixels(page, shown, name, size, stop, vividness):
    image = picture(name, size)
    choose(page, file(image))
    coloured(page)
    turn(page, "#t", stop)
    turn(page, "#v", vividness)
    temperature = float(page.inner_text("#t-value"))
    assert temperature == pytest.approx(10 ** (2 * stop / 200 - 2), rel=0.05)
    title, ours = download(page)
    assert title == "my photo-coloured.png"
    assert apart(ours, shown.colorize(image, temperature, vividness_to_lambda(vividness))) <= 2


def test_a_jpeg_that_lies_on_its_side(page, shown):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it
    content = file(picture("coffee", (300, 200)), "side.jpg", "JPEG", quality=95, exif=exif)
    choose(page, content)
    coloured(page)
    title, ours = download(page)
    assert title == "side-coloured.png"
    assert apart(ours, as_it_starts(shown, content["buffer"])) <= 4  # decoders round JPEG differently


def test_transparency_is_laid_on_white(page, shown):
    image = picture("chelsea", (120, 90)).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 60, 90))
    choose(page, file(image))
    coloured(page)
    assert apart(download(page)[1], as_it_starts(shown, image)) <= 2


@pytest.mark.parametrize(
    ("name", "size", "how"),
    [
        ("regression", (201, 133), "click"),
        ("classification", (201, 133), "Enter"),
        ("rebalanced", (64, 150), "click"),
        ("transfer", (301, 199), "Space"),
        ("regression", (32, 32), "click"),  # seen as it is, so plainly stretched
        ("classification", (32, 32), "click"),
        ("classification", (9, 90), "click"),
    ],
)
def test_every_painter_paints_pythons_pixels(page, name, size, how):
    image = picture("coffee", size)
    choose(page, file(image))
    coloured(page)
    turn(page, "#t", 158)
    turn(page, "#v", 50)
    button = painter(page, name)
    assert re.search(r"load [46] MB", button.inner_text())
    button.click() if how == "click" else button.press(how)
    painted_by(page, name)
    assert page.locator(".nine").is_visible() == (name != "regression") == page.locator(".dull").is_hidden()
    temperature = float(page.inner_text("#t-value"))
    wanted = Colorizer.load(name, "cpu").colorize(image, temperature, vividness_to_lambda(50))
    assert apart(download(page)[1], wanted) <= 2
    first, other = (painter(page, one).locator("canvas").evaluate("c => c.toDataURL()") for one in ("photo", name))
    assert first != other


def test_a_painter_is_loaded_once_when_it_is_chosen_and_paints_the_next_photo_too(page):
    came = []
    page.context.on("request", lambda asked: came.append(asked.url.rsplit("/", 1)[1]))
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    painter(page, "regression").click()
    painted_by(page, "regression")
    painter(page, "photo").click()
    painted_by(page, "photo")
    painter(page, "regression").click()
    painted_by(page, "regression")
    page.get_by_role("button", name="a cat").click()
    page.wait_for_function(f"{INSIDE}.querySelector('.after').width === 451")
    painted_by(page, "regression")
    assert [name for name in came if name.endswith(".onnx.gz")] == ["photo.onnx.gz", "regression.onnx.gz"]
    assert shows(page, ".row button:nth-child(1) canvas") != shows(page, ".row button:nth-child(2) canvas")


def test_a_painter_that_does_not_come_is_asked_for_again_and_the_first_goes_on(page):
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    page.context.route("**/regression.onnx.gz", lambda route: route.fulfill(status=503, body=""))
    painter(page, "regression").click()
    assert "could not be loaded" in problem(page)
    assert painter(page, "photo").get_attribute("aria-pressed") == "true"
    assert "load 4 MB" in painter(page, "regression").inner_text()
    page.context.unroute("**/regression.onnx.gz")
    painter(page, "regression").click()
    painted_by(page, "regression")
    assert not page.is_visible(".problem")


def test_the_painter_stands_in_the_address_and_comes_with_the_first_photo(page, site):
    came = []
    page.context.on("request", lambda asked: came.append(asked.url.rsplit("/", 1)[1]))
    page.goto(f"{site}/#T=0.1&lam=1&painter=regression")
    page.reload()
    page.wait_for_selector("colour-photo[ready]")
    page.get_by_role("button", name="a cat").click()
    coloured(page)
    painted_by(page, "regression")
    assert [name for name in came if name.endswith(".onnx.gz")] == ["regression.onnx.gz"]
    painter(page, "photo").click()
    painted_by(page, "photo")
    assert page.evaluate("location.hash") == "#T=0.1&lam=1"  # the first needs no word
    page.evaluate("location.hash = '#T=0.1&lam=1&painter=regression'")  # as a link in the text does
    painted_by(page, "regression")
    page.go_back()
    painted_by(page, "photo")
    page.evaluate("location.hash = '#painter=nobody'")
    painted_by(page, "photo")
