"""The page "Colour your own photo" under a reader's hands: a file goes in, and a picture comes out."""

import numpy as np
from photo_site import packed
from PIL import Image

INSIDE = "document.querySelector('colour-photo').shadowRoot"


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


def shows(page, canvas: str) -> str:
    return page.locator(canvas).evaluate("canvas => canvas.toDataURL()")


def painter(page, name: str):
    """The button of a painter."""
    return page.locator(".row button", has=page.locator(f"strong:text-is('{name}')"))


def painted_by(page, name: str) -> None:
    """Wait until this painter has painted, and the small pictures of it and of others are there."""
    page.wait_for_function(f"""() => [...{INSIDE}.querySelectorAll('.row button')]
        .some(b => b.ariaPressed === 'true' && b.querySelector('strong').textContent === '{name}')""")
    page.wait_for_selector("colour-photo:not([rough]) >> .painters.ready")
