"""The bounds of the HTTP server."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from bongsu.settings.limits import Limits

MEBIBYTE = 1 << 20


@dataclass(slots=True, kw_only=True)
class ServerLimits:
    """Bounds of requests, answers and connections. Times are seconds; `…_per_address` and `requests_per_second` are
    for one address each, this machine's own only with `count_loopback`.

    `body_bytes` bounds one body as sent, `reading_bytes` all bodies being received; `query_points` and
    `query_series` bound one answer; `handshakes` are those of TLS under way at once, on each port, `secure_waiting` the
    connections over TLS that are between two requests.

    Whoever keeps them holds the one instance: `adopt` changes them for all while they run.
    """

    body_bytes: int = 16 * MEBIBYTE
    reading_bytes: int = 128 * MEBIBYTE
    body_seconds: float = 30.0
    query_points: int = 1_000_000
    query_series: int = 1_000
    connections: int = 2_000
    head_bytes: int = 32 << 10
    head_seconds: float = 10.0
    idle_seconds: int = 30
    stop_seconds: int = 5
    stall_seconds: float = 60.0
    connections_per_address: int = 200
    requests_per_second: float = 100.0
    handshakes: int = 128
    secure_waiting: int = 500
    count_loopback: bool = False

    def adopt(self, others: Self) -> None:
        """Be as the others are from now on; what is open stays open."""
        for one in fields(self):
            setattr(self, one.name, getattr(others, one.name))


def bounds_of(limits: Limits) -> ServerLimits:
    """The bounds as the settings have them."""
    return ServerLimits(
        body_bytes=limits.body_bytes,
        reading_bytes=limits.in_flight_bytes,
        query_points=limits.query_points,
        query_series=limits.query_series,
        connections=limits.http_connections,
        connections_per_address=limits.http_connections_per_address,
        requests_per_second=limits.http_requests_per_second,
        handshakes=limits.tls_handshakes,
        secure_waiting=limits.tls_waiting,
        head_seconds=limits.http_head_seconds,
        body_seconds=limits.http_body_seconds,
        idle_seconds=limits.http_idle_seconds,
        stall_seconds=limits.http_stall_seconds,
        count_loopback=limits.count_loopback,
    )
