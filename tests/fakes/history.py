"""The obvious history: every sample in a dict, every answer worked out from scratch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np

from bongsu.model.query import Points, RangeQuery
from bongsu.model.sample import Batch, Sample
from bongsu.model.series import SeriesTable

_WIDTHS = {"minute": 60_000, "hour": 3_600_000}


class FakeHistory:
    """Implements the `History` port in plain Python; what the real one is measured against."""

    def __init__(self, table: SeriesTable) -> None:
        self._table = table
        self.samples: dict[int, dict[int, float]] = {}
        """Values by series id and time (UTC ms)."""
        self.failure: Exception | None = None
        """Raised by the next appends, where a test wants to see a store that can't be written."""

    async def append(self, batch: Batch) -> None:
        if self.failure is not None:
            raise self.failure
        for series, at, value in zip(batch.series.tolist(), batch.at.tolist(), batch.value.tolist(), strict=True):
            self.samples.setdefault(series, {})[at] = value

    async def range(self, query: RangeQuery) -> list[Points]:
        found = list[Points]()
        if query.start >= query.end:
            return found
        for series in sorted(self._table.select(query.metric, query.labels))[: query.limit]:
            points = _points(sorted(self.samples.get(series, {}).items()), query)
            if points:
                one = self._table[series]
                at, value = zip(*points, strict=True)
                found.append(
                    Points(
                        metric=one.metric, labels=one.labels, at=np.array(at, np.int64), value=np.array(value, float)
                    )
                )
        return found

    def figures(self) -> Iterable[Sample]:
        return ()

    async def close(self) -> None:
        return


def _points(samples: list[tuple[int, float]], query: RangeQuery) -> list[tuple[int, float]]:
    step = query.step or _WIDTHS.get(query.tier)
    grown = [
        (at, value if value < before else value - before, at - since)
        for (since, before), (at, value) in itertools.pairwise(samples)
    ]
    if step is None:
        if query.agg == "rate":
            return [(at, rise / (gap / 1000)) for at, rise, gap in grown if query.start <= at < query.end]
        return [(at, value) for at, value in samples if query.start <= at < query.end]
    start, end = query.start // step * step, -(-query.end // step) * step
    if query.agg == "rate":
        steps: dict[int, tuple[float, int]] = {}
        for at, rise, gap in grown:
            if start <= at < end:
                rises, gaps = steps.get(at // step * step, (0.0, 0))
                steps[at // step * step] = (rises + rise, gaps + gap)
        return [(at, rises / (gaps / 1000)) for at, (rises, gaps) in steps.items()]
    groups: dict[int, list[float]] = {}
    for at, value in samples:
        if start <= at < end:
            groups.setdefault(at // step * step, []).append(value)
    return [(at, _one(values, query.agg)) for at, values in groups.items()]


def _one(values: list[float], agg: str) -> float:
    if agg == "avg":
        return sum(values) / len(values)
    if agg == "sum":
        return sum(values)
    if agg == "count":
        return float(len(values))
    if agg == "last":
        return values[-1]
    return min(values) if agg == "min" else max(values)
