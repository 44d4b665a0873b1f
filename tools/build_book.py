"""Build the book into ``_build/html``: run the chapters that need it, read and write the pages that changed.

    make book               what changed since the last build, and nothing if nothing did
    make book ARGS=--all    everything, whatever is kept

A chapter runs again when its code changed, or a file of its reach: see ``reach.py`` and ``kept.py``. Pages that are
as they were come from the last build without a warning, as Sphinx had read and written them. So no warning is lost: a
page that had one is read again, and all are written when anything changed that a page shows of others. What comes out
is to the byte what a build of everything makes (``tests/test_build.py``).

``_build/html`` is there only if the last build went through without a single warning.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from reach import ROOT, Repository, panel

BUILD = ROOT / "_build"
HTML = BUILD / "html"
FAILED = BUILD / "html-failed"
CACHE = BUILD / ".jupyter_cache"
#: What Sphinx works with, what is kept of it and of the pages of the last good build, and what that one was made from.
DOCTREES = BUILD / ".doctrees"
KEPT = BUILD / ".kept"
BUILT = BUILD / ".built"
#: What every page is made with: who changes any of it has every page read again.
MAKING = ("_config.yml", "_toc.yml", "book/_ext", "book/_templates", "book/references.bib", "tools/kept.py",
          "tools/build_book.py", "tools/reach.py", "tools/sources.py")  # fmt: skip
#: What the book is made from.
SOURCES = ("_config.yml", "_toc.yml", "book", "colorize_lib", "results", "tools")
#: Of the environment, beside what a chapter depends on.
TOLD = ("COLORIZE_REPOSITORY", "COLORIZE_REVISION", "COLORIZE_SITE")


def fingerprint(*places: str) -> str:
    """Hash of files, of all that lies in folders, and of what the environment says."""
    paths = [path for place in places for path in (ROOT / place, *(ROOT / place).rglob("*"))]
    files = [path for path in paths if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts)]
    return Repository().hash(files) + repr([os.environ.get(name) for name in TOLD])


def environment() -> dict[str, str]:
    """Environment for the chapters: the same on every machine, whatever its user has set up."""
    env = dict(os.environ)
    # Kernels are looked up here before anywhere else, so "python3" is the Python that runs this script.
    env["JUPYTER_PATH"] = str(Path(sys.prefix, "share", "jupyter"))
    # No start-up files, no matplotlibrc, no backend that keeps figures off the page, no foreign modules.
    env["IPYTHONDIR"] = str(BUILD / ".ipython")
    env["MPLCONFIGDIR"] = str(BUILD / ".matplotlib")
    for name in ("MATPLOTLIBRC", "MPLBACKEND", "PYTHONPATH", "PYTHONSTARTUP"):
        env.pop(name, None)
    # Chapters need no network: one that tries to download fails at once, on every machine.
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        env[name] = env[name.upper()] = "http://127.0.0.1:9"
    env["no_proxy"] = env["NO_PROXY"] = "localhost,127.0.0.1"
    # Chapters run inside book/.
    if env.get("COLORIZE_DATA"):
        env["COLORIZE_DATA"] = os.path.abspath(env["COLORIZE_DATA"])
    return env


def jupyter_book(builder: str, everything: bool = True) -> list[str | Path]:
    """The command that builds the book into ``_build/<builder>``, with every warning an error."""
    command = [Path(sys.executable).parent / "jupyter-book", "build", ROOT / "book", "--builder", builder]
    command += ["--path-output", ROOT, "--config", ROOT / "_config.yml", "--toc", ROOT / "_toc.yml"]
    return [*command, "-W", "--keep-going", "-n", *["--all"] * everything]


def pages() -> bool:
    """Write the pages that are not as they were; returns whether there was no warning."""
    made_with = fingerprint(*MAKING)
    stamp, both = KEPT / "fingerprint", ((DOCTREES, KEPT / "doctrees"), (HTML, KEPT / "html"))
    kept = stamp.is_file() and stamp.read_text("utf-8") == made_with
    for used, copy in both:
        shutil.rmtree(used, ignore_errors=True)
        if kept:
            shutil.copytree(copy, used)
    try:
        command = jupyter_book("html", everything=not kept)
        if subprocess.run(command, cwd=ROOT, env=environment()).returncode:
            return False
    except KeyboardInterrupt:
        return False
    shutil.rmtree(KEPT, ignore_errors=True)
    for used, copy in both:
        shutil.copytree(used, copy, ignore=passing)
    stamp.write_text(made_with, "utf-8")  # last: a copy that was interrupted has none
    return True


def passing(folder: str, names: list[str]) -> set[str]:
    """What need not be kept of a folder, since each build puts it there: static files, but for the data of pages."""
    return set(names) - {"parts"} if Path(folder) == HTML / "_static" else set()


def photo() -> bool:
    """What "Colour your own photo" loads goes to the pages; returns whether all of it could be had."""
    place, stamp = HTML / "_static" / "photo", BUILD / "photo" / ".fingerprint"
    if stamp.is_file() and stamp.read_text("utf-8") == panel():  # else PyTorch is needed, which takes its time
        shutil.copytree(stamp.parent, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
        return True
    from photo_panel import make

    return make(place)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make book", description=__doc__.partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="run every chapter and read every page, whatever is kept")
    if parser.parse_args().all:
        for folder in (CACHE, KEPT, HTML):
            shutil.rmtree(folder, ignore_errors=True)
    wanted = fingerprint(*SOURCES)
    if HTML.is_dir() and BUILT.is_file() and BUILT.read_text("utf-8") == wanted:
        print(f"Nothing has changed since {HTML} was built.")
        return 0
    BUILT.unlink(missing_ok=True)
    shutil.rmtree(FAILED, ignore_errors=True)
    if not pages():
        if HTML.exists():
            HTML.rename(FAILED)
        print(f"The book was not built: see above. What there is of it: {FAILED}", file=sys.stderr)
        return 1
    if photo():  # else the next build tries again
        BUILT.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
