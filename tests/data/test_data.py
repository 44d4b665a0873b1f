"""Archives, splits and embedded pictures; and what is said when an archive is not what it should be."""

import io
import os
import subprocess
import sys
import tarfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data import cifar10 as data
from colorize_lib.data import examples
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.data.examples import GALLERY, PHOTOGRAPHS, embedded_cifar10, gallery, photograph_patches
from colorize_lib.data.images import CLASSES, Images, as_jpeg, without_grey
from colorize_lib.errors import InputError
from colorize_lib.measuring.metrics import ab_rmse

#: As it is the default of later ones, in the Pythons that know it.
SAFELY = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
keep_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


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


def files_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def assert_one_sentence(message: str):
    """What a user sees: one line that ends, and nothing of Python's own."""
    assert "\n" not in message
    assert message.endswith(".")
    assert "Traceback" not in message


@pytest.fixture(autouse=True)
def no_fastai_cache(monkeypatch, tmp_path):
    """No test may find a CIFAR-10 that happens to be on this machine."""
    monkeypatch.setenv("FASTAI_HOME", str(tmp_path / "no-fastai"))


@pytest.fixture(scope="module")
def small_archive(tmp_path_factory) -> Path:
    return write_archive(tmp_path_factory.mktemp("small") / "cifar10.tgz", few_members())


@pytest.fixture(scope="module")
def whole_test_part(tmp_path_factory) -> Path:
    """An archive with 1,000 test pictures of each class, whose colour says which: (class, number // 250, number % 250).

    Names are not padded and members not in order, like in fastai's archive.
    """
    order = np.random.default_rng(0).permutation(10_000)
    members = {
        f"cifar10/test/{CLASSES[label]}/{i}_{CLASSES[label]}.png": picture_bytes((label, i // 250, i % 250))
        for label, i in (divmod(int(n), 1000) for n in order)
    }
    return write_archive(tmp_path_factory.mktemp("whole") / "cifar10.tgz", members, "w")


def number(images: Images) -> torch.Tensor:
    """The number in the file name of every picture of :func:`whole_test_part`."""
    red, green, blue = images.rgb[:, :, 5, 7].long().unbind(1)
    assert torch.equal(red, images.label)
    return green * 250 + blue


# --- reading


@pytest.mark.parametrize(
    ("split", "of_each_class"),
    [("dev", range(500)), ("test", range(500, 1000)), ("vgg-dev", range(100)), ("vgg-test", range(500, 600))],
)
def test_splits_are_stratified_and_in_the_order_of_the_file_numbers(whole_test_part, split, of_each_class):
    images = load_cifar10(split, whole_test_part, progress=False)
    assert images.rgb.shape == (10 * len(of_each_class), 3, 32, 32)
    assert (images.rgb.dtype, images.label.dtype) == (torch.uint8, torch.int64)
    assert images.label.tolist() == sorted(images.label.tolist())
    assert number(images).tolist() == list(of_each_class) * 10
    assert images.source == "cifar10.tgz, lossless PNG"


def test_an_unpacked_folder_gives_the_same(whole_test_part, tmp_path):
    with tarfile.open(whole_test_part) as archive:
        archive.extractall(tmp_path, **SAFELY)
    (tmp_path / "cifar10" / "train").mkdir()
    expected = load_cifar10("vgg-dev", whole_test_part, progress=False)
    assert data.find_cifar10(tmp_path) == data.find_cifar10(tmp_path / "cifar10") == tmp_path / "cifar10"
    images = load_cifar10("vgg-dev", tmp_path, progress=False)
    assert torch.equal(images.rgb, expected.rgb)
    assert torch.equal(images.label, expected.label)
    assert images.source == "cifar10, lossless PNG"


def test_2_comes_before_10():
    names = ["cifar10/test/cat/10_cat.png", "cifar10/test/cat/2_cat.png", "cifar10/test/cat/0002.jpg", "a/b/x.png"]
    ordered = [name for name, _ in sorted(((name, None) for name in names), key=data._file_order)]
    assert ordered == [names[3], names[2], names[1], names[0]]


def test_the_search_goes_path_then_environment_then_fastai(small_archive, tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "data" / "cifar10" / "train").mkdir(parents=True)
    monkeypatch.setenv("FASTAI_HOME", str(home))
    assert data.find_cifar10(download=False) == home / "data" / "cifar10"
    other = write_archive(tmp_path / "cifar10.tgz", few_members())
    monkeypatch.setenv("COLORIZE_DATA", str(tmp_path))
    assert data.find_cifar10() == other
    assert data.find_cifar10(small_archive) == small_archive
    assert data.find_cifar10(str(small_archive.parent)) == small_archive


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_members_are_read_whatever_the_compression(tmp_path, mode):
    members = few_members() | {"README.md": b"text", "cifar10/labels.txt": b"cat", "./cifar10/train/cat/0_cat.png": b""}
    place = write_archive(tmp_path / "cifar10.tgz", members, mode)
    found = list(data._read_archive(place, "test"))
    assert [(name, content) for _, name, content in found] == list(few_members().items())
    assert [kind for kind, _, _ in found] == [name for name in CLASSES for _ in range(3)]


def test_images_are_cut_and_indexed_together():
    images = embedded_cifar10()
    some = images[[3, 1]]
    assert len(some) == 2
    assert torch.equal(some.rgb, images.rgb[[3, 1]])
    assert torch.equal(some.label, images.label[[3, 1]])
    assert (some.source, some.classes) == (images.source, CLASSES)


# --- bad archives


@pytest.mark.parametrize("split", ["nonsense", "", "Train"])
def test_an_unknown_split_names_the_known_ones(small_archive, split):
    with pytest.raises(InputError, match="no split") as caught:
        load_cifar10(split, small_archive)
    assert "vgg-dev" in str(caught.value)
    assert_one_sentence(str(caught.value))


def test_a_missing_place_and_an_empty_folder(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "missing", tmp_path / "empty"):
        with pytest.raises(InputError, match="holds neither cifar10.tgz nor") as caught:
            load_cifar10("dev", place)
        assert str(place) in str(caught.value)
    monkeypatch.setenv("COLORIZE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match=r"nowhere holds neither.*COLORIZE_DATA"):
        load_cifar10("dev")
    monkeypatch.delenv("COLORIZE_DATA")
    with pytest.raises(InputError, match="not on this machine"):
        data.find_cifar10(download=False)


def test_a_home_that_does_not_exist_is_a_place_that_does_not_exist():
    with pytest.raises(InputError, match="~no_such_user_at_all/cifar10.tgz holds neither"):
        data.find_cifar10("~no_such_user_at_all/cifar10.tgz")


def test_too_few_pictures_are_counted(small_archive):
    with pytest.raises(InputError, match="3 images of test/airplane instead of 1000.*not complete"):
        load_cifar10("dev", small_archive, progress=False)
    with pytest.raises(InputError, match="0 images of train/airplane instead of 5000"):
        load_cifar10("train", small_archive, progress=False)


@keep_fixtures
@given(share=st.floats(0, 1, exclude_max=True))
def test_an_archive_cut_anywhere_is_refused(small_archive, tmp_path, share):
    content = small_archive.read_bytes()
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match="cannot be read|instead of") as caught:
        load_cifar10("dev", cut, progress=False)
    assert "cut.tgz" in str(caught.value)


@pytest.mark.parametrize("size", range(20))
def test_an_archive_cut_in_its_header_is_refused(small_archive, tmp_path, size):
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(small_archive.read_bytes()[:size])
    with pytest.raises(InputError, match="cut.tgz cannot be read"):
        load_cifar10("dev", cut, progress=False)


@keep_fixtures
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), mode=st.sampled_from(["w", "w:gz", "w:xz"]))
def test_an_archive_with_a_wrong_bit_is_no_crash(tmp_path, share, bit, mode):
    broken = write_archive(tmp_path / "broken.tgz", few_members(), mode)
    content = bytearray(broken.read_bytes())
    content[int(share * len(content))] ^= 1 << bit
    broken.write_bytes(content)
    with pytest.raises(
        InputError, match="cannot be read|outside it|is not a picture|is .* pixels|images of test/.* instead of 1000"
    ):
        load_cifar10("dev", broken, progress=False)


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b" + bytes(range(256)) * 4, b"not an archive at all" * 100], ids=["empty", "gzip", "text"]
)
def test_what_is_no_archive_is_refused(tmp_path, content):
    place = tmp_path / "cifar10.tgz"
    place.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read.*damaged or not an archive|instead of") as caught:
        load_cifar10("dev", tmp_path, progress=False)
    assert_one_sentence(str(caught.value))


@pytest.mark.parametrize("evil", ["../outside.png", "cifar10/../../outside.png", "/outside-colorize.png"])
@pytest.mark.parametrize("first", [True, False])
def test_a_member_that_points_outside_is_refused_and_nothing_written(tmp_path, evil, first):
    bad = {evil: picture_bytes()}
    place = write_archive(tmp_path / "cifar10.tgz", bad | few_members() if first else few_members() | bad)
    before = files_below(tmp_path)
    with pytest.raises(InputError, match="points outside") as caught:
        load_cifar10("dev", place, progress=False)
    assert_one_sentence(str(caught.value))
    assert files_below(tmp_path) == before
    assert not Path("/outside-colorize.png").exists()


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture_bytes())
    with tarfile.open(tmp_path / "cifar10.tgz", "w:gz") as archive:
        link = tarfile.TarInfo("cifar10/test/cat/0_cat.png")
        link.type, link.linkname = tarfile.SYMTYPE, str(secret)
        archive.addfile(link)
    assert list(data._read_archive(tmp_path / "cifar10.tgz", "test")) == []


def test_a_file_where_a_folder_should_be_is_no_crash(tmp_path):
    place = write_archive(tmp_path / "cifar10.tgz", {"cifar10/test": b"not a folder"} | few_members())
    with pytest.raises(InputError, match="has 3 images of test/airplane instead of 1000"):
        load_cifar10("dev", place, progress=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"not a picture.*\(0 bytes\)"),
        (b"this is text", "not a picture"),
        (picture_bytes()[:40], "not a picture"),
        (picture_bytes(kind="JPEG")[:200], "not a picture"),
        (picture_bytes(size=(33, 32)), "33x32 pixels, where CIFAR-10 has 32x32"),
        (picture_bytes(size=(32, 31), kind="JPEG"), "32x31 pixels"),
        (picture_bytes(size=(1, 1)), "1x1 pixels"),
    ],
    ids=["0 bytes", "text", "cut PNG", "cut JPEG", "too wide", "too low", "one pixel"],
)
@pytest.mark.parametrize("unpacked", [False, True])
def test_a_bad_member_is_named(tmp_path, content, message, unpacked):
    members = few_members() | {"cifar10/test/dog/7_dog.png": content}
    place = write_archive(tmp_path / "cifar10.tgz", members)
    if unpacked:
        (tmp_path / "cifar10" / "train").mkdir(parents=True)
        with tarfile.open(place) as archive:
            archive.extractall(tmp_path, **SAFELY)
        place = tmp_path / "cifar10"
    with pytest.raises(InputError, match=message) as caught:
        load_cifar10("dev", place, progress=False)
    assert "dog/7_dog.png" in str(caught.value)
    assert_one_sentence(str(caught.value))


def test_a_picture_that_claims_to_be_huge_is_refused():
    content = bytearray(picture_bytes())
    content[16:24] = (60_000).to_bytes(4, "big") * 2  # width and height in the PNG's header
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    with pytest.raises(InputError, match="huge.png is not a picture that can be read"):
        data.decode("huge.png", bytes(content))


@given(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]), st.data())
def test_damaged_pictures_are_read_or_refused(kind, draw):
    content = bytearray(picture_bytes(kind=kind))
    for _ in range(draw.draw(st.integers(1, 4))):
        content[draw.draw(st.integers(0, len(content) - 1))] = draw.draw(st.integers(0, 255))
    try:
        pixels = data.decode("x", bytes(content))
    except InputError as error:
        assert str(error).startswith("x is")
    else:
        assert (pixels.shape, pixels.dtype) == ((32, 32, 3), np.uint8)


def test_a_folder_among_the_pictures_is_no_crash(tmp_path):
    (tmp_path / "cifar10" / "train").mkdir(parents=True)
    (tmp_path / "cifar10" / "test" / "airplane" / "a.folder").mkdir(parents=True)
    with pytest.raises(InputError, match="has 0 images of test/airplane instead of 1000"):
        load_cifar10("dev", tmp_path, progress=False)


@pytest.mark.slow
def test_without_a_network_one_sentence_says_what_to_do(tmp_path):
    dead = "http://127.0.0.1:9"
    environment = os.environ | {
        "FASTAI_HOME": str(tmp_path / "fastai"), "HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path / "mpl"),
        "http_proxy": dead, "https_proxy": dead, "HTTP_PROXY": dead, "HTTPS_PROXY": dead,
        "no_proxy": "", "NO_PROXY": "",
    }  # fmt: skip
    code = """
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.errors import InputError
try: load_cifar10('dev')
except InputError as e: print('SAYS', e)
"""
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=600)
    said = [line.partition("SAYS ")[2] for line in run.stdout.splitlines() if "SAYS " in line]
    assert len(said) == 1, run
    assert said[0].startswith("CIFAR-10 could not be downloaded")
    assert said[0].endswith("set COLORIZE_DATA to that folder.")
    left = [f for f in (tmp_path / "fastai").rglob("*cifar*") if f.is_file() and f.suffix != ".lock"]
    assert left == []


# --- what is embedded


def test_the_embedded_pictures_are_20_test_pictures():
    images = embedded_cifar10()
    assert images.rgb.shape == (20, 3, 32, 32)
    assert images.rgb.dtype == torch.uint8
    # The labels of the first 20 pictures of the official test batch.
    assert images.label.tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1, 0, 9, 5, 7, 9, 8, 5, 7, 8, 6]
    assert len({picture.numpy().tobytes() for picture in images.rgb}) == 20
    # The top left pixel of the first, and the bottom right one of the last, as in that batch.
    assert images.rgb[0, :, 0, 0].tolist() == [158, 112, 49]


def test_the_gallery_shows_each_class_once():
    images = gallery()
    assert len(images) == len(GALLERY) == 8
    names = [CLASSES[label] for label in images.label]
    assert names == ["airplane", "automobile", "cat", "dog", "frog", "horse", "ship", "truck"]


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_are_there(name):
    photo = examples.photograph(name)
    assert photo.dtype == torch.uint8
    assert photo.ndim == 3
    assert photo.shape[0] == 3
    assert min(photo.shape[1:]) >= 256
    assert photo.float().std() > 20


def test_an_unknown_photograph_names_the_known_ones():
    with pytest.raises(InputError, match="astronaut"):
        examples.photograph("lena")


def test_patches_depend_on_the_seed_alone():
    first, again, other = (examples.photograph_patches(24, 16, seed) for seed in (3, 3, 4))
    assert first.rgb.shape == (24, 3, 16, 16)
    assert first.rgb.dtype == torch.uint8
    assert torch.equal(first.rgb, again.rgb)
    assert torch.equal(first.label, again.label)
    assert not torch.equal(first.rgb, other.rgb)
    assert first.classes == PHOTOGRAPHS
    assert set(first.label.tolist()) == {0, 1, 2, 3}
    torch.rand(5)
    assert torch.equal(examples.photograph_patches(24, 16, 3).rgb, first.rgb)


def test_patches_come_from_the_photograph_of_their_label():
    patches = examples.photograph_patches(40, 32)
    rocket, coffee = (patches.rgb[patches.label == PHOTOGRAPHS.index(name)].float() for name in ("rocket", "coffee"))
    warmth = [(part[:, 0] - part[:, 2]).mean() for part in (rocket, coffee)]
    assert warmth[1] > warmth[0] + 20  # the coffee is brown, the sky behind the rocket is not


@pytest.mark.skipif(torch.cuda.is_available(), reason="trains on all of CIFAR-10 where there is a GPU")
def test_a_chapter_trains_on_patches_where_there_is_no_gpu():
    images, dev, everything = examples.images_for_training(12)
    assert (len(images), len(dev), everything) == (12, 20, False)


# --- all of CIFAR-10


@pytest.mark.cifar
@pytest.mark.slow
@pytest.mark.parametrize(
    ("split", "size"),
    [
        ("train", 50_000),
        ("dev", 5_000),
        ("test", 5_000),
        ("vgg-train", 10_000),
        ("vgg-dev", 1_000),
        ("vgg-test", 1_000),
    ],
)
def test_sizes_of_the_splits(cifar, split, size):
    images = cifar(split)
    assert images.rgb.shape == (size, 3, 32, 32)
    assert torch.bincount(images.label).tolist() == [size // 10] * 10
    assert images.label.tolist() == sorted(images.label.tolist())
    assert images.rgb.float().std() > 30


def pictures(images: Images) -> set[bytes]:
    return {picture.tobytes() for picture in images.rgb.numpy()}


@pytest.mark.cifar
@pytest.mark.slow
def test_dev_and_test_have_no_picture_in_common(cifar):
    dev, test = (pictures(cifar(split)) for split in ("dev", "test"))
    assert min(len(dev), len(test)) > 4990
    assert not dev & test


@pytest.mark.cifar
@pytest.mark.slow
@pytest.mark.parametrize(("small", "large"), [("vgg-train", "train"), ("vgg-dev", "dev"), ("vgg-test", "test")])
def test_the_small_splits_are_the_first_of_their_class(cifar, small, large):
    part, whole = cifar(small), cifar(large)
    for label in range(10):
        mine = part.rgb[part.label == label]
        assert torch.equal(mine, whole.rgb[whole.label == label][: len(mine)])


@pytest.mark.cifar
@pytest.mark.slow
def test_the_embedded_pictures_are_the_first_of_their_class_in_dev(cifar):
    from colorize_lib.colour.lab import rgb_to_lab

    embedded, dev = embedded_cifar10(), cifar("dev")
    found = []
    for label in range(10):
        mine = embedded.rgb[embedded.label == label]
        found.append((mine, dev.rgb[dev.label == label][: len(mine)]))
    mine, theirs = (rgb_to_lab(torch.cat(side))[:, 1:] for side in zip(*found, strict=True))
    assert ab_rmse(theirs, mine) < 7  # JPEG, or 0 with a lossless copy
    each = [ab_rmse(theirs[i : i + 1], mine[i : i + 1]) for i in range(20)]
    other = mine.roll(1, 0)
    wrong = [ab_rmse(theirs[i : i + 1], other[i : i + 1]) for i in range(20)]
    assert max(each) < 12
    assert np.median(wrong) > 12


def test_pictures_without_colour_are_no_teachers():
    coloured, grey = photograph_patches(6, seed=2), photograph_patches(6, seed=2).rgb.float().mean(1, keepdim=True)
    mixed = Images(
        torch.cat((coloured.rgb, grey.round().byte().expand(-1, 3, -1, -1))), torch.arange(12) % 4, "mixed", PHOTOGRAPHS
    )
    kept = without_grey(mixed)
    assert torch.equal(kept.rgb, without_grey(coloured).rgb)
    assert 0 < len(kept) <= 6
    assert len(without_grey(mixed, least=1000.0)) == 0


def test_as_jpeg_halves_the_colour_and_keeps_the_light():
    original = embedded_cifar10().rgb
    copy = as_jpeg(original)
    assert copy.shape == original.shape
    assert copy.dtype == torch.uint8
    change = (rgb_to_lab(copy) - rgb_to_lab(original)).square().mean((0, 2, 3)).sqrt()
    assert change[0] < change[1:].min()  # light is kept best
    # One colour for every two by two pixels: a checkerboard of red and blue of the same light is gone.
    red, cyan = (torch.tensor(rgb, dtype=torch.uint8)[:, None, None] for rgb in ((200, 100, 100), (80, 135, 135)))
    steps = torch.arange(32)
    board = torch.where((steps[:, None] + steps) % 2 == 0, red, cyan)[None]
    before, after = (rgb_to_lab(rgb)[:, 1:].std((2, 3)).norm() for rgb in (board, as_jpeg(board, 95)))
    assert after < before / 3
    flat = torch.full((1, 3, 16, 16), 128, dtype=torch.uint8)
    assert torch.equal(as_jpeg(flat), flat)
