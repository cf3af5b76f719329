"""Anomalies that are only a list."""

from __future__ import annotations

import numpy as np

from bongsu.model.anomaly import Anomaly, Band
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Labels


class FakeAnomalies:
    """Implements `anomaly_ports.Anomalies`; every band is one point, with nothing known of its upper bound."""

    def __init__(self) -> None:
        self.enabled = True
        self.list: list[Anomaly] = []
        self.asked: list[RangeQuery] = []

    async def recent(
        self, *, metric: str | None = None, labels: Labels = (), start: int, end: int, limit: int = 1_000
    ) -> list[Anomaly]:
        found = [
            one
            for one in self.list
            if metric in (None, one.metric) and set(labels) <= set(one.labels) and start <= one.at < end
        ]
        return sorted(found, key=lambda one: -one.at)[:limit]

    async def bands(self, query: RangeQuery) -> list[Band]:
        self.asked.append(query)
        return [
            Band(
                metric=query.metric,
                labels=query.labels,
                method="zscore",
                threshold=3.0,
                at=np.array([query.start], np.int64),
                value=np.array([1.0]),
                lower=np.array([0.5]),
                upper=np.array([np.nan]),
                score=np.array([0.25]),
            )
        ]
