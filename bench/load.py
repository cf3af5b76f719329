"""What is sent: the mix that all figures speak of, and its bodies in each format.

70 % gauges with two decimals that wander between 0 and 100 (a random walk; its step differs from series to series)
and 30 % counters that grow by a Poisson number a second; one reading a second of each. The same samples go into each
format. Neither side can do better than the randomness in it: 0.76 bytes a sample (0.80 for a gauge with the median
step, 0.67 for a counter).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Format: TypeAlias = Literal["rows", "columns", "text"]
GROUP = 10
"""Series of one metric that share the label `group`: what a query for ten series asks for."""
_STEPS = (10.0, 40.0)
"""Standard deviation of a gauge's step, in hundredths: the series lie evenly between, by ratio."""
_RATES = (25.0, 400.0)
"""A counter's mean growth a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of the mix."""

    metric: str
    group: str
    host: str

    @property
    def selector(self) -> str:
        """As Prometheus writes it."""
        return f'{self.metric}{{group="{self.group}",host="{self.host}"}}'


class Mix:
    """The series and their readings, second by second; the same seed gives the same readings."""

    def __init__(self, *, series: int = 2_000, seed: int = 20261122) -> None:
        self._random = np.random.default_rng(seed)
        self.gauges = round(series * 0.7 / GROUP) * GROUP
        self.series = [_series(i, gauge=i < self.gauges) for i in range(series)]
        self._steps = np.geomspace(*_STEPS, self.gauges)
        self._rates = np.geomspace(*_RATES, series - self.gauges)
        self._gauge = self._random.uniform(0, 10_000, self.gauges)
        self._counter = self._random.integers(0, 1_000_000, series - self.gauges)

    def tick(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The next second's readings: gauges, counters."""
        moved = self._gauge + self._random.normal(0, self._steps)
        self._gauge = 10_000 - np.abs(10_000 - np.abs(moved))  # bounces off both ends
        self._counter = self._counter + self._random.poisson(self._rates)
        return np.round(self._gauge) / 100, self._counter

    def bodies(
        self, kinds: tuple[Format, ...], *, start: int, ticks: int, each: int = 5
    ) -> Iterator[dict[Format, bytes]]:
        """Bodies of `each` seconds of all series, from `start` (UTC ms) on; the same samples in each format."""
        writers = {kind: _WRITERS[kind](self.series) for kind in kinds}
        for first in range(0, ticks, each):
            stamps = [start + second * 1_000 for second in range(first, min(first + each, ticks))]
            texts = [self._texts() for _ in stamps]
            yield {kind: writer.body(stamps, texts) for kind, writer in writers.items()}

    def _texts(self) -> list[bytes]:
        gauges, counters = self.tick()
        values: list[float] = [*gauges.tolist(), *counters.tolist()]
        return msgspec.json.encode(values)[1:-1].split(b",")


def _series(i: int, *, gauge: bool) -> Series:
    group = i // GROUP
    name = f"bench_load_{group % 14:02d}" if gauge else f"bench_requests_{group % 6:02d}_total"
    return Series(metric=name, group=f"g{group:03d}", host=f"web-{i % GROUP}")


class _Rows:
    """`[{"metric": …, "labels": {…}, "value": …, "at": …}, …]`"""

    def __init__(self, series: list[Series]) -> None:
        self._heads = [b"{" + _named(one)[1:-1] + b',"value":' for one in series]

    def body(self, stamps: list[int], texts: list[list[bytes]]) -> bytes:
        parts = []
        for at, values in zip(stamps, texts, strict=True):
            tail = repeat(b',"at":%d},' % at)
            parts.append(b"".join(chain.from_iterable(zip(self._heads, values, tail, strict=False))))
        return b"[" + b"".join(parts)[:-1] + b"]"


class _Columns:
    """`{"series": […], "index": […], "at": […], "value": […]}`"""

    def __init__(self, series: list[Series]) -> None:
        self._series = b"[" + b",".join(map(_named, series)) + b"]"
        self._index = msgspec.json.encode(list(range(len(series))))[1:-1]
        self._count = len(series)

    def body(self, stamps: list[int], texts: list[list[bytes]]) -> bytes:
        index = b",".join([self._index] * len(stamps))
        at = b",".join([b",".join([b"%d" % stamp] * self._count) for stamp in stamps])
        value = b",".join(chain.from_iterable(texts))
        return b'{"series":%b,"index":[%b],"at":[%b],"value":[%b]}' % (self._series, index, at, value)


class _Text:
    """Prometheus text with times, as VictoriaMetrics imports it."""

    def __init__(self, series: list[Series]) -> None:
        self._heads = [one.selector.encode() + b" " for one in series]

    def body(self, stamps: list[int], texts: list[list[bytes]]) -> bytes:
        parts = []
        for at, values in zip(stamps, texts, strict=True):
            tail = repeat(b" %d\n" % at)
            parts.append(b"".join(chain.from_iterable(zip(self._heads, values, tail, strict=False))))
        return b"".join(parts)


_WRITERS: dict[Format, type[_Rows] | type[_Columns] | type[_Text]] = {"rows": _Rows, "columns": _Columns, "text": _Text}


def _named(one: Series) -> bytes:
    return msgspec.json.encode({"metric": one.metric, "labels": {"group": one.group, "host": one.host}})
