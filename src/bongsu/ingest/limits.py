"""How much a sender may send: the bounds of the gate and of the intake."""

from __future__ import annotations

from dataclasses import dataclass

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLimits:
    """Bounds of one sample. Times are milliseconds around the time of arrival."""

    name_length: int = 200
    labels: int = 32
    label_value_bytes: int = 1_024
    past_ms: int = 24 * HOUR_MS
    future_ms: int = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """Bounds of one body, of one sender, and of all senders together.

    `in_flight_bytes` counts bodies (inflated ones by their inflated size) from arrival to acknowledgement; it
    must hold at least one body of `inflated_bytes`. Rates allow a burst of `burst_seconds`.
    """

    body_bytes: int = 16 * MEBIBYTE
    inflated_bytes: int = 64 * MEBIBYTE
    in_flight_bytes: int = 128 * MEBIBYTE
    samples: int = 1_000_000
    samples_per_second: float = 2_000_000
    bodies_per_second: float = 2_000
    burst_seconds: float = 2.0
    senders: int = 10_000
    refusals_listed: int = 1_000
