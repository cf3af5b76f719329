"""Somebody's own collector of many series, for the tests of speed."""

from __future__ import annotations

from collections.abc import Iterable

from bongsu.model.sample import Sample, labels_of

SERIES = 2_000
INTERVAL = 0.2


class Readings:
    """2,000 series five times a second, all moving."""

    name = "readings"
    interval = INTERVAL

    def __init__(self) -> None:
        self._turn = 0
        self._series = [(f"reading_{i % 20:02d}", labels_of(host=f"web-{i // 20:03d}")) for i in range(SERIES)]

    def collect(self) -> Iterable[Sample]:
        """One reading of all; the scheduler stamps it."""
        self._turn += 1
        return [
            Sample(metric=metric, labels=labels, value=float((self._turn * 7 + i) % 1000))
            for i, (metric, labels) in enumerate(self._series)
        ]
