"""A whole Bongsu with its console in real processes, and Chromium to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from bongsu.console.place import Place
from bongsu.console.process import console_command
from tests.browser.stage import CHROMIUM_FLAGS, slow_down
from tests.integration.console_processes import Ports, answers, running, wait_for

FIRST_DRAWING = """
document.addEventListener('bongsu:drawn', () => {
  const { dataset } = document.documentElement;
  dataset.lastDrawn = performance.now();
  dataset.firstDrawn ??= dataset.lastDrawn;
});
"""


@dataclass(kw_only=True)
class Seen:
    """A page, and what went wrong on it or was asked for elsewhere."""

    page: Page
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    ticks: int = 0
    """Frames of the machine's figures that came over live sockets."""

    def connect(self, socket: WebSocket) -> None:
        """A socket was opened."""
        self.sockets.append(socket.url)
        if socket.url.endswith("/live"):
            socket.on("framereceived", self._hear)

    def _hear(self, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode()
        self.ticks += '"topic":"system"' in text


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@contextmanager
def server(ports: Ports, folder: Path) -> Iterator[int]:
    """A server without a console; its process id."""
    log = folder / "server.log"
    # A busy machine must not raise alerts of its own among those that a test pushes.
    (folder / ".env").write_text("BONGSU_THRESHOLDS__CPU_THRESHOLD_PERCENT=100\n", encoding="utf-8")
    with running(ports.server(folder / "data"), folder=folder, log=log) as process:
        wait_for("the server", lambda: answers(f"{ports.rest_url}/readyz"), log)
        yield process.pid


@contextmanager
def console(ports: Ports, folder: Path) -> Iterator[None]:
    """The console alone, for whatever is at the ports."""
    log = folder / "console.log"
    place = Place(rest_url=ports.rest_url, live_port=ports.live)
    with running(console_command(place, port=ports.console), folder=folder, log=log):
        wait_for("the console", lambda: answers(f"{ports.console_url}/healthz"), log)
        yield


@contextmanager
def visit(
    browser: Browser,
    url: str,
    *,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
    bypass_csp: bool = False,
    locale: str = "ko-KR",
) -> Iterator[Seen]:
    """A visitor of his own: nothing kept from before."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale=locale,
        timezone_id="Asia/Seoul",
        bypass_csp=bypass_csp,
    )
    page = slow_down(context.new_page())
    seen = Seen(page=page)
    page.on("console", lambda said: seen.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    ours = url.split("//", 1)[1].split(":", 1)[0]
    page.on("request", lambda asked: None if _is_ours(asked.url, ours) else seen.foreign.append(asked.url))
    page.on("websocket", seen.connect)
    page.add_init_script(FIRST_DRAWING)
    try:
        page.goto(url)
        yield seen
    finally:
        context.close()


def _is_ours(url: str, host: str) -> bool:
    return url.startswith(("data:", "blob:")) or url.split("//", 1)[-1].split(":", 1)[0].split("/", 1)[0] == host


def wait_until_live(page: Page, timeout: float = 30_000) -> None:
    """Wait until figures have been drawn."""
    page.wait_for_selector("html[data-first-drawn]", state="attached", timeout=timeout)


def wait_until_standing(page: Page, timeout: float = 60_000) -> None:
    """Wait until Streamlit's page has taken over what was drawn before it came."""
    wait_until_live(page, timeout)
    page.wait_for_selector(".st-key-live .bongsu .tile", state="attached", timeout=timeout)
