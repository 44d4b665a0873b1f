"""Batch norms whose statistics are those of pictures at full size, where little ones make batches of their own."""

import colorize_lib.quiet  # noqa: F401

from fastai.callback.core import Callback
from torch import nn


class FullSizeStatistics(Callback):
    """Lets the running mean and variance of the batch norms pass over batches of little pictures.

    In training a batch norm goes by the batch that it sees, and afterwards by what it has run up: of both kinds of
    batches that would be the statistics of neither.

    Parameters
    ----------
    size
        Side of the pictures at full size, in pixels.
    """

    def __init__(self, size: int):
        self.size = size

    def before_fit(self) -> None:
        norms = [part for part in self.learn.model.modules() if isinstance(part, nn.BatchNorm2d)]
        self.momenta = [(norm, norm.momentum) for norm in norms]

    def before_batch(self) -> None:
        full = self.xb[0].shape[-1] == self.size
        for norm, momentum in self.momenta:
            norm.momentum = momentum if full else 0.0

    def after_fit(self) -> None:
        for norm, momentum in self.momenta:
            norm.momentum = momentum
