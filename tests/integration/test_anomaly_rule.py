"""From a strange reading to an alert, through the whole engine."""

from __future__ import annotations

import asyncio
import random

import numpy as np
import pytest

from bongsu.clock import SystemClock
from bongsu.engine import Engine
from bongsu.model.alert import Alert
from bongsu.model.sample import Sample
from bongsu.settings.model import Settings

RULE = {"name": "odd", "kind": "anomaly", "metric": "orders_open", "op": ">", "value": 5, "severity": "warning"}


async def firing(engine: Engine) -> list[Alert]:
    """The alerts about `orders_open` that fire."""
    return [
        one for one in await engine.alarms.records.living() if one.metric == "orders_open" and one.phase == "firing"
    ]


@pytest.mark.guide("G006")
async def test_a_rule_about_anomalies_fires_on_the_detectors_score() -> None:
    """200 ordinary readings tell nothing; one far off is an alert whose value is its score."""
    engine = await Engine.open(Settings.model_validate({"rules": [RULE]}), clock=SystemClock(), data=None)
    await engine.start()
    try:
        drawn, now = random.Random(1), SystemClock().now()
        ordinary = [
            Sample(metric="orders_open", value=drawn.gauss(20, 1), at=now - i * 1_000) for i in range(200, 0, -1)
        ]
        async with asyncio.timeout(30):
            await engine.pipeline.measure(ordinary)
            series = np.array([engine.table.find("orders_open", ())])
            assert engine.feeding.anomalies is not None
            while np.isnan(engine.feeding.anomalies.score_of(series))[0]:  # noqa: ASYNC110 - seen from outside only
                await asyncio.sleep(0)
            assert await firing(engine) == []
            await engine.pipeline.measure([Sample(metric="orders_open", value=90.0)])
            while not (found := await firing(engine)):  # noqa: ASYNC110 - seen from outside only
                await asyncio.sleep(0)
        assert found[0].value is not None
        assert found[0].value > 20
    finally:
        await engine.stop()
