"""What a day costs to read inside the history, without HTTP: by minute from samples, from roll-ups, one series and ten.

python -m bench.history_query [--series 60] [--rounds 40]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.load import Mix
from bongsu.clock import SystemClock
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import DAY
from bongsu.model.query import RangeQuery, Tier
from bongsu.model.sample import Batch, Labels, labels_of
from bongsu.model.series import SeriesTable

TICKS = 86_400
EACH = 120


async def fill(history: EmbeddedHistory, table: SeriesTable, mix: Mix, start: int, ticks: int) -> None:
    """Append `ticks` seconds of the mix, two minutes a batch."""
    names = [(one.metric, labels_of(group=one.group, host=one.host)) for one in mix.series]
    ids = np.array([table.intern(metric, labels) for metric, labels in names], np.int32)
    for first in range(0, ticks, EACH):
        many = min(EACH, ticks - first)
        values = [np.concatenate(mix.tick()) for _ in range(many)]
        at = np.repeat(start + np.arange(first, first + many, dtype=np.int64) * 1000, len(ids))
        await history.append(Batch(series=np.tile(ids, many), at=at, value=np.concatenate(values)))


async def ask(
    history: EmbeddedHistory, questions: list[tuple[str, Labels]], start: int, tier: Tier
) -> tuple[float, float, float]:
    """Milliseconds a question: median and 99th percentile on the wall, mean of CPU."""
    waits, began = [], time.process_time()
    for i, (metric, labels) in enumerate(questions):
        query = RangeQuery(
            metric=metric,
            labels=labels,
            start=start,
            end=start + DAY,
            step=60_000,
            agg=("avg", "max")[i % 2],
            tier=tier,
        )
        before = time.perf_counter()
        answer = await history.range(query)
        waits.append((time.perf_counter() - before) * 1000)
        if not answer or len(answer[0].at) != 1_440:
            raise AssertionError(f"{metric} {labels}: {len(answer)} series in the answer")
    cpu = (time.process_time() - began) * 1000 / len(questions)
    return float(np.median(waits)), float(np.quantile(waits, 0.99)), cpu


async def measure(series: int, rounds: int) -> None:
    """Fill a day, ask, print a table."""
    clock, table, mix = SystemClock(), SeriesTable(), Mix(series=series)
    start = (clock.now() - DAY) // 60_000 * 60_000
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        history = await EmbeddedHistory.open(Path(folder), table=table, clock=clock)
        await fill(history, table, mix, start, TICKS)
        draw = np.random.default_rng(5)
        print(f"{'24 h by minute':<28}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}")
        for ten in (False, True):
            chosen = [mix.series[i] for i in draw.integers(0, series, rounds)]
            asked = [(one.metric, labels_of(group=one.group, **({} if ten else {"host": one.host}))) for one in chosen]
            for tier in ("raw", "auto"):
                p50, p99, cpu = await ask(history, asked, start, tier)
                name = f"{'ten series' if ten else 'one series'}, {'samples' if tier == 'raw' else 'roll-ups'}"
                print(f"{name:<28}{p50:>9.2f}{p99:>9.2f}{cpu:>9.2f}")
        await history.close()
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        print(f"{size / (series * TICKS):.3f} B a sample on disk, roll-ups and all ({series} series × 24 h)")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--series", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=40)
    chosen = parser.parse_args()
    asyncio.run(measure(chosen.series, chosen.rounds))


if __name__ == "__main__":
    main()
