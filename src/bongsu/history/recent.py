"""The newest blocks of samples, in memory as they are in the file.

What is asked of the last hours in fine steps then needs no statement; with few series neither does a day. Put here when
they are written, the oldest go first. They are worth nothing but time: whatever isn't here is read from the file. Only
what the native library unpacks is asked for here.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from bongsu import native
from bongsu.history.files import Files
from bongsu.history.journal import Block

MOST = 16 << 20
"""Bytes kept in all: a day of 190 series by second, two hours of 2,000."""
_OWN = 300
"""Bytes that a block takes besides its own, about."""

Row: TypeAlias = tuple[Any, ...]
"""As `loading.SAMPLES` has them; nothing is told of the floor."""
_NUMBER, _START, _LAST, _DATA = 1, 2, 3, 5


class _Held(NamedTuple):
    """All blocks of a series that hold a sample from `since` (UTC ms) on, by number."""

    since: int
    rows: list[Row]


class RecentBlocks:
    """Changed by the writer's thread, read by all."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._generation = files.generation
        self._held: dict[int, _Held] = {}
        self._series_of: dict[int, int] = {}
        self._lock = threading.Lock()
        self._floor = 0
        self.size = 0
        """Bytes."""

    def of(self, ids: Sequence[int], start: int, end: int) -> list[Row] | None:
        """Blocks with samples of these series with start ≤ at < end (UTC ms); None where the file must be asked."""
        if self._generation != self._files.generation or start < self._floor:
            return None
        found = []
        for series in ids:
            held = self._held.get(series)
            if held is None or held.since > start:
                return None
            found += [row for row in held.rows if row[_START] < end and row[_LAST] >= start]
        return found

    def needs_before(self, series: int) -> bool:
        """Whether `follow` must be told what the file had of the series before."""
        known = self._generation == self._files.generation and series in self._held
        return native.available() and not known

    def follow(self, series: int, drop: Sequence[int], put: Sequence[tuple[int, Block]], before: int) -> None:
        """Do as the file did, with the numbers of blocks; called once that is committed, before anybody lets go of what
        is now in blocks. `before` is when (UTC ms) the newest sample of those blocks was taken that were in the file
        when the series wasn't known, -1 where there was none.
        """
        if not native.available():
            return
        with self._lock:
            self._follow_file()
            held = self._held.get(series) or _Held(before + 1, [])
            new: list[Row] = [(series, number, one.start, one.last, one.count, one.data, None) for number, one in put]
            self._held[series] = _Held(held.since, [row for row in held.rows if row[_NUMBER] not in drop] + new)
            for row in held.rows:
                if row[_NUMBER] in drop:
                    self._forget(row)
            for row in new:
                self._series_of[row[_NUMBER]] = series
                self.size += _OWN + len(row[_DATA])
            while self.size > MOST:
                self._let_go(next(iter(self._series_of)))

    def raise_floor(self, floor: int) -> None:
        """Samples are kept since then (UTC ms)."""
        with self._lock:
            self._follow_file()
            self._floor = floor
            old = [row for held in self._held.values() for row in held.rows if row[_LAST] < floor]
            for row in old:
                self._let_go(row[_NUMBER])

    def drop(self, series: Sequence[int]) -> None:
        """Nothing is known of these."""
        with self._lock:
            for one in series:
                held = self._held.pop(one, None)
                for row in held.rows if held else ():
                    self._forget(row)

    def clear(self) -> None:
        """Let all blocks go; what comes is kept."""
        with self._lock:
            for number in list(self._series_of):
                self._let_go(number)

    def _let_go(self, number: int) -> None:
        """Of one block: its series is complete since its end."""
        since, rows = self._held[self._series_of[number]]
        (gone,) = [row for row in rows if row[_NUMBER] == number]
        self._held[self._series_of[number]] = _Held(
            max(since, gone[_LAST] + 1), [row for row in rows if row[_NUMBER] != number]
        )
        self._forget(gone)

    def _forget(self, row: Row) -> None:
        del self._series_of[row[_NUMBER]]
        self.size -= _OWN + len(row[_DATA])

    def _follow_file(self) -> None:
        if self._generation != self._files.generation:
            self._held.clear()
            self._series_of.clear()
            self.size = self._floor = 0
            self._generation = self._files.generation
