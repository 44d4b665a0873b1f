"""PNGs of 16 bits in colour, which Pillow writes with 8 only."""

import zlib
from collections.abc import Iterator

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Filter "Sub" of the PNG specification: each byte less that of the pixel to the left.
_SUB = 1
_ROWS = 64


def deepened(png: bytes, pixels: np.ndarray) -> bytes:
    """A PNG with the pixels replaced by the same of 16 bits.

    Parameters
    ----------
    png
        Of 8 bits a channel, not interlaced, of one frame: all that it says of itself stays.
    pixels
        ``(H, W, 3 | 4)`` uint16, as many channels as it has.
    """
    chunks = []
    for kind, data in _chunks(png):
        if kind == b"IHDR":
            chunks.append(_chunk(kind, data[:8] + bytes([16]) + data[9:]))  # width and height, then the depth
        elif kind != b"IDAT":
            chunks.append(_chunk(kind, data))
        elif not any(chunk[4:8] == b"IDAT" for chunk in chunks):
            chunks.append(_chunk(kind, _compressed(pixels)))
    return b"".join([_SIGNATURE, *chunks])


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_SIGNATURE)
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(data, zlib.crc32(kind))
    return len(data).to_bytes(4, "big") + kind + data + check.to_bytes(4, "big")


def _compressed(pixels: np.ndarray) -> bytes:
    """Filtered and compressed, some rows at a time."""
    squeeze, parts = zlib.compressobj(), []
    step = 2 * pixels.shape[-1]
    for start in range(0, len(pixels), _ROWS):
        part = pixels[start : start + _ROWS].astype(">u2")
        rows = part.reshape(len(part), -1).view(np.uint8)
        filtered = np.full((len(rows), rows.shape[1] + 1), _SUB, np.uint8)
        filtered[:, 1 : step + 1] = rows[:, :step]
        filtered[:, step + 1 :] = rows[:, step:] - rows[:, :-step]  # modulo 256, as it should
        parts.append(squeeze.compress(filtered.tobytes()))
    return b"".join([*parts, squeeze.flush()])
