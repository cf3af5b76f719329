"""Availability out of history's own points."""

from __future__ import annotations

import pytest

from bongsu.collect.checks.availability import Availability
from bongsu.collect.checks.states import MemoryStates
from bongsu.collect.checks.watch import Target, Watch
from bongsu.model.check import Outcome
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.fakes.measurements import Measurements

MINUTE = 60_000


class Never:
    """Is never asked."""

    async def probe(self) -> Outcome:
        raise AssertionError


def stand(clock: VirtualClock, measurements: Measurements) -> tuple[Watch, Availability, Target]:
    """One marketplace and the availability over it."""

    async def measure(*_: object, **__: object) -> tuple[()]:
        return ()

    watch = Watch(clock=clock, measure=measure, announcer=None, store=MemoryStates(clock), chance=lambda: 0.5)  # type: ignore[arg-type]
    target = Target(
        kind="marketplace",
        name="naver",
        title_ko="n",
        title_en="n",
        protocol="https",
        address="",
        interval_ms=MINUTE,
        timeout=1.0,
        prober=Never(),
    )
    watch.add(target)
    return watch, Availability(watch=watch, history=measurements, clock=clock), target


@pytest.mark.guide("G116")
async def test_a_minute_weighs_as_a_minute() -> None:
    """Three failures within one minute cost one minute of the day, and minutes without a sample cost nothing."""
    clock = VirtualClock()
    table = SeriesTable()
    measurements = Measurements(table)
    series = table.intern("marketplace_up", (("marketplace", "naver"),))
    start = clock.now() - clock.now() % MINUTE
    for minute in range(1, 11):
        measurements.rows.append((series, start - minute * MINUTE, 1.0))
    measurements.rows += [(series, start - 20 * MINUTE + extra, 0.0) for extra in (0, 20_000, 40_000)]
    watch, availability, target = stand(clock, measurements)
    await availability.refresh(target, ["24h", "90d"])
    (status,) = watch.statuses()
    assert status.availability["24h"].percent == pytest.approx(100 * 10 / 11, abs=0.001)


async def test_a_long_window_is_not_told_older_than_it_is() -> None:
    """Watched for half an hour: 90 days, computed rarely, are told as the newest figure of the day, with its time."""
    clock = VirtualClock()
    table = SeriesTable()
    measurements = Measurements(table)
    series = table.intern("marketplace_up", (("marketplace", "naver"),))
    watch, availability, target = stand(clock, measurements)
    measurements.rows.append((series, clock.now(), 0.0))
    await clock.advance(MINUTE / 1000)
    await availability.refresh(target, ["24h", "7d", "30d", "90d"])
    for _ in range(30):
        measurements.rows.append((series, clock.now(), 1.0))
        await clock.advance(MINUTE / 1000)
    await availability.refresh(target, ["24h"])
    (status,) = watch.statuses()
    percents = [one.percent for one in status.availability.values()]
    assert percents == pytest.approx([100 * 30 / 31] * 4, abs=0.001)
    assert all(30 * MINUTE <= one.watched_ms <= 32 * MINUTE for one in status.availability.values())


async def test_no_sample_is_no_figure() -> None:
    """Where nothing was counted there is no availability, rather than 0 or 100."""
    clock = VirtualClock()
    watch, availability, target = stand(clock, Measurements(SeriesTable()))
    await availability.refresh(target, ["24h", "7d", "30d", "90d"])
    assert watch.statuses()[0].availability == {}
