"""What the first cell of a chapter's notebook calls, on Colab or in any Jupyter."""

import torch

from ..data.cifar10 import find_cifar10
from ..errors import InputError


def prepare() -> None:
    """Make a notebook ready, and say which device there is and what a chapter's training will do with it.

    Widgets are switched on where that is needed, on Colab. With a GPU, CIFAR-10 is looked for as
    :func:`colorize_lib.data.cifar10.load_cifar10` does, and otherwise downloaded by fastai, once.
    """
    _allow_widgets()
    if not torch.cuda.is_available():
        print(
            "No GPU here. A chapter that trains a network does so on small patches of photographs, in seconds.\n"
            "To train on all of CIFAR-10, choose a GPU (on Colab: Runtime > Change runtime type) and run this again."
        )
        return
    name = torch.cuda.get_device_name()
    try:
        find_cifar10()
    except InputError as error:
        print(f"{name}. A chapter that trains a network does so on patches of photographs: {error}")
    else:
        print(f"{name}. A chapter that trains a network does so on all of CIFAR-10.")


def _allow_widgets() -> None:
    """Colab shows sliders and other widgets only when it is asked to."""
    try:
        from google.colab import output
    except ImportError:
        return
    output.enable_custom_widget_manager()
