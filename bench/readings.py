"""A collector of many series, as somebody's own would be: what the board is measured with."""

from __future__ import annotations

import math
from collections.abc import Iterable

from bongsu.model.sample import Labels, Sample, labels_of

METRICS = 20
EACH = 100


class Readings:
    """2,000 series once a second, all moving."""

    name = "bench_readings"
    interval = 1.0

    def __init__(self) -> None:
        self._turn = 0
        self._series: list[tuple[str, Labels]] = [
            (f"bench_reading_{metric:02d}", labels_of(host=f"web-{host:03d}"))
            for metric in range(METRICS)
            for host in range(EACH)
        ]

    def collect(self) -> Iterable[Sample]:
        """One reading of all series; the scheduler stamps it."""
        self._turn += 1
        wave = [round(50 + 40 * math.sin((self._turn + i) / 60), 2) for i in range(len(self._series))]
        return [
            Sample(metric=metric, labels=labels, value=value)
            for (metric, labels), value in zip(self._series, wave, strict=True)
        ]
