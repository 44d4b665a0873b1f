"""The network of "Colorful Image Colorization", with the weights that its authors trained on ImageNet.

``Colorizer.load("eccv16")`` downloads them (129 MB, once). The authors' PyTorch release [2]_ paints the
mean colour; here the same network hands out its distribution, for the annealed mean and the explorer.

Not tested with the real file, for want of internet: the tests compare every name and shape with the
published table, and run the network and the download with made-up weights.

Sources
-------
.. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, table 4 of the
   supplement (layers) and section 2 (bins, rebalancing, annealed mean).
.. [2] The authors' release: https://github.com/richzhang/colorization, BSD 2-clause, ``colorizers/eccv16.py``:
   the names of the modules and the scale of what they take and give.
"""

import hashlib
from http.client import HTTPException, HTTPResponse
from itertools import pairwise
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import torch
from torch import nn
from torch.nn import functional as F
from tqdm.auto import tqdm

from .errors import InputError
from .files import atomic_path
from .weights import Weights

#: What :meth:`~colorize_lib.colorizer.Colorizer.load` and ``colorize -m`` call it.
NAME = "eccv16"
#: Where the authors' weights are.
URL = "https://colorizers.s3.us-east-2.amazonaws.com/colorization_release_v2-9b330a0b.pth"
#: How their sha256 begins. It is in the name, as torch.hub has it.
SHA256 = "9b330a0b"
#: Q: the bins of [1]_, side 10. Their centres come with the weights.
BINS = 313
#: One in the last layer's weights stands for this many Lab units [2]_.
AB_SCALE = 110.0
#: The pictures that it was trained on have this many pixels a side.
SIZE = 256
#: Seconds without a byte after which the network counts as gone.
TIMEOUT = 30
_CHUNK = 1 << 20


class ECCV16(nn.Module):
    """L in, logits of 313 bins at a quarter of the resolution out ([1]_, table 4).

    Eight stages of convolutions. The first three end with stride 2; stages 5 and 6 are dilated instead,
    and so see far without losing more resolution; the last brings it from 1/8 back to 1/4. Modules have
    the names and the order of [2]_, so that its weights fit. Batch norm comes after the last ReLU
    of a stage, once.

    Parameters
    ----------
    bins
        Q.

    Attributes
    ----------
    reduction : int
        How many times smaller than the picture the output is.
    """

    reduction = 4

    def __init__(self, bins: int = BINS):
        super().__init__()
        self.model1 = _stage(1, 64, 64, stride=2)
        self.model2 = _stage(64, 128, 128, stride=2)
        self.model3 = _stage(128, 256, 256, 256, stride=2)
        self.model4 = _stage(256, 512, 512, 512)
        self.model5 = _stage(512, 512, 512, 512, dilation=2)
        self.model6 = _stage(512, 512, 512, 512, dilation=2)
        self.model7 = _stage(512, 512, 512, 512)
        enlarge = nn.ConvTranspose2d(512, 256, 4, stride=2, padding=1)
        self.model8 = nn.Sequential(enlarge, nn.ReLU(inplace=True), *_convs(256, 256, 256), nn.Conv2d(256, bins, 1))
        self.model_out = nn.Conv2d(bins, 2, 1, bias=False)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """Predict.

        Parameters
        ----------
        lightness
            ``(N, 1, H, W)``, L in [0, 100]; H and W are multiples of 8.

        Returns
        -------
        torch.Tensor
            ``(N, 313, H/4, W/4)``: logits.
        """
        x = (lightness - 50) / 100  # (N, 1, H, W), in [-1/2, 1/2]
        x = self.model3(self.model2(self.model1(x)))  # (N, 256, H/8, W/8)
        x = self.model7(self.model6(self.model5(self.model4(x))))  # (N, 512, H/8, W/8)
        return self.model8(x)

    def mean_colour(self, lightness: torch.Tensor) -> torch.Tensor:
        """What the release [2]_ paints, the mean of the distribution: ``(N, 1, H, W)`` to ab ``(N, 2, H, W)``."""
        small = self.model_out(self.forward(lightness).softmax(1)) * AB_SCALE  # (N, 2, H/4, W/4), Lab units
        return F.interpolate(small, scale_factor=4, mode="bilinear", align_corners=False)


def eccv16_weights(url: str | None = None, sha256: str | None = None, folder: str | Path | None = None) -> Weights:
    """The released weights, downloaded if they are not there yet.

    They come without a prior: the network was trained with rebalancing, and how often its bins occur
    in ImageNet was not released with it. So it is not rebalanced again.

    Parameters
    ----------
    url, sha256, folder
        As in :func:`fetch`.

    Returns
    -------
    Weights
        ``prior`` is None; ``meta["gamut"]`` has the centres, ``model_out`` in Lab units.

    Raises
    ------
    InputError
        If they cannot be downloaded or kept, or are others than expected.
    """
    path = fetch(url, sha256, folder)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        state = {name: t.float() for name, t in state.items() if not name.endswith("num_batches_tracked")}
        centres = state["model_out.weight"].view(2, BINS).T * AB_SCALE  # (313, 2)
    except Exception as error:  # a damaged pickle raises nearly anything
        reason = (str(error).splitlines() or [""])[0].rstrip(".")
        raise InputError(
            f"{path} does not hold the weights of {NAME} ({type(error).__name__}: {reason}): delete it."
        ) from error
    if not centres.abs().max() <= 128:  # nor not a number
        raise InputError(f"{path} has bins outside the ab plane: it is not the release of {NAME}, delete it.")
    meta = {
        "name": NAME,
        "config": {"network": NAME, "out_channels": BINS},
        "gamut": {"grid": 10, "centres": centres.tolist()},
        "data": {"name": "ImageNet", "size": [SIZE, SIZE]},
        "source": url or URL,
    }
    return Weights(state, None, meta)


def fetch(url: str | None = None, sha256: str | None = None, folder: str | Path | None = None) -> Path:
    """A file from the internet, kept for the next time, and checked every time.

    Parameters
    ----------
    url
        Where it is; :data:`URL` by default.
    sha256
        How its hash begins, or the whole; :data:`SHA256` by default.
    folder
        Where it is kept; the ``checkpoints`` of ``torch.hub`` by default.

    Returns
    -------
    pathlib.Path
        The file, whole. What does not have its hash is never left there, nor half a file.

    Raises
    ------
    InputError
        Without internet, where the hash is another, or where the file cannot be written.
    """
    url, sha256 = url or URL, sha256 or SHA256
    path = Path(folder or Path(torch.hub.get_dir()) / "checkpoints") / url.rsplit("/", 1)[1]
    try:
        if path.is_file() and _sha256_of(path).startswith(sha256):
            return path
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}): delete it.") from error
    with atomic_path(path) as temporary:
        _download(url, sha256, temporary)
    return path


def _download(url: str, sha256: str, target: Path) -> None:
    digest = hashlib.sha256()
    # What the network raises becomes an InputError here, so that only the disk's errors are left.
    try:
        response = urlopen(url, timeout=TIMEOUT)
        size = int(response.headers.get("Content-Length") or 0)
    except (HTTPException, OSError, ValueError) as error:
        raise _unreachable(url, error) from error
    with response, target.open("wb") as file:
        with tqdm(total=size or None, desc=NAME, unit="B", unit_scale=True, disable=None) as bar:
            while part := _read(response, url):
                digest.update(part)
                file.write(part)
                bar.update(len(part))
        if file.tell() < size:
            raise InputError(f"The download of {url} broke off after {file.tell()} of {size} bytes: try again.")
    if not digest.hexdigest().startswith(sha256):
        raise InputError(
            f"What came from {url} is not the file expected: its sha256 begins with {digest.hexdigest()[:8]}, "
            f"not with {sha256[:8]}, so it was not kept."
        )


def _read(response: HTTPResponse, url: str) -> bytes:
    try:
        return response.read(_CHUNK)
    except (HTTPException, OSError, ValueError) as error:
        raise _unreachable(url, error) from error


def _unreachable(url: str, error: Exception) -> InputError:
    reason = error.reason if isinstance(error, URLError) else error
    reason = " ".join(str(reason).split()) or type(error).__name__
    return InputError(
        f"{url} cannot be downloaded ({reason}): {NAME} needs the internet once; the weights that come "
        "with the package do not."
    )


def _sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            digest.update(part)
    return digest.hexdigest()


def _convs(*channels: int, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    """3x3 convolutions, each with a ReLU; the last has the stride."""
    layers = []
    for i, (c_in, c_out) in enumerate(pairwise(channels), start=2):
        step = stride if i == len(channels) else 1
        layers += [nn.Conv2d(c_in, c_out, 3, step, padding=dilation, dilation=dilation), nn.ReLU(inplace=True)]
    return layers


def _stage(*channels: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(*_convs(*channels, stride=stride, dilation=dilation), nn.BatchNorm2d(channels[-1]))
