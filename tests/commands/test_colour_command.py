"""`colorize PICTURE ...`: one picture, several, and what is refused in one line."""

import os
import shutil
import subprocess
import sys

import pytest
from command_line import INSTALLED, MODULE, assert_refused, chroma, colorize, files
from PIL import Image

from colorize_lib import cli

# --- one picture


def test_one_picture_goes_beside_itself(photo):
    run = colorize(photo.name, cwd=photo.parent)
    assert (run.returncode, run.stdout, run.stderr) == (0, "photo-coloured.png\n", "")
    assert files(photo.parent) == ["photo-coloured.png", "photo.jpg"]
    with Image.open(photo.parent / "photo-coloured.png") as coloured:
        assert (coloured.format, coloured.mode, coloured.size) == ("PNG", "RGB", (60, 40))
    assert chroma(photo.parent / "photo-coloured.png") > 5


@pytest.mark.slow
def test_the_installed_command_takes_all_options(photo):
    assert INSTALLED.is_file(), "the package is not installed beside this Python"
    options = ["-T", "0.9", "--vividness", "80", "-m", "regression", "-s", "32"]
    run = colorize(photo, "-o", "new/folder/out.webp", *options, cwd=photo.parent, command=[INSTALLED])
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.strip() == "new/folder/out.webp"
    with Image.open(photo.parent / "new" / "folder" / "out.webp") as coloured:
        assert (coloured.format, coloured.size) == ("WEBP", (60, 40))
    assert files(photo.parent) == ["new/folder/out.webp", "photo.jpg"]


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "webp", "tif", "TIFF", "bmp"])
def test_the_suffix_decides_the_format(photo, suffix):
    assert cli.main([str(photo), "-o", str(photo.parent / f"out.{suffix}")]) == 0
    with Image.open(photo.parent / f"out.{suffix}") as coloured:
        expected = {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper())
        assert (coloured.format, coloured.size) == (expected, (60, 40))


def test_vividness_makes_more_colour(photo):
    found = []
    for vividness in ("0", "50", "100"):
        target = photo.parent / f"v{vividness}.png"
        assert cli.main([str(photo), "-o", str(target), "-v", vividness]) == 0
        found.append(chroma(target))
    assert found[0] < found[1] < found[2]


# --- several


def test_a_folder_with_one_bad_picture_colours_the_others(picture, tmp_path):
    folder = tmp_path / "old photos"
    folder.mkdir()
    picture.save(folder / "a.jpg")
    picture.save(folder / "a.png")
    picture.convert("L").save(folder / "b.TIF", "TIFF")
    (folder / "broken.jpg").write_bytes((folder / "a.jpg").read_bytes()[:300])
    (folder / "empty.png").write_bytes(b"")
    (folder / "notes.txt").write_text("no picture, and not taken for one")
    run = colorize("old photos", cwd=tmp_path)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    lines = run.stderr.splitlines()
    assert len(lines) == 5
    assert any("broken.jpg is not a picture" in line for line in lines)
    assert any("empty.png is not a picture" in line for line in lines)
    assert "2 of 3 pictures had colours, which were replaced (old photos/a.jpg, old photos/a.png)" in lines[2]
    assert lines[3:] == [
        "colorize: Left out as no picture: 1 (old photos/notes.txt).",
        "colorize: 2 of 5 pictures could not be coloured.",
    ]
    assert files(tmp_path / "old photos-coloured") == ["a-jpg.png", "a-png.png", "b.png"]
    assert sorted(run.stdout.split("\n")) == [
        "",
        *(f"old photos-coloured/{n}" for n in ("a-jpg.png", "a-png.png", "b.png")),
    ]
    assert all(chroma(file) > 5 for file in (tmp_path / "old photos-coloured").iterdir())


def test_several_pictures_go_into_a_folder(photo, picture):
    picture.save(photo.with_name("second.png"))
    out = photo.parent / "out"
    assert cli.main([str(photo), str(photo.with_name("second.png")), "-o", str(out)]) == 0
    assert files(out) == ["photo-coloured.png", "second-coloured.png"]


def test_pictures_of_one_name_do_not_overwrite_each_other(picture, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        picture.save(tmp_path / folder / "photo.jpg")
    pictures = [str(tmp_path / folder / "photo.jpg") for folder in ("a", "b")]
    assert cli.main([*pictures, "-o", str(tmp_path / "out")]) == 0
    assert len(files(tmp_path / "out")) == 2


def test_pictures_that_differ_in_their_suffix_do_not_overwrite_each_other(photo, picture):
    picture.save(photo.with_suffix(".png"))
    assert cli.main([str(photo), str(photo.with_suffix(".png"))]) == 0
    assert files(photo.parent) == ["photo-jpg-coloured.png", "photo-png-coloured.png", "photo.jpg", "photo.png"]


def test_the_folder_one_is_in(photo):
    run = colorize(".", cwd=photo.parent)
    assert "Traceback" not in run.stderr
    assert run.returncode == 0
    assert "photo.jpg" in files(photo.parent)


def test_some_bad_pictures_named_one_by_one(photo, capsys):
    missing = photo.with_name("missing.jpg")
    assert cli.main([str(missing), str(photo)]) == 2
    out, err = capsys.readouterr()
    assert out == f"{photo.with_name('photo-coloured.png')}\n"
    assert err.splitlines() == [
        f"colorize: There is no file {missing}.",
        "colorize: 1 of 2 pictures could not be coloured.",
    ]


# --- what is refused

BEFORE_ANY_WORK = [
    (["photo.jpg", "-v", "101"], "vividness goes from 0 to 100, not 101"),
    (["photo.jpg", "-v", "-1"], "vividness goes from 0 to 100"),
    (["photo.jpg", "-v", "nan"], "vividness goes from 0 to 100"),
    (["photo.jpg", "-T", "0"], "temperature must be above 0"),
    (["photo.jpg", "-T", "-0.5"], "temperature must be above 0"),
    (["photo.jpg", "-T", "nan"], "temperature must be above 0"),
    (["photo.jpg", "-T", "inf"], "temperature must be above 0 and finite"),
    (["photo.jpg", "-o", "photo.jpg"], "photo.jpg would be written over itself"),
    (["photo.jpg", "-o", ""], "name a file or a folder"),
    (["photo.jpg", "-o", "-"], "name a file or a folder"),
    ([""], "The name of a picture is empty"),
    (["photo.jpg", "-s", "7"], "size must be at least 8"),
    (["photo.jpg", "-s", "-64"], "size must be at least 8"),
    (["photo.jpg", "-o", "out.xyz"], "out.xyz does not end in one of .png"),
    (["photo.jpg", "-o", "out.mp4"], "out.mp4 does not end in one of"),
    (["photo.jpg", "photo.jpg", "-o", "out.png"], "Several pictures need a folder"),
    (["folder", "-o", "out.png"], "Several pictures need a folder"),
    (["folder"], "The folder folder holds no pictures"),
    (["~no_such_user_at_all/photo.jpg"], ""),
]


@pytest.mark.parametrize(
    ("arguments", "message"), BEFORE_ANY_WORK, ids=lambda v: " ".join(v) if isinstance(v, list) else ""
)
def test_nonsense_is_refused_before_any_work(photo, arguments, message):
    (photo.parent / "folder").mkdir()
    assert_refused(colorize(*arguments, cwd=photo.parent), message)
    assert files(photo.parent) == ["photo.jpg"]


def test_a_closed_pipe_does_not_end_the_run(photo):
    shutil.copy(photo, photo.with_name("second.jpg"))
    reader, writer = os.pipe()
    os.close(reader)
    command = [*MODULE, "-m", "regression", ".", "-o", "out"]
    run = subprocess.run(command, cwd=photo.parent, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (run.returncode, run.stderr) == (0, "")
    assert files(photo.parent / "out") == ["photo.png", "second.png"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jpg"], "There is no file missing.jpg"),
        (["text.jpg"], "text.jpg is not a picture that can be read"),
        (["empty.jpg", "-o", "out.jpg"], "empty.jpg is not a picture that can be read"),
        (["http://127.0.0.1:9/photo.jpg"], "cannot be fetched"),
        (["photo.jpg", "-m", "nonsense"], "no weights 'nonsense'"),
        (["photo.jpg", "-m", "text.safetensors"], "text.safetensors is not a safetensors file"),
        (["photo.jpg", "-o", "text.jpg/out.png"], "cannot be written"),
        (["photo.jpg", "-o", "folder.png"], "folder.png cannot be written"),
        (["panorama.png", "-o", "out.webp"], ""),
        (["panorama.png", "-o", "out.jpg"], "cannot be written"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(photo, arguments, message, monkeypatch, capsys):
    folder = photo.parent
    (folder / "text.jpg").write_text("no picture")
    (folder / "text.safetensors").write_text("no weights")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "folder.png").mkdir()
    Image.new("L", (70_000, 1), 90).save(folder / "panorama.png")
    before = files(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    status = cli.main(arguments)
    out, err = capsys.readouterr()
    assert_refused(subprocess.CompletedProcess(arguments, status, out, err), message)
    assert files(folder) == before


@pytest.mark.slow
def test_a_missing_picture_as_a_process(tmp_path):
    assert_refused(colorize("missing.jpg", cwd=tmp_path, command=[INSTALLED]), "There is no file missing.jpg")
    assert files(tmp_path) == []


def test_a_name_that_nothing_can_have_is_one_line(photo, monkeypatch, capsys):
    monkeypatch.chdir(photo.parent)
    for name in (f"{'z' * 300}.png", "nul\0byte.png", "photo.jpg/inside.png"):
        assert cli.main([name]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_names_that_cannot_be_printed_do_not_end_the_run(photo):
    for name in ("1日本.jpg", os.fsdecode(b"2\xff.jpg"), "3.jpg"):
        shutil.copy(photo, photo.with_name(name))
    photo.unlink()
    for encoding in ("cp1252", "utf-8"):
        environment = os.environ | {"PYTHONIOENCODING": encoding, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "0"}
        run = subprocess.run(
            [*MODULE, ".", "-m", "regression", "-o", encoding], cwd=photo.parent, env=environment, capture_output=True
        )
        assert (run.returncode, run.stderr) == (0, b"")
        assert len(run.stdout.splitlines()) == len(files(photo.parent / encoding)) == 3
        shutil.rmtree(photo.parent / encoding)


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_leaves_nothing(photo):
    disk = photo.parent / "disk"
    disk.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(disk)]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small file system can be mounted here: {error}")
    try:
        Image.new("RGB", (200, 200)).save(photo.parent / "large.png")  # 120 kB as a BMP
        assert_refused(colorize("large.png", "-o", "disk/out.bmp", cwd=photo.parent), "disk/out.bmp cannot be written")
        assert files(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_closed_pipe_is_no_error(photo):
    shell = shutil.which("sh")
    line = f'"{sys.executable}" -m colorize_lib.cli --help | head -1; exit 0'
    run = subprocess.run([shell, "-c", line], cwd=photo.parent, capture_output=True, text=True)
    assert run.stdout.startswith("usage: colorize")
    assert "Traceback" not in run.stderr
