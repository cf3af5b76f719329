"""The writer: bounds, groups, ways to the disk, and series that come with their first batch."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.files import Files
from bongsu.history.journal import Journal
from bongsu.history.limits import Limits
from bongsu.history.metrics import METRICS
from bongsu.history.writer import Sync
from bongsu.model.errors import StorageFull, TooMany, Unavailable
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Batch
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock

T0 = 1_763_776_800_000


def batch(table: SeriesTable, start: int, count: int, metric: str = "m") -> Batch:
    """Samples of one series, a second apart."""
    at = T0 + np.arange(start, start + count, dtype=np.int64) * 1000
    return Batch(series=np.full(count, table.intern(metric, ()), np.int32), at=at, value=at / 1000.0)


async def figure(history: EmbeddedHistory, name: str) -> float:
    return next(one.value for one in history.figures() if one.metric == f"bongsu_history_{name}")


async def test_a_full_queue_refuses_and_counts(tmp_path: Path) -> None:
    """Beyond the bound a batch is refused whole with a time to come back; what waited is kept."""
    table = SeriesTable()
    limits = Limits(queued_samples=100)
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock(), limits=limits)
    first = asyncio.ensure_future(history.append(batch(table, 0, 80)))
    await asyncio.sleep(0)
    with pytest.raises(TooMany) as refused:
        await history.append(batch(table, 80, 50))
    assert refused.value.retry_after == 1
    await first
    await history.append(batch(table, 80, 50))
    assert await figure(history, "refused_total") == 50
    assert await figure(history, "written_total") == 130
    await history.close()


async def test_what_comes_together_is_committed_together(tmp_path: Path) -> None:
    """Batches that queue while the writer is busy share a commit, and each sender is answered."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock())
    await asyncio.gather(*(history.append(batch(table, 10 * i, 10)) for i in range(100)))
    assert await figure(history, "written_total") == 1000
    assert await figure(history, "commits_total") < 50
    await history.close()


async def test_batches_and_tasks_take_turns(tmp_path: Path) -> None:
    """A batch waits for one task of sealing and not for all that have queued; tasks wait for one group of batches."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock())
    begun, go = threading.Event(), threading.Event()
    writer = history._writer
    seen: list[int] = []

    def hold(_: Journal) -> None:
        begun.set()
        go.wait(10)

    writer.put(hold)
    await asyncio.to_thread(begun.wait, 10)
    for _ in range(12):
        writer.put(lambda _: seen.append(writer.commits))
    kept = [asyncio.ensure_future(history.append(batch(table, 60_000 * i, 60_000))) for i in range(3)]
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*kept)
    await history.close()
    assert seen == [1, *[2] * 11]


async def test_series_are_remembered_with_their_first_batch(tmp_path: Path) -> None:
    """A series is in the file as soon as a sample of it is, under its id, and is restored from there."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock())
    table.intern("without_data", ())
    await history.append(batch(table, 0, 1))
    with sqlite3.connect(tmp_path / "history.db") as connection:
        assert connection.execute("SELECT id, metric, labels FROM series").fetchall() == [(1, "m", "[]")]
    connection.close()
    await history.close()
    again = SeriesTable()
    history = await EmbeddedHistory.open(tmp_path, table=again, clock=VirtualClock())
    assert [(one.id, one.metric) for one in again] == [(1, "m")]
    await history.close()


@pytest.mark.parametrize(("sync", "full"), [("commit", 2), ("interval", 1)])
async def test_durability_is_a_setting(tmp_path: Path, sync: Sync, full: int) -> None:
    """`commit` has SQLite sync each commit (2), `interval` leaves that to one sync a second (1)."""
    history = await EmbeddedHistory.open(tmp_path, table=SeriesTable(), clock=VirtualClock(), sync=sync)
    told = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()

    def ask(journal: Journal) -> None:
        (mode,) = journal.connection.execute("PRAGMA synchronous").fetchone()
        loop.call_soon_threadsafe(told.set_result, mode)

    history._writer.put(ask)
    assert await told == full
    await history.close()


async def test_one_sync_a_second(tmp_path: Path) -> None:
    """Under `interval` the log is brought to the disk once a second, however many commits there are."""
    table, clock = SeriesTable(), VirtualClock()
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=clock)
    with patch.object(Files, "sync", autospec=True) as sync:
        for i in range(5):
            await history.append(batch(table, i, 1))
        assert sync.call_count == 0
        await clock.advance(1.0)
        await history.append(batch(table, 10, 1))
        await history.append(batch(table, 11, 1))
        assert sync.call_count == 1
    await history.close()


async def test_a_failing_disk_is_told_and_got_over(tmp_path: Path) -> None:
    """A full disk is 507, another fault 503; nothing of such a batch is kept, and the next one is tried afresh."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock())
    for code, expected in ((sqlite3.SQLITE_FULL, StorageFull), (sqlite3.SQLITE_IOERR, Unavailable)):
        fault = sqlite3.OperationalError("injected")
        fault.sqlite_errorcode = code
        with patch("bongsu.history.journal.Journal.put_tail", side_effect=fault), pytest.raises(expected):
            await history.append(batch(table, 0, 10))
    await history.append(batch(table, 100, 5))
    (points,) = await history.range(RangeQuery(metric="m", start=T0, end=1 << 50))
    assert len(points.at) == 5
    assert await figure(history, "errors_total") == 2
    await history.close()


async def test_a_closed_history_refuses(tmp_path: Path) -> None:
    """After closing, appends and queries say so instead of waiting for ever."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock())
    await history.close()
    await history.close()
    with pytest.raises(Unavailable):
        await history.append(batch(table, 0, 1))
    with pytest.raises(Unavailable):
        await history.range(RangeQuery(metric="m", start=0, end=1))


async def test_every_figure_is_in_the_catalogue() -> None:
    """What the history tells about itself has an entry each, in Korean and English, and no entry is left over."""
    history = await EmbeddedHistory.open(None, table=SeriesTable(), clock=VirtualClock())
    told = {one.metric for one in history.figures()}
    await history.close()
    assert told == {metric.name for metric in METRICS}
    assert all(metric.ko and metric.en and metric.title_ko and metric.title_en for metric in METRICS)


async def test_small_blocks_grow_together(tmp_path: Path) -> None:
    """Blocks sealed one after the other become one once they make a large one (half as large is enough when history is
    closed), whatever came twice in them.
    """
    limits = Limits(block_samples=100, grown_samples=600, seal_at_close=1)
    for start in (0, 100, 150, 250, 350):
        table = SeriesTable()
        history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock(), limits=limits)
        await history.append(batch(table, start, 100))
        (points,) = await history.range(RangeQuery(metric="m", start=T0, end=T0 + 3_600_000))
        assert points.at.tolist() == [T0 + 1000 * i for i in range(start + 100)]
        await history.close()
    rows = sqlite3.connect(tmp_path / "history.db").execute("SELECT count FROM samples ORDER BY start").fetchall()
    assert rows == [(350,), (100,)]
