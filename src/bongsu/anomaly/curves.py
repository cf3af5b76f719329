"""The band over time: a detector of its own is led through history, reading by reading, as if it were live."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from bongsu.anomaly.lane import Lane
from bongsu.anomaly.plan import Spec
from bongsu.model.anomaly import Band
from bongsu.model.query import Points, RangeQuery
from bongsu.model.sample import Float64s
from bongsu.ports import History

MOST = 4_000
"""Readings worked through of one series, those before the range among them; of more the newest."""


async def bands_of(history: History, query: RangeQuery, spec: Spec) -> list[Band]:
    """The bands of the selected series in the query's range; with a step the steps' own values are judged."""
    before = _lead(query, spec)
    found = await history.range(replace(query, start=query.start - before))
    bands = await asyncio.to_thread(lambda: [_band(points, query, spec) for points in found])
    return [band for band in bands if len(band.at)]


def scores_over(found: Sequence[Points], spec: Spec) -> list[Float64s]:
    """The score of each point, all series led through their moments together; NaN where too little was known."""
    lane = Lane(spec)
    rows = [lane.take(number) for number in range(len(found))]
    moments = np.unique(np.concatenate([points.at for points in found])) if found else np.empty(0, np.int64)
    values = np.full((len(moments), len(found)), np.nan)
    places = [np.searchsorted(moments, points.at) for points in found]
    for column, (points, place) in enumerate(zip(found, places, strict=True)):
        values[place, column] = points.value
    scores = np.full_like(values, np.nan)
    number = np.array(rows, np.int64)
    for moment, (at, line) in enumerate(zip(moments.tolist(), values, strict=True)):
        present = number[~np.isnan(line)]
        judged = lane.judge(present, np.full(len(present), at), line[present])
        scores[moment, judged.rows] = judged.verdict.score
    return [scores[place, column] for column, place in enumerate(places)]


def _lead(query: RangeQuery, spec: Spec) -> int:
    """How long before the range reading begins (ms): the window, or a novelty's warm-up, by the spacing of readings."""
    readings = spec.warm_up * 2 if "novelty" in spec.method else spec.window + 20
    return min(readings * (query.step or 1_000), max(query.end - query.start, 900_000) * 4)


def _band(points: Points, query: RangeQuery, spec: Spec) -> Band:
    at, value = points.at[-MOST:], points.value[-MOST:]
    lane = Lane(spec)
    row = np.array([lane.take(0)], np.int64)
    columns: tuple[list[Float64s], list[Float64s], list[Float64s]] = ([], [], [])
    for index in range(len(at)):
        judged = lane.judge(row, at[index : index + 1], value[index : index + 1])
        verdict = judged.verdict
        for column, part in zip(columns, (verdict.lower, verdict.upper, verdict.score), strict=True):
            column.append(part if len(part) else np.array([np.nan]))
    inside = at >= query.start
    lower, upper, score = (np.concatenate(column) if column else np.empty(0) for column in columns)
    return Band(
        metric=points.metric,
        labels=points.labels,
        method=spec.method,
        threshold=spec.threshold,
        at=at[inside],
        value=value[inside],
        lower=lower[inside],
        upper=upper[inside],
        score=score[inside],
    )
