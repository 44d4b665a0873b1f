"""The package as it is installed: built from what git knows, and used in an empty folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from colorize_lib.data.examples import photograph

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "colorize_lib"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder into which the wheel alone is installed; what it needs is there."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.check_output(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / "source" / name)
    pip = [sys.executable, "-m", "pip", "--quiet"]
    built = subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, folder / "source"], capture_output=True)
    if built.returncode and b"setuptools" in built.stderr:
        pytest.skip("NOT TESTED: no package index can be reached, so there is nothing to build with.")
    assert not built.returncode, built.stderr.decode()
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", folder / "site", wheel], check=True)
    return folder / "site"


@pytest.fixture
def python(site, tmp_path):
    """Runs this Python in an empty folder, with the installed package before all others."""

    def run(*arguments) -> str:
        env = os.environ | {"PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
        done = subprocess.run([sys.executable, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.slow
def test_the_wheel_holds_the_whole_package(site):
    listed = subprocess.check_output(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=PACKAGE, text=True)
    for name in filter(None, listed.split("\0")):
        if (PACKAGE / name).is_file():
            assert (site / "colorize_lib" / name).is_file(), name
    results = {path.name for path in (ROOT / "results").glob("*.json")}
    assert results and results <= {path.name for path in (site / "colorize_lib" / "results").iterdir()}


@pytest.mark.slow
def test_the_installed_command_colours_in_an_empty_folder(site, python, tmp_path):
    Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((60, 40)).save(tmp_path / "photo.png")
    assert Path(python("-c", "import colorize_lib; print(colorize_lib.__file__)").strip()).is_relative_to(site)
    assert "photo-coloured.png" in python(site / "bin" / "colorize", "photo.png")
    assert Image.open(tmp_path / "photo-coloured.png").size == (60, 40)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo-coloured.png", "photo.png"]


@pytest.mark.slow
def test_the_installed_package_reads_its_results_and_weights(python):
    code = "from colorize_lib import Colorizer; from colorize_lib.measuring.results import read_result; "
    code += "print(len(read_result('classification')['test'])); Colorizer.load('classification', 'cpu')"
    assert int(python("-c", code)) > 0
