"""A whole Bongsu with its console in real processes, and Chromium to look at it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from bongsu.console.place import Place
from bongsu.console.process import console_command
from tests.browser.stage import CHROMIUM_FLAGS, slow_down
from tests.browser.tabs import empty
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


@dataclass(kw_only=True)
class Visitors:
    """People who come one after the other, each to a tab in which nothing of the last one is left but the browser's own
    copies of files: to read and compile Streamlit and Plotly anew takes as much as all else that a visit does.
    """

    browser: Browser
    _tabs: dict[tuple[str, bool], Page] = field(default_factory=dict)

    def take(self, *, locale: str, bypass_csp: bool) -> Page:
        """A tab that speaks this language; whoever takes it gives it back."""
        page = self._tabs.pop((locale, bypass_csp), None)
        if page is None:
            context = self.browser.new_context(locale=locale, timezone_id="Asia/Seoul", bypass_csp=bypass_csp)
            page = context.new_page()
            page.add_init_script(FIRST_DRAWING)
        return page

    def give(self, page: Page, *, locale: str, bypass_csp: bool) -> None:
        """The visit is over: what the page has kept is taken away."""
        empty(page)
        self._tabs[locale, bypass_csp] = page

    def close(self) -> None:
        """Close all tabs."""
        for page in self._tabs.values():
            page.context.close()
        self._tabs.clear()


@contextmanager
def visit(
    visitors: Visitors,
    url: str,
    *,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
    bypass_csp: bool = False,
    locale: str = "ko-KR",
) -> Iterator[Seen]:
    """A visitor of his own: nothing that a page keeps is kept from before."""
    page = visitors.take(locale=locale, bypass_csp=bypass_csp)
    let_go = slow_down(page)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if dark else "light")
    seen = Seen(page=page)
    ours = url.split("//", 1)[1].split(":", 1)[0]
    listeners: dict[Any, Any] = {
        "console": lambda said: seen.errors.append(said.text) if said.type == "error" else None,
        "pageerror": lambda error: seen.errors.append(str(error)),
        "request": lambda asked: None if _is_ours(asked.url, ours) else seen.foreign.append(asked.url),
        "websocket": seen.connect,
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        page.goto(url)
        yield seen
    except BaseException:
        page.context.close()
        raise
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    let_go()
    visitors.give(page, locale=locale, bypass_csp=bypass_csp)


def _is_ours(url: str, host: str) -> bool:
    return url.startswith(("data:", "blob:")) or url.split("//", 1)[-1].split(":", 1)[0].split("/", 1)[0] == host


def wait_until_live(page: Page, timeout: float = 30_000) -> None:
    """Wait until figures have been drawn."""
    page.wait_for_selector("html[data-first-drawn]", state="attached", timeout=timeout)


def wait_until_standing(page: Page, timeout: float = 60_000) -> None:
    """Wait until Streamlit's page has taken over what was drawn before it came."""
    wait_until_live(page, timeout)
    page.wait_for_selector(".st-key-live .bongsu .tile", state="attached", timeout=timeout)


def look_back(page: Page, there: str, card: str = ".st-key-explore", *, patience: float = 60.0) -> None:
    """Scroll to the past below the live view until something of it is there: what still grows above it pushes it away
    again, and it is asked for only where it comes near.
    """
    page.wait_for_selector(card, timeout=1_000 * patience)
    end = time.monotonic() + patience
    while page.locator(there).count() == 0:
        assert time.monotonic() < end, f"no {there} within {patience} s"
        page.locator(card).scroll_into_view_if_needed()
        page.wait_for_timeout(200)
