"""Rules: a round of 10,000 of them, from a sample to its signal, and a back-test over a month.

    python -m bench.rules [--rounds 120] [--crossings 200]

Rounds and back-test are told in CPU of one core. The way to the signal is on the wall and under load: 10,000 rules over
10,000 series that come every second, and one sample more that crosses, from `observe` to `take`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from bench.figures import Figure, Goal, Outcome, quantile, table
from bongsu.alerts.backtest import Span, backtest
from bongsu.alerts.evaluation.evaluation import Evaluation, Setting
from bongsu.alerts.evaluation.evaluator import RuleEvaluator
from bongsu.alerts.signal import Signal
from bongsu.clock import SystemClock
from bongsu.history.embedded import EmbeddedHistory
from bongsu.model.catalogue import Catalogue
from bongsu.model.rule import Rule, RuleAggregation
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable

SERIES = 10_000
MINUTE = 60_000
DAYS = 30
METHOD = (
    "10,000 rules, one for each of 10,000 series, their aggregations in turn (last, avg, min, max, sum, count, rate) "
    "over 60 s with a clearing value; a sample of every series each round. Below it ten rules over all series. The "
    "way to the signal is on the wall, while all of that comes at random moments besides. The back-test reads 43,200 "
    "points by minute from an embedded history and runs `avg` over 5 minutes, `for` 5 minutes."
)


def table_of(count: int) -> SeriesTable:
    """So many series, ten a metric."""
    series = SeriesTable(count + 1)
    for number in range(count):
        series.intern(f"m{number // 10}", labels_of(host=str(number)))
    return series


def rules_of(count: int) -> list[Rule]:
    """A rule for each series."""
    kinds: tuple[RuleAggregation, ...] = get_args(RuleAggregation)
    return [
        Rule(
            id=f"r{number}",
            name="rule",
            metric=f"m{number // 10}",
            labels=labels_of(host=str(number)),
            aggregation=kinds[number % len(kinds)],
            value=1e6,
            clear=9e5,
        )
        for number in range(count)
    ]


def batch(now: int, random: np.random.Generator, count: int) -> Batch:
    """A sample of every series."""
    return Batch(
        series=np.arange(count, dtype=np.int32), at=np.full(count, now - 3, np.int64), value=random.random(count) * 100
    )


def rounds(rules: Sequence[Rule], series: SeriesTable, count: int, many: int) -> tuple[list[float], int, int]:
    """CPU milliseconds of each round, a minute of rounds before them left out; rows; bytes of state."""
    evaluation = Evaluation(rules, Setting(table=series, catalogue=Catalogue()))
    now, random, spent = 1_763_778_000_000, np.random.default_rng(1), []
    evaluation.discover(now)
    for place in range(60 + many):
        now += 1_000
        samples = batch(now, random, count)
        began = time.process_time()
        evaluation.round([samples], now)
        evaluation.to_tell(now, most=1_000)
        if place >= 60:
            spent.append((time.process_time() - began) * 1000)
    return spent, len(evaluation.rows), evaluation.columns.state_bytes


async def crossings(many: int) -> list[float]:
    """Milliseconds from a crossing sample's arrival to its signal, while everything else is evaluated each second."""
    series, clock = table_of(SERIES), SystemClock()
    series.intern("crossing", ())
    heard = asyncio.Event()

    async def take(signals: Sequence[Signal]) -> None:
        if any(signal.metric == "crossing" for signal in signals):
            heard.set()

    history = await EmbeddedHistory.open(None, table=series, clock=clock)
    setting = Setting(table=series, catalogue=Catalogue())
    evaluator = RuleEvaluator(take=take, setting=setting, history=history, clock=clock)
    await evaluator.start([*rules_of(SERIES), Rule(id="c", name="c", metric="crossing", value=0.5, clear=0.5)])
    random, waits = np.random.default_rng(1), []
    for number in range(many):
        evaluator.observe(batch(clock.now(), random, SERIES))
        await asyncio.sleep(float(random.random()) * 0.2)
        heard.clear()
        began = time.perf_counter()
        at = np.array([clock.now()], np.int64)
        evaluator.observe(Batch(series=np.array([SERIES], np.int32), at=at, value=np.array([float(number % 2 == 0)])))
        await asyncio.wait_for(heard.wait(), 10)
        waits.append((time.perf_counter() - began) * 1000)
    await evaluator.stop()
    await history.close()
    return waits


async def month() -> tuple[float, float]:
    """A back-test over 30 days by minute: CPU seconds and seconds on the wall, the better of three."""
    series, clock = SeriesTable(), SystemClock()
    count, end = DAYS * 1_440, clock.now() // MINUTE * MINUTE
    at = end - MINUTE * np.arange(count, 0, -1)
    values = 60 + 20 * np.sin(np.arange(count) / 200) + np.random.default_rng(1).normal(0, 6, count)
    rule = Rule(
        id="r", name="r", metric="m", aggregation="avg", window_ms=5 * MINUTE, value=78, clear=74, for_ms=5 * MINUTE
    )
    with tempfile.TemporaryDirectory() as folder:
        history = await EmbeddedHistory.open(Path(folder), table=series, clock=clock)
        ids = np.full(count, series.intern("m", ()), np.int32)
        for first in range(0, count, 5_000):
            part = slice(first, first + 5_000)
            await history.append(Batch(series=ids[part], at=at[part], value=values[part]))
        best = (np.inf, np.inf)
        for _ in range(3):
            began, wall = time.process_time(), time.perf_counter()
            found = await backtest(
                rule, Span.of(end - count * MINUTE, end, MINUTE), history=history, timezone="Asia/Seoul"
            )
            if not found.count:
                raise AssertionError("the rule never fired: there is nothing to measure")
            best = min(best, (time.process_time() - began, time.perf_counter() - wall))
        await history.close()
    return best


def measure(rounds_each: int = 120, crossing: int = 200) -> Outcome:
    """All figures."""
    series = table_of(SERIES)
    single, _, state = rounds(rules_of(SERIES), series, SERIES, rounds_each)
    wide = SeriesTable(SERIES)
    for number in range(SERIES):
        wide.intern("m", labels_of(host=str(number)))
    kinds: tuple[RuleAggregation, ...] = get_args(RuleAggregation)
    over_all = [
        Rule(id=f"w{place}", name="w", metric="m", aggregation=kinds[place % 7], value=1e6, clear=9e5)
        for place in range(10)
    ]
    many, rows, _ = rounds(over_all, wide, SERIES, max(20, rounds_each // 4))
    waits = asyncio.run(crossings(crossing))
    cpu, wall = asyncio.run(month())
    each, way = "10,000 rules over 10,000 series, a round", "sample to signal under that load"
    wide_each = f"10 rules over 10,000 series each ({rows:,} rows), a round"
    figures = (
        Figure(what=each, unit="ms CPU", ours=float(np.mean(single)), goal=Goal(bound=300)),
        Figure(what="the longest of these rounds", unit="ms CPU", ours=max(single), goal=Goal(bound=300)),
        Figure(what="memory of their windows", unit="MB", ours=state / 1e6),
        Figure(what=wide_each, unit="ms CPU", ours=float(np.mean(many))),
        Figure(what=f"{way}, median", unit="ms", ours=quantile(waits, 0.5)),
        Figure(what=f"{way}, p99", unit="ms", ours=quantile(waits, 0.99), goal=Goal(bound=250)),
        Figure(what="back-test of a month by minute", unit="s CPU", ours=cpu),
        Figure(what="back-test of a month by minute, on the wall", unit="s", ours=wall, goal=Goal(bound=1)),
    )
    return Outcome(name="rules", method=METHOD, figures=figures)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=120)
    parser.add_argument("--crossings", type=int, default=200)
    chosen = parser.parse_args()
    print(table(measure(chosen.rounds, chosen.crossings).figures))


if __name__ == "__main__":
    main()
