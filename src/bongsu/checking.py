"""Checks put together: marketplaces, generic checks and connections out of the settings, and the watch over them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import structlog

from bongsu.check_ports import MarkRecords
from bongsu.collect.checks.availability import Availability
from bongsu.collect.checks.exchange import Exchanger
from bongsu.collect.checks.lookup import Lookup
from bongsu.collect.checks.states import PATIENCE, MemoryStates, StateStore, redis_states
from bongsu.collect.checks.tools import Tools
from bongsu.collect.checks.watch import Measure, Target, Watch
from bongsu.collect.marketplaces.targets import marketplaces
from bongsu.collect.marks import Marks
from bongsu.collect.threads import Threads
from bongsu.model.check import CheckStatus, Kind
from bongsu.model.sample import Sample
from bongsu.ports import Announcer, Clock, History
from bongsu.settings.model import Settings
from bongsu.settings.redis import address_of

if TYPE_CHECKING:
    from bongsu.http.limits import ServerLimits
    from bongsu.server.endpoint import Part


_THREADS = 8
"""Name look-ups and drivers that block, at one time."""

_log = structlog.get_logger(__name__)


class Checking:
    """Everything that is asked at intervals whether it is well. `open` it, `start` it, `stop` it."""

    def __init__(
        self,
        *,
        watch: Watch,
        availability: Availability,
        store: StateStore,
        threads: Threads,
        marks: Marks | None,
        clock: Clock,
        targets_of: Callable[[Settings], Iterable[Target]],
    ) -> None:
        """See `open`."""
        self._targets_of = targets_of
        self._running = False
        self.marks = marks
        self._clock = clock
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
        marks: MarkRecords | None = None,
        simulated: bool = False,
    ) -> Checking:
        """Put it together; nothing is asked yet.

        `marks` keeps the changes of state; `simulated`: what is watched are stand-ins, and screens say so.
        """
        threads = Threads(limit=_THREADS, spare=_THREADS * 4, name="bongsu-checks")
        lookup = Lookup(threads)
        store = _store(settings, clock)
        book = Marks(records=marks, announcer=announcer, clock=clock) if marks is not None else None
        watch = Watch(
            clock=clock,
            measure=measure,
            announcer=announcer,
            store=store,
            chance=random.random,
            changed=book.changed if book is not None else lambda *_: None,
        )
        tools = Tools(clock=clock, lookup=lookup, exchanger=Exchanger(lookup=lookup, clock=clock))

        def targets_of(settings: Settings) -> Iterable[Target]:
            return _targets(settings, tools, simulated=simulated)

        for target in targets_of(settings):
            watch.add(target)
        return cls(
            watch=watch,
            availability=Availability(watch=watch, history=history, clock=clock),
            store=store,
            threads=threads,
            marks=book,
            clock=clock,
            targets_of=targets_of,
        )

    async def start(self) -> None:
        """Begin to ask. Without anything to watch, nothing is asked."""
        if self.marks is not None:
            self.marks.start()
        self._running = True
        await self._watch.start()
        self._compute()

    def _compute(self) -> None:
        if self._running and self._computing is None and self._watch.targets:
            self._computing = asyncio.create_task(self._availability.run(), name="bongsu-availability")

    async def reload(self, settings: Settings) -> None:
        """The settings changed: ask what they name from now on."""
        await self._watch.renew(list(self._targets_of(settings)))
        self._compute()

    async def stop(self) -> None:
        """End what is under way and let go of connections."""
        self._running = False
        if self._computing is not None:
            self._computing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._computing
        await self._watch.stop()
        if self.marks is not None:
            await self.marks.stop()
        await self._store.close()
        self._threads.close()

    async def once(self) -> list[CheckStatus]:
        """Ask everything once, now, and tell how it stands."""
        return await self._watch.once()

    def parts(self, limits: ServerLimits) -> tuple[Part, ...]:
        """What REST offers of these parts; `limits` bound the bodies."""
        from bongsu.server.body import BodyReader
        from bongsu.server.checks import routes
        from bongsu.server.json_body import JsonBodies
        from bongsu.server.marks import TimelineMarks

        states = routes(self, self._clock)
        if self.marks is None:
            return (states,)
        bodies = JsonBodies(BodyReader(limits))
        return (states, TimelineMarks(marks=self.marks, clock=self._clock, bodies=bodies).routes())

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
        marks = self.marks.figures() if self.marks is not None else ()
        return [*self._watch.figures(), *self._store.figures(), *marks] if self._watch.targets else marks


def _targets(settings: Settings, tools: Tools, *, simulated: bool) -> Iterable[Target]:
    yield from marketplaces(settings, tools, simulated=simulated)
    if settings.checks:
        from bongsu.collect.checks.targets import checks

        yield from checks(settings, tools)
    if settings.connections:
        from bongsu.collect.connections.targets import connections

        yield from connections(settings, tools)


def _store(settings: Settings, clock: Clock) -> StateStore:
    address = address_of(settings.redis, patience=PATIENCE)
    if address is None:
        return MemoryStates(clock)
    try:
        return redis_states(address, clock=clock)
    except ModuleNotFoundError:
        _log.warning("redis.url is set but the package is missing: pip install 'bongsu[redis]'; states stay in memory")
    return MemoryStates(clock)
