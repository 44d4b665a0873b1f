"""A sheet shows nine settings, each as the picture itself would come out, and says which is which."""

import numpy as np
import pytest
import torch
from PIL import Image

from colorize_lib.cli import main
from colorize_lib.data.examples import embedded_cifar10, photograph
from colorize_lib.inference.dials import TEMPERATURE, VIVIDNESS, vividness_to_lambda
from colorize_lib.inference.sheet import LINE, SIDE, TEMPERATURES, VIVIDNESSES, sheet


def cell(page, row: int, column: int) -> np.ndarray:
    pixels = np.asarray(page)
    height, width = pixels.shape[0] // 3, pixels.shape[1] // 3
    return pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]


def test_each_cell_is_the_picture_at_its_setting(bins):
    picture = embedded_cifar10().rgb[3]
    page = sheet(bins, picture)
    assert page.size == (3 * 32, 3 * (32 + LINE))
    for row, temperature in enumerate(TEMPERATURES):
        for column, vividness in enumerate(VIVIDNESSES):
            alone = bins.colorize(picture, temperature, vividness_to_lambda(vividness))
            assert (cell(page, row, column)[:32] == np.asarray(alone)).all()


@pytest.mark.parametrize("floating", [False, True])
def test_a_large_picture_is_reduced_and_its_settings_differ(bins, floating):
    picture = torch.cat((photograph("rocket"), photograph("rocket")), 2)  # (3, 427, 1280)
    page = sheet(bins, picture.float() / 255 if floating else picture)
    assert page.width == 3 * SIDE
    cells = {cell(page, row, column)[: -2 * LINE].tobytes() for row in range(3) for column in range(3)}
    assert len(cells) == 9


def test_every_setting_is_named_and_the_usual_one_is_among_them(bins):
    assert TEMPERATURE in TEMPERATURES
    assert VIVIDNESS in VIVIDNESSES
    page = sheet(bins, photograph("coffee"))
    lines = [cell(page, row, column)[-LINE:] for row in range(3) for column in range(3)]
    assert all((line < 128).any() for line in lines)
    assert len({line.tobytes() for line in lines}) == 9


def test_the_command_makes_a_sheet_beside_the_picture_and_leaves_it_alone(tmp_path, capsys):
    photo = Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((90, 60)).convert("L")
    photo.save(tmp_path / "cup.png")
    before = (tmp_path / "cup.png").read_bytes()
    assert main([str(tmp_path / "cup.png"), "--sheet", "-m", "classification"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "cup-sheet.png")
    with Image.open(tmp_path / "cup-sheet.png") as page:
        assert page.size == (3 * 90, 3 * (60 + LINE))
    assert {path.name for path in tmp_path.iterdir()} == {"cup.png", "cup-sheet.png"}
    assert (tmp_path / "cup.png").read_bytes() == before


def test_a_sheet_is_never_written_over_a_picture_that_is_read_and_the_others_are_made(tmp_path, capsys):
    for name in ("cup.png", "cup-sheet.png"):
        Image.new("L", (40, 30), 90).save(tmp_path / name)
    line = [str(tmp_path / "cup.png"), str(tmp_path / "cup-sheet.png"), "--sheet", "-m", "classification"]
    before = (tmp_path / "cup-sheet.png").read_bytes()
    assert main(line) == 2
    assert "written over" in capsys.readouterr().err
    assert (tmp_path / "cup-sheet.png").read_bytes() == before
    assert (tmp_path / "cup-sheet-sheet.png").is_file()


def test_sheets_of_pictures_that_were_coloured_elsewhere_have_names_of_their_own(tmp_path, capsys):
    folder = tmp_path / "cups"
    folder.mkdir()
    for name in ("cup.png", "cup-coloured.png"):
        Image.new("L", (40, 30), 90).save(folder / name)
    assert main([str(folder), "--sheet", "-m", "classification"]) == 0
    assert len(set(capsys.readouterr().out.split())) == len(list((tmp_path / "cups-coloured").iterdir())) == 2


def test_making_sheets_of_a_pattern_again_makes_them_again(tmp_path, capsys):
    Image.new("L", (40, 30), 90).save(tmp_path / "cup.png")
    line = [str(tmp_path / "*.png"), "--sheet", "-m", "classification"]
    assert main(line) == main(line) == 0
    assert "made by colorize: 1" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"cup.png", "cup-sheet.png"}
