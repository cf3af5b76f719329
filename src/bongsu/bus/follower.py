"""The viewer's side: listens to the owner, reads the latest values at first and after each gap, and says how it is."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeAlias

import structlog

from bongsu.bus.message import LATEST, Unreadable, decoded, latest_of
from bongsu.bus.mirror import Mirror
from bongsu.bus.pause import Pause
from bongsu.bus_ports import Bus, BusAway, Hearing
from bongsu.model.sample import Sample
from bongsu.ports import Clock

Cause: TypeAlias = Literal["redis", "owner"]

QUIET: Final = 5.0
"""Seconds of silence after which the owner is called away: it tells something every two."""
_READ_EVERY: Final = 0.5
"""Seconds between two readings of the latest values while something is missing."""

_log = structlog.get_logger(__name__)


class Follower:
    """Implements the port `Watched`; `run` keeps the mirror up until it is cancelled.

    `interrupted` is called when something was missed and is made good as far as the latest values go: screens should
    be told of the gap.
    """

    def __init__(
        self,
        bus: Bus,
        *,
        mirror: Mirror,
        clock: Clock,
        interrupted: Callable[[], None],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._bus = bus
        self._mirror = mirror
        self._clock = clock
        self._interrupted = interrupted
        self._pause = Pause(chance)
        self._gap = False
        self._read_at = -1e9
        self._heard_at = clock.monotonic()
        self.cause: Cause | None = "owner"
        """What is away, None while all is well."""
        self._messages = self._bytes = self._errors = 0
        self._delay_ms = 0.0

    @property
    def synced(self) -> bool:
        """Whether there is a first picture of what the owner measures."""
        return self._mirror.begun

    @property
    def behind(self) -> float:
        """Seconds since the owner's last word, 0 while all is well."""
        return self._clock.monotonic() - self._heard_at if self.cause else 0.0

    async def run(self) -> None:
        """Follow, and come back whenever the bus does."""
        while True:
            try:
                hearing = await self._bus.hear()
                try:
                    await self._follow(hearing)
                finally:
                    await hearing.close()
            except BusAway as error:
                self._errors += 1
                self._mirror.lost()
                self._gap = self._gap or self._mirror.begun
                self._missing("redis", str(error))
            await self._clock.sleep_until(self._clock.monotonic() + self._pause.next())

    async def _follow(self, hearing: Hearing) -> None:
        self._read_at = -1e9
        await self._read(first=True)
        self._pause.over()
        waiting = asyncio.ensure_future(hearing.next())
        try:
            while True:
                await self._either(waiting)
                if waiting.done():
                    self._take(waiting.result())
                    waiting = asyncio.ensure_future(hearing.next())
                elif self._clock.monotonic() - self._heard_at >= QUIET:
                    await self._bus.kept(LATEST)  # does Redis answer? else this says so
                    self._missing("owner", "nothing is told")
                await self._read()
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def _either(self, waiting: asyncio.Future[bytes]) -> None:
        """Until there is a message, or something else to do."""
        if waiting.done():
            return
        now = self._clock.monotonic()
        if self._mirror.wanted:
            until = max(self._read_at + _READ_EVERY, now)
        else:
            until = now + 1.0 if self.cause else self._heard_at + QUIET
        timer = asyncio.ensure_future(self._clock.sleep_until(until))
        try:
            await asyncio.wait((waiting, timer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()

    def _take(self, data: bytes) -> None:
        try:
            message = decoded(data)
            missed, begun = self._mirror.missed, self._mirror.begun
            anew = begun and message.boot != self._mirror.boot
            self._mirror.take(message)
        except Unreadable as error:
            _log.warning("a message of the bus can't be read; are all servers of one version?", error=str(error)[:200])
            return
        self._messages += 1
        self._bytes += len(data)
        self._delay_ms = float(self._clock.now() - message.at)
        self._heard_at = self._clock.monotonic()
        self._gap = self._gap or anew or self._mirror.missed > missed
        if not self._mirror.wanted:
            self._well()

    async def _read(self, *, first: bool = False) -> None:
        """Read the latest values where something is missing, not too often."""
        now = self._clock.monotonic()
        if not (first or self._mirror.wanted) or now < self._read_at + _READ_EVERY:
            return
        self._read_at = now
        data = await self._bus.kept(LATEST)
        if data is None:
            return
        try:
            whole = self._mirror.read(latest_of(data))
        except Unreadable as error:
            _log.warning("latest_metrics can't be read; does something else write it?", error=str(error)[:200])
            return
        if whole:
            self._made_good()
            if not first:
                self._well()

    def _well(self) -> None:
        if self.cause:
            _log.info("the owner is heard again", after=round(self.behind, 1))
        self.cause = None
        self._made_good()

    def _made_good(self) -> None:
        """Nothing is missing any more: screens that were left behind begin anew."""
        if self._gap:
            self._gap = False
            self._interrupted()

    def _missing(self, cause: Cause, why: str) -> None:
        if self.cause != cause:
            _log.warning("the owner isn't heard; what is shown is what came last", away=cause, error=why)
        self.cause = cause

    def figures(self) -> Iterable[Sample]:
        """Whether it is connected, what was heard and missed, and how late it came."""
        yield Sample(metric="bongsu_bus_connected", value=float(self.cause != "redis"))
        yield Sample(metric="bongsu_bus_messages_total", value=float(self._messages))
        yield Sample(metric="bongsu_bus_bytes_total", value=float(self._bytes))
        yield Sample(metric="bongsu_bus_missed_total", value=float(self._mirror.missed))
        yield Sample(metric="bongsu_bus_errors_total", value=float(self._errors))
        yield Sample(metric="bongsu_bus_delay_ms", value=self._delay_ms)
