"""The file that weights are kept in: safetensors with its own description and its own hash.

It holds the network's tensors, the prior of the colours it was trained on, and metadata: the recipe, the data copy,
epochs, seed, commit and dev metrics. It is never a pickle. It is written whole, and read with everything checked.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..errors import InputError, memory_ran_out
from ..files import atomic_path


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
def opened(path: Path) -> Iterator:
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
        if memory_ran_out(error):
            raise
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
