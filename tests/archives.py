"""Archives of CIFAR-10 with as many pictures as a test needs."""

import io
import tarfile
from pathlib import Path

from PIL import Image

from colorize_lib.data.images import CLASSES

#: As it is the default of later ones, in the Pythons that know it.
SAFELY = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


def picture_bytes(colour=(10, 20, 30), size=(32, 32), kind="PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def write_archive(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def few_members(kind="PNG", part="test") -> dict[str, bytes]:
    return {
        f"cifar10/{part}/{name}/{i}_{name}.png": picture_bytes((20 * label, i, 0), kind=kind)
        for label, name in enumerate(CLASSES)
        for i in range(3)
    }
