"""The page of marketplaces, connections and checks: what an operator sees, in every state, for everybody."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from bongsu.model.check import STATES
from bongsu.server.openapi_checks import EXAMPLE
from tests.browser.rest import Ask, Rest
from tests.browser.stage import Feed, fits, until
from tests.browser.test_board import now

Open = Callable[..., Page]
HOSTILE = "<img src=x onerror=alert(1)>"


def one(name: str, state: str, kind: str = "marketplace", **changed: Any) -> dict[str, Any]:
    """A thing as the server tells it."""
    at = now()
    title = {"coupang": "쿠팡", "naver": "네이버", "11st": "11번가"}.get(name, name)
    told = {"since": at - 600_000, "checked_at": at - 5_000, "next_at": at + 55_000, "detail": "HTTP 200"}
    return {
        **EXAMPLE,
        "kind": kind,
        "name": name,
        "title": {"ko": title, "en": name},
        "state": state,
        **told,
        **changed,
    }


def street() -> dict[str, list[dict[str, Any]]]:
    """A marketplace that refuses us, one that limits calls, one that is well; a database, and a check that is down."""
    figures = {"sessions": 95.0, "sessions_limit": 100.0, "memory_bytes": 2.0**30}
    return {
        "checks": [
            one("11st", "auth_failed", reason="ip", response_ms=None, detail="HTTP 500 -500"),
            one("shop", "down", "check", reason="timeout", detail=HOSTILE, availability={}),
            one("naver", "rate_limited", reason="quota"),
            one("coupang", "up", certificate_days=2.5),
        ],
        "connections": [
            one("orders", "degraded", "connection", reason="full", figures=figures, target="postgresql://db/shop")
        ],
    }


@pytest.fixture
def market(board: Open, feed: Feed) -> Callable[..., Page]:
    """Opens the page with what the server would answer; a list in `answers` may be changed while it is open."""

    def open_page(
        answers: dict[str, list[dict[str, Any]]] | None,
        query: str = "?page=marketplaces",
        held: threading.Event | None = None,
        **options: Any,
    ) -> Page:
        def states(ask: Ask) -> None:
            if answers is None:
                ask.fulfill(status=503, json={"title": "Not available", "status": 503, "detail": "starting"})
                return
            ask.fulfill(json={"at": now(), ask.path: answers[ask.path]})

        def past(one: Ask) -> None:
            ask, one.held = one.query, held
            metric, step, end = ask["metric"], int(ask["step"].removesuffix("ms")), int(float(ask["end"]))
            kind = metric.removesuffix("_state")
            if not metric.endswith("_state") or answers is None:
                one.fulfill(json={"series": []})
                return
            points = [[end - end % step - back * step, STATES.index("down") if back < 3 else 0] for back in range(60)]
            named = [each["name"] for each in (*answers["checks"], *answers["connections"]) if each["kind"] == kind]
            one.fulfill(
                json={"series": [{"metric": metric, "labels": {kind: name}, "points": points} for name in named]}
            )

        def answering(rest: Rest) -> None:
            rest.route("(checks|connections)$", states)
            rest.route("query[?]", past)

        page = board(query, answers=answering, **options)
        feed.tell(
            [("marketplace_response_ms", {"marketplace": "naver"}, 183.0)], now(), topic="checks", kind="snapshot"
        )
        return page

    return open_page


@pytest.mark.guide("G004", "G116")
def test_what_is_wrong_stands_first(market: Callable[..., Page]) -> None:
    """The sentence counts what needs somebody; each row has its state in words, response, availability and 90 bars."""
    page = market(street())
    expect(page.locator("h1")).to_have_text("3곳 확인 필요")
    expect(page.locator(".iss").first).to_contain_text("11번가 · 인증 실패")
    rows = page.locator("#rows-marketplace li")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("허용되지 않은 IP")
    expect(rows.nth(1)).to_contain_text("호출 제한")
    well = page.locator("#rows-marketplace [data-name=coupang]")
    expect(well).to_contain_text("183 ms")
    expect(well).to_contain_text("인증서 2일")
    expect(well.locator(".bars90 rect")).to_have_count(90)
    expect(well.locator(".bars90 rect.crit")).to_have_count(3)
    expect(well.locator(".bars90 rect.none")).to_have_count(30)
    expect(page.locator("#rows-connection li")).to_contain_text("연결이 거의 참")
    page.locator("#rows-check").scroll_into_view_if_needed()
    expect(page.locator("#rows-check li")).to_contain_text(HOSTILE)
    expect(page.locator("#rows-check img")).to_have_count(0)


def test_rows_wait_for_no_history(market: Callable[..., Page]) -> None:
    """How everything stands is there while its past is on its way; the bars come into places that are kept for them."""
    held = threading.Event()
    page = market(street(), held=held, width=390)
    rows = page.locator(".mrows > li:visible")
    expect(rows.first).to_be_visible()
    until(page, "document.querySelector('[data-unsettled]') === null")
    count, height = rows.count(), page.evaluate("document.body.scrollHeight")
    assert count == len(street()["checks"]) + len(street()["connections"])
    held.set()
    expect(page.locator(".mrows .crit rect, .mrows rect.crit, .mrows svg .down").first).to_be_attached()
    assert (rows.count(), page.evaluate("document.body.scrollHeight")) == (count, height)


def test_a_change_is_seen_at_once(market: Callable[..., Page], feed: Feed) -> None:
    """A live frame of a change makes the page read again, with no waiting for its turn."""
    answers = street()
    page = market(answers)
    expect(page.locator("h1")).to_have_text("3곳 확인 필요")
    answers["checks"] = [one("coupang", "up")]
    answers["connections"] = []
    feed.say({"t": "check", "seq": 90, "at": now(), "topic": "checks", "kind": "check", "name": "shop", "state": "up"})
    expect(page.locator("h1")).to_have_text("1곳 응답 중")
    expect(page.locator("#rows-connection")).to_be_hidden()


def test_what_is_old_says_so(market: Callable[..., Page]) -> None:
    """A thing whose probe is overdue looks stale and tells its age; one that is left alone on purpose doesn't."""
    at = now()
    late = one("coupang", "up", checked_at=at - 600_000, next_at=at - 540_000)
    held = one("naver", "rate_limited", reason="quota", checked_at=at - 600_000, next_at=at + 3_000_000)
    page = market({"checks": [held, late], "connections": []})
    expect(page.locator("[data-name=coupang]")).to_have_class("ok stale")
    expect(page.locator("[data-name=coupang] time")).to_have_text("10분 전")
    expect(page.locator("[data-name=naver]")).to_have_class("info")


def test_other_ranges_can_be_chosen(market: Callable[..., Page]) -> None:
    """The bars' range is chosen, kept in the address, and the availability beside them is of the same range."""
    page = market({"checks": [one("coupang", "up")], "connections": []})
    page.get_by_role("button", name="7일").click()
    expect(page.locator("[data-name=coupang] .fig").first).to_have_text("99.98%2일 기준")
    expect(page).to_have_url(re.compile("strip=7d"))


def test_nothing_set_up_says_what_to_do(market: Callable[..., Page]) -> None:
    """Without anything to ask the page says how to begin, and shows no figure."""
    page = market({"checks": [], "connections": []}, "?page=marketplaces&lang=en")
    expect(page.locator("h1")).to_have_text("No marketplace or connection is watched")
    expect(page.locator("code").last).to_have_text("bongsu checks")
    expect(page.locator(".grid")).to_be_hidden()


def test_marks_are_drawn_on_every_chart(market: Callable[..., Page], feed: Feed) -> None:
    """A deploy told by the live socket stands as a hairline with its words on the chart."""
    page = market(street())
    page.locator("#responses").scroll_into_view_if_needed()
    page.wait_for_selector("#responses canvas")
    page.evaluate(
        """() => {
          const brush = CanvasRenderingContext2D.prototype;
          const fill = brush.fillText;
          window.written = [];
          brush.fillText = function (text, ...more) {
            window.written.push(text);
            return fill.call(this, text, ...more);
          };
        }"""
    )
    mark = {"id": "m", "at": now() - 60_000, "kind": "deploy", "label": "v1.4 배포", "change": None}
    feed.say({"t": "mark", "seq": 91, "at": now(), "mark": mark})
    until(page, "window.written.includes('v1.4 배포')")


@pytest.mark.guide("G107")
def test_it_fits_and_anybody_can_use_it(market: Callable[..., Page]) -> None:
    """At phone and desk widths nothing scrolls sideways, and axe finds nothing at A or AA in either theme."""
    still = {"bypass_csp": True, "reduced_motion": "reduce"}  # no colour is half-way to the other theme
    page = market(street(), "?page=marketplaces&lang=en", width=390, color_scheme="dark", **still)
    for panel in ("#rows-marketplace", "#rows-connection", "#rows-check"):
        page.locator(panel).scroll_into_view_if_needed()
        expect(page.locator(panel).locator("li").first).to_be_visible()
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    sights: tuple[tuple[int, Literal["light", "dark"]], ...] = (
        (390, "dark"),
        (768, "light"),
        (1280, "dark"),
        (1280, "light"),
    )
    for width, theme in sights:
        page.emulate_media(color_scheme=theme)
        fits(page, width)
        found = page.evaluate(
            "async (tags) => (await axe.run(document, { runOnly: tags })).violations", ["wcag2a", "wcag2aa", "wcag21aa"]
        )
        told = json.dumps([(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found])
        assert found == [], f"{width} {theme}: {told}"
