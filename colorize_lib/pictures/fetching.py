"""Fetch a picture from a web address, within a bound on its size and on the time it takes."""

import time
from http.client import HTTPResponse

from ..errors import InputError

#: Bytes of a fetched file, and seconds that fetching it may take in all.
MAX_BYTES, MAX_SECONDS = 500_000_000, 300
#: Seconds without any answer after which a server is given up.
SILENCE = 30
_BLOCK = 1 << 16


def is_address(source: object) -> bool:
    """Whether it is a web address: ``http://`` or ``https://``, in capitals too."""
    return isinstance(source, str) and source[:8].lower().startswith(("http://", "https://"))


def fetch(url: str) -> bytes:
    """The whole of what a web address holds.

    Raises
    ------
    InputError
        If it cannot be fetched, or has more than :data:`MAX_BYTES`, or takes longer than :data:`MAX_SECONDS`.
    """
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.request import urlopen

    end = time.monotonic() + MAX_SECONDS
    try:
        with urlopen(url, timeout=SILENCE) as response:
            return _all_of(response, url, end)
    except InputError:
        raise
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())  # a garbled reply is quoted with its line ends
        raise InputError(f"{url} cannot be fetched ({reason}): check the address and the network.") from error


def _all_of(response: HTTPResponse, url: str, end: float) -> bytes:
    content = bytearray()
    while block := response.read1(_BLOCK):
        content += block
        if len(content) > MAX_BYTES:
            raise InputError(f"{url} has more than {MAX_BYTES // 10**6} MB: download it yourself and colour the file.")
        if time.monotonic() > end:
            raise InputError(f"{url} takes more than {MAX_SECONDS} seconds: download it yourself and colour the file.")
    if response.length:  # what the server had announced beyond what it sent; None where it said nothing
        raise InputError(f"{url} cannot be fetched ({response.length} bytes are missing): try again.")
    return bytes(content)
