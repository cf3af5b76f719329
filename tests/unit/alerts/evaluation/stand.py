"""What the tests of evaluation share: an evaluator on a virtual clock, samples by hand, and the signals it tells."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np

from bongsu.alerts.evaluation.evaluation import Setting
from bongsu.alerts.evaluation.evaluator import RuleEvaluator
from bongsu.alerts.signal import Signal
from bongsu.model.alert import Alert
from bongsu.model.catalogue import builtin
from bongsu.model.query import Points
from bongsu.model.rule import Rule
from bongsu.model.sample import Batch, Float64s, Int64s, labels_of
from bongsu.model.series import SeriesTable
from bongsu.settings.rules import RuleSection
from tests.fakes.clock import VirtualClock
from tests.fakes.history import FakeHistory


def rule(metric: str = "cpu_usage", value: float | None = 80, **keys: Any) -> Rule:
    """A checked rule from keys as people write them."""
    keys["for"] = keys.pop("lasting", "0s")
    return RuleSection.model_validate({"metric": metric, "value": value, **keys}).rule()


class Scored:
    """Scores by series id."""

    def __init__(self) -> None:
        self.scores: dict[int, float] = {}
        self.asked: list[Points] = []
        """The series whose past was asked for."""

    def score_of(self, series: Int64s) -> Float64s:
        return np.array([self.scores.get(int(one), np.nan) for one in series], float)

    def scores_over(self, found: Sequence[Points]) -> list[Float64s]:
        """Of the past: a tenth of each reading."""
        self.asked += found
        return [points.value / 10 for points in found]


class Stand:
    """One evaluator. `told` is what it told, oldest first."""

    def __init__(
        self, *rules: Rule, start_ms: int = 1_763_778_000_000, language: Any = "en", rows: int = 100_000
    ) -> None:
        self.clock = VirtualClock(start_ms)
        self.table = SeriesTable()
        self.history = FakeHistory(self.table)
        self.scores = Scored()
        self.rules = rules
        self.told: list[Signal] = []
        self.failure: Exception | None = None
        self.setting = Setting(table=self.table, catalogue=builtin(), scores=self.scores, language=language, rows=rows)
        self.evaluator = RuleEvaluator(take=self._take, setting=self.setting, history=self.history, clock=self.clock)

    async def _take(self, signals: Sequence[Signal]) -> None:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        self.told += signals

    async def start(self, *standing: Alert) -> Stand:
        await self.evaluator.start(self.rules, standing)
        return self

    async def stop(self) -> None:
        await self.evaluator.stop()

    def batch(self, metric: str, value: float, at: int | None = None, **labels: str) -> Batch:
        """One sample, now unless `at` says otherwise."""
        return Batch(
            series=np.array([self.table.intern(metric, labels_of(labels))], np.int32),
            at=np.array([self.clock.now() if at is None else at], np.int64),
            value=np.array([value], float),
        )

    async def send(self, value: float, metric: str = "cpu_usage", **labels: str) -> None:
        """A sample passes, and is evaluated."""
        batch = self.batch(metric, value, None, **labels)
        await self.history.append(batch)
        self.evaluator.observe(batch)
        await self.clock.advance(0.06)

    async def wait(self, seconds: float) -> None:
        """Time passes."""
        await self.clock.advance(seconds)

    def conditions(self) -> list[str]:
        """The conditions told so far."""
        return [signal.condition for signal in self.told]

    def figure(self, name: str) -> float:
        """One of the evaluator's own figures."""
        return {one.metric: one.value for one in self.evaluator.figures()}[f"bongsu_rules_{name}"]
