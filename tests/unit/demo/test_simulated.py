"""The simulated shop and feed behave like a shop and a feed, the same way each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bongsu.client.events import body_of
from bongsu.collect.shop.collector import ShopCollector
from bongsu.collect.shop.plan import ShopPlan
from bongsu.demo.feed import FEED, TURN, SimulatedFeed, declared
from bongsu.demo.shop import SEOUL, orders_per_second
from bongsu.demo.shop_file import ShopFile
from bongsu.model.shop import ShopView
from tests.fakes.clock import VirtualClock
from tests.fakes.feeds import in_memory

NOON = int(datetime(2026, 11, 22, 12, 0, tzinfo=SEOUL).timestamp() * 1000)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ShopFile]:
    file = ShopFile(tmp_path / "shop.db", seed=7)
    yield file
    file.close()


def read(tmp_path: Path, at: int) -> ShopView:
    """What Bongsu reads out of the file."""
    plan = ShopPlan(url=f"sqlite:///{tmp_path / 'shop.db'}", stored_zone="UTC")
    collector = ShopCollector(plan, clock=VirtualClock(at))
    collector.collect()
    collector.close()
    return collector.view()


def test_a_new_shop_has_a_past(shop: ShopFile, tmp_path: Path) -> None:
    """It begins with five weeks of orders, of every state, on shelves of which some run low."""
    expected = sum(
        orders_per_second(datetime.fromtimestamp(NOON / 1000, SEOUL) - timedelta(minutes=m)) * 60 for m in range(720)
    )
    shop.catch_up(NOON)
    view = read(tmp_path, NOON)
    assert view.health == "ok", view.reason
    assert abs(view.sales.orders - expected) < 5 * expected**0.5
    assert {state for states in view.states.values() for state, count in states.items() if count} >= {
        "pending",
        "processing",
        "completed",
        "cancelled",
        "returned",
    }
    assert view.stock is not None
    assert view.stock.low > 0
    assert view.hours["last_week"][20].orders > view.hours["last_week"][4].orders
    assert not view.unknown


def test_it_goes_on_where_it_stopped(shop: ShopFile, tmp_path: Path) -> None:
    """Started again after an hour it has sold an hour's orders more, not five weeks'."""
    shop.catch_up(NOON)
    more = shop.catch_up(NOON + 3_600_000)
    assert 20 < more < 100
    assert shop.catch_up(NOON + 3_600_000) < 5


def test_orders_come_in_and_stock_falls(shop: ShopFile, tmp_path: Path) -> None:
    """In an hour of seconds orders arrive, at all marketplaces but one that is down, and pieces leave the shelves."""
    shop.catch_up(NOON)
    before = read(tmp_path, NOON)
    for second in range(0, 3_600, 10):
        shop.tick(NOON + second * 1000, 10.0, closed=["naver"])
    after = read(tmp_path, NOON + 3_600_000)
    assert after.sales.orders > before.sales.orders + 20
    assert after.marketplaces["naver"].orders == before.marketplaces["naver"].orders
    assert before.stock is not None
    assert after.stock is not None
    assert after.stock.value is not None
    assert before.stock.value is not None
    assert after.stock.value < before.stock.value


async def test_the_feed_shows_every_fault_in_turn() -> None:
    """In ten minutes each kind of fault happens once, is found under its name, and nothing else is named."""
    feed, clock = SimulatedFeed(), VirtualClock(NOON - NOON % (TURN * len(SimulatedFeed.FAULTS) * 1000))
    book, _, intake, _ = in_memory(clock, declared())
    begun: dict[int, set[str]] = {}
    start = clock.now()
    for _ in range(TURN * len(SimulatedFeed.FAULTS)):
        await clock.advance(1.0, settle=1)
        body = body_of(feed.tick(clock.now()))
        await intake.take(body, content_type="application/json", encoding="", sender="demo")
        book.tick(clock.now(), clock.monotonic())
        for fault in book.feeds[FEED].watch.active.values():
            begun.setdefault((fault.since - start) // (TURN * 1000), set()).add(fault.name)
    for turn, name in enumerate(SimulatedFeed.FAULTS):
        assert begun[turn] - {"missing_symbol"} == {name}
    assert "missing_symbol" in begun[0] | begun[1]
    assert "모의" in book.feeds[FEED].state.settings.title
    assert "simulated" in (declared("en")[FEED].title)
