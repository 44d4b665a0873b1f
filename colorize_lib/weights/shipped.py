"""Which weights there are: those that come with the package, those that are downloaded, and any file."""

import json
from pathlib import Path

from safetensors import SafetensorError

from ..errors import InputError
from ..files import user_path
from .file import Weights, opened, read_weights

#: Weights that do not come with the package but from the internet: :mod:`~colorize_lib.weights.released`.
DOWNLOADED = "eccv16"


def shipped_weights(kind: str | None = None) -> list[str]:
    """The names of the weights that come with the package: all, or those of ``"colorizer"`` or ``"classifier"``."""
    folder = Path(__file__).parent
    return [path.stem for path in sorted(folder.glob("*.safetensors")) if kind in (None, _kind_of(path))]


def weights_path(name: str | Path, kind: str | None = None) -> Path:
    """The file for the name of shipped weights, or for a path."""
    if str(name) in shipped_weights():
        return Path(__file__).with_name(f"{name}.safetensors")
    path = user_path(name)
    if path.suffix == ".safetensors":
        return path
    raise InputError(f"There are no weights {str(name)!r}. Choose {_choice(kind)}.")


def _choice(kind: str | None) -> str:
    """What can be chosen from, as words."""
    downloaded = [] if kind == "classifier" else [f"{DOWNLOADED} (a download)"]
    return " or ".join([", ".join(shipped_weights(kind) + downloaded), "a .safetensors file"]).removeprefix(" or ")


def _kind_of(path: Path) -> str | None:
    """What the weights in a file are for, from its description alone; None for a file that cannot be read."""
    try:
        with opened(path) as file:
            return json.loads((file.metadata() or {})["meta"]).get("kind", "colorizer")
    except (SafetensorError, OSError, KeyError, ValueError):
        return None


def load_weights(name: str | Path, kind: str | None = None) -> Weights:
    """Read shipped weights by name, or a file by path, and check its hash.

    Parameters
    ----------
    name
        Of shipped weights, ``eccv16``, which is downloaded once, or a path.
    kind
        ``"colorizer"`` or ``"classifier"`` if it must be one.

    Raises
    ------
    InputError
        If there is no such file, or it is damaged or of another kind.

    Examples
    --------
    >>> load_weights("photo").meta["name"]
    'photo'
    """
    if str(name) == DOWNLOADED and kind != "classifier":
        from .released import eccv16_weights

        return eccv16_weights()
    path = weights_path(name, kind)
    weights = read_weights(path)
    found = weights.meta.get("kind", "colorizer")
    if kind and found != kind:
        raise InputError(f"The weights {str(name)!r} are of a {found}, not of a {kind}: choose {_choice(kind)}.")
    return weights
