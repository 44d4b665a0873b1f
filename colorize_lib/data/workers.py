"""Processes that read pictures ahead of the training, and that end when it ends.

They are sent the names of a few batches at a time and no more, so that however slow the network is, few pictures wait
in memory.
"""

import os
import signal
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch.utils.data import DataLoader as TorchLoader

from ..errors import InputError
from .crops import Job, Reader

#: Batches that each worker is at most ahead of the network.
PREFETCH = 2


def stream(reader: Reader, batches: Iterable[list[Job]], workers: int) -> Iterator[tuple[np.ndarray, list[str]]]:
    """Read batches, in order, by worker processes that are at most :data:`PREFETCH` batches ahead each.

    Yields
    ------
    rgb : numpy.ndarray
        ``(n, 3, size, size)`` uint8, those that could be read.
    reasons : list of str
        For every job of the batch why there is no picture, or ``""``.
    """
    generator = torch.Generator()  # of its own: else torch takes a number from the one that training draws from
    ahead = PREFETCH if workers else None
    with interrupts_wait(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This DataLoader will create")  # PyTorch's, on more workers than processors
        loader = TorchLoader(
            reader, batch_sampler=batches, num_workers=workers, collate_fn=_collate, prefetch_factor=ahead,
            worker_init_fn=_ignore_interrupt, generator=generator,
        )  # fmt: skip
        return iter(loader)


def _collate(items: list[np.ndarray | str]) -> tuple[np.ndarray, list[str]]:
    """An array, not a tensor, which would travel through /dev/shm: containers have little of that."""
    pictures = [item for item in items if not isinstance(item, str)]
    reasons = [item if isinstance(item, str) else "" for item in items]
    return np.stack(pictures) if pictures else np.empty((0, 3, 0, 0), np.uint8), reasons


@contextmanager
def interrupts_wait() -> Iterator[None]:
    """Within it Ctrl-C waits; processes started within it never see it, not even before they ignore it.

    To block the signal is not enough: that holds for one thread, another one takes it, and Python then interrupts
    the main thread after all, maybe where the interrupt is swallowed: in a hook of ``os.fork``, or in a ``__del__``.
    """
    noted = []
    main = threading.current_thread() is threading.main_thread()  # no other may say what is done about a signal
    handler = signal.signal(signal.SIGINT, lambda *_: noted.append(True)) if main else None
    blocks = hasattr(signal, "pthread_sigmask")  # not on Windows
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else None
    try:
        yield
    finally:
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if main:
            signal.signal(signal.SIGINT, signal.SIG_DFL if handler is None else handler)
        if noted:
            signal.raise_signal(signal.SIGINT)


def _ignore_interrupt(worker: int) -> None:
    """Ctrl-C goes to all processes of a terminal: the main one alone acts on it, and ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def default_workers() -> int:
    """As many worker processes as there are processors for us, up to 8."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, available)


@contextmanager
def killed_worker() -> Iterator[None]:
    """torch raises a RuntimeError, anywhere in the main process, when a worker is killed."""
    try:
        yield
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        advice = "was killed, maybe because memory ran out: use fewer workers."
        raise InputError(f"A process that reads pictures {advice}") from error
