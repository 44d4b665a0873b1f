"""Train on folders of anybody's pictures, of any size and kind, decoded as they are needed by worker processes.

Three steps: :func:`scan` looks once at every file and keeps what can be learned from, :class:`FolderLoader`
gives full batches of crops, and :func:`train_folder` puts them together with :func:`~colorize_lib.learner.fit`.
The workers are sent the names of a few batches at a time and no more, so that however slow the network is,
few pictures wait in memory.
"""

import hashlib
import math
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import colorize_lib.quiet  # noqa: F401

import numpy as np
import torch
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from PIL import Image, ImageOps
from torch.utils.data import DataLoader as TorchLoader
from torch.utils.data import Dataset
from tqdm.auto import tqdm

from .batches import ColourLoader
from .data import has_colour
from .device import pick_device
from .errors import InputError
from .files import READABLE, atomic_path, check_folder, user_path
from .gamut import Gamut
from .lab import rgb_to_lab, to_uint8
from .learner import Recipe, fit
from .pictures import read_rgb
from .plain import sometimes_plain
from .tiffs import quiet_libtiff

#: Pictures with a shorter side than this, in pixels, are skipped.
LEAST_SIDE = 32
#: A picture that decodes to more pixels than this is skipped, as every worker may hold one. JPEGs are reduced before.
MAX_PIXELS = 60_000_000
#: A crop's share of the picture's area, and its width over its height: from, to.
AREA, RATIO = (0.25, 1.0), (3 / 4, 4 / 3)
#: Batches that each worker is at most ahead of the network.
PREFETCH = 2
#: How the scan looks at a picture: the whole of it, in so many pixels each way; this many at a time.
_SCAN_SIZE, _SCAN_BATCH = 64, 32
#: About how many pictures the prior is counted on, and at most how many the loss is followed on.
_PRIOR_PICTURES, _DEV_PICTURES = 2000, 5000
_ATTEMPTS = 50
#: How many files are read to the end to know the pictures again when a stopped run goes on.
_READ_FILES = 500

#: Of a picture's (width, height), the left, upper, right and lower end of the part to show.
Box = tuple[float, float, float, float]
#: (name of the file below the folder, what the crop is drawn from).
Job = tuple[str, str]


def whole(width: int, height: int, rng: random.Random) -> Box:
    """The whole picture, squeezed into a square."""
    return 0, 0, width, height


def centre(width: int, height: int, rng: random.Random) -> Box:
    """The largest square, in the middle."""
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side


def random_crop(width: int, height: int, rng: random.Random) -> Box:
    """A rectangle somewhere, of a random :data:`AREA` and :data:`RATIO`, made smaller where it would not fit."""
    area = width * height * rng.uniform(*AREA)
    ratio = math.exp(rng.uniform(*map(math.log, RATIO)))
    w, h = math.sqrt(area * ratio), math.sqrt(area / ratio)
    shrink = min(1, width / w, height / h)
    w, h = w * shrink, h * shrink
    left, top = rng.random() * (width - w), rng.random() * (height - h)
    return left, top, min(left + w, width), min(top + h, height)


def _rng(key: str) -> random.Random:
    """What ``random.Random(key)`` is, also for a key with the name of a file that is no text."""
    return random.Random(key.encode(errors="surrogatepass"))


class Reader(Dataset):
    """Decodes one file at a time, in a worker process. It holds no list of files: the names are sent to it.

    Parameters
    ----------
    folder
        The names are below it.
    size
        Side of what is returned, in pixels.
    view
        :func:`whole`, :func:`centre` or :func:`random_crop`; with the last, half of the pictures are flipped.
    plain
        With the last view, this share of the pictures is framed or replaced: see
        :func:`~colorize_lib.plain.sometimes_plain`.
    """

    def __init__(self, folder: Path, size: int, view: Callable[[int, int, random.Random], Box], plain: float = 0.0):
        self.folder, self.size, self.view, self.plain = folder, size, view, plain

    def __getitem__(self, job: Job) -> np.ndarray | str:
        """``(3, size, size)`` uint8, sRGB; or in a word why not: ``"unreadable"``, ``"too small"`` or ``"too large"``.

        What is drawn depends on ``job[1]`` alone.
        """
        name, key = job
        rng = _rng(key)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow's, on large pictures and damaged EXIF
                # Not by its path: some releases of Pillow map that into memory, and turn such TIFFs wrongly.
                with open(self.folder / name, "rb") as file, Image.open(file) as image, quiet_libtiff(image):
                    pixels = self._cut(image, rng)
        except Image.DecompressionBombError:
            return "too large"
        except Exception:  # Pillow raises OSError, SyntaxError, struct.error, ... on damaged files
            return "unreadable"
        if isinstance(pixels, str):
            return pixels
        if self.view is random_crop and rng.random() < 0.5:
            pixels = pixels[:, ::-1]
        if self.view is random_crop and self.plain:
            pixels = sometimes_plain(pixels, rng, self.plain)
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def _cut(self, image: Image.Image, rng: random.Random) -> np.ndarray | str:
        """The view of an opened file, ``(size, size, 3)`` uint8, or why there is none."""
        if min(image.size) < LEAST_SIDE:
            return "too small"
        if image.format == "TIFF":  # Pillow turns it as it loads it, whatever its size has been until then
            if image.width * image.height > MAX_PIXELS:
                return "too large"
            image.load()
        turned = image.getexif().get(0x0112, 1)
        width, height = image.size if turned < 5 else image.size[::-1]
        box = self.view(width, height, rng)
        scale = self.size / min(box[2] - box[0], box[3] - box[1])
        if scale < 1:  # a JPEG is decoded at a half, a quarter or an eighth, if that still is enough
            image.draft(None, tuple(math.ceil(edge * scale) for edge in image.size))
        if image.width * image.height > MAX_PIXELS:
            return "too large"
        if image.mode != "RGB" or "transparency" in image.info:
            rgb = read_rgb(image)  # (3, H, W), upright
            image = Image.fromarray((rgb if rgb.dtype == torch.uint8 else to_uint8(rgb)).permute(1, 2, 0).numpy())
        elif turned != 1:
            image = ImageOps.exif_transpose(image)
        across, down = image.width / width, image.height / height
        box = (box[0] * across, box[1] * down, min(box[2] * across, image.width), min(box[3] * down, image.height))
        return np.asarray(image.resize((self.size, self.size), Image.Resampling.BILINEAR, box, reducing_gap=2.0))


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
    with _interrupts_wait(), warnings.catch_warnings():
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
def _interrupts_wait() -> Iterator[None]:
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


def find_pictures(folder: str | Path) -> list[str]:
    """Names, below ``folder``, of all files that are called pictures, sorted; hidden ones are left out.

    Links are followed, but no folder is entered twice. A folder that may not be read is listed like a file,
    so that the scan reports it.

    Raises
    ------
    InputError
        If ``folder`` is no folder or holds no such file.
    """
    folder, found, entered = user_path(folder), [], set()
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.")

    def list_unreadable(error: OSError) -> None:
        found.append(error.filename)

    for place, folders, files in os.walk(folder, followlinks=True, onerror=list_unreadable):
        real = os.path.realpath(place)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (os.path.join(place, f) for f in files if f.lower().endswith(READABLE) and not f.startswith("."))
        # Not a pipe or a device, which might never end; a link to nowhere stays, to be reported.
        found.extend(path for path in paths if os.path.isfile(path) or not os.path.exists(path))
    if not found:
        raise InputError(f"{folder} holds no pictures, and neither CIFAR-10 nor Tiny ImageNet.")
    return sorted(Path(path).relative_to(folder).as_posix() for path in found)


def find_together(folders: Sequence[str | Path]) -> tuple[Path, list[str]]:
    """(the folder that several are in, the names below it of all their pictures, as :func:`find_pictures` finds them).

    A single folder is itself the one that its pictures are in. Raises as ``find_pictures`` does.
    """
    if len(folders) == 1:
        return user_path(folders[0]), find_pictures(folders[0])
    found = {user_path(folder).resolve(): find_pictures(folder) for folder in folders}
    try:
        parent = Path(os.path.commonpath(found))
    except ValueError as error:  # drives of Windows
        raise InputError(f"{' and '.join(map(str, folders))} are on different drives: put them on one.") from error
    return parent, sorted({(place / name).relative_to(parent).as_posix() for place in found for name in found[place]})


@dataclass(frozen=True)
class Scan:
    """What there is in one folder, or in several together.

    Attributes
    ----------
    folder
        The folder, or the one that the several are in.
    source
        What to call the pictures: the name of the folder, or of each below the one that they are in.
    names
        Of the pictures that can be learned from, below the folder, sorted.
    skipped
        The other files: (name, why).
    prior
        ``(Q,)``: how often each bin occurs among the pixels of a sample of the pictures.
    sha256
        Of all names and file sizes, and of what is in some of the files.
    """

    folder: Path
    source: str
    names: list[str]
    skipped: list[tuple[str, str]]
    prior: torch.Tensor
    sha256: str

    def summary(self) -> str:
        """A sentence on what was skipped, or an empty string."""
        if not self.skipped:
            return ""
        return f"{len(self.skipped)} of {len(self.skipped) + len(self.names)} files were skipped: {_list(self.skipped)}"

    def split(self) -> tuple[list[str], list[str]]:
        """(training, dev) names: every 20th is for dev; more of few pictures, and fewer of very many.

        Pictures that are alike often have names that are alike: dev is then easier than it should be.
        """
        step = max(min(20, max(5, len(self.names) // 16)), len(self.names) // _DEV_PICTURES)
        return [name for i, name in enumerate(self.names) if i % step], self.names[::step]


def scan(
    folders: str | Path | Sequence[str | Path],
    gamut: Gamut,
    workers: int | None = None,
    limit: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Scan:
    """Look once at every picture, small: which of them can be read, are coloured and large enough.

    Parameters
    ----------
    folders
        One or several, searched with all folders in them.
    gamut
        The bins to count for the prior.
    workers
        Processes that decode; 0 for none but this one, None for :func:`default_workers`.
    limit
        Look at so many files only, drawn with ``seed``.

    Raises
    ------
    InputError
        If there is nothing to learn from in the folder.
    """
    folders = [folders] if isinstance(folders, (str, Path)) else list(folders)
    folder, names = find_together(folders)
    if limit and limit < len(names):
        names = sorted(random.Random(seed).sample(names, limit))
    usable, skipped, counts, counted = [], [], torch.zeros(len(gamut)), 0
    step = max(1, len(names) // _PRIOR_PICTURES)
    batches = [[(name, "") for name in names[i : i + _SCAN_BATCH]] for i in range(0, len(names), _SCAN_BATCH)]
    workers = min(default_workers() if workers is None else workers, len(batches))
    with tqdm(total=len(names), desc="looking at the pictures", unit=" files", disable=not progress) as bar:
        for jobs, (rgb, reasons) in zip(
            batches, stream(Reader(folder, _SCAN_SIZE, whole), batches, workers), strict=True
        ):
            lab = rgb_to_lab(torch.from_numpy(rgb)) if len(rgb) else torch.empty(0, 3, 1, 1)  # (n, 3, h, w)
            coloured = has_colour(lab[:, 1:])  # (n,)
            reasons = _with_grey(reasons, coloured.tolist())
            skipped += [(name, why) for (name, _), why in zip(jobs, reasons, strict=True) if why]
            lab = lab[coloured][-len(usable) % step :: step]  # of all usable pictures, every step-th
            usable += [name for (name, _), why in zip(jobs, reasons, strict=True) if not why]
            if len(lab):
                counts, counted = counts + len(lab) * gamut.prior(lab[:, 1:], smoothing=0), counted + len(lab)
            bar.update(len(jobs))
    if not usable:
        raise InputError(f"{folder} holds no picture to learn from: {_list(skipped)}")
    return Scan(
        folder, _called(folder, folders), usable, skipped, gamut.smooth(counts / counted), _digest(folder, usable)
    )


def _called(parent: Path, folders: Sequence[str | Path]) -> str:
    """The name of the only folder, or those of several below the one that they are in."""
    if len(folders) == 1:
        return parent.resolve().name
    return " + ".join(user_path(folder).resolve().relative_to(parent).as_posix() for folder in folders)


def _with_grey(reasons: list[str], coloured: list[bool]) -> list[str]:
    """The reasons, and "grey" for those pictures that could be read and are."""
    verdicts = iter(coloured)
    return [why or ("" if next(verdicts) else "grey") for why in reasons]


def _digest(folder: Path, names: list[str]) -> str:
    """sha256 of the names and file sizes, and of what is in about every n-th file, :data:`_READ_FILES` at most."""
    sha256, step = hashlib.sha256(), -(-len(names) // _READ_FILES)
    for i, name in enumerate(names):
        try:
            size = os.stat(folder / name).st_size
            content = (folder / name).read_bytes() if i % step == 0 else b""
        except OSError:  # it has just vanished: as good as empty
            size, content = 0, b""
        sha256.update(os.fsencode(name) + b"\0%d\n" % size + hashlib.sha256(content).digest())
    return sha256.hexdigest()


def _list(skipped: list[tuple[str, str]], most: int = 3) -> str:
    """``2 unreadable (a.jpg, b.jpg), 1 grey (c.jpg).``"""
    parts = []
    for why in dict.fromkeys(why for _, why in skipped):
        names = [name.encode(errors="backslashreplace").decode() for name, reason in skipped if reason == why]
        parts.append(f"{len(names)} {why} ({', '.join(names[:most])}{', ...' if len(names) > most else ''})")
    return f"{', '.join(parts)}."


class FolderLoader(DataLoader):
    """Yields ``(L, ab)`` of pictures that workers read from a folder: ``(N, 1, H, W)`` and ``(N, 2, H, W)``.

    All batches are full, but the last one without ``drop_last``. For a picture that can no longer be read there
    is another one of the list, and a line on stderr when the epoch is over.

    Parameters
    ----------
    names
        Of the pictures, below ``folder``.
    folder
        Where they are.
    size
        Side of a batch's pictures, in pixels.
    batch
        How many to a batch.
    shuffle
        Shuffle, cut at random and flip half of them; else in order, and the middle of each. What is drawn depends
        on ``seed`` and ``epoch`` alone, so a resumed run sees what it would have seen.
    drop_last
        Leave out a last batch that is not full.
    workers
        Processes that decode; 0 for none but this one. The batches do not depend on it.
    """

    def __init__(
        self,
        names: list[str],
        folder: Path,
        size: int = 64,
        batch: int = 64,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int = 0,
        workers: int = 0,
        device: torch.device | str = "cpu",
        plain: float = 0.0,
    ):
        super().__init__(names, bs=batch, shuffle=shuffle, drop_last=drop_last, device=torch.device(device))
        self.reader, self.plain = Reader(Path(folder), size, random_crop if shuffle else centre, plain), plain
        self.seed, self.workers, self.epoch = seed, workers, 0
        self.failed: dict[str, str] = {}  # name: why

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        return self._batches(self.workers)

    def one_batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The first batch, read without starting any worker."""
        return next(self._batches(0))

    def _batches(self, workers: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        reported = len(self.failed)
        order = list(range(len(self.dataset)))
        if self.shuffle:
            rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
            order = torch.randperm(len(order), generator=rng).tolist()
        key = f"{self.seed} {self.epoch}"  # now: the jobs are made while the epoch goes on

        def jobs() -> Iterator[list[Job]]:
            for start in range(0, len(self) * self.bs, self.bs):
                names = [self.dataset[i] for i in order[start : start + self.bs]]
                yield [(name, f"{key} {name}") for name in names]

        found = stream(self.reader, jobs(), min(workers, len(self)))
        try:
            # zip ends with the first: one more step of the second would wait for nothing.
            for batch, (rgb, reasons) in zip(jobs(), found, strict=False):
                rgb = torch.from_numpy(self._refilled(batch, rgb, reasons))
                yield ColourLoader.to_batch(rgb.to(self.device), None)
        finally:  # also of an epoch that is cut short
            with _interrupts_wait():
                del found  # which ends the workers
            if new := list(self.failed.items())[reported:]:
                print(f"\nPictures that can no longer be read, others stood in: {_list(new)}", file=sys.stderr)

    def _refilled(self, jobs: list[Job], rgb: np.ndarray, reasons: list[str]) -> np.ndarray:
        """``(N, 3, H, W)`` uint8, with another picture for each that is missing."""
        if not any(reasons):
            return rgb
        self.failed |= {name: why for (name, _), why in zip(jobs, reasons, strict=True) if why}
        read = iter(rgb)
        return np.stack([self._another(job) if why else next(read) for job, why in zip(jobs, reasons, strict=True)])

    def _another(self, job: Job) -> np.ndarray:
        """A picture instead of that one, ``(3, H, W)`` uint8: always the same, as long as it can be read."""
        rng = _rng(f"{job[1]} again")
        for _ in range(_ATTEMPTS):
            picture = self.reader[rng.choice(self.dataset), job[1]]
            if not isinstance(picture, str):
                return picture
        raise InputError(f"Most pictures of {self.reader.folder} can no longer be read: is the disk still there?")

    def new(self, dataset: list[str] | None = None, cls: type | None = None, **kwargs) -> "FolderLoader":
        """A loader like this one; fastai calls it to draw a shuffled batch of the dev pictures."""
        known = ("shuffle", "drop_last", "seed", "workers", "device", "plain")
        settings = {name: getattr(self, name) for name in known}
        settings |= {name: value for name, value in kwargs.items() if name in known}
        names, batch = self.dataset if dataset is None else dataset, kwargs.get("bs", self.bs)
        return type(self)(names, self.reader.folder, self.reader.size, batch, **settings)

    show_batch, show_results = ColourLoader.show_batch, ColourLoader.show_results


def folder_dataloaders(
    found: Scan,
    size: int = 64,
    batch: int = 64,
    seed: int = 0,
    workers: int | None = None,
    device: torch.device | str | None = None,
    plain: float = 0.0,
) -> DataLoaders:
    """Training batches, shuffled, cut at random and flipped, and dev batches, in order.

    Of the former the share ``plain`` is framed or without colour: see :class:`Reader`.
    Raises :class:`~colorize_lib.errors.InputError` for too few pictures.
    """
    train, dev = found.split()
    if len(train) < batch:
        raise InputError(
            f"{found.folder} has {len(found.names)} pictures to learn from, {len(dev)} of them kept to follow the "
            f"loss on, which does not fill one batch of {batch}: use more, or less a batch."
        )
    device = pick_device(device)
    common = {"seed": seed, "workers": default_workers() if workers is None else workers, "device": device}
    train_loader = FolderLoader(train, found.folder, size, batch, shuffle=True, drop_last=True, plain=plain, **common)
    return DataLoaders(train_loader, FolderLoader(dev, found.folder, size, batch, **common), device=device)


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

    Like :func:`~colorize_lib.learner.train`, but with random crops, as large as the recipe says, instead of its
    shift and zoom.
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
        Processes that decode; 0 for none but this one, None for :func:`default_workers`.
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
    with _killed_worker():
        found = scan(data, gamut, workers, files, recipe.seed, progress)
        _report(found, Path(folder) / f"{recipe.name}-skipped.txt")
        dls = folder_dataloaders(found, recipe.size, recipe.batch, recipe.seed, workers, device, recipe.plain)
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


@contextmanager
def _killed_worker() -> Iterator[None]:
    """torch raises a RuntimeError, anywhere in the main process, when a worker is killed."""
    try:
        yield
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        advice = "was killed, maybe because memory ran out: use fewer workers."
        raise InputError(f"A process that reads pictures {advice}") from error
