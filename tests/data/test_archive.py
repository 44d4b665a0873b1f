"""Tar archives: every member in order, and not one changed bit."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
from pathlib import Path

import pytest

from colorize_lib.data import archive
from colorize_lib.data.archive import DAMAGE, tar_members

FILES = {f"top/{i}.bin": random.Random(i).randbytes(3000) for i in range(5)}
COMPRESS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "": bytes}


def packed() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, content in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def read(place: Path) -> dict[str, bytes]:
    return {member.name: load() for member, load in tar_members(place)}


@pytest.mark.parametrize("kind", COMPRESS)
def test_every_file_is_read_however_it_is_compressed(kind, tmp_path):
    (tmp_path / "a").write_bytes(COMPRESS[kind](packed()))
    assert read(tmp_path / "a") == FILES


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_one_flipped_bit_anywhere_is_noticed(kind, tmp_path):
    good, rng = COMPRESS[kind](packed()), random.Random(1)
    for _ in range(40):
        position, bit = rng.randrange(10, len(good)), 1 << rng.randrange(8)  # behind the header of gzip: time, system
        (tmp_path / "a").write_bytes(good[:position] + bytes([good[position] ^ bit]) + good[position + 1 :])
        with pytest.raises(DAMAGE):
            read(tmp_path / "a")


def test_a_flipped_bit_that_still_can_be_unpacked_is_noticed(tmp_path):
    """Stored, not compressed: only the checksum at the end knows."""
    good = gzip.compress(packed(), compresslevel=0)
    position = good.index(FILES["top/3.bin"][:50])
    (tmp_path / "a").write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
    with pytest.raises(DAMAGE, match="CRC"):
        read(tmp_path / "a")


@pytest.mark.parametrize("missing", [1, 4, 8, 9, 500])
def test_missing_bytes_at_the_end_are_noticed(missing, tmp_path):
    (tmp_path / "a").write_bytes(gzip.compress(packed())[:-missing])
    with pytest.raises(DAMAGE):
        read(tmp_path / "a")


def test_a_file_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(gzip.compress(packed()))
    monkeypatch.setattr(archive, "LARGEST", 2999)
    assert [member.name for member, _ in tar_members(tmp_path / "a")] == list(FILES)
    with pytest.raises(DAMAGE, match="0.bin is 3000 bytes large"):
        read(tmp_path / "a")
