"""The explorer in a real browser: Python's numbers and pictures, on every screen; and in the built book."""

import io
import re
from pathlib import Path

import pytest
import torch
from bare_page import PAGE
from explorer_page import pixels, press_mark, shown
from PIL import Image

from colorize_lib import explore
from colorize_lib.colour.lab import lab_to_rgb, to_uint8
from colorize_lib.colour.resolution import upsample

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "_build" / "html"


@pytest.mark.parametrize(("image", "marks", "setting"), [
    (0, ("1 the mean", "1 as trained"), (1.0, 1.0)),
    (3, ("0.38", "1 as trained"), (0.38, 1.0)),
    (5, ("0.89", "0.5"), (0.89, 0.5)),
    (7, ("0.38", "0.1"), (0.38, 0.1)),
])  # fmt: skip
def test_the_numbers_shown_are_pythons(page, explorer, image, marks, setting):
    page.locator(".page-choice input").nth(image).check(force=True)
    for dial, mark in enumerate(marks):
        press_mark(page, dial, mark)
    explorer.image, (explorer.temperature, explorer.lam) = image, setting
    numbers = explorer.numbers
    ratio, rmse = shown(page)
    assert ratio == pytest.approx(numbers["colourfulness_ratio"], abs=0.011)
    assert rmse == pytest.approx(numbers["ab_rmse"], abs=0.11)


@pytest.mark.parametrize("number", [1, 2])
def test_another_painter_comes_when_it_is_chosen_and_paints_as_in_python(page, explorer, number):
    cards = page.locator(".ce-painter")
    assert cards.nth(0).get_attribute("aria-pressed") == "true"
    assert "load" in cards.nth(number).inner_text()
    page.locator(".page-choice input").nth(5).check(force=True)
    for dial in (0, 1):
        press_mark(page, dial, "0.38" if dial == 0 else "0.5")
    cards.nth(number).press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.ce-painter')[n].ariaPressed === 'true'", arg=number)
    assert "load" in cards.nth(3 - number).inner_text(), "the third was not asked for"
    name = explorer.painters[number][0].name
    assert page.inner_text(".ce-coloured .ce-caption") == f"coloured by {name}"
    explorer.image, explorer.temperature, explorer.lam = 5, 0.38, 0.5
    for painter in (0, number):
        explorer.painter = painter
        ratio, rmse = (explorer.numbers[key] for key in ("colourfulness_ratio", "ab_rmse"))
        said = re.fullmatch(r"(?s).*colour\s([\d.]+), error\s([\d.]+)", cards.nth(painter).inner_text())
        assert [float(x) for x in said.groups()] == pytest.approx([ratio, rmse], abs=0.11)
    explorer.painter = 0
    assert shown(page) == pytest.approx((ratio, rmse), abs=0.11)
    page.wait_for_function(f"location.hash.endsWith('&painter={name}')")
    page.wait_for_function(f"document.querySelector('[aria-live]').textContent.startsWith('{name}, temperature 0.38')")
    cards.nth(0).click()
    page.wait_for_function("location.hash.endsWith('&image=5')")


def test_all_painters_at_once_and_one_by_its_name_in_the_address(open_page, site):
    page = open_page(f"{site}/#painter=rebalanced&T=0.38")
    page.wait_for_function("document.querySelectorAll('.ce-painter')[2]?.ariaPressed === 'true'")
    page.get_by_role("button", name=re.compile(r"Load all \(\d+ kB\)")).click()
    page.wait_for_function("document.querySelectorAll('.ce-away').length === 0")
    assert page.get_by_role("button", name="Load all").count() == 0
    assert len({pixels(page, f".ce-painter:nth-child({i}) canvas") for i in (1, 2, 3)}) == 3


def test_data_that_are_still_coming_in_are_waited_for(open_page, site):
    """The parser stops before the data, at a script that takes its time, and the part asks for them meanwhile."""
    html = """<!doctype html><script type="module" async>
        import { comeLater } from "./page.mjs";
        const say = (words) => { document.title = words; };
        globalThis.asked = comeLater("x").then((data) => say(data.said), (error) => say(error.message));
        </script><script src="slow.js"></script>
        <script type="text/plain" data-later="x">(globalThis.colourPage ??= {})["x"] = {"said": "all of it"};</script>
        """
    page, held = open_page(f"{site}/empty.html"), []
    page.route("**/half.html", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route("**/slow.js", lambda route: held.append(route))
    page.goto(f"{site}/half.html", wait_until="commit")
    page.wait_for_function("!!globalThis.asked", polling=50)  # not by frames: before its body a page has none
    assert page.evaluate("document.readyState") == "loading"
    held[0].fulfill(body="", content_type="text/javascript")
    page.evaluate("globalThis.asked")
    assert page.title() == "all of it"


def test_turning_the_temperature_redraws(page):
    before, numbers = pixels(page, ".ce-coloured canvas"), shown(page)
    others = [pixels(page, f".ce-{kind} canvas") for kind in ("grey", "truth")]
    slider = page.get_by_role("slider", name="Temperature")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowLeft")
    assert float(page.inner_text(".ce-value >> nth=0")) < 1
    assert pixels(page, ".ce-coloured canvas") != before
    assert shown(page) != numbers
    assert [pixels(page, f".ce-{kind} canvas") for kind in ("grey", "truth")] == others


@pytest.mark.parametrize("width", [320, 390, 900])
def test_it_fits_and_fingers_hit(open_page, site, width):
    page = open_page(site, viewport={"width": width, "height": 844}, has_touch=True)
    page.wait_for_selector(".ce-pictures")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for target in page.locator(".page-choice, .ce-mark, .ce-slider").all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 24, target
    before = pixels(page, ".ce-plane")
    page.locator(".ce-coloured canvas").tap(position={"x": 5, "y": 5})
    assert pixels(page, ".ce-plane") != before


def test_pixels_stay_crisp(page):
    assert page.eval_on_selector(".ce-coloured canvas", "c => [c.width, getComputedStyle(c).imageRendering]") == [
        32,
        "pixelated",
    ]


def test_it_takes_the_ink_of_a_dark_page(page):
    def accent() -> str:
        return page.eval_on_selector(".colour-explorer", "e => getComputedStyle(e).getPropertyValue('--page-accent')")

    light = accent()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert accent() != light


def test_without_scripts_the_still_picture_stays(open_page, site):
    page = open_page(site, java_script_enabled=False)
    picture = page.get_by_role("img")
    assert picture.is_visible()
    assert picture.bounding_box()["width"] > 300
    assert "from top to bottom" in picture.get_attribute("alt")


def test_the_script_may_run_before_its_place_is_there(open_page, site, explorer):
    html = explorer.static_html()
    place = html[html.index("<div") : html.index("<script")]
    page = open_page(f"{site}/empty.html")
    for kind, script in re.findall(r"<script(.*?)>(.*?)</script>", html, re.DOTALL)[::-1]:  # the data last of all
        page.evaluate(
            """([type, textContent]) => {
                document.body.append(Object.assign(document.createElement('script'), {type, textContent}));
            }""",
            ["module" if "module" in kind else "", script],
        )
    page.wait_for_timeout(100)
    page.evaluate("place => document.body.insertAdjacentHTML('beforeend', place + place)", place)
    page.wait_for_function("document.querySelectorAll('.ce-pictures').length === 2")  # the same cell shown twice


def test_javascript_decodes_as_python_does(open_page, site, bins, explorer):
    gamut, prior = bins.gamut, bins.prior
    real = torch.stack([s.logits for s in explorer.subjects[:2]])
    logits = torch.cat((real[..., :9, :7], 4 * torch.randn(1, len(gamut), 9, 7)))  # (3, Q, 9, 7)
    size = (17, 14)  # odd: 9 rows of logits for 17 of pixels
    lightness = torch.rand(3, 1, *size) * 100
    page = open_page(f"{site}/empty.html")
    settings = [(1, 1), (0.89, 1), (0.38, 0.5), (0.1, 0.3), (0.01, 0.1)]
    answers = page.evaluate(
        """async ({logits, centres, prior, lightness, settings, cells, size}) => {
            const js = {...await import('/explorer.mjs'), ...await import('/bins.mjs'), ...await import('/packed.mjs')};
            return logits.map((z, n) => settings.map(([t, lam]) => {
                const ab = js.decode(Float32Array.from(z), centres, js.logWeights(prior, lam), t);
                const full = js.upsample(ab, cells, size);
                return [ab, full, js.toRgba(lightness[n], full)].map((array) => Array.from(array));
            }));
        }""",
        {
            "logits": logits.permute(0, 2, 3, 1).flatten(1).tolist(),
            "centres": gamut.centres.flatten().tolist(),
            "prior": prior.tolist(),
            "lightness": lightness.flatten(1).tolist(),
            "settings": settings,
            "cells": logits.shape[-2:],
            "size": size,
        },
    )
    for n in range(3):
        for (temperature, lam), (cells, full, rgba) in zip(settings, answers[n], strict=True):
            ab = gamut.decode(logits[n : n + 1], temperature, lam, prior)
            wanted = upsample(ab, size)
            assert (_planes(cells, 2, logits.shape[-2:]) - ab).abs().max() < 0.05
            assert (_planes(full, 2, size) - wanted).abs().max() < 0.05
            rgb = to_uint8(lab_to_rgb(torch.cat((lightness[n : n + 1], wanted), 1)))
            assert (_planes(rgba, 4, size)[:, :3] - rgb).abs().max() <= 1


def _planes(flat: list[float], channels: int, size: tuple[int, int]) -> torch.Tensor:
    """A flat interleaved picture to ``(1, C, H, W)``."""
    return torch.tensor(flat).view(1, *size, channels).permute(0, 3, 1, 2)


def test_javascript_measures_as_python_does(open_page, site):
    from colorize_lib.colour.lab import rgb_to_lab
    from colorize_lib.measuring.metrics import colourfulness

    rgb = torch.randint(0, 256, (1, 3, 5, 7), dtype=torch.uint8)
    rgb[..., 0] = 0
    page = open_page(f"{site}/empty.html")
    rgba = torch.cat((rgb, torch.full_like(rgb[:, :1], 255)), 1).permute(0, 2, 3, 1).flatten().tolist()
    value, lab = page.evaluate(
        """async (rgba) => {
            const js = {...await import('/explorer.mjs'), ...await import('/colour.mjs')};
            const share = rgba.map((level) => level / 255);
            const lab = [];
            for (let i = 0; i < rgba.length; i += 4) lab.push(...js.rgbToLab(...share.slice(i, i + 3)));
            return [js.colourfulness(Uint8ClampedArray.from(rgba)), lab];
        }""",
        rgba,
    )
    assert value == pytest.approx(colourfulness(rgb).item(), rel=1e-9)
    assert (_planes(lab, 3, (5, 7)) - rgb_to_lab(rgb)).abs().max() < 2e-3


def test_a_redraw_is_fast(page, record_property):
    """It takes about 0.4 of what a million exponentials take beside it: a busy machine delays both."""
    ratio = page.evaluate("""() => {
        const slider = document.querySelector('.ce-slider');
        const took = (work) => { const start = performance.now(); work(); return performance.now() - start; };
        let redraws = 0, exponentials = 0, sum = 0;
        for (let i = 0; i < 40; i++) {
            slider.value = i;
            redraws += took(() => slider.dispatchEvent(new Event('input')));
            exponentials += took(() => { for (let k = 0; k < 1_000_000; k++) sum += Math.exp(-k / 1e5 - i); });
        }
        return sum > 0 && redraws / exponentials;
    }""")
    record_property("redraw_in_a_million_exponentials", ratio)
    assert 0 < ratio < 4


@pytest.mark.parametrize(("width", "height", "together"), [
    (390, 844, (".ce-coloured", ".ce-plane", ".ce-temperature", ".ce-lam")),
    (844, 390, (".ce-coloured", ".ce-plane", ".ce-temperature", ".ce-lam")),
    (1280, 850, (".ce-coloured", ".ce-temperature", ".ce-lam", ".ce-plane")),
])  # fmt: skip
def test_what_is_moved_and_what_answers_stand_on_one_screen(open_page, site, width, height, together):
    page = open_page(site, viewport={"width": width, "height": height})
    page.wait_for_selector(".ce-pictures")
    boxes = [page.locator(place).bounding_box() for place in together]
    assert max(box["y"] + box["height"] for box in boxes) - min(box["y"] for box in boxes) < height
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_choosing_another_pixel_moves_nothing(open_page, site):
    page = open_page(site, viewport={"width": 390, "height": 844})
    page.wait_for_selector(".ce-pictures")
    picture, tops = page.get_by_role("application", name="coloured"), set()
    for _ in range(16):
        picture.press("ArrowRight")
        tops.add(page.locator(".ce-temperature").bounding_box()["y"])
    assert len(tops) == 1


def test_with_high_contrast_tracks_and_choices_are_seen(open_page, site):
    page = open_page(site, forced_colors="active")
    page.wait_for_selector(".ce-pictures")

    def colours(place: str, which: int = 0) -> int:
        shot = Image.open(io.BytesIO(page.locator(place).nth(which).screenshot())).convert("RGB")
        return len(shot.getcolors(shot.width * shot.height))

    assert colours(".ce-temperature") > 50, "the ramp"
    assert colours(".ce-meter") > 1
    choices = page.locator(".page-choice canvas")
    outlines = choices.evaluate_all("all => all.map((c) => getComputedStyle(c).outlineStyle)")
    assert outlines == ["solid"] + ["none"] * 7
    pressed = page.locator(".ce-mark").evaluate_all("""all => all.map((mark) =>
        (mark.getAttribute('aria-pressed') === 'true') === (getComputedStyle(mark).outlineStyle === 'solid'))""")
    assert pressed == [True] * 6


def test_thumbnails_of_any_shape_are_alike(open_page, serve, bins, tmp_path):
    wide, tall = torch.zeros(3, 20, 60, dtype=torch.uint8), torch.zeros(3, 60, 20, dtype=torch.uint8)
    (tmp_path / "index.html").write_text(PAGE.format(explore([wide, tall], bins).static_html()), "utf-8")
    page = open_page(serve(tmp_path))
    page.wait_for_selector(".ce-pictures")
    boxes = [canvas.bounding_box() for canvas in page.locator(".page-choice canvas").all()]
    assert {(round(box["width"]), round(box["height"])) for box in boxes} == {(46, 46)}


@pytest.mark.skipif(not (BOOK / "04_annealed_mean.html").exists(), reason="the book is not built: make book")
def test_explorer_and_quiz_in_the_built_book(open_page, serve):
    file = BOOK / "04_annealed_mean.html"
    assert file.stat().st_size < 3_000_000
    page = open_page(f"{serve(BOOK)}/{file.name}", viewport={"width": 390, "height": 844})
    page.wait_for_selector(".ce-pictures")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before, numbers = pixels(page, ".ce-coloured canvas"), shown(page)
    press_mark(page, 0, "0.38")
    assert pixels(page, ".ce-coloured canvas") != before
    assert shown(page)[0] < numbers[0], "temperature alone: greyer"
    page.locator(".cq-side").first.click()
    page.locator(".cq-next").click()
    assert "Round 2" in page.inner_text(".cq-progress")
    page.wait_for_load_state("load")
