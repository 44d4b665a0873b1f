"""A finger on a page in Chromium."""


def finger(page, *way: tuple[float, float]) -> None:
    """A finger comes down at the first point, goes along the others, and is lifted; returns when the page stands still.

    A finger that scrolls gives the page a push: on a busy machine it still moves when the next line of a test runs, and
    a finger that comes down then stops it and does nothing else, or comes down beside what was measured before.
    """
    client = page.context.new_cdp_session(page)
    for i, (x, y) in enumerate(way):
        touch = {"type": "touchMove" if i else "touchStart", "touchPoints": [{"x": x, "y": y}]}
        client.send("Input.dispatchTouchEvent", touch)
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    client.detach()
    stand_still(page)


def stand_still(page) -> None:
    """Wait until the page has not scrolled for a fifth of a second and twelve frames."""
    page.evaluate("""() => new Promise(resolve => {
      let [place, since, frames] = [NaN, 0, 0];
      const look = now => {
        if (scrollY !== place) [place, since, frames] = [scrollY, now, 0];
        if (++frames > 12 && now - since > 200) resolve();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    })""")
