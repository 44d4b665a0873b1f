"""Nine small pictures show nine settings, and one of them is chosen."""

import itertools
from functools import partial

import numpy as np
from photo_page import INSIDE, apart, choose, file, shows
from photo_site import picture

from colorize_lib.inference.dials import TEMPERATURE, VIVIDNESS, vividness_to_lambda
from colorize_lib.inference.sheet import TEMPERATURES, VIVIDNESSES

SETTINGS = [(temperature, vividness) for temperature in TEMPERATURES for vividness in VIVIDNESSES]


def nine(page):
    """The nine small pictures, once all are there."""
    page.wait_for_selector(".nine.ready")
    return page.locator(".cells button")


def test_nine_settings_are_those_of_the_sheet_and_pythons_pixels(page, shown):
    image = picture("coffee", (201, 133))
    choose(page, file(image))
    cells = nine(page)
    assert cells.count() == len(SETTINGS) == 9
    for i, (temperature, vividness) in enumerate(SETTINGS):
        cell = cells.nth(i)
        assert cell.inner_text().split("\n")[:2] == [f"T {temperature:g}", f"vividness {vividness}"]
        assert ("as it starts" in cell.inner_text()) == ((temperature, vividness) == (TEMPERATURE, VIVIDNESS))
        rgba = cell.locator("canvas").evaluate(
            "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )
        ours = np.array(rgba).reshape(133, 201, 4)[..., :3]
        assert apart(ours, shown.colorize(image, temperature, vividness_to_lambda(vividness))) <= 2


def pressed(page) -> list[int]:
    return [
        i for i, cell in enumerate(page.locator(".cells button").all()) if cell.get_attribute("aria-pressed") == "true"
    ]


def test_one_of_the_nine_turns_the_dials_to_it(open_page, site):
    page = open_page(site, has_touch=True)
    page.get_by_role("button", name="coffee").click()
    cells = nine(page)
    assert pressed(page) == [SETTINGS.index((TEMPERATURE, VIVIDNESS))]
    ways = itertools.cycle(("click", "tap", "Enter", "Space"))
    for i, (temperature, vividness) in reversed(list(enumerate(SETTINGS))):
        before, how = shows(page, ".after"), next(ways)
        {"click": cells.nth(i).click, "tap": cells.nth(i).tap}.get(how, partial(cells.nth(i).press, how))()
        assert page.inner_text("#t-value") == f"{temperature:g}"
        assert page.inner_text("#v-value").startswith(f"{vividness} ")
        assert pressed(page) == [i]
        assert page.url.endswith(f"#T={temperature:g}&lam={vividness_to_lambda(vividness):g}")
        assert page.inner_text(".voice") == f"Temperature {temperature:g}, vividness {vividness}."
        page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)
    page.get_by_role("slider", name="Vividness").press("ArrowRight")
    assert pressed(page) == []


def test_nine_small_pictures_of_the_photo_that_is_open_and_no_other(page):
    page.get_by_role("button", name="coffee").click()
    sizes = f"[...{INSIDE}.querySelectorAll('.cells canvas')].map(c => [c.width, c.height])"
    nine(page)
    coffee = page.evaluate(sizes)
    assert len({tuple(size) for size in coffee}) == 1
    assert 35_000 < coffee[0][0] * coffee[0][1] <= 40_000
    choose(page, file(picture("rocket", (30, 70))))
    page.wait_for_function(f"{INSIDE}.querySelector('.after').width === 30")
    nine(page)
    assert page.evaluate(sizes) == [[30, 70]] * 9
    assert len({shows(page, f".cells button:nth-child({i}) canvas") for i in range(1, 10)}) == 9


def test_the_dials_are_answered_while_the_nine_are_painted(page):
    """They come one by one, and what a dial asks for goes between them."""
    page.evaluate("""() => {
      window.came = [];
      const { set } = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
      Object.defineProperty(Worker.prototype, "onmessage", { set(handle) {
        set.call(this, event => {
          came.push(event.data.what ?? event.data.kind);
          if (event.data.what === "cell" && event.data.index === 0) {
            const dial = document.querySelector("colour-photo").shadowRoot.querySelector("#v");
            dial.value = 80;
            dial.dispatchEvent(new Event("input"));
          }
          handle(event);
        });
      } });
    }""")
    page.get_by_role("button", name="coffee").click()
    nine(page)
    came = page.evaluate("came")
    first, last = came.index("cell"), len(came) - 1 - came[::-1].index("cell")
    assert came.count("cell") == 9
    assert "coloured" in came[first:last]
