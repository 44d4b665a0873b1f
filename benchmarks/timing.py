"""Take turns, count bytes, and lay the result out: what run.py measures with."""

import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits
from torch.profiler import ProfilerActivity, profile


@dataclass(frozen=True)
class Row:
    """One line of the table: ours against a peer.

    Attributes
    ----------
    name, peer
        What is compared with what.
    goal
        Such as ``">= 5"`` for the median ratio, or empty.
    ratios, ours, theirs
        One number a round; the last two in ``unit``.
    """

    name: str
    peer: str
    goal: str
    ratios: list[float]
    ours: list[float]
    theirs: list[float]
    unit: str = "ms"

    @property
    def met(self) -> bool | None:
        """Whether the median ratio reaches the goal; None where there is no goal."""
        if not self.goal:
            return None
        sign, bound = self.goal.split()
        median = statistics.median(self.ratios)
        return median >= float(bound) if sign == ">=" else median < float(bound)

    def to_markdown(self) -> str:
        low, median, high = _spread(self.ratios)
        ratio = f"{median:.3g}" if low == high else f"{median:.3g} ({low:.3g} … {high:.3g})"
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        ours, theirs = (f"{statistics.median(side):.3g} {self.unit}" for side in (self.ours, self.theirs))
        return f"| {self.name} | {self.peer} | {ratio} | {self.goal} | {met} | {ours} | {theirs} |"

    def to_dict(self) -> dict:
        head = {"name": self.name, "peer": self.peer, "goal": self.goal, "met": self.met, "rounds": len(self.ratios)}
        sides = {"ratio": self.ratios, f"ours_{self.unit}": self.ours, f"theirs_{self.unit}": self.theirs}
        for key, values in sides.items():
            low, median, high = (float(f"{value:.4g}") for value in _spread(values))
            head[key] = {"min": low, "median": median, "max": high}
        return head


#: The head of the table whose lines are :meth:`Row.to_markdown`.
HEADER = "| ours | against | ratio: median (min … max) | goal | met | ours | theirs |\n|---|---|---|---|---|---|---|"


def milliseconds(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long one call takes, its result thrown away outside the measured time."""
    start = clock()
    result = call()
    elapsed = clock() - start
    del result
    return 1000 * elapsed


def take_turns(
    ours: Callable, theirs: Callable, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> tuple[list[float], list[float]]:
    """Milliseconds of each side in every round; who goes first alternates.

    With ``time.process_time`` as the clock those are the processor's, of all threads together.
    """
    times = {ours: [], theirs: []}
    for side in (ours, theirs):
        side()
    for order in itertools.islice(itertools.cycle([(ours, theirs), (theirs, ours)]), rounds):
        for side in order:
            times[side].append(milliseconds(side, clock))
    return times[ours], times[theirs]


def fastest(calls: dict[str, Callable], tries: int = 3) -> tuple[str, Callable]:
    """The call, and its name, whose best time is the shortest."""
    for call in calls.values():
        call()
    best = {name: min(milliseconds(call) for _ in range(tries)) for name, call in calls.items()}
    name = min(best, key=best.get)
    return name, calls[name]


def quotients(top: list[float], bottom: list[float], scale: float = 1.0) -> list[float]:
    """Round by round, ``scale * top / bottom``."""
    return [scale * a / b for a, b in zip(top, bottom, strict=True)]


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Give torch, BLAS and scikit-learn this many threads."""
    before = torch.get_num_threads()
    with threadpool_limits(count):
        torch.set_num_threads(count)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def peak_memory(call: Callable[[], object]) -> float:
    """The most that torch holds at once during a call, its result included, in MiB.

    The profiler notes every allocation (a positive number of bytes) and every release (a negative one).
    """
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        result = call()
    del result
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(path))
        events = [e for e in json.loads(path.read_text())["traceEvents"] if e["name"] == "[memory]"]
    events.sort(key=lambda e: e["ts"])
    return max(itertools.accumulate(e["args"]["Bytes"] for e in events)) / 2**20


def _spread(values: list[float]) -> tuple[float, float, float]:
    return min(values), statistics.median(values), max(values)
