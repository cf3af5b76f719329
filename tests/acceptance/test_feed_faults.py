"""Planted faults are found under their right names, and where nothing was planted nothing is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from bongsu.model.event import EventBatch, Field
from bongsu.quality.feed import FeedState
from bongsu.quality.watch import Watch
from bongsu.settings.feeds import Feed
from tests.fakes.feed_simulation import MONDAY, STEP, Exchange, Weekdays, trading_days

MINUTE = 60_000


def run(
    exchange: Exchange,
    days: list[int],
    change: Callable[[EventBatch], EventBatch | None] = lambda batch: batch,
    settings: Feed | None = None,
) -> Iterator[tuple[FeedState, Watch]]:
    """Play days, a look after every batch."""
    feed = FeedState("krx", exchange.symbols, settings or Feed(tick="krx"), Weekdays(exchange.closes))
    watch = Watch(feed)
    for day in days:
        for moment, batch in _steps(exchange, day):
            changed = change(batch) if batch is not None else None
            if changed is not None and len(changed):
                feed.apply(changed)
            feed.advance(moment)
            watch.look(feed.counters.window("1m", len(feed.symbols)))
            yield feed, watch


def _steps(exchange: Exchange, day: int) -> Iterator[tuple[int, EventBatch | None]]:
    moment = day
    for batch in exchange.day(day):
        while moment + STEP < batch.arrived:
            moment += STEP
            yield moment, None
        moment = batch.arrived
        yield moment, batch
    while moment + STEP <= day + exchange.closes:
        moment += STEP
        yield moment, None


def named(exchange: Exchange, change: Callable[[EventBatch], EventBatch | None], days: int = 2) -> set[tuple[str, str]]:
    """Every (fault, symbol) named on the last of the days."""
    found: set[tuple[str, str]] = set()
    last = MONDAY + (days - 1) * 86_400_000
    for feed, watch in run(exchange, trading_days(MONDAY, days), change):
        if feed.now > last:
            found |= set(watch.active)
    return found


LAST = MONDAY + 86_400_000
"""The second day: on the first everything is as it should be."""


def during(
    begin: int, minutes: int, change: Callable[[EventBatch], EventBatch | None], day: int = LAST
) -> Callable[[EventBatch], EventBatch | None]:
    """Change only batches of so many minutes of a day (the second), from minute `begin` on."""
    first = day + begin * MINUTE

    def changed(batch: EventBatch) -> EventBatch | None:
        return change(batch) if first < batch.arrived <= first + minutes * MINUTE else batch

    return changed


def busiest(exchange: Exchange) -> tuple[int, str]:
    """The symbol that comes most often."""
    i = int(exchange.rate.argmax())
    return i, exchange.symbols.names[i]


def without(symbol: int) -> Callable[[EventBatch], EventBatch | None]:
    """Batches in which a symbol is missing."""
    return lambda batch: batch.take(batch.symbol != symbol)


def with_field(batch: EventBatch, name: str, value: np.ndarray[tuple[int], np.dtype[np.float64]]) -> EventBatch:
    """The batch with other values in one field."""
    return replace(batch, fields={**batch.fields, name: Field(value=value)})


def spiked(batch: EventBatch, symbol: int) -> EventBatch:
    """The symbol's first price a tenth higher."""
    price = batch.fields["price"].value.copy()
    price[np.flatnonzero(batch.symbol == symbol)[:1]] *= 1.1
    return with_field(batch, "price", np.rint(price / 500) * 500)


class Still:
    """The symbol says the same all the time: its first price, and seven of it."""

    def __init__(self) -> None:
        self.price = 0.0

    def __call__(self, batch: EventBatch, symbol: int) -> EventBatch:
        """The batch with it."""
        one = batch.symbol == symbol
        if one.any() and not self.price:
            self.price = float(batch.fields["price"].value[one][0])
        fixed = with_field(batch, "price", np.where(one, self.price, batch.fields["price"].value))
        return with_field(fixed, "size", np.where(one, 7.0, batch.fields["size"].value))


def crossed(batch: EventBatch, symbol: int) -> EventBatch:
    """A book comes with every event; the symbol's bid is above its ask."""
    price = batch.fields["price"].value
    book = with_field(batch, "bid", np.where(batch.symbol == symbol, price + 100, price - 100))
    return with_field(book, "ask", price)


def doubled(batch: EventBatch, symbol: int) -> EventBatch:
    """The symbol's events come twice."""
    return batch.take(np.concatenate((np.arange(len(batch)), np.flatnonzero(batch.symbol == symbol))))


def swapped(batch: EventBatch, symbol: int) -> EventBatch:
    """The symbol's events come in the opposite order."""
    order = np.arange(len(batch))
    mine = np.flatnonzero(batch.symbol == symbol)
    order[mine] = mine[::-1]
    return batch.take(order)


def holed(batch: EventBatch, symbol: int) -> EventBatch:
    """Of the symbol's events the first is lost."""
    kept = np.ones(len(batch), np.bool_)
    kept[np.flatnonzero(batch.symbol == symbol)[:1]] = False
    return batch.take(kept)


@pytest.mark.guide("G005")
@pytest.mark.parametrize(
    ("fault", "change", "whole"),
    [
        ("gap", holed, False),
        ("duplicate", doubled, False),
        ("out_of_order", swapped, False),
        ("spike", spiked, False),
        ("stuck", Still(), False),
        ("crossed", crossed, False),
        ("late", lambda batch, _: replace(batch, at=batch.at - 5_000), True),
        ("clock_skew", lambda batch, _: replace(batch, at=batch.at + 8_000), True),
        ("schema_break", lambda batch, _: replace(batch, fields={"price": batch.fields["price"]}), True),
    ],
)
def test_a_planted_fault_is_found_by_name(
    fault: str, change: Callable[[EventBatch, int], EventBatch], whole: bool
) -> None:
    """What was planted for five minutes is named, of the right symbol or of the feed, and nothing else of that kind."""
    exchange = Exchange(seed=7, count=20, slowest=1 / 100, fastest=1.0, closes=40 * MINUTE)
    symbol, name = busiest(exchange)
    found = named(exchange, during(20, 5, lambda batch: change(batch, symbol), day=MONDAY), days=1)
    expected = (fault, "" if whole else name)
    assert expected in found
    if not whole:
        assert found == {expected}
    else:
        assert {one for one, _ in found} == {fault}


def afternoon(seed: int) -> Exchange:
    """Two short days of twenty symbols."""
    return Exchange(seed=seed, count=20, slowest=1 / 100, fastest=1.0, closes=90 * MINUTE)


def as_it_is(batch: EventBatch) -> EventBatch:
    """Nothing changed."""
    return batch


def test_a_halted_symbol_and_a_missing_one_are_told_apart() -> None:
    """A symbol that stops in the middle of the day is halted; one that doesn't come at all is missing."""
    exchange = afternoon(8)
    symbol, name = busiest(exchange)
    exchange.silent[symbol] = LAST + 30 * MINUTE, LAST + 60 * MINUTE
    assert named(exchange, as_it_is) == {("halt", name)}
    exchange = afternoon(8)
    exchange.silent[symbol] = LAST - MINUTE, LAST + 90 * MINUTE
    assert named(exchange, as_it_is) == {("missing_symbol", name)}


def test_a_declared_symbol_that_never_came_is_missing() -> None:
    """It is named a minute after the opening, and counts against coverage and completeness."""
    exchange = Exchange(seed=9, count=10, slowest=0.1, fastest=1.0)
    exchange.symbols.intern("never")
    feed = FeedState("krx", exchange.symbols, Feed(), Weekdays())
    feed.declare(list(range(11)))
    watch = Watch(feed)
    for batch in exchange.day(MONDAY, until=3 * MINUTE):
        feed.apply(batch)
        watch.look(feed.counters.window("1m", 11))
        assert (("missing_symbol", "never") in watch.active) == (batch.arrived >= MONDAY + STEP + MINUTE)
    expected, coming = watch.expected()
    assert (int(expected.sum()), int(coming.sum())) == (11, 10)


def test_an_early_close_and_an_outage_are_told_apart() -> None:
    """A feed that stops for good in the afternoon closed early; one that is silent in the morning has a gap."""
    exchange = afternoon(10)
    exchange.silent = dict.fromkeys(range(20), (LAST + 70 * MINUTE, LAST + 90 * MINUTE))
    assert named(exchange, as_it_is) == {("early_close", "")}
    exchange = afternoon(10)
    exchange.silent = dict.fromkeys(range(20), (LAST + 25 * MINUTE, LAST + 35 * MINUTE))
    assert named(exchange, as_it_is) == {("gap", "")}


@pytest.mark.parametrize("sequenced", [True, False])
def test_ordinary_days_name_no_fault(sequenced: bool) -> None:
    """Days of 200 symbols, thin and busy, with usual delays: nothing is named (thirty days: bench/feed_days.py)."""
    exchange = Exchange(seed=20_261_126, sequenced=sequenced, closes=100 * MINUTE)
    found = [set(watch.active) for _, watch in run(exchange, trading_days(MONDAY, 2)) if watch.active]
    assert found == []
