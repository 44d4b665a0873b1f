"""What tests of pictures share: a photograph, coloured and grey, and servers that answer as they like."""

import http.server
import threading

import pytest
from one_photo import grey, photo

__all__ = ["answering", "grey", "photo"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Servers of this machine are asked themselves."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="module")
def answering():
    """``answering(handler)`` returns host and port of a server on this machine that answers with it."""
    servers = []

    def start(handler: type[http.server.BaseHTTPRequestHandler]) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
