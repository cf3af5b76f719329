"""The simulation reaches a server through its public door, and outlives the server's bad moments."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from bongsu.demo.play import play
from bongsu.model.errors import StorageFull
from bongsu.model.event import Event
from tests.fakes.clock import VirtualClock


class Door:
    """Takes samples, or refuses them as often as told."""

    def __init__(self, *, refusals: int = 0) -> None:
        self.refusals = refusals
        self.bodies: list[list[Event]] = []

    async def send(self, samples: Iterable[Event]) -> None:
        self.bodies.append(list(samples))
        if len(self.bodies) <= self.refusals:
            raise StorageFull("no space")


async def played(door: Door, seconds: int) -> None:
    clock = VirtualClock()
    task = asyncio.create_task(play(door.send, clock=clock))
    for _ in range(seconds):
        await clock.advance(1.0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_figures_are_sent_every_second() -> None:
    """Ten seconds make eleven bodies, the first at once, each a second after the one before."""
    door = Door()
    await played(door, 10)
    times = [max(event.at for event in body) for body in door.bodies]
    assert [round((later - times[0]) / 1000) for later in times] == list(range(11))


async def test_a_full_disk_ends_nothing() -> None:
    """A refused body is followed by the next second's."""
    door = Door(refusals=2)
    await played(door, 5)
    assert len(door.bodies) == 6
