"""Anomalies from a reading to screens, history and rules, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal

import numpy as np
import pytest

from bongsu.anomaly.composing import anomaly_stage
from bongsu.anomaly.stage import AnomalyStage
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.limits import GateLimits
from bongsu.model.catalogue import builtin
from bongsu.model.metric import Topic
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Batch, Refusal, Sample, labels_of
from bongsu.model.series import SeriesTable
from bongsu.settings.anomaly import AnomalyDetection, OwnDetection
from tests.fakes.clock import VirtualClock
from tests.fakes.history import FakeHistory


class World:
    """A stage between a gate and a history; what is announced is written down."""

    def __init__(
        self,
        *,
        history: FakeHistory | None = None,
        table: SeriesTable | None = None,
        clock: VirtualClock | None = None,
        **settings: object,
    ) -> None:
        self.clock = clock or VirtualClock()
        self.table = table or SeriesTable()
        self.history = history or FakeHistory(self.table)
        self.gate = SampleGate(table=self.table, clock=self.clock, limits=GateLimits())
        self.announced: list[tuple[str, Topic | None, Mapping[str, object]]] = []
        stage = anomaly_stage(
            AnomalyDetection.model_validate(settings),
            table=self.table,
            catalogue=builtin(),
            clock=self.clock,
            history=self.history,
            announcer=self,
            measure=self.measure,
        )
        assert stage is not None
        self.stage: AnomalyStage = stage

    def announce(
        self, kind: Literal["alert", "check", "mark"], body: Mapping[str, object], *, topic: Topic | None = None
    ) -> None:
        self.announced.append((kind, topic, body))

    async def measure(self, samples: Sequence[Sample]) -> tuple[Refusal, ...]:
        batch, refused = self.gate.admit(samples)
        await self.take(batch)
        return refused

    async def take(self, batch: Batch) -> None:
        self.stage.observe(batch)
        await self.history.append(batch)

    async def second(self, **values: float) -> None:
        """One second in which each metric is read once."""
        await self.clock.advance(1, settle=6)
        await self.measure([Sample(metric=name, value=value) for name, value in values.items()])
        for _ in range(6):
            await asyncio.sleep(0)

    async def calm(self, seconds: int, metric: str = "cpu_usage", seed: int = 1) -> None:
        """So many seconds around 20, give or take one."""
        for value in np.random.default_rng(seed).normal(20, 1, seconds).tolist():
            await self.second(**{metric: value})


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world under the guide's settings, running."""
    one = World()
    await one.stage.start()
    yield one
    await one.stage.stop()


async def recent(world: World, metric: str | None = None) -> list[tuple[str, float | None]]:
    """Metric and value of what was told, newest first."""
    found = await world.stage.recent(metric=metric, start=0, end=1 << 60)
    return [(one.metric, one.value) for one in found]


@pytest.mark.guide("G006", "G048")
async def test_a_spike_is_found_told_kept_and_scored(world: World) -> None:
    """One reading far off: announced with its band, in the list, a sample of history, and a score for rules."""
    await world.calm(120)
    told = len(world.announced)
    await world.second(cpu_usage=95.0)
    assert len(world.announced) == told + 1
    kind, topic, body = world.announced[-1]
    assert (kind, topic, body["kind"], body["metric"], body["value"]) == (
        "mark",
        "system",
        "anomaly",
        "cpu_usage",
        95.0,
    )
    lower, upper, score = body["lower"], body["upper"], body["score"]
    assert isinstance(lower, float)
    assert isinstance(upper, float)
    assert 15 < lower < 18 < 22 < upper < 25
    assert (await recent(world))[0] == ("cpu_usage", 95.0)

    series = world.table.find("cpu_usage", ())
    written = world.table.find("anomaly_score", labels_of(metric="cpu_usage"))
    assert series is not None
    assert written is not None
    assert world.history.samples[written][world.clock.now()] == score
    np.testing.assert_allclose(world.stage.score_of(np.array([series])), [score], rtol=1e-5)
    assert np.isnan(world.stage.score_of(np.array([written]))).all()


@pytest.mark.guide("G048")
async def test_a_run_of_anomalies_is_told_once(world: World) -> None:
    """Ten strange readings in a row are one anomaly; a worse one an hour later is another."""
    await world.calm(120)
    before = len(world.announced)
    for _ in range(10):
        await world.second(cpu_usage=60.0)
    assert len(world.announced) == before + 1
    await world.clock.advance(3_600)
    await world.calm(120, seed=2)
    before = len(world.announced)
    await world.second(cpu_usage=95.0)
    assert len(world.announced) == before + 1


async def test_scores_sink_when_all_is_well_again(world: World) -> None:
    """A rule that reads the score sees it fall with the next ordinary reading."""
    await world.calm(120)
    await world.second(cpu_usage=95.0)
    await world.calm(2, seed=3)
    series = world.table.find("cpu_usage", ())
    assert series is not None
    assert world.stage.score_of(np.array([series]))[0] < 3.0


async def test_a_restart_keeps_what_was_known() -> None:
    """After a restart the first strange reading is found at once, from history, and what was told is still listed."""
    first = World()
    await first.stage.start()
    await first.calm(120)
    await first.second(cpu_usage=95.0)
    await first.stage.stop()
    again = World(history=first.history, table=first.table, clock=VirtualClock(first.clock.now() + 5_000))
    await again.stage.start()
    for _ in range(300):
        await asyncio.sleep(0)
    await again.second(cpu_usage=21.0)
    series = again.table.find("cpu_usage", ())
    assert series is not None
    assert not np.isnan(again.stage.score_of(np.array([series])))[0]
    found = await again.stage.recent(start=0, end=1 << 60)
    assert (found[0].metric, found[0].value, found[0].method) == ("cpu_usage", None, "zscore")
    assert again.announced == []
    await again.stage.stop()


async def test_the_band_is_worked_out_from_history(world: World) -> None:
    """Each moment's band is judged by what came before it, as it was live."""
    start = world.clock.now()
    await world.calm(120)
    await world.second(cpu_usage=95.0)
    body = world.announced[-1][2]
    (band,) = await world.stage.bands(RangeQuery(metric="cpu_usage", start=start, end=world.clock.now() + 1))
    assert band.value[-1] == 95.0
    assert (f"{band.lower[-1]:.6g}", f"{band.upper[-1]:.6g}") == (f"{body['lower']}", f"{body['upper']}")
    assert np.isnan(band.lower[0])
    late = RangeQuery(metric="cpu_usage", start=world.clock.now(), end=world.clock.now() + 1)
    (point,) = await world.stage.bands(late)
    np.testing.assert_allclose(point.upper, band.upper[-1:], rtol=1e-9)
    assert await world.stage.bands(RangeQuery(metric="bongsu_x", start=start, end=start + 1)) == []


async def test_silence_is_seen_while_nothing_comes() -> None:
    """A series that comes every second and then doesn't is told within seconds of four times its longest gap."""
    own = [OwnDetection(metric="orders_open", method="silence")]
    world = World(metrics=own)
    await world.stage.start()
    await world.calm(60, "orders_open")
    await world.clock.advance(3)
    assert world.announced == []
    await world.clock.advance(7)
    ((_, _, body),) = world.announced
    assert (body["method"], body["metric"]) == ("silence", "orders_open")
    await world.clock.advance(60)
    assert len(world.announced) == 1
    await world.stage.stop()


async def test_too_much_at_once_is_counted_not_queued(world: World) -> None:
    """Readings beyond the bound are skipped and counted; a back-fill is judged by its newest readings."""
    count = 300_000
    at = world.clock.now() - count + np.arange(count, dtype=np.int64)
    series = world.table.intern("cpu_usage", ())
    batch = Batch(series=np.full(count, series, np.int32), at=at, value=np.zeros(count))
    world.stage.observe(batch)
    world.stage.observe(batch)
    for _ in range(400):
        await asyncio.sleep(0)
    figures = {one.metric: one.value for one in world.stage.figures()}
    assert figures["bongsu_anomaly_scored_total"] == 600
    assert figures["bongsu_anomaly_skipped_total"] == 2 * count - 600


async def test_a_store_that_fails_ends_nothing(world: World) -> None:
    """When history can't be written, anomalies are still found and told."""
    await world.calm(120)
    before = len(world.announced)

    async def refuse(samples: Sequence[Sample]) -> tuple[Refusal, ...]:
        raise OSError("disk full")

    world.stage._measure = refuse
    await world.second(cpu_usage=95.0)
    await world.second(cpu_usage=5_000.0)
    assert len(world.announced) == before + 2


class DearClock(VirtualClock):
    """A clock on which scoring takes a tenth of a second each time it is looked at."""

    def monotonic(self) -> float:
        self._mono += 0.1
        return super().monotonic()


async def test_a_flood_takes_its_share_of_a_core_and_no_more() -> None:
    """What took a tenth of a second to score is followed by 1.9 s of rest: a twentieth of a core."""
    clock = DearClock()
    world = World(clock=clock)
    await world.stage.start()
    await world.second(cpu_usage=20.0)
    scored = next(one for one in world.stage.figures() if one.metric == "bongsu_anomaly_scored_total").value
    assert scored == 1
    await world.second(cpu_usage=21.0)
    figures = {one.metric: one.value for one in world.stage.figures()}
    assert figures["bongsu_anomaly_scored_total"] == 1, "it rests"
    await clock.advance(60, settle=6)
    figures = {one.metric: one.value for one in world.stage.figures()}
    assert figures["bongsu_anomaly_scored_total"] == 2
    await world.stage.stop()


async def test_switched_off_nothing_is_watched() -> None:
    """`enabled: false` costs nothing: no task runs, no reading waits, no figure is told."""
    table = SeriesTable()
    world = World()
    stage = anomaly_stage(
        AnomalyDetection(enabled=False),
        table=table,
        catalogue=builtin(),
        clock=world.clock,
        history=world.history,
        announcer=world,
        measure=world.measure,
    )
    await stage.start()
    assert (stage.enabled, list(stage.figures()), stage._task) == (False, [], None)
