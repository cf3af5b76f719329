"""Detectors: what they cost, how quiet they are where nothing is wrong, and what they find of planted faults."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from bench.anomaly_series import DAY, MINUTE, START, Floats, quiet_feeds
from bench.figures import Figure, Goal, Outcome
from bongsu.anomaly.lane import Lane
from bongsu.anomaly.plan import Plan, Spec

SEED = 20261126
"""Not used while the defaults were chosen."""
METHODS = ("zscore", "robust_zscore", "novelty", "seasonal_novelty", "stuck", "silence", "volume")
FAULTS = {
    "spike": ("one reading of eight deviations", 1),
    "shift": ("half an hour five deviations higher", 30),
    "zero": ("half an hour at zero", 30),
    "burst": ("a quarter of an hour fourfold", 15),
    "stuck": ("an hour without change", 60),
    "silence": ("an hour without readings", 60),
}
_GRACE = 5


def measure(*, symbols: int = 200, days: int = 30, series: int = 60) -> Outcome:
    """All three, as one table."""
    return Outcome(
        name="anomaly",
        method=(
            f"Cost: 10,000 series, a reading each, CPU of one core. Quiet: {symbols} simulated symbols over {days} "
            "days, by minute, with the defaults shipped for feeds (seed not tuned on). Labelled: gauges, daily "
            f"rhythms, counts and log-normal delays, {series} series × 8 days, each fault about five times a series, "
            "with each method's own threshold, told at most every ten minutes; a fault is found if an anomaly is told "
            "from its start to five minutes after its end; precision is the share of what was told that lies in a "
            "fault."
        ),
        figures=(*_costs(), *_quiet(symbols, days), *_labelled(series)),
    )


def _costs(count: int = 10_000, ticks: int = 40) -> list[Figure]:
    rng = np.random.default_rng(SEED)
    rows = np.arange(count, dtype=np.int64)
    figures = []
    for method in METHODS:
        lane = Lane(Spec().by(method))
        for row in rows.tolist():
            lane.take(row)
        values = 50 + rng.normal(0, 1, (160 + ticks, count))
        for tick in range(160):
            lane.judge(rows, np.full(count, START + tick * 1_000), values[tick])
        began = time.process_time()
        for tick in range(160, 160 + ticks):
            lane.judge(rows, np.full(count, START + tick * 1_000), values[tick])
        spent = (time.process_time() - began) / ticks
        goal = Goal(bound=5.0) if "novelty" in method else None
        figures.append(Figure(what=f"{method}: CPU a reading", unit="µs", ours=spent / count * 1e6, goal=goal))
        if method == "zscore":
            what = "zscore: 10,000 series at 1 s"
            figures.append(Figure(what=what, unit="% of a core", ours=spent * 100, goal=Goal(bound=15.0)))
        figures.append(Figure(what=f"{method}: memory a series", unit="B", ours=float(lane.row_bytes)))
    return figures


def _quiet(symbols: int, days: int) -> list[Figure]:
    plan, rows = Plan(), np.arange(symbols, dtype=np.int64)
    lanes: dict[str, Lane] = {}
    told: dict[str, Floats] = defaultdict(lambda: np.zeros((symbols, days)))
    for minute in quiet_feeds(symbols=symbols, days=days, seed=SEED):
        for name, values in minute.values.items():
            if name not in lanes:
                spec = plan.spec(name.removesuffix("_p99"))
                assert spec is not None
                lanes[name] = Lane(spec)
                for row in rows.tolist():
                    lanes[name].take(row)
            some = ~np.isnan(values)
            judged = lanes[name].judge(rows[some], np.full(int(some.sum()), minute.at), values[some])
            told[name][judged.rows[judged.worth], (minute.at - START) // (DAY * MINUTE)] += 1
    figures = []
    for name, counts in told.items():
        figures.append(
            Figure(what=f"{name}: told a series and day", unit="", ours=float(counts.mean()), goal=Goal(bound=1.0))
        )
        figures.append(
            Figure(
                what=f"{name}: series-days with more than one",
                unit="%",
                ours=100 * float((counts > 1).mean()),
                goal=Goal(bound=0.0),
            )
        )
    return figures


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: str
    series: int
    begin: int
    end: int


def _labelled(series: int, days: int = 8) -> list[Figure]:
    values, faults = _planted(series, days)
    figures = []
    for method in METHODS:
        found, told, right = _run(replace(Spec().by(method), quiet_ms=600_000), values, faults)
        for kind in FAULTS:
            every = [fault for fault in faults if fault.kind == kind]
            share = 100 * sum(fault in found for fault in every) / len(every)
            if share >= 1:
                figures.append(Figure(what=f"{method}: finds {FAULTS[kind][0]}", unit="% of them", ours=share))
        figures.append(Figure(what=f"{method}: precision", unit="%", ours=100 * right / max(told, 1)))
    return figures


def _planted(series: int, days: int) -> tuple[Floats, list[_Fault]]:
    """Series by minute (NaN: none) and the faults in them, none in the first three days."""
    rng = np.random.default_rng(SEED)
    length = days * DAY
    time_of_day = 2 * np.pi * np.arange(length) / DAY
    values = np.empty((length, series))
    for one in range(series):
        noise = rng.normal(0, 1, length)
        rate = np.exp(rng.normal(2, 0.7)) * (1.2 + np.sin(time_of_day + rng.uniform(0, 6)))
        kinds = (
            50 + 3 * noise,
            100 + 30 * np.sin(time_of_day) + 4 * noise,
            rng.poisson(rate).astype(float),
            0.238 * np.exp(0.354 * noise),
        )
        values[:, one] = kinds[one % len(kinds)]
    faults = []
    for one in range(series):
        deviation = float(np.std(np.diff(values[:, one])) / np.sqrt(2))
        begins = rng.permutation(np.arange(3 * DAY, length - 240, 180))[: 5 * len(FAULTS)]
        for kind, begin in zip([*FAULTS] * 5, begins.tolist(), strict=False):
            end = begin + FAULTS[kind][1]
            part = values[begin:end, one]
            values[begin:end, one] = {
                "spike": part + 8 * deviation,
                "shift": part + 5 * deviation,
                "zero": part * 0,
                "burst": part * 4,
                "stuck": np.full(end - begin, values[begin - 1, one]),
                "silence": np.full(end - begin, np.nan),
            }[kind]
            faults.append(_Fault(kind, one, begin, end))
    return values, faults


def _run(spec: Spec, values: Floats, faults: list[_Fault]) -> tuple[set[_Fault], int, int]:
    """The faults found, how many anomalies were told after three days, and how many of those lie in a fault."""
    lane = Lane(spec)
    rows = np.arange(values.shape[1], dtype=np.int64)
    for row in rows.tolist():
        lane.take(row)
    of: dict[tuple[int, int], _Fault] = {
        (fault.series, minute): fault for fault in faults for minute in range(fault.begin, fault.end + _GRACE)
    }
    found: set[_Fault] = set()
    told = right = 0
    for minute, here in enumerate(values):
        at = START + minute * MINUTE
        some = ~np.isnan(here)
        judged = [lane.judge(rows[some], np.full(int(some.sum()), at), here[some])]
        overdue = lane.overdue(at + MINUTE // 2)
        for one in [*judged, *([overdue] if overdue is not None else [])]:
            if minute < 3 * DAY:
                continue
            for row in one.rows[one.worth].tolist():
                told += 1
                fault = of.get((row, minute))
                if fault is not None:
                    right += 1
                    found.add(fault)
    return found, told, right
