"""The small interactive parts: their JavaScript is Python's maths."""

import itertools

import numpy as np
import pytest
import torch
from bare_page import write_pages
from small_parts import CARS, GPUS, MACHINES, ONE_HUE, PRICE, TRAININGS

from colorize_lib.colour.lab import lab_to_rgb, rgb_to_lab
from colorize_lib.measuring.statistics import bootstrap_means, interval, mcnemar
from colorize_lib.networks.eccv16 import ECCV16
from colorize_lib.networks.unet import UNet, UNetConfig
from colorize_lib.pages.gamut_slice import MARKS, REACH
from colorize_lib.training.cost import Training, training_flops


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory) -> str:
    return serve(write_pages(tmp_path_factory.mktemp("modules")))


def asked(page, module: str, call: str, *arguments):
    """What a function of a module answers, as JSON can hold it."""
    return page.evaluate(
        f"""async (given) => {{
            const js = await import('/{module}.mjs');
            return JSON.parse(JSON.stringify(js.{call}(...given), (_, v) => v?.buffer ? Array.from(v) : v));
        }}""",
        list(arguments),
    )


def test_what_a_screen_can_show_is_pythons(open_page, site):
    page = open_page(f"{site}/empty.html")
    for lightness, a, b in [setting[1:] for setting in MARKS] + [(60, 30, 40), (0, 0, 0), (100, 0, 0), (32, 79, -108)]:
        lab = torch.tensor([lightness, a, b], dtype=torch.float64)[:, None, None]
        rgb = lab_to_rgb(lab, clip=False)
        shown = lab_to_rgb(lab)
        answer = asked(page, "gamut_slice", "onScreen", lightness, a, b)
        assert answer["exists"] == bool(((rgb > -1e-4) & (rgb < 1 + 1e-4)).all()), (lightness, a, b)
        assert answer["rgb"] == (255 * shown).round().int().flatten().tolist()
        assert answer["lab"] == pytest.approx(rgb_to_lab(shown).flatten().tolist(), abs=1e-3)


def test_a_slice_has_the_share_that_python_counts(open_page, site):
    page = open_page(f"{site}/empty.html")
    reach = torch.arange(-REACH, REACH + 1, dtype=torch.float64)
    b, a = torch.meshgrid(reach, reach, indexing="ij")
    for lightness in (30, 60, 90):
        rgb = lab_to_rgb(torch.stack((torch.full_like(a, lightness), a, b)), clip=False)
        share = ((rgb > -1e-4) & (rgb < 1 + 1e-4)).all(0).double().mean().item()
        assert page.evaluate(
            "L => import('/gamut_slice.mjs').then(js => js.slice(L).share)", lightness
        ) == pytest.approx(share, abs=2e-4)


@pytest.mark.parametrize("shares", [(1, 1, 1), (2, 1, 1), (0, 0, 5)])
def test_the_mean_and_what_it_keeps_are_pythons(open_page, site, shares):
    page = open_page(f"{site}/empty.html")
    for colours in (CARS, ONE_HUE):
        p = torch.tensor(shares) / sum(shares)
        mean = p @ colours
        answer = asked(page, "mean_colour", "meanColour", colours.tolist(), shares)
        assert answer["mean"] == pytest.approx(mean.tolist(), abs=1e-4)
        assert answer["average"] == pytest.approx((p @ colours.norm(dim=1)).item(), abs=1e-4)
        assert answer["kept"] == pytest.approx((mean.norm() / (p @ colours.norm(dim=1))).item(), abs=1e-5)
        assert answer["cost"] == pytest.approx((p @ (colours - mean).square().sum(1)).item(), rel=1e-5)


@pytest.mark.parametrize("lam", [1, 0.5, 0.1, 0.03])
def test_the_weights_and_the_loss_are_pythons(open_page, site, bins, lam):
    page = open_page(f"{site}/empty.html")
    w = bins.gamut.rebalance(bins.prior.double(), lam)
    shares = w * bins.prior.double()
    answer = asked(page, "rebalancing_weights", "weigh", bins.prior.tolist(), lam)
    assert list(answer["weights"]) == pytest.approx(w.tolist(), rel=1e-4)
    assert list(answer["shares"]) == pytest.approx(shares.tolist(), rel=1e-4)
    assert answer["ratio"] == pytest.approx((w.max() / w.min()).item(), rel=1e-4)
    assert w.min() > 10**-2 and w.max() < 10**2, "the axis ends there"
    half = int((shares.sort(descending=True).values.cumsum(0) < 0.5).sum()) + 1
    assert asked(page, "rebalancing_weights", "half", shares.tolist()) == half


def test_hours_and_money_are_pythons(open_page, site):
    page = open_page(f"{site}/empty.html")
    for (flops, pixels, pictures), (peak, share) in itertools.product(TRAININGS.values(), MACHINES.values()):
        given = {"density": flops / pixels**2, "pixels": pixels, "pictures": pictures, "peak": peak}
        answer = asked(page, "training_cost", "cost", given | {"utilisation": share, "gpus": GPUS, "price": PRICE})
        training = Training(flops, pictures)
        assert answer["hours"] == pytest.approx(training.hours(peak, share, GPUS))
        assert answer["gpuHours"] == pytest.approx(training.hours(peak, share))
        assert answer["money"] == pytest.approx(PRICE * training.hours(peak, share))


def test_operations_grow_with_the_pixels_as_the_form_takes_them_to():
    for build in (lambda: UNet(UNetConfig(261)), ECCV16):
        small, large = (training_flops(build, size) / size**2 for size in (64, 176))
        assert small == pytest.approx(large, rel=1e-3)


@pytest.mark.parametrize("split", [(0, 5), (1, 9), (6, 6), (30, 52), (0, 1)])
def test_the_coins_have_pythons_p(open_page, site, split):
    page = open_page(f"{site}/empty.html")
    one = np.repeat([True, False], split)
    assert asked(page, "draw_again", "mcnemar", *split) == pytest.approx(mcnemar(one, ~one)[2], abs=1e-9)


def test_pictures_drawn_in_the_page_spread_as_pythons(open_page, site):
    page = open_page(f"{site}/empty.html")
    found = page.evaluate("""async ([hits, n]) => {
        const js = await import('/draw_again.mjs');
        const counts = Array(n + 1).fill(0);
        for (let i = 0; i < 20000; i++) counts[js.resample(hits, n).right] += 1;
        const heads = Array.from({length: 4000}, () => js.toss(10));
        return [counts, js.middle(counts), heads.reduce((sum, h) => sum + h, 0) / 4000];
    }""", [18, 20])  # fmt: skip
    counts, middle, heads = found
    means = bootstrap_means((np.arange(20) < 18)[:, None].astype(float))[:, 0]
    assert sum(i * count for i, count in enumerate(counts)) / 20 / sum(counts) == pytest.approx(0.9, abs=0.005)
    assert [end / 20 for end in middle] == pytest.approx(interval(means), abs=0.051)
    assert heads == pytest.approx(5, abs=0.15)


def test_the_target_and_the_surprise_are_pythons(open_page, site, bins):
    page = open_page(f"{site}/empty.html")
    ab = torch.tensor([[33.0, 28.0], [0.5, -0.2], [-88.0, 84.0], [120.0, -120.0]]).T[None, :, None]  # (1, 2, 1, 4)
    index, share = (part[0, :, 0].T for part in bins.gamut.encode(ab))  # (4, 5) each
    logits = torch.randn(4, len(bins.gamut)) * 3
    nats = -(share * logits.log_softmax(1).gather(1, index)).sum(1)
    centres = bins.gamut.centres.flatten().tolist()
    for i in range(4):
        target = asked(page, "soft_target", "encode", ab[0, :, 0, i].tolist(), centres)
        assert target["index"] == index[i].tolist()
        assert target["shares"] == pytest.approx(share[i].tolist(), abs=1e-5)
        answer = asked(page, "soft_target", "surprise", logits[i].tolist(), target)
        assert answer["nats"] == pytest.approx(nats[i].item(), abs=1e-4)
        assert list(answer["p"]) == pytest.approx(logits[i].softmax(0).tolist(), abs=1e-6)


def test_times_are_said_in_their_unit(open_page, site):
    page = open_page(f"{site}/empty.html")
    hours = {
        1 / 3600: "1 second",
        0.5: "30 minutes",
        1: "60 minutes",
        30: "30 hours",
        100: "4.2 days",
        24 * 365 * 3: "3 years",
    }
    assert {time: asked(page, "training_cost", "duration", time) for time in hours} == hours
