"""An outbox in memory, for scripts that need no file: what is undelivered when the program ends is lost, and told."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bongsu.model.alert import SEVERITIES, Delivery, DeliveryState, Notice
from bongsu.model.errors import Unavailable

MOST = 10_000
"""Waiting notices at once; more are refused."""
KEPT = 500
"""Receipts remembered."""


class MemoryOutbox:
    """Implements `ports.Outbox`. Bounded: receipts are forgotten oldest first, too many waiting ones are refused."""

    def __init__(self) -> None:
        self._waiting: dict[str, Delivery] = {}
        self._done: dict[str, Delivery] = {}

    async def put(self, notices: Sequence[Notice]) -> None:
        """See `ports.Outbox`."""
        fresh = [one for one in notices if one.id not in self._waiting and one.id not in self._done]
        if len(self._waiting) + len(fresh) > MOST:
            raise Unavailable(f"{len(self._waiting)} notices wait to be sent already", retry_after=60)
        for notice in fresh:
            self._waiting.setdefault(notice.id, Delivery(notice=notice, next_at=notice.at))

    async def due(self, now: int, *, limit: int = 100, channel: str | None = None) -> list[Delivery]:
        """See `ports.Outbox`."""
        found = [one for one in await self.waiting(channel=channel) if one.next_at <= now]
        return sorted(found, key=lambda one: -SEVERITIES.index(one.notice.severity))[:limit]

    async def waiting(self, *, channel: str | None = None, skip: int = 0, limit: int | None = None) -> list[Delivery]:
        """See `ports.Outbox`."""
        found = [one for one in self._waiting.values() if channel in (None, one.notice.channel)]
        return sorted(found, key=lambda one: one.notice.at)[skip:][:limit]

    async def delivery(self, notice_id: str) -> Delivery | None:
        """See `ports.Outbox`."""
        return self._waiting.get(notice_id) or self._done.get(notice_id)

    async def counts(self) -> dict[str, tuple[int, int]]:
        """See `ports.Outbox`."""
        found: dict[str, tuple[int, int]] = {}
        for one in (*self._waiting.values(), *self._done.values()):
            waits, dead = found.get(one.notice.channel, (0, 0))
            if one.state in ("waiting", "dead"):
                found[one.notice.channel] = (waits + (one.state == "waiting"), dead + (one.state == "dead"))
        return found

    async def mark(self, deliveries: Sequence[Delivery]) -> None:
        """See `ports.Outbox`."""
        for one in deliveries:
            name = one.notice.id
            known = self._waiting.get(name) or self._done.get(name)
            if known is None:
                continue
            place, other = (self._waiting, self._done) if one.state == "waiting" else (self._done, self._waiting)
            other.pop(name, None)
            place[name] = replace(one, notice=known.notice)
        while len(self._done) > KEPT:
            del self._done[next(iter(self._done))]

    def forget(self, notice_ids: Sequence[str]) -> None:
        """Know nothing of these any more."""
        for one in notice_ids:
            self._waiting.pop(one, None)
            self._done.pop(one, None)

    async def done(self, *, start: int = 0, limit: int = 200, state: DeliveryState | None = None) -> list[Delivery]:
        """See `ports.Outbox`."""
        found = [one for one in self._done.values() if state in (None, one.state) and _ended(one) >= start]
        return sorted(found, key=_ended)[::-1][:limit]


def _ended(delivery: Delivery) -> int:
    return delivery.notice.at if delivery.done_at is None else delivery.done_at
