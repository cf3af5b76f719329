"""The simulated shop and feed behave like a shop and a feed, the same way each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from bongsu.demo.feed import SimulatedFeed
from bongsu.demo.metrics import METRICS
from bongsu.demo.shop import SEOUL, SimulatedShop, orders_per_second
from bongsu.model.sample import Sample

NOON = int(datetime(2026, 11, 22, 12, 0, tzinfo=SEOUL).timestamp() * 1000)
MIDNIGHT = int(datetime(2026, 11, 23, 0, 0, tzinfo=SEOUL).timestamp() * 1000)


def value(samples: list[Sample], metric: str) -> float:
    return sum(sample.value for sample in samples if sample.metric == metric)


def test_equal_seeds_give_equal_figures() -> None:
    """A demo started twice shows the same shop."""
    one, two = SimulatedShop(seed=7), SimulatedShop(seed=7)
    assert [one.tick(NOON + s * 1000) for s in range(30)] == [two.tick(NOON + s * 1000) for s in range(30)]


def test_orders_only_grow_within_a_day_and_start_anew_at_midnight_in_seoul() -> None:
    """Today's orders never fall before midnight and are few just after it."""
    shop = SimulatedShop()
    counts = [value(shop.tick(MIDNIGHT - 5000 + s * 1000), "shop_orders_today") for s in range(5)]
    assert counts == sorted(counts)
    assert counts[-1] > 500
    assert value(shop.tick(MIDNIGHT), "shop_orders_today") < 3


def test_a_shop_opened_at_noon_has_sold_what_the_morning_sells() -> None:
    """Starting in the middle of a day shows the day so far, within chance of the expected figure."""
    midnight = datetime(2026, 11, 22, 0, 0, tzinfo=SEOUL)
    expected = sum(orders_per_second(midnight + timedelta(minutes=m)) * 60 for m in range(720))
    sold = value(SimulatedShop().tick(NOON), "shop_orders_today")
    assert abs(sold - expected) < 5 * expected**0.5


def test_the_feed_breaks_now_and_then_and_recovers() -> None:
    """In a quarter of an hour there is one minute of late quotes, and only one."""
    feed = SimulatedFeed()
    start = NOON - NOON % 900_000
    late = [value(feed.tick(start + s * 1000), "feed_delay_seconds") > 0.7 for s in range(900)]
    assert not any(late[:840])
    assert sum(late[840:]) > 50


def test_every_simulated_figure_is_in_the_demos_catalogue() -> None:
    """No figure of the demo goes without its unit and sentence."""
    names = {sample.metric for sample in [*SimulatedShop().tick(NOON), *SimulatedFeed().tick(NOON)]}
    assert names == {metric.name for metric in METRICS}
