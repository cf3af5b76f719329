"""Who is connected over HTTP, how fast each address asks, and whom there is no room for.

Programs of this machine aren't held to the limits per address (a proxy before us counts for itself), unless
`count_loopback` says so.
"""

from __future__ import annotations

import ipaddress
import math
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from bongsu.http.limits import ServerLimits
from bongsu.model.errors import BongsuError, TooMany, Unavailable
from bongsu.model.sample import Sample, labels_of
from bongsu.ports import Clock

_REMEMBERED = 10_000
"""Addresses whose allowance is kept; whoever was heard of longest ago is forgotten."""
_BURST_SECONDS = 5.0
"""As many requests as are allowed in this time may come at once: a page loads its modules together."""
INGEST = frozenset({"/api/v1/samples", "/api/v1/events", "/api/v1/requests"})
"""Have bounds of their own, by sender."""


class Guest(Protocol):
    """A connection as the crowd sees it."""

    def dismiss(self) -> None:
        """Close it: it only waits, and somebody else needs the room."""
        ...


class Crowd:
    """Implements `Watched`. Everything here is called on the event loop and never blocks."""

    def __init__(self, limits: ServerLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._by_address: Counter[str] = Counter()
        self._guests: dict[Guest, str] = {}
        self._waiting: dict[Guest, None] = {}
        self._secure: set[Guest] = set()
        self._waiting_secure: dict[Guest, None] = {}
        self._allowances: dict[str, tuple[float, float]] = {}
        self._refused: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._guests)

    @property
    def waiting(self) -> int:
        """Connections between two requests, or before the first."""
        return len(self._waiting)

    def come(self, guest: Guest, address: str, *, secure: bool = False) -> BongsuError | None:
        """Take in a connection (over TLS: `secure`); why not, where there is no room for it.

        When all places are taken, whoever has waited longest without a request goes: sockets held open by the thousand
        keep nobody out. Over TLS each that waits holds some 50 KiB, so that fewer may wait.
        """
        if self._counts(address) and self._by_address[address] >= self._limits.connections_per_address:
            self.refused("address")
            return TooMany("too many connections from this address", hint="close some first", retry_after=1)
        if len(self._guests) >= self._limits.connections:
            oldest = next(iter(self._waiting), None)
            if oldest is None:
                self.refused("connections")
                return Unavailable("too many connections", hint="close some, or come back later", retry_after=1)
            self._send_off(oldest)
        self._guests[guest] = address
        self._by_address[address] += 1
        if secure:
            self._secure.add(guest)
        self.wait(guest)
        return None

    def wait(self, guest: Guest) -> None:
        """It is between two requests, or before the first."""
        if guest not in self._guests:
            return
        self._waiting[guest] = None
        if guest in self._secure:
            self._waiting_secure[guest] = None
            if len(self._waiting_secure) > self._limits.secure_waiting:
                self._send_off(next(iter(self._waiting_secure)))

    def ask(self, guest: Guest) -> None:
        """Its request has come."""
        self._waiting.pop(guest, None)
        self._waiting_secure.pop(guest, None)

    def leave(self, guest: Guest) -> None:
        """It is gone, or no longer HTTP."""
        self.ask(guest)
        self._secure.discard(guest)
        address = self._guests.pop(guest, None)
        if address is not None:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    def spend(self, address: str) -> None:
        """Count one request of an address.

        Raises:
            TooMany: it asks too fast.
        """
        if not self._counts(address):
            return
        rate, now = self._limits.requests_per_second, self._clock.monotonic()
        most = max(1.0, rate * _BURST_SECONDS)
        left, since = self._allowances.pop(address, (most, now))
        left = min(most, left + (now - since) * rate)
        if left < 1:
            self._allowances[address] = (left, now)
            self.refused("rate")
            raise TooMany(
                f"this address asks more than {rate:g} times a second",
                hint="ask less often, or wait for live frames instead",
                retry_after=max(1, math.ceil((1 - left) / rate)),
            )
        if len(self._allowances) >= _REMEMBERED:
            del self._allowances[next(iter(self._allowances))]
        self._allowances[address] = (left - 1, now)

    def refused(self, reason: str) -> None:
        """Count what was refused."""
        self._refused[reason] += 1

    def figures(self) -> Iterable[Sample]:
        """Open connections, and what was refused by reason."""
        yield Sample(metric="bongsu_http_connections", value=float(len(self._guests)))
        for reason, count in self._refused.items():
            yield Sample(metric="bongsu_http_refused_total", labels=labels_of(reason=reason), value=float(count))

    def _send_off(self, guest: Guest) -> None:
        self.refused("crowded")
        self.leave(guest)
        guest.dismiss()

    def _counts(self, address: str) -> bool:
        return self._limits.count_loopback or not is_loopback(address)


@lru_cache(maxsize=1_024)
def is_loopback(address: str) -> bool:
    """Whether somebody comes from this very machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return not address  # a socket in the file system has none; what can't be read counts
