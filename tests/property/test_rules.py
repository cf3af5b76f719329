"""Evaluation on arrays gives what the obvious reading of a rule gives, sample by sample."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bongsu.alerts.evaluation.condition import CONDITIONS
from bongsu.alerts.evaluation.evaluation import Evaluation, Setting
from bongsu.alerts.evaluation.rings import BUCKETS, bucket_ms
from bongsu.model.catalogue import Catalogue
from bongsu.model.rule import ACROSS, Operator, Rule, RuleAggregation, RuleKind
from bongsu.model.sample import Batch, Labels, labels_of
from bongsu.model.series import SeriesTable

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
        """Condition and value of each row."""
        found = {}
        groups: dict[Labels, list[Labels]] = {}
        for labels in self.samples:
            groups.setdefault(self.group(labels), []).append(labels)
        for group, members in groups.items():
            row = self.rows.setdefault(group, {"held": False, "born": now})
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


@given(rules(), TICKS)
def test_arrays_say_what_the_obvious_reading_says(
    rule: Rule, ticks: list[tuple[int, list[tuple[int, int, float]]]]
) -> None:
    """For any rule and any samples, value and condition of every row are those of the slow reading, each round."""
    table = SeriesTable()
    slow = Slow(rule)
    evaluation = Evaluation([rule], Setting(table=table, catalogue=Catalogue()))
    now = START
    for gap, samples in ticks:
        before, now = now, now + gap
        rows = sorted(
            {(which, before + 1 + offset % gap): value for which, offset, value in samples}.items(),
            key=lambda r: r[0][1],
        )
        ids = [table.intern("m", SERIES[which]) for (which, _), _ in rows]
        for (which, at), value in rows:
            slow.see(SERIES[which], at, value, now)
        batch = Batch(
            series=np.array(ids, np.int32),
            at=np.array([at for (_, at), _ in rows], np.int64),
            value=np.array([value for _, value in rows], float),
        )
        if evaluation.stale:
            evaluation.discover(now)
        evaluation.round([batch] if rows else [], now)
        told = evaluation.rows
        for labels, (condition, value) in slow.stand(now).items():
            row = told.found[0, labels]
            assert math.isclose(told.value[row], value, abs_tol=1e-9) or (
                np.isnan(told.value[row]) and math.isnan(value)
            )
            assert CONDITIONS[told.condition[row]] == condition, (labels, value)
