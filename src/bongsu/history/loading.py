"""Blocks out of the file: samples and records of one series."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable

import numpy as np

from bongsu.history import block as blocks
from bongsu.history import rollup
from bongsu.history.rollup import HOUR, MINUTE, Packed, Records
from bongsu.history.steps import Curve
from bongsu.model.sample import Float64s, Int64s

Report = Callable[[str, int], None]
"""Told the tier and row of a block that can't be read."""
WIDTHS = {"minute": MINUTE, "hour": HOUR}
_SCRATCH_MOST = 262_144
"""Samples (three days at one a second) that stay in memory for the next answer; longer readings are made room for."""
NOTHING: Curve = (np.empty(0, np.int64), np.empty(0, np.float64))


class Scratch:
    """Room that one answer after another is worked out in: fresh memory costs as much as decoding into it.

    What is read into it holds until the next reading.
    """

    def __init__(self) -> None:
        self._at = np.empty(0, np.int64)
        self._value = np.empty(0, np.float64)

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
    rows = connection.execute(
        "SELECT id, start, last, count, data FROM raw WHERE series = ? AND start < ? AND last >= ? ORDER BY start",
        (series, end, start),
    ).fetchall()
    if any(later[1] <= earlier[2] for earlier, later in itertools.pairwise(rows)):
        rows.sort()  # they overlap: what came later has the last word
    length = sum(row[3] for row in rows) + len(tail[0])
    at, value = (scratch or Scratch()).room(length)
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
    rows = connection.execute(
        f"SELECT id, start, last, count, data FROM {tier} WHERE series = ? AND start < ? AND last >= ? ORDER BY start",  # noqa: S608
        (series, end, start),
    ).fetchall()
    found = []
    for row, first, last, count, data in rows:
        try:
            found.append(Packed(data, start=first, last=last, count=count, width=WIDTHS[tier]))
        except blocks.DamagedBlock:
            report(tier, row)
    return found


def load_records(
    connection: sqlite3.Connection, tier: str, series: int, start: int, end: int, report: Report
) -> Records:
    """The tier's records with start ≤ at < end."""
    packed = load_packed(connection, tier, series, start, end, report)
    return rollup.joined([block.records() for block in packed]).cut(start, end)
