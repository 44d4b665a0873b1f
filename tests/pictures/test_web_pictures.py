"""A picture by its address: it is fetched, or one sentence says why not."""

import http.server
import socket
import threading

import pytest
from one_photo import array, refused
from picture_corpus import saved


class Answers(http.server.BaseHTTPRequestHandler):
    """/ok.png is a picture; the others go wrong in the ways that servers do."""

    picture = b""

    def do_GET(self):
        if self.path == "/garbled":
            self.wfile.write(b"no HTTP at all\r\n\r\n")
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(self.picture) + (100 if self.path == "/cut" else 0)))
        self.end_headers()
        page = b"<html>".ljust(len(self.picture))
        self.wfile.write(page if self.path == "/page" else self.picture)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server(photo, answering):
    Answers.picture = saved(photo)
    return f"http://{answering(Answers)}"


def test_a_web_address_is_fetched(bins, photo, server):
    assert array(bins.colorize(f"{server}/ok.png")).tolist() == array(bins.colorize(photo)).tolist()


@pytest.mark.parametrize("path", ["missing", "cut", "garbled"])
def test_a_server_that_does_not_deliver(server, path):
    refused(f"{server}/{path}", f"{path} cannot be fetched")


def test_a_server_that_never_answers_is_not_waited_for_without_end(monkeypatch):
    """A minute would do; here every timeout takes a hundredth of its time."""
    settimeout = socket.socket.settimeout
    monkeypatch.setattr(socket.socket, "settimeout", lambda self, t: settimeout(self, t and t / 100))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url, done = f"http://127.0.0.1:{silent.getsockname()[1]}/x.png", []
        fetching = threading.Thread(target=lambda: done.append(refused(url, "timed out")), daemon=True)
        fetching.start()
        fetching.join(50)  # a minute is what it would take with the timeout as it is
        assert done, "it still waits, or went wrong in another way"


def test_a_web_page_is_no_picture(server):
    refused(f"{server}/page")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x.png", "http://127.0.0.1:port/x.png", "http://[::1/x.png", "http://"]
)
def test_an_address_where_nobody_answers(url):
    refused(url)
