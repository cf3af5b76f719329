"""Novelty of what is left once the hour's usual level is taken away: the channel for what has a week."""

from __future__ import annotations

import numpy as np

from bongsu.anomaly.columns import Column, Columns
from bongsu.anomaly.novelty import MEMORY, THRESHOLD, WARM_UP, Novelty
from bongsu.model.anomaly import Verdict
from bongsu.model.sample import Float64s, Int64s

HOUR = 3_600_000
_DAY, _WEEK = 24, 168
_ENOUGH = 30
"""Readings from which an hour's mean is its level."""
_LARGEST = 1e37
"""Means are 32-bit floats, whose range ends a little further on."""
_REMEMBERED = 500
"""Readings after which a mean goes over to forgetting: each new one then weighs a five-hundredth."""


class SeasonalNovelty:
    """Novelty of reading − level, the level being the mean of the hour of the week, of the day, or of all so far.

    The finest mean that has seen thirty readings is taken, as it stood before the reading. 1,544 bytes a series
    besides those of `Novelty`.
    """

    method = "seasonal_novelty"

    def __init__(self, *, threshold: float = THRESHOLD, memory: int = MEMORY, warm_up: int = WARM_UP) -> None:
        self.threshold = threshold
        self._novelty = Novelty(threshold=threshold, memory=memory, warm_up=warm_up)
        self._rows = Columns(
            mean=Column(np.float32, 0.0, _WEEK + _DAY + 1),
            seen=Column(np.float32, 0.0, _WEEK + _DAY + 1),
        )

    @property
    def row_bytes(self) -> int:
        """Bytes a series takes."""
        return self._rows.row_bytes + self._novelty.row_bytes

    def score(self, rows: Int64s, at: Int64s, value: Float64s, /) -> Verdict:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        first = self._rows["seen"][rows, -1] == 0
        level = np.where(first, np.clip(value, -_LARGEST, _LARGEST), self._level(rows, at))
        self._learn(rows, at, np.clip(value, -_LARGEST, _LARGEST))
        found = self._novelty.score(rows, at, value - level)
        return Verdict(score=found.score, lower=found.lower + level, upper=found.upper + level)

    def band(self, rows: Int64s, at: Int64s, /) -> tuple[Float64s, Float64s]:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        lower, upper = self._novelty.band(rows, at)
        level = self._level(rows, at)
        return lower + level, upper + level

    def forget(self, rows: Int64s) -> None:
        """See `anomaly_ports.Detector`."""
        self._rows.reset(rows)
        self._novelty.forget(rows)

    def _level(self, rows: Int64s, at: Int64s) -> Float64s:
        mean, seen = self._rows["mean"], self._rows["seen"]
        week, day, whole = _places(at)
        level = mean[rows, whole].astype(np.float64)
        for place in (day, week):
            level = np.where(seen[rows, place] >= _ENOUGH, mean[rows, place], level)
        return level

    def _learn(self, rows: Int64s, at: Int64s, value: Float64s) -> None:
        mean, seen = self._rows["mean"], self._rows["seen"]
        for place in _places(at):
            count = seen[rows, place] + 1
            seen[rows, place] = count
            mean[rows, place] += (value - mean[rows, place]) / np.minimum(count, _REMEMBERED)


def _places(at: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Where the means of the hour of the week (UTC), of the hour of the day, and of all stand."""
    hour = at // HOUR
    return hour % _WEEK, _WEEK + hour % _DAY, np.full_like(hour, _WEEK + _DAY)
