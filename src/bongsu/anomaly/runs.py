"""Stuck values and silence: what no score on values finds, since the values are ordinary."""

from __future__ import annotations

import numpy as np

from bongsu.anomaly.columns import Column, Columns
from bongsu.model.anomaly import Verdict
from bongsu.model.sample import Float64s, Int64s

THRESHOLD = 4.0
"""Times the longest run or gap so far."""
WARM_UP = 20
"""Changes, or gaps, from which the longest is known: what hardly ever moves can't be stuck."""
_FADING = 0.98
"""The longest one counts a little less with each that follows, so that one fault doesn't hide the next for ever."""
_LEAST_RUN = 5.0


class Stuck:
    """How many readings in a row were equal, as a multiple of the longest such run so far (of five at least).

    No band: what is expected is a change. 32 bytes a series.
    """

    method = "stuck"

    def __init__(self, *, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold
        self._rows = Columns(
            value=Column(np.float64, np.nan),
            run=Column(np.float64, 0.0),
            longest=Column(np.float64, 0.0),
            changes=Column(np.int64, 0),
        )

    @property
    def row_bytes(self) -> int:
        """Bytes a series takes."""
        return self._rows.row_bytes

    def score(self, rows: Int64s, _at: Int64s, value: Float64s, /) -> Verdict:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        same = self._rows["value"][rows] == value
        run = self._rows["run"][rows]
        longest = np.where(same, self._rows["longest"][rows], np.maximum(self._rows["longest"][rows] * _FADING, run))
        run = np.where(same, run + 1, 1.0)
        changes = self._rows["changes"][rows] + ~same
        for name, new in (("value", value), ("run", run), ("longest", longest), ("changes", changes)):
            self._rows[name][rows] = new
        score = np.where(changes > WARM_UP, run / np.maximum(longest, _LEAST_RUN), np.nan)
        unknown = np.full(len(rows), np.nan)
        return Verdict(score=score, lower=unknown, upper=unknown)

    def band(self, rows: Int64s, _at: Int64s, /) -> tuple[Float64s, Float64s]:
        """See `anomaly_ports.Detector`."""
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)

    def forget(self, rows: Int64s) -> None:
        """See `anomaly_ports.Detector`."""
        self._rows.reset(rows)


class Silence:
    """Time since the reading before, as a multiple of the longest such gap so far; the band is in seconds.

    Judges when a reading comes, and through `overdue` while none comes. 24 bytes a series.
    """

    method = "silence"

    def __init__(self, *, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold
        self._rows = Columns(at=Column(np.int64, 0), longest=Column(np.float64, 0.0), gaps=Column(np.int64, -1))

    @property
    def row_bytes(self) -> int:
        """Bytes a series takes."""
        return self._rows.row_bytes

    def score(self, rows: Int64s, at: Int64s, _value: Float64s, /) -> Verdict:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        found = self.overdue(rows, at)
        longest, gaps = self._rows["longest"][rows], self._rows["gaps"][rows]
        gap = np.where(gaps >= 0, (at - self._rows["at"][rows]) / 1000.0, 0.0)
        self._rows["longest"][rows] = np.maximum(longest * _FADING, gap)
        self._rows["gaps"][rows] = gaps + 1
        self._rows["at"][rows] = at
        return found

    def overdue(self, rows: Int64s, at: Int64s, /) -> Verdict:
        """How long these series have been silent at `at`; learns nothing."""
        self._rows.reserve(rows)
        lower, upper = self.band(rows, at)
        gap = (at - self._rows["at"][rows]) / 1000.0
        return Verdict(score=gap * self.threshold / upper, lower=lower, upper=upper)

    def band(self, rows: Int64s, _at: Int64s, /) -> tuple[Float64s, Float64s]:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        known = (self._rows["gaps"][rows] >= WARM_UP) & (self._rows["longest"][rows] > 0)
        upper = np.where(known, self._rows["longest"][rows] * self.threshold, np.nan)
        return np.where(known, 0.0, np.nan), upper

    def forget(self, rows: Int64s) -> None:
        """See `anomaly_ports.Detector`."""
        self._rows.reset(rows)
