"""All that decides what a training gives, apart from the data, by name."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..errors import InputError

#: What a recipe can be trained on without naming a folder.
DATA = ("cifar10", "tiny-imagenet", "photographs")
#: Sides that crops from a folder of pictures may have, both ends included; also a multiple of 8, for the U-Net.
SIZES = (64, 256)


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
        Of the network with an encoder: see :class:`~colorize_lib.networks.transfer.TransferConfig`.
    size
        Side of the crops from a folder of pictures, in pixels; other data have a size of their own.
    plain
        Share of a folder's pictures that are shown framed, or replaced by a page, a drawing or a card without
        colour: see :mod:`~colorize_lib.data.plain`.
    worn
        Share of a folder's pictures that are made softer and some of them grainy: see :mod:`~colorize_lib.data.worn`.
    small
        Side of the crops, in pixels, from pictures whose shorter side is less than half of ``size``, which then make
        batches of their own; 0 to enlarge them to ``size`` as well.
    ema
        Decay of the running average of the weights, which is then what is followed and kept; 0 for none:
        see :class:`~colorize_lib.training.average.AveragedWeights`.
    minutes
        Train for so long, and not for ``epochs``, of which then only the share that is ``frozen`` matters;
        0 to go by the epochs: see :mod:`~colorize_lib.training.clock`.
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
    worn: float = 0.0
    small: int = 0
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
        yield "worn", 0 <= self.worn < 1, "from 0 to below 1"
        sized = SIZES[0] <= self.size <= SIZES[1] and self.size % 8 == 0
        yield "size", sized, f"a multiple of 8 from {SIZES[0]} to {SIZES[1]} pixels"
        little = self.small == 0 or (32 <= self.small < self.size and self.small % 8 == 0)
        yield "small", little, "0, or a multiple of 8 from 32 and below the size"
        yield "decay", 0 <= self.ema < 1, "from 0 to below 1"
        yield "minutes", 0 <= self.minutes < math.inf, "0 or more"

    def config(self, bins: int) -> dict:
        """For :func:`~colorize_lib.networks.build.build_network`; ``bins`` is Q."""
        config = {"out_channels": 2 if self.head == "ab" else bins, "widths": self.widths}
        if not self.encoder:
            return {"network": "unet"} | config
        names = ("encoder", "scale", "reduction", "folded")
        return {"network": "transfer"} | config | {name: getattr(self, name) for name in names}

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
        # Measured: ab RMSE 15.45, AuC 91.79 % on CIFAR-10, T = 1; 40 min on 1 thread of x86_64, 1 run.
        Recipe("regression", head="ab", epochs=30, lr=2e-3),
        # Measured: ab RMSE 15.33, AuC 91.87 % on CIFAR-10, T = 1; 27 min on 2 threads of x86_64, 1 run.
        Recipe("classification", head="bins"),
        # Measured: ab RMSE 18.19, AuC 89.71 % on CIFAR-10, T = 1; 40 min on 1 thread of x86_64, 1 run.
        Recipe("rebalanced", head="bins", lam=0.5),
        # Measured: ab RMSE 16.49, AuC 90.87 % on CIFAR-10, T = 1; 24 min on 1 thread of x86_64, 1 run.
        Recipe("rebalanced-0.8", head="bins", lam=0.8),  # milder; chapter 5 compares
        # Does the L2 loss get further from where classification ends? The second is the control: as long, from its own.
        # Measured: ab RMSE 15.36, AuC 91.83 % on CIFAR-10, T = 1; 30 min on 1 thread of x86_64, 1 run.
        Recipe("regression-tuned", head="ab", start="classification", epochs=3, lr=1e-3),
        # Measured: ab RMSE 15.44, AuC 91.80 % on CIFAR-10, T = 1; 7 min on 1 thread of x86_64, 1 run.
        Recipe("regression-longer", head="ab", start="regression", epochs=3, lr=1e-3),
        # EfficientNet-Lite0, which sees the pictures at 64 pixels. Few passes: each costs three of the U-Net's.
        # Measured: ab RMSE 15.08, AuC 91.98 % on CIFAR-10, T = 1; 30 min on 1 thread of x86_64, 1 run.
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
        # Measured: ab RMSE 19.43, AuC 90.10 % on photographs, T = 1; minutes not kept, 1 run.
        Recipe(
            "photo-64", head="bins", widths=(32, 64, 128, 256, 256), epochs=16, shift=0, zoom=0.7, data="tiny-imagenet"
        ),
        # Seen at 128 pixels and answered at 32. While the encoder is frozen a picture costs a third, so for the first
        # half of the time it is, and its first blocks, which see the most pixels, stay as they came.
        # Measured: ab RMSE 18.96, AuC 90.54 % on photographs, T = 1; 354 min on 1 thread of x86_64, run 1 of 5.
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
            worn=0.5,
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
