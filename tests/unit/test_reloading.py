"""Changed settings put in force in a running engine, part by part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import BaseModel

from bongsu.configuration.desk import Desk
from bongsu.doors import _live_limits
from bongsu.encryption import EncryptedStorage
from bongsu.engine import Engine, _gate_limits
from bongsu.feeding import intake_limits
from bongsu.http.limits import bounds_of
from bongsu.model.errors import Faulty, TooLarge, TooMany
from bongsu.model.share import Share
from bongsu.reloading import Reloading, desk_of
from bongsu.settings.load import Sources, put_together
from bongsu.settings.model import Settings
from bongsu.settings.moments import in_force, moment_of, value_at, waiting
from bongsu.settings.standing import Standing
from bongsu.settings.tree import settings_of, spell
from tests.fakes.clock import VirtualClock


@dataclass
class House:
    """An engine in memory with its desk; `used` are the settings in force, as others were told."""

    engine: Engine
    desk: Desk
    used: list[Settings] = field(default_factory=list)

    async def change(self, **changes: Any) -> Settings:
        """Change settings; those in force then."""
        version = self.desk.view().version
        told = {path.replace("__", "."): value for path, value in changes.items()}
        await self.desk.change(told, version=version, note="", by="kim")
        return self.used[-1]

    def pace(self, collector: str) -> float:
        """Seconds between two readings of a collector."""
        return self.engine.scheduler._stations[collector].interval


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """An engine that measures nothing yet, in memory."""
    key = EncryptedStorage.new_key().decode()
    sources = Sources(folder=tmp_path, environment={"BONGSU_SECRET_KEY": key})
    loaded = put_together(sources)
    engine = await Engine.open(loaded.settings, clock=VirtualClock(), data=None)
    engine.watch_ourselves()
    await engine.alarms.start()
    used: list[Settings] = []
    standing = Standing(sources=sources, loaded=loaded)
    yield House(engine, desk_of(engine, standing, shape=lambda settings: settings, used=used.append), used)
    await engine.stop()


async def test_intervals(house: House) -> None:
    """Readings and live frames follow at once; what is dear is read no oftener than it was."""
    assert (house.pace("cpu"), house.pace("processes"), house.engine.hub.default_interval_ms) == (1, 5, 5_000)
    await house.change(monitoring__update_interval_seconds=2, monitoring__live_interval_seconds=0.5)
    assert (house.pace("cpu"), house.pace("feeds"), house.pace("processes"), house.pace("bongsu")) == (2, 2, 5, 5)
    assert house.engine.hub.default_interval_ms == 500
    await house.change(monitoring__update_interval_seconds=30)
    assert {house.pace(name) for name in ("cpu", "processes", "disk_remote", "bongsu")} == {30}


async def test_thresholds_and_rules(house: House) -> None:
    """The rules that are evaluated are those of the new settings."""
    await house.change(thresholds__cpu_threshold_percent=70, rules=[{"id": "queue", "metric": "queue", "value": 5}])
    book = house.engine.alarms.rules.book
    assert (book.get("cpu_threshold_percent").value, book.get("queue").value) == (70, 5)


async def test_retention(house: House) -> None:
    """History keeps as long as it is told now."""
    await house.change(storage__retention__raw="2h")
    assert house.engine.history._housekeeping._retention.raw == 2 * 3_600_000


async def test_anomalies_off_and_on_again(house: House) -> None:
    """Switched off nothing is watched; switched on it is, with the new window."""
    anomalies = house.engine.feeding.anomalies
    await house.change(anomaly_detection__enabled=False)
    assert str(anomalies.enabled) == "False"
    await house.change(anomaly_detection__enabled=True, anomaly_detection__window_size=50)
    spec = anomalies._lanes.spec("cpu_usage")
    assert anomalies.enabled
    assert spec is not None
    assert spec.window == 50


async def test_channels_come_and_go(house: House) -> None:
    """A channel set on a screen is there at once and in the plan of alerts; taken back it is gone."""
    url = "https://hooks.slack.com/services/T0/B0/geheim"
    await house.change(notifications__slack__webhook_url=url, notifications__language="en")
    alarms = house.engine.alarms
    assert (alarms.notifier.names, alarms.notifier.language) == (("slack",), "en")
    assert alarms.service._worker.plan.channels == ("slack",)
    assert "geheim" not in alarms.redactor.text(f"posted to {url}")
    await house.desk.roll_back(0, version=None, note="", by="kim")
    assert list(alarms.notifier.names) == list(alarms.service._worker.plan.channels) == []


async def test_how_alerts_are_grouped(house: House) -> None:
    """Pace and temper of alerts follow."""
    await house.change(alerts__repeat="1h", alerts__flaps=9)
    service = house.engine.alarms.service
    assert (service._worker.plan.repeat, service._temper.flaps) == (3_600_000, 9)


async def test_what_is_checked(house: House) -> None:
    """A check set on a screen is watched, with how it stood if it was there before; taken away it is gone."""
    check = {"name": "home", "url": "https://shop.example.kr/health"}
    await house.change(checks=[check])
    checking = house.engine.checking
    assert [one.name for one in checking.all()] == ["home"]
    post = checking._watch._posts[checking._watch.targets[0].key]
    share = Share(percent=99.5, since=0, watched_ms=60_000, step=60_000)
    post.availability = {"24h": share}
    await house.change(checks=[check, {**check, "name": "shop"}])
    assert [(one.name, dict(one.availability)) for one in checking.all()] == [("home", {"24h": share}), ("shop", {})]
    await house.change(checks=[])
    assert checking.all() == []


async def test_what_is_asked_by_sql(house: House, tmp_path: Path) -> None:
    """A statement set on a screen is a collector, its metric is known; another interval is another collector."""
    one = {"name": "queue", "url": f"sqlite:///{tmp_path}/q.db", "sql": "select 1 as queue_depth", "interval": "10s"}
    await house.change(sql_metrics=[one])
    assert house.pace("sql:queue") == 10
    await house.change(sql_metrics=[{**one, "interval": "20s"}])
    assert house.pace("sql:queue") == 20
    await house.change(sql_metrics=[])
    assert "sql:queue" not in house.engine.scheduler.names


async def test_limits(house: House) -> None:
    """What is taken in is held to the new limits: series, labels, age, bodies, senders, feeds and their symbols."""
    engine = house.engine
    symbols = engine.feeding.feeds.book.table.open("krx")
    await house.change(
        limits__series=100,
        limits__labels=1,
        limits__past="1h",
        limits__body_bytes=1_024,
        limits__in_flight_bytes=65_536,
        limits__bodies_per_second=1,
        limits__feed_symbols=1,
    )
    assert (engine.table.limit, engine.gate.limits.labels, engine.gate.limits.past_ms) == (100, 1, 3_600_000)
    assert symbols.limit == 1
    for intake in (engine.intake, engine.feeding.feeds.intake):
        with pytest.raises(TooLarge, match="1024"):
            await intake.take(b"[" + b" " * 2_000 + b"]", content_type="application/json", encoding="", sender="a")
        await intake.take(b"[]", content_type="application/json", encoding="", sender="a")
        with pytest.raises(TooMany, match="1 bodies a second"):
            await intake.take(b"[]", content_type="application/json", encoding="", sender="a")


async def test_what_is_scraped(house: House) -> None:
    """A target set on a screen is read, with its new interval when that changes; taken away it isn't any more. None may
    speak for what is ours, whenever it came.
    """
    one = {"name": "node", "url": "http://127.0.0.1:9/metrics", "interval": "10s", "timeout": "2s"}
    await house.change(scrape=[one])
    assert house.pace("scrape:node") == 10
    assert "cpu_usage" in house.engine.scheduler._stations["scrape:node"].collector._translation._taken  # type: ignore[attr-defined]
    await house.change(scrape=[{**one, "interval": "20s"}, {**one, "name": "other"}])
    assert (house.pace("scrape:node"), house.pace("scrape:other")) == (20, 10)
    await house.change(scrape=[])
    assert not [name for name in house.engine.scheduler.names if name.startswith("scrape:")]


async def test_the_shop(house: House, tmp_path: Path) -> None:
    """A shop set on a screen is read and shown, statements without a database of their own ask it; and none again."""
    statement = {"name": "queue", "sql": "select 1 as queue_depth", "interval": "10s"}
    await house.change(shop__url=f"sqlite:///{tmp_path}/one.db", sql_metrics=[statement])
    first = house.engine.shop
    assert first is not None
    assert house.engine.watches()[0] == "shop"
    asking = house.engine.scheduler._stations["sql:queue"].collector
    await house.change(shop__url=f"sqlite:///{tmp_path}/two.db", shop__interval_seconds=7)
    assert house.engine.shop is not first
    assert house.pace("shop") == 7
    assert house.engine.scheduler._stations["sql:queue"].collector is not asking
    await house.desk.roll_back(0, version=None, note="", by="kim")
    assert (house.engine.shop, "shop" in house.engine.scheduler.names) == (None, False)


async def test_others_are_told_what_is_in_force(house: House) -> None:
    """Panels hold at once; a port is wanted, and the one that is bound stays in force."""
    settings = await house.change(panels=[{"metric": "queue"}], server__port=9_000)
    assert (len(settings.panels), settings.server.port) == (1, 8_080)


async def test_a_part_that_fails_leaves_all_as_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was changed before the part that fails is taken back, and the answer names the part."""

    async def broken(*_: object, **__: object) -> None:
        raise ValueError("no such lane")

    monkeypatch.setattr(house.engine.feeding.anomalies, "renew", broken)
    with pytest.raises(Faulty, match="anomaly_detection: ValueError: no such lane"):
        await house.change(thresholds__cpu_threshold_percent=70, anomaly_detection__window_size=50)
    assert house.engine.alarms.rules.book.get("cpu_threshold_percent").value == 80
    assert (house.desk.view().version, house.used) == (0, [])


async def test_what_it_tells_of_the_future_comes_from_the_engine(house: House) -> None:
    """Samples a day by what collectors gave last; the oldest that is held by history itself."""
    house.engine.scheduler._stations["cpu"].samples = 10
    preview = await house.desk.preview({"monitoring.update_interval_seconds": 2, "storage.retention.raw": "1h"})
    kinds = {one.kind: (one.before, one.after) for one in preview.effects}
    assert kinds == {"samples": (864_000, 432_000), "retention": (86_400, 3_600)}


ELSEWHERE = ("$schema", "panels", "logging")
"""Held at once by who is told of the settings in force: the board's first facts, and the log."""
MARK = object()


def marked(section: BaseModel, path: tuple[str, ...]) -> BaseModel:
    """The settings with another value at a place; it needs not be a valid one."""
    key, *rest = path
    name = next(one for one, info in type(section).model_fields.items() if (info.alias or one) == key)
    value = marked(getattr(section, name), tuple(rest)) if rest else MARK
    return section.model_copy(update={name: value})


async def test_every_setting_is_taken_up_or_said_to_wait(house: House) -> None:
    """No setting is told to hold at once of which no part hears, and of what a part hears none is told to wait."""
    steps = Reloading(house.engine, used=lambda _: None)._steps
    before, told = Settings(), {"now": 0, "restart": 0}
    for path, _ in settings_of(Settings):
        spelled = spell(path)
        after = cast("Settings", marked(before, path))
        holding = in_force(before, after)
        heard = [step.path for step in steps if step.of(before) != step.of(holding)]
        told[moment_of(spelled)] += 1
        if moment_of(spelled) == "now":
            assert heard or spelled.startswith(ELSEWHERE), spelled
            assert waiting(before, after) == [], spelled
        else:
            assert (heard, value_at(holding, path)) == ([], value_at(before, path)), spelled
            assert waiting(before, after) == [spelled]
    assert min(told.values()) > 20, told


def test_every_limit_is_read_anew() -> None:
    """Each limit reaches what holds to it: the intake, the gate, the tables, the doors."""
    before = Settings()

    def read(settings: Settings) -> list[object]:
        limits = settings.limits
        tables = (limits.series, limits.feeds, limits.feed_symbols)
        return [tables, _gate_limits(settings), intake_limits(settings), bounds_of(limits), _live_limits(settings)]

    for name in type(before.limits).model_fields:
        value = getattr(before.limits, name)
        other = (not value) if isinstance(value, bool) else type(value)(value + 1)
        after = before.model_copy(update={"limits": before.limits.model_copy(update={name: other})})
        assert read(after) != read(before), name
