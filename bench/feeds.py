"""What an event of a feed costs, from its body on the wire until it is journaled, checked and scored.

    python -m bench.feeds [--seconds 60]

5,000 symbols, trades with price, size and sequence numbers, all checks and the journal on, one connection, as fast as
one sender can. The cost is the CPU of the server's process tree from the first byte until it is quiet again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.cpu import cpu_seconds, settle, usage
from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.servers import bongsu
from bench.wire import Connection, get, post

SYMBOLS = 5_000
EVENTS = 10_000
"""Events of one body."""

PACE = 0.4
"""Seconds between two readings of the scores, as the board does it."""


class Market:
    """Makes bodies: every symbol's numbers rise by one, prices walk on the tick grid."""

    def __init__(
        self, kind: str, *, events: int = EVENTS, symbols: int = SYMBOLS, now: Callable[[], int] | None = None
    ) -> None:
        """`kind` is columns, rows or lines; `events` of each body are a multiple of the symbols; `now` in UTC ms."""
        self._kind = kind
        self._events = events
        self._symbols = symbols
        self._now = now or (lambda: int(time.time() * 1000))
        self._random = np.random.default_rng(1)
        self._seq = np.zeros(symbols, np.int64)
        self._price = np.rint(self._random.uniform(550, 1_500, symbols)) * 100.0
        self._names = [f"{i:06}" for i in range(symbols)]

    def body(self, wrong: NDArray[np.int64] | None = None) -> bytes:
        """The next body; symbols that are `wrong` lose a number and have a price that can't be."""
        rounds = self._events // self._symbols
        index = np.tile(self._random.permutation(self._symbols), rounds)
        rank = np.arange(self._events) // self._symbols
        if wrong is not None:
            self._seq[wrong] += 1
        seq = self._seq[index] + rank + 1
        self._seq += rounds
        price = self._price[index] + 100.0 * self._random.integers(0, 2, self._events)
        if wrong is not None:
            price[np.isin(index, wrong)] = -1.0
        at = self._now() - self._random.integers(50, 400, self._events)
        size = self._random.integers(1, 500, self._events)
        if self._kind == "columns":
            columns = {"feed": "krx", "symbols": self._names, "index": index.tolist(), "at": at.tolist()}
            columns |= {"seq": seq.tolist(), "fields": {"price": price.tolist(), "size": size.tolist()}}
            return msgspec.json.encode(columns)
        rows = [
            {"feed": "krx", "symbol": self._names[i], "at": a, "seq": q, "fields": {"price": p, "size": s}}
            for i, a, q, p, s in zip(
                index.tolist(), at.tolist(), seq.tolist(), price.tolist(), size.tolist(), strict=True
            )
        ]
        encode = msgspec.json.encode
        return encode(rows) if self._kind == "rows" else b"\n".join(encode(row) for row in rows)


def measure(*, seconds: float = 60.0) -> Outcome:
    """Columns for `seconds`, rows for a fifth of them."""
    columns = _run("columns", seconds)
    rows = _run("rows", max(5.0, seconds / 5))
    growth = (columns.memory[-1] - columns.memory[0]) / 2**20 if columns.memory else 0.0
    figures = (
        Figure(what="events a core, columns", unit="1/s", ours=columns.rate, goal=Goal(bound=300_000, at_least=True)),
        Figure(what="events sustained, one sender", unit="1/s", ours=columns.sent / columns.wall),
        Figure(what="events a core, rows", unit="1/s", ours=rows.rate),
        Figure(what="memory at the end", unit="MiB", ours=(columns.memory or [0])[-1] / 2**20),
        Figure(what="memory grown meanwhile", unit="MiB", ours=growth, goal=Goal(bound=8)),
        Figure(
            what="scores read meanwhile, p99 (the board reads every 0.4 s)",
            unit="ms",
            ours=quantile(columns.asked, 0.99) * 1000,
            goal=Goal(bound=200),
        ),
    )
    method = (
        f"{SYMBOLS:,} symbols, price, size and numbers, bodies of {EVENTS:,} events on one connection as fast as one "
        f"sender can for {seconds:g} s; {columns.sent:,} events, none lost or double; journal and all checks on."
    )
    return Outcome(name="feeds", method=method, figures=figures)


@dataclass(slots=True, kw_only=True)
class Run:
    """What one kind of body cost."""

    sent: int
    wall: float
    cpu: float
    memory: list[int]
    asked: list[float]
    """Seconds that each reading of the scores took."""

    @property
    def rate(self) -> float:
        """Events a CPU-second."""
        return self.sent / self.cpu


def _run(form: str, seconds: float) -> Run:
    kind = "application/x-ndjson" if form == "lines" else "application/json"
    market = Market(form)
    memory: list[int] = []
    asked: list[float] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        server = stack.enter_context(bongsu(Path(folder)))
        wire, reader = (stack.enter_context(Connection(server.port)) for _ in range(2))
        for _ in range(20):
            _sent(wire, post("/api/v1/events", market.body(), kind=kind))
        settle(server.pid)
        before, begun, sent = cpu_seconds(server.pid), time.perf_counter(), 0
        while (passed := time.perf_counter() - begun) < seconds:
            _sent(wire, post("/api/v1/events", market.body(), kind=kind))
            sent += EVENTS
            if passed > PACE * (len(asked) + 1):
                start = time.perf_counter()
                reader.ask(get("/api/v1/quality?window=1m"))
                asked.append(time.perf_counter() - start)
                if len(asked) % 10 == 0:
                    memory.append(usage(server.pid).rss_bytes)
        wall = time.perf_counter() - begun
        settle(server.pid)
        cpu = cpu_seconds(server.pid) - before
        found = json.loads(reader.ask(get("/api/v1/quality/krx?window=1h&limit=0")).body)["feed"]
    if (found["events"], found["lost"], found["duplicates"]) != (sent + 20 * EVENTS, 0, 0):
        raise SystemExit(f"{sent:,} events were sent, but {found}")
    return Run(sent=sent, wall=wall, cpu=cpu, memory=memory, asked=asked)


def _sent(wire: Connection, request: bytes) -> None:
    answer = wire.ask(request)
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {answer.body.decode()[:500]}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    outcome = measure(seconds=parser.parse_args().seconds)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
