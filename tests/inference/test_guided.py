"""A picture with hints: what moves, what stays, and what is refused in one sentence."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorize_lib import cli
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import embedded_cifar10, photograph
from colorize_lib.errors import InputError
from colorize_lib.inference.hints import MOST, checked_hints, hex_to_rgb, parse_hint

NAN = float("nan")


@pytest.fixture(scope="module")
def coffee() -> torch.Tensor:
    """``(3, 134, 200)``."""
    return photograph("coffee")[:, ::3, ::3]


def ab(image: Image.Image, x: int, y: int) -> torch.Tensor:
    return rgb_to_lab(torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None])[0, 1:, y, x]


# --- what moves


@pytest.mark.parametrize("size", ["usual", 64, None])
def test_no_hints_change_nothing_bit_for_bit(bins, coffee, size):
    usual = np.asarray(bins.colorize(coffee, size=size))
    assert np.array_equal(usual, np.asarray(bins.colorize(coffee, size=size, hints=[])))
    assert np.array_equal(usual, np.asarray(bins.colorize(coffee, size=size, hints=())))


@pytest.mark.parametrize("name", ["bins", "regression"])
@pytest.mark.parametrize("size", [32, 64, None])
@pytest.mark.parametrize("colour", [(40.0, 20.0), (-30.0, 25.0), (5.0, -40.0)])
def test_the_pixel_of_a_hint_gets_its_colour(request, coffee, name, size, colour):
    colorizer = request.getfixturevalue(name)
    x, y = 170, 20  # of a middling L: where it is dark, no screen shows these colours
    before, after = (ab(colorizer.colorize(coffee, size=size, hints=h), x, y) for h in (None, [((x, y), colour)]))
    wanted = torch.tensor(colour)
    assert (after - wanted).norm() < 0.2 * (before - wanted).norm() + 2


def test_the_change_gets_less_with_distance_and_is_bounded(bins):
    for one in embedded_cifar10().rgb[:6]:
        told = [bins.colorize(one, hints=hints) for hints in (None, [((4, 4), (0.0, -35.0))])]
        pixels = torch.from_numpy(np.stack([np.asarray(image) for image in told])).permute(0, 3, 1, 2)
        usual, blue = rgb_to_lab(pixels)[:, 1:]  # (2, 32, 32) each
        change = (blue - usual).norm(dim=0)  # (32, 32)
        assert change[3:6, 3:6].mean() > 2 * change[24:, 24:].mean()


def test_several_hints_are_all_kept_and_the_later_of_two_at_one_pixel_holds(bins, coffee):
    hints = [((170, 20), (30.0, 30.0)), ((100, 60), (-20.0, 20.0)), ((60, 120), (0.0, -30.0))]
    told = bins.colorize(coffee, hints=[((170, 20), (-40.0, 0.0)), *hints])
    for (x, y), colour in hints:
        assert (ab(told, x, y) - torch.tensor(colour)).norm() < 9


def test_screen_colours_are_their_ab(bins, coffee):
    a, b = rgb_to_lab(torch.tensor([192, 48, 32], dtype=torch.uint8).view(1, 3, 1, 1))[0, 1:, 0, 0].tolist()
    one, other = (bins.colorize(coffee, hints=[((60, 60), colour)]) for colour in ("#c03020", (a, b)))
    assert np.array_equal(np.asarray(one), np.asarray(other))


def test_lists_and_batches_take_a_list_for_each(bins, coffee):
    hints = [[((10, 10), "#336699")], []]
    each = [np.asarray(bins.colorize(coffee, hints=one)) for one in hints]
    assert all(map(np.array_equal, each, map(np.asarray, bins.colorize([coffee, coffee], hints=hints))))
    batch = bins.colorize(torch.stack([coffee, coffee]), hints=hints).permute(0, 2, 3, 1).numpy()
    assert all(map(np.array_equal, each, batch))
    with pytest.raises(InputError, match="For 2 pictures hints are 2 lists"):
        bins.colorize([coffee, coffee], hints=[[]])


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 47), (700, 40), (1, 100)])
def test_any_size_takes_hints(bins, coffee, size):
    image = Image.fromarray(coffee.permute(1, 2, 0).numpy()).resize(size)
    last = (size[0] - 1, size[1] - 1)
    assert bins.colorize(image, hints=[((0, 0), "#ff0000"), (last, "#00f")]).size == size


# --- what is refused


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ([((200, 0), "#ffffff")], "200,0 is outside the picture, whose pixels go from 0,0 to 199,133"),
        ([((0, -1), "#ffffff")], "outside the picture"),
        ([((NAN, 0), "#ffffff")], "two numbers, x and y in pixels, not"),
        ([((1, 2, 3), "#ffffff")], "two numbers, x and y"),
        ([("here", "#ffffff")], "two numbers, x and y"),
        ([((1, 2), "red")], "'red' is no colour: write it as #rrggbb"),
        ([((1, 2), "#ff00")], "no colour"),
        ([((1, 2), (NAN, 3))], "two numbers, a and b"),
        ([((1, 2), 7)], "two numbers, a and b"),
        ([((1, 2), (500, 3))], "No colour has a = 500"),
        ([(1, 2, "#ffffff")], "A hint is a place and a colour"),
        ("1,2=#ffffff", "A hint is a place and a colour"),
        ({(1, 2): "#ffffff"}, "A hint is a place and a colour"),
        ([((1, 2), "#ffffff")] * 201, f"At most {MOST} hints can be given, not 201"),
    ],
    ids=str,
)
def test_bad_hints_get_one_sentence(bins, coffee, hints, message):
    with pytest.raises(InputError) as refused:
        bins.colorize(coffee, hints=hints)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_colours_are_read_as_they_are_written(red, green, blue):
    assert hex_to_rgb(f"#{red:02x}{green:02X}{blue:02x}") == (red, green, blue)


@pytest.mark.parametrize("text", ["", "1,2", "1,2=", "1=#ffffff", "1,2,3=#ffffff", "x,y=#ffffff", "nan,1=#ffffff"])
def test_what_is_no_hint_is_refused(text):
    with pytest.raises(InputError, match="is no (hint|colour)"):
        parse_hint(text)


def test_what_is_written_is_what_is_meant():
    assert checked_hints([parse_hint("7,5=#fff")], 10, 10).pixels.tolist() == [[7, 5]]


# --- the command


@pytest.fixture
def picture(tmp_path, coffee):
    Image.fromarray(coffee.permute(1, 2, 0).numpy()).save(tmp_path / "apple.png")
    return tmp_path / "apple.png"


def test_the_command_takes_hints(picture, capsys):
    assert cli.main([str(picture), "-m", "classification", "--hint", "170,20=#2040c0", "--hint", "100,60=#c03020"]) == 0
    blue, red = (ab(Image.open(picture.with_name("apple-coloured.png")), *at) for at in ((170, 20), (100, 60)))
    assert blue[1] < -30
    assert red[0] > 15
    assert capsys.readouterr().err.count("\n") <= 1  # that the picture had colours


def test_the_command_writes_alternatives(picture, capsys):
    assert cli.main([str(picture), "-m", "classification", "--alternatives", "3"]) == 0
    names = [f"apple-coloured-{i}.png" for i in (1, 2, 3)]
    assert sorted(path.name for path in picture.parent.iterdir()) == [*names, "apple.png"]
    pixels = [np.asarray(Image.open(picture.with_name(name)).convert("RGB")).astype(float) for name in names]
    assert min(np.abs(pixels[i] - pixels[j]).mean() for i, j in ((0, 1), (0, 2), (1, 2))) > 1
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["apple.png", "--hint", "1,2=#ggg"], "no colour"),
        (["apple.png", "--hint", "#ffffff"], "is no hint: write x and y"),
        (["apple.png", "--hint", "500,2=#ffffff"], "outside the picture"),
        (["apple.png", *["--hint", "1,2=#ffffff"] * 300], "At most 200 hints"),
        (["apple.png", "second.png", "--hint", "1,2=#ffffff"], "Hints are of one picture, and 2 are to be coloured"),
        (["apple.png", "--hint", "1,2=#ffffff", "--sheet"], "--sheet and --hint exclude each other"),
        (["apple.png", "--hint", "1,2=#ffffff", "--alternatives", "2"], "--hint and --alternatives exclude"),
        (["apple.png", "--alternatives", "0"], "--alternatives is from 1 to 9, not 0"),
        (["apple.png", "--alternatives", "10"], "--alternatives is from 1 to 9"),
        (["apple.png", "--alternatives", "2", "-m", "regression"], "take a network with bins"),
    ],
    ids=lambda v: " ".join(v)[:50] if isinstance(v, list) else "",
)
def test_the_command_refuses_in_one_sentence(picture, arguments, message, monkeypatch, capsys):
    monkeypatch.chdir(picture.parent)
    Image.open("apple.png").save("second.png")
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err.splitlines()[0]
    assert sorted(path.name for path in picture.parent.iterdir()) == ["apple.png", "second.png"]
