"""A bus within one process: what several parts of it, or tests, share without a server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bongsu.bus_ports import BusAway, BusTaken, Claim
from bongsu.ports import Clock

LEASE = 10.0
"""Seconds for which a claim holds after its owner's last word."""

_BACKLOG = 1_000
"""Messages that may wait for one listener; whoever is slower has lost the connection."""


@dataclass(slots=True)
class _Held:
    holder: str
    until: float


@dataclass(slots=True)
class Exchange:
    """What the ends of one memory bus share. `away` lets tests take it away from everybody."""

    term: int = 0
    away: bool = False
    held: _Held | None = None
    kept: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    hearings: list[_MemoryHearing] = field(default_factory=list)

    def cut(self) -> None:
        """Everybody's connection is lost at once, as when a server ends."""
        self.away = True
        for one in list(self.hearings):
            one.lose()


class MemoryBus:
    """Implements the port `Bus`."""

    def __init__(self, exchange: Exchange, *, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock

    async def claim(self, identity: str, boot: str) -> Claim:
        """Become the owner, unless another identity is."""
        self._reach()
        shared, now = self._exchange, self._clock.monotonic()
        held = shared.held if shared.held is not None and now < shared.held.until else None
        if held is not None and held.holder.rpartition("|")[0] != identity:
            raise BusTaken(held.holder, left=held.until - now)
        if held is None or held.holder != f"{identity}|{boot}":
            shared.term += 1
        claim = Claim(identity=identity, boot=boot, term=shared.term)
        shared.held = _Held(claim.holder, now + LEASE)
        return claim

    async def tell(self, claim: Claim, message: bytes) -> bool:
        """To whoever listens, while the claim holds."""
        self._reach()
        shared, now = self._exchange, self._clock.monotonic()
        if shared.held is None or shared.held.holder != claim.holder or now >= shared.held.until:
            return False
        shared.held.until = now + LEASE
        for one in list(shared.hearings):
            one.put(message)
        return True

    async def release(self, claim: Claim) -> None:
        """Give it up."""
        held = self._exchange.held
        if held is not None and held.holder == claim.holder:
            self._exchange.held = None

    async def keep(self, name: str, value: bytes, *, seconds: int) -> None:
        """Until its time is over."""
        self._reach()
        self._exchange.kept[name] = (value, self._clock.monotonic() + seconds)

    async def kept(self, name: str) -> bytes | None:
        """The value, while its time lasts."""
        self._reach()
        value, until = self._exchange.kept.get(name, (None, 0.0))
        return value if self._clock.monotonic() < until else None

    async def hear(self) -> _MemoryHearing:
        """From now on."""
        self._reach()
        hearing = _MemoryHearing(self._exchange)
        self._exchange.hearings.append(hearing)
        return hearing

    async def close(self) -> None:
        """Nothing is held."""

    def _reach(self) -> None:
        if self._exchange.away:
            raise BusAway("the memory bus is away")


class _MemoryHearing:
    """One listener's queue."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(self, message: bytes) -> None:
        """Another message; one that doesn't listen loses its connection."""
        if self._waiting.qsize() >= _BACKLOG:
            self.lose()
        else:
            self._waiting.put_nowait(message)

    def lose(self) -> None:
        """End it: what waits is still heard."""
        if self in self._exchange.hearings:
            self._exchange.hearings.remove(self)
            self._waiting.put_nowait(None)

    async def next(self) -> bytes:
        """The next message."""
        message = await self._waiting.get()
        if message is None:
            raise BusAway("the memory bus is away")
        return message

    async def close(self) -> None:
        """Listen no more."""
        if self in self._exchange.hearings:
            self._exchange.hearings.remove(self)
