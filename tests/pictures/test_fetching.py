"""A web address is fetched within bounds, and what goes wrong names the address."""

import http.server
import itertools
import time

import pytest

from colorize_lib.errors import InputError
from colorize_lib.pictures import fetching
from colorize_lib.pictures.fetching import fetch, is_address


class Answers(http.server.BaseHTTPRequestHandler):
    """/small ends; /endless never does; /slow sends a byte now and then; /short ends before it said it would."""

    def do_GET(self):
        self.send_response(200)
        if self.path == "/short":
            self.send_header("Content-Length", "100")
        self.end_headers()
        try:
            if self.path == "/endless":
                for _ in itertools.count():
                    self.wfile.write(bytes(1 << 16))
            if self.path == "/slow":
                for _ in range(600):
                    self.wfile.write(b".")
                    time.sleep(0.05)
            self.wfile.write(b"picture")
        except OSError:
            pass  # nobody listens any more

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server(answering):
    return answering(Answers)


@pytest.mark.parametrize("scheme", ["http", "HTTP", "Http"])
def test_all_of_it_is_fetched(server, scheme):
    address = f"{scheme}://{server}/small"
    assert is_address(address)
    assert fetch(address) == b"picture"


@pytest.mark.parametrize("source", ["photo.jpg", "ftp://x/y", "http", b"http://x", "httpx://a"])
def test_no_address(source):
    assert not is_address(source)


@pytest.mark.parametrize(
    ("path", "name", "value", "words"),
    [
        ("endless", "MAX_BYTES", 1 << 20, "has more than 1 MB"),
        ("slow", "MAX_SECONDS", 0.3, "takes more than 0.3 seconds"),
        ("short", "SILENCE", 5, "93 bytes are missing"),
    ],
)
def test_what_would_not_end_is_given_up(server, monkeypatch, path, name, value, words):
    monkeypatch.setattr(fetching, name, value)
    with pytest.raises(InputError, match=words) as caught:
        fetch(f"http://{server}/{path}")
    assert f"http://{server}/{path}" in str(caught.value)
