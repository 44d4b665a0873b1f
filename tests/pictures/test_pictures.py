"""Every kind of picture can be read."""

import contextlib
import io
import threading

import numpy as np
import pytest
import torch
from one_photo import H, W, array
from peak import bytes_a_pixel
from picture_corpus import saved
from PIL import Image

from colorize_lib.colour.lab import rgb_to_lab, to_uint8
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.errors import InputError
from colorize_lib.pictures.reading import open_picture, read_rgb
from colorize_lib.pictures.saving import save_picture


def lightness(image) -> torch.Tensor:
    return rgb_to_lab(read_rgb(image))[0]


def test_paths_strings_bytes_and_images_are_the_same(bins, photo, tmp_path):
    file = tmp_path / "photo.png"
    photo.save(file)
    expected = bins.colorize(photo)
    assert isinstance(expected, Image.Image)
    assert (expected.mode, expected.size) == ("RGB", photo.size)
    for same in (
        file,
        str(file),
        file.read_bytes(),
        array(photo),
        torch.from_numpy(array(photo).copy()).movedim(-1, 0),
    ):
        assert array(bins.colorize(same)).tolist() == array(expected).tolist()


MODES = ["RGB", "RGBA", "P", "L", "LA", "I;16", "CMYK", "1", "F", "I", "YCbCr", "HSV", "PA", "RGBX"]


def in_mode(photo: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(array(photo.convert("L")).astype(np.uint16) * 257)
    if mode == "I":
        return Image.fromarray(array(photo.convert("L")).astype(np.int32) * 257)
    if mode == "F":
        return Image.fromarray(array(photo.convert("L")).astype(np.float32) / 255)
    return photo.convert("P").convert("PA") if mode == "PA" else photo.convert(mode)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_keeps_size_and_lightness(bins, photo, mode):
    image = in_mode(photo, mode)
    assert image.mode == mode
    coloured = bins.colorize(image)
    assert (coloured.mode, coloured.size) == ("RGB", (W, H))
    if mode != "1":
        reference = image.convert("RGB") if mode in ("P", "PA") else photo  # few colours, dithered
        assert (lightness(image) - lightness(reference)).abs().mean() < 3


def test_an_F_image_as_PIL_makes_it_is_not_black(photo):
    image = photo.convert("F")  # 0 to 255, as all of PIL's conversions have it
    assert (lightness(image) - lightness(photo)).abs().mean() < 3


def test_transparency_is_laid_on_white():
    half = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    half.paste((255, 0, 0, 255), (0, 0, 4, 8))
    expected = [[255, 0, 0]] * 4 + [[255, 255, 255]] * 4
    grey_palette = Image.new("P", (8, 8), 0)
    grey_palette.putpalette([255, 0, 0, 9, 9, 9])
    grey_palette.paste(1, (4, 0, 8, 8))
    from_file = Image.open(io.BytesIO(saved(grey_palette, transparency=1)))
    for image in (half, from_file, array(half), half.convert("RGBa")):
        rgb = read_rgb(image)
        rgb = rgb if rgb.dtype == torch.uint8 else to_uint8(rgb)
        assert rgb[:, 3].T.tolist() == expected
    soft = read_rgb(Image.new("LA", (2, 2), (0, 128)))
    assert soft[:, 0, 0].tolist() == pytest.approx([127] * 3, abs=1)


def test_a_turned_jpeg_comes_out_upright(bins, photo):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it
    turned = photo.transpose(Image.Transpose.ROTATE_90)
    content = saved(turned, "JPEG", quality=95, exif=exif)
    assert Image.open(io.BytesIO(content)).size == (H, W)
    assert bins.colorize(content).size == (W, H)
    assert (lightness(content) - lightness(photo)).abs().mean() < 3
    assert not bins.colorize(content).getexif()


def test_16_bit_files_keep_their_16_bits(tmp_path):
    ramp = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    for name in ("deep.png", "deep.tiff"):
        Image.fromarray(ramp).save(tmp_path / name)
        rgb = read_rgb(tmp_path / name)
        assert rgb.dtype == torch.float32
        torch.testing.assert_close(rgb[0], torch.from_numpy(ramp.astype(np.float32)) / 65535)
        assert len(rgb.unique()) > 4000


@pytest.mark.parametrize("shape", [(H, W), (H, W, 1), (H, W, 3), (H, W, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32, np.float64])
def test_arrays_of_every_shape_and_type_are_the_same_picture(bins, grey, shape, dtype):
    values = array(grey)[..., None] / 255
    pixels = np.concatenate([values] * 3 + [np.ones_like(values)], -1)[..., : shape[-1] if len(shape) == 3 else 1]
    pixels = pixels.reshape(shape)
    whole = {np.uint8: 255, np.uint16: 65535}.get(dtype, 1)
    image = (pixels * whole).round().astype(dtype) if whole > 1 else pixels.astype(dtype)
    coloured = bins.colorize(image)
    assert coloured.size == (W, H)
    assert (lightness(image) - lightness(grey)).abs().max() < 0.2


def test_tensors_and_batches_are_the_same_pictures(bins):
    batch = embedded_cifar10().rgb[:3]
    together = bins.colorize(batch)
    assert (together.shape, together.dtype) == (batch.shape, torch.uint8)
    one_by_one = [bins.colorize(picture) for picture in batch]
    listed = bins.colorize([batch[0], Image.fromarray(batch[1].permute(1, 2, 0).numpy()), batch[2].float() / 255])
    for i in range(3):
        assert torch.equal(together[i], torch.from_numpy(array(one_by_one[i]).copy()).permute(2, 0, 1))
        assert np.abs(array(listed[i]).astype(int) - array(one_by_one[i])).max() <= 1
    assert bins.colorize(batch[:, :1]).shape == batch.shape
    assert bins.colorize(batch[0, :1]).size == (32, 32)
    assert bins.colorize(batch[0, 0]).size == (32, 32)
    assert bins.colorize([]) == []


def test_a_noncontiguous_tensor_and_one_with_a_gradient(bins):
    picture = embedded_cifar10().rgb[0].float() / 255
    expected = array(bins.colorize(picture)).tolist()
    assert array(bins.colorize(picture.clone().requires_grad_())).tolist() == expected
    assert array(bins.colorize(picture.flip(-1).flip(-1).mT.contiguous().mT)).tolist() == expected


def test_half_precision_tensors_are_pictures(bins):
    picture = embedded_cifar10().rgb[0] / 255
    assert bins.colorize(picture.half()).size == (32, 32)
    assert bins.colorize(picture.bfloat16()).size == (32, 32)


def test_bytes_of_all_kinds_and_open_files_are_pictures(photo, tmp_path):
    content = saved(photo)
    (tmp_path / "photo.png").write_bytes(content)
    expected = read_rgb(photo)
    with open(tmp_path / "photo.png", "rb") as file:
        for same in (content, bytearray(content), memoryview(content), io.BytesIO(content), file):
            assert torch.equal(read_rgb(same), expected)


@pytest.mark.filterwarnings("error")
def test_arrays_as_others_lend_them_are_pictures(grey):
    lent = np.asarray(grey)
    assert not lent.flags.writeable
    deep = lent.astype(">u2") * 257
    for same in (lent, deep, deep.astype("<u2"), np.stack([lent] * 3, -1)[::-1][::-1]):
        assert (lightness(same) - lightness(grey)).abs().max() < 0.01
    assert read_rgb(lent > 99).unique().tolist() == [0, 255]


def test_premultiplied_grey_is_read(grey):
    both = Image.merge("LA", (grey, Image.new("L", grey.size, 255)))
    assert (lightness(both.convert("La")) - lightness(grey)).abs().max() < 0.5


def test_a_pipe_is_read(photo, tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.png")
    thread = threading.Thread(target=(tmp_path / "pipe.png").write_bytes, args=(saved(photo),))
    thread.start()
    assert torch.equal(read_rgb(tmp_path / "pipe.png"), read_rgb(photo))
    thread.join()


def test_pages_after_a_damaged_one_are_said_to_be_lost(grey):
    content = saved(grey, "TIFF", save_all=True, append_images=[grey, grey], compression="tiff_lzw")
    with open_picture(content[: len(content) * 2 // 3]) as picture:
        frames = list(picture)
    assert 1 <= len(frames) < 3
    assert "only the first" in " ".join(picture.notes)


def test_a_picture_can_be_gone_through_again(grey):
    with open_picture(saved(grey, "GIF", save_all=True, append_images=[grey.rotate(90)])) as picture:
        first, again = list(picture), list(picture)
    assert len(first) == 2
    assert all(torch.equal(one.rgb, other.rgb) for one, other in zip(first, again, strict=True))


def test_16_bits_in_the_colours_of_a_png_are_said_to_be_halved(photo, tmp_path):
    with open_picture(torch.from_numpy(array(photo) / 255).permute(2, 0, 1)) as picture:
        save_picture(picture, tmp_path / "deep.png", picture)
    with open_picture(tmp_path / "deep.png") as picture:
        assert (lightness(next(iter(picture)).rgb) - lightness(photo)).abs().max() < 0.5
        assert picture.notes == [f"{tmp_path / 'deep.png'} has more than 8 bits, of which 8 were read."]


def test_nothing_is_printed_about_an_odd_tiff(grey, capfd):
    content = saved(grey, "TIFF", compression="tiff_lzw", tiffinfo={65000: "private"})
    broken = content.replace(b"\x15\x01\x03\0\x01\0\0\0\x01", b"\x15\x01\x03\0\x01\0\0\0\x40")  # 64 samples a pixel
    for one in (content, broken, content[:-30]):
        with contextlib.suppress(InputError):
            read_rgb(one)
    assert capfd.readouterr() == ("", "")


def test_what_reading_a_large_picture_needs_is_a_few_bytes_a_pixel(tmp_path):
    """Pillow's own pixels are 4 bytes, ours 3. With Pillow's copies on the way it was 14."""
    for side in (500, 5000):
        Image.new("RGB", (side, side), (90, 80, 70)).save(tmp_path / f"{side}.png")
    prepare = "from colorize_lib.pictures.reading import read_rgb"
    assert bytes_a_pixel(prepare, f"read_rgb({str(tmp_path)!r} + f'/{{side}}.png')", 500, 5000) < 12
