"""Data that is old goes, tier by tier; what was rolled up stays; empty series are forgotten. On a virtual clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import DAY, HOUR, Limits, Retention
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Batch
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.unit.history.resting import rest

T0 = 1_763_776_800_000
LIMITS = Limits(block_samples=100, roll_minutes_after=HOUR, roll_hours_after=4 * HOUR)


class Life:
    """A history on a virtual clock, and what the tests do with it."""

    def __init__(self, folder: Path, retention: Retention) -> None:
        self.clock = VirtualClock(T0)
        self.table = SeriesTable()
        self.pressure = False
        self._folder = folder
        self._retention = retention
        self.history: EmbeddedHistory

    async def open(self) -> None:
        self.history = await EmbeddedHistory.open(
            self._folder,
            table=self.table,
            clock=self.clock,
            retention=self._retention,
            limits=LIMITS,
            pressure=lambda: self.pressure,
        )

    async def keep(self, start: int, count: int, gap: int = 10_000, metric: str = "m") -> None:
        at = start + np.arange(count, dtype=np.int64) * gap
        ids = np.full(count, self.table.intern(metric, ()), np.int32)
        await self.history.append(Batch(series=ids, at=at, value=np.arange(count, dtype=np.float64)))

    async def count(self, tier: str, metric: str = "m") -> tuple[int, float]:
        """How many points a tier still holds, and how many samples they stand for."""
        step = None if tier == "raw" else 60_000
        agg = "last" if tier == "raw" else "count"
        query = RangeQuery(metric=metric, start=T0 - 10 * DAY, end=T0 + 10 * DAY, tier=tier, step=step, agg=agg)  # type: ignore[arg-type]
        answer = await self.history.range(query)
        return (len(answer[0].at), float(answer[0].value.sum())) if answer else (0, 0.0)

    async def tend_until(self, done: Callable[[], bool] | None = None, rounds: int = 40) -> None:
        """Let rounds of housekeeping go by; each waits for the writer and the sealer to come to rest."""
        for _ in range(rounds):
            await self.clock.advance(5.0)
            await rest(self.history)
            if done is not None and done():
                return


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    one = Life(tmp_path, Retention(raw=DAY, minute=3 * DAY, hour=5 * DAY))
    await one.open()
    yield one
    await one.history.close()


@pytest.mark.guide("G054")
async def test_samples_older_than_a_day_go_and_their_minutes_stay(life: Life) -> None:
    """After 24 hours raw samples are cleaned up; minutes and hours answer for them with nothing lost."""
    await life.keep(T0, 3_000)
    life.clock.jump_wall(DAY / 1000 + 9 * 3600)
    await life.tend_until()
    assert await life.count("raw") == (0, 0.0)
    assert await life.count("minute") == (500, 3_000.0)
    assert (await life.count("hour"))[1] == 3_000.0


async def test_younger_samples_stay(life: Life) -> None:
    """Clean-up takes whole blocks that are older than the floor, and nothing younger."""
    await life.keep(T0, 3_000)
    life.clock.jump_wall((DAY + 4 * HOUR) / 1000)
    await life.tend_until()
    query = RangeQuery(metric="m", start=T0 + 4 * HOUR, end=T0 + DAY)
    (points,) = await life.history.range(query)
    assert len(points.at) == 3_000 - 4 * 360


async def test_minutes_go_when_their_time_is_over_and_hours_after_them(life: Life) -> None:
    """Each tier has its own age; what is gone from all is gone."""
    await life.keep(T0, 3_000)
    life.clock.jump_wall((3 * DAY + 10 * HOUR) / 1000)
    await life.tend_until()
    assert await life.count("hour") == (9, 3_000.0)
    query = RangeQuery(metric="m", start=T0, end=T0 + DAY, step=60_000, tier="minute", agg="count")
    assert [len(points.at) for points in await life.history.range(query)] in ([], [9])
    life.clock.jump_wall((2 * DAY) / 1000)
    await life.tend_until()
    assert await life.count("hour") == (0, 0.0)


async def test_series_without_data_are_forgotten(life: Life) -> None:
    """When nothing is left of a series its place in the table is free again; one that lives on stays."""
    await life.keep(T0, 200)
    life.clock.jump_wall((5 * DAY + 10 * HOUR) / 1000)
    await life.keep(life.clock.now(), 1, metric="alive")
    await life.tend_until(lambda: life.table.find("m", ()) is None, rounds=80)
    assert life.table.find("m", ()) is None
    assert life.table.find("alive", ()) is not None
    await life.keep(life.clock.now(), 5)
    assert (await life.count("raw"))[0] == 5


async def test_samples_older_than_the_raw_floor_join_the_minutes(life: Life) -> None:
    """Very late samples are added to the minutes that stand for their time, in the tail as well as once sealed."""
    await life.keep(T0, 360)
    life.clock.jump_wall((DAY + 9 * HOUR) / 1000)
    await life.tend_until()
    await life.keep(T0 + 5_000, 360)
    assert await life.count("minute") == (60, 720.0)
    life.clock.jump_wall(2 * HOUR / 1000)
    await life.tend_until()
    assert await life.count("minute") == (60, 720.0)
    assert (await life.count("hour"))[1] == 720.0


@pytest.mark.guide("G054")
async def test_memory_pressure_seals_early(life: Life) -> None:
    """When memory is short the tail is sealed before its time."""
    await life.keep(T0, 50)
    await life.tend_until(rounds=3)
    assert _figure(life, "sealed_total") == 0
    life.pressure = True
    await life.tend_until(rounds=3)
    assert _figure(life, "sealed_total") == 1
    assert _figure(life, "tail_samples") == 0


def _figure(life: Life, name: str) -> float:
    return next(one.value for one in life.history.figures() if one.metric == f"bongsu_history_{name}")


async def test_a_series_sealed_by_age(life: Life) -> None:
    """A slow series doesn't wait for ever: after about an hour its few samples become a block."""
    await life.keep(T0, 5)
    life.clock.jump_wall(HOUR * 1.2 / 1000)
    await life.tend_until(rounds=3)
    assert _figure(life, "sealed_total") == 1
    assert (await life.count("raw"))[0] == 5


async def test_another_retention_holds_from_now_on(life: Life) -> None:
    """The oldest that is held is told by tier; a shorter time lets go of what is older, and nothing else goes."""
    assert await life.history.oldest() == {}
    await life.keep(T0, 3_000)
    life.clock.jump_wall(10 * 3600)
    await life.tend_until()
    assert (await life.history.oldest())["raw"] == T0
    life.history.retain(Retention(raw=4 * HOUR, minute=30 * DAY, hour=730 * DAY))
    await life.tend_until()
    assert (await life.history.oldest())["raw"] == T0 + 6 * HOUR
