"""Windows over what passes, as rings of buckets: one column a series and window, all columns worked on at once.

A window is cut into `BUCKETS` equal buckets whose edges are multiples of the bucket's length since the epoch; it covers
the newest bucket, still filling, and the 59 before it. So it is exact to a sixtieth of its length, and what a column
costs doesn't depend on how often samples come: 60 buckets of 8 bytes for each part of its ring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s, Int64s

BUCKETS = 60
Family: TypeAlias = Literal["sums", "low", "high", "rises", "moves"]
"""What the buckets hold: sum and count; lowest; highest; a counter's rises and the time they took; the last value."""

Grid: TypeAlias = NDArray[np.float64]
"""Buckets × columns."""


@dataclass(frozen=True, slots=True)
class Part:
    """One figure of each bucket: how a sample joins it, and what an empty bucket holds."""

    join: np.ufunc | None
    """None: the newest sample's value stays."""
    empty: float


PARTS: Mapping[Family, tuple[Part, ...]] = {
    "sums": (Part(np.add, 0.0), Part(np.add, 0.0)),
    "low": (Part(np.minimum, np.inf),),
    "high": (Part(np.maximum, -np.inf),),
    "rises": (Part(np.add, 0.0), Part(np.add, 0.0)),
    "moves": (Part(None, np.nan),),
}


def bucket_ms(window_ms: int) -> int:
    """The length of a bucket of a window; the window is rounded up to sixty of them."""
    return -(-window_ms // BUCKETS)


class Ring:
    """The columns of one family. Times are UTC milliseconds."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.parts = PARTS[family]
        self.count = 0
        """Columns in use; the arrays hold room for more."""
        self.bucket: Int64s = np.ones(0, np.int64)
        self.head: Int64s = np.zeros(0, np.int64)
        """The number of each column's newest bucket since the epoch."""
        self.grids: list[Grid] = [np.empty((BUCKETS, 0)) for _ in self.parts]
        self.base: Float64s = np.empty(0)
        self.base_at: Int64s = np.zeros(0, np.int64)
        """The last value that left the window, and its bucket's number (`moves` only)."""

    @property
    def state_bytes(self) -> int:
        """Memory of the arrays."""
        return sum(grid.nbytes for grid in self.grids) + self.bucket.nbytes * 2 + self.base.nbytes * 2

    def extend(self, buckets: Sequence[int], now: int) -> None:
        """Add empty columns with these bucket lengths (ms), beginning now."""
        first, self.count = self.count, self.count + len(buckets)
        if self.count > len(self.bucket):
            self._grow(max(self.count, len(self.bucket) * 2))
        added = slice(first, self.count)
        self.bucket[added] = buckets
        self.head[added] = now // self.bucket[added]
        for part, grid in zip(self.parts, self.grids, strict=True):
            grid[:, added] = part.empty
        if self.base.size:
            self.base[added] = np.nan

    def _grow(self, room: int) -> None:
        more = room - len(self.bucket)
        self.bucket = np.concatenate([self.bucket, np.ones(more, np.int64)])
        self.head = np.concatenate([self.head, np.zeros(more, np.int64)])
        self.grids = [np.concatenate([grid, np.empty((BUCKETS, more))], axis=1) for grid in self.grids]
        if self.family == "moves":
            self.base = np.concatenate([self.base, np.full(more, np.nan)])
            self.base_at = np.concatenate([self.base_at, np.zeros(more, np.int64)])

    def advance(self, now: int) -> None:
        """Let the windows end at `now`: buckets that are left behind are emptied."""
        head = self.head[: self.count]
        target = now // self.bucket[: self.count]
        behind = target - head
        moved = np.flatnonzero(behind > 0)
        if not moved.size:
            return
        for step in range(1, int(min(behind.max(), BUCKETS)) + 1):
            columns = moved if step == 1 else moved[behind[moved] >= step]
            # one that is far behind is emptied whole, oldest bucket first, so that what left it last is known
            row = (head[columns] + step) % BUCKETS
            if self.family == "moves":
                self._leave(columns, row, head[columns] + step - BUCKETS)
            for part, grid in zip(self.parts, self.grids, strict=True):
                grid[row, columns] = part.empty
        head[moved] = target[moved]

    def _leave(self, columns: Int64s, row: Int64s, number: Int64s) -> None:
        leaving = self.grids[0][row, columns]
        known = ~np.isnan(leaving)
        self.base[columns[known]] = leaving[known]
        self.base_at[columns[known]] = number[known]

    def add(self, columns: Int64s, at: Int64s, *values: Float64s) -> None:
        """Samples into their buckets, ordered by time; what the window has left behind is at most its base.

        What claims to come from the future counts as now.
        """
        number = np.minimum(at // self.bucket[columns], self.head[columns])
        fresh = number > self.head[columns] - BUCKETS
        if not fresh.all():
            if self.family == "moves":
                old = ~fresh & (number >= self.base_at[columns])
                self.base[columns[old]], self.base_at[columns[old]] = values[0][old], number[old]
            columns, number = columns[fresh], number[fresh]
            values = tuple(value[fresh] for value in values)
        row = number % BUCKETS
        for part, grid, value in zip(self.parts, self.grids, values, strict=True):
            if part.join is None:
                grid[row, columns] = value
            else:
                part.join.at(grid, (row, columns), value)

    def put(self, column: int, numbers: Int64s, *values: Float64s, newest: bool = False) -> None:
        """Whole buckets by their numbers, as history knows them; the newest only if asked for, since it still fills."""
        head = int(self.head[column])
        old = numbers <= head - BUCKETS
        if self.family == "moves" and old.any():
            self.base[column] = values[0][old][-1]
            self.base_at[column] = numbers[old][-1]
        inside = ~old & (numbers < head + newest)
        for grid, value in zip(self.grids, values, strict=True):
            grid[numbers[inside] % BUCKETS, column] = value[inside]

    def inherit(self, old: Ring, mine: Int64s, theirs: Int64s) -> None:
        """Take over columns of another ring of the same family."""
        self.head[mine] = old.head[theirs]
        for grid, before in zip(self.grids, old.grids, strict=True):
            grid[:, mine] = before[:, theirs]
        if self.family == "moves":
            self.base[mine] = old.base[theirs]
            self.base_at[mine] = old.base_at[theirs]

    # -- what the windows come to ------------------------------------------------------------------------------

    def totals(self) -> tuple[Float64s, ...]:
        """Every part joined over each column's window."""
        joined: list[Any] = []
        for part, grid in zip(self.parts, self.grids, strict=True):
            assert part.join is not None
            joined.append(part.join.reduce(grid[:, : self.count], axis=0))
        return tuple(joined)

    def before(self) -> Float64s:
        """`moves`: the value one window ago.

        The last that left the window, unless that is older than a second window; else the oldest within it; NaN where
        there is neither.
        """
        grid, head = self.grids[0][:, : self.count], self.head[: self.count]
        base = np.where(self.base_at[: self.count] > head - 2 * BUCKETS, self.base[: self.count], np.nan)
        lost = np.flatnonzero(np.isnan(base))
        if lost.size:
            rows = (head[lost] + 1 + np.arange(BUCKETS)[:, None]) % BUCKETS
            ordered = grid[rows, lost]
            oldest = (~np.isnan(ordered)).argmax(axis=0)
            base[lost] = ordered[oldest, np.arange(len(lost))]
        return base
