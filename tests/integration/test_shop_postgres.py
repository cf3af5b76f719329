"""A shop in a real PostgreSQL: every figure that of a slow count, nothing written, nothing piled up, back by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, create_engine, event, text

from bongsu import cli
from bongsu.clock import SystemClock
from bongsu.collect.shop.collector import ShopCollector
from bongsu.collect.shop.plan import ShopPlan
from bongsu.collect.sql_metrics import SqlCollector, SqlPlan
from tests.fakes import shop_data
from tests.fakes.postgres import cluster
from tests.fakes.shop_check import assert_equal
from tests.fakes.shop_reference import Reference

NOW = datetime.now(UTC)
SEOUL = ZoneInfo("Asia/Seoul")
_ORDERS = 20_000


@pytest.fixture(scope="module")
def url(program: Callable[..., str]) -> Iterator[str]:
    """A cluster with the reference schema, 20,000 orders of forty days and 500 products."""
    with cluster(program) as address:
        engine = _engine(address)
        with engine.begin() as connection:
            shop_data.create(connection)
            shop_data.fill(connection, now=NOW, orders=_ORDERS, products=500, days=40)
        engine.dispose()
        yield address


@pytest.fixture
def owner(url: str) -> Iterator[Engine]:
    """Somebody who may change the shop."""
    engine = _engine(url)
    yield engine
    engine.dispose()


def _engine(url: str) -> Engine:
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


class Then(SystemClock):
    """A clock that is wrong by so much."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.at(moment)

    def at(self, moment: datetime) -> None:
        """It is that late."""
        self._moment = round(moment.timestamp() * 1000)

    def now(self) -> int:
        return self._moment


def _reference(owner: Engine, at: int, table: str = "orders") -> Reference:
    with owner.connect() as connection:
        orders = [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]
        products = [dict(row) for row in connection.execute(text("SELECT * FROM products")).mappings()]
    return Reference(orders, products, at=at)


def test_the_day_turns_at_midnight_in_seoul(url: str, owner: Engine) -> None:
    """One collector a second before midnight, at it, and a second after: every figure is that of a slow count."""
    midnight = (NOW.astimezone(SEOUL) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    clock = Then(midnight - timedelta(seconds=1))
    collector = ShopCollector(ShopPlan(url=url), clock=clock)
    days = set()
    for moment in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(seconds=1)):
        clock.at(moment)
        for _ in range(8):  # earlier days are read one a round
            collector._next = 0.0
            collector.collect()
        assert_equal(collector.view(), _reference(owner, clock.now()))
        days.add(collector.view().day)
    collector.close()
    assert len(days) == 2


def test_payments_that_are_days(url: str, owner: Engine) -> None:
    """Where a payment is a DATE, sales and states are those of a slow count, and no hour is made up."""
    with owner.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE day_orders AS SELECT order_id, marketplace, order_number, buyer_key, status, "
                "total_amount, refunded_amount, refunded_at, ordered_at, is_deleted, "
                "(paid_at AT TIME ZONE 'Asia/Seoul')::date AS paid_at FROM orders"
            )
        )
        connection.execute(text("CREATE INDEX ON day_orders (marketplace, status) WHERE NOT is_deleted"))
    clock = Then(NOW)
    collector = ShopCollector(ShopPlan(url=url, tables={"orders": ("day_orders", {})}), clock=clock)
    collector.collect()
    view = collector.view()
    assert view.hours == {}
    assert view.sales.orders > 0
    assert_equal(view, _reference(owner, clock.now(), "day_orders"))
    collector.close()
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE day_orders"))


@pytest.mark.guide("G108", "G112", "G113", "G114")
@pytest.mark.parametrize("ago", [timedelta(0), timedelta(days=1, hours=5)])
def test_every_figure_is_that_of_a_slow_count(url: str, owner: Engine, ago: timedelta) -> None:
    """Twenty thousand orders of all states, a tenth deleted, some refunded, some unknown: equal to the last one."""
    clock = Then(NOW - ago)
    if ago:
        with owner.begin() as connection:
            connection.execute(text("DELETE FROM order_items"))
            connection.execute(
                text("DELETE FROM orders WHERE greatest(ordered_at, paid_at, refunded_at) >= :then"),
                {"then": NOW - ago},
            )
    collector = ShopCollector(ShopPlan(url=url), clock=clock)
    collector.collect()
    assert_equal(collector.view(), _reference(owner, clock.now()))
    assert collector.view().waiting is not None
    collector.close()


@pytest.mark.guide("G120")
def test_a_round_reads_along_indexes_in_one_transaction(url: str) -> None:
    """A round is one transaction of at most ten statements that only read."""
    collector = ShopCollector(ShopPlan(url=url), clock=Then(NOW))
    collector.collect()
    statements: list[str] = []
    database = collector._database
    assert database is not None
    event.listen(database._engine, "before_cursor_execute", lambda *given: statements.append(str(given[2])))
    collector._next = 0.0
    collector.collect()
    assert 5 <= len(statements) <= 10
    assert all(one.lstrip().upper().startswith(("SELECT", "WITH")) for one in statements)
    collector.close()


def test_nothing_can_be_written(url: str) -> None:
    """PostgreSQL itself refuses a change on this connection."""
    collector = ShopCollector(ShopPlan(url=url), clock=Then(NOW))
    collector.collect()
    assert collector._database is not None
    with pytest.raises(Exception, match="read-only"), collector._database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM order_items")
    collector.close()


def test_a_statement_that_takes_too_long_is_ended(url: str, owner: Engine) -> None:
    """A locked table ends the round at its time limit; the figures stay, marked, and come back when it is free."""
    collector = ShopCollector(ShopPlan(url=url, timeout_seconds=1), clock=Then(NOW))
    collector.collect()
    assert collector.view().health in ("ok", "slow")
    before = collector.view().sales
    with owner.begin() as connection:
        connection.execute(text("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE"))
        collector._next = 0.0
        assert [(one.metric, one.value) for one in collector.collect()] == [("shop_up", 0.0)]
    assert collector.view().health == "failing"
    assert collector.view().sales == before
    collector._next = 0.0
    collector.collect()
    assert collector.view().health in ("ok", "slow")  # what a round takes is this machine's affair
    collector.close()


def test_a_password_is_never_told(url: str) -> None:
    """What goes wrong with a connection names the host and not the password."""
    wrong = url.replace("bongsu@", "nobody:hunter2hunter2@")
    collector = ShopCollector(ShopPlan(url=wrong), clock=Then(NOW))
    collector.collect()
    view = collector.view()
    assert view.health == "failing"
    assert view.reason
    assert "hunter2" not in repr(view)


def test_own_statements_become_metrics(url: str) -> None:
    """A statement's rows become samples with its labels; a change in disguise is refused by the database."""
    plan = SqlPlan(
        name="open",
        sql="SELECT marketplace, count(*) AS open FROM orders WHERE status = 'ACCEPT' GROUP BY 1",
        url=url,
        values={"open": "orders_accepted"},
        labels=["marketplace"],
    )
    collector = SqlCollector(plan)
    samples = list(collector.collect())
    assert {dict(one.labels)["marketplace"] for one in samples} == {"coupang", "naver", "11st", "own"}
    assert all(one.metric == "orders_accepted" and one.value > 0 for one in samples)
    collector.close()
    sql = "WITH gone AS (DELETE FROM order_items RETURNING 1) SELECT 1 AS a"
    writer = SqlCollector(SqlPlan(name="w", sql=sql, url=url, values={}))
    with pytest.raises(Exception, match="read-only"):
        writer.collect()
    writer.close()


def test_the_command_tells_what_it_finds(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`bongsu shop check` names tables and columns, and ends with a round; 1 where there is no shop."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_MONITORING__LANGUAGE", "en")
    config = tmp_path / "shop.json"
    config.write_text(json.dumps({"shop": {"url": url}}), encoding="utf-8")
    assert cli.main(["shop", "check", "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert "orders: orders" in told
    assert "paid_at" in told
    assert "One round took" in told
    config.write_text("{}", encoding="utf-8")
    assert cli.main(["shop", "check", "--config", str(config)]) == 1
