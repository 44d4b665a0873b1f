"""What all tests share: two options, a fixed seed, the bins, CIFAR-10 where it is asked for, and a browser."""

import functools
import os
import resource
import shutil
import signal
import threading
import urllib.request
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import hypothesis
import pytest
import torch

from colorize_lib.colour.gamut import Gamut
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.data.tiny_imagenet import find_tiny_imagenet
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer

hypothesis.settings.register_profile("colorize", deadline=None, max_examples=50)
hypothesis.settings.load_profile("colorize")
torch.set_num_threads(1)

_DATA = pytest.StashKey[str | None]()


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")
    parser.addoption("--cifar", action="store_true", help="run the tests on all of CIFAR-10 (in COLORIZE_DATA) too")


def pytest_configure(config):
    # A shell has its background jobs ignore Ctrl-C, and what they start too: the tests of stopping need it.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Only tests that ask for the data may find it; all others are the same on every machine.
    handed_on = getattr(config, "workerinput", {}).get("data")
    config.stash[_DATA] = os.environ.pop("COLORIZE_DATA", None) or handed_on
    if config.getoption("--cifar") and not config.stash[_DATA]:
        raise pytest.UsageError("--cifar needs COLORIZE_DATA: the folder that holds cifar10.tgz or cifar10/.")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Hand on where the data are to a process of ``-n 2``, whose environment no longer says so."""
    node.workerinput["data"] = node.config.stash[_DATA]


def pytest_unconfigure(config):
    if config.stash.get(_DATA, None):
        os.environ["COLORIZE_DATA"] = config.stash[_DATA]


def pytest_collection_modifyitems(config, items):
    for option, reason in (
        ("slow", "takes long: run with --slow"),
        ("cifar", "needs all of CIFAR-10: run with --cifar"),
    ):
        if not config.getoption(f"--{option}"):
            for item in items:
                if option in item.keywords:
                    item.add_marker(pytest.mark.skip(reason=reason))


#: Where pure functions, losses and networks are tested, and in which precisions: on a GPU, too, if there is one.
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
DTYPES = [torch.float32, torch.float64]
torch.backends.cudnn.allow_tf32 = False  # a GPU's convolutions would keep 10 bits of float32's 23


def pytest_generate_tests(metafunc):
    """A test that takes ``device`` or ``dtype`` is run with each, if it does not say itself with which."""
    said = {name for mark in metafunc.definition.iter_markers("parametrize") for name in _names(mark.args[0])}
    for name, values in (("device", map(torch.device, DEVICES)), ("dtype", DTYPES)):
        if name in metafunc.fixturenames and name not in said:
            metafunc.parametrize(name, list(values), ids=lambda value: str(value).removeprefix("torch."))


def _names(said: str | list[str]) -> list[str]:
    """Names of arguments, as ``pytest.mark.parametrize`` takes them."""
    return [name.strip() for name in said.split(",")] if isinstance(said, str) else list(said)


@pytest.fixture(autouse=True)
def fixed_seed():
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def own_proxies():
    """urllib keeps the proxies that the first request of a process found: no test hands its own on to the next."""
    yield
    urllib.request.install_opener(None)


@pytest.fixture(autouse=True)
def cifar_environment(request, monkeypatch):
    """COLORIZE_DATA, for the tests marked cifar alone."""
    if request.node.get_closest_marker("cifar"):
        monkeypatch.setenv("COLORIZE_DATA", request.config.stash[_DATA])
        if request.node.get_closest_marker("tiny_imagenet"):
            try:
                find_tiny_imagenet()
            except InputError as error:
                pytest.skip(str(error))


@pytest.fixture(scope="session")
def cifar(request):
    """CIFAR-10 by split, each read once: ``cifar("dev")``. For tests marked cifar."""
    return functools.cache(lambda split: load_cifar10(split, request.config.stash[_DATA], progress=False))


@pytest.fixture(scope="session")
def gamut() -> Gamut:
    return Gamut()


@pytest.fixture(scope="session")
def bins() -> Colorizer:
    return Colorizer.load("classification", "cpu")


@pytest.fixture(scope="session")
def regression() -> Colorizer:
    return Colorizer.load("regression", "cpu")


@pytest.fixture
def largest_file():
    """``with largest_file(size)``: nothing may write more than ``size`` bytes, a real error in the middle of a file."""

    @contextmanager
    def limit(size: int):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limit


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium, driven by Playwright. Where there is none, a warning says what is not tested."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        reason = "NOT TESTED in a browser: there is no Chromium here (Debian: apt-get install chromium)."
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=180_000)  # a busy machine is slow, not wrong
    quiet = ("background-networking", "component-update", "sync", "gpu")
    arguments = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def answering():
    """``answering(handler)`` returns host and port of a server on this machine that answers with it."""
    servers = []

    def start(handler: Callable[..., BaseHTTPRequestHandler]) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def serve(answering):
    """``serve(folder)`` returns the address of a server on this machine that hands out the folder's files."""

    class Quiet(SimpleHTTPRequestHandler):
        # What Python guesses depends on the machine, and a browser runs no module of another type.
        extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

        def log_message(self, *_):
            pass

    return lambda folder: f"http://{answering(functools.partial(Quiet, directory=str(folder)))}"


def _is_error(message) -> bool:
    """Whether a page has gone wrong. That the network is gone is no fault of a page: only a test takes it away."""
    return message.type == "error" and "ERR_INTERNET_DISCONNECTED" not in message.text


@pytest.fixture
def open_page(chromium):
    """``open_page(url, **context)`` returns a page. Every other host is blocked, and nothing may go wrong on it.

    After the test no request may have left for another host, and there may be no error.
    """
    contexts, strangers, errors = [], [], []

    def guard(route):
        if urlsplit(route.request.url).hostname in ("127.0.0.1", None):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    def start(url: str, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(180_000)  # a busy machine is slow, not wrong
        context.route("**/*", guard)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: _is_error(message) and errors.append(message.text))
        # Asked by the clock: as a rule it is by frames, and a page that is hidden, or has no body yet, has none.
        page.wait_for_function = functools.partial(page.wait_for_function, polling=50)
        page.goto(url, wait_until="domcontentloaded")
        return page

    yield start
    for context in contexts:
        context.close()
    assert strangers == []
    assert errors == []
