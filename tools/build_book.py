"""Build the book into ``_build/html``: run the chapters that need it, then write the pages.

Jupyter Book keeps the outputs of a chapter for as long as the chapter's own code stays the same, and
does not see that a module which the chapter imports was edited. So the cache carries a fingerprint of
everything else that the outputs depend on, and goes when that changes.

``_build/html`` is there only if the last build went through without a single warning.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
HTML = BUILD / "html"
FAILED = BUILD / "html-failed"
CACHE = BUILD / ".jupyter_cache"
STAMP = CACHE / "fingerprint"

#: What chapters import and read: modules, weights, results, pictures.
SOURCES = ("colorize_lib", "results", "weights")


def fingerprint() -> str:
    """Hash of everything but a chapter's own code that its outputs depend on."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT).as_posix()} {path.stat().st_size}\n".encode())
                digest.update(path.read_bytes())
    installed = {f"{package.name}=={package.version}" for package in metadata.distributions()}
    digest.update("\n".join([sys.version, *sorted(installed)]).encode())
    # With all of CIFAR-10, or on a GPU, chapters do more.
    gpus = sorted(path.name for path in Path("/dev").glob("nvidia[0-9]*"))
    digest.update(repr([os.environ.get("COLORIZE_DATA"), os.environ.get("CUDA_VISIBLE_DEVICES"), gpus]).encode())
    return digest.hexdigest()


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


def check_cache() -> None:
    """Empty the cache of the chapters' outputs if something that they depend on has changed."""
    current = fingerprint()
    if not STAMP.exists() or STAMP.read_text() != current:
        print("The library, its data or its environment changed: every chapter runs again.", flush=True)
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir(parents=True)
        STAMP.write_text(current)


def jupyter_book(builder: str) -> list[str | Path]:
    """The command that builds the book into ``_build/<builder>``, with every warning an error."""
    # --all reads every page anew. Without it Sphinx takes an unchanged page from its own cache, which
    # hides both a library that changed and the warnings of the build before.
    command = [Path(sys.executable).parent / "jupyter-book", "build", ROOT / "book", "--all", "--builder", builder]
    command += ["--path-output", ROOT, "--config", ROOT / "_config.yml", "--toc", ROOT / "_toc.yml"]
    return [*command, "-W", "--keep-going", "-n"]


def main() -> int:
    check_cache()
    # Pages that are no longer in the table of contents must not stay behind.
    for folder in (HTML, FAILED):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        built = subprocess.run(jupyter_book("html"), cwd=ROOT, env=environment()).returncode == 0
    except KeyboardInterrupt:
        built = False
    if built:
        from photo_panel import make

        make(HTML / "_static" / "photo")
    else:
        if HTML.exists():
            HTML.rename(FAILED)
        print(f"The book was not built: see above. What there is of it: {FAILED}", file=sys.stderr)
    return 0 if built else 1


if __name__ == "__main__":
    sys.exit(main())
