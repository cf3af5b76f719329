"""A source of history for the console's tests: lines as given, and what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bongsu.console.reader import averaged
from bongsu.model.query import Aggregation, Points
from bongsu.model.sample import labels_of

NOW = 1_763_778_000_000
"""2025-11-22 11:20:00 in Seoul."""


def points(metric: str, rows: Sequence[tuple[int, float]], **labels: str) -> Points:
    """A line through (ms, value) rows."""
    return Points(
        metric=metric,
        labels=labels_of(labels),
        at=np.array([at for at, _ in rows], dtype=np.int64),
        value=np.array([value for _, value in rows], dtype=np.float64),
    )


@dataclass
class Lines:
    """Answers range queries from lines held in memory, as the server does."""

    held: Mapping[str, Sequence[Points]]
    asked: list[tuple[str, int, int, int | None]] = field(default_factory=list)

    def query(
        self, metric: str, *, start: int, end: int, step: int | None = None, agg: Aggregation = "avg"
    ) -> list[Points]:
        self.asked.append((metric, start, end, step))
        found = []
        for line in self.held.get(metric, ()):
            within = (line.at >= start) & (line.at < end)
            at, value = line.at[within], line.value[within]
            if step is not None:
                at, value = averaged(at, value, step)
            found.append(Points(metric=metric, labels=line.labels, at=at, value=value))
        return found
