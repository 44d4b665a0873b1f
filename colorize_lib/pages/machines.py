"""The networks of the book, drawn from the networks themselves: every shape is that of a tensor that went through.

A network that changes draws itself otherwise, so no drawing can say what its network no longer is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import torch
from torch import nn

from .drawing import LETTERS, arrow, block, block_size, drawing, lines, shape_text, text
from .page import Part

Shape = tuple[int, ...]
Point = tuple[float, float]
#: Places of the two columns of a U, and how wide it is.
_LEFT, _RIGHT, _WIDE = 84.0, 296.0, 380.0
#: Room between two rows, where an arrow goes and its shape stands.
_GAP = 46.0


def shapes(network: nn.Module, *inputs: torch.Tensor) -> dict[str, tuple[Shape, list[Shape]]]:
    """What goes through a network: module by its name to the shape of its input, and those of its outputs.

    The network is run once, as for an answer, and left as it was. A module that runs twice has its last shapes.
    """
    found: dict[str, tuple[Shape, list[Shape]]] = {}

    def note(name: str):
        def hook(_module: nn.Module, arguments: tuple, output: torch.Tensor | Sequence[torch.Tensor]) -> None:
            tensors = [output] if isinstance(output, torch.Tensor) else list(output)
            found[name] = (tuple(arguments[0].shape), [tuple(tensor.shape) for tensor in tensors])

        return hook

    hooks = [module.register_forward_hook(note(name)) for name, module in network.named_modules()]
    training = network.training
    try:
        with torch.inference_mode():
            network.eval()(*inputs)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return found


def layers(*modules: nn.Module) -> list[str]:
    """The convolutions of one or more modules in words: ``["2 conv 3×3", "halved"]``."""
    convolutions = [part for module in modules for part in module.modules() if isinstance(part, nn.Conv2d)]
    kernels = Counter("×".join(map(str, part.kernel_size)) for part in convolutions)
    halved = any(part.stride[0] == 2 for part in convolutions)
    counted = [f"{count} conv {kernel}" if count > 1 else f"conv {kernel}" for kernel, count in kernels.items()]
    return counted + ["halved"] * halved


def unet(network: nn.Module, size: int = 32) -> Part:
    """A :class:`~colorize_lib.networks.unet.UNet`, for pictures of ``size`` x ``size``: the U with all its shapes."""
    seen = shapes(network, torch.zeros(1, 1, size, size))
    encoder = [f"encoder.{i}" for i in range(len(network.encoder))]
    down = [seen[""][0], seen[encoder[0]][0], *(seen[name][1][0] for name in encoder)]
    steps = [["fold 2×2"], *(layers(network.get_submodule(name)) for name in encoder)]
    kinds = ["data", "data"] + ["learned"] * len(encoder)
    return _u(network, seen, list(zip(down, kinds, [[], *steps], strict=True)), {"learned": "encoder"})


def transfer(network: nn.Module, size: int = 32) -> Part:
    """A :class:`~colorize_lib.networks.transfer.TransferUNet`: green is what was learned before."""
    seen = shapes(network, torch.zeros(1, 1, size, size))
    features = seen["encoder"][1]
    used = [features[i] for i in network.levels]
    down = [seen[""][0], seen["encoder"][0], *used]
    before = len(features) - len(used)  # halvings whose maps nobody adds
    steps = [["grey, 3 times", f"enlarged {network.config.scale}×"], ["encoder:", f"halved {before + 1}×"]]
    steps += [["encoder:", "halved"]] * (len(used) - 1)
    kinds = ["data", "data"] + ["given"] * len(used)
    return _u(network, seen, list(zip(down, kinds, [[], *steps], strict=True)), {"given": "encoder, pretrained"})


def vgg(networks: dict[str, nn.Module]) -> Part:
    """VGGs side by side, by what they are called: block by block, with the shape that each block leaves."""
    traces = {name: _blocks(network) for name, network in networks.items()}
    rows = max(map(len, traces.values()))
    column, first = 190.0, 34.0
    tallest = [
        max(block_size(trace[i][1], 5.2, 1.7)[1] for trace in traces.values() if i < len(trace)) for i in range(rows)
    ]
    parts, tops = [], [first]
    for tall in tallest:
        tops.append(tops[-1] + 1.32 * tall + LETTERS + _GAP)
    for k, (name, trace) in enumerate(traces.items()):
        x = 78.0 + column * k
        parts.append(text(x + 6, 14, name, bold=True))
        below = None
        for i, (words, shape, kind) in enumerate(trace):
            size = block_size(shape, 5.2, 1.7)
            y = tops[i] + 1.32 * tallest[i] - size[1] / 2
            if below:
                parts += [arrow((x, below), (x, y - size[1] / 2 - size[2] - 4))]
                parts += [lines(x + 9, (below + tops[i] + 1.32 * tallest[i] - size[1] - size[2]) / 2, words, "start")]
            parts += [
                block(x, y, size, kind),
                text(x, y + size[1] / 2 + LETTERS + 3, shape_text(shape) + (" classes" if kind == "answer" else "")),
            ]
            below = y + size[1] / 2 + LETTERS + 9
    said = ". ".join(
        f"{name}: "
        + ", ".join(f"{' '.join(words)} to {_say(shape)}" if words else _say(shape) for words, shape, _ in t)
        for name, t in traces.items()
    )
    return drawing(parts, column * len(traces), tops[-1] - _GAP + 6, said + ".")


def _u(
    network: nn.Module,
    seen: dict[str, tuple[Shape, list[Shape]]],
    down: Sequence[tuple[Shape, str, list[str]]],
    names: dict[str, str],
) -> Part:
    """A U. ``down`` is its left column to the bottom: shape, kind, what leads there. The way back is in the modules."""
    heights = _heights([shape for shape, *_ in down])
    places = [(_LEFT, y) for y in heights[:-1]] + [((_LEFT + _RIGHT) / 2, heights[-1])]
    parts = [text(_LEFT, 12, "L", bold=True)]
    for i, (shape, kind, words) in enumerate(down):
        parts += _labelled(places[i], shape, kind)
        if i:
            parts += _step(places[i - 1], down[i - 1][0], places[i], shape, words, outside=i == len(down) - 1)
    place, shape = places[-1], down[-1][0]
    across = getattr(network, "skip", None)  # convolutions on the way across
    ups = []
    for i, stage in enumerate(network.decoder):
        level, above = len(down) - 2 - i, (_RIGHT, heights[-2 - i])
        skip, kind, _ = down[level]
        wide = seen[f"decoder.{i}"][1][0]
        first = [across[len(across) - 1]] if across and not i else []
        words = [*layers(*first, network.project[i]), "enlarged"]
        parts += [*_labelled(above, wide, "back"), *_step(place, shape, above, wide, words, outside=not i)]
        words = [*(layers(across[len(across) - 2 - i]) if across else []), shape_text(wide)]
        parts += _across(above[1], skip, wide, kind, ": ".join(words), " ".join(["added, then", *layers(stage)]))
        ups.append(wide)
        place, shape = above, wide
    answer = seen["head"][1][0]
    _, height, deep = block_size(answer)
    last = (_RIGHT, place[1] - block_size(shape)[1] / 2 - block_size(shape)[2] - _GAP - LETTERS - height / 2)
    parts += [*_labelled(last, answer, "answer"), *_step(place, shape, last, answer, ["head:", *layers(network.head)])]
    parts += [text(_RIGHT, last[1] - height / 2 - deep - 8, "answer", bold=True)]
    parts += _legend(_RIGHT - 62, 14, {"data": "the picture"} | names | {"back": "decoder"})
    said = (
        f"A network in the form of a U. Down its left side: {', then '.join(_say(shape) for shape, *_ in down)}. "
        f"Up its right side: {', then '.join(map(_say, ups))}. At each height an arrow leads straight across, and what "
        f"it brings is added. The answer is {_say(answer)}."
    )
    return drawing(parts, _WIDE, heights[-1] + block_size(down[-1][0])[1] / 2 + LETTERS + 10, said)


def _heights(column: Sequence[Shape]) -> list[float]:
    """The height of the middle of each block of a column."""
    found, top = [], 20.0
    for shape in column:
        _, height, deep = block_size(shape)
        found.append(top + deep + height / 2)
        top += deep + height + LETTERS + _GAP
    return found


def _labelled(place: Point, shape: Shape, kind: str) -> list[str]:
    """A block, and its shape below it."""
    size = block_size(shape)
    return [block(*place, size, kind), text(place[0], place[1] + size[1] / 2 + LETTERS + 2, shape_text(shape))]


def _step(
    start: Point, shape: Shape, end: Point, other: Shape, words: Sequence[str], *, outside: bool = False
) -> list[str]:
    """The arrow from one block to the next, and beside it what happens there; ``outside`` is away from the middle."""

    def top(place: Point, of: Shape) -> float:
        return place[1] - block_size(of)[1] / 2 - block_size(of)[2] - 4

    def under(place: Point, of: Shape) -> float:
        return place[1] + block_size(of)[1] / 2 + LETTERS + 7

    falls = end[1] > start[1]
    if falls:
        tail, tip = (start[0], under(start, shape)), (end[0] - 5 * outside, top(end, other))
    else:
        tail, tip = (start[0] + 5 * outside, top(start, shape)), (end[0], under(end, other))
    right = falls != outside  # of the arrow
    gap = 24 if outside else 9
    x, y = (tail[0] + tip[0]) / 2 + (gap if right else -gap), (tail[1] + tip[1]) / 2 + 12 * outside
    return [arrow(tail, tip), lines(x, y, words, "start" if right else "end")]


def _across(y: float, skip: Shape, wide: Shape, kind: str, over: str, under: str) -> list[str]:
    """The arrow from the left column to the right one."""
    width, _, deep = block_size(skip)
    start, end = _LEFT + width / 2 + deep + 4, _RIGHT - block_size(wide)[0] / 2 - 4
    middle = (start + end) / 2
    return [
        arrow((start, y), (end, y), kind, dashed=True),
        text(middle, y - 6, over, small=True),
        text(middle, y + 15, under, small=True),
    ]


def _legend(x: float, y: float, names: dict[str, str]) -> Iterator[str]:
    for i, (kind, name) in enumerate(names.items()):
        yield block(x + 6, y + 19 * i - 4, (10, 10, 3), kind)
        yield text(x + 22, y + 19 * i, name, "start", small=True)


def _say(shape: Shape) -> str:
    return " by ".join(map(str, shape[1:]))


def _blocks(network: nn.Module) -> list[tuple[list[str], Shape, str]]:
    """What each block of a VGG does, the shape that it leaves, and what to draw it as."""
    size = network.config.size
    seen = shapes(network, torch.zeros(1, 3, size, size, dtype=torch.uint8, device=next(network.parameters()).device))
    found: list[tuple[list[str], Shape, str]] = [([], seen["features"][0], "data")]
    count = 0
    for i, layer in enumerate(network.features):
        count += isinstance(layer, nn.Conv2d)
        if isinstance(layer, nn.MaxPool2d):
            found.append(([f"{count} conv 3×3", "halved"], seen[f"features.{i}"][1][0], "learned"))
            count = 0
    linear = [f"classifier.{i}" for i, layer in enumerate(network.classifier) if isinstance(layer, nn.Linear)]
    for name in linear:
        found.append((["linear"], seen[name][1][0], "answer" if name == linear[-1] else "back"))
    return found
