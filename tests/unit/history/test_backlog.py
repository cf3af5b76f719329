"""A series of few samples doesn't hold back the blobs of all others for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from bongsu.history import backlog
from bongsu.history.backlog import Backlog
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.journal import Journal
from bongsu.history.limits import Limits
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Batch
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock

T0 = 1_763_776_800_000


def test_what_is_needed_is_counted_from_the_oldest_blob() -> None:
    """Nothing is behind until the bound is passed; then the older half is."""
    known = Backlog()
    for blob in range(1, 101):
        known.note(blob, blob * 100_000)
        assert known.behind(1, 10_000_000) == 0
    known.note(101, 10_100_000)
    assert known.behind(1, 10_000_000) == 51
    assert known.behind(40, 10_000_000) == 0
    assert known.behind(40, 2_000_000) == 91
    assert known.behind(102, 1) == 0


def test_little_is_remembered_of_many_small_blobs() -> None:
    """Some hundred places, however many blobs there are."""
    known = Backlog()
    for blob in range(1, 20_001):
        known.note(blob, 50 * blob)
    assert len(known._ends) <= 2 + 1_000_000 // backlog._APART
    assert abs(known.behind(1, 500_000) - 15_000) <= backlog._APART / 50


async def blob_bytes(history: EmbeddedHistory, below: int) -> int:
    """What the tail's blobs take, asked again while it is more: sealing goes on beside."""
    loop = asyncio.get_running_loop()
    for _ in range(2_000):
        told: asyncio.Future[int] = loop.create_future()

        def look(journal: Journal, told: asyncio.Future[int] = told) -> None:
            history._sealer.tend()
            size = journal.connection.execute("SELECT SUM(LENGTH(data)) FROM tail").fetchone()[0]
            loop.call_soon_threadsafe(told.set_result, size)

        history._writer.put(look)
        if await told < below:
            break
    return await told


async def test_a_slow_series_is_sealed_early_while_much_is_loaded(tmp_path: Path) -> None:
    """Its few samples are found as before, and blobs are let go."""
    table = SeriesTable()
    slow, *fast = (table.intern("m", (("n", str(i)),)) for i in range(17))
    limits = Limits(blob_samples=200_000, block_samples=1_000)
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock(), limits=limits)
    await history.append(Batch(series=np.array([slow], np.int32), at=np.array([T0]), value=np.array([7.0])))
    for first in range(0, 30_000, 500):
        at = T0 + 1_000 * np.arange(first, first + 500, dtype=np.int64)
        ids = np.tile(np.array(fast, np.int32), 500)
        await history.append(Batch(series=ids, at=np.repeat(at, 16), value=np.repeat(at, 16) / 7e6))
    assert await blob_bytes(history, below=8 * 300_000) < 8 * 300_000
    found = await history.range(RangeQuery(metric="m", labels=(("n", "0"),), start=T0, end=T0 + 1, tier="raw"))
    assert found[0].value.tolist() == [7.0]
    await history.close()
