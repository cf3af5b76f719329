"""Roll-ups: what is kept of a minute, and of an hour, once its samples are gone.

Everything here is pure. A `Records` holds one row a minute (or hour) that has samples, in ascending order.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bongsu.history import block as blocks
from bongsu.history import scaling
from bongsu.model.sample import Float64s, Int64s

MINUTE = 60_000
HOUR = 3_600_000

_HEAD = struct.Struct("<dqI")  # rise of the first record · in how many ms · records whose rise stands apart
_STORED = ("count", "last", "low", "high", "total")
"""The columns of a block, in order; the others follow from them and the block's head."""
_NO_TIMES = np.empty(0, np.int64)
_NO_VALUES = np.empty(0, np.float64)
_GAUGE_SHARE = 0.1
"""A series that falls in more of its minutes than this is no counter: its rises are not worth keeping.

What counts are the minutes since it first fell: before them may stand those whose rises weren't kept.
"""
_FEW = 0.02
"""A share of falls that costs little, in whatever minutes they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Columns of equal length.

    `at` is the start of the minute or hour (UTC ms). `rise` is how much a counter grew since the record before,
    resets respected, and `elapsed` the milliseconds in which it did. `until` is when the newest sample was taken;
    in records that were kept it is told by how many samples there were, exact for an even pace.
    """

    at: Int64s
    count: Int64s
    low: Float64s
    high: Float64s
    total: Float64s
    last: Float64s
    rise: Float64s
    elapsed: Int64s
    until: Int64s

    def __len__(self) -> int:
        return len(self.at)

    def cut(self, start: int, end: int) -> Records:
        """The records with start ≤ at < end."""
        first, past = np.searchsorted(self.at, (start, end))
        if first == 0 and past == len(self.at):
            return self
        return self.taken(slice(int(first), int(past)))

    def taken(self, which: slice | NDArray[np.int64]) -> Records:
        """Some of the records."""
        return Records(
            at=self.at[which],
            count=self.count[which],
            low=self.low[which],
            high=self.high[which],
            total=self.total[which],
            last=self.last[which],
            rise=self.rise[which],
            elapsed=self.elapsed[which],
            until=self.until[which],
        )


EMPTY = Records(
    at=_NO_TIMES,
    count=_NO_TIMES,
    low=_NO_VALUES,
    high=_NO_VALUES,
    total=_NO_VALUES,
    last=_NO_VALUES,
    rise=_NO_VALUES,
    elapsed=_NO_TIMES,
    until=_NO_TIMES,
)


def joined(parts: list[Records]) -> Records:
    """One after the other."""
    parts = [part for part in parts if len(part)]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return EMPTY
    return Records(
        at=np.concatenate([part.at for part in parts]),
        count=np.concatenate([part.count for part in parts]),
        low=np.concatenate([part.low for part in parts]),
        high=np.concatenate([part.high for part in parts]),
        total=np.concatenate([part.total for part in parts]),
        last=np.concatenate([part.last for part in parts]),
        rise=np.concatenate([part.rise for part in parts]),
        elapsed=np.concatenate([part.elapsed for part in parts]),
        until=np.concatenate([part.until for part in parts]),
    )


def bounds(at: Int64s, width: int) -> tuple[Int64s, NDArray[np.intp]]:
    """Starts of the widths that hold a time, and where in the ascending `at` each begins."""
    if not len(at):
        return _NO_TIMES, np.empty(0, np.intp)
    first = int(at[0]) // width * width
    if (int(at[-1]) - first) // width > 2 * len(at):  # mostly gaps
        starts = at - at % width
        where = np.flatnonzero(np.diff(starts, prepend=first - 1))
        return starts[where], where
    edges = np.arange(first, int(at[-1]) + 1, width, dtype=np.int64)
    where = np.searchsorted(at, edges)
    held = np.empty(len(where), np.bool_)
    np.greater(where[1:], where[:-1], out=held[:-1])
    held[-1] = where[-1] < len(at)
    return (edges, where) if held.all() else (edges[held], where[held])


def rises(value: Float64s, previous: float | None) -> Float64s:
    """How much a counter grew at each value; a fall means that it began again from nought."""
    if not len(value):
        return _NO_VALUES
    grown = np.diff(value, prepend=value[0] if previous is None else previous)
    return np.where(grown < 0, value, grown)


def roll_up(at: Int64s, value: Float64s, width: int, before: Records = EMPTY) -> Records:
    """The samples (ascending, no time twice) by `width`; a counter's growth goes on from the last record `before`."""
    if not len(at):
        return EMPTY
    starts, where = bounds(at, width)
    past = np.append(where[1:], len(at))
    until = at[past - 1]
    seen = len(before) > 0
    return Records(
        at=starts,
        count=(past - where).astype(np.int64),
        low=np.minimum.reduceat(value, where),
        high=np.maximum.reduceat(value, where),
        total=np.add.reduceat(value, where),
        last=value[past - 1],
        rise=np.add.reduceat(rises(value, float(before.last[-1]) if seen else None), where),
        elapsed=np.diff(until, prepend=before.until[-1] if seen else at[0]),
        until=until,
    )


def roll_up_alike(at: Int64s, values: NDArray[np.float64], width: int) -> list[Records]:
    """The same for series that have their samples at the same times (shape of the values: series × times).

    Growth begins with each series' first sample; see `following`.
    """
    starts, where = bounds(at, width)
    past = np.append(where[1:], len(at))
    until = at[past - 1]
    count, elapsed = (past - where).astype(np.int64), np.diff(until, prepend=at[0])
    low, high = np.minimum.reduceat(values, where, axis=1), np.maximum.reduceat(values, where, axis=1)
    total, last = np.add.reduceat(values, where, axis=1), np.ascontiguousarray(values[:, past - 1])
    grown = np.diff(values, axis=1, prepend=values[:, :1])
    rise = np.add.reduceat(np.where(grown < 0, values, grown), where, axis=1)
    return [
        Records(
            at=starts,
            count=count,
            low=low[i],
            high=high[i],
            total=total[i],
            last=last[i],
            rise=rise[i],
            elapsed=elapsed,
            until=until,
        )
        for i in range(len(values))
    ]


def following(records: Records, first: float, before: Records) -> Records:
    """The records, whose growth began with their `first` value, as they go on from the last one `before`."""
    if not len(before) or not len(records):
        return records
    rise, elapsed = records.rise.copy(), records.elapsed.copy()
    rise[0] += rises(np.array([first]), float(before.last[-1]))[0]
    elapsed[0] = records.until[0] - before.until[-1]
    return replace(records, rise=rise, elapsed=elapsed)


def coarser(records: Records, width: int) -> Records:
    """Minutes as hours, or either as any wider step."""
    if not len(records):
        return EMPTY
    starts, where = bounds(records.at, width)
    past = np.append(where[1:], len(records))
    return Records(
        at=starts,
        count=np.add.reduceat(records.count, where),
        low=np.minimum.reduceat(records.low, where),
        high=np.maximum.reduceat(records.high, where),
        total=np.add.reduceat(records.total, where),
        last=records.last[past - 1],
        rise=np.add.reduceat(records.rise, where),
        elapsed=np.add.reduceat(records.elapsed, where),
        until=records.until[past - 1],
    )


def combined(records: Records, late: Records, width: int) -> Records:
    """Records with late ones added: where the samples are gone, sums are all that can be put right."""
    quiet = replace(late, rise=np.zeros(len(late)), elapsed=np.zeros(len(late), np.int64))
    both = joined([quiet, records])  # in a width that both have, `last` stays the record's
    order = np.argsort(both.at, kind="stable")
    return coarser(both.taken(order), width)


def encode(records: Records, width: int) -> bytes:
    """Records as a block: times and the stored columns; where a counter began again, its rise stands apart."""
    expected = np.diff(records.last, prepend=records.last[0] - records.rise[0])
    apart = np.flatnonzero(records.rise != expected)
    apart = apart[apart > 0]
    if len(apart) > max(8, _FEW * len(records)) and len(apart) > _GAUGE_SHARE * (len(records) - apart[0]):
        apart = apart[:0]
    head = _HEAD.pack(float(records.rise[0]), int(records.elapsed[0]), len(apart))
    counts = records.count.astype(np.uint32)
    columns = [blocks.pack_counts(counts)]
    columns += [
        blocks.pack_values(column) for column in (records.last, records.low, records.high, _plain(records.total))
    ]
    sparse = apart.astype(np.uint32).tobytes() + records.rise[apart].tobytes()
    return blocks.seal(head + sparse + blocks.pack_times(records.at // width) + b"".join(columns))


def _plain(total: Float64s) -> Float64s:
    """Sums without the noise that adding decimals leaves in the last bits: 4.359999999999999 is 4.36."""
    rounded = np.round(total, 6)
    return np.where(np.abs(total - rounded) <= 1e-12 * np.abs(total), rounded, total)


class Packed:
    """A block of records whose columns are unpacked when asked for."""

    def __init__(self, data: bytes, *, start: int, last: int, count: int, width: int) -> None:
        """First and last time and length stand beside the block.

        Raises:
            DamagedBlock: the bytes are not those that were written.
        """
        self.payload = blocks.unseal(data)
        self.start, self.last = start, last
        self.count = count
        self._width = width
        self._rise, self._elapsed, self._apart = _HEAD.unpack_from(self.payload)
        times = _HEAD.size + 12 * self._apart
        if blocks.is_even(self.payload, times):
            self._columns = times + 1
            return
        at = np.empty(count, np.int64)
        self._columns = times + blocks.unpack_times(self.payload[times:], at, start // width, last // width)
        self.at = at * width

    @cached_property
    def at(self) -> Int64s:
        """Starts of the records."""
        pace = (self.last - self.start) // (self.count - 1) if self.count > 1 else self._width
        return np.arange(self.start, self.start + pace * self.count, pace, dtype=np.int64)

    def offset(self, name: str) -> int:
        """Where a stored column stands in the payload."""
        offset: int = self._columns
        for _ in range(_STORED.index(name)):
            offset = blocks.skip(self.payload, offset)
        return offset

    def column(self, name: str) -> Float64s:
        """One of `count`, `last`, `low`, `high` and `total`."""
        offset = self.offset(name)
        if name != "count":
            into = np.empty(self.count, np.float64)
            blocks.unpack(self.payload, offset, into)
            return into
        return blocks.unpack_counts(self.payload, offset, self.count)

    def records(self) -> Records:
        """All of it."""
        count, last = self.column("count").astype(np.int64), self.column("last")
        apart = np.frombuffer(self.payload, np.uint32, self._apart, _HEAD.size)
        rise = np.diff(last, prepend=last[:1])
        rise[0] = self._rise
        rise[apart] = np.frombuffer(self.payload, np.float64, self._apart, _HEAD.size + 4 * self._apart)
        until = self.at + self._width - self._width // count
        elapsed = np.diff(until, prepend=until[:1])
        elapsed[0] = self._elapsed
        return Records(
            at=self.at,
            count=count,
            low=self.column("low"),
            high=self.column("high"),
            total=self.column("total"),
            last=last,
            rise=rise,
            elapsed=elapsed,
            until=until,
        )


def columns_of(packed: Sequence[Packed], name: str) -> list[Float64s]:
    """One column of many blocks: whole numbers of 32 bits, which most are, in one stroke."""
    if name == "count":
        return _counts_of(packed)
    if len(packed) < 2:
        return [block.column(name) for block in packed]
    places = [(block.payload, block.offset(name)) for block in packed]
    forms = [blocks.form_of(*place) for place in places]
    if not all(map(scaling.is_narrow, forms)):
        return [block.column(name) for block in packed]
    numbers = np.empty(sum([block.count for block in packed]), np.int32)
    blocks.unpack_joined(blocks.joined([blocks.packed_at(*place) for place in places]), numbers)
    values = np.empty(len(numbers), np.float64)
    alike = forms.count(forms[0]) == len(forms)
    if alike:
        scaling.restore(forms[0], numbers, values)
    found, begin = [], 0
    for block, form in zip(packed, forms, strict=True):
        part = slice(begin, begin + block.count)
        if not alike:
            scaling.restore(form, numbers[part], values[part])
        found.append(values[part])
        begin += block.count
    return found


def _counts_of(packed: Sequence[Packed]) -> list[Float64s]:
    """The counts of many blocks; where all are one number, they share their memory."""
    usual = {blocks.only_count(block.payload, block.offset("count")) for block in packed}
    if len(usual) != 1 or None in usual:
        return [block.column("count") for block in packed]
    shared = np.full(max(block.count for block in packed), usual.pop(), np.float64)
    return [shared[: block.count] for block in packed]
