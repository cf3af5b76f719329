"""A rule: which condition of which series is worth an alert."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from bongsu.model.alert import Severity
from bongsu.model.sample import Labels

RuleKind: TypeAlias = Literal["threshold", "change", "no_data", "anomaly"]
"""`threshold` compares what was measured; `change` by how much it rose or fell within the window; `no_data` asks
for silence; `anomaly` compares the detector's newest score."""

RuleAggregation: TypeAlias = Literal["last", "avg", "min", "max", "sum", "count", "rate"]
"""How the samples of a window become one value; `last` is the newest sample whatever the window."""

Across: TypeAlias = Literal["avg", "min", "max", "sum"]
"""How the values of several series become one, where a rule groups them with `by`."""

Operator: TypeAlias = Literal[">", ">=", "<", "<=", "==", "!="]
OnNoData: TypeAlias = Literal["ignore", "fire", "resolve"]
Measure: TypeAlias = Literal["absolute", "percent"]
RuleSource: TypeAlias = Literal["settings", "thresholds", "screen"]

ACROSS: dict[RuleAggregation, Across] = {
    "last": "sum",
    "avg": "avg",
    "min": "min",
    "max": "max",
    "sum": "sum",
    "count": "sum",
    "rate": "sum",
}
"""What `across` is where a rule doesn't say it."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One checked rule. Lengths of time are milliseconds; `value` and `clear` are in the metric's unit.

    `labels` select series: each pair must be there; a value ending in `*` matches a prefix. `by` is None where each
    series stands on its own, else the labels whose values make a group, () being one group over all. `clear` is
    the value at which a standing breach is over; it equals `value` where a rule gives none. `change` says whether
    a rule of that kind compares the difference or per cent of the old value. `when` is a text that
    `calendars.weekly` reads; "" is always. `source` is where it came from.
    """

    id: str
    name: str
    metric: str
    kind: RuleKind = "threshold"
    enabled: bool = True
    labels: Labels = ()
    by: tuple[str, ...] | None = None
    aggregation: RuleAggregation = "last"
    across: Across = "sum"
    window_ms: int = 60_000
    change: Measure = "absolute"
    op: Operator = ">"
    value: float = 0.0
    clear: float = 0.0
    for_ms: int = 0
    keep_firing_ms: int = 0
    no_data: OnNoData = "ignore"
    no_data_after_ms: int = 300_000
    severity: Severity = "warning"
    message: str = ""
    when: str = ""
    channels: tuple[str, ...] = ()
    escalation: str = ""
    group_by: tuple[str, ...] = ()
    source: RuleSource = "settings"


class RuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a rule that was changed on a screen or through REST: its number (from 1), when, by whom.

    `body` is the rule as JSON text, None where it was removed by this version; `difference` are the lines in which it
    differs from the version before, each with - or + before it (none for the first).
    """

    number: int
    at: int
    by: str
    body: str | None
    difference: tuple[str, ...] = ()
