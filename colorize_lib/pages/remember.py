"""A table of the book with the numbers to remember in bold, in the page as in a notebook."""

import re

import pandas as pd

from ..errors import InputError


class Remembered:
    """A table that shows itself with some of its cells in bold; :func:`remember` makes it."""

    def __init__(self, frame: pd.DataFrame, cells: set[tuple[int, int]]):
        self.frame, self.cells = frame, cells

    def _repr_html_(self) -> str:
        head, body, tail = re.split(r"(?<=<tbody>)(.*)(?=</tbody>)", self.frame._repr_html_(), flags=re.DOTALL)
        lines = body.split("</tr>")
        for row, column in self.cells:
            values = iter(range(self.frame.shape[1]))  # the name of a row is a <th>, so each <td> is a number
            lines[row] = re.sub(
                r"<td>(.*?)</td>",
                lambda found, values=values, column=column: (
                    f"<td><strong>{found[1]}</strong></td>" if next(values) == column else found[0]
                ),
                lines[row],
            )
        return head + "</tr>".join(lines) + tail

    def __repr__(self) -> str:
        return repr(self.frame)


def remember(frame: pd.DataFrame, *cells: tuple) -> Remembered:
    """Show a table with the numbers to remember in bold.

    Parameters
    ----------
    frame
        The table, as it is to be shown: its numbers are rounded.
    cells
        The names of row and column of each number, such as ``("truth", "accuracy %")``; at least one.

    Raises
    ------
    InputError
        If no cell is named, if one is not in the table, or if its name is there twice.
    """
    if not cells:
        raise InputError("remember needs the row and the column of at least one number, such as ('truth', 'AuC').")
    places = set()
    for row, column in cells:
        rows, columns = (
            [i for i, name in enumerate(names) if name == wanted]
            for names, wanted in ((frame.index, row), (frame.columns, column))
        )
        if len(rows) != 1 or len(columns) != 1:
            raise InputError(
                f"({row!r}, {column!r}) is not one cell of the table. Its rows are {list(frame.index)}, "
                f"its columns {list(frame.columns)}."
            )
        places.add((rows[0], columns[0]))
    return Remembered(frame, places)
