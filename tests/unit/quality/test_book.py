"""Every tick the feeds become samples: which, how many, and none while there is nothing to tell."""

from __future__ import annotations

from collections import Counter

import pytest

from bongsu.client.events import body_of
from bongsu.model.errors import NotFound
from bongsu.model.event import Event
from bongsu.quality.book import SYMBOL_SERIES
from bongsu.quality.metrics import FEED_METRICS
from bongsu.settings.feeds import Feed
from tests.fakes.clock import VirtualClock
from tests.fakes.feeds import in_memory


async def test_a_feed_becomes_samples_every_tick() -> None:
    """Each metric of the catalogue comes with its labels; of symbols only the worst, once a minute."""
    clock = VirtualClock(1_763_778_000_000)
    feeds = {"krx": Feed(symbols=["never"])}
    book, _, intake, views = in_memory(clock, feeds)
    told: Counter[str] = Counter()
    per_symbol = 0
    for second in range(130):
        await clock.advance(1.0, settle=1)
        now = clock.now()
        events = [
            Event(feed="krx", symbol=f"s{i}", at=now - 200, seq=second + 1, fields={"price": -1.0 if i % 2 else 5.0})
            for i in range(500)
        ]
        await intake.take(body_of(events), content_type="application/json", encoding="", sender="")
        samples = book.tick(now, clock.monotonic())
        symbols = [one for one in samples if ("symbol" in dict(one.labels))]
        per_symbol += bool(symbols)
        assert len(symbols) <= 2 * SYMBOL_SERIES  # the worst, and once more those that are so no longer
        told.update({one.metric for one in samples})
        assert len(samples) - len(symbols) <= 20
    assert set(told) == {metric.name for metric in FEED_METRICS}
    assert 2 <= per_symbol <= 4
    rate = next(one.value for one in samples if one.metric == "feed_events_per_second")
    assert rate == pytest.approx(500.0)
    coverage = next(one.value for one in samples if one.metric == "feed_coverage")
    assert coverage == pytest.approx(100 * 500 / 501)
    accuracy = next(one.value for one in samples if one.metric == "feed_accuracy")
    assert accuracy == pytest.approx(0.5)
    with pytest.raises(NotFound):
        views.symbol("krx", "nobody")
    found = views.feed("krx", "1m", search="S1", offset=10, limit=5, heat=True)
    assert found["total"] == 111
    rows = found["symbols"]
    assert isinstance(rows, list)
    assert len(rows) == 5


async def test_a_feed_of_which_nothing_came_has_no_score() -> None:
    """Declared and silent: no score is invented, until a symbol is overdue and coverage says 0."""
    clock = VirtualClock()
    book, *_ = in_memory(clock, {"krx": Feed(symbols=["a", "b"])})
    await clock.advance(1.0)
    names = {one.metric for one in book.tick(clock.now(), clock.monotonic())}
    assert names == {"feed_events_per_second", "feed_symbols"}
    for _ in range(70):
        await clock.advance(1.0, settle=1)
        samples = book.tick(clock.now(), clock.monotonic())
    found = {one.metric: one.value for one in samples}
    assert found["feed_coverage"] == 0.0
    assert ("missing_symbol", "a") in book.feeds["krx"].watch.active
