"""The small interactive parts: their JavaScript is Python's maths, and everybody can use them."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from small_parts import CARS, GPUS, GREY, MACHINES, ONE_HUE, PRICE, TRAININGS, TRUTH, small_parts

import colorize_lib
from colorize_lib.colour.lab import lab_to_rgb, rgb_to_lab
from colorize_lib.data.examples import gallery
from colorize_lib.errors import InputError
from colorize_lib.measuring.statistics import bootstrap_means, interval, mcnemar
from colorize_lib.networks.eccv16 import ECCV16
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.pages.draw_again import draw_again
from colorize_lib.pages.explorer import explore
from colorize_lib.pages.gamut_slice import MARKS, REACH, gamut_slice
from colorize_lib.pages.mean_colour import mean_colour
from colorize_lib.pages.page import script, style
from colorize_lib.pages.rebalancing_weights import rebalancing_weights
from colorize_lib.pages.training_cost import training_cost
from colorize_lib.training.cost import Training, training_flops

WEB = Path(colorize_lib.__file__).parent / "pages" / "web"
NAMES = ("gamut_slice", "mean_colour", "rebalancing_weights", "training_cost", "draw_again", "soft_target")
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Part</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body>{}</body></html>"""


@pytest.fixture(scope="module")
def parts(bins) -> dict[str, str]:
    return small_parts(bins)


@pytest.fixture(scope="module")
def site(serve, parts, tmp_path_factory) -> str:
    """Address of a page for each part, one with all of them, an empty one, and the modules."""
    folder = tmp_path_factory.mktemp("parts")
    for name, html in (*parts.items(), ("all", "".join(parts.values())), ("empty", "")):
        (folder / f"{name}.html").write_text(PAGE.format(html), "utf-8")
    for module in WEB.glob("*.mjs"):
        (folder / module.name).write_bytes(module.read_bytes())
    return serve(folder)


def asked(page, module: str, call: str, *arguments):
    """What a function of a module answers, as JSON can hold it."""
    return page.evaluate(
        f"""async (given) => {{
            const js = await import('/{module}.mjs');
            return JSON.parse(JSON.stringify(js.{call}(...given), (_, v) => v?.buffer ? Array.from(v) : v));
        }}""",
        list(arguments),
    )


def said(page) -> str:
    return page.inner_text(".page-numbers")


def test_what_a_screen_can_show_is_pythons(open_page, site):
    page = open_page(f"{site}/empty.html")
    for lightness, a, b in [setting[1:] for setting in MARKS] + [(60, 30, 40), (0, 0, 0), (100, 0, 0), (32, 79, -108)]:
        lab = torch.tensor([lightness, a, b], dtype=torch.float64)[:, None, None]
        rgb = lab_to_rgb(lab, clip=False)
        shown = lab_to_rgb(lab)
        answer = asked(page, "gamut_slice", "onScreen", lightness, a, b)
        assert answer["exists"] == bool(((rgb > -1e-4) & (rgb < 1 + 1e-4)).all()), (lightness, a, b)
        assert answer["rgb"] == (255 * shown).round().int().flatten().tolist()
        assert answer["lab"] == pytest.approx(rgb_to_lab(shown).flatten().tolist(), abs=1e-3)


def test_a_slice_has_the_share_that_python_counts(open_page, site):
    page = open_page(f"{site}/empty.html")
    reach = torch.arange(-REACH, REACH + 1, dtype=torch.float64)
    b, a = torch.meshgrid(reach, reach, indexing="ij")
    for lightness in (30, 60, 90):
        rgb = lab_to_rgb(torch.stack((torch.full_like(a, lightness), a, b)), clip=False)
        share = ((rgb > -1e-4) & (rgb < 1 + 1e-4)).all(0).double().mean().item()
        assert page.evaluate(
            "L => import('/gamut_slice.mjs').then(js => js.slice(L).share)", lightness
        ) == pytest.approx(share, abs=2e-4)


@pytest.mark.parametrize("shares", [(1, 1, 1), (2, 1, 1), (0, 0, 5)])
def test_the_mean_and_what_it_keeps_are_pythons(open_page, site, shares):
    page = open_page(f"{site}/empty.html")
    for colours in (CARS, ONE_HUE):
        p = torch.tensor(shares) / sum(shares)
        mean = p @ colours
        answer = asked(page, "mean_colour", "meanColour", colours.tolist(), shares)
        assert answer["mean"] == pytest.approx(mean.tolist(), abs=1e-4)
        assert answer["average"] == pytest.approx((p @ colours.norm(dim=1)).item(), abs=1e-4)
        assert answer["kept"] == pytest.approx((mean.norm() / (p @ colours.norm(dim=1))).item(), abs=1e-5)
        assert answer["cost"] == pytest.approx((p @ (colours - mean).square().sum(1)).item(), rel=1e-5)


@pytest.mark.parametrize("lam", [1, 0.5, 0.1, 0.03])
def test_the_weights_and_the_loss_are_pythons(open_page, site, bins, lam):
    page = open_page(f"{site}/empty.html")
    w = bins.gamut.rebalance(bins.prior.double(), lam)
    shares = w * bins.prior.double()
    answer = asked(page, "rebalancing_weights", "weigh", bins.prior.tolist(), lam)
    assert list(answer["weights"]) == pytest.approx(w.tolist(), rel=1e-4)
    assert list(answer["shares"]) == pytest.approx(shares.tolist(), rel=1e-4)
    assert answer["ratio"] == pytest.approx((w.max() / w.min()).item(), rel=1e-4)
    assert w.min() > 10**-2 and w.max() < 10**2, "the axis ends there"
    half = int((shares.sort(descending=True).values.cumsum(0) < 0.5).sum()) + 1
    assert asked(page, "rebalancing_weights", "half", shares.tolist()) == half


def test_hours_and_money_are_pythons(open_page, site):
    page = open_page(f"{site}/empty.html")
    for (flops, pixels, pictures), (peak, share) in itertools.product(TRAININGS.values(), MACHINES.values()):
        given = {"density": flops / pixels**2, "pixels": pixels, "pictures": pictures, "peak": peak}
        answer = asked(page, "training_cost", "cost", given | {"utilisation": share, "gpus": GPUS, "price": PRICE})
        training = Training(flops, pictures)
        assert answer["hours"] == pytest.approx(training.hours(peak, share, GPUS))
        assert answer["gpuHours"] == pytest.approx(training.hours(peak, share))
        assert answer["money"] == pytest.approx(PRICE * training.hours(peak, share))


def test_operations_grow_with_the_pixels_as_the_form_takes_them_to():
    for build in (lambda: UNet(UNetConfig(261)), ECCV16):
        small, large = (training_flops(build, size) / size**2 for size in (64, 176))
        assert small == pytest.approx(large, rel=1e-3)


@pytest.mark.parametrize("split", [(0, 5), (1, 9), (6, 6), (30, 52), (0, 1)])
def test_the_coins_have_pythons_p(open_page, site, split):
    page = open_page(f"{site}/empty.html")
    one = np.repeat([True, False], split)
    assert asked(page, "draw_again", "mcnemar", *split) == pytest.approx(mcnemar(one, ~one)[2], abs=1e-9)


def test_pictures_drawn_in_the_page_spread_as_pythons(open_page, site):
    page = open_page(f"{site}/empty.html")
    found = page.evaluate("""async ([hits, n]) => {
        const js = await import('/draw_again.mjs');
        const counts = Array(n + 1).fill(0);
        for (let i = 0; i < 20000; i++) counts[js.resample(hits, n).right] += 1;
        const heads = Array.from({length: 4000}, () => js.toss(10));
        return [counts, js.middle(counts), heads.reduce((sum, h) => sum + h, 0) / 4000];
    }""", [18, 20])  # fmt: skip
    counts, middle, heads = found
    means = bootstrap_means((np.arange(20) < 18)[:, None].astype(float))[:, 0]
    assert sum(i * count for i, count in enumerate(counts)) / 20 / sum(counts) == pytest.approx(0.9, abs=0.005)
    assert [end / 20 for end in middle] == pytest.approx(interval(means), abs=0.051)
    assert heads == pytest.approx(5, abs=0.15)


def test_the_target_and_the_surprise_are_pythons(open_page, site, bins):
    page = open_page(f"{site}/empty.html")
    ab = torch.tensor([[33.0, 28.0], [0.5, -0.2], [-88.0, 84.0], [120.0, -120.0]]).T[None, :, None]  # (1, 2, 1, 4)
    index, share = (part[0, :, 0].T for part in bins.gamut.encode(ab))  # (4, 5) each
    logits = torch.randn(4, len(bins.gamut)) * 3
    nats = -(share * logits.log_softmax(1).gather(1, index)).sum(1)
    centres = bins.gamut.centres.flatten().tolist()
    for i in range(4):
        target = asked(page, "soft_target", "encode", ab[0, :, 0, i].tolist(), centres)
        assert target["index"] == index[i].tolist()
        assert target["shares"] == pytest.approx(share[i].tolist(), abs=1e-5)
        answer = asked(page, "soft_target", "surprise", logits[i].tolist(), target)
        assert answer["nats"] == pytest.approx(nats[i].item(), abs=1e-4)
        assert list(answer["p"]) == pytest.approx(logits[i].softmax(0).tolist(), abs=1e-6)


def test_a_pixel_is_chosen_by_click_by_key_and_by_picture(open_page, site, bins):
    page = open_page(f"{site}/soft_target.html")
    page.wait_for_selector(".st-picture")
    subject = explore(colorizer=bins).subjects[0]
    page.locator(".st-choice input").first.check(force=True)
    box = page.locator(".st-picture").bounding_box()
    page.mouse.click(box["x"] + 4.5 * box["width"] / 16, box["y"] + 12.5 * box["height"] / 16)
    page.locator(".st-picture").press("ArrowRight")
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


def test_times_are_said_in_their_unit(open_page, site):
    page = open_page(f"{site}/empty.html")
    hours = {
        1 / 3600: "1 second",
        0.5: "30 minutes",
        1: "60 minutes",
        30: "30 hours",
        100: "4.2 days",
        24 * 365 * 3: "3 years",
    }
    assert {time: asked(page, "training_cost", "duration", time) for time in hours} == hours


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
