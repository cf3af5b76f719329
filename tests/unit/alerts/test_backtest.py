"""What a rule would have done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from bongsu.alerts import backtest as module
from bongsu.alerts.backtest import Span, backtest
from bongsu.model.backtest import BackTest
from bongsu.model.errors import BadRequest
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable
from tests.fakes.history import FakeHistory
from tests.unit.alerts.evaluation.stand import Scored, rule

MINUTE = 60_000
START = 1_795_305_600_000
"""Sunday 22 November 2026, 00:00 UTC: 09:00 in Seoul."""


class Past:
    """A history of values a minute apart, by series."""

    def __init__(self) -> None:
        self.table = SeriesTable()
        self.history = FakeHistory(self.table)

    async def put(self, values: Sequence[float | None], *, metric: str = "m", first: int = 0, **labels: str) -> Past:
        """Values from minute `first` on; None leaves a hole."""
        series = self.table.intern(metric, labels_of(labels))
        known = [(place, value) for place, value in enumerate(values, start=first) if value is not None]
        await self.history.append(
            Batch(
                series=np.full(len(known), series, np.int32),
                at=np.array([START + place * MINUTE + 1_000 for place, _ in known], np.int64),
                value=np.array([value for _, value in known], float),
            )
        )
        return self

    async def run(
        self, minutes: int, value: float | None = 50, *, scores: Scored | None = None, **keys: Any
    ) -> BackTest:
        """Test a rule over so many minutes."""
        span = Span.of(START, START + minutes * MINUTE, MINUTE)
        tried = rule("m", value, **keys)
        return await backtest(tried, span, history=self.history, timezone="Asia/Seoul", scores=scores)


def minutes(found: BackTest) -> list[tuple[int, int | None, float | None]]:
    """Beginning, end and worst value of each alert, in minutes from the start."""
    return [
        ((one.start - START) // MINUTE, None if one.end is None else (one.end - START) // MINUTE, one.worst)
        for one in found.episodes
    ]


async def test_it_says_when_how_long_and_how_bad() -> None:
    """An alert begins with the end of the minute that crossed, ends with the one that cleared, or still stands."""
    past = await Past().put([10, 60, 90, 45, 10, 10, 70, 70])
    found = await past.run(8)
    assert minutes(found) == [(2, 4, 90.0), (7, None, 70.0)]
    assert (found.count, found.messages, found.total_ms) == (2, 3, 3 * MINUTE)
    assert found.by_hour[9] == 3
    assert sum(found.by_hour) == 3
    assert (found.threshold, found.series, found.left_out) == (50.0, 1, 0)
    assert found.points[0] == (START + MINUTE, 10.0)


async def test_it_lasts_and_clears_as_live() -> None:
    """for-duration, clearing value and holding come from the very state machine."""
    past = await Past().put([60, 60, 10, 60, 60, 60, 60, 48, 45, 40, 10, 10, 10, 10])
    assert minutes(await past.run(14, lasting="2m")) == [(6, 8, 60.0)]
    assert minutes(await past.run(14, lasting="2m", clear=42)) == [(6, 10, 60.0)]
    assert minutes(await past.run(14, lasting="2m", clear=42, keep_firing="3m")) == [(6, 13, 60.0)]


async def test_windows_reach_back_before_the_start() -> None:
    """The first moments already have a whole window, from what was before."""
    past = await Past().put([100, 100, 100], first=-3)
    await past.put([0, 0, 0, 0])
    assert minutes(await past.run(4, aggregation="avg", window="5m")) == [(1, 3, 75.0)]


async def test_silence_in_the_past() -> None:
    """A rule that asks for silence fires once it lasted; its worst value is none."""
    past = await Past().put([1, 1, None, None, None, None, 1, 1])
    assert minutes(await past.run(8, None, kind="no_data", no_data_after="3m")) == [(5, 7, None)]


async def test_each_series_or_group_is_its_own() -> None:
    """Labels select, `by` groups; times of all of them are told together, oldest first."""
    past = await Past().put([60, 10, 10], host="a", disk="1")
    await past.put([10, 60, 10], host="a", disk="2")
    await past.put([10, 10, 60], host="b", disk="1")
    await past.put([99, 99, 99], host="c", disk="1")
    found = await past.run(3, labels={"disk": "*", "host": "a"})
    assert [one.labels for one in found.episodes] == [labels_of(host="a", disk="1"), labels_of(host="a", disk="2")]
    found = await past.run(3, by=["host"], value=65)
    assert [dict(one.labels)["host"] for one in found.episodes] == ["a", "c"]
    assert found.series == 3


async def test_hours_and_holidays_count_in_the_past() -> None:
    """Outside its hours nothing fires: 09:02 to 09:04 only."""
    past = await Past().put([60] * 8)
    assert minutes(await past.run(8, when="sun 09:02-09:04 Asia/Seoul")) == [(2, 4, 60.0)]
    assert minutes(await past.run(8, when="weekday")) == []


async def test_flapping_is_told_once() -> None:
    """What comes and goes becomes one long alert, as live."""
    past = await Past().put([60, 10] * 10 + [10] * 10)
    found = await past.run(30)
    assert found.count == 4
    assert found.messages == 8


async def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Series, points and moments are bounded; what is left out is told."""
    monkeypatch.setattr(module, "SERIES", 2)
    monkeypatch.setattr(module, "POINTS", 3)
    past = Past()
    for host in "abc":
        await past.put([10, 20, 99, 10, 10, 10], host=host)
    found = await past.run(6)
    assert (found.series, found.left_out, len(found.points)) == (2, 1, 3)
    assert max(value for _, value in found.points) == 99.0
    for start, end, step in ((5, 5, None), (0, 10**9, 1_000), (0, 10_000, 60_000), (0, 10**12, None), (0, 10**6, 10)):
        with pytest.raises(BadRequest):
            Span.of(start, end, step)
    assert Span.of(START, START + 30 * 86_400_000, None).step == MINUTE
    assert Span.of(START, START + 365 * 86_400_000, None).step == 3_600_000


async def test_nothing_matches() -> None:
    """A rule over nothing would have done nothing."""
    found = await Past().run(5)
    assert (found.count, found.series, found.points) == (0, 0, ())


async def test_a_rule_about_anomalies_is_held_against_the_detectors_scores() -> None:
    """Scores of the past take the readings' place; what the detector must learn from lies before the range."""
    past = await Past().put([60.0] * 250 + [30.0] * 3 + [60.0] * 2 + [30.0] * 5, first=-250)
    scores = Scored()
    found = await past.run(10, 5, kind="anomaly", scores=scores)
    assert minutes(found) == [(4, 6, 6.0)]
    assert len(scores.asked[0].at) == 260


async def test_without_detectors_anomalies_cant_be_tested() -> None:
    """Where detection is switched off that is said, and what switches it on."""
    with pytest.raises(BadRequest, match="switched off"):
        await Past().run(5, kind="anomaly")


def test_the_detector_is_led_through_so_many_moments() -> None:
    """A month by minutes becomes a month by five; a day stays by minutes."""
    month = Span.of(START, START + 30 * 86_400_000, MINUTE).within(module.SCORED)
    assert (month.step, len(month.moments)) == (300_000, 8_640)
    day = Span.of(START, START + 86_400_000, MINUTE)
    assert day.within(module.SCORED) == day
