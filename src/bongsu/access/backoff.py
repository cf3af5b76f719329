"""Who failed to sign in too often waits, twice as long each time: by account and by address.

Pure: the time comes from the caller. An attempt counts as failed when it begins: many at once are no way around.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

LONGEST_WAIT = 900.0
"""Seconds: who holds an account's door shut from elsewhere holds it for a quarter of an hour at most."""
FORGOTTEN = 12 * 3600.0
"""Seconds without a failure after which the count begins anew."""


@dataclass(slots=True)
class _Failures:
    count: int
    until: float
    last: float


class Backoff:
    """Failures by key. `free` may fail before the first wait of `first` seconds; `keys` are remembered at most."""

    def __init__(self, *, free: int, first: float = 1.0, keys: int = 10_000) -> None:
        self._free = free
        self._first = first
        self._keys = keys
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def wait(self, key: str, now: float) -> float:
        """Seconds until this key may try again; 0 where it may now."""
        failures = self._failures.get(key)
        return max(0.0, failures.until - now) if failures else 0.0

    def failed(self, key: str, now: float) -> None:
        """Count a failure."""
        failures = self._failures.pop(key, None)
        if failures is None or now - failures.last > FORGOTTEN:
            failures = _Failures(0, 0.0, now)
        failures.count += 1
        failures.last = now
        over = failures.count - self._free
        if over >= 0:
            failures.until = now + min(LONGEST_WAIT, self._first * 2.0 ** min(over, 30))
        self._failures[key] = failures
        while len(self._failures) > self._keys:
            self._failures.popitem(last=False)

    def forget(self, key: str) -> None:
        """It succeeded: nothing of it is held against this key any more."""
        self._failures.pop(key, None)

    def take_back(self, key: str) -> None:
        """It succeeded: this one attempt is not held against the key, earlier ones are."""
        failures = self._failures.get(key)
        if failures is not None:
            failures.count -= 1
            if failures.count <= 0:
                del self._failures[key]
            elif failures.count < self._free:
                failures.until = 0.0
