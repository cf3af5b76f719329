"""What a seller's database pays for a round, and what we pay: PostgreSQL with two million orders and 50,000 products.

    python -m bench.shop [--orders 2000000] [--rounds 60] [--seconds 60]

A private PostgreSQL with the reference schema (examples/shop.sql). It is half past eleven in the evening in Seoul, so
that a whole day has to be summed up; between two rounds five seconds pass on our clock, orders come and others change
their state. PostgreSQL itself counts what our reader costs (pg_stat_statements, planning included). Every figure is
held against plain counts over all rows.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, text
from tests.fakes import shop_data
from tests.fakes.postgres import running_cluster

from bench.cpu import cpu_seconds
from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.priority import preferred
from bench.servers import Missing, bongsu
from bench.shop_counts import differences
from bongsu.clock import SystemClock
from bongsu.collect.shop.collector import ShopCollector
from bongsu.collect.shop.plan import ShopPlan

SEOUL = ZoneInfo("Asia/Seoul")
INTERVAL = 5.0
PAST_EVERY = 600.0
"""Seconds between two readings of earlier days."""
COUNTING = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_planning": "on"}
COME = """
INSERT INTO orders (marketplace, order_number, buyer_key, status, total_amount, paid_at, ordered_at)
SELECT (ARRAY['coupang', 'naver', '11st', 'own'])[1 + i % 4], 'new' || :at || '-' || i, 'b' || i, 'ACCEPT', 12000,
       :at, :at
FROM generate_series(1, 5) AS i
"""
CHANGE = """
UPDATE orders SET status = 'DELIVERING', updated_at = now()
WHERE order_id IN (SELECT order_id FROM orders WHERE NOT is_deleted AND status = 'ACCEPT' LIMIT 10)
"""
COST = """
SELECT coalesce(sum(total_exec_time + total_plan_time), 0) FROM pg_stat_statements WHERE userid = 'reader'::regrole
"""


class Then(SystemClock):
    """A clock on which it is as late as it is told."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment
        self._passed = 0.0

    def now(self) -> int:
        return round(self.moment.timestamp() * 1000)

    def monotonic(self) -> float:
        return super().monotonic() + self._passed

    def pass_by(self, seconds: float) -> None:
        """Time goes on."""
        self.moment += timedelta(seconds=seconds)
        self._passed += seconds


@dataclass(slots=True, kw_only=True)
class Costs:
    """What rounds cost: ms in PostgreSQL, of its CPU, of ours, on the wall; what reading earlier days costs beside."""

    database: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    past_database: float = 0.0
    past_ours: float = 0.0
    wrong: list[str] = field(default_factory=list)


def measure(
    *,
    orders: int = 2_000_000,
    products: int = 50_000,
    spans: Sequence[int] = (365, 90),
    rounds: int = 60,
    seconds: float = 60.0,
) -> Outcome:
    """What `python -m bench shop` runs. The orders lie within `spans` days: those of the first scattered over it all,
    which is the worst that can be and what the goals are for, those of others as they come, day after day."""
    figures: list[Figure] = []
    priority = ""
    now = datetime.now(SEOUL).replace(hour=23, minute=30, second=0, microsecond=0)
    for number, days in enumerate(spans):
        with _shop(orders, products, days, now, in_turn=number > 0) as (url, owner, pid):
            with preferred(pid) as priority:
                found = _rounds(url, owner, now, rounds)
            share = _share(url, seconds) if number == 0 else None
        figures += _figures(
            found,
            share,
            f"{orders / days:,.0f} orders a day, {'in turn' if number else 'scattered'}",
            goals=number == 0,
        )
        for one in found.wrong:
            print(f"  differs: {one}")
    method = (
        f"Private PostgreSQL with `examples/shop.sql`: {orders:,} orders, 10 % of them soft-deleted, {products:,} "
        "products; the orders scattered over the table at random, or in turn as they come. "
        f"{rounds} rounds at 23:30 in Seoul, five seconds apart on our clock, five orders new and ten "
        "changed before each. Time in PostgreSQL is what pg_stat_statements counts for our reader, planning included. "
        f"Our share is `bongsu up --no-console` with the shop less one without, in the same {seconds:g} s, and what "
        "reading earlier days every ten minutes costs. Before and after, all figures are held against plain counts "
        f"over all rows. {priority}"
    )
    return Outcome(name="shop", method=method, figures=tuple(figures))


def _figures(found: Costs, share: float | None, name: str, *, goals: bool) -> list[Figure]:
    bound = Goal(bound=100) if goals else None
    lines = [
        Figure(what=f"{name}: a round in PostgreSQL, p50", unit="ms", ours=quantile(found.database, 0.5), goal=bound),
        Figure(what=f"{name}: a round in PostgreSQL, p99", unit="ms", ours=quantile(found.database, 0.99), goal=bound),
        Figure(what=f"{name}: PostgreSQL's CPU a round, p50", unit="ms", ours=quantile(found.cpu, 0.5)),
        Figure(what=f"{name}: a round on the wall, p50", unit="ms", ours=quantile(found.wall, 0.5)),
        Figure(what=f"{name}: our CPU a round, p50", unit="ms", ours=quantile(found.ours, 0.5)),
    ]
    if share is not None:
        whole = share + found.past_ours / (PAST_EVERY * 1000) * 100
        lines.append(Figure(what=f"{name}: our share at 5 s", unit="% of a core", ours=whole, goal=Goal(bound=2)))
    lines += [
        Figure(what=f"{name}: earlier days in PostgreSQL, every 10 min", unit="ms", ours=found.past_database),
        Figure(what=f"{name}: figures unlike a plain count", unit="", ours=len(found.wrong), goal=Goal(bound=0)),
    ]
    return lines


@contextmanager
def _shop(orders: int, products: int, days: int, now: datetime, *, in_turn: bool) -> Iterator[tuple[str, Engine, int]]:
    """A filled cluster: the address of somebody who may only read, an engine of its owner, its first process."""
    with running_cluster(_program, COUNTING) as cluster:
        owner = create_engine(cluster.url.replace("postgresql://", "postgresql+psycopg://"))
        with owner.begin() as connection:
            connection.exec_driver_sql("CREATE EXTENSION pg_stat_statements")
            connection.exec_driver_sql("CREATE ROLE reader LOGIN")
            connection.exec_driver_sql("GRANT pg_read_all_data TO reader")
            shop_data.create(connection)
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # its keys are right as made
            shop_data.fill(connection, now=now, orders=orders, products=products, days=days, in_turn=in_turn)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        yield cluster.url.replace("bongsu@", "reader@"), owner, cluster.pid
        owner.dispose()


def _program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise Missing(f"{names[0]} is not installed: make test-deps")
    return found


def _rounds(url: str, owner: Engine, now: datetime, rounds: int) -> Costs:
    clock, found = Then(now), Costs()
    collector = ShopCollector(ShopPlan(url=url), clock=clock)
    _one(collector, owner, clock, Costs())  # the first one looks for tables, too
    for _ in range(6):  # earlier days are read one a round
        _one(collector, owner, clock, Costs())
    found.wrong = differences(collector.view(), owner, clock.moment)
    for _ in range(rounds):
        _one(collector, owner, clock, found)
    found.wrong += differences(collector.view(), owner, clock.moment)
    clock.pass_by(PAST_EVERY)
    again = Costs()
    _one(collector, owner, clock, again)
    found.past_database = again.database[0] - quantile(found.database, 0.5)
    found.past_ours = again.ours[0] - quantile(found.ours, 0.5)
    collector.close()
    return found


def _one(collector: ShopCollector, owner: Engine, clock: Then, costs: Costs) -> None:
    with owner.begin() as connection:
        connection.execute(text(COME), {"at": clock.moment})
        connection.execute(text(CHANGE))
        before = float(connection.execute(text(COST)).scalar_one())
        cpu = _cpu(connection)
    wall, ours = time.perf_counter(), time.thread_time()
    assert list(collector.collect())
    costs.ours.append((time.thread_time() - ours) * 1000)
    costs.wall.append((time.perf_counter() - wall) * 1000)
    assert collector.view().health != "failing", collector.view().reason
    with owner.begin() as connection:
        costs.database.append(float(connection.execute(text(COST)).scalar_one()) - before)
        costs.cpu.append(_cpu(connection) - cpu)
    clock.pass_by(max(INTERVAL, collector.view().interval_seconds))


def _cpu(connection: Connection) -> float:
    """ms of CPU that our reader's process in PostgreSQL has had; 0 before it is there."""
    pids = connection.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE usename = 'reader'").scalars()
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) for pid in pids) / 1e6


def _share(url: str, seconds: float) -> float:
    """CPU of a server that reads the shop, less that of one that doesn't, % of a core."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, ExitStack() as stack:
        folders = Path(scratch, "with"), Path(scratch, "without")
        env = {"BONGSU_SHOP__URL": url, "BONGSU_SHOP__INTERVAL_SECONDS": str(INTERVAL)}
        reading = stack.enter_context(bongsu(folders[0], env=env))
        idle = stack.enter_context(bongsu(folders[1]))
        time.sleep(20)
        before, since = [cpu_seconds(server.pid) for server in (reading, idle)], time.perf_counter()
        time.sleep(seconds)
        spent = [cpu_seconds(server.pid) - was for server, was in zip((reading, idle), before, strict=True)]
        return (spent[0] - spent[1]) / (time.perf_counter() - since) * 100


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--orders", type=int, default=2_000_000)
    options.add_argument("--products", type=int, default=50_000)
    options.add_argument("--spans", type=int, nargs="+", default=[365, 90])
    options.add_argument("--rounds", type=int, default=60)
    options.add_argument("--seconds", type=float, default=60.0)
    outcome = measure(**vars(options.parse_args()))
    print(table(outcome.figures), outcome.method, sep="\n\n")


if __name__ == "__main__":
    main()
