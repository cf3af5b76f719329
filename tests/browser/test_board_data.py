"""The page of the data feeds: what stands there with none, with 5,000 symbols, and of one symbol in full."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from bongsu.client.events import body_of
from bongsu.model.event import Event
from bongsu.quality.views import Views
from bongsu.settings.feeds import Feed as FeedSettings
from tests.browser.furnished import House
from tests.browser.rest import Ask, Rest
from tests.browser.stage import Alerts, Feed, until
from tests.browser.test_board import now
from tests.fakes.clock import VirtualClock
from tests.fakes.feeds import in_memory

Open = Callable[..., Page]
HOSTILE = "<img src=x onerror=alert(1)>"
SYMBOLS = 5_000
NAMES = ["완전성", "정확성", "적시성", "일관성"]


def feeds() -> Views:
    """A feed of 5,000 symbols over two minutes: one is an attack and wrong, one never came."""
    clock = VirtualClock(now() - 120_000)
    book, _, intake, views = in_memory(clock, {"krx": FeedSettings(title="KRX", symbols=["never"])})

    async def play() -> None:
        for second in range(120):
            await clock.advance(1.0, settle=1)
            events = [
                Event(feed="krx", symbol=f"{i:06}", at=clock.now() - 240, seq=second // 30 + 1, fields={"price": 5.0})
                for i in range(SYMBOLS)
                if second % 30 == 0
            ]
            events.append(
                Event(feed="krx", symbol=HOSTILE, at=clock.now() - 240, seq=second + 1, fields={"price": -1.0})
            )
            await intake.take(body_of(events), content_type="application/json", encoding="", sender="")
            book.tick(clock.now(), clock.monotonic())

    with ThreadPoolExecutor(1) as apart:  # Playwright has a loop of its own here
        apart.submit(lambda: asyncio.run(play())).result()
    return views


@pytest.fixture
def data(board: Open, feed: Feed) -> Callable[..., Page]:
    """Opens the page with what the server would answer."""

    def open_page(views: Views | None, query: str = "?page=data") -> Page:
        def answer(ask: Ask) -> None:
            asked = ask.query
            names = ask.path.split("/")[1:]
            found: object
            if views is None:
                found = {"at": 0, "window": "1m", "feeds": []}
            elif not names:
                found = views.overview(asked["window"])
            elif len(names) == 1:
                limit, offset = int(asked["limit"]), int(asked["offset"])
                search = asked.get("search", "")
                found = views.feed(names[0], asked["window"], search=search, offset=offset, limit=limit, heat=True)
            else:
                found = views.symbol(names[0], names[1])
            ask.fulfill(json=found)

        def answers(rest: Rest) -> None:
            rest.route("quality", answer)
            rest.say("anomalies[?]", {"at": 0, "anomalies": []})

        page = board(query, answers=answers)
        feed.tell([("feed_quality", {"feed": "krx"}, 0.9)], now(), topic="feeds", kind="snapshot")
        return page

    return open_page


@pytest.mark.guide("G005")
def test_five_thousand_symbols_are_found_worst_first(data: Callable[..., Page]) -> None:
    """The missing one and the wrong one stand on top, as text; searching and a symbol in full are one step away."""
    page = data(feeds())
    rows = page.locator(".dsyms tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.nth(0)).to_contain_text("never")
    expect(rows.nth(1)).to_contain_text(HOSTILE)
    expect(page.locator("#data-faults")).to_contain_text("있을 수 없는 값")
    expect(page.locator("#data-symbols .meta").first).to_contain_text("5,002")
    page.locator("#data-symbols input").fill("00499")
    expect(rows).to_have_count(11)  # 000499 and 004990 to 004999
    rows.nth(0).locator("button").click()
    detail = page.locator("#data-detail")
    expect(detail).to_be_visible()
    expect(detail).to_contain_text("지연 분포")
    page.locator("#data-symbols input").fill("onerror")
    expect(rows).to_have_count(1)
    rows.nth(0).locator("button").click()
    expect(detail).to_contain_text(HOSTILE)
    expect(detail).to_contain_text("price=-1")
    expect(detail.locator(".dstrips li")).to_have_text([re.compile(f"^{name}최저") for name in NAMES])
    with page.expect_request("**/api/v1/anomalies/band?*") as asked:
        page.locator("#data-quality canvas").hover()
    assert parse_qs(urlsplit(asked.value.url).query)["label.feed"] == ["krx"], "the band of the feed's own series"


@pytest.mark.alone
def test_five_thousand_symbols_do_not_hold_up_the_page(data: Callable[..., Page]) -> None:
    """While they are shown and read again, nothing takes so long that it would be felt."""
    page = data(feeds())
    expect(page.locator(".dsyms tbody tr")).to_have_count(50)
    long = page.evaluate(
        """() => new Promise((tell) => {
          const seen = [];
          const watch = new PerformanceObserver((list) => seen.push(...list.getEntries().map((one) => one.duration)));
          watch.observe({ type: 'longtask' });
          setTimeout(() => tell(Math.max(0, ...seen)), 4000);
        })"""
    )
    assert long < 400, "5,000 symbols hold up the page"


def test_without_a_feed_it_says_what_to_do(data: Callable[..., Page]) -> None:
    """No feed: a sentence, a line to copy, and no empty figures."""
    page = data(None)
    expect(page.locator(".datahero")).to_contain_text("아직 들어온 피드가 없습니다")
    expect(page.locator("code.line").first).to_contain_text("/api/v1/events")
    expect(page.locator("#data-scores")).to_be_hidden()


def test_a_press_on_a_symbol_is_not_lost_while_faults_come(board: Open, feed: Feed, alerts: Alerts) -> None:
    """A new fault comes to stand above the one whose symbol has the focus: what is pressed then is that symbol."""
    house = House(alerts)
    house.fill()
    page = board("?page=data", answers=house.open)
    house.tell(feed)
    until(page, "document.querySelector('[data-unsettled]') === null")
    page.locator("#data-faults").get_by_role("button", name="005930").focus()
    body = house.bodies["quality/krx"]
    fault = body["faults"][0]
    house.bodies["quality/krx"] = body | {"faults": [fault | {"since": fault["since"] + 1, "symbol": None}, fault]}
    expect(page.locator("#data-faults .dfaults").first.locator("li")).to_have_count(2)
    expect(page.locator("#data-faults .dfaults").first.locator("li").nth(1)).to_contain_text("005930")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("symbol=005930"))
    expect(page.locator("#data-detail")).to_contain_text("지연 분포")
    expect(page.locator("#data-quality .sub")).to_have_text("지금 87.0")  # points of a hundred, as everywhere else
