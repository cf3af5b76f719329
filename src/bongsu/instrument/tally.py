"""Sums of requests by service and route, waiting to be sent. Used by any number of threads."""

from __future__ import annotations

import threading

from bongsu.model.request import Requests, bucket_of

_MOST = 2_000
"""Routes kept apart until the next sending; more are counted together."""
OTHERS = "(others)"


class _Sum:
    __slots__ = ("buckets", "errors", "total", "warnings")

    def __init__(self) -> None:
        self.total = 0
        self.errors = 0
        self.warnings = 0
        self.buckets: dict[int, int] = {}


class Tally:
    """Adds up; `taken` gives the sums and starts anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[tuple[str, str], _Sum] = {}

    def add(self, service: str, route: str, milliseconds: float, *, error: bool = False, warning: bool = False) -> None:
        """Count one request."""
        bucket = bucket_of(milliseconds)
        with self._lock:
            key = (service, route)
            found = self._sums.get(key)
            if found is None:
                if len(self._sums) >= _MOST:
                    key = (service, OTHERS)
                found = self._sums.setdefault(key, _Sum())
            found.total += 1
            found.errors += error
            found.warnings += warning
            found.buckets[bucket] = found.buckets.get(bucket, 0) + 1

    def taken(self) -> list[Requests]:
        """The sums since the last time."""
        with self._lock:
            sums, self._sums = self._sums, {}
        return [
            Requests(
                service=service,
                route=route,
                total=one.total,
                errors=one.errors,
                warnings=one.warnings,
                latency={str(bucket): count for bucket, count in one.buckets.items()},
            )
            for (service, route), one in sums.items()
        ]
