"""A quote feed that does not exist: usual delays of a Korean exchange, and a fault now and then."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bongsu.model.sample import Sample

_MEDIAN_DELAY = 0.238
"""Seconds; a Korean crypto exchange's p1/p50/p99 were 98/238/543 ms."""
_SYMBOLS = 120
_FAULT_EVERY = 900
"""Seconds between two faults; each lasts a minute, so that a visitor sees one within a quarter of an hour."""
_FAULT_FOR = 60


@dataclass(slots=True)
class SimulatedFeed:
    """Yields a feed's delay (s) and coverage (%) second by second; equal seeds give equal figures."""

    seed: int = 20_261_122
    feed: str = "krx"
    _random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def tick(self, at: int) -> list[Sample]:
        """The figures at `at` (UTC ms)."""
        broken = (at // 1000) % _FAULT_EVERY >= _FAULT_EVERY - _FAULT_FOR
        delay = _MEDIAN_DELAY * float(self._random.lognormal(0.0, 0.12)) * (6.0 if broken else 1.0)
        missing = int(self._random.binomial(_SYMBOLS, 0.03 if broken else 0.001))
        labels = (("feed", self.feed),)
        coverage = 100.0 * (_SYMBOLS - missing) / _SYMBOLS
        return [
            Sample(metric="feed_delay_seconds", labels=labels, value=round(delay, 4), at=at),
            Sample(metric="feed_coverage", labels=labels, value=round(coverage, 2), at=at),
        ]
