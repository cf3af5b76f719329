"""A sudden change of volume: the mean of the last few readings against that of the many before them."""

from __future__ import annotations

import numpy as np

from bongsu.anomaly.columns import Column, Columns
from bongsu.model.anomaly import Verdict
from bongsu.model.sample import Float64s, Int64s

THRESHOLD = 3.0
SHORT = 5


class Volume:
    """(1 + mean of the last five readings) / (1 + mean of the `window` before them), or its inverse.

    For counts and rates; one is added so that nothing becomes something by no more than it is. 8 bytes a reading of the
    window and 64 more a series.
    """

    method = "volume"

    def __init__(self, *, threshold: float = THRESHOLD, window: int = 100) -> None:
        self.threshold = threshold
        self._window = window
        self._warm_up = min(30, window) + SHORT
        self._length = window + SHORT
        self._rows = Columns(
            ring=Column(np.float64, 0.0, self._length),
            count=Column(np.int64, 0),
            long=Column(np.float64, 0.0),
            short=Column(np.float64, 0.0),
        )

    @property
    def row_bytes(self) -> int:
        """Bytes a series takes."""
        return self._rows.row_bytes

    def score(self, rows: Int64s, _at: Int64s, value: Float64s, /) -> Verdict:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        self._learn(rows, value)
        usual = self._usual(rows)
        now = 1.0 + np.maximum(self._rows["short"][rows] / SHORT, 0.0)
        ratio = now / usual
        return Verdict(
            score=np.maximum(ratio, 1.0 / ratio),
            lower=np.maximum(usual / self.threshold - 1.0, 0.0),
            upper=usual * self.threshold - 1.0,
        )

    def band(self, rows: Int64s, _at: Int64s, /) -> tuple[Float64s, Float64s]:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        usual = self._usual(rows)
        return np.maximum(usual / self.threshold - 1.0, 0.0), usual * self.threshold - 1.0

    def forget(self, rows: Int64s) -> None:
        """See `anomaly_ports.Detector`."""
        self._rows.reset(rows)

    def _usual(self, rows: Int64s) -> Float64s:
        """One more than the mean of the window before the last five, NaN during warm-up."""
        count = self._rows["count"][rows]
        known = np.clip(count - SHORT, 1, self._window)
        usual: Float64s = 1.0 + np.maximum(self._rows["long"][rows] / known, 0.0)
        usual[count < self._warm_up] = np.nan
        return usual

    def _learn(self, rows: Int64s, value: Float64s) -> None:
        ring, seen = self._rows["ring"], self._rows["count"][rows]
        place = seen % self._length
        gone = ring[rows, place]
        passing = ring[rows, (seen - SHORT) % self._length]
        passing[seen < SHORT] = 0.0
        ring[rows, place] = value
        self._rows["count"][rows] = seen + 1
        self._rows["long"][rows] += passing - gone
        self._rows["short"][rows] += value - passing
        anew = rows[place == self._length - 1]
        if len(anew):
            self._sum_anew(anew)

    def _sum_anew(self, rows: Int64s) -> None:
        """The newest reading stands last in the ring: the sums without what rounding left in them."""
        ring = self._rows["ring"][rows]
        self._rows["long"][rows] = ring[:, :-SHORT].sum(axis=1)
        self._rows["short"][rows] = ring[:, -SHORT:].sum(axis=1)
