"""What keeping a sample costs inside the history, without HTTP, and whether sealing holds up acknowledgements.

    python -m bench.history_cost [--series 2000] [--ticks 5400] [--each 5] [--idle 20]

The same samples are appended one batch after another, once with sealing and once without: CPU a sample of all
threads, waiting times of the sender, bytes on disk. Then one batch of 400 samples a second, as an idle machine
makes them: CPU a second of all threads, the sync to disk included.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.load import Mix
from bongsu.clock import SystemClock
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import Limits
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable

WITHOUT = Limits(block_samples=1 << 30, tail_samples=40_000_000)
IDLE_SERIES = 400


def batches(mix: Mix, ids: NDArray[np.int32], start: int, ticks: int, each: int) -> list[Batch]:
    """The mix as batches of `each` seconds."""
    made = []
    for first in range(0, ticks, each):
        many = min(each, ticks - first)
        values = [np.concatenate(mix.tick()) for _ in range(many)]
        at = np.repeat(start + np.arange(first, first + many, dtype=np.int64) * 1000, len(ids))
        made.append(Batch(series=np.tile(ids, many), at=at, value=np.concatenate(values)))
    return made


async def rate(name: str, series: int, ticks: int, each: int, limits: Limits) -> None:
    """Append as fast as one sender can, and print what it cost."""
    table, clock, mix = SeriesTable(), SystemClock(), Mix(series=series)
    ids = np.array([table.intern(s.metric, labels_of(group=s.group, host=s.host)) for s in mix.series], np.int32)
    made = batches(mix, ids, (clock.now() // 1000 - ticks) * 1000, ticks, each)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        history = await EmbeddedHistory.open(Path(folder), table=table, clock=clock, limits=limits)
        waits, cpu = [], time.process_time()
        for batch in made:
            before = time.perf_counter()
            await history.append(batch)
            waits.append((time.perf_counter() - before) * 1000)
        cpu = (time.process_time() - cpu) / (series * ticks) * 1e6
        began = time.process_time()
        await history.close()
        closing = (time.process_time() - began) / (series * ticks) * 1e6
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / (series * ticks)
    p50, p99, longest = np.quantile(np.array(waits), [0.5, 0.99, 1])
    print(f"{name:<18}{cpu:>10.3f}{closing:>10.3f}{p50:>9.2f}{p99:>9.2f}{longest:>9.1f}{size:>9.3f}")


async def idle(seconds: int) -> None:
    """One batch a second, as our own collectors make it."""
    table, clock = SeriesTable(), SystemClock()
    ids = np.array([table.intern("idle", labels_of(i=str(i))) for i in range(IDLE_SERIES)], np.int32)
    random = np.random.default_rng(3)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        history = await EmbeddedHistory.open(Path(folder), table=table, clock=clock)
        cpu = 0.0
        for second in range(seconds + 2):
            if second == 2:
                cpu = time.process_time()
            at = np.full(IDLE_SERIES, clock.now(), np.int64)
            await history.append(Batch(series=ids, at=at, value=np.round(random.normal(50, 9, IDLE_SERIES), 2)))
            await asyncio.sleep(1.0)
        print(f"idle: {(time.process_time() - cpu) / seconds * 1000:.2f} ms CPU a second, {IDLE_SERIES} series")
        await history.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--series", type=int, default=2_000)
    parser.add_argument("--ticks", type=int, default=5_400)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--idle", type=int, default=20)
    chosen = parser.parse_args()
    print(f"{'':<18}{'CPU us':>10}{'closing':>10}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'B':>9}")
    for name, limits in (("with sealing", Limits()), ("without sealing", WITHOUT)):
        asyncio.run(rate(name, chosen.series, chosen.ticks, chosen.each, limits))
    asyncio.run(idle(chosen.idle))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"most memory: {most} MiB, the samples themselves included")


if __name__ == "__main__":
    main()
