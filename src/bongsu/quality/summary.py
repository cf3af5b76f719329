"""How a feed does at a moment: scores of its symbols and of the whole, over one of the windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bongsu.model.event import Bools
from bongsu.model.sample import Float64s
from bongsu.quality.counters import Count, Counts, Window
from bongsu.quality.feed import FeedState
from bongsu.quality.score import DIMENSIONS, Dimension, Scores, freshness, scores
from bongsu.quality.watch import Watch

MINUTES: dict[Window, int] = {"1m": 1, "5m": 5, "1h": 60, "1d": 60}
"""Whole minutes of which a window's delay is told; more than an hour isn't kept."""

RANKS = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A feed over a window; `coverage` is per cent, `delay` s by rank; None where there is nothing to tell."""

    counts: Counts
    fresh: Float64s
    whole: Scores
    coverage: float | None
    expected: int
    seen: int
    delay: dict[float, float] | None
    events_per_second: float


def weights_of(feed: FeedState) -> dict[Dimension, float]:
    """The weights that the settings give the dimensions."""
    weights = feed.settings.weights
    return {name: float(getattr(weights, name)) for name in DIMENSIONS}


def fresh_of(feed: FeedState) -> Float64s:
    """Freshness of each symbol now; 1 while closed, and where the symbol isn't expected."""
    count = len(feed.symbols)
    if feed.session is None:
        return np.ones(count)
    return freshness(feed.rates.ages(count, feed.clock), feed.rates.usual[:count])


def summary(feed: FeedState, watch: Watch, window: Window) -> Summary:
    """The feed as it is at `feed.now`."""
    count = len(feed.symbols)
    counts = feed.counters.window(window, count)
    fresh = fresh_of(feed)
    pooled = counts.sum(axis=0, dtype=np.int64)[None, :]
    expected, coming = watch.expected()
    should, are = int(expected.sum()), int(coming.sum())
    quantiles = feed.delays.quantiles(RANKS, MINUTES[window])
    closed = feed.session is None and not pooled[0, Count.EVENTS]
    if closed:
        pooled = np.zeros_like(pooled)
    return Summary(
        counts=counts,
        fresh=fresh,
        whole=scores(pooled, np.array([_mean_fresh(fresh, expected)]), weights_of(feed)),
        coverage=None if closed or not should else 100.0 * are / should,
        expected=should,
        seen=are,
        delay=None if quantiles is None else dict(zip(RANKS, quantiles, strict=True)),
        events_per_second=0.0,
    )


def _mean_fresh(fresh: Float64s, expected: Bools) -> float:
    """Of the symbols that should be coming."""
    return float(fresh[expected].mean()) if expected.any() else 1.0


def symbol_scores(feed: FeedState, one: Summary) -> Scores:
    """The scores of every symbol."""
    return scores(one.counts, one.fresh, weights_of(feed))
