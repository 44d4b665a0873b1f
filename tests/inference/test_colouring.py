"""The run over many pictures: what is wrong with one of them is said, and does not end it."""

import os

import pytest
import torch
from PIL import Image

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import PHOTOGRAPHS, photograph
from colorize_lib.inference import colouring
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.inference.colouring import Settings, colour_all, has_colours
from colorize_lib.inference.jobs import plan_jobs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Holds a grey, a sepia and a colour picture."""
    monkeypatch.chdir(tmp_path)
    picture = Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((60, 40))
    (tmp_path / "in").mkdir()
    picture.save(tmp_path / "in" / "colour.jpg")
    picture.convert("L").save(tmp_path / "in" / "grey.png")
    Image.fromarray(sepia(photograph("coffee")).permute(1, 2, 0).numpy()).resize((60, 40)).save(
        tmp_path / "in/tone.jpg"
    )
    return tmp_path


def sepia(rgb: torch.Tensor) -> torch.Tensor:
    """The matrix that photo programs use, on uint8 ``(3, H, W)``."""
    matrix = torch.tensor([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
    grey = rgb.float().mean(0, keepdim=True).expand(3, -1, -1)
    return (matrix @ grey.flatten(1)).view(grey.shape).clamp(0, 255).to(torch.uint8)


def settings(colorizer, **choices) -> Settings:
    return Settings(0.38, 0.55, colorizer.size, **choices)


def written(folder) -> list[str]:
    return sorted(path.name for path in (folder / "in-coloured").glob("*"))


def test_a_colour_picture_among_the_grey_is_named(folder, regression, capsys):
    assert colour_all(plan_jobs(["in"]), regression, settings(regression)) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [f"in-coloured/{name}.png" for name in ("colour", "grey", "tone")]
    assert err == (
        "colorize: 1 of 3 pictures had colours, which were replaced (in/colour.jpg): --only-grey leaves such pictures "
        "alone.\n"
    )


def test_only_grey_leaves_it_alone(folder, regression, capsys):
    assert colour_all(plan_jobs(["in"]), regression, settings(regression, only_grey=True)) == 0
    assert written(folder) == ["grey.png", "tone.png"]
    assert capsys.readouterr().err == "colorize: Left alone as having colours: 1 (in/colour.jpg).\n"


def test_skip_existing_goes_on_where_a_run_was_stopped(folder, regression, capsys):
    colour_all(plan_jobs(["in/grey.png"], "in-coloured/grey.png"), regression, settings(regression))
    before = os.stat("in-coloured/grey.png")
    capsys.readouterr()
    assert colour_all(plan_jobs(["in"]), regression, settings(regression, skip_existing=True)) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["in-coloured/colour.png", "in-coloured/tone.png"]
    assert "1 of 3 pictures were there already." in err
    assert os.stat("in-coloured/grey.png") == before


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: can't allocate memory: ..."),
     torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_without_memory_for_one_picture_the_others_are_coloured(folder, regression, monkeypatch, capsys, error):
    paint = Colorizer.paint

    def runs_out(self, rgb, *setting):
        if rgb.stride(0) == 0:
            raise error
        return paint(self, rgb, *setting)

    monkeypatch.setattr(Colorizer, "paint", runs_out)
    assert colour_all(plan_jobs(["in"]), regression, settings(regression)) == 2
    assert written(folder) == ["colour.png", "tone.png"]
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "colorize: in/grey.png needs more memory than there is: close other programs or reduce it."
    assert lines[-1] == "colorize: 1 of 3 pictures could not be coloured."


def test_another_error_is_ours_and_shown(folder, regression, monkeypatch):
    monkeypatch.setattr(Colorizer, "paint", lambda *_: torch.zeros(2) + torch.zeros(3))
    with pytest.raises(RuntimeError, match="must match the size"):
        colour_all(plan_jobs(["in"]), regression, settings(regression))


def test_a_picture_that_is_write_protected_stays(folder, regression, capsys):
    (folder / "in-coloured").mkdir()
    (folder / "in-coloured" / "grey.png").write_bytes(b"precious")
    (folder / "in-coloured" / "grey.png").chmod(0o444)
    assert colour_all(plan_jobs(["in"]), regression, settings(regression)) == 2
    assert "in-coloured/grey.png is write-protected" in capsys.readouterr().err
    assert (folder / "in-coloured" / "grey.png").read_bytes() == b"precious"
    assert written(folder) == ["colour.png", "grey.png", "tone.png"]


def test_a_problem_of_the_plan_counts(folder, regression):
    assert colour_all(plan_jobs(["in/grey.png", ""]), regression, settings(regression)) == 2


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_tone_is_no_colour(name):
    rgb = photograph(name)
    grey = rgb_to_lab(rgb)[:1] / 100
    cyanotype = torch.cat((grey**1.8, grey**1.2, grey**0.8))
    noisy = (grey + 0.03 * torch.randn(3, *grey.shape[1:])).clamp(0, 1)
    assert has_colours(rgb)
    assert has_colours(rgb / 255)
    for toned in (grey.expand(3, -1, -1), grey.repeat(3, 1, 1), sepia(rgb), cyanotype, noisy):
        assert not has_colours(toned)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (512, 400)])
def test_colours_are_looked_for_at_any_size(size):
    assert not has_colours(torch.full((3, *size), 90, dtype=torch.uint8))
    two = photograph("astronaut")[:, : size[0], : size[1]]
    assert has_colours(two) == (min(two.shape[1:]) > 100)


def test_lines_go_to_a_reader_that_has_gone_away_without_a_word():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        for _ in range(2):
            colouring.say("a line", stream)


def test_an_old_photograph_is_mended_first(folder, regression):
    """Its light, too, is then that of the mended one."""
    old = Image.open(folder / "in" / "grey.png").point(lambda level: 90 + level // 5)
    (folder / "old").mkdir()
    old.save(folder / "old" / "a.png")
    for restore, spread in ((False, range(0, 80)), (True, range(200, 256))):
        assert colour_all(plan_jobs(["old"], f"out-{restore}"), regression, settings(regression, restore=restore)) == 0
        low, high = Image.open(folder / f"out-{restore}" / "a.png").convert("L").getextrema()
        assert high - low in spread
