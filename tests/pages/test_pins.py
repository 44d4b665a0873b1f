"""Hints in the explorer: everybody can give, move and take back one."""

import base64
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from pinned import click, pinned
from torch.nn import functional as F
from touch import finger, stand_still

from colorize_lib import explore
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import gallery
from colorize_lib.inference import alternatives
from colorize_lib.inference.hints import checked_hints
from colorize_lib.pages.explorer import Explorer
from colorize_lib.pages.packed import MIDDLE_LAMBDA, levels, pack, quantise


@pytest.fixture(scope="module")
def explorer(bins):
    """With logits as a page has them, a byte each: a hint at an unlikely colour tells them from exact ones."""
    exact = explore(colorizer=bins, beside=["regression"])
    shift = bins.gamut.rebalance(bins.prior, MIDDLE_LAMBDA).log()
    packed = [
        replace(one, logits=(levels()[quantise(one.logits, shift).int()] - shift).permute(2, 0, 1).float())
        for one in exact.subjects
    ]
    return Explorer([(bins, packed), *exact.painters[1:]])


@pytest.fixture
def shown(open_page, site):
    page = open_page(f"{site}/#image=5", viewport={"width": 1000, "height": 1300})
    page.wait_for_selector(".ce-pictures")
    return page


def picture(page) -> np.ndarray:
    """The coloured picture: ``(3, H, W)``."""
    rgba = page.eval_on_selector(
        ".ce-coloured canvas", "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    return np.array(rgba).reshape(32, 32, 4)[..., :3].transpose(2, 0, 1)


def hints(page) -> list:
    """The hints as pins show them, of a picture of 32 by 32 pixels."""
    return pinned(page, 32, 32)


def as_in_python(page, explorer) -> int:
    """How far the page is from what Python paints with the same hints, in grey levels."""
    explorer.image, explorer.hints = 5, hints(page)
    return np.abs(picture(page) - explorer.coloured.numpy().astype(int)).max()


def test_a_bin_of_the_plane_colours_the_thing_and_undo_gives_the_first_picture_back(shown, explorer):
    before = picture(shown)
    click(shown, ".ce-coloured canvas", 0.5, 0.45)
    assert (picture(shown) == before).all()
    click(shown, ".ce-plane", 0.7, 0.4)
    after = picture(shown)
    assert np.abs(after - before).max() > 20
    assert [place for place, _ in hints(shown)] == [(17, 15)]
    assert as_in_python(shown, explorer) <= 2
    assert shown.locator(".pin").count() == shown.locator(".chip").count() == 1
    shown.get_by_role("button", name="Undo").click()
    assert (picture(shown) == before).all()
    assert hints(shown) == []
    assert shown.locator(".pin").count() == 0


def test_any_bin_of_the_plane_by_key(shown, explorer, gamut):
    before = picture(shown)
    shown.get_by_role("application", name="coloured").press("ArrowDown")
    plane, mark = shown.get_by_role("application", name="The ab plane"), shown.locator(".bin-mark")
    assert "The arrow keys mark a bin" in plane.get_attribute("aria-label")
    assert not mark.is_visible()
    shown.keyboard.press("Tab")  # through the two dials and their marks, to the plane
    while not plane.evaluate("plane => plane === document.activeElement"):
        shown.keyboard.press("Tab")
    assert mark.is_visible()
    assert plane.evaluate("plane => getComputedStyle(plane).outlineStyle") == "solid"

    def marked() -> torch.Tensor:
        """The (a, b) that is said, once it is."""
        shown.wait_for_function("document.querySelector('[aria-live]').textContent.startsWith('Marked: ')")
        said = shown.locator("[aria-live]").text_content().replace("\u2212", "-")
        found = re.fullmatch(r"Marked: [a-z -]+, a (-?\d+), b (-?\d+), (less than )?\d+ %\.", said)
        return torch.tensor([float(found[1]), float(found[2])])

    first = marked()
    assert (gamut.centres == first).all(1).any()  # the likeliest
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        plane.press(key)
    shown.wait_for_timeout(700)  # what is said waits until the hand is still
    second = marked()
    assert (second - first).tolist() == [20.0, 10.0]
    assert (picture(shown) == before).all()
    plane.press("Enter")
    [(_, rgb)] = hints(shown)
    assert (checked_hints([((0, 0), rgb)], 1, 1).ab[0] - second).norm() < 10
    assert as_in_python(shown, explorer) <= 2
    assert plane.evaluate("plane => plane === document.activeElement")
    plane.press("ArrowLeft")
    plane.press(" ")
    [(_, other)] = hints(shown)
    assert other != rgb
    shown.get_by_role("button", name="regression").click()
    shown.wait_for_function("document.querySelector('.ce-plane').getAttribute('role') === 'img'")
    assert shown.locator(".ce-plane").get_attribute("tabindex") is None
    assert not mark.is_visible()


def test_swatches_pins_and_the_buttons_by_key(shown, explorer):
    before = picture(shown)
    shown.get_by_role("application", name="coloured").press("ArrowDown")
    swatches = shown.get_by_role("group", name="Say its colour")
    names = [one.get_attribute("aria-label") for one in swatches.get_by_role("button").all()]
    assert len(names) == 5
    assert all(re.fullmatch(r"[a-z -]+, (less than )?\d+ %", name) for name in names)
    swatches.get_by_role("button").nth(1).press("Enter")
    [(place, rgb)] = hints(shown)
    pin = shown.get_by_role("button", name=re.compile("^Hint 1: "))
    assert names[1].partition(",")[0] in pin.get_attribute("aria-label")
    pin.press("ArrowRight")
    pin.press("ArrowUp")
    assert hints(shown) == [((place[0] + 2, place[1] - 2), rgb)]
    assert as_in_python(shown, explorer) <= 2
    shown.wait_for_function("document.querySelector('[aria-live]').textContent.includes('is moved')")
    pin.press("Delete")
    assert (picture(shown) == before).all()
    assert shown.evaluate("document.activeElement.getAttribute('role')") == "application"
    undo = shown.get_by_role("button", name="Undo")
    for wanted in ((2, -2), (2, 0), (0, 0)):
        undo.press("Enter")
        assert hints(shown) == [((place[0] + wanted[0], place[1] + wanted[1]), rgb)]
    shown.get_by_role("button", name="Start again").press("Space")
    assert (picture(shown) == before).all()


def test_a_pin_is_dragged_and_one_of_two_removed(shown):
    click(shown, ".ce-coloured canvas", 0.5, 0.45)
    shown.locator(".swatch").nth(1).click()
    click(shown, ".ce-coloured canvas", 0.1, 0.9)
    shown.locator(".swatch").nth(2).click()
    (first, red), (second, blue) = hints(shown)
    box, frame = shown.locator(".pin").nth(0).bounding_box(), shown.locator(".page-frame .pins").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown.mouse.move(x, y)
    shown.mouse.down()
    shown.mouse.move(x - 8 * frame["width"] / 32, y + 4 * frame["height"] / 32, steps=5)
    shown.mouse.up()
    assert hints(shown) == [((first[0] - 8, first[1] + 4), red), (second, blue)]
    shown.get_by_role("button", name="Undo").click()  # the whole way at once
    assert hints(shown) == [(first, red), (second, blue)]
    shown.get_by_role("group", name="Hints, to remove").get_by_role("button").nth(0).click()
    assert hints(shown) == [(second, blue)]


def test_four_others_differ_and_one_is_taken(shown, explorer, bins):
    before = picture(shown)
    shown.get_by_role("button", name="Four others").click()
    shown.wait_for_function("document.querySelectorAll('.other canvas')[3].width === 32")
    pictures = shown.locator(".other canvas").evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
    assert len(set(pictures)) == 4
    other = shown.get_by_role("button", name=re.compile("^Colouring 2 of 4: "))
    other.click()
    assert other.get_attribute("aria-pressed") == "true"
    assert shown.eval_on_selector(".ce-coloured canvas", "canvas => canvas.toDataURL()") == pictures[1]
    log_p, light = explorer.subjects[5].logits[None].log_softmax(1), rgb_to_lab(gallery().rgb[5:6])[:, :1]
    proposed = alternatives.propose(log_p, F.avg_pool2d(light, 2), bins.gamut.centres, 5, 32, 32)[2]
    assert [place for place, _ in hints(shown)] == [place for place, _ in proposed]
    assert as_in_python(shown, explorer) <= 2
    shown.get_by_role("button", name="Undo").click()
    assert (picture(shown) == before).all()


def test_hints_are_of_one_picture_and_come_back_with_the_address(shown):
    before = picture(shown)
    shown.locator(".swatch").nth(3).click()
    told, given = picture(shown), hints(shown)
    assert (told != before).any()
    [((x, y), rgb)] = given
    shown.wait_for_function(f"location.hash.endsWith('&hint={x}-{y}-{rgb[1:]}')")
    shown.reload()
    shown.wait_for_selector(".ce-pictures")
    assert (picture(shown) == told).all()
    assert hints(shown) == given
    shown.locator(".page-choice input").nth(4).check(force=True)
    assert hints(shown) == []
    shown.locator(".page-choice input").nth(5).check(force=True)
    assert (picture(shown) == before).all()
    shown.evaluate("location.hash = '#hint=4-5-c03020_99-0-c03020_x'")  # what is outside or nonsense is left out
    shown.wait_for_selector(".pin")
    assert shown.locator(".pin").count() == 1


def test_a_painter_without_bins_takes_hints_but_has_none_to_offer(shown, explorer):
    shown.locator(".swatch").nth(1).click()
    shown.get_by_role("button", name="regression").click()
    shown.wait_for_function("document.querySelectorAll('.ce-painter')[1].ariaPressed === 'true'")
    assert shown.locator(".swatch:visible").count() == 0
    assert not shown.get_by_role("button", name="Four others").is_visible()
    explorer.painter = 1
    assert as_in_python(shown, explorer) <= 2
    explorer.painter = 0
    click(shown, ".ce-plane", 0.7, 0.4)
    assert len(hints(shown)) == 1


def test_fingers(open_page, site):
    page = open_page(f"{site}/#image=5", viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    page.wait_for_selector(".ce-pictures")
    for place in (".ce-plane", ".swatches", ".ce-coloured canvas"):  # one that scrolls does nothing
        page.evaluate("place => document.querySelector(place).scrollIntoView({block: 'center'})", place)
        box, scrolled = page.locator(place).bounding_box(), page.evaluate("scrollY")
        x, y, way = box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2, -1 if scrolled else 1
        finger(page, (x, y), *((x, y - way * step) for step in range(0, 161, 20)))
        page.wait_for_function("from => scrollY !== from", arg=scrolled)
        stand_still(page)
        assert hints(page) == [], place
    page.locator(".ce-plane").tap()
    assert len(hints(page)) == 1
    for target in page.locator(".swatch, .hint-buttons button:visible, .chip").all():
        assert target.bounding_box()["height"] >= 43.5, target
    assert page.locator(".pin").evaluate("p => parseFloat(getComputedStyle(p, '::before').height)") >= 44
    box = page.locator(".pin").bounding_box()
    x, y = box["x"] + 25, box["y"] + 10  # beside what is seen of it
    [(before, _)] = hints(page)
    finger(page, (x, y), *((x, y + step) for step in range(0, 41, 8)))
    [(after, _)] = hints(page)
    assert after[0] == before[0]
    assert after[1] > before[1]
    page.locator(".chip").tap()
    assert hints(page) == []


def test_hints_are_told_to_a_model_and_heard_from_it(open_page, site, explorer):
    """anywidget's side, played by a model that answers as `Explorer` does."""
    header, data = pack(explorer.subjects, explorer.colorizer)
    page = open_page(f"{site}/empty.html")
    page.evaluate(
        """async ([header, bytes]) => {
            const js = await import('/explorer.mjs');
            class Model extends js.Store {
                saved = 0;
                save_changes() { this.saved += 1; }
            }
            window.model = new Model({temperature: 1, lam: 1, image: 5, pixel: [5, 5], painter: 0});
            js.mount(document.body, {...header, bytes}, window.model);
        }""",
        [header, base64.b64encode(data).decode()],
    )
    page.evaluate("window.model.set('hints', [[[16, 16], '#b03030']])")  # as when Python sets the trait
    explorer.image, explorer.hints = 5, [((16, 16), "#b03030")]
    assert np.abs(picture(page) - explorer.coloured.numpy().astype(int)).max() <= 2
    page.locator(".swatch").nth(2).click()
    told, saved = page.evaluate("[window.model.get('hints'), window.model.saved]")
    assert [place for place, _ in told] == [[16, 16], [11, 11]]
    assert saved == 1
    explorer.hints = told
