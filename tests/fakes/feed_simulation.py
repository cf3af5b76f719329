"""A simulated exchange: usual delays, thin and busy symbols, and nothing wrong unless a test plants it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import EventBatch, Field, Symbols

DAY = 86_400_000
OPENS, CLOSES = 0, 23_400_000
"""Session of every weekday, ms after midnight UTC: 09:00 to 15:30 in Seoul."""

MONDAY = 1_763_337_600_000
STEP = 20_000
"""Milliseconds between two batches."""


class Weekdays:
    """Open hours of the exchange."""

    def __init__(self, closes: int = CLOSES) -> None:
        self._closes = closes

    def session(self, at: int) -> tuple[int, int] | None:
        """The session at an instant."""
        day = at // DAY * DAY
        if (day - MONDAY) // DAY % 7 >= 5 or at - day >= self._closes:
            return None
        return day + OPENS, day + self._closes

    def open_ms(self, start: int, end: int) -> int:
        """How much of start … end is open."""
        total = 0
        day = start // DAY * DAY
        while day < end:
            if (day - MONDAY) // DAY % 7 < 5:
                total += max(0, min(end, day + self._closes) - max(start, day + OPENS))
            day += DAY
        return total


@dataclass(slots=True)
class Exchange:
    """Yields batches; equal seeds give equal ones."""

    seed: int
    count: int = 200
    slowest: float = 1 / 3_600
    fastest: float = 0.5
    sequenced: bool = True
    closes: int = CLOSES
    silent: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Symbols that send nothing between two instants (UTC ms)."""
    random: np.random.Generator = field(init=False)
    symbols: Symbols = field(init=False)
    rate: NDArray[np.float64] = field(init=False)
    price: NDArray[np.float64] = field(init=False)
    seq: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        self.symbols = Symbols("krx", self.count + 10)
        for i in range(self.count):
            self.symbols.intern(f"{i:06}")
        self.rate = np.exp(self.random.uniform(np.log(self.slowest), np.log(self.fastest), self.count))
        self.price = np.rint(np.exp(self.random.uniform(np.log(55_000), np.log(150_000), self.count)) / 100) * 100
        self.seq = np.zeros(self.count, np.int64)

    def day(self, start: int, *, until: int = 1 << 62) -> Iterator[EventBatch]:
        """One session's batches; `start` is its opening (UTC ms)."""
        self.price = np.maximum(10_000, np.rint(self.price * self.random.normal(1, 0.015, self.count) / 100) * 100)
        today = self.rate * self.random.lognormal(0, 0.3, self.count)
        for into in range(STEP, min(until, self.closes) + 1, STEP):
            part = into / self.closes
            shape = 0.55 + 2.2 * np.exp(-part * 12) + 1.6 * np.exp(-(1 - part) * 14)
            counts = self.random.poisson(today * shape * STEP / 1000)
            for symbol, (first, last) in self.silent.items():
                counts[symbol] *= not first < start + into <= last
            if counts.any():
                yield self.batch(start + into, counts)

    def batch(self, arrived: int, counts: NDArray[np.int64]) -> EventBatch:
        """So many events of each symbol, arriving together."""
        symbol = np.repeat(np.arange(self.count, dtype=np.int32), counts)
        total = len(symbol)
        delay = self.random.lognormal(np.log(238), 0.355, total)
        order = np.lexsort((-delay, symbol))
        moves = self.random.choice([-100.0, 0.0, 100.0], total, p=(0.02, 0.96, 0.02))
        starts = np.cumsum(counts) - counts
        walk = np.cumsum(moves)
        walk -= np.repeat((walk - moves)[starts[counts > 0]], counts[counts > 0])
        level = np.maximum(10_000, self.price[symbol] + walk)
        price = level + self.random.choice([0.0, 100.0], total)  # between bid and ask
        rank = np.arange(total) - np.repeat(starts, counts)
        seq = self.seq[symbol] + rank + 1
        self.seq += counts
        last = starts + counts - 1
        self.price[counts > 0] = level[last[counts > 0]]
        return EventBatch(
            feed="krx",
            arrived=arrived,
            symbol=symbol,
            at=arrived - np.rint(delay[order]).astype(np.int64),
            seq=seq if self.sequenced else None,
            fields={
                "price": Field(value=price),
                "size": Field(value=np.ceil(self.random.lognormal(2, 1.2, total))),
            },
        )


def trading_days(first: int, days: int) -> list[int]:
    """Openings of the weekdays among so many days."""
    return [first + day * DAY for day in range(days) if day % 7 < 5]
