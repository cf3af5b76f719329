"""Requests that services answered: one, or many summed up, and the sketch of how long they took."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

GROWTH: Final = 1.04
"""Each bucket of a sketch is 4 % wider than the one before: a quantile is right within 2 %."""
_LOG: Final = math.log(GROWTH)
_HALF: Final = 2 / (1 + GROWTH)
LOWEST: Final = -176
"""The bucket of everything up to 1 µs."""
HIGHEST: Final = 470
"""The bucket of everything from about a day and a half on."""


def bucket_of(milliseconds: float) -> int:
    """The bucket i with GROWTH^(i-1) < ms ≤ GROWTH^i, within the ends (DDSketch: Masson et al., VLDB 2019)."""
    if milliseconds <= 0.001:
        return LOWEST
    return min(HIGHEST, max(LOWEST, math.ceil(math.log(milliseconds) / _LOG)))


def middle_of(bucket: int) -> float:
    """The value (ms) that a bucket stands for: nowhere off by more than (GROWTH - 1) / (GROWTH + 1) = 2 %."""
    return float(GROWTH**bucket * _HALF)


def quantiles(buckets: Mapping[int, int], shares: Iterable[float]) -> list[float]:
    """The quantiles (ms) of a sketch, for ascending shares; NaN where it is empty."""
    total = sum(buckets.values())
    wanted = list(shares)
    if total == 0:
        return [math.nan] * len(wanted)
    found: list[float] = []
    passed = 0
    ordered = iter(sorted(buckets.items()))
    bucket = LOWEST
    for share in wanted:
        rank = min(total, max(1, math.ceil(share * total)))
        while passed < rank:
            bucket, count = next(ordered)
            passed += count
        found.append(middle_of(bucket))
    return found


class Requests(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One request (`ms`), or many of one route summed up (`total`, `latency`: bucket to count, see `bucket_of`).

    An error is a `status` from 500 on, or `error`; a warning a status from 400 on, or `warning`.
    """

    service: str
    route: str = ""
    ms: float | None = None
    status: int | None = None
    error: bool = False
    warning: bool = False
    total: int | None = None
    errors: int = 0
    warnings: int = 0
    latency: dict[str, int] = {}


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """How long requests took, ms; None where there were none."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class RouteView(msgspec.Struct, frozen=True, kw_only=True):
    """One route during the last minute."""

    route: str
    requests: int
    errors: int
    warnings: int
    error_rate: float | None
    latency: Latency
    part: bool = False
    """Whether it is a part of ours at work (a commit, a reading), and no answer that anybody waited for."""


class ServiceView(msgspec.Struct, frozen=True, kw_only=True):
    """One service: the last minute, its worst routes (failing, then slowest), and availability (%) by span.

    `watched_ms` is how much of each span has readings, `watched_since` (UTC ms) where the first of them is.
    """

    service: str
    requests_per_second: float
    requests: int
    errors: int
    warnings: int
    error_rate: float | None
    latency: Latency
    routes: tuple[RouteView, ...] = ()
    availability: dict[str, float] = {}
    watched_ms: dict[str, int] = {}
    watched_since: int | None = None
