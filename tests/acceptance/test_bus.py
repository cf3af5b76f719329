"""One owner, a viewer and the bus between them, on the virtual clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from bongsu.bus.follower import Follower
from bongsu.bus.memory import Exchange, MemoryBus
from bongsu.bus.message import LATEST
from bongsu.bus.mirror import Mirror
from bongsu.bus.teller import Teller
from bongsu.bus_ports import BusTaken
from bongsu.live.hub import Hub
from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import Metric
from bongsu.model.sample import labels_of
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.unit.live.wires import FakeWire, batch


class Owner:
    """A hub whose changes are told."""

    def __init__(self, exchange: Exchange, clock: VirtualClock, boot: str = "b1", identity: str = "kim:/data") -> None:
        self.clock = clock
        self.table = SeriesTable()
        self.catalogue = Catalogue()
        self.hub = Hub(table=self.table, catalogue=self.catalogue, clock=clock, boot=boot)
        self.teller = Teller(
            MemoryBus(exchange, clock=clock),
            newest=self.hub,
            table=self.table,
            catalogue=self.catalogue,
            clock=clock,
            boot=boot,
            identity=identity,
            chance=lambda: 1.0,
        )
        self.hub.overheard(self.teller.overhear)

    def measure(self, value: float, metric: str = "cpu_usage", **labels: str) -> None:
        """A sample of now."""
        series = self.table.intern(metric, labels_of(labels))
        one = batch([series], [self.clock.now()], [value])
        self.hub.publish(one)
        self.teller.observe(one)

    def figures(self) -> dict[str, float]:
        """What the teller says of itself."""
        return {one.metric: one.value for one in self.teller.figures()}


class Viewer:
    """A hub that is filled from the bus, and one client that watches it."""

    def __init__(self, exchange: Exchange, clock: VirtualClock) -> None:
        self.table = SeriesTable()
        self.hub = Hub(table=self.table, catalogue=(catalogue := Catalogue()), clock=clock, boot="v1")
        self.catalogue = catalogue
        self.mirror = Mirror(table=self.table, catalogue=catalogue, screens=self.hub, own={"bongsu_view"})
        self.follower = Follower(
            MemoryBus(exchange, clock=clock),
            mirror=self.mirror,
            clock=clock,
            interrupted=self.hub.interrupted,
            chance=lambda: 1.0,
        )
        self.wire = FakeWire()
        self.hub.join(self.hub.watcher(self.wire, deflate=False), interval_ms=100)

    def values(self) -> dict[str, float]:
        """Everything that is shown."""
        return {f"{one.metric}{dict(one.labels) or ''}": one.value for one in self.hub.latest()}

    def heard(self) -> list[str]:
        """The kinds of frames that the client got since the last look."""
        return [str(frame["t"]) for frame in self.wire.taken() if frame["t"] != "ping"]


@asynccontextmanager
async def running(*parts: Owner | Viewer) -> AsyncIterator[None]:
    """Everything runs until the block ends."""
    tasks = []
    for one in parts:
        tasks.append(asyncio.ensure_future(one.hub.run()))
        tasks.append(asyncio.ensure_future(one.teller.run() if isinstance(one, Owner) else one.follower.run()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_what_the_owner_measures_is_on_the_viewer_a_moment_later() -> None:
    """Values and events arrive within a quarter of a second; metrics declared on the owner are explained."""
    exchange, clock = Exchange(), VirtualClock()
    owner, viewer = Owner(exchange, clock), Viewer(exchange, clock)
    async with running(owner, viewer):
        owner.measure(1.0)
        await clock.advance(3, settle=40)
        assert viewer.values() == {"cpu_usage": 1.0}
        assert viewer.follower.cause is None
        viewer.heard()
        owner.catalogue.declare(Metric(name="depth", unit="m", topic="shop", ko="깊이.", en="Depth."))
        owner.measure(2.0)
        owner.measure(7.0, "depth", well="a")
        owner.hub.announce("alert", {"alert": {"id": "a1"}}, topic="alerts")
        await clock.advance(0.25, settle=40)
        assert viewer.values() == {"cpu_usage": 2.0, "depth{'well': 'a'}": 7.0}
        assert sorted(viewer.heard()) == ["alert", "update", "update"]
        assert viewer.catalogue.get("depth").unit == "m"
        assert owner.figures()["bongsu_bus_owner"] == 1.0


@pytest.mark.guide("G053")
async def test_the_latest_values_lie_under_the_guides_name() -> None:
    """`latest_metrics` holds every value as REST gives them, for 300 s, and a viewer that comes late begins with it."""
    exchange, clock = Exchange(), VirtualClock()
    owner, viewer = Owner(exchange, clock), Viewer(exchange, clock)
    async with running(owner):
        owner.measure(41.5, host="a")
        await clock.advance(2, settle=40)
        value, until = exchange.kept[LATEST]
        assert until - clock.monotonic() == pytest.approx(300, abs=3)
        entry = {"metric": "cpu_usage", "labels": {"host": "a"}, "value": 41.5, "at": 1_763_778_000_000}
        assert msgspec.json.decode(value)["metrics"] == [entry]
    await clock.advance(60, settle=40)
    async with running(viewer):
        await clock.advance(1, settle=40)
        assert viewer.values() == {"cpu_usage{'host': 'a'}": 41.5}
        assert viewer.follower.synced
        await clock.advance(6, settle=40)
        assert viewer.follower.cause == "owner"


async def test_the_bus_goes_away_and_comes_back() -> None:
    """Both go on with what they see; afterwards the viewer has the newest value, its client was told one gap."""
    exchange, clock = Exchange(), VirtualClock()
    owner, viewer = Owner(exchange, clock), Viewer(exchange, clock)
    async with running(owner, viewer):
        owner.measure(1.0)
        await clock.advance(3, settle=40)
        viewer.heard()
        exchange.cut()
        owner.measure(2.0)
        owner.measure(5.0, "new")
        owner.hub.announce("alert", {"alert": {"id": "a1"}}, topic="alerts")
        await clock.advance(8, settle=40)
        assert viewer.values() == {"cpu_usage": 1.0}
        assert viewer.follower.cause == "redis"
        assert 7 < viewer.follower.behind < 12
        assert owner.figures()["bongsu_bus_connected"] == 0.0
        assert owner.hub.latest("cpu_usage")[0].value == 2.0
        exchange.away = False
        await clock.advance(6, settle=40)
        assert viewer.values() == {"cpu_usage": 2.0, "new": 5.0}
        assert viewer.follower.behind == 0.0
        heard = viewer.heard()
        assert heard.count("gap") == 1
        assert heard.index("gap") < heard.index("snapshot")
        assert owner.figures()["bongsu_bus_connected"] == 1.0
        assert owner.figures()["bongsu_bus_dropped_total"] == 0.0


async def test_a_message_that_was_lost_is_made_good() -> None:
    """A number that is missing makes the viewer read the latest values anew, and tell of a gap."""
    exchange, clock = Exchange(), VirtualClock()
    owner, viewer = Owner(exchange, clock), Viewer(exchange, clock)
    async with running(owner, viewer):
        owner.measure(1.0, "a")
        await clock.advance(3, settle=40)
        viewer.heard()
        listening, exchange.hearings = exchange.hearings, []
        owner.measure(2.0, "b")
        await clock.advance(0.5, settle=40)
        exchange.hearings = listening
        owner.measure(3.0, "a")
        await clock.advance(2, settle=40)
        assert viewer.values() == {"a": 3.0, "b": 2.0}
        assert viewer.mirror.missed == 1
        assert viewer.heard().count("gap") == 1


async def test_another_start_of_the_owner_is_followed() -> None:
    """Its ids are others and some series are gone: the viewer shows what is there now; its own stay."""
    exchange, clock = Exchange(), VirtualClock()
    owner, viewer = Owner(exchange, clock), Viewer(exchange, clock)
    own = viewer.table.intern("bongsu_view", ())
    viewer.hub.publish(batch([own], [clock.now()], [1.0]))
    async with running(viewer):
        async with running(owner):
            owner.measure(1.0, "gone")
            owner.measure(2.0, "stays")
            await clock.advance(3, settle=40)
        again = Owner(exchange, clock, boot="b2")
        async with running(again):
            again.measure(3.0, "stays")
            again.measure(4.0, "came")
            await clock.advance(3, settle=40)
            assert viewer.values() == {"bongsu_view": 1.0, "stays": 3.0, "came": 4.0}
            assert viewer.follower.cause is None


async def test_series_that_vanish_on_the_owner_vanish_here() -> None:
    """Retention of the owner forgets a series: it isn't shown for ever on a viewer."""
    exchange, clock = Exchange(), VirtualClock()
    owner, viewer = Owner(exchange, clock), Viewer(exchange, clock)
    async with running(owner, viewer):
        owner.measure(1.0, "a")
        owner.measure(1.0, "b")
        await clock.advance(3, settle=40)
        owner.table.forget([0])
        owner.measure(2.0, "b")
        await clock.advance(3, settle=40)
        assert viewer.values() == {"b": 2.0}


async def test_two_owners_are_noticed() -> None:
    """The second one doesn't begin; one that lost the bus to another stands by, tells nothing, and takes over later."""
    exchange, clock = Exchange(), VirtualClock()
    first, second = Owner(exchange, clock), Owner(exchange, clock, boot="x1", identity="lee:/data")
    viewer = Viewer(exchange, clock)
    async with running(first, viewer):
        first.measure(1.0)
        await clock.advance(1, settle=40)
        began = asyncio.ensure_future(second.teller.begin())
        await clock.advance(15, settle=40)
        with pytest.raises(BusTaken, match="kim:/data"):
            await began
        second.hub.publish(batch([second.table.intern("cpu_usage", ())], [clock.now()], [99.0]))
        async with running(second):
            await clock.advance(10, settle=40)
            assert second.figures()["bongsu_bus_owner"] == 0.0
            assert viewer.values() == {"cpu_usage": 1.0}
    async with running(second, viewer):
        await first.teller.stop()
        await clock.advance(5, settle=40)
        assert second.figures()["bongsu_bus_owner"] == 1.0
        assert viewer.values() == {"cpu_usage": 99.0}


async def test_events_that_wait_are_bounded() -> None:
    """While the bus is away the oldest events are dropped and counted; values aren't kept in any queue."""
    exchange, clock = Exchange(), VirtualClock()
    owner, viewer = Owner(exchange, clock), Viewer(exchange, clock)
    async with running(owner, viewer):
        owner.measure(0.0)
        await clock.advance(3, settle=40)
        viewer.heard()
        exchange.away = True
        for n in range(1_100):
            owner.hub.announce("mark", {"mark": {"id": n}})
        exchange.away = False
        await clock.advance(4, settle=60)
        assert owner.figures()["bongsu_bus_dropped_total"] == 100.0
        marks = viewer.heard().count("mark")
        assert marks == 1_000
