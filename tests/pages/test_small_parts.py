"""The small interactive parts: everybody can use them, by mouse, by finger and by key."""

import re

import pytest
from bare_page import write_pages
from small_parts import CARS, GPUS, GREY, MACHINES, TRAININGS, TRUTH, small_parts

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import gallery
from colorize_lib.errors import InputError
from colorize_lib.measuring.statistics import mcnemar
from colorize_lib.pages.draw_again import draw_again
from colorize_lib.pages.explorer import explore
from colorize_lib.pages.gamut_slice import MARKS, REACH, gamut_slice
from colorize_lib.pages.mean_colour import mean_colour
from colorize_lib.pages.page import script, style
from colorize_lib.pages.rebalancing_weights import rebalancing_weights
from colorize_lib.pages.training_cost import training_cost
from colorize_lib.training.cost import Training

NAMES = ("gamut_slice", "mean_colour", "rebalancing_weights", "training_cost", "draw_again", "soft_target")


@pytest.fixture(scope="module")
def parts(bins) -> dict[str, str]:
    return small_parts(bins)


@pytest.fixture(scope="module")
def site(serve, parts, tmp_path_factory) -> str:
    """Address of a page for each part, and one with all of them."""
    return serve(write_pages(tmp_path_factory.mktemp("parts"), **parts, all="".join(parts.values())))


def said(page) -> str:
    return page.inner_text(".page-numbers")


def test_a_pixel_is_chosen_by_click_by_key_and_by_picture(open_page, site, bins):
    page = open_page(f"{site}/soft_target.html")
    page.wait_for_selector(".page-picture")
    subject = explore(colorizer=bins).subjects[0]
    page.locator(".page-choice input").first.check(force=True)
    box = page.locator(".page-picture").bounding_box()
    page.mouse.click(box["x"] + 4.5 * box["width"] / 16, box["y"] + 12.5 * box["height"] / 16)
    page.locator(".page-picture").press("ArrowRight")
    row, column = 12, 5
    ab = rgb_to_lab(gallery().rgb[:1])[:, 1:, 24:26, 10:12].mean((2, 3))[..., None, None]
    index, share = (part.flatten() for part in bins.gamut.encode(ab))
    nats = -(share * subject.logits[:, row, column].log_softmax(0)[index]).sum().item()
    shown = float(re.search(r"([\d.]+) nats", said(page))[1])
    assert shown == pytest.approx(nats, abs=0.15)  # a byte a logit
    shares = page.locator(".soft-target tbody td:nth-child(3)").all_inner_texts()
    assert [float(text) for text in shares] == pytest.approx(share.tolist(), abs=0.0051)


def test_a_thousand_draws_are_counted_and_forgotten(open_page, site):
    page = open_page(f"{site}/draw_again.html")
    page.wait_for_selector(".da-tiles")
    for i, name in enumerate(("Draw pictures", "Toss coins")):
        first, many, clear = page.get_by_role("group", name=name).get_by_role("button").all()
        numbers = page.locator(".page-numbers").nth(i)
        first.press("Enter")
        many.click()
        assert "1,001" in numbers.inner_text()
        clear.click()
        assert "–" in numbers.inner_text()
    assert f"{100 * mcnemar(GREY, TRUTH)[2]:.0f} %" in page.locator(".page-numbers").nth(1).inner_text()


@pytest.mark.parametrize("name", NAMES[:3])
def test_a_dial_by_key_changes_what_is_said(open_page, site, name):
    page = open_page(f"{site}/{name}.html")
    page.wait_for_selector(".page-slider")
    for i in range(page.locator(".page-slider").count()):
        before, number = said(page), page.locator(".page-value").nth(i).inner_text()
        page.locator(".page-slider").nth(i).press("ArrowRight")
        page.locator(".page-slider").nth(i).press("ArrowRight")
        assert page.locator(".page-value").nth(i).inner_text() != number
        assert said(page) != before
    heard = page.locator("[aria-live]")
    page.wait_for_function("document.querySelector('[aria-live]').textContent !== ''")
    assert len(heard.inner_text()) > 30


@pytest.mark.parametrize("name", ["mean_colour", "rebalancing_weights", "soft_target"])
def test_a_part_that_has_gone_draws_no_more(open_page, site, name):
    page = open_page(f"{site}/{name}.html")
    page.wait_for_selector(f".{name.replace('_', '-')} canvas")
    drawn = page.evaluate("""async () => {
        const frames = async () => { for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame); };
        const part = document.querySelector('.colour-page');
        const canvas = [...part.querySelectorAll('canvas')].at(-1);
        await frames();
        part.remove();
        await frames();
        canvas.width = 7;
        document.documentElement.dataset.theme = 'dark';
        await frames();
        return canvas.width;
    }""")
    assert drawn == 7


def test_a_link_in_the_text_slides_lambda(open_page, site):
    page = open_page(f"{site}/rebalancing_weights.html")
    page.wait_for_selector(".page-slider")
    link = '<a class="set" href="#lam=0.1">so</a>'
    page.evaluate("link => document.body.insertAdjacentHTML('afterbegin', link)", link)
    page.locator("a.set").press("Enter")
    assert page.inner_text(".page-value") == "0.1"
    page.wait_for_function("document.querySelector('[aria-live]').textContent.startsWith('Lambda 0.1.')")


def test_a_click_on_the_plane_asks_for_a_colour(open_page, site):
    page = open_page(f"{site}/gamut_slice.html")
    page.wait_for_selector(".gs-plane canvas")
    box = page.locator(".gs-plane").bounding_box()
    page.mouse.click(box["x"] + 0.95 * box["width"], box["y"] + 0.9 * box["height"])
    assert "No screen has this colour" in said(page)
    assert page.locator(".gs-got").is_visible()
    a, b = (page.locator(".page-value").nth(i).inner_text() for i in (1, 2))
    assert (int(a), int(b.replace("−", "-"))) == (pytest.approx(0.9 * REACH, abs=2), pytest.approx(-0.8 * REACH, abs=2))
    page.get_by_role("button", name=MARKS[1][0]).click()
    assert "This colour exists" in said(page)
    assert page.locator(".gs-got").is_hidden()


def test_a_car_that_is_dragged_takes_the_mean_along(open_page, site):
    page = open_page(f"{site}/mean_colour.html")
    page.wait_for_selector(".mc-handle")
    assert f"{100 * (CARS.mean(0).norm() / CARS.norm(dim=1).mean()).item():.0f} %" in said(page)
    handle, plane = (page.locator(place).first.bounding_box() for place in (".mc-handle", ".page-plane"))
    page.mouse.move(handle["x"] + 17, handle["y"] + 17)
    page.mouse.down()
    page.mouse.move(plane["x"] + plane["width"] / 2, plane["y"] + 20, steps=5)
    page.mouse.up()
    assert page.locator(".mc-chip").first.inner_text().startswith("yellow")
    page.get_by_role("button", name="one hue").click()
    assert "100 %" in said(page)
    page.locator(".mc-chip input").nth(2).check()
    page.get_by_role("slider", name="Parts").press("Home")
    assert page.locator(".mc-chip").nth(2).inner_text().endswith(", 0 %")


def test_the_form_says_what_is_wrong_with_it(open_page, site):
    page = open_page(f"{site}/training_cost.html")
    page.wait_for_selector(".tc-box")
    gpus = page.get_by_label("GPUs", exact=True)
    before = said(page)
    gpus.fill("16")
    assert said(page) != before
    gpus.fill("")
    assert "empty" in said(page) and "–" in said(page)
    gpus.fill("0")
    assert "cannot be" in said(page)
    gpus.fill("8")
    assert said(page) == before
    page.get_by_role("button", name="a processor").click()
    flops, _, pictures = TRAININGS["the paper's"]
    hours = Training(flops, pictures).hours(*MACHINES["a processor"], GPUS)
    assert f"{hours / 24:.1f} days" in said(page)
    page.get_by_label("Network").select_option("small")
    assert page.get_by_label("Pixels a side").input_value() == "32"


@pytest.mark.parametrize("width", [320, 390, 900])
def test_all_fit_on_one_page_and_fingers_hit(open_page, site, width):
    page = open_page(f"{site}/all.html", viewport={"width": width, "height": 844}, has_touch=True)
    page.wait_for_selector(".tc-box")
    assert page.locator(".colour-page").count() == len(NAMES)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for target in page.locator("button, .page-slider, .mc-chip, .mc-handle, .tc-box input, select").all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 24, target
    planes = page.locator(".rebalancing-weights .page-plane, .soft-target .page-plane")
    assert planes.evaluate_all("all => all.map((plane) => getComputedStyle(plane).backgroundColor)") == 3 * [
        "rgb(27, 29, 33)"
    ], "no part has the style of another"
    nameless = page.evaluate("""() => [...document.querySelectorAll('input, select, button, [role=img], [role=group]')]
        .filter(e => !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
        .map(e => e.outerHTML)""")
    assert nameless == []


def test_what_is_drawn_takes_the_ink_of_a_dark_page(open_page, site):
    page = open_page(f"{site}/rebalancing_weights.html")
    page.wait_for_selector(".rw-curve")
    shot = "document.querySelector('.rw-curve').toDataURL()"
    before = page.evaluate(shot)
    page.add_style_tag(content="html[data-theme=dark] body { background: #111; color: #eee }")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"before => {shot} !== before", arg=before)


@pytest.mark.parametrize("name", NAMES)
def test_without_scripts_something_stays(open_page, site, name):
    page = open_page(f"{site}/{name}.html", java_script_enabled=False)
    assert page.locator(".colour-page table, .colour-page img, .colour-page p").first.is_visible()


def test_the_html_needs_nothing_from_elsewhere_and_is_small(parts):
    for name, html in parts.items():
        assert len(html) < (900_000 if name == "soft_target" else 60_000)  # the one has logits
        assert not re.search(r"https?://|(src|href)=\"(?!data:)|\bimport\b.*\bfrom\b|import\(|@import", html)
        assert html.count("</script>") == 2


def test_a_module_that_two_others_want_is_there_once():
    assert script("rebalancing_weights.mjs").count("export function labToRgb") == 1
    assert style("rebalancing_weights.css").count(".colour-page .page-dial {") == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda bins: gamut_slice(101), "from 0 to 100"),
        (lambda bins: gamut_slice(50, (200, 0)), "up to 110"),
        (lambda bins: mean_colour({}), "at least one scene"),
        (lambda bins: mean_colour({"one": CARS, "two": CARS[:2]}), "three or four"),
        (lambda bins: rebalancing_weights(bins.gamut, bins.prior[1:]), "prior of shape"),
        (lambda bins: rebalancing_weights(bins.gamut, bins.prior, 0), "above 0"),
        (lambda bins: training_cost({}, MACHINES, 1), "training and a machine"),
        (lambda bins: training_cost(TRAININGS, {"none": (0, 1)}, 1), "above 0"),
        (lambda bins: draw_again(GREY, TRUTH[1:], ("a", "b")), "as many answers"),
        (lambda bins: draw_again(GREY, GREY, ("a", "b")), "never disagree"),
    ],
)
def test_what_cannot_be_shown_is_refused(bins, make, message):
    with pytest.raises(InputError, match=re.escape(message)):
        make(bins)
