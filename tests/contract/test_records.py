"""What all records must do: those in SQLite on disk and in memory, in PostgreSQL, and the fake that others test on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import sqlalchemy
from msgspec.structs import replace

from bongsu.model.alert import Alert, AuditEntry, Change, Delivery, Notice, Severity, Silence, Transition
from bongsu.model.sample import labels_of
from bongsu.records.schema import METADATA
from bongsu.records.sql import DAY, SqlRecords
from tests.fakes.clock import VirtualClock
from tests.fakes.postgres import cluster
from tests.fakes.records import FakeRecords

T0 = 1_763_778_000_000
Records: TypeAlias = SqlRecords | FakeRecords


@pytest.fixture(scope="module")
def postgres(program: Callable[..., str]) -> Iterator[str]:
    """One cluster for all; each test begins with an empty database."""
    with cluster(program) as url:
        yield url


@pytest.fixture
def clock() -> VirtualClock:
    """It stands at T0."""
    return VirtualClock(T0)


@pytest.fixture(params=["disk", "memory", "postgres", "fake"])
async def records(request: pytest.FixtureRequest, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[Records]:
    """Each kind in turn, empty."""
    if request.param == "fake":
        yield FakeRecords(clock=clock)
        return
    place: str | Path | None = tmp_path if request.param == "disk" else None
    if request.param == "postgres":
        place = request.getfixturevalue("postgres")
        emptied = sqlalchemy.create_engine(str(place).replace("postgresql:", "postgresql+psycopg:"))
        METADATA.drop_all(emptied)
        emptied.dispose()
    opened = await SqlRecords.open(place, clock=clock)
    yield opened
    await opened.close()


def alert(name: str = "a", **more: Any) -> Alert:
    """An alert that fires."""
    usual: dict[str, Any] = {
        "fingerprint": f"of {name}",
        "source": "rule",
        "severity": "warning",
        "phase": "firing",
        "message": "cpu_usage is above 90",
        "metric": "cpu_usage",
        "labels": labels_of(host="web-1"),
        "value": 93.5,
        "pending_at": T0 - 1000,
        "fired_at": T0,
        "changed_at": T0,
    }
    return Alert(id=name, **(usual | more))


def step(one: Alert, change: Change = "fired", at: int = T0, **more: Any) -> Transition:
    """A step of its life."""
    return Transition(alert=one, change=change, at=at, **more)


def over(one: Alert, at: int = T0 + 60_000) -> Alert:
    """The same alert once it is over."""
    return replace(one, phase="resolved", resolved_at=at, changed_at=at)


def notice(name: str = "n", *alerts: Alert, at: int = T0, severity: Severity = "warning", **more: Any) -> Notice:
    """Something to be told in Slack."""
    return Notice(id=name, kind="fired", channel="slack", severity=severity, at=at, alerts=alerts, **more)


def ids(deliveries: list[Delivery]) -> list[str]:
    """Of their notices."""
    return [one.notice.id for one in deliveries]


# -- alerts ----------------------------------------------------------------------------------------------------


async def test_everything_of_an_alert_comes_back(records: Records) -> None:
    """Every field of an alert, its step and its notice survives as it was, Korean and control characters included."""
    full = alert(
        message='결제 지연 "\x00\n\\ %_ 🔥',
        labels=labels_of({"host": "웹-1", "이름": "가\x1f나"}),
        threshold=90.0,
        unit="%",
        rule="cpu",
        acknowledged_at=T0 + 5,
        acknowledged_by="민수",
        acknowledged_until=T0 + 9,
        note="보는 중",
        clearing_at=T0 + 6,
        fires=(T0 - 5, T0),
        channels=("slack", "email"),
        group_by=("host",),
        phase="acknowledged",
    )
    taken = step(full, "acknowledged", T0 + 5, by="민수", note="보는 중")
    told = notice("n", full, text="글", language="en", step=2, group="g")
    await records.commit([taken], [told])
    assert await records.alert("a") == full
    assert await records.living() == [full]
    assert await records.transitions() == [taken]
    assert await records.waiting() == [Delivery(notice=told, next_at=T0)]


async def test_an_unknown_alert_is_none(records: Records) -> None:
    """Asking for what never was gives nothing, not an error."""
    assert await records.alert("nobody") is None
    assert await records.transitions(alert_id="nobody") == []
    assert await records.living() == []


async def test_nothing_to_commit_is_nothing(records: Records) -> None:
    """Empty lists are taken and change nothing."""
    await records.commit([], [])
    await records.put([])
    await records.mark([])
    assert await records.waiting() == []


async def test_the_last_step_counts(records: Records) -> None:
    """An alert stands as after its last step, be they in one commit or in several."""
    begun = alert(phase="pending", fired_at=None)
    await records.commit([step(begun, "pending", T0 - 1000), step(alert())])
    assert (await records.living()) == [alert()]
    await records.commit([step(over(alert()), "resolved", T0 + 60_000)])
    assert await records.living() == []
    assert [one.change for one in await records.transitions(alert_id="a")] == ["pending", "fired", "resolved"]


async def test_the_living_are_pending_firing_acknowledged(records: Records) -> None:
    """Whatever isn't over lives; what was dropped while pending does not."""
    phases: tuple[Any, ...] = ("pending", "firing", "acknowledged", "resolved")
    for offset, phase in enumerate(phases):
        await records.commit([step(alert(phase, phase=phase, pending_at=T0 + offset))])
    assert [one.id for one in await records.living()] == ["pending", "firing", "acknowledged"]


async def test_the_living_include_those_whose_end_nobody_heard(records: Records) -> None:
    """Who was told that it fires must be told that it is over: until a notice says so, a resolved alert is living."""
    one, silent = alert("told"), alert("silent")
    await records.commit([step(one), step(silent)], [notice("1", one)])
    await records.commit([step(over(one), "resolved"), step(over(silent), "resolved")])
    assert await records.living() == [over(one)]
    await records.put([replace(notice("2", over(one)), kind="resolved")])
    assert await records.living() == []
    await records.put([notice("1", one)])
    assert await records.living() == []


async def test_both_in_one_commit(records: Records) -> None:
    """The notice that tells of a step may be put with it."""
    await records.commit([step(alert())], [notice("1", alert())])
    ended = over(alert())
    await records.commit([step(ended, "resolved")], [replace(notice("2", ended), kind="resolved")])
    assert await records.living() == []
    assert ids(await records.waiting()) == ["1", "2"]


async def test_past_alerts_newest_first(records: Records) -> None:
    """Those that fired in the range, its end excluded, newest first, no more than asked for; no others."""
    for offset in range(5):
        await records.commit([step(alert(f"a{offset}", fired_at=T0 + offset))])
    await records.commit([step(alert("never", phase="resolved", fired_at=None), "dropped")])
    assert [one.id for one in await records.past(start=T0 + 1, end=T0 + 4)] == ["a3", "a2", "a1"]
    assert [one.id for one in await records.past(start=0, end=T0 + DAY, limit=2)] == ["a4", "a3"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {"plain", "signs", "korean"}),
        ("ABOVE", {"plain"}),
        ("web-1", {"plain"}),
        ("host=web", {"plain"}),
        ("cpu_usage", {"plain"}),
        ("100%", {"signs"}),
        ("%", {"signs"}),
        ("a_b", {"signs"}),
        ("\\", {"signs"}),
        ("'; DROP TABLE alerts; --", set()),
        ("결제", {"korean"}),
        ("\x00", {"korean"}),
        ("x" * 100_000, set()),
    ],
)
async def test_past_alerts_by_text(records: Records, text: str, found: set[str]) -> None:
    """A text is looked for as it is in message, metric and labels, capital or not; signs of SQL mean nothing."""
    await records.commit(
        [
            step(alert("plain")),
            step(alert("signs", message="disk at 100%, a_b c:\\", metric="disk", labels=())),
            step(alert("korean", message="결제\x00지연", metric="pay", labels=labels_of(shop="가게"))),
        ]
    )
    assert {one.id for one in await records.past(start=0, end=T0 + 1, text=text)} == found


async def test_steps_oldest_first(records: Records) -> None:
    """Steps come back in order from the asked moment on, of one alert or of all, no more than asked for."""
    for offset, name in enumerate("abab"):
        await records.commit([step(alert(name), "fired", T0 + offset)])
    assert [one.at - T0 for one in await records.transitions(start=T0 + 1)] == [1, 2, 3]
    assert [one.at - T0 for one in await records.transitions(alert_id="a")] == [0, 2]
    assert [one.at - T0 for one in await records.transitions(limit=2)] == [0, 1]


async def test_a_run_of_updates_is_kept_as_its_last(records: Records) -> None:
    """Updates that tell nothing but newer values replace each other; one that tells more, or another step, stays."""

    def updated(value: float, at: int, **more: Any) -> Transition:
        return step(alert(value=value, **more), "updated", T0 + at)

    await records.commit([step(alert()), updated(1, 1), updated(2, 2)])
    await records.commit([updated(3, 3), step(alert("b"), "updated", T0 + 3)])
    await records.commit([updated(4, 4, severity="critical")])
    await records.commit([updated(5, 5, severity="critical"), step(alert(), "acknowledged", T0 + 6)])
    await records.commit([updated(6, 7, severity="critical")])
    steps = await records.transitions(alert_id="a")
    assert [(one.change, one.alert.value) for one in steps] == [
        ("fired", 93.5),
        ("updated", 3.0),
        ("updated", 5.0),
        ("acknowledged", 93.5),
        ("updated", 6.0),
    ]
    assert len(await records.transitions(alert_id="b")) == 1


# -- the outbox ------------------------------------------------------------------------------------------------


async def test_due_worst_first_then_oldest(records: Records) -> None:
    """What is to be tried now comes by severity, then by age, then in the order in which it was put."""
    await records.put([notice("info", severity="info", at=T0 - 9), notice("b", at=T0), notice("a", at=T0)])
    await records.put([notice("worst", severity="critical", at=T0), notice("old", at=T0 - 5)])
    await records.put([notice("later", at=T0 + 1, severity="critical")])
    assert ids(await records.due(T0)) == ["worst", "old", "b", "a", "info"]
    assert ids(await records.due(T0, limit=2)) == ["worst", "old"]
    assert ids(await records.due(T0 + 1)) == ["worst", "later", "old", "b", "a", "info"]
    assert ids(await records.waiting()) == ["info", "old", "b", "a", "worst", "later"]


async def test_a_known_notice_is_not_added_twice(records: Records) -> None:
    """A notice's id is its idempotency key: neither put nor commit bring it back, whatever came of it."""
    await records.put([notice("n"), notice("n", at=T0 + 5)])
    assert await records.waiting() == [Delivery(notice=notice("n"), next_at=T0)]
    await records.mark([Delivery(notice=notice("n"), state="sent", attempts=1, done_at=T0 + 7)])
    await records.put([notice("n")])
    await records.commit([step(alert())], [notice("n"), notice("m")])
    assert ids(await records.waiting()) == ["m"]
    assert ids(await records.done()) == ["n"]


async def test_how_a_delivery_stands(records: Records) -> None:
    """What is marked comes back; a later try isn't due before its time; nothing is said of unknown ones."""
    await records.put([notice("n")])
    tried = Delivery(notice=notice("n"), attempts=3, next_at=T0 + 500, error="503 점검 중")
    await records.mark([tried, Delivery(notice=notice("unknown"), state="sent")])
    assert await records.due(T0 + 499) == []
    assert await records.due(T0 + 500) == [tried]
    sent = replace(tried, state="sent", receipt="ts-1", channel_used="email", done_at=T0 + 501, error="")
    await records.mark([sent])
    assert await records.due(T0 + DAY) == []
    assert await records.waiting() == []
    assert await records.done() == [sent]


async def test_the_notice_stays_as_it_was_put(records: Records) -> None:
    """Marking changes how a delivery stands, never what is told."""
    await records.put([notice("n", text="as put")])
    await records.mark([Delivery(notice=notice("n", text="cut"), attempts=1)])
    assert [one.notice.text for one in await records.waiting()] == ["as put"]


async def test_a_dead_letter_can_be_sent_again(records: Records) -> None:
    """Marked as waiting again it leaves the receipts and is due."""
    await records.put([notice("n")])
    await records.mark([Delivery(notice=notice("n"), state="dead", attempts=9, done_at=T0 + 1)])
    assert await records.due(T0 + DAY) == []
    again = Delivery(notice=notice("n"), next_at=T0 + 2)
    await records.mark([again])
    assert await records.done() == []
    assert await records.due(T0 + 2) == [again]


async def test_receipts_newest_first(records: Records) -> None:
    """Sent, dead and dropped ones by the moment of their end; without one by that of the notice."""
    states: tuple[Any, ...] = ("sent", "dead", "dropped", "sent", "waiting")
    await records.put([notice(str(number), at=T0 + 2) for number in range(5)])
    await records.mark(
        [
            Delivery(notice=notice(str(number), at=T0 + 2), state=state, done_at=None if number == 3 else T0 + number)
            for number, state in enumerate(states)
        ]
    )
    assert ids(await records.done()) == ["3", "2", "1", "0"]
    assert ids(await records.done(start=T0 + 2)) == ["3", "2"]
    assert ids(await records.done(limit=1)) == ["3"]


async def test_the_outbox_by_channel(records: Records) -> None:
    """Each channel's waiting ones can be asked for alone, a part at a time, and how many wait and are dead."""
    await records.put([replace(notice(str(number)), channel="slack" if number % 2 else "email") for number in range(6)])
    await records.mark([Delivery(notice=notice("3"), state="dead", done_at=T0)])
    assert ids(await records.due(T0, channel="slack")) == ["1", "5"]
    assert ids(await records.waiting(channel="email")) == ["0", "2", "4"]
    assert ids(await records.waiting(channel="email", skip=1, limit=1)) == ["2"]
    assert ids(await records.waiting(skip=4)) == ["5"]
    assert await records.counts() == {"slack": (2, 1), "email": (3, 0)}
    assert ids(await records.done(state="dead")) == ["3"]
    assert await records.done(state="sent") == []
    found = await records.delivery("3")
    assert found is not None
    assert (found.state, found.notice.channel) == ("dead", "slack")
    assert await records.delivery("9") is None


async def test_many_at_once(records: Records) -> None:
    """Far more notices than are looked up in one question go in and out; none that is known tells anything anew."""
    await records.commit([step(over(alert()), "resolved")])
    many = [notice(f"n{number:05}", alert(), at=T0 + number) for number in range(1_300)]
    await records.put([*many, notice("end", over(alert()), at=T0 + 2_000)])
    assert await records.living() == []
    await records.put(many)
    assert await records.living() == []
    assert [one.notice for one in await records.waiting()][:-1] == many


# -- silences, rules, audit ------------------------------------------------------------------------------------


def silence(name: str = "s", **more: Any) -> Silence:
    """An hour of quiet."""
    usual: dict[str, Any] = {
        "matchers": (("rule", "cpu"), ("host", "web-*")),
        "starts_at": T0 - 1000,
        "ends_at": T0 + 3_600_000,
        "reason": "배포",
        "by": "민수",
        "created_at": T0 - 1000,
    }
    return Silence(id=name, **(usual | more))


async def test_silences_in_force_or_to_come(records: Records, clock: VirtualClock) -> None:
    """Those over, ended by hand or past their last day are told only where all are asked for."""
    kept = [
        silence("now", created_at=T0),
        silence("soon", created_at=T0 + 1, starts_at=T0 + 9, ends_at=T0 + DAY),
        silence("over", created_at=T0 + 2, ends_at=T0),
        silence("stopped", created_at=T0 + 3, ended_at=T0),
        silence("weekly", created_at=T0 + 4, ends_at=T0 - 10, repeats="mon,thu"),
        silence("last day", created_at=T0 + 5, ends_at=T0 - 10, repeats="daily", until=T0 - DAY + 1),
        silence("gone", created_at=T0 + 6, ends_at=T0 - 10, repeats="daily", until=T0 - DAY),
    ]
    for one in kept:
        await records.save(one)
    assert await records.silences() == [kept[0], kept[1], kept[4], kept[5]]
    assert await records.silences(ended=True) == kept
    await clock.advance(3600)
    assert [one.id for one in await records.silences()] == ["soon", "weekly"]


async def test_a_silence_is_replaced_by_id(records: Records) -> None:
    """Ending or lengthening one doesn't make two."""
    await records.save(silence())
    await records.save(silence(ends_at=T0 + DAY))
    assert await records.silences() == [silence(ends_at=T0 + DAY)]
    await records.save(silence(ended_at=T0))
    assert await records.silences() == []


async def test_every_version_of_a_rule_is_kept(records: Records) -> None:
    """Versions count from one for each rule; a removed rule is not among the present ones and may come back."""
    assert await records.save_rule("cpu", '{"over": 90}', at=T0, by="민수") == 1
    assert await records.save_rule("disk", "{}", at=T0 + 1, by="") == 1
    assert await records.save_rule("cpu", None, at=T0 + 2, by="지영") == 2
    assert await records.rules() == {"disk": "{}"}
    assert await records.save_rule("cpu", '{"over": 95}', at=T0 + 3, by="민수") == 3
    assert await records.rules() == {"cpu": '{"over": 95}', "disk": "{}"}
    assert await records.versions("cpu") == [
        (1, T0, "민수", '{"over": 90}'),
        (2, T0 + 2, "지영", None),
        (3, T0 + 3, "민수", '{"over": 95}'),
    ]
    assert await records.versions("unknown") == []


async def test_the_audit_newest_first(records: Records) -> None:
    """Entries come newest first, those of one moment in the reverse of their order, no more than asked for."""
    entries = [
        AuditEntry(at=T0 + at, by="민수", action="rule.save", subject=str(number), detail="바꿈")
        for number, at in enumerate((0, 1, 1, 2))
    ]
    for entry in entries:
        await records.note(entry)
    assert await records.audit() == entries[::-1]
    assert await records.audit(start=T0 + 1, limit=2) == [entries[3], entries[2]]


async def test_it_tells_its_figures(records: Records) -> None:
    """Every figure has its entry in the catalogue."""
    from bongsu.records.metrics import METRICS

    await records.put([notice()])
    told = {one.metric for one in records.figures()}
    assert told <= {one.name for one in METRICS}
    if not isinstance(records, FakeRecords):
        assert told == {one.name for one in METRICS}


# -- settings --------------------------------------------------------------------------------------------------------


async def test_versions_of_settings_follow_each_other(records: Records) -> None:
    """Each version is the successor of the one it was made from; who comes late gets nothing kept."""
    first = await records.save_settings('{"a":1}', "[]", after=0, at=T0, by="kim", note="first")
    assert first is not None
    assert first.number == 1
    assert await records.save_settings('{"a":3}', "[]", after=0, at=T0, by="lee", note="late") is None
    second = await records.save_settings('{"a":2}', "[1]", after=1, at=T0 + 1, by="lee", note="")
    assert await records.settings_versions() == [second, first]
    assert await records.settings_versions(limit=1) == [second]
    assert await records.settings_version(1) == first
    assert await records.settings_version(3) is None


async def test_no_version_follows_one_that_is_not(records: Records) -> None:
    """A version can't be made from a number that doesn't exist."""
    assert await records.save_settings("{}", "[]", after=7, at=T0, by="kim", note="") is None
    assert await records.settings_versions() == []
