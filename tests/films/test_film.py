"""Films from file to file: real ones, made here, with all that can be wrong with them."""

import os
import signal
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
import torch
from PIL import Image
from reels import laid_down, pan, read_film, read_sound, write_film

from colorize_lib import Colorizer, colorize_film
from colorize_lib.cli import main
from colorize_lib.errors import InputError
from colorize_lib.films import film as film_module
from colorize_lib.films.frames import FramePainter
from colorize_lib.films.reading import open_film
from colorize_lib.pictures.kinds import looks_like_film

#: Frames shown for unlike times, in units of 1/600 s.
UNEVEN = [0, 25, 50, 100, 125, 200, 225, 250, 275, 340]


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    monkeypatch.setattr(film_module, "PART", 4)


def coloured(path, bins, **choices):
    return colorize_film(path, colorizer=bins, progress=False, **choices).target


def test_times_sound_and_the_shape_of_pixels_are_kept(tmp_path, bins):
    source = write_film(tmp_path / "a.mp4", pan(), UNEVEN, "aac", "libx264", Fraction(4, 3))
    target = coloured(source, bins)
    assert target == tmp_path / "a-coloured.mp4"
    assert read_film(target)[1] == read_film(source)[1] == [Fraction(time, 600) for time in UNEVEN]
    assert read_sound(target) == read_sound(source)
    with av.open(str(target)) as container:
        assert container.streams.video[0].codec_context.sample_aspect_ratio == Fraction(4, 3)
        assert container.metadata["comment"].startswith("colours added by colorize")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-coloured.mp4", "a.mp4"]


def test_the_frames_are_those_of_the_generator(tmp_path, bins):
    """But for what H.264 and half the resolution of colour change."""
    source = write_film(tmp_path / "a.mp4", pan(6), codec="libx264")
    target = coloured(source, bins)
    with open_film(source) as film:
        painted = [*FramePainter(bins).paint(frame.rgb for frame in film)]
    for one, other in zip(painted, read_film(target)[0], strict=True):
        assert np.abs(one.permute(1, 2, 0).numpy().astype(int) - other).mean() < 4


@pytest.mark.parametrize(("suffix", "ends"), [(".mp4", ".mp4"), (".mkv", ".mkv"), (".mov", ".mov"), (".avi", ".mkv")])
def test_kinds_of_file(tmp_path, bins, suffix, ends):
    source = write_film(tmp_path / f"a{suffix}", pan(3), sound="pcm_s16le" if suffix == ".avi" else None)
    target = coloured(source, bins)
    assert target.suffix == ends
    assert len(read_film(target)[0]) == 3
    if suffix == ".avi":
        assert b"".join(part for part, _ in read_sound(target)) == b"".join(part for part, _ in read_sound(source))


def test_odd_sides_stay(tmp_path, bins):
    target = coloured(write_film(tmp_path / "a.mp4", pan(2, 61, 87), codec="libx264"), bins)
    assert read_film(target)[0][0].shape == (61, 87, 3)


def test_what_lies_on_its_side_is_set_upright(tmp_path, bins):
    source = laid_down(write_film(tmp_path / "a.mp4", pan(2), aspect=Fraction(2, 1)))
    with open_film(source) as film:
        assert (film.width, film.height, film.aspect) == (96, 128, Fraction(1, 2))
        upright = next(iter(film)).rgb
    whole = pan(1)[0].rot90(-1, (1, 2))  # clockwise
    assert (upright.float() - whole.float()).abs().mean() < 12
    with av.open(str(coloured(source, bins))) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height, context.sample_aspect_ratio) == (96, 128, Fraction(1, 2))


class Stop(Exception):
    """A stop at a frame."""


def stopping_at(number, monkeypatch):
    calls, spread = [], Colorizer.spread

    def painted(self, *frame):
        calls.append(1)
        if len(calls) == number:
            raise Stop
        return spread(self, *frame)

    monkeypatch.setattr(Colorizer, "spread", painted)
    return calls


@pytest.mark.parametrize("number", [1, 5, 10])
def test_a_stopped_film_goes_on_as_if_it_had_not_been(tmp_path, bins, monkeypatch, number):
    source = write_film(tmp_path / "a.mp4", pan(), UNEVEN, "aac")
    whole = coloured(source, bins).read_bytes()
    target = tmp_path / "b.mp4"
    with monkeypatch.context() as patch:
        stopping_at(number, patch)
        with pytest.raises(Stop):
            coloured(source, bins, target=target)
    assert not target.exists()
    with monkeypatch.context() as patch:
        calls = stopping_at(-1, patch)
        done = colorize_film(source, target, bins, progress=False)
    assert done.taken_up == (number - 1) // 4 * 4
    assert len(calls) == 10 - done.taken_up
    assert target.read_bytes() == whole
    assert not list(tmp_path.glob(".*"))


def test_parts_of_other_settings_are_not_taken_up(tmp_path, bins, monkeypatch):
    source = write_film(tmp_path / "a.mp4", pan(6))
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stopping_at(6, patch)
        coloured(source, bins)
    assert colorize_film(source, None, bins, temperature=0.5, progress=False).taken_up == 0


def test_with_a_damaged_state_it_begins_anew(tmp_path, bins, monkeypatch):
    source = write_film(tmp_path / "a.mp4", pan(6))
    whole = coloured(source, bins).read_bytes()
    target = tmp_path / "b.mp4"
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stopping_at(6, patch)
        coloured(source, bins, target=target)
    (state,) = tmp_path.glob(".*/*.npz")
    state.write_bytes(state.read_bytes()[:-30])
    done = colorize_film(source, target, bins, progress=False)
    assert done.taken_up == 0 and target.read_bytes() == whole


#: The command, with parts of 4 frames; killed where it is about to paint the given one.
KILLED = """
import os, signal, sys
from colorize_lib.cli import main
from colorize_lib.films import film
from colorize_lib.inference.colorizer import Colorizer

last, spread, calls = int(sys.argv[1]), Colorizer.spread, []

def painted(self, *frame):
    calls.append(1)
    if len(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return spread(self, *frame)

film.PART, Colorizer.spread = 4, painted
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.slow
def test_a_killed_command_goes_on(tmp_path):
    """Killed within a part, not asked: whatever was being written is not taken for whole."""
    source = write_film(tmp_path / "a.mp4", pan(), sound="aac")
    parts = tmp_path / ".a-coloured.mp4.parts"

    def run(last: int) -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", KILLED, str(last), str(source), "-m", "classification"]
        return subprocess.run(command, capture_output=True, text=True)

    for whole in (1, 2):
        assert run(last=6).returncode == -signal.SIGKILL
        assert len(list(parts.glob("*.nut"))) == whole
        assert not (tmp_path / "a-coloured.mp4").exists()
    done = run(last=0)
    assert done.returncode == 0 and "of 10 frames" in done.stderr
    frames, times = read_film(tmp_path / "a-coloured.mp4")
    assert len(frames) == 10 and times == read_film(source)[1]
    assert read_sound(tmp_path / "a-coloured.mp4") == read_sound(source)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-coloured.mp4", "a.mp4"]


def refused(path, bins, **choices) -> str:
    with pytest.raises(InputError) as caught:
        coloured(path, bins, **choices)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_no_film_is_said(tmp_path, bins):
    made = write_film(tmp_path / "made.mp4", pan(3), sound="aac").read_bytes()
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "half.mp4").write_bytes(made[: len(made) // 2])
    (tmp_path / "noise.mkv").write_bytes(os.urandom(5000))
    Image.new("RGB", (16, 16)).save(tmp_path / "still.png")
    (tmp_path / "still.png").rename(tmp_path / "still.mp4")
    for name in ("empty.mp4", "half.mp4", "noise.mkv"):
        assert "damaged, empty or of an unknown kind" in refused(tmp_path / name, bins)
    assert "a still picture" in refused(tmp_path / "still.mp4", bins)
    assert "No such file" in refused(tmp_path / "missing.mp4", bins)
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        track = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 44100
        container.mux(track.encode(frame))
        container.mux(track.encode())
    assert "no pictures, only sound" in refused(tmp_path / "sound.mp4", bins)
    assert not list(tmp_path.glob("*-coloured*")) and not list(tmp_path.glob(".*"))


def test_an_unknown_codec_is_said(tmp_path, bins):
    """What a file says that its frames are coded with, overwritten by what nobody has."""
    source = write_film(tmp_path / "a.mp4", pan(3), codec="libx264")
    content = source.read_bytes()
    source.write_bytes(content[:1000] + content[1000:].replace(b"avc1", b"zzzz"))
    assert "codec that is not known here" in refused(source, bins)


def test_damage_within_is_passed_over(tmp_path, bins):
    source = write_film(tmp_path / "a.avi", pan(10))
    with av.open(str(source)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.dts is not None]
    source.write_bytes(source.read_bytes().replace(packets[4], b"\0" * len(packets[4])))
    target = coloured(source, bins)
    assert len(read_film(target)[0]) >= 8


def test_what_cannot_be_written_is_said_before_the_work(tmp_path, bins, monkeypatch):
    monkeypatch.setattr(FramePainter, "paint", lambda self, frames: pytest.fail("too late"))
    source = write_film(tmp_path / "a.avi", pan(2), sound="pcm_u8")
    assert "does not end in one of .mp4" in refused(source, bins, target=tmp_path / "b.webm")
    assert "write to b.mkv with -o" in refused(source, bins, target=tmp_path / "b.mp4")
    assert "would be written over" in refused(source, bins, target=source)
    (tmp_path / "file").write_text("")
    assert "choose another place" in refused(source, bins, target=tmp_path / "file" / "b.mkv")


def test_a_full_disk_is_said_and_the_work_stays(tmp_path, bins, largest_file):
    random = torch.Generator().manual_seed(0)
    frames = [torch.randint(0, 256, (3, 96, 128), generator=random, dtype=torch.uint8) for _ in range(6)]
    source = write_film(tmp_path / "a.mp4", frames)
    with largest_file(40_000):
        assert "free some space" in refused(source, bins)
    assert not (tmp_path / "a-coloured.mp4").exists()
    assert coloured(source, bins).exists()


@pytest.mark.parametrize("package", ["av", "cv2"])
def test_without_the_extra_the_command_says_how_to_get_it(tmp_path, monkeypatch, capsys, package):
    source = write_film(tmp_path / "a.mp4", pan(2))
    monkeypatch.setitem(sys.modules, package, None)
    assert main([str(source)]) == 2
    assert "pip install 'colorize_lib[film]'" in capsys.readouterr().err


def test_the_command_colours_films_and_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_film(tmp_path / "a.mp4", pan(3))
    Image.fromarray(pan(1)[0].permute(1, 2, 0).numpy()).save("b.png")
    assert main(["a.mp4", "b.png", "-m", "classification", "-o", "out"]) == 0
    said = capsys.readouterr()
    assert said.out.split() == ["out/a-coloured.mp4", "out/b-coloured.png"]
    assert "a.mp4 had colours, which were replaced" in said.err
    assert main(["a.mp4", "missing.mp4", "-m", "classification", "-o", "c.mp4"]) == 2
    assert "Several films need a folder" in capsys.readouterr().err
    assert main(["a.mp4", "-m", "classification", "--only-grey"]) == 0
    assert "Left alone as having colours: a.mp4" in capsys.readouterr().err
    assert main(["a.mp4", "--sheet"]) == 2
    assert "--sheet is for pictures" in capsys.readouterr().err


def test_what_looks_like_a_film(tmp_path):
    source = write_film(tmp_path / "a.mp4", pan(2))
    source.rename(tmp_path / "a.dat")
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff")
    assert looks_like_film(str(tmp_path / "a.dat"))
    assert looks_like_film("gone.mkv")
    assert not any(looks_like_film(str(tmp_path / name)) for name in ("b.jpg", "folder.mp4"))
    assert not looks_like_film("https://example.org/a.mp4")
