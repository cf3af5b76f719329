"""Blocks out of the file: samples and records of one series."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.history import block as blocks
from bongsu.history import rollup
from bongsu.history.journal import marks, of_many
from bongsu.history.rollup import HOUR, MINUTE, Packed, Records
from bongsu.history.steps import Curve
from bongsu.model.sample import Float64s, Int64s

Row: TypeAlias = tuple[int, int, int, int, bytes]
"""A block as selected: row, first and last time, count, bytes."""
Report = Callable[[str, int], None]
"""Told the tier and row of a block that can't be read."""
WIDTHS = {"minute": MINUTE, "hour": HOUR}
_SCRATCH_MOST = 262_144
"""Samples (three days at one a second) that stay in memory for the next answer; longer readings are made room for."""
_START = itemgetter(1)
SAMPLES = """
SELECT series, id, start, last, count, data, (SELECT at FROM floor WHERE tier = 'raw') FROM samples
WHERE series IN ({}) AND start < ? AND last >= ?
"""
"""Blocks with samples of some series in a range; last in a row stands since when (UTC ms) all samples are kept."""
NOTHING: Curve = (np.empty(0, np.int64), np.empty(0, np.float64))


class TooMuch(Exception):
    """More would have to be unpacked than whoever asks allows."""


class Scratch:
    """Room that one answer after another is worked out in: fresh memory costs as much as decoding into it.

    What is read into it holds until the next reading.
    """

    def __init__(self) -> None:
        self._at = np.empty(0, np.int64)
        self._value = np.empty(0, np.float64)
        self._even = np.empty(0, np.int64)
        self._whole = np.empty(0, np.int32)
        self._first, self._pace = 0, 1
        self.budget: int | None = None
        """Samples that may still be unpacked; None where nobody counts."""

    def spend(self, samples: int) -> None:
        """So many samples are about to be unpacked.

        Raises:
            TooMuch: the budget has no room for them.
        """
        if self.budget is not None:
            self.budget -= samples
            if self.budget < 0:
                raise TooMuch

    def even(self, first: int, pace: int, length: int) -> Int64s:
        """Times at an even pace; asked for series after series, they are the same ones and made once."""
        if (first, pace) != (self._first, self._pace) or length > len(self._even):
            made = np.arange(first, first + pace * length, pace, dtype=np.int64)
            if length > _SCRATCH_MOST:
                return made
            self._even, self._first, self._pace = made, first, pace
        return self._even[:length]

    def whole(self, length: int) -> NDArray[np.int32]:
        """An array of whole numbers, of any content."""
        if length > _SCRATCH_MOST:
            return np.empty(length, np.int32)
        if length > len(self._whole):
            self._whole = np.empty(length, np.int32)
        return self._whole[:length]

    def room(self, length: int) -> Curve:
        """Two arrays of this length, of any content."""
        if length > _SCRATCH_MOST:
            return np.empty(length, np.int64), np.empty(length, np.float64)
        if length > len(self._at):
            self._at, self._value = np.empty(length, np.int64), np.empty(length, np.float64)
        return self._at[:length], self._value[:length]


def load_raw(
    connection: sqlite3.Connection,
    series: int,
    start: int,
    end: int,
    report: Report,
    tail: Curve = NOTHING,
    scratch: Scratch | None = None,
) -> Curve:
    """Samples with start ≤ at < end out of blocks and `tail` (samples in the order they came), ascending, each once."""
    rows = raw_rows(connection, series, start, end)
    scratch = scratch or Scratch()
    length = sum(row[3] for row in rows) + len(tail[0])
    scratch.spend(length)
    even = _evenly(rows, tail, scratch, length, report)
    if even is not None:
        at, value = even
        first, past = np.searchsorted(at, (start, end))
        return at[first:past], value[first:past]
    at, value = scratch.room(length)
    filled, newest, ascending = 0, -(1 << 62), True
    for row, first, last, count, data in rows:
        past = filled + count
        try:
            blocks.decode(data, at[filled:past], value[filled:past], first, last)
        except blocks.DamagedBlock:
            report("raw", row)
            continue
        ascending = ascending and first > newest
        newest, filled = last, past
    if len(tail[0]):
        past = filled + len(tail[0])
        at[filled:past], value[filled:past] = tail
        ascending = ascending and int(tail[0][0]) > newest and bool((tail[0][1:] > tail[0][:-1]).all())
        filled = past
    at, value = at[:filled], value[:filled]
    if not ascending:
        at, value = in_order(at, value)
    first, past = np.searchsorted(at, (start, end))
    return at[first:past], value[first:past]


def raw_rows(connection: sqlite3.Connection, series: int, start: int, end: int) -> list[Row]:
    """Blocks that have samples with start ≤ at < end: by time, or as they came where they overlap."""
    return raw_rows_of(connection, [series], start, end)[series]


def raw_rows_of(connection: sqlite3.Connection, series: Sequence[int], start: int, end: int) -> dict[int, list[Row]]:
    """The same of many series, by series."""
    return by_series(connection.execute(of_many(SAMPLES, len(series)), (*series, end, start)), series)


def by_series(rows: Iterable[tuple[Any, ...]], series: Sequence[int]) -> dict[int, list[Row]]:
    """The rows of `SAMPLES`, each series' by time, or as they came where they overlap."""
    found: dict[int, list[Row]] = {one: [] for one in series}
    for one, row, first, last, count, data, _ in rows:
        found[one].append((row, first, last, count, data))
    for some in found.values():
        some.sort(key=_START)
        if any(later[1] <= earlier[2] for earlier, later in itertools.pairwise(some)):
            some.sort()  # what came later has the last word
    return found


def _evenly(rows: list[Row], tail: Curve, scratch: Scratch, length: int, report: Report) -> Curve | None:
    """Blocks and tail that follow each other at one even pace, which is the rule: no time needs to be read."""
    pace = pace_of(rows)
    if pace is None:
        return None
    at = scratch.even(rows[0][1], pace, length)
    value = scratch.room(length)[1]
    filled = 0
    for row, _, _, count, data in rows:
        try:
            blocks.decode_even(data, value[filled : filled + count])
        except blocks.DamagedBlock:
            report("raw", row)
            return None
        filled += count
    if len(tail[0]):
        if not np.array_equal(tail[0], at[filled:]):
            return None
        value[filled:] = tail[1]
    return at, value


def pace_of(rows: list[Row]) -> int | None:
    """Milliseconds between any two neighbours of these blocks; None where it isn't one and the same."""
    if not rows or rows[0][3] < 2:
        return None
    pace = (rows[0][2] - rows[0][1]) // (rows[0][3] - 1)
    due = rows[0][1]
    for _, first, last, count, data in rows:
        if first != due or last != first + pace * (count - 1) or not blocks.is_even(data):
            return None
        due = last + pace
    return pace


def in_order(at: Int64s, value: Float64s) -> Curve:
    """Samples by time; where a time occurs more than once, the one that came last."""
    order = np.argsort(at, kind="stable")
    at, value = at[order], value[order]
    keep = np.append(at[1:] != at[:-1], True)
    return (at, value) if keep.all() else (at[keep], value[keep])


def load_packed(
    connection: sqlite3.Connection, tier: str, series: int, start: int, end: int, report: Report
) -> list[Packed]:
    """The tier's blocks that have records with start ≤ at < end, in order; columns are unpacked when asked for."""
    if start >= end:
        return []
    return load_packed_of(connection, tier, [series], start, end, report).get(series, [])


def load_packed_of(
    connection: sqlite3.Connection, tier: str, series: Sequence[int], start: int, end: int, report: Report
) -> dict[int, list[Packed]]:
    """The same of many series, by series."""
    rows = connection.execute(
        f"SELECT id, series, start, last, count, data FROM {tier} "  # noqa: S608
        f"WHERE series IN ({marks(series)}) AND start < ? AND last >= ? ORDER BY series, start",
        (*series, end, start),
    )
    found: dict[int, list[Packed]] = {}
    for row, one, first, last, count, data in rows:
        try:
            block = Packed(data, start=first, last=last, count=count, width=WIDTHS[tier])
        except blocks.DamagedBlock:
            report(tier, row)
            continue
        found.setdefault(one, []).append(block)
    return found


def load_records(
    connection: sqlite3.Connection, tier: str, series: int, start: int, end: int, report: Report
) -> Records:
    """The tier's records with start ≤ at < end."""
    packed = load_packed(connection, tier, series, start, end, report)
    return rollup.joined([block.records() for block in packed]).cut(start, end)
