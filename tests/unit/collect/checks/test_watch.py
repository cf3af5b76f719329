"""The watch over many things, on a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bongsu.collect.checks.states import MemoryStates
from bongsu.collect.checks.watch import Target, Watch
from bongsu.model.check import Outcome, Standing
from bongsu.model.errors import StorageFull
from bongsu.model.sample import Refusal, Sample
from tests.fakes.clock import VirtualClock


class Scripted:
    """Answers what its script says, then what it said last; `hangs` never answers."""

    def __init__(self, clock: VirtualClock, *states: Any, hangs: bool = False) -> None:
        self._clock = clock
        self._script = list(states)
        self._hangs = hangs
        self.asked: list[float] = []

    async def probe(self) -> Outcome:
        self.asked.append(self._clock.monotonic())
        if self._hangs:
            await asyncio.Event().wait()
        given = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(given, BaseException):
            raise given
        if isinstance(given, Outcome):
            return given
        return Outcome(at=self._clock.now(), state=given, reason="scripted" if given != "up" else "")


class Stand:
    """A watch with everything around it recorded."""

    def __init__(self, store: MemoryStates | None = None, clock: VirtualClock | None = None) -> None:
        self.clock = clock or VirtualClock()
        self.samples: list[Sample] = []
        self.frames: list[Mapping[str, object]] = []
        self.changes: list[tuple[str, str, str]] = []
        self.full = False
        self.watch = Watch(
            clock=self.clock,
            measure=self.measure,
            announcer=self,
            store=store or MemoryStates(self.clock),
            chance=lambda: 0.5,
            changed=lambda target, before, after: self.changes.append((target.name, before.state, after.state)),
        )

    async def measure(self, samples: Sequence[Sample], *, at: int | None = None) -> tuple[Refusal, ...]:
        if self.full:
            raise StorageFull("full")
        self.samples += samples
        return ()

    def announce(self, kind: str, body: Mapping[str, object], *, topic: str | None = None) -> None:
        assert (kind, topic) == ("check", "checks")
        self.frames.append(body)

    def add(self, name: str, prober: Scripted, **more: Any) -> Scripted:
        self.watch.add(
            Target(
                kind="marketplace",
                name=name,
                title_ko=name,
                title_en=name,
                protocol="https",
                address="https://x",
                interval_ms=60_000,
                timeout=10.0,
                prober=prober,
                **more,
            )
        )
        return prober

    def values(self, metric: str, **labels: str) -> list[float]:
        wanted = set(labels.items())
        return [one.value for one in self.samples if one.metric == metric and wanted <= set(one.labels)]


async def run(stand: Stand, seconds: float) -> None:
    """Watch for that long."""
    await stand.watch.start()
    await stand.clock.advance(seconds)
    await stand.watch.stop()


@pytest.mark.guide("G103")
async def test_each_is_asked_every_minute() -> None:
    """Three marketplaces are asked once a minute each, and each outcome becomes samples."""
    stand = Stand()
    probers = [stand.add(name, Scripted(stand.clock, "up")) for name in ("coupang", "naver", "11st")]
    await run(stand, 300)
    assert [len(one.asked) for one in probers] == [5, 5, 5]
    assert stand.values("marketplace_up", marketplace="naver") == [1] * 5
    assert stand.values("marketplace_state", marketplace="11st") == [0] * 5


async def test_one_that_hangs_holds_up_nobody() -> None:
    """A prober that never answers is down by its time-out, while the other is asked on."""
    stand = Stand()
    hanging = stand.add("naver", Scripted(stand.clock, "up", hangs=True))
    well = stand.add("coupang", Scripted(stand.clock, "up"))
    await run(stand, 300)
    assert len(well.asked) == 5
    assert len(hanging.asked) >= 4
    states = {one.name: one.standing for one in stand.watch.statuses()}
    assert states["naver"].state == "down"
    assert states["naver"].reason == "timeout"
    assert stand.values("marketplace_up", marketplace="naver")[0] == 0


async def test_a_change_is_told_once() -> None:
    """The first state and every change are told live; only changes are handed on as marks."""
    stand = Stand()
    stand.add("11st", Scripted(stand.clock, "up", "down", "down", "down", "down", "up", "up", "up"))
    await run(stand, 420)
    assert [(frame["was"], frame["state"]) for frame in stand.frames] == [
        (None, "up"),
        ("up", "pending"),
        ("pending", "down"),
        ("down", "up"),
    ]
    assert stand.changes == [("11st", "up", "pending"), ("11st", "pending", "down"), ("11st", "down", "up")]


async def test_a_used_up_quota_is_left_alone_and_counted() -> None:
    """For the hour that the quota asks for, nobody asks; the state goes on being told every minute."""
    stand = Stand()
    quota = Outcome(at=stand.clock.now(), state="rate_limited", reason="quota", hold_ms=3_600_000)
    naver = stand.add("naver", Scripted(stand.clock, quota))
    await run(stand, 3_500)
    assert len(naver.asked) == 1
    (status,) = stand.watch.statuses()
    assert status.standing.left_alone == 58
    assert len(stand.values("marketplace_state")) == 59
    assert set(stand.values("marketplace_state")) == {3.0}
    assert stand.values("marketplace_up") == []
    assert {one.metric: one.value for one in stand.watch.figures()}["bongsu_checks_left_alone_total"] == 58


async def test_who_asked_to_be_left_alone_still_is_after_a_restart() -> None:
    """A new watch with the same store waits for what is left of the hold."""
    clock = VirtualClock()
    store = MemoryStates(clock)
    quota = Outcome(at=clock.now(), state="rate_limited", reason="quota", hold_ms=3_600_000)
    first = Stand(store, clock)
    first.add("naver", Scripted(clock, quota))
    await run(first, 600)
    second = Stand(store, clock)
    again = second.add("naver", Scripted(clock, "up"))
    await run(second, 2_900)
    assert again.asked == []
    await run(second, 400)
    assert len(again.asked) >= 1


async def test_old_states_are_not_taken_back() -> None:
    """A state older than its time to live is forgotten."""
    clock = VirtualClock()
    store = MemoryStates(clock)
    await store.remember("marketplace:naver", Standing(state="down", since=0, probes=3), ttl_ms=180_000)
    await clock.advance(181)
    assert await store.recall("marketplace:naver") is None


async def test_a_full_disk_and_our_own_fault_end_nothing() -> None:
    """What can't be kept is counted, and a prober that raises is asked again."""
    stand = Stand()
    stand.full = True
    broken = stand.add("naver", Scripted(stand.clock, ValueError("ours"), "up"))
    await run(stand, 200)
    figures = {one.metric: one.value for one in stand.watch.figures()}
    assert len(broken.asked) == 4
    assert figures["bongsu_checks_errors_total"] == 1
    assert figures["bongsu_checks_unkept_total"] > 0


async def test_days_left_become_samples() -> None:
    """A certificate and a key are told in days."""
    stand = Stand()
    now = stand.clock.now()
    found = Outcome(at=now, state="up", certificate_ends=now + 14 * 86_400_000)
    stand.add("coupang", Scripted(stand.clock, found), key_ends=now + 86_400_000)
    await run(stand, 10)
    assert stand.values("marketplace_certificate_days") == [14]
    assert stand.values("marketplace_key_days") == [1]


async def test_two_of_one_name_are_refused() -> None:
    """A name stands for one target."""
    stand = Stand()
    stand.add("naver", Scripted(stand.clock, "up"))
    with pytest.raises(ValueError, match="two of marketplace:naver"):
        stand.add("naver", Scripted(stand.clock, "up"))
