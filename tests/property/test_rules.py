"""Evaluation on arrays gives what the obvious reading of a rule gives, sample by sample."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import get_args

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bongsu.alerts.evaluation.condition import CONDITIONS
from bongsu.alerts.evaluation.evaluation import Evaluation, Setting
from bongsu.alerts.evaluation.overtime import Track, course
from bongsu.alerts.evaluation.rings import BUCKETS, bucket_ms
from bongsu.alerts.evaluation.rows import group_of, matches
from bongsu.model.catalogue import Catalogue
from bongsu.model.query import Aggregation
from bongsu.model.rule import ACROSS, Operator, Rule, RuleAggregation, RuleKind
from bongsu.model.sample import Batch, Float64s, Labels, labels_of
from bongsu.model.series import Series, SeriesTable

START = 1_763_778_000_000
HOSTS = ("a", "b")
DISKS = ("/", "/data")
SERIES = tuple(labels_of(host=host, mount=mount) for host in HOSTS for mount in DISKS)

VALUES = st.integers(-4, 12).map(float)
TICKS = st.lists(
    st.tuples(
        st.integers(1, 9_000),
        st.lists(st.tuples(st.integers(0, len(SERIES) - 1), st.integers(0, 8_999), VALUES), max_size=6),
    ),
    min_size=1,
    max_size=25,
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any rule over the little world of this file."""
    kinds: list[RuleKind] = ["threshold", "threshold", "threshold", "change", "no_data"]
    kind = draw(st.sampled_from(kinds))
    ops: tuple[Operator, ...] = get_args(Operator)
    op = draw(st.sampled_from(ops))
    value = draw(VALUES)
    aggregations: tuple[RuleAggregation, ...] = get_args(RuleAggregation)
    aggregation = draw(st.sampled_from(aggregations))
    clear = value
    if op in (">", ">="):
        clear = value - draw(st.integers(0, 4))
    elif op in ("<", "<="):
        clear = value + draw(st.integers(0, 4))
    return Rule(
        id="r",
        name="r",
        metric="m",
        kind=kind,
        labels=draw(st.sampled_from([(), labels_of(host="a"), labels_of(mount="/d*"), labels_of(mount="*")])),
        by=draw(st.sampled_from([None, None, (), ("host",)])),
        aggregation=aggregation,
        across=draw(st.sampled_from(["avg", "min", "max", "sum", ACROSS[aggregation]])),
        change=draw(st.sampled_from(["absolute", "percent"])),
        window_ms=draw(st.sampled_from([1_000, 5_000, 7_777, 30_000])),
        op=op,
        value=value,
        clear=float(clear),
        no_data=draw(st.sampled_from(["ignore", "fire", "resolve"])),
        no_data_after_ms=draw(st.sampled_from([1_000, 6_000, 20_000])),
    )


@dataclass
class Slow:
    """A rule read the obvious way, from all samples that ever came."""

    rule: Rule
    samples: dict[Labels, list[tuple[int, float]]] = field(default_factory=dict)
    rows: dict[Labels, dict[str, object]] = field(default_factory=dict)
    began: int = 0

    def see(self, labels: Labels, at: int, value: float, now: int) -> None:
        pairs = dict(labels)
        for name, wanted in self.rule.labels:
            prefix = wanted.removesuffix("*")
            if not (pairs[name].startswith(prefix) if wanted.endswith("*") else pairs[name] == wanted):
                return
        self.samples.setdefault(labels, []).append((at, value))
        self.samples[labels].sort(key=lambda one: one[0])

    def group(self, labels: Labels) -> Labels:
        by = self.rule.by
        return labels if by is None else tuple(pair for pair in labels if pair[0] in by)

    def stand(self, now: int) -> dict[Labels, tuple[str, float]]:
        """Condition and value of each row. Silence of the very series that a rule names is counted from its first round
        on, whether or not a sample ever came.
        """
        self.began = self.began or now
        found = {}
        groups: dict[Labels, list[Labels]] = {}
        for labels in self.samples:
            groups.setdefault(self.group(labels), []).append(labels)
        for group, members in groups.items():
            expected = self.rule.kind == "no_data" and group == self.rule.labels
            row = self.rows.setdefault(group, {"held": False, "born": self.began if expected else now})
            born = int(str(row["born"]))
            newest = max(born, *(self.samples[one][-1][0] for one in members))
            value = self.value(group, members, now)
            small = self.rule.op not in (">", ">=") and self.rule.aggregation in ("sum", "count")
            if small and self.rule.kind == "threshold" and now < born + self.rule.window_ms:
                value = math.nan
            silent = now - newest >= self.rule.no_data_after_ms
            if self.rule.kind != "no_data" and not math.isnan(value):
                row["held"] = self.beyond(value, self.rule.clear if row["held"] else self.rule.value)
            condition = "breach" if row["held"] else "clear"
            if silent and self.rule.kind == "no_data":
                condition = "breach"
            elif silent:
                condition = {"ignore": "no_data", "fire": "breach", "resolve": "clear"}[self.rule.no_data]
                if condition == "clear":
                    row["held"] = False
            if math.isnan(value) and row["held"]:  # a breach that stands is told with the value it was seen with
                value = float(str(row.get("value", math.nan)))
            row["value"] = value
            found[group] = condition, value
        return found

    def value(self, group: Labels, members: list[Labels], now: int) -> float:
        values = []
        for one in members:
            quiet = now - self.samples[one][-1][0] >= self.rule.no_data_after_ms
            value = math.nan if quiet and self.rule.by is not None else self.single(self.samples[one], now)
            if not math.isnan(value):
                values.append(value)
        if not values:
            return math.nan
        if self.rule.by is None:
            return values[0]
        return {"sum": sum(values), "avg": sum(values) / len(values), "min": min(values), "max": max(values)}[
            self.rule.across
        ]

    def single(self, samples: list[tuple[int, float]], now: int) -> float:
        if self.rule.kind == "no_data":
            return math.nan
        bucket = bucket_ms(self.rule.window_ms)
        head = now // bucket
        inside = [(at, value) for at, value in samples if at // bucket > head - BUCKETS]
        if self.rule.kind == "change":
            return self.change(samples, bucket, head)
        values = [value for _, value in inside]
        kind = self.rule.aggregation
        if kind == "last":
            return samples[-1][1]
        if kind == "count":
            return float(len(values))
        if kind == "rate":
            steps = [(a, b) for a, b in itertools.pairwise(samples) if b[0] // bucket > head - BUCKETS and b[0] > a[0]]
            rise = sum(b[1] if b[1] < a[1] else b[1] - a[1] for a, b in steps)
            time = sum(b[0] - a[0] for a, b in steps)
            return rise / (time / 1000) if time else math.nan
        if not values:
            return math.nan
        return {"avg": sum(values) / len(values), "min": min(values), "max": max(values), "sum": sum(values)}[kind]

    def change(self, samples: list[tuple[int, float]], bucket: int, head: int) -> float:
        left = [value for at, value in samples if head - 2 * BUCKETS < at // bucket <= head - BUCKETS]
        inside = [(at // bucket, value) for at, value in samples if at // bucket > head - BUCKETS]
        if left:
            before = left[-1]
        elif inside:
            before = [value for number, value in inside if number == inside[0][0]][-1]
        else:
            return math.nan
        change = samples[-1][1] - before
        if self.rule.change == "absolute":
            return change
        return change / abs(before) * 100 if before else math.nan

    def beyond(self, value: float, threshold: float) -> bool:
        return {
            ">": value > threshold,
            ">=": value >= threshold,
            "<": value < threshold,
            "<=": value <= threshold,
            "==": value == threshold,
            "!=": value != threshold,
        }[self.rule.op]


def batches(
    table: SeriesTable, ticks: list[tuple[int, list[tuple[int, int, float]]]]
) -> Iterator[tuple[int, list[tuple[Labels, int, float]], Batch]]:
    """Each round's moment, its samples ordered by time, and the same as a batch."""
    now = START
    for gap, samples in ticks:
        before, now = now, now + gap
        unique = {(which, before + 1 + offset % gap): value for which, offset, value in samples}
        rows = [(SERIES[which], at, value) for (which, at), value in sorted(unique.items(), key=lambda one: one[0][1])]
        batch = Batch(
            series=np.array([table.intern("m", labels) for labels, _, _ in rows], np.int32),
            at=np.array([at for _, at, _ in rows], np.int64),
            value=np.array([value for _, _, value in rows], float),
        )
        yield now, rows, batch


@given(rules(), TICKS)
def test_arrays_say_what_the_obvious_reading_says(
    rule: Rule, ticks: list[tuple[int, list[tuple[int, int, float]]]]
) -> None:
    """For any rule and any samples, value and condition of every row are those of the slow reading, each round."""
    table = SeriesTable()
    slow = Slow(rule)
    evaluation = Evaluation([rule], Setting(table=table, catalogue=Catalogue()))
    for now, rows, batch in batches(table, ticks):
        for labels, at, value in rows:
            slow.see(labels, at, value, now)
        if evaluation.stale:
            evaluation.discover(now)
        evaluation.round([batch] if rows else [], now)
        told = evaluation.rows
        for labels, (condition, value) in slow.stand(now).items():
            row = told.found[0, labels]
            found = float(told.value[row])
            assert math.isclose(found, value, abs_tol=1e-9) or (math.isnan(found) and math.isnan(value))
            assert CONDITIONS[told.condition[row]] == condition, (labels, value)


def track(labels: Labels, samples: list[tuple[int, float]]) -> Track:
    """One series as the past knows it, sample by sample."""
    at = np.array([at for at, _ in samples], np.int64)
    value = np.array([value for _, value in samples], float)
    gap = np.diff(at, prepend=at[:1]).astype(float)
    rise = np.where(value < np.roll(value, 1), value, value - np.roll(value, 1))
    rate = np.divide(rise, gap / 1000, out=np.zeros(len(at)), where=gap > 0)
    figures: dict[Aggregation, Float64s] = {"rate": rate, "count": np.ones(len(at))}
    figures |= {"last": value, "sum": value, "min": value, "max": value}
    return Track(labels=labels, at=at, figures=figures, took=gap)


@given(rules(), TICKS, st.sampled_from(["", "00:00-12:00", "11:20-11:21,11:22-11:40"]))
def test_the_past_is_judged_as_the_present_was(
    rule: Rule, ticks: list[tuple[int, list[tuple[int, int, float]]]], when: str
) -> None:
    """A back-test at the moments of the rounds finds the very conditions that those rounds found."""
    rule = msgspec.structs.replace(rule, when=when)
    table = SeriesTable()
    live = Evaluation([rule], Setting(table=table, catalogue=Catalogue()))
    found: dict[Labels, list[int]] = {}
    samples: dict[Labels, list[tuple[int, float]]] = {}
    rounds = []
    for place, (now, rows, batch) in enumerate(batches(table, ticks)):
        rounds.append(now)
        for labels, at, value in rows:
            if matches(rule, Series(id=0, metric="m", labels=labels)):
                samples.setdefault(labels, []).append((at, value))
        if live.stale:
            live.discover(now)
        live.round([batch] if rows else [], now)
        for (_, labels), row in live.rows.found.items():
            found.setdefault(labels, [0] * place).append(int(live.rows.condition[row]))
    moments = np.array(rounds, np.int64)
    groups: dict[Labels, list[Track]] = {}
    for labels, points in samples.items():
        group = group_of(rule, Series(id=0, metric="m", labels=labels))
        groups.setdefault(group, []).append(track(labels, points))
    past = {
        labels: course(rule, labels, tracks, moments, since=START, timezone="Asia/Seoul").conditions.tolist()
        for labels, tracks in groups.items()
    }
    assert past == {labels: codes for labels, codes in found.items() if labels in past}
