"""Timelines on a virtual clock against a real HTTP server: when it is asked again, and what becomes of a notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bongsu.notify.notifier import Notifier
from bongsu.records.sql import SqlRecords
from tests.fakes.clock import VirtualClock
from tests.fakes.notify import T0, alert, notice, over, settings_with
from tests.integration.receivers import Receiver, Reply, receiving


class Place:
    """A notifier over records on disk, with a webhook that leads to the receiver."""

    def __init__(self, records: SqlRecords, notifier: Notifier, clock: VirtualClock, receiver: Receiver) -> None:
        self.records = records
        self.notifier = notifier
        self.clock = clock
        self.receiver = receiver

    async def tell(self, *notices: Any) -> None:
        """Put notices as of now, and wake."""
        await self.records.put([replace(one, channel="webhook:ops", at=self.clock.now()) for one in notices])
        self.notifier.wake()

    async def until(self, happened: Callable[[], Awaitable[bool]]) -> None:
        """Let real I/O go on, without time passing, until it happened."""
        async with asyncio.timeout(10):
            while not await happened():
                pass

    async def tried(self, count: int) -> None:
        """Until so many requests came and the outbox knows what became of the last."""
        await self.receiver.wait_for(count)

        async def noted() -> bool:
            found = [*await self.records.waiting(), *await self.records.done()]
            return sum(one.attempts for one in found) >= count

        await self.until(noted)

    async def state(self, name: str) -> str:
        """Of one notice."""
        found = await self.records.delivery(name)
        assert found is not None
        return found.state


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Started at T0."""
    clock = VirtualClock(T0)
    async with receiving() as receiver:
        settings = settings_with(webhooks=[{"name": "ops", "url": receiver.url}])
        records = await SqlRecords.open(tmp_path, clock=clock)
        notifier = await Notifier.open(settings, outbox=records, clock=clock)
        await notifier.start()
        yield Place(records, notifier, clock, receiver)
        await notifier.stop()
        await records.close()


async def test_tried_again_until_it_is_there(place: Place) -> None:
    """503 at 0 s; again between 0.8 and 1.2 s, again 1.6 to 2.4 s later; then delivered, under one idempotency key."""
    place.receiver.answer = lambda _: Reply(503) if len(place.receiver.got) < 3 else Reply()
    await place.tell(notice("n"))
    await place.tried(1)
    await place.clock.advance(0.7)
    assert len(place.receiver.got) == 1
    await place.clock.advance(0.6)
    await place.tried(2)
    await place.clock.advance(1.2)
    assert len(place.receiver.got) == 2
    await place.clock.advance(1.3)
    await place.tried(3)
    assert await place.state("n") == "sent"
    assert {one.headers["idempotency-key"] for one in place.receiver.got} == {"n"}


async def test_a_pause_is_kept(place: Place) -> None:
    """429 with Retry-After 30: nothing at 29 s, what waits then comes at 31 s, the worst first."""
    place.receiver.answer = lambda _: Reply(429, headers={"retry-after": "30"})
    await place.tell(notice("a"))
    await place.tried(1)
    await place.tell(notice("b", alert("2", severity="critical")))
    await place.clock.advance(29)
    assert len(place.receiver.got) == 1
    place.receiver.answer = lambda _: Reply()
    await place.clock.advance(2.1)
    await place.tried(3)
    assert [one.headers["idempotency-key"] for one in place.receiver.got] == ["a", "b", "a"]


async def test_refused_and_sent_again(place: Place) -> None:
    """400 is final: dead at once, the next goes out, and by hand it can be sent again."""
    place.receiver.answer = lambda request: Reply(400) if request.headers["idempotency-key"] == "bad" else Reply()
    await place.tell(notice("bad", alert("1", severity="critical")), notice("good", alert("2")))
    await place.tried(2)
    assert (await place.state("bad"), await place.state("good")) == ("dead", "sent")
    place.receiver.answer = lambda _: Reply()
    await place.notifier.resend("bad")
    await place.receiver.wait_for(3)

    async def sent() -> bool:
        return await place.state("bad") == "sent"

    await place.until(sent)


async def test_gone_and_back(tmp_path: Path) -> None:
    """The server is gone for ten minutes in which three alerts come and go; back on its port, it hears of what is open
    and one summary."""
    clock = VirtualClock(T0)
    async with receiving() as receiver:
        port = int(receiver.url.rpartition(":")[2])
    settings = settings_with(webhooks=[{"name": "ops", "url": receiver.url}])
    records = await SqlRecords.open(tmp_path, clock=clock)
    notifier = await Notifier.open(settings, outbox=records, clock=clock)
    await notifier.start()
    nobody = Place(records, notifier, clock, receiver)
    for number in range(3):
        one = alert(f"{number}", severity="error")
        await nobody.tell(notice(f"fire {number}", one))
        await advance(nobody, 60)
        await nobody.tell(notice(f"end {number}", over(one, clock.now())))
        await advance(nobody, 60)
    await nobody.tell(notice("open", alert("open")))
    await advance(nobody, 240)
    assert (await notifier.channels())[0].state == "failing"

    async with receiving(port=port) as back:
        await advance(nobody, 400)
        await back.wait_for(2)
        first, second = (one.json for one in back.got)
    assert (first["id"], second["kind"], len(second["alerts"]), second["more"]) == ("open", "summary", 3, 0)
    await notifier.stop()
    await records.close()


async def advance(place: Place, seconds: float) -> None:
    """Move time on in small steps; after each, sockets and threads of SQL do their part before time goes on."""
    for _ in range(round(seconds / 5)):
        await place.clock.advance(5)
        await place.records.counts()
        while any(line.busy for line in place.notifier.lines):
            await asyncio.to_thread(lambda: None)
