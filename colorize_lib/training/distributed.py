"""Training on several GPUs, or several machines: the same recipe, the same curve.

Nothing here is needed to train on one. ``accelerate launch`` or ``torchrun`` starts one process for each
GPU and sets ``WORLD_SIZE``, ``RANK`` and ``LOCAL_RANK``; fastai's ``DistributedTrainer`` wraps the network
in PyTorch's ``DistributedDataParallel`` [1]_, which averages the gradients of all processes.

A recipe's batch is that of all processes together: each takes its share of every batch. So neither the
learning rate nor the number of steps depends on how many there are. Where that makes the shares too
small to keep the GPUs busy, it is for you to ask for a larger batch, and a learning rate to go with it.

Sources
-------
.. [1] S. Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", VLDB 2020.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta

import colorize_lib.quiet  # noqa: F401

import torch
from fastai.callback.schedule import Learner
from fastai.distributed import DistributedTrainer
from fastai.learner import AvgLoss
from fastai.torch_core import distrib_barrier, find_bs, num_distrib, rank_distrib
from torch import distributed, nn

from ..device import pick_device
from ..errors import InputError

#: How long a process waits for the others. One that was killed is noticed at once, one that hangs only by this.
TIMEOUT = timedelta(minutes=10)


def join(device: torch.device | str | None = None) -> torch.device:
    """Join the other processes, if there are any; returns the device of this one.

    Call it before anything is put on a GPU: ``"cuda"`` then means this process's own.
    """
    kind = pick_device(device)
    if num_distrib() < 2:
        return kind
    try:
        from accelerate import PartialState
        from accelerate.utils import parse_flag_from_env
    except ImportError as error:
        raise InputError("To train in several processes, install accelerate: pip install accelerate.") from error
    cpu = kind.type == "cpu" or parse_flag_from_env("ACCELERATE_USE_CPU")  # accelerate launch --cpu
    own = PartialState(cpu=cpu, timeout=TIMEOUT).device  # joins once, however often it is called
    return own if own.type == "cuda" else torch.device(own.type)  # no checkpoint can be loaded to its "cpu:0"


def writes() -> bool:
    """Whether this process is the one that writes files and shows progress."""
    return rank_distrib() == 0


def first_on_its_machine(device: torch.device | str | None = None) -> AbstractContextManager:
    """``with first_on_its_machine():`` one process of each machine goes first, to download what the others then find.

    ``device`` is that of :func:`join`.
    """
    join(device)
    if num_distrib() < 2:
        return nullcontext()
    from accelerate import PartialState

    return PartialState().local_main_process_first()


@contextmanager
def distributed_training(learner: Learner) -> Iterator[None]:
    """Within it ``learner`` fits together with those of the other processes; alone, nothing changes.

    The loaders must have an attribute ``share``, as those of :mod:`~colorize_lib.data.batches` have: with
    ``(rank, world)`` a loader yields the ``rank``-th of ``world`` shares of each of its batches. Of the
    numbers measured on the dev pictures only the loss is that of all processes.

    Raises
    ------
    InputError
        If the batches cannot be shared out, or another process has ended or hangs.
    """
    world = num_distrib()
    if world < 2:
        yield
        return
    device = join(learner.dls.device)
    for loader in learner.dls:
        if not hasattr(loader, "share"):
            raise InputError("These batches cannot be shared out: train on them in one process.")
        loader.share = (rank_distrib(), world)
    if learner.dls.train.bs % world:
        raise InputError(f"A batch of {learner.dls.train.bs} cannot be shared out to {world} processes: choose another")
    synchronise_batch_norms(learner.model, device)
    learner.recorder.loss = GlobalLoss()
    from accelerate import DistributedDataParallelKwargs

    # The batch norms' buffers are the same everywhere. To send them round at each batch would also mean to wait for a
    # process that has no share of the last dev batch. And our precision is fastai's, however accelerate is configured.
    quiet = DistributedDataParallelKwargs(broadcast_buffers=False)
    cpu = device.type == "cpu"
    learner.add_cb(OwnShares(sync_bn=False, cpu=cpu, mixed_precision="no", kwargs_handlers=[quiet]))
    try:
        yield
        distrib_barrier()  # what one process wrote is there for all
    except RuntimeError as error:
        lost = isinstance(error, distributed.DistError) or "gloo" in str(error).lower()
        if not lost:
            raise
        raise InputError(
            "Another process of this training has ended, or did not answer in time. "
            "Run the same command again to go on from the last finished epoch."
        ) from error
    finally:
        learner.remove_cb(OwnShares)


def same_everywhere(value: int) -> int:
    """``value``, if all processes have the same one, such as how many epochs are done."""
    if num_distrib() > 1:
        found = [None] * num_distrib()
        distributed.all_gather_object(found, value)
        if any(other != value for other in found):
            raise InputError(
                f"The processes found different checkpoints, with {found} epochs done: "
                "give all of them the same output folder, one that every machine sees."
            )
    return value


class OwnShares(DistributedTrainer):
    """fastai's engine, but the loaders stay what they are.

    Its ``DistributedDL`` would need a loader that fetches single pictures by index, fill up the last batch
    with pictures seen already, and have every process take a whole batch. Ours share out each batch.
    """

    def _wrap_dl(self, dl: object) -> object:
        return dl


class GlobalLoss(AvgLoss):
    """The mean loss over the dev pictures of all processes, each of which may have had another number."""

    def accumulate(self, learn: Learner) -> None:
        """Add this process's share of a batch."""
        n = find_bs(learn.yb)
        self.total += learn.loss.detach().double().mean() * n
        self.count += n

    @property
    def value(self) -> float:
        """Summed up over the processes, so all have to ask for it."""
        device = self.total.device if torch.is_tensor(self.total) else join()
        both = torch.tensor([self.total, self.count], dtype=torch.float64, device=device)
        distributed.all_reduce(both)
        return (both[0] / both[1]).item()


def synchronise_batch_norms(network: nn.Module, device: torch.device) -> None:
    """Have the batch norms of ``network`` take mean and variance over the shares of all processes, in place.

    Else a share of 16 pictures would be normalised by 16 pictures, and the curve would be another one.
    On a CPU the batch norms of a timm encoder stay as they are.
    """
    if device.type == "cpu":
        for module in network.modules():
            if type(module) is nn.BatchNorm2d:
                module.__class__ = CPUSyncBatchNorm  # same parameters, buffers and names
    elif hasattr(network.config, "encoder"):
        from timm.layers import convert_sync_batchnorm  # also keeps the activation within timm's batch norms

        convert_sync_batchnorm(network)
    else:
        nn.SyncBatchNorm.convert_sync_batchnorm(network)


class Sum(torch.autograd.Function):
    """The sum of a tensor over all processes, whose losses are summed too: so backwards it is the same sum."""

    @staticmethod
    def forward(ctx: object, tensor: torch.Tensor) -> torch.Tensor:
        """Any shape to the same."""
        total = tensor.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: object, gradient: torch.Tensor) -> torch.Tensor:
        """As forward."""
        return Sum.forward(ctx, gradient)


class CPUSyncBatchNorm(nn.BatchNorm2d):
    """What ``torch.nn.SyncBatchNorm`` does, which refuses a CPU. Every process needs as many pictures."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(N, C, H, W)`` to the same."""
        if not self.training:
            return super().forward(x)
        wide = x.double()  # or E[x^2] - E[x]^2 loses digits
        moments = torch.stack((wide.mean((0, 2, 3)), wide.square().mean((0, 2, 3))))  # (2, C)
        mean, square = Sum.apply(moments) / distributed.get_world_size()
        variance = square - mean.square()  # (C,)
        with torch.no_grad():
            count = distributed.get_world_size() * x.numel() / x.shape[1]
            self.running_mean.lerp_(mean.to(self.running_mean), self.momentum)
            self.running_var.lerp_((variance * count / (count - 1)).to(self.running_var), self.momentum)
            self.num_batches_tracked += 1
        scale = self.weight * (variance + self.eps).rsqrt()
        shape = (1, -1, 1, 1)
        return (wide * scale.view(shape) + (self.bias - mean * scale).view(shape)).to(x.dtype)
