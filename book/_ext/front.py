"""The directive ``front-slider``: the slider of the first page, made when that page is read."""

from docutils import nodes
from docutils.parsers.rst import Directive


class FrontSlider(Directive):
    """The slider, in a page."""

    def run(self) -> list[nodes.Node]:
        from front_picture import slider  # loads PyTorch and the library, which most builds can do without

        return [nodes.raw("", slider(), format="html")]


def setup(app) -> dict:
    app.add_directive("front-slider", FrontSlider)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
