"""Train a VGG with fastai: a recipe and labelled pictures in, one weights file out, resumable at any epoch."""

import math
from collections.abc import Sequence
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
from torch import nn
from tqdm.auto import tqdm

from .batches import class_dataloaders
from .classify import VGG, VGGConfig
from .data import Images
from .errors import InputError
from .learner import Checkpoint, EpochSeed, StopOnNonFinite, describe_data, describe_run, digest, git_commit
from .precision import mixed_precision
from .weights import Weights, load_weights, save_weights


@dataclass(frozen=True)
class VGGRecipe:
    """All that decides what a classifier's training gives, apart from the data.

    Attributes
    ----------
    name
        Of the recipe.
    width, batch_norm, size
        Of the network: see :class:`~colorize_lib.classify.VGGConfig`.
    epochs, batch, lr, weight_decay
        Passes over the data, images a step, the one-cycle's peak learning rate, the decay of all weights.
    shift
        Each time a picture is used, move it by up to so many of its own pixels in each direction.
    seed
        Of the initial weights, the shuffling, the flips, the shifts and the dropout.
    pretrained
        Start from torchvision's ImageNet weights (downloaded), all but the last layer.
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

    def __post_init__(self):
        for name, value, right, wanted in (
            ("epochs", self.epochs, self.epochs >= 1, "1 or more"),
            ("batch", self.batch, self.batch >= 2, "2 or more"),
            ("learning rate", self.lr, 0 < self.lr < math.inf, "above 0"),
            ("shift", self.shift, self.shift >= 0, "0 or more"),
            ("seed", self.seed, 0 <= self.seed < 2**32, "from 0 to 4294967295"),
        ):
            if not right:
                raise InputError(f"The {name} of a recipe must be {wanted}, not {value!r}.")
        if self.pretrained and (self.size, self.width) != (224, 1):
            raise InputError(f"ImageNet weights are for size 224 and width 1, not {self.size} and {self.width:g}.")

    @property
    def config(self) -> VGGConfig:
        """Of the network that this recipe trains."""
        return VGGConfig(width=self.width, batch_norm=self.batch_norm, size=self.size)


#: By name.
VGG_RECIPES = {
    recipe.name: recipe
    for recipe in (
        # A quarter of the width: three of these are trained on a laptop in minutes and shipped in 6 MB.
        VGGRecipe("vgg32", width=0.25),
        # The poster's, for a GPU with 16 GB or more.
        VGGRecipe("vgg224", size=224, lr=0.02),
        VGGRecipe("vgg224-pretrained", size=224, epochs=10, lr=2e-3, pretrained=True),
    )
}


def get_vgg_recipe(name: str, **changes) -> VGGRecipe:
    """The recipe of that name, with some fields changed; None leaves a field as it is."""
    if name not in VGG_RECIPES:
        raise InputError(f"There is no recipe {name!r}. Choose one of: {', '.join(VGG_RECIPES)}.")
    return replace(VGG_RECIPES[name], **{field: value for field, value in changes.items() if value is not None})


def build_vgg(recipe: VGGRecipe) -> VGG:
    """The network before training: random weights that the seed decides, or ImageNet's."""
    torch.manual_seed(recipe.seed)
    network = VGG(recipe.config)
    if recipe.pretrained:
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


def build_vgg_learner(recipe: VGGRecipe, dls: DataLoaders, cbs: Sequence[Callback] = ()) -> Learner:
    """A fastai ``Learner``: VGG, cross-entropy, SGD, channels-last, mixed precision where it is fast."""
    network = build_vgg(recipe)
    optimiser = partial(OptimWrapper, opt=partial(torch.optim.SGD, momentum=0.9, nesterov=True))
    speed = [ChannelsLast(), *mixed_precision(network, dls.device)]
    loss = nn.CrossEntropyLoss()
    return Learner(dls, network, loss, optimiser, wd=recipe.weight_decay, metrics=[accuracy], cbs=[*speed, *cbs])


def train_vgg(
    recipe: VGGRecipe,
    images: Images,
    dev: Images,
    path: str | Path,
    name: str,
    pictures: dict | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> Path:
    """Train, take up again where a stopped run left off, or do nothing where the file is there already.

    After every epoch there is a checkpoint beside ``path``, which is removed at the end. With the
    same seed, runs on other versions of the same pictures start from the same weights and see the
    pictures in the same order, flips and shifts.

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
    keeper = Checkpoint(path.with_suffix(".checkpoint"), run)
    dls = class_dataloaders(images, dev, recipe.batch, recipe.shift, recipe.seed, device)
    if not len(dls.train):
        raise InputError(f"{len(images)} pictures do not fill one batch of {recipe.batch}: use more, or less a batch.")
    bar = EpochBar(f"{name}, seed {recipe.seed}", keeper, recipe.epochs, progress)
    learner = build_vgg_learner(recipe, dls, [keeper, StopOnNonFinite(), EpochSeed(), bar])
    done = keeper.restore(learner)
    with learner.no_bar(), learner.no_logging(), bar:
        if done < recipe.epochs:
            learner.fit_one_cycle(recipe.epochs, recipe.lr, start_epoch=done)
    meta = {
        "kind": "classifier",
        "name": name,
        "classes": list(images.classes),
        "config": recipe.config.to_dict(),
        "recipe": asdict(recipe),
        "run": run,
        **describe_run(learner, describe_data(images), keeper.history),
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
