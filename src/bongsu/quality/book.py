"""All feeds: what is declared, what was learned, and the samples that they yield every tick."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from bongsu.feed_ports import OpenHours
from bongsu.model.event import EventBatch, FeedTable
from bongsu.model.sample import Sample, labels_of
from bongsu.quality.feed import FeedState
from bongsu.quality.score import DIMENSIONS
from bongsu.quality.summary import Summary, summary, symbol_scores
from bongsu.quality.watch import Watch
from bongsu.settings.feeds import Feed

SYMBOL_SERIES = 200
"""Symbols of one feed whose quality is a series of its own: the worst ones."""

_PERFECT = 0.999
_MINUTE_MS = 60_000


class Always:
    """Open hours of what never closes."""

    def session(self, at: int) -> tuple[int, int] | None:  # noqa: ARG002 (a port's method)
        """One session without end."""
        return 1, 1 << 62

    def open_ms(self, start: int, end: int) -> int:
        """All of it."""
        return end - start


HoursOf = Callable[[str], OpenHours]
"""The open hours that a feed's `hours` name."""


class Watched:
    """A feed with what watches over it."""

    def __init__(self, state: FeedState) -> None:
        self.state = state
        self.watch = Watch(state)
        self.total_before = state.total
        self.ticked = 0.0
        self.rate = 0.0
        self.told_minute = 0
        self.told: set[int] = set()
        """Symbols whose quality was told as a series last time."""


class FeedBook:
    """Feeds by name. Used on the event loop only."""

    def __init__(
        self, *, table: FeedTable, settings: Mapping[str, Feed], hours_of: HoursOf, symbols_of: Mapping[str, list[str]]
    ) -> None:
        """`symbols_of` names the declared symbols of each feed, those of files included."""
        self.table = table
        self._settings = settings
        self._hours_of = hours_of
        self._symbols_of = symbols_of
        self.feeds: dict[str, Watched] = {}

    def open_declared(self) -> None:
        """Make the declared feeds known before anything of them came; restored ones stay as they are."""
        for name in self._settings:
            self.state(name)

    def state(self, name: str) -> FeedState:
        """The state of a feed, new or known."""
        found = self.feeds.get(name)
        if found is None:
            settings = self._settings.get(name) or Feed()
            state = FeedState(name, self.table.open(name), settings, self._hours_of(settings.hours))
            self._declare(state)
            found = self.feeds[name] = Watched(state)
        return found.state

    def _declare(self, state: FeedState) -> None:
        declared = self._symbols_of.get(state.name, [])
        ids = [state.symbols.intern(symbol) for symbol in declared]
        state.declare(ids)

    def apply(self, batch: EventBatch) -> None:
        """Count the events of one feed."""
        self.state(batch.feed).apply(batch)

    def advance(self, now: int) -> None:
        """Let time pass for all feeds."""
        for one in self.feeds.values():
            one.state.advance(now)

    def tick(self, now: int, moment: float) -> list[Sample]:
        """The samples of all feeds at `now` (UTC ms); `moment` (s) tells how long ago the last tick was."""
        samples: list[Sample] = []
        for name, one in self.feeds.items():
            one.state.advance(now)
            one.watch.look(one.state.counters.window("1m", len(one.state.symbols)))
            found = summary(one.state, one.watch, "1m")
            self._measure_rate(one, moment)
            samples.extend(_feed_samples(name, one, found))
            minute = now // _MINUTE_MS
            if minute != one.told_minute:
                one.told_minute = minute
                samples.extend(_symbol_samples(name, one, found))
        return samples

    @staticmethod
    def _measure_rate(one: Watched, moment: float) -> None:
        passed = moment - one.ticked
        if one.ticked and passed > 0:
            one.rate = (one.state.total - one.total_before) / passed
        one.ticked, one.total_before = moment, one.state.total


def _feed_samples(name: str, one: Watched, found: Summary) -> Iterator[Sample]:
    labels = labels_of(feed=name)
    yield Sample(metric="feed_events_per_second", labels=labels, value=one.rate)
    if found.coverage is not None:
        yield Sample(metric="feed_coverage", labels=labels, value=found.coverage)
    for rank, value in (found.delay or {}).items():
        yield Sample(metric="feed_delay_seconds", labels=labels_of(feed=name, quantile=f"{rank:g}"), value=value)
    for dimension in DIMENSIONS:
        value = float(found.whole.dimensions[dimension][0])
        if not np.isnan(value):
            yield Sample(metric=f"feed_{dimension}", labels=labels, value=value)
    quality = float(found.whole.quality[0])
    if not np.isnan(quality):
        yield Sample(metric="feed_quality", labels=labels, value=quality)
    yield Sample(metric="feed_symbols", labels=labels, value=float(len(one.state.symbols)))
    for fault, count in one.watch.counts().items():
        yield Sample(metric="feed_faults", labels=labels_of(fault=fault, feed=name), value=float(count))


def _symbol_samples(name: str, one: Watched, found: Summary) -> Iterator[Sample]:
    """The worst symbols' quality, and once more that of those told before."""
    quality = symbol_scores(one.state, found).quality
    order = np.argsort(np.where(np.isnan(quality), 2.0, quality), kind="stable")[:SYMBOL_SERIES]
    worst = {int(i) for i in order.tolist() if quality[i] < _PERFECT}
    again = [i for i in one.told - worst if i < len(quality) and not np.isnan(quality[i])]
    one.told = worst
    for i in (*sorted(worst), *sorted(again)):
        yield Sample(
            metric="feed_quality",
            labels=labels_of(feed=name, symbol=one.state.symbols.names[i]),
            value=float(quality[i]),
        )


def batches_of(batches: Sequence[EventBatch], size: int) -> Iterator[EventBatch]:
    """The batches in pieces of at most `size` events, so that none holds up the event loop."""
    for batch in batches:
        for begin in range(0, len(batch), size):
            whole = len(batch) <= size
            yield batch if whole else batch.take(np.arange(begin, min(begin + size, len(batch))))
