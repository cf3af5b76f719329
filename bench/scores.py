"""From an event's arrival to its score on the screen: a real Chromium on the page of the data feeds, under load.

    python -m bench.scores [--events 300]

A feed of 5,000 symbols is pushed over HTTP all the while. Into it go, at odd moments, an event of one symbol that is
right or wrong in turn, and the first event of a symbol that was missing. What is drawn tells by its count of events
(or of symbols) which of them it knows.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.feeds import SYMBOLS, Market
from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.priority import preferred
from bench.screen import FLAGS
from bench.servers import NotReady, binary_of, bongsu
from bench.wire import Connection, post

EVERY = 0.2
"""Seconds between two bodies of one event a symbol: 25,000 events a second."""

FEED = "krx"
TRIED = "TRIED"
LISTEN = """
window.scores = [];
const handed = new MessageChannel(); // heard when the frame has been handed to the screen
handed.port1.onmessage = () => {
  const cells = [...document.querySelectorAll('.dsyms tbody tr:first-child > *')].map((cell) => cell.textContent);
  const said = document.querySelector('.datasub')?.textContent ?? '';
  window.scores.push([performance.timeOrigin + performance.now(), said, cells]);
};
const changed = new MutationObserver(() => handed.port2.postMessage(null));
changed.observe(document, { subtree: true, childList: true, characterData: true });
"""
ACCURACY, COUNT = 4, 7
"""Places in a symbol's line on the screen."""


@dataclass(slots=True, kw_only=True)
class Delays:
    """Milliseconds from sending an event to the drawn score, and to the drawn coverage."""

    score: list[float]
    coverage: list[float]


def settings_of(missing: int) -> dict[str, str]:
    """The environment of a server that expects so many symbols which have never come."""
    names = [f"LATE{i:04}" for i in range(missing)]
    return {"BONGSU_FEEDS": json.dumps({FEED: {"symbols": names, "missing_after": "1s"}})}


@contextmanager
def pushed(port: int) -> Iterator[None]:
    """Every symbol five times a second while the block runs.

    Raises:
        NotReady: the pace couldn't be held, or a body wasn't taken.
    """
    stop = threading.Event()
    faults: list[str] = []

    def push() -> None:
        market = Market("columns", events=SYMBOLS)
        with Connection(port) as wire:
            begun, sent = time.perf_counter(), 0
            while not stop.wait(max(0.0, begun + sent * EVERY - time.perf_counter())):
                answer = wire.ask(post("/api/v1/events", market.body(), kind="application/json"))
                if answer.status != 200:
                    faults.append(f"{answer.status}: {answer.body[:300]!r}")
                    return
                sent += 1
            if sent * EVERY < 0.9 * (time.perf_counter() - begun):
                faults.append(f"only {sent} bodies were sent in {time.perf_counter() - begun:.1f} s")

    sender = threading.Thread(target=push)
    sender.start()
    try:
        yield
    finally:
        stop.set()
        sender.join()
    if faults:
        raise NotReady(faults[0])


class Trial:
    """The page of the feeds of one server, and the events whose way is measured."""

    def __init__(self, browser: Browser, port: int) -> None:
        # High enough for sentence and table: what is out of sight isn't drawn.
        page = self._page = browser.new_context(viewport={"width": 1280, "height": 2400}, locale="ko-KR").new_page()
        self._wire = Connection(port)
        self._sent: list[float] = []
        page.add_init_script(LISTEN)
        page.goto(f"http://127.0.0.1:{port}/monitoring/dashboard?page=data&window=1h")
        page.wait_for_selector(".dsyms tbody tr")
        page.locator("#data-symbols input").fill(TRIED)
        self._send()
        page.locator(".dsyms tbody tr", has_text=TRIED).wait_for()

    def close(self) -> None:
        """Let go of the connection."""
        self._wire.close()

    def run(self, events: int, *, seed: int) -> Delays:
        """Send so many events, one after the other, and find each on the screen."""
        moments = random.Random(seed)
        first = len(self._sent)
        for _ in range(events):
            self._page.wait_for_timeout(moments.uniform(100, 500))
            self._send()
        self._page.wait_for_timeout(2_000)
        return self._found(first)

    def _send(self) -> None:
        number, at = len(self._sent), int(time.time() * 1000)
        tried = {"feed": FEED, "symbol": TRIED, "at": at, "seq": number + 1}
        late = {"feed": FEED, "symbol": f"LATE{number:04}", "at": at, "seq": 1, "fields": {"price": 5.0, "size": 1}}
        body = json.dumps([{**tried, "fields": {"price": -1.0 if number % 2 else 5.0, "size": 1}}, late]).encode()
        self._sent.append(time.time() * 1000)
        answer = self._wire.ask(post("/api/v1/events", body, kind="application/json"))
        if answer.status != 200:
            raise NotReady(f"{answer.status}: {answer.body[:300]!r}")

    def _found(self, first: int) -> Delays:
        drawn: list[tuple[float, str, Sequence[str]]] = self._page.evaluate("window.scores")
        found = Delays(score=[], coverage=[])
        for number in range(first, len(self._sent)):
            known, sent = number + 1, self._sent[number]
            found.score.append(_first(at for at, _, cells in drawn if _scored(cells) >= known) - sent)
            found.coverage.append(_first(at for at, said, _ in drawn if _seen(said) >= SYMBOLS + 1 + known) - sent)
        return found


def _first(moments: Iterator[float]) -> float:
    found = next(moments, None)
    if found is None:
        raise NotReady("an event was never drawn")
    return found


def _scored(cells: Sequence[str]) -> int:
    """How many events of the tried symbol the drawn accuracy is of.

    Raises:
        NotReady: it isn't the accuracy of so many.
    """
    if len(cells) <= COUNT or cells[0] != TRIED:
        return 0
    count = int(cells[COUNT])
    want = 1000 * (count - count // 2) // count / 10
    if cells[ACCURACY] != f"{want:.1f}":
        raise NotReady(f"with {count} events, every other one wrong, the accuracy is shown as {cells[ACCURACY]}")
    return count


def _seen(said: str) -> int:
    """Symbols that came, in the sentence on top."""
    found = re.search(r"([\d,]+)/[\d,]+", said)
    return int(found[1].replace(",", "")) if found else 0


def measure(*, events: int = 300) -> Outcome:
    """Push, and send the events meanwhile."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as scratch,
        bongsu(Path(scratch), env=settings_of(events + 1)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=binary_of("chromium"), args=list(FLAGS))
        with preferred(server.pid, os.getpid()) as priority, pushed(server.port):
            trial = Trial(browser, server.port)
            found = trial.run(events, seed=1)
            trial.close()
        browser.close()
    figures = tuple(
        Figure(what=f"{what}, {name}", unit="ms", ours=ours, goal=goal)
        for what, taken in (("arrival to a symbol's score", found.score), ("arrival to coverage", found.coverage))
        for name, ours, goal in (
            ("p50", quantile(taken, 0.5), None),
            ("p99", quantile(taken, 0.99), Goal(bound=1_000)),
            ("slowest", max(taken), None),
        )
    )
    method = (
        f"{SYMBOLS:,} symbols, {SYMBOLS / EVERY:,.0f} events/s over HTTP (columns), the page of the data feeds over "
        f"1 h in headless Chromium; {events} times an event of one symbol, right or wrong in turn, and the first of a "
        f"missing one, from before it is sent to the frame that shows it. {priority}"
    )
    return Outcome(name="scores", method=method, figures=figures)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=300)
    outcome = measure(events=parser.parse_args().events)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
