"""Whatever happens on the way, a client that follows the protocol ends with the hub's values."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bongsu.live.group import LADDER_MS
from bongsu.live.topics import EVERY, topics_in
from bongsu.model.metric import undeclared
from tests.unit.live.wires import FakeWire, Stage

METRICS = ["shop_orders", "shop_amount", "service_latency_ms", "custom_one", "custom_two", "custom_three"]
CLIENTS = st.integers(0, 2)
MASKS = st.sampled_from([EVERY, EVERY, 0b0000010, 0b1000010, 0b1010000, 0])
INTERVALS = st.sampled_from([None, *LADDER_MS[:6]])


class Follower:
    """A client as docs/live-protocol.md tells one to be."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, float]] = {}
        self.seq: int | None = None
        self.wire: FakeWire | None = None
        self.mask = EVERY
        self.interval: int | None = None
        self.heard = 0
        self.gap_pending = False

    def handle(self, frames: list[dict[str, Any]]) -> None:
        for frame in frames:
            if "seq" in frame:
                assert frame["seq"] > self.heard, "a number went back on one connection"
                self.heard = self.seq = frame["seq"]
            if frame["t"] == "snapshot":
                self.known[frame["topic"]] = {}
                self.gap_pending = False
            elif frame["t"] == "gap":
                assert frame["from"] <= frame["to"]
                self.gap_pending = True
            elif frame["t"] == "update":
                assert not self.gap_pending, "an update came between a gap and its snapshots"
            for one in frame.get("metrics", ()):
                self.known[frame["topic"]][one["metric"]] = one["value"]


class LiveMachine(RuleBasedStateMachine):
    """Publishes, forgets, waits, stalls, breaks and resumes, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.followers = [Follower() for _ in range(3)]

    @initialize(ring=st.sampled_from([8_000_000, 3_000, 0]), heartbeat=st.sampled_from([10.0, 0.7]))
    def start(self, ring: int, heartbeat: float) -> None:
        async def made() -> Stage:
            return Stage(resume_bytes=ring, heartbeat_seconds=heartbeat)

        self.stage = self.loop.run_until_complete(made())
        self.runner = self.loop.create_task(self.stage.hub.run())
        self.wait(0.0)
        for number in range(3):
            self.connect(number, EVERY, 1_000, float("inf"), False)

    @rule(
        metrics=st.lists(st.sampled_from(METRICS), min_size=1, max_size=4),
        value=st.floats(-1e6, 1e6),
        late=st.booleans(),
    )
    def publish(self, metrics: list[str], value: float, late: bool) -> None:
        at = self.stage.clock.now() - (30_000 if late else 0)
        self.stage.publish(*[(metric, value) for metric in metrics], at=at)

    @rule(metrics=st.lists(st.sampled_from(METRICS), min_size=2, max_size=6), value=st.integers(0, 9))
    def measure(self, metrics: list[str], value: int) -> None:
        for metric in metrics:
            self.wait(1.0)
            self.stage.publish((metric, float(value)))
        self.wait(0.1)

    @rule(number=CLIENTS, metrics=st.lists(st.sampled_from(METRICS), min_size=2, max_size=6), value=st.integers(0, 9))
    def be_slow(self, number: int, metrics: list[str], value: int) -> None:
        self.stall(number)
        self.measure(metrics, value)
        self.read_on(number, float("inf"))

    @rule(number=CLIENTS, lost=st.integers(0, 9), metrics=st.lists(st.sampled_from(METRICS), max_size=6))
    def break_and_come_back(self, number: int, lost: int, metrics: list[str]) -> None:
        self.disconnect(number, lost)
        self.measure(metrics, lost)
        self.connect(number, EVERY, None, float("inf"), True)

    @rule(metric=st.sampled_from(METRICS))
    def forget(self, metric: str) -> None:
        series = self.stage.table.find(metric, ())
        if series is not None:
            self.stage.table.forget([series])

    @rule(kind=st.sampled_from(["alert", "mark"]), topic=st.sampled_from([None, "alerts", "shop"]))
    def announce(self, kind: Any, topic: Any) -> None:
        self.stage.hub.announce(kind, {"id": "x"}, topic=topic)

    @rule(seconds=st.sampled_from([0.001, 0.03, 0.3, 1.0, 1.0, 5.0, 30.0, 65.0]))
    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(self.stage.clock.advance(seconds, settle=6))
        if self.runner.done():
            self.runner.result()

    @rule(number=CLIENTS, mask=MASKS, interval=INTERVALS, room=st.sampled_from([float("inf"), 3]), resume=st.booleans())
    def connect(self, number: int, mask: int, interval: int | None, room: float, resume: bool) -> None:
        one = self.followers[number]
        if one.wire is not None:
            self.disconnect(number, 0)
        wire = one.wire = FakeWire(room)
        wire.watcher = self.stage.hub.watcher(wire, deflate=number == 0)
        one.heard = 0
        one.gap_pending = False
        self.stage.hub.greet()
        if resume and one.seq is not None:
            self.stage.hub.join(wire.watcher, mask=one.mask, interval_ms=one.interval, resume=("b", one.seq))
        else:
            one.mask, one.interval, one.known, one.seq = mask, interval, {}, None
            self.stage.hub.join(wire.watcher, mask=mask, interval_ms=interval)

    @rule(number=CLIENTS, mask=MASKS, interval=INTERVALS)
    def subscribe_anew(self, number: int, mask: int, interval: int | None) -> None:
        one = self.followers[number]
        if one.wire is not None and one.wire.watcher is not None:
            one.handle(one.wire.taken())
            one.mask, one.interval = mask, interval
            self.stage.hub.join(one.wire.watcher, mask=mask, interval_ms=interval)

    @rule(number=CLIENTS, lost=st.integers(0, 4))
    def disconnect(self, number: int, lost: int) -> None:
        one = self.followers[number]
        if one.wire is not None and one.wire.watcher is not None:
            frames = one.wire.taken()
            one.handle(frames[: max(0, len(frames) - lost)])
            self.stage.hub.leave(one.wire.watcher)
            one.wire = None

    @rule(number=CLIENTS)
    def stall(self, number: int) -> None:
        wire = self.followers[number].wire
        if wire is not None:
            wire.room = 0

    @rule(number=CLIENTS, room=st.sampled_from([1, 4, float("inf")]))
    def read_on(self, number: int, room: float) -> None:
        wire = self.followers[number].wire
        if wire is not None:
            wire.open_up(room)

    @rule(number=CLIENTS)
    def listen(self, number: int) -> None:
        one = self.followers[number]
        if one.wire is not None:
            one.handle(one.wire.taken())

    def teardown(self) -> None:
        try:
            if hasattr(self, "stage"):
                self.settle()
        finally:
            if hasattr(self, "runner"):
                self.runner.cancel()
                self.loop.run_until_complete(asyncio.gather(self.runner, return_exceptions=True))
            self.loop.close()

    def settle(self) -> None:
        for one in self.followers:
            if one.wire is not None:
                one.wire.open_up()
        self.publish(["custom_three", "shop_orders", "service_latency_ms"], 1.0, False)
        for _ in range(3):
            self.wait(5.0)
            self.stage.publish(("heartbeat_of_alerts", 0.0))
        truth: dict[str, dict[str, float]] = {}
        for latest in self.stage.hub.latest():
            truth.setdefault(undeclared(latest.metric).topic, {})[latest.metric] = latest.value
        for one in self.followers:
            if one.wire is not None:
                one.handle(one.wire.taken())
                told = {topic: one.known.get(topic, {}) for topic in topics_in(one.mask)}
                assert told == {topic: truth.get(topic, {}) for topic in topics_in(one.mask)}


LiveMachine.TestCase.settings = settings(
    max_examples=100, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLiveState = LiveMachine.TestCase
