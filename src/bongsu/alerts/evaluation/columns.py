"""The state that rules share: newest values, and one ring column for each series and window somebody asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from bongsu.alerts.evaluation.rings import PARTS, Family, Ring, bucket_ms
from bongsu.model.rule import Rule
from bongsu.model.sample import Batch, Float64s, Int64s

Measure: TypeAlias = Literal[
    "last", "avg", "sum", "count", "min", "max", "rate", "difference", "percent", "score", "silence"
]
"""What a row's value is."""

FAMILIES: dict[Measure, Family] = {
    "avg": "sums",
    "sum": "sums",
    "count": "sums",
    "min": "low",
    "max": "high",
    "rate": "rises",
    "difference": "moves",
    "percent": "moves",
}
"""The ring that a measure reads; the others read the newest value, its time, or the detector's score."""

Key: TypeAlias = tuple[Family, int, int]
"""Family, series id and bucket length."""


def measure_of(rule: Rule) -> Measure:
    """What a rule's value is."""
    if rule.kind == "no_data":
        return "silence"
    if rule.kind == "anomaly":
        return "score"
    if rule.kind == "change":
        return "percent" if rule.change == "percent" else "difference"
    return rule.aggregation


class Newest:
    """The newest value of every series, by id."""

    def __init__(self) -> None:
        self.at: Int64s = np.zeros(0, np.int64)
        self.value: Float64s = np.empty(0)

    def room(self, end: int) -> None:
        """Make room for ids below `end`."""
        if end > len(self.at):
            more = max(end, len(self.at) * 2) - len(self.at)
            self.at = np.concatenate([self.at, np.zeros(more, np.int64)])
            self.value = np.concatenate([self.value, np.full(more, np.nan)])

    def fold(self, series: Int64s, at: Int64s, value: Float64s) -> None:
        """Samples ordered by time; an older one than is known changes nothing."""
        newer = at >= self.at[series]
        if not newer.all():
            series, at, value = series[newer], at[newer], value[newer]
        self.at[series] = at
        self.value[series] = value


class Columns:
    """Newest values and rings. `fold` takes samples in; the measures come out as arrays, a column each."""

    def __init__(self) -> None:
        self.newest = Newest()
        self.rings: dict[Family, Ring] = {family: Ring(family) for family in PARTS}
        self.places: dict[Key, int] = {}
        self._series: dict[Family, list[int]] = {family: [] for family in PARTS}
        self._ids: dict[Family, Int64s] = {}
        """The same, settled."""
        self._pending: dict[Family, list[int]] = {family: [] for family in PARTS}
        self._index: dict[Family, tuple[Int64s, Int64s, Int64s]] = {}
        """For each series id: where its columns begin in the list of columns ordered by series, and how many."""

    @property
    def state_bytes(self) -> int:
        """Memory of the arrays."""
        return sum(ring.state_bytes for ring in self.rings.values()) + self.newest.at.nbytes * 2

    def column(self, family: Family, series: int, window_ms: int) -> int:
        """The place of a column in its ring, made if it is new. Call `settle` before samples are folded."""
        key = (family, series, bucket_ms(window_ms))
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = len(self._series[family])
            self._series[family].append(series)
            self._pending[family].append(key[2])
        return place

    def settle(self, now: int) -> None:
        """Make the columns that were asked for, beginning now."""
        for family, buckets in self._pending.items():
            if not buckets:
                continue
            self.rings[family].extend(buckets, now)
            buckets.clear()
            ids = self._ids[family] = np.array(self._series[family], np.int64)
            self.newest.room(int(ids.max()) + 1)
            order = np.argsort(ids, kind="stable")
            counts = np.bincount(ids)
            self._index[family] = order, np.cumsum(counts) - counts, counts

    def inherit(self, old: Columns) -> None:
        """Take over what another set of columns knows of the same windows."""
        self.newest.room(len(old.newest.at))
        self.newest.at[: len(old.newest.at)] = old.newest.at
        self.newest.value[: len(old.newest.at)] = old.newest.value
        for family, ring in self.rings.items():
            shared = [key for key in self.places.keys() & old.places.keys() if key[0] == family]
            if shared:
                both = [(self.places[key], old.places[key]) for key in shared]
                mine, theirs = np.array(both, np.int64).T
                ring.inherit(old.rings[family], mine, theirs)

    def put_newest(self, series: int | None, at: int, value: float) -> None:
        """The newest sample of one series, as somebody else knows it."""
        if series is not None:
            self.newest.room(series + 1)
            if at >= self.newest.at[series]:
                self.newest.at[series], self.newest.value[series] = at, value

    # -- samples in --------------------------------------------------------------------------------------------

    def fold(self, batches: Sequence[Batch], now: int) -> None:
        """Take samples in; the windows end at `now`."""
        for ring in self.rings.values():
            ring.advance(now)
        if not batches:
            return
        series = np.concatenate([batch.series for batch in batches]).astype(np.int64)
        at = np.concatenate([batch.at for batch in batches])
        value = np.concatenate([batch.value for batch in batches])
        if np.any(at[1:] < at[:-1]):
            order = np.argsort(at, kind="stable")
            series, at, value = series[order], at[order], value[order]
        self.newest.room(int(series.max()) + 1)
        for family, ring in self.rings.items():
            if ring.count:
                self._fold_ring(family, ring, series, at, value)
        self.newest.fold(series, at, value)

    def _fold_ring(self, family: Family, ring: Ring, series: Int64s, at: Int64s, value: Float64s) -> None:
        order, starts, counts = self._index[family]
        known = series < len(counts)
        known[known] = counts[series[known]] > 0
        series, at, value = series[known], at[known], value[known]
        if not series.size:
            return
        figures: tuple[Float64s, ...] = (value, np.ones(len(value))) if family == "sums" else (value,)
        if family == "rises":
            series, at, figures = self._rises(series, at, value)
        elif family == "moves":
            newer = at >= self.newest.at[series]  # a late sample is not the last of its bucket
            series, at, figures = series[newer], at[newer], (value[newer],)
        times = counts[series]
        sample = np.repeat(np.arange(len(series)), times)
        within = np.arange(len(sample)) - np.repeat(np.cumsum(times) - times, times)
        columns = order[starts[series[sample]] + within]
        ring.add(columns, at[sample], *(figure[sample] for figure in figures))

    def _rises(self, series: Int64s, at: Int64s, value: Float64s) -> tuple[Int64s, Int64s, tuple[Float64s, Float64s]]:
        """By how much each counter rose since the sample before, and in how many milliseconds; ordered by time.

        A counter that fell began again from zero. What isn't newer than what is known is left out.
        """
        order = np.argsort(series, kind="stable")
        series, at, value = series[order], at[order], value[order]
        first = np.ones(len(series), bool)
        first[1:] = series[1:] != series[:-1]
        before = np.where(first, self.newest.value[series], np.roll(value, 1))
        since = np.where(first, self.newest.at[series], np.roll(at, 1))
        good = ~np.isnan(before) & (at > since)
        rise = np.where(value < before, value, value - before)[good]
        series, gap, at = series[good], (at - since)[good].astype(float), at[good]
        order = np.argsort(at, kind="stable")
        return series[order], at[order], (rise[order], gap[order])

    # -- values out --------------------------------------------------------------------------------------------

    def measures(self) -> dict[Measure, Float64s]:
        """Each measure of the rings that have columns: a value a column, NaN where the window holds none."""
        found: dict[Measure, Float64s] = {}
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.rings["sums"].count:
                total, count = self.rings["sums"].totals()
                found["avg"] = np.where(count > 0, total / count, np.nan)
                found["sum"] = np.where(count > 0, total, np.nan)
                found["count"] = count
            if self.rings["low"].count:
                (low,) = self.rings["low"].totals()
                found["min"] = np.where(np.isinf(low), np.nan, low)
            if self.rings["high"].count:
                (high,) = self.rings["high"].totals()
                found["max"] = np.where(np.isinf(high), np.nan, high)
            if self.rings["rises"].count:
                rise, gap = self.rings["rises"].totals()
                found["rate"] = np.where(gap > 0, rise / (gap / 1000), np.nan)
            if self.rings["moves"].count:
                before = self.rings["moves"].before()
                newest = self.newest.value[self._ids["moves"]]
                found["difference"] = newest - before
                found["percent"] = np.where(before != 0, (newest - before) / np.abs(before) * 100, np.nan)
        return found
