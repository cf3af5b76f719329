"""The way of a measurement with nothing behind it but lists: for tests of the server and of the client."""

from __future__ import annotations

import asyncio

import numpy as np

from bongsu.model.errors import BongsuError
from bongsu.model.process import TopList
from bongsu.model.query import Latest, Points, RangeQuery
from bongsu.model.sample import Batch, Labels
from bongsu.model.series import SeriesTable


class Measurements:
    """Implements the ports `Taker`, `Live`, `History`, `Prompt` and `Processes` over plain lists; steps are averaged.

    `fail_with` makes the next takes fail; while `gate` is cleared, takes wait for it. Questions are
    answered at once where `prompt` is set.
    """

    def __init__(self, table: SeriesTable) -> None:
        self.table = table
        self.rows: list[tuple[int, int, float]] = []
        self.fail_with: BongsuError | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.closed = False
        self.prompt = False
        self.asked_at_once = 0
        self.top_list: TopList | None = None

    def top(self) -> TopList | None:
        return self.top_list

    async def take(self, batch: Batch) -> None:
        if self.fail_with is not None:
            raise self.fail_with
        await self.open.wait()
        self.publish(batch)

    async def append(self, batch: Batch) -> None:
        await self.take(batch)

    async def close(self) -> None:
        self.closed = True

    def publish(self, batch: Batch) -> None:
        self.rows += zip(batch.series.tolist(), batch.at.tolist(), batch.value.tolist(), strict=True)

    def latest(self, metric: str | None = None, labels: Labels = ()) -> list[Latest]:
        newest: dict[int, tuple[int, float]] = {}
        for series, at, value in self.rows:
            if series not in newest or at >= newest[series][0]:
                newest[series] = (at, value)
        return [
            Latest(metric=one.metric, labels=one.labels, value=newest[one.id][1], at=newest[one.id][0])
            for one in self.table
            if one.id in newest and metric in (None, one.metric) and set(labels) <= set(one.labels)
        ]

    async def range(self, query: RangeQuery) -> list[Points]:
        return self._range(query)

    def at_once(self, query: RangeQuery) -> list[Points] | None:
        self.asked_at_once += 1
        return self._range(query) if self.prompt else None

    def _range(self, query: RangeQuery) -> list[Points]:
        found = []
        for series in self.table.select(query.metric, query.labels)[: query.limit]:
            points = self._points(series, query)
            if points:
                one = self.table[series]
                at, value = zip(*sorted(points.items()), strict=True)
                found.append(
                    Points(metric=one.metric, labels=one.labels, at=np.array(at, np.int64), value=np.array(value))
                )
        return found

    def _points(self, series: int, query: RangeQuery) -> dict[int, float]:
        steps: dict[int, list[float]] = {}
        for one, at, value in self.rows:
            if one == series and query.start <= at < query.end:
                steps.setdefault(at - at % (query.step or 1), []).append(value)
        return {at: sum(values) / len(values) for at, values in steps.items()}
