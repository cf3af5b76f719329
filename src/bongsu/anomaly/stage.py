"""The stage: sees what passes, scores it, keeps and tells what is out of the ordinary."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
import numpy as np
import structlog

from bongsu.anomaly.curves import bands_of, scores_over
from bongsu.anomaly.lane import Judged, Lane
from bongsu.anomaly.lanes import Lanes
from bongsu.anomaly.metrics import ANOMALY_SCORE
from bongsu.anomaly.rounds import rounds
from bongsu.anomaly.warming import warm
from bongsu.model.anomaly import Anomaly, Band
from bongsu.model.catalogue import Catalogue
from bongsu.model.query import Points, RangeQuery
from bongsu.model.sample import Batch, Float64s, Int64s, Labels, Refusal, Sample, labels_of
from bongsu.model.series import SeriesTable
from bongsu.ports import Announcer, Clock, History

Measure = Callable[[Sequence[Sample]], Awaitable[tuple[Refusal, ...]]]
"""Where our own samples go: `Pipeline.measure`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What bounds the stage."""

    kept: int = 10_000
    """Anomalies kept in memory, about 300 bytes each."""
    waiting: int = 400_000
    """Readings that may wait to be scored; further ones are skipped and counted."""
    readings_a_series: int = 600
    """Readings of one series scored of what came at once; of more (a back-fill) the newest."""
    share: float = 0.02
    """Of one core at most, some 200,000 readings a second: whoever pushes a million pays for keeping them, not for
    scores. What doesn't fit is skipped and counted."""
    told_at_once: int = 50
    """Anomalies announced of one round: when everything moves, a few hundred marks a second help nobody."""
    score_series: int = 2_000
    """Series of `anomaly_score` that may come to be."""


_LOOK_FOR_SILENCE = 5.0
_SLICE = 20_000
"""Readings scored before others get their turn: about 2 ms."""


class AnomalyStage:
    """Implements `Tap`, `Scores`, `Anomalies` and `Watched`; used on the event loop only."""

    def __init__(
        self,
        *,
        table: SeriesTable,
        catalogue: Catalogue,
        clock: Clock,
        history: History,
        announcer: Announcer,
        measure: Measure,
        lanes: Lanes,
        limits: Limits | None = None,
        enabled: bool = True,
    ) -> None:
        """With `enabled` false nothing is watched until `renew` says so."""
        self.enabled = enabled
        self._table = table
        self._catalogue = catalogue
        self._clock = clock
        self._history = history
        self._announcer = announcer
        self._measure = measure
        self._lanes = lanes
        self._limits = limits or Limits()
        self._kept: deque[Anomaly] = deque(maxlen=self._limits.kept)
        self._waiting: deque[Batch] = deque()
        self._waiting_readings = 0
        self._news = asyncio.Event()
        self._running = False
        self._task: asyncio.Task[None] | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._began = clock.now()
        self._score_series: set[tuple[str, Labels]] = set()
        self._scored = self._skipped = self._found = 0
        self._spent = 0.0
        self._log = structlog.get_logger("bongsu.anomaly")

    # The port `Tap`

    def observe(self, batch: Batch) -> None:
        """Take note of readings; they are scored soon, by the stage's own task."""
        if not self.enabled:
            return
        if self._waiting_readings and self._waiting_readings + len(batch) > self._limits.waiting:
            self._skipped += len(batch)
            return
        self._waiting.append(batch)
        self._waiting_readings += len(batch)
        self._news.set()

    # The port `Scores`

    def score_of(self, series: Int64s) -> Float64s:
        """The newest score of each series id; NaN where there is none."""
        return self._lanes.scores(series)

    def scores_over(self, found: Sequence[Points]) -> list[Float64s]:
        """The score of each point of series of one metric, worked out again by the points before it; NaN: unknown."""
        spec = self._lanes.spec(found[0].metric) if found else None
        return [np.full(len(points.at), np.nan) for points in found] if spec is None else scores_over(found, spec)

    # The port `Anomalies`

    async def recent(
        self, *, metric: str | None = None, labels: Labels = (), start: int, end: int, limit: int = 1_000
    ) -> list[Anomaly]:
        """See `anomaly_ports.Anomalies`. What was told before this start comes from history, where no band is kept."""
        wanted = set(labels)
        found = [
            one
            for one in reversed(self._kept)
            if start <= one.at < end and metric in (None, one.metric) and wanted.issubset(one.labels)
        ]
        if start < self._began and len(found) < limit:
            found += await self._from_history(metric, labels, start, min(end, self._began))
        return sorted(found, key=lambda one: -one.at)[:limit]

    async def bands(self, query: RangeQuery) -> list[Band]:
        """See `anomaly_ports.Anomalies`; reads as much again before the range as the detector looks back on."""
        spec = self._lanes.spec(query.metric)
        return [] if spec is None else await bands_of(self._history, query, spec)

    # The runner

    async def start(self) -> None:
        """Begin to score, with what history remembers of each series."""
        self._running = True
        if not self.enabled:
            return
        self._task = asyncio.create_task(self._run(), name="anomaly")
        self._ticking = asyncio.create_task(self._look_for_silence(), name="anomaly-silence")

    async def stop(self) -> None:
        """Stop scoring."""
        self._running = False
        for task in (self._task, self._ticking):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._task = self._ticking = None

    async def renew(self, lanes: Lanes, *, enabled: bool) -> None:
        """Watch with these lanes from now on, warmed by history; what was told stays told."""
        running = self._running
        await self.stop()
        self._lanes, self.enabled = lanes, enabled
        self._waiting.clear()
        self._waiting_readings = 0
        if running:
            await self.start()

    async def _run(self) -> None:
        try:
            await warm(self._lanes, history=self._history, table=self._table, now=self._clock.now())
        except Exception as error:  # noqa: BLE001 - the stage's supervisor: without memory it begins anew
            self._log.warning("detectors begin without a memory: history can't be read", error=str(error))
        while True:
            await self._news.wait()
            self._news.clear()
            batches = list(self._waiting)
            self._waiting.clear()
            self._waiting_readings = 0
            self._spent = 0.0
            try:
                await self._take(batches)
            except Exception:  # noqa: BLE001 - the stage's supervisor: the next readings are scored again
                self._log.exception("readings could not be scored")
            rest = self._spent * (1 / self._limits.share - 1)
            await self._clock.sleep_until(self._clock.monotonic() + rest)

    async def _take(self, batches: Sequence[Batch]) -> None:
        began = self._clock.monotonic()
        series = np.concatenate([batch.series for batch in batches]).astype(np.int64)
        at = np.concatenate([batch.at for batch in batches])
        value = np.concatenate([batch.value for batch in batches])
        since, scores = 0, list[Sample]()
        for lane, places, rows in list(self._lanes.parts(series)):
            taken, left_out = rounds(rows, at[places], most=self._limits.readings_a_series)
            self._skipped += left_out
            for one in taken:
                if since > _SLICE:
                    since = 0
                    self._spent += self._clock.monotonic() - began
                    await asyncio.sleep(0)
                    began = self._clock.monotonic()
                chosen = places[one]
                judged = lane.judge(rows[one], at[chosen], value[chosen])
                since += len(one) + 500
                self._scored += len(judged.rows)
                ids = lane.series_of(judged.rows)
                self._lanes.newest[ids] = judged.verdict.score
                if judged.worth.any():
                    scores += self._tell(lane, judged)
        self._spent += self._clock.monotonic() - began
        await self._keep(scores)

    async def _look_for_silence(self) -> None:
        while True:
            await self._clock.sleep_until(self._clock.monotonic() + _LOOK_FOR_SILENCE)
            for lane in self._lanes.lanes:
                judged = lane.overdue(self._clock.now())
                if judged is None:
                    continue
                self._lanes.newest[lane.series_of(judged.rows)] = judged.verdict.score
                if judged.worth.any():
                    await self._keep(self._tell(lane, judged))

    def _tell(self, lane: Lane, judged: Judged) -> list[Sample]:
        """Remember and announce what is worth it; returns the samples to be kept of it."""
        told = [
            one
            for one in (self._anomaly(lane, judged, index) for index in np.flatnonzero(judged.worth).tolist())
            if one
        ]
        self._found += len(told)
        self._kept.extend(told)
        worst = sorted(told, key=lambda one: -one.score / one.threshold)
        for one in islice(worst, self._limits.told_at_once):
            body = {"kind": "anomaly", **msgspec.to_builtins(one), "labels": dict(one.labels)}
            topic = self._catalogue.get(one.metric).topic
            self._announcer.announce("mark", {**body, "moment": body.pop("at")}, topic=topic)
        return [sample for one in told if (sample := self._sample(one)) is not None]

    async def _keep(self, scores: Sequence[Sample]) -> None:
        if not scores:
            return
        try:
            await self._measure(scores)
        except Exception as error:  # noqa: BLE001 - a full store shall not end the scoring
            self._log.warning("scores of anomalies could not be kept", error=str(error))

    def _anomaly(self, lane: Lane, judged: Judged, index: int) -> Anomaly | None:
        series = self._table.get(int(lane.series_of(judged.rows[index : index + 1])[0]))
        if series is None:
            return None
        verdict = judged.verdict
        return Anomaly(
            metric=series.metric,
            labels=series.labels,
            at=int(judged.at[index]),
            value=float(judged.value[index]),
            score=_rounded(float(verdict.score[index])) or 0.0,
            threshold=lane.spec.threshold,
            lower=_rounded(float(verdict.lower[index])),
            upper=_rounded(float(verdict.upper[index])),
            method=lane.spec.method,
        )

    def _sample(self, one: Anomaly) -> Sample | None:
        if any(name == "metric" for name, _ in one.labels):
            return None
        key = one.metric, one.labels
        if key not in self._score_series:
            if len(self._score_series) >= self._limits.score_series:
                return None
            self._score_series.add(key)
        labels = labels_of(one.labels, metric=one.metric)
        return Sample(metric=ANOMALY_SCORE, labels=labels, value=one.score, at=one.at)

    async def _from_history(self, metric: str | None, labels: Labels, start: int, end: int) -> list[Anomaly]:
        if start >= end:
            return []
        own = labels if metric is None else labels_of(labels, metric=metric)
        found = await self._history.range(
            RangeQuery(metric=ANOMALY_SCORE, labels=own, start=start, end=end, limit=self._limits.score_series)
        )
        return [anomaly for points in found for anomaly in self._remembered(points.labels, points.at, points.value)]

    def _remembered(self, labels: Labels, at: Int64s, score: Float64s) -> Iterable[Anomaly]:
        metric = dict(labels).get("metric", "")
        spec = self._lanes.spec(metric)
        own = tuple((name, value) for name, value in labels if name != "metric")
        for moment, one in zip(at.tolist(), score.tolist(), strict=True):
            yield Anomaly(
                metric=metric,
                labels=own,
                at=moment,
                value=None,
                score=one,
                threshold=spec.threshold if spec is not None else 0.0,
                lower=None,
                upper=None,
                method=spec.method if spec is not None else "",
            )

    # The port `Watched`

    def figures(self) -> Iterable[Sample]:
        """What is watched, scored, skipped and found, and the memory it takes; nothing while switched off."""
        if not self.enabled:
            return
        yield Sample(metric="bongsu_anomaly_series", value=float(self._lanes.watched))
        yield Sample(metric="bongsu_anomaly_unwatched_series", value=float(self._lanes.unwatched))
        yield Sample(metric="bongsu_anomaly_bytes", value=float(self._lanes.bytes))
        yield Sample(metric="bongsu_anomaly_scored_total", value=float(self._scored))
        yield Sample(metric="bongsu_anomaly_skipped_total", value=float(self._skipped))
        yield Sample(metric="bongsu_anomaly_found_total", value=float(self._found))


def _rounded(value: float) -> float | None:
    """Six significant digits, as a screen can use; None where unknown."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
