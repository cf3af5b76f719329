"""One series as it stands inside a read transaction: kept records, blocks and tail as one."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from bongsu.history import rollup
from bongsu.history.journal import Progress
from bongsu.history.loading import NOTHING, WIDTHS, Report, Scratch, in_order, load_packed, load_raw, load_records
from bongsu.history.rollup import HOUR, MINUTE, Packed, Records
from bongsu.history.steps import Curve

_NEVER = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the file and the tail tell of a series at one moment."""

    connection: sqlite3.Connection
    series: int
    progress: Progress
    floors: dict[str, int]
    tail: Curve
    report: Report
    scratch: Scratch

    def samples(self, start: int, end: int) -> Curve:
        """Raw samples with start ≤ at < end; they hold until samples are read again."""
        if start >= end:
            return NOTHING
        return load_raw(self.connection, self.series, start, end, self.report, self.tail, self.scratch)

    def seam(self, tier: str) -> int:
        """Up to where the tier's kept records are right: late samples in the tail push it back to their time."""
        recent = self.tail[0][self.tail[0] >= self.floors["raw"]] if len(self.tail[0]) else self.tail[0]
        oldest = int(recent.min()) if len(recent) else _NEVER
        if tier == "minute":
            return max(min(self.progress.minute, oldest // MINUTE * MINUTE), self.floors["raw"])
        return max(min(self.progress.hour, oldest // HOUR * HOUR), self.floors["minute"])

    def packed(self, tier: str, start: int, end: int) -> list[Packed]:
        """Blocks of kept records that touch the range."""
        return load_packed(self.connection, tier, self.series, start, end, self.report)

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
        return bool(len(at)) and bool(((at < self.floors["raw"]) & (at >= start) & (at < end)).any())
