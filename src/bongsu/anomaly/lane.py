"""A lane: one detector with what is done to readings before it and to scores after it, for all series watched so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bongsu.anomaly.columns import Column, Columns
from bongsu.anomaly.plan import Spec, detector
from bongsu.anomaly.quiet import Quiet
from bongsu.anomaly.runs import Silence
from bongsu.calendars.timetable import Bools
from bongsu.model.anomaly import Verdict
from bongsu.model.sample import Float64s, Int64s

_BEFORE = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Readings that were judged, in the metric's own unit, and which of them are worth telling."""

    rows: Int64s
    at: Int64s
    value: Float64s
    verdict: Verdict
    worth: Bools


class Lane:
    """Judges readings, one of each row at most a call. Rows are given out by `take` and taken back by `release`."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.detector = detector(spec)
        self._quiet = Quiet(threshold=spec.threshold, hold_ms=spec.quiet_ms, louder=spec.louder)
        self._rows = Columns(
            at=Column(np.int64, _BEFORE),
            before=Column(np.float64, np.nan),
            further=Column(np.float64, np.nan),
            series=Column(np.int64, -1),
        )
        self._free: list[int] = []
        self._end = 0

    @property
    def row_bytes(self) -> int:
        """Bytes one series takes."""
        return self.detector.row_bytes + self._quiet.row_bytes + self._rows.row_bytes

    def __len__(self) -> int:
        """Series in the lane."""
        return self._end - len(self._free)

    def take(self, series: int) -> int:
        """A row for a series."""
        row = self._free.pop() if self._free else self._end
        self._end = max(self._end, row + 1)
        rows = np.array([row], np.int64)
        self._rows.reserve(rows)
        self._rows["series"][row] = series
        return row

    def release(self, row: int) -> None:
        """Take a row back and forget what it knew."""
        rows = np.array([row], np.int64)
        for part in (self.detector, self._quiet):
            part.forget(rows)
        self._rows.reset(rows)
        self._free.append(row)

    def series_of(self, rows: Int64s) -> Int64s:
        """The series ids behind rows."""
        found: Int64s = self._rows["series"][rows]
        return found

    def judge(self, rows: Int64s, at: Int64s, value: Float64s) -> Judged:
        """Judge readings that are newer than those before; older ones are left out."""
        before, every = self._rows["at"][rows], self.spec.every_ms
        fresh = at > before if every <= 1 else at // every > before // every
        if not fresh.all():
            rows, at, value = rows[fresh], at[fresh], value[fresh]
        self._rows["at"][rows] = at
        verdict = self.detector.score(rows, at, self._prepared(rows, value))
        worth = self._quiet.passes(rows, at, verdict.score)
        return Judged(rows=rows, at=at, value=value, verdict=self._shown(verdict), worth=worth)

    def overdue(self, now: int) -> Judged | None:
        """Judge the silence of every series at this moment; None where the lane judges something else."""
        if not isinstance(self.detector, Silence) or not self._end:
            return None
        every = np.arange(self._end, dtype=np.int64)
        rows = every[self._rows["at"][every] != _BEFORE]
        at = np.full(len(rows), now, np.int64)
        verdict = self.detector.overdue(rows, at)
        worth = self._quiet.overdue(rows, at, verdict.score)
        silent = (now - self._rows["at"][rows]) / 1000.0
        return Judged(rows=rows, at=at, value=silent, verdict=verdict, worth=worth)

    def band(self, rows: Int64s, at: Int64s) -> tuple[Float64s, Float64s]:
        """Between what the next readings are expected, in the metric's unit."""
        lower, upper = self.detector.band(rows, at)
        return self._back(lower), self._back(upper)

    def _prepared(self, rows: Int64s, value: Float64s) -> Float64s:
        if self.spec.log:
            value = np.sign(value) * np.log1p(np.abs(value) * self.spec.scale)
        if not self.spec.smooth:
            return value
        before, further = self._rows["before"][rows], self._rows["further"][rows]
        self._rows["further"][rows] = before
        self._rows["before"][rows] = value
        low, high = np.minimum(before, further), np.maximum(before, further)
        middle = np.maximum(low, np.minimum(high, value))
        return np.where(np.isnan(middle), value, middle)

    def _shown(self, verdict: Verdict) -> Verdict:
        if not self.spec.log:
            return verdict
        return Verdict(score=verdict.score, lower=self._back(verdict.lower), upper=self._back(verdict.upper))

    def _back(self, value: Float64s) -> Float64s:
        if not self.spec.log:
            return value
        with np.errstate(over="ignore"):
            back: Float64s = np.sign(value) * np.expm1(np.abs(value)) / self.spec.scale
        return back
