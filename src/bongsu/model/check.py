"""Checks: what one probe of a marketplace, a connection or an address found, and how the watched thing stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bongsu.model.share import Share

State: TypeAlias = Literal[
    "up", "pending", "maintenance", "rate_limited", "degraded", "config_error", "auth_failed", "down"
]
STATES: tuple[State, ...] = (
    "up",
    "pending",
    "maintenance",
    "rate_limited",
    "degraded",
    "config_error",
    "auth_failed",
    "down",
)
"""Mildest first: the place of a state is the value of the `…_state` metrics, so that `max` over a step is its worst."""

UP: frozenset[State] = frozenset({"up", "degraded"})
"""Answers that count as available."""

UNCOUNTED: frozenset[State] = frozenset({"pending", "maintenance", "rate_limited"})
"""States that stay out of availability's denominator."""

Kind: TypeAlias = Literal["marketplace", "check", "connection"]
"""What is watched. The word is the prefix of its metrics and the name of their label."""

WINDOWS: Mapping[str, int] = {"24h": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000, "90d": 7_776_000_000}
"""The ranges availability is told for, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """How long the parts of one exchange took, in milliseconds; None where it didn't come to that part."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    transfer: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one probe found.

    `reason` is one word out of a bounded set (`ip`, `quota`, `timeout` …); `detail` is for people, never holds a
    secret or personal data. `hold_ms` is for how long the other side asked to be left alone. `certificate_ends` is in
    UTC ms. `figures` are what else was read (`memory_bytes` …), named as the metric without its prefix; behind a colon
    stands the queue that it is of.
    """

    at: int
    state: State
    reason: str = ""
    detail: str = ""
    status: int | None = None
    response_ms: float | None = None
    phases: Phases = field(default_factory=Phases)
    certificate_ends: int | None = None
    hold_ms: int | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a watched thing stands after its probes so far.

    `failures` and `successes` are in a row; `refusals` counts answers in a row that ask to be left alone
    (`rate_limited`, `auth_failed`, `config_error`). `next_at` is when it is probed next (UTC ms); `left_alone` counts
    the probes that weren't made because it asked for that.
    """

    state: State = "pending"
    since: int
    reason: str = ""
    detail: str = ""
    failures: int = 0
    successes: int = 0
    refusals: int = 0
    probes: int = 0
    left_alone: int = 0
    next_at: int = 0
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStatus:
    """A watched thing as screens and REST see it. `target` is its address without secrets; times are UTC ms."""

    kind: Kind
    name: str
    title_ko: str
    title_en: str
    protocol: str
    target: str
    interval_ms: int
    standing: Standing
    simulated: bool = False
    key_ends: int | None = None
    availability: Mapping[str, Share] = field(default_factory=dict)
    """By window; a window without a counted probe is left out."""
