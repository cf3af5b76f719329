"""An outbox for when the records can't be written: what they didn't take is delivered from memory meanwhile.

A full disk, or a database that is away, is just when people must hear. What goes out from here keeps its idempotency
key; once the records take it, its receipt is written there and this place forgets it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bongsu.model.alert import SEVERITIES, Delivery, DeliveryState, Notice
from bongsu.model.errors import BongsuError
from bongsu.notify.memory import MemoryOutbox
from bongsu.ports import Outbox


class Lifeboat:
    """Implements `ports.Outbox` over a durable one."""

    def __init__(self, durable: Outbox) -> None:
        self._durable = durable
        self._memory = MemoryOutbox()
        self._aboard: set[str] = set()

    async def shelter(self, notices: Sequence[Notice]) -> None:
        """Deliver these from memory: the records didn't take them.

        Raises:
            Unavailable: too many wait here already.
        """
        await self._memory.put(notices)
        self._aboard.update(notice.id for notice in notices)

    async def release(self, notices: Sequence[Notice]) -> None:
        """The records have these now: what went out meanwhile is noted there, the rest is theirs.

        Raises:
            StorageFull, Unavailable: it couldn't be noted; they stay here.
        """
        here = [notice.id for notice in notices if notice.id in self._aboard]
        known = [await self._memory.delivery(one) for one in here]
        await self._durable.mark([delivery for delivery in known if delivery is not None])
        self._aboard.difference_update(here)
        self._memory.forget(here)

    # -- the port ----------------------------------------------------------------------------------------------

    async def put(self, notices: Sequence[Notice]) -> None:
        """See `ports.Outbox`."""
        await self._durable.put(notices)

    async def due(self, now: int, *, limit: int = 100, channel: str | None = None) -> list[Delivery]:
        """See `ports.Outbox`."""
        if not self._aboard:
            return await self._durable.due(now, limit=limit, channel=channel)
        here = await self._memory.due(now, limit=limit, channel=channel)
        try:
            kept = await self._durable.due(now, limit=limit, channel=channel)
        except BongsuError:
            kept = []
        found = [*here, *(one for one in kept if one.notice.id not in self._aboard)]
        return sorted(found, key=lambda one: (-SEVERITIES.index(one.notice.severity), one.notice.at))[:limit]

    async def waiting(self, *, channel: str | None = None, skip: int = 0, limit: int | None = None) -> list[Delivery]:
        """See `ports.Outbox`."""
        if not self._aboard:
            return await self._durable.waiting(channel=channel, skip=skip, limit=limit)
        here = await self._memory.waiting(channel=channel)
        try:
            kept = await self._durable.waiting(channel=channel)
        except BongsuError:
            kept = []
        found = [*here, *(one for one in kept if one.notice.id not in self._aboard)]
        return sorted(found, key=lambda one: one.notice.at)[skip:][:limit]

    async def delivery(self, notice_id: str) -> Delivery | None:
        """See `ports.Outbox`."""
        if notice_id in self._aboard:
            return await self._memory.delivery(notice_id)
        return await self._durable.delivery(notice_id)

    async def counts(self) -> dict[str, tuple[int, int]]:
        """See `ports.Outbox`."""
        found = dict(await self._durable.counts())
        for channel, (waits, dead) in (await self._memory.counts()).items() if self._aboard else ():
            before = found.get(channel, (0, 0))
            found[channel] = (before[0] + waits, before[1] + dead)
        return found

    async def mark(self, deliveries: Sequence[Delivery]) -> None:
        """See `ports.Outbox`."""
        await self._memory.mark([one for one in deliveries if one.notice.id in self._aboard])
        rest = [one for one in deliveries if one.notice.id not in self._aboard]
        if rest:
            await self._durable.mark(rest)

    async def done(self, *, start: int = 0, limit: int = 200, state: DeliveryState | None = None) -> list[Delivery]:
        """See `ports.Outbox`."""
        return await self._durable.done(start=start, limit=limit, state=state)
