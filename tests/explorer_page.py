"""The explorer in a page: how a test turns a dial, and reads what is shown."""

import hashlib


def pixels(page, canvas: str) -> str:
    """A hash of what a canvas shows."""
    return hashlib.sha256(page.eval_on_selector(canvas, "canvas => canvas.toDataURL()").encode()).hexdigest()


def press_mark(page, dial: int, mark: str) -> None:
    page.locator(".ce-dial").nth(dial).get_by_role("button", name=mark).click()


def shown(page) -> tuple[float, float]:
    return float(page.inner_text(".ce-ratio")), float(page.inner_text(".ce-rmse"))
