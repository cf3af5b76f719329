"""The owner's side of the bus put together: what this server measures, told to the others over Redis."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

import structlog

from bongsu.bus.metrics import METRICS
from bongsu.bus.redis import PATIENCE, identity_of, redis_bus
from bongsu.bus.teller import Teller
from bongsu.bus_ports import Bus, BusTaken
from bongsu.live.hub import Hub
from bongsu.model.catalogue import Catalogue
from bongsu.model.errors import Unavailable
from bongsu.model.sample import Sample
from bongsu.model.series import SeriesTable
from bongsu.ports import Clock
from bongsu.settings.model import Settings
from bongsu.settings.redis import address_of

_log = structlog.get_logger(__name__)


class Sharing:
    """Tells the other servers. `open` it, `claim`, `start` and `stop` it; it is a tap of the pipeline."""

    def __init__(self, teller: Teller, hub: Hub) -> None:
        """See `open`."""
        self._teller = teller
        self._task: asyncio.Task[None] | None = None
        self.observe = teller.observe
        hub.overheard(teller.overhear)

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        hub: Hub,
        table: SeriesTable,
        catalogue: Catalogue,
        built_in: Iterable[str],
        clock: Clock,
    ) -> Sharing | None:
        """Put it together where `redis.url` is set; None where nothing is shared.

        `built_in` are the metrics that every server knows without being told.
        """
        address = address_of(settings.redis, patience=PATIENCE)
        if address is None:
            return None
        for metric in METRICS:
            catalogue.declare(metric)
        try:
            bus: Bus = redis_bus(address)
        except ModuleNotFoundError:
            _log.warning("redis.url is set but the package is missing: pip install 'bongsu[redis]'; nothing is shared")
            return None
        teller = Teller(
            bus,
            newest=hub,
            table=table,
            catalogue=catalogue,
            clock=clock,
            boot=hub.boot,
            identity=identity_of(settings.storage.data_dir),
            built_in=built_in,
        )
        return cls(teller, hub)

    async def claim(self) -> None:
        """Become the one server that measures for all.

        Raises:
            Unavailable: another one is.
        """
        try:
            await self._teller.begin()
        except BusTaken as error:
            await self._teller.stop()
            holder = error.holder.rpartition("|")[0]
            hint = "start this one with --role view, stop the other one, or use another database: redis.url"
            raise Unavailable(f"another server owns this Redis: {holder}", hint=hint) from None

    async def start(self) -> None:
        """Begin to tell."""
        self._task = asyncio.create_task(self._teller.run(), name="bongsu-teller")

    async def stop(self) -> None:
        """Tell nothing more and let the next owner in."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._teller.stop()

    def degraded(self) -> list[str]:
        """What is wrong with telling the others, for `/readyz`."""
        return self._teller.trouble()

    def figures(self) -> Iterable[Sample]:
        """What the teller says of itself."""
        return self._teller.figures()
