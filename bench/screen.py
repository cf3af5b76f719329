"""From a reading to the screen: collector's stamp to drawn frame in a real Chromium, and how soon the board is there.

    python -m bench.screen [--updates 1000]

A collector of 2,000 series runs once a second beside the default ones. The board tells when it has drawn (its event
`bongsu:drawn` carries the newest reading's time); server and browser share this machine's clock.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.priority import preferred
from bench.servers import NotReady, binary_of, bongsu
from bench.wire import Connection, get

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LISTEN = """
window.benchDrawn = [];
document.addEventListener('bongsu:drawn', (event) => {
  window.benchDrawn.push([event.detail.at, event.detail.drawn, performance.now()]);
});
"""
ROOT = Path(__file__).resolve().parent.parent


def measure(*, updates: int = 1_000, loads: int = 9) -> Outcome:
    """Open board and console over and over, then watch the board for `updates` seconds."""
    env = {"BONGSU_COLLECTORS": "bench.readings:Readings", "PYTHONPATH": str(ROOT)}
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as scratch,
        bongsu(Path(scratch), env=env, console=True) as server,
    ):
        board = f"http://127.0.0.1:{server.port}/monitoring/dashboard"
        console = f"http://127.0.0.1:{server.console_port}"
        until_answered(server.console_port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=binary_of("chromium"), args=list(FLAGS))
            with preferred(server.pid, os.getpid()) as priority:
                first = [cold(browser, board) for _ in range(loads)]
                tiles = warm(browser, console, loads)
                delays = watch(browser, board, updates)
            browser.close()
    method = (
        f"Headless Chromium. Board: {loads} fresh loads with an empty cache, navigation to the first drawn reading. "
        f"Console: {loads} visits with a warm cache, likewise. Then {len(delays)} updates of 2,000 series and the "
        f"default ones, from the collector's stamp to the drawn frame. {priority}"
    )
    return Outcome(name="screen", method=method, figures=_figures(first, tiles, delays))


def _figures(first: list[float], tiles: list[float], delays: list[float]) -> tuple[Figure, ...]:
    lines: tuple[tuple[str, float, Goal | None], ...] = (
        ("board: first live reading drawn, p50", quantile(first, 0.5), Goal(bound=1_000)),
        ("board: first live reading drawn, slowest", max(first), None),
        ("console: first live tile, warm, p50", quantile(tiles, 0.5), Goal(bound=3_000)),
        ("console: first live tile, warm, slowest", max(tiles), None),
        ("reading to screen, p50", quantile(delays, 0.5), None),
        ("reading to screen, p99", quantile(delays, 0.99), Goal(bound=200)),
        ("reading to screen, slowest", max(delays), None),
    )
    return tuple(Figure(what=what, unit="ms", ours=ours, goal=goal) for what, ours, goal in lines)


def until_answered(port: int, *, patience: float = 60.0) -> None:
    """The console is started beside the server and takes longer."""
    deadline = time.perf_counter() + patience
    while time.perf_counter() < deadline:
        try:
            with Connection(port, patience=2.0) as connection:
                if connection.ask(get("/healthz")).status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise NotReady(f"the console didn't answer within {patience:g} s")


def cold(browser: Browser, url: str) -> float:
    """Milliseconds from navigation to the first drawn reading, in a context without any cache."""
    context = browser.new_context()
    try:
        return float(_opened(context.new_page(), url).evaluate("window.benchDrawn[0][2]"))
    finally:
        context.close()


def warm(browser: Browser, url: str, visits: int) -> list[float]:
    """The same over and over in one context; the first visit only warms up."""
    context = browser.new_context()
    taken = []
    for _ in range(visits + 1):
        page = _opened(context.new_page(), url)
        taken.append(float(page.evaluate("window.benchDrawn[0][2]")))
        page.close()
    context.close()
    return taken[1:]


def watch(browser: Browser, url: str, updates: int) -> list[float]:
    """Milliseconds between a reading's stamp and its being drawn, each reading once."""
    page = _opened(browser.new_page(), url)
    page.evaluate("window.benchDrawn.length = 0")
    page.wait_for_timeout(updates * 1_000)
    seen: dict[int, float] = {}
    drawn: list[list[Any]] = page.evaluate("window.benchDrawn")
    for at, when, _ in drawn:
        seen.setdefault(int(at), float(when) - float(at))
    return list(seen.values())


def _opened(page: Page, url: str, *, patience: float = 60.0) -> Page:
    """The page once it has drawn a reading; asked again and again, as its policy lets no text be run as a script."""
    page.add_init_script(LISTEN)
    page.goto(url)
    deadline = time.perf_counter() + patience
    while not page.evaluate("window.benchDrawn.length"):
        if time.perf_counter() > deadline:
            raise NotReady(f"{url} drew nothing within {patience:g} s")
        page.wait_for_timeout(10)
    return page


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--updates", type=int, default=1_000)
    chosen = parser.parse_args()
    outcome = measure(updates=chosen.updates)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
