"""Train a classifier with fastai: a recipe and labelled pictures in, one weights file out, resumable at any epoch."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import colorize_lib.quiet  # noqa: F401

import torch
from fastai.callback.channelslast import ChannelsLast
from fastai.callback.core import Callback
from fastai.callback.schedule import Learner  # with fit_one_cycle patched in
from fastai.data.core import DataLoaders
from fastai.metrics import accuracy
from fastai.optimizer import OptimWrapper
from fastai.torch_core import trainable_params
from torch import nn
from tqdm.auto import tqdm

from ..data.batches import class_dataloaders
from ..data.images import Images
from ..errors import InputError
from ..networks.build import build_network
from ..networks.finetuned import FinetunedConfig
from ..networks.pretrained import OFFLINE
from ..networks.transfer import parameter_groups, still_parameters
from ..networks.vgg import SIZES, VGGConfig
from ..record import digest, git_commit
from ..weights.file import Weights, save_weights
from ..weights.shipped import load_weights
from .checkpoint import Checkpoint, EpochSeed, StopOnNonFinite
from .clock import Clock, ClockBar, fit_by_clock
from .description import describe_data, describe_run
from .precision import mixed_precision, precision

#: Seconds between two checkpoints of a run by the clock: that of VGG-16 takes a gigabyte, and its pass over the
#: pictures a few seconds on a GPU.
PAUSE = 60


@dataclass(frozen=True)
class ClassifierRecipe:
    """All that decides what a classifier's training gives, apart from the data.

    Attributes
    ----------
    name
        Of the recipe.
    width, batch_norm, size
        Of the network: see :class:`~colorize_lib.networks.vgg.VGGConfig`. One with an encoder has a size alone.
    epochs, batch, lr, weight_decay
        Passes over the data, images a step, the one-cycle's peak learning rate, the decay of all weights. A VGG
        learns by SGD, a network with an encoder by AdamW.
    shift
        Each time a picture is used, move it by up to so many of its own pixels in each direction.
    seed
        Of the initial weights, the shuffling, the flips, the shifts and the dropout.
    pretrained
        Start from ImageNet's weights, all but the last layer: an encoder's are timm's, a VGG's torchvision's
        (downloaded).
    encoder
        None for a VGG, else the timm network of a :class:`~colorize_lib.networks.finetuned.Finetuned`.
    encoder_lr
        The encoder's learning rate, as a share of the last layer's.
    still
        So many of the encoder's blocks, from the picture on, and what comes before them, are never trained.
    minutes
        Train for so long, and not for ``epochs``; 0 to go by the epochs: see :mod:`~colorize_lib.training.clock`.
    """

    name: str
    width: float = 1.0
    batch_norm: bool = True
    size: int = 32
    epochs: int = 36
    batch: int = 64
    lr: float = 0.05
    weight_decay: float = 1e-3
    shift: int = 4
    seed: int = 0
    pretrained: bool = False
    encoder: str | None = None
    encoder_lr: float = 1.0
    still: int = 0
    minutes: float = 0.0

    def __post_init__(self):
        sizes = "32 or more" if self.encoder else "32, 112 or 224, as a VGG has"
        for name, value, right, wanted in (
            ("epochs", self.epochs, self.epochs >= 1, "1 or more"),
            ("batch", self.batch, self.batch >= 2, "2 or more"),
            ("learning rate", self.lr, 0 < self.lr < math.inf, "above 0"),
            ("shift", self.shift, self.shift >= 0, "0 or more"),
            ("seed", self.seed, 0 <= self.seed < 2**32, "from 0 to 4294967295"),
            ("size", self.size, self.size >= 32 if self.encoder else self.size in SIZES, sizes),
            ("encoder's learning rate", self.encoder_lr, 0 < self.encoder_lr <= 1, "above 0 and at most 1"),
            ("still", self.still, self.still >= 0, "0 or more"),
            ("minutes", self.minutes, 0 <= self.minutes < math.inf, "0 or more"),
        ):
            if not right:
                raise InputError(f"The {name} of a recipe must be {wanted}, not {value!r}.")
        if self.pretrained and not self.encoder and (self.size, self.width) != (224, 1):
            raise InputError(f"ImageNet weights are for size 224 and width 1, not {self.size} and {self.width:g}.")

    @property
    def config(self) -> VGGConfig | FinetunedConfig:
        """Of the network that this recipe trains."""
        if self.encoder:
            return FinetunedConfig(encoder=self.encoder, size=self.size)
        return VGGConfig(width=self.width, batch_norm=self.batch_norm, size=self.size)

    @property
    def network(self) -> str:
        """What the weights' names begin with: ``vgg``, or the recipe's name where the network is another."""
        return self.name if self.encoder else "vgg"

    @property
    def rate(self) -> float | slice:
        """The peak learning rate, as fastai takes it: of the encoder and the last layer where they differ."""
        return slice(self.lr * self.encoder_lr, self.lr) if self.encoder else self.lr


#: By name.
CLASSIFIER_RECIPES = {
    recipe.name: recipe
    for recipe in (
        # A quarter of the width: three of these are trained on a laptop in minutes and shipped in 6 MB.
        # Measured: 76.9 % of colour pictures right; 4 min on 1 thread of x86_64, 5 runs.
        ClassifierRecipe("vgg32", width=0.25),
        # The poster's, for a GPU with 16 GB or more.
        # Not measured.
        ClassifierRecipe("vgg224", size=224, lr=0.02),
        # Not measured.
        ClassifierRecipe("vgg224-pretrained", size=224, epochs=10, lr=2e-3, pretrained=True),
        # A network of today. What comes before block 4 sees the most pixels and looks for edges: it stays.
        # Not measured.
        ClassifierRecipe(
            "lite0",
            size=224,
            epochs=2,
            batch=32,
            lr=2e-3,
            weight_decay=0.01,
            pretrained=True,
            encoder=OFFLINE,
            encoder_lr=0.25,
            still=4,
        ),
    )
}


def get_classifier_recipe(name: str, **changes) -> ClassifierRecipe:
    """The recipe of that name, with some fields changed; None leaves a field as it is."""
    if name not in CLASSIFIER_RECIPES:
        raise InputError(f"There is no recipe {name!r}. Choose one of: {', '.join(CLASSIFIER_RECIPES)}.")
    return replace(CLASSIFIER_RECIPES[name], **{field: value for field, value in changes.items() if value is not None})


def build_classifier(recipe: ClassifierRecipe) -> nn.Module:
    """The network before training: random weights that the seed decides, or ImageNet's."""
    torch.manual_seed(recipe.seed)
    network = build_network(recipe.config.to_dict(), recipe.pretrained)
    if recipe.pretrained and not recipe.encoder:
        last = list(network.state_dict())[-2:]  # weight and bias for our classes
        state = {name: tensor for name, tensor in _imagenet_state(recipe.batch_norm).items() if name not in last}
        network.load_state_dict(state, strict=False)
    return network


def _imagenet_state(batch_norm: bool) -> dict[str, torch.Tensor]:
    from torchvision.models import get_model_weights

    weights = get_model_weights("vgg16_bn" if batch_norm else "vgg16").IMAGENET1K_V1
    try:
        return weights.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:  # no network, no disk; a wrong hash
        raise InputError(
            f"ImageNet weights could not be fetched from {weights.url} ({error}): "
            "try again with internet, or choose a recipe without pretraining."
        ) from error


def build_classifier_learner(recipe: ClassifierRecipe, dls: DataLoaders, cbs: Sequence[Callback] = ()) -> Learner:
    """A fastai ``Learner``: the network, cross-entropy, its optimiser, channels-last, mixed precision where it is fast.

    Its model's ``still`` blocks need no gradient.
    """
    network = build_classifier(recipe)
    optimiser: Callable = partial(torch.optim.SGD, momentum=0.9, nesterov=True)
    speed, splitter = [ChannelsLast()], trainable_params
    if recipe.encoder:
        optimiser = partial(torch.optim.AdamW, betas=(0.9, 0.99))
        splitter = partial(parameter_groups, still=recipe.still)
        for parameter in still_parameters(network, recipe.still):
            parameter.requires_grad_(False)
    if training_precision(recipe, dls.device) != "fp32":
        speed += mixed_precision(network, dls.device)
    return Learner(
        dls,
        network,
        nn.CrossEntropyLoss(),
        partial(OptimWrapper, opt=optimiser),
        splitter=splitter,
        wd=recipe.weight_decay,
        metrics=[accuracy],
        cbs=[*speed, *cbs],
    )


def training_precision(recipe: ClassifierRecipe, device: torch.device) -> str:
    """Of numbers in training: ``precision``, but ``"fp32"`` for an encoder on a CPU.

    There its depthwise convolutions are slower in bfloat16.
    """
    return "fp32" if recipe.encoder and device.type == "cpu" else precision(device)


def train_classifier(
    recipe: ClassifierRecipe,
    images: Images,
    dev: Images,
    path: str | Path,
    name: str,
    pictures: dict | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> Path:
    """Train, take up again where a stopped run left off, or do nothing where the file is there already.

    After every epoch, or by the clock every minute (:data:`PAUSE`), there is a checkpoint beside ``path``, which is
    removed at the end. With the same seed, runs on other versions of the same pictures start from the same weights
    and see the pictures in the same order, flips and shifts.

    Parameters
    ----------
    recipe
        What to train.
    images, dev
        Training pictures, and the pictures that loss and accuracy are followed on.
    path
        Of the weights file.
    name
        Of the weights, for their description.
    pictures
        What must be the same of the pictures, as plain data, for a run to go on; their sha256 if None.
    device
        A GPU if there is one, else the CPU.
    progress
        Show a bar of the epochs.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    InputError
        If there is already a file or checkpoint of another recipe or other pictures, the disk is
        full, or the loss is no longer a finite number (the last good epoch's checkpoint is kept).
    """
    path, commit = Path(path), git_commit()
    pictures = pictures or {"sha256": digest(images.rgb, images.label)}
    run = {"name": name, "recipe": asdict(recipe), "pictures": pictures}
    if path.is_file():
        if load_weights(path).meta.get("run") != run:
            raise InputError(
                f"{path} was trained by another recipe or on other pictures: choose another folder, or remove it."
            )
        return path
    clock = Clock(recipe.minutes) if recipe.minutes else None
    parts, pause = ({"clock": clock}, PAUSE) if clock else ({}, 0)
    keeper = Checkpoint(path.with_suffix(".checkpoint"), run, parts, pause)
    dls = class_dataloaders(images, dev, recipe.batch, recipe.shift, recipe.seed, device)
    if not len(dls.train):
        raise InputError(f"{len(images)} pictures do not fill one batch of {recipe.batch}: use more, or less a batch.")
    title = f"{name}, seed {recipe.seed}"
    bar = (
        ClockBar(title, clock, keeper.history, progress) if clock else EpochBar(title, keeper, recipe.epochs, progress)
    )
    learner = build_classifier_learner(recipe, dls, [keeper, StopOnNonFinite(), EpochSeed(), bar])
    done = keeper.restore(learner)
    with learner.no_bar(), learner.no_logging(), bar:
        if clock:
            keeper.before = learner.epoch_seed.before = done
            fit_by_clock(learner, [(1.0, recipe.rate)], clock)
        elif done < recipe.epochs:
            learner.fit_one_cycle(recipe.epochs, recipe.rate, start_epoch=done)
    meta = {
        "kind": "classifier",
        "name": name,
        "classes": list(images.classes),
        "config": recipe.config.to_dict(),
        "recipe": asdict(recipe),
        "run": run,
        **describe_run(learner, describe_data(images), keeper.history),
        "precision": training_precision(recipe, learner.dls.device),
        "commit": commit,
    }
    save_weights(path, Weights(learner.model.state_dict(), None, meta))
    with suppress(OSError):
        keeper.path.unlink()
    return path


class EpochBar(Callback):
    """One line for a whole training, where fastai shows one for every epoch. To be used in a ``with``."""

    order = Checkpoint.order + 1

    def __init__(self, title: str, keeper: Checkpoint, epochs: int, show: bool):
        self.title, self.keeper, self.epochs, self.show = title, keeper, epochs, show

    def __enter__(self):
        done = len(self.keeper.history)
        self.bar = tqdm(total=self.epochs, initial=done, desc=self.title, unit=" epochs", disable=not self.show)
        return self

    def __exit__(self, *error):
        self.bar.close()

    def after_epoch(self) -> None:
        history = self.keeper.history
        self.bar.set_postfix(dev_accuracy=f"{history[-1]['dev_accuracy']:.3f}", refresh=False)
        self.bar.update(len(history) - self.bar.n)  # 0 for epochs that a resumed run skips
