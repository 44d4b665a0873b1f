"""The number format a network trains in: the fastest one of the device that costs no quality."""

from functools import partial

import colorize_lib.quiet  # noqa: F401

import torch
from fastai.callback.core import Callback
from fastai.callback.fp16 import MixedPrecision
from torch import nn


def precision(device: torch.device) -> str:
    """``"fp16"`` on a GPU; ``"bf16"`` on a CPU made for it (AMX, AVX-512 BF16), where it is faster; else ``"fp32"``."""
    if device.type == "cuda":
        return "fp16"
    return "bf16" if device.type == "cpu" and _made_for_bf16() else "fp32"


def _made_for_bf16() -> bool:
    """Whether torch knows how to ask the processor, which it does not in all versions, and the answer is yes."""
    questions = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in questions)


def mixed_precision(network: nn.Module, device: torch.device) -> list[Callback]:
    """Have ``network`` train in :func:`precision`; returns the fastai callbacks that takes.

    Its weights stay float32, and so does what comes out of it.
    """
    kind = precision(device)
    if kind == "bf16":  # fastai's callback is for GPUs only
        network.forward = partial(_bfloat16_forward, network)
    return [MixedPrecision()] if kind == "fp16" else []


def _bfloat16_forward(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return type(network).forward(network, x).float()
