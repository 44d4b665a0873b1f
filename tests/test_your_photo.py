"""The page "Colour your own photo" in a real browser: same pixels as Python, and every way to go wrong."""

import gzip
import itertools
import re
from functools import partial

import numpy as np
import pytest
from photo_site import ROOT, STATIC, as_it_starts, built_site, packed, photo_panel, picture, write_site
from PIL import Image
from touch import finger, stand_still

from colorize_lib import Colorizer
from colorize_lib.inference.dials import TEMPERATURE, VIVIDNESS, vividness_to_lambda
from colorize_lib.inference.sheet import TEMPERATURES, VIVIDNESSES

BOOK = ROOT / "_build" / "html"
INSIDE = "document.querySelector('colour-photo').shadowRoot"


@pytest.fixture(scope="module")
def site(chromium, serve, tmp_path_factory) -> str:
    return built_site(serve, tmp_path_factory.mktemp("site"))


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
    return {"name": name, "mimeType": f"image/{kind.lower()}", "buffer": packed(image, kind, **options)}


def choose(page, content: dict) -> None:
    page.set_input_files(".file", content)


def coloured(page) -> None:
    """Wait until the photo is there in colour, and whole."""
    page.wait_for_selector(".stage.ready")
    page.wait_for_selector("colour-photo:not([rough])")


def problem(page) -> str:
    page.wait_for_selector(".problem:visible")
    return page.inner_text(".problem")


def turn(page, dial: str, value: int) -> None:
    page.locator(dial).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


def download(page, kind: str = "PNG") -> tuple[str, np.ndarray]:
    page.get_by_label("Format of the file").select_option(kind)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the photo").click()
    image = Image.open(waiting.value.path())
    assert image.format == kind
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
    temperature = float(page.inner_text("#t-value"))
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
    assert apart(ours, as_it_starts(shown, content["buffer"])) <= 4  # decoders round JPEG differently


def test_transparency_is_laid_on_white(page, shown):
    image = picture("chelsea", (120, 90)).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 60, 90))
    choose(page, file(image))
    coloured(page)
    assert apart(download(page)[1], as_it_starts(shown, image)) <= 2


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


def shows(page, canvas: str) -> str:
    return page.locator(canvas).evaluate("canvas => canvas.toDataURL()")


def test_the_dials_repaint_and_the_keyboard_turns_them(page):
    page.get_by_role("button", name="a cat").click()
    coloured(page)
    before, grey = shows(page, ".after"), shows(page, ".before")
    for name, key, text in (("Temperature", "End", "1"), ("Vividness", "End", "100, lambda 0.1")):
        dial = page.get_by_role("slider", name=name)
        dial.press(key)
        assert dial.get_attribute("aria-valuetext") == text
        page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)
        before = shows(page, ".after")
    assert shows(page, ".before") == grey


SETTINGS = [(temperature, vividness) for temperature in TEMPERATURES for vividness in VIVIDNESSES]


def nine(page):
    """The nine small pictures, once all are there."""
    page.wait_for_selector(".nine.ready")
    return page.locator(".cells button")


def test_nine_settings_are_those_of_the_sheet_and_pythons_pixels(page, shown):
    image = picture("coffee", (201, 133))
    choose(page, file(image))
    cells = nine(page)
    assert cells.count() == len(SETTINGS) == 9
    for i, (temperature, vividness) in enumerate(SETTINGS):
        cell = cells.nth(i)
        assert cell.inner_text().split("\n")[:2] == [f"T {temperature:g}", f"vividness {vividness}"]
        assert ("as it starts" in cell.inner_text()) == ((temperature, vividness) == (TEMPERATURE, VIVIDNESS))
        rgba = cell.locator("canvas").evaluate(
            "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )
        ours = np.array(rgba).reshape(133, 201, 4)[..., :3]
        assert apart(ours, shown.colorize(image, temperature, vividness_to_lambda(vividness))) <= 2


def pressed(page) -> list[int]:
    return [
        i for i, cell in enumerate(page.locator(".cells button").all()) if cell.get_attribute("aria-pressed") == "true"
    ]


def test_one_of_the_nine_turns_the_dials_to_it(open_page, site):
    page = open_page(site, has_touch=True)
    page.get_by_role("button", name="coffee").click()
    cells = nine(page)
    assert pressed(page) == [SETTINGS.index((TEMPERATURE, VIVIDNESS))]
    ways = itertools.cycle(("click", "tap", "Enter", "Space"))
    for i, (temperature, vividness) in reversed(list(enumerate(SETTINGS))):
        before, how = shows(page, ".after"), next(ways)
        {"click": cells.nth(i).click, "tap": cells.nth(i).tap}.get(how, partial(cells.nth(i).press, how))()
        assert page.inner_text("#t-value") == f"{temperature:g}"
        assert page.inner_text("#v-value").startswith(f"{vividness} ")
        assert pressed(page) == [i]
        assert page.url.endswith(f"#T={temperature:g}&lam={vividness_to_lambda(vividness):g}")
        assert page.inner_text(".voice") == f"Temperature {temperature:g}, vividness {vividness}."
        page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)
    page.get_by_role("slider", name="Vividness").press("ArrowRight")
    assert pressed(page) == []


def test_nine_small_pictures_of_the_photo_that_is_open_and_no_other(page):
    page.get_by_role("button", name="coffee").click()
    sizes = f"[...{INSIDE}.querySelectorAll('.cells canvas')].map(c => [c.width, c.height])"
    nine(page)
    coffee = page.evaluate(sizes)
    assert len({tuple(size) for size in coffee}) == 1
    assert 35_000 < coffee[0][0] * coffee[0][1] <= 40_000
    choose(page, file(picture("rocket", (30, 70))))
    page.wait_for_function(f"{INSIDE}.querySelector('.after').width === 30")
    nine(page)
    assert page.evaluate(sizes) == [[30, 70]] * 9
    assert len({shows(page, f".cells button:nth-child({i}) canvas") for i in range(1, 10)}) == 9


def test_the_dials_are_answered_while_the_nine_are_painted(page):
    """They come one by one, and what a dial asks for goes between them."""
    page.evaluate("""() => {
      window.came = [];
      const { set } = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
      Object.defineProperty(Worker.prototype, "onmessage", { set(handle) {
        set.call(this, event => {
          came.push(event.data.what ?? event.data.kind);
          if (event.data.what === "cell" && event.data.index === 0) {
            const dial = document.querySelector("colour-photo").shadowRoot.querySelector("#v");
            dial.value = 80;
            dial.dispatchEvent(new Event("input"));
          }
          handle(event);
        });
      } });
    }""")
    page.get_by_role("button", name="coffee").click()
    nine(page)
    came = page.evaluate("came")
    first, last = came.index("cell"), len(came) - 1 - came[::-1].index("cell")
    assert came.count("cell") == 9
    assert "coloured" in came[first:last]


def painter(page, name: str):
    """The button of a painter."""
    return page.locator(".row button", has=page.locator(f"strong:text-is('{name}')"))


def painted_by(page, name: str) -> None:
    """Wait until this painter has painted, and the small pictures of it and of others are there."""
    page.wait_for_function(f"""() => [...{INSIDE}.querySelectorAll('.row button')]
        .some(b => b.ariaPressed === 'true' && b.querySelector('strong').textContent === '{name}')""")
    page.wait_for_selector("colour-photo:not([rough]) >> .painters.ready")


@pytest.mark.parametrize(
    ("name", "size", "how"),
    [
        ("regression", (201, 133), "click"),
        ("classification", (201, 133), "Enter"),
        ("rebalanced", (64, 150), "click"),
        ("transfer", (301, 199), "Space"),
        ("regression", (32, 32), "click"),  # seen as it is, so plainly stretched
        ("classification", (32, 32), "click"),
        ("classification", (9, 90), "click"),
    ],
)
def test_every_painter_paints_pythons_pixels(page, name, size, how):
    image = picture("coffee", size)
    choose(page, file(image))
    coloured(page)
    turn(page, "#t", 158)
    turn(page, "#v", 50)
    button = painter(page, name)
    assert re.search(r"load [46] MB", button.inner_text())
    button.click() if how == "click" else button.press(how)
    painted_by(page, name)
    assert page.locator(".nine").is_visible() == (name != "regression") == page.locator(".dull").is_hidden()
    temperature = float(page.inner_text("#t-value"))
    wanted = Colorizer.load(name, "cpu").colorize(image, temperature, vividness_to_lambda(50))
    assert apart(download(page)[1], wanted) <= 2
    first, other = (painter(page, one).locator("canvas").evaluate("c => c.toDataURL()") for one in ("photo", name))
    assert first != other


def test_a_painter_is_loaded_once_when_it_is_chosen_and_paints_the_next_photo_too(page):
    came = []
    page.context.on("request", lambda asked: came.append(asked.url.rsplit("/", 1)[1]))
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    painter(page, "regression").click()
    painted_by(page, "regression")
    painter(page, "photo").click()
    painted_by(page, "photo")
    painter(page, "regression").click()
    painted_by(page, "regression")
    page.get_by_role("button", name="a cat").click()
    page.wait_for_function(f"{INSIDE}.querySelector('.after').width === 451")
    painted_by(page, "regression")
    assert [name for name in came if name.endswith(".onnx.gz")] == ["photo.onnx.gz", "regression.onnx.gz"]
    assert shows(page, ".row button:nth-child(1) canvas") != shows(page, ".row button:nth-child(2) canvas")


def test_a_painter_that_does_not_come_is_asked_for_again_and_the_first_goes_on(page):
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    page.context.route("**/regression.onnx.gz", lambda route: route.fulfill(status=503, body=""))
    painter(page, "regression").click()
    assert "could not be loaded" in problem(page)
    assert painter(page, "photo").get_attribute("aria-pressed") == "true"
    assert "load 4 MB" in painter(page, "regression").inner_text()
    page.context.unroute("**/regression.onnx.gz")
    painter(page, "regression").click()
    painted_by(page, "regression")
    assert not page.is_visible(".problem")


def test_the_handle_follows_pointer_and_keys(page):
    page.get_by_role("button", name="a cat").click()
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


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WebP", "BMP", "AVIF"])
def test_a_file_that_breaks_off_is_refused_as_in_python(page, kind):
    choose(page, broken(kind))
    assert "damaged" in problem(page)
    choose(page, file(picture("coffee", (64, 48)), "whole.png"))
    coloured(page)
    assert download(page)[0] == "whole-coloured.png"


WHOLE = [("JPEG", {}), ("JPEG", {"progressive": True}), ("JPEG", {"restart_marker_rows": 1}), ("PNG", {}), ("GIF", {}),
         ("WebP", {}), ("WebP", {"lossless": True}), ("BMP", {}), ("AVIF", {})]  # fmt: skip


def test_the_end_of_a_file_is_found(page):
    """Of every kind: the whole file has one, with something after it too; and the less of it, the surer it has none."""
    image = picture("coffee", (60, 41))
    preview = Image.Exif()
    preview[0x927C] = b"\xff\xd8 a preview with an end of its own \xff\xd9"  # a maker's note
    wholes = [(kind, file(image, kind=kind, **options)["buffer"]) for kind, options in WHOLE]
    wholes.append(("JPEG", file(image, kind="JPEG", exif=preview)["buffer"]))
    says = page.evaluate(
        """async all => {
          const folder = document.querySelector("colour-photo").base;
          const { kindOf, missingEnd } = await import(new URL("kinds.mjs", folder));
          return all.map(bytes => new Uint8Array(bytes)).map(b => [kindOf(b), [0, 0.05, 0.5, 0.9].map(
            cut => missingEnd(b.subarray(0, Math.ceil(b.length * (1 - cut)))))]);
        }""",
        [list(whole) for _, whole in wholes],
    )
    assert says == [[kind, [False, True, True, True]] for kind, _ in wholes]


UNREADABLE = {
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "HEIC photo"),
    "SVG": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "SVG, a drawing"),
    "film": (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(50), "a film"),
    "PDF": (b"%PDF-1.7\n", "a PDF"),
    "raw": (b"FUJIFILMCCD-RAW 0201" + bytes(50), "raw file"),
    "TIFF": (b"II*\0\x08\0\0\0" + bytes(50), "TIFF or a camera's raw file"),
    "JPEG XL": (b"\xff\x0a" + bytes(50), "JPEG XL"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_a_browser_cannot_read_is_called_by_its_name(page, kind):
    content, said = UNREADABLE[kind]
    mime = "image/svg+xml" if kind == "SVG" else ""
    choose(page, {"name": "photo", "mimeType": mime, "buffer": content})
    assert said in problem(page)
    assert "JPEG" in problem(page)


def test_a_damaged_photo_leaves_the_one_before(page):
    choose(page, file(picture("coffee", (64, 48)), "good.png"))
    coloured(page)
    before = shows(page, ".after")
    for content in (broken("PNG"), WRONG["text"][0]):
        choose(page, content)
        assert problem(page)
        page.wait_for_selector(".loading", state="hidden")
        assert shows(page, ".after") == before
    dial = page.get_by_role("slider", name="Vividness")
    dial.press("End")
    page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)
    assert download(page)[0] == "good-coloured.png"


def test_another_photo_while_a_file_is_painted(page):
    """The file comes all the same, and the next photo can be downloaded too."""
    choose(page, file(picture("coffee", (2400, 1600)), "first.jpg", "JPEG"))
    coloured(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the photo").click()
        choose(page, file(picture("chelsea", (64, 48)), "second.png"))
    assert waiting.value.suggested_filename == "first-coloured.jpg"
    assert Image.open(waiting.value.path()).size == (2400, 1600)
    page.wait_for_function(f"{INSIDE}.querySelector('.after').width === 64")
    coloured(page)
    assert page.get_by_role("button", name="Download the photo").get_attribute("aria-disabled") is None
    assert download(page)[0] == "second-coloured.png"


def test_the_dials_are_answered_while_a_file_is_painted(page):
    choose(page, file(picture("coffee", (4000, 3000)), "large.jpg", "JPEG"))
    coloured(page)
    before = shows(page, ".after")
    with page.expect_download():
        page.get_by_role("button", name="Download the photo").click()
        page.get_by_role("slider", name="Vividness").press("End")
        page.wait_for_function(f"old => {INSIDE}.querySelector('.after').toDataURL() !== old", arg=before)
        assert page.get_by_role("button", name="Painting").count() == 1, "the dial had to wait for the file"


def test_while_the_hand_moves_fewer_pixels_are_painted_and_then_all(page):
    choose(page, file(picture("coffee", (1200, 800))))
    coloured(page)
    page.evaluate(f"""() => {{
      window.sizes = [];
      const canvas = {INSIDE}.querySelector(".after");
      const context = canvas.getContext("2d");
      const put = context.putImageData;
      context.putImageData = image => {{ sizes.push(image.width * image.height); put.call(context, image, 0, 0); }};
    }}""")
    dial = page.get_by_role("slider", name="Temperature")
    for _ in range(5):
        dial.press("ArrowLeft")
    page.wait_for_function("sizes.length && sizes.at(-1) > 900_000")
    assert page.evaluate("sizes[0]") <= 250_000


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", "jpg"), ("WebP", "jpg"), ("PNG", "png")])
def test_a_file_comes_back_as_the_kind_it_was(page, shown, kind, suffix):
    image = picture("coffee", (300, 200))
    content = file(image, f"photo.{kind}", kind, quality=95)
    choose(page, content)
    coloured(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the photo").click()
    assert waiting.value.suggested_filename == f"photo-coloured.{suffix}"
    painted = Image.open(waiting.value.path())
    assert painted.format == {"jpg": "JPEG", "png": "PNG"}[suffix]
    ours = np.asarray(painted.convert("RGB")).astype(int)
    assert np.abs(ours - np.asarray(as_it_starts(shown, content["buffer"]))).mean() < 4


def test_what_happens_to_transparency_and_to_a_second_file_is_said(page):
    page.evaluate(
        """all => {
          const data = new DataTransfer();
          for (const [i, bytes] of all.entries()) data.items.add(new File([new Uint8Array(bytes)], `${i}.png`));
          document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
        }""",
        [list(file(Image.new("RGBA", (40, 30), colour))["buffer"]) for colour in ((90, 60, 30, 0), (9, 9, 9, 255))],
    )
    coloured(page)
    note = page.inner_text(".note")
    assert "of 2 files this is the first" in note
    assert "transparent" in note
    title, ours = download(page)
    assert title == "0-coloured.png"
    assert ours.min() > 240
    choose(page, file(picture("coffee", (64, 48)), "opaque.png"))
    page.wait_for_function(f"{INSIDE}.querySelector('.after').width === 64")
    assert not page.is_visible(".note")


def test_download_keeps_the_focus(page):
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    button = page.get_by_role("button", name="Download the photo")
    button.focus()
    with page.expect_download():
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # once more changes nothing
    page.wait_for_function(f"!{INSIDE}.querySelector('.save').hasAttribute('aria-disabled')")
    assert page.evaluate(f"{INSIDE}.activeElement.className") == "main save"


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


def test_a_finger_that_scrolls_turns_nothing_and_one_that_goes_sideways_does(open_page, site):
    page = open_page(site, viewport={"width": 390, "height": 700}, has_touch=True)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    page.get_by_role("button", name="coffee").tap()
    coloured(page)
    page.wait_for_function(f"{INSIDE}.querySelector('.split').value <= 30")
    for place, slider, value in (
        (".turn >> nth=0", "#t", None),
        (".turn >> nth=1", "#v", None),
        (".stage", ".split", None),
    ):
        value = float(page.input_value(slider))
        page.locator(place).evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
        box = page.locator(place).bounding_box()
        x, y = box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2
        scrolled = page.evaluate("scrollY")
        finger(page, (x, y), *((x - i, y - 12 * i) for i in range(1, 12)))
        page.wait_for_function("before => scrollY !== before", arg=scrolled)
        stand_still(page)
        assert float(page.input_value(slider)) == value
        page.locator(place).evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
        box = page.locator(place).bounding_box()
        x, y = box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2
        finger(page, (x, y), *((x + 0.04 * i * box["width"], y + i) for i in range(1, 11)))
        share = 0.7 if slider == ".split" else (0.7 * box["width"] - 12) / (box["width"] - 24)
        assert float(page.input_value(slider)) == pytest.approx(
            share * float(page.get_attribute(slider, "max")), rel=0.02
        )
        finger(page, (x, y))
        assert float(page.input_value(slider)) < 0.35 * float(page.get_attribute(slider, "max"))


def test_the_mouse_turns_a_dial(page):
    page.get_by_role("button", name="coffee").click()
    coloured(page)
    box = page.locator(".turn").nth(1).bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 10)
    page.mouse.down()
    assert page.inner_text("#v-value").startswith("0 ")
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 30, steps=3)
    page.mouse.up()
    assert page.inner_text("#v-value").startswith("100 ")
    assert page.evaluate(f"{INSIDE}.activeElement.id") == "v"


def test_the_dials_stand_in_the_address(page, site):
    assert "#" not in page.url
    page.goto(f"{site}/#T=0.1&lam=0.28")
    page.reload()
    page.wait_for_selector("colour-photo[ready]")
    assert page.inner_text("#t-value") == "0.1"
    assert page.inner_text("#v-value") == "80 λ = 0.28"
    page.get_by_role("button", name="a cat").click()
    coloured(page)
    page.get_by_role("slider", name="Vividness").press("Home")
    page.wait_for_function("location.hash === '#T=0.1&lam=1'")
    page.evaluate("location.hash = '#a-heading'")
    assert page.inner_text("#v-value") == "0 λ = 1"
    for wrong, T, v in (
        ("#T=-3&lam=x", str(TEMPERATURE), f"{VIVIDNESS} "),
        ("#T=99&lam=99", "1", "0 "),
        ("#T=0&lam=0", str(TEMPERATURE), "100 "),
    ):
        page.evaluate("hash => { location.hash = hash; }", wrong)
        page.wait_for_function(f"text => {INSIDE}.querySelector('#v-value').textContent.startsWith(text)", arg=v)
        assert page.inner_text("#t-value") == T


def test_the_painter_stands_in_the_address_and_comes_with_the_first_photo(page, site):
    came = []
    page.context.on("request", lambda asked: came.append(asked.url.rsplit("/", 1)[1]))
    page.goto(f"{site}/#T=0.1&lam=1&painter=regression")
    page.reload()
    page.wait_for_selector("colour-photo[ready]")
    page.get_by_role("button", name="a cat").click()
    coloured(page)
    painted_by(page, "regression")
    assert [name for name in came if name.endswith(".onnx.gz")] == ["regression.onnx.gz"]
    painter(page, "photo").click()
    painted_by(page, "photo")
    assert page.evaluate("location.hash") == "#T=0.1&lam=1"  # the first needs no word
    page.evaluate("location.hash = '#T=0.1&lam=1&painter=regression'")  # as a link in the text does
    painted_by(page, "regression")
    page.go_back()
    painted_by(page, "photo")
    page.evaluate("location.hash = '#painter=nobody'")
    painted_by(page, "photo")


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


@pytest.mark.parametrize("size", [(2000, 20), (20, 2000), (1200, 150), (150, 1200)])
def test_the_widest_and_the_tallest_photo_has_its_words_and_its_handle(page, size):
    choose(page, file(picture("coffee", size)))
    coloured(page)
    stage, knob, left, right = (page.locator(part).bounding_box() for part in (".stage", ".knob", ".left", ".right"))
    assert left["x"] + left["width"] <= right["x"]
    assert stage["y"] <= knob["y"]
    assert knob["y"] + knob["height"] <= stage["y"] + stage["height"] <= left["y"]
    assert stage["height"] <= 0.75 * 900
    panel = page.locator(".panel").bounding_box()
    assert panel["x"] <= knob["x"] <= panel["x"] + panel["width"] - knob["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1000


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
    longest, whole = page.evaluate("[Math.max(...gaps), gaps.reduce((sum, gap) => sum + gap, 0)]")
    # Were it painted in the page itself, one gap would be most of the whole. A busy machine makes both longer.
    assert longest < max(500, whole / 3)


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
