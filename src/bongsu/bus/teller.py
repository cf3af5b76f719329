"""The owner's side: tells the bus what changes, a message a tick, and leaves the latest values there.

Values never wait: while the bus is away or slow, the next message simply carries what is newest by then. Events
(alerts, checks, marks) wait in a bounded queue.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec
import numpy as np
import structlog
from numpy.typing import NDArray

from bongsu.bus.message import (
    LATEST,
    LATEST_SECONDS,
    VERSION,
    Event,
    Happening,
    Known,
    Message,
    encoded,
    head_of_latest,
    packed,
)
from bongsu.bus.pause import Pause
from bongsu.bus_ports import Bus, BusAway, BusTaken, Claim, Newest
from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import Metric, Topic
from bongsu.model.sample import Batch, Sample
from bongsu.model.series import SeriesTable
from bongsu.ports import Clock

SETTLE: Final = 0.02
"""Seconds that changes may take to gather: collectors hand over several batches within milliseconds."""
GAP: Final = 0.1
"""Seconds from one message to the next at the least: the shortest interval that a screen can have."""
BEAT: Final = 2.0
"""Seconds after which something is told in any case, so that silence means trouble."""

_SERIES_A_MESSAGE: Final = 5_000
_MOST_EVENTS: Final = 1_000
_EVENTS_A_MESSAGE: Final = 200
_LATEST_EVERY: Final = 1.0
_LATEST_SHARE: Final = 100
"""Writing the latest values takes one part in so many of the time at most."""
_SAY_EVERY: Final = 60.0
_RENEWED: Final = 0.2
"""Seconds by which a claim must hold longer than it did for its holder to be called alive."""

_log = structlog.get_logger(__name__)


class Teller:
    """Implements the ports `Tap` and `Watched`. `begin` claims the bus, `run` tells until it is cancelled."""

    def __init__(
        self,
        bus: Bus,
        *,
        newest: Newest,
        table: SeriesTable,
        catalogue: Catalogue,
        clock: Clock,
        boot: str,
        identity: str,
        built_in: Iterable[str] = (),
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`identity` stays over restarts: a machine and its data folder; `built_in` are metrics every server knows."""
        self._bus = bus
        self._newest = newest
        self._table = table
        self._catalogue = catalogue
        self._built_in = frozenset(built_in)
        self._clock = clock
        self._boot = boot
        self._identity = identity
        self._pause = Pause(chance)
        self._claim: Claim | None = None
        self._taken = False
        self._connected = False
        self._news = asyncio.Event()
        self._events: deque[Event] = deque()
        self._revision = 0
        self._told: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._number = 0
        self._last = -1e9
        self._latest_at = -1e9
        self._said_at = -1e9
        self._messages = self._bytes = self._dropped = self._errors = 0

    # What passes

    def observe(self, batch: Batch) -> None:  # noqa: ARG002 (a tap's shape)
        """Something changed: what, the hub knows."""
        self._news.set()

    def overhear(self, kind: Happening, body: Mapping[str, object], topic: Topic | None) -> None:
        """An event that the hub announces. Never blocks."""
        if len(self._events) >= _MOST_EVENTS:
            self._events.popleft()
            self._dropped += 1
        self._events.append(Event(kind, topic, dict(body)))
        self._news.set()

    # The runner

    async def begin(self) -> None:
        """Claim the bus, waiting until the claim of somebody who died has lapsed. A bus that is away is no trouble.

        Raises:
            BusTaken: somebody else owns it and lives: its claim was renewed while we looked.
        """
        lapses = math.inf
        while True:
            try:
                await self._claimed()
            except BusTaken as error:
                now = self._clock.monotonic()
                if now + error.left > lapses + _RENEWED:
                    raise
                lapses = now + error.left
                await self._clock.sleep_until(now + 0.5)
            except BusAway as error:
                self._lost(error)
                return
            else:
                return

    async def run(self) -> None:
        """Tell what changes, until cancelled."""
        while True:
            await self._something()
            try:
                await self._turn()
            except BusAway as error:
                self._lost(error)
                await self._clock.sleep_until(self._clock.monotonic() + self._pause.next())
            except BusTaken as error:
                self._stood_down(error.holder)
                await self._clock.sleep_until(self._clock.monotonic() + BEAT)

    async def stop(self) -> None:
        """After `run` was cancelled: let the next owner in at once."""
        if self._claim is not None:
            await self._bus.release(self._claim)
        await self._bus.close()

    async def _something(self) -> None:
        """Wait for news, or until it is time for a sign of life; then for what else comes along with it."""
        beat = asyncio.ensure_future(self._clock.sleep_until(self._last + BEAT))
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait((beat, news), return_when=asyncio.FIRST_COMPLETED)
        finally:
            beat.cancel()
            news.cancel()
        await self._clock.sleep_until(max(self._clock.monotonic() + SETTLE, self._last + GAP))
        self._news.clear()

    async def _turn(self) -> None:
        await self._claimed()
        await self._tell()
        now = self._clock.monotonic()
        if now >= self._latest_at:
            await self._keep_latest()
            took = self._clock.monotonic() - now
            self._latest_at = now + max(_LATEST_EVERY, took * _LATEST_SHARE)
        self._pause.over()
        if not self._connected:
            self._connected = True
            _log.info("the bus is there: other servers see what is measured here")

    async def _claimed(self) -> Claim:
        if self._claim is None:
            self._claim = await self._bus.claim(self._identity, self._boot)
            if self._taken:
                _log.info("the bus is ours again")
            self._taken = False
            self._latest_at = -1e9
        return self._claim

    # Messages

    async def _tell(self) -> None:
        """Everything that changed since the last turn, in as many messages as it takes; at least one."""
        revision, batch = self._newest.changes(self._revision)
        for begin in range(0, max(1, len(batch)), _SERIES_A_MESSAGE):
            await self._send(_slice(batch, begin, begin + _SERIES_A_MESSAGE))
        self._revision = revision
        while self._events:
            await self._send(_slice(batch, 0, 0))
        self._last = self._clock.monotonic()

    async def _send(self, batch: Batch) -> None:
        """One message with these values and the events that wait first; what isn't surely told stays."""
        claim = await self._claimed()
        self._number += 1
        events = [self._events[place] for place in range(min(_EVENTS_A_MESSAGE, len(self._events)))]
        known = self._strangers(batch)
        message = encoded(self._message(claim, known=known, events=events, columns=packed(batch)))
        if not await self._bus.tell(claim, message):
            self._claim = None  # it lapsed, or somebody else has it: the next turn asks
            raise BusAway("the claim had lapsed")
        self._messages += 1
        self._bytes += len(message)
        for one in known:
            self._told[one.id] = True
        for event in events:
            if self._events and self._events[0] is event:  # else it was dropped meanwhile
                self._events.popleft()

    def _message(
        self,
        claim: Claim,
        *,
        known: Sequence[Known] = (),
        events: Sequence[Event] = (),
        columns: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Message:
        return Message(
            version=VERSION,
            boot=self._boot,
            term=claim.term,
            number=self._number,
            at=self._clock.now(),
            epoch=self._table.epoch,
            declared=self._own_catalogue({one.metric for one in known}),
            known=list(known),
            events=list(events),
            **columns,
        )

    def _strangers(self, batch: Batch) -> list[Known]:
        """The series in the batch whose names haven't been told yet."""
        if len(self._told) < self._table.end:
            more = np.zeros(self._table.end + self._table.end // 2 - len(self._told), np.bool_)
            self._told = np.concatenate([self._told, more])
        names = []
        for series_id in batch.series[~self._told[batch.series]].tolist():
            series = self._table.get(series_id)
            if series is not None:
                names.append(Known(series_id, series.metric, series.labels))
        return names

    # The latest values

    async def _keep_latest(self) -> None:
        """Leave all values under `latest_metrics`: written in slices, so that other work gets its turn."""
        claim = await self._claimed()
        head = head_of_latest(self._message(claim), self._own_catalogue())
        epoch = self._table.epoch
        _, batch = self._newest.changes(0)
        entries = []
        for begin in range(0, len(batch), _SERIES_A_MESSAGE):
            if begin:
                await asyncio.sleep(0)
            if self._table.epoch != epoch:
                return  # series vanished meanwhile: the next turn tells it right
            entries.append(self._newest.entries(batch.series[begin : begin + _SERIES_A_MESSAGE].astype(np.int64)))
        ids = msgspec.json.encode(batch.series.tolist())
        whole = b'%b,"ids":%b,"metrics":[%b]}' % (head, ids, b",".join(entries))
        await self._bus.keep(LATEST, whole, seconds=LATEST_SECONDS)

    def _own_catalogue(self, names: Collection[str] | None = None) -> list[Metric]:
        """The metrics (of these names) that others can't know from their own version."""
        if names is not None and not any(name in self._catalogue and name not in self._built_in for name in names):
            return []
        wanted = [metric for metric in self._catalogue if metric.name not in self._built_in]
        return wanted if names is None else [metric for metric in wanted if metric.name in names]

    # How it stands

    def _lost(self, error: BusAway) -> None:
        self._errors += 1
        if self._connected or self._errors == 1:
            _log.warning("the bus is away; other servers see nothing new meanwhile", error=str(error))
        self._connected = False

    def _stood_down(self, holder: str) -> None:
        """Somebody else tells now: two owners would show two truths in turn."""
        self._claim = None
        self._taken = True
        now = self._clock.monotonic()
        if now - self._said_at >= _SAY_EVERY:
            self._said_at = now
            _log.error("another server owns the bus; stop one of the two, or start it with --role view", other=holder)

    def trouble(self) -> list[str]:
        """What keeps other servers from seeing what is measured here; nothing when all is well."""
        if self._taken:
            return ["another server owns the bus: others see its values, not these"]
        return [] if self._connected else ["redis is away: other servers see nothing new"]

    def figures(self) -> Iterable[Sample]:
        """Whether it is connected and the owner, and what was told."""
        yield Sample(metric="bongsu_bus_connected", value=float(self._connected))
        yield Sample(metric="bongsu_bus_owner", value=float(self._claim is not None))
        yield Sample(metric="bongsu_bus_messages_total", value=float(self._messages))
        yield Sample(metric="bongsu_bus_bytes_total", value=float(self._bytes))
        yield Sample(metric="bongsu_bus_dropped_total", value=float(self._dropped))
        yield Sample(metric="bongsu_bus_errors_total", value=float(self._errors))


def _slice(batch: Batch, begin: int, end: int) -> Batch:
    return Batch(series=batch.series[begin:end], at=batch.at[begin:end], value=batch.value[begin:end])
