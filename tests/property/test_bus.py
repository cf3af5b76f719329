"""Whatever happens between owner and viewer: in the end the viewer shows what the owner shows."""

from __future__ import annotations

import asyncio
import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.bus.memory import Exchange
from tests.acceptance.test_bus import Owner, Viewer, running
from tests.fakes.clock import VirtualClock

STEPS = st.one_of(
    st.tuples(st.just("measure"), st.integers(0, 5)),
    st.tuples(st.just("forget"), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("lose"), st.integers(1, 10)),
    st.tuples(st.just("cut"), st.integers(1, 60)),
    st.tuples(st.just("empty"), st.just(0)),
    st.tuples(st.just("restart"), st.just(0)),
)


class Play:
    """One owner at a time, a viewer, and what happens to them."""

    def __init__(self) -> None:
        self.exchange, self.clock = Exchange(), VirtualClock()
        self.viewer = Viewer(self.exchange, self.clock)
        self.boots = 0
        self.value = 0.0
        self.owner = self.begin()

    def begin(self) -> Owner:
        """Another start of the owner."""
        self.boots += 1
        return Owner(self.exchange, self.clock, boot=f"b{self.boots}")

    async def step(self, what: str, much: int) -> None:
        """One thing happens."""
        if what == "measure":
            self.value += 1
            self.owner.measure(self.value, f"m{much}")
        elif what == "forget":
            known = self.owner.table.find(f"m{much}", ())
            self.owner.table.forget([] if known is None else [known])
        elif what == "wait":
            await self.clock.advance(much / 20, settle=30)
        elif what == "lose":
            listening, self.exchange.hearings = self.exchange.hearings, []
            await self.clock.advance(much / 10, settle=30)
            self.exchange.hearings += listening
        elif what == "cut":
            self.exchange.cut()
            await self.clock.advance(much / 10, settle=30)
            self.exchange.away = False
        elif what == "empty":  # Redis was started anew
            self.exchange.cut()
            self.exchange.kept.clear()
            self.exchange.held = None
            self.exchange.away = False

    async def run(self, steps: list[tuple[str, int]]) -> None:
        """All of it, then time to heal."""
        async with running(self.viewer):
            while True:
                async with running(self.owner):
                    while steps:
                        what, much = steps.pop(0)
                        if what == "restart":
                            break
                        await self.step(what, much)
                    else:
                        self.owner.measure(-1.0, "last")
                        await self.clock.advance(12, settle=30)
                        return
                self.owner = self.begin()


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=14))
def test_in_the_end_both_show_the_same(steps: list[tuple[str, int]]) -> None:
    """Messages lost, Redis away or emptied, series forgotten, the owner started anew: afterwards nothing is missing."""
    play = Play()
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(play.run(list(steps)))
    shown = {f"{one.metric}{dict(one.labels) or ''}": one.value for one in play.owner.hub.latest()}
    assert play.viewer.values() == shown
    assert play.viewer.follower.cause is None
    assert play.owner.figures()["bongsu_bus_owner"] == 1.0
