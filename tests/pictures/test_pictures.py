"""Every kind of picture can be read; bad ones are named."""

import contextlib
import http.server
import io
import socket
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from peak import bytes_a_pixel
from PIL import Image

from colorize_lib.colour.lab import rgb_to_lab, to_uint8
from colorize_lib.data.examples import embedded_cifar10, photograph
from colorize_lib.errors import InputError
from colorize_lib.pictures import source
from colorize_lib.pictures.reading import open_picture, read_rgb
from colorize_lib.pictures.saving import save_picture

W, H = 47, 33


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A colour photograph of 47x33 pixels."""
    return Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((W, H))


@pytest.fixture(scope="module")
def grey(photo) -> Image.Image:
    return photo.convert("L")


def array(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


def lightness(image) -> torch.Tensor:
    return rgb_to_lab(read_rgb(image))[0]


def saved(image: Image.Image, kind: str = "PNG", **kwargs) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **kwargs)
    return file.getvalue()


def refused(image, message: str = ".", read=read_rgb):
    with pytest.raises(InputError, match=message) as caught:
        read(image)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


# --- what can be read


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


# --- what cannot be read


def test_files_that_are_no_pictures(photo, tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("This is not a photograph.")
    (tmp_path / "cut.jpg").write_bytes(saved(photo, "JPEG")[:500])
    (tmp_path / "cut.png").write_bytes(saved(photo)[:1500])
    for file in tmp_path.iterdir():
        refused(file, f"{file.name} is not a picture that can be read")
    refused(tmp_path / "missing.png", "There is no file .*missing.png")
    refused(str(tmp_path), "is a folder")
    refused(b"", "The picture is not a picture|The picture")
    refused("", "name of the picture is empty")
    refused("nul\0byte.png")
    refused("~no_such_user_at_all/photo.png")


@settings(max_examples=100)
@given(kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"]), draw=st.data())
def test_damaged_files_are_read_or_refused(photo, kind, draw):
    content = bytearray(saved(photo, kind))
    for _ in range(draw.draw(st.integers(1, 5))):
        content[draw.draw(st.integers(0, len(content) - 1))] = draw.draw(st.integers(0, 255))
    content = content[: draw.draw(st.integers(1, len(content)))]
    try:
        rgb = read_rgb(bytes(content))
    except InputError as error:
        assert str(error).startswith("The picture")
    else:
        assert rgb.ndim == 3
        assert rgb.shape[0] == 3


def test_a_damaged_picture_that_PIL_has_opened_is_refused(photo):
    whole = saved(photo, "JPEG")
    opened = Image.open(io.BytesIO(whole[:-20]))
    refused(opened)


def test_a_PIL_image_in_lab_is_converted_or_refused():
    """Which of the two depends on the release of Pillow."""
    from PIL import ImageCms

    lab = ImageCms.profileToProfile(
        Image.new("RGB", (4, 4)), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    try:
        assert read_rgb(lab).shape == (3, 4, 4)
    except InputError as error:
        assert "cannot" in str(error) or "can be read" in str(error)


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((4, 4), np.nan), np.full((4, 4), np.inf), np.full((4, 4), -0.1), np.full((4, 4, 3), 1.01),
        np.full((4, 4), 200.0), np.zeros((4, 4), np.int64), np.zeros((4, 4), complex),
        np.zeros((4, 4, 2)), np.zeros((4, 4, 5)), np.zeros(4), np.zeros((2, 4, 4, 3)), np.zeros((0, 4)),
        np.zeros((4, 0, 3)), np.float32(1).reshape(()), np.array([["a"]]), np.array([[None]]),
    ],
    ids=lambda p: f"{p.dtype}{p.shape}{p.flat[0] if p.size else ''}",
)  # fmt: skip
def test_arrays_that_are_no_pictures(pixels):
    refused(pixels)


@pytest.mark.parametrize("shape", [(2, 4, 4), (4,), (), (1, 1, 3, 4, 4), (0, 4, 4), (3, 0, 4)], ids=str)
def test_tensors_that_are_no_pictures(bins, shape):
    refused(torch.zeros(shape), "is no picture")


def test_wrong_tensors_are_refused():
    refused(torch.zeros(3, 4, 4, dtype=torch.int64), "int64")
    refused(torch.full((3, 4, 4), float("nan")), "finite")
    refused(torch.full((3, 4, 4), 255.0), "divide 8-bit values by 255")


def test_an_empty_image_is_refused(bins):
    with pytest.raises(InputError, match="has no pixels"):
        bins.colorize(Image.new("RGB", (0, 5)))
    with pytest.raises(InputError, match="has no pixels"):
        bins.colorize(Image.new("L", (5, 0)))


def test_too_many_pixels_are_refused(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "photo.png")
    monkeypatch.setattr(source, "MAX_PIXELS", W * H - 1)
    refused(tmp_path / "photo.png", f"has {W}x{H} pixels")
    monkeypatch.setattr(source, "MAX_PIXELS", W * H)
    assert read_rgb(tmp_path / "photo.png").shape == (3, H, W)


def test_what_PIL_takes_for_a_bomb_is_refused(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "photo.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", W * H // 2 - 1)
    refused(tmp_path / "photo.png", "photo.png has too many pixels")


@pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
def test_what_is_allowed_gives_no_warning_about_bombs(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "photo.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", W * H * 2 // 3)  # PIL warns, and refuses at the double of it
    assert read_rgb(tmp_path / "photo.png").shape == (3, H, W)


class Answers(http.server.BaseHTTPRequestHandler):
    """/ok.png is a picture; the others go wrong in the ways that servers do."""

    picture = b""

    def do_GET(self):
        if self.path == "/garbled":
            self.wfile.write(b"no HTTP at all\r\n\r\n")
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(self.picture) + (100 if self.path == "/cut" else 0)))
        self.end_headers()
        page = b"<html>".ljust(len(self.picture))
        self.wfile.write(page if self.path == "/page" else self.picture)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server(photo):
    Answers.picture = saved(photo)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_a_web_address_is_fetched(bins, photo, server):
    assert array(bins.colorize(f"{server}/ok.png")).tolist() == array(bins.colorize(photo)).tolist()


@pytest.mark.parametrize("path", ["missing", "cut", "garbled"])
def test_a_server_that_does_not_deliver(server, path):
    refused(f"{server}/{path}", f"{path} cannot be fetched")


def test_a_server_that_never_answers_is_not_waited_for_without_end(monkeypatch):
    """A minute would do; here every timeout takes a hundredth of its time."""
    settimeout = socket.socket.settimeout
    monkeypatch.setattr(socket.socket, "settimeout", lambda self, t: settimeout(self, t and t / 100))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url, done = f"http://127.0.0.1:{silent.getsockname()[1]}/x.png", []
        fetching = threading.Thread(target=lambda: done.append(refused(url, "timed out")), daemon=True)
        fetching.start()
        fetching.join(50)  # a minute is what it would take with the timeout as it is
        assert done, "it still waits, or went wrong in another way"


def test_a_web_page_is_no_picture(server):
    refused(f"{server}/page")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x.png", "http://127.0.0.1:port/x.png", "http://[::1/x.png", "http://"]
)
def test_an_address_where_nobody_answers(url):
    refused(url)


def test_what_reading_a_large_picture_needs_is_a_few_bytes_a_pixel(tmp_path):
    """Pillow's own pixels are 4 bytes, ours 3. With Pillow's copies on the way it was 14."""
    for side in (500, 5000):
        Image.new("RGB", (side, side), (90, 80, 70)).save(tmp_path / f"{side}.png")
    prepare = "from colorize_lib.pictures.reading import read_rgb"
    assert bytes_a_pixel(prepare, f"read_rgb({str(tmp_path)!r} + f'/{{side}}.png')", 500, 5000) < 12
