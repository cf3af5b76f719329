"""A shop's view as samples: what is stored, drawn, and watched by rules."""

from __future__ import annotations

from collections.abc import Iterator

from bongsu.model.sample import Labels, Sample
from bongsu.model.shop import Pulse, Sales, ShopView


def samples_of(view: ShopView) -> Iterator[Sample]:
    """The figures of a round; what isn't known gives no sample."""
    yield Sample(metric="shop_up", value=1.0)
    if view.round_ms is not None:
        yield Sample(metric="shop_round_ms", value=view.round_ms)
    yield Sample(metric="shop_interval_seconds", value=view.interval_seconds)
    for name, sales in view.marketplaces.items():
        yield from _sales(sales, _market(name))
    yield from _ratios(view.sales)
    for name, states in view.states.items():
        for state, count in states.items():
            yield Sample(metric="shop_orders_by_state", labels=(*_market(name), ("state", state)), value=float(count))
    for name, pulse in view.pulses.items():
        yield from _pulse(pulse, _market(name), view.at or 0)
    yield from _stock(view)
    if view.waiting is not None:
        yield Sample(metric="shop_orders_unshipped", labels=(("over", "0h"),), value=float(view.waiting.all))
        yield Sample(metric="shop_orders_unshipped", labels=(("over", "24h"),), value=float(view.waiting.over_a_day))
        yield Sample(metric="shop_orders_unshipped", labels=(("over", "48h"),), value=float(view.waiting.over_two_days))


def _market(name: str) -> Labels:
    return (("marketplace", name),) if name else ()


def _sales(sales: Sales, labels: Labels) -> Iterator[Sample]:
    yield Sample(metric="shop_orders_today", labels=labels, value=float(sales.orders))
    yield Sample(metric="shop_revenue_today", labels=labels, value=sales.gross)
    yield Sample(metric="shop_net_revenue_today", labels=labels, value=sales.net)
    if sales.customers is not None:
        yield Sample(metric="shop_customers_today", labels=labels, value=float(sales.customers))


def _ratios(sales: Sales) -> Iterator[Sample]:
    if sales.orders:
        yield Sample(metric="shop_average_order_value", value=sales.gross / sales.orders)
        yield Sample(metric="shop_cancel_rate", value=100.0 * sales.cancelled / sales.orders)


def _pulse(pulse: Pulse, labels: Labels, at: int) -> Iterator[Sample]:
    if pulse.per_minute is not None:
        yield Sample(metric="shop_orders_per_minute", labels=labels, value=pulse.per_minute)
    if pulse.expected_per_minute is not None:
        yield Sample(metric="shop_orders_per_minute_expected", labels=labels, value=pulse.expected_per_minute)
    if pulse.last_order_at is not None:
        silence = max(0.0, (at - pulse.last_order_at) / 1000)
        yield Sample(metric="shop_seconds_since_last_order", labels=labels, value=silence)
    if pulse.missing is not None:
        yield Sample(metric="shop_orders_missing", labels=labels, value=pulse.missing)


def _stock(view: ShopView) -> Iterator[Sample]:
    stock = view.stock
    if stock is None:
        return
    yield Sample(metric="shop_products", value=float(stock.products))
    yield Sample(metric="shop_products_low", value=float(stock.low))
    yield Sample(metric="shop_products_sold_out", value=float(stock.sold_out))
    if stock.value is not None:
        yield Sample(metric="shop_stock_value", value=stock.value)
    shortest = [one.days_left for one in view.running_out if one.days_left is not None]
    if shortest:
        yield Sample(metric="shop_stock_days_left", value=min(shortest))
