"""Films that play in the page: what Python writes, and what a real browser plays of it."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from bare_page import PAGE
from PIL import Image

from colorize_lib.errors import InputError
from colorize_lib.pages.looping import looping

HEIGHT, WIDTH, COUNT = 24, 32, 6


def greys(*levels: int) -> list[torch.Tensor]:
    """Frames that are each of one grey."""
    return [torch.full((3, HEIGHT, WIDTH), level, dtype=torch.uint8) for level in levels]


FILMS = {"up": greys(*range(0, 240, 40)), "<down>": greys(*range(200, -40, -40))}


def test_the_html_has_every_frame_and_needs_nothing_from_elsewhere():
    html = looping(FILMS, "Two greys & no more")._repr_html_()
    assert not re.search(r"https?://|(src|href)=\"(?!data:)|<down>", html)
    assert 'aria-label="Two greys &amp; no more"' in html
    assert html == looping(FILMS, "Two greys & no more")._repr_html_()
    strips = re.findall(r'"(UklGR[^"]+)"', html)
    for frames, strip in zip(FILMS.values(), strips, strict=True):
        picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(strip))).convert("L")).astype(int)
        shown = picture.reshape(COUNT, HEIGHT, WIDTH).mean((1, 2))
        assert np.abs(shown - [frame[0, 0, 0].item() for frame in frames]).max() < 3


def test_on_paper_some_frames_of_every_film_are_there():
    sheet = Image.open(io.BytesIO(looping(FILMS, "greys")._repr_png_()))
    greys = {colour[0] for _, colour in sheet.getcolors() if colour[3]}
    assert greys == {0, 40, 80, 120, 160, 200}


@pytest.mark.parametrize(
    "films",
    [
        {},
        {"none": []},
        {"one": greys(1), "two": greys(1, 2)},
        {"grey": [torch.zeros(1, 4, 4, dtype=torch.uint8)]},
        {"batch": [torch.zeros(1, 3, 4, 4, dtype=torch.uint8)]},
        {"float": [torch.zeros(3, 4, 4)]},
        {"sizes": [*greys(1), torch.zeros(3, 4, 4, dtype=torch.uint8)]},
    ],
    ids=lambda films: next(iter(films), "no film"),
)
def test_what_cannot_be_played_is_refused(films):
    with pytest.raises(InputError):
        looping(films, "nothing")


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("films")
    (folder / "index.html").write_text(PAGE.format(looping(FILMS, "greys", rate=20)._repr_html_()), "utf-8")
    return serve(folder)


def opened(open_page, site, **options):
    page = open_page(site, **options)
    page.wait_for_selector(".lo-bar")
    return page


def levels(page) -> list[int]:
    """The grey that each canvas shows."""
    return page.locator("canvas").evaluate_all(
        "all => all.map((canvas) => canvas.getContext('2d').getImageData(9, 9, 1, 1).data[0])"
    )


def frame(page) -> int:
    return int(page.get_by_role("slider", name="Frame").input_value())


def shows(page, number: int) -> bool:
    wanted = [film[number][0, 0, 0].item() for film in FILMS.values()]
    return bool(np.abs(np.subtract(levels(page), wanted)).max() < 3)


def test_it_plays_round_and_round_and_stops(open_page, site):
    page = opened(open_page, site)
    for wanted in (0, COUNT - 1, 0):  # round, once at least
        page.wait_for_function("n => Number(document.querySelector('input').value) === n", arg=wanted)
    page.get_by_role("button", name="Pause").click()
    number = frame(page)
    page.wait_for_timeout(300)
    assert frame(page) == number and shows(page, number)
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function("n => Number(document.querySelector('input').value) !== n", arg=number)


def test_the_slider_goes_to_a_frame_and_stops_there(open_page, site):
    page = opened(open_page, site)
    slider = page.get_by_role("slider", name="Frame")
    slider.press("Home")
    for number in range(1, COUNT):
        slider.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == f"{number + 1} of {COUNT}"
        assert shows(page, number)
    assert page.get_by_role("button").inner_text() == "Play"


def test_a_key_that_leaves_the_frame_as_it_is_stops_it_too(open_page, site):
    page = opened(open_page, site)
    slider = page.get_by_role("slider", name="Frame")
    slider.evaluate("slider => { slider.value = 0; }")  # as it stands once in a round
    slider.press("Home")
    assert page.get_by_role("button").inner_text() == "Play"


def test_nothing_moves_unasked_where_less_motion_is_wanted(open_page, site):
    page = opened(open_page, site, reduced_motion="reduce")
    page.wait_for_timeout(300)
    assert frame(page) == 0 and shows(page, 0)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('input').value) > 0")


def test_out_of_sight_it_rests(open_page, site):
    page = opened(open_page, site)
    page.evaluate("document.body.style.paddingTop = '5000px'")
    page.wait_for_timeout(300)
    number = frame(page)
    page.wait_for_timeout(300)
    assert frame(page) == number
    page.locator(".looping").scroll_into_view_if_needed()
    page.wait_for_function("n => Number(document.querySelector('input').value) !== n", arg=number)


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_and_fingers_hit(open_page, site, width):
    page = opened(open_page, site, viewport={"width": width, "height": 844}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for target in page.locator(".lo-bar > *").all():
        assert min(target.bounding_box()[side] for side in ("width", "height")) >= 24
    page.get_by_role("button", name="Pause").tap()
    page.get_by_role("button", name="Play").wait_for()


def test_without_scripts_the_first_frames_stay(open_page, site):
    page = open_page(site, java_script_enabled=False)
    assert page.locator("img").count() == len(FILMS)
    assert page.locator("figcaption").all_inner_texts() == list(FILMS)
