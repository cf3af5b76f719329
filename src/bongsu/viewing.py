"""A viewer put together: it measures nothing and keeps nothing, but shows what the owner tells over Redis."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from bongsu.bus.follower import Follower
from bongsu.bus.metrics import BEHIND
from bongsu.bus.metrics import METRICS as BUS_METRICS
from bongsu.bus.mirror import Mirror
from bongsu.bus.redis import PATIENCE, redis_bus
from bongsu.bus_ports import Bus
from bongsu.live.hub import Hub
from bongsu.live.metrics import METRICS as LIVE_METRICS
from bongsu.model.catalogue import Catalogue
from bongsu.model.errors import Unavailable
from bongsu.model.query import Latest
from bongsu.model.sample import Batch, Labels, Sample, labels_of
from bongsu.model.series import SeriesTable
from bongsu.ports import Clock, Watched
from bongsu.settings.model import Settings
from bongsu.settings.redis import address_of

_EVERY = 1.0
"""Seconds between two words on how far behind it is, while it is."""
_CAUSES = ("redis", "owner")
_WATCHED = {
    "shop": "shop_",
    "marketplaces": "marketplace_",
    "connections": "connection_",
    "checks": "check_",
    "data": "feed_",
    "services": "service_",
}
"""How the metrics of each begin."""


class Viewing:
    """The inside of a viewer: `open` it, `start` it, `stop` it."""

    def __init__(self, settings: Settings, *, clock: Clock, catalogue: Catalogue, bus: Bus) -> None:
        """See `open`."""
        self.clock = clock
        self.catalogue = catalogue
        self.boot = secrets.token_hex(8)
        self.table = SeriesTable(limit=settings.limits.series)
        self.hub = Hub(
            table=self.table,
            catalogue=catalogue,
            clock=clock,
            boot=self.boot,
            default_interval_seconds=settings.monitoring.live_interval_seconds,
        )
        self.own = OwnFigures(clock)
        self._bus = bus
        mirror = Mirror(table=self.table, catalogue=catalogue, screens=self.hub, own={BEHIND})
        self.follower = Follower(bus, mirror=mirror, clock=clock, interrupted=self.hub.interrupted)
        self._behind = np.array([self.table.intern(BEHIND, labels_of(cause=cause)) for cause in _CAUSES], np.int32)
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock, catalogue: Catalogue) -> Viewing:
        """Put it together; nothing runs yet. The catalogue is what every version knows by itself.

        Raises:
            Unavailable: there is no way to Redis at all.
        """
        for metric in (*LIVE_METRICS, *BUS_METRICS):
            catalogue.declare(metric)
        address = address_of(settings.redis, patience=PATIENCE)
        if address is None:
            raise Unavailable("a viewer needs redis.url", hint="the same as the owner's")
        try:
            bus = redis_bus(address)
        except ModuleNotFoundError:
            hint = "pip install 'bongsu[redis]'"
            raise Unavailable("a viewer needs the package redis", hint=hint) from None
        return cls(settings, clock=clock, catalogue=catalogue, bus=bus)

    async def start(self) -> None:
        """Begin to listen and to show."""
        running = (("hub", self.hub.run()), ("follower", self.follower.run()), ("behind", self._tell_behind()))
        self._tasks = [asyncio.create_task(one, name=f"bongsu-{name}") for name, one in running]

    async def stop(self) -> None:
        """Let go."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._bus.close()

    def watch_ourselves(self, *parts: Watched, children: Callable[[], Mapping[str, int]] | None = None) -> None:
        """What `/metrics` of a viewer tells: its own parts, not what it shows of the owner's."""
        from bongsu.collect.own_process import OwnProcessCollector, no_children

        process = OwnProcessCollector(clock=self.clock, children=children or no_children)
        self.own.of(self.hub, self.follower, _Behind(self.follower), *parts, readings=(process.collect,))

    def watches(self) -> list[str]:
        """What the owner watches besides its machine, as far as its metrics tell; see `Engine.watches`."""
        return [name for name, begin in _WATCHED.items() if any(one.startswith(begin) for one in self.table.metrics())]

    def missing(self) -> list[str]:
        """What isn't ready yet."""
        return [] if self.follower.synced else ["the owner's first values"]

    def degraded(self) -> list[str]:
        """What is served all the same, but not as it should be."""
        cause = self.follower.cause
        return [] if cause is None else [f"{cause} is away: values are {self.follower.behind:.0f} s old"]

    async def _tell_behind(self) -> None:
        """Let screens know how old everything is, while it is older than it should be; and once that it isn't."""
        said = True
        while True:
            cause, now = self.follower.cause, self.clock.now()
            if cause is not None or said:
                value = np.array([self.follower.behind if one == cause else 0.0 for one in _CAUSES])
                self.hub.publish(Batch(series=self._behind, at=np.full(len(_CAUSES), now), value=value))
            said = cause is not None
            await self.clock.sleep_until(self.clock.monotonic() + _EVERY)


class _Behind:
    """How far behind the viewer is, for its own `/metrics`."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    def figures(self) -> Iterable[Sample]:
        """One series a cause."""
        for cause in _CAUSES:
            behind = self._follower.behind if self._follower.cause == cause else 0.0
            yield Sample(metric=BEHIND, labels=labels_of(cause=cause), value=behind)


class OwnFigures:
    """The viewer's own figures, read when somebody asks: implements the port `Newest`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._parts: tuple[Watched, ...] = ()
        self._readings: tuple[Callable[[], Iterable[Sample]], ...] = ()

    def of(self, *parts: Watched, readings: Iterable[Callable[[], Iterable[Sample]]] = ()) -> None:
        """The figures of these parts, and what these readings give."""
        self._parts = parts
        self._readings = tuple(readings)

    def latest(self, metric: str | None = None, labels: Labels = ()) -> list[Latest]:
        """All figures, as they are now."""
        now = self._clock.now()
        samples = [one for part in self._parts for one in part.figures()]
        samples += [one for reading in self._readings for one in reading()]
        wanted = set(labels)
        return [
            Latest(metric=one.metric, labels=one.labels, value=one.value, at=now)
            for one in samples
            if metric in (None, one.metric) and wanted.issubset(one.labels)
        ]
