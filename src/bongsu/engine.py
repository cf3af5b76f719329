"""The engine: everything that measures, keeps and shows, put together, but for network and screens."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bongsu.accounts import Accounts
from bongsu.alarms import Alarms, Doer, Failed, Surroundings
from bongsu.checking import Checking
from bongsu.collect.host import host_collectors, process_collector
from bongsu.collect.own import collectors_in, installed_collectors, load_collectors
from bongsu.collect.own_process import OwnProcessCollector, no_children
from bongsu.collect.processes import ProcessCollector
from bongsu.collect.scheduler import Scheduler
from bongsu.collect.shop.metrics import metrics as shop_metrics
from bongsu.collect.shop.plan import plan_of
from bongsu.collect.watched import SelfCollector
from bongsu.feeding import Feeding, intake_limits
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import Retention
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.intake import SampleIntake
from bongsu.ingest.limits import GateLimits
from bongsu.known import known_metrics
from bongsu.live.hub import Hub
from bongsu.model.alert import Transition
from bongsu.model.catalogue import Catalogue
from bongsu.model.check import Kind
from bongsu.model.series import SeriesTable
from bongsu.pipeline import Pipeline
from bongsu.ports import Clock, Collector, ShopReader, Watched
from bongsu.services.book import ServiceBook
from bongsu.services.store import CountedStore
from bongsu.settings.model import Settings

if TYPE_CHECKING:
    from bongsu.collect.shop.collector import ShopCollector

_PROCESSES = 5.0
"""Seconds between two walks over all processes: the dearest reading there is."""
OURSELVES = "bongsu"
"""The first service watched: our REST answers, and beside them our parts, each as a route."""
_SELDOM = {"processes": _PROCESSES, "disk_remote": 10.0, "temperature": 10.0}
"""Seconds between two readings at least, of what is dear or changes slowly."""
_SQL, _SCRAPE, _SHOP = "sql:", "scrape:", "shop"
"""How the names of collectors begin that run statements, read targets, and read the shop."""
_OWN_FIGURES = 5.0
"""Seconds between two readings of our own figures: watching ourselves must not be what we cost."""


@dataclass(slots=True)
class Engine:
    """The parts of one Bongsu, wired. Used on one event loop; `open` it, `start` it, `stop` it."""

    settings: Settings
    clock: Clock
    boot: str
    table: SeriesTable
    catalogue: Catalogue
    gate: SampleGate
    hub: Hub
    history: EmbeddedHistory
    store: CountedStore
    pipeline: Pipeline
    intake: SampleIntake
    scheduler: Scheduler
    processes: ProcessCollector
    shop: ShopReader | None
    services: ServiceBook
    checking: Checking
    feeding: Feeding
    alarms: Alarms
    accounts: Accounts
    ours: frozenset[str]
    """Names of metrics that no scraped target may speak for."""
    _hub_task: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        clock: Clock,
        data: Path | None,
        collectors: Iterable[object] = (),
        simulated: bool = False,
    ) -> Engine:
        """Open history in the folder `data` (None keeps all in memory) and wire the parts; nothing runs yet.

        `collectors` are read besides the machine's: decorated functions, `MetricsCollector`s, anything that
        implements the port; those that the settings name come first. `simulated` labels what is checked as stand-ins.

        Raises:
            StorageFull, Unavailable: the folder can't be written.
            CollectorError: a collector can't be had.
        """
        own = [*_named(settings), *(one for thing in collectors for one in collectors_in(thing))]
        table = SeriesTable(limit=settings.limits.series)
        catalogue = known_metrics(settings)
        for metric in (metric for one in own for metric in getattr(one, "metrics", ())):
            catalogue.declare(metric)
        ours = frozenset(metric.name for metric in catalogue)
        own += _scrapers(settings, clock, catalogue, ours)
        boot = secrets.token_hex(8)
        hub = Hub(
            table=table,
            catalogue=catalogue,
            clock=clock,
            boot=boot,
            default_interval_seconds=settings.monitoring.live_interval_seconds,
        )
        gate = SampleGate(table=table, clock=clock, limits=_gate_limits(settings))
        history = await _history(settings, table=table, clock=clock, data=data)
        services = ServiceBook(clock=clock)
        store = CountedStore(
            history, clock=clock, told=_part(services, "store"), noted=services.noting(OURSELVES, "store query")
        )
        pipeline = Pipeline(gate=gate, history=store, live=hub)
        feeding = Feeding.open(
            settings,
            clock=clock,
            data=data,
            table=table,
            catalogue=catalogue,
            history=history,
            announcer=hub,
            pipeline=pipeline,
        )
        try:
            around = Surroundings(
                clock=clock,
                table=table,
                catalogue=catalogue,
                history=history,
                live=hub,
                announcer=hub,
                built_in=_built_in(history, lambda: scheduler),
                scores=feeding.anomalies,
            )
            alarms = await Alarms.open(settings, around, data=data)
            accounts = await Accounts.open(settings, records=alarms.records, clock=clock)
        except BaseException:
            await history.close()
            raise
        pipeline.tap(alarms.tap)  # after the detectors, whose scores rules read
        intake = SampleIntake(gate=gate, taker=pipeline, clock=clock, limits=intake_limits(settings))
        interval = settings.monitoring.update_interval_seconds
        shop = _shop(settings, clock)
        processes = process_collector(clock=clock, interval=max(_PROCESSES, interval))
        scheduler = Scheduler(
            collectors=[
                *host_collectors(clock=clock, interval=interval, processes=processes),
                *([shop] if shop else []),
                services,
                feeding.feeds,
                *own,
            ],
            measure=pipeline.measure,
            clock=clock,
        )
        scheduler.told = _part(services, "collect")
        hub.told = lambda milliseconds, frames: services.part(OURSELVES, "live frames", milliseconds, total=frames)
        return cls(
            settings=settings,
            clock=clock,
            boot=boot,
            table=table,
            catalogue=catalogue,
            gate=gate,
            hub=hub,
            history=history,
            store=store,
            pipeline=pipeline,
            intake=intake,
            scheduler=scheduler,
            processes=processes,
            shop=shop,
            services=services,
            checking=Checking.open(
                settings,
                clock=clock,
                measure=pipeline.measure,
                announcer=hub,
                history=history,
                marks=alarms.records,
                simulated=simulated,
            ),
            feeding=feeding,
            alarms=alarms,
            accounts=accounts,
            ours=ours,
        )

    def watch_ourselves(self, *parts: Watched, children: Callable[[], Mapping[str, int]] = no_children) -> None:
        """Read our own process, its `children` (names and pids), and the figures of all our parts and of `parts`."""
        feeds = self.feeding.feeds
        own: tuple[Watched, ...] = (
            self.gate,
            self.intake,
            self.hub,
            self.history,
            self.scheduler,
            self.checking,
            self.services,
            feeds.intake,
            feeds.keeper,
            *self.feeding.watched,
            *self.alarms.watched,
            self.accounts.service,
        )
        interval = max(_OWN_FIGURES, self.settings.monitoring.update_interval_seconds)
        self.scheduler.add(SelfCollector([*own, *parts], interval=interval))
        self.scheduler.add(OwnProcessCollector(clock=self.clock, interval=interval, children=children))

    def watches(self) -> list[str]:
        """Watched besides this machine: of `shop`, `marketplaces`, `connections`, `checks`, `data`, `services`."""
        kinds: dict[str, Kind] = {"marketplaces": "marketplace", "connections": "connection", "checks": "check"}
        found = [name for name, kind in kinds.items() if self.checking.statuses([kind])]
        if self.shop is not None:
            found.insert(0, "shop")
        if self.feeding.feeds.book.feeds:
            found.append("data")
        if any(view.service != OURSELVES for view in self.services.views()):
            found.append("services")
        return found

    def paces(self, interval: float) -> dict[str, float]:
        """Seconds between two readings, by collector, of all that follow the interval of this machine."""
        own = dict.fromkeys(("bongsu", "own_process"), max(_OWN_FIGURES, interval))
        names = ("cpu", "memory", "disk", "disk_io", "network", "system", *_SELDOM, self.feeding.feeds.name)
        paces = {name: max(_SELDOM.get(name, 0.0), interval) for name in names} | own
        return {name: pace for name, pace in paces.items() if name in self.scheduler.names}

    async def requery(self, settings: Settings) -> None:
        """Ask the databases what these settings say from now on, instead of what was asked."""
        fresh = _sql(settings)
        for one in fresh:
            for metric in getattr(one, "metrics", ()):
                self.catalogue.declare(metric)
        self._renew(_SQL, fresh)

    async def rescrape(self, settings: Settings) -> None:
        """Read the targets of these settings from now on, instead of those that were read."""
        self._renew(_SCRAPE, _scrapers(settings, self.clock, self.catalogue, self.ours))

    async def reshop(self, settings: Settings) -> None:
        """Read the shop of these settings from now on, or none."""
        shop = _shop(settings, self.clock)
        for metric in shop_metrics(settings.shop.currency):
            self.catalogue.declare(metric)
        self._renew(_SHOP, [shop] if shop else [])
        self.shop = shop

    async def bound(self, settings: Settings) -> None:
        """Hold what is taken in to the limits of these settings from now on; what is there stays."""
        self.table.limit = settings.limits.series
        self.gate.limits = _gate_limits(settings)
        self.intake.bound(intake_limits(settings))
        self.feeding.feeds.bound(settings)

    def _renew(self, kind: str, fresh: Iterable[Collector]) -> None:
        for name in self.scheduler.names:
            if name.startswith(kind):
                self.scheduler.remove(name)
        for one in fresh:
            self.scheduler.add(one)

    def answered(self, route: str, status: int, milliseconds: float) -> None:
        """Count a request that we answered ourselves: the first service watched. A client that left is no error."""
        self.services.note(OURSELVES, route, milliseconds, error=status >= 500, warning=400 <= status < 500)

    async def start(self) -> None:
        """Begin to measure and to tell."""
        self._hub_task = asyncio.create_task(self.hub.run(), name="bongsu-hub")
        await self.feeding.start()
        await self.alarms.start()
        self.accounts.start()
        self.scheduler.start()
        await self.checking.start()

    async def stop(self) -> None:
        """Stop measuring, write everything accepted and let go of the files."""
        await self.checking.stop()
        await self.scheduler.stop()
        await self.feeding.stop()
        await self.accounts.stop()
        await self.alarms.stop()
        await self.history.close()
        if self._hub_task is not None:
            self._hub_task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._hub_task


def _part(services: ServiceBook, room: str) -> Callable[[str, float, bool], None]:
    """Counts what a room did as a route of ours: `store commit`, `collect cpu`."""

    def told(what: str, milliseconds: float, worked: bool) -> None:
        services.part(OURSELVES, f"{room} {what}", milliseconds, errors=int(not worked))

    return told


def _built_in(history: EmbeddedHistory, scheduler: Callable[[], Scheduler]) -> dict[str, Doer]:
    """What automatic actions can do to this server."""

    async def clean_old_data(_: Transition) -> str:
        history.tend()
        return "history lets go of what is older than it is kept"

    async def restart_collector(step: Transition) -> str:
        name = dict(step.alert.labels).get("collector", "")
        try:
            scheduler().restart(name)
        except KeyError:
            raise Failed(f"there is no collector {name[:60]!r}: the alert's label collector names it") from None
        return f"{name} is read anew"

    return {"clean_old_data": clean_old_data, "restart_collector": restart_collector}


def _named(settings: Settings) -> list[Collector]:
    named = [one for path in settings.collectors for one in load_collectors(path)]
    return [*named, *installed_collectors(), *_sql(settings)]


def _scrapers(settings: Settings, clock: Clock, catalogue: Catalogue, ours: Container[str]) -> list[Collector]:
    """Collectors of the targets, which may not speak for what is ours."""
    if not settings.scrape:
        return []
    from bongsu.collect.scrape.collector import scrapers

    return [*scrapers(settings.scrape, clock=clock, declare=catalogue.declare, taken=ours)]


def _sql(settings: Settings) -> list[Collector]:
    if not settings.sql_metrics:
        return []
    from bongsu.collect.sql_metrics import SqlCollector, plans_of  # it costs 12 MiB: only where somebody wants it

    return [SqlCollector(plan) for plan in plans_of(settings)]


def _shop(settings: Settings, clock: Clock) -> ShopCollector | None:
    plan = plan_of(settings)
    if plan is None:
        return None
    from bongsu.collect.shop.collector import ShopCollector

    return ShopCollector(plan, clock=clock)


async def _history(settings: Settings, *, table: SeriesTable, clock: Clock, data: Path | None) -> EmbeddedHistory:
    return await EmbeddedHistory.open(
        data,
        table=table,
        clock=clock,
        sync=settings.storage.sync,
        retention=retention_of(settings),
        pressure=lambda: psutil.virtual_memory().percent >= settings.storage.memory_pressure_percent,
    )


def retention_of(settings: Settings) -> Retention:
    """How long history keeps each tier."""
    keep = settings.storage.retention
    return Retention(raw=int(keep.raw), minute=int(keep.minute), hour=int(keep.hour))


def _gate_limits(settings: Settings) -> GateLimits:
    limits = settings.limits
    return GateLimits(
        labels=limits.labels,
        label_value_bytes=limits.label_value_bytes,
        past_ms=int(limits.past),
        future_ms=int(limits.future),
    )
