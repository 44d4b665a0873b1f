"""The explorer under a reader's hands: keys, mouse, fingers, addresses, links, and a kernel."""

import base64

import pytest
from explorer_page import pixels, press_mark
from touch import finger, stand_still


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
    page.wait_for_function("document.querySelectorAll('.page-choice input')[7].checked")
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
    page.locator(".page-choice input").nth(2).check(force=True)
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
    chosen = page.locator(".page-choice input").evaluate_all("all => all.map((radio) => radio.checked)")
    assert sum(chosen) == 1
    name = page.locator(".page-choice").nth(chosen.index(True)).get_attribute("title")
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
