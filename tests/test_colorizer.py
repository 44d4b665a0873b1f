"""Every kind of picture goes in, a picture of the same size comes out; bad ones are named."""

import http.server
import io
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from colorize_lib import colorizer as module
from colorize_lib.bilateral import joint_bilateral_upsample
from colorize_lib.colorizer import Colorizer, read_rgb
from colorize_lib.data import PHOTOGRAPHS, embedded_cifar10, photograph
from colorize_lib.errors import InputError
from colorize_lib.lab import lab_to_rgb, rgb_to_lab, to_uint8
from colorize_lib.metrics import ab_rmse

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


# --- what comes out


@pytest.mark.parametrize(
    "size", [(1, 1), (7, 5), (33, 47), (8, 8), (64, 64), (700, 40), (40, 700), (1, 100), (65, 129)]
)
@pytest.mark.parametrize("name", ["bins", "regression"])
def test_any_size_comes_back(request, photo, size, name):
    assert request.getfixturevalue(name).colorize(photo.resize(size)).size == size


@settings(max_examples=15)
@given(width=st.integers(1, 90), height=st.integers(1, 90), size=st.none() | st.integers(8, 100))
def test_any_size_comes_back_whatever_the_network_sees(bins, photo, width, height, size):
    assert bins.colorize(photo.resize((width, height)), size=size).size == (width, height)


def test_lightness_stays_where_nothing_is_clipped(bins):
    image = photograph("coffee")[None, :, :128, :192]
    before = rgb_to_lab(image)[:, :1]
    ab = bins.colour_lightness(before, 0.38, 0.5, 64)
    unclipped = lab_to_rgb(torch.cat((before, ab), 1), clip=False)
    inside = ((unclipped >= 0) & (unclipped <= 1)).all(1)
    after = rgb_to_lab(bins.colorize(image, 0.38, 0.5))[:, 0]
    assert inside.float().mean() > 0.7
    assert (after - before[:, 0]).abs()[inside].max() < 0.6


def test_the_colours_of_the_input_are_not_looked_at(bins):
    lab = rgb_to_lab(embedded_cifar10().rgb[:4])
    colour = lab_to_rgb(lab)
    grey = lab_to_rgb(torch.cat((lab[:, :1], torch.zeros_like(lab[:, 1:])), 1))
    assert (colour - grey).abs().max() > 0.3
    difference = (bins.colorize(colour).int() - bins.colorize(grey).int()).abs()
    assert difference.max() <= 2
    assert difference.float().mean() < 0.05


def test_grey_pictures_get_colour(bins, grey):
    coloured = array(bins.colorize(grey)).astype(int)
    assert (coloured.max(-1) - coloured.min(-1)).max() > 20


def test_temperature_and_lambda_matter_for_bins_alone(bins, regression, photo):
    settings = [(0.38, 1.0), (0.05, 1.0), (1.0, 1.0), (0.38, 0.5)]
    assert len({array(bins.colorize(photo, *s)).tobytes() for s in settings}) == 4
    assert len({array(regression.colorize(photo, *s)).tobytes() for s in settings}) == 1


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_without_sense_is_refused(bins, photo, temperature):
    with pytest.raises(ValueError, match="temperature must be above 0"):
        bins.colorize(photo, temperature)


@pytest.mark.parametrize("lam", [0, -1, 1.5, float("nan")])
def test_a_lambda_without_sense_is_refused(bins, photo, lam):
    with pytest.raises(ValueError, match="lam"):
        bins.colorize(photo, 0.38, lam)


def test_lower_lambda_is_more_vivid(bins):
    batch = embedded_cifar10().rgb
    chroma = [rgb_to_lab(bins.colorize(batch, 0.38, lam))[:, 1:].square().sum(1).sqrt().mean() for lam in (1, 0.5, 0.1)]
    assert chroma[0] < chroma[1] < chroma[2]


def test_size_is_what_the_network_sees(bins):
    photo = photograph("rocket")
    small, large = (array(bins.colorize(photo, size=size)) for size in (32, 128))
    assert small.tolist() != large.tolist()
    corner = photo[:, :60, :60]
    assert array(bins.colorize(corner, size=64)).tolist() == array(bins.colorize(corner, size=None)).tolist()


def test_colorize_is_the_steps_taken_by_hand(bins):
    picture = embedded_cifar10().rgb[:1]
    light = rgb_to_lab(picture)[:, :1]
    logits = bins.predict(light)
    assert logits.shape == (1, 261, 16, 16)
    ab = bins.gamut.decode(logits, 0.38, 0.5, bins.prior)
    ab = torch.nn.functional.interpolate(ab, (32, 32), mode="bilinear", align_corners=False)
    assert torch.equal(bins.colorize(picture, 0.38, 0.5), to_uint8(lab_to_rgb(torch.cat((light, ab), 1))))


@pytest.mark.parametrize("name", ["bins", "regression"])
def test_a_large_picture_is_the_mean_of_several_sizes_brought_to_it_along_L(request, name):
    colorizer = request.getfixturevalue(name)
    light = rgb_to_lab(photograph("coffee")[None, :, :99, :150])[:, :1]
    views = [module.reduced(light, side) for side in (24, 32, 48, 64)]
    assert [tuple(view.shape[2:]) for view in views] == [(24, 36), (32, 48), (48, 73), (64, 97)]
    guides = [torch.nn.functional.avg_pool2d(view, 2, ceil_mode=True) for view in views]
    colours = [colorizer.decode(colorizer.predict(view), 0.38, 0.5) for view in views]
    assert [c.shape[2:] for c in colours] == [g.shape[2:] for g in guides]
    coarse = [joint_bilateral_upsample(c, g, guides[-1]) for c, g in zip(colours[:-1], guides[:-1], strict=True)]
    expected = joint_bilateral_upsample(sum(coarse, colours[-1]) / 4, guides[-1], light)
    torch.testing.assert_close(colorizer.colour_lightness(light, 0.38, 0.5, 32), expected, atol=1e-3, rtol=0)


def test_only_sizes_below_the_pictures_own_are_looked_at(bins, monkeypatch):
    seen = []
    predict = Colorizer.predict
    monkeypatch.setattr(Colorizer, "predict", lambda self, light: seen.append(light.shape[2]) or predict(self, light))
    for side in (20, 32, 33, 50, 65):
        bins.colour_lightness(torch.rand(1, 1, side, 70) * 100, size=32)
    assert seen == [20, 32, *(24, 32), *(24, 32, 48), *(24, 32, 48, 64)]


def test_several_sizes_are_nearer_the_truth_than_any_one(bins):
    """At the settings of the command line, over the photographs."""
    error = dict.fromkeys(("together", 24, 32, 48, 64), 0.0)
    for name in PHOTOGRAPHS:
        lab = rgb_to_lab(photograph(name)[None])
        light, true_ab = lab[:, :1], lab[:, 1:]
        for way in error:
            if way == "together":
                ab = bins.colour_lightness(light, 0.38, 0.55, bins.size)
            else:
                ab = bins.colour_lightness(module.reduced(light, way), 0.38, 0.55)
                ab = torch.nn.functional.interpolate(ab, light.shape[2:], mode="bilinear")
            error[way] += ab_rmse(ab, true_ab)
    assert min(error, key=error.get) == "together"


def test_a_batch_of_large_pictures_is_its_pictures(bins):
    light = rgb_to_lab(torch.stack([photograph("coffee")[:, :90, :80], photograph("rocket")[:, -90:, :80]]))[:, :1]
    together = bins.colour_lightness(light, 0.38, 0.5, 32)
    for one, ab in zip(light, together, strict=True):
        torch.testing.assert_close(bins.colour_lightness(one[None], 0.38, 0.5, 32)[0], ab, atol=1e-2, rtol=0)


@pytest.mark.parametrize("name", ["bins", "regression"])
def test_sizes_that_fit_are_not_padded(request, name):
    colorizer = request.getfixturevalue(name)
    light = torch.rand(2, 1, 24, 40) * 100
    with torch.inference_mode():
        expected = colorizer.network(light) * (1 if colorizer.gamut else 50)
    torch.testing.assert_close(colorizer.predict(light), expected, atol=1e-3, rtol=1e-3)


def test_padding_repeats_the_edge_and_is_cut_off(bins):
    light = torch.rand(1, 1, 13, 21) * 100
    padded = torch.nn.functional.pad(light, (0, 3, 0, 3), mode="replicate")
    assert bins.predict(light).shape == (1, 261, 7, 11)
    torch.testing.assert_close(bins.predict(light), bins.predict(padded)[..., :7, :11])


def test_predict_in_parts_is_predict(bins):
    light = torch.rand(5, 1, 16, 16) * 100
    torch.testing.assert_close(bins.predict(light, batch=2), bins.predict(light), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("shape", [(1, 16, 16), (1, 3, 16, 16), (16, 16)])
def test_predict_wants_lightness(bins, shape):
    with pytest.raises(ValueError, match=r"\(N, 1, H, W\)"):
        bins.predict(torch.zeros(shape))


def test_its_name_says_what_it_is(bins, regression):
    assert repr(bins) == "Colorizer('classification', 261 bins, cpu)"
    assert repr(regression) == "Colorizer('regression', ab, cpu)"


# --- what cannot be coloured


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
    refused("")
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
        np.full((4, 4), 200.0), np.zeros((4, 4), np.int64), np.zeros((4, 4), bool), np.zeros((4, 4), complex),
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
    with pytest.raises(InputError):
        bins.colorize(Image.new("RGB", (0, 5)))
    with pytest.raises(InputError):
        bins.colorize(Image.new("L", (5, 0)))


def test_too_many_pixels_are_refused(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "photo.png")
    monkeypatch.setattr(module, "MAX_PIXELS", W * H - 1)
    refused(tmp_path / "photo.png", f"has {W}x{H} pixels")
    monkeypatch.setattr(module, "MAX_PIXELS", W * H)
    assert read_rgb(tmp_path / "photo.png").shape == (3, H, W)


def test_what_PIL_takes_for_a_bomb_is_refused(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "photo.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", W * H // 2 - 1)
    refused(tmp_path / "photo.png", "photo.png is not a picture that can be read")


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


def test_a_web_page_is_no_picture(server):
    refused(f"{server}/page")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x.png", "http://127.0.0.1:port/x.png", "http://[::1/x.png", "http://"]
)
def test_an_address_where_nobody_answers(url):
    refused(url)


def test_unknown_weights_are_refused():
    with pytest.raises(InputError, match="no weights 'nonsense'"):
        Colorizer.load("nonsense")
