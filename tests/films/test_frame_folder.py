"""A folder of frames: in order, steady, taken up again."""

import os

import pytest
import torch
from PIL import Image
from reels import pan

from colorize_lib.cli import main
from colorize_lib.errors import InputError
from colorize_lib.films import folder as module
from colorize_lib.films.folder import colorize_folder, frame_files
from colorize_lib.films.frames import colorize_frames


@pytest.fixture
def frames(tmp_path):
    """Ten frames, numbered from 1 without zeros in front."""
    (tmp_path / "in").mkdir()
    for number, rgb in enumerate(pan(10), 1):
        Image.fromarray(rgb.permute(1, 2, 0).numpy()).save(tmp_path / "in" / f"frame-{number}.png")
    (tmp_path / "in" / "notes.txt").write_text("no frame")
    return tmp_path / "in"


def pixels(folder) -> dict[str, bytes]:
    return {path.name: Image.open(path).tobytes() for path in sorted(folder.iterdir())}


def test_numbers_are_counted(frames):
    assert [path.stem for path in frame_files(frames)] == [f"frame-{number}" for number in range(1, 11)]


def test_the_frames_are_those_of_the_generator(frames, bins):
    done = colorize_folder(frames, None, bins, progress=False)
    assert done.target == frames.parent / "in-coloured" and done.had_colours
    made = pixels(done.target)
    for number, rgb in enumerate(colorize_frames(pan(10), bins), 1):
        written = torch.frombuffer(bytearray(made[f"frame-{number}.png"]), dtype=torch.uint8).view(96, 128, 3)
        assert (written.int() - rgb.permute(1, 2, 0).int()).abs().max() <= 1
    assert sorted(path.name for path in frames.parent.iterdir()) == ["in", "in-coloured"]


@pytest.mark.parametrize("stop", [3, 6, 10])
def test_a_stopped_folder_goes_on_as_if_it_had_not_been(frames, bins, monkeypatch, stop):
    monkeypatch.setattr(module, "PART", 4)
    whole = pixels(colorize_folder(frames, frames.parent / "whole", bins, progress=False).target)
    save = module._save

    def stopping(rgb, target, file):
        if file.stem == f"frame-{stop}":
            raise KeyboardInterrupt
        return save(rgb, target, file)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_save", stopping)
        with pytest.raises(KeyboardInterrupt):
            colorize_folder(frames, frames.parent / "out", bins, progress=False)
    done = colorize_folder(frames, frames.parent / "out", bins, progress=False)
    assert done.taken_up == (stop - 1) // 4 * 4
    assert pixels(done.target) == whole


def test_other_frames_begin_anew(frames, bins, monkeypatch):
    monkeypatch.setattr(module, "_move", lambda *_: None)
    colorize_folder(frames, None, bins, progress=False)
    (frames / "frame-3.png").write_bytes((frames / "frame-4.png").read_bytes() + b"\0")
    assert colorize_folder(frames, None, bins, progress=False).taken_up == 0


def test_a_damaged_memory_begins_anew(frames, bins, monkeypatch):
    whole = pixels(colorize_folder(frames, frames.parent / "whole", bins, progress=False).target)
    with monkeypatch.context() as patch:
        patch.setattr(module, "_move", lambda *_: None)
        colorize_folder(frames, None, bins, progress=False)
    (memory,) = frames.parent.glob(f".*/{module._MEMORY}")
    memory.write_bytes(memory.read_bytes()[:-30])
    done = colorize_folder(frames, None, bins, progress=False)
    assert done.taken_up == 0 and pixels(done.target) == whole


def test_a_pipe_is_not_waited_for(frames):
    os.mkfifo(frames / "frame-0.png")
    assert len(frame_files(frames)) == 10


def test_of_pages_the_first_is_taken_and_that_is_said(frames, bins):
    pages = [Image.open(frames / f"frame-{number}.png") for number in (1, 2)]
    pages[0].save(frames / "frame-11.tif", save_all=True, append_images=pages[1:])
    done = colorize_folder(frames, None, bins, progress=False)
    assert done.notes == [f"Of {frames / 'frame-11.tif'} the first of 2 pages is taken."]


def test_what_is_wrong_is_said(frames, bins, tmp_path):
    (tmp_path / "empty").mkdir()
    Image.new("L", (9, 9)).save(frames / "frame-3.jpg")
    for folder, words in (("empty", "holds no pictures"), ("gone", "is no folder"), ("in", "endings alone")):
        with pytest.raises(InputError, match=words):
            colorize_folder(tmp_path / folder, None, bins)
    (frames / "frame-3.jpg").unlink()
    with pytest.raises(InputError, match="over themselves"):
        colorize_folder(frames, frames, bins)


def test_the_command(frames, capsys, monkeypatch):
    monkeypatch.chdir(frames.parent)
    assert main(["in", "--frames", "-m", "classification", "-o", "out"]) == 0
    said = capsys.readouterr()
    assert said.out == "out\n" and "in had colours" in said.err
    assert len(pixels(frames.parent / "out")) == 10
    assert main(["in", "--frames", "--only-grey", "-m", "classification", "-o", "other"]) == 0
    assert "Left alone" in capsys.readouterr().err
    assert main(["in/frame-1.png", "--frames", "-m", "classification"]) == 2
    assert "takes folders of pictures" in capsys.readouterr().err
    assert torch.tensor(Image.open("out/frame-1.png").size).tolist() == [128, 96]
