"""The hub on a clock that stands still."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bongsu.live import METRICS
from bongsu.live.hub import Hub
from bongsu.live.topics import BITS
from bongsu.ports import Live, Watched
from tests.unit.live.wires import FakeWire, Stage, values

QUIET = 1e9


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[Stage]:
    """A hub whose runner runs."""
    stage = Stage(**options)
    runner = asyncio.create_task(stage.hub.run())
    await stage.clock.advance(0.0)
    try:
        yield stage
    finally:
        if runner.done():
            runner.result()
        runner.cancel()


def topics(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["topic"] for frame in frames]


def figures(hub: Hub) -> dict[str, float]:
    return {sample.metric: sample.value for sample in hub.figures()}


async def test_it_is_what_the_ports_ask_for() -> None:
    """The hub can stand wherever `Live` or `Watched` is wanted."""
    stage = Stage()
    live: Live = stage.hub
    assert isinstance(stage.hub, Watched)
    assert live.latest() == []


async def test_joining_gives_a_snapshot_of_every_topic() -> None:
    """A client knows everything at once, the empty topics included."""
    stage = Stage()
    stage.publish(("shop_orders", 3.0), ("load_1m", 0.5))
    frames = stage.client().taken()
    assert topics(frames) == ["system", "shop", "checks", "feeds", "services", "alerts", "custom"]
    assert {frame["t"] for frame in frames} == {"snapshot"}
    assert values(frames) == {"shop_orders": 3.0, "load_1m": 0.5}
    assert [frame["seq"] for frame in frames] == list(range(1, 8))


async def test_one_snapshot_serves_all_who_come_meanwhile() -> None:
    """A thousand clients that come back at once cost one building."""
    stage = Stage()
    stage.publish(("x", 1.0))
    first, second = stage.client(), stage.client()
    assert first.taken() == second.taken()


@pytest.mark.guide("G102")
@pytest.mark.parametrize(("seconds", "frames"), [(1.0, 10), (2.0, 5), (5.0, 2), (10.0, 1)])
async def test_a_silent_client_gets_updates_at_the_set_interval(seconds: float, frames: int) -> None:
    """One setting says how often everything is told."""
    async with running(default_interval_seconds=seconds) as stage:
        wire = stage.client()
        wire.taken()
        for second in range(1, 11):
            await stage.clock.advance(1.0)
            stage.publish(("x", float(second)))
        await stage.clock.advance(0.1)
        updates = wire.taken()
        assert len(updates) == frames
        assert values(updates) == {"x": 10.0}


@pytest.mark.guide("G101")
async def test_many_silent_clients_get_everything_every_five_seconds() -> None:
    """The default is the guide's: each client hears each topic once in five seconds."""
    async with running() as stage:
        wires = [stage.client() for _ in range(250)]
        for wire in wires:
            wire.taken()
        for second in range(20):
            await stage.clock.advance(1.0)
            stage.publish(("x", float(second)), ("shop_orders", 1.0))
        await stage.clock.advance(0.1)
        for wire in wires:
            assert topics(wire.taken()) == ["shop", "custom"] * 4


async def test_a_reading_goes_out_within_milliseconds() -> None:
    """Batches that the collectors hand over one after the other make one frame, some 20 ms later."""
    async with running() as stage:
        wire = stage.client(interval_ms=1_000)
        await stage.clock.advance(3.002)
        wire.taken()
        stage.publish(("cpu", 1.0))
        await stage.clock.advance(0.010)
        stage.publish(("memory", 2.0))
        await stage.clock.advance(0.015)
        assert wire.taken() == []
        await stage.clock.advance(0.006)
        (frame,) = wire.taken()
        assert values([frame]) == {"cpu": 1.0, "memory": 2.0}


async def test_samples_pushed_at_odd_moments_dont_shift_the_beat() -> None:
    """A pusher at half seconds gets no second frame, and the collectors' readings stay prompt."""
    async with running() as stage:
        wire = stage.client(interval_ms=1_000)
        wire.taken()
        stamps = []
        for second in range(1, 11):
            await stage.clock.advance(0.5)
            stage.publish(("pushed", float(second)))
            await stage.clock.advance(0.5)
            stage.publish(("read", float(second)))
            before = stage.clock.now()
            await stage.clock.advance(0.03)
            stamps += [frame["at"] - before for frame in wire.taken() if "read" in values([frame])]
            await stage.clock.advance(-0.03)
        assert len(stamps) == 10
        assert max(stamps) <= 25


async def test_the_beat_follows_the_wall_clock() -> None:
    """Collectors read at whole seconds of the wall clock; when that is set, frames go out by the new one."""
    async with running() as stage:
        wire = stage.client(interval_ms=1_000)
        stage.clock.jump_wall(-7_200.4)
        await stage.clock.advance(2.0)
        wire.taken()
        for _ in range(5):
            await stage.clock.advance((-stage.clock.now() % 1_000) / 1_000 or 1.0)
            stage.publish(("x", 1.0))
            await stage.clock.advance(0.4)
            stage.publish(("pushed", 1.0))
        await stage.clock.advance(0.1)
        assert {frame["at"] % 1_000 for frame in wire.taken()} == {20}


async def test_topics_and_intervals_are_each_clients_own() -> None:
    """A subscription to one topic brings nothing else."""
    async with running() as stage:
        shop = stage.client(mask=BITS["shop"], interval_ms=1_000)
        slow = stage.client(interval_ms=5_000)
        assert topics(shop.taken()) == ["shop"]
        slow.taken()
        for second in range(10):
            await stage.clock.advance(1.0)
            stage.publish(("shop_orders", float(second)), ("x", 1.0))
        await stage.clock.advance(0.1)
        assert topics(shop.taken()) == ["shop"] * 10
        assert topics(slow.taken()) == ["shop", "custom"] * 2


@pytest.mark.parametrize(("asked", "served"), [(1, 100), (100, 100), (101, 200), (900, 1_000), (1_001, 2_000)])
async def test_intervals_are_rounded_up_to_a_few(asked: int, served: int) -> None:
    """Each interval makes frames of its own, so there are few, and none shorter than a tenth of a second."""
    async with running() as stage:
        wire = stage.client(interval_ms=asked)
        wire.taken()
        for step in range(100):
            stage.publish(("x", float(step)))
            await stage.clock.advance(0.05)
        stamps = [frame["at"] for frame in wire.taken()]
        assert len(stamps) >= 2
        assert {after - before for before, after in itertools.pairwise(stamps)} == {served}


async def test_what_did_not_change_is_not_told() -> None:
    """Updates hold the series that received samples."""
    async with running() as stage:
        stage.publish(("a", 1.0), ("b", 1.0))
        wire = stage.client(interval_ms=1_000)
        wire.taken()
        await stage.clock.advance(1.0)
        stage.publish(("b", 1.0))
        await stage.clock.advance(1.0)
        assert values(wire.taken()) == {"b": 1.0}
        await stage.clock.advance(5.0)
        assert wire.taken() == []


async def test_a_sample_after_long_silence_is_told_at_once() -> None:
    """No beat has to be waited for when nothing was sent lately."""
    async with running() as stage:
        wire = stage.client(interval_ms=5_000)
        await stage.clock.advance(33.4)
        wire.taken()
        stage.publish(("x", 1.0))
        await stage.clock.advance(0.03)
        assert values(wire.taken()) == {"x": 1.0}


async def test_events_go_out_at_once_and_in_order() -> None:
    """An alert doesn't wait for an interval, and numbers rise through updates and events alike."""
    async with running() as stage:
        wire = stage.client(interval_ms=5_000)
        other = stage.client(mask=BITS["shop"])
        wire.taken(), other.taken()
        stage.publish(("x", 1.0))
        stage.hub.announce("alert", {"id": "a1", "t": "ignored", "state": "firing"}, topic="alerts")
        await stage.clock.advance(0.0)
        stage.hub.announce("mark", {"text": "배포"})
        await stage.clock.advance(6.0)
        frames = wire.taken()
        assert [frame["t"] for frame in frames] == ["alert", "mark", "update"]
        assert frames[0] == {
            "t": "alert",
            "seq": 8 + 1,
            "at": frames[0]["at"],
            "topic": "alerts",
            "id": "a1",
            "state": "firing",
        }
        assert sorted(frame["seq"] for frame in frames) == [frame["seq"] for frame in frames]
        assert [frame["t"] for frame in other.taken()] == ["mark"]


async def test_events_waiting_to_be_told_are_bounded() -> None:
    """A storm of events drops the oldest and counts them."""
    stage = Stage()
    stage.client()
    for number in range(1_005):
        stage.hub.announce("check", {"n": number})
    assert figures(stage.hub)["bongsu_live_announcements_dropped_total"] == 5.0


async def test_heartbeats_tell_a_quiet_server_from_a_dead_one() -> None:
    """Every ten seconds something comes, even when nothing is measured."""
    async with running() as stage:
        wire = stage.client()
        await stage.clock.advance(35.0)
        assert [frame["t"] for frame in wire.frames if frame["t"] == "ping"] == ["ping"] * 3


async def test_a_client_that_comes_back_gets_what_it_missed() -> None:
    """Within a minute nothing is lost: the very frames, in order."""
    async with running() as stage:
        away = stage.client(interval_ms=1_000)
        stays = stage.client(interval_ms=1_000)
        for second in range(5):
            stage.publish(("x", float(second)), ("shop_orders", float(second)))
            await stage.clock.advance(1.0)
        seen = away.taken()[-1]["seq"]
        stays.taken()
        assert away.watcher is not None
        stage.hub.leave(away.watcher)
        for second in range(5, 50):
            stage.publish(("x", float(second)), ("shop_orders", float(second)))
            await stage.clock.advance(1.0)
        back = stage.client(interval_ms=1_000, resume=("b", seen), deflate=True)
        assert back.taken() == stays.taken()


async def test_nobody_else_needs_to_be_there_for_resuming() -> None:
    """Frames are made on for a minute after the last client has left."""
    async with running() as stage:
        away = stage.client(interval_ms=1_000)
        seen = away.taken()[-1]["seq"]
        assert away.watcher is not None
        stage.hub.leave(away.watcher)
        for second in range(3):
            await stage.clock.advance(1.0)
            stage.publish(("x", float(second)))
        await stage.clock.advance(0.1)
        back = stage.client(interval_ms=1_000, resume=("b", seen))
        assert [values([frame])["x"] for frame in back.taken()] == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("resume", [("b", 0), ("b", 999), ("other", 7)])
async def test_who_cant_be_resumed_gets_snapshots(resume: tuple[str, int]) -> None:
    """Numbers from before, from the future or from another start lead to a snapshot, in this boot after a gap."""
    stage = Stage()
    stage.client()
    frames = stage.client(resume=resume).taken()
    assert ("gap" in {frame["t"] for frame in frames}) == (resume[0] == "b")
    assert topics(frames[-7:]) == ["system", "shop", "checks", "feeds", "services", "alerts", "custom"]


async def test_after_more_than_a_minute_the_gap_is_told() -> None:
    """Who was away too long hears which numbers are gone."""
    async with running() as stage:
        away = stage.client(interval_ms=1_000)
        seen = away.taken()[-1]["seq"]
        for second in range(70):
            stage.publish(("x", float(second)))
            await stage.clock.advance(1.0)
        frames = stage.client(interval_ms=1_000, resume=("b", seen)).taken()
        assert frames[0] == {"t": "gap", "from": seen + 1, "to": frames[1]["seq"] - 1}
        assert values(frames) == {"x": 69.0}


async def test_a_broken_off_snapshot_cant_be_resumed() -> None:
    """A connection that broke between two topics' snapshots starts anew, or the others would stay unknown."""
    stage = Stage()
    stage.publish(("shop_orders", 1.0), ("x", 2.0))
    half = stage.client().taken()[2]["seq"]
    assert values(stage.client(resume=("b", half)).taken()) == {"shop_orders": 1.0, "x": 2.0}


async def test_a_hellos_number_cant_be_resumed() -> None:
    """Who was greeted but told nothing has nothing to go on from."""
    stage = Stage()
    stage.publish(("x", 2.0))
    stage.client()
    (hello,) = _read(stage.hub.greet())
    assert hello == {"t": "hello", "v": 1, "boot": "b", "seq": 8}
    assert _read(stage.hub.greet()) == [hello]
    assert values(stage.client(resume=("b", 8)).taken()) == {"x": 2.0}


async def test_what_is_kept_for_resuming_is_bounded_in_bytes() -> None:
    """The oldest frames go first, and the figure says what is held."""
    async with running(resume_bytes=2_000) as stage:
        stage.client(interval_ms=1_000)
        for second in range(50):
            stage.publish(*[(f"metric_{n}", float(second)) for n in range(10)])
            await stage.clock.advance(1.0)
        assert 500 < figures(stage.hub)["bongsu_live_resume_bytes"] <= 2_000


async def test_with_nobody_there_nothing_is_built() -> None:
    """An unwatched hub only keeps the newest values."""
    async with running() as stage:
        for second in range(100):
            stage.publish(("x", float(second)))
            stage.hub.announce("mark", {"n": 1})
            await stage.clock.advance(1.0)
        assert _read(stage.hub.greet())[0]["seq"] == 1
        assert stage.hub.latest("x")[0].value == 99.0


async def test_a_minute_after_the_last_client_all_is_forgotten() -> None:
    """What was kept for those who might come back is let go."""
    async with running() as stage:
        wire = stage.client(interval_ms=1_000)
        stage.publish(("x", 1.0))
        await stage.clock.advance(2.0)
        assert wire.watcher is not None
        stage.hub.leave(wire.watcher)
        for _ in range(70):
            stage.publish(("x", 1.0))
            await stage.clock.advance(1.0)
        before = _read(stage.hub.greet())[0]["seq"]
        assert figures(stage.hub)["bongsu_live_resume_bytes"] == 0.0
        stage.publish(("x", 1.0))
        await stage.clock.advance(5.0)
        assert _read(stage.hub.greet())[0]["seq"] == before


async def test_series_that_vanish_are_told_by_a_snapshot() -> None:
    """An update can't say that something is gone."""
    async with running() as stage:
        stage.publish(("gone", 1.0), ("stays", 1.0))
        wire = stage.client(interval_ms=1_000)
        wire.taken()
        series = stage.table.find("gone", ())
        assert series is not None
        stage.table.forget([series])
        await stage.clock.advance(1.0)
        stage.publish(("other", 2.0))
        await stage.clock.advance(0.5)
        (frame,) = wire.taken()
        assert frame["t"] == "snapshot"
        assert values([frame]) == {"stays": 1.0, "other": 2.0}


async def test_many_series_are_told_in_frames_of_bounded_size() -> None:
    """The rest of a large snapshot follows as updates, and the same holds for a large update."""
    async with running() as stage:
        names = [(f"metric_{n}", 1.0) for n in range(12_000)]
        stage.publish(*names)
        wire = stage.client(mask=BITS["custom"], interval_ms=1_000)
        frames = wire.taken()
        assert [(frame["t"], len(frame["metrics"])) for frame in frames] == [
            ("snapshot", 5_000),
            ("update", 5_000),
            ("update", 2_000),
        ]
        await stage.clock.advance(1.0)
        stage.publish(*names)
        await stage.clock.advance(0.1)
        assert [len(frame["metrics"]) for frame in wire.taken()] == [5_000, 5_000, 2_000]


async def test_changing_the_subscription_brings_new_snapshots_and_the_new_beat() -> None:
    """The former interval's frames no longer come."""
    async with running() as stage:
        wire = stage.client(interval_ms=1_000)
        wire.taken()
        assert wire.watcher is not None
        stage.hub.join(wire.watcher, mask=BITS["shop"], interval_ms=5_000)
        assert topics(wire.taken()) == ["shop"]
        for second in range(1, 11):
            await stage.clock.advance(1.0)
            stage.publish(("shop_orders", float(second)), ("x", 0.0))
        await stage.clock.advance(0.1)
        assert topics(wire.taken()) == ["shop", "shop"]


async def test_other_work_gets_its_turn_while_thousands_are_served() -> None:
    """Frames are written in slices, so a large audience doesn't hold up the loop."""
    async with running() as stage:
        wires = [stage.client(interval_ms=1_000) for _ in range(1_000)]
        await stage.clock.advance(1.0)
        for wire in wires:
            wire.taken()
        stage.publish(("x", 1.0))
        stage.hub.announce("mark", {"n": 1})
        served = []
        for _ in range(14):
            await asyncio.sleep(0)
            served.append(sum(1 for wire in wires if wire.frames))
        assert served[-1] == 1_000
        assert max(after - before for before, after in itertools.pairwise(served)) <= 100


async def test_figures_are_in_the_catalogue_of_the_room() -> None:
    """What the hub tells about itself is explained."""
    async with running() as stage:
        wire: FakeWire = stage.client(interval_ms=1_000)
        stage.publish(("x", 1.0))
        await stage.clock.advance(1.2)
        told = figures(stage.hub)
        assert set(told) <= {metric.name for metric in METRICS}
        assert told["bongsu_live_clients"] == 1.0
        assert told["bongsu_live_frames_sent_total"] == len(wire.frames)
        assert told["bongsu_live_bytes_sent_total"] > 0


def _read(data: bytes) -> list[dict[str, Any]]:
    wire = FakeWire()
    wire.write(data)
    return wire.frames


async def test_an_interruption_is_told_and_nobody_resumes_across_it() -> None:
    """Whoever watches gets a gap, then snapshots; who comes back from before it gets the same; frames go on rising."""
    async with running() as stage:
        stage.publish(("load_1m", 0.5))
        client, away = stage.client(interval_ms=1_000), stage.client(interval_ms=1_000)
        await stage.clock.advance(2.0)
        before = max(frame["seq"] for frame in away.taken())
        client.taken()
        assert away.watcher is not None
        stage.hub.leave(away.watcher)
        stage.publish(("load_1m", 0.7))
        stage.hub.interrupted()
        frames = client.taken()
        assert [frame["t"] for frame in frames] == ["gap", *["snapshot"] * 7]
        assert values(frames) == {"load_1m": 0.7}
        assert min(frame["seq"] for frame in frames[1:]) > before
        again = stage.client(interval_ms=1_000, resume=(stage.hub.boot, before))
        assert [frame["t"] for frame in again.taken()] == ["gap", *["snapshot"] * 7]
        stage.publish(("load_1m", 0.9))
        await stage.clock.advance(2.0)
        assert values([frame for frame in client.taken() if frame["t"] == "update"]) == {"load_1m": 0.9}


async def test_events_are_overheard_though_nobody_watches() -> None:
    """Other servers may have clients that want them."""
    stage = Stage()
    heard: list[object] = []
    stage.hub.overheard(lambda kind, body, topic: heard.append((kind, dict(body), topic)))
    stage.hub.announce("alert", {"id": 1}, topic="alerts")
    assert heard == [("alert", {"id": 1}, "alerts")]


async def test_another_pace_for_those_who_ask_for_none() -> None:
    """Who said nothing gets the new interval from now on, whoever asked for one keeps it; nothing is missed."""
    async with running(default_interval_seconds=5.0) as stage:
        stage.publish(("load_1m", 1.0))
        silent, asking = stage.client(), stage.client(interval_ms=10_000)
        silent.taken()
        asking.taken()
        stage.hub.retime(1.0)
        assert (stage.hub.default_interval_ms, values(silent.taken())) == (1_000, {"load_1m": 1.0})
        for value in (2.0, 3.0):
            stage.publish(("load_1m", value))
            await stage.clock.advance(1.2)
            assert values(silent.taken()) == {"load_1m": value}
        assert values(asking.taken()) == {}
        stage.hub.retime(1.0)
        assert silent.taken() == []
