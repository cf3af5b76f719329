"""What is sealed together doesn't get in its own way."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.journal import Journal
from bongsu.history.sealing import Job
from bongsu.model.query import RangeQuery
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.unit.history.resting import rest
from tests.unit.history.test_writer import T0, batch

MINUTE = 60_000


@pytest.mark.parametrize("ripe", [True, False])
async def test_a_series_that_is_rolled_up_and_sealed_at_once(tmp_path: Path, *, ripe: bool) -> None:
    """It may wait for one, having failed or old samples, and be ripe for the other: one goes after the other."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock())
    sealer = history._sealer

    def both(_: Journal) -> None:
        sealer._waiting.append(Job(series=0, taken=None, everything=True))
        if not ripe:
            sealer._waiting.append(Job(series=0, taken=history._tail.detach(0)))
        sealer._begin({0})

    for begin in range(0, 480, 120):
        await history.append(batch(table, begin, 120))
        history._writer.put(both if begin == 240 else lambda _: sealer._begin({0}))
        await rest(history)
    history._writer.put(lambda _: sealer.tend())
    await rest(history)
    history._writer.put(lambda _: sealer.force([0]))
    await rest(history)
    asked = RangeQuery(metric="m", start=T0, end=T0 + 8 * MINUTE, step=MINUTE, agg="count")
    (found,) = await history.range(asked)
    assert found.at.tolist() == [T0 + minute * MINUTE for minute in range(8)]
    assert found.value.tolist() == [60] * 8
    await history.close()
