"""Files out of a tar archive, in one pass and without unpacking it, whose checksum is looked at."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

#: What reading a damaged archive raises. TypeError is for one that ends in the header of gzip, RuntimeError for a zip
#: that is encrypted or compressed in a way that Python does not know.
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, TypeError, RuntimeError)
#: Bytes of the largest file that is read. No picture and no list of ours is near it.
LARGEST = 1 << 26
_OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}


def tar_members(place: Path) -> Iterator[tuple[tarfile.TarInfo, Callable[[], bytes]]]:
    """Every member of a tar archive, compressed or not, and how to read it before the next one is asked for.

    After the last one the archive is read to its end, where the checksum of a compressed one stands: ``tarfile``
    does not do that, and would let a changed bit pass. Raises one of :data:`DAMAGE`.
    """
    with place.open("rb") as file:
        start = file.read(6)
    opener = next((opener for magic, opener in _OPENERS.items() if start.startswith(magic)), open)
    with opener(place, "rb") as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                yield member, lambda member=member: archive.extractfile(_checked(member)).read()
        while stream.read(1 << 20):
            pass


def _checked(member: tarfile.TarInfo) -> tarfile.TarInfo:
    check_size(member.name, member.size)
    return member


def check_size(name: str, size: int) -> None:
    """Raise one of :data:`DAMAGE` for a file that would fill the memory."""
    if size > LARGEST:
        raise OSError(f"{name} is {size} bytes large")
