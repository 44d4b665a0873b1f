"""Where a data set that is not downloaded is looked for."""

import os
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError
from ..files import user_path


def find(what: str, names: Sequence[str], marker: str, root: str | Path | None, way_out: str) -> Path:
    """The archive or the unpacked folder of a data set.

    Parameters
    ----------
    what
        Its name in a sentence, such as ``"Tiny ImageNet"``.
    names
        Of the archives and the folder in ``root``, the first to be looked for first; ``""`` is ``root`` itself.
    marker
        What an unpacked folder holds.
    root
        Where to look; ``$COLORIZE_DATA`` if None.
    way_out
        How to get it, for the sentence that says that it is not there.

    Raises
    ------
    InputError
        If it is not there.
    """
    stated = root or os.environ.get("COLORIZE_DATA")
    if not stated:
        raise InputError(f"{what[0].upper()}{what[1:]} is not on this machine. {way_out}")
    stated = user_path(stated)
    for place in (stated / name for name in names):
        if place.is_file() or (place / marker).exists():
            return place
    raise InputError(f"{stated} does not hold {what}. {way_out}")
