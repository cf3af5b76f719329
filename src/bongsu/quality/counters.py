"""What is counted of every symbol, by ten seconds, minutes and hours: everything a score is made of."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.quality.table import Table

Window: TypeAlias = Literal["1m", "5m", "1h", "1d"]
WINDOWS: tuple[Window, ...] = ("1m", "5m", "1h", "1d")

GRANULE_MS = 10_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
GRANULES, MINUTES, HOURS = 6, 60, 24

Counts: TypeAlias = NDArray[np.int32]
"""A row a symbol, a column a `Count`."""


class Count(IntEnum):
    """The counters."""

    EVENTS = 0
    SEQUENCED = 1
    """Distinct sequence numbers."""
    LOST = 2
    """Sequence numbers that didn't come within the grace; below 0 where ones given up came after all."""
    DUPLICATES = 3
    DISORDERED = 4
    """Sequence number going back; event time, of events without one."""
    PRESENT = 5
    REQUIRED = 6
    """Required fields: how many were there, and how many should have been."""
    CONFORMING = 7
    FIELDS = 8
    """Values that conform to their field's type and range, of how many."""
    IMPLAUSIBLE = 9
    SPIKES = 10
    INCONSISTENT = 11
    CROSSED = 12
    LOCKED = 13
    LATE = 14
    FUTURE = 15
    COVERED = 16
    COVERABLE = 17
    """Minutes with events, of those in which some were to be expected."""
    BACK = 19
    """Event time going back by more than the grace though the sequence number rises."""
    EXPECTED = 18
    """Events to be expected from the usual rate, where it is known."""


COLUMNS = len(Count)


class Counters(Table):
    """The present ten seconds, minute and hour, and rings of those before.

    A window is the present bucket and as many whole ones before it as its name says: `1m` of ten seconds, `5m` and
    `1h` of minutes, `1d` of hours.
    """

    COLUMNS: ClassVar = {
        "present": (np.int32, 0, (COLUMNS,)),
        "minute": (np.int32, 0, (COLUMNS,)),
        "hour": (np.int32, 0, (COLUMNS,)),
        "last_minute": (np.int32, 0, (COLUMNS,)),
    }
    present: Counts
    """Since the last ten seconds ended; `minute` and `hour` hold what came before that."""
    minute: Counts
    hour: Counts
    last_minute: Counts
    """The sum over the ring of ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.rings: dict[str, list[Counts | None]] = {
            "granules": [None] * GRANULES,
            "minutes": [None] * MINUTES,
            "hours": [None] * HOURS,
        }
        self.dirty: set[tuple[str, int]] = set()

    def add(self, ids: NDArray[np.intp], column: Count, counts: NDArray[Any]) -> None:
        """Count for symbols, none of which occurs twice."""
        self.present[ids, column] += counts.astype(np.int32)

    def close_granule(self, number: int) -> None:
        """End the ten seconds with this number (UTC ms / 10,000)."""
        ended = self.present if self.present.any() else None
        self._put("granules", number % GRANULES, None if ended is None else ended.copy())
        if ended is not None:
            self.minute += ended
            self.hour += ended
            ended[:] = 0
        self.resum()

    def resum(self) -> None:
        """Sum the ring of ten seconds anew."""
        self.last_minute[:] = 0
        for one in self.rings["granules"]:
            if one is not None:
                self.last_minute[: len(one)] += one

    def close_minute(self, number: int) -> None:
        """End the minute with this number; its last ten seconds are closed already."""
        self._put("minutes", number % MINUTES, self.minute.copy() if self.minute.any() else None)
        self.minute[:] = 0

    def close_hour(self, number: int) -> None:
        """End the hour with this number; its last minute is closed already."""
        self._put("hours", number % HOURS, self.hour.copy() if self.hour.any() else None)
        self.hour[:] = 0

    def forget(self, ring: str, number: int) -> None:
        """Let a bucket that nobody watched be empty."""
        self._put(ring, number % len(self.rings[ring]), None)

    def _put(self, ring: str, slot: int, counts: Counts | None) -> None:
        if counts is None and self.rings[ring][slot] is None:
            return
        self.rings[ring][slot] = counts
        self.dirty.add((ring, slot))

    def window(self, window: Window, count: int) -> Counts:
        """The sums of a window for the first `count` symbols."""
        if window == "1m":
            return self.last_minute[:count] + self.present[:count]
        total = self.present[:count] + (self.hour if window == "1d" else self.minute)[:count]
        for one in self._whole(window):
            if one is not None:
                shared = min(count, len(one))
                total[:shared] += one[:shared]
        return total

    def window_of(self, window: Window, symbol: int) -> Counts:
        """The sums of a window for one symbol: one row."""
        row = slice(symbol, symbol + 1)
        if window == "1m":
            return self.last_minute[row] + self.present[row]
        total = self.present[row] + (self.hour if window == "1d" else self.minute)[row]
        for one in self._whole(window):
            if one is not None and symbol < len(one):
                total += one[row]
        return total

    def _whole(self, window: Window) -> Iterator[Counts | None]:
        if window == "5m":
            return (self.rings["minutes"][(self.minute_number - back) % MINUTES] for back in range(1, 6))
        return iter(self.rings["minutes" if window == "1h" else "hours"])

    minute_number = 0
    """Number of the present minute."""
