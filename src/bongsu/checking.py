"""Checks put together: marketplaces, generic checks and connections out of the settings, and the watch over them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterable, Sequence

import structlog

from bongsu.collect.checks.availability import Availability
from bongsu.collect.checks.exchange import Exchanger
from bongsu.collect.checks.lookup import Lookup
from bongsu.collect.checks.metrics import METRICS
from bongsu.collect.checks.states import MemoryStates, StateStore, redis_states
from bongsu.collect.checks.tools import Tools
from bongsu.collect.checks.watch import Measure, Target, Watch
from bongsu.collect.marketplaces.targets import marketplaces
from bongsu.collect.threads import Threads
from bongsu.model.check import CheckStatus, Kind
from bongsu.model.sample import Sample
from bongsu.ports import Announcer, Clock, History
from bongsu.settings.model import Settings

__all__ = ["METRICS", "Checking"]

_THREADS = 8
"""Name look-ups and drivers that block, at one time."""

_log = structlog.get_logger(__name__)


class Checking:
    """Everything that is asked at intervals whether it is well. `open` it, `start` it, `stop` it."""

    def __init__(self, *, watch: Watch, availability: Availability, store: StateStore, threads: Threads) -> None:
        """See `open`."""
        self._watch = watch
        self._availability = availability
        self._store = store
        self._threads = threads
        self._computing: asyncio.Task[None] | None = None

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock,
        measure: Measure,
        announcer: Announcer,
        history: History,
        simulated: bool = False,
    ) -> Checking:
        """Put it together; nothing is asked yet. `simulated`: what is watched are stand-ins, and screens say so."""
        threads = Threads(limit=_THREADS, spare=_THREADS * 4, name="bongsu-checks")
        lookup = Lookup(threads)
        store = _store(settings, clock)
        watch = Watch(clock=clock, measure=measure, announcer=announcer, store=store, chance=random.random)
        tools = Tools(clock=clock, lookup=lookup, exchanger=Exchanger(lookup=lookup, clock=clock))
        for target in _targets(settings, tools, simulated=simulated):
            watch.add(target)
        availability = Availability(watch=watch, history=history, clock=clock)
        return cls(watch=watch, availability=availability, store=store, threads=threads)

    async def start(self) -> None:
        """Begin to ask. Without anything to watch, nothing runs."""
        if not self._watch.targets:
            return
        await self._watch.start()
        self._computing = asyncio.create_task(self._availability.run(), name="bongsu-availability")

    async def stop(self) -> None:
        """End what is under way and let go of connections."""
        if self._computing is not None:
            self._computing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._computing
        await self._watch.stop()
        await self._store.close()
        self._threads.close()

    async def once(self) -> list[CheckStatus]:
        """Ask everything once, now, and tell how it stands."""
        return await self._watch.once()

    @property
    def watching(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self._watch.targets)

    def all(self) -> list[CheckStatus]:
        """How everything stands, in the order of the settings."""
        return self._watch.statuses()

    def statuses(self, kinds: Sequence[Kind]) -> list[CheckStatus]:
        """How all of these kinds stand, in the order of the settings."""
        return [one for kind in kinds for one in self._watch.statuses(kind)]

    def figures(self) -> Iterable[Sample]:
        """What it tells about itself; nothing where nothing is watched."""
        return [*self._watch.figures(), *self._store.figures()] if self._watch.targets else ()


def _targets(settings: Settings, tools: Tools, *, simulated: bool) -> Iterable[Target]:
    yield from marketplaces(settings, tools, simulated=simulated)
    if settings.checks:
        from bongsu.collect.checks.targets import checks

        yield from checks(settings, tools)
    if settings.connections:
        from bongsu.collect.connections.targets import connections

        yield from connections(settings, tools)


def _store(settings: Settings, clock: Clock) -> StateStore:
    url = settings.redis.url
    if url is None:
        return MemoryStates(clock)
    try:
        return redis_states(url.get_secret_value(), clock=clock)
    except ModuleNotFoundError:
        _log.warning("redis.url is set but the package is missing: pip install 'bongsu[redis]'; states stay in memory")
    except ValueError:
        _log.warning("redis.url can't be read: it looks like redis://host:6379/0; states stay in memory")
    return MemoryStates(clock)
