"""Minutes of what is sealed but not rolled up yet, kept in memory: roll-ups as samples arrive.

Rolling up into the file waits until hours of minutes come together. Until then they are here, made while a series is
sealed and its samples are at hand. They are worth nothing but time: whatever isn't here is made from the samples.
Where many series fill the memory, they are rolled up sooner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bongsu import native
from bongsu.history import rollup
from bongsu.history.rollup import MINUTE, Records
from bongsu.model.sample import Float64s, Int64s
from bongsu.native.minutes import Recent
from bongsu.native.steps import DOUBLES, WHOLE, Operand, address

MOST = 450_000
"""Minutes kept in all, 72 bytes each; the series that came longest ago go first."""
CROWDED = 300_000
"""Minutes from which on series are rolled up as soon as they can be: room for two hours and a half of 2,000 series."""


@dataclass(frozen=True, kw_only=True)
class FreshMinutes:
    """All samples from `since` (UTC ms) on that are in blocks when tail blobs up to `sealed` are, minute by minute."""

    since: int
    sealed: int
    records: Records

    @property
    def until(self) -> int:
        """When the newest of these samples was taken."""
        return int(self.records.until[-1]) if len(self.records) else self.since - 1

    def prepare(self) -> None:
        """Work out what asking will need: between other work that takes 30 µs a series, here a third of it."""
        if native.available():
            _ = self.placed

    @cached_property
    def placed(self) -> Recent:
        """As the native library finds them. Worked out once."""
        records, minutes = self.records, len(self.records)
        first, last = (int(records.at[0]), int(records.at[-1])) if minutes else (0, 0)
        whole = not minutes or last - first == (minutes - 1) * MINUTE
        columns: dict[str, Operand] = {name: (address(column), DOUBLES, 0.0) for name, column in self._columns.items()}
        columns["count"] = address(records.count), WHOLE, 0.0
        return Recent(
            since=self.since,
            until=self.until,
            first=first,
            last=last,
            minutes=minutes,
            at=0 if whole else address(records.at),
            columns=columns,
        )

    @cached_property
    def _columns(self) -> dict[str, Float64s]:
        """The columns of numbers, each in one stretch of memory: those of many series may lie between each other."""
        return {name: np.ascontiguousarray(getattr(self.records, name)) for name in ("low", "high", "total", "last")}

    def extended(self, later: Records, at: Int64s, first: float, sealed: int, before: Records) -> FreshMinutes | None:
        """With the minutes of samples that were sealed next; None where these are not all newer.

        `at` are their times, `first` is the value of the first. A counter's growth goes on from the last of these
        minutes, or from those `before` them.
        """
        if len(at) and int(at[0]) <= self.until:
            return None
        records = self.records
        later = rollup.following(later, first, records if len(records) else before)
        both = rollup.joined([records, later])
        if len(records) and len(later) and records.at[-1] == later.at[0]:
            both = rollup.coarser(both, MINUTE)
        return FreshMinutes(since=self.since, sealed=sealed, records=both)

    def cut(self, since: int) -> FreshMinutes:
        """From a later minute on; the one before it stays, for a counter's growth goes on from there."""
        return FreshMinutes(since=since, sealed=self.sealed, records=self.records.cut(since - MINUTE, 1 << 62))


class Fresh:
    """Fresh minutes by series. Changed by the writer's thread, read by all."""

    def __init__(self, dropped: Callable[[int], None] = lambda _: None) -> None:
        """`dropped` is told of series whose minutes had to go."""
        self._dropped = dropped
        self._entries: dict[int, FreshMinutes] = {}
        self._held = 0

    @property
    def crowded(self) -> bool:
        """Whether minutes should go into the file, else those of some series will be dropped."""
        return self._held > CROWDED

    def get(self, series: int, sealed: int) -> FreshMinutes | None:
        """A series' minutes, if they stand for what is in blocks when tail blobs up to `sealed` are."""
        entry = self._entries.get(series)
        return entry if entry is not None and entry.sealed == sealed else None

    def put(self, series: int, entry: FreshMinutes | None) -> None:
        """From now on these are the series' minutes; None where there are none."""
        old = self._entries.pop(series, None)
        if old is not None:
            self._held -= len(old.records)
        if entry is None:
            return
        self._entries[series] = entry
        self._held += len(entry.records)
        while self._held > MOST:
            oldest = next(iter(self._entries))
            self._held -= len(self._entries.pop(oldest).records)
            self._dropped(oldest)
