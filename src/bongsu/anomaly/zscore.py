"""How many standard deviations a reading lies from the mean of the last ones: the guide's detector."""

from __future__ import annotations

import numpy as np

from bongsu.anomaly.columns import Column, Columns
from bongsu.model.anomaly import Verdict
from bongsu.model.sample import Float64s, Int64s

LEAST_DEVIATION = 5e-3
"""A standard deviation counts for at least this share of the mean: what moves by less than 1.5 % is no news."""
_TINY = 1e-12
_CANCELLED = 1e8
"""Sums are made anew once what was subtracted outweighs what is left by this much: eight digits stay right."""
WARM_UP = 30


class ZScore:
    """|reading − mean| / standard deviation of the last `window` readings before it (population form).

    Sums are kept around a base near the mean and made anew once a turn of the ring, so that they neither drift nor
    cancel. 8 bytes a reading of the window and 40 more a series.
    """

    method = "zscore"

    def __init__(self, *, threshold: float = 3.0, window: int = 100) -> None:
        self.threshold = threshold
        self._window = window
        self._warm_up = min(WARM_UP, window)
        self._rows = Columns(
            ring=Column(np.float64, 0.0, window),
            count=Column(np.int64, 0),
            base=Column(np.float64, 0.0),
            first=Column(np.float64, 0.0),
            second=Column(np.float64, 0.0),
        )

    @property
    def row_bytes(self) -> int:
        """Bytes a series takes."""
        return self._rows.row_bytes

    def score(self, rows: Int64s, _at: Int64s, value: Float64s, /) -> Verdict:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        mean, deviation = self._moments(rows)
        with np.errstate(over="ignore", invalid="ignore"):
            score = np.abs(value - mean) / deviation
            reach = self.threshold * deviation
        self._learn(rows, value)
        return Verdict(score=score, lower=mean - reach, upper=mean + reach)

    def band(self, rows: Int64s, _at: Int64s, /) -> tuple[Float64s, Float64s]:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        mean, deviation = self._moments(rows)
        return mean - self.threshold * deviation, mean + self.threshold * deviation

    def forget(self, rows: Int64s) -> None:
        """See `anomaly_ports.Detector`."""
        self._rows.reset(rows)

    def _moments(self, rows: Int64s) -> tuple[Float64s, Float64s]:
        """Mean and standard deviation, NaN during warm-up."""
        count = self._rows["count"][rows]
        known = np.minimum(np.maximum(count, 1), self._window)  # np.clip takes three times as long
        shift = self._rows["first"][rows] / known
        mean = self._rows["base"][rows] + shift
        with np.errstate(over="ignore", invalid="ignore"):  # beyond 1e154 squares overflow: no score, and no harm
            variance = self._rows["second"][rows] / known - shift * shift
        deviation = np.sqrt(np.maximum(variance, 0.0))
        deviation = np.maximum(deviation, np.maximum(LEAST_DEVIATION * np.abs(mean), _TINY))
        deviation[count < self._warm_up] = np.nan
        return mean, deviation

    def _learn(self, rows: Int64s, value: Float64s) -> None:
        ring, count, base = self._rows["ring"], self._rows["count"], self._rows["base"]
        seen = count[rows]
        new = seen == 0
        base[rows[new]] = value[new]
        near = base[rows]
        place = seen % self._window
        with np.errstate(over="ignore", invalid="ignore"):
            gone = np.where(seen >= self._window, ring[rows, place] - near, 0.0)
            come = value - near
            first = self._rows["first"][rows] + (come - gone)
            left = gone * gone
            second = self._rows["second"][rows] + (come * come - left)
            known = np.minimum(seen + 1, self._window)
            rest = second - first * first / known
            right = np.maximum(left, first * first / known) <= _CANCELLED * np.maximum(rest, 0.0)
            right |= left + first * first == 0
        ring[rows, place] = value
        count[rows] = seen + 1
        self._rows["first"][rows] = first
        self._rows["second"][rows] = second
        anew = rows[(place == self._window - 1) | ~right]
        if len(anew):
            self._sum_anew(anew)

    def _sum_anew(self, rows: Int64s) -> None:
        known = np.minimum(self._rows["count"][rows], self._window)
        ring = self._rows["ring"][rows]
        inside = np.arange(self._window) < known[:, None]
        base = np.sum(ring, axis=1, where=inside) / known
        away = np.where(inside, ring - base[:, None], 0.0)
        self._rows["base"][rows] = base
        self._rows["first"][rows] = away.sum(axis=1)
        with np.errstate(over="ignore"):
            self._rows["second"][rows] = np.einsum("ij,ij->i", away, away)
