"""The page "Colour your own photo" in a real browser: same pixels as Python, and every way to go wrong."""

import io
import re
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorize_lib import Colorizer
from colorize_lib.cli import vividness_to_lambda
from colorize_lib.data import photograph

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import photo_panel  # noqa: E402

BOOK = ROOT / "_build" / "html"
STATIC = ROOT / "book" / "_static" / "photo"
INSIDE = "document.querySelector('colour-photo').shadowRoot"
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Photo</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body>{}</body></html>"""


def write_site(folder: Path) -> Path:
    """The page's own HTML, and its modules; without what is made."""
    html = re.search(r"```\{raw\} html\n(.*?)```", (ROOT / "book" / "your_photo.md").read_text("utf-8"), re.DOTALL)[1]
    shutil.copytree(STATIC, folder / "_static" / "photo")
    (folder / "index.html").write_text(PAGE.format(html), "utf-8")
    return folder / "_static" / "photo"


@pytest.fixture(scope="module")
def site(chromium, serve, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("site")
    if not photo_panel.make(write_site(folder)):
        reason = "NOT TESTED in a browser: npm could not fetch what the page 'Colour your own photo' runs on."
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    return serve(folder)


@pytest.fixture(scope="module")
def shown() -> Colorizer:
    """The network that the page runs."""
    return Colorizer.load(photo_panel.MODEL, "cpu")


@pytest.fixture
def page(open_page, site):
    page = open_page(site, viewport={"width": 1000, "height": 900}, accept_downloads=True)
    page.wait_for_selector("colour-photo[ready]")
    return page


def file(image: Image.Image, name: str = "my photo.png", kind: str = "PNG", **options) -> dict:
    """A picture file, as a file chooser hands it over."""
    content = io.BytesIO()
    image.save(content, kind, **options)
    return {"name": name, "mimeType": f"image/{kind.lower()}", "buffer": content.getvalue()}


def picture(name: str, size: tuple[int, int] | None = None) -> Image.Image:
    image = Image.fromarray(photograph(name).permute(1, 2, 0).numpy())
    return image.resize(size, Image.Resampling.LANCZOS) if size else image


def choose(page, content: dict) -> None:
    page.set_input_files(".file", content)


def coloured(page) -> None:
    """Wait until the photo is there in colour."""
    page.wait_for_selector(".stage.ready")


def problem(page) -> str:
    page.wait_for_selector(".problem:visible")
    return page.inner_text(".problem")


def turn(page, dial: str, value: int) -> None:
    page.locator(dial).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


def download(page) -> tuple[str, np.ndarray]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the photo").click()
    image = Image.open(waiting.value.path())
    assert image.format == "PNG"
    return waiting.value.suggested_filename, np.asarray(image.convert("RGB")).astype(int)


def apart(ours: np.ndarray, image: Image.Image) -> int:
    """The largest difference, in grey levels."""
    assert ours.shape == np.asarray(image).shape
    return np.abs(ours - np.asarray(image).astype(int)).max()


@pytest.mark.parametrize(
    ("name", "size", "stop", "vividness"),
    [
        ("astronaut", None, 158, 50),
        ("coffee", (601, 399), 200, 0),
        ("chelsea", (451, 300), 100, 100),
        ("rocket", (83, 211), 195, 20),
        ("coffee", (47, 33), 158, 50),  # between the sizes that the network sees
        ("chelsea", (32, 32), 158, 50),  # as in training: looked at as it is
        ("rocket", (13, 29), 158, 70),  # smaller still, and odd
        ("coffee", (1, 1), 158, 50),
    ],
)
def test_the_page_and_python_paint_the_same_pixels(page, shown, name, size, stop, vividness):
    image = picture(name, size)
    choose(page, file(image))
    coloured(page)
    turn(page, "#t", stop)
    turn(page, "#v", vividness)
    temperature = float(page.inner_text("output[for=t]"))
    assert temperature == pytest.approx(10 ** (2 * stop / 200 - 2), rel=0.05)
    title, ours = download(page)
    assert title == "my photo-coloured.png"
    assert apart(ours, shown.colorize(image, temperature, vividness_to_lambda(vividness))) <= 2


def test_a_jpeg_that_lies_on_its_side(page, shown):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it
    content = file(picture("coffee", (300, 200)), "side.jpg", "JPEG", quality=95, exif=exif)
    choose(page, content)
    coloured(page)
    title, ours = download(page)
    assert title == "side-coloured.png"
    assert apart(ours, shown.colorize(content["buffer"], 0.38, 0.55)) <= 4  # decoders round JPEG differently


def test_transparency_is_laid_on_white(page, shown):
    image = picture("chelsea", (120, 90)).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 60, 90))
    choose(page, file(image))
    coloured(page)
    assert apart(download(page)[1], shown.colorize(image, 0.38, 0.55)) <= 2


def test_one_of_ours_and_what_it_costs_before(page):
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map(r => [r.name.split('/').pop(), r.decodedBodySize])"
    )
    assert not [name for name, _ in loaded if name.endswith((".onnx", ".wasm", "worker.mjs"))]
    assert sum(size for _, size in loaded) < 100_000
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    assert page.inner_text(".tag.left") == "grey"
    page.get_by_label("beside the true colours").check()
    assert page.inner_text(".tag.left") == "true colours"


def shows(page, canvas: str) -> str:
    return page.locator(canvas).evaluate("canvas => canvas.toDataURL()")


def test_the_dials_repaint_and_the_keyboard_turns_them(page):
    page.get_by_role("button", name="cat").click()
    coloured(page)
    before, grey = shows(page, ".after"), shows(page, ".before")
    for name, key, text in (("Temperature", "End", "1"), ("Vividness", "Home", "0, lambda 1")):
        dial = page.get_by_role("slider", name=name)
        dial.press(key)
        assert dial.get_attribute("aria-valuetext") == text
        page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)
        before = shows(page, ".after")
    assert shows(page, ".before") == grey


def test_the_handle_follows_pointer_and_keys(page):
    page.get_by_role("button", name="cat").click()
    coloured(page)
    handle, stage = page.get_by_role("slider", name="How much of the photo"), page.locator(".stage").bounding_box()
    page.wait_for_function(f"{INSIDE}.querySelector('.split').value <= 30")
    page.mouse.move(stage["x"] + 0.5 * stage["width"], stage["y"] + 50)
    page.mouse.down()
    page.mouse.move(stage["x"] + 0.8 * stage["width"], stage["y"] + 70, steps=4)
    page.mouse.up()
    assert float(handle.input_value()) == pytest.approx(80, abs=1)
    handle.press("ArrowLeft")
    assert float(handle.input_value()) == pytest.approx(79, abs=1)
    assert page.locator(".stage").evaluate("e => e.style.getPropertyValue('--split')").startswith("79")


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_a_photo_may_be_pasted_or_dropped(page, event):
    content = file(picture("coffee", (64, 48)))["buffer"]
    page.evaluate(
        """([kind, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "given.png", { type: "image/png" }));
          const options = { bubbles: true, cancelable: true };
          const event = kind === "paste" ? new ClipboardEvent(kind, { ...options, clipboardData: data })
                                         : new DragEvent(kind, { ...options, dataTransfer: data });
          document.body.dispatchEvent(event);
        }""",
        [event, list(content)],
    )
    coloured(page)
    assert download(page)[0] == "given-coloured.png"


def broken(kind: str) -> dict:
    whole = file(picture("coffee", (200, 150)), f"cut.{kind.lower()}", kind)
    return whole | {"buffer": whole["buffer"][: len(whole["buffer"]) // 2]}


WRONG = {
    "text": ({"name": "text.txt", "mimeType": "text/plain", "buffer": b"This is not a photo."}, "not a picture"),
    "named like one": ({"name": "text.jpg", "mimeType": "image/jpeg", "buffer": b"Nor is this."}, "not a picture"),
    "empty": ({"name": "empty.png", "mimeType": "image/png", "buffer": b""}, "not a picture"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_picture_is_refused_in_one_sentence_and_the_next_one_is_coloured(page, kind):
    content, said = WRONG[kind]
    choose(page, content)
    assert said in problem(page)
    assert page.locator("[role=alert]:visible").count() == 1
    choose(page, file(picture("coffee", (64, 48))))
    coloured(page)
    assert not page.is_visible(".problem")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_file_that_breaks_off_is_refused_as_in_python(page, kind):
    choose(page, broken(kind))
    assert "damaged" in problem(page)
    choose(page, file(picture("coffee", (64, 48)), "whole.png"))
    coloured(page)
    assert download(page)[0] == "whole-coloured.png"


def test_fifty_megapixels_are_reduced_with_a_word_about_it(page):
    image = Image.linear_gradient("L").resize((8192, 6144))
    choose(page, file(image, "huge.png", compress_level=1))
    coloured(page)
    note = page.inner_text(".note")
    assert "50 megapixels" in note
    assert "4618 × 3464" in note
    _, ours = download(page)
    assert ours.shape == (3464, 4618, 3)


def test_far_too_many_pixels_are_refused(page):
    choose(page, file(Image.new("1", (16_000, 16_000)), "poster.png"))
    assert "256 megapixels, too many" in problem(page)
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
    page.context.route("**/network.onnx", lambda route: route.fulfill(status=503, body=""))
    page.get_by_role("button", name="coffee").click()
    assert "could not be loaded" in problem(page)
    page.context.unroute("**/network.onnx")
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    assert not page.is_visible(".problem")


def test_a_copy_without_its_runtime_says_so(open_page, serve, tmp_path):
    photo_panel.write_settings(write_site(tmp_path), photo_panel.MISSING)
    page = open_page(serve(tmp_path))
    assert "built without the program" in problem(page)
    assert not page.is_visible(".choose")


def test_the_page_stays_alive_while_a_large_photo_is_coloured(page):
    page.evaluate("""() => {
      window.gaps = [];
      let last = performance.now();
      const tick = now => { gaps.push(now - last); last = now; requestAnimationFrame(tick); };
      requestAnimationFrame(tick);
    }""")
    choose(page, file(picture("coffee", (3000, 2000)), quality=90, kind="JPEG"))
    coloured(page)
    download(page)
    assert page.evaluate("Math.max(...gaps)") < 500  # a generous bound, for a busy machine


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
        .filter(e => !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
        .map(e => e.outerHTML)""")
    assert nameless == []


def test_the_built_book_has_the_panel(open_page, serve):
    built = BOOK / "_static" / "photo" / "panel.mjs"
    if not built.is_file() or built.read_bytes() != (STATIC / "panel.mjs").read_bytes():
        pytest.skip("the book is not built, or was built before the page changed: make book")
    if not (BOOK / "_static" / "photo" / "network.onnx").is_file():
        pytest.skip("the book was built without npm")
    page = open_page(f"{serve(BOOK)}/your_photo.html")
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    assert download(page)[0] == "coffee-coloured.png"
