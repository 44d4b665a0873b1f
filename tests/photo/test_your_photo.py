"""The page "Colour your own photo" as a reader finds it, and every way to go wrong."""

import gzip
import re

import pytest
from photo_page import INSIDE, choose, coloured, download, file, problem
from photo_site import ROOT, STATIC, photo_panel, picture, write_site

BOOK = ROOT / "_build" / "html"


def test_one_of_ours_and_what_it_costs_before(page):
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map(r => [r.name.split('/').pop(), r.decodedBodySize])"
    )
    assert not [name for name, _ in loaded if name.endswith((".gz", "worker.mjs"))]
    assert sum(size for _, size in loaded) < 100_000
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    assert page.inner_text(".left") == "grey"
    page.get_by_label("beside the true colours").check()
    assert page.inner_text(".left") == "true colours"


def test_a_worker_that_dies_is_told_of_and_replaced(page):
    dying = (
        "\nself.addEventListener('message', ({ data }) => { if (data.kind === 'save') setTimeout(() => nothing()); });"
    )
    page.context.route("**/worker.mjs", lambda route: route.fulfill(
        body=(STATIC / "worker.mjs").read_text("utf-8") + dying, content_type="text/javascript",
    ))  # fmt: skip
    choose(page, file(picture("coffee", (3000, 2000)), "large.jpg", "JPEG"))
    coloured(page)
    page.get_by_role("button", name="Download the photo").click()
    assert "has stopped" in problem(page)
    assert not page.is_visible(".stage")
    choose(page, file(picture("coffee", (64, 48))))
    coloured(page)
    assert page.get_by_role("button", name="Download the photo").get_attribute("aria-disabled") is None


def test_what_cannot_be_opened_at_all(page):
    page.evaluate("document.querySelector('colour-photo').open({ name: 'a folder', slice: () => new Response(null, "
                  "{ status: 200 }).body })")  # fmt: skip
    assert "may be a folder" in problem(page)


def test_one_place_speaks(page):
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    live = page.evaluate(f"[...{INSIDE}.querySelectorAll('output, [aria-live], [role=status]')].map(e => e.className)")
    assert live == ["voice"]


def test_which_is_real_is_guessed_with_ones_own_photos_by_keyboard(page):
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    grey = picture("rocket", (60, 40)).convert("L")
    nothing = {"name": "4.png", "mimeType": "image/png", "buffer": b"no picture"}
    two = [file(picture(name, (90, 60)), f"{name}.png") for name in ("chelsea", "coffee")]
    page.set_input_files(".photos", [*two, file(grey, "2.png"), nothing])
    fooled = 0
    for number in (1, 2):  # neither the grey one nor what is no picture
        asked = f"n => {INSIDE}.querySelector('.asked').textContent.startsWith(`Photo ${{n}}.`)"
        page.wait_for_function(asked, arg=number)
        assert page.evaluate(f"{INSIDE}.activeElement.ariaLabel") == "The left picture is real"
        left, right = (page.locator(f".side:nth-child({i}) canvas").evaluate("c => c.toDataURL()") for i in (1, 2))
        assert left != right
        page.keyboard.press("Enter")
        tags = page.locator(".side span").all_inner_texts()
        assert sorted(tags) == ["painted", "true"]
        fooled += tags[0] == "painted"
        assert page.inner_text(".found").startswith("Fooled" if tags[0] == "painted" else "Right")
        assert page.inner_text(".voice") == page.inner_text(".found")
        page.keyboard.press("Enter")  # the focus is on the way on
    page.wait_for_function(f"{INSIDE}.querySelector('.asked').textContent.startsWith('Fooled')")
    assert page.inner_text(".asked").startswith(f"Fooled {fooled} time{'s' * (fooled != 1)} in 2.")
    page.set_input_files(".photos", [file(grey, "2.png")])
    page.wait_for_function(f"{INSIDE}.querySelector('.asked').textContent.startsWith('None of these')")


def test_a_browser_that_guards_against_fingerprints_is_told(page):
    page.context.route("**/worker.mjs", lambda route: route.fulfill(
        body="""const read = OffscreenCanvasRenderingContext2D.prototype.getImageData;
          OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...area) {
            const image = read.apply(this, area);
            crypto.getRandomValues(image.data.subarray(0, 65536));
            return image;
          };\n""" + (STATIC / "worker.mjs").read_text("utf-8"),
        content_type="text/javascript",
    ))  # fmt: skip
    page.get_by_role("button", name="coffee").click()
    assert "guards against fingerprints" in problem(page)


def test_without_a_connection_the_reader_is_told_so(page):
    page.context.set_offline(True)
    choose(page, file(picture("coffee", (64, 48))))
    assert "Check your connection" in problem(page)
    page.context.set_offline(False)
    choose(page, file(picture("coffee", (64, 48))))
    coloured(page)
    page.context.set_offline(True)
    choose(page, file(picture("chelsea", (60, 45)), "other.png"))
    page.wait_for_function(f"{INSIDE}.querySelector('.after').width === 60")
    coloured(page)
    page.context.set_offline(False)


def test_the_size_that_is_announced_is_what_comes(page):
    page.evaluate("""() => {
      window.said = [];
      new MutationObserver(all => said.push(...all.map(one => one.target.textContent)))
        .observe(document.querySelector("colour-photo").shadowRoot.querySelector(".loaded"), { childList: true });
    }""")
    came = []
    page.context.on("response", lambda answer: came.append(answer))
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    sizes = {answer.url.rsplit("/", 1)[1]: int(answer.headers["content-length"]) for answer in came}
    settings = page.evaluate("document.querySelector('colour-photo').settings")
    announced = [settings["machine"], settings["painters"][0]]
    assert {file["file"].rsplit("/", 1)[-1]: file["bytes"] for file in announced}.items() <= sizes.items()
    assert [name for name in sizes if name.endswith(".onnx.gz")] == ["photo.onnx.gz"]
    megabytes = int(re.search(r"about (\d+) MB", page.inner_text(".cost"))[1])
    assert megabytes == pytest.approx(sum(sizes.values()) / 1e6, abs=0.7)
    assert sum(sizes.values()) < 12e6
    steps = [re.search(r"(\d+) of (\d+) MB", text) for text in page.evaluate("said")]
    assert all(int(step[1]) <= int(step[2]) == megabytes for step in steps if step)


def test_a_server_that_has_the_browser_unpack_what_comes(site, open_page, serve, tmp_path):
    """As those do that say of a file named gz that gzip is only how it travels."""
    photo_panel.make(write_site(tmp_path))
    for path in tmp_path.rglob("*.gz"):
        path.write_bytes(gzip.decompress(path.read_bytes()))
    page = open_page(serve(tmp_path))
    page.get_by_role("button", name="coffee").click()
    coloured(page)


def test_a_browser_without_webassembly_is_told(open_page, site):
    page = open_page("about:blank")
    page.add_init_script("delete globalThis.WebAssembly")
    page.goto(site)
    page.get_by_role("button", name="coffee").click()
    assert "no WebAssembly" in problem(page)
    assert page.get_by_role("button", name="Choose a photo").is_enabled()


def test_a_network_that_does_not_come_is_asked_for_again(page):
    page.context.route("**/photo.onnx.gz", lambda route: route.fulfill(status=503, body=""))
    page.get_by_role("button", name="coffee").click()
    assert "could not be loaded" in problem(page)
    page.context.unroute("**/photo.onnx.gz")
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    assert not page.is_visible(".problem")


def test_a_copy_without_its_runtime_says_so(open_page, serve, tmp_path):
    photo_panel.write_settings(write_site(tmp_path), photo_panel.MISSING)
    page = open_page(serve(tmp_path))
    assert "built without the program" in problem(page)
    assert not page.is_visible(".choose")


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_needs_no_scrolling_sideways(open_page, site, width):
    page = open_page(site, viewport={"width": width, "height": 800}, has_touch=True)
    page.get_by_role("button", name="coffee").tap()
    coloured(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 40


def test_everything_that_can_be_focused_has_a_name(page):
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    kinds = "input:not([aria-hidden]), button, [role=img], progress"
    nameless = page.evaluate(f"""() => [...{INSIDE}.querySelectorAll("{kinds}")]
        .filter(e => e.checkVisibility())
        .filter(e => !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
        .map(e => e.outerHTML)""")
    assert nameless == []


def test_the_built_book_has_the_panel(open_page, serve):
    built = BOOK / "_static" / "photo" / "panel.mjs"
    if not built.is_file() or built.read_bytes() != (STATIC / "panel.mjs").read_bytes():
        pytest.skip("the book is not built, or was built before the page changed: make book")
    if not (BOOK / "_static" / "photo" / "photo.onnx.gz").is_file():
        pytest.skip("the book was built without npm")
    page = open_page(f"{serve(BOOK)}/your_photo.html")
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    assert download(page)[0] == "coffee-coloured.png"
