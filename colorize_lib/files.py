"""Paths as users write them, and files that are written whole or not at all."""

import glob
import os
import re
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import InputError

if TYPE_CHECKING:
    import numpy as np

#: What can be written, and what is taken for a picture in a folder, even if Pillow says nothing of it.
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp")
READABLE = (*SUFFIXES, ".heic", ".mpo", ".ppm", ".pgm")
#: Bytes that a file's name may have.
LONGEST = 255


def user_path(path: str | Path) -> Path:
    """A path with ``~`` expanded where it names somebody's home, and left alone where it does not."""
    path = Path(path)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def identity(path: str | Path) -> tuple[int, int] | None:
    """Which file it is, by whatever name: two names with the same identity are one file. None if there is none."""
    try:
        found = os.stat(user_path(path))
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def check_target(target: str | Path, inputs: Iterable[str | Path | None]) -> None:
    """Raise :class:`~colorize_lib.errors.InputError` if writing ``target`` would replace one of ``inputs``."""
    there = identity(target)
    for path in inputs:
        if there and path and identity(path) == there:
            raise InputError(f"{target} would be written over {path}, which is read: choose another place with -o.")


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary name beside ``path``, renamed to it if all goes well and removed if not.

    Raises :class:`~colorize_lib.errors.InputError` where the disk or the system refuses, and where there is a
    file already that is write-protected.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    if len(os.fsencode(temporary.name)) > LONGEST:  # a name may just fit, and what is added to it not
        temporary = path.with_name(f".{zlib.crc32(os.fsencode(path.name)):08x}.{os.getpid()}.part")
    if _is_protected(path):
        raise InputError(f"{path} is write-protected: allow writing it, or choose another place.")
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


def _is_protected(path: Path) -> bool:
    """Whether a file is there, and nobody may write it. Renaming another one to it would not ask."""
    try:
        return path.is_file() and not path.stat().st_mode & 0o222
    except OSError:
        return False


def write_bytes(path: str | Path, content: bytes | memoryview) -> None:
    """Write a whole file, or nothing and raise :class:`~colorize_lib.errors.InputError`.

    Unlike what Pillow writes, which may end early on a full disk without a word.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def read_arrays(path: str | Path) -> "dict[str, np.ndarray] | None":
    """The arrays of an ``.npz`` by name; None if it is not there or damaged, so that they are made again."""
    import numpy as np

    try:
        with np.load(path) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _to_disk(path: Path) -> None:
    """Wait until the disk has what was written: else a power cut could leave an empty file of the new name."""
    if path.is_file():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def check_folder(folder: str | Path) -> None:
    """Try whether files can be written into ``folder``, so that nobody waits for hours to learn that they cannot.

    What is made for that is removed again. Raises :class:`~colorize_lib.errors.InputError` if not.
    """
    if not str(folder):
        raise InputError("The name of the folder to write to is empty: give one, or . for this one.")
    folder = Path(folder)
    missing = [place for place in (folder, *folder.parents) if not os.path.lexists(place)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"Nothing can be written into the folder {folder} ({error.strerror or error}): choose another place."
        ) from error
    finally:
        for place in missing:  # the innermost first; another process may have begun to use it
            with suppress(OSError):
                place.rmdir()


def remove_leftovers(path: str | Path) -> None:
    """Remove what processes that were killed within :func:`atomic_path` left of ``path``."""
    path = Path(path)
    for file in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        found = re.fullmatch(r"(\d+)\.part", file.name[len(path.name) + 2 :])
        with suppress(OSError):
            if found and not _may_be_written(file, int(found[1])):
                file.unlink()


def _may_be_written(file: Path, process: int) -> bool:
    """Whether that process, which began to write the file, may be at work still."""
    if os.name != "posix":  # there to ask for a process would be to end it
        return time.time() - file.stat().st_mtime < 3600
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # there is one, of somebody else
        pass
    return True
