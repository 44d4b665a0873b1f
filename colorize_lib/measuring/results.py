"""The result files that the numbers of the book are read from."""

import json
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import atomic_path


def write_result(result: dict, path: str | Path) -> None:
    """Write a result whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(result, indent=1) + "\n")


def read_result(name: str) -> dict:
    """A result that ships with the book, such as ``"classification"``.

    Examples
    --------
    >>> read_result("regression")["name"]
    'regression'
    """
    here = Path(__file__).parent.parent
    for folder in (here.parent / "results", here / "results"):  # a checkout, an installed package
        path = folder / f"{name}.json"
        if path.is_file():
            return json.loads(path.read_text())
    raise InputError(f"There is no result {name!r}: make it with colorize evaluate {name} --output results.")


def rounded(value: Any) -> Any:
    """Numbers to six significant digits, all the way down."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
