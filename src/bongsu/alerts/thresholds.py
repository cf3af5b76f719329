"""The guide's seven thresholds as rules: what `thresholds` in the settings means without a rule being written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bongsu.model.alert import Severity
from bongsu.model.rule import Operator, Rule
from bongsu.model.rule_names import THRESHOLD_NAMES
from bongsu.model.sample import Labels
from bongsu.settings.coming import Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """One key of the guide: its metric, how long it must last, how bad it is, and where it is over."""

    key: str
    metric: str
    clear: Callable[[float], float]
    labels: Labels = ()
    op: Operator = ">"
    for_ms: int = 60_000
    severity: Severity = "warning"


def _below(points: float) -> Callable[[float], float]:
    return lambda value: max(0.0, value - points)


def _part(share: float) -> Callable[[float], float]:
    return lambda value: value * share


_WATCHED = (
    _Watch(key="cpu_threshold_percent", metric="cpu_usage", clear=_below(5)),
    _Watch(key="memory_threshold_percent", metric="memory_usage", clear=_below(5)),
    _Watch(
        key="disk_threshold_percent",
        metric="disk_usage",
        clear=_below(2),
        severity="error",
    ),
    _Watch(
        key="latency_threshold_ms",
        metric="service_latency_ms",
        labels=(("quantile", "0.95"),),
        clear=_part(0.9),
        for_ms=30_000,
    ),
    _Watch(
        key="error_rate_threshold_percent",
        metric="service_error_rate",
        clear=_part(0.8),
        for_ms=30_000,
        severity="error",
    ),
    _Watch(
        key="data_coverage_threshold_percent",
        metric="feed_coverage",
        op="<",
        clear=lambda value: min(100.0, value + 1),
        severity="error",
    ),
    _Watch(
        key="data_delay_threshold_seconds",
        metric="feed_delay_seconds",
        clear=_part(0.8),
        for_ms=30_000,
        severity="error",
    ),
)


def rules_of(thresholds: Thresholds, *, language: Literal["ko", "en"] = "ko") -> list[Rule]:
    """A rule for each of the seven keys, with the key as its id; it must last half a minute or one.

    Latency is the 95th percentile that services give over their last 60 s; disks, services and feeds each stand alone.
    """
    return [
        Rule(
            id=one.key,
            name=THRESHOLD_NAMES[one.key][language],
            metric=one.metric,
            labels=one.labels,
            op=one.op,
            value=float(getattr(thresholds, one.key)),
            clear=one.clear(float(getattr(thresholds, one.key))),
            for_ms=one.for_ms,
            severity=one.severity,
            source="thresholds",
        )
        for one in _WATCHED
    ]
