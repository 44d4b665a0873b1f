"""Trained weights on disk: safetensors with their own description and their own hash.

A file holds the network's tensors, the prior of the colours it was trained on, and metadata: the
recipe, the data copy, epochs, seed, commit and dev metrics. It is never a pickle.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from .errors import InputError
from .files import atomic_path, user_path

#: Weights that do not come with the package but from the internet: :mod:`~colorize_lib.eccv16`.
DOWNLOADED = "eccv16"


@dataclass(frozen=True)
class Weights:
    """What a weights file holds.

    Attributes
    ----------
    state : dict
        The network's ``state_dict``, float32.
    prior : torch.Tensor or None
        ``(Q,)``: how often each bin occurs in the training images, smoothed; None without bins.
    meta : dict
        ``name``, ``config`` (to build the network), ``recipe``, ``data``, ``commit`` and so on;
        ``kind`` is ``"classifier"`` for a classifier's, and missing or ``"colorizer"`` for a colorizer's.
    """

    state: dict[str, torch.Tensor]
    prior: torch.Tensor | None
    meta: dict


def shipped_weights(kind: str | None = None) -> list[str]:
    """The names of the weights that come with the package: all, or those of ``"colorizer"`` or ``"classifier"``."""
    folder = Path(str(resources.files(__package__) / "weights"))
    return [path.stem for path in sorted(folder.glob("*.safetensors")) if kind in (None, _kind_of(path))]


def weights_path(name: str | Path, kind: str | None = None) -> Path:
    """The file for the name of shipped weights, or for a path."""
    if str(name) in shipped_weights():
        return Path(str(resources.files(__package__) / "weights" / f"{name}.safetensors"))
    path = user_path(name)
    if path.suffix == ".safetensors":
        return path
    raise InputError(f"There are no weights {str(name)!r}. Choose {_choice(kind)}.")


def _choice(kind: str | None) -> str:
    """What can be chosen from, as words."""
    downloaded = [] if kind == "classifier" else [f"{DOWNLOADED} (a download)"]
    return " or ".join([", ".join(shipped_weights(kind) + downloaded), "a .safetensors file"]).removeprefix(" or ")


def _kind_of(path: Path) -> str | None:
    """What the weights in a file are for, from its description alone; None for a file that cannot be read."""
    try:
        with opened(path) as file:
            return json.loads((file.metadata() or {})["meta"]).get("kind", "colorizer")
    except (SafetensorError, OSError, KeyError, ValueError):
        return None


def save_weights(path: str | Path, weights: Weights) -> None:
    """Write a file whole or not at all: matrices in fp16, vectors (few, and delicate) in fp32."""
    tensors = {f"net.{k}": v for k, v in weights.state.items() if not k.endswith("num_batches_tracked")}
    if weights.prior is not None:
        tensors["prior"] = weights.prior
    tensors = {k: (v.half() if v.ndim > 1 else v.float()).detach().cpu().contiguous() for k, v in tensors.items()}
    for key, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise InputError(f"The weights {key} are not all finite numbers: nothing was written.")
    meta = json.dumps(weights.meta, sort_keys=True)
    content = save(tensors, {"meta": meta, "sha256": _digest(tensors, meta)})
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def load_weights(name: str | Path, kind: str | None = None) -> Weights:
    """Read shipped weights by name, or a file by path, and check its hash.

    Parameters
    ----------
    name
        Of shipped weights, ``eccv16``, which is downloaded once, or a path.
    kind
        ``"colorizer"`` or ``"classifier"`` if it must be one.

    Raises
    ------
    InputError
        If there is no such file, or it is damaged or of another kind.

    Examples
    --------
    >>> load_weights("photo").meta["name"]
    'photo'
    """
    if str(name) == DOWNLOADED and kind != "classifier":
        from .eccv16 import eccv16_weights

        return eccv16_weights()
    path = weights_path(name, kind)
    weights = read_weights(path)
    found = weights.meta.get("kind", "colorizer")
    if kind and found != kind:
        raise InputError(f"The weights {str(name)!r} are of a {found}, not of a {kind}: choose {_choice(kind)}.")
    return weights


def read_weights(path: Path) -> Weights:
    """Read a file that :func:`save_weights` wrote, and check its hash.

    Raises
    ------
    InputError
        If there is no such file, or it is damaged.
    """
    _check_readable(path)
    try:
        with opened(path) as file:
            header = file.metadata() or {}
            if "meta" not in header or "sha256" not in header:  # said before all of it, maybe much, is read
                raise InputError(f"{path} was not written by colorize: it has no description and no hash.")
            # Cloned, since what safetensors hands out goes on reading the file.
            tensors = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path} is not a safetensors file or is damaged ({error}): fetch it again.") from error
    if _digest(tensors, header["meta"]) != header["sha256"]:
        raise InputError(f"{path} does not have the contents it was written with (wrong sha256): fetch it again.")
    _check_tensors(path, tensors)
    meta = _description(path, header["meta"])
    state = {key.removeprefix("net."): tensor.float() for key, tensor in tensors.items() if key.startswith("net.")}
    return Weights(state, tensors.get("prior"), meta)


@contextmanager
def opened(path: Path) -> Iterator[safe_open]:
    """The file, opened. safetensors takes no name that is not UTF-8: such a one gets another for as long."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory() as folder:
            link = Path(folder) / "weights"
            link.symlink_to(path.absolute())
            with safe_open(link, "pt") as file:
                yield file
        return
    with safe_open(path, "pt") as file:
        yield file


def _check_readable(path: Path) -> None:
    try:
        if not path.is_file():
            raise InputError(f"There is no weights file {path}.")
        path.open("rb").close()  # safetensors says of a file that may not be read that there is none
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error


def _check_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    for key, tensor in tensors.items():
        if tensor.dtype not in (torch.float16, torch.float32):
            raise InputError(f"{path} has numbers of a kind that colorize does not write ({key}: {tensor.dtype}).")
        if not tensor.isfinite().all():
            raise InputError(
                f"{path} has weights that are not finite numbers ({key}): nothing can be coloured with it."
            )


def _description(path: Path, text: str) -> dict:
    """The metadata: what is in it, who needs it will see."""
    try:
        meta = json.loads(text)
    except ValueError:
        meta = None
    if not isinstance(meta, dict):
        raise InputError(f"{path} has a description that is none: fetch it again, or update colorize.")
    return meta


@contextmanager
def understood(weights: Weights) -> Iterator[None]:
    """Within it a network is built as the weights' description says, which may be of another version of colorize.

    Whatever goes wrong there becomes an :class:`~colorize_lib.errors.InputError`.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # a description may be wrong in any way: a name, a number, a type, a length
        raise InputError(
            f"The weights {weights.meta.get('name')!r} have a description that this version of colorize does not "
            f"understand ({type(error).__name__}: {error}): fetch them again, or update colorize."
        ) from error


def load_state(network: torch.nn.Module, weights: Weights) -> torch.nn.Module:
    """Fill a network; every name and shape must fit (batch norm's batch counters are not kept)."""
    try:
        missing, unexpected = network.load_state_dict(weights.state, strict=False)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip()  # below a heading, one line a tensor
        raise InputError(f"The weights {weights.meta.get('name')!r} do not fit the network: {first}") from error
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise InputError(
            f"The weights {weights.meta.get('name')!r} do not fit the network: "
            f"missing {missing or 'none'}, unexpected {unexpected or 'none'}."
        )
    return network


def _digest(tensors: dict[str, torch.Tensor], meta: str) -> str:
    """sha256 over the description and every tensor's name, type, shape and bytes."""
    digest = hashlib.sha256(meta.encode())
    for key in sorted(tensors):
        tensor = tensors[key]
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())  # numpy does not know all types
    return digest.hexdigest()
