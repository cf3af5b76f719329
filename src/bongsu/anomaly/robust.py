"""The z-score's robust sister: median and median absolute deviation, which an outlier in the window can't move."""

from __future__ import annotations

import numpy as np

from bongsu.anomaly.columns import Column, Columns
from bongsu.anomaly.zscore import LEAST_DEVIATION, WARM_UP
from bongsu.model.anomaly import Verdict
from bongsu.model.sample import Float64s, Int64s

TO_DEVIATIONS = 1.4826
"""The median absolute deviation times this is the standard deviation where readings are normal."""
RENEW = 4
"""Median and deviation are found anew at every fourth reading: they move slowly, and sorting is what costs."""
_TINY = 1e-12


class RobustZScore:
    """|reading − median| / (1.4826 · MAD) of the last `window` readings, as of the last renewal.

    8 bytes a reading of the window and 24 more a series.
    """

    method = "robust_zscore"

    def __init__(self, *, threshold: float = 3.0, window: int = 100) -> None:
        self.threshold = threshold
        self._window = window
        self._warm_up = min(WARM_UP, window)
        self._rows = Columns(
            ring=Column(np.float64, np.nan, window),
            count=Column(np.int64, 0),
            middle=Column(np.float64, np.nan),
            deviation=Column(np.float64, np.nan),
        )

    @property
    def row_bytes(self) -> int:
        """Bytes a series takes."""
        return self._rows.row_bytes

    def score(self, rows: Int64s, _at: Int64s, value: Float64s, /) -> Verdict:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        middle, deviation = self._rows["middle"][rows], self._rows["deviation"][rows]
        with np.errstate(over="ignore"):
            score = np.abs(value - middle) / deviation
        seen = self._rows["count"][rows]
        self._rows["ring"][rows, seen % self._window] = value
        self._rows["count"][rows] = seen + 1
        due = rows[(seen + 1 >= self._warm_up) & ((seen + 1 - self._warm_up) % RENEW == 0)]
        if len(due):
            self._renew(due)
        return Verdict(
            score=score, lower=middle - self.threshold * deviation, upper=middle + self.threshold * deviation
        )

    def band(self, rows: Int64s, _at: Int64s, /) -> tuple[Float64s, Float64s]:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        middle, reach = self._rows["middle"][rows], self.threshold * self._rows["deviation"][rows]
        return middle - reach, middle + reach

    def forget(self, rows: Int64s) -> None:
        """See `anomaly_ports.Detector`."""
        self._rows.reset(rows)

    def _renew(self, rows: Int64s) -> None:
        ring = self._rows["ring"][rows]
        known = np.minimum(self._rows["count"][rows], self._window)
        middle = _median(ring, known)
        with np.errstate(over="ignore"):
            spread = TO_DEVIATIONS * _median(np.abs(ring - middle[:, None]), known)
        self._rows["middle"][rows] = middle
        self._rows["deviation"][rows] = np.maximum(spread, np.maximum(LEAST_DEVIATION * np.abs(middle), _TINY))


def _median(values: Float64s, known: Int64s) -> Float64s:
    """The median of each row's `known` numbers; the rest of a row is NaN."""
    ordered = np.sort(values, axis=1)
    rows = np.arange(len(values))
    found: Float64s = (ordered[rows, (known - 1) // 2] + ordered[rows, known // 2]) / 2
    return found
