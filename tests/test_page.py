"""The explorer and the quiz in a real browser: a page made on the fly, and the built book's where there is one."""

import base64
import hashlib
import io
import re
from pathlib import Path

import pytest
import torch
from PIL import Image
from statsmodels.stats.proportion import proportion_confint
from touch import finger, stand_still

import colorize_lib
from colorize_lib import explore
from colorize_lib.colour.lab import lab_to_rgb, to_uint8
from colorize_lib.colour.resolution import upsample
from colorize_lib.pages.quiz import PAINTERS, ROUNDS, quiz

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "_build" / "html"
WEB = Path(colorize_lib.__file__).parent / "pages" / "web"
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Explorer</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body>{}</body></html>"""


@pytest.fixture(scope="module")
def explorer(bins):
    return explore(colorizer=bins, beside=["regression", "rebalanced"])


@pytest.fixture(scope="module")
def site(explorer, serve, tmp_path_factory) -> str:
    """Address of a folder with a page of the explorer, an empty page, and the module."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text(PAGE.format(explorer.static_html()), "utf-8")
    (folder / "empty.html").write_text(PAGE.format(""), "utf-8")
    for module in WEB.glob("*.mjs"):
        (folder / module.name).write_bytes(module.read_bytes())
    return serve(folder)


@pytest.fixture
def page(open_page, site):
    page = open_page(site)
    page.wait_for_selector(".ce-pictures")
    return page


def pixels(page, canvas: str) -> str:
    """A hash of what a canvas shows."""
    return hashlib.sha256(page.eval_on_selector(canvas, "canvas => canvas.toDataURL()").encode()).hexdigest()


def press_mark(page, dial: int, mark: str) -> None:
    page.locator(".ce-dial").nth(dial).get_by_role("button", name=mark).click()


def shown(page) -> tuple[float, float]:
    return float(page.inner_text(".ce-ratio")), float(page.inner_text(".ce-rmse"))


@pytest.mark.parametrize(("image", "marks", "setting"), [
    (0, ("1 the mean", "1 as trained"), (1.0, 1.0)),
    (3, ("0.38", "1 as trained"), (0.38, 1.0)),
    (5, ("0.89", "0.5"), (0.89, 0.5)),
    (7, ("0.38", "0.1"), (0.38, 0.1)),
])  # fmt: skip
def test_the_numbers_shown_are_pythons(page, explorer, image, marks, setting):
    page.locator(".ce-choice input").nth(image).check(force=True)
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
    page.locator(".ce-choice input").nth(5).check(force=True)
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


def test_every_stop_of_both_dials_can_be_reached_by_key(page):
    for name, first, last in (("Temperature", "0.01", "1"), ("Rebalancing", "1", "0.1")):
        slider = page.get_by_role("slider", name=name)
        seen = []
        slider.press("Home")
        for _ in range(int(slider.get_attribute("max")) + 1):
            seen.append(slider.get_attribute("aria-valuetext"))
            slider.press("ArrowRight")
        assert (seen[0], seen[-1]) == (first, last)
        assert len(set(seen)) == len(seen) > 20


def test_a_click_shows_the_distribution_of_that_pixel(page, explorer):
    before = pixels(page, ".ce-plane")
    box = page.locator(".ce-coloured canvas").bounding_box()
    row, column = 12, 4
    page.mouse.click(box["x"] + (column + 0.5) * box["width"] / 16, box["y"] + (row + 0.5) * box["height"] / 16)
    assert pixels(page, ".ce-plane") != before
    label = page.get_attribute(".ce-plane", "aria-label")
    assert f"Row {row + 1}, column {column + 1}." in label
    gamut = explorer.colorizer.gamut
    a, b = gamut.decode(explorer.subjects[0].logits[None])[0, :, row, column].tolist()
    assert f"painted: a {a:.0f}, b {b:.0f}".replace("-", "−").replace("−0,", "0,") in label
    most = explorer.subjects[0].logits[:, row, column].softmax(0).max().item()
    assert f"likeliest bin {100 * most:.{0 if most >= 0.1 else 1}f} %" in label


def test_arrow_keys_walk_from_pixel_to_pixel_and_stay_inside(page):
    picture = page.get_by_role("application", name="coloured")
    picture.focus()
    for key in ["ArrowUp"] * 20 + ["ArrowRight"] * 20 + ["ArrowDown"]:
        picture.press(key)
    assert "Row 2, column 16." in page.get_attribute(".ce-plane", "aria-label")


def test_a_screen_reader_hears_the_result_once_the_hand_is_still(page):
    press_mark(page, 0, "0.38")
    page.wait_for_function("document.querySelector('[aria-live]').textContent.includes('temperature 0.38')")
    heard = page.inner_text("[aria-live]")
    assert f"colourfulness {page.inner_text('.ce-ratio')}" in heard
    assert "painted" in heard


def test_everything_that_can_be_focused_has_a_name(page):
    nameless = page.evaluate("""() => [...document.querySelectorAll('input, button, [tabindex], [role=img]')]
        .filter(e => !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
        .map(e => e.outerHTML)""")
    assert nameless == []


@pytest.mark.parametrize("width", [320, 390, 900])
def test_it_fits_and_fingers_hit(open_page, site, width):
    page = open_page(site, viewport={"width": width, "height": 844}, has_touch=True)
    page.wait_for_selector(".ce-pictures")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for target in page.locator(".ce-choice, .ce-mark, .ce-slider").all():
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


def test_with_a_kernel_the_same_core_follows_the_model(open_page, site, explorer):
    """anywidget's side of the talk, played by a model that answers as `Explorer` does."""
    from colorize_lib.pages.packed import pack, pack_painter

    header, data = pack(explorer.subjects, explorer.colorizer)
    header["beside"] = [{"name": colorizer.name, "bytes": 1000} for colorizer, _ in explorer.painters[1:]]
    other = pack_painter(explorer.painters[2][1], explorer.painters[2][0])
    answers = {"data": (header, data), "painter": (other[0] | {"number": 2}, other[1])}
    page = open_page(f"{site}/empty.html")
    page.evaluate(
        """async (answers) => {
            const js = await import('/explorer.mjs');
            class Model extends js.Store {
                saved = 0;
                save_changes() { this.saved += 1; }
                send({ kind }) {
                    const [header, bytes] = answers[kind];
                    const view = new DataView(Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)).buffer);
                    this.listeners['msg:custom'].forEach((hear) => hear({kind, ...header}, [view]));
                }
            }
            window.model = new Model({temperature: 1, lam: 1, image: 0, pixel: [5, 5], painter: 0});
            window.close_view = js.default.render({model: window.model, el: document.body});
        }""",
        {kind: (header, base64.b64encode(data).decode()) for kind, (header, data) in answers.items()},
    )
    before = pixels(page, ".ce-coloured canvas")
    page.evaluate("window.model.set('temperature', 0.123)")  # as when Python sets the trait
    assert pixels(page, ".ce-coloured canvas") != before
    assert page.inner_text(".ce-value >> nth=0") == "0.123"
    press_mark(page, 0, "0.38")  # and as when the reader turns the dial
    assert page.evaluate("[window.model.get('temperature'), window.model.saved]") == [0.38, 1]
    page.get_by_role("button", name="rebalanced").click()
    page.wait_for_function("window.model.get('painter') === 2")
    page.wait_for_function("document.querySelectorAll('.ce-painter')[2].getAttribute('aria-pressed') === 'true'")
    page.evaluate("window.close_view(); window.model.set('temperature', 1)")
    assert page.inner_text(".ce-value >> nth=0") == "0.38", "a view that was closed hears nothing"


def test_an_address_leads_to_its_settings_and_follows_the_hand(open_page, site):
    page = open_page(f"{site}/#T=0.38&lam=0.5&image=5")
    page.wait_for_selector(".ce-pictures")
    assert _setting(page) == ("0.38", "0.5", 5)
    press_mark(page, 0, "0.89")
    page.wait_for_function("location.hash === '#T=0.89&lam=0.5&image=5'")
    page.evaluate("location.hash = '#lam=7&image=99&T=cold'")
    page.wait_for_function("document.querySelectorAll('.ce-choice input')[7].checked")
    assert _setting(page) == ("0.89", "1", 7), "too much is as much as there is, and nonsense is nothing"


@pytest.mark.parametrize("how", ["click", "Enter"])
def test_a_link_in_the_text_turns_the_dials(page, how):
    text = """<p style="margin-bottom: 3000px"><a class="set" href="#T=0.38&amp;lam=0.5&amp;image=5">so</a>
        <a class="set" href="#draws=3">not ours</a></p>"""
    page.evaluate("text => document.body.insertAdjacentHTML('afterbegin', text)", text)
    before = _setting(page)
    page.locator("a.set").last.click()
    assert _setting(page) == before
    link = page.locator("a.set").first
    for _ in range(2):  # again after the dials have moved
        link.click() if how == "click" else link.press(how)
        assert _setting(page) == ("0.38", "0.5", 5)
        assert page.evaluate("document.activeElement.textContent") == "so"
        box = page.locator(".colour-explorer").bounding_box()
        assert 0 <= box["y"] < page.viewport_size["height"] / 2
        page.wait_for_function(
            "document.querySelector('[aria-live]').textContent.includes('emperature 0.38, lambda 0.5')"
        )
        page.wait_for_function("location.hash === '#draws=3&T=0.38&lam=0.5&image=5'")
        press_mark(page, 0, "0.89")


@pytest.mark.parametrize("kept", [True, False], ids=["as it was", "as it began"])
def test_after_coming_back_thumbs_and_numbers_say_the_same(open_page, site, kept):
    """Playwright's Chromium keeps no page in memory, as a phone that is short of it."""
    page = open_page(site)
    page.wait_for_selector(".ce-pictures")
    page.locator(".ce-choice input").nth(2).check(force=True)
    for name in ("Temperature", "Rebalancing"):
        page.get_by_role("slider", name=name).press("ArrowDown")
        page.get_by_role("slider", name=name).press("ArrowDown")
    before = *page.locator(".ce-value").all_inner_texts(), 2
    page.wait_for_function("hash => location.hash === hash", arg="#T={}&lam={}&image={}".format(*before))
    if not kept:
        page.evaluate("history.replaceState(null, '', location.pathname)")
    page.goto(f"{site}/empty.html")
    page.go_back()
    page.wait_for_selector(".ce-pictures")
    assert _setting(page) == (before if kept else ("1", "1", 0))


def _setting(page) -> tuple[str, str, int]:
    """The numbers that are shown and the picture that is chosen, once the thumbs stand where the numbers say."""
    page.wait_for_load_state("load")
    values = page.locator(".ce-value").all_inner_texts()
    thumbs = page.evaluate("""() => [...document.querySelectorAll('.ce-slider')].map((slider) => {
        const thumb = slider.value;
        slider.dispatchEvent(new Event('input'));  // the number that belongs to this place of the thumb
        return slider.value === thumb && slider.closest('.ce-dial').querySelector('.ce-value').textContent;
    })""")
    assert thumbs == values
    chosen = page.locator(".ce-choice input").evaluate_all("all => all.map((radio) => radio.checked)")
    assert sum(chosen) == 1
    name = page.locator(".ce-choice").nth(chosen.index(True)).get_attribute("title")
    assert page.get_attribute(".ce-truth canvas", "aria-label") == f"{name}, truth"
    return *values, chosen.index(True)


def test_a_finger_that_scrolls_turns_no_dial_and_chooses_no_pixel(open_page, site):
    page = open_page(site, viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    page.wait_for_selector(".ce-pictures")
    before = _setting(page), page.get_attribute(".ce-plane", "aria-label")
    for place in (".ce-coloured canvas", ".ce-truth canvas", ".ce-temperature", ".ce-lam"):
        page.evaluate("place => document.querySelector(place).scrollIntoView({block: 'center'})", place)
        scrolled, box = page.evaluate("scrollY"), page.locator(place).bounding_box()
        x, y = box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2
        way = -1 if scrolled else 1  # down first, then up again
        finger(page, (x, y), *((x, y - way * step) for step in range(0, 161, 20)))
        page.wait_for_function("from => scrollY !== from", arg=scrolled)
        stand_still(page)
        assert (_setting(page), page.get_attribute(".ce-plane", "aria-label")) == before, place


def test_a_finger_that_taps_or_goes_sideways_does(open_page, site):
    page = open_page(site, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.wait_for_selector(".ce-pictures")
    box = page.locator(".ce-temperature").bounding_box()
    y = box["y"] + box["height"] / 2
    finger(page, (box["x"] + box["width"] / 4, y))
    tapped = float(_setting(page)[0])
    assert 0.05 < tapped < 0.5
    finger(page, *((box["x"] + share * box["width"], y) for share in (0.25, 0.3, 0.4, 0.5, 0.75)))
    assert tapped < float(_setting(page)[0]) < 1
    box = page.locator(".ce-coloured canvas").bounding_box()
    for moves, column in (((0.03,), 1), ((0.03, 0.2, 0.5, 0.97), 16)):
        finger(page, *((box["x"] + share * box["width"], box["y"] + box["height"] / 2) for share in moves))
        assert f"column {column}." in page.get_attribute(".ce-plane", "aria-label")


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
    outlines = page.locator(".ce-choice canvas").evaluate_all("all => all.map((c) => getComputedStyle(c).outlineStyle)")
    assert outlines == ["solid"] + ["none"] * 7
    pressed = page.locator(".ce-mark").evaluate_all("""all => all.map((mark) =>
        (mark.getAttribute('aria-pressed') === 'true') === (getComputedStyle(mark).outlineStyle === 'solid'))""")
    assert pressed == [True] * 6


def test_thumbnails_of_any_shape_are_alike(open_page, serve, bins, tmp_path):
    wide, tall = torch.zeros(3, 20, 60, dtype=torch.uint8), torch.zeros(3, 60, 20, dtype=torch.uint8)
    (tmp_path / "index.html").write_text(PAGE.format(explore([wide, tall], bins).static_html()), "utf-8")
    page = open_page(serve(tmp_path))
    page.wait_for_selector(".ce-pictures")
    boxes = [canvas.bounding_box() for canvas in page.locator(".ce-choice canvas").all()]
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


@pytest.fixture(scope="module")
def quiz_site(serve, tmp_path_factory):
    """Address of a page with the quiz, and the quiz."""
    folder, game = tmp_path_factory.mktemp("quiz"), quiz()
    (folder / "index.html").write_text(PAGE.format(game._repr_html_()), "utf-8")
    (folder / "empty.html").write_text(PAGE.format(""), "utf-8")
    for module in WEB.glob("*.mjs"):
        (folder / module.name).write_bytes(module.read_bytes())
    return serve(folder), game


def test_the_quiz_counts_as_its_player_does(open_page, quiz_site):
    """Played with open eyes: the first twelve rounds wrong, the rest right."""
    site, game = quiz_site
    true = {bytes(picture.permute(1, 2, 0).flatten().tolist()) for picture in game.truth}
    page = open_page(site, viewport={"width": 390, "height": 844})
    page.wait_for_selector(".cq-pair")
    sides = page.locator(".cq-side")
    seen = set()
    for n in range(ROUNDS):
        assert f"Round {n + 1} of {ROUNDS}" in page.inner_text(".cq-progress")
        drawn = [_rgb(page, i) for i in range(2)]
        assert (drawn[0] in true) != (drawn[1] in true)
        seen |= true & set(drawn)
        wrong = n < 12
        sides.nth(int((drawn[0] in true) == wrong)).click()
        assert page.inner_text(".cq-said").startswith("Fooled" if wrong else "Right")
        tags = ["true" if side in true else "painted" for side in drawn]
        assert page.locator(".cq-tag").all_inner_texts() == tags, "which was which"
        page.locator(".cq-next").click()
    assert len(seen) == ROUNDS, "no picture twice"
    assert page.inner_text(".cq-result") == "You were fooled 12 times in 20."
    assert "60 %" in page.inner_text(".cq-end")
    assert "32 %" in page.inner_text(".cq-end")
    counts = [re.findall(r"\d+", text) for text in page.locator(".cq-end td:nth-child(2)").all_inner_texts()]
    assert len(counts) == len(PAINTERS)
    assert [sum(int(pair[i]) for pair in counts) for i in (0, 1)] == [12, 20]
    assert page.locator(".cq-caught canvas").count() == 2 * 12
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.get_by_role("button", name="Play again").click()
    for _ in range(ROUNDS):
        sides.first.click()
        page.locator(".cq-next").click()
    totals = [re.findall(r"\d+", text)[1] for text in page.locator(".cq-end td:nth-child(3)").all_inner_texts()]
    assert sum(map(int, totals)) == 2 * ROUNDS, "earlier games count on"
    page.get_by_role("button", name="Forget").click()
    assert "Round 1" in page.inner_text(".cq-progress")
    assert page.evaluate("localStorage.getItem('colour-quiz')") == "{}"


def test_a_double_click_answers_one_round(open_page, quiz_site):
    page = open_page(quiz_site[0])
    page.locator(".cq-side").first.dblclick()
    assert "Round 1 of" in page.inner_text(".cq-progress")
    assert sorted(page.locator(".cq-tag").all_inner_texts()) == ["painted", "true"]
    page.locator(".cq-side").last.dispatch_event("click")
    page.get_by_role("button", name="Next pair").press("Enter")
    assert "Round 2 of" in page.inner_text(".cq-progress")
    assert page.locator(".cq-tag").all_inner_texts() == ["", ""]


@pytest.mark.parametrize("size", [(390, 844), (1280, 720)])
@pytest.mark.parametrize("again", ["Play again", "Forget all my games"])
def test_a_new_game_is_in_sight_and_goes_on_by_key(open_page, quiz_site, size, again):
    page = open_page(quiz_site[0], viewport=dict(zip(("width", "height"), size, strict=True)))
    page.add_style_tag(content="body { padding: 900px 0 }")
    for _ in range(ROUNDS):
        for key in ("Enter", "Enter"):  # the answer, and on to the next pair
            page.locator(":focus, .cq-side").last.press(key)
    button = page.get_by_role("button", name=again)
    button.scroll_into_view_if_needed()
    button.press("Enter")
    box = page.locator(".cq-pair").bounding_box()
    assert box["y"] >= 80, "clear of the header of a page"
    assert box["y"] + box["height"] <= size[1]
    page.keyboard.press("Enter")
    assert page.locator(".cq-tag").first.inner_text() in ("true", "painted")


def _rgb(page, side: int) -> bytes:
    """The pixels of one side of the quiz, as they are drawn."""
    rgba = page.evaluate(
        """side => {
            const canvas = document.querySelectorAll('.cq-side canvas')[side];
            return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
        }""",
        side,
    )
    return bytes(value for i, value in enumerate(rgba) if i % 4 < 3)


def test_the_quiz_deals_fairly(open_page, quiz_site):
    page = open_page(f"{quiz_site[0]}/empty.html")
    games, interval = page.evaluate("""async () => {
        const js = await import('/quiz.mjs');
        return [Array.from({length: 500}, () => js.deal(20, 7, 20)), js.interval(7, 20)];
    }""")
    for game in games:
        assert sorted(turn["picture"] for turn in game) == list(range(20))
        turns = [sum(turn["painter"] == painter for turn in game) for painter in range(7)]
        assert set(turns) == {2, 3}
    left = sum(turn["trueLeft"] for game in games for turn in game) / 10_000
    assert 0.47 < left < 0.53
    low, high = proportion_confint(7, 20, method="wilson")
    assert interval == [round(100 * low), round(100 * high)]
