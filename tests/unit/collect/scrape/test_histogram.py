"""Buckets become quantiles."""

from __future__ import annotations

import math

import pytest

from bongsu.collect.scrape.histogram import increase, quantiles

BUCKETS = [(0.1, 50.0), (0.5, 90.0), (1.0, 100.0), (math.inf, 100.0)]


def test_quantiles_as_prometheus_tells_them() -> None:
    """Straight lines within a bucket: `histogram_quantile`."""
    assert quantiles(BUCKETS, (0.5, 0.95)) == pytest.approx([0.1, 0.75])
    assert quantiles(BUCKETS, (0.25,)) == pytest.approx([0.05])


def test_what_lies_in_the_endless_bucket_is_told_as_its_lower_bound() -> None:
    """The bound below is all that is known."""
    assert quantiles([(1.0, 1.0), (math.inf, 100.0)], (0.99,)) == [1.0]


def test_nothing_observed_has_no_quantiles() -> None:
    """Nothing came, or the endless bucket is missing: NaN."""
    assert all(map(math.isnan, quantiles([(1.0, 0.0), (math.inf, 0.0)])))
    assert all(map(math.isnan, quantiles([(1.0, 5.0)])))
    assert all(map(math.isnan, quantiles([])))


def test_what_came_since() -> None:
    """Growth by bucket; a counter that began anew, or other bounds, count from nothing."""
    later = [(0.1, 60.0), (0.5, 100.0), (1.0, 110.0), (math.inf, 111.0)]
    assert increase(BUCKETS, later) == [(0.1, 10.0), (0.5, 10.0), (1.0, 10.0), (math.inf, 11.0)]
    assert increase(later, BUCKETS) == BUCKETS
    assert increase(BUCKETS[1:], BUCKETS) == BUCKETS
