"""The overview of somebody who watches a shop, its marketplaces, feeds and services besides a machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.furnished import House
from tests.browser.stage import Alerts, Feed, Past
from tests.browser.test_board import now
from tests.browser.test_board_every_page import AXE, check, scroll_through

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def address(whole_address: str) -> str:
    """Where a board is served whose server watches everything."""
    return whole_address


@pytest.fixture
def house(alerts: Alerts) -> House:
    """The server behind the page, with something everywhere."""
    made = House(alerts)
    made.fill()
    return made


@pytest.mark.guide("G105")
@pytest.mark.guide("G113")
def test_whatever_is_wrong_stands_on_top(board: Open, feed: Feed, house: House) -> None:
    """A marketplace that is down, a silent one and a bad feed are in the sentence, each leading to its page."""
    page = board(answers=house.open)
    house.tell(feed)
    said = page.locator(".hero .what")
    expect(said).to_contain_text("11번가 인증 실패")
    expect(said).to_contain_text("KRX 체결 품질 87.0점")
    expect(page.locator('[data-tile="revenue"]')).to_contain_text("150")
    expect(page.locator("#rows-marketplace li")).not_to_have_count(0)
    page.locator("#shop-states").scroll_into_view_if_needed()
    expect(page.locator("#shop-states")).to_contain_text("대기")
    page.locator("#feeds").scroll_into_view_if_needed()
    expect(page.locator("#feeds")).to_contain_text("정확성")
    said.get_by_role("link", name="11번가 인증 실패").click()
    expect(page.locator(".markethero")).to_be_visible()


def test_a_metric_of_ones_own_stands_apart_from_ours(board: Open, feed: Feed, house: House) -> None:
    """What has a page isn't listed again among the metrics that users push."""
    page = board(answers=house.open)
    house.tell(feed)
    page.locator("#own").scroll_into_view_if_needed()
    expect(page.locator("#own .card")).to_have_count(2)


@pytest.mark.guide("G063")
@pytest.mark.guide("G107")
@pytest.mark.parametrize("language", ["ko", "en"])
def test_it_fits_and_anybody_can_use_it(board: Open, feed: Feed, past: Past, house: House, language: str) -> None:
    """No sideways scroll at any width, nothing for axe in either theme."""
    past.since = now() - 300_000
    still = {"bypass_csp": True, "reduced_motion": "reduce"}
    page = board(f"?lang={language}", answers=house.open, **still)
    house.tell(feed)
    page.evaluate(AXE)
    scroll_through(page)
    check(page, parity=int(language == "en"))
