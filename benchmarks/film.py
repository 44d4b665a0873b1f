"""What a minute of film costs, and whether a film that is killed again and again comes out the same.

    python benchmarks/film.py minute [--seconds 60] [--folder FOLDER] [-o minute.json]
    python benchmarks/film.py kills [--seconds 8] [--times 10] [--folder FOLDER] [-o kills.json]

The films are made here: they pan over photographs of the package, five seconds each, with flicker and grain, at 24
frames a second, with a tone. ``minute`` colours one of 854x480 by the command ``colorize``, in a process of its own,
whose peak memory the kernel keeps. ``kills`` colours one of 428x240 twice: in one go, and killed at random moments, by
SIGKILL and SIGINT in turns, and started again until it is whole. Both files must be the same to the byte.
"""

import argparse
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from torch.nn import functional as F

from colorize_lib.data.examples import PHOTOGRAPHS, photograph
from colorize_lib.files import atomic_path
from colorize_lib.record import git_commit, hardware

RATE, SCENE = 24, 120
#: (height, width) of the film that is measured, and of the one that is killed.
SIDES, SMALL = (480, 854), (240, 428)
#: How far a frame wanders in a scene, in widths; how much the lamp flickers; the standard deviation of the grain.
ROOM, LAMP, GRAIN = 0.35, 0.06, 0.03
SOUND, PITCH = 44100, 440


def frames(count: int, sides: tuple[int, int]) -> Iterator[np.ndarray]:
    """Grey ``(H, W)`` uint8: a pan over one photograph after the other."""
    noise, (height, width) = np.random.default_rng(0), sides
    for number in range(count):
        scene, t = divmod(number, SCENE)
        if t == 0:
            whole = _enlarged(PHOTOGRAPHS[scene % len(PHOTOGRAPHS)], sides)
        down, right = ((room * t) // SCENE for room in (whole.shape[0] - height, whole.shape[1] - width))
        part = whole[down : down + height, right : right + width]
        lamp, grain = 1 + LAMP * noise.uniform(-1, 1), GRAIN * noise.standard_normal(part.shape, np.float32)
        yield np.clip(255 * (part * lamp + grain), 0, 255).round().astype(np.uint8)


def _enlarged(name: str, sides: tuple[int, int]) -> np.ndarray:
    """A photograph in grey, wide enough to wander over it."""
    rgb = photograph(name)[None].float() / 255
    scale = max((1 + ROOM) * sides[1] / rgb.shape[-1], sides[0] / rgb.shape[-2])
    large = [int(side * scale + 0.999) for side in rgb.shape[-2:]]
    return F.interpolate(rgb.mean(1, keepdim=True), large, mode="bicubic")[0, 0].numpy()


def reel(path: Path, seconds: float, sides: tuple[int, int]) -> Path:
    """Write a film."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "20", "preset": "veryfast"})
        stream.height, stream.width = sides
        stream.pix_fmt = "yuv420p"
        track = container.add_stream("aac", rate=SOUND)
        for grey in frames(round(seconds * RATE), sides):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.stack([grey] * 3, -1), format="rgb24")))
        container.mux(stream.encode())
        for start in range(0, round(seconds * SOUND), 1024):
            tone = 0.3 * np.sin(2 * np.pi * PITCH / SOUND * np.arange(start, start + 1024, dtype=np.float32))[None]
            sound = av.AudioFrame.from_ndarray(tone.astype(np.float32), format="fltp", layout="mono")
            sound.rate, sound.pts, sound.time_base = SOUND, start, Fraction(1, SOUND)
            container.mux(track.encode(sound))
        container.mux(track.encode())
    return path


def start(film: Path, target: Path) -> subprocess.Popen:
    """The command, in a process of its own."""
    command = [sys.executable, "-m", "colorize_lib.cli", str(film), "-o", str(target)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def watched(process: subprocess.Popen) -> int:
    """Wait for its end; the most memory it held, in bytes."""
    peak = 0
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            continue
        peak = max([peak, *(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])
        time.sleep(0.5)
    if process.returncode:
        raise SystemExit(process.stderr.read().decode())
    return peak


def whole(film: Path, target: Path) -> dict:
    """Colour a film in one go: ``seconds`` of the clock, ``processor_seconds``, and ``peak_bytes``."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    peak = watched(start(film, target))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": time.monotonic() - began, "processor_seconds": spent, "peak_bytes": peak}


def killed(film: Path, target: Path, times: int, longest: float) -> list[dict]:
    """Start, kill after up to ``longest`` seconds, start again, ``times`` times, and then let it come to its end.

    Returns how each try ended, with how many parts were whole by then.
    """
    moments, ends = random.Random(0), []
    for number in range(times):
        process, how = start(film, target), (signal.SIGKILL, signal.SIGINT)[number % 2]
        with suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0, longest))
            raise SystemExit(f"It was whole after {number} kills: give it a longer film.")
        process.send_signal(how)
        process.communicate()
        if target.exists():
            raise SystemExit(f"{target} was there before it was whole.")
        parts = len(list(target.with_name(f".{target.name}.parts").glob("*.nut")))
        ends.append({"signal": how.name, "status": process.returncode, "parts": parts})
        print(ends[-1], flush=True)
    watched(start(film, target))
    return ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["minute", "kills"])
    parser.add_argument("--seconds", type=float, help="of the film (default: 60, and 8 for kills)")
    parser.add_argument("--times", type=int, default=10, help="how often it is killed")
    parser.add_argument("--folder", type=Path, help="where the films stay (default: nowhere)")
    parser.add_argument("-o", "--output", type=Path, help="also write it there, as JSON")
    args = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        sides = SIDES if args.what == "minute" else SMALL
        film = reel(folder / "grey.mp4", args.seconds or (60 if args.what == "minute" else 8), sides)
        facts = {"hardware": hardware(torch.device("cpu")), "torch": torch.__version__, "commit": git_commit()}
        found = {"name": args.what, "sides": sides, **facts, **whole(film, folder / "whole.mp4")}
        if args.what == "kills":
            found["ends"] = killed(film, folder / "killed.mp4", args.times, found["seconds"] / 2)
            found["same"] = (folder / "whole.mp4").read_bytes() == (folder / "killed.mp4").read_bytes()
    print(json.dumps(found, indent=1))
    if args.output:
        with atomic_path(args.output) as temporary:
            temporary.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
