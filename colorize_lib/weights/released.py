"""The weights that the paper's authors released, downloaded once and checked.

``Colorizer.load("eccv16")`` fetches them (129 MB, once). Not tested with the real file, for want of internet: the tests
run the download with made-up weights.

The authors' release is https://github.com/richzhang/colorization, BSD 2-clause.
"""

import hashlib
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import torch
from tqdm.auto import tqdm

from ..errors import InputError
from ..files import atomic_path
from ..networks.eccv16 import AB_SCALE, BINS
from .file import Weights

#: What :meth:`~colorize_lib.inference.colorizer.Colorizer.load` and ``colorize -m`` call it.
NAME = "eccv16"
#: Where the authors' weights are.
URL = "https://colorizers.s3.us-east-2.amazonaws.com/colorization_release_v2-9b330a0b.pth"
#: How their sha256 begins. It is in the name, as torch.hub has it.
SHA256 = "9b330a0b"


#: The pictures that it was trained on have this many pixels a side.
SIZE = 256
#: Seconds without a byte after which the network counts as gone.
TIMEOUT = 30
_CHUNK = 1 << 20


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
