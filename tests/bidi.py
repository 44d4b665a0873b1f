"""A Firefox of this machine, driven over WebDriver BiDi: as much of it as the tests need.

Playwright drives only a Firefox of its own, which it downloads. Any Firefox since 2023 opens a WebSocket
if it is started with ``--remote-debugging-port``, and takes commands there as JSON: see
https://w3c.github.io/webdriver-bidi/.
"""

import base64
import contextlib
import itertools
import json
import subprocess
import time
from pathlib import Path

from websockets.sync.client import connect

#: Seconds to wait for anything. A busy machine is slow, not wrong.
PATIENCE = 120
#: Nothing from elsewhere: every other host is behind a proxy that is not there.
QUIET = {
    "network.proxy.type": 1,
    **{f"network.proxy.{kind}": "127.0.0.1" for kind in ("http", "ssl")},
    **{f"network.proxy.{kind}_port": 9 for kind in ("http", "ssl")},
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.download.alwaysOpenPanel": False,
    "browser.download.folderList": 2,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}
KEYS = {"ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015", "Home": "\ue011",
        "End": "\ue010", "Tab": "\ue004", "Enter": "\ue007", "Delete": "\ue017", "Space": " "}  # fmt: skip
#: Finds an element, also inside open shadow roots.
FIND = """(selector => {
  const inside = root => root.querySelector(selector)
    ?? [...root.querySelectorAll("*")].map(e => e.shadowRoot && inside(e.shadowRoot)).find(Boolean);
  return inside(document);
})"""


class Firefox:
    """A headless Firefox with a new profile in ``folder``, where ``folder/downloads`` gets what is downloaded.

    Use it as a context manager. ``settings`` are those of about:config.
    """

    def __init__(self, executable: str, folder: Path, settings: dict | None = None):
        profile, self.downloads = folder / "profile", folder / "downloads"
        for place in (profile, self.downloads):
            place.mkdir()
        settings = QUIET | {"browser.download.dir": str(self.downloads)} | (settings or {})
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
        (profile / "user.js").write_text("\n".join(lines), "utf-8")
        command = [executable, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        self.open_until_closed = contextlib.ExitStack()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._connect(profile / "WebDriverBiDiServer.json")
        except BaseException:
            self.close()
            raise

    def _connect(self, file: Path) -> None:
        """Firefox writes into its profile where it listens."""
        wait(lambda: file.is_file() and file.read_text().rstrip().endswith("}"), "Firefox to start")
        place = json.loads(file.read_text())
        self.numbers = itertools.count(1)
        self.events: list[dict] = []
        address = f"ws://127.0.0.1:{place['ws_port']}/session"
        self.socket = self.open_until_closed.enter_context(connect(address, max_size=None, proxy=None))
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])

    def send(self, method: str, **params) -> dict:
        """Give a command, and return its result. What happens meanwhile is added to ``events``."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv(timeout=PATIENCE))
            if message["type"] == "event":
                self.events.append(message)
            elif message.get("id") == number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]

    def open(self, url: str, width: int = 1000, height: int = 900) -> "Page":
        """A new tab with this page, once its own HTML and scripts have come."""
        return Page(self, url, width, height)

    def close(self) -> None:
        self.open_until_closed.close()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> "Firefox":
        return self

    def __exit__(self, *_) -> None:
        self.close()


class Page:
    """A tab. Selectors are those of CSS, and find what is in open shadow roots too."""

    def __init__(self, firefox: Firefox, url: str, width: int, height: int):
        self.firefox = firefox
        self.context = firefox.send("browsingContext.create", type="tab")["context"]
        self._send("browsingContext.setViewport", viewport={"width": width, "height": height})
        self._send("browsingContext.navigate", url=url, wait="interactive")

    def _send(self, method: str, **params) -> dict:
        return self.firefox.send(method, context=self.context, **params)

    def _evaluate(self, expression: str) -> dict:
        answer = self.firefox.send(
            "script.evaluate", expression=expression, target={"context": self.context}, awaitPromise=True
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"]

    def evaluate(self, expression: str):
        """The value of JavaScript, or of its promise: whatever JSON can say."""
        result = self._evaluate(f"(async () => JSON.stringify(await ({expression})) ?? 'null')()")
        return json.loads(result["value"])

    def find(self, selector: str, property: str):
        """``property`` of an element, such as ``textContent`` or ``getAttribute('title')``."""
        return self.evaluate(f"{FIND}({json.dumps(selector)}).{property}")

    def wait_for(self, expression: str) -> None:
        """Until this JavaScript is true."""
        wait(lambda: self.evaluate(f"Boolean({expression})"), expression)

    def wait_for_selector(self, selector: str) -> None:
        """Until there is such an element, and it can be seen."""
        self.wait_for(f"{FIND}({json.dumps(selector)})?.getClientRects().length")

    def press(self, selector: str, *keys: str) -> None:
        """Focus an element, and press keys one after another."""
        self._evaluate(f"void {FIND}({json.dumps(selector)}).focus()")
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._send("input.performActions", actions=[{"type": "key", "id": "keys", "actions": strokes}])

    def click(self, selector: str, across: float = 0.5, down: float = 0.5) -> None:
        """Click on an element, so far from its left and its top, as shares of its width and its height.

        Once it stays where it is: what comes into a page later moves what stands below it.
        """
        x, y = self.evaluate(f"""(async element => {{
            const place = () => {{
                element.scrollIntoView({{ block: "center", behavior: "instant" }});
                const {{ left, top, width, height }} = element.getBoundingClientRect();
                return [Math.floor(left + {across} * width), Math.floor(top + {down} * height)];
            }};
            for (let last = place(), still = 0; still < 3;) {{
                await new Promise(resolve => setTimeout(resolve, 50));
                const now = place();
                still = `${{now}}` === `${{last}}` ? still + 1 : 0;
                last = now;
            }}
            return place();
        }})({FIND}({json.dumps(selector)}))""")
        strokes = [
            {"type": "pointerMove", "x": x, "y": y},
            *({"type": f"pointer{k}", "button": 0} for k in ("Down", "Up")),
        ]
        self._send("input.performActions", actions=[{"type": "pointer", "id": "mouse", "actions": strokes}])

    def choose(self, selector: str, *files: Path) -> None:
        """Hand files to a file input."""
        element = self._evaluate(f"{FIND}({json.dumps(selector)})")
        self._send("input.setFiles", element={"sharedId": element["sharedId"]}, files=[str(file) for file in files])

    def screenshot(self) -> bytes:
        """What the window shows, as a PNG."""
        return base64.b64decode(self._send("browsingContext.captureScreenshot")["data"])

    def close(self) -> None:
        self._send("browsingContext.close")


def wait(ready, what: str) -> None:
    """Until ``ready()`` is true."""
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE} s in vain for {what}")
        time.sleep(0.05)
