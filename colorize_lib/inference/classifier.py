"""A trained classifier put to use."""

from pathlib import Path

import torch

from ..device import pick_device
from ..networks.build import build_network
from ..weights.file import Weights, load_state, understood
from ..weights.shipped import load_weights


class Classifier:
    """A trained network: says what is on a picture, and how sure it is.

    Use :meth:`load`.

    Parameters
    ----------
    weights
        From :func:`~colorize_lib.weights.shipped.load_weights`.
    device
        A GPU if there is one, else the CPU.

    Attributes
    ----------
    name : str
        Of the weights: the kind of network, as in ``vgg-colour``, and of the pictures that it was trained on.
    classes : tuple of str
        Their names, in the order of the probabilities.
    """

    def __init__(self, weights: Weights, device: torch.device | str | None = None):
        self.device = pick_device(device)
        self.meta = weights.meta
        with understood(weights):
            self.name, self.classes = weights.meta["name"], tuple(weights.meta["classes"])
            network = load_state(build_network(weights.meta["config"]), weights)
        self.network = network.to(self.device, memory_format=torch.channels_last).eval()

    @classmethod
    def load(cls, name: str | Path = "vgg-colour", device: torch.device | str | None = None) -> "Classifier":
        """Load shipped weights by name (``vgg-colour``, ``vgg-grey``, ``vgg-coloured``) or a file by path.

        Raises :class:`~colorize_lib.errors.InputError` if there are none, they are damaged or a colorizer's.

        Examples
        --------
        >>> from colorize_lib import Classifier, embedded_cifar10
        >>> classifier = Classifier.load("vgg-colour", "cpu")
        >>> classifier
        Classifier('vgg-colour', 10 classes, cpu)
        >>> p = classifier.probabilities(embedded_cifar10().rgb[:1])[0]
        >>> classifier.classes[p.argmax()]
        'cat'
        """
        return cls(load_weights(name, "classifier"), device)

    def __repr__(self) -> str:
        return f"Classifier({self.name!r}, {len(self.classes)} classes, {self.device})"

    @torch.inference_mode()
    def probabilities(self, rgb: torch.Tensor, batch: int | None = None) -> torch.Tensor:
        """How likely each class is: ``(N, 3, H, W)`` uint8 sRGB to ``(N, classes)`` on the CPU, each row summing to 1.

        ``batch`` is how many pictures go through the network at a time: if None as many as suit it. On a GPU a
        network that sees 224 pixels computes in fp16 where that costs no quality, as it does in training.
        """
        gpu, large = self.device.type == "cuda", self.network.config.size > 32
        parts = rgb.split(batch or (32 if large and not gpu else 250))
        with torch.autocast(self.device.type, enabled=gpu and large):
            scores = [self.network(part.to(self.device, memory_format=torch.channels_last)).float() for part in parts]
        return torch.cat([part.softmax(1).cpu() for part in scores])
