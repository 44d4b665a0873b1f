"""One pixel under your finger: the five bins that share it, what a network believes, and what that costs."""

from ..data.images import Images
from ..inference.colorizer import Colorizer
from .explorer import explore
from .packed import pack
from .page import Part, island, sheet


def soft_target(
    images: Images | None = None, colorizer: Colorizer | None = None, start: tuple[int, int, int] = (1, 2, 3)
) -> Part:
    """Choose a pixel of a picture, and see its target, the belief of the network, and the cross-entropy of the two.

    It needs no kernel. It shows itself as the last thing of a cell.

    Parameters
    ----------
    images, colorizer
        As for :func:`~colorize_lib.pages.explorer.explore`, with its errors.
    start
        Picture, and row and column in the network's resolution, of the pixel that is shown first.
    """
    explorer = explore(images, colorizer)
    header, data = pack(explorer.subjects, explorer.colorizer)
    caption = "The pictures. For each pixel the target is its true colour, shared among the five nearest bins."
    still = sheet([[subject.rgb for subject in explorer.subjects]])
    return Part(island("soft_target", "softTargetAt", (header | {"bytes": data}, start), still, caption))
