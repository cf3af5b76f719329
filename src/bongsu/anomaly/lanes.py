"""All lanes, and which series runs in which: arrays indexed by series id."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from bongsu.anomaly.lane import Lane
from bongsu.anomaly.plan import Plan, Spec
from bongsu.model.sample import Float64s, Int64s
from bongsu.model.series import SeriesTable

_UNKNOWN, _NONE = -1, -2
_FIRST = 1_024


class Lanes:
    """Gives each series its lane and row at its first reading, up to `limit` series.

    `counter` tells of a metric whether it only rises. 20 bytes a series of the table besides what lanes keep.
    """

    def __init__(self, *, table: SeriesTable, plan: Plan, counter: Callable[[str], bool], limit: int) -> None:
        self._table = table
        self._plan = plan
        self._counter = counter
        self._limit = limit
        self._epoch = table.epoch
        self._lane = np.full(_FIRST, _UNKNOWN, np.int16)
        self._row: Int64s = np.zeros(_FIRST, np.int64)
        self.newest: Float64s = np.full(_FIRST, np.nan)
        """The newest score by series id."""
        self.lanes: list[Lane] = []
        self._by_spec: dict[Spec, int] = {}
        self._specs: dict[str, Spec | None] = {}
        self.watched = 0
        self.unwatched = 0

    def parts(self, series: Int64s) -> Iterator[tuple[Lane, Int64s, Int64s]]:
        """For each lane that watches any of them: the lane, the places in the array given, and their rows."""
        self._forget_lost()
        self._reach(int(series.max()) + 1 if len(series) else 0)
        of = self._lane[series]
        if (of == _UNKNOWN).any():
            met = np.zeros(len(self._lane), np.bool_)
            met[series] = True
            for one in np.flatnonzero(met & (self._lane == _UNKNOWN)).tolist():
                self._assign(one)
            of = self._lane[series]
        for index, lane in enumerate(self.lanes):
            places = np.flatnonzero(of == index)
            if len(places):
                yield lane, places, self._row[series[places]]

    def find(self, series: int) -> tuple[Lane, int] | None:
        """The lane and the row of a series, where it is watched."""
        if series >= len(self._lane) or self._lane[series] < 0:
            return None
        return self.lanes[self._lane[series]], int(self._row[series])

    def spec(self, metric: str) -> Spec | None:
        """How a metric's series are watched; None: not at all."""
        if metric not in self._specs:
            self._specs[metric] = self._plan.spec(metric, counter=self._counter(metric))
        return self._specs[metric]

    def scores(self, series: Int64s) -> Float64s:
        """The newest score of each series; NaN where there is none."""
        self._reach(int(series.max()) + 1 if len(series) else 0)
        found: Float64s = self.newest[series]
        return found

    @property
    def bytes(self) -> int:
        """Memory that lanes and arrays take."""
        return sum(len(lane) * lane.row_bytes for lane in self.lanes) + 20 * len(self._lane)

    def _assign(self, series: int) -> None:
        known = self._table.get(series)
        spec = self.spec(known.metric) if known is not None else None
        if spec is None:
            self._lane[series] = _NONE
            return
        if self.watched >= self._limit:
            self._lane[series] = _NONE
            self.unwatched += 1
            return
        if spec not in self._by_spec:
            self._by_spec[spec] = len(self.lanes)
            self.lanes.append(Lane(spec))
        index = self._by_spec[spec]
        self._lane[series] = index
        self._row[series] = self.lanes[index].take(series)
        self.watched += 1

    def _forget_lost(self) -> None:
        """Give back the rows of series that the table forgot."""
        if self._epoch == self._table.epoch:
            return
        self._epoch = self._table.epoch
        for series in np.flatnonzero(self._lane >= 0).tolist():
            if self._table.get(series) is None:
                self.lanes[self._lane[series]].release(int(self._row[series]))
                self.watched -= 1
                self._lane[series] = _NONE
                self.newest[series] = np.nan
        if self.watched < self._limit:
            self.unwatched = 0
            self._lane[self._lane == _NONE] = _UNKNOWN

    def _reach(self, end: int) -> None:
        more = max(end, self._table.end) - len(self._lane)
        if more <= 0:
            return
        more = max(more, len(self._lane) // 2)
        self._lane = np.concatenate((self._lane, np.full(more, _UNKNOWN, np.int16)))
        self._row = np.concatenate((self._row, np.zeros(more, np.int64)))
        self.newest = np.concatenate((self.newest, np.full(more, np.nan)))
