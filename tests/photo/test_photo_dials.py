"""The dials and the handle of the page: by mouse, by finger, by key and from its address."""

import pytest
from photo_page import INSIDE, choose, coloured, file, shows
from photo_site import picture
from touch import finger, stand_still

from colorize_lib.inference.dials import TEMPERATURE, VIVIDNESS


def test_the_dials_repaint_and_the_keyboard_turns_them(page):
    page.get_by_role("button", name="a cat").click()
    coloured(page)
    before, grey = shows(page, ".after"), shows(page, ".before")
    for name, key, text in (("Temperature", "End", "1"), ("Vividness", "End", "100, lambda 0.1")):
        dial = page.get_by_role("slider", name=name)
        dial.press(key)
        assert dial.get_attribute("aria-valuetext") == text
        page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)
        before = shows(page, ".after")
    assert shows(page, ".before") == grey


def test_the_handle_follows_pointer_and_keys(page):
    page.get_by_role("button", name="a cat").click()
    coloured(page)
    handle, stage = page.get_by_role("slider", name="How much of the photo"), page.locator(".stage").bounding_box()
    page.wait_for_function(f"{INSIDE}.querySelector('.split').value <= 30")
    page.mouse.move(stage["x"] + 0.5 * stage["width"], stage["y"] + 50)
    page.mouse.down()
    page.mouse.move(stage["x"] + 0.8 * stage["width"], stage["y"] + 70, steps=4)
    page.mouse.up()
    assert float(handle.input_value()) == pytest.approx(80, abs=1)
    handle.press("ArrowLeft")
    assert float(handle.input_value()) == pytest.approx(79, abs=1)
    assert page.locator(".stage").evaluate("e => e.style.getPropertyValue('--split')").startswith("79")


def test_the_dials_are_answered_while_a_file_is_painted(page):
    choose(page, file(picture("coffee", (4000, 3000)), "large.jpg", "JPEG"))
    coloured(page)
    before = shows(page, ".after")
    with page.expect_download():
        page.get_by_role("button", name="Download the photo").click()
        page.get_by_role("slider", name="Vividness").press("End")
        page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)
        assert page.get_by_role("button", name="Painting").count() == 1, "the dial had to wait for the file"


def test_while_the_hand_moves_fewer_pixels_are_painted_and_then_all(page):
    choose(page, file(picture("coffee", (1200, 800))))
    coloured(page)
    page.evaluate(f"""() => {{
      window.sizes = [];
      const canvas = {INSIDE}.querySelector(".after");
      const context = canvas.getContext("2d");
      const put = context.putImageData;
      context.putImageData = image => {{ sizes.push(image.width * image.height); put.call(context, image, 0, 0); }};
    }}""")
    dial = page.get_by_role("slider", name="Temperature")
    for _ in range(5):
        dial.press("ArrowLeft")
    page.wait_for_function("sizes.length && sizes.at(-1) > 900_000")
    assert page.evaluate("sizes[0]") <= 250_000


def test_a_finger_that_scrolls_turns_nothing_and_one_that_goes_sideways_does(open_page, site):
    page = open_page(site, viewport={"width": 390, "height": 700}, has_touch=True)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    page.get_by_role("button", name="coffee").tap()
    coloured(page)
    page.wait_for_function(f"{INSIDE}.querySelector('.split').value <= 30")
    for place, slider, value in (
        (".turn >> nth=0", "#t", None),
        (".turn >> nth=1", "#v", None),
        (".stage", ".split", None),
    ):
        value = float(page.input_value(slider))
        page.locator(place).evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
        box = page.locator(place).bounding_box()
        x, y = box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2
        scrolled = page.evaluate("scrollY")
        finger(page, (x, y), *((x - i, y - 12 * i) for i in range(1, 12)))
        page.wait_for_function("before => scrollY !== before", arg=scrolled)
        stand_still(page)
        assert float(page.input_value(slider)) == value
        page.locator(place).evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
        box = page.locator(place).bounding_box()
        x, y = box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2
        finger(page, (x, y), *((x + 0.04 * i * box["width"], y + i) for i in range(1, 11)))
        share = 0.7 if slider == ".split" else (0.7 * box["width"] - 12) / (box["width"] - 24)
        assert float(page.input_value(slider)) == pytest.approx(
            share * float(page.get_attribute(slider, "max")), rel=0.02
        )
        finger(page, (x, y))
        assert float(page.input_value(slider)) < 0.35 * float(page.get_attribute(slider, "max"))


def test_the_mouse_turns_a_dial(page):
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    box = page.locator(".turn").nth(1).bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 10)
    page.mouse.down()
    assert page.inner_text("#v-value").startswith("0 ")
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 30, steps=3)
    page.mouse.up()
    assert page.inner_text("#v-value").startswith("100 ")
    assert page.evaluate(f"{INSIDE}.activeElement.id") == "v"


def test_the_dials_stand_in_the_address(page, site):
    assert "#" not in page.url
    page.goto(f"{site}/#T=0.1&lam=0.28")
    page.reload()
    page.wait_for_selector("colour-photo[ready]")
    assert page.inner_text("#t-value") == "0.1"
    assert page.inner_text("#v-value") == "80 λ = 0.28"
    page.get_by_role("button", name="a cat").click()
    coloured(page)
    page.get_by_role("slider", name="Vividness").press("Home")
    page.wait_for_function("location.hash === '#T=0.1&lam=1'")
    page.evaluate("location.hash = '#a-heading'")
    assert page.inner_text("#v-value") == "0 λ = 1"
    for wrong, T, v in (
        ("#T=-3&lam=x", str(TEMPERATURE), f"{VIVIDNESS} "),
        ("#T=99&lam=99", "1", "0 "),
        ("#T=0&lam=0", str(TEMPERATURE), "100 "),
    ):
        page.evaluate("hash => { location.hash = hash; }", wrong)
        page.wait_for_function(f"text => {INSIDE}.querySelector('#v-value').textContent.startsWith(text)", arg=v)
        assert page.inner_text("#t-value") == T
