"""What an event of a feed costs, from its body on the wire until it is journaled, checked and scored.

    python -m bench.feeds [--seconds 60] [--kind columns|rows|lines]

5,000 symbols, trades with price, size and sequence numbers, all checks and the journal on, one connection, as fast as
one sender can. The cost is the CPU of the server's process tree from the first byte until it is quiet again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np

from bench.cpu import cpu_seconds, settle, usage
from bench.servers import bongsu
from bench.wire import Connection, get, post

SYMBOLS = 5_000
EVENTS = 10_000
"""Events of one body."""


class Market:
    """Makes bodies: every symbol's numbers rise by one, prices walk on the tick grid."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._random = np.random.default_rng(1)
        self._seq = np.zeros(SYMBOLS, np.int64)
        self._price = np.rint(self._random.uniform(550, 1_500, SYMBOLS)) * 100.0
        self._names = [f"{i:06}" for i in range(SYMBOLS)]

    def body(self) -> bytes:
        """The next body."""
        index = np.tile(self._random.permutation(SYMBOLS), EVENTS // SYMBOLS)
        rank = np.arange(EVENTS) // SYMBOLS
        seq = self._seq[index] + rank + 1
        self._seq += EVENTS // SYMBOLS
        price = self._price[index] + 100.0 * self._random.integers(0, 2, EVENTS)
        at = int(time.time() * 1000) - self._random.integers(50, 400, EVENTS)
        size = self._random.integers(1, 500, EVENTS)
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


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="Events a core.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kind", choices=("columns", "rows", "lines"), default="columns")
    asked = parser.parse_args()
    kind = "application/x-ndjson" if asked.kind == "lines" else "application/json"
    market = Market(asked.kind)
    ready = [post("/api/v1/events", market.body(), kind=kind) for _ in range(20)]
    with tempfile.TemporaryDirectory() as folder, bongsu(Path(folder)) as server, Connection(server.port) as wire:
        for one in ready:
            _sent(wire, one)
        settle(server.pid)
        before, begun, sent = cpu_seconds(server.pid), time.perf_counter(), 0
        memory: list[int] = []
        while time.perf_counter() - begun < asked.seconds:
            _sent(wire, post("/api/v1/events", market.body(), kind=kind))
            sent += EVENTS
            if sent % (200 * EVENTS) == 0:
                memory.append(usage(server.pid).rss_bytes >> 20)
        wall = time.perf_counter() - begun
        settle(server.pid)
        spent = cpu_seconds(server.pid) - before
        wire_feed = json.loads(wire.ask(get("/api/v1/quality/krx?window=1h&limit=0")).body)["feed"]
    print(f"{asked.kind}: {sent:,} events in {wall:.0f} s ({sent / wall:,.0f}/s), {spent:.1f} s CPU")
    print(f"{spent / sent * 1e6:.2f} µs an event, {sent / spent:,.0f} events a core; RSS MiB {memory}")
    print(f"counted {wire_feed['events']:,}, lost {wire_feed['lost']}, duplicates {wire_feed['duplicates']}")
    return 0 if sent / spent >= 300_000 or asked.kind != "columns" else 1


def _sent(wire: Connection, request: bytes) -> None:
    answer = wire.ask(request)
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {answer.body.decode()[:500]}")


if __name__ == "__main__":
    sys.exit(main())
