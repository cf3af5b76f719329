"""Killed at full rate, a damaged file, a full disk, another process: what was acknowledged is there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bongsu.clock import SystemClock
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import Limits
from bongsu.model.errors import StorageFull, Unavailable
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.fakes.stopwatch import Stopwatch
from tests.integration import history_child as child

T0 = child.START
ROOT = Path(__file__).parents[2]


def acknowledged_until_killed(folder: Path, first: int, acks: int) -> set[int]:
    """Let the child append until `acks` batches are acknowledged, kill it, and tell which were."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.integration.history_child", str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT) as process:
        assert process.stdout is not None
        told = process.stdout.read(acks * child.ACK.size)
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read()
    whole = len(told) // child.ACK.size * child.ACK.size
    return {number for (number,) in child.ACK.iter_unpack(told[:whole])}


async def opened(folder: Path | None, table: SeriesTable | None = None) -> tuple[EmbeddedHistory, SeriesTable]:
    """The history in a folder, as a fresh start would open it."""
    table = table or SeriesTable()
    return await EmbeddedHistory.open(folder, table=table, clock=SystemClock(), limits=child.LIMITS), table


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_when_killed(tmp_path: Path) -> None:
    """Ten times killed at full rate: every acknowledged sample is there once, and reopening takes under a second."""
    acked: set[int] = set()
    for number in range(10):
        acked |= acknowledged_until_killed(tmp_path, max(acked, default=-1) + 100, 150 + 37 * number)
        watch = Stopwatch(os.getpid())
        history, table = await opened(tmp_path)
        assert watch.seconds < 1.0
        await _has_all(history, acked)
        assert len(table) == child.SERIES
        await history.close()


async def _has_all(history: EmbeddedHistory, acked: set[int]) -> None:
    ticks = np.sort(np.concatenate([np.arange(n * child.TICKS, (n + 1) * child.TICKS) for n in acked]))
    answer = await history.range(RangeQuery(metric="n_total", start=T0, end=1 << 50))
    assert len(answer) == child.SERIES
    for points in answer:
        series = int(dict(points.labels)["series"])
        found = (points.at - T0) // 1000
        assert np.isin(ticks, found).all(), "an acknowledged sample is lost"
        assert (np.diff(points.at) > 0).all(), "a sample is doubled"
        np.testing.assert_array_equal(points.value, found * 7.0 + series)
    (counted,) = await history.range(
        RangeQuery(metric="n_total", labels=labels_of(series="0"), start=T0, end=1 << 50, step=60_000, agg="count")
    )
    (first,) = [points for points in answer if points.labels == labels_of(series="0")]
    assert counted.value.sum() == len(first.at), "roll-ups lose or double what the kill interrupted"


def _batch(table: SeriesTable, start: int, count: int = 100) -> Batch:
    series = table.intern("m", ())
    at = T0 + np.arange(start, start + count, dtype=np.int64) * 1000
    return Batch(series=np.full(count, series, np.int32), at=at, value=at / 1000.0)


async def _times(history: EmbeddedHistory) -> int:
    answer = await history.range(RangeQuery(metric="m", start=T0, end=1 << 50))
    return len(answer[0].at) if answer else 0


async def _figure(history: EmbeddedHistory, name: str) -> float:
    return next(one.value for one in history.figures() if one.metric == f"bongsu_history_{name}")


async def test_a_damaged_file_is_set_aside_at_the_start(tmp_path: Path) -> None:
    """A file that is no database is moved aside, counted, and a new one is started beside it."""
    (tmp_path / "history.db").write_bytes(b"this is no database " * 5000)
    history, table = await opened(tmp_path)
    await history.append(_batch(table, 0))
    assert await _times(history) == 100
    assert await _figure(history, "damaged_total") == 1
    assert len(list(tmp_path.glob("history.db.damaged-*"))) == 1
    await history.close()


async def test_damage_while_running_keeps_what_is_in_memory(tmp_path: Path) -> None:
    """When the file is damaged under us, a new one is started with the tail, and appends go on."""
    history, table = await opened(tmp_path)
    await history.append(_batch(table, 0))
    for name in ("history.db", "history.db-wal"):
        file = tmp_path / name
        file.write_bytes(b"\x55" * file.stat().st_size)
    assert await _times(history) == 100
    assert await _figure(history, "damaged_total") == 1
    await history.append(_batch(table, 100))
    await history.close()
    history, table = await opened(tmp_path)
    assert await _times(history) == 200
    await history.close()


async def test_a_damaged_block_is_left_out_and_told(tmp_path: Path) -> None:
    """One block whose bytes changed costs its own samples only, is counted once, and the rest is answered."""
    history, table = await opened(tmp_path)
    await history.append(_batch(table, 0, 1000))
    await history.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "history.db")) as connection:
        connection.execute("UPDATE young SET data = zeroblob(length(data)) WHERE id = (SELECT MIN(id) FROM young)")
        lost = connection.execute("SELECT count FROM young ORDER BY id LIMIT 1").fetchone()[0]
        connection.commit()
    history, table = await opened(tmp_path)
    await history.append(_batch(table, 1000))
    assert [await _times(history) for _ in range(2)] == [1100 - lost] * 2
    assert await _figure(history, "damaged_blocks_total") == 1
    await history.close()


async def test_a_damaged_blob_of_the_tail_is_left_out_and_told(tmp_path: Path) -> None:
    """A blob whose bytes changed while we were away costs its own samples only, and is counted."""
    limits = Limits(seal_at_close=1 << 30)
    table = SeriesTable()
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=SystemClock(), limits=limits)
    for start in (0, 100, 200):
        await history.append(_batch(table, start))
    await history.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "history.db")) as connection:
        connection.execute("UPDATE tail SET data = zeroblob(length(data)) WHERE seq = 2")
        connection.commit()
    history, table = await opened(tmp_path)
    assert await _times(history) == 200
    assert await _figure(history, "damaged_blocks_total") == 1
    await history.close()


async def test_a_second_process_is_refused(tmp_path: Path) -> None:
    """Two histories on one folder would overwrite each other: the second one is told so."""
    history, _ = await opened(tmp_path)
    with pytest.raises(Unavailable, match="used by another process"):
        await opened(tmp_path)
    await history.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of two megabytes of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs rights that this user doesn't have")
    return folder


async def test_a_full_disk_is_told_and_recovered_from(small_disk: Path) -> None:
    """When the disk is full each append says so; when space returns it goes on by itself, nothing acknowledged lost."""
    try:
        history, table = await opened(small_disk)
        ballast = small_disk / "ballast"
        await history.append(_batch(table, 0))
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(bytes(4 << 20))
        kept, refused = 100, 0
        for start in range(1000, 21_000, 1000):
            try:
                await history.append(_batch(table, start, 1000))
                kept += 1000
            except StorageFull:
                refused += 1
        assert refused
        assert await _times(history) == kept
        ballast.unlink()
        await history.append(_batch(table, 30_000))
        await history.close()
        history, _ = await opened(small_disk)
        assert await _times(history) == kept + 100
        await history.close()
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


async def test_memory_needs_no_folder() -> None:
    """In memory everything works and nothing is written."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(None, table=table, clock=VirtualClock())
    await asyncio.gather(*(history.append(_batch(table, start)) for start in range(0, 1000, 100)))
    assert await _times(history) == 1000
    assert await _figure(history, "disk_bytes") == 0
    await history.close()
