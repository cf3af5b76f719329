"""How often each symbol usually comes: by hour of the week, and the silences between. All time is open time."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import Bools
from bongsu.model.sample import Float64s, Int64s
from bongsu.quality.table import Table

WEEK = 168
BINS = 56
"""Of the histogram of silences: two to a doubling, from 1 ms to two days."""

NEWEST = 0.3
"""How much the newest week weighs in a rate."""

_OBSERVED_MS = 600_000
"""Open time of an hour below which it teaches nothing."""

_CAREFUL = 4.0
"""By how much the whole day's rate is divided where the hour's own isn't known: lunch is quieter than the opening."""

ENOUGH = 50
"""Silences from which on their 99th percentile is known."""

LEAST_MS = 1_000.0
"""A silence isn't measured more finely: senders collect, and scores are made every second."""

CERTAIN = 6.907755278982137
"""−ln 0.001: events to be expected where their absence says something."""


class Rates(Table):
    """Rates and silences of every symbol. Times are ms of the feed's open time, not of the calendar."""

    COLUMNS: ClassVar = {
        "rate": (np.float32, np.nan, (WEEK,)),
        "silences": (np.uint32, 0, (BINS,)),
        "usual": (np.float64, np.nan, ()),
        "seen": (np.int64, -1, ()),
        "began": (np.int64, -1, ()),
        "total": (np.int64, 0, ()),
        "awaited": (np.float64, 0, ()),
        "owed": (np.float64, 0, ()),
    }
    COLD: ClassVar = frozenset({"rate", "usual"})
    rate: NDArray[np.float32]
    """Events a second, by hour of the week."""
    silences: NDArray[np.uint32]
    usual: Float64s
    """99th percentile of the silences (ms), NaN where too few are known."""
    seen: Int64s
    """When the symbol last came, and when it first did; −1: never."""
    began: Int64s
    total: Int64s
    awaited: Float64s
    """Events to be expected since the symbol last came, as of the last ten seconds' end."""
    owed: Float64s
    """Part of an expected event not yet counted."""

    def take(self, ids: NDArray[np.intp], counts: Int64s, clock: int) -> None:
        """Symbols came at `clock`."""
        before = self.seen[ids]
        known = before >= 0
        gap = clock - before[known]
        longer = gap > 0
        one = ids[known][longer]
        number = np.minimum(2.0 * np.log2(gap[longer] + 1.0), BINS - 1).astype(np.intp)
        self.silences[one, number] += 1
        if not known.all():
            self.began[ids[~known]] = clock
        self.seen[ids] = clock
        self.total[ids] += counts
        self.awaited[ids] = 0.0

    def expected_rate(self, hour: int, count: int, clock: int) -> Float64s:
        """Events a second to be expected at least, in this hour of the week; NaN where that isn't known yet."""
        own = self.rate[:count, hour].astype(np.float64)
        own -= 2.0 * np.sqrt(own / 10_800.0)  # what three hours of observation leave uncertain
        watched = clock - self.began[:count]
        known = (self.began[:count] >= 0) & (watched >= 60_000) & (self.total[:count] >= 20)
        whole = np.where(known, self.total[:count] * 1000.0 / np.maximum(watched, 1), np.nan) / _CAREFUL
        return np.where(np.isnan(own), whole, np.maximum(own, 0.0))

    def pass_time(self, rate: Float64s, open_ms: int) -> NDArray[np.int32]:
        """Let open time pass at these rates; the whole events that were to be expected in it."""
        count = len(rate)
        expected = np.nan_to_num(rate) * (open_ms / 1000.0)
        self.awaited[:count] += expected
        owed = self.owed[:count] + expected
        whole = np.floor(owed)
        self.owed[:count] = owed - whole
        return whole.astype(np.int32)

    def close_hour(self, hour: int, events: NDArray[Any], open_ms: int) -> None:
        """Learn from an hour of the week that ended."""
        if open_ms < _OBSERVED_MS:
            return
        count = len(events)
        newest = events * (1000.0 / open_ms)
        known = self.began[:count] >= 0
        old = self.rate[:count, hour]
        learned = np.where(np.isnan(old), newest, old + NEWEST * (newest - old))
        self.rate[:count, hour] = np.where(known, learned, np.nan)
        self.stirred.add("rate")

    def close_minute(self, count: int) -> None:
        """Work out the usual silences anew."""
        if not count:
            return
        total = self.silences[:count].sum(axis=1, dtype=np.int64)
        upto = np.cumsum(self.silences[:count], axis=1, dtype=np.int64)
        number = (upto < np.ceil(0.99 * total)[:, None]).sum(axis=1)
        longest = 2.0 ** ((number + 1) / 2) - 1.0
        self.usual[:count] = np.where(total >= ENOUGH, np.maximum(longest, LEAST_MS), np.nan)
        self.stirred.add("usual")
        full = np.flatnonzero(total > 100_000)
        self.silences[full] //= 2

    def ages(self, count: int, clock: int) -> Float64s:
        """How long ago each symbol last came, ms; NaN: never."""
        seen = self.seen[:count]
        return np.where(seen >= 0, clock - seen, np.nan)

    def silent(self, count: int, clock: int, *, times: float, expected: float, least: float) -> Bools:
        """Which symbols are silent beyond doubt: for `times` their usual silence, with `expected` events awaited."""
        age = self.ages(count, clock)
        with np.errstate(invalid="ignore"):
            found: Bools = (age >= least) & (age > times * self.usual[:count]) & (self.awaited[:count] > expected)
        return found
