"""The shop's page: what a seller sees in two seconds, in every state, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from bongsu.model.shop import Hour, Product, Pulse, Sales, ShopView, Stock, Waiting
from tests.browser.stage import Feed
from tests.browser.test_board import now

Open = Callable[..., Page]
HOSTILE = "<img src=x onerror=alert(1)>"


def busy() -> ShopView:
    """A shop with a silent marketplace, an unknown word, and a product whose name is an attack."""
    hours = tuple(Hour(orders=hour, gross=hour * 100_000.0) for hour in range(24))
    sold = Sales(orders=40, gross=1_500_000, refunded=20_000, net=1_480_000, cancelled=1, customers=38)
    states = {
        "pending": 4,
        "processing": 9,
        "completed": 30,
        "cancelled": 1,
        "returned": 0,
        "exchanged": 0,
        "unknown": 2,
    }
    return ShopView(
        health="ok",
        at=now(),
        interval_seconds=5,
        day="2026-11-26",
        sales=sold,
        marketplaces={"naver": sold, "11st": Sales(customers=0)},
        hours={"today": hours, "yesterday": hours, "last_week": hours},
        states={"naver": states, "11st": dict.fromkeys(states, 0)},
        unknown={HOSTILE: 2},
        waiting=Waiting(all=4, over_a_day=1),
        stock=Stock(products=240, low=3, sold_out=1, value=8.6e8),
        low=(Product(sku="gone", name="머그컵", stock=0, safety=5),),
        running_out=(Product(sku="s1", name=HOSTILE, stock=3, days_left=0.5),),
        pulse=Pulse(per_minute=1.2, expected_per_minute=1.0, last_order_at=now(), missing=0.0),
        pulses={"11st": Pulse(per_minute=0.0, expected_per_minute=0.4, last_order_at=now() - 3_600_000, missing=24.0)},
    )


@pytest.fixture
def shop(board: Open, feed: Feed) -> Callable[..., Page]:
    """Opens the page with what the server would answer."""

    def open_page(view: ShopView, query: str = "?page=shop", **options: Any) -> Page:
        page = board(query, answers=lambda rest: rest.say("shop$", view), **options)
        items = [("shop_revenue_today", {"marketplace": "naver"}, 1_500_000.0), ("shop_orders_today", {}, 40.0)]
        feed.tell(items, now(), topic="shop", kind="snapshot")
        return page

    return open_page


@pytest.mark.guide("G105", "G112", "G113", "G114")
def test_a_seller_sees_it_at_once(shop: Callable[..., Page]) -> None:
    """The sentence tells orders and money, a silent marketplace stands first, and hostile names are only text."""
    page = shop(busy())
    expect(page.locator("h1")).to_have_text("오늘 주문 40건, 매출 150만원")
    expect(page.locator(".iss").first).to_contain_text("11번가 주문 없음")
    expect(page.locator("#shop-channels li").first).to_contain_text("11번가")
    page.locator("#shop-stock").scroll_into_view_if_needed()
    expect(page.locator("#shop-stock li").first).to_contain_text(HOSTILE)
    expect(page.locator("#shop-states tbody tr").first).to_contain_text("대기")
    expect(page.locator("#shop-stock img, #shop-states img")).to_have_count(0)
    page.locator("#shop-hours").get_by_role("button", name="표로 보기").click()
    expect(page.locator("#shop-hours tbody tr")).to_have_count(24)
    page.locator("#shop-hours").get_by_role("button", name="그래프로 보기").click()
    expect(page.locator("#shop-hours svg[viewBox^='0 0 720']")).to_be_visible()


def test_no_shop_says_what_to_do(shop: Callable[..., Page]) -> None:
    """Without a shop the page says how to connect one, and shows no figure."""
    page = shop(ShopView(health="off"), "?page=shop&lang=en")
    expect(page.locator("h1")).to_have_text("No shop is connected")
    expect(page.locator("code").last).to_have_text("bongsu shop check")
    expect(page.locator(".tiles")).to_be_hidden()


def test_a_database_that_is_away_is_told_and_figures_stay(shop: Callable[..., Page]) -> None:
    """While the database can't be read the last figures stay, and the reason stands beside them."""
    view = msgspec.structs.replace(busy(), health="failing", reason="connection refused")
    page = shop(view)
    expect(page.locator("h1")).to_contain_text("150만원")
    expect(page.locator(".iss").first).to_contain_text("connection refused")
