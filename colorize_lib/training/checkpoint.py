"""What a stopped run goes on from, and what stops a run that has gone wrong."""

import hashlib
import io
import math
import time
from pathlib import Path
from typing import Any

import colorize_lib.quiet  # noqa: F401

import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.callback.schedule import Learner
from fastai.torch_core import get_model

from ..errors import InputError
from ..files import atomic_path, remove_leftovers
from .distributed import writes

_SEAL = b"\nsha256 "


class Checkpoint(Callback):
    """Writes everything a run needs to go on, after every epoch, whole or not at all.

    Parameters
    ----------
    path
        Of the file.
    run
        What must be the same for a run to go on: recipe, pictures and bins, as plain data.
    parts
        By name, what else has to go on from where it was, with ``state_dict`` and ``load_state_dict``.
    pause
        Seconds: an epoch that ends sooner after the last that was written, or after the start, is not written.
    """

    order = 90  # after the recorder has the epoch's numbers

    def __init__(self, path: Path, run: dict, parts: dict | None = None, pause: float = 0):
        self.path, self.run_, self.parts, self.history = path, run, parts or {}, []
        self.pause, self.written = pause, time.perf_counter()
        self.before = 0  # epochs of the phases that came before this one

    def restore(self, learner: Learner) -> int:
        """Load the checkpoint if there is one; returns how many epochs are done."""
        if writes():
            remove_leftovers(self.path)
        if not self.path.is_file():
            return 0
        learner.model.to(learner.dls.device)
        learner.create_opt()
        try:
            saved = read_checkpoint(self.path, learner.dls.device)
            same = saved["run"] == self.run_
            if same:
                learner.model.load_state_dict(saved["model"])
                learner.opt.load_state_dict(saved["optimiser"])
                for name, part in self.parts.items():
                    part.load_state_dict(saved[name])
                self.history[:] = saved["history"]
        except Exception as error:  # torch.load raises anything from OSError to UnpicklingError
            raise InputError(f"{self.path} is damaged or of another version: remove it to start afresh.") from error
        if not same:
            raise InputError(
                f"{self.path} belongs to a run with another recipe, other pictures or other bins: "
                "choose another folder, or remove it."
            )
        return len(self.history)

    def before_epoch(self) -> None:
        self.started, self.images = time.perf_counter(), 0

    def after_batch(self) -> None:
        if self.training:
            self.images += self.learn.dls.train.bs  # of all processes together; a batch that is not full is left out

    def after_epoch(self) -> None:
        if self.before + self.epoch < len(self.history):
            return  # fastai calls this for the epochs that a resumed run skips, too
        train_loss, dev_loss, *metrics = (float(v) for v in self.learn.recorder.log[1:-1])  # the last is the time
        state = get_model(self.learn.model).state_dict()
        if not (math.isfinite(dev_loss) and all(tensor.isfinite().all() for tensor in state.values())):
            raise _not_finite(dev_loss, self.epoch)
        seconds = time.perf_counter() - self.started
        names = (f"dev_{metric.name}" for metric in self.learn.metrics)
        numbers = {"train_loss": train_loss, "dev_loss": dev_loss, **dict(zip(names, metrics, strict=True))}
        self.history.append({**numbers, "images": self.images, "seconds": round(seconds, 1)})
        if not writes() or time.perf_counter() - self.written < self.pause:
            return
        saved = {
            "run": self.run_,
            "history": self.history,
            "model": state,
            "optimiser": _plain(self.learn.opt.state_dict()),
            **{name: part.state_dict() for name, part in self.parts.items()},
        }
        write_checkpoint(self.path, saved)
        self.written = time.perf_counter()


def write_checkpoint(path: Path, saved: dict) -> None:
    """What ``torch.save`` writes, and behind it the sha256 of that; whole or not at all."""
    file = io.BytesIO()
    torch.save(saved, file)
    sha256 = hashlib.sha256(file.getbuffer()).hexdigest()
    with atomic_path(path) as temporary:
        temporary.write_bytes(file.getvalue() + _SEAL + sha256.encode())


def read_checkpoint(path: Path, device: torch.device | str = "cpu") -> dict:
    """What :func:`write_checkpoint` wrote; anything else raises an error of some kind."""
    content, seal, sha256 = path.read_bytes().rpartition(_SEAL)
    if not seal or hashlib.sha256(content).hexdigest().encode() != sha256:
        raise ValueError("It does not have the contents that it was written with.")
    return torch.load(io.BytesIO(content), map_location=device, weights_only=True)


def _plain(value: Any) -> Any:
    """fastai's schedules leave numpy numbers behind, which a checkpoint without pickle cannot hold."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(item) for item in value)
    return value.item() if isinstance(value, np.generic) else value


def _not_finite(loss: float, epoch: int) -> InputError:
    return InputError(
        f"The loss or the weights are no longer finite in epoch {epoch + 1} (loss {loss}): lower the learning rate. "
        "The checkpoint of the last good epoch was kept."
    )


class EpochSeed(Callback):
    """Tells the training batches which epoch it is: shuffle and dropout depend on that and the seed alone."""

    before = 0  # epochs of the phases that came before this one

    def before_epoch(self) -> None:
        loader = self.learn.dls.train
        loader.epoch = self.before + self.learn.epoch
        torch.manual_seed(loader.seed * 1_000_003 + loader.epoch)


class StopOnNonFinite(Callback):
    """Ends a run whose loss is NaN or infinite, before it can spoil the checkpoint."""

    order = -5
    every = 20  # batches; looking at the loss makes a GPU wait

    def after_batch(self) -> None:
        look = self.training and (self.iter % self.every == 0 or self.iter == self.n_iter - 1)
        if look and not math.isfinite(self.loss.item()):
            raise _not_finite(self.loss.item(), self.epoch)
