"""Notices while the records can't take them: delivered from memory, once, and noted when the records are back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bongsu.alerts.policy import Pace, Plan
from bongsu.model.errors import StorageFull
from bongsu.notify.lifeboat import Lifeboat
from bongsu.notify.notifier import Notifier
from tests.fakes.alarms import Stand
from tests.fakes.clock import VirtualClock
from tests.fakes.notify import FakeChannel, notifier
from tests.fakes.records import FakeRecords


class Way:
    """Service, lifeboat and notifier over plain records."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.records = FakeRecords(clock=self.clock)
        self.boat = Lifeboat(self.records)
        self.slack = FakeChannel()
        self.stand = Stand(
            self.clock, Plan(channels=("slack",), pace=Pace(wait=0)), records=self.records, refuge=self.boat
        )
        self.notifier: Notifier = notifier(self.slack, outbox=self.boat, clock=self.clock)
        self.stand.wakes = self.notifier.wake

    def kinds(self) -> list[str]:
        return [notice.kind for notice in self.slack.got]


@pytest.fixture
async def way() -> AsyncIterator[Way]:
    made = Way()
    await made.stand.start()
    await made.notifier.start()
    yield made
    await made.stand.stop()
    await made.notifier.stop()


async def test_a_full_disk_keeps_no_alert_from_people(way: Way) -> None:
    """While nothing can be written the alert is told, once; when it can, step and receipt are kept, nothing sent."""
    way.records.failure = StorageFull("the disk is full")
    await way.stand.signal()
    await way.clock.advance(5)
    assert way.kinds() == ["fired"]
    assert not way.records.steps
    way.records.failure = None
    await way.clock.advance(60)
    assert way.kinds() == ["fired"]
    assert [step.change for step in way.records.steps if step.change != "updated"] == ["fired"]
    assert [one.state for one in way.records.deliveries.values()] == ["sent"]
    await way.stand.signal("clear")
    await way.clock.advance(5)
    assert way.kinds() == ["fired", "resolved"]


async def test_what_was_not_delivered_meanwhile_is_handed_over(way: Way) -> None:
    """The channel is away as well: once the records are back the notice is theirs, and goes out with the channel."""
    way.records.failure = StorageFull("the disk is full")
    way.slack.fail()
    await way.stand.signal()
    await way.clock.advance(5)
    way.records.failure = None
    await way.clock.advance(5)
    assert [one.state for one in way.records.deliveries.values()] == ["waiting"]
    way.slack.mend()
    await way.clock.advance(600)
    assert way.kinds() == ["fired"]
    assert [one.state for one in way.records.deliveries.values()] == ["sent"]


async def test_both_places_are_seen_as_one(way: Way) -> None:
    """What waits here and there is listed and counted together, each once."""
    await way.notifier.stop()
    await way.stand.signal(rule="kept", metric="a")
    way.records.failure = StorageFull("the disk is full")
    await way.stand.signal(rule="sheltered", metric="b", severity="critical")
    await way.clock.advance(0)
    found = await way.boat.due(way.clock.now())
    assert [one.notice.alerts[0].rule for one in found] == ["sheltered", "kept"]
    assert len(await way.boat.waiting()) == 2
    assert len(await way.boat.waiting(skip=1, limit=5)) == 1
    assert await way.boat.counts() == {"slack": (2, 0)}
    assert await way.boat.delivery(found[0].notice.id) == found[0]
