"""From counts to scores: the dimensions of data quality, after ISO/IEC 25012 and 25024 (X = A / B).

Everything is a share between 0 and 1; NaN says that there was nothing to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import Bools
from bongsu.model.sample import Float64s
from bongsu.quality.counters import Count

Dimension: TypeAlias = Literal["completeness", "accuracy", "timeliness", "consistency"]
DIMENSIONS: tuple[Dimension, ...] = ("completeness", "accuracy", "timeliness", "consistency")
BESIDE = ("validity", "uniqueness")

EQUAL: Mapping[Dimension, float] = dict.fromkeys(DIMENSIONS, 1.0)
Z = 1.959963984540054
"""Quantile of the normal distribution for the Wilson interval: 95 %."""

_ENOUGH_EXPECTED = 16.0
_CHANCE = 3.0
"""Deviations below the expected number of events that chance explains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores of symbols (or of one feed): an entry each. `worst` is an index into `DIMENSIONS`, −1 without score."""

    dimensions: Mapping[Dimension, Float64s]
    validity: Float64s
    uniqueness: Float64s
    quality: Float64s
    lower: Float64s
    """Wilson's lower bound of the quality for as many events as there were: what few events prove at least."""
    worst: NDArray[np.int8]


def share(part: NDArray[Any], whole: NDArray[Any], *, none: float = np.nan) -> Float64s:
    """part / whole, `none` where there is no whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, none)


def freshness(age: Float64s, usual: Float64s) -> Float64s:
    """exp(−max(0, age − usual) / usual): 1 up to the usual silence; 1 too where that isn't known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isnan(age) | np.isnan(usual), 1.0, np.exp(-np.maximum(0.0, age - usual) / usual))


def completeness(counts: NDArray[Any]) -> Float64s:
    """Sequence (or number of events) × minutes covered × required fields present."""
    at = counts.T
    came, lost = at[Count.SEQUENCED].astype(np.float64), at[Count.LOST]
    whole = np.maximum(came + lost, came)
    expected = at[Count.EXPECTED]
    least = expected - _CHANCE * np.sqrt(np.maximum(expected, 0))
    counted = np.where(expected > _ENOUGH_EXPECTED, np.minimum(1.0, share(at[Count.EVENTS], least, none=1.0)), 1.0)
    whole_sequence = np.where(whole > 0, share(came, whole), counted)
    covered = share(at[Count.COVERED], at[Count.COVERABLE], none=1.0)
    present = share(at[Count.PRESENT], at[Count.REQUIRED], none=1.0)
    judged = (at[Count.EVENTS] > 0) | (at[Count.COVERABLE] > 0) | (whole > 0)
    return np.where(judged, whole_sequence * covered * present, np.nan)


def scores(counts: NDArray[Any], fresh: Float64s, weights: Mapping[Dimension, float] = EQUAL) -> Scores:
    """Scores from counts (a row each) and freshness."""
    at = counts.T
    events = at[Count.EVENTS]
    on_time = 1.0 - share(at[Count.LATE], events, none=0.0)
    found: dict[Dimension, Float64s] = {
        "completeness": completeness(counts),
        "accuracy": 1.0 - share(at[Count.IMPLAUSIBLE], events),
        "timeliness": np.where((events > 0) | (fresh < 1.0), on_time * fresh, np.nan),
        "consistency": 1.0 - share(at[Count.INCONSISTENT], events),
    }
    nothing: Bools = np.isnan(found["completeness"])
    for name in DIMENSIONS:
        found[name] = np.where(nothing, np.nan, found[name])
    quality, worst = geometric(found, weights)
    return Scores(
        dimensions=found,
        validity=share(at[Count.CONFORMING], at[Count.FIELDS]),
        uniqueness=1.0 - share(at[Count.DUPLICATES], events),
        quality=quality,
        lower=wilson_lower(quality, events),
        worst=worst,
    )


def geometric(
    found: Mapping[Dimension, Float64s], weights: Mapping[Dimension, float]
) -> tuple[Float64s, NDArray[np.int8]]:
    """The weighted geometric mean of the dimensions that could be judged, and which of them is worst."""
    table = np.stack([found[name] for name in DIMENSIONS])
    weight = np.array([weights[name] for name in DIMENSIONS])[:, None] * ~np.isnan(table)
    total = weight.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(weight > 0, weight * np.log(np.where(weight > 0, table, 1.0)), 0.0).sum(axis=0)
        quality = np.where(total > 0, np.exp(logs / total), np.nan)
    judged = np.where(weight > 0, table, np.inf)
    worst = np.where(total > 0, judged.argmin(axis=0), -1).astype(np.int8)
    return quality, worst


def wilson_lower(part: Float64s, count: NDArray[Any], z: float = Z) -> Float64s:
    """Wilson's lower bound of a share seen on `count` events, `z` standard errors away (95 %); NaN without events."""
    with np.errstate(divide="ignore", invalid="ignore"):
        square = z * z / count
        middle = part + square / 2
        spread = z * np.sqrt(np.maximum(0.0, part * (1 - part) / count + square / (4 * count)))
        return np.where(count > 0, np.maximum(0.0, (middle - spread) / (1 + square)), np.nan)
