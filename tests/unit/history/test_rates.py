"""A counter's rate out of blocks, minutes, hours and tail together, across restarts and resets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import Limits
from bongsu.model.query import RangeQuery, Tier
from bongsu.model.sample import Batch
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.fakes.history import FakeHistory

T0 = 1_763_776_800_000
LIMITS = Limits(block_samples=500, roll_minutes_after=900_000, roll_hours_after=3_600_000, seal_at_close=1)


@pytest.mark.parametrize("tier", ["raw", "minute", "auto"])
@pytest.mark.parametrize("step", [60_000, 300_000, 3_600_000])
async def test_rates_are_the_same_from_every_tier(tmp_path: Path, tier: Tier, step: int) -> None:
    """A counter read each second, with resets, has the same rate from roll-ups as from its samples."""
    table = SeriesTable()
    fake = FakeHistory(table)
    random = np.random.default_rng(9)
    value = 0.0
    for restart in range(4):
        if restart:
            table = SeriesTable()
        history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock(), limits=LIMITS)
        series = table.intern("requests_total", ())
        for minute in range(restart * 50, restart * 50 + 50):
            values = value + np.cumsum(random.poisson(20, 60)).astype(np.float64)
            if minute % 17 == 3:
                values[30:] -= values[30]
            value = float(values[-1])
            at = T0 + (minute * 60 + np.arange(60, dtype=np.int64)) * 1000
            batch = Batch(series=np.full(60, series, np.int32), at=at, value=values)
            await history.append(batch)
            await fake.append(batch)
        if restart < 3:
            await history.close()
    fake_again = FakeHistory(table)
    fake_again.samples = fake.samples
    query = RangeQuery(metric="requests_total", start=T0, end=T0 + 200 * 60_000, step=step, agg="rate", tier=tier)
    (expected,), (found,) = await fake_again.range(query), await history.range(query)
    np.testing.assert_array_equal(found.at, expected.at)
    np.testing.assert_allclose(found.value, expected.value, rtol=1e-9)
    await history.close()
