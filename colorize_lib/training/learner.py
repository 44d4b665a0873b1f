"""Train a colorizer with fastai: one recipe in, one weights file out, resumable at any epoch."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import colorize_lib.quiet  # noqa: F401

import torch
from fastai.callback.channelslast import ChannelsLast
from fastai.callback.core import Callback
from fastai.callback.schedule import Learner  # with fit_one_cycle patched in
from fastai.data.core import DataLoaders
from fastai.optimizer import OptimWrapper
from fastai.torch_core import num_distrib, trainable_params
from torch import nn

from ..colour.gamut import Gamut
from ..colour.lab import rgb_to_lab
from ..data.batches import colour_dataloaders
from ..data.images import Images
from ..errors import InputError
from ..files import check_folder, remove_leftovers
from ..networks.build import build_network
from ..networks.losses import ClassificationLoss, RegressionLoss
from ..networks.transfer import parameter_groups, still_parameters
from ..record import digest, git_commit
from ..weights.file import Weights, save_weights
from ..weights.shipped import load_weights
from .average import AveragedWeights
from .checkpoint import Checkpoint, EpochSeed, StopOnNonFinite
from .clock import Clock, ClockBar, fit_by_clock
from .description import describe_bins, describe_data, describe_recipe, describe_start, describe_weights
from .distributed import distributed_training, join, same_everywhere, writes
from .full_size import FullSizeStatistics
from .precision import mixed_precision
from .recipes import Recipe


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
    learner = Learner(
        dls, network, loss, optimiser, splitter=splitter, train_bn=False, wd=recipe.weight_decay, cbs=[*speed, *cbs]
    )
    learner.logger = say_pass
    return learner


def say_pass(log: Sequence) -> None:
    """Print what fastai logs of an epoch, its number, losses and time, as one line with losses of three decimals."""
    number, *losses, time = log
    print(f"pass {number + 1}:", ", ".join(f"{loss:.3f}" for loss in losses), f"in {time}")


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
    :mod:`~colorize_lib.training.distributed`.

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
    start = describe_start(recipe)
    identity = {"recipe": describe_recipe(recipe), "gamut": describe_bins(gamut), **pictures, **start}
    average = AveragedWeights(recipe.ema) if recipe.ema else None
    clock = Clock(recipe.minutes) if recipe.minutes else None
    parts = {name: part for name, part in (("average", average), ("clock", clock)) if part}
    keeper = Checkpoint(folder / f"{recipe.name}.checkpoint", identity, parts)
    callbacks = [keeper, StopOnNonFinite(), EpochSeed(), *([average] if average else [])]
    if recipe.small:
        callbacks.append(FullSizeStatistics(recipe.size))
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
            meta = describe_weights(recipe, gamut, learner, pictures["data"], keeper.history)
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
