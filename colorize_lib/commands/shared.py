"""What the commands share: options that are checked before any work, and what is printed and written after it."""

from pathlib import Path

from ..errors import InputError
from ..files import check_folder


def check_output(folder: str | None) -> None:
    """Whether results can be written there, before hours are spent on them."""
    if folder is not None:
        check_folder(folder)


def check_limit(limit: int | None) -> None:
    """Whether so many pictures can be taken; None takes all."""
    if limit is not None and limit < 1:
        raise InputError(f"--limit must be at least 1, not {limit}.")


def checked_device(name: str | None) -> str | None:
    """The name of a device, if there is one of that name; None stays None."""
    if name is None:
        return None
    from ..device import pick_device

    pick_device(name)
    return name


def write(result: dict, folder: str | None) -> None:
    """Into ``folder``, under the result's own name; nowhere for None."""
    from ..measuring.results import write_result

    if folder:
        name = Path(result["name"]).name  # of somebody's weights, maybe, and not to lead elsewhere
        path = Path(folder) / f"{name}.json"
        write_result(result, path)
        print(path)


def print_table(rows: list[dict]) -> None:
    """Rows that have the same keys, below those; numbers with three digits."""
    width = max(
        len(text) for row in rows for key, value in row.items() for text in (key, value) if isinstance(text, str)
    )
    print("  ".join(f"{key:>{width}}" for key in rows[0]))
    for row in rows:
        print(
            "  ".join(
                f"{value:>{width}.3f}" if isinstance(value, float) else f"{value:>{width}}" for value in row.values()
            )
        )
