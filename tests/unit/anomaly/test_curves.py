"""The detectors led through the past."""

from __future__ import annotations

import numpy as np
import pytest

from bongsu.anomaly.curves import bands_of, scores_over
from bongsu.anomaly.plan import USUAL
from bongsu.model.query import Points, RangeQuery
from bongsu.model.sample import Batch
from bongsu.model.series import SeriesTable
from tests.fakes.history import FakeHistory

MINUTE = 60_000
START = 1_763_778_000_000


@pytest.mark.parametrize("method", ["zscore", "robust_zscore", "novelty"])
async def test_many_series_together_are_judged_as_each_alone(method: str) -> None:
    """Series with other times and holes than their neighbours get the scores that the band tells of each by itself."""
    spec = USUAL.by(method)
    table = SeriesTable()
    history = FakeHistory(table)
    random = np.random.default_rng(5)
    found = []
    for number in range(3):
        at = START + np.flatnonzero(random.random(700) < 0.9) * MINUTE
        value = random.normal(50, 5, len(at))
        value[-30:-25] = 95.0
        series = table.intern("cpu_usage", (("core", str(number)),))
        await history.append(Batch(series=np.full(len(at), series, np.int32), at=at, value=value))
        found.append(Points(metric="cpu_usage", labels=(("core", str(number)),), at=at, value=value))
    query = RangeQuery(metric="cpu_usage", start=START, end=START + 700 * MINUTE)
    bands = await bands_of(history, query, spec)
    for points, score, band in zip(found, scores_over(found, spec), bands, strict=True):
        assert band.labels == points.labels
        np.testing.assert_array_equal(score, band.score)
        assert not np.isnan(score[-1])
    assert scores_over([], spec) == []
