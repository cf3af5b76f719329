"""Alerts as timelines on a virtual clock: what is told to whom, when, and what isn't."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace as with_changes
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from msgspec.structs import replace

from bongsu.alerts.life import Temper
from bongsu.alerts.policy import Inhibition, Pace, Plan, Policy, Rota, Step
from bongsu.model.alert import Silence
from bongsu.model.errors import Conflict, NotFound, StorageFull, TooMany
from tests.fakes.alarms import Stand
from tests.fakes.clock import VirtualClock

MONDAY_9_SEOUL = int(datetime(2026, 11, 23, 0, 0, tzinfo=UTC).timestamp() * 1000)
QUICK = Pace(wait=100, interval=60_000, burst=3)
ONE = Plan(channels=("slack",), pace=QUICK)

Begin = Callable[..., Awaitable[Stand]]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MONDAY_9_SEOUL)


@pytest.fixture
async def begin(clock: VirtualClock) -> AsyncIterator[Begin]:
    running: list[Stand] = []

    async def start(plan: Plan = ONE, **more: Any) -> Stand:
        stand = await Stand(clock, plan, **more).start()
        running.append(stand)
        return stand

    yield start
    for stand in running:
        await stand.stop()


def silence(clock: VirtualClock, seconds: float, **more: Any) -> Silence:
    now = clock.now()
    made = Silence(
        id="",
        matchers=(("metric", "cpu*"),),
        starts_at=now,
        ends_at=now + round(seconds * 1000),
        reason="work",
        by="kim",
        created_at=0,
    )
    return replace(made, **more)


async def test_fired_and_resolved_are_told_once_each(begin: Begin) -> None:
    """At 2 s a push: between 2.0 and 2.5 s one message; resolved at 30 s: one more; nothing else for an hour."""
    stand = await begin()
    await stand.at(2)
    await stand.push(metric="orders", value=1.0)
    await stand.at(30)
    await stand.push(metric="orders", resolved=True)
    await stand.at(3_600)
    assert [(at, kind) for at, _, kind, _ in stand.told()] == [(2.1, "fired"), (30.1, "resolved")]
    assert stand.posted == 2


async def test_a_group_is_one_message(begin: Begin) -> None:
    """Five series of one rule that break within the wait come as one message, worst first; their ends as well."""
    stand = await begin()
    for number in range(5):
        severity = "critical" if number == 3 else "warning"
        await stand.signal(labels={"host": f"h{number}"}, severity=severity)
    await stand.at(10)
    for number in range(5):
        await stand.signal("clear", labels={"host": f"h{number}"})
    await stand.at(60)
    assert stand.told() == [
        (0.1, "slack", "fired", ["h3", "h0", "h1", "h2", "h4"]),
        (10.1, "slack", "resolved", ["h3", "h0", "h1", "h2", "h4"]),
    ]


async def test_a_cascade_is_few_messages(begin: Begin) -> None:
    """Sixty hosts that fall a second apart: three messages at once, then one a minute with all that came meanwhile."""
    stand = await begin()
    for number in range(60):
        await stand.at(number)
        await stand.signal(labels={"host": f"h{number}"})
    await stand.at(200)
    told = stand.told()
    assert [at for at, *_ in told][:3] == [0.1, 1.1, 2.1]
    assert len(told) == 4
    assert told[3][0] == 60.1
    assert sum(len(names) for *_, names in told) == 60


async def test_what_is_worse_does_not_wait_its_turn(begin: Begin) -> None:
    """While a group of warnings has used its messages, a critical one is told at once."""
    stand = await begin()
    for number in range(4):
        await stand.at(number)
        await stand.signal(labels={"host": f"h{number}"})
    await stand.at(10)
    await stand.signal(labels={"host": "x"}, severity="critical")
    await stand.at(11)
    assert stand.told()[-1] == (10.1, "slack", "fired", ["x", "h3"])


async def test_an_alert_that_gets_worse_is_told_again(begin: Begin) -> None:
    """A warning that becomes critical is news for those who heard the warning; back to a warning is none."""
    stand = await begin()
    await stand.signal()
    await stand.at(10)
    await stand.signal(severity="critical")
    await stand.at(20)
    await stand.signal(severity="warning")
    await stand.at(300)
    assert [(at, kind) for at, _, kind, _ in stand.told()] == [(0.1, "fired"), (10.1, "fired")]


async def test_open_alerts_are_repeated_until_acknowledged(begin: Begin) -> None:
    """Every four hours an open alert is told again; acknowledged it is told as such, and no more; then its end."""
    stand = await begin()
    await stand.signal()
    await stand.at(9 * 3_600)
    alert = stand.service.open_alerts()[0]
    await stand.service.acknowledge(alert.id, by="kim", note="on it")
    await stand.at(30 * 3_600)
    await stand.signal("clear")
    await stand.at(40 * 3_600)
    kinds = [(round(at / 3_600, 2), kind) for at, _, kind, _ in stand.told()]
    assert kinds == [(0, "fired"), (4, "repeated"), (8, "repeated"), (9, "acknowledged"), (30, "resolved")]
    assert stand.notices()[3].alerts[0].note == "on it"


async def test_repeats_of_a_group_come_together(begin: Begin) -> None:
    """Two alerts told a minute apart are repeated in one message."""
    stand = await begin()
    await stand.signal(labels={"host": "a"})
    await stand.at(50)
    await stand.signal(labels={"host": "b"})
    await stand.at(5 * 3_600)
    assert [(kind, names) for _, _, kind, names in stand.told()] == [
        ("fired", ["a"]),
        ("fired", ["b"]),
        ("repeated", ["a", "b"]),
    ]


async def test_info_is_not_repeated(begin: Begin) -> None:
    """What is only information is told once."""
    stand = await begin()
    await stand.signal(severity="info")
    await stand.at(48 * 3_600)
    assert len(stand.told()) == 1


async def test_an_acknowledgement_with_a_limit_lapses(begin: Begin) -> None:
    """After the limit nobody has it in hand any more: those who know it are told that it still burns."""
    stand = await begin()
    await stand.signal()
    await stand.at(60)
    (alert,) = stand.service.open_alerts()
    await stand.service.acknowledge(alert.id, by="kim", lasts=600_000)
    await stand.at(1_000)
    assert [(at, kind) for at, _, kind, _ in stand.told()] == [
        (0.1, "fired"),
        (60.0, "acknowledged"),
        (660.1, "repeated"),
    ]
    assert stand.service.open_alerts()[0].phase == "firing"


async def test_a_host_that_is_down_mutes_its_services(begin: Begin) -> None:
    """One message instead of four; when the host is back, what is still broken is told."""
    stand = await begin()
    await stand.signal(rule="up", metric="host_up", labels={"host": "a"}, severity="critical", message="a is down")
    for service in ("db", "web", "mail"):
        await stand.signal(rule="svc", metric="service_up", labels={"host": "a", "service": service})
    await stand.signal(rule="svc", metric="service_up", labels={"host": "b", "service": "db"})
    await stand.at(60)
    assert sorted(names for *_, names in stand.told()) == [["a"], ["b,db"]]
    assert {alert.inhibited_by != "" for alert in stand.service.open_alerts() if dict(alert.labels)["host"] == "b"} == {
        False
    }
    await stand.signal("clear", rule="svc", metric="service_up", labels={"host": "a", "service": "web"})
    await stand.at(90)
    await stand.signal("clear", rule="up", metric="host_up", labels={"host": "a"})
    await stand.at(120)
    assert sorted((kind, names) for _, _, kind, names in stand.told()[2:]) == [
        ("fired", ["a,db", "a,mail"]),
        ("resolved", ["a"]),
    ]


async def test_a_marketplace_that_is_down_mutes_its_missing_orders(begin: Begin) -> None:
    """No orders from Naver is no news while Naver's API is down; from Coupang it is."""
    stand = await begin()
    await stand.signal(rule="m", metric="marketplace_up", labels={"marketplace": "naver"}, severity="critical")
    await stand.signal(rule="o", metric="shop_orders_per_minute", labels={"marketplace": "naver"})
    await stand.signal(rule="o", metric="shop_orders_per_minute", labels={"marketplace": "coupang"})
    await stand.at(10)
    assert [names for *_, names in stand.told()] == [["naver"], ["coupang"]]


async def test_a_cause_that_comes_later_stops_what_follows(begin: Begin) -> None:
    """A service told before its host fell is not repeated while the host is down, but its end is told."""
    plan = replace_plan(ONE, repeat=60_000)
    stand = await begin(plan)
    await stand.signal(rule="svc", metric="service_up", labels={"host": "a"})
    await stand.at(30)
    await stand.signal(rule="up", metric="host_up", labels={"host": "a"}, severity="critical", message="down")
    await stand.at(100)
    await stand.signal("clear", rule="svc", metric="service_up", labels={"host": "a"})
    await stand.at(101)
    told = [(at, kind) for at, _, kind, names in stand.told() if kind != "repeated"]
    assert told == [(0.1, "fired"), (30.1, "fired"), (100.1, "resolved")]
    assert [at for at, _, kind, _ in stand.told() if kind == "repeated"] == [90.1]


async def test_configured_inhibition(begin: Begin) -> None:
    """A cause of one's own mutes what has the same value under the name that must be equal."""
    own = Inhibition(name="x", source=(("rule", "power"),), target=(("severity", "warning"),), equal=("room",))
    stand = await begin(replace_plan(ONE, inhibitions=(own,)))
    await stand.signal(rule="power", metric="volts", labels={"room": "1"}, severity="critical")
    await stand.signal(rule="t", metric="temp", labels={"room": "1"})
    await stand.signal(rule="t", metric="temp", labels={"room": "2"})
    await stand.at(5)
    assert [names for *_, names in stand.told()] == [["1"], ["2"]]


async def test_silence_and_its_end(begin: Begin, clock: VirtualClock) -> None:
    """Nothing is told while silenced; what is still open when the silence ends is told then."""
    stand = await begin()
    await stand.service.silence(silence(clock, 600))
    await stand.at(10)
    await stand.signal()
    await stand.at(599)
    assert stand.told() == []
    assert stand.service.open_alerts()[0].silenced_by
    await stand.at(700)
    assert [(at, kind) for at, _, kind, _ in stand.told()] == [(600.1, "fired")]
    assert stand.service.silences() == []


async def test_who_heard_it_hears_its_end_though_silenced(begin: Begin, clock: VirtualClock) -> None:
    """An alert told before the silence, over within it: its end is told to those who heard, and nothing else."""
    stand = await begin(replace_plan(ONE, repeat=60_000))
    await stand.signal()
    await stand.at(10)
    await stand.service.silence(silence(clock, 3_600))
    await stand.at(400)
    await stand.signal("clear")
    await stand.at(800)
    assert [(at, kind) for at, _, kind, _ in stand.told()] == [(0.1, "fired"), (400.1, "resolved")]


async def test_a_silence_can_be_ended_early(begin: Begin, clock: VirtualClock) -> None:
    """Ended by hand, what is open is told at once; it is in the audit, with its reason."""
    stand = await begin()
    kept = await stand.service.silence(silence(clock, 3_600))
    await stand.signal()
    await stand.at(60)
    await stand.service.end_silence(kept.id, by="lee")
    await stand.at(61)
    assert [at for at, *_ in stand.told()] == [60.1]
    assert [(entry.by, entry.action, entry.detail) for entry in stand.fake.entries] == [
        ("kim", "silence", "work"),
        ("lee", "unsilence", "work"),
    ]
    with pytest.raises(NotFound):
        await stand.service.end_silence(kept.id, by="lee")


async def test_maintenance_comes_back(begin: Begin, clock: VirtualClock) -> None:
    """A window from 9:10 to 9:20 on weekdays keeps quiet on Monday and on Tuesday, and tells what is left."""
    start = MONDAY_9_SEOUL - 7 * 86_400_000 + 600_000
    window = Silence(
        id="settings:w",
        matchers=(("metric", "cpu*"),),
        starts_at=start,
        ends_at=start + 600_000,
        reason="backup",
        by="settings",
        created_at=0,
        repeats="weekday",
    )
    stand = await begin(replace_plan(ONE, maintenance=(window,)))
    for day in (0, 1):
        await stand.at(day * 86_400 + 700)
        await stand.signal()
        await stand.at(day * 86_400 + 1_500)
        await stand.signal("clear")
    await stand.at(2 * 86_400)
    assert [(at, kind) for at, _, kind, _ in stand.told()] == [
        (1_200.1, "fired"),
        (1_500.1, "resolved"),
        (86_400 + 1_200.1, "fired"),
        (86_400 + 1_500.1, "resolved"),
    ]
    with pytest.raises(Conflict):
        await stand.service.end_silence("settings:w", by="kim")


async def test_flapping_is_told_once(begin: Begin) -> None:
    """Sixty breaches in ten minutes: three are told, then that it flaps, and its end after five calm minutes."""
    stand = await begin()
    for turn in range(60):
        await stand.at(turn * 10)
        await stand.signal()
        await stand.at(turn * 10 + 5)
        await stand.signal("clear")
    await stand.at(1_000)
    told = stand.told()
    assert len(told) <= 6
    assert told[-1][2] == "resolved"
    assert told[-1][0] == 595 + 300.1
    flapping = [notice for notice in stand.notices() if notice.kind == "fired" and notice.alerts[0].flapping]
    assert len(flapping) == 1


@pytest.mark.guide("G016")
async def test_escalation_by_severity_over_a_rota_change(begin: Begin) -> None:
    """Slack at once, who is on call after ten minutes, mail after an hour; who takes over on Monday hears it too."""
    rota = Rota(
        name="primary",
        people=("kim", "lee"),
        starts=date(2026, 11, 16),
        weekday=0,
        handover=time(9, 30),
        timezone="Asia/Seoul",
    )
    plan = Plan(
        channels=("slack", "webhook:kim", "webhook:lee", "email"),
        pace=QUICK,
        policies=(
            Policy(
                name="night",
                severities=frozenset({"critical"}),
                steps=(
                    Step(channels=("slack",)),
                    Step(wait=600_000, rotas=("primary",)),
                    Step(wait=3_000_000, channels=("email",)),
                ),
                repeat=0,
            ),
            Policy(name="day", severities=frozenset({"warning"}), steps=(Step(channels=("email",)),)),
        ),
        people={"kim": ("webhook:kim",), "lee": ("webhook:lee",)},
        rotas={"primary": rota},
    )
    stand = await begin(plan)
    await stand.signal(severity="critical")
    await stand.signal(rule="w", metric="w", severity="warning")
    await stand.at(1_799)
    assert stand.told() == [
        (0.1, "slack", "fired", ["CPU is high"]),
        (0.1, "email", "fired", ["CPU is high"]),
        (600.0, "webhook:kim", "escalated", ["CPU is high"]),
    ]
    await stand.at(3_599)
    assert stand.told()[3:] == [(1_800.0, "webhook:lee", "escalated", ["CPU is high"])]
    await stand.at(4_000)
    assert stand.told()[4:] == [(3_600.0, "email", "escalated", ["CPU is high"])]
    await stand.signal("clear")
    await stand.at(4_001)
    assert {channel for _, channel, kind, _ in stand.told() if kind == "resolved"} == set(plan.channels)


async def test_acknowledged_alerts_do_not_escalate(begin: Begin) -> None:
    """Somebody has it in hand before the second step: nobody else is called."""
    policy = Policy(name="p", steps=(Step(channels=("slack",)), Step(wait=60_000, channels=("email",))), repeat=30_000)
    stand = await begin(Plan(channels=("slack", "email"), pace=QUICK, policies=(policy,)))
    await stand.signal()
    await stand.at(20)
    await stand.service.acknowledge(stand.service.open_alerts()[0].id, by="kim")
    await stand.at(600)
    assert [(channel, kind) for _, channel, kind, _ in stand.told()] == [("slack", "fired"), ("slack", "acknowledged")]


async def test_a_rules_own_channels_and_policy(begin: Begin) -> None:
    """A rule's channels take the first step's place, and its escalation names the policy."""
    policies = (
        Policy(name="all", steps=(Step(everyone=True),)),
        Policy(name="slow", steps=(Step(channels=("slack",)), Step(wait=60_000, everyone=True))),
    )
    stand = await begin(Plan(channels=("slack", "email", "telegram"), pace=QUICK, policies=policies))
    await stand.signal(channels=("telegram", "gone"), escalation="slow")
    await stand.at(61)
    assert [(at, channel) for at, channel, _, _ in stand.told()] == [
        (0.1, "telegram"),
        (60.0, "email"),
        (60.0, "slack"),
    ]


async def test_a_rule_whose_channels_do_not_exist_is_told_all_the_same(begin: Begin) -> None:
    """A misspelt channel sends its alerts where those of rules without channels go, never to nobody."""
    policies = (Policy(name="all", steps=(Step(channels=("slack",)),)),)
    stand = await begin(Plan(channels=("slack", "email"), pace=QUICK, policies=policies))
    await stand.signal(channels=("slakc",))
    await stand.at(1)
    assert [(channel, kind) for _, channel, kind, _ in stand.told()] == [("slack", "fired")]


async def test_a_restart_in_the_middle(begin: Begin, clock: VirtualClock) -> None:
    """Durations, escalation, repeats and silences go on where they were; nothing is told twice, nothing is lost."""
    policy = Policy(
        name="p", steps=(Step(channels=("slack",)), Step(wait=600_000, channels=("email",))), repeat=3_600_000
    )
    plan = Plan(channels=("slack", "email"), pace=QUICK, policies=(policy,))
    first = await begin(plan)
    await first.signal()
    await first.signal(rule="slow", metric="slow", for_ms=300_000)
    quiet = await first.service.silence(silence(clock, 1_200, matchers=(("metric", "hush"),)))
    await first.signal(rule="hush", metric="hush")
    await first.at(120)
    await first.stop()
    await clock.advance(60)
    second = await begin(plan, records=first.records)
    assert [one.id for one, _ in second.service.silences()] == [quiet.id]
    assert [alert.rule for alert in second.service.pending_alerts()] == ["slow"]
    await second.signal(rule="slow", metric="slow", for_ms=300_000)
    await clock.advance(1_100)
    told = first.told()
    assert [(at, channel, kind) for at, channel, kind, _ in told] == [
        (0.1, "slack", "fired"),
        (300.1, "slack", "fired"),
        (600.0, "email", "escalated"),
        (900.0, "email", "escalated"),
        (1_200.1, "slack", "fired"),
    ]
    await second.signal("clear")
    await clock.advance(1)
    assert sorted(channel for _, channel, kind, _ in first.told() if kind == "resolved") == ["email", "slack"]


async def test_a_restart_before_the_message(begin: Begin, clock: VirtualClock) -> None:
    """Fired and kept, but ended before the wait was over: the next start tells it, once."""
    first = await begin()
    await first.signal()
    await first.stop()
    assert first.told() == []
    second = await begin(records=first.records)
    await clock.advance(10)
    assert len(first.told()) == 1
    await second.stop()
    await begin(records=first.records)
    await clock.advance(10)
    assert len(first.told()) == 1


async def test_a_pending_alert_from_before_waits_for_its_rule(begin: Begin, clock: VirtualClock) -> None:
    """Whether a condition stood while we were away only its rule can say: without a word it is dropped, not fired."""
    first = await begin()
    await first.signal(for_ms=60_000)
    await first.stop()
    await clock.advance(600)
    second = await begin(records=first.records)
    await clock.advance(600)
    assert first.told() == []
    assert second.service.pending_alerts() == []
    assert second.board.changes() == ["dropped"]


async def test_pushed_alerts_expire_five_minutes_after_a_restart(begin: Begin, clock: VirtualClock) -> None:
    """Nobody could send them again while we were away."""
    first = await begin()
    await first.push(metric="x")
    await first.at(1)
    await first.stop()
    await clock.advance(1_000)
    await begin(records=first.records)
    await clock.advance(299)
    assert len(first.told()) == 1
    await clock.advance(2)
    assert first.told()[-1][2] == "resolved"


async def test_while_the_records_are_away(begin: Begin, clock: VirtualClock) -> None:
    """A full disk refuses what can be sent again; what rules say goes on in memory and is kept once there is space."""
    stand = await begin()
    stand.fake.failure = StorageFull("the disk is full")
    with pytest.raises(StorageFull):
        await stand.push()
    await stand.signal()
    await stand.at(5)
    assert [alert.rule for alert in stand.service.open_alerts()] == ["cpu"]
    assert stand.board.changes() == ["fired"]
    assert not stand.fake.steps
    stand.fake.failure = None
    await stand.at(7)
    assert [step.change for step in stand.fake.steps if step.change == "fired"] == ["fired"]
    assert [kind for _, _, kind, _ in stand.told()] == ["fired"]


async def test_living_alerts_are_bounded(begin: Begin) -> None:
    """What exceeds the bound is refused aloud and counted; known ones go on."""
    stand = await begin(limit=2)
    await stand.push("one")
    await stand.push("two")
    with pytest.raises(TooMany):
        await stand.push("three")
    await stand.push("two")
    await stand.signal()
    assert len(stand.service.open_alerts()) == 2
    figures = {sample.metric: sample.value for sample in stand.service.figures() if not sample.labels}
    assert figures["bongsu_alerts_refused_total"] == 2


async def test_every_change_is_announced(begin: Begin) -> None:
    """Screens hear each step with the alert as it stands."""
    stand = await begin()
    alert_id = await stand.push(metric="m", value=1.0)
    await stand.service.acknowledge(alert_id, by="kim")
    await stand.service.unacknowledge(alert_id, by="kim")
    await stand.service.resolve(alert_id, by="kim", note="done")
    await stand.at(1)
    assert stand.board.changes() == ["fired", "acknowledged", "unacknowledged", "resolved"]
    assert stand.board.frames[-1]["alert"]["phase"] == "resolved"
    with pytest.raises(Conflict):
        await stand.service.resolve(alert_id, by="kim")
    with pytest.raises(NotFound):
        await stand.service.resolve("nobody", by="kim")


async def test_acknowledging_from_a_message(begin: Begin) -> None:
    """The button of a message acknowledges every alert it told of that still fires."""
    stand = await begin()
    await stand.signal(labels={"host": "a"})
    await stand.signal(labels={"host": "b"})
    await stand.at(1)
    await stand.signal("clear", labels={"host": "b"})
    (notice,) = stand.notices()
    assert await stand.service.acknowledge_notice(notice.id, by="link") == 1
    assert await stand.service.acknowledge_notice(notice.id, by="link") == 0
    assert [alert.phase for alert in await stand.service.told_by(notice.id)] == ["acknowledged", "resolved"]
    with pytest.raises(NotFound):
        await stand.service.acknowledge_notice("nothing", by="link")


async def test_no_channel_no_message(begin: Begin) -> None:
    """Without channels alerts live and are seen all the same."""
    stand = await begin(Plan())
    await stand.signal()
    await stand.at(10)
    await stand.signal("clear")
    assert stand.told() == []
    assert stand.board.changes() == ["fired", "resolved"]


async def test_flapping_is_known_after_a_restart(begin: Begin, clock: VirtualClock) -> None:
    """Three short breaches before a restart and one after it are four: it flaps."""
    first = await begin(temper=Temper())
    for _ in range(3):
        await first.signal()
        await first.signal("clear")
        await clock.advance(5)
    await first.stop()
    second = await begin(records=first.records)
    await second.signal()
    assert second.service.open_alerts()[0].flapping


def replace_plan(plan: Plan, **more: Any) -> Plan:
    return with_changes(plan, **more)
