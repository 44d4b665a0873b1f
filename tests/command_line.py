"""The command in a process of its own or in this one, and what it left and said."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from colorize_lib import cli

MODULE = [sys.executable, "-m", "colorize_lib.cli"]
INSTALLED = Path(sys.executable).parent / "colorize"


def colorize(*arguments, cwd: Path, command=MODULE, **kwargs) -> subprocess.CompletedProcess:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    arguments = [*command, *map(str, arguments)]
    return subprocess.run(arguments, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, **kwargs)


def files(folder: Path) -> list[str]:
    """All files below a folder, hidden ones and leftovers too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def assert_refused(run: subprocess.CompletedProcess, message: str):
    """Status 2, nothing on stdout, one line on stderr that says what is wrong."""
    assert run.returncode == 2, run
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    assert len(run.stderr.splitlines()) == 1, run.stderr
    assert re.search(message, run.stderr), run.stderr
    assert run.stderr.startswith("colorize: ")


def chroma(path: Path) -> float:
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return float((pixels.max(-1) - pixels.min(-1)).mean())


def run_command(capsys, *arguments) -> tuple[int, str, str]:
    """``colorize experiment`` in this process: status, stdout, stderr."""
    status = cli.main(["experiment", *map(str, arguments)])
    return (status, *capsys.readouterr())
