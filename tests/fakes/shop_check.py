"""Holds a shop's view against the slow reference, figure by figure."""

from __future__ import annotations

from bongsu.model.shop import ShopView
from tests.fakes.shop_reference import Reference


def assert_equal(view: ShopView, reference: Reference, *, state_days: int = 7) -> None:
    """Every figure of the view is the reference's."""
    assert view.health in ("ok", "slow"), view.reason
    assert view.day == reference.today.isoformat()
    for market, sales in view.marketplaces.items():
        wanted = reference.sales(market)
        assert {name: getattr(sales, name) for name in wanted} == wanted, market
    everybody = {row["marketplace"] for row in reference.paid(reference.today)}
    assert everybody <= set(view.marketplaces)
    for name, back in (("today", 0), ("yesterday", 1), ("last_week", 7)):
        if name in view.hours:
            assert [(hour.orders, hour.gross) for hour in view.hours[name]] == reference.hours(back), name
    for market in view.marketplaces:
        wanted_states = reference.states(market, state_days)
        assert {state: n for state, n in view.states[market].items() if n} == wanted_states, market
    assert view.stock is not None
    stock = {name: getattr(view.stock, name) for name in ("products", "low", "sold_out", "value")}
    assert stock == reference.stock()
