"""What it costs to take a body in, from its bytes to checked columns: `python -m bench.ingest_decode`.

CPU time of this process alone, the best of several rounds (other programs on the machine only ever add to it): 10,000
samples of 2,000 series with two labels each. History and HTTP are not in it; `python -m bench ingest` measures the
whole way.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import time

import msgspec
import uvloop
import zstandard

from bongsu.clock import SystemClock
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.intake import JSON, NDJSON, SampleIntake
from bongsu.ingest.limits import IntakeLimits
from bongsu.model.sample import Batch
from bongsu.model.series import SeriesTable

SAMPLES = 10_000
SERIES = 2_000
ROUNDS = 30


class Nowhere:
    """Takes admitted samples and keeps nothing."""

    async def take(self, batch: Batch) -> None:
        """Forget them."""


def bodies(now: int) -> dict[str, tuple[bytes, str, str]]:
    """Name → body, media type, encoding."""
    names = [{"metric": f"metric_{k % 50}", "labels": {"host": f"h{k % 40}", "core": str(k)}} for k in range(SERIES)]
    values = [round(random.random() * 100, 2) for _ in range(SAMPLES)]
    rows = [{**names[k % SERIES], "value": value, "at": now + k % 7} for k, value in enumerate(values)]
    columns = {
        "series": names,
        "index": [k % SERIES for k in range(SAMPLES)],
        "at": [row["at"] for row in rows],
        "value": values,
    }
    text, lines, columnar = (
        msgspec.json.encode(rows),
        b"\n".join(map(msgspec.json.encode, rows)),
        msgspec.json.encode(columns),
    )
    faulty = msgspec.json.encode([*rows[:-1], {"metric": "a", "value": "x"}])
    return {
        "rows": (text, JSON, ""),
        "rows, one faulty": (faulty, JSON, ""),
        "rows, gzip": (gzip.compress(text), JSON, "gzip"),
        "rows, zstd": (zstandard.compress(text), JSON, "zstd"),
        "NDJSON": (lines, NDJSON, ""),
        "columns": (columnar, JSON, ""),
        "columns, zstd": (zstandard.compress(columnar), JSON, "zstd"),
    }


async def main() -> None:
    """Measure every format in turn, round by round, and print the table."""
    clock = SystemClock()
    gate = SampleGate(table=SeriesTable(), clock=clock)
    unlimited = IntakeLimits(samples_per_second=1e12, bodies_per_second=1e12)
    intake = SampleIntake(gate=gate, taker=Nowhere(), clock=clock, limits=unlimited)
    all_bodies = bodies(clock.now())
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, (body, kind, encoding) in all_bodies.items():
            before = time.process_time()
            await intake.take(body, content_type=kind, encoding=encoding, sender="bench")
            spent = time.process_time() - before
            best[name] = min(spent, best.get(name, spent))
    print("| body | bytes a sample | CPU µs a sample |\n|---|---|---|")
    for name, spent in best.items():
        print(f"| {name} | {len(all_bodies[name][0]) / SAMPLES:.1f} | {spent / SAMPLES * 1e6:.2f} |")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
