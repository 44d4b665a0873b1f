"""What was done when, as a drawing: a line downwards, with a mark, a name and a sentence for each piece of work."""

from collections.abc import Sequence
from dataclasses import dataclass

from .drawing import KINDS, LETTERS, drawing, text
from .page import Part

#: In units of the drawing: where the line runs, where the words begin, and how far one piece of work is from the next.
_LINE, _WORDS, _STEP = 52.0, 68.0, 45.0


@dataclass(frozen=True)
class Work:
    """One piece of work.

    Attributes
    ----------
    year : int
    who : str
        Its name, in a few words.
    what : str
        What it changed, in at most some fifty letters, so that a phone can show them.
    kind : str
        One of :data:`~colorize_lib.pages.drawing.KINDS`, the colour of its mark: works of one family have one.
    """

    year: int
    who: str
    what: str
    kind: str


def timeline(works: Sequence[Work], families: dict[str, str]) -> Part:
    """The works from top to bottom, in the order of their years.

    Parameters
    ----------
    works
        In any order; those of one year keep theirs.
    families
        What each kind is called, for those who cannot see the colour: it stands beside the name.
    """
    ordered = sorted(works, key=lambda work: work.year)
    last = 18 + _STEP * (len(ordered) - 1)
    parts = [f'<line x1="{_LINE}" y1="18" x2="{_LINE}" y2="{last}" stroke="currentColor" stroke-opacity="0.35"/>']
    year = None
    for row, work in enumerate(ordered):
        y = 18 + _STEP * row
        if work.year != year:
            parts.append(text(_LINE - 12, y + 0.35 * LETTERS, str(work.year), "end", bold=True))
        parts.append(f'<circle cx="{_LINE}" cy="{y}" r="6" fill="{KINDS[work.kind]}"/>')
        parts.append(text(_WORDS, y + 0.1 * LETTERS, f"{work.who}: {families[work.kind]}", "start", bold=True))
        parts.append(text(_WORDS, y + 1.35 * LETTERS, work.what, "start", small=True))
        year = work.year
    said = " ".join(f"{w.year}, {w.who}, {families[w.kind]}: {w.what}." for w in ordered)
    return drawing(parts, 380, last + 2.2 * LETTERS, f"A line through the years. {said}", widest=1.5)
