"""Reading a series back: roll-ups, blocks and tail as one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bongsu.history import block as blocks
from bongsu.history import rollup
from bongsu.history.files import Files, ReadConnection, is_damage
from bongsu.history.journal import Progress, read_floors, read_progress
from bongsu.history.rollup import HOUR, MINUTE, Records
from bongsu.history.steps import Curve, of_records, of_samples, rate_of_samples
from bongsu.history.tail import Snapshot, Tail
from bongsu.model.errors import Unavailable
from bongsu.model.query import RangeQuery, Tier
from bongsu.model.sample import Float64s, Int64s

_LOOK_BACK = 300_000
"""How far (ms) before its start a rate looks for the sample to count from, at least."""
_WIDTHS = {"minute": MINUTE, "hour": HOUR}
Report = Callable[[str, int], None]
"""Told the tier and row of a block that can't be read."""
_NOTHING: Curve = (np.empty(0, np.int64), np.empty(0, np.float64))


def load_raw(
    connection: sqlite3.Connection, series: int, start: int, end: int, report: Report, tail: Curve = _NOTHING
) -> Curve:
    """Samples with start ≤ at < end out of blocks and `tail` (samples in the order they came), ascending, each once."""
    rows = connection.execute(
        "SELECT id, start, last, count, data FROM raw WHERE series = ? AND start < ? AND last >= ? ORDER BY id",
        (series, end, start),
    ).fetchall()
    length = sum(row[3] for row in rows) + len(tail[0])
    at, value = np.empty(length, np.int64), np.empty(length, np.float64)
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


def load_records(
    connection: sqlite3.Connection, tier: str, series: int, start: int, end: int, report: Report
) -> Records:
    """The tier's records with start ≤ at < end."""
    if start >= end:
        return rollup.EMPTY
    rows = connection.execute(
        f"SELECT id, start, last, count, data FROM {tier} WHERE series = ? AND start < ? AND last >= ? ORDER BY start",  # noqa: S608
        (series, end, start),
    ).fetchall()
    found = []
    for row, first, last, count, data in rows:
        try:
            found.append(rollup.decode(data, first, last, count, _WIDTHS[tier]))
        except blocks.DamagedBlock:
            report(tier, row)
    return rollup.joined(found).cut(start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One series as it stands inside a read transaction."""

    connection: sqlite3.Connection
    series: int
    progress: Progress
    floors: dict[str, int]
    tail: Curve
    report: Report

    def samples(self, start: int, end: int) -> Curve:
        """Raw samples with start ≤ at < end."""
        return load_raw(self.connection, self.series, start, end, self.report, self.tail)

    def minutes(self, start: int, end: int) -> Records:
        """Minutes of the range: kept ones as far as they are right, from the samples after that."""
        seam = max(min(self.progress.minute, self._oldest(MINUTE)), self.floors["raw"])
        kept = load_records(self.connection, "minute", self.series, start, min(end, seam), self.report)
        kept = self._with_ancient(kept, start, min(end, seam))
        at, value = self.samples(max(start, seam), end) if end > seam else _NOTHING
        fresh = rollup.roll_up(at, value, MINUTE, kept)
        return rollup.joined([kept, fresh])

    def hours(self, start: int, end: int) -> Records:
        """Hours of the range, likewise."""
        seam = max(min(self.progress.hour, self._oldest(HOUR)), self.floors["minute"])
        kept = load_records(self.connection, "hour", self.series, start, min(end, seam), self.report)
        fresh = self.minutes(max(start, seam), end) if end > seam else rollup.EMPTY
        return rollup.joined([kept, rollup.coarser(fresh, HOUR)])

    def _oldest(self, width: int) -> int:
        """Where late samples of the tail begin, as far as raw ones are complete: records are made anew from there."""
        recent = self.tail[0][self.tail[0] >= self.floors["raw"]]
        return int(recent.min()) // width * width if len(recent) else 1 << 62

    def _with_ancient(self, kept: Records, start: int, end: int) -> Records:
        """Records with those samples of the tail whose neighbours are gone."""
        at, value = self.tail
        old = (at < self.floors["raw"]) & (at >= start) & (at < end)
        if not old.any():
            return kept
        at, value = in_order(at[old], value[old])
        return rollup.combined(kept, rollup.roll_up(at, value, MINUTE), MINUTE)


def tier_of(query: RangeQuery) -> Tier:
    """The tier to read: the one asked for, else the coarsest whose width divides the step."""
    if query.tier != "auto":
        return query.tier
    if query.step is None or query.step % MINUTE:
        return "raw"
    return "hour" if query.step % HOUR == 0 else "minute"


def curve(view: View, query: RangeQuery) -> Curve:
    """The answer for one series."""
    tier = tier_of(query)
    if query.step is None and tier == "raw":
        if query.agg != "rate":
            return view.samples(query.start, query.end)
        at, value = rate_of_samples(*view.samples(query.start - _LOOK_BACK, query.end))
        first = int(np.searchsorted(at, query.start))
        return at[first:], value[first:]
    step = query.step or _WIDTHS[tier]
    start, end = query.start // step * step, -(-query.end // step) * step
    begin = start - max(step, _LOOK_BACK) // step * step - step if query.agg == "rate" else start
    at, value = _gathered(view, tier, begin, end, step, query)
    if begin == start:
        return at, value
    first = int(np.searchsorted(at, start))
    return at[first:], value[first:]


def _gathered(view: View, tier: Tier, start: int, end: int, step: int, query: RangeQuery) -> Curve:
    if tier == "raw":
        return _with_older(view, start, end, step, query)
    if tier == "hour":
        return of_records(view.hours(start, end), step, query.agg)
    if start >= view.floors["minute"] or query.tier != "auto":
        return of_records(view.minutes(start, end), step, query.agg)
    border = min(end, view.floors["minute"])
    records = rollup.joined([view.hours(start, border), view.minutes(border, end)])
    return of_records(records, step, query.agg)


def _with_older(view: View, start: int, end: int, step: int, query: RangeQuery) -> Curve:
    """Samples by step; before their floor, where nobody asked for them alone, what is left of them."""
    at, value = of_samples(*view.samples(start, end), step, query.agg)
    if start >= view.floors["raw"] or query.tier != "auto":
        return at, value
    border = min(end, view.floors["raw"])
    old_at, old_value = of_records(view.minutes(start, border), step, query.agg)
    later = int(np.searchsorted(at, border))
    return np.concatenate([old_at, at[later:]]), np.concatenate([old_value, value[later:]])


class Reading:
    """Answers queries in a thread of its own, with a connection of its own."""

    def __init__(self, *, files: Files, tail: Tail, damaged: Callable[[Exception, int], None]) -> None:
        """`damaged` has the file of that generation replaced when it can't be read."""
        self._files = files
        self._connection = ReadConnection(files)
        self._tail = tail
        self._damaged = damaged

    def answer(self, ids: list[int], query: RangeQuery) -> list[tuple[int, Int64s, Float64s]]:
        """The curve of each series that has one in the range. Blocks; one thread at a time.

        Raises:
            Unavailable: the file can't be read.
        """
        generation = self._files.generation
        try:
            return self._answer(ids, query)
        except sqlite3.Error as error:
            if not is_damage(error):
                raise Unavailable(f"the history can't be read: {error}", retry_after=1) from error
            self._damaged(error, generation)
        try:
            return self._answer(ids, query)
        except sqlite3.Error as error:
            raise Unavailable(f"the history can't be read: {error}", retry_after=1) from error

    def _answer(self, ids: list[int], query: RangeQuery) -> list[tuple[int, Int64s, Float64s]]:
        found = []
        for series in ids:
            tail = self._tail.snapshot(series)  # before the blocks: what is sealed meanwhile isn't missed
            with self._connection.snapshot() as connection:
                at, value = curve(self._view(connection, series, tail), query)
            if len(at):
                found.append((series, at, value))
        return found

    def _view(self, connection: sqlite3.Connection, series: int, tail: Snapshot) -> View:
        progress = read_progress(connection, series)
        return View(
            connection=connection,
            series=series,
            progress=progress,
            floors=read_floors(connection),
            tail=tail.since(progress.sealed),
            report=self._files.report,
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()
