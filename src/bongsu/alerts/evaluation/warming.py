"""Windows filled from history, so that a restart or a new rule doesn't begin with half a window."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bongsu.alerts.evaluation.columns import Columns, Key
from bongsu.alerts.evaluation.rings import BUCKETS, Family
from bongsu.model.query import Aggregation, Points, RangeQuery
from bongsu.model.series import SeriesTable
from bongsu.ports import Clock, History

_ASKED: dict[Family, tuple[Aggregation, ...]] = {
    "sums": ("sum", "count"),
    "low": ("min",),
    "high": ("max",),
    "rises": ("rate",),
    "moves": ("last",),
}
_SERIES_AT_ONCE = 10_000


async def warm(
    columns: Columns,
    keys: Iterable[Key],
    *,
    history: History,
    table: SeriesTable,
    clock: Clock,
    seconds: float,
    newest: bool = False,
) -> int:
    """Fill columns with what history knows of their windows, for at most so many seconds; how many stayed cold.

    One query is asked for each metric, bucket length and figure. The present bucket fills with what passes and
    is left alone, but with `newest`, where nothing passes.
    """
    deadline = clock.monotonic() + seconds
    wanted: dict[tuple[str, Family, int], dict[int, int]] = {}
    for one in keys:
        family, series_id, bucket = one
        series = table.get(series_id)
        if series is not None:
            wanted.setdefault((series.metric, family, bucket), {})[series_id] = columns.places[one]
    left = sum(len(places) for places in wanted.values())
    for key, places in wanted.items():
        metric, family, bucket = key
        if clock.monotonic() >= deadline:
            return left
        head = clock.now() // bucket
        spans = 2 * BUCKETS if family == "moves" else BUCKETS
        answers = [
            await history.range(
                RangeQuery(
                    metric=metric,
                    start=(head - spans) * bucket,
                    end=(head + newest) * bucket,
                    step=bucket,
                    agg=agg,
                    limit=_SERIES_AT_ONCE,
                )
            )
            for agg in _ASKED[family]
        ]
        _fill(columns, key, places, answers, table, newest=newest)
        left -= len(places)
    return left


def _fill(
    columns: Columns,
    key: tuple[str, Family, int],
    places: dict[int, int],
    answers: list[list[Points]],
    table: SeriesTable,
    *,
    newest: bool,
) -> None:
    _, family, bucket = key
    further = [{(one.metric, one.labels): one for one in answer} for answer in answers[1:]]
    for points in answers[0]:
        series_id = table.find(points.metric, points.labels)
        place = places.get(-1 if series_id is None else series_id)
        if place is None:
            continue
        others = [answer.get((points.metric, points.labels)) for answer in further]
        if any(other is None or len(other.at) != len(points.at) for other in others):
            continue
        figures = [points.value, *(other.value for other in others if other is not None)]
        if family == "rises":
            # the rate of a step stands for the step's whole length
            figures = [points.value * (bucket / 1000), np.full(len(points.at), float(bucket))]
        columns.rings[family].put(place, points.at // bucket, *figures, newest=newest)
