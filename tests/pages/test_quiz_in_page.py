"""The quiz in a real browser: it counts as its player does, and deals fairly."""

import re

import pytest
from bare_page import write_pages
from statsmodels.stats.proportion import proportion_confint

from colorize_lib.pages.quiz import PAINTERS, ROUNDS, quiz


@pytest.fixture(scope="module")
def quiz_site(serve, tmp_path_factory):
    """Address of a page with the quiz, and the quiz."""
    game = quiz()
    return serve(write_pages(tmp_path_factory.mktemp("quiz"), index=game._repr_html_())), game


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
