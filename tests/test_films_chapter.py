"""Chapter 10 as it is read: its figures, its film and its exercise, in the built book and a real browser."""

import itertools
import re
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parent.parent / "_build" / "html"
CHAPTER = BOOK / "10_films.html"
FIGURES = ("fig-columns", "fig-ageing", "fig-orthochromatic", "fig-lag")

pytestmark = [
    pytest.mark.skipif(not CHAPTER.exists(), reason="the book is not built: make book"),
    pytest.mark.skipif(
        CHAPTER.exists() and "lo-bar" not in CHAPTER.read_text("utf-8"), reason="the book is older than its film"
    ),
]


@pytest.fixture(scope="module")
def site(serve) -> str:
    return serve(BOOK)


def chapter(open_page, site, **options):
    page = open_page(f"{site}/{CHAPTER.name}", **options)
    page.wait_for_selector(".lo-bar")
    return page


def test_every_figure_is_seen_and_has_words(open_page, site):
    page = chapter(open_page, site)
    for name in FIGURES:
        figure = page.locator(f"#{name}")
        figure.scroll_into_view_if_needed()
        picture = figure.locator("img")
        page.wait_for_function("name => document.querySelector(`#${name} img`).naturalWidth > 300", arg=name)
        assert len(picture.get_attribute("alt")) > 60
        assert re.match(r"Fig\. \d+", figure.locator("figcaption").inner_text())
    assert page.locator("a[href^='#fig-']").count() >= 2, "the text leads to them"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_film_plays_and_stops_on_a_phone(open_page, site, scheme):
    page = chapter(open_page, site, viewport={"width": 390, "height": 844}, has_touch=True, color_scheme=scheme)
    film = page.locator(".looping")
    assert len(film.get_attribute("aria-label")) > 60
    film.scroll_into_view_if_needed()
    page.wait_for_function("Number(document.querySelector('.lo-bar input').value) > 2")
    page.get_by_role("button", name="Pause").tap()
    slider = page.get_by_role("slider", name="Frame")
    slider.press("Home")
    assert slider.get_attribute("aria-valuetext") == "1 of 16"
    assert film.locator("canvas").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_carried_colours_change_less_in_what_is_played(open_page, site):
    """Of the four films the last two are of colours alone: each by itself, and carried."""
    page = chapter(open_page, site, reduced_motion="reduce")
    slider, seen = page.get_by_role("slider", name="Frame"), []
    slider.press("Home")
    for _ in range(16):
        seen.append(
            page.locator(".looping canvas").evaluate_all(
                """all => all.map((canvas) => {
                    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                    let strength = 0;
                    for (let i = 0; i < data.length; i += 4) strength += Math.abs(data[i] - data[i + 2]);
                    return strength * 4 / data.length;
                })"""
            )
        )
        slider.press("ArrowRight")
    strength = [column[2:] for column in seen]
    alone, carried = (sum(abs(here[i] - there[i]) for here, there in itertools.pairwise(strength)) for i in (0, 1))
    assert carried < 0.7 * alone


def test_the_exercise_is_answered_in_the_page(open_page, site):
    page = chapter(open_page, site)
    field = page.get_by_label("Your answer to 10.1")
    for text, says in (("1/8", "one more"), ("8/9", "share of the others"), ("1/9", "Right")):
        page.evaluate("document.querySelector('.an-said').textContent = ''")
        field.fill(text)
        field.press("Enter")
        page.wait_for_function("document.querySelector('.an-said').textContent !== ''")
        assert says in page.locator(".an-said").inner_text()


def test_all_that_the_film_needs_is_small():
    """Its page and the file of its frames, as the build leaves it."""
    html = CHAPTER.read_text("utf-8")
    place = re.search(r'data-colour-page="(\w+)"><div class="looping"', html)
    assert (BOOK / "_static" / "parts" / f"{place[1]}.js").stat().st_size < 150_000
