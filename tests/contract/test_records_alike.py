"""The records in SQLite and the fake give the same answers, whatever was done to both."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bongsu.model.alert import SEVERITIES, Alert, Delivery, Transition
from bongsu.records.sql import SqlRecords
from tests.contract.test_records import T0, alert, notice, step
from tests.fakes.clock import VirtualClock
from tests.fakes.records import FakeRecords

NAMES = st.sampled_from("abc")
MOMENTS = st.integers(T0 - 3, T0 + 3)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    """One of a few alerts, anywhere in its life."""
    return alert(
        draw(NAMES),
        phase=draw(st.sampled_from(["pending", "firing", "acknowledged", "resolved"])),
        severity=draw(st.sampled_from(SEVERITIES[:2])),
        message=draw(TEXTS),
        labels=(("host", draw(TEXTS)),),
        value=draw(st.none() | st.integers(0, 2).map(float)),
        pending_at=draw(MOMENTS),
        fired_at=draw(st.none() | MOMENTS),
        clearing_at=draw(st.none() | MOMENTS),
        no_data=draw(st.booleans()),
    )


STEPS = st.lists(st.builds(step, alerts(), st.sampled_from(["fired", "updated", "resolved"]), MOMENTS), max_size=4)
NOTICES = st.lists(
    st.builds(
        lambda name, told, at, severity: notice(name, *told, at=at, severity=severity),
        st.sampled_from("klmno"),
        st.lists(alerts(), max_size=2, unique_by=lambda one: one.id),
        MOMENTS,
        st.sampled_from(SEVERITIES),
    ),
    max_size=4,
)
MARKS = st.lists(
    st.builds(
        lambda name, state, next_at, done_at: Delivery(
            notice=notice(name), state=state, next_at=next_at, done_at=done_at, attempts=1, error="x"
        ),
        st.sampled_from("klmno"),
        st.sampled_from(["waiting", "sent", "dead", "dropped"]),
        MOMENTS,
        st.none() | MOMENTS,
    ),
    max_size=3,
)
DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), STEPS, NOTICES),
        st.tuples(st.just("put"), NOTICES),
        st.tuples(st.just("mark"), MARKS),
    ),
    max_size=8,
)


async def answers(records: SqlRecords | FakeRecords, text: str, at: int) -> list[Any]:
    """Everything that can be asked."""
    return [
        await records.living(),
        await records.alert("a"),
        await records.past(start=at, end=T0 + 3, text=text, limit=2),
        await records.transitions(start=at),
        await records.transitions(alert_id="b", limit=3),
        await records.due(at, limit=2),
        await records.waiting(),
        await records.done(start=at),
        await records.counts(),
        await records.waiting(channel="slack", skip=1, limit=2),
        await records.done(start=at, state="dead"),
        await records.delivery("k"),
    ]


# Each try opens a database: making an example that differs smaller would take minutes.
@given(doings=DOINGS, text=TEXTS, at=MOMENTS)
@settings(max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_they_answer_alike(doings: list[Any], text: str, at: int) -> None:
    """Any commits, puts and marks in any order leave both with the same alerts, steps and deliveries."""

    async def both() -> None:
        clock = VirtualClock(T0)
        real, fake = await SqlRecords.open(None, clock=clock), FakeRecords(clock=clock)
        try:
            for name, *told in doings:
                for records in (real, fake):
                    await getattr(records, name)(*told)
            assert await answers(real, text, at) == await answers(fake, text, at)
        finally:
            await real.close()

    asyncio.run(both())


def test_the_two_differ_where_one_is_changed() -> None:
    """The comparison sees a difference: a step that only one of them has."""

    async def both() -> None:
        clock = VirtualClock(T0)
        real, fake = await SqlRecords.open(None, clock=clock), FakeRecords(clock=clock)
        await real.commit([step(alert())])
        await fake.commit([Transition(alert=replace(alert(), value=1.0), change="fired", at=T0)])
        assert await answers(real, "", T0) != await answers(fake, "", T0)
        await real.close()

    asyncio.run(both())
