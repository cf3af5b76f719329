"""The product's columns and a slow, obvious reference come to the same scores."""

from __future__ import annotations

import random

import numpy as np
import pytest

from bongsu.model.event import EventBatch, Field, Symbols
from bongsu.quality.book import Always
from bongsu.quality.counters import Count
from bongsu.quality.feed import FeedState
from bongsu.quality.score import DIMENSIONS
from bongsu.quality.summary import summary, symbol_scores
from bongsu.quality.watch import Watch
from bongsu.settings.duration import Duration
from bongsu.settings.feeds import Feed, FeedField
from tests.fakes.feed_reference import Event, Reference

START = 1_763_778_000_000
SYMBOLS = [f"S{i:02}" for i in range(12)]


def stream(seed: int) -> list[list[Event]]:
    """Batches of a feed with every fault an event can have by itself; sizes from one to some hundred."""
    dice = random.Random(seed)
    seqs = dict.fromkeys(SYMBOLS, 100)
    price = {symbol: 100.0 + 10 * i for i, symbol in enumerate(SYMBOLS)}
    volume = dict.fromkeys(SYMBOLS, 0.0)
    batches: list[list[Event]] = []
    now = START
    for _ in range(120):
        now += dice.choice([1, 40, 400, 1_500])
        batch: list[Event] = []
        for _ in range(dice.choice([1, 5, 40, 200])):
            symbol = dice.choice(SYMBOLS[: dice.choice([1, 12])])
            fate = dice.random()
            seqs[symbol] += 1 if fate > 0.02 else dice.choice([2, 3])
            price[symbol] = max(50.0, price[symbol] + dice.choice([-0.5, 0, 0, 0.5]))
            size = float(dice.randint(1, 50))
            volume[symbol] += size
            batch.append(
                Event(
                    symbol=symbol,
                    at=now
                    - dice.choice([50, 200, 300, 5_000 if fate > 0.95 else 100])
                    + (9_000 if fate > 0.995 else 0),
                    arrived=now,
                    seq=seqs[symbol],
                    price=None
                    if 0.9 < fate < 0.91
                    else price[symbol] * (3 if 0.5 < fate < 0.51 else 1) + (0.2 if 0.6 < fate < 0.61 else 0),
                    size=-size if 0.7 < fate < 0.71 else size,
                    bid=price[symbol],
                    ask=price[symbol] + (-0.5 if 0.8 < fate < 0.82 else 0.5),
                    volume=volume[symbol] - (400 if 0.3 < fate < 0.31 else 0),
                )
            )
            if 0.4 < fate < 0.43:
                again = batch[-1]
                batch.append(
                    again
                    if fate < 0.42
                    else Event(**{name: getattr(again, name) for name in again.__slots__} | {"size": size + 1})
                )
            if 0.2 < fate < 0.23 and len(batch) > 1:
                batch[-1], batch[-2] = batch[-2], batch[-1]
        batches.append(batch)
    return batches


def as_batch(symbols: Symbols, batch: list[Event]) -> EventBatch:
    """The same as columns."""

    def column(name: str) -> Field:
        return Field(value=np.array([np.nan if (v := getattr(one, name)) is None else v for one in batch], np.float64))

    return EventBatch(
        feed="test",
        arrived=batch[0].arrived,
        symbol=np.array([symbols.intern(one.symbol) for one in batch], np.int32),
        at=np.array([one.at for one in batch], np.int64),
        seq=np.array([one.seq for one in batch], np.int64),
        fields={name: column(name) for name in ("price", "size", "bid", "ask", "volume")},
    )


SETTINGS = Feed(
    fields={"price": FeedField(), "size": FeedField()},
    tick=0.5,
    max_delay=Duration.parse("1s"),
    price_limit_percent=None,
)


@pytest.mark.guide("G008")
@pytest.mark.parametrize("seed", range(6))
def test_scores_agree_with_the_reference(seed: int) -> None:
    """Of every symbol and of the feed each dimension and the quality agree within 1e-9, whatever the batches were."""
    symbols = Symbols("test", 100)
    feed = FeedState("test", symbols, SETTINGS, Always())
    slow = Reference(late_ms=1_000, grace_ms=2_000, tolerance_ms=1_000, tick=0.5, spike=0.01)
    for batch in stream(seed):
        feed.apply(as_batch(symbols, batch))
        slow.take(batch)
    feed.advance(feed.now + 5_000)
    found = summary(feed, Watch(feed), "1h")
    each = symbol_scores(feed, found)
    fresh = found.fresh
    for name in SYMBOLS:
        i = symbols.ids[name]
        want = slow.scores([name])
        counts = slow.symbols[name].counts
        for column, key in (
            (Count.EVENTS, "events"),
            (Count.DUPLICATES, "duplicates"),
            (Count.DISORDERED, "disordered"),
            (Count.LATE, "late"),
            (Count.CROSSED, "crossed"),
            (Count.IMPLAUSIBLE, "implausible"),
            (Count.INCONSISTENT, "inconsistent"),
        ):
            assert (name, key, int(found.counts[i, column])) == (name, key, counts[key])
        want["timeliness"] *= float(fresh[i])
        want["quality"] *= float(fresh[i]) ** 0.25
        for dimension in DIMENSIONS:
            assert each.dimensions[dimension][i] == pytest.approx(want[dimension], abs=1e-9)
        assert each.quality[i] == pytest.approx(want["quality"], abs=1e-9)
        assert each.uniqueness[i] == pytest.approx(want["uniqueness"], abs=1e-9)
    whole = slow.scores()
    for dimension in ("completeness", "accuracy", "consistency"):
        assert found.whole.dimensions[dimension][0] == pytest.approx(whole[dimension], abs=1e-9)
