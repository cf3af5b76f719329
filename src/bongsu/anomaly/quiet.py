"""De-duplication: of a run of anomalies only what is worse than all of late is told.

1. A score must beat every score of the series' last 75 readings: after novelty itself what gives the most.
2. For a while (`hold`) after one was told, the next must be twice as bad, or is not told at all where `louder` says so.
"""

from __future__ import annotations

import numpy as np

from bongsu.anomaly.columns import Column, Columns
from bongsu.calendars.timetable import Bools
from bongsu.model.sample import Float64s, Int64s

READINGS = 75
TWICE = 2.0
_NEVER = -(1 << 62)


class Quiet:
    """Says which scores are worth telling. 4 bytes a reading and 24 more a series."""

    def __init__(self, *, threshold: float, hold_ms: int, louder: float = TWICE, readings: int = READINGS) -> None:
        """`louder`: how many times as bad the next must be during `hold_ms`; infinite for none at all."""
        self._threshold = threshold
        self._hold = max(hold_ms, 1)
        self._louder = louder
        self._readings = readings
        self._rows = Columns(
            ring=Column(np.float32, -np.inf, readings),
            count=Column(np.int64, 0),
            told=Column(np.float64, 0.0),
            told_at=Column(np.int64, _NEVER),
        )

    @property
    def row_bytes(self) -> int:
        """Bytes a series takes."""
        return self._rows.row_bytes

    def passes(self, rows: Int64s, at: Int64s, score: Float64s) -> Bools:
        """Which of the scores are worth telling; they are remembered either way. A row stands at most once."""
        self._rows.reserve(rows)
        seen = self._rows["count"][rows]
        worth = score > self._threshold
        with np.errstate(over="ignore"):  # what exceeds 32 bits is infinite
            kept = np.where(np.isnan(score), -np.inf, score).astype(np.float32)
        (asked,) = np.nonzero(worth)
        if len(asked):
            of = rows[asked]
            best = self._rows["ring"][of].max(axis=1)
            held = at[asked] - self._rows["told_at"][of] < self._hold
            bar = np.where(held, self._louder * np.maximum(self._rows["told"][of], self._threshold), 0.0)
            pass_now = (kept[asked] > best) & (score[asked] > bar)
            worth[asked] = pass_now
            told = of[pass_now]
            self._rows["told"][told] = score[asked][pass_now]
            self._rows["told_at"][told] = at[asked][pass_now]
        self._rows["ring"][rows, seen % self._readings] = kept
        self._rows["count"][rows] = seen + 1
        return worth

    def overdue(self, rows: Int64s, at: Int64s, score: Float64s) -> Bools:
        """The same for scores that no reading brought: one is told in each `hold`."""
        self._rows.reserve(rows)
        worth = score > self._threshold
        worth &= ~(at - self._rows["told_at"][rows] < self._hold)
        self._rows["told"][rows[worth]] = score[worth]
        self._rows["told_at"][rows[worth]] = at[worth]
        return worth

    def forget(self, rows: Int64s) -> None:
        """Make rows as they were before anything was known."""
        self._rows.reset(rows)
