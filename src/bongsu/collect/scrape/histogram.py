"""A histogram's buckets, reduced to quantiles of what came since the scrape before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

SHARES = (0.5, 0.95, 0.99)
"""The quantiles told, as of our own services."""

Bucket = tuple[float, float]
"""Upper bound (may be infinite) and how many observations lie at or below it, cumulated."""


def increase(before: Sequence[Bucket], now: Sequence[Bucket]) -> list[Bucket]:
    """What came since: the buckets' growth; all of `now` where the counter began anew or the bounds changed."""
    same = len(before) == len(now) and all(a[0] == b[0] for a, b in zip(before, now, strict=True))
    if not same or any(b[1] < a[1] for a, b in zip(before, now, strict=True)):
        return list(now)
    return [(bound, count - old) for (bound, count), (_, old) in zip(now, before, strict=True)]


def quantiles(buckets: Sequence[Bucket], shares: Iterable[float] = SHARES) -> list[float]:
    """The quantiles, by straight lines within a bucket (Prometheus' `histogram_quantile`); NaN where nothing came.

    `buckets` ascend by bound. What lies in the last, endless one is told as the bound below it.
    """
    total = buckets[-1][1] if buckets else 0.0
    if not total > 0 or not math.isinf(buckets[-1][0]):
        return [math.nan for _ in shares]
    return [_quantile(buckets, share * total) for share in shares]


def _quantile(buckets: Sequence[Bucket], rank: float) -> float:
    below, lower = 0.0, min(0.0, buckets[0][0])
    for bound, count in buckets:
        if count >= rank:
            if math.isinf(bound):
                return lower
            inside = count - below
            return lower + (bound - lower) * ((rank - below) / inside if inside > 0 else 1.0)
        below, lower = count, bound
    return lower
