"""The directive ``{rooms}``: the rooms of the library and who looks into whom, drawn from their imports.

A room stands on a floor above all that it imports. Where a room imports another that one of its own imports has
already, no arrow is drawn.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sources import inner_imports
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent.parent
#: In pixels.
WIDTH, FLOOR, BOX = 460, 74, (118, 34)


def imports(folder: Path) -> dict[str, set[str]]:
    """The rooms of the library, each with those that its modules import, at their top or when they are called."""
    rooms: dict[str, set[str]] = {path.parent.name: set() for path in sorted(folder.glob("*/__init__.py"))}
    for module, others in inner_imports(folder).items():
        room = module.partition(".")[0]
        if room in rooms:
            rooms[room] |= {other.partition(".")[0] for other in others} & rooms.keys() - {room}
    return rooms


def floors(rooms: Mapping[str, set[str]]) -> list[list[str]]:
    """The rooms in rows, from the bottom up, each above all that it imports; a circle raises ``ValueError``."""
    placed: dict[str, int] = {}
    while len(placed) < len(rooms):
        ready = [room for room in rooms if room not in placed and rooms[room] <= placed.keys()]
        if not ready:
            raise ValueError(f"These rooms import each other: {', '.join(sorted(rooms.keys() - placed.keys()))}.")
        placed |= {room: max((placed[other] + 1 for other in rooms[room]), default=0) for room in ready}
    return [[room for room in rooms if placed[room] == row] for row in range(max(placed.values()) + 1)]


def arrows(rooms: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """(room, what it imports), but for what follows from others."""

    def below(room: str) -> set[str]:
        return rooms[room].union(*map(below, rooms[room]))

    return [
        (room, other)
        for room, found in rooms.items()
        for other in sorted(found)
        if not any(other in below(between) for between in found)
    ]


def drawing(rooms: Mapping[str, set[str]]) -> str:
    """The rooms as an SVG, which takes the colours of the page."""
    rows = floors(rooms)
    (width, height), tall = BOX, FLOOR * len(rows) - FLOOR + BOX[1] + 4
    centre: dict[str, tuple[float, float]] = {}
    for level, row in enumerate(rows):
        # Above the middle of what it imports, so that few arrows cross.
        row = sorted(row, key=lambda room: sum(centre[other][0] for other in rooms[room]) / max(len(rooms[room]), 1))
        for i, room in enumerate(row, start=1):
            centre[room] = (WIDTH * i / (len(row) + 1), tall - 2 - height / 2 - FLOOR * level)
    parts = []
    for room, other in arrows(rooms):
        (x, y), (to_x, to_y) = centre[room], centre[other]
        parts.append(
            f'<line x1="{x:.0f}" y1="{y + height / 2:.0f}" x2="{to_x:.0f}" y2="{to_y - height / 2 - 5:.0f}" '
            'stroke="currentColor" stroke-opacity="0.55" marker-end="url(#rooms-arrow)"/>'
        )
    for room, (x, y) in centre.items():
        parts.append(
            f'<rect x="{x - width / 2:.0f}" y="{y - height / 2:.0f}" width="{width}" height="{height}" rx="6" '
            'fill="var(--pst-color-background, Canvas)" stroke="currentColor"/>'
            f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" font-size="15" fill="currentColor">'
            f"{escape(room)}</text>"
        )
    said = "; ".join(f"{room} imports {', '.join(sorted(found)) or 'nothing'}" for room, found in rooms.items())
    return (
        f'<svg viewBox="0 0 {WIDTH} {tall}" role="img" style="width:100%;max-width:{WIDTH}px;height:auto" '
        f'aria-label="The rooms of the library: {escape(said)}.">'
        '<defs><marker id="rooms-arrow" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="currentColor"/></marker></defs>' + "".join(parts) + "</svg>"
    )


class Rooms(Directive):
    """``{rooms}``, without content."""

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", drawing(imports(ROOT / "colorize_lib")), format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("rooms", Rooms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
