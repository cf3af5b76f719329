"""Minutes that the native library puts together out of blocks, memory and tail are those of the samples."""

from __future__ import annotations

import itertools
import re
from array import array
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.history import block, rollup
from bongsu.history.fresh import FreshMinutes
from bongsu.history.journal import Block
from bongsu.history.minutes import _curves, _unpack
from bongsu.history.rollup import EMPTY, MINUTE
from bongsu.history.shelf import shelved
from bongsu.history.steps import COLUMNS, columns_of_samples
from bongsu.history.tail import Tail
from bongsu.model.sample import Batch, Float64s, Int64s
from bongsu.native.minutes import Room, row
from bongsu.native.steps import Columns, address

T0 = 1_763_776_800_000
GAPS = st.lists(st.sampled_from([1_000, 10_000, 20_000, 60_000, 61_000, 300_000]), min_size=4, max_size=150)
KINDS_OF_VALUES = st.sampled_from(["decimals", "floats", "large"])
PARTS = st.lists(st.floats(0, 1), min_size=4, max_size=4).map(sorted)


@dataclass
class Series:
    """Samples, of which some are in two blocks of minutes, some in memory, some in the tail."""

    number: int
    at: Int64s
    value: Float64s
    cuts: list[int]
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def parts(self) -> tuple[FreshMinutes, int]:
        """What memory has, and the seam; fills the rows."""
        first, second, third = self.cuts
        # blocks end at whole minutes, memory anywhere
        borders = [int(self.at[cut]) // MINUTE * MINUTE if cut < len(self.at) else 1 << 60 for cut in (first, second)]
        edges = [0, *np.searchsorted(self.at, borders).tolist()]
        for begin, past in itertools.pairwise(edges):
            records = rollup.roll_up(self.at[begin:past], self.value[begin:past], MINUTE)
            if len(records):
                data = rollup.encode(records, MINUTE)
                self.rows.append((int(records.at[0]), int(records.at[-1]), len(records), data))
        third = max(third, edges[-1])
        seam = borders[1] if edges[-1] < len(self.at) else int(self.at[-1]) // MINUTE * MINUTE + MINUTE
        records = rollup.roll_up(self.at[edges[-1] : third], self.value[edges[-1] : third], MINUTE)
        return FreshMinutes(since=seam, sealed=0, records=records), third


def values_of(kind: str, count: int) -> Float64s:
    """So many numbers of that kind."""
    value: Float64s = np.sin(np.arange(count, dtype=np.float64) * 1.7) * 1e3
    if kind == "floats":
        return value
    rounded: Float64s = np.round(value, 2) if kind == "decimals" else np.round(value * 1e9)
    return rounded


def expected(one: Series, start: int, end: int, agg: Any) -> tuple[Int64s, Float64s]:
    """The minutes of the range, out of all samples."""
    starts, columns = columns_of_samples(one.at, one.value, MINUTE, COLUMNS[agg])
    within = (starts >= start) & (starts < end)
    values = columns[0] / columns[1] if agg == "avg" else np.asarray(columns[0], np.float64)
    return starts[within], values[within]


@given(
    st.lists(st.tuples(GAPS, KINDS_OF_VALUES, PARTS), min_size=1, max_size=3),
    st.sampled_from(list(COLUMNS)),
    st.integers(-3, 60),
    st.integers(1, 200),
)
def test_minutes_of_the_range(
    given: list[tuple[list[int], str, list[float]]], agg: Any, begin: int, length: int
) -> None:
    """Cut anywhere, with minutes missing anywhere, one half sealed, of several series at once."""
    names = COLUMNS[agg]
    tail, columns, room = Tail(20_000), Columns(1_000), Room()
    many, sources = [], []
    for number, (gaps, kind, parts) in enumerate(given):
        at = T0 + np.cumsum(np.array(gaps, np.int64))
        cuts = [int(part * len(at)) for part in parts[:3]]
        one = Series(number, at, values_of(kind, len(at)), cuts)
        memory, unsealed = one.parts()
        if unsealed < len(at):
            ids = np.full(len(at) - unsealed, number, np.int32)
            tail.push(Batch(series=ids, at=at[unsealed:], value=one.value[unsealed:]), seq=number + 1, now=0)
        many.append(one)
        sources.append(memory)
    told = tail.steps(range(len(many)), MINUTE, names, columns)
    assert told is not None
    packed, kept = list[int](), []
    for one, memory in zip(many, sources, strict=True):
        for first, last, count, data in one.rows or [(0, 0, 0, None)]:
            whole = data is None or last - first == (count - 1) * MINUTE
            starts = None if whole else rollup.Packed(data, start=first, last=last, count=count, width=MINUTE).at
            kept.append((one.number, first, last, count, data, starts))
            packed += row(one.number, memory.since, memory.placed, len(data or b""), first, count, starts)
    start, end = T0 + begin * MINUTE, T0 + (begin + length) * MINUTE
    values = room.gather(start, end, 0, names, told, packed, [one[4] for one in kept], 5_000)
    if others := _unpack(room, [one[:5] for one in kept], names):
        values = room.joined()
    curves = _curves(room, room.times, values)
    del others
    assert list(curves) == [one.number for one in many]
    for one in many:
        starts, values = expected(one, start, end, agg)
        np.testing.assert_array_equal(curves[one.number][0], starts)
        np.testing.assert_allclose(curves[one.number][1], values, rtol=1e-9, atol=1e-6)


def test_a_damaged_block_makes_its_series_not_plain() -> None:
    """Whatever byte of it is another one; the other series is answered."""
    at = T0 + 1_000 * np.arange(600, dtype=np.int64)
    records = rollup.roll_up(at, np.round(at / 7_000 % 1, 2), MINUTE)
    data = rollup.encode(records, MINUTE)
    tail, columns, room = Tail(100), Columns(10), Room()
    told = tail.steps([0, 1], MINUTE, ("low",), columns)
    assert told is not None
    packed = [*row(0, T0 + 600_000, None, len(data), T0, 10), *row(1, T0 + 600_000, None, len(data), T0, 10)]
    for place in range(len(data)):
        broken = data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]
        values = room.gather(T0, T0 + 600_000, 0, ("low",), told, packed, [broken, data], 20)
        assert [one.minutes for one in room.curves()] == [-1, 10]
        assert not _unpack(room, [], ("low",))
        assert _curves(room, room.times, values)[1][1].tolist() == records.low.tolist()
    for length in range(len(data)):
        short = [*row(0, T0 + 600_000, None, length, T0, 10)]
        room.gather(T0, T0 + 600_000, 0, ("low",), told, short, [data[:length]], 10)
        assert [one.minutes for one in room.curves()] == [-1 if length else 0]


def test_a_block_that_was_written_wrong_harms_nobody() -> None:
    """Its checksum fits: numbers may be others, or pcodec is asked, but the other series has its own."""
    at = T0 + 1_000 * np.arange(24_000, dtype=np.int64)
    records = rollup.roll_up(at, np.round(np.sin(at / 7_000) * 40, 2), MINUTE)
    data = rollup.encode(records, MINUTE)
    tail, columns, room = Tail(100), Columns(10), Room()
    told = tail.steps([0, 1], MINUTE, ("total", "count"), columns)
    assert told is not None
    end = T0 + 24_000_000
    rows = [*row(0, end, None, len(data), T0, 400), *row(1, end, None, len(data), T0, 400)]
    expected = room.gather(T0, end, 0, ("total", "count"), told, rows, [data, data], 800)[-400:].tolist()
    np.testing.assert_allclose(expected, records.total / records.count)
    for place in range(len(data) - 4):
        for bit in (0, 7):
            broken = block.seal(data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 : -4])
            values = room.gather(T0, end, 0, ("total", "count"), told, rows, [broken, data], 800)
            assert [one.minutes for one in room.curves()] in ([400, 400], [-1, 400])
            if not room.columns():
                assert values[-400:].tolist() == expected


@pytest.mark.parametrize("rows", [[(0, 119, 184)], [(0.5, 59.5, 60), (59.75, 118.75, 60), (119, 119, 1)]])
def test_more_minutes_than_the_range_has_find_no_room(rows: list[tuple[float, float, int]]) -> None:
    """First and last time and count stand beside a block without a checksum: one bit of a file is enough."""
    begin, end = T0, T0 + 120 * MINUTE
    at = begin + 1_000 * np.arange(7_200, dtype=np.int64)
    records, fresh = rollup.roll_up(at, np.ones(len(at)), MINUTE), FreshMinutes(since=end, sealed=1, records=EMPTY)
    blocks = []
    for first, last, count in rows:
        data = rollup.encode(records.taken(slice(min(count, 120))), MINUTE)
        start, until = int(begin + first * MINUTE), int(begin + last * MINUTE)
        blocks.append(Block(tier="minute", series=0, start=start, last=until, count=count, data=data))
    held, tail, columns, room = shelved(0, begin, end, blocks, fresh), Tail(100), Columns(10), Room()
    given = (held.rows, held.data, held.minutes)
    at, value = room.gather_held(begin, end, 0, ("count",), tail.place, array("q", [0]), *given, columns)
    assert (len(at), len(value), room.is_plain()) == (0, 0, False)


def test_two_blocks_of_which_the_first_is_cut() -> None:
    """Whole numbers of all blocks are unpacked behind each other, those that are cut off before the range too."""
    at = T0 + 1_000 * np.arange(1_800, dtype=np.int64)
    records = rollup.roll_up(at, np.arange(1_800) / 4, MINUTE)
    tail, columns, room = Tail(100), Columns(10), Room()
    told = tail.steps([0], MINUTE, ("high",), columns)
    assert told is not None
    packed, rows = list[int](), []
    for first, past in ((0, 10), (10, 20), (20, 30)):
        part = records.cut(T0 + first * MINUTE, T0 + past * MINUTE)
        data = rollup.encode(part, MINUTE)
        rows.append((0, int(part.at[0]), int(part.at[-1]), len(part), data))
        packed += row(0, T0 + 30 * MINUTE, None, len(data), int(part.at[0]), len(part))
    blocks: list[bytes | None] = [one[4] for one in rows]
    joined = room.gather(T0 + 7 * MINUTE, T0 + 28 * MINUTE, 0, ("high",), told, packed, blocks, 30)
    assert not room.columns()
    assert not _unpack(room, rows, ("high",))
    times, values = _curves(room, room.times, joined)[0]
    assert times.tolist() == [T0 + minute * MINUTE for minute in range(7, 28)]
    assert values.tolist() == records.high[7:28].tolist()


@pytest.mark.parametrize("otherwise", ["another version", "more numbers"])
def test_what_the_library_does_not_read_is_left_to_pcodec(otherwise: str) -> None:
    """Of two series the one whose column is written otherwise is named; the other's numbers are there."""
    at = T0 + 1_000 * np.arange(600, dtype=np.int64)
    records = rollup.roll_up(at, np.round(at / 7_000 % 1, 2), MINUTE)
    data, count = rollup.encode(records, MINUTE), 9 if otherwise == "more numbers" else 10
    version = [found.end() for found in re.finditer(b"pco!", data)][1]  # counts are written out, then last and low
    other = data[:version] + b"\x07" + data[version + 1 : -4] if otherwise == "another version" else data[:-4]
    sealed = block.seal(other)
    tail, columns, room = Tail(100), Columns(10), Room()
    told = tail.steps([0, 1], MINUTE, ("low",), columns)
    assert told is not None
    rows = [*row(0, T0 + 600_000, None, len(sealed), T0, count), *row(1, T0 + 600_000, None, len(data), T0, 10)]
    room.gather(T0, T0 + 600_000, 0, ("low",), told, rows, [sealed, data], 20)
    (left,) = room.columns()
    assert sealed[left.offset : left.offset + 4] == b"pco!"
    assert (left.block, left.offset + 4, left.operand, left.low) == (0, version, 0, 0)
    instead = records.low[:count] + 1
    room.replace(left, instead)
    curves = _curves(room, room.times, room.joined())
    assert curves[0][1].tolist() == instead.tolist()
    assert curves[1][1].tolist() == records.low.tolist()


def test_samples_from_before_any_is_kept_are_not_plain() -> None:
    """Late ones whose neighbours are gone: minutes that were kept must not be taken for theirs alone."""
    tail, columns, room = Tail(100), Columns(10), Room()
    tail.push(Batch(series=np.zeros(1, np.int32), at=np.array([T0]), value=np.ones(1)), seq=1, now=0)
    told = tail.steps([0], MINUTE, ("last",), columns)
    assert told is not None
    at = T0 - MINUTE + 1_000 * np.arange(60, dtype=np.int64)
    records = rollup.roll_up(at, np.ones(60), MINUTE)
    memory = FreshMinutes(since=T0 - MINUTE, sealed=0, records=records)
    for floor, minutes in ((T0, 1), (T0 + 1, -1)):
        one = [*row(0, T0 - MINUTE, memory.placed)]
        room.gather(T0, T0 + MINUTE, floor, ("last",), told, one, [None], 2)
        assert [curve.minutes for curve in room.curves()] == [minutes]


def test_columns_that_lie_between_those_of_others() -> None:
    """Series rolled up as one table may share its memory: what is read is each one's own."""
    at = T0 + 1_000 * np.arange(600, dtype=np.int64)
    values = np.arange(16 * 600).reshape(16, 600) / 4
    tail, columns, room = Tail(100), Columns(10), Room()
    told = tail.steps([0], MINUTE, ("last",), columns)
    assert told is not None
    for number, records in enumerate(rollup.roll_up_alike(at, values, MINUTE)):
        table = np.empty((len(records), 16))
        table[:, number] = records.last
        between = replace(records, last=table[:, number])
        for source in (records, between):
            memory = FreshMinutes(since=T0, sealed=0, records=source)
            for name in ("last", "low", "high"):
                one = [*row(0, T0, memory.placed)]
                joined = room.gather(T0, T0 + 10 * MINUTE, 0, (name,), told, one, [None], 10)
                assert _curves(room, room.times, joined)[0][1].tolist() == getattr(records, name).tolist()
    with pytest.raises(ValueError, match="one stretch"):
        address(np.empty((4, 4))[:, 1])
