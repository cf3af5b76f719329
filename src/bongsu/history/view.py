"""One series as it stands inside a read transaction: kept records, blocks and tail as one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bongsu.history import rollup
from bongsu.history.fresh import FreshMinutes
from bongsu.history.journal import Progress
from bongsu.history.loading import (
    NOTHING,
    WIDTHS,
    Report,
    Row,
    Scratch,
    in_order,
    load_packed,
    load_raw,
    load_records,
    raw_rows,
)
from bongsu.history.rollup import HOUR, MINUTE, Packed, Records
from bongsu.history.steps import Curve, Curves, columns_of_samples, follow, joined_steps
from bongsu.history.strides import Strides, strides_of
from bongsu.model.sample import Int64s

_NEVER = 1 << 62
_ALL = slice(None)


@dataclass(frozen=True, kw_only=True)
class View:
    """What the file and the tail tell of a series at one moment."""

    connection: sqlite3.Connection
    series: int
    progress: Progress
    floors: dict[str, int]
    tail: Curve
    report: Report
    scratch: Scratch
    ascends: bool = False
    """Whether the tail's samples are known to ascend."""
    fresh: FreshMinutes | None = None
    """Minutes of what is sealed and not rolled up, where they are at hand."""

    def samples(self, start: int, end: int) -> Curve:
        """Raw samples with start ≤ at < end; they hold until samples are read again."""
        if start >= end:
            return NOTHING
        return load_raw(self.connection, self.series, start, end, self.report, self.tail, self.scratch)

    @cached_property
    def _gaps(self) -> tuple[int, int]:
        """The least and the most milliseconds from one sample of the tail to the next."""
        at = self.tail[0]
        if len(at) < 2:
            return 1, 0
        gaps = at[1:] - at[:-1]
        return int(gaps.min()), int(gaps.max())

    @property
    def ascending(self) -> bool:
        """Whether the tail's samples came in the order of their times, as they mostly do."""
        return self.ascends or self._gaps[0] > 0

    def _columns(self, start: int, end: int, step: int, names: Sequence[str]) -> Curves:
        """Columns of steps out of an ascending tail's samples with start ≤ at < end."""
        at, value = self.tail
        within = _within(at, start, end)
        at = at[within]
        if not len(at):
            return NOTHING[0], [NOTHING[1] for _ in names]
        even = self._gaps[0] == self._gaps[1] and len(at) > 1
        return columns_of_samples(at, value[within], step, names, even=even)

    @cached_property
    def _oldest(self) -> int:
        """The oldest sample of the tail whose neighbours are still there."""
        at = self.tail[0]
        if len(at) and not (self.ascending and int(at[0]) >= self.floors["raw"]):
            at = at[at >= self.floors["raw"]]
        return int(at[0] if self.ascending else at.min()) if len(at) else _NEVER

    def strides(self, start: int, end: int, step: int, names: Sequence[str]) -> Curves | None:
        """Columns of steps out of samples, without unpacking one by one; None where that can't be done."""
        ready = self.ready(raw_rows(self.connection, self.series, start, end), start, end, step)
        sealed = None if ready is None else ready.columns(names, self.scratch)
        return None if sealed is None else self.with_tail(sealed, start, end, step, names)

    def ready(self, rows: list[Row], start: int, end: int, step: int) -> Strides | None:
        """The blocks of these samples ready to be unpacked in one stroke; None where that can't be done."""
        at = self.tail[0]
        if not rows or not self.ascending or (len(at) and int(at[0]) <= max(row[2] for row in rows)):
            return None
        self.scratch.spend(sum(row[3] for row in rows))
        return strides_of(rows, start, end, step, self.report)

    def with_tail(
        self, sealed: Curves, start: int, end: int, step: int, names: Sequence[str], tail: Curves | None = None
    ) -> Curves:
        """Columns of steps out of blocks with those out of the tail; `tail` where they were made already."""
        if tail is None:
            later = self._columns(start, end, step, names)
        else:
            within = _within(tail[0], start, end)
            later = tail[0][within], [column[within] for column in tail[1]]
        return joined_steps(sealed, later, names) if len(later[0]) else sealed

    def seam(self, tier: str) -> int:
        """Up to where the tier's kept records are right: late samples in the tail push it back to their time."""
        if tier == "minute":
            return max(min(self.progress.minute, self._oldest // MINUTE * MINUTE), self.floors["raw"])
        return max(min(self.progress.hour, self._oldest // HOUR * HOUR), self.floors["minute"])

    def packed(self, tier: str, start: int, end: int) -> list[Packed]:
        """Blocks of kept records that touch the range."""
        return load_packed(self.connection, tier, self.series, start, end, self.report)

    def recent(self, start: int, end: int, names: Sequence[str], tail: Curves | None = None) -> list[Curves] | None:
        """Columns of minutes that aren't rolled up yet (start ≤ at < end), from memory and tail, in stretches.

        `tail` are the tail's minutes where they were made already; this may change them.
        None where the samples must be asked: memory has them not, or what came since isn't all newer.
        """
        if start >= end:
            return []
        fresh, at = self.fresh, self.tail[0]
        if fresh is None or fresh.since > start:
            return None
        if len(at) and (int(at[0]) <= fresh.until or not self.ascending):
            return None
        within = _within(fresh.records.at, start, end)
        sealed: Curves = fresh.records.at[within], [getattr(fresh.records, name)[within] for name in names]
        if tail is None:
            return follow(sealed, self._columns(start, end, MINUTE, names), names)
        within = _within(tail[0], start, end)
        return follow(sealed, (tail[0][within], [column[within] for column in tail[1]]), names)

    def kept(self, tier: str, start: int, end: int) -> Records:
        """Kept records of the range, with those samples of the tail whose neighbours are gone added."""
        records = load_records(self.connection, tier, self.series, start, end, self.report)
        if not self.has_ancient(start, end):
            return records
        at, value = self.tail
        old = (at < self.floors["raw"]) & (at >= start) & (at < end)
        at, value = in_order(at[old], value[old])
        return rollup.combined(records, rollup.roll_up(at, value, WIDTHS[tier]), WIDTHS[tier])

    def has_ancient(self, start: int, end: int) -> bool:
        """Whether the tail holds samples of the range that are older than all raw ones are kept."""
        at = self.tail[0]
        if not len(at) or (self.ascending and int(at[0]) >= self.floors["raw"]):
            return False
        return bool(((at < self.floors["raw"]) & (at >= start) & (at < end)).any())


def _within(at: Int64s, start: int, end: int) -> slice:
    """Which of these ascending times are in the range; mostly all."""
    if not len(at) or (at[0] >= start and at[-1] < end):
        return _ALL
    first, past = np.searchsorted(at, (start, end))
    return slice(int(first), int(past))
