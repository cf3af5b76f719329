"""What is asked of history, and what comes back."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import msgspec

from bongsu.model.sample import Float64s, Int64s, Labels

Aggregation: TypeAlias = Literal["avg", "min", "max", "sum", "count", "last", "rate"]
"""How the samples of one step become one point; `rate` is a counter's increase a second, resets respected."""

Tier: TypeAlias = Literal["auto", "raw", "minute", "hour"]
"""Which resolution is read; `auto` takes the coarsest that answers the step exactly and still holds the range."""

AGGREGATIONS: tuple[Aggregation, ...] = get_args(Aggregation)
TIERS: tuple[Tier, ...] = get_args(Tier)


class RangeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Points of the selected series with start ≤ at < end (UTC ms).

    With `step` (ms) the range is cut into steps aligned to multiples of `step` since the epoch and each step
    that holds samples gives one point, stamped with the step's start. Without, raw samples come back.
    A step that the range touches counts whole: the same step has the same value whatever the range around it.
    `limit` bounds the number of series (the lowest ids first).
    """

    metric: str
    labels: Labels = ()
    start: int
    end: int
    step: int | None = None
    agg: Aggregation = "avg"
    tier: Tier = "auto"
    limit: int = 1_000


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """One series of an answer: times (UTC ms, ascending) and values of equal length."""

    metric: str
    labels: Labels
    at: Int64s
    value: Float64s


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """The newest sample of one series."""

    metric: str
    labels: Labels
    value: float
    at: int
