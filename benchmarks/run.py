"""How fast colorize_lib is, side by side with what it would be built from otherwise.

    python benchmarks/run.py [--only step|encode|lab|ssim|paint|photo] [--quick] [--record]

prints a Markdown table and, when all of it ran in full, writes benchmarks/results/<processor>.json. With --record
a comparison that ran alone takes its place in that file.

How the numbers are taken: the two sides of a comparison take turns in one process, on the same
images and with the same number of threads, after a warm-up. Every round gives one ratio; the table
has their median and, in brackets, the smallest and the largest. So a busy or slow machine changes
the times (medians too) much more than the ratios. Of NearestNeighbors' algorithms the one that is
fastest here is taken. That both sides compute the same is checked before they are timed. Memory is
the peak of what torch allocates.

Threads that wait for each other sleep instead of spinning, on both sides, unless OMP_WAIT_POLICY is
set to something else than passive: where other work keeps the cores busy, spinning threads wait for
the scheduler, and the numbers say nothing.
"""

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read when torch is imported

import numpy as np
import torch
from fastai.callback.core import Callback
from recording import machine, record, require
from timing import HEADER, Row, fastest, milliseconds, peak_memory, quotients, take_turns, threads
from torch.nn import functional as F

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from colorize_lib.colour.resolution import halve
from colorize_lib.data.batches import colour_dataloaders
from colorize_lib.data.examples import photograph, photograph_patches
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.measuring.metrics import ssim
from colorize_lib.networks.eccv16 import ECCV16
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.training.checkpoint import EpochSeed, StopOnNonFinite
from colorize_lib.training.learner import build_learner, training_prior
from colorize_lib.training.precision import mixed_precision
from colorize_lib.training.recipes import Recipe, get_recipe
from colorize_lib.weights.released import SIZE

RESULTS = Path(__file__).with_name("results")
#: Images, 32x32 pixels each, in the batch that is encoded and converted.
BATCH = 128


def compare_step(quick: bool) -> list[Row]:
    """Images/s of the real training against the same network in a bare loop on synthetic tensors."""
    recipe, gamut = get_recipe("classification", epochs=1), Gamut()
    images = photograph_patches(recipe.batch * (SideBySide.warm_up + (6 if quick else 40)))
    dls = colour_dataloaders(images, images[: recipe.batch], recipe.batch, recipe.shift, recipe.seed, device="cpu")
    timer = SideBySide(BareLoop(recipe, len(gamut)), gamut)
    # What train() builds, but for its Checkpoint, which does nothing until an epoch ends.
    learner = build_learner(
        recipe, dls, gamut, training_prior(gamut, images), cbs=[StopOnNonFinite(), EpochSeed(), timer]
    )
    with redirect_stdout(StringIO()):  # the progress bar is timed, but not shown
        learner.fit_one_cycle(recipe.epochs, recipe.lr)
    step, share = quotients(timer.bare, timer.real), quotients(timer.encode, timer.real, 100)
    name, bare = f"training step, batch {recipe.batch}", "bare PyTorch loop, synthetic tensors, hard labels"
    return [
        Row(f"{name}: images/s", bare, ">= 0.9", step, timer.real, timer.bare),
        Row("soft encoding in that step: % of its time", "the whole step", "", share, timer.encode, timer.real),
    ]


class BareLoop:
    """The least that training can be: forward, dense cross-entropy, backward, AdamW, on a fixed batch."""

    def __init__(self, recipe: Recipe, bins: int, size: int = 32):
        torch.manual_seed(recipe.seed)
        self.model = UNet(UNetConfig(bins, recipe.widths)).to(memory_format=torch.channels_last).train()
        mixed_precision(self.model, torch.device("cpu"))
        decay, parameters = recipe.weight_decay, self.model.parameters()
        self.optimiser = torch.optim.AdamW(parameters, lr=recipe.lr, betas=(0.9, 0.99), weight_decay=decay)
        self.lightness = 100 * torch.rand(recipe.batch, 1, size, size)
        self.label = torch.randint(bins, (recipe.batch, size // 2, size // 2))

    def step(self) -> None:
        self.optimiser.zero_grad()
        F.cross_entropy(self.model(self.lightness), self.label).backward()
        self.optimiser.step()


class SideBySide(Callback):
    """Times a fastai step, from the end of the one before, and a bare step after each."""

    order = 100  # after every other callback, so that all of them are in the measured time
    warm_up = 3

    def __init__(self, bare: BareLoop, gamut: Gamut):
        self.loop, self.gamut, self.last = bare, gamut, None
        self.real, self.bare, self.encode = [], [], []

    def after_batch(self):
        if not self.training:
            return
        real = 1000 * (time.perf_counter() - self.last) if self.last else None
        bare = milliseconds(self.loop.step)
        encode = milliseconds(lambda: self.gamut.encode(halve(self.y)))
        if self.iter >= self.warm_up:
            for times, elapsed in ((self.real, real), (self.bare, bare), (self.encode, encode)):
                times.append(elapsed)
        self.last = time.perf_counter()


def compare_encode(quick: bool) -> list[Row]:
    """Gamut.encode against a nearest-neighbour search, and its memory against the dense target's."""
    gamut, ab = Gamut(), rgb_to_lab(photograph_patches(BATCH).rgb)[:, 1:]
    check_encode(gamut, ab)
    rows = []
    for count in sorted({1, min(2, os.cpu_count() or 1)}):
        with threads(count):
            searches = {f"NearestNeighbors ({a})": neighbour_search(gamut, ab, a, count) for a in ALGORITHMS}
            peer, search = fastest(searches)
            ours, theirs = take_turns(lambda: gamut.encode(ab), search, 3 if quick else 30)
        name = f"soft encoding, {BATCH} images, {count} thread{'s' * (count > 1)}: times faster"
        rows.append(Row(name, f"scikit-learn {peer}", ">= 5", quotients(theirs, ours), ours, theirs))
    sparse, dense = peak_memory(lambda: gamut.encode(ab)), peak_memory(lambda: dense_target(gamut, ab))
    memory = Row(
        "soft encoding: peak memory", "dense (N, Q, H, W) float32", "< 0.1", [sparse / dense], [sparse], [dense], "MiB"
    )
    return [*rows, memory]


#: Of scikit-learn's NearestNeighbors: all that there are.
ALGORITHMS = ("brute", "kd_tree", "ball_tree")


def neighbour_search(gamut: Gamut, ab: torch.Tensor, algorithm: str, jobs: int, neighbours: int = 5) -> Callable:
    """Soft encoding as the original code does it: ``(pixels, K)`` index, weight and distance."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=neighbours, algorithm=algorithm, n_jobs=jobs).fit(gamut.centres.numpy())

    def encode() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        distance, index = search.kneighbors(ab.permute(0, 2, 3, 1).reshape(-1, 2).numpy())
        weight = np.exp(-(distance**2) / (2 * gamut.sigma**2))
        return index, weight / weight.sum(1, keepdims=True), distance

    return encode


def dense_target(gamut: Gamut, ab: torch.Tensor) -> torch.Tensor:
    """``(N, Q, H, W)``: what the sparse pair stands for."""
    index, weight = gamut.encode(ab)
    return torch.zeros(len(ab), len(gamut), *ab.shape[2:]).scatter_(1, index, weight)


def check_encode(gamut: Gamut, ab: torch.Tensor) -> None:
    """The same weights as the search's everywhere, and the same bins where no two are equally far."""
    peer_index, peer_weight, _ = neighbour_search(gamut, ab, "kd_tree", 1)()
    _, _, distance = neighbour_search(gamut, ab, "kd_tree", 1, neighbours=6)()
    index, weight = (t.permute(0, 2, 3, 1).reshape(-1, 5).numpy() for t in gamut.encode(ab))
    clear = np.diff(distance, axis=1).min(1) > 1e-3
    require(np.abs(weight - peer_weight).max() < 1e-4, "Gamut.encode and NearestNeighbors give different weights")
    require((index == peer_index)[clear].all(), "Gamut.encode and NearestNeighbors find different bins")


def compare_lab(quick: bool) -> list[Row]:
    """rgb_to_lab on uint8 against scikit-image and kornia, on one thread."""
    from kornia.color import rgb_to_lab as kornia_rgb_to_lab
    from skimage.color import rgb2lab

    rgb = photograph_patches(BATCH).rgb
    picture = rgb.permute(0, 2, 3, 1).contiguous().numpy()  # (N, H, W, 3), which scikit-image expects
    peers = {
        "scikit-image rgb2lab, uint8": lambda: rgb2lab(picture),
        "scikit-image rgb2lab, float32 (/ 255 included)": lambda: rgb2lab(picture.astype(np.float32) / 255),
        "kornia rgb_to_lab (/ 255 included)": lambda: kornia_rgb_to_lab(rgb.float() / 255),
    }
    rows = []
    for (peer, convert), goal in zip(peers.items(), (">= 5", "", ">= 1.5"), strict=True):
        with threads(1):
            theirs, ours = convert(), rgb_to_lab(rgb)
            theirs = torch.from_numpy(theirs).permute(0, 3, 1, 2) if isinstance(theirs, np.ndarray) else theirs
            require((ours - theirs).abs().max() < 1e-3, f"rgb_to_lab differs by more than 1e-3 from {peer}")
            ours, theirs = take_turns(lambda: rgb_to_lab(rgb), convert, 3 if quick else 50)
        name = f"uint8 RGB to Lab, {BATCH} images, 1 thread: times faster"
        rows.append(Row(name, peer, goal, quotients(theirs, ours), ours, theirs))
    return rows


def compare_ssim(quick: bool) -> list[Row]:
    """SSIM of uint8 pictures against torchmetrics, on one thread."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    def theirs() -> torch.Tensor:
        return structural_similarity_index_measure(darker.float(), rgb.float(), data_range=255.0)

    rgb = photograph_patches(BATCH).rgb
    darker = (0.9 * rgb.float()).byte()
    with threads(1):
        require(abs(ssim(darker, rgb) - theirs().item()) < 1e-4, "ssim and torchmetrics differ")
        ours, peer = take_turns(lambda: ssim(darker, rgb), theirs, 3 if quick else 50)
    name = f"SSIM, {BATCH} images, 1 thread: times faster"
    return [Row(name, "torchmetrics structural_similarity_index_measure", ">= 3", quotients(peer, ours), ours, peer)]


def compare_paint(quick: bool) -> list[Row]:
    """A large picture painted in strips against all of it at once, which gives the same pixels but for rounding."""
    colorizer = Colorizer.load("classification", "cpu")
    side = 600 if quick else 3000
    photo = F.interpolate(photograph("astronaut")[None].float(), size=side, mode="bicubic").clamp(0, 255).byte()[0]

    def at_once() -> torch.Tensor:
        light = rgb_to_lab(photo)[None, :1]
        ab = colorizer.colour_lightness(light, 0.38, 0.55, colorizer.size)
        return to_uint8(lab_to_rgb(torch.cat((light, ab), 1)))[0]

    def in_strips() -> torch.Tensor:
        return colorizer.paint(photo, 0.38, 0.55, colorizer.size)

    with threads(1):
        # Some processors round the last digit of a float by where it stands in memory, which can turn a level.
        levels = (in_strips().short() - at_once().short()).abs().max()
        require(levels <= 1, f"Strips give other pixels, by up to {levels} levels")
        ours, theirs = take_turns(in_strips, at_once, 2 if quick else 10)
        memory, whole = peak_memory(in_strips), peak_memory(at_once)
    name, peer = f"painting {side**2 / 1e6:.3g} megapixels in strips, 1 thread", "all rows at once"
    return [
        Row(f"{name}: times faster", peer, "", quotients(theirs, ours), ours, theirs),
        Row(f"{name}: peak memory", peer, "< 0.25", [memory / whole], [memory], [whole], "MiB"),
    ]


def compare_photo(quick: bool) -> list[Row]:
    """A photograph of a megapixel, from its pixels to coloured pixels, against what only the network of [1]_ takes.

    .. [1] R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016. Made-up weights take as long.
    """
    colorizer = Colorizer.load(device="cpu")
    photo = F.interpolate(photograph("astronaut")[None].float(), size=1000, mode="bicubic").clamp(0, 255).byte()[0]
    picture = photo.permute(1, 2, 0).contiguous().numpy()  # (H, W, 3)
    torch.manual_seed(0)
    lightness = 100 * torch.rand(1, 1, SIZE, SIZE)

    def forward(layout: torch.memory_format) -> Callable:
        network, light = ECCV16().eval().to(memory_format=layout), lightness.to(memory_format=layout)
        return torch.inference_mode()(lambda: network(light))

    rows = []
    with threads(1):
        layouts = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
        layout, peer = fastest({name: forward(one) for name, one in layouts.items()})
        for size in VIEWS:
            ours, theirs = take_turns(
                lambda size=size: colorizer.colorize(picture, size=size), peer, 2 if quick else 12, time.process_time
            )
            name = f"1 megapixel coloured by `{colorizer.name}`, seen at {size}x{size}, 1 thread: CPU time"
            goal = "< 0.4" if size == colorizer.size else ""
            name_of_peer = f"forward pass of ECCV-16 alone at {SIZE}x{SIZE} ({layout})"
            rows.append(Row(name, name_of_peer, goal, quotients(ours, theirs), ours, theirs))
    return rows


#: Sides of what the network is shown, in pixels.
VIEWS = (96, 128, 160, 192)

COMPARISONS = {
    "step": compare_step,
    "encode": compare_encode,
    "lab": compare_lab,
    "ssim": compare_ssim,
    "paint": compare_paint,
    "photo": compare_photo,
}
#: What a comparison needs beside colorize_lib: the name to import and the name to install.
PEERS = {
    "step": {},
    "encode": {"sklearn": "scikit-learn"},
    "lab": {"kornia": "kornia", "skimage": "scikit-image"},
    "ssim": {"torchmetrics": "torchmetrics"},
    "paint": {},
    "photo": {},
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time colorize_lib side by side with its peers.")
    parser.add_argument("--only", choices=COMPARISONS, help="run one comparison; the results stay as they are")
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that it runs; the results stay")
    parser.add_argument("--record", action="store_true", help="put the one comparison into the results all the same")
    options = parser.parse_args()
    chosen = [options.only] if options.only else list(COMPARISONS)
    missing = [name for key in chosen for module, name in PEERS[key].items() if not importlib.util.find_spec(module)]
    if missing:
        sys.exit(f"{' and '.join(missing)} missing: pip install -e .[benchmark], or use --only step.")
    rows = [row for key in chosen for row in COMPARISONS[key](options.quick)]
    print(HEADER, *(row.to_markdown() for row in rows), sep="\n")
    if not options.quick and (options.record or not options.only):
        record(rows, machine(), RESULTS, alone=bool(options.only))


if __name__ == "__main__":
    main()
