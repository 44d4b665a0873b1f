"""Show the book while it is written: build it again whenever a file is saved, and have the browser show that.

    make live                     at http://127.0.0.1:8000
    make live ARGS="--port 9000"

What is shown is a copy of the last build without a warning. Warnings stand in the terminal.
"""

import argparse
import functools
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from build_book import BUILD, HTML, ROOT, SOURCES

SHOWN = BUILD / "live"
#: Where the page asks for the number of the build that is shown, each second.
ASK = "/.build"
RELOAD = f"""<script>
  let build;
  setInterval(async () => {{
    const now = await fetch("{ASK}").then((answer) => answer.text()).catch(() => build);
    if (build && build !== now) location.reload();
    build = now;
  }}, 1000);
</script>
"""


class Handler(SimpleHTTPRequestHandler):
    """Hands out the pages; each asks for the number of the build, and loads again when that is another."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def do_GET(self) -> None:
        page = Path(self.translate_path(self.path))
        page = page / "index.html" if page.is_dir() else page
        if self.path == ASK:
            self.answer(str(self.server.build), "text/plain")
        elif page.suffix == ".html" and page.is_file():
            self.answer(page.read_text("utf-8").replace("</body>", f"{RELOAD}</body>"), "text/html")
        else:
            super().do_GET()

    def answer(self, text: str, kind: str) -> None:
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_) -> None:
        pass


def serve(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server on this machine alone, at work in a thread of its own; ``build`` is the number of the build."""
    server = ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=str(folder)))
    server.build = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def saved(places: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """When each file was last written, and its size."""
    found = {}
    for path in (path for place in places for path in (place, *place.rglob("*"))):
        try:
            if path.is_file() and "__pycache__" not in path.parts:
                found[path] = (path.stat().st_mtime_ns, path.stat().st_size)
        except OSError:  # an editor was about to replace it
            continue
    return found


def wait_for_change(places: list[Path], before: dict, wait: float = 0.5) -> None:
    """Return once something is not as it was ``before``, and nothing more was saved for ``wait`` seconds."""
    while (now := saved(places)) == before:
        time.sleep(wait)
    settled = None
    while settled != now:
        settled = now
        time.sleep(wait)
        now = saved(places)


def build(server: ThreadingHTTPServer, folder: Path) -> None:
    """Build the book; if there was no warning, show it."""
    tool = Path(__file__).with_name("build_book.py")
    if subprocess.run([sys.executable, tool], cwd=ROOT).returncode == 0:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HTML, folder)
        server.build += 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="make live", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=8000, help="of the server (default: %(default)s)")
    args = parser.parse_args()
    SHOWN.mkdir(parents=True, exist_ok=True)
    try:
        server = serve(SHOWN, args.port)
    except OSError as error:
        print(f"Port {args.port} cannot be had ({error.strerror}): choose another with --port.", file=sys.stderr)
        return 1
    places = [ROOT / place for place in SOURCES]
    try:
        while True:
            before = saved(places)  # what is saved while the book is built counts, too
            build(server, SHOWN)
            print(f"http://127.0.0.1:{args.port} shows the book. Ctrl-C ends this.", flush=True)
            wait_for_change(places, before)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
