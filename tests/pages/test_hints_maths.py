"""Hints in the page: their JavaScript is Python's maths."""

from dataclasses import asdict

import pytest
import torch
from bare_page import write_pages

from colorize_lib.colour.hints import REACH, closeness, condition, modes, spread, weights
from colorize_lib.inference import alternatives
from colorize_lib.inference.hints import checked_hints


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory) -> str:
    """Address of an empty page and the modules."""
    return serve(write_pages(tmp_path_factory.mktemp("hints")))


def answers(page, script: str, given: dict):
    """What a function body of JavaScript makes of what it is given, with ``js`` as the modules of hints and pins."""
    return page.evaluate(
        f"""async (given) => {{
            const js = {{...await import('/hints.mjs'), ...await import('/pins.mjs')}};
            const result = (() => {{ {script} }})();
            return JSON.parse(JSON.stringify(result, (_, v) => v?.buffer ? Array.from(v) : v));
        }}""",
        given,
    )


@pytest.fixture
def page(open_page, site):
    return open_page(f"{site}/empty.html")


def scene(bins: int, h: int, w: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities ``(1, Q, h, w)`` that are alike in places, and L ``(1, 1, h, w)``."""
    generator = torch.Generator().manual_seed(seed)
    kinds = torch.randn(3, bins, generator=generator) * 2
    which = torch.randint(0, 3, (h, w), generator=generator)
    logits = kinds[which].permute(2, 0, 1) + torch.randn(bins, h, w, generator=generator) / 3
    return logits[None].log_softmax(1), 100 * torch.rand(1, 1, h, w, generator=generator)


def sent(log_p: torch.Tensor, light: torch.Tensor, centres: torch.Tensor) -> dict:
    """The same for JavaScript: the numbers of one cell side by side."""
    return {
        "logP": log_p[0].permute(1, 2, 0).flatten().tolist(),
        "light": light.flatten().tolist(),
        "centres": centres.flatten().tolist(),
        "cells": list(light.shape[-2:]),
    }


GRID = """const logP = Float32Array.from(given.logP), centres = Float64Array.from(given.centres);
const grid = {cells: given.cells, light: given.light, roots: js.rootsOf(logP)};"""


def test_the_constants_are_pythons(page):
    reach, things = answers(page, "return [js.REACH, js.THINGS]", {})
    assert reach == asdict(REACH)
    assert things["reach"] == asdict(alternatives.REACH_OF_THINGS)
    assert (things["most"], things["apart"], things["least"], things["lattice"]) == (
        alternatives.THINGS, alternatives.APART, alternatives.LEAST, alternatives._LATTICE,
    )  # fmt: skip


@pytest.mark.parametrize("size", [(16, 16), (9, 14), (1, 5)])
@pytest.mark.parametrize("overlap", [True, False])
def test_what_hints_have_to_say_is_pythons(page, gamut, size, overlap):
    (h, w), (height, width) = size, (33, 47)
    log_p, light = scene(len(gamut), h, w)
    hints = [((3, 30), "#c03020"), ((40, 8), "#2040ff"), ((41, 9), "#208040"), ((41, 9), "#20a040")]
    checked = checked_hints(hints, height, width)
    own = torch.tensor([[20.0, 50.0, 55.0]])
    k, among = closeness(checked.places(height, width), own, light, log_p if overlap else None)
    say = weights(k, among)
    told = condition(log_p, gamut.centres, say, checked.ab[None])
    error = torch.tensor([[[4.0, -3.0], [2.0, 9.0], [-7.0, 1.0]]])
    body = f"""{GRID} if (!given.overlap) grid.roots = null;
        const hints = js.given(given.hints, given.size);
        const say = js.sayOf(hints, given.own, grid);
        return {{k: js.closeness(hints.places, given.own, grid), among: js.amongThem(hints.places, given.own, grid),
            told: js.condition(logP, centres, say, hints.colours), say, colours: hints.colours,
            spread: js.spread(say, Float64Array.from(given.error))}};"""
    given = sent(log_p, light, gamut.centres) | {
        "hints": hints, "own": own.flatten().tolist(), "size": [height, width], "overlap": overlap,
        "error": error.flatten().tolist(),
    }  # fmt: skip
    ours = {name: torch.tensor(values) for name, values in answers(page, body, given).items()}
    assert torch.allclose(ours["colours"].view(-1, 2), checked.ab, atol=2e-3)
    assert torch.allclose(ours["k"].view_as(k), k, atol=1e-5)
    assert torch.allclose(ours["among"].view_as(among), among, atol=1e-5)
    assert torch.allclose(ours["say"].view_as(say), say, atol=1e-4)
    assert torch.allclose(ours["told"].view(h, w, -1).permute(2, 0, 1)[None], told, atol=2e-3)
    assert torch.allclose(ours["spread"].view(h, w, 2).permute(2, 0, 1)[None], spread(say, error), atol=2e-3)


def test_the_likeliest_are_the_modes_and_their_shares_are_of_one_whole(page, gamut):
    log_p, light = scene(len(gamut), 3, 3)
    p = log_p[0, :, 1, 1].exp()
    body = """const centres = Float64Array.from(given.centres), p = Float64Array.from(given.p);
        return [js.modes(p, centres, 5), js.likeliest(p, centres)];"""
    bins, shown = answers(page, body, sent(log_p, light, gamut.centres) | {"p": p.tolist()})
    assert bins == modes(p, gamut.centres, 5).tolist()
    assert sorted(one["ab"] for one in shown) == sorted(gamut.centres[bins].tolist())
    near = (gamut.centres[bins[0]] - gamut.centres).norm(dim=1) < 20
    [first] = (one["share"] for one in shown if one["ab"] == gamut.centres[bins[0]].tolist())
    assert first == pytest.approx(p[near].sum().item(), abs=1e-6)
    assert [one["share"] for one in shown] == sorted((one["share"] for one in shown), reverse=True)
    assert 0 < sum(one["share"] for one in shown) <= 1


@pytest.mark.parametrize("size", [(16, 16), (20, 31), (2, 1)])
def test_other_colourings_are_pythons(page, gamut, size):
    log_p, light = scene(len(gamut), *size, seed=4)
    wanted = alternatives.propose(log_p, light, gamut.centres, 5, 77, 120)
    given = sent(log_p, light, gamut.centres)
    found = answers(page, f"{GRID} return js.propose(logP, grid, centres, 5, [77, 120]);", given)
    ours = [[(tuple(hint["pixel"]), tuple(hint["ab"])) for hint in one] for one in found]
    assert ours == wanted


def test_a_colour_of_the_plane_finds_one_of_the_screen(page, gamut):
    """Every bin at every lightness, to within what rounding to a colour of the screen costs."""
    body = """return given.centres.map((ab) => [10, 50, 90].map((L) => js.hexToAb(js.abToHex(ab, L))));"""
    ours = torch.tensor(answers(page, body, {"centres": gamut.centres.tolist()}))  # (Q, 3, 2)
    off = (ours - gamut.centres[:, None]).norm(dim=-1)
    assert off.max() < 10  # the rim of the gamut: a bin is half a step of its grid away from what a screen shows
    assert off.mean() < 1.5


def test_arrow_keys_lead_to_every_bin_and_stay_among_them(page, gamut):
    body = """const all = given.centres.keys().filter((q) => 2 * q < given.centres.length);
        const ways = [[0, 1], [0, -1], [-1, 0], [1, 0]];
        return [...all].map((q) => ways.map((way) => js.binBeside(given.centres, q, way)));"""
    beside = answers(page, body, {"centres": gamut.centres.flatten().tolist()})
    steps = torch.tensor(beside)  # (Q, 4)
    moved = gamut.centres[steps] - gamut.centres[:, None]  # (Q, 4, 2)
    along = (moved * torch.tensor([[0, 1], [0, -1], [-1, 0], [1, 0]])).sum(-1)
    stays = steps == torch.arange(len(gamut))[:, None]
    assert (stays | (along > 0)).all()
    inside = (moved.norm(dim=-1) == 10).all(1)
    assert (along[inside] == 10).all()
    assert inside.sum() > 100
    found, new = {0}, {0}
    while new:
        new = {bin for one in new for bin in beside[one]} - found
        found |= new
    assert len(found) == len(gamut)
