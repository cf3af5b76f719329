"""The outbox in memory answers as the others do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bongsu.model.alert import SEVERITIES, Delivery
from bongsu.model.errors import Unavailable
from bongsu.notify.memory import KEPT, MOST, MemoryOutbox
from bongsu.ports import Outbox
from tests.contract.test_records import T0, notice
from tests.fakes.clock import VirtualClock
from tests.fakes.records import FakeRecords

NAMES = st.sampled_from("klmno")
NOTICES = st.lists(
    st.builds(
        # Moments differ, so that order is told by them alone.
        lambda name, severity, channel: replace(notice(name, at=T0 + ord(name), severity=severity), channel=channel),
        NAMES,
        st.sampled_from(SEVERITIES),
        st.sampled_from(["slack", "email"]),
    ),
    max_size=4,
)
MARKS = st.lists(
    st.builds(
        lambda name, state, done_at: Delivery(
            notice=notice(name), state=state, next_at=T0 + 120, done_at=T0 + 10 * ord(name) + done_at, attempts=1
        ),
        NAMES,
        st.sampled_from(["waiting", "sent", "dead", "dropped"]),
        st.integers(0, 3),
    ),
    max_size=3,
)


async def answers(outbox: Outbox) -> list[Any]:
    """Everything that can be asked."""
    return [
        await outbox.due(T0 + 110, limit=3),
        await outbox.due(T0 + 200, channel="email"),
        await outbox.waiting(),
        await outbox.waiting(channel="slack", skip=1, limit=2),
        await outbox.done(limit=3),
        await outbox.done(state="dead"),
        await outbox.counts(),
        await outbox.delivery("k"),
    ]


@given(st.lists(st.tuples(st.just("put"), NOTICES) | st.tuples(st.just("mark"), MARKS), max_size=8))
@settings(max_examples=80)
def test_it_answers_as_the_records_do(doings: list[tuple[str, Any]]) -> None:
    """Any puts and marks leave it with the same deliveries as the fake, which is held to the records in SQL."""

    async def both() -> None:
        memory, fake = MemoryOutbox(), FakeRecords(clock=VirtualClock(T0))
        for name, told in doings:
            for outbox in (memory, fake):
                await getattr(outbox, name)(told)
        assert await answers(memory) == await answers(fake)

    asyncio.run(both())


async def test_it_is_bounded() -> None:
    """Too many waiting notices are refused, old receipts are forgotten."""
    outbox = MemoryOutbox()
    await outbox.put([notice(str(number)) for number in range(MOST)])
    with pytest.raises(Unavailable):
        await outbox.put([notice("one more")])
    await outbox.mark([Delivery(notice=notice(str(number)), state="sent", done_at=T0) for number in range(KEPT + 50)])
    assert len(await outbox.done(limit=MOST)) == KEPT
    assert await outbox.delivery("0") is None
