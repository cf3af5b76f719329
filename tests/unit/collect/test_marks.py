"""Changes of state as marks."""

from __future__ import annotations

import asyncio

import pytest

from bongsu.collect.checks.standing import advance
from bongsu.collect.checks.watch import Target
from bongsu.collect.marks import Marks
from bongsu.model.check import Outcome, Standing, State
from bongsu.model.errors import StorageFull
from tests.fakes.clock import VirtualClock
from tests.fakes.marks import ListedMarks, ToldMarks


class Nobody:
    """Is never asked."""

    async def probe(self) -> Outcome:
        raise AssertionError


TARGET = Target(
    kind="marketplace",
    name="11st",
    title_ko="11번가",
    title_en="11st",
    protocol="https",
    address="",
    interval_ms=60_000,
    timeout=1.0,
    prober=Nobody(),
)


async def play(marks: Marks, *states: State) -> None:
    """Let the target's probes find these states, as the watch tells them."""
    standing = Standing(since=0)
    for at, state in enumerate(states, start=1):
        before, standing = standing, advance(standing, Outcome(at=at, state=state))
        if standing.state != before.state and before.probes:
            marks.changed(TARGET, before, standing)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("up", "down", "up"), []),
        (("up", "down", "down", "down"), [("up", "down")]),
        (("up", "down", "down", "down", "up", "up"), [("up", "down"), ("down", "up")]),
        (("down", "down", "down"), []),
        (("up", "auth_failed", "up"), [("up", "auth_failed"), ("auth_failed", "up")]),
    ],
)
async def test_only_settled_changes_become_marks(states: tuple[State, ...], told: list[tuple[str, str]]) -> None:
    """A failure that passes is no mark; an outage and its end are, with the names of both languages."""
    records, board = ListedMarks(), ToldMarks()
    marks = Marks(records=records, announcer=board, clock=VirtualClock())
    marks.start()
    await play(marks, *states)
    await marks.stop()
    found = [(one.change.was, one.change.state) for one in records.listed if one.change]
    assert found == told
    assert len(board.frames) == len(told)
    assert all(one.kind == "state" and one.change and one.change.title_ko == "11번가" for one in records.listed)


async def test_a_full_disk_and_a_full_queue_are_counted() -> None:
    """What can't be kept is dropped and counted; nothing waits for it."""
    records = ListedMarks()
    records.failure = StorageFull("full")
    marks = Marks(records=records, announcer=ToldMarks(), clock=VirtualClock())
    swinging: list[State] = ["up", "auth_failed"] * 150
    await play(marks, *swinging)
    marks.start()
    await asyncio.sleep(0)
    await marks.stop()
    assert {one.metric: one.value for one in marks.figures()} == {"bongsu_marks_dropped_total": 299}
