"""From a reading to the screen: collector's stamp to drawn frame in a real Chromium, and how soon the board is there.

    python -m bench.screen [--updates 1000]

A collector of 2,000 series runs once a second beside the default ones. The board tells when it has drawn (its event
`bongsu:drawn` carries the newest reading's time); server and browser share this machine's clock.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.servers import Server, binary_of, bongsu

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
  window.benchDrawn.push([event.detail.at, Date.now(), performance.now()]);
});
"""
ROOT = Path(__file__).resolve().parent.parent


def measure(*, updates: int = 1_000, loads: int = 9) -> Outcome:
    """Open the board over and over, then watch it for `updates` seconds."""
    env = {"BONGSU_COLLECTORS": "bench.readings:Readings", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, bongsu(Path(scratch), env=env) as server:
        time.sleep(5)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=binary_of("chromium"), args=list(FLAGS))
            first = [_load(browser, server) for _ in range(loads)]
            delays = _watch(browser, server, updates)
            browser.close()
    figures = (
        Figure(
            what="board: first live reading drawn, p50", unit="ms", ours=quantile(first, 0.5), goal=Goal(bound=1_000)
        ),
        Figure(what="board: first live reading drawn, slowest", unit="ms", ours=max(first)),
        Figure(what="reading to screen, p50", unit="ms", ours=quantile(delays, 0.5)),
        Figure(what="reading to screen, p99", unit="ms", ours=quantile(delays, 0.99), goal=Goal(bound=200)),
        Figure(what="reading to screen, slowest", unit="ms", ours=max(delays)),
    )
    method = (
        f"Headless Chromium, {loads} fresh loads with an empty cache (navigation to the first drawn reading); then "
        f"{len(delays)} updates of 2,000 series and the default ones, from the collector's stamp to the frame."
    )
    return Outcome(name="screen", method=method, figures=figures)


def _load(browser: Browser, server: Server) -> float:
    """Milliseconds from navigation to the first drawn reading, in a context without any cache."""
    context = browser.new_context()
    try:
        return float(_opened(context.new_page(), server).evaluate("window.benchDrawn[0][2]"))
    finally:
        context.close()


def _watch(browser: Browser, server: Server, updates: int) -> list[float]:
    """Milliseconds between a reading's stamp and its being drawn, each reading once."""
    page = _opened(browser.new_page(), server)
    page.evaluate("window.benchDrawn.length = 0")
    page.wait_for_timeout(updates * 1_000)
    seen: dict[int, float] = {}
    drawn: list[list[Any]] = page.evaluate("window.benchDrawn")
    for at, when, _ in drawn:
        seen.setdefault(int(at), float(when) - float(at))
    return list(seen.values())


def _opened(page: Page, server: Server) -> Page:
    page.add_init_script(LISTEN)
    page.goto(f"http://127.0.0.1:{server.port}/monitoring/dashboard")
    page.wait_for_function("window.benchDrawn.length > 0")
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
