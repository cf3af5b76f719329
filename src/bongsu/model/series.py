"""The one index of series: (metric, labels) ↔ small integer id.

Every stage speaks of series by id, so that a million samples are three numpy columns. The table is
used on the event loop only; ids are never given twice within a process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bongsu.model.sample import Labels

_FEW = 64
"""Series that a selection may have to be remembered."""
_REMEMBERED = 1_024
"""Selections that are remembered while no series comes or goes; choosing anew takes three times as long."""


class SeriesLimitReached(Exception):
    """A new series was refused: the table already holds `limit` of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric with one set of labels."""

    id: int
    metric: str
    labels: Labels


class SeriesTable:
    """Interns series, bounded by `limit` (a number of series)."""

    def __init__(self, limit: int = 200_000) -> None:
        self.limit = limit
        self.epoch = 0
        """Rises when ids are forgotten: whoever caches ids drops his cache when it changes."""
        self._ids: dict[tuple[str, Labels], int] = {}
        self._series: dict[int, Series] = {}
        self._by_metric: dict[str, list[int]] = {}
        self._by_pair: dict[str, dict[tuple[str, str], list[int]]] = {}
        self._selected: dict[tuple[str, Labels], list[int]] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._series)

    @property
    def end(self) -> int:
        """One more than the highest id given so far: the length of an array indexed by id."""
        return self._next

    def intern(self, metric: str, labels: Labels) -> int:
        """The id of a series, new or known.

        Raises:
            SeriesLimitReached: the series is new and the table is full.
        """
        found = self._ids.get((metric, labels))
        if found is not None:
            return found
        if len(self._series) >= self.limit:
            raise SeriesLimitReached(f"already {self.limit} series; raise limits.series or drop labels")
        return self._put(Series(id=self._next, metric=metric, labels=labels))

    def restore(self, series: Iterable[Series]) -> None:
        """Take back the series that history remembers, with their ids (at start only)."""
        for one in series:
            self._put(one)

    def _put(self, series: Series) -> int:
        self._ids[series.metric, series.labels] = series.id
        self._series[series.id] = series
        self._by_metric.setdefault(series.metric, []).append(series.id)
        self._by_pair.pop(series.metric, None)
        self._selected.clear()
        self._next = max(self._next, series.id + 1)
        return series.id

    def __getitem__(self, series_id: int) -> Series:
        return self._series[series_id]

    def get(self, series_id: int) -> Series | None:
        """The series behind an id, or None once it was forgotten."""
        return self._series.get(series_id)

    def find(self, metric: str, labels: Labels) -> int | None:
        """The id of a known series, without making one."""
        return self._ids.get((metric, labels))

    def select(self, metric: str, labels: Labels = ()) -> list[int]:
        """Ids of the metric's series that carry all the given label pairs."""
        found = self._selected.get((metric, labels))
        if found is None:
            found = self._select(metric, labels)
            if 0 < len(found) <= _FEW:
                if len(self._selected) >= _REMEMBERED:
                    self._selected.clear()
                self._selected[metric, labels] = found
        return found.copy()

    def _select(self, metric: str, labels: Labels) -> list[int]:
        if not labels:
            return list(self._by_metric.get(metric, ()))
        pairs = self._pairs_of(metric)
        fewest = min([pairs.get(pair, []) for pair in labels], key=len)
        wanted = set(labels)
        return [i for i in fewest if wanted.issubset(self._series[i].labels)]

    def _pairs_of(self, metric: str) -> dict[tuple[str, str], list[int]]:
        """Which of the metric's series carry each label pair: made when asked for, until its series change.

        Looking through 150 series takes 60 µs between other work, a tenth of what a small question takes in all.
        """
        pairs = self._by_pair.get(metric)
        if pairs is None:
            pairs = {}
            for i in self._by_metric.get(metric, ()):
                for pair in self._series[i].labels:
                    pairs.setdefault(pair, []).append(i)
            if pairs:
                self._by_pair[metric] = pairs
        return pairs

    def metrics(self) -> list[str]:
        """Names of all metrics that have a series, in the order they were first seen."""
        return list(self._by_metric)

    def __iter__(self) -> Iterator[Series]:
        return iter(self._series.values())

    def forget(self, ids: Iterable[int]) -> None:
        """Drop series whose data is gone everywhere, making room under the limit."""
        for series_id in ids:
            series = self._series.pop(series_id, None)
            if series is None:
                continue
            del self._ids[series.metric, series.labels]
            siblings = self._by_metric[series.metric]
            siblings.remove(series_id)
            self._by_pair.pop(series.metric, None)
            if not siblings:
                del self._by_metric[series.metric]
        self._selected.clear()
        self.epoch += 1
