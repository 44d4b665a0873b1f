"""Training in several processes: the curve of one, one writer, no hang. Real processes, on CPUs, over gloo."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_runs import names
from torch import distributed, nn

from colorize_lib.data.batches import ColourLoader, colour_dataloaders
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.errors import InputError
from colorize_lib.training.distributed import CPUSyncBatchNorm, distributed_training, join, same_everywhere, writes
from colorize_lib.training.learner import build_learner, train, training_prior
from colorize_lib.weights.shipped import load_weights

ROOT = Path(__file__).resolve().parents[2]
#: What each process runs. In float32, so that what differs is the sharing out and not the rounding. Of the 17 dev
#: pictures the last batch holds one, so one process's share of it is empty.
SCRIPT = """
import json, os, signal, sys, time
from datetime import timedelta
import torch
torch.set_num_threads(1)
from colorize_lib.training import distributed, learner
from colorize_lib.data.examples import embedded_cifar10, photograph_patches
from colorize_lib.errors import InputError

folder, fate, rank = sys.argv[1], sys.argv[2], os.environ["RANK"]
learner.mixed_precision = lambda *_: []
distributed.TIMEOUT = timedelta(seconds=30 if fate == "hang" else 600)
ready = [folder + "-ready-" + one for one in "01"]
open(ready[int(rank)], "w").close()
while not all(map(os.path.exists, ready)):  # on a busy machine one starts late
    time.sleep(0.01)
written, replace = [], os.replace

def log_and_replace(source, target):
    replace(source, target)
    written.append(os.path.basename(target))

def die(self, after_epoch=learner.Checkpoint.after_epoch):
    after_epoch(self)
    if rank == "1" and fate != "live":
        while not os.path.exists(self.path):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL if fate == "kill" else signal.SIGSTOP)

os.replace, learner.Checkpoint.after_epoch = log_and_replace, die
recipe = learner.Recipe("tiny", "bins", widths=(8, 16), epochs=3, batch=16, lr=3e-3, seed=1)
try:
    learner.train(recipe, photograph_patches(64), embedded_cifar10()[:17], folder, device="cpu", progress=True)
except InputError as error:
    sys.exit(f"InputError: {error}")
with open(f"{folder}-{rank}.json", "w") as file:
    json.dump(written, file)
"""
LAUNCHERS = {
    "accelerate": "accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no "
    "--dynamo_backend no --num_cpu_threads_per_process 1 --main_process_port",
    "torchrun": "torch.distributed.run --nproc_per_node 2 --master_port",
}


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("script") / "train_tiny.py"
    path.write_text(SCRIPT)
    return path


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **more}


def free_port() -> str:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return str(some.getsockname()[1])


def launch(launcher: str, *arguments: str | Path, seconds: float = 900) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", *LAUNCHERS[launcher].split(), free_port(), *map(str, arguments)]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=seconds)


@pytest.fixture(scope="module")
def pair(script, tmp_path_factory) -> Path:
    """The folder of a run in two processes that was never stopped."""
    folder = tmp_path_factory.mktemp("pair") / "run"
    run = launch("accelerate", script, folder, "live")
    assert run.returncode == 0, run.stderr
    return folder


# --- the pieces


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("world", [2, 3])
def test_the_shares_of_a_batch_are_the_batch(world, shuffle):
    images = photograph_patches(19)

    def batches(share):
        loader = ColourLoader(images, 9, shuffle, drop_last=shuffle, shift=4, seed=3, zoom=0.7 if shuffle else 1.0)
        loader.epoch, loader.share = 2, share
        return [torch.cat(batch, 1) for batch in loader]

    whole, shares = batches((0, 1)), [batches((rank, world)) for rank in range(world)]
    assert len(whole) == (2 if shuffle else 3)
    for k, batch in enumerate(whole):
        together = torch.empty_like(batch)
        for rank, share in enumerate(shares):
            if k < len(share):
                together[rank::world] = share[k]
        assert torch.equal(together, batch)


def test_alone_nothing_changes(gamut):
    images, dev = photograph_patches(32), embedded_cifar10()
    dls = colour_dataloaders(images, dev, 16, device="cpu")
    from colorize_lib.training.recipes import RECIPES

    learner = build_learner(RECIPES["classification"], dls, gamut, training_prior(gamut, images))
    before = list(learner.cbs)
    with distributed_training(learner):
        assert list(learner.cbs) == before
        assert not any(isinstance(module, CPUSyncBatchNorm) for module in learner.model.modules())
    assert writes() and same_everywhere(3) == 3 and join("cpu") == torch.device("cpu")
    assert not distributed.is_initialized()


def test_batch_norm_of_one_process_is_torchs(tmp_path):
    ours, theirs = CPUSyncBatchNorm(5), nn.BatchNorm2d(5)
    x = (3 * torch.randn(8, 5, 6, 4) + 2).requires_grad_()
    weight = torch.randn(8, 5, 6, 4)
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1)
    try:
        for _ in range(2):
            results = []
            for norm in (ours, theirs):
                x.grad = None
                y = norm(x)
                (y * weight).sum().backward()
                results.append([y, x.grad, norm.weight.grad, norm.bias.grad])
            for one, other in zip(*results, strict=True):
                torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    finally:
        distributed.destroy_process_group()
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict())
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))


@pytest.mark.parametrize("change", [{"WORLD_SIZE": "3"}, {"loader": True}], ids=str)
def test_what_cannot_be_shared_out_is_refused(change, gamut, monkeypatch):
    images = photograph_patches(32)
    dls = colour_dataloaders(images, images, 16, device="cpu")
    from colorize_lib.training import distributed as ours
    from colorize_lib.training.recipes import RECIPES

    learner = build_learner(RECIPES["classification"], dls, gamut, training_prior(gamut, images))
    monkeypatch.setenv("WORLD_SIZE", change.get("WORLD_SIZE", "2"))
    monkeypatch.setattr(ours, "join", lambda device=None: torch.device("cpu"))
    if "loader" in change:
        del dls.valid.share
    with pytest.raises(InputError, match="cannot be shared out"), distributed_training(learner):
        pass


# --- real processes


@pytest.mark.slow
def test_two_processes_learn_as_one_does(pair, gamut, tmp_path, monkeypatch):
    """Each takes half of every batch. What differs is the order of sums in float32: at most 1e-4 of a loss."""
    from colorize_lib.training.recipes import Recipe

    monkeypatch.setattr("colorize_lib.training.learner.mixed_precision", lambda *_: [])
    recipe = Recipe("tiny", "bins", widths=(8, 16), epochs=3, batch=16, lr=3e-3, seed=1)
    path = train(recipe, photograph_patches(64), embedded_cifar10()[:17], tmp_path, gamut, "cpu", progress=False)
    one, two = load_weights(path), load_weights(pair / "tiny.safetensors")
    for key in ("train_loss", "dev_loss"):
        alone, together = ([epoch[key] for epoch in weights.meta["history"]] for weights in (one, two))
        assert together == pytest.approx(alone, rel=1e-4)
    assert two.meta["hardware"].startswith("2 x ")
    assert one.state.keys() == two.state.keys()
    for key, value in one.state.items():
        torch.testing.assert_close(two.state[key], value, rtol=1e-2, atol=1e-3, msg=key)


@pytest.mark.slow
def test_one_process_alone_writes(pair):
    assert names(pair) == {"tiny.checkpoint", "tiny.safetensors"}
    written = [json.loads(pair.with_name(f"run-{rank}.json").read_text()) for rank in range(2)]
    assert written == [["tiny.checkpoint"] * 3 + ["tiny.safetensors"], []]


@pytest.mark.slow
def test_a_killed_process_ends_the_run_and_another_start_ends_with_the_same_bits(pair, script, tmp_path):
    folder = tmp_path / "run"
    run = launch("torchrun", script, folder, "kill")
    assert run.returncode != 0
    assert "SIGKILL" in run.stderr or "Signal 9" in run.stderr
    assert names(folder) == {"tiny.checkpoint"}
    assert len(torch.load(folder / "tiny.checkpoint", weights_only=True)["history"]) == 1

    run = launch("torchrun", script, folder, "live")
    assert run.returncode == 0, run.stderr
    state, expected = (load_weights(f / "tiny.safetensors").state for f in (folder, pair))
    assert all(torch.equal(state[key], expected[key]) for key in expected)


@pytest.mark.slow
def test_a_process_that_hangs_ends_the_others_with_a_sentence(script, tmp_path):
    """As on a machine that has gone away: nobody is there to end the rest, so each has to notice by itself."""
    port = free_port()
    processes = []
    try:
        for rank in "01":
            ranks = environment(MASTER_ADDR="127.0.0.1", MASTER_PORT=port, WORLD_SIZE="2", RANK=rank, LOCAL_RANK=rank)
            command = [sys.executable, script, tmp_path / "run", "hang"]
            processes.append(subprocess.Popen(command, env=ranks, stderr=subprocess.PIPE, text=True))
        _, errors = processes[0].communicate(timeout=900)
        assert processes[0].returncode == 1
        assert "InputError: Another process of this training has ended, or did not answer in time" in errors
        assert processes[1].poll() is None, processes[1].communicate()[1]
    finally:
        for process in processes:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert names(tmp_path / "run") == {"tiny.checkpoint"}


@pytest.mark.cifar
@pytest.mark.slow
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_command(launcher, cifar_environment, tmp_path):
    options = ("--limit", "256", "--epochs", "1", "--device", "cpu", "--output", tmp_path)
    run = launch(launcher, "-m", "colorize_lib.cli", "train", "classification", *options, seconds=600)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("classification.safetensors") == 1
    assert load_weights(tmp_path / "classification.safetensors").meta["data"]["images"] == 256
