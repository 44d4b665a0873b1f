"""Colour profiles made by hand: of powers of light, of other primaries and of ink."""

import struct

#: D50-adapted primaries of sRGB and Adobe RGB, as profiles hold them, and their white.
PRIMARIES = {"r": (0.43607, 0.22249, 0.01392), "g": (0.38515, 0.71687, 0.09708), "b": (0.14307, 0.06061, 0.7141)}
ADOBE = {"r": (0.60974, 0.31111, 0.01947), "g": (0.20528, 0.62567, 0.06087), "b": (0.14919, 0.06322, 0.74457)}
D50 = (0.9642, 1.0, 0.8249)


def icc(space: str, gamma: float = 2.2, primaries: dict = PRIMARIES) -> bytes:
    """A profile of version 2 whose channels are this power of light: ``GRAY``, or ``RGB `` with these primaries."""
    curve = b"curv" + struct.pack(">IIHxx", 0, 1, round(gamma * 256))
    tags = {b"wtpt": _xyz(D50)}
    if space == "GRAY":
        tags[b"kTRC"] = curve
    for channel, place in primaries.items() if space == "RGB " else ():
        tags |= {channel.encode() + b"XYZ": _xyz(place), channel.encode() + b"TRC": curve}
    return _profile(space, b"XYZ ", tags)


def icc_of_ink() -> bytes:
    """A profile for CMYK of which k of the black ink give L = 100 (1 - k^2), and the other inks do nothing."""
    identity, square = bytes(range(256)), bytes(round(n * n / 255) for n in range(256))
    corners = b"".join(bytes((0 if n & 1 else 255, 128, 128)) for n in range(16))  # the last ink changes fastest
    matrix = struct.pack(">9I", *(0x10000 * (n % 4 == 0) for n in range(9)))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + square * 4 + corners + identity * 3
    return _profile("CMYK", b"Lab ", {b"wtpt": _xyz(D50), b"A2B0": table}, kind=b"prtr")


def _xyz(place: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(one * 65536) for one in place))


def _profile(space: str, connection: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr") -> bytes:
    text = b"made by hand\0"
    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78), **tags}
    tags[b"cprt"] = b"text\0\0\0\0" + text
    place, table, content = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", place + len(content), len(data))
        content += data
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x", place + len(content), 0x02100000, kind, space.encode(), connection, b"acsp",
        *(round(one * 65536) for one in D50),
    )  # fmt: skip
    return head + struct.pack(">I", len(tags)) + table + content
