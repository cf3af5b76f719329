"""A marketplace that hangs for a quarter of an hour: nobody else notices, and it is asked no more often than ever."""

from __future__ import annotations

import asyncio

import pytest

from bongsu.model.check import Outcome
from tests.fakes.clock import VirtualClock
from tests.unit.collect.checks.test_watch import Stand

MINUTE = 60.0


class Door:
    """Answers within a fifth of a second; while `shut`, never."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.shut = False
        self.asked: list[float] = []

    async def probe(self) -> Outcome:
        self.asked.append(self._clock.monotonic())
        if self.shut:
            await asyncio.Event().wait()
        await self._clock.sleep_until(self._clock.monotonic() + 0.2)
        return Outcome(at=self._clock.now(), state="up", response_ms=200.0)

    def within(self, start: float, end: float) -> int:
        """How often it was asked between two moments."""
        return sum(start <= at < end for at in self.asked)


@pytest.mark.guide("G116")
async def test_a_marketplace_hangs_for_a_quarter_of_an_hour() -> None:
    """Down after three time-outs, within 150 seconds; asked no more often than ever; up again within three minutes."""
    stand = Stand()
    doors = {name: Door(stand.clock) for name in ("coupang", "naver", "11st")}
    for name, door in doors.items():
        stand.add(name, door)  # type: ignore[arg-type]
    start = stand.clock.monotonic()
    await stand.watch.start()
    await stand.clock.advance(5 * MINUTE)
    doors["coupang"].shut = True
    await stand.clock.advance(2 * MINUTE + 30)
    assert stand.changes == [("coupang", "up", "pending"), ("coupang", "pending", "down")]
    await stand.clock.advance(13 * MINUTE)
    hung = doors["coupang"].within(start + 5 * MINUTE, start + 20 * MINUTE)
    assert 3 <= hung <= 16
    assert all(14 <= doors[name].within(start + 5 * MINUTE, start + 20 * MINUTE) <= 17 for name in ("naver", "11st"))
    doors["coupang"].shut = False
    await stand.clock.advance(3 * MINUTE)
    assert stand.changes[-1] == ("coupang", "down", "up")
    await stand.watch.stop()
    assert {name for name, _, _ in stand.changes} == {"coupang"}
    assert 0.0 not in stand.values("marketplace_response_ms")
