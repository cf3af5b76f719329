"""The console: how soon it is there, how fresh it is, and what twenty people cost who keep it open.

    python -m bench.console [--updates 300] [--seconds 90]

Chromium opens the console with an empty cache, then over and over with a warm one, and watches it. Then twenty sessions
(`bench.console_sessions`) stay open, five on each page, each with its past read and its live view at one frame a second
and topic; the cost is the CPU of the whole process tree, less that of the same tree with none.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.boards import boards, spent
from bench.console_sessions import Session, held
from bench.cpu import cpu_seconds
from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.priority import preferred
from bench.screen import FLAGS, cold, until_answered, warm, watch
from bench.servers import Server, binary_of, bongsu

PAGES = ("", "data", "performance", "alerts")
SESSIONS = 20


def measure(*, updates: int = 300, loads: int = 9, seconds: float = 90.0) -> Outcome:
    """What `python -m bench console` runs."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, bongsu(Path(scratch), console=True) as server:
        address = f"http://127.0.0.1:{server.console_port}"
        until_answered(server.console_port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=binary_of("chromium"), args=list(FLAGS))
            with preferred(server.pid, os.getpid()) as priority:
                first = [cold(browser, address) for _ in range(3)]
                tiles = warm(browser, address, loads)
                delays = watch(browser, address, updates)
            browser.close()
        idle = spent(server, seconds / 3)
        cost, figures = sessions(server, seconds)
    method = (
        "Headless Chromium, navigation to the first drawn reading: 3 visits with an empty cache, then "
        f"{loads} with a warm one; {len(delays)} updates from the collector's stamp to the drawn frame. {priority} "
        f"Then {SESSIONS} sessions for {seconds:g} s, five on each page, their past read again every 30 s ({figures} "
        "figures in all), live views at 1 s; CPU of server and console together, less that without sessions."
    )
    lines: tuple[tuple[str, str, float, Goal | None], ...] = (
        ("first live tile, empty cache, slowest", "ms", max(first), Goal(bound=3_000)),
        ("first live tile, warm, p50", "ms", quantile(tiles, 0.5), Goal(bound=1_000)),
        ("first live tile, warm, slowest", "ms", max(tiles), None),
        ("reading to screen, p50", "ms", quantile(delays, 0.5), None),
        ("reading to screen, p99", "ms", quantile(delays, 0.99), Goal(bound=1_000)),
        (f"{SESSIONS} sessions at 1 s: their cost", "% of a core", cost - idle, Goal(bound=100)),
        ("without sessions", "% of a core", idle, None),
    )
    figures_of = tuple(Figure(what=what, unit=unit, ours=ours, goal=goal) for what, unit, ours, goal in lines)
    return Outcome(name="console", method=method, figures=figures_of)


def sessions(server: Server, seconds: float, *, count: int = SESSIONS, every: float | None = None) -> tuple[float, int]:
    """CPU of the server's tree while so many sessions stay open (% of a core), and how many figures they were sent.

    `every` seconds each reads its past again; None does as the page does.
    """
    context = get_context("spawn")
    here, there = context.Pipe()
    other = context.Process(target=boards, args=(there,), daemon=True)
    other.start()
    here.send((server.live_port, count))
    here.recv()
    opened = [Session(server.console_port, page=PAGES[one % len(PAGES)], every=every) for one in range(count)]
    spans: list[tuple[float, float]] = []

    def mark() -> None:
        spans.append((cpu_seconds(server.pid), time.perf_counter()))

    asyncio.run(held(opened, seconds, mark=mark))
    here.send(None)
    other.join()
    (before, since), (after, until) = spans
    return (after - before) / (until - since) * 100, sum(one.figures for one in opened)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--updates", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=90.0)
    chosen = parser.parse_args()
    outcome = measure(updates=chosen.updates, seconds=chosen.seconds)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
