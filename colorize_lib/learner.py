"""Train a colorizer with fastai: one recipe in, one weights file out, resumable at any epoch."""

import hashlib
import io
import math
import platform
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import colorize_lib.quiet  # noqa: F401

import numpy as np
import torch
from fastai.callback.channelslast import ChannelsLast
from fastai.callback.core import Callback
from fastai.callback.schedule import Learner  # with fit_one_cycle patched in
from fastai.data.core import DataLoaders
from fastai.optimizer import OptimWrapper
from fastai.torch_core import get_model, num_distrib, trainable_params
from torch import nn

from .average import AveragedWeights
from .batches import colour_dataloaders
from .clock import Clock, ClockBar, fit_by_clock
from .data import Images
from .distributed import distributed_training, join, same_everywhere, writes
from .errors import InputError
from .files import atomic_path, check_folder, remove_leftovers
from .gamut import Gamut
from .lab import rgb_to_lab
from .losses import ClassificationLoss, RegressionLoss
from .models import build_network
from .precision import mixed_precision, precision
from .transfer import parameter_groups, still_parameters
from .weights import Weights, load_weights, save_weights

#: What a recipe can be trained on without naming a folder.
DATA = ("cifar10", "tiny-imagenet", "photographs")
#: Sides that crops from a folder of pictures may have, both ends included; also a multiple of 8, for the U-Net.
SIZES = (64, 256)
_SEAL = b"\nsha256 "
#: Words for the fields of a recipe that are not called what they are.
_FIELDS = {"lambda": "lam", "learning rate": "lr", "frozen epochs": "frozen", "encoder's learning rate": "encoder_lr"}
_FIELDS |= {"decay": "ema", "weight decay": "weight_decay"}


@dataclass(frozen=True)
class Recipe:
    """All that decides what a training run gives, apart from the data.

    Attributes
    ----------
    name
        Name of the weights file.
    head
        ``"ab"``: two numbers a pixel and the L2 loss. ``"bins"``: Q bins and cross-entropy.
    lam
        Lambda of the class rebalancing in the loss, in (0, 1]; 1 is none.
    widths
        Channels of the U-Net, from half resolution down.
    epochs, batch, lr, weight_decay
        Passes over the data, images a step, the one-cycle's peak learning rate, AdamW's decay.
    shift
        Each time a picture is used, move it by up to so many pixels in each direction.
    seed
        Of the initial weights, the shuffling, the flips and the shifts.
    zoom
        Each time a picture is used, enlarge a part of it, whose side is at least this share of the picture's.
    data
        What to train on if nothing else is asked for: ``"cifar10"``, ``"tiny-imagenet"`` or ``"photographs"``.
    encoder
        None for the U-Net of chapter 2, else the timm encoder of the network of chapter 6.
    pretrained
        Start the encoder from ImageNet's weights; else from random ones.
    frozen
        For so many of the epochs train the decoder alone, with an encoder that stays as it came.
    encoder_lr
        The encoder's learning rate once it is trained, as a share of the decoder's.
    still
        So many of the encoder's blocks, from the picture on, and what comes before them, are never trained.
    scale, reduction, folded
        Of the network with an encoder: see :class:`~colorize_lib.transfer.TransferConfig`.
    size
        Side of the crops from a folder of pictures, in pixels; other data have a size of their own.
    plain
        Share of a folder's pictures that are shown framed, or replaced by a page, a drawing or a card without
        colour: see :mod:`~colorize_lib.plain`.
    ema
        Decay of the running average of the weights, which is then what is followed and kept; 0 for none:
        see :class:`~colorize_lib.average.AveragedWeights`.
    minutes
        Train for so long, and not for ``epochs``, of which then only the share that is ``frozen`` matters;
        0 to go by the epochs: see :mod:`~colorize_lib.clock`.
    start
        Begin with these weights, a name or a path, instead of random ones; a head with other outputs is new.
    """

    name: str
    head: str
    lam: float = 1.0
    widths: tuple[int, ...] = (64, 128, 192, 224)
    epochs: int = 18
    batch: int = 64
    lr: float = 3e-3
    weight_decay: float = 0.01
    shift: int = 4
    seed: int = 0
    zoom: float = 1.0
    data: str = "cifar10"
    encoder: str | None = None
    pretrained: bool = True
    frozen: int = 0
    encoder_lr: float = 1.0
    still: int = 0
    scale: int = 2
    reduction: int = 2
    folded: bool = False
    size: int = 64
    plain: float = 0.0
    ema: float = 0.0
    minutes: float = 0.0
    start: str = ""

    def __post_init__(self):
        object.__setattr__(self, "widths", tuple(self.widths))
        for name, right, wanted in self._rules():
            if not right:
                raise InputError(
                    f"The {name} of a recipe must be {wanted}, not {getattr(self, _FIELDS.get(name, name))!r}."
                )

    def _rules(self) -> Iterator[tuple[str, bool, str]]:
        """(what, whether it is right, what it must be) of every field that can be wrong; NaN never is right."""
        yield "head", self.head in ("ab", "bins"), "'ab' or 'bins'"
        yield "lambda", 0 < self.lam <= 1, "above 0 and at most 1"
        yield "widths", len(self.widths) > 1 and min(self.widths) > 0, "at least two numbers above 0"
        yield "epochs", self.epochs >= 1, "1 or more"
        yield "batch", self.batch >= 1, "1 or more"
        yield "learning rate", 0 < self.lr < math.inf, "above 0"
        yield "weight decay", 0 <= self.weight_decay < math.inf, "0 or more"
        yield "shift", self.shift >= 0, "0 or more"
        yield "seed", 0 <= self.seed < 2**32, "from 0 to 4294967295"
        yield "zoom", 0 < self.zoom <= 1, "above 0 and at most 1"
        yield "data", self.data in DATA, f"one of {', '.join(DATA)}"
        yield "frozen epochs", 0 <= self.frozen <= self.epochs, f"from 0 to its {self.epochs} epochs"
        yield "frozen epochs", not self.frozen or bool(self.encoder), "0 without an encoder"
        yield "encoder's learning rate", 0 < self.encoder_lr <= 1, "above 0 and at most 1, as a share of the decoder's"
        yield "still", self.still >= 0 and (not self.still or bool(self.encoder)), "0 or more, and 0 without an encoder"
        yield "plain", 0 <= self.plain < 1, "from 0 to below 1"
        sized = SIZES[0] <= self.size <= SIZES[1] and self.size % 8 == 0
        yield "size", sized, f"a multiple of 8 from {SIZES[0]} to {SIZES[1]} pixels"
        yield "decay", 0 <= self.ema < 1, "from 0 to below 1"
        yield "minutes", 0 <= self.minutes < math.inf, "0 or more"

    def config(self, bins: int) -> dict:
        """For :func:`~colorize_lib.models.build_network`; ``bins`` is Q."""
        config = {"out_channels": 2 if self.head == "ab" else bins, "widths": self.widths}
        if not self.encoder:
            return config
        return config | {name: getattr(self, name) for name in ("encoder", "scale", "reduction", "folded")}

    def phases(self) -> list[tuple[int, float | slice]]:
        """(epochs, peak learning rate) of each one-cycle, in order: first the frozen one, if any."""
        rate = slice(self.lr * self.encoder_lr, self.lr) if self.encoder_lr < 1 else self.lr
        both = [(self.frozen, self.lr), (self.epochs - self.frozen, rate)]
        return [(epochs, lr) for epochs, lr in both if epochs]


#: By name.
RECIPES = {
    recipe.name: recipe
    for recipe in (
        # Unshifted, the images are known by heart after ten epochs. The L2 loss learns more slowly: after
        # 18 epochs it was still falling, and at the higher rate the loss on dev jumped about.
        Recipe("regression", head="ab", epochs=30, lr=2e-3),
        Recipe("classification", head="bins"),
        Recipe("rebalanced", head="bins", lam=0.5),
        Recipe("rebalanced-0.8", head="bins", lam=0.8),  # milder; chapter 5 compares
        # Does the L2 loss get further from where classification ends? The second is the control: as long, from its own.
        Recipe("regression-tuned", head="ab", start="classification", epochs=3, lr=1e-3),
        Recipe("regression-longer", head="ab", start="regression", epochs=3, lr=1e-3),
        # EfficientNet-Lite0, which sees the pictures at 64 pixels. Few passes: each costs three of the U-Net's.
        Recipe(
            "transfer",
            head="bins",
            widths=(64, 96, 128, 128),
            epochs=6,
            lr=2e-3,
            encoder="tf_efficientnet_lite0",
            frozen=1,
            encoder_lr=0.25,
        ),
        # The first network for photographs, 64x64 pixels: the top level is narrow, so that a picture costs little more
        # than one of CIFAR-10 at 32. Chapter 8 compares.
        Recipe(
            "photo-64", head="bins", widths=(32, 64, 128, 256, 256), epochs=16, shift=0, zoom=0.7, data="tiny-imagenet"
        ),
        # Seen at 128 pixels and answered at 32. While the encoder is frozen a picture costs a third, so for the first
        # half of the time it is, and its first blocks, which see the most pixels, stay as they came.
        Recipe(
            "photo",
            head="bins",
            widths=(128, 192, 256, 256),
            epochs=2,  # of the minutes, the half that is frozen
            minutes=68,
            lr=2e-3,
            data="photographs",
            encoder="tf_efficientnet_lite0",
            frozen=1,
            encoder_lr=0.25,
            still=4,
            scale=1,
            reduction=4,
            folded=True,
            size=128,
            ema=0.999,
            plain=0.06,
        ),
    )
}


def get_recipe(name: str, **changes) -> Recipe:
    """The recipe of that name, with some fields changed; None leaves a field as it is.

    Examples
    --------
    >>> get_recipe("classification", epochs=3).epochs
    3
    """
    if name not in RECIPES:
        raise InputError(f"There is no recipe {name!r}. Choose one of: {', '.join(RECIPES)}.")
    return replace(RECIPES[name], **{field: value for field, value in changes.items() if value is not None})


def training_prior(gamut: Gamut, images: Images, batch: int = 500) -> torch.Tensor:
    """How often each bin occurs among the pixels of the pictures, smoothed in the ab plane: ``(Q,)``."""
    parts = images.rgb.split(batch)
    total = sum(len(rgb) * gamut.prior(rgb_to_lab(rgb)[:, 1:], smoothing=0).cpu() for rgb in parts)  # (Q,)
    return gamut.smooth(total / len(images))


def build_learner(
    recipe: Recipe, dls: DataLoaders, gamut: Gamut, prior: torch.Tensor, cbs: Sequence[Callback] = ()
) -> Learner:
    """A fastai ``Learner`` for a recipe: U-Net, loss, AdamW, channels-last, mixed precision where it is fast."""
    torch.manual_seed(recipe.seed)
    network = build_network(recipe.config(len(gamut)), recipe.pretrained and not recipe.start)
    if recipe.start:
        start_from(network, recipe.start)
    if recipe.head == "ab":
        loss = RegressionLoss()
    else:
        loss = ClassificationLoss(gamut, gamut.rebalance(prior, recipe.lam) if recipe.lam < 1 else None)
    optimiser = partial(OptimWrapper, opt=partial(torch.optim.AdamW, betas=(0.9, 0.99)))
    speed = [ChannelsLast(), *mixed_precision(network, dls.device)]
    splitter = trainable_params
    if recipe.encoder:
        splitter = partial(parameter_groups, still=recipe.still)
        for parameter in still_parameters(network, recipe.still):
            parameter.requires_grad_(False)
    # train_bn: fastai would train the batch norms of a frozen encoder, and so walk all the way back through it.
    return Learner(
        dls, network, loss, optimiser, splitter=splitter, train_bn=False, wd=recipe.weight_decay, cbs=[*speed, *cbs]
    )


def start_from(network: nn.Module, start: str) -> None:
    """Give a network the weights of another one that is the same but, maybe, for the head.

    Raises
    ------
    InputError
        If the weights cannot be read, or are of another network.
    """
    own, given = network.state_dict(), load_weights(start, "colorizer").state
    same = {name for name in own.keys() & given.keys() if own[name].shape == given[name].shape}
    counts = {name for name in own if name.endswith("num_batches_tracked")}  # never written
    if {name for name in own.keys() - same - counts if not name.startswith("head.")}:
        raise InputError(f"{start} holds another network than this recipe's: it cannot be begun with.")
    network.load_state_dict({name: given[name] for name in same}, strict=False)


def train(
    recipe: Recipe,
    images: Images,
    dev: Images,
    folder: str | Path,
    gamut: Gamut | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> Path:
    """Train, or take up again where a stopped run left off.

    After every epoch ``folder`` holds a checkpoint. Calling again with the same recipe and folder
    goes on from it, and on a CPU ends with the same weights, bit for bit, as a run never stopped.
    Started by ``accelerate launch`` or ``torchrun``, all processes train together: see
    :mod:`~colorize_lib.distributed`.

    Parameters
    ----------
    recipe
        What to train.
    images, dev
        Training pictures, and the pictures that the loss is followed on.
    folder
        For the checkpoint and the weights; made if missing.
    gamut
        The bins; the 261 of grid 10 if None.
    device
        A GPU if there is one, else the CPU.

    Returns
    -------
    pathlib.Path
        ``folder/<recipe.name>.safetensors``.

    Raises
    ------
    InputError
        If the folder holds a run of another recipe, the disk is full, or the loss is no longer a
        finite number (the last good epoch's checkpoint is kept).
    """
    gamut, device = gamut or Gamut(), join(device)
    if writes():
        check_folder(folder)
    dls = colour_dataloaders(images, dev, recipe.batch, recipe.shift, recipe.seed, device, recipe.zoom)
    if not len(dls.train):
        raise InputError(f"{len(images)} pictures do not fill one batch of {recipe.batch}: use more, or less a batch.")
    pictures = {"data": describe_data(images), "sha256": digest(images.rgb)}
    return fit(recipe, dls, folder, gamut, training_prior(gamut, images), pictures, progress)


def fit(
    recipe: Recipe,
    dls: DataLoaders,
    folder: str | Path,
    gamut: Gamut,
    prior: torch.Tensor,
    pictures: dict,
    progress: bool = True,
) -> Path:
    """What :func:`train` does, with batches from anywhere.

    Parameters
    ----------
    dls
        Training and dev batches of ``(L, ab)``. The training loader has the attributes ``seed`` and ``epoch``,
        and for training in several processes both have ``share``.
    prior
        ``(Q,)``: how often each bin occurs in the training pictures.
    pictures
        What must be the same of the pictures for a stopped run to go on, as plain data. Its ``data`` says
        what they are: ``source``, ``images`` (how many in an epoch) and ``size``.
    """
    folder, commit = Path(folder), git_commit()
    start = _start(recipe)
    identity = {"recipe": _plain_recipe(recipe), "gamut": _bins(gamut), **pictures, **start}
    average = AveragedWeights(recipe.ema) if recipe.ema else None
    clock = Clock(recipe.minutes) if recipe.minutes else None
    parts = {name: part for name, part in (("average", average), ("clock", clock)) if part}
    keeper = Checkpoint(folder / f"{recipe.name}.checkpoint", identity, parts)
    callbacks = [keeper, StopOnNonFinite(), EpochSeed(), *([average] if average else [])]
    learner = build_learner(recipe, dls, gamut, prior, callbacks)
    path = folder / f"{recipe.name}.safetensors"
    if writes():
        remove_leftovers(path)
    with distributed_training(learner):
        done = same_everywhere(keeper.restore(learner))
        show = progress and writes()
        if clock:
            _fit_minutes(learner, recipe, keeper, clock, show)
        else:
            with nullcontext() if show else learner.no_bar():
                fit_phases(learner, recipe, keeper, done)
        if writes():
            meta = _describe(recipe, gamut, learner, pictures["data"], keeper.history)
            meta |= {"commit": commit, **start}
            state = average.state if average else learner.model.state_dict()
            save_weights(path, Weights(state, prior, meta))
    return path


def fit_phases(learner: Learner, recipe: Recipe, keeper: "Checkpoint", done: int) -> None:
    """Fit what the first ``done`` epochs leave of a recipe: first with a frozen encoder, if it says so."""
    before = 0
    for number, (epochs, rate) in enumerate(recipe.phases()):
        _start_phase(learner, recipe, keeper, number, before)
        if done < before + epochs:
            learner.fit_one_cycle(epochs, rate, start_epoch=max(0, done - before))
        before += epochs


def _fit_minutes(learner: Learner, recipe: Recipe, keeper: "Checkpoint", clock: Clock, show: bool) -> None:
    """Fit what is left of a recipe's minutes: first, for its share of them, with a frozen encoder."""
    if num_distrib() > 1:
        raise InputError("Training for so many minutes is for one process, as no two clocks agree: give epochs.")
    shares = [(epochs / recipe.epochs, rate) for epochs, rate in recipe.phases()]
    bar = ClockBar(recipe.name, clock, keeper.history, show)
    with learner.no_bar(), learner.no_logging(), learner.added_cbs(bar), bar:
        fit_by_clock(
            learner, shares, clock, lambda phase: _start_phase(learner, recipe, keeper, phase, len(keeper.history))
        )


def _start_phase(learner: Learner, recipe: Recipe, keeper: "Checkpoint", number: int, before: int) -> None:
    """Freeze the encoder in the first phase of a recipe that says so; ``before`` epochs have gone before."""
    if learner.opt is None:
        learner.create_opt()
    # Not learner.freeze(), which forgets the optimiser's state, also that of a run taken up again.
    learner.opt.freeze_to(1 if recipe.frozen and number == 0 else 0)
    keeper.before = learner.epoch_seed.before = before


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


def _plain_recipe(recipe: Recipe) -> dict:
    return {**asdict(recipe), "widths": list(recipe.widths)}


def _bins(gamut: Gamut) -> dict:
    return {"grid": gamut.grid, "neighbours": gamut.neighbours, "sigma": gamut.sigma}


def _start(recipe: Recipe) -> dict:
    """What the metadata say of the weights that training began with; nothing if they were random."""
    if not recipe.start:
        return {}
    weights = load_weights(recipe.start, "colorizer")
    known = {name: weights.meta.get(name) for name in ("name", "recipe", "images_seen", "minutes", "commit")}
    return {"start": known | {"sha256": digest(*weights.state.values())}}


def describe_data(images: Images) -> dict:
    """What the metadata of a weights file says about the training pictures."""
    return {"source": images.source, "images": len(images), "size": list(images.rgb.shape[-2:])}


def digest(*tensors: torch.Tensor) -> str:
    """sha256 of the tensors' bytes."""
    sha256 = hashlib.sha256()
    for tensor in tensors:
        sha256.update(tensor.cpu().contiguous().numpy().tobytes())
    return sha256.hexdigest()


def _describe(recipe: Recipe, gamut: Gamut, learner: Learner, data: dict, history: list[dict]) -> dict:
    """The metadata of a weights file."""
    config = learner.model.config.to_dict()
    return {
        "name": recipe.name,
        "config": {**config, "widths": list(config["widths"])},
        "recipe": _plain_recipe(recipe),
        "gamut": _bins(gamut),
        **describe_run(learner, data, history),
    }


def describe_run(learner: Learner, data: dict, history: list[dict]) -> dict:
    """What the metadata of a weights file says about how it came about: data, history, speed, machine, date."""
    images = sum(epoch.get("images", data["images"]) for epoch in history)
    seconds = sum(epoch["seconds"] for epoch in history)
    return {
        "parameters": sum(p.numel() for p in learner.model.parameters()),
        "data": data,
        "history": history,
        "images_seen": images,
        "minutes": round(seconds / 60, 2),
        "images_per_second": round(images / max(seconds, 1e-9), 1),
        "peak_memory_mib": _peak_memory(learner.dls.device),
        "hardware": hardware(learner.dls.device),
        "precision": precision(learner.dls.device),
        "torch": torch.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def _peak_memory(device: torch.device) -> int | None:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) >> 20
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def hardware(device: torch.device) -> str:
    """The GPU's name, or how many threads of what processor, and how many of them if several train together."""
    several = f"{num_distrib()} x " if num_distrib() > 1 else ""
    if device.type == "cuda":
        return several + torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{several}{threads} thread{'s' if threads != 1 else ''} of {platform.machine()}"


def git_commit() -> str:
    """The commit of the package's own checkout, or "unknown" for an installed copy."""
    try:
        command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
