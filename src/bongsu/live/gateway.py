"""The gateway: who may connect, who is still there, and how everybody is sent home."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import structlog

from bongsu.live.alarm import Alarm
from bongsu.live.command import Allowance
from bongsu.live.connection import Connection
from bongsu.live.door import Check, Enter, Handshake, Pass, Refused
from bongsu.live.hub import Hub
from bongsu.live.notes import Notes
from bongsu.model.sample import Sample, labels_of
from bongsu.ports import Clock

_OWN_PORT: Final = frozenset({"/", "/live"})
_WEB_PORT: Final = frozenset({"/live"})
SIGN_IN_AGAIN: Final = 4401
"""Close code of a connection whose session or token is over."""
_SLOTS: Final = 60
_SAY_SECONDS: Final = 10.0
_SPARE: Final = 256  # connections that may be opening beyond the limit, so that they hear why not


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of the gateway; durations in seconds."""

    clients: int = 5_000
    clients_per_address: int | None = None
    opening: float = 5.0
    """The handshake must be complete by then."""
    greeting: float = 0.2
    """How long a client may take to subscribe before it gets the default subscription."""
    closing: float = 1.0
    """How long a closing handshake may take."""
    ping: float = 60.0
    """How often each peer is asked for a sign of life; after two rounds of silence it is dropped."""
    commands: int = 10
    """Commands a client may send at once; one more every `command_refill`."""
    command_refill: float = 1.0


class Gateway:
    """Connections of one hub, on any number of ports. Implements the port `Watched`.

    For the live port: `loop.create_server(gateway.protocol, sock=…)`; for uvicorn: `Config(ws=gateway.upgraded)`.
    `run()` must be running while connections are open.
    """

    def __init__(
        self, *, hub: Hub, clock: Clock, check: Check, limits: Limits | None = None, enter: Enter | None = None
    ) -> None:
        """`check` decides by host and origin, `enter` (where there are accounts) who may see what."""
        self.hub = hub
        self.protocol_log = logging.Logger("bongsu.live", logging.ERROR)
        """For the protocol's own words: its word on every broken client isn't worth a line each, they are counted."""
        self._log = structlog.get_logger("bongsu.live")
        self._clock = clock
        self._check = check
        self._enter = enter
        self._limits = limits or Limits()
        self._alarm = Alarm(clock)
        self._stopping = False
        self._opening: dict[Connection, None] = {}
        self._closing: dict[Connection, None] = {}
        self._greeted: dict[Connection, float] = {}
        self._open: dict[Connection, int] = {}
        self._slots: list[dict[Connection, None]] = [{} for _ in range(_SLOTS)]
        self._next_slot = itertools.cycle(range(_SLOTS))
        self._by_address: Counter[str] = Counter()
        self._sweep_at = math.inf
        self._sweep_slot = 0
        self._refused = Notes("connections refused")
        self._closed = Notes("connections ended by us")
        self._faults = Notes("commands refused")
        self._said_clients = 0
        self._say_clients_at = -math.inf

    # Doors

    def protocol(self) -> Connection:
        """A connection of the live port: frames at `/` and `/live`."""
        return Connection(self, paths=_OWN_PORT)

    def upgraded(self, **_handed_over: object) -> Connection:
        """A connection that uvicorn makes (`ws=`) and gives its transport after the Upgrade: frames at `/live`."""
        return Connection(self, paths=_WEB_PORT)

    # Connections call these

    @property
    def connections(self) -> Iterable[Connection]:
        """The open connections."""
        return self._open.keys()

    @property
    def clients(self) -> int:
        """Open connections."""
        return len(self._open)

    @property
    def clients_opening(self) -> int:
        """Sockets whose handshake isn't complete yet."""
        return len(self._opening)

    def now(self) -> float:
        """The clock's monotonic seconds."""
        return self._clock.monotonic()

    def allowance(self) -> Allowance:
        """A new client's allowance of commands."""
        return Allowance(burst=self._limits.commands, refill_seconds=self._limits.command_refill)

    def admit(self, handshake: Handshake) -> Pass | Refused | None:
        """The check's word, then the limits', then who it is; what was let in may have a pass."""
        if self._stopping:
            return Refused(status=503, reason="stopping", detail="the server is stopping", retry_after=5)
        refused = self._check(handshake)
        if refused is not None:
            return refused
        if len(self._open) >= self._limits.clients:
            return Refused(status=503, reason="clients", detail="too many live clients; try later", retry_after=10)
        most = self._limits.clients_per_address
        if most is not None and self._by_address[handshake.peer] >= most:
            detail = "too many live clients from this address; close one or try later"
            return Refused(status=503, reason="address", detail=detail, retry_after=10)
        return None if self._enter is None else self._enter(handshake)

    def bound(self, limits: Limits) -> None:
        """Hold to these limits from now on; whoever is connected stays."""
        self._limits = limits

    def turn_out(self) -> None:
        """Close (4401) every connection whose pass doesn't hold any more."""
        for connection in [one for one in self._open if one.ended()]:
            self._closed.count("signed-out", now=self.now())
            connection.close(SIGN_IN_AGAIN, "sign in again")

    def opening(self, connection: Connection) -> None:
        """A socket was accepted."""
        if self._stopping or len(self._opening) + len(self._open) >= self._limits.clients + _SPARE:
            self.count_refused("flood")
            oldest = next(iter(self._opening), None)
            if self._stopping or oldest is None:
                connection.abort()
                return
            del self._opening[oldest]  # sockets held half open by the thousand keep nobody out
            oldest.abort()
        connection.deadline = self.now() + self._limits.opening
        self._opening[connection] = None
        self._alarm.ring()

    def opened(self, connection: Connection) -> None:
        """A handshake succeeded."""
        self._opening.pop(connection, None)
        slot = next(self._next_slot)
        self._open[connection] = slot
        self._slots[slot][connection] = None
        self._by_address[connection.peer] += 1
        self._greeted[connection] = self.now() + self._limits.greeting
        if self._sweep_at == math.inf:
            self._sweep_at = self.now() + self._limits.ping / _SLOTS
        self._alarm.ring()

    def subscribed(self, connection: Connection) -> None:
        """The client has spoken: it doesn't need the default subscription."""
        self._greeted.pop(connection, None)

    def closing(self, connection: Connection) -> None:
        """A closing handshake began, or the socket is being closed."""
        self._forget(connection)
        if connection not in self._closing:
            connection.deadline = self.now() + self._limits.closing
            self._closing[connection] = None
            self._alarm.ring()

    def gone(self, connection: Connection) -> None:
        """The socket is closed."""
        self._forget(connection)
        self._closing.pop(connection, None)

    def count_refused(self, reason: str) -> None:
        """A handshake was refused."""
        self._refused.count(reason, now=self.now())

    def count_closed(self, reason: str) -> None:
        """We ended a connection."""
        self._closed.count(reason, now=self.now())

    def count_fault(self, reason: str) -> None:
        """A command was refused."""
        self._faults.count(reason, now=self.now())

    def _forget(self, connection: Connection) -> None:
        self._opening.pop(connection, None)
        self._greeted.pop(connection, None)
        slot = self._open.pop(connection, None)
        if slot is not None:
            del self._slots[slot][connection]
            self._by_address[connection.peer] -= 1
            if not self._by_address[connection.peer]:
                del self._by_address[connection.peer]

    # The runner

    async def run(self) -> None:
        """Keep deadlines and look for dead peers, until cancelled."""
        while True:
            await self._alarm.wait(self._next())
            now = self.now()
            self._begin_silent(now)
            for waiting, reason in ((self._opening, "opening"), (self._closing, "closing")):
                self._abort_late(waiting, reason, now)
            if self._sweep_at <= now:
                await self._sweep(now)

    def _next(self) -> float:
        """The next moment at which something is to be done; all durations are equal, so the first is the soonest."""
        moments = [self._sweep_at]
        moments += [one.deadline for one in itertools.islice(self._opening, 1)]
        moments += [one.deadline for one in itertools.islice(self._closing, 1)]
        moments += itertools.islice(self._greeted.values(), 1)
        return min(moments)

    def _begin_silent(self, now: float) -> None:
        for connection in list(itertools.takewhile(lambda one: self._greeted[one] <= now, self._greeted)):
            del self._greeted[connection]
            connection.begin()

    def _abort_late(self, waiting: dict[Connection, None], reason: str, now: float) -> None:
        for connection in list(itertools.takewhile(lambda one: one.deadline <= now, waiting)):
            del waiting[connection]
            self.count_closed(reason)
            connection.abort()

    async def _sweep(self, now: float) -> None:
        """Ping one slot's peers and drop those that stayed silent; each slot has its turn once a ping period."""
        self._say_clients(now)
        self._sweep_slot = (self._sweep_slot + 1) % _SLOTS
        for connection in list(self._slots[self._sweep_slot]):
            connection.silent = 0 if connection.heard else connection.silent + 1
            connection.heard = False
            if connection.silent >= 2:
                self.count_closed("silent")
                connection.abort()
            else:
                connection.ping()
        done = not self._open and not self._said_clients
        self._sweep_at = math.inf if done else now + self._limits.ping / _SLOTS
        await asyncio.sleep(0)

    def _say_clients(self, now: float) -> None:
        """Tell the log how many there are, when that has changed and the last word was a while ago."""
        if len(self._open) != self._said_clients and now >= self._say_clients_at:
            self._said_clients = len(self._open)
            self._say_clients_at = now + _SAY_SECONDS
            self._log.info("live clients", open=self._said_clients)

    async def stop(self) -> None:
        """Send everybody home (close 1001) and abort who hasn't gone after the closing time.

        Close the listening sockets first; `run` may be cancelled before or after.
        """
        self._stopping = True
        for connection in list(self._open):
            self._closed.count("stopping", now=self.now(), silently=True)
            connection.close(1001, "the server is stopping")
        for connection in list(self._opening):
            connection.abort()
        until = self.now() + self._limits.closing
        while self._closing and self.now() < until:
            await self._clock.sleep_until(min(until, self.now() + 0.02))
        for connection in list(self._closing):
            connection.abort()
        await asyncio.sleep(0)

    # The port `Watched`

    def figures(self) -> Iterable[Sample]:
        """What was refused, closed and found faulty, by reason."""
        for metric, notes in (
            ("bongsu_live_refused_total", self._refused),
            ("bongsu_live_closed_total", self._closed),
            ("bongsu_live_commands_refused_total", self._faults),
        ):
            for reason, count in notes.counts.items():
                yield Sample(metric=metric, labels=labels_of(reason=reason), value=float(count))
