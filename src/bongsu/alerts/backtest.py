"""What a rule would have done: the evaluation's comparisons and the alert's life cycle, run over history.

The past is looked at every `step` ms, and a step of history counts from its end on. What a rule would have told is
counted without grouping, silences and inhibition: as many messages at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from bongsu.alerts import life
from bongsu.alerts.evaluation.columns import measure_of
from bongsu.alerts.evaluation.condition import BREACH, CONDITIONS
from bongsu.alerts.evaluation.overtime import NEEDED, Course, Track, course
from bongsu.alerts.evaluation.rows import group_of, matches
from bongsu.alerts.signal import Signal
from bongsu.model.alert import Alert, Transition
from bongsu.model.backtest import BackTest, Episode
from bongsu.model.errors import BadRequest
from bongsu.model.query import Aggregation, Points, RangeQuery
from bongsu.model.rule import Rule
from bongsu.model.sample import Int64s, Labels
from bongsu.model.series import Series
from bongsu.ports import History, Scores

DAY = 86_400_000
SERIES = 100
"""The most series that one test looks at; further ones are counted as left out."""
_ASKED = 2_000
MOMENTS = 110_000
"""The most moments: 30 days at half a minute, 75 at one."""
SCORED = 15_000
"""The most moments that the detector is led through: a month by five minutes, some two seconds."""
LEARNED = 300
"""Steps before the range from which the detector learns."""
POINTS = 2_000
EPISODES = 1_000
_STEPS = (1_000, 10_000, 60_000, 300_000, 3_600_000)
_DRAWN = 44_640
"""Moments that the step is chosen for: a month by minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when (UTC ms), looked at every `step` ms."""

    start: int
    end: int
    step: int

    @classmethod
    def of(cls, start: int, end: int, step: int | None) -> Span:
        """The span on its grid; without a step the finest that makes a month by minutes of it.

        Raises:
            BadRequest: it is empty, or has too many moments.
        """
        length = end - start
        if not 0 < length <= 1_000 * DAY:
            raise BadRequest(f"start {start} must be before end {end}, by 1,000 days at most")
        if step is None:
            finest = _STEPS[1] if length <= 6 * 3_600_000 else _STEPS[2]
            step = next((one for one in _STEPS if one >= finest and length <= one * _DRAWN), _STEPS[-1])
        if step < _STEPS[0] or length // step > MOMENTS or length < step:
            raise BadRequest(
                f"a step of {step} ms cuts this range into {length // max(step, 1)} moments",
                hint=f"the step is at least 1s, and at most {MOMENTS} of them make the range",
            )
        return cls(start=start // step * step, end=end // step * step, step=step)

    def within(self, most: int) -> Span:
        """The same time in as many moments at most, in longer steps where it has more."""
        length = self.end - self.start
        if length // self.step <= most:
            return self
        step = next((one for one in _STEPS if one > self.step and length <= one * most), _STEPS[-1])
        return Span(start=self.start // step * step, end=self.end // step * step, step=step)

    @property
    def moments(self) -> Int64s:
        """When it is looked: at the end of each step."""
        return np.arange(self.start + self.step, self.end + 1, self.step, dtype=np.int64)


async def backtest(
    rule: Rule,
    span: Span,
    *,
    history: History,
    timezone: str,
    scores: Scores | None = None,
    temper: life.Temper = life.DEFAULT_TEMPER,
) -> BackTest:
    """Read what the rule needs and run it; the run itself takes place in a thread.

    A rule about anomalies compares scores that the detector gives the steps' last readings, in steps that are longer
    where there are more than `SCORED`.

    Raises:
        BadRequest: it is about anomalies, and detection is switched off.
    """
    if rule.kind == "anomaly":
        if scores is None:
            raise BadRequest(
                "anomaly detection is switched off, so there are no scores to compare",
                hint="switch it on: anomaly_detection.enabled",
            )
        span = span.within(SCORED)
    answers = [await _read(rule, span, agg, history) for agg in NEEDED.get(measure_of(rule), ("last",))]

    def done() -> BackTest:
        tracks = tracks_of(rule, answers, span.step)
        return run(
            rule, scored(tracks, rule, scores) if scores and rule.kind == "anomaly" else tracks, span, timezone, temper
        )

    return await asyncio.to_thread(done)


def scored(tracks: Sequence[Track], rule: Rule, scores: Scores) -> list[Track]:
    """The same series with the detector's scores in place of their readings."""
    points = [
        Points(metric=rule.metric, labels=one.labels, at=one.at, value=one.figures["last"]) for one in tracks[:SERIES]
    ]
    found = scores.scores_over(points)
    judged = [replace(one, figures={"last": score}) for one, score in zip(tracks[:SERIES], found, strict=True)]
    return [*judged, *tracks[SERIES:]]


async def _read(rule: Rule, span: Span, agg: Aggregation, history: History) -> tuple[Aggregation, list[Points]]:
    back = max((2 if rule.kind == "change" else 1) * rule.window_ms, min(rule.no_data_after_ms, DAY))
    if rule.kind == "anomaly":
        back = max(back, LEARNED * span.step)
    query = RangeQuery(
        metric=rule.metric,
        labels=tuple(pair for pair in rule.labels if not pair[1].endswith("*")),
        start=span.start - back,
        end=span.end,
        step=span.step,
        agg=agg,
        limit=_ASKED,
    )
    return agg, await history.range(query)


def tracks_of(rule: Rule, answers: Sequence[tuple[Aggregation, Sequence[Points]]], step: int) -> list[Track]:
    """The series that the rule matches, each step at its last millisecond, when all of it is known."""
    (first, leading), *others = answers
    further = {agg: {points.labels: points for points in answer} for agg, answer in others}
    tracks = []
    for points in leading:
        if not matches(rule, Series(id=0, metric=points.metric, labels=points.labels)):
            continue
        figures = {first: points.value}
        for agg, known in further.items():
            other = known.get(points.labels)
            if other is not None and len(other.at) == len(points.at):
                figures[agg] = other.value
        if len(figures) == len(answers):
            took = np.full(len(points.at), float(step)) if first == "rate" else None
            tracks.append(Track(labels=points.labels, at=points.at + step - 1, figures=figures, took=took))
    return tracks


def run(rule: Rule, tracks: Sequence[Track], span: Span, timezone: str, temper: life.Temper) -> BackTest:
    """The test itself, pure."""
    moments = span.moments
    kept = tracks[:SERIES]
    groups: dict[Labels, list[Track]] = {}
    for track in kept:
        groups.setdefault(group_of(rule, Series(id=0, metric=rule.metric, labels=track.labels)), []).append(track)
    courses = [
        course(rule, labels, members, moments, since=span.start, timezone=timezone)
        for labels, members in groups.items()
    ]
    episodes: list[Episode] = []
    told: list[int] = []
    for one in courses:
        steps = list(lived(rule, one, moments, temper))
        told += [step.at for step in steps if step.change in ("fired", "resolved")]
        episodes += _episodes(rule, one, moments, steps)
    episodes.sort(key=lambda episode: episode.start)
    zone = ZoneInfo(timezone)
    hours = [datetime.fromtimestamp(at / 1000, zone).hour for at in told]
    worst = max(courses, key=lambda one: int((one.conditions == BREACH).sum()), default=None)
    return BackTest(
        start=span.start,
        end=span.end,
        step=span.step,
        threshold=None if rule.kind == "no_data" else rule.value,
        episodes=tuple(episodes[:EPISODES]),
        count=len(episodes),
        total_ms=sum((span.end if one.end is None else one.end) - one.start for one in episodes),
        messages=len(told),
        by_hour=tuple(hours.count(hour) for hour in range(24)),
        points=() if worst is None else drawn(worst, moments, rising=rule.op not in ("<", "<=")),
        labels=() if worst is None else worst.labels,
        series=len(courses),
        left_out=len(tracks) - len(kept),
    )


def lived(rule: Rule, one: Course, moments: Int64s, temper: life.Temper) -> Iterator[Transition]:
    """The steps of the alert's life that the course would have led to, oldest first."""
    alert: Alert | None = None
    number = 0

    def new_id() -> str:
        nonlocal number
        number += 1
        return str(number)

    changes = np.flatnonzero(np.diff(one.conditions, prepend=np.int8(0)))
    for place in [*changes.tolist(), None]:
        until = int(moments[-1]) if place is None else int(moments[place])
        while alert is not None:
            moment = life.next_moment(alert, temper=temper)
            # at the moment of a change the change comes first: a condition that is over doesn't fire any more
            if moment is None or moment > until or (moment == until and place is not None):
                break
            steps = life.on_time(alert, moment, temper=temper)
            if not steps:
                break
            yield from steps
            alert = steps[-1].alert
        if place is None:
            return
        value = float(one.values[place])
        signal = Signal(
            rule=rule.id,
            metric=rule.metric,
            labels=one.labels,
            condition=CONDITIONS[int(one.conditions[place])],
            at=until,
            severity=rule.severity,
            message=rule.name,
            value=None if np.isnan(value) else value,
            for_ms=rule.for_ms,
            keep_firing_ms=rule.keep_firing_ms,
        )
        steps = life.on_signal(alert, signal, new_id=new_id, temper=temper)
        yield from steps
        alert = steps[-1].alert if steps else alert


def _episodes(rule: Rule, one: Course, moments: Int64s, steps: Sequence[Transition]) -> Iterator[Episode]:
    begun: int | None = None
    for step in steps:
        if step.change == "fired":
            begun = step.at
        elif step.change == "resolved" and begun is not None:
            yield _episode(rule, one, moments, begun, step.at)
            begun = None
    if begun is not None:
        yield _episode(rule, one, moments, begun, None)


def _episode(rule: Rule, one: Course, moments: Int64s, start: int, end: int | None) -> Episode:
    first = int(np.searchsorted(moments, start))
    last = len(moments) if end is None else max(first + 1, int(np.searchsorted(moments, end)))
    values = one.values[first:last]
    known = values[~np.isnan(values)]
    worst = None
    if known.size and rule.kind != "no_data":
        worst = float(known.min() if rule.op in ("<", "<=") else known.max())
    return Episode(labels=one.labels, start=start, end=end, worst=worst)


def drawn(one: Course, moments: Int64s, *, rising: bool) -> tuple[tuple[int, float], ...]:
    """At most `POINTS` points of a course: of each run of moments the one furthest towards the threshold."""
    known = np.flatnonzero(~np.isnan(one.values))
    if known.size > POINTS:
        runs = np.array_split(known, POINTS)
        farthest = np.argmax if rising else np.argmin
        known = np.array([run[farthest(one.values[run])] for run in runs])
    return tuple(zip(moments[known].tolist(), one.values[known].tolist(), strict=True))
