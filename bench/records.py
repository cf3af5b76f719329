"""What keeping an alert costs: a commit of a hundred steps and notices, and what is due among many that are done.

    python -m bench.records [--commits 60] [--done 20000]

The commits go to a file with a real fsync each, as in the server. CPU is this process's: encoding, SQLAlchemy, SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec.structs import replace

from bench.figures import Figure, Goal, Outcome, quantile, table
from bongsu.clock import SystemClock
from bongsu.model.alert import Alert, Delivery, Notice, Transition
from bongsu.model.sample import labels_of
from bongsu.records.sql import SqlRecords

NOW = 1_763_778_000_000
EACH = 100


def troubles(first: int, count: int) -> tuple[list[Transition], list[Notice]]:
    """Alerts that begin to fire, and the notices that tell of them."""
    alerts = [
        Alert(
            id=f"{number:016x}",
            fingerprint=f"{number:032x}",
            source="rule",
            severity="error",
            phase="firing",
            message="네이버 주문 수집이 5분째 멈춰 있습니다",
            rule="orders-stalled",
            metric="shop_orders_today",
            labels=labels_of(host=f"web-{number}", marketplace="naver"),
            value=93.5,
            threshold=90.0,
            pending_at=NOW,
            fired_at=NOW,
            changed_at=NOW,
        )
        for number in range(first, first + count)
    ]
    notices = [
        Notice(id=one.id, kind="fired", channel="slack", severity="error", at=NOW, alerts=(one,)) for one in alerts
    ]
    return [Transition(alert=one, change="fired", at=NOW) for one in alerts], notices


async def timed(times: int, work: Callable[[int], Awaitable[object]]) -> tuple[list[float], float]:
    """Wall milliseconds of each, and CPU milliseconds of one."""
    walls = []
    cpu = time.process_time()
    for number in range(times):
        begin = time.perf_counter()
        await work(number)
        walls.append((time.perf_counter() - begin) * 1e3)
    return walls, (time.process_time() - cpu) / times * 1e3


async def run(folder: Path, commits: int, done: int) -> tuple[Figure, ...]:
    """All figures, on one file."""
    records = await SqlRecords.open(folder, clock=SystemClock())
    try:
        prepared = [troubles(number * EACH, EACH) for number in range(commits)]
        walls, cpu = await timed(commits, lambda number: records.commit(*prepared[number]))
        alone, alone_cpu = await timed(commits, lambda number: records.commit(*troubles(10**6 + number, 1)))
        waiting = await records.waiting()
        _, few_cpu = await timed(commits, lambda _: records.due(NOW, limit=EACH))
        await records.mark([_sent(one) for one in waiting[EACH:]])
        for first in range(0, done, 1_000):
            _, notices = troubles(10**7 + first, 1_000)
            await records.put(notices)
            await records.mark([_sent(Delivery(notice=one)) for one in notices])
        many, many_cpu = await timed(commits, lambda _: records.due(NOW, limit=EACH))
    finally:
        await records.close()
    return (
        Figure(what=f"commit, {EACH} steps and {EACH} notices, CPU", unit="ms", ours=cpu, goal=Goal(bound=10)),
        Figure(what="— to the answer, p50", unit="ms", ours=quantile(walls, 0.5)),
        Figure(what="commit, one step and one notice, CPU", unit="ms", ours=alone_cpu),
        Figure(what="— to the answer, p50", unit="ms", ours=quantile(alone, 0.5)),
        Figure(what=f"due, {EACH} of {len(waiting)} waiting, CPU", unit="ms", ours=few_cpu),
        Figure(what=f"due, all {EACH} waiting beside {done + len(waiting) - EACH} done, CPU", unit="ms", ours=many_cpu),
        Figure(what="— to the answer, p50", unit="ms", ours=quantile(many, 0.5)),
    )


def _sent(delivery: Delivery) -> Delivery:
    return replace(delivery, state="sent", attempts=1, done_at=NOW)


def measure(*, commits: int = 60, done: int = 20_000) -> Outcome:
    """All of it, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(run(Path(folder), commits, done))
    return Outcome(
        name="records",
        method=f"Median and mean of {commits} rounds on a file with an fsync each; CPU of the whole process.",
        figures=figures,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=60)
    parser.add_argument("--done", type=int, default=20_000)
    chosen = parser.parse_args()
    outcome = measure(commits=chosen.commits, done=chosen.done)
    print(table(outcome.figures), outcome.method, sep="\n\n")
