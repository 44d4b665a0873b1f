"""Train by the clock: so many minutes, on however fast a machine.

What an epoch is to a recipe of so many epochs, a share of the time is here: the learning rate follows the one-cycle
by the time that has passed, and falls to nothing when it is over. A fast machine sees more pictures in it than a slow
one, so unlike a run of so many epochs, one by the clock gives other weights each time.
"""

import time
from collections.abc import Callable

import colorize_lib.quiet  # noqa: F401

from fastai.callback.core import Callback, CancelFitException, CancelTrainException
from fastai.callback.schedule import Learner
from tqdm.auto import tqdm

_MANY = 1_000_000  # passes: more than anyone has the time for


class Clock(Callback):
    """Tells fastai's schedule how much of a phase is over by the time that has passed, and ends it in time.

    A phase ends with the batch in which its time is over; then the dev pictures are looked at and the
    checkpoint is written, as at the end of a pass over the pictures.

    Parameters
    ----------
    minutes
        For the whole training, of all sessions together.
    now
        Gives the time in seconds.
    """

    order, run_valid = 55, False  # after the recorder; before the schedule, which sets the learning rate

    def __init__(self, minutes: float, now: Callable[[], float] = time.monotonic):
        self.seconds, self.now = 60 * minutes, now
        self.earlier, self.started, self.phase = 0.0, None, (0.0, self.seconds)

    @property
    def elapsed(self) -> float:
        """Seconds of training in this and all earlier sessions."""
        return self.earlier + (0 if self.started is None else self.now() - self.started)

    def state_dict(self) -> dict:
        """What :meth:`load_state_dict` needs to go on."""
        return {"elapsed": self.elapsed}

    def load_state_dict(self, saved: dict) -> None:
        """Go on from where :meth:`state_dict` was taken."""
        self.earlier = saved["elapsed"]

    def before_fit(self) -> None:
        if self.started is None:
            self.started = self.now()
        self.over = False

    def before_epoch(self) -> None:
        if self.over:
            raise CancelFitException

    def before_batch(self) -> None:
        if self.over:
            raise CancelTrainException
        start, end = self.phase
        self.learn.pct_train = min(1.0, (self.elapsed - start) / (end - start))

    def after_cancel_train(self) -> None:
        self.learn.recorder.cancel_train = False  # else fastai reports no training loss of a pass cut short

    def after_batch(self) -> None:
        self.over = self.elapsed >= self.phase[1]


class ClockBar(Callback):
    """One line for the whole training: the time left, pictures a second, the loss on dev. To be used in a ``with``."""

    order = 95  # after the checkpoint has the epoch's numbers

    def __init__(self, title: str, clock: Clock, history: list[dict], show: bool):
        self.title, self.clock, self.history, self.show, self.images = title, clock, history, show, 0

    def __enter__(self):
        form = "{desc}: {percentage:3.0f}%|{bar}| {postfix}"
        self.bar = tqdm(total=self.clock.seconds, desc=self.title, bar_format=form, disable=not self.show)
        self.since = self.clock.elapsed
        return self

    def __exit__(self, *error):
        self.bar.close()

    def after_batch(self) -> None:
        if self.training:
            self.images += self.learn.dls.train.bs
        self._tell()

    def after_epoch(self) -> None:
        self._tell()

    def _tell(self) -> None:
        elapsed = self.clock.elapsed
        left = tqdm.format_interval(max(0, self.clock.seconds - elapsed))
        loss = f", dev loss {self.history[-1]['dev_loss']:.3f}" if self.history else ""
        speed = self.images / max(elapsed - self.since, 1e-9)
        self.bar.set_postfix_str(f"{left} left, {speed:.0f} images/s{loss}", refresh=False)
        self.bar.update(min(elapsed, self.clock.seconds) - self.bar.n)


def fit_by_clock(
    learner: Learner, phases: list[tuple[float, object]], clock: Clock, start: Callable | None = None
) -> None:
    """Fit what is left of the time: each of the phases (share of the time, peak learning rate) in turn.

    Parameters
    ----------
    start
        Called with the number of a phase before it is fitted, if there is something to do then.
    """
    end = 0.0
    for number, (share, rate) in enumerate(phases):
        begin, end = end, end + share * clock.seconds
        if clock.elapsed < end:
            clock.phase = (begin, end)
            if start:
                start(number)
            learner.fit_one_cycle(_MANY, rate, cbs=clock)
