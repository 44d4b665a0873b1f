"""What is to be coloured and where it goes; and that no picture asked for is ever written over."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorize_lib.errors import InputError
from colorize_lib.files import LONGEST, check_target, identity
from colorize_lib.inference.jobs import is_coloured, keep_others, left_out, picture_suffixes, plan_jobs
from colorize_lib.pictures.metadata import CREDIT


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


def make_coloured(name: str) -> None:
    """A picture that says of itself that colorize has coloured it."""
    exif = Image.Exif()
    exif[305] = CREDIT
    Image.new("L", (2, 2)).save(name, exif=exif)


def targets(*arguments: str, output: str | None = None) -> list[str]:
    plan = plan_jobs(list(arguments), output)
    assert plan.problems == []
    return [str(job.target) for job in plan.jobs]


# --- never over an input

ALIASES = {
    "itself": lambda path: path,
    "absolute": lambda path: path.absolute(),
    "roundabout": lambda path: Path("scans") / ".." / path,
    "symbolic link": lambda path: _linked(path, "symbolic"),
    "link to its folder": lambda path: _linked_folder(path),
}


def _linked(path: Path, kind: str) -> Path:
    link = Path(f"link{path.suffix}")
    if kind == "hard":
        os.link(path, link)
    else:
        link.symlink_to(path.absolute())
    return link


def _linked_folder(path: Path) -> Path:
    Path("elsewhere").symlink_to(path.parent.absolute())
    return Path("elsewhere") / path.name


@pytest.mark.parametrize("alias", [*ALIASES, "hard link"])
def test_a_picture_is_not_written_over_itself(alias):
    make("scans/a.png")
    path = Path("scans/a.png")
    other = _linked(path, "hard") if alias == "hard link" else ALIASES[alias](path)
    plan = plan_jobs(["scans/a.png"], str(other))
    assert plan.jobs == []
    assert plan.problems == ["scans/a.png would be written over itself: choose another place with -o."]


@pytest.mark.parametrize("alias", ALIASES)
def test_a_folder_into_itself_goes_beside_its_pictures(alias):
    make("scans/a.png", "scans/b.jpg", "scans/2019/c.png")
    plan = plan_jobs(["scans"], str(ALIASES[alias](Path("scans"))))
    assert [job.target.name for job in plan.jobs] == ["a-coloured.png", "b-coloured.png", "c-coloured.png"]
    sources = {identity(job.source) for job in plan.jobs}
    assert len(sources) == 3
    assert not sources & {identity(job.target) for job in plan.jobs}


def test_nor_over_another_picture_that_is_asked_for():
    make("a.jpg", "a-coloured.png", "in/b.png", "out/b.png")
    plan = plan_jobs(["a.jpg", "a-coloured.png"])
    assert [job.source for job in plan.jobs] == ["a-coloured.png"]
    assert plan.problems == ["a.jpg would be written over a-coloured.png: choose another place with -o."]
    plan = plan_jobs(["in", "out/b.png"], "out")
    assert [(job.source, str(job.target)) for job in plan.jobs] == [("out/b.png", "out/b-coloured.png")]
    assert len(plan.problems) == 1


def test_nor_over_the_weights_and_other_files_that_are_read():
    make("a.jpg", "weights.png")
    assert plan_jobs(["a.jpg"], "weights.png", ["weights.png"]).jobs == []
    os.link("weights.png", "same.json")
    with pytest.raises(InputError, match=r"same\.json would be written over weights\.png"):
        check_target("same.json", [None, "nowhere", "weights.png"])
    check_target("new.json", [None, "nowhere", "weights.png"])


@given(st.lists(st.tuples(st.sampled_from("aAbB"), st.sampled_from(["", "-jpg", "-png", "-coloured"]),
                          st.sampled_from([".jpg", ".png", ".PNG"])), unique=True, min_size=1))  # fmt: skip
def test_targets_differ_from_each_other_and_from_all_pictures(tmp_path_factory, parts):
    folder = tmp_path_factory.mktemp("names")
    names = sorted({str(folder / "".join(part)) for part in parts})
    make(*names)
    for arguments, output in ((names, None), ([str(folder)], str(folder)), ([str(folder)], None), (names, "out")):
        plan = plan_jobs(arguments, output)
        found = [str(job.target).casefold() for job in plan.jobs]
        assert len(set(found)) == len(found)
        assert not {identity(name) for name in names} & {identity(job.target) for job in plan.jobs}
        assert len(plan.jobs) + len(plan.problems) + sum(map(len, plan.left.values())) == len(names)


# --- what a picture is called


def test_pictures_that_differ_in_their_suffix_alone_get_it_into_their_names():
    make("a.jpg", "a.png", "b.png")
    assert targets("a.jpg", "a.png", "b.png") == ["a-jpg-coloured.png", "a-png-coloured.png", "b-coloured.png"]
    make("in/a.jpg", "in/a.png", "in/a-jpg.png")
    assert targets("in", output="out") == ["out/a-jpg.png", "out/a-jpg-2.png", "out/a-png.png"]


def test_pictures_of_one_name_in_two_folders_are_both_coloured():
    make("x/p.jpg", "y/p.jpg", "other/y/p.jpg")
    assert targets("x/p.jpg", "y/p.jpg", output="out") == ["out/p-jpg-coloured.png", "out/p-jpg-2-coloured.png"]
    assert targets("x", "y", output="out") == ["out/x/p.png", "out/y/p.png"]
    assert targets("y", "other/y", output="out") == ["out/y/p-jpg.png", "out/y/p-jpg-2.png"]


@pytest.mark.parametrize("letter", ["z", "é", "日"])
def test_a_long_name_is_cut(letter):
    stem = letter * (251 // len(letter.encode()))
    make(f"{stem}.jpg")
    (target,) = targets(f"{stem}.jpg")
    assert target.endswith("-coloured.png")
    assert len(os.fsencode(target)) <= LONGEST
    assert plan_jobs([f"{'z' * 300}.png"]).problems == []  # its turn comes


def test_a_web_address_is_named_by_its_last_part():
    assert targets("https://example.org/old/photo.jpg?size=3") == ["photo-coloured.png"]
    assert targets("http://example.org/", output="out") == ["out/example.org-coloured.png"]


# --- what a folder holds


def test_subfolders_are_searched_and_made_again():
    make("photos/top.png", "photos/2019/a.png", "photos/2019/may/b.TIFF")
    assert targets("photos", output="out") == ["out/top.png", "out/2019/a.png", "out/2019/may/b.png"]
    assert targets("photos/") == targets("photos")
    assert targets("photos")[1] == "photos-coloured/2019/a.png"


def test_every_kind_that_Pillow_reads_is_looked_at():
    kinds = {".avif", ".jfif", ".jpe", ".jp2", ".mpo", ".apng", ".pbm", ".tga", ".ico", ".heic", ".gif", ".webp"}
    assert kinds <= picture_suffixes()
    assert not {".pdf", ".mpg", ".mp4", ".h5", ".nef", ".txt", ""} & picture_suffixes()


def test_what_is_left_out_is_said_and_counted():
    make("in/a.jpg", "in/._a.jpg", "in/.b.png", "in/.DS_Store", "in/.hidden/c.png")
    make("in/film.MP4", "in/raw.nef", "in/notes.txt", "in/README")
    os.mkfifo("in/pipe.png")
    Path("in/broken.png").symlink_to("nowhere.png")
    Path("in/again").symlink_to(Path("in").absolute())
    make_coloured("in/a-coloured.png")
    plan = plan_jobs(["in"])
    assert [job.source for job in plan.jobs] == ["in/a.jpg"]
    counts = {why: len(names) for why, names in plan.left.items()}
    assert counts == {
        "hidden": 2, "a film": 1, "a camera's raw file, to be developed first": 1, "no picture": 2,
        "a pipe, a device or a broken link": 2, "a link to a folder": 1, "made by colorize": 1,
    }  # fmt: skip
    assert "Left out as no picture: 2 (in/README, in/notes.txt)." in left_out(plan)


def test_of_many_that_are_left_out_the_first_are_named_and_all_on_request():
    make("in/a.jpg", *(f"in/{number}.txt" for number in range(6)))
    plan = plan_jobs(["in"])
    (few,), (all_of_them,) = left_out(plan), left_out(plan, verbose=True)
    assert few.endswith("(in/0.txt, in/1.txt, in/2.txt, and 3 more: --verbose names all).")
    assert all(f"in/{number}.txt" in all_of_them for number in range(6))


@pytest.mark.parametrize("output", ["photos/out", "photos", "photos/2019", None])
def test_a_second_run_does_not_colour_what_the_first_has_made(output):
    make("photos/top.png", "photos/2019/a.png")
    first = plan_jobs(["photos"], output)
    for job in first.jobs:
        job.target.parent.mkdir(parents=True, exist_ok=True)
        make_coloured(str(job.target))
    second = plan_jobs(["photos"], output)
    assert second.jobs == first.jobs
    assert second.problems == []


def test_nor_does_a_second_run_over_a_pattern():
    make("photo.png")
    make_coloured("photo-coloured.png")
    plan = plan_jobs(["*.png"])
    assert [job.source for job in plan.jobs] == ["photo.png"]
    assert plan.left == {"made by colorize": ["photo-coloured.png"]}
    assert targets("photo-coloured.png") == ["photo-coloured-coloured.png"]  # who asks for just that gets it


def test_what_colorize_has_made_says_so():
    make("empty.png")
    Image.new("L", (2, 2)).save("plain.png")
    for name in ("made.png", "made.jpg", "made.tif", "made.webp"):
        make_coloured(name)
        assert is_coloured(Path(name))
    assert not any(is_coloured(Path(name)) for name in ("empty.png", "plain.png", "nowhere.png"))


def test_a_folder_that_may_not_be_read_does_not_end_the_search(monkeypatch):
    make("in/a/1.png", "in/b/2.png")
    scan = os.scandir

    def scandir(path):
        if str(path) == os.path.join("in", "a"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    plan = plan_jobs(["in"])
    assert [job.source for job in plan.jobs] == ["in/b/2.png"]
    assert plan.problems == ["The folder in/a cannot be read (Permission denied)."]
    assert plan_jobs(["in/a"]).problems == plan.problems


def test_links_that_lead_nowhere_and_in_circles_are_left_to_their_turn():
    make("a.jpg")
    Path("loop").symlink_to("loop")
    plan = plan_jobs(["loop/a.jpg", "loop", "a.jpg"])
    assert [job.source for job in plan.jobs] == ["loop/a.jpg", "loop", "a.jpg"]
    assert plan_jobs(["a.jpg"], "loop/out.png").problems == []


def test_a_folder_without_pictures_is_one_problem_and_says_what_it_holds():
    make("empty/.keep", "texts/a.txt", "a.png")
    plan = plan_jobs(["empty", "texts", "a.png", ""])
    assert plan.problems == [
        "The folder empty holds no pictures.",
        "The folder texts holds no pictures, but 1 left out as no picture.",
        "The name of a picture is empty.",
    ]
    assert [job.source for job in plan.jobs] == ["a.png"]


# --- where to


def test_a_pattern_that_the_shell_has_left_is_looked_up():
    make("b.png", "a.png", "c.jpg", "[1].png")
    assert [job.source for job in plan_jobs(["?.png"]).jobs] == ["a.png", "b.png"]
    assert [job.source for job in plan_jobs(["[1].png"]).jobs] == ["[1].png"]
    assert [job.source for job in plan_jobs(["*.gif"]).jobs] == ["*.gif"]  # its turn comes: there is no such file


@pytest.mark.parametrize("output", ["", "-"])
def test_no_output_that_means_something_else(output):
    make("a.png", "b.png")
    for pictures in (["a.png"], ["a.png", "b.png"]):
        with pytest.raises(InputError, match="name a file or a folder"):
            plan_jobs(pictures, output)


def test_folders_with_a_dot_in_their_name():
    make("a.png", "b.png")
    assert targets("a.png", "b.png", output="album.2024")[0] == "album.2024/a-coloured.png"
    for output in ("album.2024/", "album.png/"):
        assert targets("a.png", "b.png", output=output)[0] == f"{output}a-coloured.png"
        assert targets("a.png", output=output) == [f"{output}a-coloured.png"]
    Path("there.2024").mkdir()
    assert targets("a.png", output="there.2024") == ["there.2024/a-coloured.png"]
    with pytest.raises(InputError, match=r"For a folder of that name write album\.2024/"):
        plan_jobs(["a.png"], "album.2024")
    with pytest.raises(InputError, match="Several pictures need a folder"):
        plan_jobs(["a.png", "b.png"], "out.gif")


def test_the_home_folder_is_known_in_outputs_too(here, monkeypatch):
    make("a.png")
    monkeypatch.setenv("HOME", str(here / "home"))
    assert targets("a.png", output="~/out.png") == [str(here / "home" / "out.png")]
    assert targets("a.png", output="~/out/") == [str(here / "home" / "out" / "a-coloured.png")]


def test_a_file_that_somebody_else_made_is_not_replaced():
    make("a.png", "b.png", "c.png", "a-coloured.png")
    make_coloured("b-coloured.png")
    plan = plan_jobs(["a.png", "b.png", "c.png"])
    keep_others(plan)
    assert [job.source for job in plan.jobs] == ["b.png", "c.png"]
    assert plan.problems == [
        "a-coloured.png is there already, and not made by colorize: rename it, or choose another place with -o."
    ]
