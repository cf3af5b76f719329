"""Blocks of samples in memory are those of the file, as far back as there is room."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from bongsu import native
from bongsu.history import recent
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.files import Files
from bongsu.history.journal import Block
from bongsu.history.limits import Limits
from bongsu.history.recent import RecentBlocks
from bongsu.model.query import RangeQuery
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.unit.history.test_writer import T0, batch

pytestmark = pytest.mark.skipif(not native.available(), reason="it is for the native library")


def block(start: int, last: int, *, series: int = 0) -> Block:
    return Block(tier="raw", series=series, start=start, last=last, count=5, data=b"a block" * 100)


@pytest.fixture
def held() -> RecentBlocks:
    return RecentBlocks(Files(None))


def numbers(held: RecentBlocks, start: int, end: int, *series: int) -> list[int] | None:
    rows = held.of(series or (0,), start, end)
    return None if rows is None else [row[1] for row in rows]


def test_a_series_is_complete_since_its_first_block(held: RecentBlocks) -> None:
    """Or since the end of those that were in the file before."""
    assert held.needs_before(0)
    held.follow(0, [], [(1, block(100, 190))], -1)
    held.follow(7, [], [(2, block(100, 190, series=7))], 99)
    assert not held.needs_before(0)
    assert numbers(held, 0, 1_000) == [1]
    assert numbers(held, 99, 1_000, 7) is None
    assert numbers(held, 100, 1_000, 0, 7) == [1, 2]
    assert numbers(held, 0, 1_000, 0, 3) is None


def test_blocks_of_the_range(held: RecentBlocks) -> None:
    """Those that have a sample in it."""
    for number in range(4):
        held.follow(0, [], [(number, block(100 * number, 100 * number + 90))], -1)
    assert numbers(held, 190, 200) == [1]
    assert numbers(held, 191, 200) == []
    assert numbers(held, 190, 201) == [1, 2]


def test_a_larger_block_takes_the_place_of_small_ones(held: RecentBlocks) -> None:
    """Their numbers may come again at once, as they were the highest."""
    held.follow(0, [], [(1, block(0, 90))], -1)
    held.follow(0, [], [(2, block(100, 190))], -1)
    size = held.size
    held.follow(0, [1, 2], [(1, block(0, 190))], -1)
    assert numbers(held, 0, 200) == [1]
    assert held.size == size / 2


def test_the_oldest_block_goes_first(held: RecentBlocks) -> None:
    """Its series is complete since its end; the others' aren't touched."""
    with patch.object(recent, "MOST", 3_000):
        for number in range(4):
            held.follow(number % 2, [], [(number, block(100 * number, 100 * number + 90, series=number % 2))], -1)
    assert held.size == 3_000
    assert numbers(held, 90, 1_000, 0) is None
    assert numbers(held, 91, 1_000, 0) == [2]
    assert numbers(held, 0, 1_000, 1) == [1, 3]


def test_what_is_older_than_samples_are_kept(held: RecentBlocks) -> None:
    """Goes with the floor, and nothing is answered from before it."""
    held.follow(0, [], [(1, block(0, 90)), (2, block(100, 190))], -1)
    held.raise_floor(120)
    assert numbers(held, 119, 1_000) is None
    assert numbers(held, 120, 1_000) == [2]
    assert held.size == 1_000


def test_nothing_is_held_of_a_file_that_was_replaced(held: RecentBlocks) -> None:
    """What follows is of the new one."""
    held.follow(0, [], [(1, block(0, 90))], -1)
    held._files.generation += 1
    assert numbers(held, 0, 1_000) is None
    assert held.needs_before(0)
    held.follow(3, [], [(1, block(0, 90, series=3))], -1)
    assert numbers(held, 0, 1_000, 0) is None
    assert numbers(held, 0, 1_000, 3) == [1]
    assert held.size == 1_000


def test_letting_go(held: RecentBlocks) -> None:
    """Of all blocks, after which what comes is kept; or of series, of which nothing is known then."""
    held.follow(0, [], [(1, block(0, 90))], -1)
    held.follow(5, [], [(2, block(0, 90, series=5))], -1)
    held.clear()
    assert held.size == 0
    assert numbers(held, 91, 1_000, 0, 5) == []
    assert numbers(held, 90, 1_000, 0) is None
    held.follow(0, [], [(3, block(100, 190))], -1)
    held.drop([0, 9])
    assert (held.size, held.needs_before(0), held.needs_before(5)) == (0, True, False)
    with patch.object(native, "available", return_value=False):
        assert not held.needs_before(0), "nothing is kept then"


async def test_blocks_that_were_there_before_a_restart_are_read(tmp_path: Path) -> None:
    """What comes after them is in memory; all of it is told."""
    limits = Limits(block_samples=100, grown_samples=100_000, seal_at_close=1)
    for start in (0, 100, 200):
        table = SeriesTable()
        history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock(), limits=limits)
        await history.append(batch(table, start, 100))
        await history.close()
        (points,) = await _all(tmp_path)
        assert points == [T0 + 1_000 * i for i in range(start + 100)]
        first = T0 + 1_000 * start
        assert history._recent.of([0], first, first + 1) is not None
        assert (history._recent.of([0], first - 1_000, first + 1) is None) == (start > 0)


async def _all(folder: Path) -> list[list[int]]:
    history = await EmbeddedHistory.open(folder, table=SeriesTable(), clock=VirtualClock())
    found = await history.range(
        RangeQuery(metric="m", start=T0, end=T0 + 3_600_000, step=1_000, agg="last", tier="raw")
    )
    await history.close()
    return [one.at.tolist() for one in found]
