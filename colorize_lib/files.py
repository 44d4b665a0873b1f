"""Paths as users write them, and files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError

#: What can be written, and what is taken for a picture in a folder.
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
READABLE = (*SUFFIXES, ".gif", ".heic", ".ppm", ".pgm")


def user_path(path: str | Path) -> Path:
    """A path with ``~`` expanded where it names somebody's home, and left alone where it does not."""
    path = Path(path)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary name beside ``path``, renamed to it if all goes well and removed if not.

    Raises :class:`~colorize_lib.errors.InputError` where the disk or the system refuses.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _to_disk(temporary)
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{path} cannot be written ({reason}): free some space or choose another place.") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_bytes(path: str | Path, content: bytes | memoryview) -> None:
    """Write a whole file, or nothing and raise :class:`~colorize_lib.errors.InputError`.

    Unlike what Pillow writes, which may end early on a full disk without a word.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def _to_disk(path: Path) -> None:
    """Wait until the disk has what was written: else a power cut could leave an empty file of the new name."""
    if path.is_file():
        with path.open("rb") as file:
            os.fsync(file.fileno())
