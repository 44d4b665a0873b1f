"""Train a colorizer on any folder of pictures."""

import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from ..colour.gamut import Gamut
from ..data.folder import Scan, scan
from ..data.folder_batches import folder_dataloaders
from ..data.workers import killed_worker
from ..errors import InputError
from ..files import atomic_path, check_folder
from .learner import fit
from .recipes import Recipe


def train_folder(
    recipe: Recipe,
    data: str | Path | Sequence[str | Path],
    folder: str | Path,
    workers: int | None = None,
    limit: int | None = None,
    gamut: Gamut | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> Path:
    """Train on the pictures in ``data``, or take up again where a stopped run left off.

    Like :func:`~colorize_lib.training.learner.train`, but with random crops, as large as the recipe says, instead of
    its shift and zoom.
    A stopped run goes on if the pictures' names and file sizes are the same, and so is what is in up to 500 of the
    files. Which files were skipped, and why, is written to ``folder/<recipe.name>-skipped.txt``.

    Parameters
    ----------
    recipe
        What to train.
    data
        The folder with the pictures, or several to learn from together, searched with all folders in them.
    folder
        For the checkpoint and the weights; made if missing.
    workers
        Processes that decode; 0 for none but this one, None for :func:`~colorize_lib.data.workers.default_workers`.
    limit
        Use about so many training pictures.

    Returns
    -------
    pathlib.Path
        ``folder/<recipe.name>.safetensors``.

    Raises
    ------
    InputError
        As ``train`` does; and for too few usable pictures, or if a worker is killed.
    """
    if workers is not None and workers < 0:
        raise InputError(f"The workers must be 0 or more, not {workers}.")
    check_folder(folder)
    gamut = gamut or Gamut()
    files = math.ceil(limit * 20 / 19) if limit else None  # with what is kept for dev
    with killed_worker():
        found = scan(data, gamut, workers, files, recipe.seed, progress)
        _report(found, Path(folder) / f"{recipe.name}-skipped.txt")
        made = {"plain": recipe.plain, "worn": recipe.worn, "small": recipe.small}
        dls = folder_dataloaders(found, recipe.size, recipe.batch, recipe.seed, workers, device, **made)
        described = {"source": found.source, "images": len(dls.train.dataset), "size": [recipe.size, recipe.size]}
        return fit(recipe, dls, folder, gamut, found.prior, {"data": described, "sha256": found.sha256}, progress)


def _report(found: Scan, path: Path) -> None:
    """Say what was skipped, and write a line for each of those files: why, a tab and the name."""
    if not found.skipped:
        path.unlink(missing_ok=True)  # of an earlier run
        return
    lines = [f"{why}\t".encode() + os.fsencode(name).replace(b"\n", b"\\n") + b"\n" for name, why in found.skipped]
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"".join(lines))
    print(f"{found.summary()} All of them are in {path}.", file=sys.stderr)
