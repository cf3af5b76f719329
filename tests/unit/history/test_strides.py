"""Steps out of evenly spaced samples, and minutes that are at hand: the quick ways give what the plain one gives."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
import weakref
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pytest

from bongsu import native
from bongsu.history import (
    block,
    curves,
    fresh,
    minutes,
    reading,
    rollup,
    samples,
    schema,
    steps,
    strides,
    sweep,
    team,
    view,
)
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import Limits
from bongsu.history.loading import Scratch
from bongsu.history.recent import RecentBlocks
from bongsu.history.rollup import MINUTE
from bongsu.history.shelf import Shelf
from bongsu.history.strides import strides_of
from bongsu.model.query import Aggregation, Points, RangeQuery
from bongsu.model.sample import Batch, Float64s, labels_of
from bongsu.model.series import SeriesTable
from bongsu.native.minutes import Room
from tests.fakes.clock import VirtualClock
from tests.fakes.history import FakeHistory
from tests.unit.history.resting import rest

T0 = 1_763_776_800_000
LIMITS = Limits(
    block_samples=400,
    grown_samples=1_000,
    roll_minutes_after=1_800_000,
    roll_minutes_at_least=600_000,
    block_records=60,
)
AGGREGATIONS: tuple[Aggregation, ...] = ("avg", "min", "max", "sum", "count", "last", "rate")


class Pair:
    """A history and the obvious one, given the same."""

    def __init__(self, history: EmbeddedHistory, table: SeriesTable) -> None:
        self.history = history
        self.table = table
        self.fake = FakeHistory(table)

    async def keep(self, start: int, count: int, pace: int = 1_000, metric: str = "m", **labels: str) -> None:
        """Two-decimal readings, in batches of a hundred."""
        series = self.table.intern(metric, labels_of(labels))
        for first in range(0, count, 100):
            number = np.arange(first, min(first + 100, count), dtype=np.int64)
            at = T0 + start + number * pace
            value = np.round(50 + 40 * np.sin(at / 171_000), 2)
            batch = Batch(series=np.full(len(at), series, np.int32), at=at, value=value)
            await self.history.append(batch)
            await self.fake.append(batch)
            await self.settle()

    async def settle(self) -> None:
        """Until all that is ripe is sealed."""
        self.history._writer.put(lambda _: self.history._sealer.tend())
        await rest(self.history)

    async def agrees(self, query: RangeQuery) -> None:
        """Both give the same points, whether blocks of minutes are in memory or read from the file."""
        expected = await self.fake.range(query)
        for where in (contextlib.nullcontext(), from_the_file()):
            with where:
                found = await self.history.range(query)
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one.at, other.at)
                np.testing.assert_allclose(one.value, other.value, rtol=1e-12)


async def opened(folder: Path) -> Pair:
    table = SeriesTable()
    return Pair(await EmbeddedHistory.open(folder, table=table, clock=VirtualClock(), limits=LIMITS), table)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    pair = await opened(tmp_path)
    yield pair
    await pair.history.close()


def asked(start: int, end: int, step: int, agg: Aggregation, tier: str = "raw") -> RangeQuery:
    return RangeQuery(metric="m", start=T0 + start, end=T0 + end, step=step, agg=agg, tier=tier)  # type: ignore[arg-type]


def from_the_file() -> AbstractContextManager[object]:
    """No blocks are in memory."""
    stack = contextlib.ExitStack()
    for memory in (Shelf, RecentBlocks):
        stack.enter_context(patch.object(memory, "of", return_value=None))
    return stack


def one_by_one() -> AbstractContextManager[object]:
    """Nothing is answered in one pass."""
    return patch.multiple(reading, sweep=lambda *_: {}, by_minutes=lambda *_: {}, by_samples=lambda *_, **__: {})


def looked_at() -> Any:
    """Tells whether blocks were unpacked in one stroke by pcodec."""
    return patch.object(view, "strides_of", wraps=strides_of)


def in_python() -> AbstractContextManager[object]:
    """As where the native library wasn't built."""
    return patch.object(native, "available", return_value=False)


def in_one_stroke() -> AbstractContextManager[object]:
    """Everything must be answered as minutes without a gap."""
    refused = AssertionError("it was looked at more closely")
    return patch.multiple(reading, sweep=Mock(side_effect=refused), curve=Mock(side_effect=refused))


@pytest.mark.parametrize(("pace", "step"), [(1_000, 60_000), (1_000, 7_000), (10_000, 60_000), (250, 1_000)])
@pytest.mark.parametrize("offset", [0, 1_750, 43_000])
async def test_even_samples_by_step(pair: Pair, pace: int, step: int, offset: int) -> None:
    """Whatever the pace, the step and where the range cuts blocks, steps and tail."""
    await pair.keep(offset, 2_350, pace)
    length = offset + 2_350 * pace
    quick = patch.object(samples, "_curves", wraps=samples._curves)
    for asks, room in ((nullcontext(), quick), (one_by_one(), looked_at()), (in_python(), looked_at())):
        with room as called, asks:
            for agg in AGGREGATIONS:
                for start, end in ((0, length + step), (length // 3, length // 2), (length - 5 * pace, length)):
                    await pair.agrees(asked(start, end, step, agg))
            assert called.called


async def test_gaps_and_odd_numbers_are_looked_at_one_by_one(pair: Pair) -> None:
    """A gap, a time off the pace, late samples and values of another kind: the answer stays right."""
    await pair.keep(0, 900)
    await pair.keep(1_000_000, 900)
    await pair.keep(1_900_300, 450)
    await pair.keep(400_500, 30)
    for agg in AGGREGATIONS:
        for step in (60_000, 7_000):
            await pair.agrees(asked(0, 3_000_000, step, agg))
            if agg != "rate":  # minutes keep no growth of what falls as often as it rises
                await pair.agrees(asked(0, 3_000_000, step, agg, "auto"))


async def test_minutes_at_hand_unpack_no_sample(pair: Pair) -> None:
    """What was sealed lately is answered by minute from memory, and from the samples where memory has it not."""
    await pair.keep(0, 3_700)
    whole = [asked(0, 4_000_000, 60_000, agg, "auto") for agg in AGGREGATIONS[:-1]]
    with patch.object(curves, "_from_samples", side_effect=AssertionError("samples were unpacked")):
        for query in whole:
            await pair.agrees(query)
        with one_by_one():
            for query in whole:
                await pair.agrees(query)
    pair.history._fresh.put(0, None)
    for query in whole:
        await pair.agrees(query)
    await pair.keep(3_700_000, 3_700)
    with patch.object(curves, "_from_samples", side_effect=AssertionError("samples were unpacked")):
        for query in whole:
            await pair.agrees(query)


async def test_minutes_at_hand_are_kept_while_they_are_read(pair: Pair) -> None:
    """The writer may put newer ones in their place just when the library is about to read them."""
    for host in ("a", "b"):
        await pair.keep(0, 3_700, metric="m", host=host)
    entry = weakref.ref(pair.history._fresh._entries[0])
    unpack = minutes._unpack

    def unpack_later(room: Room, rows: list[tuple[Any, ...]], names: Sequence[str]) -> list[Float64s]:
        pair.history._fresh.put(0, None)
        pair.history._shelf.drop([0])
        gc.collect()
        assert entry() is not None
        return unpack(room, rows, names)

    query = asked(0, 4_000_000, 60_000, "avg", "auto")
    with patch.object(minutes, "_unpack", unpack_later), from_the_file():
        found = await pair.history.range(query)
    await pair.agrees(query)
    same(found, await pair.history.range(query))
    gc.collect()
    assert entry() is None


async def test_many_series_in_one_pass(pair: Pair) -> None:
    """Even and uneven ones, of different lengths, late, empty within the range: each as if asked for alone."""
    await pair.keep(0, 3_700, metric="m", host="a")
    await pair.keep(0, 2_350, metric="m", host="b")
    await pair.keep(90_000, 900, pace=250, metric="m", host="c")
    await pair.keep(1_000_000, 500, pace=7_300, metric="m", host="d")
    await pair.keep(9_000_000, 3, metric="m", host="e")
    await pair.keep(2_000_300, 30, metric="m", host="b")
    with patch.object(sweep, "SHARED", 1), patch.object(samples, "SHARED", 1):
        for agg in AGGREGATIONS:
            for tier, step in (("raw", 60_000), ("raw", 7_000), ("auto", 60_000), ("auto", 300_000)):
                if tier == "auto" and agg == "rate":
                    continue
                for start, end in ((0, 5_000_000), (1_234_000, 2_345_000)):
                    query = asked(start, end, step, agg, tier)
                    await pair.agrees(query)
                    found = await pair.history.range(query)
                    with in_python():
                        swept = await pair.history.range(query)
                    same(found, swept)
                    with one_by_one():
                        same(swept, await pair.history.range(query))


def same(ours: list[Points], theirs: list[Points]) -> None:
    """Two ways give the same, but for the last bit of sums: numpy adds up in another order."""
    for one, other in zip(ours, theirs, strict=True):
        assert one.labels == other.labels
        np.testing.assert_array_equal(one.at, other.at)
        np.testing.assert_allclose(one.value, other.value, rtol=1e-14)


async def by_minute(pair: Pair, *ranges: tuple[int, int], close: bool = True) -> None:
    """Ranges by minute are as the obvious history has them, whichever way they are answered."""
    for start, end in ranges:
        for agg in AGGREGATIONS[:-1]:
            for tier in ("auto", "minute"):
                query = asked(start, end, 60_000, agg, tier)
                with in_one_stroke() if close else nullcontext():
                    found = await pair.history.range(query)
                await pair.agrees(query)
                for another in (one_by_one(), in_python()):
                    with another:
                        same(found, await pair.history.range(query))


async def test_minutes_without_a_gap_in_one_stroke(pair: Pair) -> None:
    """Out of one block of minutes or several, memory and tail, cut anywhere, a minute shared by the last two."""
    for count in (2_350, 3_700, 9_000):
        await pair.keep(0, count, host=str(count))
        length = count * 1_000
        await by_minute(pair, (0, length + 60_000), (61_000, length - 90_000), (length - 61_000, length), (-9, 60_000))
    assert pair.history._files.path is not None
    assert sqlite3.connect(pair.history._files.path).execute("SELECT COUNT(*) FROM minute").fetchone()[0] > 3


async def test_minutes_of_series_at_other_paces_in_one_stroke(pair: Pair) -> None:
    """Unsealed samples that come at a pace that isn't one number, or doesn't divide a minute, are searched."""
    await pair.keep(0, 3_600, host="a")
    await pair.keep(0, 800, pace=10_000, host="six a minute")
    await by_minute(pair, (0, 9_000_000))
    await pair.keep(500, 3_700, host="b")
    await by_minute(pair, (0, 5_000_000))
    await pair.keep(0, 900, pace=7_000, host="c")
    await by_minute(pair, (0, 7_000_000), (1_000_000, 2_000_000))


async def test_series_sealed_together_in_one_stroke(pair: Pair) -> None:
    """Twenty series with the same times are sealed as one table, whose columns lie in memory as numpy made them."""
    ids = np.array([pair.table.intern("m", labels_of(host=str(number))) for number in range(20)], np.int32)
    for first in range(0, 3_700, 100):
        number = np.arange(first, min(first + 100, 3_700), dtype=np.int64)
        at = np.repeat(T0 + number * 1_000, len(ids))
        value = np.round(50 + 40 * np.sin(at / 171_000 + np.tile(ids, len(number))), 2)
        batch = Batch(series=np.tile(ids, len(number)), at=at, value=value)
        await pair.history.append(batch)
        await pair.fake.append(batch)
        await pair.settle()
    await by_minute(pair, (0, 4_000_000), (61_000, 1_900_000))


async def test_missing_minutes_in_one_stroke(pair: Pair) -> None:
    """In a block, in memory, in the tail or where they meet, and in all of them."""
    await pair.keep(0, 3_700, host="whole")
    for i, gap in enumerate((600_000, 1_500_000, 3_650_000)):
        await pair.keep(0, gap // 1_000, host=f"gap{i}")
        await pair.keep(gap + 190_000, 900, host=f"gap{i}")
    for first in range(0, 9_000_000, 300_000):
        await pair.keep(first, 100, host="gaps")
    await by_minute(
        pair, (0, 8_000_000), (700_000, 800_000), (1_234_000, 2_345_000), (100_000, 300_000), (0, 9_500_000)
    )


async def test_late_samples_are_looked_at_more_closely(pair: Pair) -> None:
    """What isn't newer than all that is sealed isn't plain, nor are samples that came out of order."""
    await pair.keep(0, 3_700, host="a")
    await pair.keep(0, 3_700, host="b")
    await pair.keep(1_000_500, 30, host="b")
    await by_minute(pair, (0, 4_000_000), (900_000, 1_200_000), close=False)


async def test_many_series_of_which_all_is_sealed(pair: Pair) -> None:
    """No tail to add: the answer is that of the blocks and of memory."""
    for host in "abc":
        await pair.keep(0, 4_000, host=host)
    assert not any(pair.history._tail.has(series) for series in range(3))
    for tier in ("raw", "auto"):
        for agg in AGGREGATIONS[:-1]:
            await pair.agrees(asked(0, 5_000_000, 60_000, agg, tier))


async def test_a_sample_that_comes_again_counts_once(pair: Pair) -> None:
    """Within the newest minute that memory has, all else being sealed."""
    await pair.keep(0, 4_000)
    assert not pair.history._tail.has(0)
    await by_minute(pair, (0, 5_000_000))
    await pair.keep(3_990_000, 5)
    await by_minute(pair, (0, 5_000_000), close=False)
    for agg in AGGREGATIONS:
        await pair.agrees(asked(0, 5_000_000, 60_000, agg))


async def test_a_damaged_block_of_minutes_is_left_out(tmp_path: Path) -> None:
    """It is told once, and the other blocks and series are there."""
    pair = await opened(tmp_path)
    await pair.keep(0, 9_000, host="a")
    await pair.keep(0, 3_700, host="b")
    assert pair.history._files.path is not None
    connection = sqlite3.connect(pair.history._files.path)
    row, data = connection.execute("SELECT id, data FROM minute ORDER BY series, start LIMIT 1").fetchone()
    connection.execute("UPDATE minute SET data = ? WHERE id = ?", (data[:-1] + bytes([data[-1] ^ 1]), row))
    connection.commit()
    connection.close()
    held = await pair.history.range(asked(0, 9_000_000, 60_000, "count", "auto"))
    assert held[0].value.sum() == 9_000  # memory has what was written
    pair.history._shelf.clear()
    found = await pair.history.range(asked(0, 9_000_000, 60_000, "count", "auto"))
    assert pair.history._files.damaged_blocks == {("minute", row)}
    assert 0 < found[0].value.sum() < 9_000
    assert found[1].value.sum() == 3_700
    await pair.history.close()


def test_sums_that_need_more_than_32_bits() -> None:
    """Wide where the sum of a step might not fit, on either side of nought."""
    for number in (35_791_394, 35_791_395, 2**31 - 1, -(2**31), -35_791_395, 0):
        rows = np.full((3, 60), number, np.int32)
        rows[1, 7] = 5
        assert strides._sums(rows).tolist() == rows.sum(axis=1, dtype=np.int64).tolist()
    assert not len(strides._sums(np.empty((0, 60), np.int32)))


def test_stretches_that_touch_stay_apart() -> None:
    """Samples of many series in one array: none is counted with its neighbour's or what lies between."""
    minute = T0 + 1_000 * np.arange(60, dtype=np.int64)
    at = np.concatenate([minute[:7], minute[5:9], minute[:4], minute + 30_000, minute[:0], minute[3:4]])
    value = np.arange(len(at), dtype=np.float64) / 7
    edges = [0, 7, 7, 11, 15, 75, 75, 75, 75, 76]  # what stands from 11 to 15 means nothing
    names = ["low", "high", "total", "count", "last"]
    found = list(steps.columns_of_many(at, value, np.array(edges), 60_000, names))
    for (starts, columns), begin, end in zip(found, edges[::2], edges[1::2], strict=True):
        if begin == end:
            assert not len(starts)
            continue
        expected = steps.columns_of_samples(at[begin:end], value[begin:end], 60_000, names)
        np.testing.assert_array_equal(starts, expected[0])
        np.testing.assert_array_equal(columns, expected[1])


async def test_what_a_second_thread_meets_is_told() -> None:
    """Results come in order; an exception of either thread reaches whoever asked, once both have stopped."""
    crew, scratch = team.Team(), Scratch()
    assert crew.each(lambda item, _: item * 2, range(50), scratch, shared=True) == [2 * item for item in range(50)]

    def fail(item: int, _: Scratch) -> int:
        raise ValueError(item)

    with pytest.raises(ValueError, match=r"0|1"):
        crew.each(fail, range(50), scratch, shared=True)
    assert crew.each(lambda item, _: item, [1], scratch, shared=True) == [1]
    crew.close()


async def test_fresh_minutes_are_bounded() -> None:
    """The minutes of the series that came longest ago go first."""
    memory = fresh.Fresh()
    at = T0 + 60_000 * np.arange(100, dtype=np.int64)
    with patch.object(fresh, "MOST", 250):
        for series in range(3):
            one = fresh.FreshMinutes(since=T0, sealed=5, records=rollup.roll_up(at, at / 7, MINUTE))
            memory.put(series, one)
    assert memory.get(0, 5) is None
    assert memory.get(1, 4) is None
    assert memory.get(2, 5) is not None


async def test_minutes_go_into_the_file_sooner_where_memory_is_full_of_them(pair: Pair) -> None:
    """Nothing is dropped that would have to be made from samples again."""
    await pair.keep(0, 1_700)
    assert pair.history._fresh._held > 24
    with patch.object(fresh, "CROWDED", 5):
        await pair.keep(1_700_000, 1_600)
        assert pair.history._fresh._held < 14
        with patch.object(curves, "_from_samples", side_effect=AssertionError("samples were unpacked")):
            for agg in AGGREGATIONS[:-1]:
                await pair.agrees(asked(0, 4_000_000, 60_000, agg, "auto"))


async def test_minutes_are_at_hand_again_soon_after_a_restart(tmp_path: Path) -> None:
    """With the first block that is sealed, not only once hours of them are rolled up."""
    pair = await opened(tmp_path)
    await pair.keep(0, 2_500)
    await pair.history.close()
    again = await opened(tmp_path)
    again.fake.samples = pair.fake.samples
    assert again.table.intern("m", ()) == 0
    assert not again.history._fresh._entries
    await again.keep(2_500_000, 700)
    with patch.object(curves, "_from_samples", side_effect=AssertionError("samples were unpacked")):
        for agg in AGGREGATIONS[:-1]:
            await again.agrees(asked(0, 4_000_000, 60_000, agg, "auto"))
    await again.history.close()


async def test_a_file_of_the_first_version_is_read_on(tmp_path: Path) -> None:
    """Roll-ups whose counts stand as a column are read, and the file goes on under the present version."""
    with patch.object(block, "pack_counts", block.pack):
        pair = await opened(tmp_path)
        await pair.keep(0, 3_700)
        await pair.history.close()
    connection = sqlite3.connect(tmp_path / "history.db")
    assert connection.execute("SELECT COUNT(*) FROM minute").fetchone()[0]
    connection.executescript(
        "INSERT INTO raw SELECT * FROM young; DROP VIEW samples; DROP TABLE young; PRAGMA user_version = 1;"
    )
    connection.close()
    again = await opened(tmp_path)
    again.fake.samples = pair.fake.samples
    for agg in AGGREGATIONS[:-1]:
        await again.agrees(asked(0, 4_000_000, 60_000, agg, "auto"))
    await again.keep(3_700_000, 3_700)
    for agg in AGGREGATIONS[:-1]:
        await again.agrees(asked(0, 8_000_000, 60_000, agg, "auto"))
    await again.history.close()
    assert sqlite3.connect(tmp_path / "history.db").execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


async def test_a_damaged_block_is_left_out(tmp_path: Path) -> None:
    """Steps come from the blocks that can be read; the damaged one is told."""
    pair = await opened(tmp_path)
    await pair.keep(0, 2_350)
    await pair.history.close()
    connection = sqlite3.connect(tmp_path / "history.db")
    row, data = connection.execute("SELECT id, data FROM raw ORDER BY start LIMIT 1").fetchone()
    connection.execute("UPDATE raw SET data = ? WHERE id = ?", (data[:9] + bytes([data[9] ^ 1]) + data[10:], row))
    connection.commit()
    connection.close()
    pair = await opened(tmp_path)
    (points,) = await pair.history.range(asked(0, 3_000_000, 60_000, "count"))
    assert 0 < points.value.sum() < 2_350
    assert pair.history._files.damaged_blocks == {("raw", row)}
    await pair.history.close()


def test_counts_come_back() -> None:
    """All the same, a few others, many others."""
    for counts in ([60] * 90, [7, *[60] * 90, 22], list(range(50)), [3], [1, 2]):
        column = np.array(counts, np.uint32)
        assert block.unpack_counts(memoryview(block.pack_counts(column)), 0, len(column)).tolist() == counts
