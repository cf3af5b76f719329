"""How far a reading lies from every reading remembered, against their range: what ranks best on the public benchmark.

The memory is a ruler of 512 places; each place knows when it was last visited. That remembers the last 4,000 readings
to 0.2–0.4 % of their range in 2 KiB a series, where keeping them sorted takes 32 KiB and bisections series by series.
"""

from __future__ import annotations

import math

import numpy as np

from bongsu.anomaly.columns import Column, Columns
from bongsu.model.anomaly import Verdict
from bongsu.model.sample import Float64s, Int64s

PLACES = 512
THRESHOLD = 1.8
"""Per cent of the range (reference/quality.md: 71.6 on NAB)."""
MEMORY = 4_000
WARM_UP = 150
LEAST_RANGE = 0.05
"""The range counts for at least this share of the largest value: a constant's move by less than 0.09 % is no news."""
_NARROWEST = 1e-9
_SLICE = 1_024
"""Rows judged at once: their rulers are copied, 2 KiB each."""


class Novelty:
    """100 · distance to the nearest reading remembered / range of those remembered, in per cent.

    `threshold` in per cent; `memory` and `warm_up` in readings. 2,072 bytes a series.
    """

    method = "novelty"

    def __init__(self, *, threshold: float = THRESHOLD, memory: int = MEMORY, warm_up: int = WARM_UP) -> None:
        self.threshold = threshold
        self._memory = memory
        self._warm_up = warm_up
        self._rows = Columns(
            visited=Column(np.uint32, 0, PLACES),
            count=Column(np.int64, 0),
            origin=Column(np.float64, 0.0),
            width=Column(np.float64, 0.0),
        )

    @property
    def row_bytes(self) -> int:
        """Bytes a series takes."""
        return self._rows.row_bytes

    def score(self, rows: Int64s, _at: Int64s, value: Float64s, /) -> Verdict:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        parts = [
            self._score(rows[begin : begin + _SLICE], value[begin : begin + _SLICE])
            for begin in range(0, len(rows), _SLICE)
        ]
        if len(parts) == 1:
            return parts[0]
        empty = np.empty(0)
        return Verdict(
            score=np.concatenate([empty, *(part.score for part in parts)]),
            lower=np.concatenate([empty, *(part.lower for part in parts)]),
            upper=np.concatenate([empty, *(part.upper for part in parts)]),
        )

    def band(self, rows: Int64s, _at: Int64s, /) -> tuple[Float64s, Float64s]:
        """See `anomaly_ports.Detector`."""
        self._rows.reserve(rows)
        ruler = self._known(rows)
        first, last = _ends(ruler)
        lower, upper = self._edges(rows, first, last)
        return lower, upper

    def forget(self, rows: Int64s) -> None:
        """See `anomaly_ports.Detector`."""
        self._rows.reset(rows)

    def _score(self, rows: Int64s, value: Float64s) -> Verdict:
        new = self._rows["count"][rows] == 0
        if new.any():
            self._begin(rows[new], value[new])
        origin, width = self._rows["origin"][rows], self._rows["width"][rows]
        with np.errstate(over="ignore"):
            place = np.floor(np.clip((value - origin) / width, -1e9, 1e9)).astype(np.int64)
        ruler = self._known(rows)
        first, last = _ends(ruler)
        here = np.clip(place, 0, PLACES - 1)
        left, right = _neighbours(ruler, here)
        below, above = place - left, right - place
        nearest = np.minimum(below, above)
        size = self._size(first, last, origin, width)
        score = 100.0 * nearest * width / size
        lower, upper = self._edges(rows, first, last)
        inside = (place > first) & (place < last) & (score > self.threshold)  # in a hole between two clusters
        reach = self.threshold / 100.0 * size
        to_left = inside & (below <= above)
        upper = np.where(to_left, origin + (left + 1) * width + reach, upper)
        lower = np.where(inside & ~to_left, origin + right * width - reach, lower)
        young = self._rows["count"][rows] < self._warm_up
        score[young] = np.nan
        lower[young] = upper[young] = np.nan
        self._learn(rows, value, place)
        return Verdict(score=score, lower=lower, upper=upper)

    def _known(self, rows: Int64s) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """Which places were visited within the memory; at least one in rows that hold a reading."""
        oldest = np.maximum(self._rows["count"][rows] - self._memory, 0)
        known: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = self._rows["visited"][rows] > oldest[:, None]
        return known

    def _size(self, first: Int64s, last: Int64s, origin: Float64s, width: Float64s) -> Float64s:
        largest = np.maximum(np.abs(origin + first * width), np.abs(origin + (last + 1) * width))
        size: Float64s = np.maximum((last - first) * width, LEAST_RANGE * largest)
        return size

    def _edges(self, rows: Int64s, first: Int64s, last: Int64s) -> tuple[Float64s, Float64s]:
        origin, width = self._rows["origin"][rows], self._rows["width"][rows]
        reach = self.threshold / 100.0 * self._size(first, last, origin, width)
        lower, upper = origin + first * width - reach, origin + (last + 1) * width + reach
        young = self._rows["count"][rows] < self._warm_up
        lower[young] = upper[young] = np.nan
        return lower, upper

    def _begin(self, rows: Int64s, value: Float64s) -> None:
        width = np.maximum(np.abs(value), 1e-3) * _NARROWEST
        self._rows["width"][rows] = width
        self._rows["origin"][rows] = value - PLACES // 2 * width

    def _learn(self, rows: Int64s, value: Float64s, place: Int64s) -> None:
        outside = np.flatnonzero((place < 0) | (place >= PLACES))
        for index in outside.tolist():
            place[index] = self._widen(int(rows[index]), float(value[index]))
        count = self._rows["count"][rows] + 1
        self._rows["count"][rows] = count
        self._rows["visited"][rows, place] = count

    def _widen(self, row: int, value: float) -> int:
        """Lay a longer ruler that what is remembered and this value fill by half; the value's place on it."""
        origin, width = float(self._rows["origin"][row]), float(self._rows["width"][row])
        visited = self._rows["visited"][row]
        oldest = max(int(self._rows["count"][row]) - self._memory, 0)
        held = np.flatnonzero(visited > oldest)
        centres = origin + (held + 0.5) * width
        low, high = min(value, float(centres.min(initial=value))), max(value, float(centres.max(initial=value)))
        width = max((high - low) / (PLACES // 2), abs(value) * _NARROWEST, math.ulp(abs(low)), math.ulp(abs(high)))
        origin = low - PLACES // 4 * width
        laid = np.zeros(PLACES, np.uint32)
        np.maximum.at(laid, np.clip((centres - origin) / width, 0, PLACES - 1).astype(np.int64), visited[held])
        self._rows["visited"][row] = laid
        self._rows["origin"][row], self._rows["width"][row] = origin, width
        return int(min(max((value - origin) // width, 0), PLACES - 1))


def _ends(ruler: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> tuple[Int64s, Int64s]:
    """The first and the last place visited."""
    return ruler.argmax(axis=1), PLACES - 1 - ruler[:, ::-1].argmax(axis=1)


def _neighbours(ruler: np.ndarray[tuple[int, int], np.dtype[np.bool_]], here: Int64s) -> tuple[Int64s, Int64s]:
    """The nearest visited place at or left of each, and at or right of it; far away where there is none."""
    places = np.arange(PLACES)
    left_of = ruler & (places <= here[:, None])
    right_of = ruler & (places >= here[:, None])
    left = np.where(left_of.any(axis=1), PLACES - 1 - left_of[:, ::-1].argmax(axis=1), -(1 << 40))
    right = np.where(right_of.any(axis=1), right_of.argmax(axis=1), 1 << 40)
    return left, right
