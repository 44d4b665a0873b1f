"""Hints on a picture in a page, of the explorer or the panel: how a test gives them and reads them."""


def click(page, place: str, x: float, y: float) -> None:
    """On an element, at these shares of its width and height."""
    box = page.locator(place).bounding_box()
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def pinned(page, width: int, height: int) -> list:
    """The hints as pins show them, of a picture of so many pixels."""
    pins = page.locator(".pin").evaluate_all("""all => all.map((pin) => [parseFloat(pin.style.left),
        parseFloat(pin.style.top), pin.style.background.match(/\\d+/g).map(Number)])""")
    return [
        ((round(x * width / 100 - 0.5), round(y * height / 100 - 0.5)), "#{:02x}{:02x}{:02x}".format(*rgb))
        for x, y, rgb in pins
    ]
