"""Scores of a feed worked out slowly and obviously, event by event: what the product's columns must agree with."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Event:
    """One event as the reference sees it."""

    symbol: str
    at: int
    arrived: int
    seq: int
    price: float | None
    size: float | None
    bid: float | None = None
    ask: float | None = None
    volume: float | None = None

    @property
    def content(self) -> tuple[float | None, ...]:
        """What it says."""
        return self.price, self.size, self.bid, self.ask, self.volume


@dataclass(slots=True)
class Symbol:
    """Everything remembered of one symbol."""

    seen: dict[int, tuple[float | None, ...]] = field(default_factory=dict)
    newest: int = 0
    volume: float | None = None
    prices: list[float] = field(default_factory=list)
    figured: int = 0
    figured_at: int = 0
    middle: float = math.nan
    width: float = math.nan
    usual: float = math.nan
    """The last price that wasn't far from those before it."""
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Reference:
    """A feed with price (tick 0.5) and size required, a book and a volume; its sequence numbers never begin anew."""

    def __init__(self, *, late_ms: int, grace_ms: int, tolerance_ms: int, tick: float, spike: float) -> None:
        self.late_ms, self.grace_ms, self.tolerance_ms, self.tick, self.spike = (
            late_ms,
            grace_ms,
            tolerance_ms,
            tick,
            spike,
        )
        self.symbols: dict[str, Symbol] = defaultdict(Symbol)

    def take(self, batch: list[Event]) -> None:
        """Count a batch, event by event."""
        ranks: dict[str, int] = defaultdict(int)
        for event in batch:
            one = self.symbols[event.symbol]
            usable = event.price is not None and event.price > 0
            if usable:
                self._figure(one, event.arrived, begins=ranks[event.symbol] % 15 == 0)
                ranks[event.symbol] += 1
            self._count(one, event)
            if usable:
                assert event.price is not None
                one.prices.append(event.price)

    @staticmethod
    def _figure(one: Symbol, now: int, *, begins: bool) -> None:
        further = len(one.prices) - one.figured
        if not begins or not (further >= 15 or (further > 0 and now - one.figured_at >= 1_000)):
            return
        recent = sorted(one.prices[-60:])
        one.figured, one.figured_at = len(one.prices), now
        one.middle = one.width = math.nan
        if len(recent) >= 20:
            off = len(recent) * 6 // 60
            inner = recent[off : len(recent) - off]
            one.middle = sum(inner) / len(inner)
            one.width = math.sqrt(sum((value - one.middle) ** 2 for value in inner) / len(inner))

    def _count(self, one: Symbol, event: Event) -> None:
        counts = one.counts
        duplicate = event.seq in one.seen
        conflict = duplicate and one.seen[event.seq] != event.content
        disordered = bool(one.seen) and event.seq < max(one.seen) and not duplicate
        back = not duplicate and not disordered and event.at < one.newest - self.grace_ms
        future = event.arrived - event.at < -self.tolerance_ms
        crossed = bool(event.bid and event.ask and event.bid > event.ask > 0)
        falls = event.volume is not None and one.volume is not None and event.volume < one.volume and not duplicate
        counts["events"] += 1
        counts["duplicates"] += duplicate
        counts["disordered"] += disordered
        counts["late"] += event.arrived - event.at > self.late_ms
        counts["crossed"] += crossed
        counts["present"] += (event.price is not None) + (event.size is not None)
        counts["implausible"] += self._implausible(one, event)
        counts["inconsistent"] += conflict or disordered or back or future or crossed or falls
        one.seen[event.seq] = event.content
        one.newest = max(one.newest, event.at)
        one.volume = event.volume

    def _implausible(self, one: Symbol, event: Event) -> bool:
        empty = event.size is not None and event.size <= 0
        if event.price is None:
            return empty
        if event.price <= 0:
            return True
        steps = event.price / self.tick
        spike = False
        if abs(event.price - one.middle) > 3 * one.width + self.spike * one.middle:
            spike = abs(event.price - one.usual) > self.spike * one.usual
        else:
            one.usual = event.price
        return empty or spike or abs(steps - round(steps)) > 1e-6

    def scores(self, symbols: list[str] | None = None) -> dict[str, float]:
        """The dimensions and the quality of some symbols taken together (of all without a list)."""
        chosen = [self.symbols[name] for name in symbols or self.symbols]
        total: dict[str, int] = defaultdict(int)
        numbers = whole = 0
        for one in chosen:
            for name, count in one.counts.items():
                total[name] += count
            numbers += len(one.seen)
            whole += max(one.seen) - min(one.seen) + 1
        events = total["events"]
        found = {
            "completeness": numbers / whole * (total["present"] / (2 * events)),
            "accuracy": 1 - total["implausible"] / events,
            "timeliness": 1 - total["late"] / events,
            "consistency": 1 - total["inconsistent"] / events,
        }
        product = math.prod(found.values())
        return {**found, "quality": product ** (1 / 4), "uniqueness": 1 - total["duplicates"] / events}
