"""Events through the client: in bodies of their own keys, tried again without counting twice."""

from __future__ import annotations

import asyncio
import contextlib
import io
from pathlib import Path

import pytest

from bongsu.client import AsyncClient, Event
from bongsu.model.errors import Unavailable
from bongsu.model.event import EventBatch
from bongsu.model.sample import Receipt
from bongsu.quality.counters import Count
from tests.fakes.server import Stand, running

TEXT = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text(encoding="utf-8")


def counted(stand: Stand, feed: str = "krx") -> int:
    """Events of the feed that were counted."""
    return stand.book.feeds[feed].state.total


async def test_a_body_that_was_taken_without_an_answer_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server counts a body and fails to say so: the client sends it again, under the same key."""
    stand = Stand()
    take = stand.keeper.take
    failures = 2

    async def forgetful(batches: list[EventBatch], *, key: str, digest: int, receipt: Receipt) -> None:
        nonlocal failures
        await take(batches, key=key, digest=digest, receipt=receipt)
        if failures:
            failures -= 1
            raise Unavailable("no answer")

    monkeypatch.setattr(stand.keeper, "take", forgetful)

    async def at_once(_: float) -> None:
        return

    now = stand.clock.now()
    events = [
        Event(feed=feed, symbol=str(i % 3), at=now, seq=i, session="day", fields={"price": 1.5, "side": "buy"})
        for i in range(1, 31)
        for feed in ("krx", "coin")
    ]
    async with running(stand), AsyncClient(stand.url, sleep=at_once) as client:
        receipt = await client.send_events(events)
    assert (receipt.accepted, receipt.refused) == (60, ())
    assert (counted(stand), counted(stand, "coin")) == (30, 30)
    state = stand.book.feeds["krx"].state
    assert state.counters.window("1m", 3)[:, Count.DUPLICATES].sum() == 0


async def test_many_events_are_read_as_they_are_sent() -> None:
    """More events than a body holds go as several, out of a generator too."""
    stand = Stand()
    now = stand.clock.now()
    async with running(stand), AsyncClient(stand.url) as client:
        receipt = await client.send_events(Event(feed="krx", symbol="a", at=now, seq=i) for i in range(1, 20_002))
    assert receipt.accepted == counted(stand) == 20_001


async def test_the_documents_program_runs() -> None:
    """What docs/feeds.md shows sends four events."""
    _, _, rest = TEXT.partition("```python\n")
    program = rest.partition("```")[0]
    stand = Stand()
    async with running(stand):

        def run() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(program.replace("http://127.0.0.1:8080", stand.url), "docs/feeds.md", "exec"), {})

        await asyncio.to_thread(run)
    assert counted(stand) == 4
