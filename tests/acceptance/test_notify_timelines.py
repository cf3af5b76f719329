"""What people get, and when: timelines on a virtual clock with channels that fail as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from msgspec.structs import replace

from bongsu.model.alert import Delivery, Notice
from bongsu.model.errors import ChannelError, Unavailable
from bongsu.notify.memory import MemoryOutbox
from bongsu.notify.notifier import Notifier
from bongsu.notify.pace import Pace
from bongsu.settings.model import Settings
from tests.fakes.clock import VirtualClock
from tests.fakes.notify import T0, FakeChannel, alert, notice, notifier, over, settings_with

HOUR = 3_600


@pytest.fixture
def clock() -> VirtualClock:
    """It stands at T0."""
    return VirtualClock(T0)


@pytest.fixture
def outbox() -> MemoryOutbox:
    """An empty one."""
    return MemoryOutbox()


class Stage:
    """A running notifier; `tell` puts notices as the alert service does."""

    def __init__(self, clock: VirtualClock, outbox: MemoryOutbox) -> None:
        self.clock = clock
        self.outbox = outbox
        self.running: list[Notifier] = []

    async def start(self, *channels: FakeChannel, **settings: object) -> Notifier:
        made = notifier(*channels, outbox=self.outbox, clock=self.clock, settings=settings_with(**settings))
        await made.start()
        self.running.append(made)
        await self.clock.advance(0)
        return made

    async def tell(self, *notices: Notice) -> None:
        await self.outbox.put([replace(one, at=self.clock.now()) for one in notices])
        for one in self.running:
            one.wake()
        await self.clock.advance(0)


@pytest.fixture
async def stage(clock: VirtualClock, outbox: MemoryOutbox) -> AsyncIterator[Stage]:
    """Ends what was started."""
    made = Stage(clock, outbox)
    yield made
    for one in made.running:
        await one.stop()


def ids(channel: FakeChannel) -> list[str]:
    """Of the notices it got."""
    return [one.id for one in channel.got]


@pytest.mark.guide("G036")
async def test_a_notice_goes_out_at_once(stage: Stage) -> None:
    """No time passes between the commit and the channel; the receipt is kept."""
    slack = FakeChannel()
    made = await stage.start(slack)
    await stage.tell(notice("n"))
    assert (ids(slack), slack.at) == (["n"], [0.0])
    (sent,) = await made.deliveries("sent")
    assert (sent.receipt, sent.channel_used, sent.attempts, sent.done_at) == ("receipt of n", "slack", 1, T0)


async def test_worst_first(stage: Stage) -> None:
    """Of what is committed together the worst goes first, the rest in order."""
    slack = FakeChannel()
    await stage.start(slack)
    await stage.tell(
        notice("info", alert("1", severity="info")),
        notice("critical", alert("2", severity="critical")),
        notice("warning", alert("3")),
    )
    assert ids(slack) == ["critical", "warning", "info"]


async def test_the_end_never_before_the_beginning(stage: Stage) -> None:
    """An alert that got worse is not told as over before it is told at all, though its end is the worse notice."""
    slack = FakeChannel()
    slack.fail()
    await stage.start(slack)
    await stage.tell(notice("fire", alert("1")))
    slack.mend()
    await stage.outbox.put([notice("end", over(alert("1", severity="critical")), at=T0 + 1)])
    await stage.clock.advance(2)
    assert ids(slack) == ["fire", "end"]


async def test_back_off(stage: Stage) -> None:
    """Tries come after about 1, 2, 4, 8… seconds, five minutes at most."""
    slack = FakeChannel()
    slack.fail()
    await stage.start(slack)
    await stage.tell(notice("n"))
    await stage.clock.advance(2 * HOUR)
    waits = [after - before for before, after in zip(slack.tries, slack.tries[1:], strict=False)]
    for wait, wanted in zip(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256], strict=False):
        assert wanted * 0.79 <= wait <= wanted * 1.21 + 1
    assert all(230 <= wait <= 361 for wait in waits[9:])


async def test_retry_after_is_obeyed(stage: Stage) -> None:
    """A service that asks for 40 seconds isn't asked again before, by anybody."""
    slack = FakeChannel()
    slack.fail("rate_limited", retry_after=40)
    await stage.start(slack)
    await stage.tell(notice("a"))
    await stage.clock.advance(20)
    await stage.tell(notice("b", alert("2")))
    slack.mend()
    await stage.clock.advance(19.9)
    assert slack.tries == [0.0]
    await stage.clock.advance(1.2)
    assert ids(slack) == ["a", "b"]


async def test_one_that_hangs_delays_no_other(stage: Stage) -> None:
    """While Slack never answers, e-mail gets everything at once; Slack's tries end by their time-out."""
    slack, email = FakeChannel(), FakeChannel("email")
    slack.hangs = True
    made = await stage.start(slack, email)
    for number in range(5):
        await stage.tell(
            notice(f"s{number}", alert(f"{number}")), replace(notice(f"e{number}", alert(f"{number}")), channel="email")
        )
    assert (len(email.got), email.at) == (5, [0.0] * 5)
    await stage.clock.advance(12.5)
    assert (await made.channels())[0].state == "failing"
    assert "no answer within 12 s" in (await made.channels())[0].last_error


async def test_others_step_in(stage: Stage) -> None:
    """Three failures open the circuit; what waits goes to the next channel, and says so, within five seconds."""
    slack, telegram = FakeChannel(), FakeChannel("telegram")
    slack.fail()
    made = await stage.start(slack, telegram, fail_over=["slack", "telegram"])
    await stage.tell(notice("n"))
    await stage.clock.advance(5)
    assert (ids(telegram), len(slack.tries)) == (["n"], 3)
    (sent,) = await made.deliveries("sent")
    assert (sent.notice.channel, sent.channel_used) == ("slack", "telegram")


async def test_a_wrong_secret_opens_the_circuit_at_once(stage: Stage) -> None:
    """Nobody waits for a second try with a wrong token: the next channel takes over at once."""
    slack, telegram = FakeChannel(), FakeChannel("telegram")
    slack.fail("auth")
    await stage.start(slack, telegram, fail_over=["telegram"])
    await stage.tell(notice("n"))
    assert (ids(telegram), telegram.at, len(slack.tries)) == (["n"], [0.0], 1)


async def test_nobody_is_told_twice_by_stepping_in(stage: Stage) -> None:
    """Where the next channel was told the same as a notice of its own, it doesn't repeat it for another."""
    slack, telegram = FakeChannel(), FakeChannel("telegram")
    slack.fail("auth")
    made = await stage.start(slack, telegram, fail_over=["telegram"])
    await stage.tell(replace(notice("t"), channel="telegram"))
    await stage.tell(notice("s"))
    assert ids(telegram) == ["t"]
    assert [one.notice.id for one in await made.deliveries("waiting")] == ["s"]


async def test_a_refused_message_goes_elsewhere(stage: Stage) -> None:
    """What one channel refuses may be taken by another; where that refuses it too, it is dead."""
    slack, telegram = FakeChannel(), FakeChannel("telegram")
    slack.fail("permanent")
    made = await stage.start(slack, telegram, fail_over=["telegram"])
    await stage.tell(notice("a"))
    assert ids(telegram) == ["a"]
    telegram.fail("permanent")
    await stage.tell(notice("b", alert("2")))
    await stage.clock.advance(60)
    assert [one.notice.id for one in await made.deliveries("dead")] == ["b"]
    assert (len(slack.tries), len(telegram.tries)) == (2, 2)


async def test_what_another_refuses_is_not_offered_again(stage: Stage) -> None:
    """While its own channel is away, a message that the next one refused isn't pressed upon it every ten seconds."""
    slack, telegram = FakeChannel(), FakeChannel("telegram")
    slack.fail("auth")
    telegram.fail("permanent")
    await stage.start(slack, telegram, fail_over=["telegram"])
    await stage.tell(notice("a"))
    await stage.clock.advance(50)
    assert len(telegram.tries) == 1


async def test_back_to_its_own_channel(stage: Stage) -> None:
    """Once its channel works again, notices take it again."""
    slack, telegram = FakeChannel(), FakeChannel("telegram")
    slack.fail()
    await stage.start(slack, telegram, fail_over=["telegram"])
    await stage.tell(notice("a"))
    await stage.clock.advance(5)
    slack.mend()
    await stage.clock.advance(10)
    await stage.tell(notice("b", alert("2")))
    assert (ids(telegram), ids(slack)) == (["a"], ["b"])


async def test_an_hour_without_a_channel(stage: Stage) -> None:
    """Down for an hour in which 60 alerts fire and 50 end, then: 10 messages, worst first, and ONE summary of 50."""
    slack = FakeChannel()
    slack.fail()
    made = await stage.start(slack)
    for minute in range(60):
        severity = ("info", "warning", "error", "critical")[minute % 4]
        one = alert(f"{minute}", severity=severity, message=f"alert {minute}")
        await stage.tell(notice(f"fire {minute}", one))
        await stage.clock.advance(30)
        if minute % 6:
            await stage.tell(notice(f"end {minute}", over(one, stage.clock.now())))
        else:
            await stage.tell(replace(notice(f"again {minute}", one), kind="repeated"))
        await stage.clock.advance(30)
    assert slack.got == []
    slack.mend()
    await stage.clock.advance(400)

    *opens, summary = slack.got
    severities = [one.severity for one in opens]
    assert severities == ["error"] * 5 + ["info"] * 5
    assert {one.id for one in opens} == {f"again {minute}" for minute in range(0, 60, 6)}
    assert (summary.kind, len(summary.alerts) + summary.more) == ("summary", 50)
    assert [one.severity for one in summary.alerts] == ["critical"] * 15 + ["error"] * 5
    assert await made.deliveries("waiting") == []
    await stage.clock.advance(HOUR)
    assert len(slack.got) == 11


async def test_a_storm_behind_a_rate_limit_is_folded(stage: Stage) -> None:
    """Where a service takes 20 a minute and 200 alerts come and go, what is over meanwhile isn't told one by one."""
    slack = FakeChannel(pace=Pace(per_minute=20, burst=1))
    await stage.start(slack)
    alerts = [alert(f"{number}") for number in range(200)]
    await stage.tell(*(notice(f"fire {one.id}", one) for one in alerts))
    await stage.clock.advance(30)
    await stage.tell(*(notice(f"end {one.id}", over(one, stage.clock.now())) for one in alerts))
    await stage.clock.advance(600)
    assert slack.got[-1].kind == "summary"
    assert len(slack.got) < 30
    told = {one.id for got in slack.got if got.kind != "summary" for one in got.alerts}
    assert len(told) + len(slack.got[-1].alerts) + slack.got[-1].more >= 200


async def test_messages_are_never_folded(stage: Stage) -> None:
    """What somebody sends by hand arrives, however long it takes."""
    slack = FakeChannel()
    slack.fail()
    made = await stage.start(slack)
    await made.send("batch done")
    await stage.clock.advance(120)
    await made.send("batch done again")
    slack.mend()
    await stage.clock.advance(400)
    assert [one.text for one in slack.got] == ["batch done", "batch done again"]


async def test_refused_messages_are_dead_and_stop_no_other(stage: Stage) -> None:
    """A message that the service refuses is put aside; the next goes out; once mended it can be sent again by hand."""
    slack = FakeChannel()
    slack.trouble = lambda one: ChannelError("no such block", kind="permanent") if one.id == "bad" else None
    made = await stage.start(slack)
    await stage.tell(notice("bad", alert("1", severity="critical")), notice("good", alert("2")))
    assert ids(slack) == ["good"]
    (dead,) = await made.deliveries("dead")
    assert (dead.notice.id, dead.error) == ("bad", "no such block")
    slack.mend()
    await made.resend("bad")
    await stage.clock.advance(0)
    assert ids(slack) == ["good", "bad"]
    assert await made.deliveries("dead") == []


async def test_one_that_the_service_trips_over_holds_up_no_other(stage: Stage) -> None:
    """A message at which the service always fails is put behind the others after a few tries."""
    slack = FakeChannel()
    slack.trouble = lambda one: ChannelError("500", kind="temporary") if one.id == "bad" else None
    await stage.start(slack)
    await stage.tell(notice("bad", alert("1", severity="critical")), notice("good", alert("2")))
    await stage.clock.advance(300)
    assert ids(slack) == ["good"]


async def test_after_a_day_it_is_given_up(stage: Stage) -> None:
    """What couldn't be sent within `give_up_after` is dead, not retried for ever."""
    slack = FakeChannel()
    slack.fail()
    made = await stage.start(slack, sending={"give_up_after": "1h"})
    await stage.tell(notice("n"))
    await stage.clock.advance(HOUR + 400)
    assert [one.notice.id for one in await made.deliveries("dead")] == ["n"]
    assert await made.deliveries("waiting") == []


async def test_pace(stage: Stage) -> None:
    """No more goes out than the service takes, by the setting where there is one."""
    slack = FakeChannel()
    await stage.start(slack, sending={"per_minute": {"slack": 60}})
    await stage.tell(*(notice(f"{number}", alert(f"{number}")) for number in range(20)))
    await stage.clock.advance(10)
    assert 12 <= len(slack.got) <= 14
    assert sum(1 for moment in slack.at if moment == 0.0) == 3


async def test_what_waits_from_before_goes_out(stage: Stage) -> None:
    """Notices that a process left behind are delivered by the next, under the same id."""
    slack = FakeChannel()
    await stage.outbox.put([notice("n")])
    await stage.start(slack)
    assert ids(slack) == ["n"]


async def test_a_channel_that_is_gone(stage: Stage) -> None:
    """Notices for a channel that isn't set up any more are dropped after a minute, with the reason; it shows as off."""
    made = await stage.start(FakeChannel())
    await stage.tell(replace(notice("n"), channel="webhook:old"))
    assert [(one.name, one.state, one.waiting) for one in await made.channels()][1:] == [("webhook:old", "off", 1)]
    await stage.clock.advance(90)
    (dropped,) = await made.deliveries("dropped")
    assert dropped.error == "the channel webhook:old isn't set up"


class Stubborn(MemoryOutbox):
    """An outbox whose disk is full when it is told how things stand."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.marked: list[Delivery] = []

    async def mark(self, deliveries: Sequence[Delivery]) -> None:
        if self.full:
            raise Unavailable("the disk is full")
        self.marked += deliveries
        await super().mark(deliveries)


async def test_a_full_disk_repeats_no_message(clock: VirtualClock) -> None:
    """Where the outbox can't note that a message went out, the message isn't sent again and again meanwhile."""
    slack, outbox = FakeChannel(), Stubborn()
    made = notifier(slack, outbox=outbox, clock=clock)
    await outbox.put([notice("a"), notice("b", alert("2"))])
    outbox.full = True
    await made.start()
    await clock.advance(300)
    assert ids(slack) == ["a"]
    outbox.full = False
    await clock.advance(10)
    assert ids(slack) == ["a", "b"]
    await made.stop()


async def test_a_fault_in_a_channel_ends_nothing(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A channel whose code raises what it shouldn't loses that one message (dead), not the lane."""

    def broken(one: Notice) -> ChannelError | None:
        raise RuntimeError("bug") if one.id == "bad" else LookupError("never")

    slack = FakeChannel()
    slack.trouble = lambda one: broken(one) if one.id == "bad" else None
    made = await stage.start(slack)
    await stage.tell(notice("bad", alert("1", severity="critical")), notice("good", alert("2")))
    assert ids(slack) == ["good"]
    assert [one.error for one in await made.deliveries("dead")] == ["unexpected: RuntimeError"]


async def test_figures(stage: Stage) -> None:
    """Sent, failed by class, waiting, dead, folded and delay are told by channel."""
    slack = FakeChannel()
    slack.fail("rate_limited", retry_after=5)
    made = await stage.start(slack)
    await stage.tell(notice("n"))
    slack.mend()
    await stage.clock.advance(20)
    found = {
        (one.metric.removeprefix("bongsu_notify_"), dict(one.labels).get("class")): one.value for one in made.figures()
    }
    assert found["sent_total", None] == 1
    assert found["failed_total", "rate_limited"] == 1
    assert found["failed_total", "auth"] == 0
    assert found["waiting", None] == 0
    assert 5 <= found["delay_seconds", None] <= 6.1


async def test_stop_leaves_the_rest_in_the_outbox(stage: Stage) -> None:
    """Stopping in the middle of a try loses nothing: it waits for the next start."""
    slack = FakeChannel()
    slack.hangs = True
    made = await stage.start(slack)
    await stage.tell(notice("n"))
    await made.stop()
    assert [one.notice.id for one in await stage.outbox.waiting()] == ["n"]
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("notify")]


class Counting(MemoryOutbox):
    """An outbox that notes how much is asked of it at once."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0

    async def due(self, now: int, *, limit: int = 100, channel: str | None = None) -> list[Delivery]:
        found = await super().due(now, limit=limit, channel=channel)
        self.largest = max(self.largest, len(found))
        return found

    async def waiting(self, *, channel: str | None = None, skip: int = 0, limit: int | None = None) -> list[Delivery]:
        found = await super().waiting(channel=channel, skip=skip, limit=limit)
        self.largest = max(self.largest, len(found))
        return found


async def test_memory_is_bounded_whatever_waits(clock: VirtualClock) -> None:
    """Of a backlog of thousands never more than fifty are held at once; it is folded all the same."""
    slack, outbox = FakeChannel(), Counting()
    ends = [notice(f"end {number}", over(alert(f"{number}"))) for number in range(3_000)]
    await outbox.put([*ends, notice("open", alert("open"))])
    await clock.advance(120)
    made = notifier(slack, outbox=outbox, clock=clock)
    await made.start()
    await clock.advance(1, settle=400)
    await made.stop()
    assert outbox.largest <= 50
    assert [one.id if one.kind == "fired" else one.kind for one in slack.got] == ["open", "summary"]
    assert len(slack.got[1].alerts) + slack.got[1].more == 3_000


async def test_other_channels_take_over_without_telling_anybody_twice(stage: Stage, outbox: MemoryOutbox) -> None:
    """Settings change while a message is being sent: it is finished and noted, and the rest goes the new way."""
    old, new = FakeChannel(), FakeChannel()
    made = await stage.start(old)

    async def fresh(_: Settings) -> Notifier:
        return notifier(new, outbox=outbox, clock=stage.clock)

    made._made_anew = fresh
    under_way, go_on = asyncio.Event(), asyncio.Event()
    send = old.send

    async def slowly(one: Notice) -> str:
        under_way.set()
        await go_on.wait()
        return await send(one)

    old.send = slowly  # type: ignore[method-assign]
    await stage.tell(notice("first"), notice("second", alert("b")))
    await under_way.wait()
    renewing = asyncio.create_task(made.renew(Settings()))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not renewing.done()
    go_on.set()
    await renewing
    await stage.clock.advance(0)
    assert (ids(old), ids(new)) == (["first"], ["second"])
    assert {one.state for one in await made.deliveries()} == {"sent"}
    figures = {sample.metric: sample.value for sample in made.figures() if sample.labels}
    assert figures["bongsu_notify_sent_total"] == 2


async def test_channels_that_cannot_be_made_change_nothing(stage: Stage) -> None:
    """The channels that are there go on."""
    slack = FakeChannel()
    made = await stage.start(slack)

    async def broken(_: Settings) -> Notifier:
        raise ValueError("no such template")

    made._made_anew = broken
    with pytest.raises(ValueError, match="no such template"):
        await made.renew(Settings())
    await stage.tell(notice("n"))
    assert ids(slack) == ["n"]
