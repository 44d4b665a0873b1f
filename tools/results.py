"""The result files that the book reads its numbers from: what makes each, how long that took, and the making itself.

    make results                            the list
    make results ARGS=regression            train the network if runs/ does not hold it, measure, write the file again
    make results ARGS="--show regression"   only say what would be run

Data are taken from $COLORIZE_DATA. A stopped command goes on where it was when it is repeated.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from tqdm.auto import tqdm

from colorize_lib.measuring.provenance import source

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "results"


def read_all() -> dict[str, dict]:
    """Every result by its name, in alphabetical order."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))}


def minutes(result: dict) -> float:
    """How long it took: the network's training, if the result is of one, and the rest."""
    own, network = result["seconds"], result.get("weights", {})
    if "training_seconds" in result:  # some of the networks may have been trained before this run
        own = result["training_seconds"] + result.get("measuring_seconds", result["seconds"])
    own = 0 if own == "unknown" else own
    own += 60 * result.get("minutes", 0) * len(result.get("rows", ())) if result["name"] == "photo-trials" else 0
    curves = sum(run["images"] * run["epochs"] / run["images_per_second"] for run in result.get("curves", ()))
    return (own + curves + sum(epoch["seconds"] for epoch in network.get("history", ()))) / 60


def listing(results: dict[str, dict]) -> str:
    """A line for each result: its name, minutes, hardware and date, and below it the command."""
    lines = []
    for name, result in results.items():
        made = source(result)
        lines.append(f"{name:20} {minutes(result):6.0f} min on {made.hardware}, {made.date}; data: {made.data}")
        lines.append(f"    {made.command}")
    return "\n".join(lines)


def commands(result: dict) -> list[list[str]]:
    """What to run for a result, one after the other, with this Python's ``colorize``."""
    own = {"colorize": [sys.executable, "-m", "colorize_lib.cli"], "python": [sys.executable]}
    found = []
    for part in source(result).command.split(" && "):
        first, *rest = shlex.split(part.replace(" DATA ", f" {shlex.quote(os.environ.get('COLORIZE_DATA', 'DATA'))} "))
        found.append([*own[first], *rest])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="make results", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to make again; nothing for the list")
    parser.add_argument("--show", action="store_true", help="only print what would be run")
    args = parser.parse_args()
    results = read_all()
    if unknown := [name for name in args.names if name not in results]:
        parser.error(f"there is no result {unknown[0]!r}: choose from {', '.join(results)}")
    if not args.names:
        print(listing(results))
    steps = [step for name in args.names for step in commands(results[name])]
    for step in tqdm(steps, "steps", disable=args.show or len(steps) < 2):
        print("$ " + shlex.join(step), flush=True)
        if not args.show and (status := subprocess.run(step, cwd=ROOT).returncode):
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
