"""tools/gpu.sh: what it runs in which order, for how long, and what it does when something is missing or fails.

A Python that only notes what it is asked to do stands in for the real one.
"""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "tools" / "gpu.sh"


@pytest.fixture
def rehearse(tmp_path):
    """``rehearse(*parts, fail="", **environment)`` returns (status, what was run, what was printed, OUT)."""
    (tmp_path / "data" / "photographs").mkdir(parents=True)
    (tmp_path / "data" / "cifar10.tgz").touch()
    stand_in = tmp_path / "python"
    stand_in.write_text(
        f"""#!/bin/bash
            printf '%s ' "$@" | tr '\\n' ' ' >> '{tmp_path}/ran'; echo >> '{tmp_path}/ran'
            [[ $* == *pick_device* ]] && {{ [[ $DEVICE == nowhere ]] && exit 2; echo "Some GPU and torch 9"; }}
            [[ -z $FAIL || $* != *$FAIL* ]]
        """
    )
    stand_in.chmod(0o755)

    def run(*parts, fail="", **environment):
        known = {"COLORIZE_DATA": str(tmp_path / "data"), "OUT": str(tmp_path / "out"), "MINUTES": "14", "LIMIT": ""}
        kept = {key: value for key, value in os.environ.items() if key not in ("DEVICE", "PYTHONPATH")}
        told = {**kept, **known, "PYTHON": str(stand_in), "FAIL": fail, **environment}
        done = subprocess.run(["bash", SCRIPT, *parts], capture_output=True, text=True, env=told, timeout=600)
        file = tmp_path / "ran"
        ran = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return done.returncode, ran, done.stdout + done.stderr, tmp_path / "out"

    return run


def option(command: str, name: str) -> str:
    words = command.split()
    return words[words.index(name) + 1]


def test_the_most_valuable_comes_first_and_everything_has_its_share_of_the_time(rehearse):
    status, ran, _, out = rehearse()
    assert status == 0
    photo, vgg, speed = ran[-3:]
    assert any("tests/test_gpu.py" in command for command in ran[:-3])
    assert "train photo --start photo" in photo and option(photo, "--device") == "cuda"
    assert "experiment vgg --recipe vgg224 --seeds 1" in vgg
    assert "benchmarks/speed.py" in speed
    assert float(option(photo, "--minutes")) == pytest.approx(14 * 5 / 13, rel=0.01)
    assert float(option(vgg, "--minutes")) == pytest.approx(14 * 6 / 13 * 0.27, rel=0.01)  # three networks; measuring
    assert float(option(speed, "--seconds")) == pytest.approx(14 / 13 * 30, rel=0.01)
    assert option(photo, "-o").startswith(str(out)) and option(vgg, "--folder").startswith(str(out))
    assert [line.split(":")[0] for line in (out / "summary.txt").read_text().splitlines()] == [
        "check", "photo", "vgg", "speed"
    ]  # fmt: skip


def test_what_fails_keeps_nothing_else_from_running(rehearse):
    status, ran, said, _ = rehearse(fail="photo")
    assert status == 1
    assert "photo: FAILED" in said and "vgg: done" in said and "speed: done" in said
    assert "benchmarks/speed.py" in ran[-1]


def test_what_is_not_there_is_skipped_in_a_sentence_and_its_time_is_for_the_others(rehearse, tmp_path):
    (tmp_path / "data" / "photographs").rmdir()
    status, ran, said, _ = rehearse("photo", "vgg")
    assert status == 0
    assert "photo: skipped, as there is no photographs-160.tar in COLORIZE_DATA" in said
    assert len(ran) == 1
    assert float(option(ran[0], "--minutes")) == pytest.approx(14 * 0.27, rel=0.01)
    status, ran, said, _ = rehearse(COLORIZE_DATA="")
    assert status == 0 and "vgg: skipped, as there is no cifar10.tgz in COLORIZE_DATA (not set)." in said
    assert "benchmarks/speed.py" in ran[-1]


def test_without_the_device_nothing_is_trained(rehearse):
    status, ran, said, _ = rehearse(DEVICE="nowhere")
    assert (status, len(ran)) == (1, 1)
    assert "Without the device the other parts were left out." in said


def test_failed_tests_do_not_take_the_time_of_the_others(rehearse):
    status, _, said, _ = rehearse(fail="test_gpu.py")
    assert status == 1
    assert "check: FAILED" in said and "vgg: done" in said


def test_the_same_command_asks_for_the_same_again(rehearse):
    """Else a stopped training would not go on."""
    first, again = (rehearse("vgg", "speed")[1] for _ in range(2))
    assert first == again


def test_a_rehearsal_hands_its_small_numbers_on(rehearse):
    _, ran, _, _ = rehearse("vgg", "photo", DEVICE="cpu", LIMIT="64", MINUTES="1")
    assert ["vgg" in command for command in ran] == [True, False]  # in the order that was asked for
    assert option(ran[0], "--recipe") == "vgg32"  # the large one would take hours
    assert all((option(command, "--limit"), option(command, "--device")) == ("64", "cpu") for command in ran)


def test_an_unknown_part_names_the_known_ones(rehearse):
    status, ran, said, _ = rehearse("nonsense")
    assert (status, ran) == (64, [])
    assert "There is no part 'nonsense': choose from check, photo, vgg and speed." in said


def test_packed_photographs_are_unpacked_and_leave_nothing_behind(rehearse, tmp_path):
    import tarfile

    data = tmp_path / "data"
    (data / "photographs" / "train").mkdir()
    with tarfile.open(data / "photographs-160.tar", "w") as archive:
        archive.add(data / "photographs", "photographs")
    (data / "photographs" / "train").rmdir()
    (data / "photographs").rmdir()
    status, ran, _, _ = rehearse("photo")
    assert status == 0
    place = Path(option(ran[0], "--data"))
    assert place != data and not place.exists()
