"""One route's last minute: counts and a sketch that move with time."""

from __future__ import annotations

from collections import deque

from bongsu.model.request import bucket_of

SECONDS = 60
"""The window."""


class _Second:
    __slots__ = ("at", "buckets", "errors", "total", "warnings")

    def __init__(self, at: int) -> None:
        self.at = at
        self.total = 0
        self.errors = 0
        self.warnings = 0
        self.buckets: dict[int, int] = {}


class Window:
    """Sums of the last 60 seconds, and since the start. What passes out of the window is taken off, not summed anew."""

    __slots__ = (
        "_seconds",
        "all_errors",
        "all_total",
        "all_warnings",
        "buckets",
        "errors",
        "seen",
        "total",
        "warnings",
    )

    def __init__(self) -> None:
        self._seconds: deque[_Second] = deque()
        self.total = self.errors = self.warnings = 0
        self.all_total = self.all_errors = self.all_warnings = 0
        self.buckets: dict[int, int] = {}
        self.seen = 0

    def one(self, second: int, milliseconds: float, *, error: bool, warning: bool) -> None:
        """Count one request."""
        self.add(second, total=1, errors=int(error), warnings=int(warning), buckets={bucket_of(milliseconds): 1})

    def add(self, second: int, *, total: int, errors: int, warnings: int, buckets: dict[int, int]) -> None:
        """Count many; `second` is that of the wall clock, and never lies before the last one counted."""
        seconds = self._seconds
        if not seconds or seconds[-1].at < second:
            seconds.append(_Second(second))
            self.move(second)
        now = seconds[-1]
        now.total += total
        now.errors += errors
        now.warnings += warnings
        self.total += total
        self.errors += errors
        self.warnings += warnings
        self.all_total += total
        self.all_errors += errors
        self.all_warnings += warnings
        for bucket, count in buckets.items():
            now.buckets[bucket] = now.buckets.get(bucket, 0) + count
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count
        self.seen = second

    def move(self, second: int) -> None:
        """Let go of what is more than a minute old at `second`."""
        seconds = self._seconds
        while seconds and seconds[0].at <= second - SECONDS:
            old = seconds.popleft()
            self.total -= old.total
            self.errors -= old.errors
            self.warnings -= old.warnings
            for bucket, count in old.buckets.items():
                left = self.buckets[bucket] - count
                if left:
                    self.buckets[bucket] = left
                else:
                    del self.buckets[bucket]
