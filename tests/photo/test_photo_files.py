"""Files of the page: what cannot be read is refused in one sentence, and what comes back is as it was."""

import numpy as np
import pytest
from photo_page import INSIDE, choose, coloured, download, file, problem, shows
from photo_site import as_it_starts, picture
from PIL import Image


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
