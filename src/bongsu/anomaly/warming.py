"""Warm start: detectors read from history what they would know had the program not stopped."""

from __future__ import annotations

import asyncio

import numpy as np

from bongsu.anomaly.lanes import Lanes
from bongsu.anomaly.plan import Spec
from bongsu.anomaly.rounds import rounds
from bongsu.model.query import RangeQuery
from bongsu.model.series import SeriesTable
from bongsu.ports import History

MINUTE = 60_000
_LONG = 3 * 1_440 * MINUTE
_SHORT = 15 * MINUTE
_SERIES = 500
"""Series read at once: with 900 readings each some 10 MiB."""
_MOST = 4_400


def looks_back(spec: Spec) -> tuple[int, int | None]:
    """How far back a detector of this kind is warmed (ms), and in which steps (None: as measured).

    Three days by minute for what remembers thousands of readings, 15 minutes as measured for a window of them.
    """
    if spec.method in ("novelty", "seasonal_novelty"):
        return _LONG, MINUTE
    return max(_SHORT, spec.window * 5_000), None


async def warm(lanes: Lanes, *, history: History, table: SeriesTable, now: int) -> None:
    """Show every watched series' past to its detector; nothing is told of it."""
    for metric in table.metrics():
        spec = lanes.spec(metric)
        if spec is None:
            continue
        back, step = looks_back(spec)
        query = RangeQuery(metric=metric, start=now - back, end=now, step=step, agg="last", limit=_SERIES)
        found = await history.range(query)
        ids = [known for points in found if (known := table.find(points.metric, points.labels)) is not None]
        if not ids:
            continue
        series = np.concatenate([np.full(len(p.at), i, np.int64) for i, p in zip(ids, found, strict=True)])
        at = np.concatenate([points.at for points in found])
        value = np.concatenate([points.value for points in found])
        for lane, places, rows in list(lanes.parts(series)):
            for one in rounds(rows, at[places], most=_MOST)[0]:
                chosen = places[one]
                judged = lane.judge(rows[one], at[chosen], value[chosen])
                lanes.newest[lane.series_of(judged.rows)] = judged.verdict.score
                await asyncio.sleep(0)
