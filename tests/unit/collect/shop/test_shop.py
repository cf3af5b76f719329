"""A shop's figures out of its database: right to the order, patient with a slow one, blind to who somebody is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bongsu.collect.shop.collector import ShopCollector
from bongsu.collect.shop.plan import ShopPlan
from bongsu.model.sample import Sample
from tests.fakes.shop_check import assert_equal
from tests.fakes.shop_reference import Reference
from tests.unit.collect.shop.shop_file import ShopFile, Watch, days, ms, seoul

NOON = seoul("2026-11-26 12:00:00")  # a Thursday
MIDNIGHT = seoul("2026-11-26 00:00:00")
Reader = Callable[..., ShopCollector]


@pytest.fixture
def clock() -> Watch:
    return Watch(now=ms(NOON))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ShopFile]:
    file = ShopFile(tmp_path / "shop.db")
    yield file
    file.close()


@pytest.fixture
def reader(clock: Watch) -> Iterator[Reader]:
    made: list[ShopCollector] = []

    def make(shop: ShopFile, **changes: object) -> ShopCollector:
        plan = ShopPlan(url=shop.url, stored_zone="UTC")
        made.append(ShopCollector(replace(plan, **changes), clock=clock))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


def _read(collector: ShopCollector) -> dict[tuple[str, ...], float]:
    return {(one.metric, *(value for _, value in one.labels)): one.value for one in collector.collect()}


def _busy(shop: ShopFile) -> None:
    """Orders around midnight, of all states, deleted, unpaid and refunded ones."""
    for back in range(9):
        for minute in (-1, 0, 1, 300, 719):
            moment = MIDNIGHT - days(back) + timedelta(minutes=minute)
            for market, status in (("naver", "PAYED"), ("coupang", "FINAL_DELIVERY"), ("11st", "취소완료")):
                shop.order(moment, market=market, status=status, buyer_key=f"b{minute}", total_amount=1_000 + minute)
    shop.order(NOON - timedelta(hours=1), status="DELIVERING", buyer_key="b0")
    shop.order(NOON - timedelta(hours=1), status="수상한상태", buyer_key=None)
    shop.order(NOON - days(30), status="PAYED")
    shop.order(NOON - days(30), status="또다른상태")
    shop.order(NOON - timedelta(hours=2), is_deleted=1)
    shop.order(None, status="PAYMENT_WAITING")
    shop.order(NOON - days(3), status="RETURN_DONE", refunded_amount=700, refunded_at=MIDNIGHT)
    shop.order(NOON - days(3), status="EXCHANGED", refunded_amount=900, refunded_at=MIDNIGHT - timedelta(seconds=1))
    for stock in (-1, 0, 1, 5, 6, 100):
        shop.product(sku=f"s{stock}", stock_quantity=stock)
    shop.product(sku="off", stock_quantity=1, is_active=0)
    shop.product(sku="gone", stock_quantity=1, is_deleted=1)


@pytest.mark.guide("G112", "G113", "G114")
def test_every_figure_is_that_of_a_slow_count(shop: ShopFile, reader: Reader) -> None:
    """Sales, hours, states and stock equal a count of all rows one by one."""
    _busy(shop)
    collector = reader(shop)
    collector.collect()
    reference = Reference(shop.rows("orders"), shop.rows("products"), at=ms(NOON), stored="UTC")
    assert_equal(collector.view(), reference)
    assert collector.view().unknown == {"수상한상태": 1, "또다른상태": 1}


def test_the_day_turns_at_midnight_in_seoul(shop: ShopFile, reader: Reader, clock: Watch) -> None:
    """A second before midnight belongs to yesterday; at midnight the day begins at 0, yesterday beside it."""
    _busy(shop)
    collector = reader(shop)
    clock.set(ms(MIDNIGHT) - 1000)
    collector.collect()
    assert_equal(collector.view(), Reference(shop.rows("orders"), shop.rows("products"), at=clock.now(), stored="UTC"))
    clock.advance(6)
    collector.collect()
    assert collector.view().day == "2026-11-26"
    assert_equal(collector.view(), Reference(shop.rows("orders"), shop.rows("products"), at=clock.now(), stored="UTC"))


def test_days_alone_give_no_hours(tmp_path: Path, reader: Reader) -> None:
    """Where payments are stored as days, sales are counted and no trend by hour is invented."""
    shop = ShopFile(tmp_path / "days.db", time="DATE")
    _busy(shop)
    collector = reader(shop)
    collector.collect()
    view = collector.view()
    reference = Reference(shop.rows("orders"), shop.rows("products"), at=ms(NOON))
    assert view.sales.orders == len(reference.paid(reference.today)) > 0
    assert view.hours == {}
    assert view.pulse.per_minute is None
    shop.close()


def test_without_an_index_open_orders_are_those_of_the_last_days(tmp_path: Path, reader: Reader) -> None:
    """No index on marketplace and status: nothing reads the whole table, and old open orders aren't counted."""
    shop = ShopFile(tmp_path / "plain.db", index=False)
    _busy(shop)
    collector = reader(shop)
    collector.collect()
    states = collector.view().states["naver"]
    assert collector.view().waiting is None
    assert states["pending"] == sum(
        1
        for row in shop.rows("orders")
        if row["marketplace"] == "naver"
        and row["status"] == "PAYED"
        and not row["is_deleted"]
        and row["paid_at"] >= "2026-11-19 15:00:00"
    )
    shop.close()


def test_other_names_are_found_or_told(tmp_path: Path, reader: Reader) -> None:
    """Columns that go by another usual name are found; any other is named in the settings."""
    shop = ShopFile(tmp_path / "named.db")
    shop.order(NOON - timedelta(minutes=1))
    shop.run("ALTER TABLE orders RENAME COLUMN total_amount TO total_price")
    shop.run("ALTER TABLE orders RENAME COLUMN marketplace TO market_name")
    shop.run("ALTER TABLE orders RENAME COLUMN paid_at TO gyeolje")
    collector = reader(shop, tables={"orders": ("orders", {"paid_at": "gyeolje"})})
    assert _read(collector)["shop_revenue_today", "naver"] == 10_000
    wrong = reader(shop, tables={"orders": ("orders", {"paid_at": "nope"})})
    assert _read(wrong) == {("shop_up",): 0.0}
    assert "shop.orders.columns.paid_at" in wrong.view().reason
    shop.close()


def test_what_cannot_be_read_is_not_zero(shop: ShopFile, reader: Reader, clock: Watch) -> None:
    """While the tables are away only `shop_up` is told; the last figures stay, marked; they come back by themselves."""
    shop.order(NOON - timedelta(minutes=1))
    collector = reader(shop)
    assert _read(collector)["shop_orders_today", "naver"] == 1
    shop.run("ALTER TABLE orders RENAME TO hidden")
    clock.advance(5)
    assert _read(collector) == {("shop_up",): 0.0}
    assert (collector.view().health, collector.view().sales.orders) == ("failing", 1)
    shop.run("ALTER TABLE hidden RENAME TO orders")
    clock.advance(1)
    assert _read(collector) == {}, "it is left alone for a while"
    clock.advance(60)
    assert _read(collector)["shop_up",] == 1
    assert collector.view().health == "ok"


def test_a_failing_database_is_asked_ever_more_rarely(shop: ShopFile, reader: Reader, clock: Watch) -> None:
    """Tries lie 5, 10, 20 … seconds apart, five minutes at most."""
    shop.run("DROP TABLE orders")
    collector = reader(shop)
    tries = []
    for _ in range(400):
        if list(collector.collect()):
            tries.append(clock.monotonic())
        clock.advance(5)
    gaps = [round(after - before) for before, after in pairwise(tries)]
    assert gaps[:6] == [5, 10, 20, 40, 80, 160]
    assert max(gaps) == 300


def test_nothing_can_be_written(shop: ShopFile, reader: Reader) -> None:
    """The connection refuses every change."""
    shop.order(NOON)
    collector = reader(shop)
    collector.collect()
    database = collector._database
    assert database is not None
    with pytest.raises(Exception, match="readonly"), database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM orders")
    assert len(shop.rows("orders")) == 1


def test_silence_is_measured_against_what_is_usual(shop: ShopFile, reader: Reader) -> None:
    """Sixty orders an hour on every day before: half an hour without any means thirty that didn't come."""
    for back in range(1, 31):
        for minute in range(60):
            for hour in (11, 12):
                shop.order(MIDNIGHT - days(back) + timedelta(hours=hour, minutes=minute))
    shop.order(NOON - timedelta(minutes=30))
    samples = _read(reader(shop))
    assert samples["shop_orders_per_minute_expected", "naver"] == pytest.approx(1.0)
    assert samples["shop_orders_missing", "naver"] == pytest.approx(30.0)
    assert samples["shop_seconds_since_last_order", "naver"] == 1_800
    assert samples["shop_orders_per_minute", "naver"] == 0


def test_what_runs_out_first(shop: ShopFile, reader: Reader) -> None:
    """Days left are the stock over the mean daily sales of 30 days, a year at most; what never sold isn't listed."""
    shop.product(sku="fast", stock_quantity=10)
    shop.product(sku="slow", stock_quantity=1_000)
    shop.product(sku="never", stock_quantity=1)
    shop.order(NOON - days(1))
    shop.line(1, 1, 30)
    shop.line(1, 2, 1)
    collector = reader(shop)
    collector.collect()
    assert [(one.sku, one.days_left) for one in collector.view().running_out] == [("fast", 10.0), ("slow", 365.0)]
    assert [one.sku for one in collector.view().low] == ["never"]


def test_no_row_says_who_somebody_is(shop: ShopFile, reader: Reader) -> None:
    """No key of a buyer is in any sample or in the view."""
    shop.order(NOON, buyer_key="secret-buyer")
    shop.order(NOON - days(1), buyer_key="secret-buyer")
    collector = reader(shop)
    samples: list[Sample] = list(collector.collect())
    assert "secret-buyer" not in repr(samples) + repr(collector.view())


def test_unshipped_orders_by_age(shop: ShopFile, reader: Reader) -> None:
    """Pending orders are counted by how long ago they were placed."""
    for hours in (1, 25, 49, 500):
        shop.order(NOON - timedelta(hours=hours), ordered_at=NOON - timedelta(hours=hours))
    samples = _read(reader(shop))
    assert [samples["shop_orders_unshipped", over] for over in ("0h", "24h", "48h")] == [4, 3, 2]
